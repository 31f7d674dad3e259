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
    last: Option<u32>,
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
        if let Some(last) = self.last
            && self.entries.get(last as usize).is_some_and(|e| *e.text == *text)
        {
            return last;
        }
        let found = match self.by_text.get(text) {
            Some(found) => *found,
            None => self.add(read_entry(screener, fact, style, text)),
        };
        self.last = Some(found);
        found
    }

    fn add(&mut self, entry: Entry) -> u32 {
        let id = self.entries.len() as u32;
        self.by_text.insert(entry.text.clone(), id);
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

    /// Lets go of everything if it is too much; all numbers given out end with it.
    pub(super) fn tidy(&mut self) {
        if self.entries.len() > MAX_VALUES {
            *self = Dict::default();
        }
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
