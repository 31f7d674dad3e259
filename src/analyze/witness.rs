//! From a way through a diagram to a consignment that takes it.

use std::collections::BTreeSet;

use crate::engine::diagram::{Id, NO, Var, Way};
use crate::engine::space::View;
use crate::eval::env::{Slot, slots_of};
use crate::model::{Case, EnumId, FactId, Scheme, Type, Value};

use super::least::Search;

/// A starting consignment with the facts of a way set; facts in `but` are left as they are.
///
/// `None` where a class of a fact has no value that a consignment could give.
pub fn consignment(view: &View<'_>, start: &Case, way: &Way, but: &dyn Fn(Slot) -> bool) -> Option<Case> {
    let mut case = start.clone();
    for (var, class) in &way.choices {
        let Var::Fact(slot) = var else { return None };
        if !but(*slot) {
            set(&mut case, *slot, value(view, *slot, *class)?);
        }
    }
    Some(case)
}

/// What stating a fact costs: what nobody can state costs most, and a broad value leaves open what is meant.
pub fn cost(view: &View<'_>, var: Var, class: usize) -> u32 {
    let Var::Fact(slot) = var else { return 1_000_000 };
    let Some(fact) = slot.fact() else { return 1_000_000 };
    let world = view.world();
    match (view.domain(slot).get(class).map(|k| &k.value), &world.fact(fact).ty) {
        (Some(Value::Choice(v)), Type::Choice(id)) => {
            let value = world.enum_type(*id).and_then(|e| e.values.get(usize::from(*v)));
            if value.is_some_and(|x| x.end > *v + 1) { 3_500 } else { 1_000 }
        }
        _ => 1_000,
    }
}

/// Some choices of a region, with every fact stated that the region hangs on, and every other as well, so that little
/// is left to search when the consignment is decided.
pub fn complete(
    view: &View<'_>,
    allowed: Id,
    choices: &[(Var, usize)],
    region: Id,
    stated: &dyn Fn(Slot) -> bool,
) -> Option<Vec<(Var, usize)>> {
    let mut left = view.diagrams(|d| d.and(region, allowed));
    for (var, class) in choices {
        left = view.diagrams(|d| d.given(left, *var, *class));
    }
    if left == NO {
        return None;
    }
    let mut out = choices.to_vec();
    out.extend(view.cheapest(left, &|v, c| cost(view, v, c))?.choices);
    let world = view.world();
    let mut allowed = view.diagrams(|d| out.iter().fold(allowed, |t, (var, class)| d.given(t, *var, *class)));
    for (i, fact) in world.facts.iter().enumerate().filter(|(_, f)| !f.is_named_condition()) {
        for slot in slots_of(fact.level, FactId(i as u32), 1, 0) {
            let known = stated(slot) || out.iter().any(|(v, _)| *v == Var::Fact(slot));
            let classes = if known { 0 } else { view.domain(slot).len() };
            let fits = |class: &usize| value(view, slot, *class).is_some();
            let found = (0..classes).rev().filter(fits).find_map(|class| {
                let left = view.diagrams(|d| d.given(allowed, Var::Fact(slot), class));
                (left != NO).then_some((class, left))
            });
            if let Some((class, left)) = found {
                out.push((Var::Fact(slot), class));
                allowed = left;
            }
        }
    }
    Some(out)
}

/// A starting consignment with some facts stated; nothing if one of them is none, or cannot be stated.
pub fn stated(view: &View<'_>, start: &Case, choices: &[(Var, usize)]) -> Option<Case> {
    let mut case = start.clone();
    for (var, class) in choices {
        let Var::Fact(slot) = var else { return None };
        slot.fact()?;
        set(&mut case, *slot, value(view, *slot, *class)?);
    }
    Some(case)
}

/// The fewest facts that put a consignment of `allowed` into a region of it.
pub fn fewest(view: &View<'_>, region: Id, allowed: Id) -> Option<Vec<(Var, usize)>> {
    let weigh = |var: Var, class: usize| cost(view, var, class);
    let least = view.diagrams(|d| {
        let others = d.not(allowed);
        let wanted = d.or(region, others);
        Search::new(d, &weigh, &|_| false).way(wanted, allowed)
    });
    least.or_else(|| view.cheapest(region, &weigh).map(|w| w.choices))
}

/// Sets a fact of a case. What is no fact is left out: no consignment can say it.
pub fn set(case: &mut Case, slot: Slot, value: Value) {
    match slot {
        Slot::Shared(f) => {
            case.facts.insert(f, value);
        }
        Slot::Item(n, f) => {
            if let Some(item) = case.items.get_mut(n as usize) {
                item.insert(f, value);
            }
        }
        Slot::Licence(n, f) => {
            if let Some(held) = case.licences.get_mut(n as usize) {
                held.fields.insert(f, value);
            }
        }
        Slot::Cell(..) | Slot::Group(..) | Slot::CodeRight(_) => {}
    }
}

/// A value of a class such as a consignment gives: a whole code rather than a heading, a text rather than a stand-in.
pub fn value(view: &View<'_>, slot: Slot, class: usize) -> Option<Value> {
    let domain = view.domain(slot);
    let found = &domain.get(class)?.value;
    let Some(fact) = slot.fact() else { return Some(found.clone()) };
    match (found, &view.world().fact(fact).ty) {
        (Value::Code(code), Type::Code(Scheme::Tariff)) => whole_code(view, slot, class, code),
        (Value::Code(code), Type::Code(Scheme::Eccn)) => entry_number(view, slot, class, code),
        (Value::Code(code), _) if code.is_empty() => None,
        (Value::Choice(broad), Type::Choice(id)) => {
            // A broad value leaves open which of the narrower ones is meant: one of those says more.
            let mut narrow = narrower(view, *id, *broad).into_iter().map(Value::Choice);
            let narrow = narrow.find(|v| view.class_of(slot, v) == Some(class));
            narrow.or_else(|| Some(found.clone()))
        }
        (Value::Set(all), Type::Set(inner)) => Some(Value::Set(narrowed(view, slot, class, all, inner))),
        // Stand-ins of other lengths are other texts.
        (Value::Text(text), Type::Text) if text.starts_with('\u{0}') => Some(Value::Text(match text.len() {
            1 => "another".into(),
            n => format!("another {n}").into(),
        })),
        _ => Some(found.clone()),
    }
}

/// The values within one of an enumeration, those first that have none in them: they leave nothing open.
fn narrower(view: &View<'_>, id: EnumId, broad: u16) -> Vec<u16> {
    let Some(values) = view.world().enum_type(id).map(|e| &e.values) else { return Vec::new() };
    let end = |v: u16| values.get(usize::from(v)).map_or(v + 1, |x| x.end);
    let mut out: Vec<u16> = (broad + 1..end(broad)).collect();
    out.sort_by_key(|v| end(*v) > v + 1);
    out
}

/// A set of that class with narrower values in place of broad ones, where there are such.
fn narrowed(view: &View<'_>, slot: Slot, class: usize, all: &BTreeSet<Value>, inner: &Type) -> BTreeSet<Value> {
    let mut out = all.clone();
    let (Type::Choice(id), true) = (inner, view.class_of(slot, &Value::Set(all.clone())) == Some(class)) else {
        return out;
    };
    for element in all {
        let Value::Choice(broad) = element else { continue };
        let instead = |v: u16| {
            let mut set = out.clone();
            set.remove(element);
            set.insert(Value::Choice(v));
            set
        };
        let fits = |set: &BTreeSet<Value>| view.class_of(slot, &Value::Set(set.clone())) == Some(class);
        if let Some(set) = narrower(view, *id, *broad).into_iter().map(instead).find(fits) {
            out = set;
        }
    }
    out
}

/// A classification number of a class: where others lie below it, one that the law does not name, since the number alone
/// leaves open which is meant.
fn entry_number(view: &View<'_>, slot: Slot, class: usize, number: &str) -> Option<Value> {
    let below = |v: &Value| matches!(v, Value::Code(c) if &**c != number && Scheme::Eccn.is_under(c, number));
    let open = view.domain(slot).iter().any(|k| below(&k.value));
    let all: Vec<String> = match (number, open) {
        ("", _) => ["EAR99", "9Z999", "8Y998"].map(str::to_owned).into(),
        (_, false) => vec![number.to_owned()],
        (_, true) => ('a'..='z').rev().map(|c| format!("{number}.{c}")).collect(),
    };
    let mut all = all.into_iter().map(|code| Value::Code(code.as_str().into()));
    all.find(|code| view.class_of(slot, code) == Some(class))
}

/// A tariff code of ten digits in the class of a heading; for the class of no heading, the first that fits.
fn whole_code(view: &View<'_>, slot: Slot, class: usize, heading: &str) -> Option<Value> {
    let padded = |digit: &str| format!("{heading}{}", digit.repeat(10usize.saturating_sub(heading.len())));
    let chapters = || (1..=97).map(|chapter| format!("{chapter:02}00000000"));
    let mut all: Vec<String> = ["0", "9", "5"].into_iter().map(padded).collect();
    if heading.is_empty() {
        all = chapters().collect();
    }
    let fits = |code: &String| view.class_of(slot, &Value::Code(code.as_str().into())) == Some(class);
    all.into_iter().find(fits).map(|code| Value::Code(code.as_str().into()))
}

/// The name of a fact, and a value of it in words.
pub fn words(world: &crate::model::World, fact: FactId, value: &Value) -> (String, String) {
    let declared = world.fact(fact);
    (declared.name.clone(), value.display(&declared.ty, world))
}
