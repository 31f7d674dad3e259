//! Rows from JSON lines: one consignment a line, in the form that `decide` reads.
//!
//! A line that says one value a fact of one goods item is read at once into cells. Everything else (several items,
//! licences, numbers with a fraction, anything wrong) goes the way of a single consignment, which reads it exactly and
//! says what is wrong with it.

use std::borrow::Cow;
use std::fmt;

use rustc_hash::FxHashMap;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::consignment::Overlay;
use crate::model::value::Type;
use crate::model::{FactId, Level};

use super::csv::emptied;
use super::desk::{Desk, Place, Screener};
use super::layout::{Layout, Style, Target};
use super::output::{Output, Problem};
use super::split::too_long;

/// The facts by name, as columns.
#[derive(Clone, Debug)]
pub struct Names {
    layout: Layout,
    columns: FxHashMap<String, usize>,
    types: Vec<Kind>,
    overlay: Overlay,
}

/// What kind of JSON a column takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Bool,
    List,
    /// Anything that is one value.
    Any,
    /// Whatever it is, it is not read.
    Ignored,
}

impl Names {
    /// The facts of a law, as columns.
    pub fn new(screener: &Screener<'_>) -> Names {
        let world = screener.world();
        let given = |l: Level| l != Level::Licence;
        let facts = world.facts.iter().filter(|f| !f.is_named_condition() && given(f.level));
        let map = &screener.settings.map;
        let mapped = |name: &String| map.columns.values().any(|v| v == name);
        let mut names: Vec<String> = facts.map(|f| f.name.clone()).filter(|n| !mapped(n)).collect();
        names.push(map.id.clone().unwrap_or_else(|| "id".to_owned()));
        let keys = screener.settings.join.iter().flat_map(|j| &j.key);
        for more in map.columns.keys().chain(&map.ignore).chain(keys) {
            if !names.contains(more) {
                names.push(more.clone());
            }
        }
        let layout = Layout::fixed(screener, names.clone(), Style::List);
        let kind = |(name, target): (&String, &Target)| match target {
            _ if map.ignore.contains(name) => Kind::Ignored,
            Target::Fact(f) => match &world.fact(*f).ty {
                Type::Bool => Kind::Bool,
                Type::Number | Type::Count => Kind::Number,
                Type::Set(_) => Kind::List,
                _ => Kind::Text,
            },
            _ => Kind::Any,
        };
        let types = names.iter().zip(&layout.targets).map(kind).collect();
        let overlay = Overlay { as_of: screener.settings.as_of, set: screener.settings.set.clone() };
        let columns = names.into_iter().enumerate().map(|(i, n)| (n, i)).collect();
        Names { layout, columns, types, overlay }
    }

    /// Decides the rows of a block, of which the first stands on a line.
    pub fn rows(&self, desk: &mut Desk<'_, '_>, input: u32, name: &str, line: u64, block: &[u8]) -> Output {
        desk.tidy();
        let mut out = desk.output();
        let mut path = String::new();
        let mut room: Vec<Option<Cow<'_, str>>> = Vec::new();
        let mut seen = Vec::new();
        for (i, bytes) in block.split(|b| *b == b'\n').enumerate() {
            let place = Place { input, line: line + i as u64 };
            let bytes = if place.line == 1 { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes };
            let bytes = bytes.trim_ascii();
            if bytes.is_empty() {
                continue;
            }
            if bytes.len() > super::MAX_ROW {
                desk.bad_row(place, None, too_long(), &mut out);
                continue;
            }
            let Ok(text) = std::str::from_utf8(bytes) else {
                desk.bad_row(place, None, "this is not UTF-8 text".to_owned(), &mut out);
                continue;
            };
            let mut cells: Vec<Option<Cow<'_, str>>> = emptied(room);
            cells.resize(self.types.len(), None);
            seen.clear();
            seen.resize(self.types.len(), false);
            path.clear();
            let mut json = serde_json::Deserializer::from_str(text);
            let object = Object { names: self, cells: &mut cells, seen: &mut seen, path: &mut path };
            if object.deserialize(&mut json).is_ok() && json.end().is_ok() {
                let texts: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
                desk.row(&self.layout, &texts, &[], place, &mut out);
            } else {
                self.exactly(desk, name, text, place, &mut out);
            }
            room = emptied(cells);
        }
        out
    }

    /// The way of a single consignment.
    fn exactly(&self, desk: &mut Desk<'_, '_>, name: &str, text: &str, place: Place, out: &mut Output) {
        let screener = desk.screener;
        if screener.settings.join.is_some() {
            let message = "facts are joined to lines with one value a fact and one goods item, and this is none";
            desk.bad_row(place, None, message.to_owned(), out);
            return;
        }
        match screener.policy().read(name, text, &self.overlay) {
            Ok(mut case) => {
                screener.complete(&mut case);
                desk.consignment(&case, place, out);
            }
            Err(rejected) => {
                let problems = rejected.problems.iter().map(|d| {
                    let label = d.labels.first();
                    // A consignment on one line is its own text, so a place in it is a column.
                    let at = label
                        .map(|l| (text.get(..l.span.start as usize).map_or(0, |t| t.chars().count()) + 1).to_string());
                    let said = label.map(|l| l.text.as_str()).filter(|t| !t.is_empty());
                    let message = match said {
                        Some(said) => format!("{}: {said}", d.message),
                        None => d.message.clone(),
                    };
                    Problem { input: place.input, line: place.line, column: at, message }
                });
                let id = serde_json::from_str::<serde_json::Value>(text).ok();
                let id = id.and_then(|v| v.get("id").map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned)));
                desk.rejected(id.as_deref(), problems.collect(), out);
            }
        }
    }
}

/// An object whose names begin with a path.
struct Object<'a, 'de> {
    names: &'a Names,
    cells: &'a mut Vec<Option<Cow<'de, str>>>,
    seen: &'a mut Vec<bool>,
    path: &'a mut String,
}

impl<'de> DeserializeSeed<'de> for Object<'_, 'de> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, 'de> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let length = self.path.len();
        if length > 1000 {
            return Err(A::Error::custom("too deep"));
        }
        while map.next_key_seed(Key(self.path))?.is_some() {
            let column = self.names.columns.get(self.path.as_str()).copied();
            match column {
                None => {
                    self.path.push('.');
                    let inner = Object { names: self.names, cells: self.cells, seen: self.seen, path: self.path };
                    map.next_value_seed(inner)?;
                }
                Some(at) => {
                    let kind = self.names.types.get(at).copied().unwrap_or(Kind::Any);
                    let (Some(cell), Some(seen)) = (self.cells.get_mut(at), self.seen.get_mut(at)) else {
                        return Err(A::Error::custom("no such column"));
                    };
                    if std::mem::replace(seen, true) {
                        return Err(A::Error::custom("twice"));
                    }
                    *cell = map.next_value_seed(Cell(kind))?;
                }
            }
            self.path.truncate(length);
        }
        Ok(())
    }
}

/// Puts a key at the end of a path.
struct Key<'a>(&'a mut String);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.0.push_str(text);
        Ok(())
    }
}

/// One value, as the text that a cell would hold.
#[derive(Clone, Copy)]
struct Cell(Kind);

impl Cell {
    fn text<'t, E: Error>(self, text: Cow<'t, str>) -> Result<Option<Cow<'t, str>>, E> {
        let fits = matches!(self.0, Kind::Text | Kind::Any) && !text.trim().is_empty();
        if fits || self.0 == Kind::Ignored { Ok(Some(text)) } else { Err(E::custom("not as expected")) }
    }

    fn number<E: Error>(self, text: String) -> Result<Option<Cow<'static, str>>, E> {
        let fits = matches!(self.0, Kind::Number | Kind::Any | Kind::Ignored);
        if fits { Ok(Some(text.into())) } else { Err(E::custom("not as expected")) }
    }
}

impl<'de> DeserializeSeed<'de> for Cell {
    type Value = Option<Cow<'de, str>>;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Self::Value, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cell {
    type Value = Option<Cow<'de, str>>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one value")
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        self.text(Cow::Borrowed(text))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.text(Cow::Owned(text.to_owned()))
    }
    fn visit_bool<E: Error>(self, yes: bool) -> Result<Self::Value, E> {
        let fits = matches!(self.0, Kind::Bool | Kind::Ignored);
        if fits { Ok(Some(if yes { "true" } else { "false" }.into())) } else { Err(E::custom("not as expected")) }
    }
    fn visit_u64<E: Error>(self, n: u64) -> Result<Self::Value, E> {
        self.number(n.to_string())
    }
    fn visit_i64<E: Error>(self, n: i64) -> Result<Self::Value, E> {
        self.number(n.to_string())
    }
    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        if self.0 != Kind::List {
            return Err(A::Error::custom("not as expected"));
        }
        let mut out = String::new();
        while let Some(part) = list.next_element::<Cow<'de, str>>()? {
            if part.trim().is_empty() || part.contains('\u{1f}') {
                return Err(A::Error::custom("not as expected"));
            }
            if !out.is_empty() {
                out.push('\u{1f}');
            }
            out.push_str(&part);
        }
        if out.is_empty() {
            // An empty list says that there are none, which is more than to say nothing.
            out.push('\u{1f}');
        }
        Ok(Some(out.into()))
    }
}

impl Screener<'_> {
    /// Fills in the facts that hold for every row that says nothing of them.
    fn complete(&self, case: &mut crate::model::Case) {
        for (fact, value) in self.constant_values() {
            match self.world().fact(fact).level {
                Level::Goods => case.items.iter_mut().for_each(|i| {
                    i.entry(fact).or_insert_with(|| value.clone());
                }),
                _ => {
                    case.facts.entry(fact).or_insert(value);
                }
            }
        }
    }

    fn constant_values(&self) -> Vec<(FactId, crate::model::Value)> {
        let read = |(fact, text): &(FactId, String)| Some((*fact, super::dict::constant(self, *fact, text)?));
        self.constants.iter().filter_map(read).collect()
    }
}
