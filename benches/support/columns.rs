//! Consignments of one goods item each, as columns with dictionaries.

use indexmap::IndexSet;
use portcullis::engine::bits::{Dictionary, Table};
use portcullis::model::{Case, Date, FactId, Value, World};

/// Each value once, and by row the number of its value.
pub struct Columns {
    days: (Vec<Date>, Vec<u32>),
    facts: Vec<(FactId, Vec<Option<Value>>, Vec<u32>)>,
}

impl Columns {
    /// The columns of some consignments. Facts that none of them states have none.
    pub fn new(cases: &[Case], world: &World) -> Columns {
        let mut days: IndexSet<Date> = IndexSet::new();
        let numbers = cases.iter().map(|c| days.insert_full(c.date).0 as u32).collect();
        let mut facts = Vec::new();
        for fact in (0..world.facts.len() as u32).map(FactId) {
            let mut values: IndexSet<Option<&Value>> = IndexSet::new();
            let numbers = cases
                .iter()
                .map(|c| {
                    let value = c.facts.get(&fact).or_else(|| c.items.first()?.get(&fact));
                    values.insert_full(value).0 as u32
                })
                .collect();
            if values.iter().any(Option::is_some) {
                facts.push((fact, values.into_iter().map(Option::<&Value>::cloned).collect(), numbers));
            }
        }
        Columns { days: (days.into_iter().collect(), numbers), facts }
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
