//! Facts that declarations do not carry, from a second record: what a product is, what the end-user stated.
//!
//! Each record is found by its key. What it says fills what the row leaves open; where both say something and differ,
//! the row is in error, since which is right cannot be told.

use rustc_hash::FxHashMap;

use crate::model::{FactId, Level, World};

use super::csv::header;
use super::map::Map;

/// The facts of one record, each as written.
pub type Record = Vec<(FactId, Box<str>)>;

/// Facts by key.
#[derive(Clone, Debug, Default)]
pub struct Join {
    /// The columns that make the key, in both files.
    pub key: Vec<String>,
    /// The name of the file, for messages.
    pub name: String,
    records: FxHashMap<Box<str>, (Record, u64)>,
    twice: FxHashMap<Box<str>, u64>,
}

/// What stands between the parts of a key.
const BETWEEN: char = '\u{1f}';

impl Join {
    /// No records yet.
    pub fn new(name: impl Into<String>, key: Vec<String>) -> Join {
        Join { key, name: name.into(), ..Join::default() }
    }

    /// Reads records from CSV: the columns of the key, and facts by their names or by the map.
    ///
    /// # Errors
    /// It is no CSV, a column of the key is not there, or a column is no fact of the loaded policies.
    pub fn read(world: &World, map: &Map, name: &str, key: Vec<String>, bytes: &[u8]) -> Result<Join, String> {
        let (names, delimiter, line, length) = header(bytes, None)?;
        let mut out = Join::new(name, key);
        let find = |part: &String| names.iter().position(|n| n == part).ok_or(format!("there is no column `{part}`"));
        let keys = out.key.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let mut facts = Vec::new();
        for (i, column) in names.iter().enumerate().filter(|(i, n)| !keys.contains(i) && !map.ignore.contains(n)) {
            let wanted = map.columns.get(column).unwrap_or(column);
            let fact = world.fact_named(wanted).filter(|f| {
                let fact = world.fact(*f);
                !fact.is_named_condition() && fact.level != Level::Licence
            });
            facts.push((fact.ok_or(format!("the column `{column}` is no fact of the loaded policies"))?, i));
        }
        let rows = bytes.get(length..).unwrap_or_default();
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(rows);
        for record in reader.records() {
            let record = record.map_err(|e| e.to_string())?;
            let line = line + record.position().map_or(0, |p| p.line() - 1);
            if record.len() != names.len() {
                return Err(format!("line {line} has {} cells, and the header has {}", record.len(), names.len()));
            }
            let cell = |i: usize| record.get(i).unwrap_or_default().trim();
            let given = facts.iter().filter(|(_, i)| !cell(*i).is_empty());
            let given = given.map(|(f, i)| (*f, cell(*i).into())).collect();
            let key: Vec<&str> = keys.iter().map(|i| cell(*i)).collect();
            out.add(&key, given, line);
        }
        Ok(out)
    }

    /// Adds a record; a key that stands twice is remembered, and no row can use it.
    pub fn add(&mut self, key: &[&str], record: Record, line: u64) {
        let key: Box<str> = joined(key.iter().copied()).into();
        if self.records.insert(key.clone(), (record, line)).is_some() {
            self.twice.insert(key, line);
        }
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The record of a key, if there is one.
    ///
    /// # Errors
    /// More than one has that key.
    pub(super) fn find(&self, key: &str) -> Result<Option<&(Record, u64)>, String> {
        match self.twice.get(key) {
            Some(line) => {
                let shown = key.replace(BETWEEN, ", ");
                Err(format!("{}:{line}: the key `{shown}` stands twice, so which record is meant is open", self.name))
            }
            None => Ok(self.records.get(key)),
        }
    }
}

/// The parts of a key put together.
pub(super) fn joined<'k>(parts: impl Iterator<Item = &'k str>) -> String {
    let mut out = String::new();
    for (i, part) in parts.enumerate() {
        if i > 0 {
            out.push(BETWEEN);
        }
        out.push_str(part.trim());
    }
    out
}
