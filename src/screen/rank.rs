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
    /// How many kinds were left when it was last looked.
    needed: usize,
}

/// Rows of one kind have the same points, whatever the day's words turn out to weigh: the points for the outcome, and all
/// flags with the phrases they rest on. Of each kind the first rows are enough.
type Kind = (u32, Box<[(FlagKind, Option<u32>)]>);

/// So many kinds are kept before it is looked which of them can no longer come into the list.
const MANY: usize = 4096;

/// The longest text that is kept of a row.
const MAX_TEXT: usize = 400;

impl Best {
    pub(super) fn new(keep: usize) -> Best {
        Best { keep, kinds: BTreeMap::new(), needed: 0 }
    }

    /// Considers a row.
    pub(super) fn consider(&mut self, flat: &Flat, flags: Vec<Flag>, listed: &Listed<'_>) {
        let base = base(flat);
        if self.keep == 0 || base == 0 && flags.iter().all(|f| f.kind == FlagKind::Vague) {
            return;
        }
        let mut signs: Vec<(FlagKind, Option<u32>)> = flags.iter().map(|f| (f.kind, f.phrase)).collect();
        signs.sort_unstable();
        signs.dedup();
        let kept = self.kinds.entry((base, signs.into())).or_default();
        // Rows come in order.
        if kept.len() >= self.keep {
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
        self.tidy();
    }

    /// Adds the best of another part.
    pub fn add(&mut self, other: Best) {
        for (kind, more) in other.kinds {
            let kept = self.kinds.entry(kind).or_default();
            kept.extend(more);
            kept.sort_by_key(|c| (c.input, c.line));
            kept.truncate(self.keep);
        }
        self.tidy();
    }

    /// Lets go of kinds that cannot come into the list, however little the words of others weigh in the end.
    fn tidy(&mut self) {
        if self.kinds.len() <= MANY.max(2 * self.needed) {
            return;
        }
        let mut least: Vec<u32> = Vec::new();
        for kept in self.kinds.values() {
            let low = kept.first().map_or(0, |row| points(row, |_| LIGHTEST));
            least.extend(std::iter::repeat_n(low, kept.len()));
        }
        least.sort_unstable_by_key(|p| std::cmp::Reverse(*p));
        if let Some(bar) = least.get(self.keep.saturating_sub(1)).copied() {
            self.kinds.retain(|_, kept| kept.first().is_some_and(|row| points(row, |_| 100) >= bar));
        }
        self.needed = self.kinds.len();
    }

    /// The first rows of the work list.
    pub fn ranked(self, top: usize, totals: &Totals) -> Vec<Ranked> {
        let weigh = |flag: &Flag| {
            let often = flag.phrase.and_then(|p| totals.phrases.get(&(flag.kind, p))).copied().unwrap_or(0);
            share(often, totals.read)
        };
        let all = self.kinds.into_values().flatten();
        let mut all: Vec<Ranked> = all.map(|row| Ranked { points: points(&row, weigh), row }).collect();
        all.sort_by(|a, b| {
            b.points.cmp(&a.points).then_with(|| (a.row.input, a.row.line).cmp(&(b.row.input, b.row.line)))
        });
        all.truncate(top);
        all
    }
}

/// The points of what is undetermined under a code that some entry lists, and under another.
const LISTED: u32 = 30;
const UNLISTED: u32 = 1;
/// How much the commonest word weighs, in percent.
const LIGHTEST: u32 = 8;

fn base(flat: &Flat) -> u32 {
    match (flat.outcome, flat.may_proceed) {
        ("prohibited", _) => 1000,
        (_, Some(false)) => 700,
        ("undetermined", _) if flat.listed => LISTED,
        ("undetermined", _) => UNLISTED,
        _ => 0,
    }
}

/// The points of a row, given how much the phrase of a flag weighs, in percent.
fn points(row: &Candidate, weigh: impl Fn(&Flag) -> u32) -> u32 {
    let mut best: BTreeMap<FlagKind, u32> = BTreeMap::new();
    for flag in &row.flags {
        let whole = match flag.kind {
            FlagKind::FalseNegative => 500,
            FlagKind::Described => 300,
            // As much as the same words under a listed code, which has points for that.
            FlagKind::LookAlike => 300 + LISTED - UNLISTED,
            FlagKind::NoSuchCode => 60,
            FlagKind::Trader => 40,
            FlagKind::Unlikely => 20,
            FlagKind::Vague => 15,
        };
        let value = whole * weigh(flag) / 100;
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
        _ => LIGHTEST,
    }
}
