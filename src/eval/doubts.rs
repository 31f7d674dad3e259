//! What an answer rests on that its source leaves unsure: named conditions, members of groups, charts and their
//! rows, and places.
//!
//! Only what settles a condition that holds is looked at: all parts of an `and`, of an `or` the parts that hold. Where one
//! of those rests on nothing doubtful, neither does the `or`.

use crate::model::value::Type;
use crate::model::{Atom, AtomKind, Cond, GroupBody, GroupId, Set, Test, Value, World};

use super::atom::{Reader, Whose};
use super::truth::Truth;

/// Collects the doubts that a condition which holds rests on, each with the name of what is doubtful.
pub fn of(reader: &Reader<'_>, cond: &Cond, item: u32, out: &mut Vec<String>) {
    rests(reader, cond, Truth::Yes, Whose::item(item), out);
}

/// Whether a condition can rest on something doubtful, whatever the facts and the day. Roughly: true where it cannot is
/// no mistake.
pub(crate) fn may_rest(world: &World, cond: &Cond) -> bool {
    let (mut open, mut seen, mut found) = (vec![cond], Vec::new(), false);
    while let Some(cond) = open.pop() {
        let mut means = Vec::new();
        cond.atoms(&mut |atom, _| match &atom.kind {
            AtomKind::Means(f) => means.push(*f),
            AtomKind::Fact(f, test) | AtomKind::Elements { fact: f, test, .. } => {
                let place = *world.fact(*f).ty.element() == Type::Country;
                found |= place && world.places.iter().any(|p| p.doubt.is_some());
                found |= match test {
                    Test::In(set) => members_may(world, set),
                    Test::Marked(chart, _) => world.charts.get(chart.index()).is_none_or(|c| {
                        c.versions.iter().any(|v| v.doubt.is_some() || v.rows.iter().any(|r| r.doubt.is_some()))
                    }),
                    _ => false,
                };
            }
            _ => {}
        });
        for f in means.into_iter().filter(|f| !seen.contains(f)).collect::<Vec<_>>() {
            seen.push(f);
            found |= !world.fact(f).doubts.is_empty();
            open.extend(world.fact(f).means.iter().map(|(_, c)| c));
        }
        if found {
            return true;
        }
    }
    false
}

/// Whether some member of the groups that a set is made of is doubtful.
fn members_may(world: &World, set: &Set) -> bool {
    let (mut open, mut seen) = (vec![set], Vec::new());
    while let Some(set) = open.pop() {
        match set {
            Set::Values(_) => {}
            Set::Plus(a, b) | Set::Minus(a, b) | Set::And(a, b) => open.extend([&**a, &**b]),
            Set::Group(ids) => {
                for id in ids.iter().filter(|id| !seen.contains(*id)).copied().collect::<Vec<_>>() {
                    seen.push(id);
                    match world.groups.get(id.index()).map(|g| &g.body) {
                        Some(GroupBody::Expr(set)) => open.push(set),
                        Some(GroupBody::Members(list)) if list.iter().all(|(.., doubt)| doubt.is_none()) => {}
                        _ => return true,
                    }
                }
            }
        }
    }
    false
}

fn rests(reader: &Reader<'_>, cond: &Cond, truth: Truth, whose: Whose, out: &mut Vec<String>) {
    match (cond, truth) {
        (Cond::Not(inner), truth) => rests(reader, inner, truth.not(), whose, out),
        (Cond::All(parts), Truth::Yes) | (Cond::Any(parts), Truth::No) => {
            parts.iter().for_each(|c| rests(reader, c, truth, whose, out));
        }
        (Cond::All(parts) | Cond::Any(parts), _) => {
            let settling = parts.iter().filter(|c| reader.cond(c, whose) == truth);
            let each: Vec<Vec<String>> = settling
                .map(|c| {
                    let mut found = Vec::new();
                    rests(reader, c, truth, whose, &mut found);
                    found
                })
                .collect();
            if each.iter().all(|found| !found.is_empty()) {
                out.extend(each.into_iter().flatten());
            }
        }
        (Cond::Atom(atom), _) => self::atom(reader, atom, truth, whose, out),
    }
}

fn atom(reader: &Reader<'_>, atom: &Atom, truth: Truth, whose: Whose, out: &mut Vec<String>) {
    let world = reader.world;
    match &atom.kind {
        AtomKind::Means(f) => {
            let fact = world.fact(*f);
            let doubts = fact.doubts.iter().filter(|(days, _)| days.on(reader.env.date));
            out.extend(doubts.map(|(_, d)| format!("{}: {d}", fact.name)));
            let version = fact.means.iter().find(|(days, _)| days.on(reader.env.date));
            version.into_iter().for_each(|(_, c)| rests(reader, c, truth, whose, out));
        }
        AtomKind::Fact(f, test) | AtomKind::Elements { fact: f, test, .. } => {
            let Some(known) = reader.env.get(reader.slot(*f, whose)) else { return };
            let values: Vec<&Value> = match &known.value {
                Value::Set(all) => all.iter().collect(),
                one => vec![one],
            };
            for value in values {
                let declared = match value {
                    Value::Place(p) => p.declared().and_then(|i| world.places.get(i)),
                    _ => None,
                };
                let doubt = declared.and_then(|p| p.doubt.as_ref().map(|d| format!("{}: {d}", p.code)));
                out.extend(doubt);
                match (test, value) {
                    (Test::In(set), _) => members(reader, set, value, out),
                    (Test::Marked(chart, _), Value::Place(place)) => {
                        let Some(chart) = world.charts.get(chart.index()) else { continue };
                        let doubts = chart.doubts(world, reader.env.date, *place);
                        out.extend(doubts.iter().map(|d| format!("{}: {d}", chart.name)));
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// The doubts of the very members that a value is, in the groups that a set is made of.
fn members(reader: &Reader<'_>, set: &Set, value: &Value, out: &mut Vec<String>) {
    match set {
        Set::Values(_) => {}
        Set::Group(ids) => ids.iter().for_each(|id| group(reader, *id, value, out)),
        Set::Plus(a, b) | Set::Minus(a, b) | Set::And(a, b) => {
            members(reader, a, value, out);
            members(reader, b, value, out);
        }
    }
}

fn group(reader: &Reader<'_>, id: GroupId, value: &Value, out: &mut Vec<String>) {
    let Some(group) = reader.world.groups.get(id.index()) else { return };
    if !group.in_force.on(reader.env.date) {
        return;
    }
    match &group.body {
        GroupBody::Expr(set) => members(reader, set, value, out),
        GroupBody::Members(list) => {
            let same = list.iter().filter(|(member, days, _)| member == value && days.on(reader.env.date));
            out.extend(same.filter_map(|(.., doubt)| doubt.as_ref()).map(|d| format!("{}: {d}", group.name)));
        }
    }
}
