//! The formatter: what it prints for the fixtures, and what holds of whatever it prints.

use std::path::PathBuf;

use portcullis::format::format;
use portcullis::span::FileId;
use portcullis::syntax::parse_file;
use portcullis::syntax::shape::shape;
use portcullis::syntax::tree::File;
use proptest::prelude::*;

use crate::common::choices::Choices;
use crate::common::gaps::{Breaks, gaps, scatter};
use crate::common::random_tree;

fn parse(text: &str) -> File {
    let (file, problems) = parse_file(FileId(0), text);
    assert!(problems.is_empty(), "{}\n{text}", problems[0].message);
    file
}

/// A comment, and how many declarations begin before it.
fn comments(file: &File) -> Vec<(&str, usize)> {
    let begun = |start: u32| file.decls.iter().filter(|d| d.span.start < start).count();
    file.comments.iter().map(|c| (c.text.as_str(), begun(c.span.start))).collect()
}

/// Formats a text and checks what has to hold of every formatting.
fn formatted(text: &str) -> String {
    let before = parse(text);
    let out = format(&before);
    let after = parse(&out);
    assert_eq!(shape(&before), shape(&after), "the meaning changed:\n{text}\n=>\n{out}");
    assert_eq!(comments(&before), comments(&after), "comments were lost or moved:\n{text}\n=>\n{out}");
    for (old, new) in before.comments.iter().zip(&after.comments) {
        assert!(new.own_line || !old.own_line, "{} lost its line:\n{text}\n=>\n{out}", old.text);
    }
    assert_eq!(out, format(&after), "formatting twice changes it:\n{text}\n=>\n{out}");
    assert!(out.lines().all(|line| line.trim_end() == line), "blanks at the end of a line:\n{out}");
    assert!(!out.contains("\n\n\n") && !out.starts_with('\n') && !out.ends_with("\n\n"), "empty lines:\n{out}");
    out
}

fn fixture(name: &str) -> (PathBuf, String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    (path, text)
}

/// Set `UPDATE_FIXTURES` to write what the formatter prints now.
fn check_fixture(name: &str) -> String {
    let out = formatted(&fixture(&format!("{name}.gate")).1);
    let expected = format!("{name}.expected.gate");
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format").join(&expected);
        std::fs::write(path, &out).unwrap();
    }
    let (path, expected) = fixture(&expected);
    assert!(out == expected, "{} is not what is printed:\n{out}", path.display());
    out
}

#[test]
fn every_construct() {
    let out = check_fixture("constructs");
    let strings_only = |line: &str| line.matches('"').count() == 2 || line.trim_start().starts_with(['|', '#']);
    assert!(out.lines().all(|l| l.chars().count() <= 120 || strings_only(l)), "a line is too long:\n{out}");
}

#[test]
fn long_lines() {
    check_fixture("long");
}

#[test]
fn comments_and_empty_lines() {
    check_fixture("comments");
}

#[test]
fn a_comment_may_stand_anywhere() {
    let all = fixture("constructs.expected.gate").1;
    for text in parse(&all).decls.iter().map(|decl| &all[decl.span.range()]) {
        for gap in gaps(text).into_iter().filter(|g| g.breaks != Breaks::Never) {
            let with = |inserted: &str| format!("{}{inserted}{}", &text[..gap.range.start], &text[gap.range.end..]);
            for (inserted, count) in [(" # one\n", 1), ("\n# one\n", 1), (" # one\n# two\n\n  # three\n", 3)] {
                let out = formatted(&with(inserted));
                assert_eq!(out.matches("# one").count(), 1, "{out}");
                assert_eq!(parse(&out).comments.len(), count, "{out}");
            }
        }
    }
}

/// Spellings that the grammar once took for something else, or took and dropped.
#[test]
fn nothing_is_misread() {
    let refused = |text: &str| !parse_file(FileId(0), text).1.is_empty();
    assert!(refused("rule a \"b\" { when any of { a; b } in c }"), "a predicate on conditions would be dropped");
    assert!(refused("table \"t\" given {} {\n  | a # b | c |\n}"), "a comment inside a row");
    let same = |text: &str| assert_eq!(formatted(text), text);
    same("chart c from \"c.csv\"\n");
    same("rule a \"b\" {\n  when x >= 2 cm3\n  in force from 2020-01-01\n}\n");
    same("test \"t\" {\n  given codes {8543 70 90}, lengths {12 mm, 13 mm}\n  expect permitted\n}\n");
    same("table \"t\" given {} {\n  | a | # b | c |\n}\n");
    let spread = parse("rule a \"b\" { when x # beside\n\n # below\n then permit }");
    let when = spread.decls[0].fields[0].span;
    assert_eq!(when.end - when.start, "when x".len() as u32, "a comment after a condition is no part of it");
}

#[test]
fn an_empty_file_stays_empty() {
    assert_eq!(formatted(""), "");
    assert_eq!(formatted("\n\n"), "");
    assert_eq!(formatted("\n\n# only this\n\n\n# and this"), "# only this\n\n# and this\n");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Any tree can be printed and read back, and any other way to write it means the same and loses no comment.
    #[test]
    fn any_tree_survives(
        tree in prop::collection::vec(any::<u8>(), 0..1500),
        layout in prop::collection::vec(any::<u8>(), 0..1500),
    ) {
        let file = random_tree::file(&mut Choices::new(&tree));
        let text = format(&file);
        prop_assert_eq!(shape(&file), shape(&parse(&text)), "{}", text);
        prop_assert_eq!(&formatted(&text), &text);
        formatted(&scatter(&text, &mut Choices::new(&layout)));
    }
}
