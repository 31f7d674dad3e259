//! A case written down as a consignment in JSON, to keep it or to hand it on.
//!
//! What is written reads back as the same case. Numbers are written with all their digits, and never pass through
//! floating point; quantities stand in the base unit of their dimension where that can be read again.

use indexmap::IndexMap;

use crate::model::value::Type;
use crate::model::{Case, FactId, Value, World, unit};

/// JSON on its way out, with numbers as text.
enum Json {
    Raw(String),
    List(Vec<Json>),
    Object(IndexMap<String, Json>),
}

/// A case as one line of JSON.
pub fn line(case: &Case, world: &World) -> String {
    let mut out = String::new();
    tree(case, world).render(None, &mut out);
    out
}

/// A case as JSON for people: a key a line.
pub fn pretty(case: &Case, world: &World) -> String {
    let mut out = String::new();
    tree(case, world).render(Some(0), &mut out);
    out.push('\n');
    out
}

/// A case as a JSON value, for programs in which a number may lose digits past what floating point holds.
pub fn to_json(case: &Case, world: &World) -> serde_json::Value {
    serde_json::from_str(&line(case, world)).unwrap_or_default()
}

/// One value of a type, likewise.
pub fn json_of(value: &Value, ty: &Type, world: &World) -> serde_json::Value {
    let mut out = String::new();
    written(value, ty, world).render(None, &mut out);
    serde_json::from_str(&out).unwrap_or_default()
}

fn tree(case: &Case, world: &World) -> Json {
    let mut top = IndexMap::new();
    if let Some(id) = &case.id {
        top.insert("id".to_owned(), text(id));
    }
    if world.fact_named("date").is_some_and(|f| !case.facts.contains_key(&f)) {
        top.insert("date".to_owned(), text(&case.date.to_string()));
    }
    for (fact, value) in &case.facts {
        place(&mut top, "", *fact, value, world);
    }
    let items = case.items.iter().map(|item| {
        let mut goods = IndexMap::new();
        item.iter().for_each(|(fact, value)| place(&mut goods, "goods.", *fact, value, world));
        Json::Object(goods)
    });
    let items: Vec<Json> = items.collect();
    match (case.listed, <[Json; 1]>::try_from(items)) {
        // Goods of which nothing is known need not be named.
        (false, Ok([Json::Object(goods)])) if goods.is_empty() => {}
        (false, Ok([one])) => {
            top.insert("goods".to_owned(), one);
        }
        (true, Ok([one])) => {
            top.insert("goods".to_owned(), Json::List(vec![one]));
        }
        (_, Err(many)) => {
            top.insert("goods".to_owned(), Json::List(many));
        }
    }
    if !case.licences.is_empty() {
        let held = case.licences.iter().map(|held| {
            let mut fields = IndexMap::from([("licence".to_owned(), text(&held.licence))]);
            held.fields.iter().for_each(|(fact, value)| place(&mut fields, "licence.", *fact, value, world));
            Json::Object(fields)
        });
        top.insert("licences".to_owned(), Json::List(held.collect()));
    }
    Json::Object(top)
}

/// Puts a fact at the dots of its name; where another fact has the name of a part of it, under its whole name.
fn place(map: &mut IndexMap<String, Json>, prefix: &str, fact: FactId, value: &Value, world: &World) {
    let fact = world.fact(fact);
    let name = fact.name.strip_prefix(prefix).unwrap_or(&fact.name);
    let dots = name.match_indices('.').map(|(i, _)| i);
    let nests = dots.into_iter().all(|i| world.fact_named(&format!("{prefix}{}", &name[..i])).is_none());
    put(map, name, nests, written(value, &fact.ty, world));
}

fn put(map: &mut IndexMap<String, Json>, name: &str, nests: bool, value: Json) {
    if let (true, Some((head, rest))) = (nests, name.split_once('.'))
        && let Json::Object(inner) = map.entry(head.to_owned()).or_insert_with(|| Json::Object(IndexMap::new()))
    {
        put(inner, rest, nests, value);
        return;
    }
    map.insert(name.to_owned(), value);
}

fn written(value: &Value, ty: &Type, world: &World) -> Json {
    match (value, ty) {
        (Value::Bool(b), _) => Json::Raw(b.to_string()),
        (Value::Number(n), Type::Number | Type::Count) => Json::Raw(n.normalize().to_string()),
        // A number that has too many digits in the base unit was given in another.
        (Value::Number(n), Type::Quantity(of)) => {
            let units = std::iter::once(of.base()).chain(unit::units_of(*of));
            let mut exact = units.filter_map(|u| unit::from_base(*n, u).map(|number| format!("{number} {u}")));
            text(&exact.next().unwrap_or_else(|| value.display(ty, world)))
        }
        (Value::Text(t), _) => text(t),
        (Value::Set(all), ty) => Json::List(all.iter().map(|v| written(v, ty.element(), world)).collect()),
        (other, ty) => text(&other.display(ty, world)),
    }
}

fn text(text: &str) -> Json {
    Json::Raw(serde_json::Value::String(text.to_owned()).to_string())
}

impl Json {
    fn render(&self, depth: Option<usize>, out: &mut String) {
        let gap = |out: &mut String, depth: Option<usize>| {
            if let Some(d) = depth {
                out.push('\n');
                out.push_str(&"  ".repeat(d));
            }
        };
        let deeper = depth.map(|d| d + 1);
        match self {
            Json::Raw(text) => out.push_str(text),
            Json::List(all) => {
                // A list of plain values stands on one line.
                let plain = all.iter().all(|v| matches!(v, Json::Raw(_)));
                out.push('[');
                for (i, value) in all.iter().enumerate() {
                    out.push_str(match (i, plain && depth.is_some()) {
                        (0, _) => "",
                        (_, true) => ", ",
                        (_, false) => ",",
                    });
                    if !plain {
                        gap(out, deeper);
                    }
                    value.render(deeper, out);
                }
                if !plain {
                    gap(out, depth);
                }
                out.push(']');
            }
            Json::Object(map) => {
                out.push('{');
                for (i, (key, value)) in map.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    gap(out, deeper);
                    text(key).render(None, out);
                    out.push_str(if depth.is_some() { ": " } else { ":" });
                    value.render(deeper, out);
                }
                if !map.is_empty() {
                    gap(out, depth);
                }
                out.push('}');
            }
        }
    }
}
