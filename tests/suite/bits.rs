//! Whole decisions by bits: what they say is what the interpreter says, and they say it of what is fully described.

use portcullis::consignment::Overlay;
use portcullis::engine::bits::Bits;
use portcullis::eval::verdict::Verdict;
use portcullis::model::{Case, PolicyId};
use portcullis::{LawFile, Options, Outcome, Policy, embedded};

use crate::benches::support::columns::Columns;
use crate::common::cases::case;
use crate::common::choices::Choices;
use crate::common::law::{FULL, law};
use crate::judge::{in_parallel, load, wanted};
use crate::support::{project, read};

/// The examples of the project, each with its text.
fn examples() -> Vec<(String, String)> {
    let folder = std::fs::read_dir(project("examples/consignments")).unwrap();
    let mut names: Vec<String> = folder.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names.into_iter().map(|n| (n.clone(), read(&format!("examples/consignments/{n}")))).collect()
}

#[test]
fn what_is_settled_by_bits_is_what_the_interpreter_decides() {
    let needed = |f: &LawFile| ["trade.gate", "alliance/", "eu/"].iter().any(|p| f.path.starts_with(p));
    let law = Policy::load(embedded::files().into_iter().filter(needed)).unwrap();
    let (world, plain) = (law.world(), law.plain_evaluator());
    let bits = Bits::new(world);
    let mut clerk = bits.clerk();
    let mut settled = Vec::new();
    for (name, text) in examples() {
        let case = law.read(&name, &text, &Overlay::default()).unwrap();
        let Some(verdict) = clerk.decide(&plain, &case, &[PolicyId(0)]) else { continue };
        let decision = plain.decide(&case, &Options::default()).unwrap();
        let (part, said) = (&verdict.parts[0], &decision.policies[0]);
        assert_eq!((Some(part.outcome), part.may_proceed), (said.outcome.0, said.may_proceed), "{name}");
        let entries: Vec<&str> = part.entries.iter().map(|c| world.category(*c).name.as_str()).collect();
        assert_eq!(entries, said.categories, "{name}");
        let rules: Vec<&str> = part.decided_by(world).map(|r| world.rule(r).name.as_str()).collect();
        assert_eq!(rules, said.decided_by.iter().map(|r| r.rule.as_str()).collect::<Vec<_>>(), "{name}");
        let rule = |r: &portcullis::model::RuleId| world.rule(*r).name.as_str();
        let defeated: Vec<(&str, &str)> = part.defeated.iter().map(|(r, by)| (rule(r), rule(by))).collect();
        let named: Vec<(&str, &str)> = said.defeated.iter().map(|d| (d.rule.as_str(), d.by.as_str())).collect();
        assert_eq!(defeated, named, "{name}");
        let presumed: Vec<&str> = part.presumed.iter().map(|f| world.fact(*f).name.as_str()).collect();
        assert_eq!(presumed, said.presumed.iter().map(|p| p.fact.as_str()).collect::<Vec<_>>(), "{name}");
        settled.push(name);
    }
    // Nothing that is left unsaid in these bears on any rule or entry: the goods are fully described and meet none.
    for name in ["gang-chain-last-day-of-the-old-lists.json", "hyperbaric-chamber.json", "ordinary-handcuffs.json"] {
        assert!(settled.iter().any(|s| s == name), "{name} is not settled: {settled:?}");
    }
}

/// How many of some consignments were settled: by a clerk who met nothing before, from classes, and as columns.
#[derive(Default)]
struct Settled {
    cold: usize,
    classed: usize,
    columns: usize,
}

/// Decides consignments under one law in every way there is. What a clerk who met nothing before says is the measure.
fn ways(seed: u64) -> Settled {
    let mut c = Choices::seeded(seed);
    let law = law(&mut c, &FULL);
    let policy = load(&law, seed);
    let (world, plain) = (policy.world(), policy.plain_evaluator());
    let policies: Vec<PolicyId> = (0..world.policies.len() as u32).map(PolicyId).collect();
    let bits = Bits::new(world);
    let mut warm = bits.clerk();
    let mut settled = Settled::default();
    let cases: Vec<Case> = (0..120)
        .map(|n| {
            let json = case(&mut c, &law, if n % 3 == 0 { 2 } else { 0 }, 5).to_string();
            policy.read("case", &json, &Overlay::default()).unwrap_or_else(|r| panic!("seed {seed}: {r}\n{json}"))
        })
        .collect();
    let cold: Vec<Option<Verdict>> = cases.iter().map(|c| bits.clerk().decide(&plain, c, &policies)).collect();
    settled.cold = cold.iter().flatten().count();
    for round in ["the first time", "once met"] {
        for (case, cold) in cases.iter().zip(&cold) {
            let found = warm.decide(&plain, case, &policies);
            assert_eq!(found, *cold, "seed {seed}, {round}: {case:?}\n{}", law.text());
        }
    }
    for (case, cold) in cases.iter().zip(&cold) {
        let mut found = Verdict::default();
        let Some(classed) = warm.classify(case) else { continue };
        let said = warm.verdict_into(&classed, &policies, &mut found).map(|()| found);
        assert_eq!(said, *cold, "seed {seed}, from classes: {case:?}\n{}", law.text());
        settled.classed += usize::from(said.is_some());
        // Classes mean nothing to another.
        assert_eq!(bits.clerk().verdict_into(&classed, &policies, &mut Verdict::default()), None);
    }
    let alone = cases.iter().zip(&cold).filter(|(c, _)| c.items.len() == 1 && c.licences.is_empty());
    let (alone, cold): (Vec<Case>, Vec<&Option<Verdict>>) = alone.map(|(c, v)| (c.clone(), v)).unzip();
    // All at once, and few at a time: then much is the same in all rows, or said in none.
    for mut clerk in [warm, bits.clerk()] {
        for size in [alone.len().max(1), 3, 1] {
            for (alone, cold) in alone.chunks(size).zip(cold.chunks(size)) {
                let columns = Columns::new(alone, world);
                let mut found = Vec::new();
                clerk.batch(&columns.table(), &policies, &mut found);
                assert_eq!(found.len(), alone.len());
                for ((case, cold), found) in alone.iter().zip(cold).zip(found) {
                    // What is left open here is decided as a consignment.
                    let Some(parts) = clerk.parts(found) else { continue };
                    let said = cold.as_ref().map(|v| &v.parts[..]);
                    assert_eq!(Some(parts), said, "seed {seed}, as columns: {case:?}\n{}", law.text());
                    settled.columns += 1;
                    // What was found means nothing to another.
                    assert_eq!(bits.clerk().parts(found), None);
                }
            }
        }
    }
    settled
}

#[test]
fn all_ways_through_the_bits_say_the_same() {
    let (first, laws) = (wanted("ORACLE_SEED", 0), wanted("ORACLE_CASES", 2_000).div_ceil(200).max(1));
    let mut all = Settled::default();
    in_parallel(first..first + laws, ways, |one| {
        all.cold += one.cold;
        all.classed += one.classed;
        all.columns += one.columns;
    });
    let laws = laws as usize;
    assert!(all.cold > 20 * laws && all.classed > 15 * laws && all.columns > 45 * laws, "too few are settled");
}

/// A law in which what is not told of goods follows from their kind.
const KINDS: &str = r#"
fact date: date
fact kind: one of { knife, rope, spray, drug }
fact agent: one of { none, tear_gas, pepper }
fact strength: number
fact exempt: yes/no, presumed no
fact expected: yes/no, presumed no because "a toy"
constraint agents "Only sprays have an agent" { always agent is none or kind is spray }
constraint expectation "What is expected is a drug" { always not expected or kind is drug }
policy toy "Toy" {
  source "none"
  applies when not (agent in {tear_gas, pepper} and strength > 1) and not exempt
  known from 2000-01-01 to 2100-01-01
  otherwise permit
}
licence toy_licence "Licence" { document "T1" }
rule sharp "Knives" { cite "1"  when kind is knife  then require toy_licence }
rule gas "Tear gas" { cite "2"  when agent is tear_gas  then prohibit }
rule awaited "What is expected" { cite "3"  when expected  then prohibit }
"#;

#[test]
fn what_constraints_leave_settles_what_the_law_asks_of_it() {
    let policy = Policy::load([LawFile { path: "toy.gate".into(), bytes: KINDS.into() }]).unwrap();
    let (world, plain) = (policy.world(), policy.plain_evaluator());
    let bits = Bits::new(world);
    let mut clerk = bits.clerk();
    let mut said = |facts: &str| {
        let text = format!(r#"{{"date": "2026-01-01", {facts}}}"#);
        let case = policy.read("case", &text, &Overlay::default()).unwrap();
        let decision = plain.decide(&case, &Options::default()).unwrap();
        let of = &decision.policies[0];
        let verdict = clerk.decide(&plain, &case, &[PolicyId(0)]);
        if let Some(verdict) = &verdict {
            let part = &verdict.parts[0];
            assert_eq!((Some(part.outcome), part.may_proceed), (of.outcome.0, of.may_proceed), "{facts}");
            let presumed: Vec<&str> = part.presumed.iter().map(|f| world.fact(*f).name.as_str()).collect();
            assert_eq!(presumed, of.presumed.iter().map(|p| p.fact.as_str()).collect::<Vec<_>>(), "{facts}");
        }
        verdict.map(|v| (v.parts[0].outcome, v.parts[0].presumed.len()))
    };
    // A knife has no agent, whatever its strength. Were it exempt, the policy would not apply; expected it cannot be.
    assert_eq!(said(r#""kind": "knife""#), Some((Outcome::LicenceRequired, 1)));
    // Of a spray the agent is open, and with it whether the policy applies.
    assert_eq!(said(r#""kind": "spray""#), None);
    assert_eq!(said(r#""kind": "spray", "agent": "none""#), Some((Outcome::Permitted, 1)));
    // Pepper says that it is a spray, and so that it is not expected.
    assert_eq!(said(r#""agent": "pepper", "strength": 1"#), Some((Outcome::Permitted, 1)));
    // A drug may be expected, so that it is not is leant on too.
    assert_eq!(said(r#""kind": "drug""#), Some((Outcome::Permitted, 2)));
    // Without a kind, nothing follows.
    assert_eq!(said(r#""strength": 3"#), None);
}
