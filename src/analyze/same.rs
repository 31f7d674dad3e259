//! Whether two versions of the law decide every consignment alike.
//!
//! The days on which anything in either version changes cut time into spans, and one day stands for each. For that day
//! all consignments are compared at once: which entries hold, which rules stand, what may proceed, and what the rules
//! that stand say. Where a rule stands, its effect, duties and documents must be the same too. What is presumed is
//! compared on consignments that leave the fact out. A difference is shown by a consignment.
//!
//! The versions must declare the same facts with the same values, as a law and a mutant of it do.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::Engine;
use crate::engine::diagram::{Id, NO, Var, Way, YES};
use crate::engine::space::{View, with_views};
use crate::eval::ask::{Asked, Scope};
use crate::eval::env::{Slot, slots_of};
use crate::eval::{Decision, Evaluator, Options, Outcome};
use crate::model::{
    Atom, AtomKind, Case, CategoryId, Cond, Date, Effect, FactId, GroupBody, Held, InForce, Interval, PolicyId, RuleId,
    Test, Value, World,
};

use crate::span::Span;

use super::alike::Alike;
use super::witness;

/// Whether two versions of the law are the same in what they decide.
#[derive(Clone, Debug, PartialEq)]
pub enum Same {
    /// They decide every consignment alike.
    Yes,
    /// They do not.
    No(Difference),
    /// It took too much work to find out.
    NotShown,
}

/// A consignment that two versions decide differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What differs: the name of a rule or entry, `may proceed`, or `constraints`.
    pub what: String,
    /// The consignment; whatever else is so of it, the versions differ on it.
    pub case: Case,
}

/// How many nodes of diagrams a day may take.
const LIMIT: u32 = 2_000_000;

/// Compares two versions of the law. `days` narrows the days that are compared; empty: all.
pub fn same(old: &World, new: &World, days: &[Interval]) -> Same {
    if !comparable(old, new) {
        return Same::NotShown;
    }
    let mut kinds: Vec<Vec<Held>> = vec![Vec::new()];
    let covered = covers(old) != covers(new) || constraints(old) != constraints(new) || presumed(old) != presumed(new);
    if covered {
        let names: BTreeSet<&str> = old.licences.iter().map(|l| l.name.as_str()).collect();
        let held = |name: &str| vec![Held { licence: name.to_owned(), fields: BTreeMap::new() }];
        kinds.extend(names.into_iter().map(held));
    }
    let mut shown = true;
    for day in within(&boundaries(old, new), days) {
        if ![old, new].iter().any(|w| w.policies.iter().any(|p| p.known.contains(day))) {
            continue;
        }
        for licences in &kinds {
            let date = old.fact_named("date").map(|f| (f, Value::Date(day)));
            let start = Case { facts: date.into_iter().collect(), licences: licences.clone(), ..Case::of_day(day) };
            let found = with_views(&[(old, &start), (new, &start)], &|_| false, true, LIMIT, |views| match views {
                [a, b] => on_a_day(a, b, &start, covered),
                _ => Same::NotShown,
            });
            match found {
                Same::Yes => {}
                Same::NotShown => shown = false,
                no => return no,
            }
        }
    }
    if shown { Same::Yes } else { Same::NotShown }
}

/// True if the two versions are seen to decide a consignment differently.
fn seen(old: &World, new: &World, case: &Case) -> bool {
    let decide = |w: &World| -> Option<Decision> {
        let mut decided = Evaluator::with(w, Box::new(Engine)).decide(case, &Options::default()).ok()?;
        let items = decided.items.iter_mut().flat_map(|i| &mut i.policies);
        items.chain(&mut decided.policies).for_each(|p| p.digest.clear());
        Some(decided)
    };
    decide(old) != decide(new)
}

/// True if both declare the same facts, with the same values, and the same places.
fn comparable(old: &World, new: &World) -> bool {
    let facts = |w: &World| w.facts.iter().map(|f| (f.name.clone(), f.level, f.ty.clone())).collect::<Vec<_>>();
    let places = |w: &World| w.places.iter().map(|p| (p.code.clone(), p.within)).collect::<Vec<_>>();
    facts(old) == facts(new) && old.enums == new.enums && places(old) == places(new)
}

/// What held licences must satisfy, and how long they are valid.
fn covers(world: &World) -> Vec<(&str, Option<&Cond>, Option<crate::model::Duration>)> {
    world.licences.iter().map(|l| (l.name.as_str(), l.covers.as_ref(), l.valid)).collect()
}

fn presumed(world: &World) -> Vec<Option<(&Value, Option<&Cond>)>> {
    world.facts.iter().map(|f| f.presumed.as_ref().map(|p| (&p.value, p.unless.as_ref()))).collect()
}

fn constraints(world: &World) -> Vec<(&Cond, &InForce)> {
    world.constraints.iter().map(|c| (&c.cond, &c.in_force)).collect()
}

/// One day of each span of time in which nothing changes in either version.
pub(crate) fn boundaries(old: &World, new: &World) -> BTreeSet<Date> {
    let mut starts = BTreeSet::new();
    for world in [old, new] {
        let mut span = |i: &Interval| {
            starts.extend(i.from);
            starts.extend(i.to.and_then(|d| d.tomorrow().ok()));
        };
        let dated = world.rules.iter().map(|r| &r.in_force);
        let dated = dated.chain(world.categories.iter().map(|c| &c.in_force));
        let dated = dated.chain(world.licences.iter().map(|l| &l.in_force));
        let dated = dated.chain(world.constraints.iter().map(|c| &c.in_force));
        let dated = dated.chain(world.facts.iter().flat_map(|f| f.means.iter().map(|(days, _)| days)));
        let members = world.groups.iter().flat_map(|g| match &g.body {
            GroupBody::Members(list) => list.iter().map(|(_, days, _)| days).collect(),
            GroupBody::Expr(_) => Vec::new(),
        });
        let dated = dated.chain(world.groups.iter().map(|g| &g.in_force)).chain(members);
        dated.flat_map(|d| &d.0).for_each(&mut span);
        world.policies.iter().for_each(|p| span(&p.known));
        world.charts.iter().flat_map(|c| c.intervals()).for_each(&mut span);
        let date = world.fact_named("date");
        for cond in crate::eval::classes::all_conditions(world) {
            cond.atoms(&mut |atom, _| {
                if let AtomKind::Fact(f, test) = &atom.kind
                    && Some(*f) == date
                {
                    let ends = match test {
                        Test::Is(v) | Test::Compare(_, v) => vec![v],
                        Test::Between(a, b) => vec![a, b],
                        _ => Vec::new(),
                    };
                    for value in ends {
                        let Value::Date(d) = value else { continue };
                        starts.extend([Some(*d), d.tomorrow().ok()].into_iter().flatten());
                    }
                }
            });
        }
    }
    // The time before the first of them, if any law is known then.
    starts.extend(starts.first().and_then(|d| d.yesterday().ok()).into_iter().collect::<Vec<_>>());
    starts
}

/// One day of each span that lies in any of some intervals: the first of both. No intervals: the first of each span.
fn within(starts: &BTreeSet<Date>, days: &[Interval]) -> BTreeSet<Date> {
    let mut out = BTreeSet::new();
    if days.is_empty() {
        return starts.clone();
    }
    for (start, next) in starts.iter().zip(starts.iter().skip(1).map(Some).chain([None])) {
        for interval in days {
            let day = interval.from.map_or(*start, |from| from.max(*start));
            if interval.contains(day) && next.is_none_or(|n| day < *n) {
                out.insert(day);
            }
        }
    }
    out
}

/// What is compared: its name, and in each version the function of the consignments for which it is so.
struct Compared {
    what: String,
    old: Id,
    new: Id,
    /// True if what follows from it is not the same.
    changed: bool,
}

fn on_a_day(a: &View<'_>, b: &View<'_>, start: &Case, covers: bool) -> Same {
    let (old, new) = (a.world(), b.world());
    let (allowed, allowed_new) = (a.allowed(), b.allowed());
    let mut all = vec![Compared { what: "constraints".to_owned(), old: allowed, new: allowed_new, changed: false }];
    let mut alike = Alike::new(a, b);
    // Licences held, and what is presumed, show in answers that are alike.
    let listed = entries(a, b, if covers { None } else { Some(&mut alike) });
    let relisted = listed.iter().map(|c| a.diagrams(|d| d.differ(c.old, c.new)));
    let relisted = relisted.fold(NO, |t, x| a.diagrams(|d| d.or(t, x)));
    // Where a difference is seen best: under an outcome that is settled, the strictest first, or else where a policy applies.
    let (mut settled, mut looked): (Vec<Id>, Vec<PolicyId>) = (Vec::new(), Vec::new());
    for (p, policy) in old.policies.iter().enumerate() {
        let id = PolicyId(p as u32);
        let Some(twin) = new.policies.iter().position(|q| q.name == policy.name) else { return Same::NotShown };
        let twin = PolicyId(twin as u32);
        let known = (policy.known.contains(start.date), new.policies[twin.index()].known.contains(start.date));
        match known {
            (false, false) => continue,
            (true, true) => {}
            _ => return Same::No(Difference { what: policy.name.clone(), case: start.clone() }),
        }
        looked.push(id);
        let cone = cone(a, b, id, twin, covers, &mut alike);
        let other = &new.policies[twin.index()];
        if cone.is_empty() && policy.otherwise == other.otherwise {
            continue;
        }
        // Something differs, or may: only now is the whole outcome put together, to see whether it shows.
        let follows = |x: RuleId, y: RuleId| follows(old, x) == follows(new, y);
        let Some(region) = (if covers { Some(YES) } else { alike.region((id, twin), &follows) }) else {
            return Same::NotShown;
        };
        let region = a.diagrams(|d| d.or(region, relisted));
        let (a, b) = (&a.narrowed(region), &b.narrowed(region));
        let (scope, scope_new) = (Scope { policies: &[id], items: &[0] }, Scope { policies: &[twin], items: &[0] });
        let outcomes = a.outcomes(scope);
        for (was, is) in outcomes.iter().zip(b.outcomes(scope_new)) {
            all.push(Compared { what: "outcome".to_owned(), old: *was, new: is, changed: false });
        }
        let permitted = Outcome::ALL.iter().position(|o| *o == Outcome::Permitted).and_then(|i| outcomes.get(i));
        let permitted = permitted.copied().unwrap_or(YES);
        if settled.is_empty() {
            settled.extend(outcomes.iter().rev());
        }
        let (was, is) = (a.asked(&Asked::Proceeds(scope)), b.asked(&Asked::Proceeds(scope_new)));
        all.push(Compared { what: "may proceed".to_owned(), old: was, new: is, changed: false });
        all.extend(rules(a, b, id, twin, permitted, &cone));
    }
    all.extend(listed);
    // Equal functions are the same diagram, as long as there was room for all.
    let differing = all.iter().filter(|c| c.changed || c.old != c.new);
    let functions: Vec<Id> = differing.flat_map(|c| [c.old, c.new]).collect();
    if !a.reliable(&functions) {
        return Same::NotShown;
    }
    if !functions.is_empty() {
        settled.extend(looked.into_iter().map(|id| a.asked(&Asked::Applies(id, 0))));
    }
    let mut unseen = false;
    for c in &all {
        let either = c.what != "constraints";
        let differ = a.diagrams(|d| if c.changed { d.or(c.old, c.new) } else { d.differ(c.old, c.new) });
        let differ = a.diagrams(|d| d.and(differ, if either { allowed } else { YES }));
        match show(a, b, start, c, differ, &settled, &|_| false) {
            Shown::Nothing => {}
            Shown::By(case) => return Same::No(Difference { what: c.what.clone(), case }),
            Shown::Unseen => unseen = true,
        }
    }
    match presumptions(a, b, start, &all, allowed) {
        // Past the limit a difference may look like none.
        Same::Yes if unseen || a.diagrams(|d| d.full()) => Same::NotShown,
        found => found,
    }
}

/// Whether a difference can be shown.
enum Shown {
    /// There is none.
    Nothing,
    /// By a consignment that the two versions are seen to decide differently.
    By(Case),
    /// There is one, and no consignment was found that shows it.
    Unseen,
}

/// Looks for a consignment that shows a difference: the shortest, and if what it leaves open hides the difference, one
/// that says of every fact what it is.
fn show(
    a: &View<'_>,
    b: &View<'_>,
    start: &Case,
    of: &Compared,
    differ: Id,
    settled: &[Id],
    but: &dyn Fn(Slot) -> bool,
) -> Shown {
    let Some(mut way) = telling(a, differ, settled) else { return Shown::Nothing };
    let shows = |way: &Way| witness::consignment(a, start, way, but).filter(|case| seen(a.world(), b.world(), case));
    if let Some(case) = shows(&way) {
        return Shown::By(case);
    }
    let mut within = differ;
    let mut facts = a.diagrams(|d| d.support(&[of.old, of.new, differ]));
    facts.extend(a.diagrams(|d| d.support(settled)));
    for (var, class) in way.choices.clone() {
        facts.remove(&var);
        let Var::Fact(slot) = var else { return Shown::Unseen };
        within = a.diagrams(|d| {
            let is = d.is(var, class, a.domain(slot).len());
            d.and(within, is)
        });
    }
    for var in facts {
        let Var::Fact(slot) = var else { return Shown::Unseen };
        let classes = a.domain(slot).len();
        for class in 0..classes {
            let narrower = a.diagrams(|d| {
                let is = d.is(var, class, classes);
                d.and(within, is)
            });
            if narrower != NO {
                within = narrower;
                way.choices.push((var, class));
                break;
            }
        }
    }
    shows(&way).map_or(Shown::Unseen, Shown::By)
}

/// The shortest way in which versions differ, among the consignments of the first region that has any, where one has.
fn telling(view: &View<'_>, differ: Id, settled: &[Id]) -> Option<Way> {
    let one = |_: Var, _: usize| 1;
    let within = settled.iter().find_map(|region| view.cheapest(view.diagrams(|d| d.and(differ, *region)), &one));
    within.or_else(|| view.cheapest(differ, &one))
}

/// The rules of a policy that are in force on a day; of one name no more than one version is.
fn by_rule_name(w: &World, policy: PolicyId, day: Date) -> BTreeMap<String, RuleId> {
    w.rules_of(policy).filter(|(_, r)| r.in_force.on(day)).map(|(id, r)| (r.name.clone(), id)).collect()
}

/// What follows from a rule, and what it defeats.
fn follows(w: &World, id: RuleId) -> impl PartialEq + use<> {
    let rule = w.rule(id);
    let targets = rule.targets.iter().map(|t| w.rule(*t).name.clone()).collect::<BTreeSet<_>>();
    let papers = (rule.duties.clone(), rule.documents.clone(), licences(w, id));
    (rule.effect.clone(), papers, targets, rule.review.clone(), rule.reason.clone())
}

/// The rules that may stand otherwise: those that say something else themselves, and whatever these defeat or are
/// defeated by, and so on. All of them, if `all` or where the policy itself applies otherwise.
fn cone(
    a: &View<'_>,
    b: &View<'_>,
    id: PolicyId,
    twin: PolicyId,
    all: bool,
    alike: &mut Alike<'_, '_>,
) -> BTreeSet<String> {
    let (was, is) = (by_rule_name(a.world(), id, a.day()), by_rule_name(b.world(), twin, b.day()));
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let applies = [(a, id), (b, twin)].map(|(v, p)| &v.world().policies[p.index()].applies);
    let applied = || a.asked(&Asked::Applies(id, 0)) != b.asked(&Asked::Applies(twin, 0));
    if all || !alike.conditions(applies[0], applies[1]) && applied() {
        return names.into_iter().cloned().collect();
    }
    let mut differs = |name: &&String| match (was.get(*name), is.get(*name)) {
        (Some(old), Some(new)) => {
            !alike.rule(*old, *new) && a.asked(&Asked::Own(id, 0, *old)) != b.asked(&Asked::Own(twin, 0, *new))
                || follows(a.world(), *old) != follows(b.world(), *new)
        }
        _ => true,
    };
    let mut open: Vec<String> = names.into_iter().filter(&mut differs).cloned().collect();
    let mut out = BTreeSet::new();
    while let Some(name) = open.pop() {
        for (w, rules) in [(a.world(), &was), (b.world(), &is)] {
            let Some(rule) = rules.get(&name) else { continue };
            let targets = w.rule(*rule).targets.iter().map(|t| w.rule(*t).name.clone());
            let near: Vec<String> = targets.chain(by_name(w, *rule, a.day()).into_iter().map(|(n, _)| n)).collect();
            open.extend(near.into_iter().filter(|n| !out.contains(n)));
        }
        out.insert(name);
    }
    out
}

/// The rules of a policy: where each is seen to stand, and where each is seen to be defeated.
fn rules(
    a: &View<'_>,
    b: &View<'_>,
    id: PolicyId,
    twin: PolicyId,
    permitted: Id,
    cone: &BTreeSet<String>,
) -> Vec<Compared> {
    let (was, is) = (by_rule_name(a.world(), id, a.day()), by_rule_name(b.world(), twin, b.day()));
    let mut out = Vec::new();
    for name in cone {
        let stands = |view: &View<'_>, policy: PolicyId, rule: Option<&RuleId>| {
            let Some(id) = rule else { return NO };
            let stands = view.asked(&Asked::AnyStands(policy, 0, &[*id]));
            let rule = view.world().rule(*id);
            let papers = !rule.duties.is_empty()
                || !rule.documents.is_empty()
                || licences(view.world(), *id)
                    .iter()
                    .any(|(.., duties, documents)| !duties.is_empty() || !documents.is_empty());
            match rule.effect {
                // What only permits is seen where nothing stricter stands; what says nothing, where it defeats.
                Some(Effect::Permit(_)) if !papers => view.diagrams(|d| d.and(stands, permitted)),
                None if !papers => NO,
                _ => stands,
            }
        };
        let (old_rule, new_rule) = (was.get(name), is.get(name));
        let same = old_rule.map(|r| follows(a.world(), *r)) == new_rule.map(|r| follows(b.world(), *r));
        out.push(Compared {
            what: name.clone(),
            old: stands(a, id, old_rule),
            new: stands(b, twin, new_rule),
            changed: !same && old_rule.is_some() && new_rule.is_some(),
        });
    }
    for (name, rule) in was.iter().filter(|(name, _)| cone.contains(*name)) {
        let (Some(twin_rule), by) = (is.get(name), by_name(a.world(), *rule, a.day())) else { continue };
        let by_new = by_name(b.world(), *twin_rule, b.day());
        let defeaters: BTreeSet<&String> = by.iter().chain(&by_new).map(|(n, _)| n).collect();
        for defeater in defeaters {
            let function = |view: &View<'_>, policy: PolicyId, rule: RuleId, by: &[(String, RuleId)]| {
                let Some(at) = by.iter().position(|(n, _)| n == defeater) else { return NO };
                let before: Vec<RuleId> = by[..at].iter().map(|(_, r)| *r).collect();
                view.asked(&Asked::Defeated { policy, item: 0, rule, by: by[at].1, before: &before })
            };
            let (old, new) = (function(a, id, *rule, &by), function(b, twin, *twin_rule, &by_new));
            out.push(Compared { what: name.clone(), old, new, changed: false });
        }
    }
    out
}

/// What defeats a rule on a day, by name, in the order of declaration.
fn by_name(w: &World, rule: RuleId, day: Date) -> Vec<(String, RuleId)> {
    let all = w.rules.iter().enumerate().filter(|(_, r)| r.in_force.on(day) && r.targets.contains(&rule));
    all.map(|(i, r)| (r.name.clone(), RuleId(i as u32))).collect()
}

/// What the licences of a rule bring with them: their duties and documents, if they exist on any day.
fn licences(w: &World, rule: RuleId) -> Vec<(String, InForce, Vec<crate::model::Duty>, Vec<crate::model::Document>)> {
    let all = match &w.rule(rule).effect {
        Some(Effect::Permit(Some(l))) => vec![*l],
        Some(Effect::Require(groups)) => groups.iter().flatten().copied().collect(),
        _ => Vec::new(),
    };
    let of = |l: &crate::model::Licence| (l.name.clone(), l.in_force.clone(), l.duties.clone(), l.documents.clone());
    all.into_iter().map(|l| of(w.licence(l))).collect()
}

/// The entries, but for those that are seen to be alike where that is asked: where the goods are in each itself.
fn entries(a: &View<'_>, b: &View<'_>, mut alike: Option<&mut Alike<'_, '_>>) -> Vec<Compared> {
    let names = |w: &World| {
        let mut all: BTreeMap<String, Vec<CategoryId>> = BTreeMap::new();
        for (i, c) in w.categories.iter().enumerate().filter(|(_, c)| !c.unnamed) {
            all.entry(c.name.clone()).or_default().push(CategoryId(i as u32));
        }
        all
    };
    let (was, is) = (names(a.world()), names(b.world()));
    let all: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let holds = |view: &View<'_>, ids: Option<&Vec<CategoryId>>| {
        let each = ids.into_iter().flatten().map(|id| view.asked(&Asked::Entry(*id, 0))).collect::<Vec<_>>();
        each.into_iter().fold(NO, |t, x| view.diagrams(|d| d.or(t, x)))
    };
    let compare = |name: &String| Compared {
        what: name.clone(),
        old: holds(a, was.get(name)),
        new: holds(b, is.get(name)),
        changed: false,
    };
    let mut same = |name: &&String| {
        let (was, is) = (was.get(*name), is.get(*name));
        was == is && alike.as_mut().is_some_and(|alike| was.into_iter().flatten().all(|id| alike.entry(*id)))
    };
    all.into_iter().filter(|name| !same(name)).map(compare).collect()
}

/// What is presumed: where a presumption differs, whether any answer reads the fact while it is not given.
fn presumptions(a: &View<'_>, b: &View<'_>, start: &Case, all: &[Compared], allowed: Id) -> Same {
    let (old, new) = (a.world(), b.world());
    let mut unseen = false;
    for (i, (was, is)) in old.facts.iter().zip(&new.facts).enumerate() {
        let presumed = |f: &crate::model::Fact| {
            f.presumed.as_ref().map(|p| (p.value.clone(), p.unless.as_ref().map(|c| affirmed(c, true))))
        };
        if presumed(was) == presumed(is) {
            continue;
        }
        let id = FactId(i as u32);
        let slots = slots_of(was.level, id, 1, start.licences.len());
        for slot in slots {
            // Where either version presumes it, its value tells from others, and what answers differs.
            let var = Var::Fact(slot);
            for c in all {
                let reads = a.diagrams(|d| d.support(&[c.old])).contains(&var);
                if !reads {
                    continue;
                }
                let classes = a.domain(slot).len();
                for value in [was, is].into_iter().filter_map(|f| f.presumed.as_ref()).map(|p| &p.value) {
                    let Some(class) = a.class_of(slot, value) else { return Same::NotShown };
                    let (here, elsewhere) = a.diagrams(|d| {
                        let is = d.is(var, class, classes);
                        let not = d.not(is);
                        let within = d.and(c.old, allowed);
                        let outside = d.not(c.old);
                        let outside = d.and(outside, allowed);
                        let mut part = |f: Id, at: Id| {
                            let f = d.and(f, at);
                            d.some(f, var)
                        };
                        ((part(within, is), part(outside, is)), (part(within, not), part(outside, not)))
                    });
                    let differ = a.diagrams(|d| {
                        let first = d.and(here.0, elsewhere.1);
                        let second = d.and(here.1, elsewhere.0);
                        d.or(first, second)
                    });
                    match show(a, b, start, c, differ, &[], &|s| s == slot) {
                        Shown::Nothing => {}
                        Shown::By(case) => return Same::No(Difference { what: was.name.clone(), case }),
                        Shown::Unseen => unseen = true,
                    }
                }
            }
        }
    }
    if unseen { Same::NotShown } else { Same::Yes }
}

/// A condition, or its opposite, with negations at its atoms alone and its places in the text left out: whatever is known
/// and whatever is not, it is answered as the condition is.
fn affirmed(cond: &Cond, truth: bool) -> Cond {
    let each = |list: &[Cond]| list.iter().map(|c| affirmed(c, truth)).collect();
    match (cond, truth) {
        (Cond::Not(inner), truth) => affirmed(inner, !truth),
        (Cond::All(list), true) | (Cond::Any(list), false) => Cond::All(each(list)),
        (Cond::Any(list), true) | (Cond::All(list), false) => Cond::Any(each(list)),
        (Cond::Atom(atom), truth) => {
            let bare = Cond::Atom(Atom { span: Span::default(), kind: atom.kind.clone() });
            if truth { bare } else { Cond::Not(Box::new(bare)) }
        }
    }
}
