//! Reasons as a tree: from the outcome to rules, entries and facts, and where each fact comes from.

use serde_json::{Value, json};

use crate::cli::{Folder, run};

const LAW: &str = r#"
fact date: date
fact activity: one of { export, import }
fact shown: yes/no
fact aware: yes/no, presumed no because "s. 3: only who knows is bound"
fact share: percent derived "the sum of all parts"
fact goods.code: code CN
fact goods.kind: one of { whip, baton, rope }
fact goods.heavy: yes/no
fact leaves: yes/no means activity is export
policy act "Isle Act" { source "Isle Act" applies when date >= 2000-01-01 known from 2020-01-01 otherwise permit }
licence single "Single licence" { }
category list "Goods" {
  cite "Schedule"
  category 1 "Whips" { code CN ex 6602 when goods.kind is whip }
  category 2 "Batons" { code CN ex 9304 when goods.kind is baton and not goods.heavy }
}
rule s_1 "Export of whips" { cite "s. 1" when leaves and goods in list.1 then prohibit }
rule s_2 "Export of batons" { cite "s. 2" when leaves and goods in list.2 and not aware and share > 1 % then require single }
rule s_4 "Papers" { cite "s. 4" when leaves and goods coded under list and not goods in list document "Y900" negative }
exception s_3 "Shown" to s_1 { cite "s. 3" claimed when shown when shown then require single }
"#;

const WHIP: &str = r#"{ "date": "2026-03-02", "activity": "export", "goods": { "kind": "whip", "code": "6602" } }"#;
const BATON: &str = r#"{ "date": "2026-03-02", "activity": "export", "share": "2 %", "goods": { "kind": "baton", "heavy": false, "code": "9304" } }"#;

fn trees(consignment: &str, why: &str, status: i32) -> Vec<Value> {
    let f = Folder::new().with("law.gate", LAW);
    let out = run(&f, &format!("decide -p law.gate --format json {why}")).stdin(consignment).exits(status);
    out.lines()[0]["policies"][0]["why"].as_array().unwrap().clone()
}

/// The steps of a kind below a tree: their text and where the fact comes from.
fn steps(tree: &Value, kind: &str) -> Vec<(String, Option<String>)> {
    let mut out = Vec::new();
    if tree["kind"] == kind {
        out.push((tree["text"].as_str().unwrap().to_owned(), tree["source"].as_str().map(str::to_owned)));
    }
    tree["children"].as_array().into_iter().flatten().for_each(|c| out.extend(steps(c, kind)));
    out
}

fn fact(text: &str, source: &str) -> (String, Option<String>) {
    (text.to_owned(), Some(source.to_owned()))
}

#[test]
fn a_rule_leads_to_entries_and_facts_and_each_fact_to_where_it_comes_from() {
    let short = trees(BATON, "--why", 1);
    assert_eq!(short.len(), 1, "{short:?}");
    assert_eq!(short[0]["text"], "rule s_2 \"Export of batons\" applies");
    assert_eq!(
        (&short[0]["kind"], &short[0]["truth"], &short[0]["because"]),
        (&json!("rule"), &json!("yes"), &json!("s. 2"))
    );
    assert_eq!(
        steps(&short[0], "fact"),
        [
            fact("activity is export", "given"),
            fact("goods.kind is baton", "given"),
            fact("not goods.heavy", "given"),
            fact("not aware", "presumed"),
            fact("share > 1 %", "derived"),
        ]
    );
    assert_eq!(steps(&short[0], "entry"), [("list.2 \"Batons\"".to_owned(), None)]);
    // Nothing in between stands in the short form; all of it does in the whole one.
    assert!(steps(&short[0], "condition").is_empty(), "{short:?}");
    let full = trees(BATON, "--why=full", 1);
    assert_eq!(steps(&full[0], "condition")[0], fact("leaves", "derived"));
    assert!(steps(&full[0], "not").len() == 2, "{full:?}");
}

#[test]
fn what_is_defeated_says_by_what() {
    let shown = WHIP.replace("\"goods\"", "\"shown\": true, \"goods\"");
    let short = trees(&shown, "--why", 1);
    let texts: Vec<&str> = short.iter().map(|n| n["text"].as_str().unwrap()).collect();
    assert_eq!(
        texts,
        ["rule s_1 \"Export of whips\" applies, and is defeated by s_3", "exception s_3 \"Shown\" applies"]
    );
    // What is claimed is also its condition, and stands once.
    assert_eq!(steps(&short[1], "fact"), [fact("claimed: shown", "given")]);
    assert_eq!(steps(&short[1], "defeats"), [("defeats s_1".to_owned(), None)]);
}

#[test]
fn an_open_answer_names_what_may_decide_and_what_it_waits_for() {
    let open = r#"{ "date": "2026-03-02", "activity": "export", "goods": { "kind": "baton", "heavy": false } }"#;
    let short = trees(open, "--why", 2);
    let rule = short.iter().find(|n| n["text"].as_str().unwrap().contains("s_2")).unwrap();
    assert_eq!(rule["truth"], "unknown");
    assert_eq!(steps(rule, "fact"), [fact("share > 1 %", "unknown")]);
}

#[test]
fn a_negative_answer_says_what_keeps_the_goods_out_of_each_entry() {
    let rope = WHIP.replace("whip", "rope");
    let short = trees(&rope, "--why", 0);
    assert_eq!(short[0]["kind"], "otherwise");
    assert_eq!(short[0]["text"], "no rule of act with an effect applies; otherwise permitted");
    let below = &short[0]["children"][0];
    assert_eq!((&below["text"], &below["truth"]), (&json!("list.1"), &json!("no")));
    assert_eq!(below["because"], "goods.kind is rope");
    assert!(short[1]["text"].as_str().unwrap().starts_with("rule s_4"), "{short:?}");
}

#[test]
fn text_and_markdown_show_the_same_tree() {
    let f = Folder::new().with("law.gate", LAW);
    let text = run(&f, "decide -p law.gate --why").stdin(BATON).exits(1);
    let text = text.says(&["+ goods.kind is baton [goods.kind = baton, given]", "[share = 2 %, derived]", "law.gate:"]);
    assert!(!text.stdout.contains("+ leaves"), "{}", text.stdout);
    run(&f, "decide -p law.gate --why=full").stdin(BATON).exits(1).says(&["+ leaves"]);
    let markdown = run(&f, "decide -p law.gate --why --format markdown").stdin(BATON).exits(1);
    let markdown = markdown.says(&[
        "# LICENCE REQUIRED - may not proceed",
        "\n## Isle Act (act): LICENCE REQUIRED\n",
        "\n### Licence required\n\n- single: not held\n",
        "\n## Why: act\n\n- **yes**: rule s_2",
        "\n    - **yes**: goods.kind is baton (goods.kind = baton, given)\n",
        "not legal advice",
    ]);
    assert!(!markdown.stdout.contains("\n\n\n"), "{}", markdown.stdout);
    let bare = run(&f, "decide -p law.gate --format markdown").stdin(BATON).exits(1);
    assert!(!bare.stdout.contains("Why"), "{}", bare.stdout);
    run(&f, "check law.gate --format markdown").exits(3).complains(&["decide"]);
    run(&f, "decide -p law.gate --why=long").stdin(BATON).exits(3).complains(&["short", "full"]);
}
