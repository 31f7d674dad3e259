//! What the verbs beside `decide` answer: check, fmt, test, show, find, explain, schema, completions, the version.

use serde_json::{Value, json};

use crate::cli::{DECIDE, Folder, baton, island, open, rope, run, whip};

#[test]
fn check_shows_all_problems_of_all_files_at_once() {
    let f = Folder::new()
        .with("law/trade.gate", "fact date: date\nfact x: lenght\n")
        .with("law/act/act.gate", "use trade\npolicy act \"A\" { source \"S\" applies when nothing known from 2020-01-01 otherwise permit }\n")
        .with("law/act/rules.gate", "use trade\nrule r \"R\" {\n  when date >= 2020-02-30\n  then prohibit\n}\nrule s \"S\" { cite \"s\" whn date < 2020-01-01 then permit }\n");
    let answer = run(&f, "check law").exits(3).says_nothing();
    answer.complains(&[
        "there is no type `lenght`",
        "did you mean `length`?",
        "no fact `nothing` is declared",
        "`2020-02-30` is no day of the calendar",
        "`r` cites no provision",
        "`whn` cannot stand here",
        "law/trade.gate",
        "law/act/act.gate",
        "law/act/rules.gate",
        "5 errors",
    ]);
    let json = run(&f, "check --format json law").exits(3);
    assert_eq!(json.lines()[0]["errors"].as_array().unwrap().len(), 5);
}

#[test]
fn check_warns_and_denies_warnings_only_where_asked() {
    let f = island();
    let f = f.with("law/island/idle.gate", "fact never_read: yes/no\n");
    let warned = run(&f, "check law").exits(0);
    let warned = warned.says(&["no errors, 1 warning"]);
    warned.complains(&["fact-without-effect", "nothing reads fact `never_read`"]);
    run(&f, "check --deny-warnings law").exits(1);
    run(&f, "check --quick law").exits(0).complains_of_nothing();
    let json = run(&f, "check --format json law").exits(0);
    assert_eq!(json.lines()[0]["warnings"][0]["code"], "fact-without-effect");
}

#[test]
fn check_says_what_it_read() {
    let f = island();
    run(&f, "check law")
        .exits(0)
        .says(&["1 policy, 3 rules, 1 entry, 8 facts, 2 tests: no errors\n"])
        .complains_of_nothing();
    let json = run(&f, "check --format json law").exits(0);
    assert_eq!(json.lines()[0]["policies"][0]["policy"], "island");
    run(&f, "check nowhere")
        .exits(3)
        .says_nothing()
        .complains(&["there is no file, folder or shipped policy `nowhere`"]);
    let empty = Folder::new().with("law/readme.txt", "nothing");
    run(&empty, "check law").exits(3).says_nothing().complains(&["holds no gate file"]);
}

#[test]
fn fmt_checks_and_lays_out_and_is_idempotent() {
    let f = island()
        .with("law/island/ugly.gate", "# kept\nrule   s_9 \"R\"{cite \"s. 9\" # and this\nwhen shown then permit}");
    let ugly = f.read("law/island/ugly.gate");
    let checked = run(&f, "fmt --check law").exits(1).says(&["ugly.gate is not laid out"]);
    assert_eq!(checked.stdout.lines().count(), 1, "{}", checked.stdout);
    assert_eq!(f.read("law/island/ugly.gate"), ugly, "--check changes nothing");
    run(&f, "fmt law").exits(0).says(&["ugly.gate"]);
    let laid = f.read("law/island/ugly.gate");
    assert!(laid.contains("# kept") && laid.contains("# and this") && laid.contains("\n  when shown\n"), "{laid}");
    run(&f, "fmt law").exits(0).says_nothing();
    run(&f, "fmt --check law").exits(0).says_nothing();
    assert_eq!(f.read("law/island/ugly.gate"), laid);
    // A file that cannot be read is left as it is.
    let broken = Folder::new().with("a.gate", "rule r {").with("b.gate", "group   g { FR }");
    run(&broken, "fmt a.gate b.gate").exits(3).complains(&["a.gate"]);
    assert_eq!((broken.read("a.gate").as_str(), broken.read("b.gate").as_str()), ("rule r {", "group g { FR }\n"));
}

#[test]
fn test_says_what_was_expected_what_came_and_why() {
    let f = island();
    run(&f, "test law").exits(0).says(&["2 passed, 0 failed"]).complains_of_nothing();
    run(&f, "test law --filter whips").exits(0).says(&["1 passed, 0 failed"]);
    run(&f, "test law --filter nothing_is_called_so").exits(1).complains(&["no test was found"]);
    let wrong = "use trade\n\ntest \"ropes are banned\" {\n  given date 2026-03-02, destination TR, goods { kind rope }\n  expect prohibited by s_1 document \"X9\"\n}\n";
    let f = f.with("law/island/wrong.test.gate", wrong);
    let failed = run(&f, "test law").exits(1);
    failed.says(&[
        "FAILED ropes are banned (island)",
        "law/island/wrong.test.gate:3:1",
        "expected: prohibited",
        "got:      permitted",
        "expected: by s_1",
        "expected: document \"X9\"",
        "why:",
        "2 passed, 1 failed",
    ]);
    run(&f, "test law --filter batons").exits(1);
    let json = run(&f, "test --format json law").exits(1);
    let answer = &json.lines()[0];
    assert_eq!((&answer["passed"], &answer["failed"]), (&json!(2), &json!(1)));
}

#[test]
fn show_prints_what_is_called_so() {
    let f = island();
    run(&f, "show -p law s_1").exits(0).says(&["rule s_1 \"Export of whips\"", "s. 1", "prohibit", "s_3"]);
    run(&f, "show -p law list").exits(0).says(&["entry list", "6602 00 00", "whips are banned", "scourge"]);
    run(&f, "show -p law single").exits(0).says(&["licence single", "L1"]);
    run(&f, "show -p law goods.kind").exits(0).says(&["What are the goods?", "whip, baton, rope"]);
    run(&f, "show -p law s_11").exits(3).says_nothing().complains(&["nothing is called `s_11`", "did you mean `s_1`?"]);
}

#[test]
fn find_looks_by_code_and_by_text() {
    let f = island();
    let find = |what: &str| run(&f, "find -p law").arg(what);
    find("6602 00 00").exits(0).says(&["list (island", "lists 6602 00 00 in part (ex)"]);
    find("6602").exits(0).says(&["some codes below it"]);
    find("SCOURGE").exits(0).says(&["words \"scourge\" (en)"]);
    find("geißel").exits(0).says(&["list"]);
    find("batons").exits(0).says(&["rule s_2"]);
    find("9999").exits(1).says(&["nothing found for `9999`; that is no clearance"]);
    find("no such thing").exits(1).says(&["no clearance"]);
}

#[test]
fn explain_prints_the_page_of_a_code() {
    let f = Folder::new();
    run(&f, "explain ex-without-condition").exits(0).says(&["ex-without-condition", "Wrong", "Right"]);
    run(&f, "explain ex-without-conditon").exits(3).says_nothing().complains(&["did you mean `ex-without-condition`?"]);
    run(&f, "explain").exits(0).says(&["syntax-error", "constraint-broken"]);
}

#[test]
fn schema_is_json_and_its_template_can_be_decided() {
    let f = island();
    let parsed = |args: &str| serde_json::from_str::<Value>(&run(&f, args).exits(0).stdout).unwrap();
    let schema = parsed("schema -p law");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["properties"]["destination"]["description"], "For which country are the goods meant?");
    assert!(parsed("schema -p law --decision")["oneOf"].is_array());
    let mut template = parsed("schema -p law --template");
    assert_eq!(template["goods"]["kind"], Value::Null);
    run(&f, DECIDE).stdin(template.to_string()).exits(3).complains(&["missing-date"]);
    template["date"] = json!("2026-03-02");
    run(&f, DECIDE).stdin(template.to_string()).exits(2).says(&["UNDETERMINED"]).complains_of_nothing();
    let csv = run(&f, "schema -p law --template csv").exits(0);
    assert_eq!(csv.stdout, "id,date,destination,shown,goods.kind,goods.code,goods.length\n");
}

#[test]
fn what_is_decided_fits_the_schema_of_the_decision() {
    // Every field that a decision has is in its schema, and every field that must be there is.
    fn fits(value: &Value, schema: &Value, defs: &Value, at: &str) {
        if let Some(name) = schema["$ref"].as_str() {
            return fits(value, &defs[name.rsplit('/').next().unwrap()], defs, at);
        }
        if let Some(of) = schema.get("items") {
            value.as_array().into_iter().flatten().for_each(|v| fits(v, of, defs, at));
        }
        let (Some(object), Some(known)) = (value.as_object(), schema["properties"].as_object()) else { return };
        for (name, v) in object {
            let of = known.get(name).unwrap_or_else(|| panic!("{at}.{name} is not in the schema"));
            fits(v, of, defs, &format!("{at}.{name}"));
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(object.contains_key(name.as_str().unwrap()), "{at} has no {name}");
        }
    }
    let f = island();
    let schema: Value = serde_json::from_str(&run(&f, "schema -p law --decision").exits(0).stdout).unwrap();
    let listed = json!({ "date": "2026-03-02", "destination": "TR", "goods": [{ "kind": "baton" }, {}] }).to_string();
    let input = [whip(), open(), rope(), baton(json!([])), listed, "{ \"x\": 1 }".to_owned()].join("\n");
    for line in run(&f, "decide --why -p law --format json").stdin(input).exits(3).lines() {
        let which = usize::from(line["outcome"] == "error");
        fits(&line, &schema["oneOf"][which], &schema["$defs"], "decision");
    }
}

#[test]
fn completions_are_made_for_every_shell() {
    let f = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        run(&f, &format!("completions {shell}")).exits(0).says(&["portcullis", "decide"]).complains_of_nothing();
    }
    run(&f, "completions csh").exits(3).says_nothing();
}

#[test]
fn version_names_the_shipped_policies_and_their_digests() {
    let f = Folder::new();
    let answer = run(&f, "--version")
        .exits(0)
        .says(&[&format!("portcullis {}", env!("CARGO_PKG_VERSION")), "eu.torture sha256:"]);
    let digest = answer.stdout.lines().find_map(|l| l.strip_prefix("eu.torture sha256:")).unwrap();
    assert!(digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()), "{digest}");
    assert_eq!(run(&f, "-V").exits(0).stdout, answer.stdout);
}
