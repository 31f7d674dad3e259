//! Reading one value from text, given its type: what JSON strings, `--set` and tests have in common.

use rust_decimal::Decimal;

use super::country;
use super::date::parse_date;
use super::unit;
use super::value::{PlaceId, Type, Value};
use super::world::World;
use crate::spelling::{nearest, with_article};

/// Reads a value of a type that is not a set. The error says what is wrong, without the place.
pub fn read(ty: &Type, text: &str, world: &World) -> Result<Value, String> {
    let text = text.trim();
    match ty {
        Type::Bool => match text {
            "yes" | "true" => Ok(Value::Bool(true)),
            "no" | "false" => Ok(Value::Bool(false)),
            _ => Err("expected yes or no".to_owned()),
        },
        Type::Choice(id) => {
            let choices = world.enum_type(*id).ok_or("this fact has no values")?;
            choices.find(text).map(Value::Choice).ok_or_else(|| {
                let names = choices.values.iter().map(|v| v.name.as_str());
                match nearest(text, names) {
                    Some(near) => format!("it is none of the declared values; did you mean `{near}`?"),
                    None => format!("it is none of the declared values; expected {}", ty.expects(world)),
                }
            })
        }
        Type::Country => place(text, world)
            .map(Value::Place)
            .ok_or_else(|| "it is no country code of ISO 3166-1 and no declared place".to_owned()),
        Type::Code(scheme) => scheme.normalise(text).map(|c| Value::Code(c.into())),
        Type::Number => number(text).map(Value::Number),
        Type::Count => {
            let n = number(text)?;
            if n.is_sign_negative() || !n.fract().is_zero() {
                return Err("expected a whole number from 0".to_owned());
            }
            Ok(Value::Number(n))
        }
        Type::Quantity(dimension) => {
            let (n, unit_name) = split_unit(text).ok_or_else(|| {
                format!("{} needs a number and a unit, as `12 {}`", with_article(dimension.name()), dimension.base())
            })?;
            let n = number(n)?;
            let (of, base) = unit::to_base(n, unit_name).ok_or_else(|| format!("`{unit_name}` is no known unit"))?;
            if of != *dimension {
                return Err(format!("`{unit_name}` measures {}, not {}", of.name(), dimension.name()));
            }
            if base.is_sign_negative() && !base.is_zero() {
                return Err(format!("{} is not negative", with_article(dimension.name())));
            }
            Ok(Value::Number(base))
        }
        Type::Money(currency) => {
            let (n, of) = split_unit(text).ok_or_else(|| format!("expected an amount such as `100 {currency}`"))?;
            if of != currency {
                return Err(format!("the amount is in {of}, the fact is in {currency}, and nothing is converted"));
            }
            number(n).map(Value::Number)
        }
        Type::Date => parse_date(text).map(Value::Date).ok_or_else(|| "expected a day such as 2026-03-02".to_owned()),
        Type::Text | Type::Entry => Ok(Value::Text(text.into())),
        Type::Set(_) => Err("expected a list".to_owned()),
    }
}

/// True if text of that type names money in another currency, which is unknown and no error.
pub fn is_other_currency(ty: &Type, text: &str) -> bool {
    let Type::Money(currency) = ty else { return false };
    split_unit(text.trim()).is_some_and(|(n, of)| {
        of != currency && of.len() == 3 && of.bytes().all(|b| b.is_ascii_uppercase()) && number(n).is_ok()
    })
}

/// A country code or declared place.
pub fn place(text: &str, world: &World) -> Option<PlaceId> {
    if let Some(id) = country::by_code(text) {
        return Some(PlaceId::country(id));
    }
    let i = world.places.iter().position(|p| p.code == text)?;
    Some(PlaceId(PlaceId::FIRST_DECLARED + u16::try_from(i).ok()?))
}

fn number(text: &str) -> Result<Decimal, String> {
    unit::parse_number(text.trim()).ok_or_else(|| {
        if text.trim().bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-') && !text.trim().is_empty() {
            format!("it cannot be held exactly; a number has at most {} digits", unit::MAX_DIGITS)
        } else {
            "expected a number".to_owned()
        }
    })
}

/// `12 in`, `0.3%`: the number and what follows.
fn split_unit(text: &str) -> Option<(&str, &str)> {
    let at = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))?;
    let (n, unit) = text.split_at(at);
    let unit = unit.trim();
    (!n.is_empty() && !unit.is_empty()).then_some((n, unit))
}
