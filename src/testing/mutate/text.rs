//! Where a sentence stands in its file, and short forms of conditions for messages.

use rust_decimal::Decimal;

use crate::model::{Cond, World, display};
use crate::source::Sources;
use crate::span::Span;

/// The first place of a word after the start of a declaration, or the declaration itself.
pub(super) fn find(sources: &Sources, from: Span, word: &str) -> Span {
    let Some(text) = sources.get(from.file).map(|f| f.text.as_str()) else { return from };
    let start = from.start as usize;
    let Some(rest) = text.get(start..) else { return from };
    let rest = rest.split("\n}").next().unwrap_or(rest);
    let part = |c: char| c.is_alphanumeric() || c == '_';
    for (at, _) in rest.match_indices(word) {
        let before = rest[..at].chars().next_back().is_some_and(part);
        let after = rest[at + word.len()..].chars().next().is_some_and(part);
        if !before && !after && at > 0 {
            return Span::new(from.file, start + at, start + at + word.len());
        }
    }
    from
}

/// A condition in one line, cut where it is long.
pub(super) fn short(cond: &Cond, world: &World) -> String {
    cut(&display::cond(cond, world))
}

/// A text, cut where it is long.
pub(super) fn cut(text: &str) -> String {
    const MOST: usize = 90;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let head: String = text.chars().take(MOST).collect();
    format!("{head} …")
}

/// Where a condition begins in its file, if it has any atom.
pub(super) fn start(cond: &Cond) -> Option<Span> {
    let mut first: Option<Span> = None;
    cond.atoms(&mut |atom, _| first = first.or(Some(atom.span)));
    first
}

/// True if a negated condition stands in the file as `unless`.
pub(super) fn is_unless(sources: &Sources, declaration: Span, inner: &Cond) -> bool {
    let Some(at) = start(inner) else { return false };
    let Some(text) = sources.get(at.file).and_then(|f| f.text.get(declaration.start as usize..at.start as usize))
    else {
        return false;
    };
    let last = |word: &str| text.match_indices(word).last().map(|(i, _)| i);
    let unless = last("unless");
    unless.is_some() && ["when ", "means ", " and ", " not ", " or "].iter().all(|w| last(w) < unless)
}

/// The step by which a constant is moved: one in the last place of the number as written, in the unit as written.
/// Of two numbers in the text, the first or the last is meant.
pub(in crate::testing) fn step(sources: &Sources, atom: Span, value: Decimal, first: bool) -> Decimal {
    let number = |word: &str| word.trim_end_matches('%').parse::<Decimal>().ok();
    let mut written = sources.text(atom).split_whitespace().filter_map(number);
    let written = if first { written.next() } else { written.next_back() };
    let Some(written) = written else { return Decimal::ONE };
    let unit = if written.is_zero() { Some(Decimal::ONE) } else { value.checked_div(written) };
    let step = unit.and_then(|u| Decimal::new(1, written.scale()).checked_mul(u.abs()));
    step.filter(|s| !s.is_zero()).unwrap_or(Decimal::ONE).normalize()
}
