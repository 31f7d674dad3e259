//! Whether goods are in an entry of a control list: description and code together.
//!
//! An entry holds if any way down from it to an entry without children holds: all conditions on the way from the top
//! list to that leaf, and all codes on it (codes above an alternative that says `whatever code` do not bind it).
//!
//! A given code that is none of the entry's does not clear goods whose description fits: codes are declared wrongly
//! every day. Then the entry waits for `goods.code_confirmed`: yes, it does not hold; no, the description decides.

use crate::model::code::{CodeList, Under};
use crate::model::{CategoryId, FactId, PolicyId, Scheme, Value};

use super::atom::{Reader, Whose, cond};
use super::env::{Known, Origin, Slot};
use super::lists::Leaf;
use super::logic::{Logic, Piece};
use super::truth::Truth;

/// Whether the goods are in a category.
pub fn holds<L: Logic>(l: &L, id: CategoryId, item: u32) -> L::Truth {
    let start = l.start();
    start.lists.below(id, start.env.date).fold(l.of(false), |t, leaf| l.or(t, || leaf_holds(l, leaf, item)))
}

/// Whether the goods are in an entry itself: in it, and in none of the named entries below it.
pub fn holds_itself<L: Logic>(l: &L, id: CategoryId, item: u32) -> L::Truth {
    let start = l.start();
    start.lists.reported(id, start.env.date).fold(l.of(false), |t, leaf| l.or(t, || leaf_holds(l, leaf, item)))
}

/// Whether the code of the goods lies under a category, by code alone.
pub fn coded_under<L: Logic>(l: &L, id: CategoryId, item: u32) -> L::Truth {
    let start = l.start();
    start.lists.below(id, start.env.date).fold(l.of(false), |t, leaf| l.or(t, || leaf_coded(l, leaf, item)))
}

/// Whether the code of the goods lies under a leaf, by code alone.
pub fn leaf_coded<L: Logic>(l: &L, leaf: &Leaf<'_>, item: u32) -> L::Truth {
    if leaf.codes.is_empty() {
        return l.of(false);
    }
    codes(l, leaf, item, false)
}

/// Whether the goods are what a held licence names: an entry, or a code.
pub fn named<L: Logic>(l: &L, entry: &Value, item: u32) -> L::Truth {
    let Value::Text(text) = entry else { return l.of(false) };
    if &**text == "*" {
        return l.of(true);
    }
    let world = l.start().world;
    let matching = world.categories.iter().enumerate().filter(|(_, c)| !c.unnamed && c.name == **text);
    let ids: Vec<CategoryId> = matching.map(|(i, _)| CategoryId(i as u32)).collect();
    if !ids.is_empty() {
        return ids.into_iter().fold(l.of(false), |t, id| l.or(t, || holds(l, id, item)));
    }
    let Ok(heading) = Scheme::Tariff.normalise(text) else { return l.of(false) };
    let tariff = crate::model::Type::Code(Scheme::Tariff);
    let Some(fact) = world.facts.iter().position(|f| f.ty == tariff) else { return l.of(false) };
    let slot = Slot::Item(item, FactId(fact as u32));
    let key = Whose::item(item).key(Piece::Heading, std::ptr::from_ref(entry).addr());
    l.ask(key, &|r| match r.env.get(slot) {
        Some(Known { value: Value::Code(c), .. }) if Scheme::Tariff.is_under(c, &heading) => Truth::Yes,
        Some(Known { value: Value::Code(c), exact: false, .. }) if Scheme::Tariff.is_under(&heading, c) => {
            Truth::Unknown(slot)
        }
        Some(_) => Truth::No,
        None => Truth::Unknown(slot),
    })
}

/// Whether a leaf holds: description and code, where a code that fits no entry waits to be confirmed.
pub fn leaf_holds<L: Logic>(l: &L, leaf: &Leaf<'_>, item: u32) -> L::Truth {
    let whose = Whose::item(item);
    l.keep(whose.key(Piece::Leaf, leaf.id.index()), || {
        let description = leaf.conditions.iter().fold(l.of(true), |t, c| l.and(t, || cond(l, c, whose)));
        l.and(description, || {
            let described = leaf.described();
            let code = codes(l, leaf, item, described);
            if described { l.or(code, || l.not(confirmed(l, item))) } else { code }
        })
    })
}

fn codes<L: Logic>(l: &L, leaf: &Leaf<'_>, item: u32, described: bool) -> L::Truth {
    let piece = if described { Piece::DescribedCodes } else { Piece::Codes };
    leaf.codes.iter().fold(l.of(true), |t, (fact, list)| {
        let key = Whose::item(item).key(piece, std::ptr::from_ref(*list).addr());
        l.and(t, || l.ask(key, &|r| code(r, (*fact, list), item, described.then_some(leaf.policy))))
    })
}

/// Whether the declared code is confirmed to be right.
fn confirmed<L: Logic>(l: &L, item: u32) -> L::Truth {
    let slot = match l.start().code_confirmed {
        Some(fact) => Slot::Item(item, fact),
        None => Slot::CodeRight(item),
    };
    l.ask(Whose::item(item).key(Piece::Confirmed, 0), &|r| match (r.env.get(slot), r.env.other(slot)) {
        (Some(k), _) => Truth::of(k.value == Value::Bool(true)),
        (None, Some(b)) => Truth::of(b),
        (None, None) => Truth::Unknown(slot),
    })
}

/// What is found out about one leaf.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Whether its description fits.
    pub description: Truth,
    /// Whether the code lies under its codes.
    pub code: Truth,
}

/// Description and code of a leaf, separately.
pub fn look(r: &Reader<'_>, leaf: &Leaf<'_>, item: u32) -> Look {
    let whose = Whose::item(item);
    let description = leaf.conditions.iter().fold(Truth::Yes, |t, c| t.and(|| r.cond(c, whose)));
    if description == Truth::No {
        return Look { description, code: Truth::No };
    }
    let described = leaf.described();
    let code = leaf
        .codes
        .iter()
        .fold(Truth::Yes, |t, (fact, list)| t.and(|| code(r, (*fact, list), item, described.then_some(leaf.policy))));
    Look { description, code }
}

/// Whether the code of an item lies under a list; where none is given, an entry that is `described`, of some policy or
/// shared, may be presumed to fit.
fn code(r: &Reader<'_>, (fact, list): (FactId, &CodeList), item: u32, described: Option<Option<PolicyId>>) -> Truth {
    let slot = r.slot(fact, Whose::item(item));
    let one = |value: &Value, exact: bool| match value {
        Value::Code(c) => match list.covers(c, exact) {
            Under::Yes => Truth::Yes,
            Under::No => Truth::No,
            Under::Unclear => Truth::Unknown(slot),
        },
        _ => Truth::No,
    };
    // What is tried for a code that is not given takes away no presumption.
    let given = r.env.get(slot).filter(|k| k.origin != Origin::Chosen);
    if given.is_none() && described.is_some_and(|policy| r.env.code_fits(item, policy)) {
        return Truth::Yes;
    }
    match r.env.get(slot) {
        Some(Known { value: Value::Set(all), exact, .. }) => all.iter().fold(Truth::No, |t, v| t.or(|| one(v, *exact))),
        Some(Known { value, exact, .. }) => one(value, *exact),
        None => Truth::Unknown(slot),
    }
}
