//! One consignment being decided: what is known of it, and what is asked of its completions.

use std::collections::BTreeSet;

use crate::model::{PolicyId, RuleId, World};

use super::ask::{Asked, Certainty, Claims, Completions, Question, Scope, Setting, Solver};
use super::atom::Reader;
use super::decision::{Outcome, Word};
use super::env::{Env, Slot};
use super::logic::Kept;
use super::rules::Item;
use super::truth::Truth;
use super::verdict::Verdict;

/// A consignment, and all that the answer to a question about it needs.
pub(super) struct Desk<'s> {
    pub(super) setting: Setting<'s>,
    /// What is known: given and presumed.
    pub(super) env: &'s Env,
    kept: &'s Kept,
    completions: Box<dyn Completions + 's>,
    /// The answer, where it is settled for all completions.
    pub(super) settled: Option<&'s Verdict>,
    /// Set once any answer was only a bound.
    pub(super) overflow: bool,
    /// The policies, each on an item, of which something that their answers begin with was not settled.
    pub(super) unsettled: BTreeSet<(PolicyId, u32)>,
}

impl<'s> Desk<'s> {
    /// Opens a consignment.
    pub(super) fn new(
        setting: Setting<'s>,
        (env, kept): (&'s Env, &'s Kept),
        solver: &'s dyn Solver,
        settled: Option<&'s Verdict>,
    ) -> Self {
        let completions = solver.open(setting, env);
        Desk { setting, env, kept, completions, settled, overflow: false, unsettled: BTreeSet::new() }
    }

    /// The same, where answers of some policies are bounds from the start.
    pub(super) fn with_unsettled(self, unsettled: BTreeSet<(PolicyId, u32)>) -> Self {
        Desk { overflow: !unsettled.is_empty(), unsettled, ..self }
    }

    pub(super) fn world(&self) -> &'s World {
        self.setting.evaluator.world
    }

    pub(super) fn reader(&self) -> Reader<'s> {
        Reader { kept: Some(self.kept), ..self.setting.evaluator.reader(self.env) }
    }

    /// Calls `f` with one policy on one item, read in three truth values.
    pub(super) fn with<T>(&self, policy: PolicyId, item: u32, f: impl FnOnce(&Item<'_, Reader<'s>>) -> T) -> T {
        f(&self.setting.item(&self.reader(), policy, item))
    }

    /// Whether the claim that a rule asks for is raised, or none is asked for.
    pub(super) fn raised(&self, item: u32, rule: RuleId) -> bool {
        match self.setting.claims {
            Claims::Found(raised) => raised[item as usize][rule.index()],
            Claims::WhereSo => true,
        }
    }

    /// True if the law of a policy is encoded for the day.
    pub(super) fn is_known(&self, policy: PolicyId) -> bool {
        self.world().policies[policy.index()].known.contains(self.env.date)
    }

    /// The outcomes of some policies on some items over all completions.
    pub(super) fn outcomes(&mut self, scope: Scope<'_>) -> BTreeSet<Outcome> {
        let known: Vec<PolicyId> = scope.policies.iter().copied().filter(|p| self.is_known(*p)).collect();
        let mut found = match self.settled {
            Some(verdict) => {
                let within = verdict.within(Scope { policies: &known, ..scope });
                BTreeSet::from([within.map(|p| p.outcome).max().unwrap_or(Outcome::NotApplicable)])
            }
            None => self.completions.outcomes(Scope { policies: &known, ..scope }),
        };
        if known.len() < scope.policies.len() {
            // A policy whose law is not encoded for the day may say anything.
            let least = found.first().copied().unwrap_or(Outcome::NotApplicable);
            found.extend(Outcome::ALL.into_iter().filter(|o| *o >= least));
        }
        self.note_overflow();
        found
    }

    /// Whether it may proceed over all completions; `None` where they differ or nobody speaks.
    pub(super) fn may_proceed(&mut self, scope: Scope<'_>, outcomes: &BTreeSet<Outcome>) -> Option<bool> {
        if outcomes.contains(&Outcome::NotApplicable) && outcomes.len() == 1 {
            return None;
        }
        let known: Vec<PolicyId> = scope.policies.iter().copied().filter(|p| self.is_known(*p)).collect();
        let all_known = known.len() == scope.policies.len();
        let proceeds = self.certainty(&Asked::Proceeds(Scope { policies: &known, ..scope }));
        cleared(proceeds, outcomes).filter(|clear| all_known || !clear)
    }

    /// The outcomes, and whether all may proceed, of policies whose law is encoded, if one presumed fact were unknown.
    pub(super) fn without(&mut self, slot: Slot, scope: Scope<'_>) -> (BTreeSet<Outcome>, Option<bool>) {
        let (outcomes, proceeds) = self.completions.without(slot, scope);
        self.note_overflow();
        let silent = outcomes.contains(&Outcome::NotApplicable) && outcomes.len() == 1;
        let may = if silent { None } else { cleared(proceeds, &outcomes) };
        (outcomes, may)
    }

    /// Whether something is certain, possible or impossible over the completions.
    pub(super) fn certainty(&mut self, asked: &Asked<'_>) -> Certainty {
        if let Some(so) = self.settled.and_then(|v| v.says(asked, self.world())) {
            return if so { Certainty::Always } else { Certainty::Never };
        }
        match asked.answer(&self.reader(), &self.setting) {
            Truth::No => Certainty::Never,
            // Certain as long as any completion exists, which was found out at the start.
            Truth::Yes => Certainty::Always,
            Truth::Unknown(_) => {
                let found = self.completions.certainty(asked);
                self.note_overflow();
                found
            }
        }
    }

    /// Of some facts, those that can still change an answer; all of them where it took too much work.
    pub(super) fn mattering(&mut self, slots: &[Slot], question: &Question<'_>) -> Vec<Slot> {
        let completions = &mut self.completions;
        let found = slots.iter().copied().filter(|s| completions.matters(*s, question)).collect();
        self.note_overflow();
        found
    }

    /// Whether the answer to a fact leaves fewer outcomes, though with everything else equal it changes nothing.
    pub(super) fn narrows(&mut self, slot: Slot, scope: Scope<'_>) -> bool {
        let found = self.completions.narrows(slot, scope);
        self.note_overflow();
        found
    }

    fn note_overflow(&mut self) {
        self.overflow |= self.completions.overflowed();
    }
}

/// Whether it may proceed: a refusal stands whatever else is said; a clearance needs someone to speak.
fn cleared(proceeds: Certainty, outcomes: &BTreeSet<Outcome>) -> Option<bool> {
    match proceeds {
        Certainty::Never => Some(false),
        Certainty::Always if !outcomes.contains(&Outcome::NotApplicable) => Some(true),
        _ => None,
    }
}

pub(super) fn word(outcomes: &BTreeSet<Outcome>) -> Word {
    Word(if outcomes.len() == 1 { outcomes.first().copied() } else { None })
}
