//! Whose law could close the most paths: by one rule, as strict as the direct way, on what leaves, enters or comes through.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::model::{PlaceId, World};

use super::{Leg, Route};

/// A change in one jurisdiction, and what it closes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The policy that would get a rule, or have one extended; none where the states have no policy yet.
    pub policy: Option<String>,
    /// The states without a policy, in each of which by itself it would close as many; of a policy, those of its states
    /// that lie on the paths.
    pub states: Vec<String>,
    /// Where on the paths they lie.
    pub at: At,
    /// Rules of that policy that decide the direct way and could be extended; none: a rule would have to be added.
    pub extend: Vec<String>,
    /// How many paths it closes.
    pub closes: usize,
}

/// Where on a path a jurisdiction lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// Where it starts.
    Start,
    /// Where it stops.
    Stop,
    /// Where it ends.
    End,
}

/// One jurisdiction: a policy by its number, or a state for which none speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whose<'s> {
    Policy(usize),
    State(&'s str),
}

/// The changes in one jurisdiction that close paths, most first.
pub fn changes(
    world: &World,
    homes: &[Option<BTreeSet<PlaceId>>],
    direct: &Leg,
    routes: &[Route],
    (start, end): (PlaceId, PlaceId),
) -> Vec<Change> {
    let coded: Vec<BTreeSet<&str>> =
        homes.iter().map(|h| h.iter().flatten().map(|p| p.code(world)).collect()).collect();
    let whose = |state: &str| -> Vec<usize> {
        coded.iter().enumerate().filter(|(_, h)| h.contains(state)).map(|(i, _)| i).collect()
    };
    let all: usize = routes.iter().map(|r| r.paths).sum();
    if all == 0 {
        return Vec::new();
    }
    let mut closes: BTreeMap<Whose<'_>, (At, usize, BTreeSet<&str>)> = BTreeMap::new();
    let ends = [(start.code(world), At::Start), (end.code(world), At::End)];
    for (state, at) in ends {
        let of = whose(state);
        let mut add = |who| {
            closes.entry(who).or_insert((at, all, BTreeSet::new())).2.insert(state);
        };
        of.iter().for_each(|p| add(Whose::Policy(*p)));
        if of.is_empty() {
            closes.entry(Whose::State(state)).or_insert((at, all, BTreeSet::from([state])));
        }
    }
    for route in routes {
        let stops: Vec<Vec<&str>> = route.stops.iter().map(|s| s.iter().map(String::as_str).collect()).collect();
        let states: BTreeSet<&str> = stops.iter().flatten().copied().collect();
        let mut jurisdictions: BTreeMap<Whose<'_>, BTreeSet<&str>> = BTreeMap::new();
        for state in states {
            let of = whose(state);
            if of.is_empty() {
                jurisdictions.entry(Whose::State(state)).or_default().insert(state);
            }
            for p in of {
                jurisdictions.entry(Whose::Policy(p)).or_default().insert(state);
            }
        }
        for (who, members) in jurisdictions {
            let through = through(&stops, &members);
            let entry = closes.entry(who).or_insert((At::Stop, 0, BTreeSet::new()));
            if entry.0 == At::Stop {
                entry.1 += through;
                entry.2.extend(members);
            }
        }
    }
    let mut out: Vec<Change> = Vec::new();
    let mut states: BTreeMap<(At, usize), Vec<String>> = BTreeMap::new();
    for (who, (at, n, members)) in closes {
        match who {
            Whose::State(state) => states.entry((at, n)).or_default().push(state.to_owned()),
            Whose::Policy(p) => {
                let name = world.policies.get(p).map(|w| w.name.clone()).unwrap_or_default();
                let strictest = direct.outcome.as_str();
                let own = direct.policies.iter().filter(|s| s.policy == name && s.outcome == strictest);
                out.push(Change {
                    extend: own.flat_map(|s| s.rules.iter().map(|r| r.rule.clone())).collect(),
                    policy: Some(name),
                    states: members.into_iter().map(str::to_owned).collect(),
                    at,
                    closes: n,
                });
            }
        }
    }
    let each = |((at, n), states)| Change { policy: None, states, at, extend: Vec::new(), closes: n };
    out.extend(states.into_iter().map(each));
    out.sort_by(|a, b| {
        let key = |c: &Change| (std::cmp::Reverse(c.closes), c.at, c.policy.is_none());
        key(a).cmp(&key(b)).then_with(|| (&a.policy, &a.states).cmp(&(&b.policy, &b.states)))
    });
    out
}

/// How many paths of a route come through any of some states.
fn through(stops: &[Vec<&str>], members: &BTreeSet<&str>) -> usize {
    match stops {
        [one] => one.iter().filter(|s| members.contains(*s)).count(),
        [one, two] => {
            let pairs = one.iter().flat_map(|x| two.iter().map(move |y| (x, y)));
            pairs.filter(|(x, y)| x != y && (members.contains(*x) || members.contains(*y))).count()
        }
        _ => 0,
    }
}
