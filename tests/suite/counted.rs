//! What an amendment changes, counted out: random law and an amendment of it decide every consignment of small domains,
//! on a day of each span, by the plain interpreter; `diff` and `same` must say exactly that.
//!
//! Each change of outcome lies in the findings that its definition puts it in, each set of values that a finding states
//! is that of its consignments, and each witness flips whatever else is so of it. `ORACLE_CASES` and `ORACLE_SEED` are
//! those of the judge.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::analyze::diff::{Diff, Finding, Group, LIMIT, Limits, days, versions, versions_on};
use portcullis::analyze::same::{Same, same};
use portcullis::consignment::Overlay;
use portcullis::eval::PolicyDecision;
use portcullis::model::date::parse_date;
use portcullis::model::{AtomKind, CategoryId, Cond, Date, GroupId, RuleId, Set, Test, Type, Value as Typed, World};
use portcullis::{LawFile, Options, Outcome, Policy};

use crate::common::amend::amend;
use crate::common::choices::Choices;
use crate::common::facts::SPANS;
use crate::common::grid::{Grid, Row, small};
use crate::common::law::{Law, SETTLED};
use crate::common::read::{Plain, passes};
use crate::judge::{in_parallel, load, wanted};

/// The most consignments of a day.
const MOST: usize = 150;

/// Loads law that may be refused.
pub fn accepted(law: &Law) -> Option<Policy> {
    let files = law.files.iter().map(|(path, text)| LawFile { path: path.clone(), bytes: text.clone().into_bytes() });
    Policy::load(files).ok()
}

/// Law and an amendment of it that is accepted.
pub fn pair(c: &mut Choices<'_>, law: &Law) -> (Law, Policy) {
    loop {
        let new = amend(law, c);
        if let Some(policy) = accepted(&new) {
            return (new, policy);
        }
    }
}

/// What a decision says besides its outcome, by kind and name.
type Things = BTreeSet<(&'static str, String)>;

fn things(p: &PolicyDecision) -> Things {
    let mut out: Things = p.categories.iter().map(|c| ("entry", c.clone())).collect();
    for r in &p.decided_by {
        out.insert(("rule", r.rule.clone()));
        out.extend(r.review.iter().map(|t| ("review", t.clone())));
        out.extend(r.reason.iter().map(|t| ("reason", t.clone())));
        let under = r.licence.iter().filter(|_| r.effect == "permit");
        out.extend(under.map(|l| ("licence", format!("under {l}"))));
    }
    out.extend(p.requirements.iter().map(|r| ("licence", r.licence.clone())));
    let when = |w: &Option<String>| w.as_ref().map_or(String::new(), |t| format!(" ({t})"));
    out.extend(p.duties.iter().map(|d| ("duty", format!("{}{}", d.duty, when(&d.when)))));
    out.extend(p.documents.iter().map(|d| ("document", d.clone())));
    out
}

/// One consignment under both laws, on a day.
struct Both {
    row: Row,
    was: PolicyDecision,
    is: PolicyDecision,
}

impl Both {
    fn step(&self) -> (Outcome, Outcome) {
        (self.was.outcome.0.unwrap(), self.is.outcome.0.unwrap())
    }

    fn side(&self, side: usize) -> &PolicyDecision {
        if side == 0 { &self.was } else { &self.is }
    }
}

/// What makes one finding: an outcome to another, the entry it rests on and the side that lists it, or a rule alone.
type Key = (Outcome, Outcome, Option<(usize, String)>, Option<String>);

/// The entries that a rule asks for, itself or by what it is an exception to.
fn asked(world: &World, rule: RuleId) -> BTreeSet<String> {
    fn entries(world: &World, cond: &Cond, out: &mut BTreeSet<CategoryId>) {
        cond.atoms(&mut |atom, _| match &atom.kind {
            AtomKind::In(list) | AtomKind::CodedUnder(list) => out.extend(list),
            AtomKind::Means(f) => world.fact(*f).means.iter().for_each(|(_, c)| entries(world, c, out)),
            _ => {}
        });
    }
    let (mut found, mut open, mut seen) = (BTreeSet::new(), vec![rule], BTreeSet::new());
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            entries(world, &world.rule(id).cond, &mut found);
            open.extend(&world.rule(id).targets);
        }
    }
    found.into_iter().map(|id| world.category(id).name.clone()).collect()
}

/// One of two laws, on a day.
struct Side<'p> {
    world: &'p World,
    day: Date,
}

impl Side<'_> {
    /// The version of a rule in force.
    fn rule(&self, name: &str) -> RuleId {
        let on = |r: &portcullis::model::Rule| r.name == name && r.in_force.on(self.day);
        RuleId(self.world.rules.iter().position(on).unwrap() as u32)
    }

    /// The rule that a difference is measured against: the first version of that name, in force or not.
    fn twin(&self, name: &str) -> Option<RuleId> {
        self.world.rules.iter().position(|r| r.name == name).map(|i| RuleId(i as u32))
    }

    /// The entries of a decision on which a rule rests.
    fn resting(&self, rule: RuleId, p: &PolicyDecision) -> Vec<String> {
        let asked = asked(self.world, rule);
        let below = |c: &&String| asked.iter().any(|a| *c == a || c.starts_with(&format!("{a}.")));
        p.categories.iter().filter(below).cloned().collect()
    }
}

/// The findings that a changed consignment belongs to, each with the rules that cause it.
fn keys(sides: &[Side<'_>; 2], both: &Both) -> Vec<(Key, Option<String>)> {
    let (from, to) = both.step();
    // The stricter outcome is caused by the rules that lead to it, else the milder by those; else by the policy.
    let first = usize::from(to > from);
    for side in [first, 1 - first] {
        let (here, there) = (&sides[side], &sides[1 - side]);
        let mut out = Vec::new();
        for rule in &both.side(side).decided_by {
            let mut entries = Vec::new();
            if let Some(twin) = there.twin(&rule.rule)
                && there.resting(twin, both.side(1 - side)).is_empty()
            {
                entries = here.resting(here.rule(&rule.rule), both.side(side));
            }
            match entries.is_empty() {
                true => out.push(((from, to, None, Some(rule.rule.clone())), Some(rule.rule.clone()))),
                false => out
                    .extend(entries.into_iter().map(|e| ((from, to, Some((side, e)), None), Some(rule.rule.clone())))),
            }
        }
        if !out.is_empty() {
            return out;
        }
    }
    vec![((from, to, None, None), None)]
}

/// The key of a finding.
fn key(f: &Finding) -> Key {
    let first = usize::from(f.to > f.from);
    let listed = [&f.was_in, &f.now_in];
    let entry = [first, 1 - first].into_iter().find_map(|s| listed[s].first().map(|e| (s, e.clone())));
    let rule = if entry.is_some() { None } else { f.rules.first().map(|r| r.name.clone()) };
    (f.from, f.to, entry, rule)
}

/// A number with its unit, in millionths.
fn amount(text: &str) -> i128 {
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let millionths: i128 = format!("{part:0<6}").parse().unwrap();
    let value = whole.parse::<i128>().unwrap() * 1_000_000 + millionths;
    match unit {
        "m" => value * 1_000,
        "cm" => value * 10,
        "ppm" => value / 10_000,
        "" | "mm" | "%" | "EUR" => value,
        other => panic!("{other}"),
    }
}

/// Whether a value is among those that a finding states, where it states them exactly; `laws` is the text of both laws.
fn stated(sides: &[Side<'_>; 2], laws: &str, ty: &Type, words: &str, value: &serde_json::Value) -> Option<bool> {
    let text = match value {
        serde_json::Value::Bool(b) => if *b { "yes" } else { "no" }.to_owned(),
        serde_json::Value::String(s) => s.clone(),
        other => other.to_string(),
    };
    let listed = |list: &str| list.split(", ").any(|x| x == text);
    Some(match ty {
        Type::Bool => listed(words),
        Type::Choice(_) => words.strip_prefix("any but ").map_or_else(|| listed(words), |but| !listed(but)),
        // Another is one that neither law names.
        Type::Text => {
            let is_named = laws.contains(&format!("\"{text}\""));
            listed(&words.replace('"', "")) || words.contains("another") && !is_named
        }
        Type::Country => {
            match (words.strip_prefix("any but "), words.strip_prefix("in "), words.strip_prefix("not in ")) {
                (Some(but), ..) => !listed(but),
                (_, Some(group), _) | (_, _, Some(group)) => {
                    let side = &sides[1];
                    let ids = (0..side.world.groups.len()).filter(|i| side.world.groups[*i].name == group);
                    let test = Test::In(Set::Group(ids.map(|i| GroupId(i as u32)).collect()));
                    let place = portcullis::model::read::place(&text, side.world).unwrap();
                    let inside = passes(&mut Plain, side.world, side.day, &test, &Typed::Place(place), ty);
                    inside == words.starts_with("in ")
                }
                _ => listed(words),
            }
        }
        Type::Code(scheme) => {
            let (yes, no) = words.split_once(" but ").unwrap_or((words, ""));
            let code = scheme.normalise(&text).unwrap();
            // The longest heading, or range of headings, under which it lies.
            let longest = |list: &str| {
                let under = |h: &str| {
                    let (first, last) = h.split_once(" to ").unwrap_or((h, h));
                    let (first, last) = (scheme.normalise(first).ok()?, scheme.normalise(last).ok()?);
                    let head = code.get(..first.len())?;
                    let inside =
                        if first == last { scheme.is_under(&code, &first) } else { *first <= *head && *head <= *last };
                    inside.then_some(first.len())
                };
                list.split(", ").filter_map(under).max()
            };
            let (yes_at, no_at) = (longest(yes), longest(no));
            if yes_at.is_none() && no_at.is_none() { yes.contains("any code") } else { yes_at > no_at }
        }
        Type::Number | Type::Count | Type::Quantity(_) | Type::Money(_) | Type::Date => {
            let date = matches!(ty, Type::Date);
            let at = |t: &str| if date { t.replace('-', "").parse().unwrap() } else { amount(t) };
            let v = at(&text);
            words.split("; ").any(|part| {
                let (mut fits, mut rest) = (true, part);
                if part == "any" {
                    return true;
                }
                if let Some(low) = part.strip_suffix(" or more") {
                    return v >= at(low);
                }
                for (word, closed) in [("from ", true), ("over ", false)] {
                    if let Some(from) = rest.strip_prefix(word) {
                        let end = [" to ", " under "].iter().filter_map(|w| from.find(w)).min().unwrap_or(from.len());
                        let low = at(&from[..end]);
                        fits &= if closed { v >= low } else { v > low };
                        rest = from[end..].trim_start();
                    }
                }
                match (rest.strip_prefix("under "), rest.strip_prefix("up to ").or(rest.strip_prefix("to "))) {
                    (Some(high), _) => fits && v < at(high),
                    (_, Some(high)) => fits && v <= at(high),
                    _ if rest.is_empty() => fits,
                    _ => v == at(rest),
                }
            })
        }
        // Sets are said by what each holds and what none does, which is not all there is to say.
        Type::Set(_) | Type::Entry => return None,
    })
}

/// The values of each axis in some rows.
fn projected<'r>(grid: &Grid, rows: impl Iterator<Item = &'r Row> + Clone) -> Vec<BTreeSet<usize>> {
    (0..grid.axes.len()).map(|n| rows.clone().filter_map(|r| r[n]).collect()).collect()
}

/// A day of both laws, counted out.
struct Day<'d> {
    sides: [Side<'d>; 2],
    policies: [&'d Policy; 2],
    grid: &'d Grid,
    all: Vec<Both>,
    context: String,
}

impl<'d> Day<'d> {
    fn new(policies: [&'d Policy; 2], grid: &'d Grid, day: &str, context: &str) -> Day<'d> {
        let plain = policies.map(Policy::plain_evaluator);
        let decide = |n: usize, row: &Row| -> Option<PolicyDecision> {
            let case = policies[n].read("case", &grid.case(day, row).to_string(), &Overlay::default()).unwrap();
            Some(plain[n].decide(&case, &Options::default()).ok()?.policies.remove(0))
        };
        let both = |row: Row| Some(Both { was: decide(0, &row)?, is: decide(1, &row)?, row });
        let sides = policies.map(|p| Side { world: p.world(), day: parse_date(day).unwrap() });
        let all = grid.all().into_iter().filter_map(both).collect();
        Day { sides, policies, grid, all, context: format!("{day}\n{context}") }
    }

    fn differs(&self) -> bool {
        self.all.iter().any(|b| b.step().0 != b.step().1 || things(&b.was) != things(&b.is))
    }

    /// The values that findings state together are those of these consignments.
    fn states(&self, found: &[&Finding], rows: &[&Row]) {
        let allowed = projected(self.grid, self.all.iter().map(|b| &b.row));
        let inside = projected(self.grid, rows.iter().copied());
        let confirmed = self.grid.axes.iter().position(|a| a.name == "goods.code_confirmed");
        let right =
            rows.iter().copied().filter(|r| confirmed.is_some_and(|n| self.grid.value(r, n) == Some(&true.into())));
        let right = projected(self.grid, right);
        for (n, axis) in self.grid.axes.iter().enumerate() {
            let world = self.sides[0].world;
            let ty = &world.fact(world.fact_named(axis.name).unwrap()).ty;
            let says = |f: &&Finding, v: usize| match f.facts.iter().find(|x| x.fact == axis.name) {
                Some(x) if x.where_confirmed => stated(&self.sides, &self.context, ty, &x.values, &axis.values[v]),
                Some(x) if x.values.starts_with("not every value") => None,
                Some(x) => stated(&self.sides, &self.context, ty, &x.values, &axis.values[v]),
                None => Some(true),
            };
            let names = |f: &&&Finding| f.facts.iter().any(|x| x.fact == axis.name);
            let where_right = found.iter().any(|f| f.facts.iter().any(|x| x.fact == axis.name && x.where_confirmed));
            let inside = if where_right { &right[n] } else { &inside[n] };
            if where_right && found.len() > 1 {
                continue;
            }
            let mut said = BTreeSet::new();
            let mut exact = true;
            for v in &allowed[n] {
                for f in found {
                    match says(f, *v) {
                        Some(true) => drop(said.insert(*v)),
                        Some(false) => {}
                        None => exact = false,
                    }
                }
            }
            let shown = |set: &BTreeSet<usize>| set.iter().map(|v| axis.values[*v].to_string()).collect::<Vec<_>>();
            if exact {
                assert_eq!(shown(&said), shown(inside), "{}\n{found:#?}\n{}", axis.name, self.context);
            } else if found.iter().filter(names).count() == found.len() {
                assert_ne!(*inside, allowed[n], "{}: every value occurs\n{found:#?}\n{}", axis.name, self.context);
            }
        }
    }

    /// The consignment of a finding flips whatever else is so of it.
    fn witness(&self, f: &Finding, rows: &[&Row]) {
        let Some(witness) = &f.witness else { panic!("no witness: {f:#?}\n{}", self.context) };
        let plain = self.policies.map(Policy::plain_evaluator);
        let mut met = 0;
        for both in &self.all {
            let json = self.grid.case(&self.sides[0].day.to_string(), &both.row).to_string();
            let mut case = self.policies[0].read("case", &json, &Overlay::default()).unwrap();
            case.facts.extend(witness.case.facts.clone());
            case.items[0].extend(witness.case.items[0].clone());
            let decided = [0, 1].map(|n| plain[n].decide(&case, &Options::default()).ok());
            let [Some(was), Some(is)] = decided else { continue };
            let step = [&was, &is].map(|d| d.policies[0].outcome.0);
            // Without a code the description is presumed to fit, as a decision says.
            let codes = self.grid.axes.iter().any(|a| a.is_code() && !witness.facts.iter().any(|(n, _)| n == a.name));
            assert!(codes || step == [Some(f.from), Some(f.to)], "{step:?} of {case:?}\n{f:#?}\n{}", self.context);
            met += usize::from(step == [Some(f.from), Some(f.to)]);
        }
        assert!(met > 0, "{f:#?}\n{}", self.context);
        // As few facts as do, where the consignments of the finding are those of one rule, and every value of a fact is
        // as good as another.
        let plainly = |a: &crate::common::grid::Axis| !a.is_code() && !["goods.kind", "goods.parts"].contains(&a.name);
        if f.group == Group::Meaning && key(f).2.is_none() && self.grid.axes.iter().all(plainly) {
            let fewest = self.fewest(rows);
            assert_eq!(witness.facts.len(), fewest, "facts that are stated\n{f:#?}\n{}", self.context);
        }
    }

    /// The fewest facts whose values put a consignment among these, whatever else is so of it.
    fn fewest(&self, rows: &[&Row]) -> usize {
        let axes = self.grid.axes.len();
        let inside: BTreeSet<&Row> = rows.iter().copied().collect();
        let enough = |bits: usize| {
            let part = |r: &Row| (0..axes).filter(|n| bits & (1 << n) != 0).map(|n| r[n]).collect::<Vec<_>>();
            let outside: BTreeSet<_> =
                self.all.iter().filter(|b| !inside.contains(&b.row)).map(|b| part(&b.row)).collect();
            rows.iter().any(|r| !outside.contains(&part(r)))
        };
        (0..1usize << axes).filter(|bits| enough(*bits)).map(|b| b.count_ones() as usize).min().unwrap()
    }

    fn check(&self, diff: &Diff) {
        let context = &self.context;
        assert!(diff.resolved, "{:?}\n{context}", diff.not_compared);
        assert_eq!(diff.same, !self.differs(), "{diff:#?}\n{context}");
        let mut regions: BTreeMap<Key, (BTreeSet<String>, Vec<&Row>)> = BTreeMap::new();
        for both in self.all.iter().filter(|b| b.step().0 != b.step().1) {
            for (key, rule) in keys(&self.sides, both) {
                let of = regions.entry(key).or_default();
                of.0.extend(rule);
                of.1.push(&both.row);
            }
        }
        let mut found: BTreeMap<Key, Vec<&Finding>> = BTreeMap::new();
        for f in diff.findings.iter().filter(|f| f.group != Group::Grounds) {
            found.entry(key(f)).or_default().push(f);
        }
        let keys = |k: Vec<&Key>| k.into_iter().cloned().collect::<Vec<Key>>();
        assert_eq!(keys(found.keys().collect()), keys(regions.keys().collect()), "{diff:#?}\n{context}");
        for (key, of) in found {
            let (rules, rows) = &regions[&key];
            let named: BTreeSet<String> = of.iter().flat_map(|f| &f.rules).map(|r| r.name.clone()).collect();
            assert_eq!(named, *rules, "{of:#?}\n{context}");
            self.states(&of, rows);
            of.iter().for_each(|f| self.witness(f, rows));
        }
        self.grounds(diff);
    }

    /// What else a decision says, where the outcome stays: for each thing the strictest outcome that shows it.
    fn grounds(&self, diff: &Diff) {
        type About = (&'static str, String, bool);
        let mut regions: BTreeMap<About, (Outcome, Vec<&Row>)> = BTreeMap::new();
        for both in self.all.iter().filter(|b| b.step().0 == b.step().1) {
            let outcome = both.step().0;
            let (was, is) = (things(&both.was), things(&both.is));
            for (added, all) in [(false, &was - &is), (true, &is - &was)] {
                for (what, name) in all {
                    let of = regions.entry((what, name, added)).or_insert((outcome, Vec::new()));
                    if outcome > of.0 {
                        *of = (outcome, Vec::new());
                    }
                    if outcome == of.0 {
                        of.1.push(&both.row);
                    }
                }
            }
        }
        let mut found = BTreeMap::new();
        for f in diff.findings.iter().filter(|f| f.group == Group::Grounds) {
            let about = f.about.as_ref().unwrap();
            assert_eq!(f.from, f.to);
            let twice = found.insert((about.what, about.name.clone(), about.added), f);
            assert!(twice.is_none(), "{f:#?}\n{}", self.context);
        }
        let said: Vec<(&About, Outcome)> = found.iter().map(|(a, f)| (a, f.to)).collect();
        let counted: Vec<(&About, Outcome)> = regions.iter().map(|(a, (o, _))| (a, *o)).collect();
        assert_eq!(said, counted, "{diff:#?}\n{}", self.context);
        for (about, f) in &found {
            self.states(&[f], &regions[about].1);
            self.witness(f, &regions[about].1);
        }
    }
}

/// All is asked piece by piece, of a SAT solver.
const APART: Limits = Limits { outcomes: 0, piece: 0, ..LIMIT };

/// One law and an amendment of it. Gives whether they differ.
fn counted(seed: u64) -> bool {
    let mut c = Choices::seeded(seed ^ 5 << 32);
    let (law, grid) = small(&mut c, &SETTLED, 1, MOST);
    let old = load(&law, seed);
    let (amended, new) = pair(&mut c, &law);
    let context = format!("seed {seed}\n{}\n----- now\n{}", law.text(), amended.text());
    let whole = versions(old.world(), new.world(), LIMIT);
    assert!(whole.resolved, "{:?}\n{context}", whole.not_compared);
    let mut differs = false;
    for day in SPANS {
        let date = parse_date(day).unwrap();
        if !old.world().policies[0].known.contains(date) {
            continue;
        }
        let counted = Day::new([&old, &new], &grid, day, &context);
        differs |= counted.differs();
        let diff = versions_on((old.world(), date), (new.world(), date), LIMIT);
        counted.check(&diff);
        // Over all days the same is found on this one.
        let on = |f: &&Finding| {
            let day = |d: &Option<String>| d.as_deref().and_then(parse_date);
            f.days.iter().any(|d| day(&d.from).is_none_or(|x| x <= date) && day(&d.to).is_none_or(|x| x >= date))
        };
        let bare = |f: &Finding| format!("{:?}", Finding { days: Vec::new(), witness: None, ..f.clone() });
        let mine: BTreeSet<String> = diff.findings.iter().map(bare).collect();
        let theirs: BTreeSet<String> = whole.findings.iter().filter(on).map(bare).collect();
        assert_eq!(mine, theirs, "{context}");
        // And so it is where nothing may be put together, as under law that is too large for that.
        let apart = versions_on((old.world(), date), (new.world(), date), APART);
        counted.check(&apart);
        assert_eq!(mine, apart.findings.iter().map(bare).collect(), "{context}");
    }
    assert_eq!(whole.same, !differs, "{whole:#?}\n{context}");
    match same(old.world(), new.world(), &[]) {
        Same::Yes => assert!(!differs, "said to be the same\n{context}"),
        // A rule that says nothing may stand or not; where no decision shows that it does, nothing is said.
        Same::No(_) => {}
        Same::NotShown => assert!(!differs, "not shown\n{context}"),
    }
    differs
}

#[test]
fn what_an_amendment_changes_is_what_enumeration_finds() {
    let (first, laws) = (wanted("ORACLE_SEED", 0), wanted("ORACLE_CASES", 2_000).div_ceil(80));
    let mut differ = 0;
    in_parallel(first..first + laws, counted, |d| differ += u64::from(d));
    assert!(laws < 10 || differ * 4 >= laws && differ < laws, "{differ} of {laws} amendments change something");
}

/// One law on two days: every change of outcome is found, and no other. Gives how many pairs of days were compared, and
/// how many of them differ.
fn two_days(seed: u64) -> (usize, usize) {
    let mut c = Choices::seeded(seed ^ 7 << 32);
    let (law, grid) = small(&mut c, &SETTLED, 1, MOST);
    let policy = load(&law, seed);
    let (world, plain) = (policy.world(), policy.plain_evaluator());
    let known: Vec<&str> =
        SPANS.iter().copied().filter(|d| world.policies[0].known.contains(parse_date(d).unwrap())).collect();
    // For each day, what a decision says of each row that breaks no constraint: its outcome, and what else it names.
    let said = |day: &str| -> Vec<Option<(Outcome, Things)>> {
        let decide = |row: &Row| {
            let case = policy.read("case", &grid.case(day, row).to_string(), &Overlay::default()).unwrap();
            let decision = plain.decide(&case, &Options::default()).ok()?;
            Some((decision.policies[0].outcome.0.unwrap(), things(&decision.policies[0])))
        };
        grid.all().iter().map(decide).collect()
    };
    let all: Vec<_> = known.iter().map(|d| said(d)).collect();
    let (mut compared, mut differ) = (0, 0);
    for (i, j) in (1..known.len()).map(|j| (j - 1, j)).chain([(0, known.len().saturating_sub(1))]) {
        let diff = days(world, parse_date(known[i]).unwrap(), parse_date(known[j]).unwrap());
        let context = || format!("seed {seed}, {} and {}\n{diff:#?}\n{}", known[i], known[j], law.text());
        let both = all[i].iter().zip(&all[j]).filter_map(|(was, is)| was.as_ref().zip(is.as_ref()));
        let otherwise = both.clone().any(|(was, is)| was != is);
        let changed = both.filter(|(was, is)| was.0 != is.0);
        let wanted: BTreeSet<(Outcome, Outcome)> = changed.map(|(was, is)| (was.0, is.0)).collect();
        assert!(!diff.same || !otherwise, "said to be the same\n{}", context());
        if !diff.resolved {
            assert!(diff.not_compared.iter().all(|w| w.contains("compares the date")), "{}", context());
            continue;
        }
        let outcomes = diff.findings.iter().filter(|f| f.group != Group::Grounds);
        assert_eq!(outcomes.map(|f| (f.from, f.to)).collect::<BTreeSet<_>>(), wanted, "{}", context());
        // What a constraint rules out on one of the days only is said beside.
        assert_eq!(diff.findings.is_empty(), !otherwise, "{}", context());
        compared += 1;
        differ += usize::from(!wanted.is_empty());
    }
    (compared, differ)
}

#[test]
fn what_changes_from_one_day_to_another_is_what_enumeration_finds() {
    let (first, laws) = (wanted("ORACLE_SEED", 0), wanted("ORACLE_CASES", 2_000).div_ceil(50));
    let mut all = (0, 0);
    in_parallel(first..first + laws, two_days, |(compared, differ)| {
        all = (all.0 + compared, all.1 + differ);
    });
    assert!(laws < 10 || all.1 * 10 >= all.0 && all.1 * 2 > laws as usize, "{all:?} of {laws} laws");
}
