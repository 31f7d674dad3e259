//! What a consignment may hold: an empty one to fill in, a CSV header, and its JSON Schema.

use serde_json::{Map, Value as Json, json};

use crate::model::value::Type;
use crate::model::{Fact, Level, World};

/// The facts that can be given, in the order declared.
pub fn givable(world: &World) -> impl Iterator<Item = &Fact> {
    world.facts.iter().filter(|f| !f.is_named_condition())
}

/// A consignment with every fact unknown.
pub fn json(world: &World) -> Json {
    let mut top = Map::new();
    top.insert("id".to_owned(), Json::Null);
    for fact in givable(world).filter(|f| f.level != Level::Licence) {
        let mut at = &mut top;
        let mut parts = fact.name.split('.').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                at.insert(part.to_owned(), Json::Null);
                break;
            }
            let next = at.entry(part.to_owned()).or_insert_with(|| Json::Object(Map::new()));
            match next {
                Json::Object(map) => at = map,
                _ => break,
            }
        }
    }
    top.insert("licences".to_owned(), json!([]));
    Json::Object(top)
}

/// The header of a CSV file with a column a fact.
pub fn csv_header(world: &World) -> String {
    let names = givable(world).filter(|f| f.level != Level::Licence).map(|f| f.name.as_str());
    std::iter::once("id").chain(names).collect::<Vec<_>>().join(",")
}

/// The JSON Schema (2020-12) of a consignment.
pub fn schema(world: &World) -> Json {
    let mut top = Map::new();
    top.insert("id".to_owned(), json!({ "type": ["string", "null"] }));
    let mut goods = Map::new();
    let mut licence = Map::new();
    licence.insert("licence".to_owned(), json!({ "type": "string" }));
    for fact in givable(world) {
        let (map, name) = match fact.level {
            Level::Consignment => (&mut top, fact.name.as_str()),
            Level::Goods => (&mut goods, fact.name.strip_prefix("goods.").unwrap_or(&fact.name)),
            Level::Licence => (&mut licence, fact.name.strip_prefix("licence.").unwrap_or(&fact.name)),
        };
        place(map, name, of_fact(fact, world));
    }
    let item = closed(goods, &[]);
    top.insert("goods".to_owned(), json!({ "oneOf": [item.clone(), { "type": "array", "items": item, "minItems": 1, "maxItems": super::MAX_ITEMS }, { "type": "null" }] }));
    top.insert("licences".to_owned(), json!({ "type": ["array", "null"], "items": closed(licence, &["licence"]) }));
    let mut out = closed(top, &[]);
    if let Json::Object(map) = &mut out {
        map.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        map.insert("title".to_owned(), json!("portcullis.consignment/1"));
    }
    out
}

/// Puts a schema at a dotted name below `properties`.
fn place(map: &mut Map<String, Json>, name: &str, schema: Json) {
    let Some((head, rest)) = name.split_once('.') else {
        map.insert(name.to_owned(), schema);
        return;
    };
    let inner = map.entry(head.to_owned()).or_insert_with(|| closed(Map::new(), &[]));
    if let Some(Json::Object(properties)) = inner.get_mut("properties") {
        place(properties, rest, schema);
    }
}

fn closed(properties: Map<String, Json>, required: &[&str]) -> Json {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn of_fact(fact: &Fact, world: &World) -> Json {
    let mut schema = of_type(&fact.ty, world, true);
    if let Json::Object(map) = &mut schema {
        map.insert("description".to_owned(), Json::String(fact.question()));
    }
    schema
}

fn of_type(ty: &Type, world: &World, nullable: bool) -> Json {
    let kind = |name: &str| if nullable { json!([name, "null"]) } else { json!(name) };
    match ty {
        Type::Bool => json!({ "type": kind("boolean") }),
        Type::Choice(id) => {
            let mut values: Vec<Json> = Vec::new();
            for v in world.enum_type(*id).map(|e| e.values.as_slice()).unwrap_or_default() {
                values.push(json!(v.name));
                values.extend(v.also.iter().map(|a| json!(a)));
            }
            if nullable {
                values.push(Json::Null);
            }
            json!({ "enum": values })
        }
        Type::Country => json!({ "type": kind("string"), "pattern": "^[A-Z]{2}(-[A-Za-z0-9_]+)?$" }),
        Type::Code(_) => json!({ "type": kind("string") }),
        Type::Number => json!({ "type": kind("number") }),
        Type::Count => json!({ "type": kind("integer"), "minimum": 0 }),
        Type::Quantity(d) => json!({ "type": kind("string"), "examples": [format!("12 {}", d.base())] }),
        Type::Money(c) => json!({ "type": kind("string"), "examples": [format!("100 {c}")] }),
        Type::Date => json!({ "type": kind("string"), "format": "date" }),
        Type::Text | Type::Entry => json!({ "type": kind("string") }),
        Type::Set(inner) => json!({ "type": kind("array"), "items": of_type(inner, world, false) }),
    }
}
