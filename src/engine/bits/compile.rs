//! From conditions to columns, steps and products.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::eval::lists::{Leaf, Lists};
use crate::model::code::CodeList;
use crate::model::{Atom, AtomKind, CategoryId, Cond, Date, FactId, Level, Test, Type, World};
use crate::stack::deep;

use super::column::{Asks, Column, Kind, is_indexable};
use super::edition::{Constraint, Edition, Instrument, Kleene, Presumption, Provision, Step};
use super::narrow::Narrowing;
use super::norm::{Formula, Literal, Literals, Product, StepId, products};
use super::row::{BITS, set};

/// So many columns are taken together before any word of bits is looked at.
pub const FIRST: usize = 3;

/// Collects the law of a day.
pub struct Compiler<'c, 'a> {
    world: &'a World,
    lists: &'c Lists<'a>,
    date: Date,
    confirmed: Option<FactId>,
    columns: Vec<Column<'a>>,
    column_of: Vec<Option<u16>>,
    never: Option<u16>,
    /// Tests of a column that look at codes, by list.
    coded: FxHashMap<(u16, usize, bool), u16>,
    singles: Vec<(&'a AtomKind, u16)>,
    /// Steps made so far.
    pub steps: Vec<Step>,
    alternatives: Vec<Vec<Literals>>,
    leaves: FxHashMap<usize, StepId>,
    entries: FxHashMap<CategoryId, StepId>,
    unions: FxHashMap<CategoryId, StepId>,
    means: FxHashMap<FactId, Formula>,
    kleene_means: FxHashMap<FactId, Arc<Kleene>>,
    kleene_leaves: FxHashMap<usize, Arc<Kleene>>,
}

static YES: Test = Test::Yes;

impl<'c, 'a> Compiler<'c, 'a> {
    /// Nothing collected yet.
    pub fn new(world: &'a World, lists: &'c Lists<'a>, date: Date, confirmed: Option<FactId>) -> Self {
        Compiler {
            world,
            lists,
            date,
            confirmed,
            columns: Vec::new(),
            column_of: vec![None; world.facts.len()],
            never: None,
            coded: FxHashMap::default(),
            singles: Vec::new(),
            steps: Vec::new(),
            alternatives: Vec::new(),
            leaves: FxHashMap::default(),
            entries: FxHashMap::default(),
            unions: FxHashMap::default(),
            means: FxHashMap::default(),
            kleene_means: FxHashMap::default(),
            kleene_leaves: FxHashMap::default(),
        }
    }

    fn column(&mut self, kind: Kind<'a>) -> u16 {
        self.columns.push(Column::new(kind));
        (self.columns.len() - 1) as u16
    }

    /// What no consignment without a licence says: a field of a licence, or what a licence names.
    fn never(&mut self) -> (u16, u16) {
        if let Some(column) = self.never {
            return (column, 0);
        }
        let column = self.column(Kind::Never);
        self.columns[usize::from(column)].asks.push(Asks::Itself);
        self.never = Some(column);
        (column, 0)
    }

    fn of_fact(&mut self, fact: FactId) -> Option<u16> {
        if self.world.fact(fact).level == Level::Licence {
            return None;
        }
        if let Some(known) = self.column_of[fact.index()] {
            return Some(known);
        }
        let column = self.column(Kind::Fact(fact));
        self.columns[usize::from(column)].shared = self.world.fact(fact).level == Level::Consignment;
        self.column_of[fact.index()] = Some(column);
        Some(column)
    }

    /// Says that a presumption supplies a fact; the fact's column, if any condition reads it.
    pub fn presume(&mut self, fact: FactId, presumption: u16) -> Option<u16> {
        let about = |kind: &AtomKind| match kind {
            AtomKind::Elements { fact: f, .. } | AtomKind::Empty(f) => *f == fact,
            AtomKind::Facts(a, _, b) => *a == fact || *b == fact,
            _ => false,
        };
        let guarded: Vec<u16> = self.singles.iter().filter(|(kind, _)| about(kind)).map(|(_, c)| *c).collect();
        let column = if guarded.is_empty() { self.column_of[fact.index()] } else { self.of_fact(fact) };
        if let Some(column) = column {
            self.columns[usize::from(column)].presumed = Some(presumption);
        }
        for single in guarded {
            let guards = &mut self.columns[usize::from(single)].guards;
            *guards = guards.iter().copied().chain([presumption]).collect();
        }
        column
    }

    fn test(&mut self, fact: FactId, test: &'a Test) -> (u16, u16) {
        let Some(column) = self.of_fact(fact) else { return self.never() };
        let asks = &mut self.columns[usize::from(column)].asks;
        let same = asks.iter().position(|a| matches!(a, Asks::Test(t) if *t == test));
        let at = same.unwrap_or_else(|| {
            asks.push(Asks::Test(test));
            asks.len() - 1
        });
        (column, at as u16)
    }

    fn codes(&mut self, fact: FactId, list: &'a CodeList, described: bool) -> (u16, u16) {
        let Some(column) = self.of_fact(fact) else { return self.never() };
        let key = (column, std::ptr::from_ref(list).addr(), described);
        let asks = &mut self.columns[usize::from(column)].asks;
        let at = self.coded.entry(key).or_insert_with(|| {
            asks.push(Asks::Codes(list, described));
            (asks.len() - 1) as u16
        });
        (column, *at)
    }

    fn confirmed(&mut self) -> (u16, u16) {
        match self.confirmed {
            Some(fact) => self.test(fact, &YES),
            None => self.never(),
        }
    }

    fn single(&mut self, kind: &'a AtomKind) -> (u16, u16) {
        match kind {
            AtomKind::Fact(fact, test) => self.test(*fact, test),
            AtomKind::Elements { fact, .. } | AtomKind::Empty(fact) => self.itself(kind, &[*fact]),
            AtomKind::Facts(a, _, b) => self.itself(kind, &[*a, *b]),
            _ => self.never(),
        }
    }

    fn itself(&mut self, kind: &'a AtomKind, facts: &[FactId]) -> (u16, u16) {
        if facts.iter().any(|f| self.world.fact(*f).level == Level::Licence) {
            return self.never();
        }
        if let Some((_, column)) = self.singles.iter().find(|(k, _)| *k == kind) {
            return (*column, 0);
        }
        let column = self.column(Kind::Single(kind));
        self.columns[usize::from(column)].asks.push(Asks::Itself);
        self.singles.push((kind, column));
        (column, 0)
    }

    fn named(&self, fact: FactId) -> Option<&'a Cond> {
        self.world.fact(fact).means.iter().find(|(days, _)| days.on(self.date)).map(|(_, c)| c)
    }

    fn formula(&mut self, cond: &'a Cond) -> Formula {
        match cond {
            Cond::All(parts) => Formula::All(parts.iter().map(|c| self.formula(c)).collect()),
            Cond::Any(parts) => Formula::Any(parts.iter().map(|c| self.formula(c)).collect()),
            Cond::Not(inner) => self.formula(inner).not(),
            Cond::Atom(atom) => self.atom(atom),
        }
    }

    fn atom(&mut self, atom: &'a Atom) -> Formula {
        match &atom.kind {
            AtomKind::Means(fact) => {
                if let Some(known) = self.means.get(fact) {
                    return known.clone();
                }
                let Some(meant) = self.named(*fact) else { return Formula::of(false) };
                let body = deep(|| self.formula(meant));
                let formula = if is_small(&body) { body } else { Formula::Is(Literal::Step(self.step(&body), false)) };
                self.means.insert(*fact, formula.clone());
                formula
            }
            AtomKind::In(list) => {
                Formula::Any(list.iter().map(|c| Formula::Is(Literal::Step(self.union(*c), false))).collect())
            }
            AtomKind::CodedUnder(list) => {
                let lists = self.lists;
                let leaves = list.iter().flat_map(|c| lists.below(*c, self.date)).filter(|l| !l.codes.is_empty());
                let leaves: Vec<&Leaf<'a>> = leaves.collect();
                Formula::Any(leaves.into_iter().map(|l| self.codes_of(l, false)).collect())
            }
            single => {
                let (column, test) = self.single(single);
                Formula::Is(Literal::Test(column, test, false))
            }
        }
    }

    fn codes_of(&mut self, leaf: &Leaf<'a>, described: bool) -> Formula {
        let codes = leaf.codes.iter().map(|(fact, list)| self.codes(*fact, list, described));
        Formula::All(codes.map(|(c, t)| Formula::Is(Literal::Test(c, t, false))).collect())
    }

    /// Goods are in an entry by one way down.
    fn leaf(&mut self, index: usize) -> StepId {
        if let Some(known) = self.leaves.get(&index) {
            return *known;
        }
        let lists = self.lists;
        let leaf = &lists.leaves[index];
        let mut parts: Vec<Formula> = deep(|| leaf.conditions.iter().map(|c| self.formula(c)).collect());
        let described = leaf.described();
        let mut code = self.codes_of(leaf, described);
        if described && !leaf.codes.is_empty() {
            let (column, test) = self.confirmed();
            code = Formula::Any(vec![code, Formula::Is(Literal::Test(column, test, true))]);
        }
        parts.push(code);
        let step = self.step(&Formula::All(parts));
        self.leaves.insert(index, step);
        step
    }

    /// Goods are at or below an entry.
    fn union(&mut self, id: CategoryId) -> StepId {
        if let Some(known) = self.unions.get(&id) {
            return *known;
        }
        let leaves = self.in_force(id, false);
        let step = self.of_steps(&leaves);
        self.unions.insert(id, step);
        step
    }

    /// Goods are in an entry itself, as it is reported.
    pub fn entry(&mut self, id: CategoryId) {
        let leaves = self.in_force(id, true);
        if !leaves.is_empty() && !self.entries.contains_key(&id) {
            let step = self.of_steps(&leaves);
            self.steps[step as usize].entry = Some(id);
            self.entries.insert(id, step);
        }
    }

    fn in_force(&self, id: CategoryId, reported: bool) -> Vec<usize> {
        let all = self.lists.indices(id).iter().copied();
        let leaf = |i: &usize| &self.lists.leaves[*i];
        all.filter(|i| leaf(i).on(self.date) && (!reported || leaf(i).reported == id)).collect()
    }

    fn of_steps(&mut self, leaves: &[usize]) -> StepId {
        let members: Vec<StepId> = deep(|| leaves.iter().map(|i| self.leaf(*i)).collect());
        let step = self.new_step(Vec::new());
        for member in members {
            self.steps[member as usize].within.push(step);
            let stage = self.steps[member as usize].stage;
            let own = &mut self.steps[step as usize].stage;
            *own = (*own).max(stage);
        }
        step
    }

    fn new_step(&mut self, alternatives: Vec<Literals>) -> StepId {
        let stage = alternatives.iter().map(|p| stage_of(p, &self.steps)).max().unwrap_or(0);
        self.steps.push(Step { stage, ..Step::default() });
        self.alternatives.push(alternatives);
        (self.steps.len() - 1) as StepId
    }

    fn step(&mut self, formula: &Formula) -> StepId {
        let alternatives = products(formula, &mut |part| self.new_step(part));
        self.new_step(alternatives)
    }

    /// A step for a condition, that no other has.
    pub fn step_of(&mut self, cond: &'a Cond) -> StepId {
        let formula = deep(|| self.formula(cond));
        self.step(&formula)
    }

    /// A condition in three truth values.
    pub fn kleene(&mut self, cond: &'a Cond) -> Arc<Kleene> {
        Arc::new(match cond {
            Cond::All(parts) => Kleene::All(parts.iter().map(|c| self.kleene(c)).collect()),
            Cond::Any(parts) => Kleene::Any(parts.iter().map(|c| self.kleene(c)).collect()),
            Cond::Not(inner) => Kleene::Not(self.kleene(inner)),
            Cond::Atom(atom) => return self.kleene_atom(atom),
        })
    }

    fn kleene_atom(&mut self, atom: &'a Atom) -> Arc<Kleene> {
        match &atom.kind {
            AtomKind::Means(fact) => {
                if let Some(known) = self.kleene_means.get(fact) {
                    return Arc::clone(known);
                }
                let Some(meant) = self.named(*fact) else { return Arc::new(Kleene::Any(Vec::new())) };
                let found = deep(|| self.kleene(meant));
                self.kleene_means.insert(*fact, Arc::clone(&found));
                found
            }
            AtomKind::In(list) => {
                let leaves: Vec<usize> = list.iter().flat_map(|c| self.in_force(*c, false)).collect();
                Arc::new(Kleene::Any(leaves.into_iter().map(|i| deep(|| self.kleene_leaf(i))).collect()))
            }
            AtomKind::CodedUnder(list) => {
                let lists = self.lists;
                let leaves: Vec<&Leaf<'a>> =
                    list.iter().flat_map(|c| lists.below(*c, self.date)).filter(|l| !l.codes.is_empty()).collect();
                Arc::new(Kleene::Any(leaves.into_iter().map(|l| self.kleene_codes(l, false)).collect()))
            }
            single => {
                let (column, test) = self.single(single);
                Arc::new(Kleene::Test(column, test))
            }
        }
    }

    fn kleene_codes(&mut self, leaf: &Leaf<'a>, described: bool) -> Arc<Kleene> {
        let codes = leaf.codes.iter().map(|(fact, list)| self.codes(*fact, list, described));
        Arc::new(Kleene::All(codes.map(|(c, t)| Arc::new(Kleene::Test(c, t))).collect()))
    }

    fn kleene_leaf(&mut self, index: usize) -> Arc<Kleene> {
        if let Some(known) = self.kleene_leaves.get(&index) {
            return Arc::clone(known);
        }
        let lists = self.lists;
        let leaf = &lists.leaves[index];
        let mut parts: Vec<Arc<Kleene>> = leaf.conditions.iter().map(|c| self.kleene(c)).collect();
        let described = leaf.described();
        let mut code = self.kleene_codes(leaf, described);
        if described && !leaf.codes.is_empty() {
            let (column, test) = self.confirmed();
            let wrong = Arc::new(Kleene::Not(Arc::new(Kleene::Test(column, test))));
            code = Arc::new(Kleene::Any(vec![code, wrong]));
        }
        parts.push(code);
        let found = Arc::new(Kleene::All(parts));
        self.kleene_leaves.insert(index, Arc::clone(&found));
        found
    }

    /// Numbers the products and prepares the columns.
    pub fn finish(
        mut self,
        provisions: Vec<Provision>,
        instruments: Vec<Instrument>,
        presumptions: Vec<Presumption>,
        constraints: Vec<Constraint>,
        tied: Vec<u16>,
    ) -> Edition<'a> {
        let mut always = Vec::new();
        let (mut indexed, mut anchored) = (Vec::new(), Vec::new());
        for (step, alternatives) in self.alternatives.iter().enumerate() {
            let step = step as StepId;
            for literals in alternatives {
                if literals.is_empty() {
                    always.push(step);
                    continue;
                }
                let stage = stage_of(literals, &self.steps);
                let anchor = literals.iter().find_map(|l| match l {
                    Literal::Step(s, false) => Some(*s),
                    _ => None,
                });
                let product = Product { step, stage, literals: literals.clone().into() };
                match anchor {
                    Some(anchor) => anchored.push((anchor, product)),
                    None => indexed.push(product),
                }
            }
        }
        let order = by_use(self.world, &self.columns, &indexed);
        let mut rank = vec![0usize; order.len()];
        order.iter().enumerate().for_each(|(at, column)| rank[usize::from(*column)] = at);
        let rank_of = |l: &Literal| column_of(l).map_or(usize::MAX, |c| rank[usize::from(c)]);
        for product in indexed.iter_mut().chain(anchored.iter_mut().map(|(_, p)| p)) {
            product.literals.sort_by_key(rank_of);
        }
        let read =
            |column: &&u16| indexed.iter().flat_map(|p| p.literals.iter()).any(|l| column_of(l) == Some(**column));
        let first: Vec<u16> = order.iter().filter(read).take(FIRST).copied().collect();
        // Products that ask the same of those columns share words.
        indexed.sort_by_cached_key(|p| {
            let of =
                |column: &u16| p.literals.iter().find(|l| matches!(l, Literal::Test(c, ..) if c == column)).copied();
            first.iter().map(|c| of(c).map_or((1, None), |l| (0, Some(l)))).collect::<Vec<_>>()
        });
        let count = indexed.len();
        let mut full = vec![0; count.div_ceil(BITS)];
        (0..count).for_each(|p| set(&mut full, p));
        let mut products = indexed;
        for (anchor, product) in anchored {
            self.steps[anchor as usize].anchored.push(products.len() as u32);
            products.push(product);
        }
        let stages = products.iter().map(|p| p.stage as usize + 1).max().unwrap_or(1);
        for (n, column) in self.columns.iter_mut().enumerate() {
            column.index(n as u16, &products[..count], &full);
        }
        for column in &mut self.columns {
            column.coded = column.asks.iter().any(|a| matches!(a, Asks::Codes(..)));
        }
        let most = usize::from(u16::MAX);
        let too_large =
            self.columns.len().max(presumptions.len()) > most || self.columns.iter().any(|c| c.asks.len() > most);
        Edition {
            too_large,
            world: self.world,
            date: self.date,
            columns: self.columns,
            indexed: count,
            products,
            full,
            order,
            steps: self.steps,
            always,
            stages,
            provisions,
            instruments,
            presumptions,
            constraints,
            tied,
            narrowing: Narrowing::default(),
            doubtful: Vec::new(),
        }
    }
}

/// The column that a question is about.
pub fn column_of(l: &Literal) -> Option<u16> {
    if let Literal::Test(column, ..) = l { Some(*column) } else { None }
}

/// True if it is cheaper asked in place than found out first: a question, or a few that must all be answered one way.
fn is_small(formula: &Formula) -> bool {
    match formula {
        Formula::Is(_) => true,
        Formula::All(parts) => parts.len() <= 3 && parts.iter().all(|p| matches!(p, Formula::Is(_))),
        Formula::Any(_) => false,
    }
}

/// After all steps that it reads.
fn stage_of(product: &Literals, steps: &[Step]) -> u32 {
    let stage = |l: &Literal| match l {
        Literal::Step(s, _) => steps.get(*s as usize).map(|s| s.stage + 1),
        Literal::Test(..) => None,
    };
    product.iter().filter_map(stage).max().unwrap_or(0)
}

/// The columns, those first whose values leave the fewest products: they are read most often, and a yes or a no, a
/// value of few or a code rules out most of what reads them.
fn by_use(world: &World, columns: &[Column<'_>], products: &[Product]) -> Vec<u16> {
    let mut read = vec![0usize; columns.len()];
    for literal in products.iter().flat_map(|p| p.literals.iter()) {
        if let Literal::Test(column, _, not) = *literal {
            let weighs = match columns[usize::from(column)].kind {
                Kind::Fact(f) if world.fact(f).ty == Type::Bool => true,
                Kind::Fact(f) => !not && is_indexable(&world.fact(f).ty),
                _ => false,
            };
            read[usize::from(column)] += usize::from(weighs);
        }
    }
    let mut out: Vec<u16> = (0..columns.len() as u16).collect();
    out.sort_by_key(|n| (std::cmp::Reverse(read[usize::from(*n)]), *n));
    out
}
