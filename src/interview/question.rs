//! A question, with all that is needed to put it to somebody.

use serde::Serialize;

use crate::eval::Outcome;
use crate::model::{Type, World, unit};

use super::Topic;

/// The name of the form in which a question is handed to programs.
pub const SCHEMA: &str = "portcullis.question/1";

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The date, without which there is no law.
    Date,
    /// A fact that can still change the answer.
    Fact,
    /// Something that has to be raised by who relies on it.
    Claim,
    /// A presumption that the answer leans on.
    Presumption,
    /// Which licences are held.
    Licence,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Question {
    /// What it is about.
    pub about: About,
    /// The name under which it is answered: of the fact, with the number of the item where there are several.
    pub name: String,
    /// What is asked.
    #[serde(skip)]
    pub topic: Topic,
    /// The goods item, or the licence held, from 1, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    /// The question in words.
    pub ask: String,
    /// What is expected, in words.
    pub expects: String,
    /// The type: `yes/no`, `one of`, `country`, `length` …
    #[serde(rename = "type")]
    pub ty: String,
    /// True if several values may be given.
    pub list: bool,
    /// The values that can be given, if they can be listed; a narrower one right after its broader one.
    pub values: Vec<String>,
    /// The units that can be used, if any.
    pub units: Vec<&'static str>,
    /// Who can answer.
    pub answered_by: Option<String>,
    /// What is known of it already, and can be made narrower.
    pub given: Option<String>,
    /// What is taken to be so without an answer, and on what ground.
    pub presumed: Option<String>,
    /// The outcomes that are still possible, strictest first; the one outcome if it is certain.
    pub possible: Vec<Outcome>,
    /// The rules and entries that wait for it.
    pub why: Vec<Waiting>,
}

/// What waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// The policy.
    pub policy: String,
    /// `rule`, `entry` or `policy`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its citation.
    pub cite: Option<String>,
}

/// The name of a type.
pub(super) fn type_name(ty: &Type) -> String {
    match ty {
        Type::Bool => "yes/no".to_owned(),
        Type::Choice(_) => "one of".to_owned(),
        Type::Country => "country".to_owned(),
        Type::Code(scheme) => format!("code {}", scheme.name()),
        Type::Number => "number".to_owned(),
        Type::Count => "count".to_owned(),
        Type::Quantity(d) => d.name().to_owned(),
        Type::Money(c) => format!("money {c}"),
        Type::Date => "date".to_owned(),
        Type::Text => "text".to_owned(),
        Type::Entry => "entry".to_owned(),
        Type::Set(inner) => type_name(inner),
    }
}

/// The values that a type lists; of a given broad value those within it.
pub(super) fn values_of(ty: &Type, within: Option<u16>, world: &World) -> Vec<String> {
    match ty.element() {
        Type::Bool => vec!["yes".to_owned(), "no".to_owned()],
        Type::Choice(id) => {
            let all = world.enum_type(*id).map(|e| e.values.as_slice()).unwrap_or_default();
            let end = |v: u16| all.get(usize::from(v)).map_or(v, |broad| broad.end);
            let (from, to) = within.map_or((0, all.len()), |v| (usize::from(v), usize::from(end(v))));
            all.get(from..to).unwrap_or_default().iter().map(|v| v.name.clone()).collect()
        }
        _ => Vec::new(),
    }
}

/// The units that a type is given in.
pub(super) fn units_of(ty: &Type) -> Vec<&'static str> {
    match ty.element() {
        Type::Quantity(d) => unit::units_of(*d).collect(),
        _ => Vec::new(),
    }
}
