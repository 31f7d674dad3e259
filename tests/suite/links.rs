//! Links between control lists: the shipped ones against the law, and how entries relate against enumeration.

use std::collections::BTreeSet;

use portcullis::Policy;
use portcullis::analyze::entries::{self, Goods};
use portcullis::analyze::links;
use portcullis::model::{CategoryId, Relation, World, date};
use serde_json::json;

use crate::support::{law, load, read};

const TABLE: &str = "policies/concordance.gate";

fn shipped() -> Policy {
    load(portcullis::embedded::files()).unwrap_or_else(|r| panic!("{r}"))
}

fn named(world: &World, name: &str) -> Vec<CategoryId> {
    let all = (0..).map(CategoryId).zip(&world.categories);
    let found: Vec<CategoryId> = all.filter(|(_, c)| !c.unnamed && c.name == name).map(|(id, _)| id).collect();
    assert!(!found.is_empty(), "{name}");
    found
}

#[test]
fn every_link_of_the_concordance_is_so() {
    let policy = shipped();
    let wrong = portcullis::report::links::problems(policy.world());
    let wrong: Vec<String> = wrong.iter().map(|d| d.plain(policy.sources())).collect();
    assert!(wrong.is_empty(), "{} links:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_concordance_names_all_goods_and_no_others() {
    let policy = shipped();
    let world = policy.world();
    let names = world.categories.iter().filter(|c| !c.unnamed && c.name.starts_with("alliance.goods."));
    let goods: BTreeSet<&str> = names.map(|c| c.name.as_str()).collect();
    let linked: BTreeSet<&str> = world.links.iter().map(|l| world.category(l.to[0]).name.as_str()).collect();
    assert_eq!(goods, linked);
}

/// A shipped file of law with one text replaced; everything else as shipped.
fn with(path: &str, from: &str, to: &str) -> Policy {
    let mut files = portcullis::embedded::files();
    let file = files.iter_mut().find(|f| format!("policies/{}", f.path) == path).expect("the file");
    let text = read(path);
    assert_eq!(text.matches(from).count(), 1, "{from}");
    file.bytes = text.replace(from, to).into_bytes();
    load(files).unwrap_or_else(|r| panic!("{r}"))
}

fn facts(goods: &Option<Goods>) -> Vec<String> {
    let facts = &goods.as_ref().expect("goods to show for it").facts;
    facts.iter().map(|(f, v)| format!("{f} {v}")).collect()
}

#[test]
fn a_link_that_says_same_for_narrower_is_refuted_with_goods() {
    // Annex II item 2.1 asks that belts are designed to restrain people; the neutral words do not.
    let policy = with(TABLE, "narrower eu.torture.annex_II.2.1 ", "same eu.torture.annex_II.2.1 ");
    let world = policy.world();
    let number = world.links.iter().position(|l| {
        world.category(l.to[0]).name == "alliance.goods.shock_belt" && world.category(l.entry[0]).name == "annex_II.2.1"
    });
    let wrong = links::prove(world, number.expect("the link")).expect("it is not so");
    assert_eq!(wrong.day.map(|d| d.to_string()).as_deref(), Some("2019-02-20"));
    let related = wrong.related.expect("how they relate");
    assert_eq!(related.relation, Some(Relation::Narrower));
    assert_eq!(related.second_alone, None);
    let shown = facts(&related.first_alone);
    assert!(shown.contains(&"goods.designed_to_restrain_humans no".to_owned()), "{shown:?}");
    assert!(shown.contains(&"goods.administers_electric_shock yes".to_owned()), "{shown:?}");
}

#[test]
fn a_link_of_no_day_and_one_said_twice_are_mistakes() {
    let trade = || law("trade.gate", &read("docs/diagnostics/prelude.gate"));
    let of = |links: &str| {
        let text = format!(
            "use trade\npolicy act \"Act\" {{ source \"S\" applies when from is FR known from 2020-01-01 otherwise permit }}
             category a \"A\" {{ when goods.kind is whip  in force to 2021-12-31 }}
             category b \"B\" {{ when goods.kind is whip  in force from 2022-01-01 }}
             category c \"C\" {{ when goods.kind is whip and goods.worn }}
             {links}"
        );
        load(vec![trade(), law("act/law.gate", &text)])
    };
    let policy = of("link a { same b }").unwrap_or_else(|r| panic!("{r}"));
    let found = portcullis::report::links::problems(policy.world());
    assert_eq!(found.len(), 1);
    assert!(found[0].message.contains("there is no day on which this link says anything of `act.b`"), "{found:?}");
    let twice = of("link a { narrower c  narrower c in force from 2021-01-01 }").map(|_| ()).expect_err("said twice");
    assert!(twice.plain().contains("declared-twice"), "{twice}");
    // A relation changes with the day: each is proved on its own days.
    let dated = "category d \"D\" { when goods.kind is whip  in force to 2024-12-31 }
                 category d \"D\" { when goods.kind is whip and goods.worn  in force from 2025-01-01 }
                 category e \"E\" { when goods.kind is whip }";
    let good = of(&format!("{dated}\nlink e {{ same d in force to 2024-12-31  narrower d in force from 2025-01-01 }}"));
    assert!(links::wrong(good.unwrap_or_else(|r| panic!("{r}")).world()).is_empty());
    let bad = of(&format!("{dated}\nlink e {{ same d }}")).unwrap_or_else(|r| panic!("{r}"));
    let wrong = links::wrong(bad.world());
    assert_eq!(wrong[0].day.map(|d| d.to_string()).as_deref(), Some("2025-01-01"));
}

/// Conditions over a small domain, among them some that a constraint makes equal, and some of other circumstances.
const CONDITIONS: &[&str] = &[
    "goods.kind is whip",
    "goods.kind in {whip, baton}",
    "goods.kind is guillotine",
    "goods.worn",
    "goods.kind is whip and goods.worn",
    "goods.kind is baton or goods.worn",
    "goods.kind is guillotine and goods.worn",
    "goods.length >= 500 mm",
    "goods.kind is whip and goods.length < 500 mm",
    "goods.kind is whip and destination is TR",
    "goods.kind in {whip, baton} and not destination is TR",
    "goods.kind is whip and shown",
];

#[test]
fn how_entries_relate_is_what_enumeration_finds() {
    let entries: String = (0..).zip(CONDITIONS).map(|(i, c)| format!("category e{i} \"E\" {{ when {c} }}\n")).collect();
    let rules: String = (0..CONDITIONS.len())
        .map(|i| format!("rule r{i} \"R\" {{ cite \"-\" when goods in e{i} then prohibit }}\n"))
        .collect();
    let text = format!(
        "use trade\npolicy act \"Act\" {{ source \"S\" applies when from is FR known from 2020-01-01 otherwise permit }}
         constraint not_worn \"A guillotine is not worn\" {{ always not (goods.kind is guillotine and goods.worn) }}
         {entries}{rules}"
    );
    let files = vec![law("trade.gate", &read("docs/diagnostics/prelude.gate")), law("act/law.gate", &text)];
    let policy = load(files).unwrap_or_else(|r| panic!("{r}"));
    let world = policy.world();
    let evaluator = policy.plain_evaluator();
    // For each goods there can be: in which entries they are in any consignment.
    let mut all: Vec<BTreeSet<usize>> = Vec::new();
    for kind in ["whip", "baton", "guillotine"] {
        for worn in [false, true] {
            if kind == "guillotine" && worn {
                continue;
            }
            for length in ["499 mm", "500 mm", "501 mm"] {
                let mut held = BTreeSet::new();
                for destination in ["TR", "US"] {
                    for shown in [false, true] {
                        let consignment = json!({
                            "date": "2025-01-01", "from": "FR", "destination": destination, "shown": shown,
                            "goods": { "kind": kind, "worn": worn, "length": length }
                        });
                        let case = policy.read("c", &consignment.to_string(), &Default::default());
                        let case = case.unwrap_or_else(|r| panic!("{r}"));
                        let decided = evaluator.decide(&case, &Default::default()).expect("it can be so");
                        let of = |name: &String| name[1..].parse::<usize>().expect("a number");
                        held.extend(decided.policies[0].categories.iter().map(of));
                    }
                }
                all.push(held);
            }
        }
    }
    let day = date::parse_date("2025-01-01").expect("a day");
    for (a, x) in CONDITIONS.iter().enumerate() {
        for (b, y) in CONDITIONS.iter().enumerate() {
            let some = |in_a: bool, in_b: bool| all.iter().any(|h| h.contains(&a) == in_a && h.contains(&b) == in_b);
            let expected = match (some(true, false), some(true, true), some(false, true)) {
                (_, false, _) => Relation::Apart,
                (false, _, false) => Relation::Same,
                (false, _, true) => Relation::Wider,
                (true, _, false) => Relation::Narrower,
                (true, _, true) => Relation::Overlaps,
            };
            let (first, second) = (named(world, &format!("e{a}")), named(world, &format!("e{b}")));
            let found = entries::relate(world, &first, &second, day, true);
            let pair = format!("{x} / {y}");
            assert_eq!(found.relation, Some(expected), "{pair}");
            assert_eq!(found.first_alone.is_some(), some(true, false), "{pair}");
            assert_eq!(found.second_alone.is_some(), some(false, true), "{pair}");
            // Goods that are in each in another consignment are in both, but no one consignment shows it.
            if found.both.is_some() {
                assert!(some(true, true), "{pair}");
            }
        }
    }
}
