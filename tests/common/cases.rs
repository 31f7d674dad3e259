//! Random consignments under random law: complete ones, partial ones, and ones that leave a part open.

use serde_json::{Map, Value, json};

use super::choices::Choices;
use super::facts::{DATES, Fact};
use super::law::Law;

/// The values of a JSON list.
pub fn list(text: &str) -> Vec<Value> {
    match serde_json::from_str(text) {
        Ok(Value::Array(all)) => all,
        other => panic!("{text}: {other:?}"),
    }
}

/// Puts a fact at its place below an object: `goods.kind` of the first goods as `kind`.
fn put(map: &mut Map<String, Value>, name: &str, value: Value) {
    map.insert(name.to_owned(), value);
}

/// A consignment: every fact given but for some, chosen among all items, with values that may leave a part open.
pub fn case(c: &mut Choices<'_>, law: &Law, unknown: usize, broad: usize) -> Value {
    let items = if c.chance(85) { 1 } else { 2 + c.below(2) };
    let listed = items > 1 || c.chance(10);
    let (mut top, mut goods) = (Map::new(), vec![Map::new(); items]);
    put(&mut top, "date", json!(if c.coin() { DATES[0] } else { *c.of(DATES) }));
    let mut places: Vec<(Option<usize>, &Fact)> = Vec::new();
    for fact in &law.facts {
        match fact.name.strip_prefix("goods.") {
            Some(_) => places.extend((0..items).map(|i| (Some(i), *fact))),
            None => places.push((None, fact)),
        }
    }
    let mut open = vec![false; places.len()];
    for _ in 0..unknown {
        let at = c.below(places.len());
        open[at] = true;
    }
    for ((item, fact), open) in places.iter().zip(open) {
        if open {
            continue;
        }
        let wide = list(fact.broad);
        let value =
            if !wide.is_empty() && c.chance(broad) { c.of(&wide).clone() } else { c.of(&list(fact.values)).clone() };
        match (item, fact.name.strip_prefix("goods.")) {
            (Some(i), Some(rest)) => put(&mut goods[*i], rest, value),
            _ => put(&mut top, fact.name, value),
        }
    }
    let held = held(c, law, unknown > 0);
    if !held.is_empty() {
        put(&mut top, "licences", Value::Array(held));
    }
    let goods: Vec<Value> = goods.into_iter().map(Value::Object).collect();
    put(&mut top, "goods", if listed { Value::Array(goods) } else { goods[0].clone() });
    Value::Object(top)
}

/// Licences held, with fields that may be left out.
fn held(c: &mut Choices<'_>, law: &Law, partial: bool) -> Vec<Value> {
    let count = if c.chance(60) { 0 } else { 1 + c.below(2) };
    let destination = law.facts.iter().any(|f| f.name == "destination");
    let all = |c: &mut Choices<'_>| {
        let mut out = Map::new();
        let name = if c.chance(95) { c.of(&law.licences).clone() } else { "unheard_of".to_owned() };
        put(&mut out, "licence", json!(name));
        let mut fields = vec![
            ("number", json!("N1")),
            ("good", json!(c.coin())),
            ("issued", json!(*c.of(&["2019-01-01", "2023-12-31", "2026-02-01"]))),
            ("expires", json!(*c.of(&["2019-12-31", "2026-03-01", "2026-03-02", "2031-01-01"]))),
            ("goods", json!([*c.of(&["list_A", "list_A.1", "8543 70", "9304", "nothing"])])),
        ];
        if destination {
            fields.push(("destination", json!(*c.of(&["FR", "IT", "US"]))));
        }
        for (name, value) in fields {
            if !(partial && c.chance(20)) {
                put(&mut out, name, value);
            }
        }
        Value::Object(out)
    };
    (0..count).map(|_| all(c)).collect()
}
