//! A law on one day as clauses for a SAT solver: a second opinion that shares nothing with the engine's diagrams.
//!
//! Each fact is one Boolean variable for each of its values that the law could tell from others, of which exactly one is
//! so; a set is one variable for each element. Conditions, entries and rules become clauses (Tseitin). All that is read
//! is the checked model.

use std::collections::{BTreeMap, BTreeSet};

use batsat::{BasicSolver, Lit, SolverInterface, lbool};
use portcullis::Outcome;
use portcullis::model::code::Under;
use portcullis::model::{
    Atom, AtomKind, CategoryId, Comparison, Cond, Date, Effect, FactId, GroupBody, Level, Otherwise, PlaceId, PolicyId,
    RuleId, RuleKind, Set, Test, Type, Value, World,
};
use rust_decimal::Decimal;

use super::read::{Answers, Silent, around, passes};

/// A solver with the facts that some versions of a law share, on one day.
pub struct Sat<'w> {
    solver: BasicSolver,
    worlds: Vec<&'w World>,
    day: Date,
    yes: Lit,
    facts: BTreeMap<FactId, Vec<(Value, Lit)>>,
    silent: BTreeMap<Silent, Lit>,
    /// Whether a code that fits no entry is right, where no fact says so.
    right: Option<Lit>,
}

impl Answers for Sat<'_> {
    type Answer = Lit;
    fn of(&mut self, so: bool) -> Lit {
        if so { self.yes } else { !self.yes }
    }
    fn silent(&mut self, what: Silent) -> Lit {
        if let Some(known) = self.silent.get(&what) {
            return *known;
        }
        let fresh = self.fresh();
        self.silent.insert(what, fresh);
        fresh
    }
    fn any(&mut self, all: &[Lit]) -> Lit {
        let (yes, no) = (self.yes, !self.yes);
        let all: BTreeSet<Lit> = all.iter().copied().filter(|l| *l != no).collect();
        if all.contains(&yes) || all.iter().any(|l| all.contains(&!*l)) {
            return yes;
        }
        match all.len() {
            0 => return no,
            1 => return all.into_iter().next().unwrap(),
            _ => {}
        }
        let out = self.fresh();
        for lit in &all {
            self.clause(vec![!*lit, out]);
        }
        self.clause(all.into_iter().chain([!out]).collect());
        out
    }
    fn not(&mut self, answer: Lit) -> Lit {
        !answer
    }
}

impl<'w> Sat<'w> {
    /// For versions of a law that declare the same facts.
    pub fn new(worlds: &[&'w World], day: Date) -> Self {
        let mut solver = BasicSolver::default();
        let yes = Lit::new(solver.new_var_default(), true);
        solver.add_clause_reuse(&mut vec![yes]);
        Sat { solver, worlds: worlds.to_vec(), day, yes, facts: BTreeMap::new(), silent: BTreeMap::new(), right: None }
    }

    fn fresh(&mut self) -> Lit {
        Lit::new(self.solver.new_var_default(), true)
    }

    fn clause(&mut self, mut lits: Vec<Lit>) {
        self.solver.add_clause_reuse(&mut lits);
    }

    /// All of some.
    pub fn all(&mut self, all: &[Lit]) -> Lit {
        let denied: Vec<Lit> = all.iter().map(|l| !*l).collect();
        !self.any(&denied)
    }

    /// One and not the other.
    pub fn differ(&mut self, a: Lit, b: Lit) -> Lit {
        let (x, y) = (self.all(&[a, !b]), self.all(&[b, !a]));
        self.any(&[x, y])
    }

    /// Whether all of these can be so together.
    pub fn possible(&mut self, all: &[Lit]) -> bool {
        let found = self.solver.solve_limited(all);
        assert!(found != lbool::UNDEF, "the solver gives up on nothing");
        found == lbool::TRUE
    }

    /// A fact has this value, which is one of those that stand for its classes; of a set, exactly these elements.
    pub fn is(&mut self, fact: FactId, value: &Value) -> Vec<Lit> {
        let all = self.values(fact);
        match value {
            Value::Set(elements) => {
                assert!(elements.iter().all(|e| all.iter().any(|(v, _)| v == e)), "{value:?}");
                all.iter().map(|(v, lit)| if elements.contains(v) { *lit } else { !*lit }).collect()
            }
            one => {
                let found = all.iter().find(|(v, _)| v == one).map(|(_, lit)| *lit);
                vec![found.unwrap_or_else(|| panic!("{one:?} stands for no class: {all:?}"))]
            }
        }
    }

    /// The values of a fact, or the elements of a set, each with its variable.
    pub fn values(&mut self, fact: FactId) -> Vec<(Value, Lit)> {
        if let Some(known) = self.facts.get(&fact) {
            return known.clone();
        }
        let world = self.worlds[0];
        let ty = &world.fact(fact).ty;
        let domain = domain(&self.worlds, self.day, fact);
        let all: Vec<(Value, Lit)> = domain.into_iter().map(|v| (v, self.fresh())).collect();
        if !matches!(ty, Type::Set(_)) {
            self.clause(all.iter().map(|(_, lit)| *lit).collect());
            for (i, (_, a)) in all.iter().enumerate() {
                for (_, b) in &all[i + 1..] {
                    self.clause(vec![!*a, !*b]);
                }
            }
        }
        self.facts.insert(fact, all.clone());
        all
    }
}

/// Values of a fact, or of the elements of a set, that meet all its classes.
fn domain(worlds: &[&World], day: Date, fact: FactId) -> BTreeSet<Value> {
    let world = worlds[0];
    if world.fact(fact).name == "date" {
        return BTreeSet::from([Value::Date(day)]);
    }
    let (mut group, mut constants) = (BTreeSet::from([fact]), BTreeSet::new());
    let conds = || worlds.iter().flat_map(|w| conditions(w));
    // The facts that it is compared with, directly or through others.
    loop {
        let before = group.len();
        conds().for_each(|c| {
            c.atoms(&mut |atom, _| {
                if let AtomKind::Facts(a, _, b) = &atom.kind
                    && (group.contains(a) || group.contains(b))
                {
                    group.extend([*a, *b]);
                }
            });
        });
        if group.len() == before {
            break;
        }
    }
    let room = group.len() as u32;
    conds().for_each(|c| {
        c.atoms(&mut |atom, _| match &atom.kind {
            AtomKind::Fact(f, test) | AtomKind::Elements { fact: f, test, .. } if group.contains(f) => {
                named(test, &mut constants);
            }
            _ => {}
        });
    });
    if group.iter().any(|f| world.fact(*f).name == "date") {
        constants.insert(Value::Date(day));
    }
    let ty = world.fact(fact).ty.element();
    match ty {
        Type::Bool => BTreeSet::from([false, true].map(Value::Bool)),
        Type::Choice(id) => (0..world.enum_type(*id).unwrap().values.len() as u16).map(Value::Choice).collect(),
        Type::Country => places(worlds, &constants, room),
        Type::Code(_) => codes(worlds, fact, &constants),
        Type::Text | Type::Entry => {
            let fresh = (0..=room).map(|n| Value::Text(format!("none of these {n}").into()));
            constants.into_iter().chain(fresh).collect()
        }
        Type::Date => {
            let days = constants.iter().filter_map(|v| if let Value::Date(d) = v { Some(*d) } else { None });
            let mut out: BTreeSet<Date> = days.chain([day]).collect();
            for _ in 0..room {
                let beside: Vec<Date> =
                    out.iter().flat_map(|d| [d.yesterday().ok(), d.tomorrow().ok()]).flatten().collect();
                out.extend(beside);
            }
            out.into_iter().map(Value::Date).collect()
        }
        _ => numbers(ty, &constants, room),
    }
}

/// Numbers at, between and beyond some, as many between two as are compared with each other.
fn numbers(ty: &Type, constants: &BTreeSet<Value>, room: u32) -> BTreeSet<Value> {
    let cuts: Vec<Decimal> =
        constants.iter().filter_map(|v| if let Value::Number(n) = v { Some(*n) } else { None }).collect();
    let mut out: BTreeSet<Decimal> = cuts.iter().copied().collect();
    let (first, last) = (cuts.first().copied().unwrap_or(Decimal::ONE), cuts.last().copied().unwrap_or(Decimal::ONE));
    let parts = Decimal::from(room + 1);
    for n in (1..=room).map(Decimal::from) {
        out.extend([first - n, first * n / parts, last + n]);
        out.extend(cuts.windows(2).map(|w| w[0] + (w[1] - w[0]) * n / parts));
    }
    let percent = *ty == Type::Quantity(portcullis::model::Dimension::Percent);
    if percent {
        out.insert(Decimal::ONE_HUNDRED);
    }
    if *ty == Type::Count {
        let top = last.ceil() + Decimal::from(room);
        out = std::iter::successors(Some(Decimal::ZERO), |n| (*n < top).then(|| *n + Decimal::ONE)).collect();
    }
    let signed = matches!(ty, Type::Number | Type::Money(_));
    out.retain(|n| (signed || *n >= Decimal::ZERO) && !(percent && *n > Decimal::ONE_HUNDRED));
    out.into_iter().map(Value::Number).collect()
}

/// Codes at every heading that the law names, after each end of a range, and one under no heading.
fn codes(worlds: &[&World], fact: FactId, constants: &BTreeSet<Value>) -> BTreeSet<Value> {
    let mut out = constants.clone();
    out.insert(Value::Code("".into()));
    for list in worlds.iter().flat_map(|w| &w.categories).flat_map(|c| &c.codes).filter(|(f, _)| *f == fact) {
        out.extend(list.1.headings().map(|h| Value::Code(h.into())));
    }
    let named: Vec<String> =
        out.iter().filter_map(|v| if let Value::Code(c) = v { Some(c.to_string()) } else { None }).collect();
    for length in named.iter().map(String::len).collect::<BTreeSet<_>>() {
        for heading in named.iter().filter(|h| !h.is_empty()) {
            let digits: String = heading.chars().chain("99999999".chars()).take(length).collect();
            if let Ok(n) = digits.parse::<u64>() {
                let next = format!("{:0length$}", n + 1);
                out.extend((next.len() == length).then(|| Value::Code(next.as_str().into())));
            }
        }
    }
    out
}

/// Places that the law names, with what they lie in, and some that it does not.
fn places(worlds: &[&World], constants: &BTreeSet<Value>, room: u32) -> BTreeSet<Value> {
    let world = worlds[0];
    let mut named: BTreeSet<PlaceId> = BTreeSet::new();
    let mut all = constants.clone();
    for w in worlds {
        conditions(w).for_each(|c| {
            c.atoms(&mut |a, _| match &a.kind {
                AtomKind::Fact(_, test) | AtomKind::Elements { test, .. } => self::named(test, &mut all),
                _ => {}
            });
        });
        for group in &w.groups {
            match &group.body {
                GroupBody::Members(members) => all.extend(members.iter().map(|(v, ..)| v.clone())),
                GroupBody::Expr(set) => values_of(set, &mut all),
            }
        }
        named.extend(w.charts.iter().flat_map(|c| &c.versions).flat_map(|v| &v.rows).map(|r| r.place));
    }
    named.extend(all.iter().filter_map(|v| if let Value::Place(p) = v { Some(*p) } else { None }));
    named.extend(PlaceId::all(world).filter(|p| p.declared().is_some()));
    named = named.iter().flat_map(|p| around(world, *p)).collect();
    let others: Vec<PlaceId> = PlaceId::all(world).filter(|p| !named.contains(p)).take(room as usize + 1).collect();
    named.into_iter().chain(others).map(Value::Place).collect()
}

/// The constants of a test.
fn named(test: &Test, out: &mut BTreeSet<Value>) {
    match test {
        Test::Is(v) | Test::Compare(_, v) => drop(out.insert(v.clone())),
        Test::Between(a, b) => out.extend([a.clone(), b.clone()]),
        Test::In(set) => values_of(set, out),
        Test::Yes | Test::Marked(..) => {}
    }
}

fn values_of(set: &Set, out: &mut BTreeSet<Value>) {
    match set {
        Set::Values(all) => out.extend(all.iter().cloned()),
        Set::Group(_) => {}
        Set::Plus(a, b) | Set::Minus(a, b) | Set::And(a, b) => [a, b].into_iter().for_each(|s| values_of(s, out)),
    }
}

/// All conditions of a law.
fn conditions(world: &World) -> impl Iterator<Item = &Cond> {
    let rules = world.rules.iter().flat_map(|r| [Some(&r.cond), r.claimed.as_ref()]).flatten();
    let facts = world.facts.iter().flat_map(|f| f.means.iter().map(|(_, c)| c));
    let entries = world.categories.iter().map(|c| &c.cond);
    let covers = world.licences.iter().filter_map(|l| l.covers.as_ref());
    let unless = world.facts.iter().filter_map(|f| f.presumed.as_ref()?.unless.as_ref());
    let others = world.policies.iter().map(|p| &p.applies).chain(world.constraints.iter().map(|c| &c.cond));
    rules.chain(facts).chain(entries).chain(covers).chain(unless).chain(others)
}

/// One version of a law, read into the solver.
pub struct Reading<'s, 'w> {
    /// The solver.
    pub sat: &'s mut Sat<'w>,
    world: &'w World,
    /// Whether a claim is raised wherever its ground is so; otherwise none is.
    claims: bool,
    means: BTreeMap<FactId, Lit>,
    leaves: BTreeMap<CategoryId, Lit>,
    applies: BTreeMap<RuleId, Lit>,
    stands: BTreeMap<RuleId, Lit>,
}

impl<'s, 'w> Reading<'s, 'w> {
    /// A version of the law.
    pub fn new(sat: &'s mut Sat<'w>, world: &'w World, claims: bool) -> Self {
        let (means, leaves, applies, stands) = Default::default();
        Reading { sat, world, claims, means, leaves, applies, stands }
    }

    /// What the constraints in force allow; no licence is held, so those about licences say nothing.
    pub fn allowed(&mut self) -> Lit {
        let licence = |f: &FactId| self.world.fact(*f).level == Level::Licence;
        let of_licence = |c: &Cond| {
            let mut found = false;
            c.atoms(&mut |a, _| {
                found |= match &a.kind {
                    AtomKind::Fact(f, _) | AtomKind::Elements { fact: f, .. } => licence(f),
                    AtomKind::Empty(f) | AtomKind::Includes(f) => licence(f),
                    AtomKind::Facts(f, _, g) => licence(f) || licence(g),
                    AtomKind::Means(_) | AtomKind::In(_) | AtomKind::CodedUnder(_) => false,
                };
            });
            found
        };
        let day = self.sat.day;
        let all: Vec<&Cond> = self.world.constraints.iter().filter(|c| c.in_force.on(day)).map(|c| &c.cond).collect();
        let all: Vec<&Cond> = all.into_iter().filter(|c| !of_licence(c)).collect();
        let all: Vec<Lit> = all.into_iter().map(|c| self.cond(c)).collect();
        self.sat.all(&all)
    }

    fn cond(&mut self, cond: &'w Cond) -> Lit {
        match cond {
            Cond::All(list) => {
                let all: Vec<Lit> = list.iter().map(|c| self.cond(c)).collect();
                self.sat.all(&all)
            }
            Cond::Any(list) => {
                let all: Vec<Lit> = list.iter().map(|c| self.cond(c)).collect();
                self.sat.any(&all)
            }
            Cond::Not(inner) => !self.cond(inner),
            Cond::Atom(atom) => self.atom(atom),
        }
    }

    fn atom(&mut self, atom: &'w Atom) -> Lit {
        let (world, day) = (self.world, self.sat.day);
        let ty = |f: &FactId| world.fact(*f).ty.element();
        match &atom.kind {
            AtomKind::Fact(f, test) => {
                let all = self.sat.values(*f);
                let so: Vec<Lit> = all
                    .iter()
                    .map(|(v, is)| {
                        let passes = passes(self.sat, world, day, test, v, ty(f));
                        self.sat.all(&[*is, passes])
                    })
                    .collect();
                self.sat.any(&so)
            }
            AtomKind::Elements { fact, all: every, test } => {
                let elements = self.sat.values(*fact);
                let so: Vec<Lit> = elements
                    .iter()
                    .map(|(v, is)| {
                        let passes = passes(self.sat, world, day, test, v, ty(fact));
                        self.sat.all(&[*is, if *every { !passes } else { passes }])
                    })
                    .collect();
                let found = self.sat.any(&so);
                if *every { !found } else { found }
            }
            AtomKind::Empty(f) => {
                let elements: Vec<Lit> = self.sat.values(*f).iter().map(|(_, is)| *is).collect();
                !self.sat.any(&elements)
            }
            AtomKind::Means(f) => {
                if let Some(known) = self.means.get(f) {
                    return *known;
                }
                let meant = world.fact(*f).means.iter().find(|(days, _)| days.on(day));
                let lit = meant.map_or(!self.sat.yes, |(_, c)| self.cond(c));
                self.means.insert(*f, lit);
                lit
            }
            AtomKind::In(list) => {
                let all: Vec<Lit> = list.iter().map(|c| self.within(*c)).collect();
                self.sat.any(&all)
            }
            AtomKind::CodedUnder(list) => {
                let below: Vec<CategoryId> = list.iter().flat_map(|c| self.below(*c)).collect();
                let all: Vec<Lit> = below.into_iter().map(|leaf| self.coded(leaf).unwrap_or(!self.sat.yes)).collect();
                self.sat.any(&all)
            }
            AtomKind::Facts(a, how, b) => self.compared(*a, *how, *b),
            AtomKind::Includes(_) => panic!("no licence is held"),
        }
    }

    fn compared(&mut self, a: FactId, how: Comparison, b: FactId) -> Lit {
        let (left, right) = (self.sat.values(a), self.sat.values(b));
        let so = |x: &Value, y: &Value| match (x, y) {
            // What lies in a country is in it.
            (Value::Place(p), Value::Place(q)) => around(self.world, *q).contains(p) == (how == Comparison::Eq),
            _ => how.holds(x.cmp(y)),
        };
        let each: Vec<(Lit, Vec<Lit>)> = left
            .iter()
            .map(|(x, is)| (*is, right.iter().filter(|(y, _)| so(x, y)).map(|(_, lit)| *lit).collect()))
            .collect();
        let all: Vec<Lit> = each
            .into_iter()
            .map(|(is, others)| {
                let any = self.sat.any(&others);
                self.sat.all(&[is, any])
            })
            .collect();
        self.sat.any(&all)
    }

    /// An entry and what it stands in, the outermost first.
    fn way(&self, id: CategoryId) -> Vec<CategoryId> {
        let mut out: Vec<_> = std::iter::successors(Some(id), |c| self.world.category(*c).parent).collect();
        out.reverse();
        out
    }

    /// The entries without others in them, at or below an entry, that are in force with all that they stand in.
    fn below(&self, id: CategoryId) -> Vec<CategoryId> {
        let all = (0..self.world.categories.len() as u32).map(CategoryId);
        let leaf = all.filter(|c| self.world.category(*c).children.is_empty());
        let on = |c: &CategoryId| self.way(*c).iter().all(|c| self.world.category(*c).in_force.on(self.sat.day));
        leaf.filter(|c| self.way(*c).contains(&id)).filter(on).collect()
    }

    /// Whether the code lies under all codes on the way to an entry; nothing: there are none.
    fn coded(&mut self, leaf: CategoryId) -> Option<Lit> {
        let world = self.world;
        let mut lists = Vec::new();
        for id in self.way(leaf) {
            if world.category(id).whatever_code {
                lists.clear();
            }
            lists.extend(&world.category(id).codes);
        }
        let all: Vec<Lit> = lists
            .iter()
            .map(|(fact, list)| {
                let under = |v: &Value| matches!(v, Value::Code(c) if list.covers(c, true) == Under::Yes);
                let fits: Vec<Lit> =
                    self.sat.values(*fact).iter().filter(|(v, _)| under(v)).map(|(_, is)| *is).collect();
                self.sat.any(&fits)
            })
            .collect();
        (!lists.is_empty()).then(|| self.sat.all(&all))
    }

    /// By description and code; a code that fits no entry hides nothing until it is confirmed.
    fn leaf(&mut self, id: CategoryId) -> Lit {
        if let Some(known) = self.leaves.get(&id) {
            return *known;
        }
        let world = self.world;
        let conditions: Vec<&Cond> =
            self.way(id).into_iter().map(|c| &world.category(c).cond).filter(|c| !c.is_always()).collect();
        let mut all: Vec<Lit> = conditions.iter().map(|c| self.cond(c)).collect();
        if let Some(code) = self.coded(id) {
            all.push(if conditions.is_empty() {
                code
            } else {
                let right = self.right();
                self.sat.any(&[code, !right])
            });
        }
        let lit = self.sat.all(&all);
        self.leaves.insert(id, lit);
        lit
    }

    fn right(&mut self) -> Lit {
        if let Some(fact) = self.world.fact_named("goods.code_confirmed") {
            return self.sat.is(fact, &Value::Bool(true))[0];
        }
        if self.sat.right.is_none() {
            self.sat.right = Some(self.sat.fresh());
        }
        self.sat.right.unwrap()
    }

    /// Whether goods are in an entry.
    pub fn within(&mut self, id: CategoryId) -> Lit {
        let all: Vec<Lit> = self.below(id).into_iter().map(|leaf| self.leaf(leaf)).collect();
        self.sat.any(&all)
    }

    /// Each entry of a policy by name, with whether goods are in it and in no narrower one of another name.
    pub fn entries(&mut self, policy: PolicyId) -> BTreeMap<String, Lit> {
        let world = self.world;
        let mut found: BTreeMap<String, Vec<Lit>> = BTreeMap::new();
        for (top, _) in world.categories_of(policy).filter(|(_, c)| c.parent.is_none()) {
            for leaf in self.below(top) {
                let lit = self.leaf(leaf);
                let narrowest = self.way(leaf).into_iter().rev().find(|c| !world.category(*c).unnamed);
                found.entry(world.category(narrowest.unwrap_or(leaf)).name.clone()).or_default().push(lit);
            }
        }
        found.into_iter().map(|(name, all)| (name, self.sat.any(&all))).collect()
    }

    /// Whether a policy applies at all.
    pub fn policy_applies(&mut self, policy: PolicyId) -> Lit {
        self.cond(&self.world.policies[policy.index()].applies)
    }

    /// Whether a rule applies, defeated or not; an exception or a bar only where something does that it names.
    pub fn applies(&mut self, id: RuleId) -> Lit {
        if let Some(known) = self.applies.get(&id) {
            return *known;
        }
        let rule = self.world.rule(id);
        let mut all = vec![self.cond(&rule.cond)];
        if let Some(claim) = &rule.claimed {
            all.push(if self.claims { self.cond(claim) } else { !self.sat.yes });
        }
        if rule.kind != RuleKind::Rule {
            let targets: Vec<Lit> = rule.targets.iter().map(|t| self.applies(*t)).collect();
            all.push(self.sat.any(&targets));
        }
        let on = self.sat.of(rule.in_force.on(self.sat.day));
        all.push(on);
        let lit = self.sat.all(&all);
        self.applies.insert(id, lit);
        lit
    }

    /// Whether a rule applies and nothing defeats it that stands itself.
    pub fn stands(&mut self, id: RuleId) -> Lit {
        if let Some(known) = self.stands.get(&id) {
            return *known;
        }
        let all = (0..self.world.rules.len() as u32).map(RuleId);
        let defeaters: Vec<RuleId> = all.filter(|d| self.world.rule(*d).targets.contains(&id)).collect();
        let mut lits: Vec<Lit> = defeaters.into_iter().map(|d| !self.stands(d)).collect();
        lits.push(self.applies(id));
        let lit = self.sat.all(&lits);
        self.stands.insert(id, lit);
        lit
    }

    /// Each outcome of `Outcome::ALL`: the strictest effect that stands, else what the policy says otherwise.
    pub fn outcomes(&mut self, policy: PolicyId) -> Vec<Lit> {
        let world = self.world;
        let applies = self.policy_applies(policy);
        let mut left = applies;
        let mut found = BTreeMap::from([(Outcome::NotApplicable, !applies)]);
        for outcome in [Outcome::Prohibited, Outcome::LicenceRequired, Outcome::Permitted] {
            let leads = |r: &portcullis::model::Rule| r.effect.as_ref().map(effect) == Some(outcome);
            let leading: Vec<RuleId> = world.rules_of(policy).filter(|(_, r)| leads(r)).map(|(id, _)| id).collect();
            let lits: Vec<Lit> = leading.into_iter().map(|id| self.stands(id)).collect();
            let any = self.sat.any(&lits);
            found.insert(outcome, self.sat.all(&[left, any]));
            left = self.sat.all(&[left, !any]);
        }
        let otherwise = match world.policies[policy.index()].otherwise {
            Otherwise::Permit => Outcome::Permitted,
            Otherwise::Prohibit => Outcome::Prohibited,
        };
        let here = self.sat.any(&[found[&otherwise], left]);
        found.insert(otherwise, here);
        Outcome::ALL.into_iter().map(|o| found[&o]).collect()
    }

    /// What a decision says besides its outcome, where the policy applies: entries, the rules that decide and those that
    /// stand with what they say.
    pub fn things(&mut self, policy: PolicyId) -> BTreeMap<String, Lit> {
        let world = self.world;
        let (applies, outcomes) = (self.policy_applies(policy), self.outcomes(policy));
        let mut found: BTreeMap<String, Vec<Lit>> = BTreeMap::new();
        for (name, lit) in self.entries(policy) {
            found.entry(format!("entry {name}")).or_default().push(lit);
        }
        for (id, rule) in world.rules_of(policy) {
            let stands = self.stands(id);
            let mut add = |what: String, lit: Lit| found.entry(what).or_default().push(lit);
            let licences: Vec<_> = match &rule.effect {
                Some(Effect::Require(groups)) => groups.concat(),
                Some(Effect::Permit(licence)) => licence.iter().copied().collect(),
                _ => Vec::new(),
            };
            let name = |l: &portcullis::model::LicenceId| world.licence(*l).name.clone();
            if let Some(of) = &rule.effect {
                let at = Outcome::ALL.iter().position(|o| *o == effect(of)).unwrap();
                let decides = self.sat.all(&[stands, outcomes[at]]);
                add(format!("rule {}", rule.name), decides);
                rule.review.iter().for_each(|t| add(format!("review {t}"), decides));
                rule.reason.iter().for_each(|t| add(format!("reason {t}"), decides));
                match of {
                    Effect::Require(groups) => groups.iter().for_each(|g| {
                        add(format!("licence {}", g.iter().map(name).collect::<Vec<_>>().join(" or ")), stands);
                    }),
                    Effect::Permit(l) => l.iter().for_each(|l| add(format!("under {}", name(l)), decides)),
                    Effect::Prohibit => {}
                }
            }
            let in_force = licences.iter().map(|l| world.licence(*l)).filter(|l| l.in_force.on(self.sat.day));
            let permits = matches!(rule.effect, Some(Effect::Permit(_)));
            for l in in_force {
                l.documents.iter().for_each(|d| add(format!("document {}", d.code), stands));
                l.duties.iter().filter(|_| permits).for_each(|d| add(format!("duty {d:?}"), stands));
            }
            rule.documents.iter().for_each(|d| add(format!("document {}", d.code), stands));
            rule.duties.iter().for_each(|d| add(format!("duty {d:?}"), stands));
        }
        found
            .into_iter()
            .map(|(name, lits)| {
                let any = self.sat.any(&lits);
                (name, self.sat.all(&[any, applies]))
            })
            .collect()
    }
}

fn effect(effect: &Effect) -> Outcome {
    match effect {
        Effect::Prohibit => Outcome::Prohibited,
        Effect::Require(_) => Outcome::LicenceRequired,
        Effect::Permit(_) => Outcome::Permitted,
    }
}
