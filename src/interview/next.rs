//! The choice of the next question.

use std::collections::BTreeSet;

use crate::eval::decision::PolicyDecision;
use crate::eval::rank::{Worth, is_milder};
use crate::eval::{Decision, Options, Outcome};
use crate::model::{AtomKind, Case, Cond, Effect, FactId, Level, Rule, RuleKind, Value, World};

use super::question::{self, About, Question, Waiting};
use super::{Interview, Topic, is_open, values, values_mut};

/// How many presumptions are tried the other way round for one question. Past it they are left as they are, and the
/// answer stays open.
const REPLAYS: u32 = 200;

impl Interview<'_> {
    /// The question to be put next; none if no answer could change the decision.
    pub(super) fn find_next(&self) -> Option<Question> {
        let (Some(case), Some(decision)) = (&self.state.case, &self.state.decision) else {
            let fact = self.world().fact_named("date")?;
            return Some(self.question(About::Date, fact, 0, None, Vec::new()));
        };
        self.open(case, decision)
            .or_else(|| self.claim(case, decision))
            .or_else(|| self.presumption(decision))
            .or_else(|| self.contrary(case, decision))
            .or_else(|| self.licence(decision))
    }

    /// Of the facts that can still change the outcome, the most telling: of the first goods item that has any.
    fn open(&self, case: &Case, decision: &Decision) -> Option<Question> {
        if !is_open(decision) {
            return None;
        }
        let (item, topics) = answers(decision).find_map(|(item, policies)| {
            let mut topics = Vec::new();
            for policy in policies.iter().filter(|p| can_change(p, decision)) {
                for missing in &policy.missing {
                    let Some(fact) = self.world().fact_named(&missing.fact) else { continue };
                    let number = match self.world().fact(fact).level {
                        Level::Consignment => 0,
                        Level::Goods => item,
                        Level::Licence => missing.item.map_or(0, |n| n - 1),
                    };
                    let topic = Topic::Fact(fact, number);
                    if !self.state.closed.contains(&topic) && !topics.contains(&topic) {
                        topics.push(topic);
                    }
                }
            }
            (!topics.is_empty()).then_some((item, topics))
        })?;
        let Topic::Fact(fact, number) = self.rank(case, item, &topics)? else { return None };
        let why = self.evaluator.waiting_for(case, item).into_iter().filter(|w| w.facts.contains(&fact));
        let mut waiting: Vec<Waiting> = Vec::new();
        for w in why {
            let policy = self.world().policies[w.policy.index()].name.clone();
            let one = Waiting { policy, kind: w.kind, name: w.name, title: w.title, cite: w.cite };
            // An entry with several ways down waits once.
            if !waiting.contains(&one) {
                waiting.push(one);
            }
        }
        Some(self.question(About::Fact, fact, number, None, waiting))
    }

    /// The most telling of some facts: the one whose answers leave the fewest facts open on average; of equals the one
    /// that whoever has the goods can answer, then the first given, which is the first by `missing`.
    fn rank(&self, case: &Case, item: u32, topics: &[Topic]) -> Option<Topic> {
        let facts: Vec<FactId> =
            topics.iter().filter_map(|t| if let Topic::Fact(f, _) = t { Some(*f) } else { None }).collect();
        if let [only] = topics {
            return Some(*only);
        }
        let closed = self.state.closed.iter().filter_map(|t| match t {
            Topic::Fact(f, n) if *n == item || self.world().fact(*f).level == Level::Consignment => Some(*f),
            _ => None,
        });
        let closed: BTreeSet<FactId> = closed.collect();
        let worth = self.evaluator.rank(case, item, &facts, &closed);
        let others = |w: &Worth| self.world().fact(w.fact).answered_by.is_some();
        let best = (0..worth.len()).min_by(|a, b| {
            let (x, y) = (&worth[*a], &worth[*b]);
            x.compare(y).then(others(x).cmp(&others(y))).then(a.cmp(b))
        })?;
        topics.get(best).copied()
    }

    /// A claim that nobody raised and that would make the answer milder.
    fn claim(&self, case: &Case, decision: &Decision) -> Option<Question> {
        let world = self.world();
        for (item, policies) in answers(decision) {
            for policy in policies.iter().filter(|p| counts(p, decision)) {
                for claimable in &policy.claimable {
                    let of_policy = |r: &&Rule| world.policies[r.policy.index()].name == policy.policy;
                    let named = world.rules.iter().filter(of_policy).filter(|r| r.name == claimable.rule);
                    let Some(rule) = named.into_iter().find(|r| r.in_force.on(case.date)) else { continue };
                    if !helps(world, rule, policy) {
                        continue;
                    }
                    let mut facts = Vec::new();
                    rule.claimed.iter().for_each(|c| read_by(world, c, &mut facts));
                    let open = facts.into_iter().find(|f| {
                        let number = if world.fact(*f).level == Level::Goods { item } else { 0 };
                        let given = values(case, world, *f, number).is_some_and(|v| v.contains_key(f));
                        !given && !self.state.closed.contains(&Topic::Fact(*f, number))
                    });
                    let Some(fact) = open else { continue };
                    let number = if world.fact(fact).level == Level::Goods { item } else { 0 };
                    let why = Waiting {
                        policy: policy.policy.clone(),
                        kind: "rule",
                        name: rule.name.clone(),
                        title: rule.title.clone(),
                        cite: Some(rule.cite.clone()),
                    };
                    return Some(self.question(About::Claim, fact, number, None, vec![why]));
                }
            }
        }
        None
    }

    /// A presumption that the answer leans on and that nobody was asked about.
    fn presumption(&self, decision: &Decision) -> Option<Question> {
        for (item, policies) in answers(decision) {
            for presumed in policies.iter().filter(|p| counts(p, decision)).flat_map(|p| &p.presumed) {
                let Some(fact) = self.world().fact_named(&presumed.fact) else { continue };
                let number = if self.world().fact(fact).level == Level::Goods { item } else { 0 };
                if self.state.closed.contains(&Topic::Fact(fact, number)) {
                    continue;
                }
                return Some(self.presumed(fact, number));
            }
        }
        None
    }

    /// A presumption that an open answer does not lean on, since what it excludes is possible anyhow, but which would
    /// settle the answer were it otherwise.
    fn contrary(&self, case: &Case, decision: &Decision) -> Option<Question> {
        if !is_open(decision) {
            return None;
        }
        let world = self.world();
        let mut left = REPLAYS;
        for (item, policies) in answers(decision) {
            if !policies.iter().any(|p| can_change(p, decision)) {
                continue;
            }
            for (id, fact) in world.facts.iter().enumerate().filter(|(_, f)| f.presumed.is_some()) {
                let (id, goods) = (FactId(id as u32), fact.level == Level::Goods);
                let number = if goods { item } else { 0 };
                let asked = self.state.closed.contains(&Topic::Fact(id, number));
                let given = values(case, world, id, number).is_none_or(|v| v.contains_key(&id));
                if asked || given || fact.level == Level::Licence || item > 0 && !goods {
                    continue;
                }
                if left == 0 {
                    return None;
                }
                left -= 1;
                let changes = |value: Value| {
                    let mut tried = case.clone();
                    values_mut(&mut tried, world, id, number).map(|v| v.insert(id, value));
                    let found = self.evaluator.decide(&tried, &Options::default());
                    found.is_ok_and(|d| (d.outcome, d.may_proceed) != (decision.outcome, decision.may_proceed))
                };
                if self.evaluator.values_of(case, id, number).into_iter().any(changes) {
                    return Some(self.presumed(id, number));
                }
            }
        }
        None
    }

    /// A question about what is presumed.
    fn presumed(&self, fact: FactId, number: u32) -> Question {
        let found = self.world().fact(fact);
        let said = found.presumed.as_ref().map(|p| {
            let ground = p.because.as_deref().map_or(String::new(), |b| format!(": {b}"));
            format!("{}{ground}", p.value.display(&found.ty, self.world()))
        });
        self.question(About::Presumption, fact, number, said, Vec::new())
    }

    /// Which licences are held, where one is required or may be.
    fn licence(&self, decision: &Decision) -> Option<Question> {
        let world = self.world();
        let hopeless = decision.outcome.0 == Some(Outcome::Prohibited) || decision.may_proceed == Some(true);
        if hopeless || self.state.closed.contains(&Topic::Licences) {
            return None;
        }
        let (mut wanted, mut why) = (BTreeSet::new(), Vec::new());
        for policy in answers(decision).flat_map(|(_, p)| p) {
            let open = policy.requirements.iter().filter(|r| r.covered_by.is_none()).map(|r| r.rule.as_str());
            let possible = policy
                .possible
                .requirements
                .iter()
                .filter_map(|w| w.name.split_once(" (").map(|(_, rule)| rule.trim_end_matches(')')));
            for rule in open.chain(possible) {
                let of_policy = |r: &&Rule| world.policies[r.policy.index()].name == policy.policy && r.name == rule;
                for found in world.rules.iter().filter(of_policy) {
                    let Some(Effect::Require(groups)) = &found.effect else { continue };
                    wanted.extend(groups.iter().flatten().map(|l| world.licence(*l).name.clone()));
                    let entry = Waiting {
                        policy: policy.policy.clone(),
                        kind: "rule",
                        name: found.name.clone(),
                        title: found.title.clone(),
                        cite: Some(found.cite.clone()),
                    };
                    if !why.contains(&entry) {
                        why.push(entry);
                    }
                }
            }
        }
        if wanted.is_empty() {
            return None;
        }
        let values: Vec<String> = std::iter::once("none".to_owned()).chain(wanted).collect();
        Some(Question {
            about: About::Licence,
            name: "licences".to_owned(),
            topic: Topic::Licences,
            item: None,
            ask: if self.held() == 0 {
                "Which licence is held, if any?"
            } else {
                "Which other licence is held, if any?"
            }
            .to_owned(),
            expects: format!("one of {}", values.join(", ")),
            ty: "licence".to_owned(),
            list: false,
            values,
            units: Vec::new(),
            answered_by: None,
            given: None,
            presumed: None,
            possible: self.possible(),
            why,
        })
    }

    fn question(
        &self,
        about: About,
        fact: FactId,
        number: u32,
        presumed: Option<String>,
        why: Vec<Waiting>,
    ) -> Question {
        let world = self.world();
        let found = world.fact(fact);
        let topic = Topic::Fact(fact, number);
        let given = self.state.case.as_ref().and_then(|c| values(c, world, fact, number)).and_then(|v| v.get(&fact));
        let within = if let Some(Value::Choice(v)) = given { Some(*v) } else { None };
        let several = match found.level {
            Level::Consignment => false,
            Level::Goods => self.items() > 1,
            Level::Licence => self.held() > 1,
        };
        Question {
            about,
            name: self.name_of(topic),
            topic,
            item: several.then_some(number + 1),
            ask: found.question(),
            expects: found.ty.expects(world),
            ty: question::type_name(&found.ty),
            list: matches!(found.ty, crate::model::Type::Set(_)),
            values: question::values_of(&found.ty, within, world),
            units: question::units_of(&found.ty),
            answered_by: found.answered_by.clone(),
            given: given.map(|v| v.display(&found.ty, world)),
            presumed,
            possible: self.possible(),
            why,
        }
    }

    fn possible(&self) -> Vec<Outcome> {
        match &self.state.decision {
            None => Outcome::ALL.into_iter().rev().collect(),
            Some(d) => d.outcome.0.map_or_else(|| d.possible_outcomes.clone(), |o| vec![o]),
        }
    }
}

/// The answers of the policies, item by item, with the number of the item from 0.
fn answers(decision: &Decision) -> impl Iterator<Item = (u32, &Vec<PolicyDecision>)> {
    let one = (!decision.policies.is_empty()).then_some((0, &decision.policies));
    one.into_iter().chain(decision.items.iter().map(|i| (i.item - 1, &i.policies)))
}

/// Whether more known of one policy can still change what all together say, which is open.
fn can_change(policy: &PolicyDecision, decision: &Decision) -> bool {
    let least = decision.possible_outcomes.iter().min().copied().or(decision.outcome.0);
    let most = policy.possible.outcomes.iter().max().copied().or(policy.outcome.0);
    let outcome = decision.outcome.0.is_none() && most > least;
    outcome || decision.may_proceed.is_none() && policy.may_proceed.is_none()
}

/// Whether the answer of one policy bears on that of all together: beside a prohibition no other does.
fn counts(policy: &PolicyDecision, decision: &Decision) -> bool {
    decision.outcome.0 != Some(Outcome::Prohibited) || policy.outcome.0 == Some(Outcome::Prohibited)
}

/// Whether an exception that somebody could raise would make the answer milder.
fn helps(world: &World, rule: &Rule, policy: &PolicyDecision) -> bool {
    let decides = |name: &str| match policy.outcome.0 {
        Some(_) => policy.decided_by.is_empty() || policy.decided_by.iter().any(|d| d.rule == name),
        None => true,
    };
    let strictest = policy.outcome.0.or(policy.possible.outcomes.iter().max().copied());
    let milder = strictest.is_some_and(|o| is_milder(rule.effect.as_ref(), o));
    rule.kind == RuleKind::Exception && milder && rule.targets.iter().any(|t| decides(&world.rule(*t).name))
}

/// The facts that a condition reads, in the order in which it reads them; named conditions are followed.
fn read_by(world: &World, cond: &Cond, out: &mut Vec<FactId>) {
    let mut means = Vec::new();
    cond.atoms(&mut |atom, _| match &atom.kind {
        AtomKind::Fact(f, _) | AtomKind::Elements { fact: f, .. } | AtomKind::Empty(f) | AtomKind::Includes(f) => {
            out.push(*f)
        }
        AtomKind::Facts(a, _, b) => out.extend([*a, *b]),
        AtomKind::Means(f) => means.push(*f),
        AtomKind::In(_) | AtomKind::CodedUnder(_) => {}
    });
    for fact in means {
        world.fact(fact).means.iter().for_each(|(_, c)| read_by(world, c, out));
    }
}
