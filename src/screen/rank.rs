//! The work list: which rows a person should look at first, with reasons.
//!
//! Rows get points for what speaks against them. A word weighs less the more rows of the day have it in the same way:
//! what many trade in is ordinary, what hardly anybody declares is news. How often a word stands is known only at the
//! end, so of each kind as many rows are kept as the list may have, and put in order then. The same rows give the same
//! list, however they were cut into blocks.

use std::collections::BTreeMap;

use super::flags::{Flag, FlagKind};
use super::flat::Flat;
use super::output::Totals;

/// A row that may stand in the work list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The number of the input.
    pub input: u32,
    /// The line, or the number of the row.
    pub line: u64,
    /// The name of the row.
    pub id: Option<String>,
    /// Its outcome.
    pub outcome: &'static str,
    /// The declared code.
    pub code: Option<String>,
    /// Where it goes.
    pub destination: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The entries the goods are in.
    pub entries: Vec<String>,
    /// The rules that decide.
    pub rules: Vec<String>,
    /// What is still to be asked.
    pub missing: Vec<String>,
    /// The flags.
    pub flags: Vec<Flag>,
    /// Points for the outcome alone.
    base: u32,
}

/// A row of the work list, with its points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    /// The points.
    pub points: u32,
    /// The row.
    pub row: Candidate,
}

/// What is known of a row that may be listed.
pub(super) struct Listed<'r> {
    pub(super) input: u32,
    pub(super) line: u64,
    pub(super) id: Option<&'r str>,
    pub(super) code: Option<&'r str>,
    pub(super) destination: Option<&'r str>,
    pub(super) description: Option<&'r str>,
}

/// The best rows of each kind.
#[derive(Clone, Debug, Default)]
pub struct Best {
    keep: usize,
    kinds: BTreeMap<Kind, Vec<Candidate>>,
}

/// Rows of one kind weigh alike: the outcome, and the flag that weighs most with its phrase.
type Kind = (&'static str, Option<(FlagKind, Option<u32>)>);

/// The longest text that is kept of a row.
const MAX_TEXT: usize = 400;

impl Best {
    pub(super) fn new(keep: usize) -> Best {
        Best { keep, kinds: BTreeMap::new() }
    }

    /// Considers a row.
    pub(super) fn consider(&mut self, flat: &Flat, flags: Vec<Flag>, listed: &Listed<'_>) {
        let base = base(flat);
        if self.keep == 0 || base == 0 && flags.iter().all(|f| f.kind == FlagKind::Vague) {
            return;
        }
        let kind = (flat.outcome, flags.first().map(|f| (f.kind, f.phrase)));
        let kept = self.kinds.entry(kind).or_default();
        // Rows come in order, so one without more flags than the worst kept would not stay.
        if kept.len() >= self.keep && kept.last().is_some_and(|c| c.flags.len() >= flags.len()) {
            return;
        }
        let short = |t: &str| t.chars().take(MAX_TEXT).collect::<String>();
        kept.push(Candidate {
            input: listed.input,
            line: listed.line,
            id: listed.id.map(short),
            outcome: flat.outcome,
            code: listed.code.map(str::to_owned),
            destination: listed.destination.map(str::to_owned),
            description: listed.description.map(short),
            entries: flat.entries.clone(),
            rules: flat.rules.clone(),
            missing: flat.missing.clone(),
            flags,
            base,
        });
        if kept.len() > 2 * self.keep {
            trim(kept, self.keep);
        }
    }

    /// Adds the best of another part.
    pub fn add(&mut self, other: Best) {
        for (kind, more) in other.kinds {
            let kept = self.kinds.entry(kind).or_default();
            kept.extend(more);
            if kept.len() > 2 * self.keep {
                trim(kept, self.keep);
            }
        }
    }

    /// The first rows of the work list.
    pub fn ranked(self, top: usize, totals: &Totals) -> Vec<Ranked> {
        let all = self.kinds.into_values().flatten();
        let mut all: Vec<Ranked> = all.map(|row| Ranked { points: points(&row, totals), row }).collect();
        all.sort_by(|a, b| {
            b.points.cmp(&a.points).then_with(|| (a.row.input, a.row.line).cmp(&(b.row.input, b.row.line)))
        });
        all.truncate(top);
        all
    }
}

/// Keeps those with the most flags, and of those the first.
fn trim(kept: &mut Vec<Candidate>, keep: usize) {
    kept.sort_by(|a, b| {
        let more = b.flags.len().cmp(&a.flags.len());
        more.then_with(|| (a.input, a.line).cmp(&(b.input, b.line)))
    });
    kept.truncate(keep);
}

fn base(flat: &Flat) -> u32 {
    match (flat.outcome, flat.may_proceed) {
        ("prohibited", _) => 1000,
        (_, Some(false)) => 700,
        ("undetermined", _) if flat.listed => 30,
        ("undetermined", _) => 1,
        _ => 0,
    }
}

/// The points of a row, once it is known how often each word stands.
fn points(row: &Candidate, totals: &Totals) -> u32 {
    let mut best: BTreeMap<FlagKind, u32> = BTreeMap::new();
    for flag in &row.flags {
        let whole = match flag.kind {
            FlagKind::FalseNegative => 500,
            FlagKind::LookAlike | FlagKind::Described => 300,
            FlagKind::NoSuchCode => 60,
            FlagKind::Trader => 40,
            FlagKind::Unlikely => 20,
            FlagKind::Vague => 15,
        };
        let often = flag.phrase.and_then(|p| totals.phrases.get(&(flag.kind, p))).copied().unwrap_or(0);
        let value = whole * share(often, totals.read) / 100;
        let known = best.entry(flag.kind).or_default();
        *known = (*known).max(value);
    }
    // What the words say counts once, whichever entry lists the code.
    let words = best.remove(&FlagKind::LookAlike).max(best.remove(&FlagKind::Described)).unwrap_or(0);
    row.base + words + best.values().sum::<u32>()
}

/// How much a word weighs, in percent, by how many rows have it.
fn share(often: u64, rows: u64) -> u32 {
    match often {
        0..=40 => 100,
        n if n <= rows / 10_000 => 100,
        n if n <= rows / 2_000 => 70,
        n if n <= rows / 200 => 30,
        _ => 8,
    }
}
