//! What an amendment changes: the lists of 20 August 2025 item by item, and how it is said. `counted` holds it against enumeration.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::analyze::diff::{Diff, Finding, Group, LIMIT, Limits, align, days, versions};
use portcullis::model::Date;
use portcullis::{LawFile, Policy, embedded};

use crate::cli::{Folder, run};
use crate::support::{law, load};

/// The law of the Union alone, between the last day of the old lists and the first of the new.
fn amendment() -> Diff {
    let ours = |f: &LawFile| {
        let shared = !f.path.contains("/torture/") && !f.path.starts_with("us/") && !f.path.starts_with("un/");
        let linked = f.path == "concordance.gate";
        (f.path.starts_with("eu/torture/") || shared && !linked) && !f.path.ends_with(".test.gate")
    };
    let policy = Policy::load(embedded::files().into_iter().filter(ours)).unwrap();
    days(policy.world(), Date::constant(2025, 8, 19), Date::constant(2025, 8, 20))
}

fn by<'d>(diff: &'d Diff, group: Group, rule: &'d str) -> impl Iterator<Item = &'d Finding> {
    diff.findings.iter().filter(move |f| f.group == group && f.rules.iter().any(|r| r.name == rule))
}

/// The entries of findings of a step, as `before>after`.
fn moves<'d>(found: impl Iterator<Item = &'d Finding>, from: &str, to: &str) -> BTreeSet<String> {
    let step = found.filter(|f| f.from.as_str() == from && f.to.as_str() == to);
    step.map(|f| format!("{}>{}", f.was_in.join("+"), f.now_in.join("+"))).collect()
}

fn set(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|s| (*s).to_owned()).collect()
}

/// The items of Delegated Regulation (EU) 2025/928, transcribed from the change noted at each item of both lists.
#[test]
fn the_lists_of_2025_change_what_the_amendment_says() {
    let diff = amendment();
    assert!(diff.resolved, "{:?}", diff.not_compared);
    let ban = || by(&diff, Group::Meaning, "art_3_1");
    // Moved up from authorisation to ban: gang chains and leg irons, from III 1.1; fixed dispensers, from III 3.5 (of
    // which portable ones were in III 3.1 as well).
    let moved: BTreeSet<String> = moves(ban(), "licence_required", "prohibited");
    let moved: BTreeSet<String> = moved.into_iter().filter(|m| !m.starts_with('>')).collect();
    let up = ["annex_III.1.1>annex_II.2.4", "annex_III.1.1>annex_II.2.5", "annex_III.3.1+annex_III.3.5>annex_II.5.1"];
    assert_eq!(moved, set(&up));
    // New in Annex II: 2.11, 3.2, 3.3, 3.5, 4.3, 5.2; what moved up there reaches goods that III did not hold, too.
    let new = ["2.11", "3.2", "3.3", "3.5", "4.3", "5.2"].map(|n| format!(">annex_II.{n}"));
    let wider = ["2.4", "2.5", "5.1"].map(|n| format!(">annex_II.{n}"));
    assert_eq!(moves(ban(), "permitted", "prohibited"), new.into_iter().chain(wider).collect());
    // New in Annex III: 2.4, 2.5, 2.6, 3.6, 3.7.
    let licence = || by(&diff, Group::Meaning, "art_11_1");
    let new = ["2.4", "2.5", "2.6", "3.6", "3.7"].map(|n| format!(">annex_III.{n}"));
    assert_eq!(moves(licence(), "permitted", "licence_required"), new.into_iter().collect());
    // Nothing that was banned before and described as before is let go but by its code.
    assert_eq!(moves(ban(), "prohibited", "permitted"), set(&[]));
    // Codes of II 1.1, 1.3 (refreshed), 2.2, 2.3, 2.6 (4017 added), 2.8, 2.9, 2.10 (changed). Entries that were 2.6 to 2.8
    // lost codes, those that are 2.8 to 2.10 got some.
    let codes = || by(&diff, Group::Codes, "art_3_1");
    let got = ["2.2", "2.3", "2.6", "2.8", "2.9", "2.10"].map(|n| format!(">annex_II.{n}"));
    assert_eq!(moves(codes(), "permitted", "prohibited"), got.into_iter().collect());
    let lost = ["1.1", "1.3", "2.6", "2.7", "2.8"].map(|n| format!("annex_II.{n}>"));
    assert_eq!(moves(codes(), "prohibited", "permitted"), lost.into_iter().collect());
    // Renumbered 2.7 -> 2.9, 2.8 -> 2.10, 3.2 -> 3.4: whoever names a component by its item names other numbers.
    let numbers = ["2.9", "2.10", "3.4"].map(|n| format!(">annex_II.{n}"));
    assert_eq!(moves(by(&diff, Group::Numbers, "art_3_1"), "permitted", "prohibited"), numbers.into_iter().collect());
    // Each is shown.
    let unseen: Vec<_> = diff.findings.iter().filter(|f| f.witness.is_none()).map(|f| (&f.was_in, &f.now_in)).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}

#[test]
fn one_day_is_no_amendment() {
    let policy = load(vec![law("law.gate", OLD)]).unwrap();
    let day = Date::constant(2026, 3, 2);
    assert!(days(policy.world(), day, day).same);
}

const OLD: &str = r#"
fact date: date
fact destination: country
fact goods.kind: one of { whip, baton { spiked } }
fact goods.length: length
policy p "P" { source "S" applies when destination is not FR known from 2020-01-01 otherwise permit }
rule ban "Export of whips" { cite "s. 1" when goods.kind is whip then prohibit }
"#;

#[test]
fn facts_values_and_intervals_are_said_as_the_law_says_them() {
    let new = OLD.replace("{ whip, baton { spiked } }", "{ glove, baton { heavy, spiked }, whip }").replace(
        "goods.kind is whip",
        "goods.kind in {whip, glove} and goods.length > 100 mm and not destination in {CA, US}",
    );
    let (a, b) = (load(vec![law("law.gate", OLD)]).unwrap(), load(vec![law("law.gate", &new)]).unwrap());
    let diff = versions(a.world(), b.world(), LIMIT);
    let found: Vec<(&str, &str, BTreeMap<&str, &str>)> = diff
        .findings
        .iter()
        .filter(|f| f.group == Group::Meaning)
        .map(|f| {
            let facts = f.facts.iter().map(|x| (x.fact.as_str(), x.values.as_str())).collect();
            (f.from.as_str(), f.to.as_str(), facts)
        })
        .collect();
    let newly = BTreeMap::from([
        ("destination", "any but CA, FR, US"),
        ("goods.kind", "glove"),
        ("goods.length", "over 100 mm"),
    ]);
    assert_eq!(found[0], ("permitted", "prohibited", newly));
    // A whip is free for its destination or for its length, so neither is bound by itself.
    let freed = BTreeMap::from([("destination", "any but FR"), ("goods.kind", "whip")]);
    assert_eq!(found[1], ("prohibited", "permitted", freed));
    assert_eq!(found.len(), 2);
    assert_eq!(diff.findings[0].days[0].from.as_deref(), Some("2020-01-01"));
}

#[test]
fn other_numbering_is_no_difference_and_another_type_is_said() {
    let turned = OLD.replace("{ whip, baton { spiked } }", "{ baton { spiked }, whip }");
    let turned =
        turned.replace("fact date: date\nfact destination: country\n", "fact destination: country\nfact date: date\n");
    let (a, b) = (load(vec![law("law.gate", OLD)]).unwrap(), load(vec![law("law.gate", &turned)]).unwrap());
    assert!(versions(a.world(), b.world(), LIMIT).same);
    let (x, y, notes) = align(a.world(), b.world());
    assert!(notes.is_empty());
    let names =
        |w: &portcullis::model::World| w.facts.iter().map(|f| (f.name.clone(), f.ty.clone())).collect::<Vec<_>>();
    assert_eq!(names(&x), names(&y));
    assert_eq!(x.enums, y.enums);
    let other = OLD.replace("goods.length: length", "goods.length: mass");
    let c = load(vec![law("law.gate", &other)]).unwrap();
    let diff = versions(a.world(), c.world(), LIMIT);
    assert_eq!(diff.notes, ["fact `goods.length` has another type: compared as two different facts"]);
    assert!(!diff.same && diff.resolved && diff.findings.is_empty());
}

#[test]
fn past_the_limit_nothing_is_said_to_be_the_same() {
    let new = OLD.replace("goods.kind is whip", "goods.kind is baton");
    let (a, b) = (load(vec![law("law.gate", OLD)]).unwrap(), load(vec![law("law.gate", &new)]).unwrap());
    let diff = versions(a.world(), b.world(), Limits { nodes: 2, ..LIMIT });
    assert!(!diff.same && !diff.resolved && !diff.not_compared.is_empty());
}

/// What is asked in the same words, and stands otherwise on another day: a member of a group, a day compared, a named
/// condition with a day in it, an entry that others name, a mark of a chart.
#[test]
fn the_same_words_on_another_day_are_compared_as_they_stand_then() {
    let text = "policy p \"P\" {\n  source \"made up\"\n  applies when activity is export\n  \
         known from 2020-01-01 to 2029-12-31\n  otherwise permit\n}\n\
         fact date: date\nfact activity: one of { export, import }\nfact destination: country\n\
         fact transit: set of country\nfact goods.a: yes/no\n\
         group g { FR, DE from 2025-01-01 }\nfact late: yes/no means date >= 2025-01-01\n\
         chart marks known from 2020-01-01 to 2024-12-31 from \"before.csv\"\n\
         chart marks known from 2025-01-01 from \"after.csv\"\n\
         category list \"L\" { category 1 \"One\" { in force from 2025-01-01 when goods.a } category 2 \"Two\" { when not goods.a } }\n\
         rule member \"R\" { cite \"1\" when destination in g then prohibit }\n\
         rule day \"R\" { cite \"2\" when destination is IT and date >= 2025-01-01 then prohibit }\n\
         rule named \"R\" { cite \"3\" when destination is ES and late then prohibit }\n\
         rule listed \"R\" { cite \"4\" when destination is PT and goods in list then prohibit }\n\
         rule marked \"R\" { cite \"5\" when destination marked M in marks then prohibit }\n\
         rule through \"R\" { cite \"6\" when destination is SE and any of transit in g then prohibit }\n\
         rule steady \"R\" { cite \"7\" when destination is NO and not (date < 2020-06-01) then prohibit }\n";
    let file = |path: &str, text: &str| LawFile { path: path.into(), bytes: text.as_bytes().to_vec() };
    let files = [
        file("p.gate", text),
        // Every place that is asked about has a row: a chart that is silent leaves it open.
        file("before.csv", "country,M\nDE,\nIT,\nES,\nPT,\nSE,\nNO,\nPL,\nRO,X\n"),
        file("after.csv", "country,M\nDE,\nIT,\nES,\nPT,\nSE,\nNO,\nPL,X\nRO,X\n"),
    ];
    let policy = Policy::load(files).unwrap_or_else(|r| panic!("{r}"));
    let diff = days(policy.world(), Date::constant(2024, 12, 31), Date::constant(2025, 1, 1));
    assert!(diff.resolved, "{:?}", diff.not_compared);
    let found: BTreeMap<&str, String> = diff
        .findings
        .iter()
        .filter(|f| f.from.as_str() == "permitted" && f.to.as_str() == "prohibited")
        .map(|f| {
            let to = f.witness.as_ref().and_then(|w| w.facts.iter().find(|(name, _)| name == "destination"));
            (f.rules[0].name.as_str(), to.map_or(String::new(), |(_, v)| v.clone()))
        })
        .collect();
    let wanted =
        [("member", "DE"), ("day", "IT"), ("named", "ES"), ("listed", "PT"), ("marked", "PL"), ("through", "SE")];
    assert_eq!(found, wanted.map(|(rule, to)| (rule, to.to_owned())).into_iter().collect());
    // The day after nothing changes any more.
    assert!(days(policy.world(), Date::constant(2025, 1, 1), Date::constant(2025, 1, 2)).same);
}

/// A place that lies in another country by another version is another place, though no rule was touched.
#[test]
fn a_place_that_lies_elsewhere_is_compared() {
    let law = |within: &str| {
        let text = format!(
            "policy p \"P\" {{\n  source \"made up\"\n  applies when activity is export\n  \
             known from 2020-01-01 to 2029-12-31\n  otherwise permit\n}}\n\
             fact activity: one of {{ export, import }}\nfact destination: country\n\
             place FR-enclave \"Enclave\" in {within}\n\
             rule r \"R\" {{ cite \"1\" when destination is FR then prohibit }}\n"
        );
        Policy::load([LawFile { path: "p.gate".into(), bytes: text.into_bytes() }]).unwrap_or_else(|r| panic!("{r}"))
    };
    let (old, new) = (law("FR"), law("DE"));
    let diff = versions(old.world(), new.world(), LIMIT);
    assert!(!diff.same, "{diff:#?}");
    assert!(diff.findings.iter().any(|f| f.rules.iter().any(|r| r.name == "r")) || !diff.resolved, "{diff:#?}");
    assert!(versions(old.world(), old.world(), LIMIT).same);
}

/// What was meant as a day and is none is said to be none, not taken for a part of a path.
#[test]
fn a_day_that_is_none_is_told() {
    let folder = Folder::new();
    let said = run(&folder, "diff un.torture@2025-13-20 un.torture@2026-01-01").exits(3).says_nothing();
    said.complains(&["error: `2025-13-20` is not a date; name a day as in `PATH@2025-08-19`"]);
}
