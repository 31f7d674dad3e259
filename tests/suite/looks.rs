//! Messages and answers as they look, kept whole beside what causes them: read them when one changes.

use crate::cli::{Answer, Folder, run};
use crate::support::read;

const LAW: &str = r#"use trade

policy toy "Toy Act" {
  source "Toy Act"
  applies when from is FR
  known from 2020-01-01 to 2029-12-31
  otherwise permit
}
fact worth: money EUR  ask "What is it worth?"
group friends { NA, NO, XK, XI }
rule ban "Export of whips" { cite "s. 1" when activity is export and goods.kind is whip then prohibit }
rule need "Export of batons" { cite "s. 2" when goods.kind is baton and not destination in friends then require paper }
licence paper "Paper" { covers when licence.destination is destination and licence.expires >= date }
"#;

const CASE: &str =
    r#"{ "date": "2026-03-02", "activity": "export", "from": "FR", "destination": "TR", "goods": { "kind": KIND } }"#;

fn case(kind: &str) -> String {
    CASE.replace("KIND", kind)
}

/// A folder with a small law.
fn folder() -> Folder {
    Folder::new().with("law/trade.gate", read("docs/diagnostics/prelude.gate")).with("law/toy/law.gate", LAW)
}

fn shown(answer: &Answer) -> String {
    format!("{}{}", answer.stdout, answer.stderr)
}

#[test]
fn law_with_mistakes() {
    let text = "use trade\n\ncategory list \"List\" {\n  category 1 \"Whips\" { code CN ex 6602 00 00 }\n}\nexception e \"E\" to list.1 {\n  cite \"1\"\n  when goods.length > 12 kg\n  then permit\n}\n";
    let f = folder().with("law/toy/more.gate", text);
    let found = run(&f, "check law/toy").exits(3);
    insta::assert_snapshot!("law_with_mistakes", format!("{text}\n----\n{}", shown(&found)));
}

#[test]
fn consignments_and_their_answers() {
    let f = folder();
    for (name, kind, status) in [
        ("consignment_with_a_mistake", "\"wip\"", 3),
        ("decision_prohibited", "\"whip\"", 1),
        ("decision_licence_required", "\"baton\"", 1),
        ("decision_undetermined", "null", 2),
    ] {
        let input = case(kind);
        let found = run(&f, "decide -p law/toy -").stdin(&input).exits(status);
        insta::assert_snapshot!(name, format!("{input}\n----\n{}", shown(&found)));
    }
    let json = run(&f, "decide -p law/toy --format json -").stdin(case("\"whip\"")).exits(1);
    insta::assert_snapshot!("decision_json", shown(&json).replace(",\"", ",\n\""));
}
