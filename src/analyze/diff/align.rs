//! Two versions of the law with their facts, enumerations, places and groups in one numbering.
//!
//! They are the same where their names are. What only one version declares is added to the other, where nothing asks
//! for it, so that it stays open there. A fact that the versions declare with different types is two facts, and that is
//! said.

use std::collections::BTreeMap;

use crate::model::{
    AtomKind, ChartId, Cond, EnumId, EnumType, EnumValue, Fact, FactId, Group, GroupBody, GroupId, PlaceId, RowBody,
    Set, Test, Type, Value, World,
};

/// Both versions in one numbering, and what they declare differently.
pub fn align(old: &World, new: &World) -> (World, World, Vec<String>) {
    let (mut a, mut b, mut notes) = (old.clone(), new.clone(), Vec::new());
    let (mut of_old, mut of_new) = (Numbers::default(), Numbers::default());
    // Places, groups and charts.
    for (i, place) in new.places.iter().enumerate() {
        let known = a.places.iter().position(|p| p.code == place.code).unwrap_or(a.places.len());
        of_new.places.insert(declared(i), declared(known));
        if known == a.places.len() {
            a.places.push(place.clone());
        }
    }
    for place in &mut a.places[old.places.len()..] {
        place.within = of_new.place(place.within);
    }
    b.places = a.places.clone();
    for (i, place) in new.places.iter().enumerate() {
        if let Some(at) = of_new.places.get(&declared(i)).and_then(|p| p.declared()) {
            b.places[at].within = of_new.place(place.within);
        }
    }
    let empty = |g: &Group| Group { body: GroupBody::Members(Vec::new()), ..g.clone() };
    b.groups = old.groups.iter().map(empty).collect();
    let mut taken = vec![false; old.groups.len()];
    for (i, group) in new.groups.iter().enumerate() {
        let known = old.groups.iter().enumerate().position(|(n, g)| !taken[n] && g.name == group.name);
        let at = known.unwrap_or(b.groups.len());
        of_new.groups.insert(GroupId(i as u32), GroupId(at as u32));
        match known {
            Some(n) => {
                taken[n] = true;
                b.groups[n] = group.clone();
            }
            None => b.groups.push(group.clone()),
        }
    }
    b.charts = old.charts.clone();
    for (i, chart) in new.charts.iter().enumerate() {
        let at = old.charts.iter().position(|c| c.name == chart.name).unwrap_or(b.charts.len());
        of_new.charts.insert(ChartId(i as u32), ChartId(at as u32));
        if at < b.charts.len() { b.charts[at] = chart.clone() } else { b.charts.push(chart.clone()) }
    }
    // Facts, with their enumerations.
    let (mut a_facts, mut b_facts) = (old.facts.clone(), vec![None; old.facts.len()]);
    for (i, fact) in new.facts.iter().enumerate() {
        let twin = old.facts.iter().position(|f| f.name == fact.name);
        let alike = twin.filter(|t| alike((&mut a, &mut of_old), (new, &mut of_new), &old.facts[*t], fact));
        let at = alike.unwrap_or(a_facts.len());
        of_new.facts.insert(FactId(i as u32), FactId(at as u32));
        if alike.is_none() {
            if let Some(id) = enumeration(&fact.ty) {
                of_new.own(&mut a, new, id);
            }
            let mut other = bare(fact);
            if twin.is_some() {
                notes.push(format!("fact `{}` has another type: compared as two different facts", fact.name));
                other.name = format!("{} (new)", fact.name);
            }
            other.ty = of_new.ty(&other.ty);
            a_facts.push(other);
            b_facts.push(None);
        }
        b_facts[at] = Some(Fact { ty: of_new.ty(&fact.ty), ..fact.clone() });
    }
    of_old.conditions(&mut a, &mut a_facts, old);
    let mut b_whole: Vec<Fact> = Vec::new();
    for (at, fact) in b_facts.into_iter().enumerate() {
        b_whole.push(fact.unwrap_or_else(|| {
            let mut other = bare(&a_facts[at]);
            if new.facts.iter().any(|f| f.name == other.name) {
                other.name = format!("{} (old)", other.name);
            }
            other
        }));
    }
    of_new.conditions(&mut b, &mut b_whole, new);
    b.enums = a.enums.clone();
    (a.facts, b.facts) = (a_facts, b_whole);
    (a, b, notes)
}

/// A fact of the other version, which nothing here means or presumes.
fn bare(fact: &Fact) -> Fact {
    Fact { means: Vec::new(), presumed: None, ..fact.clone() }
}

fn declared(index: usize) -> PlaceId {
    PlaceId(PlaceId::FIRST_DECLARED + index as u16)
}

fn enumeration(ty: &Type) -> Option<EnumId> {
    match ty.element() {
        Type::Choice(id) => Some(*id),
        _ => None,
    }
}

/// True if two facts of one name are one fact; their enumerations are then merged.
fn alike(a: (&mut World, &mut Numbers), b: (&World, &mut Numbers), old: &Fact, new: &Fact) -> bool {
    if old.level != new.level {
        return false;
    }
    let (Some(x), Some(y)) = (enumeration(&old.ty), enumeration(&new.ty)) else { return old.ty == new.ty };
    if matches!(old.ty, Type::Set(_)) != matches!(new.ty, Type::Set(_)) {
        return false;
    }
    let (Some(first), Some(second)) = (a.0.enum_type(x), b.0.enum_type(y)) else { return false };
    if a.1.enums.contains_key(&x) || b.1.enums.contains_key(&y) {
        return b.1.enums.get(&y).is_some_and(|(to, _)| *to == x);
    }
    let Some((merged, of_first, of_second)) = merge(first, second) else { return false };
    a.0.enums[x.index()] = merged;
    a.1.enums.insert(x, (x, of_first));
    b.1.enums.insert(y, (x, of_second));
    true
}

/// Two enumerations in one, and the new number of each value of each; `None` if a value lies within another in one of
/// them and not in the other.
fn merge(a: &EnumType, b: &EnumType) -> Option<(EnumType, Vec<u16>, Vec<u16>)> {
    // Each value with the one it lies in.
    let within = |e: &EnumType, n: usize| -> Option<String> {
        let around = e.values[..n].iter().rfind(|v| usize::from(v.end) > n);
        around.map(|v| v.name.clone())
    };
    let mut values: Vec<(EnumValue, Option<String>)> = Vec::new();
    for e in [a, b] {
        for (n, value) in e.values.iter().enumerate() {
            let parent = within(e, n);
            match values.iter_mut().find(|(v, _)| v.name == value.name) {
                Some((_, known)) if *known != parent => return None,
                Some((v, _)) => {
                    let more: Vec<String> = value.also.iter().filter(|x| !v.also.contains(x)).cloned().collect();
                    v.also.extend(more);
                }
                None => values.push((value.clone(), parent)),
            }
        }
    }
    fn below(all: &[(EnumValue, Option<String>)], parent: Option<&str>, out: &mut Vec<EnumValue>) {
        for (value, _) in all.iter().filter(|(_, p)| p.as_deref() == parent) {
            let at = out.len();
            out.push(value.clone());
            below(all, Some(&value.name), out);
            out[at].end = out.len() as u16;
        }
    }
    let mut out = Vec::new();
    below(&values, None, &mut out);
    let number = |e: &EnumType| -> Option<Vec<u16>> {
        e.values.iter().map(|v| out.iter().position(|o| o.name == v.name).map(|n| n as u16)).collect()
    };
    let (of_a, of_b) = (number(a)?, number(b)?);
    Some((EnumType { values: out }, of_a, of_b))
}

/// The new numbers of one version's declarations; what is not named keeps its number.
#[derive(Default)]
struct Numbers {
    facts: BTreeMap<FactId, FactId>,
    enums: BTreeMap<EnumId, (EnumId, Vec<u16>)>,
    places: BTreeMap<PlaceId, PlaceId>,
    groups: BTreeMap<GroupId, GroupId>,
    charts: BTreeMap<ChartId, ChartId>,
}

impl Numbers {
    fn fact(&self, f: FactId) -> FactId {
        self.facts.get(&f).copied().unwrap_or(f)
    }

    fn place(&self, p: PlaceId) -> PlaceId {
        self.places.get(&p).copied().unwrap_or(p)
    }

    /// Gives an enumeration that only this version has a number of its own.
    fn own(&mut self, a: &mut World, world: &World, id: EnumId) {
        let Some(own) = world.enum_type(id).filter(|_| !self.enums.contains_key(&id)) else { return };
        let values = (0..own.values.len() as u16).collect();
        self.enums.insert(id, (EnumId(a.enums.len() as u32), values));
        a.enums.push(own.clone());
    }

    fn ty(&self, ty: &Type) -> Type {
        match ty {
            Type::Choice(id) => Type::Choice(self.enums.get(id).map_or(*id, |(to, _)| *to)),
            Type::Set(inner) => Type::Set(Box::new(self.ty(inner))),
            other => other.clone(),
        }
    }

    /// A value of a type as the version itself numbers it.
    fn value(&self, value: &mut Value, ty: &Type) {
        match value {
            Value::Place(p) => *p = self.place(*p),
            Value::Choice(n) => {
                let known =
                    enumeration(ty).and_then(|id| self.enums.get(&id)).and_then(|(_, v)| v.get(usize::from(*n)));
                *n = known.copied().unwrap_or(*n);
            }
            Value::Set(all) => {
                let mut list: Vec<Value> = std::mem::take(all).into_iter().collect();
                list.iter_mut().for_each(|v| self.value(v, ty));
                all.extend(list);
            }
            _ => {}
        }
    }

    fn set(&self, set: &mut Set, ty: &Type) {
        match set {
            Set::Values(list) => list.iter_mut().for_each(|v| self.value(v, ty)),
            Set::Group(ids) => ids.iter_mut().for_each(|g| *g = self.groups.get(g).copied().unwrap_or(*g)),
            Set::Plus(a, b) | Set::Minus(a, b) | Set::And(a, b) => {
                self.set(a, ty);
                self.set(b, ty);
            }
        }
    }

    fn test(&self, test: &mut Test, ty: &Type) {
        match test {
            Test::Yes => {}
            Test::Is(v) | Test::Compare(_, v) => self.value(v, ty),
            Test::Between(a, b) => {
                self.value(a, ty);
                self.value(b, ty);
            }
            Test::In(set) => self.set(set, ty),
            Test::Marked(chart, _) => *chart = self.charts.get(chart).copied().unwrap_or(*chart),
        }
    }

    fn cond(&self, cond: &mut Cond, world: &World) {
        match cond {
            Cond::All(list) | Cond::Any(list) => list.iter_mut().for_each(|c| self.cond(c, world)),
            Cond::Not(inner) => self.cond(inner, world),
            Cond::Atom(atom) => match &mut atom.kind {
                AtomKind::Fact(f, test) | AtomKind::Elements { fact: f, test, .. } => {
                    self.test(test, &world.fact(*f).ty);
                    *f = self.fact(*f);
                }
                AtomKind::Facts(a, _, b) => (*a, *b) = (self.fact(*a), self.fact(*b)),
                AtomKind::Empty(f) | AtomKind::Means(f) | AtomKind::Includes(f) => *f = self.fact(*f),
                AtomKind::In(_) | AtomKind::CodedUnder(_) => {}
            },
        }
    }

    /// Renumbers all that a version says; `facts` are its facts in their new order, `world` is the version as it was.
    fn conditions(&self, to: &mut World, facts: &mut [Fact], world: &World) {
        for (i, own) in world.facts.iter().enumerate() {
            let Some(fact) = facts.get_mut(self.fact(FactId(i as u32)).index()) else { continue };
            fact.means.iter_mut().for_each(|(_, c)| self.cond(c, world));
            if let Some(presumed) = &mut fact.presumed {
                self.value(&mut presumed.value, &own.ty);
                presumed.unless.iter_mut().for_each(|c| self.cond(c, world));
            }
        }
        for rule in &mut to.rules {
            self.cond(&mut rule.cond, world);
            rule.claimed.iter_mut().for_each(|c| self.cond(c, world));
        }
        for category in &mut to.categories {
            self.cond(&mut category.cond, world);
            category.codes.iter_mut().for_each(|(f, _)| *f = self.fact(*f));
        }
        to.policies.iter_mut().for_each(|p| self.cond(&mut p.applies, world));
        to.constraints.iter_mut().for_each(|c| self.cond(&mut c.cond, world));
        to.licences.iter_mut().flat_map(|l| &mut l.covers).for_each(|c| self.cond(c, world));
        let mine = |n: usize| self.groups.is_empty() || self.groups.values().any(|id| id.index() == n);
        for (n, group) in to.groups.iter_mut().enumerate() {
            if !mine(n) {
                continue;
            }
            let ty = group.ty.clone();
            match &mut group.body {
                GroupBody::Members(list) => list.iter_mut().for_each(|(v, ..)| self.value(v, &ty)),
                GroupBody::Expr(set) => self.set(set, &ty),
            }
            group.ty = self.ty(&ty);
        }
        for (n, chart) in to.charts.iter_mut().enumerate() {
            if !self.charts.is_empty() && !self.charts.values().any(|id| id.index() == n) {
                continue;
            }
            for version in &mut chart.versions {
                for row in &mut version.rows {
                    row.place = self.place(row.place);
                    if let RowBody::As(other) = &mut row.body {
                        *other = self.place(*other);
                    }
                }
                version.rows.sort_by_key(|r| (r.place, r.days.from));
            }
        }
    }
}
