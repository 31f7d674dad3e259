//! A case as the JSON consignment that it stands for.

use serde_json::{Map, Value as Json, json};

use crate::model::{Case, FactId, Type, Value, World};

/// The JSON object of a case: read again, it gives the same case.
pub fn to_json(case: &Case, world: &World) -> Json {
    let mut out = Map::new();
    if let Some(id) = &case.id {
        out.insert("id".to_owned(), json!(id));
    }
    out.insert("date".to_owned(), json!(case.date.to_string()));
    for (fact, value) in &case.facts {
        put(&mut out, world.fact(*fact).name.as_str(), fact_json(*fact, value, world));
    }
    let items: Vec<Json> = case
        .items
        .iter()
        .map(|item| {
            let mut goods = Map::new();
            for (fact, value) in item {
                let name = &world.fact(*fact).name;
                put(&mut goods, name.strip_prefix("goods.").unwrap_or(name), fact_json(*fact, value, world));
            }
            Json::Object(goods)
        })
        .collect();
    match (case.listed, <[Json; 1]>::try_from(items)) {
        (false, Ok([one])) if one.as_object().is_some_and(Map::is_empty) => {}
        (false, Ok([one])) => {
            out.insert("goods".to_owned(), one);
        }
        (_, Ok([one])) => {
            out.insert("goods".to_owned(), json!([one]));
        }
        (_, Err(many)) => {
            out.insert("goods".to_owned(), Json::Array(many));
        }
    }
    if !case.licences.is_empty() {
        let held = case.licences.iter().map(|held| {
            let mut licence = Map::new();
            licence.insert("licence".to_owned(), json!(held.licence));
            for (fact, value) in &held.fields {
                let name = &world.fact(*fact).name;
                put(&mut licence, name.strip_prefix("licence.").unwrap_or(name), fact_json(*fact, value, world));
            }
            Json::Object(licence)
        });
        out.insert("licences".to_owned(), held.collect());
    }
    Json::Object(out)
}

/// Puts a value at a name, nested at dots.
fn put(out: &mut Map<String, Json>, name: &str, value: Json) {
    match name.split_once('.') {
        None => {
            out.insert(name.to_owned(), value);
        }
        Some((first, rest)) => {
            let below = out.entry(first).or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(map) = below {
                put(map, rest, value);
            }
        }
    }
}

fn fact_json(fact: FactId, value: &Value, world: &World) -> Json {
    json_of(value, &world.fact(fact).ty, world)
}

/// One value of a type.
pub fn json_of(value: &Value, ty: &Type, world: &World) -> Json {
    match (value, ty) {
        (Value::Bool(b), _) => Json::Bool(*b),
        (Value::Set(all), Type::Set(inner)) => all.iter().map(|v| json_of(v, inner, world)).collect(),
        (Value::Number(n), Type::Number | Type::Count) => {
            serde_json::from_str(&n.normalize().to_string()).unwrap_or(Json::Null)
        }
        (Value::Code(c), _) => json!(c.to_string()),
        (Value::Text(t), _) => json!(t.to_string()),
        (other, ty) => Json::String(other.display(ty, world)),
    }
}
