//! Whether what the links of a world say of entries is so, on every day of which they speak.
//!
//! A link speaks of the days on which it is in force, both of its entries are, and the law of the policies they belong
//! to is known. Those days are cut where anything changes that either entry reads, and one day of each span is proved.

use crate::model::{CategoryId, Date, Interval, Link, World};

use super::cone::cone;
use super::entries::{Related, relate_in};
use super::same::boundaries;

/// A link that is not so, or that could not be proved.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    /// The number of the link in [`World::links`].
    pub link: usize,
    /// The first day on which it is not so; none where it speaks of no day at all.
    pub day: Option<Date>,
    /// How the entries do relate on that day.
    pub related: Option<Related>,
}

/// All links that are not so, in their order. One that is not so on several days is named once, with the first.
pub fn wrong(world: &World) -> Vec<Wrong> {
    (0..world.links.len()).filter_map(|i| prove(world, i)).collect()
}

/// Whether one link, by its number, is not so.
pub fn prove(world: &World, number: usize) -> Option<Wrong> {
    one(world, number, world.links.get(number)?)
}

fn one(world: &World, number: usize, link: &Link) -> Option<Wrong> {
    let pair: Vec<CategoryId> = link.to.iter().chain(&link.entry).copied().collect();
    let cone = cone(world, &[], &pair);
    let known: Vec<Interval> =
        pair.iter().filter_map(|id| world.category(*id).policy).map(|p| world.policies[p.index()].known).collect();
    let mut days = boundaries(&cone.world, &cone.world);
    // What the link and the policies say of their days cuts time too.
    let own = link.in_force.0.iter().chain(&known);
    for interval in own {
        days.extend(interval.from);
        days.extend(interval.to.and_then(|d| d.tomorrow().ok()));
    }
    if days.is_empty() {
        // Nothing is dated: one day is as good as any other.
        days.extend(crate::model::date::parse_date("2000-01-01"));
    }
    let mut speaks = false;
    for day in days {
        let stands = |ids: &[CategoryId]| ids.iter().any(|id| world.in_force(*id, day));
        let speaks_then = link.in_force.on(day) && known.iter().all(|k| k.contains(day));
        if !speaks_then || !stands(&link.to) || !stands(&link.entry) {
            continue;
        }
        speaks = true;
        if relate_in(&cone, world, &link.to, &link.entry, day, false).relation != Some(link.relation) {
            let related = relate_in(&cone, world, &link.to, &link.entry, day, true);
            return Some(Wrong { link: number, day: Some(day), related: Some(related) });
        }
    }
    (!speaks).then_some(Wrong { link: number, day: None, related: None })
}
