//! Values and their types. Exact: numbers are decimals, never floating point.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::code::Scheme;
use super::country::{self, CountryId};
use super::date::Date;
use super::unit::Dimension;
use super::world::{EnumId, World};
use crate::spelling::with_article;

/// A country of the table, or a place that a gate file declares.
///
/// Numbers below [`PlaceId::FIRST_DECLARED`] are countries, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceId(pub u16);

impl PlaceId {
    /// The number of the first declared place.
    pub const FIRST_DECLARED: u16 = 1024;

    /// The place that is a whole country.
    pub fn country(id: CountryId) -> Self {
        PlaceId(id.0)
    }

    /// The number among declared places, if it is one.
    pub fn declared(self) -> Option<usize> {
        self.0.checked_sub(Self::FIRST_DECLARED).map(usize::from)
    }

    /// Its code: `TR`, `IT-livigno`.
    pub fn code(self, world: &World) -> &str {
        match self.declared() {
            Some(i) => world.places.get(i).map_or("?", |p| p.code.as_str()),
            None => CountryId(self.0).code(),
        }
    }

    /// Its name in English.
    pub fn name(self, world: &World) -> &str {
        match self.declared() {
            Some(i) => world.places.get(i).map_or("?", |p| p.name.as_str()),
            None => CountryId(self.0).name(),
        }
    }

    /// What it lies in, if it is a declared place.
    pub fn within(self, world: &World) -> Option<PlaceId> {
        world.places.get(self.declared()?).map(|p| p.within)
    }

    /// All places there are.
    pub fn all(world: &World) -> impl Iterator<Item = PlaceId> {
        let declared = (0..world.places.len()).map(|i| PlaceId(Self::FIRST_DECLARED + i as u16));
        country::all().map(PlaceId::country).chain(declared)
    }
}

/// The type of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `yes/no`
    Bool,
    /// `one of { … }`
    Choice(EnumId),
    /// `country`
    Country,
    /// `code CN`
    Code(Scheme),
    /// `number`
    Number,
    /// `count`: a whole number from zero.
    Count,
    /// `length`, `mass` …
    Quantity(Dimension),
    /// `money EUR`
    Money(String),
    /// `date`
    Date,
    /// `text`
    Text,
    /// `entry`: a control-list entry or a code, as held licences name them.
    Entry,
    /// `set of T`
    Set(Box<Type>),
}

impl Type {
    /// The type of one element: of a set its elements, else itself.
    pub fn element(&self) -> &Type {
        match self {
            Type::Set(inner) => inner,
            other => other,
        }
    }

    /// True if values of it can be compared by `<`.
    pub fn is_ordered(&self) -> bool {
        matches!(self, Type::Number | Type::Count | Type::Quantity(_) | Type::Money(_) | Type::Date)
    }

    /// What is expected of a value, for messages.
    pub fn expects(&self, world: &World) -> String {
        match self {
            Type::Bool => "yes or no".to_owned(),
            Type::Choice(id) => match world.enum_type(*id) {
                Some(e) if e.values.len() <= 8 => {
                    format!("one of {}", e.values.iter().map(|v| v.name.as_str()).collect::<Vec<_>>().join(", "))
                }
                _ => "one of its declared values".to_owned(),
            },
            Type::Country => "an ISO 3166-1 country code such as TR, or a declared place".to_owned(),
            Type::Code(scheme) => with_article(scheme.name()),
            Type::Number => "a number".to_owned(),
            Type::Count => "a whole number from 0".to_owned(),
            Type::Quantity(d) => format!("{} such as 12 {}", with_article(d.name()), d.base()),
            Type::Money(c) => format!("an amount such as 100 {c}"),
            Type::Date => "a date such as 2026-03-02".to_owned(),
            Type::Text => "a text".to_owned(),
            Type::Entry => "the name of a control-list entry".to_owned(),
            Type::Set(inner) => format!("a list, each {}", inner.expects(world)),
        }
    }
}

/// A value of a fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// The number of a value of an enumeration, in the order declared.
    Choice(u16),
    /// A country or place.
    Place(PlaceId),
    /// A code in its normal spelling.
    Code(Box<str>),
    /// A number, count, amount or quantity in its base unit.
    Number(Decimal),
    /// A day.
    Date(Date),
    /// A text, or the name of an entry.
    Text(Box<str>),
    /// A set.
    Set(BTreeSet<Value>),
}

impl Value {
    /// The value as a person writes it, given its type.
    pub fn display(&self, ty: &Type, world: &World) -> String {
        match (self, ty) {
            (Value::Bool(b), _) => if *b { "yes" } else { "no" }.to_owned(),
            (Value::Choice(i), Type::Choice(id)) => world
                .enum_type(*id)
                .and_then(|e| e.values.get(usize::from(*i)))
                .map_or_else(|| "?".to_owned(), |v| v.name.clone()),
            (Value::Choice(i), _) => format!("#{i}"),
            (Value::Place(p), _) => p.code(world).to_owned(),
            (Value::Code(c), Type::Code(s)) => s.display(c),
            (Value::Code(c), _) => c.to_string(),
            (Value::Number(n), Type::Quantity(d)) => format!("{} {}", n.normalize(), d.base()),
            (Value::Number(n), Type::Money(c)) => format!("{} {c}", n.normalize()),
            (Value::Number(n), _) => n.normalize().to_string(),
            (Value::Date(d), _) => d.to_string(),
            (Value::Text(t), _) => format!("\"{t}\""),
            (Value::Set(s), ty) => {
                let parts: Vec<String> = s.iter().map(|v| v.display(ty.element(), world)).collect();
                format!("{{{}}}", parts.join(", "))
            }
        }
    }
}
