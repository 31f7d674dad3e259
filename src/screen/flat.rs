//! A decision in flat columns: what a table, a selection or another program needs of it.
//!
//! Lists are in the order of the decision, each name once, joined by `; `. Where more than one policy is loaded, the
//! names of entries and rules say of which they are (`eu.torture:annex_II.2.2`). What is only possible is left out.

use std::fmt::Write;

use crate::eval::Decision;
use crate::eval::decision::PolicyDecision;

/// The outcome of a row that could not be decided.
pub const ERROR: &str = "error";

/// The columns, in the order in which they are written.
pub const COLUMNS: [&str; 10] =
    ["id", "outcome", "may_proceed", "entries", "rules", "documents", "missing", "warnings", "flags", "errors"];

/// A decision in flat columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flat {
    /// The outcome, `undetermined` or `error`.
    pub outcome: &'static str,
    /// Whether it may proceed.
    pub may_proceed: Option<bool>,
    /// The entries the goods are in.
    pub entries: Vec<String>,
    /// The rules that decide.
    pub rules: Vec<String>,
    /// The document codes to declare.
    pub documents: Vec<String>,
    /// The facts still to be asked.
    pub missing: Vec<String>,
    /// What to know before relying on it.
    pub warnings: Vec<String>,
    /// What is wrong with the row, where it could not be decided.
    pub errors: Vec<String>,
    /// True if it is undetermined and some entry of the day lists the code; not a column.
    pub(super) listed: bool,
    /// True if it speaks of its day, and so holds for that day alone.
    pub(super) dated: bool,
    /// The columns from the outcome to the warnings as CSV, with the comma before each.
    pub(super) csv: String,
    /// The same as fields of a JSON object, with the comma before each.
    pub(super) json: String,
}

impl Flat {
    /// A decision made flat.
    pub fn of(decision: &Decision, several: bool) -> Flat {
        let mut flat =
            Flat { outcome: decision.outcome.as_str(), may_proceed: decision.may_proceed, ..Flat::default() };
        let all: Vec<&PolicyDecision> =
            decision.policies.iter().chain(decision.items.iter().flat_map(|i| &i.policies)).collect();
        let mut warnings = decision.warnings.clone();
        for p in all {
            let name = |n: &String| named(several, &p.policy, n);
            flat.entries.extend(p.categories.iter().map(name));
            flat.rules.extend(p.decided_by.iter().map(|r| name(&r.rule)));
            flat.documents.extend(p.documents.iter().cloned());
            flat.missing.extend(p.missing.iter().map(|m| m.fact.clone()));
            warnings.extend(p.warnings.iter().cloned());
        }
        flat.warnings = warnings;
        let lists = [&mut flat.entries, &mut flat.rules, &mut flat.documents, &mut flat.missing, &mut flat.warnings];
        lists.into_iter().for_each(once);
        flat.write();
        flat
    }

    /// A row that could not be decided.
    pub fn error(errors: Vec<String>) -> Flat {
        let mut flat = Flat { outcome: ERROR, errors, ..Flat::default() };
        flat.write();
        flat
    }

    /// The same, with more to know before relying on it.
    pub(super) fn with_warnings(&self, more: impl IntoIterator<Item = String>) -> Flat {
        let mut flat = self.clone();
        flat.warnings.extend(more);
        once(&mut flat.warnings);
        flat.write();
        flat
    }

    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        let lists = [&self.entries, &self.rules, &self.documents, &self.missing, &self.warnings];
        let texts: usize = lists.iter().flat_map(|l| l.iter()).map(|t| t.capacity() + size_of::<String>()).sum();
        size_of::<Flat>() + texts + self.csv.capacity() + self.json.capacity()
    }

    /// True if it speaks of a text.
    pub(super) fn mentions(&self, text: &str) -> bool {
        self.warnings.iter().chain(&self.errors).any(|w| w.contains(text))
    }

    /// Whether it may proceed, as a word; empty where that is not known.
    pub fn may(&self) -> &'static str {
        match self.may_proceed {
            Some(true) => "true",
            Some(false) => "false",
            None => "",
        }
    }

    fn write(&mut self) {
        let lists = [&self.entries, &self.rules, &self.documents, &self.missing, &self.warnings];
        let names = ["entries", "rules", "documents", "missing", "warnings"];
        let mut csv = format!(",{},{}", self.outcome, self.may());
        let may = self.may_proceed.map_or("null", |_| self.may());
        let mut json = format!(",\"outcome\":\"{}\",\"may_proceed\":{may}", self.outcome);
        for (name, list) in names.into_iter().zip(lists) {
            csv.push(',');
            cell(&mut csv, &list.join("; "));
            let _ = write!(json, ",\"{name}\":");
            json_list(&mut json, list);
        }
        (self.csv, self.json) = (csv, json);
    }
}

/// The name of an entry or rule in a flat decision.
pub(super) fn named(several: bool, policy: &str, name: &str) -> String {
    if several { format!("{policy}:{name}") } else { name.to_owned() }
}

/// Keeps the first of equal texts.
fn once(list: &mut Vec<String>) {
    let mut seen = std::collections::BTreeSet::new();
    list.retain(|t| seen.insert(t.clone()));
}

/// A text as a CSV cell. What a spreadsheet would take for a formula is kept from it by a quote before it.
pub(super) fn cell(out: &mut String, text: &str) {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !formula && !text.bytes().any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r')) {
        out.push_str(text);
        return;
    }
    out.push('"');
    if formula {
        out.push('\'');
    }
    for c in text.chars() {
        if c == '"' {
            out.push('"');
        }
        out.push(c);
    }
    out.push('"');
}

/// A text in JSON.
pub(super) fn json_text(out: &mut String, text: &str) {
    if text.bytes().any(|b| b < 0x20 || b == b'"' || b == b'\\') {
        out.push_str(&serde_json::Value::from(text).to_string());
    } else {
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
}

pub(super) fn json_list(out: &mut String, list: &[String]) {
    out.push('[');
    for (i, text) in list.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        json_text(out, text);
    }
    out.push(']');
}
