//! One value for each class of a fact that the tests of two laws can tell apart.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::eval::probe::{Reader, Slot, Truth};
use crate::model::code::CodeList;
use crate::model::{Dimension, PlaceId, Scheme, Test, Type, Value, World, date};

/// Above this many classes of elements, not all sets of them are tried.
const MAX_ELEMENTS: usize = 6;

/// What tells the values of a fact apart.
pub(super) struct Telling<'t> {
    /// The tests of it, each with the law that makes it.
    pub(super) tests: Vec<(Reader<'t>, &'t Test)>,
    /// The lists of codes that it is held against.
    pub(super) codes: Vec<&'t CodeList>,
}

/// One value a class, and whether these are all classes.
pub(super) fn classes(world: &World, ty: &Type, slot: Slot, telling: &Telling<'_>) -> (Vec<Value>, bool) {
    let mut constants = BTreeSet::new();
    telling.tests.iter().for_each(|(_, t)| t.constants(&mut constants));
    let elements = one_each(ty.element(), slot, telling, candidates(world, ty.element(), &constants, &telling.codes));
    if !matches!(ty, Type::Set(_)) {
        return (elements, true);
    }
    let set = |picked: Vec<Value>| Value::Set(picked.into_iter().collect());
    if elements.len() > MAX_ELEMENTS {
        let mut all: Vec<Value> = elements.iter().map(|e| set(vec![e.clone()])).collect();
        all.push(set(Vec::new()));
        return (all, false);
    }
    let subset = |bits: u32| {
        let picked = elements.iter().enumerate().filter(|(i, _)| bits & (1 << i) != 0);
        set(picked.map(|(_, e)| e.clone()).collect())
    };
    ((0..1u32 << elements.len()).map(subset).collect(), true)
}

fn candidates(world: &World, ty: &Type, constants: &BTreeSet<Value>, codes: &[&CodeList]) -> Vec<Value> {
    match ty {
        Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
        Type::Choice(id) => {
            let n = world.enum_type(*id).map_or(0, |e| e.values.len());
            (0..n as u16).map(Value::Choice).collect()
        }
        Type::Country => PlaceId::all(world).map(Value::Place).collect(),
        Type::Code(scheme) => {
            let other = match scheme {
                Scheme::Tariff => "99999999",
                Scheme::Eccn => "EAR99",
                Scheme::Cas => "7732-18-5",
            };
            let listed = codes.iter().flat_map(|l| l.headings()).map(|h| Value::Code(h.into()));
            let mut all: BTreeSet<Value> = constants.iter().cloned().chain(listed).collect();
            // Headings are tried as the longer codes below them, which is how they are declared.
            if *scheme == Scheme::Tariff {
                let longer = |v: &Value| match v {
                    Value::Code(c) if c.len() < 8 => Some(Value::Code(format!("{c:0<8}").into())),
                    _ => None,
                };
                let more: Vec<Value> = all.iter().filter_map(longer).collect();
                all.extend(more);
            }
            all.into_iter().chain([Value::Code(other.into())]).collect()
        }
        Type::Date => {
            let near = |d: &Value| match d {
                Value::Date(d) => [d.yesterday().ok(), Some(*d), date::add_days(*d, 1)].into_iter().flatten().collect(),
                _ => Vec::new(),
            };
            let all: BTreeSet<_> = constants.iter().flat_map(near).collect();
            all.into_iter().map(Value::Date).collect()
        }
        Type::Number | Type::Count | Type::Quantity(_) | Type::Money(_) => numbers(ty, constants),
        Type::Text | Type::Entry => constants.iter().cloned().chain([Value::Text("other".into())]).collect(),
        Type::Set(_) => Vec::new(),
    }
}

fn numbers(ty: &Type, constants: &BTreeSet<Value>) -> Vec<Value> {
    let cuts: Vec<Decimal> =
        constants.iter().filter_map(|v| if let Value::Number(n) = v { Some(*n) } else { None }).collect();
    let mut out: BTreeSet<Decimal> = cuts.iter().copied().collect();
    let (one, two) = (Decimal::ONE, Decimal::TWO);
    if *ty == Type::Count {
        out.extend(cuts.iter().flat_map(|c| [c.floor() - one, c.floor(), c.floor() + one]));
        out.insert(Decimal::ZERO);
    } else {
        out.extend(cuts.windows(2).map(|w| (w[0] + w[1]) / two));
        out.extend(cuts.first().map(|f| if f.is_zero() { *f - one } else { *f / two }));
        out.extend(cuts.last().map(|l| *l + one));
    }
    if out.is_empty() {
        out.insert(one);
    }
    let signed = matches!(ty, Type::Number | Type::Money(_));
    let percent = *ty == Type::Quantity(Dimension::Percent);
    let inside = |n: &Decimal| (signed || *n >= Decimal::ZERO) && !(percent && *n > Decimal::ONE_HUNDRED);
    out.into_iter().filter(inside).map(|n| Value::Number(n.normalize())).collect()
}

/// Keeps one value of each class: those that every test and list answers alike are one.
fn one_each(ty: &Type, slot: Slot, telling: &Telling<'_>, candidates: Vec<Value>) -> Vec<Value> {
    if *ty == Type::Bool {
        return candidates;
    }
    let mut seen: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut out = Vec::new();
    for value in candidates {
        let mut signature: Vec<u8> = Vec::new();
        for (reader, test) in &telling.tests {
            signature.push(match reader.test(test, &value, true, slot, ty) {
                Truth::Yes => 1,
                Truth::No => 0,
                Truth::Unknown(_) => 2,
            });
        }
        if let Value::Code(code) = &value {
            signature.extend(telling.codes.iter().map(|l| l.covers(code, true) as u8));
        }
        if seen.insert(signature) {
            out.push(value);
        }
    }
    out
}
