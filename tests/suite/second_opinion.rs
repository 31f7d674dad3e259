//! A SAT solver as second opinion on the engine: what can be, what must be, what two versions of a law decide alike.
//!
//! `common::sat` reads the checked law into clauses of its own. For each code that the law tells from others, the solver
//! says which outcomes are possible, which rules may and which must stand, and whether an amendment differs; the engine
//! must say the same. `ORACLE_CASES` and `ORACLE_SEED` are those of the judge.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::analyze::diff::{LIMIT, versions_on};
use portcullis::analyze::warn::{self, Finding, NotAnalysed, warnings};
use portcullis::consignment::Overlay;
use portcullis::model::date::parse_date;
use portcullis::model::{Date, FactId, Level, PolicyId, RuleId, RuleKind, Scheme, Type, Value, World};
use portcullis::{LawFile, Options, Outcome, Policy, embedded};
use serde_json::{Map, json};

use crate::common::choices::Choices;
use crate::common::facts::SPANS;
use crate::common::law::{Law, SETTLED, Scale, law};
use crate::common::read::Answers;
use crate::common::sat::{Reading, Sat};
use crate::counted::pair;
use crate::judge::{in_parallel, load, wanted};
use crate::warn::with_duties;

/// Law of more facts than can be counted out.
const WIDE: Scale = Scale { facts: (3, 9), rules: (3, 7), ..SETTLED };

/// All constructs but sets of countries, and the date compared with facts.
const WHOLE: Scale = Scale { facts: (3, 7), without: &["transit", "made"], rules: (2, 5), settled: false, ..SETTLED };

const FIRST: PolicyId = PolicyId(0);

fn seeds(each: u64) -> std::ops::Range<u64> {
    let first = wanted("ORACLE_SEED", 0);
    first..first + wanted("ORACLE_CASES", 2_000).div_ceil(each)
}

/// The facts that hold the codes of goods, and random codes that the law tells from others.
fn coded(c: &mut Choices<'_>, world: &World, sat: &mut Sat<'_>) -> Vec<BTreeMap<FactId, Value>> {
    let all = (0..world.facts.len() as u32).map(FactId);
    let facts: Vec<FactId> = all.filter(|f| matches!(world.fact(*f).ty.element(), Type::Code(_))).collect();
    let one = |c: &mut Choices<'_>, sat: &mut Sat<'_>| {
        let value = |f: &FactId| {
            let all: Vec<Value> = sat.values(*f).into_iter().map(|(v, _)| v).collect();
            let named = |v: &&Value| matches!(v, Value::Code(code) if !code.is_empty());
            let named: Vec<Value> = all.iter().filter(named).cloned().collect();
            let value = match &world.fact(*f).ty {
                Type::Set(_) => Value::Set(named.into_iter().filter(|_| c.coin()).collect()),
                _ => c.of(&all).clone(),
            };
            (*f, value)
        };
        facts.iter().map(value).collect::<BTreeMap<_, _>>()
    };
    let count = if facts.is_empty() { 1 } else { 6 };
    (0..count).map(|_| one(c, sat)).collect()
}

/// A code as a consignment states it in full, which for a tariff code is ten digits and for one under no heading another.
fn written(world: &World, fact: FactId, code: &str, named: &[Value]) -> String {
    match world.fact(fact).ty.element() {
        Type::Code(Scheme::Tariff) => {
            // Digits after the heading under which no other heading of the law lies.
            let fits = |whole: &String| {
                named.iter().all(|n| !matches!(n, Value::Code(n) if n.len() > code.len() && whole.starts_with(&**n)))
            };
            let chapters = (1..=97).map(|n| format!("{n:02}"));
            let heads: Vec<String> = if code.is_empty() { chapters.collect() } else { vec![code.to_owned()] };
            let whole = heads.into_iter().flat_map(|h| ["9", "0", "5"].map(|d| format!("{h:d<10}").replace('d', d)));
            let whole: Vec<String> = whole.collect();
            whole.into_iter().find(fits).unwrap_or_else(|| panic!("{code} is all named"))
        }
        Type::Code(Scheme::Eccn) if code.is_empty() => "EAR99".to_owned(),
        // A paragraph that the law does not name.
        Type::Code(Scheme::Eccn) => format!("{code}.z"),
        _ => code.to_owned(),
    }
}

/// What the engine says of goods of which only the codes are known, against what the solver does.
fn consignment<'p>(
    policy: &'p Policy,
    day: Date,
    codes: &BTreeMap<FactId, Value>,
    sat: &mut Sat<'p>,
    context: &str,
) -> bool {
    let world = policy.world();
    let mut goods = Map::new();
    for (fact, value) in codes {
        let name = world.fact(*fact).name.trim_start_matches("goods.").to_owned();
        let named: Vec<Value> = sat.values(*fact).into_iter().map(|(v, _)| v).collect();
        let text = |v: &Value| match v {
            Value::Code(code) => json!(written(world, *fact, code, &named)),
            other => panic!("{other:?}"),
        };
        let value = match value {
            Value::Set(all) => all.iter().map(text).collect(),
            one => text(one),
        };
        goods.insert(name, value);
    }
    let case = json!({ "date": day.to_string(), "goods": goods });
    let context = format!("{case}\n{context}");
    let mut known: Vec<_> = codes.iter().flat_map(|(f, v)| sat.is(*f, v)).collect();
    let mut law = Reading::new(sat, world, true);
    known.push(law.allowed());
    let (outcomes, applies) = (law.outcomes(FIRST), law.policy_applies(FIRST));
    let decided =
        policy.decide_with(&policy.evaluator(), "case", &case.to_string(), &Overlay::default(), &Options::default());
    let possible = law.sat.possible(&known);
    assert_eq!(decided.is_ok(), possible, "possible at all\n{context}");
    let Ok(decision) = decided else { return false };
    let p = &decision.policies[0];
    assert!(decision.resolved, "{context}");
    let with = |law: &mut Reading<'_, '_>, lit| law.sat.possible(&[&known[..], &[lit]].concat());
    let all: Vec<(Outcome, _)> = Outcome::ALL.into_iter().zip(outcomes).collect();
    let may: BTreeSet<Outcome> = all.into_iter().filter(|(_, lit)| with(&mut law, *lit)).map(|(o, _)| o).collect();
    let said: BTreeSet<Outcome> = p.outcome.0.into_iter().chain(p.possible.outcomes.iter().copied()).collect();
    assert_eq!(said, may, "outcomes\n{context}");
    if may == BTreeSet::from([Outcome::NotApplicable]) {
        return true;
    }
    // Each rule has a duty of its own.
    for (id, rule) in world.rules_of(FIRST).filter(|(_, r)| r.kind != RuleKind::Bar && r.in_force.on(day)) {
        let stands = law.stands(id);
        let stands = law.sat.all(&[stands, applies]);
        let (may, must) = (with(&mut law, stands), !with(&mut law, !stands));
        let duty = format!("of {}", rule.name);
        let certain = p.duties.iter().any(|d| d.duty == duty);
        let open = p.possible.duties.iter().any(|d| d.name == duty);
        assert_eq!((certain || open, certain), (may, must), "may and must stand: {}\n{context}", rule.name);
    }
    for (name, held) in law.entries(FIRST) {
        let (may, must) = (with(&mut law, held), !with(&mut law, !held));
        let certain = p.categories.contains(&name);
        let open = p.possible.categories.iter().any(|w| w.name == name);
        assert_eq!((certain || open, certain), (may, must), "may and must be in: {name}\n{context}");
    }
    true
}

#[test]
fn outcomes_rules_and_entries_of_goods_by_their_code_are_those_of_a_solver() {
    let one = |seed: u64| {
        let mut c = Choices::seeded(seed ^ 8 << 32);
        let law: Law = with_duties(&law(&mut c, &WIDE));
        let policy = load(&law, seed);
        let context = format!("seed {seed}\n{}", law.text());
        let mut done = 0;
        for day in ["2023-12-31", "2026-03-02"] {
            let day = parse_date(day).unwrap();
            let mut sat = Sat::new(&[policy.world()], day);
            for codes in coded(&mut c, policy.world(), &mut sat) {
                done += u64::from(consignment(&policy, day, &codes, &mut sat, &context));
            }
        }
        done
    };
    let (mut laws, mut done) = (0, 0);
    in_parallel(seeds(50), one, |n| (laws, done) = (laws + 1, done + n));
    assert!(done >= laws, "{done} of {laws} laws");
}

#[test]
fn rules_that_can_never_apply_or_stand_are_those_of_a_solver() {
    let one = |seed: u64| {
        let mut c = Choices::seeded(seed ^ 9 << 32);
        let law = law(&mut c, &WHOLE);
        let policy = load(&law, seed);
        let (world, context) = (policy.world(), format!("seed {seed}\n{}", law.text()));
        let (mut applies, mut stands) = (BTreeSet::new(), BTreeSet::new());
        for day in SPANS.iter().filter_map(|d| parse_date(d)).filter(|d| world.policies[0].known.contains(*d)) {
            let mut sat = Sat::new(&[world], day);
            let mut law = Reading::new(&mut sat, world, true);
            let known = [law.allowed(), law.policy_applies(FIRST)];
            for (id, _) in world.rules_of(FIRST) {
                for (lit, found) in [(law.applies(id), &mut applies), (law.stands(id), &mut stands)] {
                    if law.sat.possible(&[&known[..], &[lit]].concat()) {
                        found.insert(id);
                    }
                }
            }
        }
        let (mut never, mut defeated, mut not_shown) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for finding in warnings(world, warn::LIMIT).findings {
            match finding {
                Finding::NeverApplies { rule, .. } => drop(never.insert(rule)),
                Finding::AlwaysDefeated { rule, .. } => drop(defeated.insert(rule)),
                // Always defeated, and no consignment was found to show for it.
                Finding::NotAnalysed { what, why: NotAnalysed::NotShown, .. } if what.starts_with("whether rule") => {
                    not_shown.extend(what.split('`').nth(1).map(str::to_owned));
                }
                Finding::NotAnalysed { what, why, .. } => panic!("{what}: {why:?}\n{context}"),
                _ => {}
            }
        }
        let names = |all: &BTreeSet<RuleId>| all.iter().map(|r| world.rule(*r).name.clone()).collect::<Vec<_>>();
        let all: BTreeSet<RuleId> = world.rules_of(FIRST).map(|(id, _)| id).collect();
        assert_eq!(names(&never), names(&(&all - &applies)), "never apply\n{context}");
        let counted: Vec<RuleId> = (&applies - &stands).into_iter().collect();
        let named = |r: &&RuleId| !not_shown.contains(&world.rule(**r).name);
        let shown: BTreeSet<RuleId> = counted.iter().filter(named).copied().collect();
        assert_eq!(names(&defeated), names(&shown), "always defeated\n{context}");
        let all: Vec<String> = names(&counted.into_iter().collect());
        assert!(not_shown.iter().all(|n| all.contains(n)), "always defeated: {not_shown:?}\n{context}");
        [never.len(), defeated.len(), not_shown.len()]
    };
    let mut found = [0; 3];
    in_parallel(seeds(80), one, |of| (0..3).for_each(|i| found[i] += of[i]));
    let [never, defeated, not_shown] = found;
    assert!(never > 0 && defeated > 10 * not_shown, "never apply, always defeated, not shown: {found:?}");
}

#[test]
fn amendments_that_change_something_are_those_of_a_solver() {
    let one = |seed: u64| {
        let mut c = Choices::seeded(seed ^ 10 << 32);
        let law = law(&mut c, &WIDE);
        let old = load(&law, seed);
        let (amended, new) = pair(&mut c, &law);
        let context = format!("seed {seed}\n{}\n----- now\n{}", law.text(), amended.text());
        let mut differs = false;
        for day in SPANS.iter().filter_map(|d| parse_date(d)).filter(|d| old.world().policies[0].known.contains(*d)) {
            let mut sat = Sat::new(&[old.world(), new.world()], day);
            let mut read = |world| {
                let mut law = Reading::new(&mut sat, world, true);
                (law.allowed(), law.outcomes(FIRST), law.things(FIRST))
            };
            let ((allowed, was, mut said), (_, is, now)) = (read(old.world()), read(new.world()));
            let no = sat.all(&[allowed, !allowed]);
            let mut differ: Vec<_> = was.iter().zip(&is).map(|(a, b)| sat.differ(*a, *b)).collect();
            for (what, b) in now {
                let a = said.remove(&what).unwrap_or(no);
                differ.push(sat.differ(a, b));
            }
            differ.extend(said.into_values());
            let differ = sat.any(&differ);
            // Code by code; what differs must differ for some.
            let codes = (0..old.world().facts.len() as u32).map(FactId);
            let code = codes.clone().find(|f| old.world().fact(*f).ty == Type::Code(Scheme::Tariff));
            let classes = code.map_or_else(Vec::new, |f| sat.values(f));
            let by_code: Vec<bool> = classes.iter().map(|(_, is)| sat.possible(&[allowed, differ, *is])).collect();
            let any = sat.possible(&[allowed, differ]);
            assert!(classes.is_empty() || any == by_code.contains(&true), "{day}\n{context}");
            let diff = versions_on((old.world(), day), (new.world(), day), LIMIT);
            assert!(diff.resolved, "{:?}\n{context}", diff.not_compared);
            assert_eq!(diff.same, !any, "{day}\n{diff:#?}\n{context}");
            differs |= any;
        }
        differs
    };
    let (mut laws, mut differ) = (0, 0);
    in_parallel(seeds(80), one, |d| (laws, differ) = (laws + 1, differ + u64::from(d)));
    assert!(laws < 10 || differ * 4 >= laws && differ < laws, "{differ} of {laws} amendments change something");
}

/// The law of the Union: of goods of which only the code is known, besides what is presumed, the outcomes that are
/// possible and the entries that may or must hold them.
#[test]
fn outcomes_and_entries_under_the_law_of_the_union_are_those_of_a_solver() {
    let needed = |f: &LawFile| ["trade.gate", "alliance/", "eu/"].iter().any(|p| f.path.starts_with(p));
    let policy = Policy::load(embedded::files().into_iter().filter(needed)).unwrap();
    let world = policy.world();
    let fact = |name: &str| world.fact_named(name).unwrap_or_else(|| panic!("{name}"));
    let day = parse_date("2026-03-02").unwrap();
    let mut sat = Sat::new(&[world], day);
    let codes: Vec<FactId> = (0..world.facts.len() as u32)
        .map(FactId)
        .filter(|f| matches!(world.fact(*f).ty.element(), Type::Code(_)) && world.fact(*f).level == Level::Goods)
        .collect();
    let code = fact("goods.code");
    for text in ["7326909890", "8543709000", "9206000000", "9401800000", "2933540000", "0101210000"] {
        let mut goods = Map::from_iter([("code".to_owned(), json!(text))]);
        let mut known = Vec::new();
        // The class of the code: the longest heading of the law under which it lies.
        let classes = sat.values(code);
        let under = |v: &Value| matches!(v, Value::Code(h) if text.starts_with(&**h));
        let longest = classes.iter().filter(|(v, _)| under(v)).max_by_key(|(v, _)| match v {
            Value::Code(h) => h.len(),
            _ => 0,
        });
        known.push(longest.unwrap().1);
        for other in codes.iter().filter(|f| **f != code) {
            assert!(matches!(world.fact(*other).ty, Type::Set(_)), "{}", world.fact(*other).name);
            goods.insert(world.fact(*other).name.trim_start_matches("goods.").to_owned(), json!([]));
            known.extend(sat.is(*other, &Value::Set(BTreeSet::new())));
        }
        let mut law = Reading::new(&mut sat, world, false);
        known.push(law.allowed());
        for (i, f) in world.facts.iter().enumerate().filter(|(_, f)| f.level != Level::Licence) {
            known.extend(f.presumed.iter().flat_map(|p| law.sat.is(FactId(i as u32), &p.value)));
        }
        let case = json!({ "date": day.to_string(), "goods": goods });
        let decision = policy.decide(&case.to_string()).unwrap();
        assert!(decision.resolved, "{case}");
        let p = &decision.policies[0];
        let with = |law: &mut Reading<'_, '_>, lit| law.sat.possible(&[&known[..], &[lit]].concat());
        let outcomes: Vec<(Outcome, _)> = Outcome::ALL.into_iter().zip(law.outcomes(FIRST)).collect();
        let may: BTreeSet<Outcome> = outcomes.into_iter().filter(|(_, l)| with(&mut law, *l)).map(|(o, _)| o).collect();
        let said: BTreeSet<Outcome> = p.outcome.0.into_iter().chain(p.possible.outcomes.iter().copied()).collect();
        assert_eq!(said, may, "{case}");
        for (name, held) in law.entries(FIRST) {
            let (may, must) = (with(&mut law, held), !with(&mut law, !held));
            let certain = p.categories.contains(&name);
            let open = p.possible.categories.iter().any(|w| w.name == name);
            assert_eq!((certain || open, certain), (may, must), "{name}: {case}");
        }
    }
}
