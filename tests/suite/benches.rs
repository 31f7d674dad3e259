//! What the benchmarks stand on: the policies they make up load, and the decisions written by hand agree with the
//! engine and with the policy read off as data. And loading again what was edited is loading it.

#[path = "../../benches/support/mod.rs"]
pub mod support;

use portcullis::{LawFile, Loader, Options, Policy};
use support::listed::{self, Decided, Outcome};
use support::{broad, hand};

#[test]
fn decisions_by_hand_and_by_the_law_agree_row_by_row() {
    let model = listed::Policy::new(36);
    let law = Policy::load(model.files()).unwrap_or_else(|r| panic!("{r}"));
    let evaluator = law.evaluator();
    // All under listed codes, and some that are not.
    let listed = |row: &listed::Row| model.items.iter().any(|i| i.codes.iter().any(|c| row.code_text().starts_with(c)));
    let rows: Vec<listed::Row> = model.rows().take(4_000).filter(|r| listed(r) || r.id % 40 == 0).collect();
    let (tables, columns) = (hand::Tables::new(&model), hand::Columns::new(&rows));
    let mut by_columns = Vec::new();
    hand::Bound::new(&model, &columns).decide(&columns, &mut by_columns);
    let mut seen = std::collections::BTreeSet::new();
    for (row, by_column) in rows.iter().zip(&by_columns) {
        let wanted = model.decide(row);
        assert_eq!(hand::decide(row), wanted, "the function written out, on {row:?}");
        assert_eq!(tables.decide(row), wanted, "the tables, on {row:?}");
        assert_eq!(*by_column, wanted, "the columns, on {row:?}");
        let decision = evaluator.decide(&row.case(law.world()), &Options::default()).expect("no constraint");
        let said = &decision.policies[0];
        assert_eq!(decision.outcome.as_str(), wanted.outcome.word(), "{row:?}\n{said:?}");
        if let Decided { outcome, by: Some((item, provision)) } = wanted {
            assert!(said.categories.contains(&model.items[item as usize].name()), "{row:?}\n{said:?}");
            let provision = model.provisions[usize::from(provision)].name;
            assert!(said.decided_by.iter().any(|r| r.rule == provision), "{provision}: {row:?}\n{said:?}");
            seen.insert(outcome);
        }
    }
    assert!(hand::agrees());
    assert_eq!(seen.len(), [Outcome::Permitted, Outcome::LicenceRequired, Outcome::Prohibited].len());
}

#[test]
fn a_consignment_of_the_benchmarks_is_the_same_in_json_and_in_values() {
    let model = listed::Policy::new(36);
    let law = Policy::load(model.files()).unwrap_or_else(|r| panic!("{r}"));
    for row in model.rows().take(50) {
        let read = law.read("row", &row.json(), &Default::default()).unwrap_or_else(|r| panic!("{r}"));
        assert_eq!(read, row.case(law.world()));
    }
}

#[test]
fn the_broad_policy_loads_in_all_that_is_made_of_it() {
    let model = broad::Policy::new(36);
    let load = |files: Vec<LawFile>| Policy::load(files).unwrap_or_else(|r| panic!("{r}"));
    let (law, rewritten) = (load(model.files()), load(model.rewritten()));
    assert_eq!(law.world().rules.len(), 36);
    let (before, after) = (law.evaluator(), rewritten.evaluator());
    let amended = load(model.amended());
    let differs = |a: &LawFile, b: &LawFile| a.bytes != b.bytes;
    assert_eq!(model.files().iter().zip(&model.amended()).filter(|(a, b)| differs(a, b)).count(), 1);
    assert_eq!(amended.world().rules.len(), 36);
    for case in broad::cases(&model, law.world(), 5) {
        let outcome =
            |e: &portcullis::Evaluator<'_>| e.decide(&case, &Options::default()).expect("no constraint").outcome;
        assert_eq!(outcome(&before).as_str(), outcome(&after).as_str());
    }
}

#[test]
fn loading_again_after_an_edit_is_loading() {
    let files = listed::Policy::new(36).files();
    let mut loader = Loader::default();
    let digest = |p: &Policy| p.world().policies[0].digest.clone();
    let first = loader.load(files.clone()).unwrap_or_else(|r| panic!("{r}"));
    assert_eq!(digest(&first), digest(&Policy::load(files.clone()).unwrap()));
    // One file is broken, and nothing else is said than by a fresh look.
    let mut broken = files.clone();
    broken[5].bytes = b"rule r { then }\nrule s \"S\" { cite \"s. 1\" when nobody_knows then prohibit }\n".to_vec();
    let again = loader.load(broken.clone()).unwrap_err().plain();
    assert_eq!(again, Policy::load(broken.clone()).unwrap_err().plain());
    // Nothing changed: the same is said again.
    assert_eq!(loader.load(broken).unwrap_err().plain(), again);
    // A file more, so that the others have other numbers.
    let mut more = files.clone();
    more.push(LawFile { path: "a.gate".into(), bytes: b"fact a: yes/no\n".to_vec() });
    let (fresh, kept) = (Policy::load(more.clone()).unwrap(), loader.load(more).unwrap());
    assert_eq!(digest(&kept), digest(&fresh));
    assert_eq!(format!("{:?}", kept.world()), format!("{:?}", fresh.world()));
}
