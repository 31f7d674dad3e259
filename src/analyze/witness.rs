//! From a way through a diagram to a consignment that takes it.

use crate::engine::diagram::{Var, Way};
use crate::engine::space::View;
use crate::eval::env::Slot;
use crate::model::{Case, Scheme, Type, Value};

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
        (Value::Code(code), _) if code.is_empty() => None,
        (Value::Choice(broad), Type::Choice(id)) => {
            // A broad value leaves open which of the narrower ones is meant: one of those says more.
            let end = view.world().enum_type(*id)?.values.get(usize::from(*broad))?.end;
            let narrow = (*broad + 1..end).map(Value::Choice).find(|v| view.class_of(slot, v) == Some(class));
            narrow.or_else(|| Some(found.clone()))
        }
        (Value::Text(text), Type::Text) if text.starts_with('\u{0}') => Some(Value::Text("another".into())),
        _ => Some(found.clone()),
    }
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
