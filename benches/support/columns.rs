//! Consignments of one goods item each, as columns with dictionaries.

use std::collections::HashMap;
use std::hash::Hash;

use portcullis::engine::bits::{Dictionary, Table};
use portcullis::model::{Case, Date, FactId, Value, World};

/// Each value once, in the order met, and by row the number of its value.
fn numbered<T: Copy + Eq + Hash>(rows: impl Iterator<Item = T>) -> (Vec<T>, Vec<u32>) {
    let (mut known, mut values) = (HashMap::new(), Vec::new());
    let numbers = rows.map(|value| {
        *known.entry(value).or_insert_with(|| {
            values.push(value);
            values.len() as u32 - 1
        })
    });
    let numbers = numbers.collect();
    (values, numbers)
}

/// Dictionaries, and by row the number of a value.
pub struct Columns {
    days: (Vec<Date>, Vec<u32>),
    facts: Vec<(FactId, Vec<Option<Value>>, Vec<u32>)>,
}

impl Columns {
    /// The columns of some consignments. Facts that none of them states have none.
    pub fn new(cases: &[Case], world: &World) -> Columns {
        let mut facts = Vec::new();
        for fact in (0..world.facts.len() as u32).map(FactId) {
            let said =
                |c: &'_ Case| -> Option<Value> { c.facts.get(&fact).or_else(|| c.items.first()?.get(&fact)).cloned() };
            let all: Vec<Option<Value>> = cases.iter().map(said).collect();
            let (values, numbers) = numbered(all.iter().map(Option::as_ref));
            if values.iter().any(Option::is_some) {
                facts.push((fact, values.into_iter().map(Option::<&Value>::cloned).collect(), numbers));
            }
        }
        Columns { days: numbered(cases.iter().map(|c| c.date)), facts }
    }

    /// The same as a table to decide.
    pub fn table(&self) -> Table<'_> {
        Table {
            rows: self.days.1.len(),
            days: Dictionary { values: &self.days.0, numbers: &self.days.1 },
            facts: self.facts.iter().map(|(f, v, n)| (*f, Dictionary { values: v, numbers: n })).collect(),
        }
    }
}
