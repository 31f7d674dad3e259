//! Which states a policy speaks for: those from which goods leave under it.
//!
//! Nothing but the policies says so. A policy is at home in a state if it reaches some consignment that leaves there, and
//! would not reach the same consignment if it left where most states are: in the largest set of places that the law does
//! not tell apart as a start. What it reaches for another reason, its destination or where it was made, is no home.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::diagram::{NO, Var};
use crate::engine::space::with_views;
use crate::eval::ask::Asked;
use crate::eval::env::Slot;
use crate::model::{Case, FactId, PlaceId, PolicyId, Value, World};

/// How many nodes of diagrams it may take.
const LIMIT: u32 = 2_000_000;

/// For each policy, the states that it speaks for on the day and in the activity of a consignment; `None` where that
/// took too much work to find out.
pub fn homes(world: &World, case: &Case, from: FactId, keep: &[FactId]) -> Vec<Option<BTreeSet<PlaceId>>> {
    let mut start = case.clone();
    start.facts.retain(|f, _| keep.contains(f));
    start.items = vec![BTreeMap::new()];
    start.licences.clear();
    let places: Vec<PlaceId> = PlaceId::all(world).collect();
    let values: Vec<Value> = places.iter().map(|p| Value::Place(*p)).collect();
    let slot = Slot::Shared(from);
    let var = Var::Fact(slot);
    with_views(&[(world, &start)], &|_| false, false, LIMIT, |views| {
        let Some(view) = views.first() else { return vec![None; world.policies.len()] };
        let classes = view.classes_of(slot, &values);
        let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
        classes.iter().flatten().for_each(|c| *sizes.entry(*c).or_default() += 1);
        // Of several largest ones the first.
        let most = sizes.iter().max_by_key(|(class, n)| (**n, std::cmp::Reverse(**class))).map(|(c, _)| *c);
        let Some(most) = most else { return vec![None; world.policies.len()] };
        let one = |p: usize| {
            let applies = view.asked(&Asked::Applies(PolicyId(p as u32), 0));
            let reached = |class: usize| {
                let more = view.diagrams(|d| {
                    let (here, there) = (d.given(applies, var, class), d.given(applies, var, most));
                    d.but(here, there)
                });
                if more == NO {
                    return false;
                }
                let allowed = view.allowed();
                view.diagrams(|d| {
                    let allowed = d.given(allowed, var, class);
                    d.and(more, allowed)
                }) != NO
            };
            let home: BTreeSet<usize> = sizes.keys().copied().filter(|c| *c != most && reached(*c)).collect();
            let at_home = places.iter().zip(&classes).filter(|(_, c)| c.is_some_and(|c| home.contains(&c)));
            view.reliable(&[applies]).then(|| at_home.map(|(p, _)| *p).collect())
        };
        (0..world.policies.len()).map(one).collect()
    })
}
