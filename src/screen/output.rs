//! What comes out of a block of rows: the decisions as text or in columns, the totals, the problems, the best of the
//! work list.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::flags::{Flag, FlagKind};
use super::flat::{self, Flat};
use super::rank::Best;

/// How decisions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Not at all: totals and the work list only.
    Nothing,
    /// Flat columns as CSV.
    Csv,
    /// Flat columns as JSON lines.
    Flat,
    /// The whole decision, as `decide` gives it, as JSON lines.
    Whole,
    /// Flat columns kept as [`Row`]s, for programs that embed the library.
    Rows,
    /// Both of these: a [`Row`] and a line of JSON for each row.
    RowsWhole,
}

impl Form {
    /// True if the whole decision is written.
    pub(super) fn whole(self) -> bool {
        matches!(self, Form::Whole | Form::RowsWhole)
    }
}

/// A decision with what goes beside it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name of the row.
    pub id: Option<String>,
    /// The decision.
    pub flat: Arc<Flat>,
    /// The flags.
    pub flags: String,
    /// What is wrong with the row.
    pub errors: String,
}

/// A row that could not be decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The number of the input.
    pub input: u32,
    /// The line, or the number of the row.
    pub line: u64,
    /// The column, where it is about one.
    pub column: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.column {
            Some(column) => write!(f, "column `{column}`: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// How many rows came in, and what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Rows that were read, whatever became of them.
    pub read: u64,
    /// Rows that may not proceed.
    pub refused: u64,
    /// Rows of which it is not certain whether they may proceed, those in error left out.
    pub open: u64,
    /// Rows by outcome; together as many as were read.
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Rows whose code was not looked up, since no nomenclature of their year is at hand; none are where there is none at all.
    pub unchecked: u64,
    /// Rows by kind of flag.
    pub flags: BTreeMap<FlagKind, u64>,
    /// Rows by the kind of flag and the phrase of the search words that it rests on.
    pub phrases: BTreeMap<(FlagKind, u32), u64>,
}

impl Totals {
    /// Rows that came out.
    pub fn written(&self) -> u64 {
        self.outcomes.values().sum()
    }

    /// Adds those of another part.
    pub fn add(&mut self, other: Totals) {
        self.read += other.read;
        self.refused += other.refused;
        self.open += other.open;
        self.unchecked += other.unchecked;
        other.outcomes.into_iter().for_each(|(k, n)| *self.outcomes.entry(k).or_default() += n);
        other.flags.into_iter().for_each(|(k, n)| *self.flags.entry(k).or_default() += n);
        other.phrases.into_iter().for_each(|(k, n)| *self.phrases.entry(k).or_default() += n);
    }
}

/// What came out of a block.
#[derive(Clone, Debug)]
pub struct Output {
    form: Form,
    /// The decisions as text, one line each.
    pub text: String,
    /// The decisions, where they are kept.
    pub rows: Vec<Row>,
    /// The totals.
    pub totals: Totals,
    /// What could not be decided.
    pub problems: Vec<Problem>,
    /// What comes first in the work list.
    pub best: Best,
}

impl Output {
    /// Nothing yet. `keep`: how many rows of each kind may stand in the work list.
    pub fn new(form: Form, keep: usize) -> Output {
        Output {
            form,
            text: String::new(),
            rows: Vec::new(),
            totals: Totals::default(),
            problems: Vec::new(),
            best: Best::new(keep),
        }
    }

    /// The first line, where the form has one.
    pub fn header(form: Form) -> String {
        if form == Form::Csv { format!("{}\n", flat::COLUMNS.join(",")) } else { String::new() }
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// Puts a decision out. `whole` is the decision as JSON from its second field on, where the form asks for it.
    pub(super) fn put(
        &mut self,
        id: Option<&str>,
        flat: &Arc<Flat>,
        flags: &[Flag],
        errors: &[Problem],
        whole: Option<&str>,
    ) {
        *self.totals.outcomes.entry(flat.outcome).or_default() += 1;
        match (flat.outcome, flat.may_proceed) {
            (flat::ERROR, _) | ("permitted" | "licence_required", Some(true)) => {}
            (_, Some(false)) => self.totals.refused += 1,
            _ => self.totals.open += 1,
        }
        let mut last = None;
        for flag in flags {
            if last != Some(flag.kind) {
                *self.totals.flags.entry(flag.kind).or_default() += 1;
            }
            last = Some(flag.kind);
        }
        let texts = || -> Vec<String> { flags.iter().map(ToString::to_string).collect() };
        let wrong = || -> Vec<String> {
            errors.iter().map(ToString::to_string).chain(flat.errors.iter().cloned()).collect::<Vec<_>>()
        };
        if matches!(self.form, Form::Rows | Form::RowsWhole) {
            self.rows.push(Row {
                id: id.map(str::to_owned),
                flat: flat.clone(),
                flags: texts().join("; "),
                errors: wrong().join("; "),
            });
        }
        let out = &mut self.text;
        match self.form {
            Form::Nothing | Form::Rows => {}
            Form::Csv => {
                flat::cell(out, id.unwrap_or_default());
                out.push_str(&flat.csv);
                out.push(',');
                if !flags.is_empty() {
                    flat::cell(out, &texts().join("; "));
                }
                out.push(',');
                if flat.outcome == flat::ERROR {
                    flat::cell(out, &wrong().join("; "));
                }
                out.push('\n');
            }
            Form::Flat => {
                json_id(out, "{\"id\":", id);
                out.push_str(&flat.json);
                end_json(out, flags, || if flat.outcome == flat::ERROR { wrong() } else { Vec::new() });
            }
            Form::Whole | Form::RowsWhole => {
                json_id(out, &format!("{{\"schema\":\"{}\",\"id\":", crate::eval::decision::SCHEMA), id);
                match whole {
                    Some(rest) => out.push_str(rest),
                    None => out.push_str(",\"outcome\":\"error\",\"may_proceed\":null"),
                }
                end_json(out, flags, || if whole.is_none() { wrong() } else { Vec::new() });
            }
        }
    }
}

fn json_id(out: &mut String, before: &str, id: Option<&str>) {
    out.push_str(before);
    match id {
        Some(id) => flat::json_text(out, id),
        None => out.push_str("null"),
    }
}

fn end_json(out: &mut String, flags: &[Flag], errors: impl FnOnce() -> Vec<String>) {
    out.push_str(",\"flags\":");
    flat::json_list(out, &flags.iter().map(ToString::to_string).collect::<Vec<_>>());
    let errors = errors();
    if !errors.is_empty() {
        out.push_str(",\"errors\":");
        flat::json_list(out, &errors);
    }
    out.push_str("}\n");
}
