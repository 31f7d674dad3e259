//! Whatever is read, an answer or an error comes back: no input may end in a panic or without end.

use portcullis::source::SourceFile;
use portcullis::{LawFile, Policy};
use proptest::prelude::*;

use crate::support::{law, load, read};

/// Loads bytes as law; only that it comes back matters.
fn take_in(bytes: Vec<u8>) {
    let _ = Policy::load([LawFile { path: "law.gate".to_owned(), bytes }]);
}

/// Words and signs of the grammar, and some that are not.
fn token() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "use",
        "policy",
        "fact",
        "constraint",
        "group",
        "place",
        "chart",
        "category",
        "licence",
        "rule",
        "exception",
        "bar",
        "test",
        "table",
        "given",
        "expect",
        "when",
        "unless",
        "then",
        "cite",
        "claimed",
        "in",
        "force",
        "from",
        "to",
        "is",
        "not",
        "and",
        "or",
        "any",
        "all",
        "of",
        "one",
        "set",
        "code",
        "CN",
        "ex",
        "accepts",
        "because",
        "whatever",
        "words",
        "en",
        "presumed",
        "means",
        "ask",
        "require",
        "permit",
        "prohibit",
        "under",
        "every",
        "except",
        "goods",
        "goods.kind",
        "annex_II.2.1",
        "yes/no",
        "yes",
        "no",
        "country",
        "length",
        "date",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "|",
        ",",
        ";",
        ":",
        "=",
        ">=",
        "<",
        "+",
        "-",
        "&",
        "\"text\"",
        "\"",
        "#",
        "\n",
        "2025-08-20",
        "2025-02-30",
        "57-33-0",
        "8543 70 90",
        "0.3",
        "12",
        "12 in",
        "99999999999999999999",
        "%",
        "mm",
        "kg",
        "IT-livigno",
        "TR",
        "é",
        "\u{0}",
        "\\",
    ];
    prop_oneof![9 => prop::sample::select(WORDS).prop_map(str::to_owned), 1 => ".{0,4}"]
}

/// A real policy, with all constructs.
fn toy() -> String {
    read("docs/diagnostics/prelude.gate") + &read("docs/diagnostics/policy.gate").replace("use trade", "")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(file) = SourceFile::new("x", bytes.clone()) {
            for offset in 0..=file.text.len() {
                let (line, column) = file.line_column(offset);
                prop_assert!(line >= 1 && column >= 1);
            }
        }
        take_in(bytes);
    }

    #[test]
    fn any_words_of_the_grammar_are_read_or_refused(words in prop::collection::vec(token(), 0..60)) {
        take_in(words.join(" ").into_bytes());
    }

    #[test]
    fn a_policy_with_lines_or_words_changed_is_read_or_refused(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4u8, token()), 1..6),
    ) {
        let mut words: Vec<String> = toy().split_inclusive(char::is_whitespace).map(str::to_owned).collect();
        for (a, b, how, word) in edits {
            let (i, j) = (a.index(words.len()), b.index(words.len()));
            match how {
                0 => drop(words.remove(i)),
                1 => words.insert(i, words[j].clone()),
                2 => words.swap(i, j),
                _ => words[i] = format!("{word} "),
            }
            if words.is_empty() {
                break;
            }
        }
        let text = words.concat();
        if let Ok(policy) = Policy::load([law("law.gate", &text)]) {
            let _ = policy.decide(r#"{ "date": "2026-03-02", "activity": "export", "from": "FR", "goods": { "kind": "whip" } }"#);
        }
    }

    #[test]
    fn any_text_as_a_consignment_is_decided_or_refused(text in ".{0,200}", cut in 0..200usize) {
        let policy = load(vec![law("law.gate", &toy())]).map_err(|r| TestCaseError::fail(r.to_string()))?;
        let _ = policy.decide(&text);
        let whole = r#"{ "id": "x", "date": "2026-03-02", "activity": "export", "from": "FR", "goods": [{ "kind": "whip", "length": "12 in" }], "licences": [{ "licence": "l" }] }"#;
        let cut: String = whole.chars().take(cut.min(whole.len())).collect();
        let _ = policy.decide(&(cut + &text));
    }

    #[test]
    fn the_same_input_gives_the_same_bytes(kind in prop::sample::select(vec!["whip", "baton", "guillotine"]), worn in prop::option::of(any::<bool>())) {
        let policy = load(vec![law("law.gate", &toy())]).map_err(|r| TestCaseError::fail(r.to_string()))?;
        let json = serde_json::json!({ "date": "2026-03-02", "activity": "export", "from": "FR", "goods": { "kind": kind, "worn": worn } }).to_string();
        let once = policy.decide(&json).map(|d| serde_json::to_string(&d).unwrap()).map_err(|r| r.plain());
        let again = policy.decide(&json).map(|d| serde_json::to_string(&d).unwrap()).map_err(|r| r.plain());
        prop_assert_eq!(once, again);
    }
}

/// Nesting within the limit is read in a time that does not grow with the power of its depth, whatever nests.
#[test]
fn deep_nesting_takes_no_power_of_its_depth() {
    let depth = 190;
    let nest = |open: &str, core: &str, close: &str| format!("{}{core}{}", open.repeat(depth), close.repeat(depth));
    let conditions = [
        nest("(", "a", ")"),
        nest("any of { ", "a", "; }"),
        nest("any of { a; ", "a; b", " }"),
        nest("not (", "a", ")"),
        format!("k in {}", nest("(", "g", ")")),
        format!("{}a", "not ".repeat(depth)),
    ];
    for condition in conditions {
        take_in(format!("fact x: yes/no means {condition}\n").into_bytes());
        take_in(format!("fact x: yes/no means {condition} )\n").into_bytes());
    }
    take_in(format!("fact k: one of {{ {} }}\n", nest("a { ", "b", " }")).into_bytes());
    take_in(nest("category c { ", "when a", " }").into_bytes());
    take_in(format!("test \"t\" {{ given {} expect permitted }}", nest("g { ", "a 1", " }")).into_bytes());
}

#[test]
fn nesting_has_a_limit_and_says_so() {
    for (n, refused) in [(200, false), (201, true)] {
        let text = format!("fact a: yes/no\nfact x: yes/no means {}a{}\n", "(".repeat(n), ")".repeat(n));
        let problems = match load(vec![law("law.gate", &text)]) {
            Ok(_) => Vec::new(),
            Err(r) => r.problems.iter().map(|d| d.code.as_str()).collect(),
        };
        assert_eq!(problems.contains(&"nesting-too-deep"), refused, "{n}: {problems:?}");
        let text = format!("fact a: yes/no\nfact x: yes/no means {}a\n", "not ".repeat(n));
        let found = load(vec![law("law.gate", &text)]).err().map(|r| r.problems[0].code.as_str());
        assert_eq!(found == Some("nesting-too-deep"), refused, "not, {n}: {found:?}");
    }
}

/// A policy can be shared among threads.
#[test]
fn a_policy_is_send_and_sync() {
    fn shared<T: Send + Sync>() {}
    shared::<Policy>();
    shared::<portcullis::Evaluator<'static>>();
}
