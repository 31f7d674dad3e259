//! What is wrong with links, as messages.

use crate::analyze::entries::{Goods, Related};
use crate::analyze::links::Wrong;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{CategoryId, Link, Relation, World};

/// A message for each link that is not so, in the order of their places.
pub fn problems(world: &World) -> Vec<Diagnostic> {
    let found = crate::analyze::links::wrong(world);
    let mut all: Vec<Diagnostic> = found.iter().filter_map(|w| Some(one(world, world.links.get(w.link)?, w))).collect();
    all.sort_by_key(|d| d.labels.first().map(|l| (l.span.file, l.span.start)));
    all
}

fn one(world: &World, link: &Link, wrong: &Wrong) -> Diagnostic {
    let (first, second) = (name(world, &link.to), name(world, &link.entry));
    let (Some(day), Some(related)) = (wrong.day, &wrong.related) else {
        let message = format!("there is no day on which this link says anything of `{second}`");
        return Diagnostic::error(Code::WrongLink, link.span, message)
            .here("never in force together with what it is linked to")
            .help("let the link be in force while both entries are, or leave it out");
    };
    let Some(relation) = related.relation else {
        let message = format!("it takes too much work to prove how `{second}` relates to `{first}` on {day}");
        return Diagnostic::error(Code::WrongLink, link.span, message).help("link a narrower entry");
    };
    let message = format!("`{second}` is not {} `{first}` on {day}: {}", said(link.relation), fact(relation));
    let here = shows(link.relation, related, &first, &second);
    Diagnostic::error(Code::WrongLink, link.span, message).here(here).help(way_out(relation, related))
}

/// How a relation is said of the second entry.
fn said(relation: Relation) -> &'static str {
    match relation {
        Relation::Same => "the same as",
        Relation::Wider => "wider than",
        Relation::Narrower => "narrower than",
        Relation::Overlaps => "overlapping with",
        Relation::Apart => "apart from",
    }
}

/// What is so instead.
fn fact(relation: Relation) -> &'static str {
    match relation {
        Relation::Same => "they hold the same goods",
        Relation::Wider => "it holds all of those goods and others",
        Relation::Narrower => "it holds some of those goods and no others",
        Relation::Overlaps => "each holds goods that the other does not",
        Relation::Apart => "they hold no goods in common",
    }
}

/// Goods that show it: those that should not be there, else those that both hold.
fn shows(claimed: Relation, related: &Related, first: &str, second: &str) -> String {
    let first_may = matches!(claimed, Relation::Narrower | Relation::Overlaps);
    let second_may = matches!(claimed, Relation::Wider | Relation::Overlaps);
    let goods = |g: &Goods| {
        let facts: Vec<String> = g.facts.iter().map(|(f, v)| format!("{f} {v}")).collect();
        facts.join(", ")
    };
    match (&related.first_alone, &related.second_alone, &related.both) {
        (Some(g), ..) if !first_may => format!("in `{first}` and not in `{second}`: {}", goods(g)),
        (_, Some(g), _) if !second_may => format!("in `{second}` and not in `{first}`: {}", goods(g)),
        (_, _, Some(g)) => format!("in both, as all goods of the one it may be in: {}", goods(g)),
        (Some(g), ..) => format!("in `{first}` alone: {}", goods(g)),
        (_, Some(g), _) => format!("in `{second}` alone: {}", goods(g)),
        _ => String::new(),
    }
}

fn way_out(relation: Relation, related: &Related) -> String {
    match relation {
        Relation::Apart if related.holds != [true, true] => "one of the entries holds no goods on that day".to_owned(),
        Relation::Apart => "leave the link out: goods of the one are never in the other".to_owned(),
        other => format!("write `{}`, or bring the entries into line", other.as_str()),
    }
}

/// The name of an entry, after that of its policy.
pub fn name(world: &World, ids: &[CategoryId]) -> String {
    let Some(first) = ids.first() else { return String::new() };
    let category = world.category(*first);
    match category.policy.and_then(|p| world.policies.get(p.index())) {
        Some(policy) => format!("{}.{}", policy.name, category.name),
        None => category.name.clone(),
    }
}
