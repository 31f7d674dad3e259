//! Which values of each fact occur in a region of consignments, in the law's terms.
//!
//! A region is projected onto each fact by itself: the values that some consignment of it has. Codes are said by
//! headings, countries by groups or lists, numbers and days by intervals. A fact of which every value occurs that the
//! constraints allow is not named.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::engine::diagram::{Id, Var};
use crate::engine::space::View;
use crate::eval::classes::all_conditions;
use crate::eval::env::Slot;
use crate::model::{AtomKind, FactId, GroupId, PlaceId, Scheme, Set, Test, Type, Value, World, date};

use super::Fact;
use super::region::Region;

/// What is needed to say values in words.
pub struct Words<'v> {
    old: &'v View<'v>,
    new: &'v View<'v>,
    allowed: Id,
    /// The constants that each fact is compared with.
    constants: BTreeMap<FactId, BTreeSet<Value>>,
    /// For each fact that holds codes, the parts of ranges, each by its first and last code.
    parts: BTreeMap<FactId, BTreeSet<(String, String)>>,
    /// Facts compared with others, whose values cannot be said without those.
    compared: BTreeSet<FactId>,
    /// The classes of values looked up before.
    classes: RefCell<BTreeMap<Slot, BTreeMap<Value, Option<usize>>>>,
}

/// More countries than this are said by a group or by those left out, where that is shorter.
const LIST: usize = 6;

impl<'v> Words<'v> {
    /// For two versions, within what both allow.
    pub fn new(old: &'v View<'v>, new: &'v View<'v>, allowed: Id) -> Self {
        let mut constants: BTreeMap<FactId, BTreeSet<Value>> = BTreeMap::new();
        let mut compared = BTreeSet::new();
        for world in [old.world(), new.world()] {
            for cond in all_conditions(world) {
                cond.atoms(&mut |atom, _| {
                    if let AtomKind::Facts(a, _, b) = &atom.kind {
                        compared.extend([*a, *b]);
                    }
                    if let AtomKind::Fact(f, t) | AtomKind::Elements { fact: f, test: t, .. } = &atom.kind {
                        let of = constants.entry(*f).or_default();
                        match t {
                            Test::Is(v) | Test::Compare(_, v) => {
                                of.insert(v.clone());
                            }
                            Test::Between(a, b) => of.extend([a.clone(), b.clone()]),
                            Test::In(Set::Values(list)) => of.extend(list.iter().cloned()),
                            _ => {}
                        }
                    }
                });
            }
            for (fact, list) in world.categories.iter().flat_map(|c| &c.codes) {
                constants.entry(*fact).or_default().extend(list.headings().map(|h| Value::Code(h.into())));
            }
        }
        let mut parts: BTreeMap<FactId, BTreeSet<(String, String)>> = BTreeMap::new();
        for (fact, list) in [old, new].into_iter().flat_map(|v| &v.world().categories).flat_map(|c| &c.codes) {
            let named = constants.get(fact).into_iter().flatten();
            let headings = named.filter_map(|v| if let Value::Code(c) = v { Some(&**c) } else { None }).collect();
            parts.entry(*fact).or_default().extend(list.parts(&headings));
        }
        Words { old, new, allowed, constants, parts, compared, classes: RefCell::default() }
    }

    /// The facts that a region restricts, each with its values.
    pub fn facts(&self, region: &Region) -> Vec<Fact> {
        let world = self.old.world();
        let support = self.old.diagrams(|d| d.support(&region.functions()));
        let confirmed = world.fact_named("goods.code_confirmed").map(|f| Slot::Item(0, f));
        let slots: Vec<(Slot, FactId)> = support
            .into_iter()
            .filter_map(|var| if let Var::Fact(slot) = var { Some((slot, slot.fact()?)) } else { None })
            .collect();
        let mut out: Vec<(FactId, Fact)> = Vec::new();
        let values = self.of(region, &slots);
        for ((slot, fact), values) in slots.into_iter().zip(values) {
            let name = world.fact(fact).name.clone();
            if let Some(values) = values {
                out.push((fact, Fact { fact: name, values, where_confirmed: false }));
            } else if let (Type::Code(_), Some(confirmed)) = (world.fact(fact).ty.element(), confirmed) {
                // A wrong code hides nothing, so any code occurs; which are listed shows where the code is right.
                let classes = self.old.domain(confirmed).len();
                let Some(yes) = self.old.class_of(confirmed, &Value::Bool(true)) else { continue };
                let within = self.old.diagrams(|d| {
                    let is = d.is(Var::Fact(confirmed), yes, classes);
                    region.and(d, is)
                });
                if !self.old.diagrams(|d| within.is_empty(d))
                    && let Some(values) = self.of(&within, &[(slot, fact)]).pop().flatten()
                {
                    out.push((fact, Fact { fact: name, values, where_confirmed: true }));
                }
            }
        }
        out.sort_by_key(|(f, _)| *f);
        out.into_iter().map(|(_, f)| f).collect()
    }

    /// The values of each of some facts in a region, if not all occur.
    fn of(&self, region: &Region, slots: &[(Slot, FactId)]) -> Vec<Option<String>> {
        let facts: Vec<(Var, usize)> =
            slots.iter().map(|(slot, _)| (Var::Fact(*slot), self.old.domain(*slot).len())).collect();
        let found = self.old.diagrams(|d| region.classes_of(d, &facts));
        let mut out = Vec::new();
        for (((slot, fact), (var, classes)), found) in slots.iter().zip(&facts).zip(found) {
            let all = self.old.diagrams(|d| d.classes_of(self.allowed, *var, *classes));
            out.push(match found != all {
                true if self.compared.contains(fact) => Some("not every value, by what it is compared with".to_owned()),
                true => Some(self.said(*slot, *fact, &found)),
                false => None,
            });
        }
        out
    }

    /// The class of a value; those of all values that can be said of the fact are found together.
    fn class(&self, slot: Slot, fact: FactId, value: &Value) -> Option<usize> {
        let mut kept = self.classes.borrow_mut();
        let table = kept.entry(slot).or_insert_with(|| {
            let world = self.old.world();
            let ty = &world.fact(fact).ty;
            let mut all: Vec<Value> = match ty {
                Type::Country => PlaceId::all(world).map(Value::Place).collect(),
                Type::Choice(id) => {
                    let count = world.enum_type(*id).map_or(0, |e| e.values.len()) as u16;
                    (0..count).map(Value::Choice).collect()
                }
                Type::Code(_) => vec![Value::Code("".into())],
                _ => Vec::new(),
            };
            all.extend(self.constants.get(&fact).into_iter().flatten().cloned());
            let classes = self.old.classes_of(slot, &all);
            all.into_iter().zip(classes).collect()
        });
        *table.entry(value.clone()).or_insert_with(|| self.old.class_of(slot, value))
    }

    /// Values of the classes found, in words.
    fn said(&self, slot: Slot, fact: FactId, found: &[bool]) -> String {
        let world = self.old.world();
        let ty = &world.fact(fact).ty;
        let within = |v: &Value| self.class(slot, fact, v).is_some_and(|c| found.get(c) == Some(&true));
        match ty {
            Type::Choice(id) => {
                let count = world.enum_type(*id).map_or(0, |e| e.values.len()) as u16;
                let (inside, outside): (Vec<Value>, Vec<Value>) = (0..count).map(Value::Choice).partition(within);
                let list = |v: &[Value]| v.iter().map(|v| v.display(ty, world)).collect::<Vec<_>>().join(", ");
                if outside.len() < inside.len() && inside.len() > LIST {
                    format!("any but {}", list(&outside))
                } else {
                    list(&inside)
                }
            }
            Type::Country => self.places(slot, &within),
            Type::Code(scheme) => self.codes(fact, *scheme, &within),
            Type::Number | Type::Count | Type::Quantity(_) | Type::Money(_) | Type::Date => {
                self.intervals(fact, ty, &within)
            }
            Type::Set(inner) => self.sets(slot, inner, found),
            _ => {
                let domain = self.old.domain(slot);
                let each = domain.iter().zip(found).filter(|(_, f)| **f).map(|(k, _)| match &k.value {
                    Value::Text(t) if t.starts_with('\u{0}') => "another".to_owned(),
                    v => v.display(ty, world),
                });
                each.collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// Countries: a group, all but a group, a list, or all but a list.
    fn places(&self, slot: Slot, within: &dyn Fn(&Value) -> bool) -> String {
        let world = self.old.world();
        let (inside, outside): (Vec<PlaceId>, Vec<PlaceId>) =
            PlaceId::all(world).partition(|p| within(&Value::Place(*p)));
        let list = |all: &[PlaceId]| all.iter().map(|p| p.code(world)).collect::<Vec<_>>().join(", ");
        if inside.len() <= LIST {
            return list(&inside);
        }
        if outside.len() <= LIST {
            return format!("any but {}", list(&outside));
        }
        for view in [self.new, self.old] {
            for (i, group) in view.world().groups.iter().enumerate().filter(|(_, g)| g.ty == Type::Country) {
                let test = Test::In(Set::Group(vec![GroupId(i as u32)]));
                let member = |p: &PlaceId| view.passes(slot, &test, &Value::Place(*p), &Type::Country);
                if inside.iter().all(member) && !outside.iter().any(member) {
                    return format!("in {}", group.name);
                }
                if outside.iter().all(member) && !inside.iter().any(member) {
                    return format!("not in {}", group.name);
                }
            }
        }
        if outside.len() < inside.len() { format!("any but {}", list(&outside)) } else { list(&inside) }
    }

    /// Codes by the headings that the law names.
    fn codes(&self, fact: FactId, scheme: Scheme, within: &dyn Fn(&Value) -> bool) -> String {
        let root = Value::Code("".into());
        // Headings, and what lies between them in a range.
        let mut named: Vec<(&str, &str)> = Vec::new();
        for value in self.constants.get(&fact).into_iter().flatten() {
            if let Value::Code(c) = value {
                named.push((c, c));
            }
        }
        let headings: BTreeSet<&str> = named.iter().map(|(h, _)| *h).collect();
        let parts = self.parts.get(&fact).into_iter().flatten().map(|(a, b)| (a.as_str(), b.as_str()));
        named.extend(parts.filter(|(first, _)| !headings.contains(first)));
        named.sort_unstable();
        let is = |h: &str| within(&Value::Code(h.into()));
        let any = within(&root);
        let (mut listed, mut but) = (Vec::new(), Vec::new());
        for (first, last) in &named {
            let above = headings.iter().filter(|h| *h != first && scheme.is_under(first, h)).max_by_key(|h| h.len());
            let parent = above.map_or(any, |h| is(h));
            let said = match first == last {
                true => scheme.display(first),
                false => format!("{} to {}", scheme.display(first), scheme.display(last)),
            };
            match (parent, is(first)) {
                (false, true) => listed.push(said),
                (true, false) => but.push(said),
                _ => {}
            }
        }
        let mut out = listed.join(", ");
        if any {
            out = if listed.is_empty() { "any code".to_owned() } else { format!("{out}, any code not named") };
        }
        if !but.is_empty() {
            out.push_str(&format!(" but {}", but.join(", ")));
        }
        out
    }

    /// Numbers and days as intervals between the constants of the law.
    fn intervals(&self, fact: FactId, ty: &Type, within: &dyn Fn(&Value) -> bool) -> String {
        let world = self.old.world();
        let cuts: Vec<&Value> = self.constants.get(&fact).into_iter().flatten().collect();
        let between = |low: Option<&Value>, high: Option<&Value>| -> Option<Value> { middle(ty, low, high) };
        // A part is a constant itself, or what lies between two.
        let mut parts: Vec<(Option<&Value>, bool, bool)> = Vec::new();
        let mut last = None;
        for cut in cuts.iter().copied() {
            if let Some(v) = between(last, Some(cut)) {
                parts.push((last, false, within(&v)));
            }
            parts.push((Some(cut), true, within(cut)));
            last = Some(cut);
        }
        if let Some(v) = between(last, None) {
            parts.push((last, false, within(&v)));
        }
        let show = |v: &Value| v.display(ty, world);
        let mut out = Vec::new();
        let mut i = 0;
        while i < parts.len() {
            if !parts[i].2 {
                i += 1;
                continue;
            }
            let first = i;
            while i < parts.len() && parts[i].2 {
                i += 1;
            }
            let low = parts[first].0.map(|v| (v, parts[first].1));
            // What ends the run: the constant that is in it, or the one that comes next.
            let end = if parts[i - 1].1 {
                parts[i - 1].0.map(|v| (v, true))
            } else {
                parts.get(i).and_then(|p| p.0.map(|v| (v, false)))
            };
            out.push(match (low, end) {
                (Some((a, true)), Some((b, true))) if a == b => show(a),
                (Some((a, closed)), Some((b, closed_end))) => {
                    let (from, to) = (if closed { "from" } else { "over" }, if closed_end { "to" } else { "under" });
                    format!("{from} {} {to} {}", show(a), show(b))
                }
                (Some((a, true)), None) => format!("{} or more", show(a)),
                (Some((a, false)), None) => format!("over {}", show(a)),
                (None, Some((b, true))) => format!("up to {}", show(b)),
                (None, Some((b, false))) => format!("under {}", show(b)),
                (None, None) => "any".to_owned(),
            });
        }
        out.join("; ")
    }

    /// Sets: what each must hold, and what none holds.
    fn sets(&self, slot: Slot, inner: &Type, found: &[bool]) -> String {
        let world = self.old.world();
        let domain = self.old.domain(slot);
        let (mut always, mut never, mut empty): (Option<BTreeSet<&Value>>, BTreeSet<&Value>, bool) =
            (None, BTreeSet::new(), false);
        for known in domain.iter() {
            if let Value::Set(s) = &known.value {
                never.extend(s);
            }
        }
        for (known, _) in domain.iter().zip(found).filter(|(_, f)| **f) {
            let Value::Set(s) = &known.value else { continue };
            let here: BTreeSet<&Value> = s.iter().collect();
            empty |= here.is_empty();
            never.retain(|v| !here.contains(v));
            always = Some(match always {
                None => here,
                Some(before) => before.intersection(&here).copied().collect(),
            });
        }
        let name = |v: &&Value| match v {
            Value::Text(t) if t.starts_with('\u{0}') => "another".to_owned(),
            Value::Code(c) if c.is_empty() => "another code".to_owned(),
            v => v.display(inner, world),
        };
        let mut out = Vec::new();
        let always = always.unwrap_or_default();
        if !always.is_empty() {
            out.push(format!("with {}", always.iter().map(name).collect::<Vec<_>>().join(", ")));
        }
        if !never.is_empty() {
            out.push(format!("without {}", never.iter().map(name).collect::<Vec<_>>().join(", ")));
        }
        if out.is_empty() {
            out.push(if empty { "some sets only".to_owned() } else { "not empty, some sets only".to_owned() });
        }
        out.join(", ")
    }
}

/// A value strictly between two, or beyond one; none where there is no such value.
fn middle(ty: &Type, low: Option<&Value>, high: Option<&Value>) -> Option<Value> {
    use rust_decimal::Decimal;
    let number = |v: Option<&Value>| match v {
        Some(Value::Number(n)) => Some(*n),
        _ => None,
    };
    if *ty == Type::Date {
        let day = |v: Option<&Value>| match v {
            Some(Value::Date(d)) => Some(*d),
            _ => None,
        };
        let found = match (day(low), day(high)) {
            (Some(a), Some(b)) => date::add_days(a, 1).filter(|d| *d < b),
            (Some(a), None) => date::add_days(a, 1),
            (None, Some(b)) => b.yesterday().ok(),
            (None, None) => None,
        };
        return found.map(Value::Date);
    }
    let signed = matches!(ty, Type::Number | Type::Money(_));
    let step = Decimal::ONE;
    let found = match (number(low), number(high)) {
        (Some(a), Some(b)) if *ty == Type::Count => (a.floor() + step < b).then(|| a.floor() + step),
        (Some(a), Some(b)) => Some(a + (b - a) / Decimal::TWO),
        (Some(a), None) => Some(a + step)
            .filter(|n| *ty != Type::Quantity(crate::model::Dimension::Percent) || *n <= Decimal::ONE_HUNDRED),
        (None, Some(b)) if signed => Some(b - step),
        (None, Some(b)) if b.is_zero() || b.is_sign_negative() => None,
        (None, Some(b)) if *ty == Type::Count => Some(Decimal::ZERO).filter(|z| *z < b),
        (None, Some(b)) => Some(b / Decimal::TWO),
        (None, None) => None,
    };
    found.map(Value::Number)
}

/// The name of a fact in a world, and what is said of a value of it.
pub fn value(world: &World, fact: FactId, value: &Value) -> (String, String) {
    let declared = world.fact(fact);
    (declared.name.clone(), value.display(&declared.ty, world))
}
