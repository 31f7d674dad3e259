//! Rows from declarations in the WCO data model: `urn:wco:datamodel:WCO:DEC-DMS:2`, one or many a file.
//!
//! Every goods item is a row, since customs decides items: its own fields, and those of the declaration around it. What
//! is absent is not known. Which element gives which column stands in the guide. A [`Cutter`] takes the declarations
//! out of a file of any length; a document type, and with it every entity of one's own, is refused, and nothing outside
//! the file is ever fetched.

mod cut;
mod fields;

pub use cut::{Cut, Cutter, MAX_DECLARATION};
use fields::{COLUMNS, Item, read};

use memchr::memchr_iter;
use rustc_hash::FxHashMap;

use crate::model::{FactId, Held, Value};

use super::desk::{Desk, Place, Screener};
use super::layout::{Layout, Style};
use super::output::Output;

/// The columns of declarations, and the licences that document codes stand for.
#[derive(Clone, Debug)]
pub struct Declarations {
    layout: Layout,
    /// The licences that a document code may stand for.
    licences: FxHashMap<String, Vec<String>>,
    number: Option<FactId>,
}

impl Declarations {
    /// The columns, as the law and the map have them.
    pub fn new(screener: &Screener<'_>) -> Declarations {
        let world = screener.world();
        let mut licences: FxHashMap<String, Vec<String>> = FxHashMap::default();
        let mut open: Vec<String> = Vec::new();
        for licence in &world.licences {
            for document in licence.documents.iter().filter(|d| !d.negative) {
                let all = licences.entry(document.code.clone()).or_default();
                if !all.contains(&licence.name) {
                    all.push(licence.name.clone());
                }
                if licence.covers.is_none() {
                    open.push(document.code.clone());
                }
            }
        }
        // Where a code may stand for several and one of them would cover by its mere name, none is taken to be held.
        licences.retain(|code, all| all.len() == 1 || !open.contains(code));
        let layout = Layout::fixed(screener, COLUMNS.iter().map(|c| (*c).to_owned()).collect(), Style::List);
        Declarations { layout, licences, number: world.fact_named("licence.number") }
    }

    /// Decides the goods items of a declaration.
    pub fn rows(&self, desk: &mut Desk<'_, '_>, input: u32, line: u64, bytes: &[u8]) -> Output {
        desk.tidy();
        let mut out = desk.output();
        let Ok(text) = std::str::from_utf8(bytes) else {
            desk.bad_row(Place { input, line }, None, "this declaration is not UTF-8 text".to_owned(), &mut out);
            return out;
        };
        let declaration = match read(text) {
            Ok(found) => found,
            Err((at, message)) => {
                let line = line + memchr_iter(b'\n', bytes.get(..at).unwrap_or_default()).count() as u64;
                desk.bad_row(Place { input, line }, None, message, &mut out);
                return out;
            }
        };
        if declaration.items.is_empty() {
            desk.bad_row(Place { input, line }, None, "the declaration has no goods item".to_owned(), &mut out);
        }
        for item in &declaration.items {
            let line = line + memchr_iter(b'\n', bytes.get(..item.at).unwrap_or_default()).count() as u64;
            let cells = item.cells(&declaration);
            let cells: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
            let held = self.held(item);
            desk.row(&self.layout, &cells, &held, Place { input, line }, &mut out);
        }
        out
    }

    /// The licences that the documents of an item stand for, each with its number.
    fn held(&self, item: &Item) -> Vec<Held> {
        let mut out = Vec::new();
        for (code, id) in &item.documents {
            for licence in self.licences.get(code).into_iter().flatten() {
                let number = self.number.zip(id.as_deref()).map(|(f, id)| (f, Value::Text(id.into())));
                out.push(Held { licence: licence.clone(), fields: number.into_iter().collect() });
            }
        }
        out
    }
}
