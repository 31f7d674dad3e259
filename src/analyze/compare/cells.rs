//! What one jurisdiction decides of some goods: all outcomes there can be, and what settles which.

use std::collections::BTreeMap;

use crate::engine::diagram::{Id, NO, Var, YES};
use crate::engine::space::{View, with_decided};
use crate::eval::ask::Scope;
use crate::eval::env::Slot;
use crate::eval::{Evaluator, Options, Outcome};
use crate::model::{Case, CategoryId, FactId, Level, PlaceId, PolicyId, Value, World};

use super::seat::{self, Seat, is_current};
use super::{Cell, Column, Possible, Question, Side, Witness, said};
use crate::analyze::cone::cone;
use crate::analyze::witness;

/// A place as a destination.
pub type Place = PlaceId;

/// A jurisdiction as it is asked for one activity.
pub struct Asked {
    policies: Vec<PolicyId>,
    unknown: Option<String>,
    /// The part of the world that it reads, with the goods that are compared.
    world: World,
    seat: Seat,
    limit: u32,
}

impl Asked {
    pub fn of(world: &World, question: &Question, column: &Column, side: &Side, base: &Case) -> Asked {
        let goods: Vec<CategoryId> = question.goods.iter().flat_map(|(_, ids)| ids.iter().copied()).collect();
        let world = cone(world, &column.policies, &goods).world;
        let given = world.fact_named("from").and_then(|f| base.facts.get(&f));
        let mut seat = Seat::default();
        if side.unknown.is_none() && given.is_none() {
            seat = seat::find(&world, &column.policies, base, question.limit);
        }
        if let Some(Value::Place(place)) = given {
            seat.place = Some(*place);
        }
        if column.from.is_some() {
            seat.place = column.from;
        }
        Asked { policies: column.policies.clone(), unknown: side.unknown.clone(), world, seat, limit: question.limit }
    }

    /// A consignment that leaves from here, known as far as `base`.
    fn start(&self, base: &Case) -> Case {
        let mut case = base.clone();
        if let (Some(from), Some(place)) = (self.world.fact_named("from"), self.seat.place) {
            case.facts.insert(from, Value::Place(place));
        }
        case
    }

    /// Where the destination is, if it is open.
    fn destination(&self, base: &Case) -> Option<FactId> {
        self.world.fact_named("destination").filter(|f| !base.facts.contains_key(f))
    }

    /// What it decides of goods, perhaps of those that go to some places alone.
    pub fn cell(
        &self,
        world: &World,
        plain: &Evaluator<'_>,
        base: &Case,
        goods: &[CategoryId],
        to: Option<&[Place]>,
    ) -> Cell {
        let from = self.seat.place.map(|p| p.code(world).to_owned());
        let mut cell = Cell { from, unknown: self.unknown.clone(), resolved: true, ..Cell::default() };
        if cell.unknown.is_some() {
            return cell;
        }
        if to.is_some_and(|to| to.iter().all(|p| self.seat.home.contains(p))) {
            cell.at_home = true;
            return cell;
        }
        let start = self.start(base);
        with_decided(&self.world, &[(&start, &self.policies)], &|_| false, self.limit, |views| {
            let [view] = views else { return };
            let region = Region::of(view, goods, self.destination(base), &self.seat, to);
            let scope = Scope { policies: &self.policies, items: &[0] };
            let found: Vec<(Outcome, Id)> = Outcome::ALL
                .into_iter()
                .zip(view.outcomes(scope))
                .map(|(o, f)| (o, region.and(view, f)))
                .filter(|(_, f)| *f != NO)
                .rev()
                .collect();
            let functions: Vec<Id> = found.iter().map(|(_, f)| *f).collect();
            cell.resolved = view.reliable(&functions);
            if !cell.resolved {
                cell.outcomes =
                    Outcome::ALL.into_iter().rev().map(|outcome| Possible { outcome, witness: None }).collect();
                return;
            }
            cell.hangs_on = hangs_on(view, &functions);
            let shows = Shows { view, plain, start: &start, policies: &self.policies };
            cell.outcomes = found
                .iter()
                .map(|(outcome, f)| Possible { outcome: *outcome, witness: shows.witness(*f, region.within, *outcome) })
                .collect();
        });
        // What is presumed while the destination is open may rule a place out: goods leave a country, unless they go there.
        if let (Some(fact), Some([place, ..])) = (self.destination(base), to)
            && cell.resolved
            && cell.outcomes.is_empty()
        {
            return self.cell(world, plain, &towards_one(base, fact, *place), goods, to);
        }
        cell
    }

    /// For each place, the outcomes of goods that go there: a number for each set; nothing: at home or unknown.
    fn by_place(&self, base: &Case, goods: &[CategoryId], places: &[Place]) -> Vec<u8> {
        let at_home = |p: &Place| self.seat.home.contains(p);
        let mut out: Vec<u8> = places.iter().map(|p| u8::from(at_home(p)) << 7).collect();
        let Some(fact) = self.destination(base).filter(|_| self.unknown.is_none()) else { return out };
        let start = self.start(base);
        with_decided(&self.world, &[(&start, &self.policies)], &|_| false, self.limit, |views| {
            let [view] = views else { return };
            let slot = Slot::Shared(fact);
            let classes = view.domain(slot).len();
            let region = Region::of(view, goods, None, &self.seat, None);
            let scope = Scope { policies: &self.policies, items: &[0] };
            let found: Vec<Vec<bool>> = view
                .outcomes(scope)
                .into_iter()
                .map(|f| {
                    let f = region.and(view, f);
                    view.diagrams(|d| d.classes_of(f, Var::Fact(slot), classes))
                })
                .collect();
            let values: Vec<Value> = places.iter().map(|p| Value::Place(*p)).collect();
            for ((set, class), place) in out.iter_mut().zip(view.classes_of(slot, &values)).zip(places) {
                let Some(class) = class.filter(|_| !at_home(place)) else { continue };
                *set = found.iter().enumerate().map(|(i, of)| u8::from(of[class]) << i).sum();
            }
        });
        for (set, place) in out.iter_mut().zip(places).filter(|(set, _)| **set == 0) {
            *set = self.to_one(&towards_one(base, fact, *place), goods);
        }
        out
    }

    /// The outcomes of goods that go to the one place of a consignment: a number for each set.
    fn to_one(&self, base: &Case, goods: &[CategoryId]) -> u8 {
        let mut out = 0;
        with_decided(&self.world, &[(&self.start(base), &self.policies)], &|_| false, self.limit, |views| {
            let [view] = views else { return };
            let region = Region::of(view, goods, None, &self.seat, None);
            let found = view.outcomes(Scope { policies: &self.policies, items: &[0] });
            out = found.into_iter().enumerate().map(|(i, f)| u8::from(region.and(view, f) != NO) << i).sum();
        });
        out
    }
}

/// A consignment that goes to one place.
fn towards_one(base: &Case, destination: FactId, place: Place) -> Case {
    let mut case = base.clone();
    case.facts.insert(destination, Value::Place(place));
    case
}

/// Destinations, those together to which every jurisdiction decides alike; the greatest groups first.
pub fn destinations(
    world: &World,
    question: &Question,
    columns: &[Asked],
    base: &Case,
    goods: &[CategoryId],
) -> Vec<Vec<Place>> {
    let Some(fact) = world.fact_named("destination") else { return Vec::new() };
    let places: Vec<Place> = match question.base.facts.get(&fact) {
        Some(Value::Place(place)) => return vec![vec![*place]],
        _ => PlaceId::all(world).filter(|p| is_current(*p)).collect(),
    };
    let sets: Vec<Vec<u8>> = columns.iter().map(|c| c.by_place(base, goods, &places)).collect();
    let mut groups: BTreeMap<Vec<u8>, Vec<Place>> = BTreeMap::new();
    for (i, place) in places.iter().enumerate() {
        groups.entry(sets.iter().map(|s| s[i]).collect()).or_default().push(*place);
    }
    let mut groups: Vec<Vec<Place>> = groups.into_values().collect();
    groups.sort_by_key(|g| (std::cmp::Reverse(g.len()), g.first().copied()));
    groups
}

/// The consignments that a cell is about.
pub struct Region {
    /// Those that the constraints allow.
    pub within: Id,
}

impl Region {
    /// Those with some goods, to some places; without places, to any that is not home.
    pub fn of(
        view: &View<'_>,
        goods: &[CategoryId],
        destination: Option<FactId>,
        seat: &Seat,
        to: Option<&[Place]>,
    ) -> Region {
        let mut within = if goods.is_empty() { YES } else { view.entry(goods) };
        if let Some(fact) = destination {
            let reached = towards(view, Slot::Shared(fact), seat, to);
            within = view.diagrams(|d| d.and(within, reached));
        }
        Region { within: view.within(within) }
    }

    /// A function within it.
    pub fn and(&self, view: &View<'_>, f: Id) -> Id {
        view.diagrams(|d| d.and(self.within, f))
    }
}

/// Goods go to one of some places, or to any that is not home.
fn towards(view: &View<'_>, slot: Slot, seat: &Seat, to: Option<&[Place]>) -> Id {
    let places: Vec<Place> = PlaceId::all(view.world()).collect();
    let values: Vec<Value> = places.iter().map(|p| Value::Place(*p)).collect();
    let wanted = |p: &Place| to.map_or(!seat.home.contains(p), |to| to.contains(p));
    let mut classes = vec![false; view.domain(slot).len()];
    for (place, class) in places.iter().zip(view.classes_of(slot, &values)) {
        if let Some(class) = class.filter(|_| wanted(place)) {
            classes[class] = true;
        }
    }
    let all = classes.len();
    let picked = classes.iter().enumerate().filter(|(_, wanted)| **wanted);
    picked.fold(NO, |t, (class, _)| {
        view.diagrams(|d| {
            let is = d.is(Var::Fact(slot), class, all);
            d.or(t, is)
        })
    })
}

/// The facts of which a value can change which of some functions holds.
fn hangs_on(view: &View<'_>, functions: &[Id]) -> Vec<String> {
    if functions.len() < 2 {
        return Vec::new();
    }
    let world = view.world();
    let mut out: Vec<FactId> = Vec::new();
    for var in view.diagrams(|d| d.support(functions)) {
        let Var::Fact(slot) = var else { continue };
        let mut others = NO;
        let matters = functions.iter().any(|f| {
            view.diagrams(|d| {
                let reached = d.some(*f, var);
                let meets = d.and(reached, others) != NO;
                others = d.or(others, reached);
                meets
            })
        });
        if matters {
            out.extend(slot.fact());
        }
    }
    out.sort_unstable();
    out.dedup();
    // Goods first, as they are asked for first.
    out.sort_by_key(|f| world.fact(*f).level != Level::Goods);
    out.into_iter().map(|f| world.fact(f).name.clone()).collect()
}

/// What shows an outcome.
pub struct Shows<'v> {
    /// The view.
    pub view: &'v View<'v>,
    /// The reference.
    pub plain: &'v Evaluator<'v>,
    /// What is known of the consignment.
    pub start: &'v Case,
    /// The policies that speak together.
    pub policies: &'v [PolicyId],
}

impl Shows<'_> {
    /// A consignment of a region, decided again by the plain interpreter.
    fn witness(&self, region: Id, allowed: Id, outcome: Outcome) -> Option<Witness> {
        let choices = witness::fewest(self.view, region, allowed)?;
        self.shown(&choices, region, allowed, outcome)
    }

    /// The consignment of some choices, if the plain interpreter decides it so.
    pub fn shown(&self, choices: &[(Var, usize)], region: Id, allowed: Id, outcome: Outcome) -> Option<Witness> {
        let world = self.view.world();
        let presumed = |slot: Slot| {
            slot.fact().is_some_and(|f| {
                self.start.facts.contains_key(&f) || world.fact(f).presumed.is_some() || self.claims(f)
            }) || matches!(slot, Slot::Item(_, f) if self.start.items.first().is_some_and(|i| i.contains_key(&f)))
        };
        let full = witness::complete(self.view, allowed, choices, region, &presumed)?;
        let whole = witness::stated(self.view, self.start, &full)?;
        let by = decided(self.plain, &whole, self.policies, outcome)?;
        let facts = said(world, &witness::stated(self.view, self.start, choices)?);
        Some(Witness { facts, by, whole: said(world, &whole), case: whole })
    }

    /// True for a fact by which a claim is raised: where nothing hangs on it, it is left unsaid.
    fn claims(&self, fact: FactId) -> bool {
        let world = self.view.world();
        let mine = world.rules.iter().filter(|r| self.policies.contains(&r.policy));
        mine.filter_map(|r| r.claimed.as_ref()).any(|c| {
            let mut facts = std::collections::BTreeSet::new();
            self.plain.classes.facts_of(c, &mut facts);
            facts.contains(&fact)
        })
    }
}

/// The rules by which some policies together give an outcome; nothing if they do not.
pub fn decided(plain: &Evaluator<'_>, case: &Case, policies: &[PolicyId], outcome: Outcome) -> Option<Vec<String>> {
    let (mut joint, mut by) = (Outcome::NotApplicable, Vec::new());
    for policy in policies {
        let options = Options { policies: Some(vec![*policy]), ..Options::default() };
        let found = plain.decide(case, &options).ok()?.policies.into_iter().next()?;
        let own = found.outcome.0?;
        joint = joint.max(own);
        if own == outcome {
            by.extend(found.decided_by.iter().map(|r| format!("{}.{} ({})", found.policy, r.rule, r.cite)));
        }
    }
    (joint == outcome).then_some(by)
}
