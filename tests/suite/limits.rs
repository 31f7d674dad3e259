//! Limits and hygiene: how much is read, and every kind of bad input, each with its message and its place.

use portcullis::Policy;
use portcullis::consignment::{MAX_BYTES, MAX_ITEMS, MAX_NESTING, Overlay};
use portcullis::source::{MAX_FILE, SourceFile};
use serde_json::json;

use crate::cli::{Folder, run};
use crate::support::law;
use crate::toy::{ACT, FACTS, decide, files, outcomes, toy};

/// A law that bans whips.
fn whips() -> Policy {
    toy("rule ban \"R\" { cite \"s\" when goods.kind is whip then prohibit }")
}

/// The messages about some law in one file, as plain text; empty if it is right.
fn complaint(bytes: impl Into<Vec<u8>>) -> String {
    let file = portcullis::LawFile { path: "law.gate".to_owned(), bytes: bytes.into() };
    Policy::load([file]).map_or_else(|r| r.plain(), |_| String::new())
}

/// The messages about a consignment, as plain text.
fn refused(json: &str) -> String {
    whips().decide(json).map_or_else(|r| r.plain(), |d| panic!("decided: {}", d.outcome.as_str()))
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    parts.iter().for_each(|p| assert!(text.contains(p), "no `{p}` in\n{text}"));
}

/// `{ "date": "2026-03-02", REST }`
fn dated(rest: &str) -> String {
    format!("{{ \"date\": \"2026-03-02\", {rest} }}")
}

// ------------------------------------------------------------------------------------------------------------- sizes

#[test]
fn a_file_of_law_may_have_4_mib() {
    let act = format!("{FACTS}{ACT}#");
    let full = act.clone() + &"x".repeat(MAX_FILE - act.len());
    assert_eq!(full.len(), 4 * 1024 * 1024);
    assert_eq!(complaint(full.clone()), "");
    says(&complaint(full.clone() + "x"), &["unreadable-file", "law.gate", "4194305", "4194304"]);
    assert!(SourceFile::new("x", vec![b' '; MAX_FILE + 1]).is_err());
    let f = Folder::new().with("law.gate", full + "x");
    run(&f, "check law.gate").exits(3).says_nothing().complains(&["law.gate", "4194304"]);
}

#[test]
fn a_chart_file_has_the_limits_of_a_file_of_law() {
    let text = format!("{FACTS}{ACT}chart marks from \"marks.csv\"\n");
    let with = |csv: Vec<u8>| {
        let chart = portcullis::LawFile { path: "marks.csv".to_owned(), bytes: csv };
        Policy::load([law("law.gate", &text), chart]).map_or_else(|r| r.plain(), |_| String::new())
    };
    assert_eq!(with(b"\xef\xbb\xbfcountry,M1\r\nFR,X\r\n".to_vec()), "");
    says(&with(vec![b'#'; MAX_FILE + 1]), &["unreadable-file", "marks.csv", "4194304"]);
    says(&with(b"country,M1\nF\xff,X\n".to_vec()), &["marks.csv", "UTF-8", "line 2"]);
    says(&with(b"country,M1\nXX,X\n".to_vec()), &["bad-chart", "line 2", "`XX` is no country code"]);
    says(&with(b"country,M1\nFR,yes\n".to_vec()), &["bad-chart", "`yes` is no mark"]);
    says(&with(b"country,M1\nFR,X\nFR,\n".to_vec()), &["bad-chart", "line 3", "two rows"]);
    says(&with(b"country,M1,from,to\nFR,X,,2020-12-31\nFR,,2021-01-01,\n".to_vec()), &[]);
    let both = b"country,M1,from,to\nFR,X,2021-01-01,\nDE,,,\nFR,,,2021-01-01\n";
    says(&with(both.to_vec()), &["bad-chart", "line 4", "`FR` has two rows, both from 2021-01-01 to 2021-01-01"]);
    says(&with(b"country,M1,from\nFR,X,soon\n".to_vec()), &["bad-chart", "line 2", "`soon` is no day"]);
    let backwards = b"country,M1,from,to\nFR,X,2021-01-01,2020-01-01\n";
    says(&with(backwards.to_vec()), &["bad-chart", "line 2", "ends before it starts"]);
    says(&with(b"country,M1,as\nFR,X,DE\n".to_vec()), &["bad-chart", "line 2", "borrows the row of `DE`"]);
    says(&with(b"country,M1,M1\nFR,X,\n".to_vec()), &["bad-chart", "two columns are called `M1`"]);
    says(&with(b"land,M1\nFR,X\n".to_vec()), &["bad-chart", "`country`"]);
    says(&with(b"country,M1\nFR,X,X\n".to_vec()), &["bad-chart"]);
}

#[test]
fn a_consignment_may_have_1_mib() {
    let policy = whips();
    let head = "{ \"date\": \"2026-03-02\", \"id\": \"";
    let full = format!("{head}{}\" }}", "x".repeat(MAX_BYTES - head.len() - 3));
    assert_eq!(full.len(), 1024 * 1024);
    assert!(policy.decide(&full).is_ok());
    for more in [1, 3 * MAX_BYTES, 5 * MAX_BYTES] {
        says(&refused(&(full.clone() + &" ".repeat(more))), &["consignment-limit", "1048576"]);
    }
    // A file, and a line.
    let f = Folder::new()
        .with("law.gate", format!("{FACTS}{ACT}"))
        .with("full.json", &full)
        .with("more.json", full.clone() + " ")
        .with("much.json", full.clone() + &" ".repeat(3 * MAX_BYTES))
        .with("day.jsonl", format!("{full}\n{full} \n{full}\n{full}"));
    run(&f, "decide -p law.gate full.json").exits(0);
    run(&f, "decide -p law.gate more.json").exits(3).says_nothing().complains(&["1048576"]);
    run(&f, "decide -p law.gate much.json").exits(3).says_nothing().complains(&["1048576"]);
    let lines =
        run(&f, "decide -p law.gate --format json day.jsonl").exits(3).complains(&["day.jsonl:2", "1048576"]).lines();
    let outcomes: Vec<&str> = lines.iter().map(|l| l["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["permitted", "error", "permitted", "permitted"]);
}

#[test]
fn a_consignment_may_have_10_000_items() {
    let policy = whips();
    let items = |n: usize| json!({ "date": "2026-03-02", "goods": vec![json!({}); n] }).to_string();
    assert_eq!(policy.read("x", &items(MAX_ITEMS), &Overlay::default()).unwrap().items.len(), 10_000);
    says(&refused(&items(MAX_ITEMS + 1)), &["consignment-limit", "10001 goods items", "10000"]);
    says(&refused(&items(0)), &["consignment-syntax", "`goods` lists no item"]);
}

#[test]
fn a_consignment_may_nest_200_deep() {
    let nest = |n: usize| dated(&format!("\"x\": {}1{}", "{\"y\":".repeat(n - 1), "}".repeat(n - 1)));
    let within = refused(&nest(MAX_NESTING));
    says(&within, &["undeclared-fact"]);
    assert!(!within.contains("consignment-limit"), "{within}");
    says(&refused(&nest(MAX_NESTING + 1)), &["consignment-limit", "200"]);
    says(&refused(&"[".repeat(1_000_000)), &["consignment-limit", "200"]);
    // Brackets in texts do not nest.
    let policy = toy("fact remark: text");
    assert_eq!(decide(&policy, json!({ "remark": "[{".repeat(500) })).outcome(), "permitted");
}

#[test]
fn law_may_nest_200_deep() {
    let paren =
        |n: usize| format!("{FACTS}{ACT}constraint k \"C\" {{ always {}a{} }}", "(".repeat(n - 1), ")".repeat(n - 1));
    assert_eq!(complaint(paren(200)), "");
    says(&complaint(paren(201)), &["nesting-too-deep", "200"]);
    let list = |n: usize| {
        format!(
            "{FACTS}{ACT}constraint k \"C\" {{ always {}a;{} }}",
            "any of {".repeat(n - 1),
            "};".repeat(n - 2) + "}"
        )
    };
    assert_eq!(complaint(list(200)), "");
    says(&complaint(list(201)), &["nesting-too-deep"]);
    let not = |n: usize| format!("{FACTS}{ACT}constraint k \"C\" {{ always {}a }}", "not ".repeat(n));
    assert_eq!(complaint(not(200)), "");
    says(&complaint(not(201)), &["nesting-too-deep"]);
    let values = |n: usize| {
        format!("fact x: one of {}{}", (0..n).map(|i| format!("{{ v{i} ")).collect::<String>(), "}".repeat(n))
    };
    assert_eq!(complaint(values(200)), "");
    says(&complaint(values(201)), &["nesting-too-deep"]);
    let entries = |n: usize| {
        let open: String = (0..n).map(|i| format!("category c{i} \"C\" {{ ")).collect();
        format!("{FACTS}{ACT}{open}when a{}", " }".repeat(n))
    };
    assert_eq!(complaint(entries(200)), "");
    says(&complaint(entries(201)), &["nesting-too-deep"]);
    // What nests without brackets is limited too.
    says(&complaint(format!("fact x: {}yes/no", "set of ".repeat(100_000))), &["syntax-error"]);
    says(&complaint("(".repeat(1_000_000)), &["nesting-too-deep"]);
    says(&complaint(format!("rule r \"R\" {{ cite \"c\" when {}a }}", "not ".repeat(500_000))), &["nesting-too-deep"]);
}

#[test]
fn the_deepest_law_is_decided_and_laid_out_on_a_small_stack() {
    let text = format!(
        "{FACTS}{ACT}rule ban \"R\" {{ cite \"s\" when {}a{} then prohibit }}",
        "not (b or ".repeat(98),
        ")".repeat(98)
    );
    let deep = move || {
        let policy = files(vec![law("law.gate", &text)]);
        let answer = decide(&policy, json!({ "b": false, "a": true }));
        let (tree, problems) = portcullis::syntax::parse_file(portcullis::span::FileId(0), &text);
        assert!(problems.is_empty());
        assert!(!portcullis::format::format(&tree).is_empty());
        answer.outcome().to_owned()
    };
    // The stack that threads have by default.
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(deep).unwrap();
    assert_eq!(thread.join().unwrap(), "prohibited");
}

/// Named conditions `c0` to `c{n - 1}`, each made from the one before.
fn steps(n: usize, each: impl Fn(&str) -> String) -> String {
    let step = |i: usize| match i.checked_sub(1) {
        None => "fact c0: yes/no means a\n".to_owned(),
        Some(before) => format!("fact c{i}: yes/no means {}\n", each(&format!("c{before}"))),
    };
    (0..n).map(step).collect()
}

/// Each step names the one before twice, so the last but one of 13 is 2 to the 13 less 1 of them, and the rule makes one
/// more: within the 10,000. One more step is not.
#[test]
fn conditions_that_double_at_each_step_are_decided_up_to_a_limit() {
    let law = |n: usize| {
        let steps = steps(n, |before| format!("{before} and b or {before} and not b"));
        format!(
            "{steps}constraint k \"K\" {{ always c{0} or d }}\nrule r \"R\" {{ cite \"r\" when c{0} then prohibit }}",
            n - 1
        )
    };
    let whole = |n: usize| format!("{FACTS}{ACT}{}", law(n));
    let policy = toy(&law(13));
    outcomes(&policy, &[(json!({ "a": true, "b": true }), "prohibited"), (json!({ "d": true }), "undetermined")]);
    let refused = complaint(whole(14));
    says(&refused, &["too-involved", "`c13` rests on more than 10000 others", "law.gate:"]);
    assert_eq!(refused.matches("too-involved").count(), 1, "what rests on it is not named too:\n{refused}");
    says(&complaint(whole(100)), &["too-involved", "`c13`"]);
}

/// Each step is three levels: the name, what is joined, and what it joins.
#[test]
fn what_goes_deeper_than_1000_levels_is_refused() {
    let law = |n: usize| {
        let steps = steps(n, |before| format!("{before} and b"));
        format!("{FACTS}{ACT}{steps}rule r \"R\" {{ cite \"r\" when c{} then prohibit }}", n - 1)
    };
    let deepest = files(vec![crate::support::law("law.gate", &law(333))]);
    outcomes(&deepest, &[(json!({ "a": true, "b": true }), "prohibited"), (json!({ "a": false }), "permitted")]);
    says(&complaint(law(10_000)), &["too-involved", "more than 1000 levels deep"]);
    let exceptions = |n: usize| {
        let each = |i: usize| format!("exception r{i} \"R\" to r{} {{ cite \"r\" when b then permit }}\n", i - 1);
        let first = format!("{FACTS}{ACT}rule r0 \"R\" {{ cite \"r\" when a then prohibit }}\n");
        first + &(1..n).map(each).collect::<String>()
    };
    assert_eq!(complaint(exceptions(1000)), "");
    says(&complaint(exceptions(1001)), &["too-involved", "`r1000`", "more than 1000 levels deep"]);
}

#[test]
fn a_set_is_put_together_from_200_parts_at_most() {
    let sum = |n: usize| format!("{FACTS}{ACT}group g {{ FR }}\ngroup sum = g{}", " + g".repeat(n - 1));
    assert_eq!(complaint(sum(200)), "");
    says(&complaint(sum(201)), &["too-involved", "201 parts, more than 200"]);
    says(&complaint(sum(500_000)), &["too-involved"]);
    // Brackets in brackets, each a sum: some forty thousand levels, wherever a condition may stand.
    let nested = (0..190).fold("g".to_owned(), |inner, _| format!("({inner}{})", " + g".repeat(199)));
    for (what, text) in [
        ("r", format!("rule r \"R\" {{ cite \"r\" when origin in {nested} then prohibit }}")),
        ("k", format!("constraint k \"K\" {{ always origin in {nested} }}")),
        ("l", format!("licence l \"L\" {{ covers when origin in {nested} }}")),
        ("z", format!("fact z: yes/no, presumed yes unless origin in {nested}")),
        (
            "p",
            format!(
                "policy p \"P\" {{ source \"S\" applies when origin in {nested} known from 2020-01-01 otherwise permit }}"
            ),
        ),
    ] {
        let act = if what == "p" { "" } else { ACT };
        let found = complaint(format!("{FACTS}{act}group g {{ FR }}\n{text}"));
        says(&found, &["too-involved", &format!("`{what}` goes more than 1000 levels deep")]);
    }
    let groups = |n: usize| {
        let each = |i: usize| format!("group g{i} = g{0} + g{0}\n", i - 1);
        format!("{FACTS}{ACT}group g0 {{ FR }}\n") + &(1..n).map(each).collect::<String>()
    };
    assert_eq!(complaint(groups(13)), "");
    says(&complaint(groups(64)), &["too-involved", "`g13` rests on more than 10000 others"]);
}

#[test]
fn a_set_of_sets_is_refused() {
    says(&complaint("fact x: set of set of yes/no"), &["syntax-error", "`set` cannot stand here"]);
}

// ------------------------------------------------------------------------------------------------------ text as bytes

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_fine() {
    let text =
        format!("{FACTS}{ACT}rule ban \"R\" {{\n  cite \"s\"  # why\n  when goods.kind is whip\n  then prohibit\n}}\n");
    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let policy = files(vec![law("law.gate", &windows)]);
    outcomes(&policy, &[(json!({ "goods": { "kind": "whip" } }), "prohibited")]);
    let case = "\u{feff}{\r\n  \"date\": \"2026-03-02\",\r\n  \"goods\": { \"kind\": \"whip\" }\r\n}\r\n";
    assert_eq!(policy.decide(case).unwrap().outcome.as_str(), "prohibited");
    // Places are counted without the mark.
    says(&complaint("\u{feff}fact x: lenght\r\nfact y: lenght"), &["law.gate:1:9", "law.gate:2:9"]);
    let table = "table \"t\" given { date 2026-03-02 } {\n  | goods.kind | expect |\n  | rope | permitted |\n  | whip | prohibited |\n}\n";
    let table = table.replace("rope", "baton").replace('\n', "\r\n");
    let policy = files(vec![law("law.gate", &(windows + &table))]);
    assert!(portcullis::testing::run(&policy, None).iter().all(portcullis::testing::Outcome::passed));
}

#[test]
fn other_encodings_are_an_error_with_the_place() {
    says(&complaint(b"fact x: yes/no\n# caf\xe9\n".to_vec()), &["unreadable-file", "law.gate", "UTF-8", "line 2"]);
    let utf16: Vec<u8> = "\u{feff}fact x: yes/no".encode_utf16().flat_map(u16::to_le_bytes).collect();
    says(&complaint(utf16), &["unreadable-file", "UTF-8"]);
    let f = Folder::new()
        .with("law.gate", format!("{FACTS}{ACT}"))
        .with("bad.gate", b"# \xff\xfe")
        .with("bad.json", b"{ \"date\": \"2026-03-02\", \"id\": \"caf\xe9\" }")
        .with("bad.jsonl", b"{ \"date\": \"2026-03-02\" }\n{ \"id\": \"\xff\" }\n{ \"date\": \"2026-03-02\" }");
    run(&f, "check bad.gate").exits(3).says_nothing().complains(&["bad.gate", "UTF-8"]);
    run(&f, "decide -p law.gate bad.json").exits(3).says_nothing().complains(&["bad.json", "UTF-8"]);
    run(&f, "decide -p law.gate -").stdin(b"{ \"date\": \"\xff\" }").exits(3).says_nothing().complains(&["UTF-8"]);
    let lines = run(&f, "decide -p law.gate --format json bad.jsonl").exits(3).complains(&["bad.jsonl:2"]).lines();
    assert_eq!(
        lines.iter().map(|l| l["outcome"].as_str().unwrap()).collect::<Vec<_>>(),
        ["permitted", "error", "permitted"]
    );
}

#[test]
fn an_empty_file_of_law_says_nothing_and_clears_nothing() {
    for text in ["", "\n\n", "# only\n# comments", "\u{feff}", "\r\n"] {
        let policy = files(vec![law("law.gate", text)]);
        let answer = policy.decide_with(
            &policy.evaluator(),
            "case",
            "{}",
            &Overlay { as_of: portcullis::model::date::parse_date("2026-03-02"), set: Vec::new() },
            &portcullis::Options::default(),
        );
        let answer = answer.unwrap();
        assert_eq!((answer.outcome.as_str(), answer.may_proceed), ("not_applicable", None), "{text:?}");
    }
}

#[test]
fn what_is_no_object_is_no_consignment() {
    for text in ["", " ", "[]", "null", "12", "\"x\"", "true"] {
        says(&refused(text), &["consignment-syntax", "one JSON object"]);
    }
    for text in [
        "{",
        "{ \"date\" }",
        "{ date: 1 }",
        "{ \"a\": 1, }",
        "// x\n{}",
        "{} {}",
        "{ 'a': 1 }",
        "{ \"a\": +1 }",
        "{ \"a\": NaN }",
    ] {
        says(&refused(text), &["consignment-syntax", "this is not JSON"]);
    }
    says(&refused("{ \"date\": \"2026-03-02\",\n  \"a\": tru }"), &["consignment:2:8"]);
}

// ------------------------------------------------------------------------------------------------------ keys and facts

#[test]
fn a_key_that_stands_twice_is_an_error() {
    says(&refused(&dated("\"a\": true, \"a\": false")), &["duplicate-key", "`a` stands twice", "first here"]);
    says(&refused(&dated("\"goods\": { \"kind\": \"whip\", \"kind\": \"baton\" }")), &["duplicate-key", "`kind`"]);
    says(&refused(&dated("\"goods\": {}, \"goods\": {}")), &["duplicate-key", "`goods`"]);
    says(&refused(&dated("\"date\": \"2026-03-03\"")), &["duplicate-key", "`date`"]);
    let held = "\"licences\": [{ \"licence\": \"single\", \"licence\": \"broad\" }]";
    says(&refused(&dated(held)), &["duplicate-key", "`licence`"]);
    // The same key in other spelling of JSON.
    says(&refused(&dated("\"a\": true, \"\\u0061\": false")), &["duplicate-key", "`a`"]);
}

#[test]
fn a_fact_given_at_two_places_is_given_twice() {
    let policy = toy("fact end_user.known: yes/no\nfact goods.origin.code: country");
    let both = dated("\"end_user.known\": true, \"end_user\": { \"known\": false }");
    let message = policy.decide(&both).map_or_else(|r| r.plain(), |d| panic!("decided: {}", d.outcome.as_str()));
    says(&message, &["duplicate-key", "end_user.known"]);
    let goods = dated("\"goods\": { \"origin.code\": \"FR\", \"origin\": { \"code\": \"DE\" } }");
    says(&policy.decide(&goods).map_or_else(|r| r.plain(), |_| "decided".to_owned()), &["duplicate-key"]);
    // One spelling or the other alone is fine.
    for one in ["\"end_user.known\": true", "\"end_user\": { \"known\": true }"] {
        assert!(policy.decide(&dated(one)).is_ok(), "{one}");
    }
}

#[test]
fn an_undeclared_fact_is_an_error_that_names_the_nearest() {
    says(
        &refused(&dated("\"destinaton\": \"FR\"")),
        &["undeclared-fact", "`destinaton`", "did you mean `destination`?"],
    );
    says(&refused(&dated("\"goods\": { \"lenght\": \"1 m\" }")), &["`goods.lenght`", "did you mean `goods.length`?"]);
    says(&refused(&dated("\"xyzzy\": 1")), &["`xyzzy`", "portcullis schema"]);
    says(&refused(&dated("\"xyzzy\": null")), &["undeclared-fact"]);
    says(&refused(&dated("\"xyzzy\": {}")), &["undeclared-fact"]);
    // In the wrong place: a fact of goods at the top, one of the consignment in the goods.
    says(&refused(&dated("\"kind\": \"whip\"")), &["undeclared-fact", "goods.kind"]);
    says(&refused(&dated("\"goods\": { \"destination\": \"FR\" }")), &["undeclared-fact"]);
    says(&refused(&dated("\"goods.kind\": \"whip\"")), &["does not belong here"]);
    // A named condition follows from others.
    let policy = toy("fact bad: yes/no means a and b");
    says(&policy.decide(&dated("\"bad\": true")).unwrap_err().plain(), &["`bad` follows from other facts"]);
    // All mistakes at once.
    let many = refused(&dated("\"x\": 1, \"destination\": \"XX\", \"goods\": { \"kind\": \"wip\" }"));
    says(&many, &["`x`", "`destination`", "did you mean `whip`?"]);
}

#[test]
fn null_is_unknown_everywhere() {
    let policy = whips();
    let case = json!({
        "id": null, "destination": null, "a": null, "transit": null, "worth": null,
        "goods": { "kind": null, "code": null, "length": null }, "licences": null
    });
    let answer = decide(&policy, case);
    assert_eq!((answer.outcome(), answer.list("missing")), ("undetermined", vec!["goods.kind".to_owned()]));
    assert_eq!(decide(&policy, json!({ "goods": null })).outcome(), "undetermined");
    says(&refused("{ \"date\": null }"), &["missing-date"]);
    says(&refused(&dated("\"transit\": [null]")), &["bad-fact-value", "a list names only what is known"]);
    says(&refused(&dated("\"licences\": [null]")), &["consignment-syntax"]);
    says(&refused(&dated("\"goods\": [null]")), &["consignment-syntax"]);
    says(&refused(&dated("\"licences\": [{}]")), &["does not say of which kind"]);
}

// -------------------------------------------------------------------------------------------------------------- values

#[test]
fn numbers_that_would_lose_digits_are_an_error() {
    for digits in
        ["12345678901234567", "0.12345678901234567", "1234567890.1234567", "99999999999999999999999999999999999"]
    {
        says(&refused(&dated(&format!("\"n\": {digits}"))), &["bad-fact-value", "`n`", "16 digits"]);
        says(
            &refused(&dated(&format!("\"goods\": {{ \"length\": \"{digits} mm\" }}"))),
            &["bad-fact-value", "16 digits"],
        );
        says(
            &complaint(format!("{FACTS}{ACT}constraint k \"C\" {{ always n < {digits} }}")),
            &["bad-number", "16 digits"],
        );
    }
    for fine in ["1234567890123456", "0.1234567890123456", "-12", "0", "-0.5", "1.50000000000000000000000"] {
        assert!(whips().decide(&dated(&format!("\"n\": {fine}"))).is_ok(), "{fine}");
    }
    for not in ["1e3", "1E-2"] {
        says(&refused(&dated(&format!("\"n\": {not}"))), &["bad-fact-value"]);
    }
    says(&refused(&dated("\"holders\": 1.5")), &["a whole number from 0"]);
    says(&refused(&dated("\"holders\": -1")), &["a whole number from 0"]);
    assert_eq!(
        decide(&toy("rule r \"R\" { cite \"s\" when holders = 2 then prohibit }"), json!({ "holders": 2 })).outcome(),
        "prohibited"
    );
}

#[test]
fn a_code_given_as_a_number_is_an_error() {
    says(&refused(&dated("\"goods\": { \"code\": 8543 }")), &["bad-fact-value", "leading zeros", "quotes"]);
    says(&refused(&dated("\"goods\": { \"code\": \"854\" }")), &["bad-fact-value", "3 digits"]);
    says(&refused(&dated("\"goods\": { \"code\": \"85-43\" }")), &["bad-fact-value", "`-` is no digit"]);
    says(&refused(&dated("\"goods\": { \"code\": \"\" }")), &["bad-fact-value"]);
    says(&complaint(format!("{FACTS}{ACT}category c \"C\" {{ code CN 854 }}")), &["bad-code", "3 digits"]);
    says(
        &complaint(format!("{FACTS}fact cas: code CAS\n{ACT}constraint k \"C\" {{ always not cas is 57-33-1 }}")),
        &["bad-code", "check digit"],
    );
}

#[test]
fn the_wrong_unit_and_the_wrong_dimension_are_errors() {
    let long = |l: &str| refused(&dated(&format!("\"goods\": {{ \"length\": {l} }}")));
    says(&long("\"12 kg\""), &["bad-fact-value", "`kg` measures mass, not length"]);
    says(&long("\"12 furlong\""), &["`furlong` is no known unit"]);
    says(&long("\"12\""), &["needs a number and a unit"]);
    says(&long("12"), &["put value and unit in quotes"]);
    says(&long("\"mm\""), &["bad-fact-value"]);
    says(&long("\"-1 mm\""), &["not negative"]);
    says(&long("\"1,5 m\""), &["bad-fact-value"]);
    says(&long("true"), &["bad-fact-value"]);
    says(&long("[\"1 m\"]"), &["bad-fact-value"]);
    says(&long("{ \"mm\": 1 }"), &["goods.length"]);
    let always = |c: &str| complaint(format!("{FACTS}{ACT}constraint k \"C\" {{ always {c} }}"));
    says(&always("goods.length > 12 kg"), &["wrong-dimension", "`kg` measures mass, not length"]);
    says(&always("goods.length > 12"), &["wrong-dimension"]);
    says(&always("worth > 12 USD"), &["wrong-dimension", "USD"]);
    says(&always("worth > 12 kg"), &["wrong-dimension"]);
    says(&always("destination > FR"), &["wrong-type", "no order"]);
    says(&always("a is 12"), &["wrong-type"]);
}

#[test]
fn money_of_another_currency_is_unknown_and_nonsense_is_an_error() {
    let policy = toy("rule r \"R\" { cite \"s\" when worth > 10 EUR then prohibit }");
    let answer = decide(&policy, json!({ "worth": "1 USD" }));
    assert_eq!(answer.outcome(), "undetermined");
    says(&answer.0["warnings"].to_string(), &["worth", "1 USD", "another currency"]);
    let beside = decide(&whips(), json!({ "worth": "1 USD", "goods": { "kind": "baton" } }));
    assert_eq!(beside.outcome(), "permitted", "what nothing asks for keeps nothing open");
    says(&beside.0["warnings"].to_string(), &["another currency"]);
    for bad in ["\"12\"", "12", "\"12 euro\"", "\"EUR\"", "\"twelve EUR\""] {
        says(&policy.decide(&dated(&format!("\"worth\": {bad}"))).unwrap_err().plain(), &["bad-fact-value", "`worth`"]);
    }
}

#[test]
fn an_unknown_country_or_value_is_an_error() {
    for bad in ["XX", "ZZ", "EU", "fr", "FRA", "France", ""] {
        says(
            &refused(&dated(&format!("\"destination\": \"{bad}\""))),
            &["bad-fact-value", "`destination`", "ISO 3166-1"],
        );
    }
    says(&refused(&dated("\"destination\": 276")), &["bad-fact-value"]);
    says(&refused(&dated("\"goods\": { \"kind\": \"Whip\" }")), &["did you mean `whip`?"]);
    says(&refused(&dated("\"goods\": { \"kind\": \"rocket\" }")), &["none of the declared values", "whip, electric"]);
    says(&refused(&dated("\"a\": \"yes\"")), &["bad-fact-value", "true or false"]);
    says(&refused(&dated("\"a\": 1")), &["bad-fact-value"]);
    says(&refused(&dated("\"transit\": \"FR\"")), &["one value is given where a list is expected"]);
    says(&refused(&dated("\"transit\": [\"FR\", \"XX\"]")), &["bad-fact-value"]);
    says(&complaint(format!("{FACTS}{ACT}group g {{ XX }}")), &["unknown-name", "`XX`"]);
    says(
        &complaint(format!("{FACTS}{ACT}constraint k \"C\" {{ always not goods.kind is wip }}")),
        &["did you mean `whip`?"],
    );
}

#[test]
fn namibia_and_norway_are_countries_and_so_are_the_codes_that_customs_uses() {
    let policy =
        toy("group g { NA, NO, IN, IS, XK, XI }\nrule r \"R\" { cite \"s\" when destination in g then prohibit }");
    let to = |d: &str| json!({ "destination": d });
    for code in ["NA", "NO", "IN", "IS", "XK", "XI"] {
        assert_eq!(decide(&policy, to(code)).outcome(), "prohibited", "{code}");
    }
    outcomes(&policy, &[(to("GB"), "permitted"), (to("RS"), "permitted")]);
    // Other spellings of one country.
    let policy = toy("rule r \"R\" { cite \"s\" when destination in {GR, GB} then prohibit }");
    outcomes(&policy, &[(to("EL"), "prohibited"), (to("UK"), "prohibited")]);
}

#[test]
fn a_historic_code_is_a_place_that_is_in_no_group() {
    let policy = toy("group g { RU, RS, CZ }\nrule r \"R\" { cite \"s\" when destination in g then prohibit }\n\
         rule s \"S\" { cite \"s\" when destination not in g then require single }");
    for code in ["SU", "YU", "CS", "DD", "AN"] {
        assert_eq!(decide(&policy, json!({ "destination": code })).outcome(), "licence_required", "{code}");
    }
}

#[test]
fn no_date_and_no_day_of_the_calendar_are_errors() {
    says(&refused("{}"), &["missing-date", "--as-of"]);
    says(&refused("{ \"goods\": {} }"), &["missing-date"]);
    for bad in [
        "2026-02-30",
        "2025-02-29",
        "2026-13-01",
        "2026-00-10",
        "02.03.2026",
        "2026-03-02T10:00:00",
        "2026",
        "0000-00-00",
        "today",
    ] {
        let message = refused(&format!("{{ \"date\": \"{bad}\" }}"));
        says(&message, &["bad-fact-value", "`date`"]);
        assert!(!message.contains("missing-date"), "{message}");
        says(&refused(&dated(&format!("\"made\": \"{bad}\""))), &["bad-fact-value", "`made`"]);
    }
    says(&refused("{ \"date\": 20260302 }"), &["bad-fact-value", "`date`"]);
    assert!(whips().decide("{ \"date\": \"2024-02-29\" }").is_ok());
    let always = |c: &str| complaint(format!("{FACTS}{ACT}constraint k \"C\" {{ always {c} }}"));
    says(&always("made < 2025-02-29"), &["bad-date", "2025-02-29"]);
    says(&complaint(format!("{FACTS}{ACT}group g {{ FR from 2025-04-31 }}")), &["bad-date"]);
    says(&complaint(format!("{FACTS}{ACT}group g in force from 2025-04-01 to 2025-03-01 {{ FR }}")), &["bad-interval"]);
}

#[test]
fn places_of_messages_are_those_of_the_mistake() {
    let message = refused("{\n  \"date\": \"2026-03-02\",\n  \"goods\": { \"kind\": \"wip\" }\n}");
    says(&message, &["consignment:3:22: error[bad-fact-value]"]);
    // Columns are counted in characters.
    let message = refused("{ \"id\": \"é\u{1F600}\", \"date\": \"2026-03-02\", \"x\": 1 }");
    says(&message, &["consignment:1:37: error[undeclared-fact]"]);
}

#[test]
fn facts_that_clash_are_pointed_at_where_they_stand() {
    let policy = toy("constraint heavy \"Whips are light\" { always not (goods.kind is whip and goods.heavy) }\n\
         constraint both \"A or B\" { always not (a and b) }\n\
         constraint paper \"A paper is for one country\" { always not (c and licence.destination is destination) }");
    let with = |json: &str, set: &[(&str, &str)]| {
        let set = set.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let overlay = Overlay { set, ..Overlay::default() };
        let evaluator = policy.evaluator();
        policy.decide_with(&evaluator, "x", json, &overlay, &portcullis::Options::default()).unwrap_err().plain()
    };
    // Each given fact at its place, from its name to the end of its value; each constraint in a message of its own.
    let two = with(
        "{ \"date\": \"2026-03-02\",\n  \"a\": true, \"b\": true,\n  \"goods\": { \"heavy\": true, \"kind\": \"whip\" } }",
        &[],
    );
    says(
        &two,
        &[
            "x:2:3: error[constraint-broken]: these facts cannot all be so: a, b\n  x:2:3: A or B (both)\n  x:2:14: and this",
        ],
    );
    says(&two, &["x:3:14: error[constraint-broken]: these facts cannot all be so: goods.kind, goods.heavy"]);
    says(&two, &["x:3:14: Whips are light (heavy)\n  x:3:29: and this"]);
    // Of several items and licences, the one that breaks it.
    let items = with(
        "{ \"date\": \"2026-03-02\", \"goods\": [{ \"kind\": \"whip\" },\n{ \"heavy\": true },\n{ \"kind\": \"whip\", \"heavy\": true }] }",
        &[],
    );
    says(&items, &["these facts of item 3 cannot all be so", "x:3:3: Whips are light", "x:3:19: and this"]);
    assert_eq!(items.matches("x:").count(), 3, "{items}");
    let held =
        "[{ \"licence\": \"single\", \"destination\": \"DE\" },\n{ \"licence\": \"single\", \"destination\": \"FR\" }]";
    let held = with(
        &format!("{{ \"date\": \"2026-03-02\", \"c\": true, \"destination\": \"FR\", \"licences\": {held} }}"),
        &[],
    );
    says(&held, &["x:1:25: A paper", "x:1:36: and this", "x:2:24: and this"]);
    assert_eq!(held.matches("x:").count(), 4, "{held}");
    // What is set on top stands nowhere in the text, and what it covers does not count.
    let set = with("{ \"date\": \"2026-03-02\", \"a\": false, \"b\": true }", &[("a", "yes")]);
    says(&set, &["x:1:37: error[constraint-broken]: these facts cannot all be so: a (by --set), b"]);
    let all = with("{ \"date\": \"2026-03-02\" }", &[("a", "yes"), ("b", "yes")]);
    says(
        &all,
        &["error[constraint-broken]: these facts cannot all be so: a (by --set), b (by --set)", "help: A or B (both)"],
    );
    assert!(!all.contains("x:"), "{all}");
    // Two constraints that only together cannot be met are one message.
    let policy = toy("constraint k \"K\" { always not a or c }\nconstraint l \"L\" { always not c or b }");
    let chain = policy.decide(&dated("\"a\": true, \"b\": false")).unwrap_err();
    assert_eq!(chain.problems.len(), 1);
    says(&chain.plain(), &["these facts cannot all be so: a, b", "consignment:1:25: K (k); L (l)", "1:36: and this"]);
}

#[test]
fn an_identifier_is_a_text_or_a_number_and_comes_back_as_text() {
    let id = |json: &str| whips().decide(&dated(&format!("\"id\": {json}"))).unwrap().id;
    assert_eq!(id("\"A 1\""), Some("A 1".to_owned()));
    assert_eq!(id("12"), Some("12".to_owned()));
    assert_eq!(id("null"), None);
    says(&refused(&dated("\"id\": { \"x\": 1 }")), &["consignment-syntax", "`id`"]);
}

#[test]
fn a_set_laid_over_a_consignment_is_read_with_or_without_braces_and_never_as_one_quoted_text() {
    let text = r#"
fact date: date
fact goods.substances: set of text
policy p "P" { source "S" applies when date >= 2000-01-01 known from 2000-01-01 otherwise permit }
rule ban "Ban" { cite "1" when any of goods.substances is "x" then prohibit }
"#;
    let policy = Policy::load([law("law.gate", text)]).unwrap_or_else(|r| panic!("{}", r.plain()));
    let decided = |set: &str| {
        let set = vec![("goods.substances".to_owned(), set.to_owned())];
        let overlay = portcullis::consignment::Overlay { set, ..Default::default() };
        let case = policy.read("c", r#"{ "date": "2026-03-02" }"#, &overlay).map_err(|r| r.plain())?;
        let decision = policy.evaluator().decide(&case, &portcullis::Options::default()).unwrap();
        Ok::<_, String>(decision.outcome.as_str().to_owned())
    };
    assert_eq!(decided("x, y").as_deref(), Ok("prohibited"));
    assert_eq!(decided("{x}").as_deref(), Ok("prohibited"));
    assert_eq!(decided("y").as_deref(), Ok("permitted"));
    assert!(decided("{\"x\"}").is_err_and(|m| m.contains("no quotes")), "a quoted element is refused");
}
