//! What was made of the texts by which facts are given: each text of a fact is read once and has a number.
//!
//! A day's rows say the same few things again and again, so a row is a row of numbers to all that comes after. What
//! is kept is bounded by a count; a fact of which every row says something else is read for each row.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::value::Type;
use crate::model::{FactId, Value, read};

use super::MAX_LIST;
use super::desk::Screener;
use super::law::NONE;
use super::layout::Style;

/// The most texts of a fact that one thread keeps from one block of rows to the next.
const MAX_VALUES: usize = 16_384;

/// The texts of one fact, by number.
#[derive(Default)]
pub(super) struct Dict {
    by_text: FxHashMap<Arc<str>, u32>,
    entries: Vec<Entry>,
    states: Vec<State>,
    /// Short texts that were met last, each in a place that its letters pick.
    short: Vec<(Short, u32)>,
    /// The last long text.
    last: Option<u32>,
    /// True if there is something to say of some entry.
    pub(super) noted: bool,
}

/// The least and the most places for short texts, of each fact; powers of two.
const PLACES: (usize, usize) = (64, 2 * MAX_VALUES);

/// The letters of a text of at most 16 bytes: its first and its last eight, and its length. No two texts have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Short(u64, u64, usize);

impl Short {
    #[inline]
    fn of(text: &str) -> Option<Short> {
        let bytes = text.as_bytes();
        let eight = |b: Option<&[u8; 8]>| b.map(|b| u64::from_le_bytes(*b));
        let four = |b: Option<&[u8; 4]>| b.map(|b| u64::from(u32::from_le_bytes(*b)));
        match bytes.len() {
            0..4 => {
                let letters = bytes.iter().fold(0, |all, b| all << 8 | u64::from(*b));
                Some(Short(letters, 0, bytes.len()))
            }
            n @ 4..8 => Some(Short(four(bytes.first_chunk())?, four(bytes.last_chunk())?, n)),
            n @ 8..=16 => Some(Short(eight(bytes.first_chunk())?, eight(bytes.last_chunk())?, n)),
            _ => None,
        }
    }

    /// Its place among so many, a power of two.
    #[inline]
    fn place(self, places: usize) -> usize {
        let mixed = (self.0 ^ self.1.rotate_left(29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 32) as usize & places.wrapping_sub(1)
    }
}

/// What was made of a text.
pub(super) struct Entry {
    pub(super) text: Arc<str>,
    /// The value; nothing where it is unknown.
    pub(super) value: Option<Value>,
    pub(super) problem: Option<String>,
    pub(super) warning: Option<String>,
    /// The number of the value by itself, once it was asked for.
    pub(super) own: Option<u32>,
}

/// What every row asks of an entry, close together.
#[derive(Clone, Copy)]
pub(super) struct State {
    /// Its class on days of a span.
    pub(super) class: u32,
    pub(super) span: u32,
    /// True if it has a value.
    pub(super) known: bool,
    /// True if there is something to say of it.
    pub(super) noted: bool,
}

impl Dict {
    /// The number of a text, which is read if it is new.
    pub(super) fn number(&mut self, screener: &Screener<'_>, fact: FactId, style: Style, text: &str) -> u32 {
        let short = Short::of(text);
        match short {
            Some(short) => {
                if let Some((known, number)) = self.short.get(short.place(self.short.len()))
                    && *known == short
                {
                    return *number;
                }
            }
            None => {
                if let Some(last) = self.last
                    && self.entries.get(last as usize).is_some_and(|e| *e.text == *text)
                {
                    return last;
                }
            }
        }
        let found = match self.by_text.get(text) {
            Some(found) => *found,
            None => self.add(read_entry(screener, fact, style, text)),
        };
        match short {
            Some(short) => {
                let wanted = (2 * self.entries.len()).next_power_of_two().clamp(PLACES.0, PLACES.1);
                if self.short.len() < wanted {
                    // Empty places have the letters of no text.
                    self.short = vec![(Short(0, 0, usize::MAX), NONE); wanted];
                }
                let at = short.place(self.short.len());
                if let Some(place) = self.short.get_mut(at) {
                    *place = (short, found);
                }
            }
            None => self.last = Some(found),
        }
        found
    }

    fn add(&mut self, entry: Entry) -> u32 {
        let id = self.entries.len() as u32;
        self.by_text.insert(entry.text.clone(), id);
        self.noted |= entry.problem.is_some() || entry.warning.is_some();
        self.states.push(State {
            class: NONE,
            span: u32::MAX,
            known: entry.value.is_some(),
            noted: entry.problem.is_some() || entry.warning.is_some(),
        });
        self.entries.push(entry);
        id
    }

    pub(super) fn entry(&self, number: u32) -> Option<&Entry> {
        self.entries.get(number as usize)
    }

    pub(super) fn entry_mut(&mut self, number: u32) -> Option<&mut Entry> {
        self.entries.get_mut(number as usize)
    }

    pub(super) fn state(&self, number: u32) -> Option<State> {
        self.states.get(number as usize).copied()
    }

    /// Notes the class of an entry on the days of a span.
    pub(super) fn classed(&mut self, number: u32, class: u32, span: u32) {
        if let Some(state) = self.states.get_mut(number as usize) {
            (state.class, state.span) = (class, span);
        }
    }

    /// Lets go of everything if it is too much; all numbers given out end with it. True if it did.
    pub(super) fn tidy(&mut self) -> bool {
        let much = self.entries.len() > MAX_VALUES;
        if much {
            *self = Dict::default();
        }
        much
    }
}

/// The value of a fact that holds for every row.
pub(super) fn constant(screener: &Screener<'_>, fact: FactId, text: &str) -> Option<Value> {
    read_entry(screener, fact, Style::Cell, text).value
}

/// Reads the value of a fact from a cell.
pub(super) fn read_entry(screener: &Screener<'_>, fact: FactId, style: Style, text: &str) -> Entry {
    let world = screener.world();
    let declared = world.fact(fact);
    let rewritten = screener.settings.map.values.get(&declared.name);
    let rewrite = |t: &str| rewritten.and_then(|m| m.get(t)).cloned().unwrap_or_else(|| t.to_owned());
    let mut entry = Entry { text: text.into(), value: None, problem: None, warning: None, own: None };
    let one = |ty: &Type, t: &str| {
        let t = rewrite(t.trim());
        if t == "unknown" && style == Style::Cell && *ty != Type::Text {
            return Ok(None);
        }
        read::read(ty, &t, world).map(Some).map_err(|p| format!("`{t}` is no value of `{}`: {p}", declared.name))
    };
    match &declared.ty {
        Type::Set(inner) => {
            let parts: Vec<&str> = text.split(|c| style.separates(c)).filter(|t| !t.trim().is_empty()).collect();
            if parts.len() > MAX_LIST {
                entry.problem = Some(format!("the list has {} parts; at most {MAX_LIST} are read", parts.len()));
                return entry;
            }
            match parts.iter().map(|t| one(inner, t)).collect::<Result<Option<_>, _>>() {
                Ok(all) => entry.value = all.map(Value::Set),
                Err(message) => entry.problem = Some(message),
            }
        }
        ty if read::is_other_currency(ty, &rewrite(text)) => {
            let of = if let Type::Money(of) = ty { of.as_str() } else { "the fact's" };
            entry.warning = Some(format!(
                "{}: {text} is in another currency than {of}; nothing is converted, so it is unknown",
                declared.name
            ));
        }
        ty => match one(ty, text) {
            Ok(value) => entry.value = value,
            Err(message) => entry.problem = Some(message),
        },
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_short_texts_have_the_same_letters() {
        let mut texts = vec![String::new(), "\0".to_owned(), "\0\0".to_owned(), "é".to_owned()];
        for length in 1..18 {
            for at in 0..length {
                let mut text = "a".repeat(length);
                text.replace_range(at..=at, "b");
                texts.push(text);
            }
            texts.push("a".repeat(length));
        }
        for (i, a) in texts.iter().enumerate() {
            assert_eq!(Short::of(a).is_some(), a.len() <= 16, "{a}");
            for b in texts.iter().skip(i + 1) {
                assert!(Short::of(a).is_none() || Short::of(a) != Short::of(b), "{a} {b}");
            }
        }
    }
}
