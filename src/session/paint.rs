//! What each word of a line is, while it is being typed: for colour, and to see whether a bracket is open.

use std::ops::Range;

use crate::model::World;

use super::{COMMANDS, Session};

/// What a piece of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// A command that there is.
    Command,
    /// A declared fact.
    Fact,
    /// An entry, rule, licence, group or chart.
    Name,
    /// `and`, `is`, `in` …
    Keyword,
    /// A number, date, code, or text in quotes.
    Literal,
    /// A command or fact that there is not.
    Unknown,
}

/// A word or a text in quotes, and where it stands.
pub(super) struct Token<'t> {
    pub text: &'t str,
    pub at: usize,
}

/// The words that join a condition.
const KEYWORDS: &[&str] =
    &["and", "or", "not", "in", "is", "to", "any", "all", "of", "coded", "under", "marked", "includes", "empty"];

/// A line as words, texts in quotes, and single signs.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let is_word = |c: char| c.is_alphanumeric() || "_.-%".contains(c);
    let (mut out, mut rest) = (Vec::new(), text);
    while let Some(c) = rest.chars().next() {
        let at = text.len() - rest.len();
        let len = match c {
            _ if c.is_whitespace() => {
                rest = &rest[c.len_utf8()..];
                continue;
            }
            '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
            c if is_word(c) => rest.find(|c: char| !is_word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        out.push(Token { text: &rest[..len], at });
        rest = &rest[len..];
    }
    out
}

/// How many brackets are open at the end of a text.
pub(super) fn open_brackets(text: &str) -> usize {
    let mut open = 0usize;
    for line in text.lines() {
        for token in tokens(line) {
            match token.text {
                "#" => break,
                "(" | "{" | "[" => open += 1,
                ")" | "}" | "]" => open = open.saturating_sub(1),
                _ => {}
            }
        }
    }
    open
}

impl Session {
    /// What the pieces of a line are, in order; what is left out is nothing special.
    pub fn paint(&self, line: &str) -> Vec<(Range<usize>, Paint)> {
        let start = line.len() - line.trim_start().len();
        let mut out = Vec::new();
        let mut from = start;
        if let Some(rest) = line[start..].strip_prefix(':') {
            let len = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let known = COMMANDS.iter().any(|c| c.name == &rest[..len]);
            // A command that is still being typed is not called unknown.
            let begun = len == rest.len() && COMMANDS.iter().any(|c| c.name.starts_with(rest));
            if known {
                out.push((start..start + 1 + len, Paint::Command));
            } else if !begun {
                out.push((start..start + 1 + len, Paint::Unknown));
            }
            from = start + 1 + len;
        }
        let Some(world) = self.loaded.as_ref().map(|l| l.policy.world()) else { return out };
        for token in tokens(&line[from..]) {
            let range = from + token.at..from + token.at + token.text.len();
            if let Some(paint) = word(world, token.text) {
                out.push((range, paint));
            }
        }
        out
    }
}

fn word(world: &World, text: &str) -> Option<Paint> {
    if KEYWORDS.contains(&text) {
        return Some(Paint::Keyword);
    }
    let first = text.chars().next()?;
    if first == '"' || first.is_ascii_digit() && text.chars().all(|c| c.is_ascii_digit() || ".-%".contains(c)) {
        return Some(Paint::Literal);
    }
    if text == "goods" || text == "licences" || is_fact(world, text) {
        return Some(Paint::Fact);
    }
    let named = world.categories.iter().any(|c| c.name == text)
        || world.rules.iter().any(|r| r.name == text)
        || world.licences.iter().any(|l| l.name == text)
        || world.groups.iter().any(|g| g.name == text)
        || world.charts.iter().any(|c| c.name == text);
    if named {
        return Some(Paint::Name);
    }
    // A name with a dot is meant to be a fact or an entry; other words may be values.
    let part = |whole: &str| whole.strip_prefix(text).is_some_and(|rest| !rest.is_empty());
    let begun = world.facts.iter().any(|f| part(&f.name)) || world.categories.iter().any(|c| part(&c.name));
    (text.contains('.') && first.is_alphabetic() && !begun).then_some(Paint::Unknown)
}

fn is_fact(world: &World, name: &str) -> bool {
    world.fact_named(name).is_some() || world.fact_named(&format!("goods.{name}")).is_some()
}
