//! One consignment in exact values: what a decision is asked about.

use std::collections::BTreeMap;

use super::date::Date;
use super::value::Value;
use super::world::FactId;

/// A consignment: the facts given, by item and by licence held. A fact that is not in a map is unknown.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its identifier, if it has one.
    pub id: Option<String>,
    /// The day that picks the law.
    pub date: Date,
    /// Facts of the consignment as a whole.
    pub facts: BTreeMap<FactId, Value>,
    /// Facts of each goods item; never empty.
    pub items: Vec<BTreeMap<FactId, Value>>,
    /// True if the goods were given as a list.
    pub listed: bool,
    /// Licences held.
    pub licences: Vec<Held>,
    /// What could not be used and is treated as unknown.
    pub warnings: Vec<String>,
}

impl Case {
    /// A consignment of one goods item, of which nothing is known but the day.
    pub fn of_day(date: Date) -> Case {
        Case {
            id: None,
            date,
            facts: BTreeMap::new(),
            items: vec![BTreeMap::new()],
            listed: false,
            licences: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

/// A licence that is held.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Its kind, as named by the policy.
    pub licence: String,
    /// What is known of it (`licence.…` facts).
    pub fields: BTreeMap<FactId, Value>,
}
