//! Days between two versions of one declaration on which neither is in force.
//!
//! Two versions in force on one day are a mistake, told where the law is read. A declaration that is suspended and
//! revived says so with several times of its own; between versions, a gap is more often a slip of a day. A `note` of the
//! later version says why there is one.

use std::collections::BTreeMap;

use crate::model::{CategoryId, InForce, Interval, PolicyId, World};
use crate::span::Span;

use super::Finding;

/// The gaps of a law, within the days for which each policy is encoded; of shared declarations, any.
pub(super) fn gaps(world: &World) -> Vec<Finding> {
    type Key<'w> = (&'static str, Option<PolicyId>, &'w str);
    let mut all: BTreeMap<Key<'_>, Vec<(Span, Option<InForce>, bool)>> = BTreeMap::new();
    for (i, c) in world.categories.iter().enumerate().filter(|(_, c)| !c.unnamed) {
        let mut at = Some(CategoryId(i as u32));
        let mut days = Some(InForce::default());
        while let Some(id) = at {
            let c = world.category(id);
            days = days.and_then(|d| d.intersect(&c.in_force));
            at = c.parent;
        }
        all.entry(("entry", c.policy, &c.name)).or_default().push((c.span, days, c.note.is_some()));
    }
    for r in &world.rules {
        all.entry(("rule", Some(r.policy), &r.name)).or_default().push((
            r.span,
            Some(r.in_force.clone()),
            r.note.is_some(),
        ));
    }
    for l in &world.licences {
        all.entry(("licence", Some(l.policy), &l.name)).or_default().push((l.span, Some(l.in_force.clone()), false));
    }
    for f in &world.facts {
        for (days, _) in &f.means {
            all.entry(("named condition", f.policy, &f.name)).or_default().push((
                f.span,
                Some(days.clone()),
                f.note.is_some(),
            ));
        }
    }
    for g in &world.groups {
        all.entry(("group", None, &g.name)).or_default().push((g.span, Some(g.in_force.clone()), false));
    }
    let mut out = Vec::new();
    for ((kind, policy, name), versions) in all {
        let known =
            policy.and_then(|p| world.policies.get(p.index())).map_or(Interval { from: None, to: None }, |p| p.known);
        let mut spans: Vec<(Interval, usize)> = Vec::new();
        for (n, (_, days, _)) in versions.iter().enumerate() {
            spans.extend(days.iter().flat_map(|d| &d.0).map(|i| (*i, n)));
        }
        spans.sort_by_key(|(i, _)| i.from);
        for pair in spans.windows(2) {
            let [(a, before), (b, after)] = pair else { continue };
            let (Some(end), Some(start)) = (a.to, b.from) else { continue };
            let between = Interval { from: end.tomorrow().ok(), to: start.yesterday().ok() };
            let (Some(first), Some(last)) = (between.from, between.to) else { continue };
            let seen = known.contains(end) && known.contains(start);
            if before != after && first <= last && seen && !versions[*after].2 {
                let (before, after) = (versions[*before].0, versions[*after].0);
                out.push(Finding::Gap { kind, name: name.to_owned(), before, after, days: between });
            }
        }
    }
    out
}
