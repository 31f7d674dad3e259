//! What tells the values of a fact apart: how every test of the law answers them.

use std::collections::{BTreeSet, HashMap};

use crate::model::code::Under;
use crate::model::value::Type;
use crate::model::{FactId, GroupBody, Value};

use super::super::atom::Reader;
use super::super::env::{Env, Slot, slots_of};
use super::super::truth::Truth;
use super::{Classes, Tested};

impl Classes<'_> {
    /// Keeps one value of each class: those that every test answers alike are one.
    pub(super) fn one_each(
        &self,
        env: &Env,
        slot: Slot,
        fact: FactId,
        ty: &Type,
        candidates: Vec<Value>,
    ) -> Vec<Value> {
        if *ty == Type::Bool {
            // Both count: some yes/no facts are read by no atom (whether a code is confirmed).
            return candidates;
        }
        if !self.partners[fact.index()].is_empty() && matches!(ty, Type::Count | Type::Date) {
            // Each is one of its own: between two of them there may be none.
            return candidates;
        }
        let mut seen: BTreeSet<Vec<u8>> = BTreeSet::new();
        candidates.into_iter().filter(|value| seen.insert(self.signature(env, slot, fact, value))).collect()
    }

    /// What tells a value from others: how all tests answer it. Two values with the same signature are of one class.
    fn signature(&self, env: &Env, slot: Slot, fact: FactId, value: &Value) -> Vec<u8> {
        let element = self.world.fact(fact).ty.element();
        let mut out: Vec<u8> =
            self.tests[fact.index()].iter().map(|t| self.sign(env, t, value, slot, element)).collect();
        if let Value::Date(day) = value {
            // A licence runs out on its own day, whatever else is compared with it.
            out.extend(self.days(env).map(|d| (day.cmp(&d) as i8 + 2) as u8));
        }
        if let Value::Code(code) = value {
            out.extend(self.code_lists[fact.index()].iter().map(|list| list.covers(code, true) as u8));
        }
        if let Value::Place(place) = value
            && !self.partners[fact.index()].is_empty()
            && self.nested.contains(place)
        {
            out.extend(place.0.to_be_bytes());
        }
        for partner in self.partner_slots(env, slot, fact) {
            if let Some(known) = env.get(partner) {
                out.push((value.cmp(&known.value) as i8 + 2) as u8);
            }
            // What tells the values of the other apart tells these apart too.
            let tests = partner.fact().map_or(&[][..], |f| &self.tests[f.index()]);
            out.extend(tests.iter().map(|t| 4 + self.sign(env, t, value, slot, element)));
        }
        out
    }

    /// How all tests answer a value as it was given, so that what is broad leaves open what is narrower; nothing if it
    /// must be told from every other value.
    ///
    /// Two values of a fact with the same answer give the same decision on the same day, as long as no fact is known
    /// that they are compared with.
    pub(crate) fn as_given(&self, env: &Env, fact: FactId, value: &Value) -> Option<Vec<u8>> {
        let slot = slots_of(self.world.fact(fact).level, fact, 1, 1).into_iter().next()?;
        let compared = !self.partners[fact.index()].is_empty();
        let elements: Vec<&Value> = match value {
            Value::Set(all) => all.iter().collect(),
            one => vec![one],
        };
        let mut out = BTreeSet::new();
        for element in elements {
            let own = match element {
                Value::Bool(_) | Value::Choice(_) | Value::Date(_) => true,
                Value::Number(_) => compared,
                Value::Place(place) => self.nested.contains(place) || self.doubted(element),
                Value::Code(code) => {
                    let mut lists = self.code_lists[fact.index()].iter();
                    self.headings[fact.index()].iter().any(|h| *h != &**code && h.starts_with(&**code))
                        || lists.any(|list| list.covers(code, false) == Under::Unclear)
                }
                Value::Text(_) | Value::Set(_) => *self.world.fact(fact).ty.element() == Type::Entry,
            };
            let signature = self.signature(env, slot, fact, element);
            // What waits for a mark that the law does not give is told apart by the place.
            if own || signature.contains(&2) || signature.contains(&6) {
                return None;
            }
            out.insert(signature);
        }
        Some(out.into_iter().flat_map(|s| s.into_iter().chain([255])).collect())
    }

    /// Whether a doubt hangs on this very member of a group, or on the row of a chart that is read for it.
    fn doubted(&self, value: &Value) -> bool {
        if let Value::Place(place) = value
            && self.world.charts.iter().any(|c| c.doubted(self.world, *place))
        {
            return true;
        }
        self.world.groups.iter().any(|g| match &g.body {
            GroupBody::Members(all) => all.iter().any(|(member, _, doubt)| member == value && doubt.is_some()),
            GroupBody::Expr(_) => false,
        })
    }

    /// How one test answers a value.
    pub(super) fn sign(&self, env: &Env, (world, day, test): &Tested<'_>, value: &Value, slot: Slot, ty: &Type) -> u8 {
        match (Reader { world, date: day.unwrap_or(env.date), ..self.reader(env) }).test(test, value, true, slot, ty) {
            Truth::Yes => 1,
            Truth::No => 0,
            Truth::Unknown(_) => 2,
        }
    }

    /// The class of a value among those of [`Classes::domain`]; for a set, that of the classes of its elements.
    pub fn class_of(&self, env: &Env, slot: Slot, value: &Value) -> Option<usize> {
        let domain = self.domain(env, slot);
        if let Some(same) = domain.iter().position(|k| k.value == *value) {
            return Some(same);
        }
        let wanted = self.signatures(env, slot, value)?;
        domain.iter().position(|k| self.signatures(env, slot, &k.value).as_ref() == Some(&wanted))
    }

    /// The classes of many values at once, as [`Classes::class_of`] finds them.
    pub fn classes_of(&self, env: &Env, slot: Slot, values: &[Value]) -> Vec<Option<usize>> {
        let domain = self.domain(env, slot);
        let (mut same, mut alike) = (HashMap::new(), HashMap::new());
        for (class, known) in domain.iter().enumerate() {
            same.entry(&known.value).or_insert(class);
            alike.entry(self.signatures(env, slot, &known.value)).or_insert(class);
        }
        let one = |v: &Value| same.get(v).or_else(|| alike.get(&self.signatures(env, slot, v))).copied();
        values.iter().map(one).collect()
    }

    fn signatures(&self, env: &Env, slot: Slot, value: &Value) -> Option<BTreeSet<Vec<u8>>> {
        let fact = slot.fact()?;
        Some(match value {
            Value::Set(elements) => elements.iter().map(|v| self.signature(env, slot, fact, v)).collect(),
            one => BTreeSet::from([self.signature(env, slot, fact, one)]),
        })
    }
}
