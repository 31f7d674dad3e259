//! What `check` warns of: planted mistakes are found, and on small policies each finding is what enumeration says.

use std::collections::BTreeSet;

use portcullis::Policy;
use portcullis::analyze::warn::{Finding, LIMIT, diagnostic, warnings};
use portcullis::diagnostic::Code;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::oracle::{FLAGS, KINDS, consignment, policy_text};
use crate::support::{law, load};

const HEAD: &str = "fact date: date\nfact activity: one of { export, transit }\nfact k: one of { x, y, z }\nfact a: yes/no\n\
    fact n: count\nfact here: yes/no\npolicy p \"P\" { source \"S\" applies when here known from 2020-01-01 to 2026-07-31 otherwise permit }\n";

/// The findings of a law, the facts of which are shared: each code with the name that stands first in its message.
fn found(body: &str, limit: u32) -> Vec<(Code, String)> {
    let (trade, own) = HEAD.split_once("policy p").unwrap();
    let text = format!("use trade\npolicy p{own}{body}");
    let policy = load(vec![law("trade.gate", trade), law("p/law.gate", &text)]).unwrap_or_else(|r| panic!("{r}"));
    let found = warnings(policy.world(), limit);
    let of = |f: &Finding| {
        let message = diagnostic(policy.world(), f);
        (message.code, message.message.split('`').nth(1).unwrap_or_default().to_owned())
    };
    found.findings.iter().map(of).collect()
}

const BAN: &str = "rule ban \"B\" { cite \"1\" when k is x then prohibit }\n";

#[test]
fn planted_mistakes_are_found_and_nothing_else_is() {
    let rule = |when: &str| format!("rule r \"R\" {{ cite \"2\" when {when} then prohibit }}\n");
    let is = |code: Code, name: &str| vec![(code, name.to_owned())];
    let cases: Vec<(String, Vec<(Code, String)>)> = vec![
        (rule("k is x and a"), vec![]),
        (rule("k is x and k is y"), is(Code::RuleNeverApplies, "r")),
        (rule("k is x and n < 2") + "constraint c \"C\" { always not (k is x and n < 5) }\n", is(Code::RuleNeverApplies, "r")),
        ("rule r \"R\" { cite \"2\" when k is y then prohibit in force to 2019-12-31 }\n".into(), is(Code::RuleNeverApplies, "r")),
        ("exception e \"E\" to ban { cite \"2\" when k is y then permit }\n".into(), is(Code::RuleNeverApplies, "e")),
        ("exception e \"E\" to ban { cite \"2\" when k in {x, y} then permit }\n".into(), is(Code::RuleAlwaysDefeated, "ban")),
        ("exception e \"E\" to ban { cite \"2\" when k is x and a then permit }\n".into(), vec![]),
        // What an exception defeats counts again where a bar defeats the exception.
        (
            "exception e \"E\" to ban { cite \"2\" when k is x then permit }\nbar b \"B\" to e { cite \"3\" when a }\n".into(),
            vec![],
        ),
        (rule("k is x and (a or not a)"), vec![(Code::ConstantCondition, "rule ".into())]),
        (rule("k is x or a and not a"), vec![(Code::ConstantCondition, "rule ".into())]),
        (rule("k is y and date >= 2019-06-01"), vec![(Code::ConstantCondition, "rule ".into())]),
        (rule("k is y and date >= 2021-06-01"), vec![]),
        ("fact idle: yes/no\n".into(), is(Code::FactWithoutEffect, "idle")),
        ("fact idle: yes/no note \"N\"\n".into(), vec![]),
        ("fact idle: yes/no\n".to_owned() + &rule("k is y and not idle"), vec![]),
        ("category list \"L\" { when k is y }\n".into(), is(Code::EntryUnused, "list")),
        (
            "category list \"L\" { category 1 \"A\" { when k is y } category 2 \"B\" { when k is z } }\n".to_owned()
                + &rule("goods in list.1"),
            is(Code::EntryUnused, "list.2"),
        ),
        (
            "category g \"L\" { when k is y in force to 2022-03-30 }\ncategory g \"L\" { when k is z in force from 2022-04-01 }\n"
                .to_owned()
                + &rule("goods in g"),
            is(Code::VersionGap, "entry "),
        ),
        (
            "category g \"L\" { when k is y in force to 2022-03-31 }\ncategory g \"L\" { when k is z in force from 2022-04-01 }\n"
                .to_owned()
                + &rule("goods in g"),
            vec![],
        ),
        (
            "category g \"L\" { when k is y and n < 3 }\ncategory h \"L\" { when k is y and n > 1 }\n".to_owned()
                + &rule("goods in g")
                + "rule s \"S\" { cite \"3\" when goods in h then permit }\n",
            is(Code::ClashingEntries, "g"),
        ),
        (
            "category g \"L\" { when k is y and n < 2 }\ncategory h \"L\" { when k is y and n > 1 }\n".to_owned()
                + &rule("goods in g")
                + "rule s \"S\" { cite \"3\" when goods in h then permit }\n",
            vec![],
        ),
        (
            "category g \"L\" { category 1 \"A\" { when k is y } category 2 \"B\" { when k is z } }\n".to_owned()
                + &rule("goods in g and activity is export")
                + "rule s \"S\" { cite \"3\" when goods in g.1 and activity is transit then prohibit }\n",
            is(Code::EntryUnmet, "g"),
        ),
        ("fact f: yes/no, presumed yes unless a\n".to_owned() + &rule("k is y and a and f"), is(Code::PresumptionWithoutEffect, "f")),
        ("fact f: yes/no, presumed yes unless a\n".to_owned() + &rule("k is y and f"), vec![]),
    ];
    for (body, expected) in cases {
        let text = format!("{BAN}{body}");
        let mut got = found(&text, LIMIT);
        if expected.first().is_some_and(|(code, name)| {
            matches!(code, Code::ConstantCondition | Code::VersionGap) && name.ends_with(' ')
        }) {
            got.iter_mut().for_each(|(_, name)| *name = expected[0].1.clone());
        }
        assert_eq!(got, expected, "{text}");
    }
}

#[test]
fn what_is_too_large_is_named_and_nothing_is_claimed_of_it() {
    let body = format!("{BAN}rule r \"R\" {{ cite \"2\" when k is x and k is y and n > 3 and a then prohibit }}\n");
    let got = found(&body, 1);
    assert!(!got.is_empty() && got.iter().all(|(code, _)| *code == Code::NotAnalysed), "{got:?}");
}

/// The rules that apply, and those that stand, over all consignments one by one. Each rule asks for a duty of its own, so
/// that a decision names every rule that stands.
fn enumerated(policy: &Policy) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut applies, mut stands) = (BTreeSet::new(), BTreeSet::new());
    for bits in 0..1usize << FLAGS.len() {
        for k in 0..KINDS.len() {
            let flags: Vec<Option<bool>> = (0..FLAGS.len()).map(|i| Some(bits & (1 << i) != 0)).collect();
            // A consignment that a constraint excludes is refused.
            let Ok(decision) = policy.decide(&consignment(&flags, Some(k)).to_string()) else { continue };
            for p in &decision.policies {
                applies.extend(p.defeated.iter().map(|d| d.rule.clone()));
                stands.extend(p.duties.iter().map(|d| d.from.clone()));
            }
        }
    }
    applies.extend(stands.iter().cloned());
    (applies, stands)
}

#[test]
fn rules_that_never_apply_or_never_count_are_those_of_enumeration() {
    let mut runner = TestRunner::new(Config { cases: 64, failure_persistence: None, ..Config::default() });
    let checked = runner.run(&policy_text(), |law_text| {
        let mut text = law_text.text;
        for effect in ["prohibit", "permit", "require l"] {
            text = text.replace(&format!("then {effect} }}"), &format!("then {effect} duty \"D\" }}"));
        }
        let policy = load(vec![law("law.gate", &text)]).map_err(|r| TestCaseError::fail(format!("{r}\n{text}")))?;
        let world = policy.world();
        let (applies, stands) = enumerated(&policy);
        let all: BTreeSet<String> = world.rules.iter().map(|r| r.name.clone()).collect();
        let (mut never, mut defeated) = (BTreeSet::new(), BTreeSet::new());
        for finding in warnings(world, LIMIT).findings {
            match finding {
                Finding::NeverApplies { rule, .. } => drop(never.insert(world.rule(rule).name.clone())),
                Finding::AlwaysDefeated { rule, .. } => drop(defeated.insert(world.rule(rule).name.clone())),
                Finding::NotAnalysed { .. } => return Err(TestCaseError::fail(format!("not analysed\n{text}"))),
                _ => {}
            }
        }
        prop_assert_eq!(never, &all - &applies, "{}", &text);
        prop_assert_eq!(defeated, &applies - &stands, "{}", &text);
        Ok(())
    });
    checked.unwrap_or_else(|e| panic!("{e}"));
}
