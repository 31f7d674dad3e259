//! Goods of an entry of a list, as a consignment says what goods are.
//!
//! Of all goods in the entry those are taken of which the direct way is decided strictest, and of those some of which the
//! fewest facts need be stated. What is stated puts them in the entry for certain, whatever else is so.

use crate::engine::diagram::{Diagrams, Id, NO, Var};
use crate::engine::space::{View, with_views};
use crate::eval::ask::{Asked, Scope};
use crate::eval::env::Slot;
use crate::eval::{Evaluator, Options, Outcome};
use crate::model::{Case, CategoryId, PolicyId, Value, World};

use super::super::witness;

/// How many nodes of diagrams it may take.
const LIMIT: u32 = 4_000_000;

/// A consignment with its goods made goods of an entry, on top of what it says of them; `None` if no goods that are as
/// it says can be in the entry on its day, or it took too much work to find out.
pub fn goods_of(world: &World, evaluator: &Evaluator<'_>, case: &Case, entry: &[CategoryId]) -> Option<Case> {
    with_views(&[(world, case)], &|_| false, false, LIMIT, |views| {
        let view = views.first()?;
        let allowed = view.allowed();
        let held = entry.iter().map(|c| view.asked(&Asked::Entry(*c, 0))).collect::<Vec<_>>();
        let inside = view.diagrams(|d| held.into_iter().fold(NO, |t, e| d.or(t, e)));
        let wanted = view.diagrams(|d| d.and(inside, allowed));
        if wanted == NO || !view.reliable(&[wanted]) {
            return None;
        }
        let known = |p: &PolicyId| world.policies[p.index()].known.contains(case.date);
        let policies: Vec<PolicyId> = (0..world.policies.len() as u32).map(PolicyId).filter(known).collect();
        let outcomes = view.outcomes(Scope { policies: &policies, items: &[0] });
        for (outcome, is) in Outcome::ALL.into_iter().zip(outcomes).rev() {
            let these = view.diagrams(|d| d.and(wanted, is));
            let strictest = |case: &Case| {
                evaluator.outlook(case, Options::default().limit).is_ok_and(|o| o.joint.first() == Some(&outcome))
            };
            if let Some(found) = fewest(view, case, these, (inside, allowed), &strictest) {
                return Some(found);
            }
        }
        fewest(view, case, wanted, (inside, allowed), &|_| true)
    })
}

/// Goods of a region with the fewest facts stated, if they are in the entry whatever else is so, and as they should be.
fn fewest(
    view: &View<'_>,
    case: &Case,
    region: Id,
    (inside, allowed): (Id, Id),
    good: &dyn Fn(&Case) -> bool,
) -> Option<Case> {
    let way = view.cheapest(region, &|var, class| cost(view, var, class))?;
    let is_goods = |var: &Var| matches!(var, Var::Fact(Slot::Item(..)));
    let mut choices: Vec<(Var, usize)> = way.choices.into_iter().filter(|(var, _)| is_goods(var)).collect();
    let with = |choices: &[(Var, usize)]| -> Option<Case> {
        let mut out = case.clone();
        for (var, class) in choices {
            let Var::Fact(slot) = var else { return None };
            witness::set(&mut out, *slot, witness::value(view, *slot, *class)?);
        }
        let certain = view.diagrams(|d| certainly(d, inside, allowed, choices));
        (certain && good(&out)).then_some(out)
    };
    let mut found = with(&choices)?;
    for choice in choices.clone().into_iter().rev() {
        let fewer: Vec<(Var, usize)> = choices.iter().copied().filter(|c| *c != choice).collect();
        if let Some(case) = with(&fewer) {
            (found, choices) = (case, fewer);
        }
    }
    Some(found)
}

/// Whether goods with some facts are in the entry whatever else is so of them.
fn certainly(d: &mut Diagrams, inside: Id, allowed: Id, choices: &[(Var, usize)]) -> bool {
    let (mut inside, mut allowed) = (inside, allowed);
    for (var, class) in choices {
        inside = d.given(inside, *var, *class);
        allowed = d.given(allowed, *var, *class);
    }
    let outside = d.not(inside);
    allowed != NO && d.and(outside, allowed) == NO
}

/// A fact of the goods costs the same as another; one that nobody can state costs most, one about the rest nothing.
fn cost(view: &View<'_>, var: Var, class: usize) -> u32 {
    match var {
        Var::Fact(slot @ Slot::Item(..)) => match view.domain(slot).get(class).map(|k| &k.value) {
            // What goods are not is less telling than what they are.
            Some(Value::Bool(false)) => 11,
            Some(_) => 10,
            None => 1_000_000,
        },
        Var::Fact(Slot::Shared(_) | Slot::Licence(..)) => 0,
        _ => 1_000,
    }
}
