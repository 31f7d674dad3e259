//! Answers as they are typed, read as a consignment's values are.

use std::collections::BTreeSet;

use crate::eval::Broken;
use crate::model::value::Type;
use crate::model::{FactId, Value, World, read};
use crate::spelling::nearest;

/// The value that an answer states. `before` is what was known already, within which the answer must lie.
pub(super) fn value(world: &World, fact: FactId, text: &str, before: Option<&Value>) -> Result<Value, String> {
    let ty = &world.fact(fact).ty;
    if text.is_empty() {
        return Err(format!("expected {}, or `unknown`", ty.expects(world)));
    }
    let bad = |problem: String| {
        let expected = format!("expected {}", ty.expects(world));
        if let (Type::Choice(_), false) = (ty.element(), problem.contains("did you mean")) {
            return format!("`{text}` is none of the values that can be answered");
        }
        // Some messages of the reader say what is expected themselves.
        let said = problem.contains("expected") || problem.contains("did you mean") || problem.contains("needs");
        if said { format!("`{text}`: {problem}") } else { format!("`{text}`: {problem}; {expected}") }
    };
    let value = match ty {
        Type::Set(inner) => set(world, inner, text).map_err(bad)?,
        ty => one(world, ty, text).map_err(bad)?,
    };
    match before {
        Some(given) if !narrows(world, ty, &value, given) => {
            let given = given.display(ty, world);
            Err(format!("it was said to be {given}; say which of these, or go `back`, or say `unknown`"))
        }
        _ => Ok(value),
    }
}

fn one(world: &World, ty: &Type, text: &str) -> Result<Value, String> {
    match ty {
        Type::Bool => match text.to_lowercase().as_str() {
            "y" | "yes" | "true" => Ok(Value::Bool(true)),
            "n" | "no" | "false" => Ok(Value::Bool(false)),
            _ => Err("expected yes or no".to_owned()),
        },
        // A text that reads like a command can be put in quotes.
        Type::Text | Type::Entry if text.len() > 1 && text.starts_with('"') && text.ends_with('"') => {
            read::read(ty, &text[1..text.len() - 1], world)
        }
        Type::Country => read::read(ty, &text.to_uppercase(), world).or_else(|_| read::read(ty, text, world)),
        Type::Choice(_) => {
            let spelled = text.to_lowercase().replace([' ', '-'], "_");
            read::read(ty, text, world).or_else(|e| read::read(ty, &spelled, world).map_err(|_| e))
        }
        ty => read::read(ty, text, world),
    }
}

/// A list with commas; `none` is the list of nothing, unless it is a value itself.
fn set(world: &World, inner: &Type, text: &str) -> Result<Value, String> {
    let all: Result<BTreeSet<Value>, String> =
        text.split(',').map(str::trim).filter(|p| !p.is_empty()).map(|p| one(world, inner, p)).collect();
    match all {
        _ if text.eq_ignore_ascii_case("none") && one(world, inner, text).is_err() => Ok(Value::Set(BTreeSet::new())),
        _ if matches!(inner, Type::Text | Type::Entry) && text.eq_ignore_ascii_case("none") => {
            Ok(Value::Set(BTreeSet::new()))
        }
        Ok(all) => Ok(Value::Set(all)),
        Err(e) => Err(e),
    }
}

/// Whether a value is a given one, or one within it.
fn narrows(world: &World, ty: &Type, value: &Value, given: &Value) -> bool {
    match (ty, value, given) {
        (Type::Choice(id), Value::Choice(narrow), Value::Choice(broad)) => {
            world.enum_type(*id).is_some_and(|e| e.is_within(*narrow, *broad))
        }
        (Type::Code(scheme), Value::Code(narrow), Value::Code(broad)) => scheme.is_under(narrow, broad),
        (Type::Set(inner), Value::Set(new), Value::Set(old)) => {
            new.iter().all(|n| old.iter().any(|o| narrows(world, inner, n, o)))
                && old.iter().all(|o| new.iter().any(|n| narrows(world, inner, n, o)))
        }
        (_, a, b) => a == b,
    }
}

/// A licence by its name.
pub(super) fn licence(known: &[String], text: &str) -> Result<String, String> {
    let spelled = text.to_lowercase().replace([' ', '-'], "_");
    if let Some(name) = known.iter().find(|n| *n == text || **n == spelled) {
        return Ok(name.clone());
    }
    let hint = match nearest(text, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected none, or {}", known.join(", ")),
    };
    Err(format!("`{text}` is no licence that is asked for; {hint}"))
}

/// What is said of an answer that no consignment can have.
pub(super) fn impossible(broken: &Broken) -> String {
    let all: Vec<String> =
        broken.constraints.iter().map(|(_, title, facts)| format!("{title} ({})", facts.join(", "))).collect();
    format!("that cannot be, with what was said before: {}", all.join("; "))
}
