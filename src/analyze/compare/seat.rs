//! From where goods leave a jurisdiction, as its own law says.
//!
//! A country is a home of a policy if the policy applies to goods that leave from there in consignments to which it
//! would not apply from most countries. What enters a country is asked about from nearly everywhere: that is no home, even
//! where goods from one neighbour are left out.

use std::collections::BTreeSet;

use crate::engine::diagram::{Id, NO, Var, YES};
use crate::engine::space::with_decided;
use crate::eval::ask::Asked;
use crate::eval::env::Slot;
use crate::model::country::{CountryId, Status};
use crate::model::{Case, PlaceId, PolicyId, Value, World};

/// Where goods leave from.
#[derive(Clone, Debug, Default)]
pub struct Seat {
    /// A place that stands for the others.
    pub place: Option<PlaceId>,
    /// All places that are home to the jurisdiction.
    pub home: BTreeSet<PlaceId>,
}

impl Seat {
    /// A place that is all there is of a home.
    pub fn home_of(place: Option<PlaceId>) -> Seat {
        Seat { place, home: place.into_iter().collect() }
    }
}

/// True for a country of today, or a place that a file declares.
pub fn is_current(place: PlaceId) -> bool {
    place.declared().is_some() || CountryId(place.0).status() == Status::Current
}

/// Finds it for some policies, in consignments that are known as far as `base`.
pub fn find(world: &World, policies: &[PolicyId], base: &Case, limit: u32) -> Seat {
    let Some(fact) = world.fact_named("from") else { return Seat::default() };
    let mut base = base.clone();
    base.facts.remove(&fact);
    let slot = Slot::Shared(fact);
    let var = Var::Fact(slot);
    with_decided(world, &[(&base, policies)], &|_| false, limit, |views| {
        let [view] = views else { return Seat::default() };
        let allowed = view.allowed();
        let all = policies.iter().map(|p| view.asked(&Asked::Applies(*p, 0)));
        let applies = all.fold(NO, |t, a| view.diagrams(|d| d.or(t, a)));
        let classes = view.domain(slot).len();
        let from = |class: usize| {
            view.diagrams(|d| {
                let (allowed, applies) = (d.given(allowed, var, class), d.given(applies, var, class));
                let broken = d.not(allowed);
                (d.and(applies, allowed), d.or(applies, broken))
            })
        };
        let each: Vec<_> = (0..classes).map(from).collect();
        let places: Vec<PlaceId> = PlaceId::all(world).filter(|p| is_current(*p)).collect();
        let values: Vec<Value> = places.iter().map(|p| Value::Place(*p)).collect();
        let of = view.classes_of(slot, &values);
        let mut sizes = vec![0usize; classes];
        of.iter().flatten().for_each(|c| sizes[*c] += 1);
        // Most of the world: the places from which it applies to the same consignments, if they are many.
        let alike = |a: Id| each.iter().zip(&sizes).filter(|((b, _), _)| *b == a).map(|(_, n)| n).sum::<usize>();
        let usual = each.iter().max_by_key(|(a, _)| alike(*a)).map_or(YES, |(_, or_broken)| *or_broken);
        let everywhere = each.iter().fold(YES, |t, (_, or_broken)| view.diagrams(|d| d.and(t, *or_broken)));
        let beyond = |common: Id| {
            let elsewhere = view.diagrams(|d| d.not(common));
            each.iter().map(|(a, _)| view.diagrams(|d| d.and(*a, elsewhere)) != NO).collect::<Vec<bool>>()
        };
        let mut home = beyond(usual);
        if !home.contains(&true) {
            home = beyond(everywhere);
        }
        let at_home = |class: &Option<usize>| class.is_some_and(|c| home.get(c) == Some(&true));
        // A policy called after a country has its seat there; otherwise the greatest part of its home stands for all.
        let named = |place: &PlaceId| {
            let code = place.code(world).to_lowercase();
            policies.iter().any(|p| world.policies[p.index()].name.split('.').next() == Some(code.as_str()))
        };
        let found: Vec<(PlaceId, usize)> =
            places.iter().zip(&of).filter(|(_, c)| at_home(c)).filter_map(|(p, c)| Some((*p, (*c)?))).collect();
        let largest =
            found.iter().max_by_key(|(p, c)| (named(p), p.declared().is_none(), sizes[*c], std::cmp::Reverse(*p)));
        Seat {
            place: largest.map(|(p, _)| *p),
            // Where only a part of the world is no home, it is that of trade between other countries.
            home: found.iter().map(|(p, _)| *p).collect(),
        }
    })
}
