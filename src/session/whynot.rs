//! Why not another outcome: what would have to differ, smallest first.
//!
//! One changed fact is tried, then two, each value once for all that the law does not tell apart from it. While
//! searching, a decision is given little room; what is found is decided anew, with all of it, before it is shown. The
//! search is bounded by counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::eval::decision::PolicyDecision;
use crate::eval::{Evaluator, Options, Outcome};
use crate::model::value::Type;
use crate::model::{AtomKind, Case, CategoryId, Cond, FactId, Level, Value, World};
use crate::policy::Policy;
use crate::report::{Mark, Page, words};

use super::answers::answers;
use super::{Reply, Session, draft};

/// How many decisions are made in search of an answer.
const MOST: usize = 400;

/// How many evaluations each of them may take; one that needs more is passed over, and the search is not complete.
const ROOM: u32 = 400;

/// Two facts are tried only where one alone gives fewer ways than this.
const ENOUGH: usize = 3;

/// How many ways are shown.
const SHOWN: usize = 12;

/// What a changed fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// The goods.
    Goods,
    /// What is done, and from where to where.
    Route,
    /// The parties, their papers, or the circumstances.
    Party,
}

/// One fact that would have to differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differs {
    /// The fact.
    pub fact: FactId,
    /// The goods item or held licence, from 0.
    pub at: u32,
    /// Values that do, each for all that the law does not tell apart from it.
    pub values: Vec<Value>,
    /// True if the consignment says otherwise, false if it says nothing.
    pub given: bool,
    /// What it is about.
    pub about: About,
}

/// What would have to differ for an outcome.
#[derive(Clone, Debug, Default)]
pub struct WhyNot {
    /// The ways, smallest first; each is a set of facts that suffice together.
    pub ways: Vec<Vec<Differs>>,
    /// How many decisions were made.
    pub tried: usize,
    /// True if two changed facts were tried as well.
    pub pairs: bool,
    /// False if the search ended at its bound or was stopped.
    pub complete: bool,
}

/// Searches what would have to differ for an outcome; `stop` ends it early.
pub fn why_not(policy: &Policy, case: &Case, wanted: Outcome, stop: &dyn Fn() -> bool) -> WhyNot {
    let evaluator = policy.evaluator();
    let Ok(now) = evaluator.decide(case, &Options::default()) else { return WhyNot::default() };
    let facts = worth_trying(policy.world(), case, &answers(&now).map(|(_, p)| p).collect::<Vec<_>>());
    let mut search = Search { evaluator: &evaluator, world: policy.world(), wanted, stop, out: WhyNot::default() };
    search.out.complete = true;
    let single = search.singles(case, &facts);
    search.out.pairs = single.len() < ENOUGH;
    if search.out.pairs {
        search.pairs(case, &facts, &single);
    }
    let ways = std::mem::take(&mut search.out.ways);
    search.out.ways = search.replayed(case, ways);
    search.out
}

struct Search<'s, 'w> {
    evaluator: &'s Evaluator<'w>,
    world: &'w World,
    wanted: Outcome,
    stop: &'s dyn Fn() -> bool,
    out: WhyNot,
}

/// A fact, and whose.
type Slot = (FactId, u32);

impl Search<'_, '_> {
    /// True if a case comes out as wanted; nothing once the search has to end.
    fn replay(&mut self, case: &Case) -> Option<bool> {
        if self.out.tried >= MOST || (self.stop)() {
            self.out.complete = false;
            return None;
        }
        self.out.tried += 1;
        let decided = self.evaluator.decide(case, &Options { why: false, limit: ROOM });
        let Ok(decision) = decided else { return Some(false) };
        if !decision.resolved && decision.possible_outcomes.contains(&self.wanted) {
            self.out.complete = false;
        }
        Some(decision.outcome.0 == Some(self.wanted))
    }

    /// The ways of which every value stands up to a decision with all the room there is, smallest first.
    fn replayed(&mut self, case: &Case, mut ways: Vec<Vec<Differs>>) -> Vec<Vec<Differs>> {
        let weight = |way: &Vec<Differs>| {
            (way.len(), way.iter().filter(|d| d.given).count(), way.iter().map(|d| d.about).max(), way[0].fact)
        };
        ways.sort_by_key(weight);
        if ways.len() > SHOWN {
            self.out.complete = false;
            ways.truncate(SHOWN);
        }
        for way in &mut ways {
            let Some((last, first)) = way.split_last_mut() else { continue };
            let mut base = case.clone();
            for d in first.iter() {
                if let Some(value) = d.values.first() {
                    base = with(&base, self.world, (d.fact, d.at), value);
                }
            }
            let slot = (last.fact, last.at);
            last.values.retain(|v| {
                let decided = self.evaluator.decide(&with(&base, self.world, slot, v), &Options::default());
                decided.is_ok_and(|d| d.outcome.0 == Some(self.wanted))
            });
        }
        ways.retain(|way| way.iter().all(|d| !d.values.is_empty()));
        ways
    }

    fn differs(&self, case: &Case, (fact, at): Slot, values: Vec<Value>) -> Differs {
        let declared = self.world.fact(fact);
        let about = match (declared.level, declared.ty.element(), declared.name.as_str()) {
            (Level::Goods, ..) => About::Goods,
            (Level::Consignment, Type::Country, _) | (_, _, "activity") => About::Route,
            _ => About::Party,
        };
        Differs { fact, at, values, given: get(case, self.world, (fact, at)).is_some(), about }
    }

    /// One changed fact; gives for each the values that suffice.
    fn singles(&mut self, case: &Case, facts: &[Slot]) -> BTreeMap<Slot, Vec<Value>> {
        let mut out = BTreeMap::new();
        for slot in facts {
            let mut found = Vec::new();
            for value in self.others(case, *slot) {
                match self.replay(&with(case, self.world, *slot, &value)) {
                    Some(true) => found.push(value),
                    Some(false) => {}
                    None => return out,
                }
            }
            if !found.is_empty() {
                let way = vec![self.differs(case, *slot, found.clone())];
                self.out.ways.push(way);
                out.insert(*slot, found);
            }
        }
        out
    }

    /// Two changed facts, of which neither suffices.
    fn pairs(&mut self, case: &Case, facts: &[Slot], single: &BTreeMap<Slot, Vec<Value>>) {
        for (i, a) in facts.iter().enumerate() {
            for b in &facts[i + 1..] {
                let enough = |slot: &Slot, v: &Value| single.get(slot).is_some_and(|all| all.contains(v));
                let seconds: Vec<Value> =
                    self.others(case, *b).into_iter().filter(|v| !enough(b, v)).take(MANY).collect();
                for first in self.others(case, *a).into_iter().filter(|v| !enough(a, v)).take(MANY) {
                    let once = with(case, self.world, *a, &first);
                    let mut found = Vec::new();
                    for second in &seconds {
                        match self.replay(&with(&once, self.world, *b, second)) {
                            Some(true) => found.push(second.clone()),
                            Some(false) => {}
                            None => return,
                        }
                    }
                    if !found.is_empty() {
                        let way = vec![self.differs(case, *a, vec![first]), self.differs(case, *b, found)];
                        self.out.ways.push(way);
                    }
                }
            }
        }
    }

    /// The values of a fact other than its own.
    fn others(&self, case: &Case, slot: Slot) -> Vec<Value> {
        let own = get(case, self.world, slot);
        let mut all = self.evaluator.choices(case, slot.0, slot.1);
        all.retain(|v| Some(v) != own);
        all
    }
}

/// Of a fact with more classes than this, only so many are tried together with another.
const MANY: usize = 12;

/// The facts that may make a difference: those given and asked for, and those that the rules and entries read that the
/// answer names.
fn worth_trying(world: &World, case: &Case, answers: &[&PolicyDecision]) -> Vec<Slot> {
    let mut facts: BTreeSet<FactId> = case.facts.keys().copied().collect();
    case.items.iter().for_each(|i| facts.extend(i.keys()));
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut conds: Vec<&Cond> = Vec::new();
    for p in answers {
        names.extend(p.missing.iter().map(|m| m.fact.as_str()));
        names.extend(p.presumed.iter().map(|x| x.fact.as_str()));
        names.extend(p.claimable.iter().flat_map(|c| c.facts.iter().map(String::as_str)));
        let entries = p.categories.iter().chain(p.excluded.iter().map(|e| &e.category));
        let entries: BTreeSet<&String> = entries.chain(p.near.iter().map(|n| &n.category)).collect();
        conds.extend(world.categories.iter().filter(|c| entries.contains(&c.name)).map(|c| &c.cond));
        let deciding = |name: &String| p.decided_by.iter().any(|d| d.rule == *name);
        for rule in &world.rules {
            let defeats = rule.targets.iter().any(|t| deciding(&world.rule(*t).name));
            if deciding(&rule.name) || defeats || p.defeated.iter().any(|d| d.rule == rule.name || d.by == rule.name) {
                conds.extend(std::iter::once(&rule.cond).chain(&rule.claimed));
            }
        }
    }
    facts.extend(names.into_iter().filter_map(|n| world.fact_named(n)));
    conds.into_iter().for_each(|c| read(world, c, &mut facts));
    let can_change = |f: &FactId| {
        let fact = world.fact(*f);
        let tried = !matches!(fact.ty.element(), Type::Text | Type::Entry | Type::Date);
        tried && !fact.is_named_condition() && fact.level != Level::Licence
    };
    let slots = |f: FactId| match world.fact(f).level {
        Level::Goods => (0..case.items.len() as u32).map(|i| (f, i)).collect(),
        _ => vec![(f, 0)],
    };
    facts.into_iter().filter(can_change).flat_map(slots).collect()
}

/// The facts that a condition reads itself, named conditions opened; not those of whole lists.
fn read(world: &World, cond: &Cond, out: &mut BTreeSet<FactId>) {
    cond.atoms(&mut |a, _| match &a.kind {
        AtomKind::Fact(f, _) | AtomKind::Elements { fact: f, .. } | AtomKind::Empty(f) | AtomKind::Includes(f) => {
            out.insert(*f);
        }
        AtomKind::Facts(a, _, b) => out.extend([*a, *b]),
        AtomKind::Means(f) => {
            if out.insert(*f) {
                world.fact(*f).means.iter().for_each(|(_, c)| read(world, c, out));
            }
        }
        AtomKind::In(list) if list.iter().all(|c| is_leaf(world, *c)) => {
            list.iter().for_each(|c| read(world, &world.category(*c).cond, out));
        }
        AtomKind::In(_) | AtomKind::CodedUnder(_) => {}
    });
}

fn is_leaf(world: &World, id: CategoryId) -> bool {
    world.category(id).children.iter().all(|c| world.category(*c).unnamed)
}

fn get<'c>(case: &'c Case, world: &World, (fact, at): Slot) -> Option<&'c Value> {
    match world.fact(fact).level {
        Level::Consignment => case.facts.get(&fact),
        Level::Goods => case.items.get(at as usize)?.get(&fact),
        Level::Licence => case.licences.get(at as usize)?.fields.get(&fact),
    }
}

fn with(case: &Case, world: &World, (fact, at): Slot, value: &Value) -> Case {
    let mut out = case.clone();
    let map = match world.fact(fact).level {
        Level::Consignment => Some(&mut out.facts),
        Level::Goods => out.items.get_mut(at as usize),
        Level::Licence => out.licences.get_mut(at as usize).map(|h| &mut h.fields),
    };
    if let Some(map) = map {
        map.insert(fact, value.clone());
    }
    out
}

impl Session {
    /// `:whynot OUTCOME`
    pub(super) fn whynot(&self, text: &str) -> Reply {
        let all = || Outcome::ALL.iter().map(|o| o.as_str());
        let Some(wanted) = Outcome::ALL.iter().find(|o| o.as_str() == text) else {
            let list = all().rev().collect::<Vec<_>>().join(", ");
            if text.is_empty() {
                return Err(format!("say which outcome: one of {list}").into());
            }
            let near = crate::spelling::nearest(text, all());
            let help = near.map_or_else(|| format!("say one of {list}"), |n| format!("did you mean `{n}`?"));
            return Err(format!("`{text}` is no outcome; {help}").into());
        };
        let policy = self.policy()?;
        let case = self.case()?;
        let now = self.decide(&case, false)?;
        let mut page = Page::default();
        if now.outcome.0 == Some(*wanted) {
            page.put(Mark::Answer(Some(*wanted)), format!("It is {}.", words(Some(*wanted)).to_lowercase()));
            return Ok(page.lines);
        }
        let stop = self.stop.clone();
        let found = why_not(policy, &case, *wanted, &|| stop.load(std::sync::atomic::Ordering::Relaxed));
        self.whynot_lines(policy, *wanted, &found, &mut page);
        Ok(page.lines)
    }

    fn whynot_lines(&self, policy: &Policy, wanted: Outcome, found: &WhyNot, page: &mut Page) {
        let outcome = words(Some(wanted)).to_lowercase();
        if found.ways.is_empty() {
            page.wrap(Mark::Heading, "", &format!("No one or two facts that were tried make it {outcome}."));
        } else {
            page.wrap(Mark::Heading, "", &format!("It would be {outcome}, smallest change first,"));
            page.wrap(Mark::Small, "", "each value standing for all that the law does not tell apart from it,");
        }
        for way in &found.ways {
            page.wrap(Mark::Plain, "  if ", &self.way(policy.world(), way));
        }
        if !found.complete {
            let text = format!("The search ended after {} decisions; there may be other ways.", found.tried);
            page.wrap(Mark::Small, "", &text);
        } else if !found.pairs {
            page.put(Mark::Small, "Changes of two facts were not tried, since one is enough.");
        }
        let (world, mut party) = (policy.world(), found.ways.iter().flatten().filter(|d| d.about == About::Party));
        if party.any(|d| world.fact(d.fact).level == Level::Consignment) {
            page.wrap(Mark::Small, "", "[party]: about who takes part, papers or circumstances, not the goods.");
        }
    }

    /// `goods.adjustable were no [not said] and …`
    fn way(&self, world: &World, way: &[Differs]) -> String {
        let one = |d: &Differs| {
            let fact = world.fact(d.fact);
            let place = match fact.level {
                Level::Goods => draft::Place::Item(d.at as usize),
                Level::Licence => draft::Place::Licence(d.at as usize),
                Level::Consignment => draft::Place::Shared,
            };
            const FEW: usize = 4;
            let mut values: Vec<String> = d.values.iter().take(FEW).map(|v| v.display(&fact.ty, world)).collect();
            if d.values.len() > FEW {
                values.push(format!("{} others", d.values.len() - FEW));
            }
            let marks = match (d.about, d.given) {
                (About::Party, true) => " [party]",
                (About::Party, false) => " [party, not said]",
                (_, false) => " [not said]",
                (_, true) => "",
            };
            format!("{} were {}{marks}", self.draft.name(place, &fact.name), values.join(" or "))
        };
        way.iter().map(one).collect::<Vec<_>>().join(" and ")
    }
}
