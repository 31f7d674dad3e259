//! What the law says of legs: one shipment from one state to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::eval::decision::{Decision, PolicyDecision, Word};
use crate::eval::env::Slot;
use crate::eval::outlook::Outlook;
use crate::eval::{Broken, Evaluator, Options, Outcome};
use crate::model::country::{CountryId, Status};
use crate::model::{Case, FactId, PlaceId, Value, World};

use super::{Answer, Leg, NotHere, Presumed, Rule, Said, Sure, WhyNotHere, homes};

/// How many evaluations the plain interpreter may take for a leg: enough for any that is decided. Of one that is open it
/// then gives a bound, which must hold what the engine found.
const REPLAY: u32 = 4_000;

/// What tells a place from others: its class, who is at home there, and, without a class, the place itself.
type Apart = (Option<usize>, Vec<bool>, Option<PlaceId>);

/// The legs that a consignment can take, decided once for all states that the law does not tell apart.
pub struct Legs<'q> {
    pub world: &'q World,
    engine: &'q Evaluator<'q>,
    plain: &'q Evaluator<'q>,
    /// The consignment, its start and end left out.
    base: Case,
    from: FactId,
    to: FactId,
    /// For each policy, the states that it speaks for.
    pub homes: Vec<Option<BTreeSet<PlaceId>>>,
    /// For each place, its class as a start and as an end.
    classes: BTreeMap<PlaceId, (usize, usize)>,
    kept: FxHashMap<(usize, usize), Rc<Result<Outlook, Broken>>>,
    shown: FxHashMap<(usize, usize), Leg>,
    /// What every leg has to be weaker than.
    target: Outcome,
    /// The rules that decide the direct way: policy and name.
    deciding: Vec<(String, String)>,
    pub resolved: bool,
}

impl<'q> Legs<'q> {
    pub fn new(
        world: &'q World,
        engine: &'q Evaluator<'q>,
        plain: &'q Evaluator<'q>,
        case: &Case,
        (from, to): (FactId, FactId),
    ) -> Self {
        let mut base = case.clone();
        base.facts.remove(&from);
        base.facts.remove(&to);
        let (transit, activity, date) =
            (world.fact_named("transit"), world.fact_named("activity"), world.fact_named("date"));
        // What stops on the way is a leg of its own.
        base.facts.extend(transit.map(|f| (f, Value::Set(BTreeSet::new()))));
        let keep: Vec<FactId> = [transit, activity, date].into_iter().flatten().collect();
        let homes = homes::homes(world, &base, from, &keep);
        let places: Vec<PlaceId> = PlaceId::all(world).collect();
        let values: Vec<Value> = places.iter().map(|p| Value::Place(*p)).collect();
        let env = engine.given(&base);
        let classes_as = |fact| engine.classes.classes_of(&env, Slot::Shared(fact), &values);
        let (starts, ends) = (classes_as(from), classes_as(to));
        // Places that are in no class, or at home elsewhere, are kept apart.
        let mut apart: BTreeMap<Apart, usize> = BTreeMap::new();
        let mut number = |class: Option<usize>, at_home: Vec<bool>, place: PlaceId| {
            let next = apart.len();
            *apart.entry((class, at_home, if class.is_none() { Some(place) } else { None })).or_insert(next)
        };
        let mut classes = BTreeMap::new();
        for (i, place) in places.iter().enumerate() {
            let at_home = homes.iter().map(|h| h.as_ref().is_some_and(|h| h.contains(place))).collect();
            let start = number(starts.get(i).copied().flatten(), at_home, *place);
            let end = number(ends.get(i).copied().flatten(), Vec::new(), *place);
            classes.insert(*place, (start, end));
        }
        let resolved = homes.iter().all(Option::is_some);
        Legs {
            world,
            engine,
            plain,
            base,
            from,
            to,
            homes,
            classes,
            kept: FxHashMap::default(),
            shown: FxHashMap::default(),
            target: Outcome::Permitted,
            deciding: Vec::new(),
            resolved,
        }
    }

    /// Sets what every leg has to be weaker than.
    pub fn bind(&mut self, target: Outcome, direct: &Leg) {
        self.target = target;
        let rules = direct.policies.iter().filter(|p| p.outcome == target.as_str());
        self.deciding = rules.flat_map(|p| p.rules.iter().map(|r| (p.policy.clone(), r.rule.clone()))).collect();
    }

    /// The states that are there on the day, other than start and end.
    pub fn stops(&self, start: PlaceId, end: PlaceId) -> impl Iterator<Item = PlaceId> {
        let year = self.base.date.year();
        let there = move |p: &PlaceId| {
            let gone = match p.declared() {
                Some(_) => false,
                None => matches!(CountryId(p.0).status(), Status::Historic { until } if until < year),
            };
            !gone && *p != start && *p != end
        };
        PlaceId::all(self.world).filter(there)
    }

    /// The class of a place, as a start and as an end.
    pub fn class(&self, place: PlaceId) -> (usize, usize) {
        self.classes.get(&place).copied().unwrap_or((usize::MAX, usize::MAX))
    }

    fn key(&self, from: PlaceId, to: PlaceId) -> (usize, usize) {
        (self.class(from).0, self.class(to).1)
    }

    fn case(&self, from: PlaceId, to: PlaceId) -> Case {
        let mut case = self.base.clone();
        case.facts.insert(self.from, Value::Place(from));
        case.facts.insert(self.to, Value::Place(to));
        case
    }

    /// What a leg can come to.
    pub fn outlook(&mut self, from: PlaceId, to: PlaceId) -> Rc<Result<Outlook, Broken>> {
        let key = self.key(from, to);
        if let Some(known) = self.kept.get(&key) {
            return Rc::clone(known);
        }
        let found = Rc::new(self.engine.outlook(&self.case(from, to), Options::default().limit));
        if let Ok(outlook) = &*found {
            self.resolved &= outlook.resolved;
        }
        self.kept.insert(key, Rc::clone(&found));
        found
    }

    /// True if a policy that is at home where a leg starts certainly applies to it.
    fn spoken_for(&self, from: PlaceId, outlook: &Outlook) -> bool {
        let at_home = |h: &Option<BTreeSet<PlaceId>>| h.as_ref().is_some_and(|h| h.contains(&from));
        let certain = |o: &BTreeSet<Outcome>| !o.contains(&Outcome::NotApplicable);
        self.homes.iter().zip(&outlook.policies).any(|(h, o)| at_home(h) && certain(o))
    }

    /// What the direct way asks for, or why nothing can be gone round.
    pub fn target(&mut self, from: PlaceId, to: PlaceId) -> Result<Outcome, Answer> {
        let found = self.outlook(from, to);
        let Ok(outlook) = &*found else { return Err(Answer::DirectUndetermined) };
        let mut outcomes = outlook.joint.iter();
        match (outcomes.next(), outcomes.next()) {
            // A prohibition stands, whoever else may speak.
            (Some(Outcome::Prohibited), None) => Ok(Outcome::Prohibited),
            _ if !self.spoken_for(from, outlook) => Err(Answer::DirectUnknown),
            (Some(Outcome::LicenceRequired), None) => Ok(Outcome::LicenceRequired),
            (Some(_), None) => Err(Answer::NothingToGoRound),
            _ => Err(Answer::DirectUndetermined),
        }
    }

    /// How sure it is that a leg is weaker than the direct way; nothing: it is not.
    pub fn sure(&mut self, from: PlaceId, to: PlaceId) -> Option<Sure> {
        let found = self.outlook(from, to);
        let Ok(outlook) = &*found else { return None };
        let (mildest, strictest) = (outlook.joint.first()?, outlook.joint.last()?);
        if *mildest >= self.target {
            return None;
        }
        Some(match (self.spoken_for(from, outlook), *strictest < self.target) {
            (false, _) => Sure::Unknown,
            (true, true) => Sure::Open,
            (true, false) => Sure::Depends,
        })
    }

    /// A leg in full.
    pub fn leg(&mut self, from: PlaceId, to: PlaceId) -> Leg {
        let key = self.key(from, to);
        let mut leg = match self.shown.get(&key) {
            Some(known) => known.clone(),
            None => {
                let found = self.find(from, to);
                self.shown.insert(key, found.clone());
                found
            }
        };
        leg.from = self.code(from);
        leg.to = self.code(to);
        leg.no_law_of = leg.no_law_of.map(|_| self.code(from));
        leg
    }

    /// The direct way in full.
    pub fn direct(&mut self, from: PlaceId, to: PlaceId) -> Leg {
        Leg { sure: None, not_here: Vec::new(), ..self.find(from, to) }
    }

    fn code(&self, place: PlaceId) -> String {
        place.code(self.world).to_owned()
    }

    fn find(&mut self, from: PlaceId, to: PlaceId) -> Leg {
        let mut leg = Leg {
            from: self.code(from),
            to: self.code(to),
            outcome: Word(None),
            possible: Vec::new(),
            sure: self.sure(from, to),
            no_law_of: None,
            policies: Vec::new(),
            not_here: Vec::new(),
            missing: Vec::new(),
            presumed: Vec::new(),
            doubts: BTreeSet::new(),
        };
        let case = self.case(from, to);
        let found = self.outlook(from, to);
        let (Ok(outlook), Ok(decision)) = (&*found, self.engine.decide(&case, &Options::default())) else { return leg };
        leg.possible = outlook.joint.iter().rev().copied().collect();
        if self.spoken_for(from, outlook) || outlook.joint.first() == Some(&Outcome::Prohibited) {
            leg.outcome = decision.outcome;
        } else {
            leg.no_law_of = Some(self.code(from));
        }
        for p in answers(&decision) {
            self.policy(p, from, &mut leg);
        }
        leg.presumed.sort();
        leg.presumed.dedup();
        for (policy, rule) in &self.deciding {
            let why = answers(&decision).filter(|p| p.policy == *policy).find_map(|p| why_not_here(p, rule));
            if let Some((why, by)) = why {
                leg.not_here.push(NotHere { policy: policy.clone(), rule: rule.clone(), why, by });
            }
        }
        leg
    }

    fn policy(&self, p: &PolicyDecision, from: PlaceId, leg: &mut Leg) {
        let may_apply = p.outcome.0 != Some(Outcome::NotApplicable);
        if !may_apply {
            return;
        }
        let homes = self.world.policies.iter().zip(&self.homes);
        let at_home =
            homes.filter(|(w, _)| w.name == p.policy).any(|(_, h)| h.as_ref().is_some_and(|h| h.contains(&from)));
        let rules = p.decided_by.iter().map(|r| Rule {
            rule: r.rule.clone(),
            title: r.title.clone(),
            cite: r.cite.clone(),
            review: r.review.clone(),
        });
        leg.policies.push(Said {
            policy: p.policy.clone(),
            outcome: p.outcome.as_str(),
            at_home,
            rules: rules.collect(),
            under: p.under.clone(),
        });
        for m in &p.missing {
            if !leg.missing.contains(&m.fact) {
                leg.missing.push(m.fact.clone());
            }
        }
        let milder = p.presumed.iter().filter(|x| x.milder);
        leg.presumed.extend(milder.map(|x| Presumed { fact: x.fact.clone(), value: said(&x.value) }));
        leg.doubts.extend(p.warnings.iter().map(|w| format!("{}: {w}", p.policy)));
    }

    /// Has the plain interpreter decide a leg that is to be shown.
    ///
    /// Where it says otherwise, the leg is as open as both together leave it.
    pub fn replay(&mut self, from: PlaceId, to: PlaceId, leg: &mut Leg) {
        let found = self.outlook(from, to);
        let (Ok(engine), Ok(plain)) = (&*found, self.plain.outlook(&self.case(from, to), REPLAY)) else { return };
        let agreed = plain.joint == engine.joint || !plain.resolved && plain.joint.is_superset(&engine.joint);
        if !agreed {
            let both: BTreeSet<Outcome> = plain.joint.union(&engine.joint).copied().collect();
            leg.outcome = Word(None);
            leg.possible = both.into_iter().rev().collect();
            leg.sure = leg.sure.map(|s| s.max(Sure::Depends));
            self.resolved = false;
        }
    }

    /// The facts of the consignment in words, but for its day, start and end.
    pub fn facts(&self) -> Vec<(String, String)> {
        let date = self.world.fact_named("date");
        let transit = self.world.fact_named("transit");
        let all = self.base.facts.iter().chain(self.base.items.iter().flatten());
        let own = all.filter(|(f, _)| Some(**f) != date && Some(**f) != transit);
        let word = |(f, v): (&FactId, &Value)| {
            let fact = self.world.fact(*f);
            (fact.name.clone(), v.display(&fact.ty, self.world))
        };
        own.map(word).collect()
    }
}

fn said(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Bool(true) => "yes".to_owned(),
        serde_json::Value::Bool(false) => "no".to_owned(),
        serde_json::Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}

fn answers(decision: &Decision) -> impl Iterator<Item = &PolicyDecision> {
    decision.policies.iter().chain(decision.items.iter().flat_map(|i| &i.policies))
}

/// Why a rule does not decide here, and what defeats it.
fn why_not_here(p: &PolicyDecision, rule: &str) -> Option<(WhyNotHere, Option<String>)> {
    if p.decided_by.iter().any(|r| r.rule == rule) {
        return None;
    }
    if let Some(d) = p.defeated.iter().find(|d| d.rule == rule) {
        return Some((WhyNotHere::Defeated, Some(d.by.clone())));
    }
    Some(match p.outcome.0 {
        Some(Outcome::NotApplicable) => (WhyNotHere::OutOfReach, None),
        Some(_) => (WhyNotHere::NotMet, None),
        None => (WhyNotHere::Open, None),
    })
}
