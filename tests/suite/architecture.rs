//! What ARCHITECTURE.md promises about the code, held true: who imports whom, what the core does not touch, how long
//! a file may get.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::{project, read};

/// The longest source file.
const MAX_LINES: usize = 800;

/// The module that may touch the outside world.
const EDGE: &str = "cli";

#[test]
fn modules_import_only_what_the_table_allows() {
    let table = import_table();
    let mut problems = Vec::new();
    for file in sources() {
        let Some(module) = &file.module else { continue };
        let Some((_, allowed)) = table.iter().find(|(name, _)| name == module) else {
            problems.push(format!("{}: the module `{module}` has no row in the table", file.shown));
            continue;
        };
        for found in imports(&tokens(&file.text), file.depth) {
            if found != *module && !allowed.contains(&found) {
                problems.push(format!("{}: `{module}` may not import `{found}`", file.shown));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_table_is_complete_and_has_no_circle() {
    let table = import_table();
    let modules: BTreeSet<String> = sources().into_iter().filter_map(|f| f.module).collect();
    let rows: BTreeSet<String> = table.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(rows, modules, "the rows of the table are the modules of src");
    let mut above = BTreeSet::new();
    for (name, allowed) in &table {
        for other in allowed {
            assert!(above.contains(other), "`{name}` may import `{other}`, which does not stand above it");
        }
        above.insert(name.clone());
    }
}

#[test]
fn nothing_below_the_edge_touches_the_outside_world() {
    const DOORS: &[&str] = &["fs", "env", "time", "process", "net", "io", "thread"];
    const PRINTS: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];
    let mut problems = Vec::new();
    // `main.rs` and `lib.rs` only hand over; the rest of the root is the modules.
    for file in sources().into_iter().filter(|f| f.module.as_deref().is_some_and(|m| m != EDGE)) {
        let code = tokens(&file.text);
        for root in ["std", "core"] {
            let doors = paths(&code, root);
            problems.extend(
                doors.iter().filter(|d| DOORS.contains(&d.as_str())).map(|d| format!("{}: {root}::{d}", file.shown)),
            );
        }
        for (i, token) in code.iter().enumerate() {
            let called = |next: &str| code.get(i + 1).is_some_and(|t| t == next);
            if PRINTS.contains(&token.as_str()) && called("!") || token == "now" && called("(") {
                problems.push(format!("{}: `{token}` is called", file.shown));
            }
            if token == "f32" || token == "f64" {
                problems.push(format!("{}: {token}; quantities are exact decimals", file.shown));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_source_file_says_what_it_is_and_stays_short() {
    let mut problems = Vec::new();
    for file in sources() {
        if !file.text.starts_with("//!") {
            problems.push(format!("{}: does not open with `//!`", file.shown));
        }
        let lines = file.text.lines().count();
        if lines > MAX_LINES {
            problems.push(format!("{}: {lines} lines; at most {MAX_LINES}", file.shown));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_page_is_short_and_its_map_is_true() {
    let page = read("ARCHITECTURE.md");
    assert!(page.lines().count() <= 200, "ARCHITECTURE.md is longer than 200 lines");
    // In the map, a line starts with a path below the project.
    let map = page.split("## The map").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or_default();
    let named: Vec<&str> =
        map.lines().filter_map(|l| l.strip_prefix("| `")).filter_map(|l| l.split('`').next()).collect();
    assert!(named.len() > 10, "the map names {} places", named.len());
    for path in named {
        assert!(project(path).exists(), "the map names `{path}`, which is not there");
    }
}

#[test]
fn the_reader_of_imports_sees_through_groups_comments_and_strings() {
    let code = r####"
        //! see crate::ghost
        use crate::{eval::{Decision, Outcome}, policy}; /* crate::ghost /* nested */ */
        use super::diagnostic;
        fn f<'a>(x: &'a str) -> char { let _ = "crate::ghost"; let _ = r#"crate::"ghost"#; crate::span::at(x); '"' }
        mod inner { use super::sibling; use super::super::source; }
    "####;
    let found: Vec<String> = imports(&tokens(code), 1).into_iter().collect();
    assert_eq!(found, ["diagnostic", "eval", "policy", "source", "span"]);
    assert_eq!(imports(&tokens("use super::sibling; use super::super::eval;"), 2), BTreeSet::from(["eval".to_owned()]));
}

/// A file of `src`.
struct Source {
    /// Its path below the project.
    shown: String,
    /// Its top-level module; none for the roots `lib.rs` and `main.rs`.
    module: Option<String>,
    /// How many modules lie between it and the root.
    depth: usize,
    text: String,
}

/// All files of `src`, in order.
fn sources() -> Vec<Source> {
    let root = project("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    assert!(!files.is_empty());
    let one = |path: PathBuf| {
        let below = path.strip_prefix(&root).expect("below src").with_extension("");
        let mut parts: Vec<String> = below.iter().map(|p| p.to_string_lossy().into_owned()).collect();
        if parts.last().is_some_and(|p| p == "mod") {
            parts.pop();
        }
        let is_root = parts.len() == 1 && ["lib", "main"].contains(&parts[0].as_str());
        Source {
            shown: format!("src/{}", path.strip_prefix(&root).expect("below src").display()),
            module: (!is_root).then(|| parts[0].clone()),
            depth: parts.len(),
            text: std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())),
        }
    };
    files.into_iter().map(one).collect()
}

fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
        let path = entry.expect("a folder can be read").path();
        if path.is_dir() {
            walk(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// The rows of the import table: a module, and what it may import. Names stand in backticks.
fn import_table() -> Vec<(String, BTreeSet<String>)> {
    let page = read("ARCHITECTURE.md");
    let rows = page.lines().skip_while(|l| !l.starts_with("| module | may import |")).skip(2);
    let names = |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let mut out = Vec::new();
    for row in rows.take_while(|l| l.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let [module, allowed, ..] = cells.as_slice() else { panic!("a row of the table has one cell: {row}") };
        let [module] = <[String; 1]>::try_from(names(module)).expect("a row is about one module");
        out.push((module, names(allowed).into_iter().collect()));
    }
    assert!(out.len() > 5, "ARCHITECTURE.md has no import table");
    out
}

/// Rust code as words and signs; comments, strings and characters left out.
fn tokens(code: &str) -> Vec<String> {
    let chars: Vec<char> = code.chars().collect();
    let (mut out, mut i) = (Vec::new(), 0);
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    while i < chars.len() {
        let c = chars[i];
        if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && chars[i] != '\n' {
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            let mut depth = 0;
            loop {
                match (at(i), at(i + 1)) {
                    ('/', '*') => (depth, i) = (depth + 1, i + 2),
                    ('*', '/') => (depth, i) = (depth - 1, i + 2),
                    _ => i += 1,
                }
                if depth == 0 || i >= chars.len() {
                    break;
                }
            }
        } else if c == '"' {
            i += 1;
            while i < chars.len() && chars[i] != '"' {
                i += if chars[i] == '\\' { 2 } else { 1 };
            }
            i += 1;
        } else if c == 'r' && (at(i + 1) == '"' || at(i + 1) == '#' && matches!(at(i + 2), '"' | '#')) {
            let hashes = (i + 1..).take_while(|j| at(*j) == '#').count();
            i += hashes + 2;
            while i < chars.len() && !(chars[i] == '"' && (1..=hashes).all(|j| at(i + j) == '#')) {
                i += 1;
            }
            i += hashes + 1;
        } else if c == '\'' && (at(i + 1) == '\\' || at(i + 2) == '\'') {
            // A character; a lifetime has no second quote.
            i += if at(i + 1) == '\\' { 3 } else { 2 };
            while i < chars.len() && chars[i] != '\'' {
                i += 1;
            }
            i += 1;
        } else if is_word(c) {
            let word: String = chars[i..].iter().take_while(|c| is_word(**c)).collect();
            i += word.chars().count();
            out.push(word);
        } else if c == ':' && at(i + 1) == ':' {
            out.push("::".to_owned());
            i += 2;
        } else {
            if !c.is_whitespace() {
                out.push(c.to_string());
            }
            i += 1;
        }
    }
    out
}

/// The first names after `root::`, groups in braces opened.
fn paths(code: &[String], root: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for i in 0..code.len() {
        if code[i] == root && code.get(i + 1).is_some_and(|t| t == "::") {
            heads(code, i + 2, &mut out);
        }
    }
    out
}

/// The first name of a path that starts at `i`, or of each path in a group that does.
fn heads(code: &[String], i: usize, out: &mut BTreeSet<String>) {
    let Some(first) = code.get(i) else { return };
    if first != "{" {
        out.insert(first.clone());
        return;
    }
    let (mut depth, mut fresh) = (0, true);
    for token in &code[i..] {
        match token.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => return,
            "}" => depth -= 1,
            "," if depth == 1 => fresh = true,
            name if fresh && depth == 1 => {
                out.insert(name.to_owned());
                fresh = false;
            }
            _ => {}
        }
    }
}

/// The top-level modules that code imports by `crate::` or by enough `super::`; `depth` as in [`Source`].
fn imports(code: &[String], depth: usize) -> BTreeSet<String> {
    let mut out = paths(code, "crate");
    // The brackets at which inner modules end.
    let (mut open, mut inner) = (0usize, Vec::new());
    let mut i = 0;
    while i < code.len() {
        match code[i].as_str() {
            "{" => {
                open += 1;
                if i >= 2 && code[i - 2] == "mod" {
                    inner.push(open);
                }
            }
            "}" => {
                if inner.last() == Some(&open) {
                    inner.pop();
                }
                open = open.saturating_sub(1);
            }
            "super" => {
                let mut supers = 0;
                while code.get(i).is_some_and(|t| t == "super") && code.get(i + 1).is_some_and(|t| t == "::") {
                    supers += 1;
                    i += 2;
                }
                if supers >= depth + inner.len() {
                    heads(code, i, &mut out);
                }
                if supers > 0 {
                    continue;
                }
            }
            _ => {}
        }
        i += 1;
    }
    out
}
