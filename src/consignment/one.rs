//! One fact given by itself, as at the bench or in an interview: read and refused in the words of a whole consignment.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::model::value::Type;
use crate::model::{FactId, Value, World, read};
use crate::span::Span;
use crate::spelling::nearest;

use super::messages;

/// A value as it was written, without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// One value.
    One(String),
    /// `{ a, b }`
    Many(Vec<String>),
}

impl Written {
    /// `unknown`, which gives nothing.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Written::One(text) if text == "unknown")
    }
}

/// The fact of that name, if a consignment can give it.
///
/// # Errors
/// No policy declares it, or it follows from others.
pub fn fact(world: &World, name: &str, at: Span) -> Result<FactId, Diagnostic> {
    let Some(id) = world.fact_named(name) else { return Err(unknown(world, name, at)) };
    if world.fact(id).is_named_condition() { Err(messages::named_condition(name, at)) } else { Ok(id) }
}

/// Says that nothing declares a fact; it may stand at the wrong level, or be spelled wrongly.
pub fn unknown(world: &World, name: &str, at: Span) -> Diagnostic {
    let last = name.rsplit('.').next().unwrap_or(name);
    let elsewhere =
        ["", "goods.", "licence."].into_iter().filter_map(|p| world.fact_named(&format!("{p}{last}"))).next();
    match elsewhere {
        Some(fact) => messages::elsewhere(name, at, &world.fact(fact).name),
        None => messages::undeclared(name, at, nearest(name, world.facts.iter().map(|f| f.name.as_str()))),
    }
}

/// The value of a fact as it was written; nothing for `unknown`.
///
/// # Errors
/// It is no value of the fact's type.
pub fn value(world: &World, fact: FactId, written: &Written, at: Span) -> Result<Option<Value>, Diagnostic> {
    let declared = world.fact(fact);
    let bad = |problem: &str| messages::bad_value(&declared.name, at, problem, &declared.ty.expects(world));
    let one = |ty: &Type, text: &str| read::read(ty, text, world).map_err(|problem| bad(&problem));
    match (&declared.ty, written) {
        (_, written) if written.is_unknown() => Ok(None),
        (Type::Set(inner), Written::One(text)) => Ok(Some(Value::Set(BTreeSet::from([one(inner, text)?])))),
        (Type::Set(inner), Written::Many(all)) => {
            let all = all.iter().map(|text| one(inner, text)).collect::<Result<BTreeSet<_>, _>>()?;
            Ok(Some(Value::Set(all)))
        }
        (ty, Written::One(text)) => one(ty, text).map(Some),
        (_, Written::Many(_)) => Err(bad("one value is expected, not a list")),
    }
}
