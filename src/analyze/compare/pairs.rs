//! Where one of two jurisdictions is stricter: the same goods, to the same place, from each of them.

use crate::engine::diagram::{Id, NO, Var};
use crate::engine::space::with_decided;
use crate::eval::ask::Scope;
use crate::eval::env::Slot;
use crate::eval::{Evaluator, Outcome};
use crate::model::{Case, CategoryId, PlaceId, PolicyId, Value, World, read};

use super::super::witness;
use super::cells::{Region, Shows};
use super::seat::Seat;
use super::{Pair, Question, Row, Step, Witness, each_goods, strictness, with_activity};
use crate::analyze::cone::cone;

/// What each two jurisdictions of a row decide differently.
pub fn of(world: &World, plain: &Evaluator<'_>, question: &Question, number: usize, row: &Row) -> Vec<Pair> {
    let goods = each_goods(question).into_iter().find(|(name, _)| *name == row.goods.as_deref());
    let goods = goods.map_or(&[][..], |(_, ids)| ids);
    let base = with_activity(world, &question.base, row.activity.as_deref());
    let mut out = Vec::new();
    for i in 0..row.cells.len() {
        for j in i + 1..row.cells.len() {
            let (a, b) = (&row.cells[i], &row.cells[j]);
            let known = a.is_known() && b.is_known();
            // Two cells with one and the same outcome have nothing between them.
            if !known || a.outcomes.len() == 1 && a.set() == b.set() {
                continue;
            }
            let places = [a, b].map(|c| c.from.as_deref().and_then(|code| read::place(code, world)));
            let policies = [i, j].map(|n| question.columns[n].policies.as_slice());
            let asked = Asked { world, plain, question, base: &base, goods, row };
            let (steps, resolved) = asked.steps([i, j], policies, places);
            if !steps.is_empty() || !resolved {
                out.push(Pair { row: number, columns: [i, j], steps, resolved });
            }
        }
    }
    out
}

struct Asked<'q> {
    world: &'q World,
    plain: &'q Evaluator<'q>,
    question: &'q Question,
    base: &'q Case,
    goods: &'q [CategoryId],
    row: &'q Row,
}

impl Asked<'_> {
    fn steps(
        &self,
        columns: [usize; 2],
        policies: [&[PolicyId]; 2],
        places: [Option<PlaceId>; 2],
    ) -> (Vec<Step>, bool) {
        let all: Vec<PolicyId> = policies.concat();
        let world = cone(self.world, &all, self.goods).world;
        let from = world.fact_named("from");
        let starts = places.map(|place| {
            let mut case = self.base.clone();
            if let (Some(from), Some(place)) = (from, place) {
                case.facts.insert(from, Value::Place(place));
            }
            case
        });
        let to: Option<Vec<PlaceId>> = match self.row.destinations.as_slice() {
            [] => None,
            codes => Some(codes.iter().filter_map(|c| read::place(c, &world)).collect()),
        };
        let destination = world.fact_named("destination").filter(|f| !self.base.facts.contains_key(f));
        let is_from = |slot: Slot| from.is_some_and(|f| slot == Slot::Shared(f));
        let sides = [(&starts[0], policies[0]), (&starts[1], policies[1])];
        with_decided(&world, &sides, &is_from, self.question.limit, |views| {
            let [first, second] = views else { return (Vec::new(), false) };
            let leaving = |place: Option<PlaceId>, f: Id| match (from, place) {
                (Some(from), Some(place)) => {
                    let slot = Slot::Shared(from);
                    let class = first.class_of(slot, &Value::Place(place)).unwrap_or(usize::MAX);
                    first.diagrams(|d| d.given(f, Var::Fact(slot), class))
                }
                _ => f,
            };
            let mut found: Vec<Vec<Id>> = Vec::new();
            let mut allowed: Option<Id> = None;
            for (n, view) in [first, second].into_iter().enumerate() {
                let region = Region::of(view, self.goods, destination, &Seat::home_of(places[n]), to.as_deref());
                let scope = Scope { policies: policies[n], items: &[0] };
                let each = view.outcomes(scope).into_iter().map(|f| leaving(places[n], region.and(view, f)));
                found.push(each.collect());
                let own = leaving(places[n], region.within);
                allowed = Some(allowed.map_or(own, |a| view.diagrams(|d| d.and(a, own))));
            }
            let Some(allowed) = allowed else { return (Vec::new(), false) };
            let mut steps = Vec::new();
            let mut functions = Vec::new();
            for (x, a) in Outcome::ALL.into_iter().zip(&found[0]) {
                for (y, b) in Outcome::ALL.into_iter().zip(&found[1]) {
                    if strictness(x) == strictness(y) {
                        continue;
                    }
                    let region = first.diagrams(|d| d.and(*a, *b));
                    functions.push(region);
                    if region == NO {
                        continue;
                    }
                    let stricter = columns[usize::from(strictness(y) > strictness(x))];
                    let witness = witness::fewest(first, region, allowed).and_then(|choices| {
                        let shown = |n: usize, outcome: Outcome| -> Option<Witness> {
                            let (start, policies) = (&starts[n], policies[n]);
                            let shows = Shows { view: first, plain: self.plain, start, policies };
                            shows.shown(&choices, region, allowed, outcome)
                        };
                        Some([shown(0, x)?, shown(1, y)?])
                    });
                    steps.push(Step { outcomes: [x, y], stricter, witness });
                }
            }
            let gap = |s: &Step| strictness(s.outcomes[0]).abs_diff(strictness(s.outcomes[1]));
            steps.sort_by_key(|s| (std::cmp::Reverse(gap(s)), s.outcomes.map(std::cmp::Reverse)));
            let resolved = views.iter().all(|v| v.reliable(&functions));
            (if resolved { steps } else { Vec::new() }, resolved)
        })
    }
}
