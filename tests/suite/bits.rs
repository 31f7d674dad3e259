//! Whole decisions by bits: what they say is what the interpreter says, and they say it of what is fully described.

use portcullis::consignment::Overlay;
use portcullis::engine::bits::Bits;
use portcullis::model::PolicyId;
use portcullis::{LawFile, Options, Policy, embedded};

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
