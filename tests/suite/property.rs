//! Properties of a policy that uses every construct (`tests/fixtures/toy`): whatever is changed in its files, they are
//! read or refused, and laid out without loss; the order of its declarations does not matter; and what is said of
//! little is not unsaid by more.
//!
//! Each property has a fixed number of cases, so that all end in seconds; `PROPTEST_CASES` asks for more.

use std::collections::BTreeSet;

use portcullis::format::format;
use portcullis::span::FileId;
use portcullis::syntax::parse_file;
use portcullis::syntax::shape::shape;
use portcullis::{LawFile, Policy};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

use crate::support::{project, read};

const FILES: [&str; 7] = [
    "trade.gate",
    "places.gate",
    "isle/policy.gate",
    "isle/lists.gate",
    "isle/rules.gate",
    "isle/isle.test.gate",
    "isle/marks.csv",
];

/// The files of the toy policy, by path and text.
fn toy() -> Vec<(String, String)> {
    FILES.iter().map(|f| ((*f).to_owned(), read(&format!("tests/fixtures/toy/{f}")))).collect()
}

fn load(files: &[(String, String)]) -> Result<Policy, String> {
    let files = files.iter().map(|(path, text)| LawFile { path: path.clone(), bytes: text.clone().into_bytes() });
    Policy::load(files).map_err(|r| r.plain())
}

fn config(cases: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(cases);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// The facts of the toy policy, each with values it can have.
fn facts() -> Vec<(&'static str, Value)> {
    vec![
        ("date", json!(["2021-06-30", "2023-12-31", "2024-01-01", "2026-03-02", "2029-01-01"])),
        ("activity", json!(["export", "import", "brokering"])),
        ("from", json!(["FR", "IT-livigno", "US", "MC"])),
        ("destination", json!(["DE", "CH", "LI", "US", "AT", "NO", "IT-livigno", "JP"])),
        ("transit", json!([[], ["NA"], ["CH", "NO"]])),
        ("shown", json!([true, false])),
        ("aware", json!([true, false])),
        ("papers.complete", json!([true, false])),
        ("payments", json!([0, 1, 2.5])),
        ("holders", json!([0, 2, 3])),
        ("goods.code", json!(["6602 00 00", "8543 70", "8543", "3920 20", "3926 90 10", "4202", "8548", "9306 29 10"])),
        ("goods.code_confirmed", json!([true, false])),
        ("goods.cas_numbers", json!([[], ["57-33-0"], ["76-75-5", "50-00-0"]])),
        ("goods.kind", json!(["whip", "truncheon", "electric", "stun_gun", "shield", "large_shield"])),
        ("goods.length", json!(["79 cm", "80 cm", "1.1 m"])),
        ("goods.share", json!(["0.29 %", "3000 ppm", "50 %"])),
        ("goods.charge", json!(["1 J", "10 J", "0.011 kJ"])),
        ("goods.worth", json!(["1000 EUR", "1000.01 EUR", "5 USD"])),
        ("goods.worn", json!([true, false])),
        ("goods.made", json!(["1949-12-31", "1950-01-01"])),
        ("goods.parts", json!([[], ["lash"], ["grip", "thong"]])),
    ]
}

/// A consignment: for each fact nothing, or one of its values.
fn consignment() -> impl Strategy<Value = Vec<Option<usize>>> {
    prop::collection::vec(prop::option::weighted(0.6, 0..60usize), facts().len())
}

fn build(picked: &[Option<usize>], goods_as_list: bool) -> Value {
    let (mut top, mut goods) = (Map::new(), Map::new());
    for ((name, values), index) in facts().iter().zip(picked) {
        let Some(i) = index else { continue };
        let values = values.as_array().unwrap();
        let value = values[i % values.len()].clone();
        match name.strip_prefix("goods.") {
            Some(rest) => goods.insert(rest.to_owned(), value),
            None => top.insert((*name).to_owned(), value),
        };
    }
    top.entry("date").or_insert(json!("2026-03-02"));
    let goods = Value::Object(goods);
    top.insert("goods".to_owned(), if goods_as_list { json!([goods, { "kind": "baton" }]) } else { goods });
    Value::Object(top)
}

/// What is said to be possible; nothing where the facts cannot all be so.
fn outcomes(policy: &Policy, case: &Value) -> Option<(BTreeSet<String>, Option<bool>, bool)> {
    let decision = match policy.decide(&case.to_string()) {
        Ok(d) => d,
        Err(r) => {
            assert!(r.problems.iter().all(|p| p.code.as_str() == "constraint-broken"), "{r}\n{case}");
            return None;
        }
    };
    let all = match decision.outcome.0 {
        Some(o) => BTreeSet::from([o.as_str().to_owned()]),
        None => decision.possible_outcomes.iter().map(|o| o.as_str().to_owned()).collect(),
    };
    Some((all, decision.may_proceed, decision.resolved))
}

#[test]
fn the_toy_policy_is_right() {
    let policy = load(&toy()).unwrap_or_else(|m| panic!("{m}"));
    let failed: Vec<_> = portcullis::testing::run(&policy, None).into_iter().filter(|o| !o.passed()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    assert!(project("tests/fixtures/toy").read_dir().unwrap().count() >= 3);
}

/// One edit of a list of words or lines.
fn edit() -> impl Strategy<Value = (u8, Index, Index)> {
    (0..5u8, any::<Index>(), any::<Index>())
}

/// Makes the edits; an empty list stays empty.
fn apply(parts: &mut Vec<String>, edits: &[(u8, Index, Index)]) {
    for (how, a, b) in edits {
        if parts.is_empty() {
            return;
        }
        let (i, j) = (a.index(parts.len()), b.index(parts.len()));
        match how {
            0 => drop(parts.remove(i)),
            1 => parts.insert(i, parts[i].clone()),
            2 => parts.insert(i, parts[j].clone()),
            3 => parts.swap(i, j),
            _ => parts.truncate(i.max(parts.len() / 2)),
        }
    }
}

/// Words with what follows them, so that the text can be put together again; brackets and signs are words too.
fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut last_is_word = false;
    for c in text.chars() {
        let is_word = c.is_alphanumeric() || "_.-".contains(c);
        match out.last_mut() {
            Some(last) if is_word && last_is_word || c == ' ' => last.push(c),
            _ => out.push(c.to_string()),
        }
        last_is_word = is_word;
    }
    out
}

/// The letters and digits of a text, in order: what laying out may put blanks and commas between, and never drops.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Changed files are read, checked and decided by, or refused with messages that have their place; each that can be
/// read is laid out without loss.
fn exercise(files: &[(String, String)]) {
    let law = files.iter().map(|(path, text)| LawFile { path: path.clone(), bytes: text.clone().into_bytes() });
    match Policy::load(law) {
        Ok(policy) => {
            let case = json!({ "date": "2026-03-02", "activity": "export", "from": "FR", "destination": "CH", "goods": { "kind": "whip", "code": "6602" } });
            // What a change makes of the facts is open; only that an answer comes back matters.
            if let Err(refused) = policy.decide(&case.to_string()) {
                assert!(!refused.problems.is_empty());
            }
        }
        Err(refused) => {
            assert!(!refused.problems.is_empty(), "refused without a word");
            for d in &refused.problems {
                for label in &d.labels {
                    let text = refused.sources.text(label.span);
                    assert!(label.span.start <= label.span.end, "{}: `{text}`", d.plain(&refused.sources));
                }
                assert!(d.help.is_some(), "no way out: {}", d.plain(&refused.sources));
            }
        }
    }
    for (_, text) in files.iter().filter(|(path, _)| path.ends_with(".gate")) {
        let (tree, problems) = parse_file(FileId(0), text);
        if !problems.is_empty() {
            continue;
        }
        let laid = format(&tree);
        let (again, problems) = parse_file(FileId(0), &laid);
        assert!(problems.is_empty(), "laid out, it cannot be read:\n{text}\n=>\n{laid}");
        assert_eq!(shape(&tree), shape(&again), "laying out changed it:\n{text}\n=>\n{laid}");
        assert_eq!(format(&again), laid, "laying out twice changes it");
        assert_eq!(letters(text), letters(&laid), "laying out lost words:\n{text}\n=>\n{laid}");
    }
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn words_lost_doubled_or_swapped_never_crash(at in 0..FILES.len(), edits in prop::collection::vec(edit(), 1..4)) {
        let mut files = toy();
        let mut parts = words(&files[at].1);
        prop_assert_eq!(parts.concat(), files[at].1.clone());
        apply(&mut parts, &edits);
        files[at].1 = parts.concat();
        exercise(&files);
    }

    #[test]
    fn lines_lost_doubled_or_swapped_never_crash(at in 0..FILES.len(), edits in prop::collection::vec(edit(), 1..6)) {
        let mut files = toy();
        let mut parts: Vec<String> = files[at].1.split_inclusive('\n').map(str::to_owned).collect();
        apply(&mut parts, &edits);
        files[at].1 = parts.concat();
        exercise(&files);
    }

    #[test]
    fn characters_changed_never_crash(at in 0..FILES.len(), edits in prop::collection::vec((any::<Index>(), any::<char>()), 1..4)) {
        let mut files = toy();
        let mut chars: Vec<char> = files[at].1.chars().collect();
        for (i, c) in edits {
            let i = i.index(chars.len());
            chars[i] = c;
        }
        files[at].1 = chars.into_iter().collect();
        exercise(&files);
    }

    #[test]
    fn an_outcome_and_whether_it_may_proceed_agree(picked in consignment(), list in any::<bool>()) {
        let policy = load(&toy()).unwrap();
        let case = build(&picked, list);
        if let Some((all, may, _)) = outcomes(&policy, &case) {
            let context = format!("{all:?} {may:?}\n{case}");
            prop_assert!(!all.is_empty(), "{}", context);
            let only = |o: &str| all.len() == 1 && all.contains(o);
            if only("prohibited") {
                prop_assert_eq!(may, Some(false), "{}", context);
            }
            if only("permitted") {
                prop_assert_eq!(may, Some(true), "{}", context);
            }
            if all.contains("prohibited") || all.contains("not_applicable") {
                prop_assert!(may != Some(true), "{}", context);
            }
        }
    }

    /// What is not given again may come out any way that was possible before, and no other. A fact that lifts a
    /// presumption or raises a claim, and the code, are always given: giving them changes what is presumed.
    #[test]
    fn more_facts_leave_fewer_outcomes(picked in consignment(), fewer in prop::collection::vec(any::<bool>(), facts().len())) {
        let policy = load(&toy()).unwrap();
        let always = ["shown", "aware", "goods.code"];
        let fixed = |i: usize| always.contains(&facts()[i].0) || facts()[i].0 == "date";
        let more: Vec<Option<usize>> =
            picked.iter().enumerate().map(|(i, p)| if fixed(i) { Some(p.unwrap_or(0)) } else { *p }).collect();
        let less: Vec<Option<usize>> =
            more.iter().enumerate().map(|(i, p)| if fixed(i) || fewer[i] { *p } else { None }).collect();
        let (more, less) = (build(&more, false), build(&less, false));
        let (Some((now, may, _)), Some((before, may_before, resolved))) = (outcomes(&policy, &more), outcomes(&policy, &less))
        else {
            return Ok(());
        };
        prop_assert!(now.is_subset(&before), "{now:?} after {before:?}\n{less}\n{more}");
        prop_assert!(!resolved || may_before.is_none() || may == may_before, "{may:?} after {may_before:?}\n{less}\n{more}");
    }
}

/// A decision without what may follow the order of files: digests and places; lists as sets.
fn unordered(value: &Value) -> Value {
    match value {
        Value::Array(list) => {
            let mut all: Vec<Value> = list.iter().map(unordered).collect();
            all.sort_by_key(Value::to_string);
            Value::Array(all)
        }
        Value::Object(map) => {
            let kept = map.iter().filter(|(k, _)| *k != "digest");
            Value::Object(kept.map(|(k, v)| (k.clone(), unordered(v))).collect())
        }
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(config(12))]

    #[test]
    fn the_order_of_declarations_changes_no_decision(
        keys in prop::collection::vec(any::<u64>(), 64),
        cases in prop::collection::vec(consignment(), 4),
    ) {
        let plain = load(&toy()).unwrap();
        let mut files = toy();
        for (_, text) in files.iter_mut().filter(|(path, _)| path.ends_with(".gate")) {
            let (tree, problems) = parse_file(FileId(0), text);
            prop_assert!(problems.is_empty());
            let mut decls: Vec<(u64, &str)> =
                tree.decls.iter().enumerate().map(|(i, d)| (keys[i % keys.len()], &text[d.span.range()])).collect();
            decls.sort();
            let shuffled: Vec<&str> = decls.into_iter().map(|(_, t)| t).collect();
            *text = shuffled.join("\n\n") + "\n";
        }
        let shuffled = load(&files).map_err(TestCaseError::fail)?;
        for picked in cases {
            let case = build(&picked, true);
            let answer = |p: &Policy| match p.decide(&case.to_string()) {
                Ok(d) => unordered(&serde_json::to_value(d).unwrap()),
                Err(r) => Value::Array(r.problems.iter().map(|d| json!(d.code.as_str())).collect()),
            };
            prop_assert_eq!(answer(&plain), answer(&shuffled), "{}", case);
        }
    }
}
