//! All paths with one stop or two, states that the law does not tell apart taken together.

use std::collections::{BTreeMap, BTreeSet};

use crate::eval::Outcome;
use crate::model::PlaceId;

use super::legs::Legs;
use super::{Leg, NotHere, Route, Said, Sure};

/// States that the law does not tell apart, neither as a start nor as an end.
type Class = (usize, usize);

/// The paths on which every leg is weaker than the direct way, or may be.
pub fn find(legs: &mut Legs<'_>, start: PlaceId, end: PlaceId) -> Vec<Route> {
    let mut members: BTreeMap<Class, Vec<PlaceId>> = BTreeMap::new();
    for place in legs.stops(start, end) {
        members.entry(legs.class(place)).or_default().push(place);
    }
    let mut stops: Vec<Stop> = Vec::new();
    for places in members.into_values() {
        let Some(first) = places.first().copied() else { continue };
        let (inward, outward) = (legs.sure(start, first), legs.sure(first, end));
        let alone = inward.and_then(|i| outward.map(|o| i.max(o)));
        stops.push(Stop { places, inward, outward, alone });
    }
    let mut routes = one_stop(legs, &stops, start, end);
    routes.extend(two_stops(legs, &stops, start, end));
    for route in &mut routes {
        replay(legs, route);
    }
    routes.sort_by(|a, b| {
        let key = |r: &Route| (r.sure, r.stops.len(), std::cmp::Reverse(r.paths));
        key(a).cmp(&key(b)).then_with(|| a.stops.cmp(&b.stops))
    });
    routes
}

/// States that can be a stop.
struct Stop {
    places: Vec<PlaceId>,
    /// How sure it is that the leg from the start is weaker; that to the end; that both are.
    inward: Option<Sure>,
    outward: Option<Sure>,
    alone: Option<Sure>,
}

/// What is said of a leg, whichever states it joins.
type Kind = (Option<Sure>, Vec<Outcome>, Vec<Said>, Vec<NotHere>, Vec<String>);

/// The doubts of all are shown together, so they tell nothing apart.
fn kind(leg: &Leg) -> Kind {
    (leg.sure, leg.possible.clone(), leg.policies.clone(), leg.not_here.clone(), leg.missing.clone())
}

fn one_stop(legs: &mut Legs<'_>, stops: &[Stop], start: PlaceId, end: PlaceId) -> Vec<Route> {
    let mut alike: BTreeMap<(Sure, Vec<Kind>), Vec<usize>> = BTreeMap::new();
    for (i, stop) in stops.iter().enumerate() {
        let (Some(sure), Some(first)) = (stop.alone, stop.places.first()) else { continue };
        let kinds = vec![kind(&legs.leg(start, *first)), kind(&legs.leg(*first, end))];
        alike.entry((sure, kinds)).or_default().push(i);
    }
    let route = |((sure, _), found): ((Sure, Vec<Kind>), Vec<usize>)| {
        let places = sorted(legs, stops, &found);
        Some(Route {
            sure,
            paths: places.len(),
            legs: through(legs, &[start, *places.first()?, end], stops, &[&found]),
            stops: vec![codes(legs, &places)],
        })
    };
    alike.into_iter().filter_map(route).collect()
}

fn two_stops(legs: &mut Legs<'_>, stops: &[Stop], start: PlaceId, end: PlaceId) -> Vec<Route> {
    let mut alike: BTreeMap<(Sure, Vec<Kind>), BTreeMap<usize, BTreeSet<usize>>> = BTreeMap::new();
    for (i, x) in stops.iter().enumerate() {
        for (j, y) in stops.iter().enumerate() {
            let (Some(inward), Some(outward)) = (x.inward, y.outward) else { continue };
            // Of a class with itself, two different states.
            let (Some(first), Some(second)) = (x.places.first(), y.places.iter().find(|p| x.places.first() != Some(p)))
            else {
                continue;
            };
            let Some(between) = legs.sure(*first, *second) else { continue };
            let sure = inward.max(between).max(outward);
            if [x.alone, y.alone].into_iter().flatten().any(|shorter| shorter <= sure) {
                continue;
            }
            let kinds =
                vec![kind(&legs.leg(start, *first)), kind(&legs.leg(*first, *second)), kind(&legs.leg(*second, end))];
            alike.entry((sure, kinds)).or_default().entry(i).or_default().insert(j);
        }
    }
    let mut routes = Vec::new();
    for ((sure, _), pairs) in alike {
        // First stops that go on to the same second ones.
        let mut by: BTreeMap<BTreeSet<usize>, Vec<usize>> = BTreeMap::new();
        pairs.into_iter().for_each(|(i, js)| by.entry(js).or_default().push(i));
        for (seconds, firsts) in by {
            let seconds: Vec<usize> = seconds.into_iter().collect();
            let (first, second) = (sorted(legs, stops, &firsts), sorted(legs, stops, &seconds));
            let both = first.iter().filter(|p| second.contains(p)).count();
            let Some(x) = first.first().copied() else { continue };
            let Some(y) = second.iter().copied().find(|p| *p != x) else { continue };
            routes.push(Route {
                sure,
                paths: first.len() * second.len() - both,
                legs: through(legs, &[start, x, y, end], stops, &[&firsts, &seconds]),
                stops: vec![codes(legs, &first), codes_from(legs, &second, y)],
            });
        }
    }
    routes
}

/// The states of some classes, in the order of their codes.
fn sorted(legs: &Legs<'_>, stops: &[Stop], found: &[usize]) -> Vec<PlaceId> {
    let mut all: Vec<PlaceId> = found.iter().filter_map(|i| stops.get(*i)).flat_map(|s| s.places.clone()).collect();
    all.sort_by_key(|p| p.code(legs.world).to_owned());
    all
}

fn codes(legs: &Legs<'_>, places: &[PlaceId]) -> Vec<String> {
    places.iter().map(|p| p.code(legs.world).to_owned()).collect()
}

/// The same, one of them first.
fn codes_from(legs: &Legs<'_>, places: &[PlaceId], first: PlaceId) -> Vec<String> {
    let rest: Vec<PlaceId> = places.iter().copied().filter(|p| *p != first).collect();
    std::iter::once(first.code(legs.world).to_owned()).chain(codes(legs, &rest)).collect()
}

/// The legs along some states, with the doubts of all states that can take the place of a stop.
fn through(legs: &mut Legs<'_>, along: &[PlaceId], stops: &[Stop], classes: &[&Vec<usize>]) -> Vec<Leg> {
    let firsts = |n: usize| -> Vec<PlaceId> {
        match n.checked_sub(1).and_then(|n| classes.get(n)) {
            Some(all) => all.iter().filter_map(|i| stops.get(*i)?.places.first().copied()).collect(),
            None => along.get(n).copied().into_iter().collect(),
        }
    };
    let mut out = Vec::new();
    for (n, pair) in along.windows(2).enumerate() {
        let [from, to] = pair else { continue };
        let mut leg = legs.leg(*from, *to);
        for a in firsts(n) {
            for b in firsts(n + 1).into_iter().filter(|b| *b != a) {
                leg.doubts.extend(legs.leg(a, b).doubts);
            }
        }
        out.push(leg);
    }
    out
}

/// Decides the legs that are shown once more, by the plain interpreter.
fn replay(legs: &mut Legs<'_>, route: &mut Route) {
    for leg in &mut route.legs {
        let place = |code: &str, legs: &Legs<'_>| PlaceId::all(legs.world).find(|p| p.code(legs.world) == code);
        if let (Some(from), Some(to)) = (place(&leg.from, legs), place(&leg.to, legs)) {
            legs.replay(from, to, leg);
            route.sure = route.sure.max(leg.sure.unwrap_or(Sure::Depends));
        }
    }
}
