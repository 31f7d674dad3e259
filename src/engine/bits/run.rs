//! Deciding: from the classes of a goods item to what holds, what stands and what follows.

use crate::eval::Outcome;
use crate::model::{CategoryId, Otherwise, PolicyId, RuleId};

use super::column::{Says3, UNKNOWN};
use super::edition::Edition;
use super::norm::{Literal, Product, StepId};
use super::reading::{Reading, Source};
use super::row::BITS;
use super::scope::Scope;

/// It may hold.
const MAY: u8 = 1;
/// It certainly holds, and so may.
const MUST: u8 = 3;

/// So many products are looked at one by one: reading more columns to leave fewer of them does not pay.
const FEW: u32 = 3;

/// Room to decide in, for one thread and the law of some days.
#[derive(Debug, Default)]
pub struct Room {
    /// What is known of each step.
    steps: Vec<u8>,
    touched: Vec<StepId>,
    pending: Vec<Vec<u32>>,
    /// Rules whose own condition may hold: place in the order, number, and how sure it is.
    own: Vec<(u32, u32)>,
    applies: Vec<u8>,
    stands: Vec<u8>,
}

/// What the rules of one policy come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// The outcome.
    pub outcome: Outcome,
    /// Whether it may proceed, no licence being held.
    pub may_proceed: Option<bool>,
}

impl Room {
    /// Room for the law of some days.
    pub fn new(edition: &Edition<'_>) -> Room {
        let rules = edition.provisions.len();
        Room {
            steps: vec![0; edition.steps.len()],
            pending: vec![Vec::new(); edition.stages],
            applies: vec![0; rules],
            stands: vec![0; rules],
            ..Room::default()
        }
    }

    /// Finds out what holds of a goods item, as far as it is in scope.
    pub fn run<S: Source>(&mut self, facts: &mut Reading<'_, '_, S>, scope: &Scope) {
        let e = facts.e;
        for step in self.touched.drain(..) {
            self.steps[step as usize] = 0;
        }
        for (_, rule) in self.own.drain(..) {
            self.applies[rule as usize] = 0;
            self.stands[rule as usize] = 0;
        }
        for step in &e.always {
            self.mark(e, scope, *step, MUST);
        }
        for (group, words) in scope.words.iter().enumerate() {
            let mut any = *words;
            for column in &scope.first {
                if any == 0 {
                    break;
                }
                let class = facts.known(*column);
                any &= facts.seen[usize::from(*column)].row(class).summary(group);
            }
            while any != 0 {
                let w = group * BITS + any.trailing_zeros() as usize;
                any &= any - 1;
                self.word(facts, scope, w);
            }
        }
        for stage in 1..e.stages {
            let mut waiting = std::mem::take(&mut self.pending[stage]);
            for p in waiting.drain(..) {
                self.settle(facts, scope, &e.products[p as usize]);
            }
            self.pending[stage] = waiting;
        }
        self.rules(facts);
    }

    #[inline]
    fn word<S: Source>(&mut self, facts: &mut Reading<'_, '_, S>, scope: &Scope, w: usize) {
        let e = facts.e;
        let mut bits = scope.products[w];
        let few = |bits: u64| bits.count_ones() <= FEW;
        for column in scope.first.iter().chain(&scope.reads[w]) {
            if few(bits) {
                break;
            }
            let class = facts.known(*column);
            if class != UNKNOWN {
                bits &= facts.seen[usize::from(*column)].row(class).word(w);
            }
        }
        while bits != 0 {
            let p = w * BITS + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            let product = &e.products[p];
            if product.stage == 0 {
                self.settle(facts, scope, product);
            } else {
                self.pending[product.stage as usize].push(p as u32);
            }
        }
    }

    /// Whether a product holds, or may.
    fn settle<S: Source>(&mut self, facts: &mut Reading<'_, '_, S>, scope: &Scope, product: &Product) {
        if self.steps[product.step as usize] == MUST {
            return;
        }
        let mut sure = MUST;
        for literal in &product.literals {
            match *literal {
                Literal::Test(column, test, not) => {
                    let class = facts.known(column);
                    match facts.says(column, class, test) {
                        Says3::Open => sure = MAY,
                        Says3::Yes if not => return,
                        Says3::No if !not => return,
                        _ => {}
                    }
                }
                Literal::Step(step, not) => match (self.steps[step as usize], not) {
                    (MUST, true) | (0, false) => return,
                    (MAY, _) => sure = MAY,
                    _ => {}
                },
            }
        }
        self.mark(facts.e, scope, product.step, sure);
    }

    fn mark(&mut self, e: &Edition<'_>, scope: &Scope, step: StepId, sure: u8) {
        let before = self.steps[step as usize];
        let now = before | sure;
        if before == now {
            return;
        }
        self.steps[step as usize] = now;
        let of = &e.steps[step as usize];
        if before == 0 {
            self.touched.push(step);
            for p in &of.anchored {
                let product = &e.products[*p as usize];
                if scope.has(product.step) {
                    self.pending[product.stage as usize].push(*p);
                }
            }
        }
        for outer in &of.within {
            self.mark(e, scope, *outer, now);
        }
    }

    /// Which rules apply and which stand.
    fn rules<S: Source>(&mut self, facts: &mut Reading<'_, '_, S>) {
        let e = facts.e;
        for step in &self.touched {
            let Some(rule) = e.steps[*step as usize].rule else { continue };
            let provision = &e.provisions[rule.index()];
            // Who relies on it must have shown its ground: what is presumed, or left open, raises nothing.
            let raised = provision.claimed.as_ref().is_none_or(|c| facts.read(c, false) == Says3::Yes);
            if raised {
                self.own.push((provision.order, rule.0));
                self.applies[rule.index()] = self.steps[*step as usize];
            }
        }
        if self.own.len() > 1 {
            self.own.sort_unstable();
        }
        for (_, rule) in &self.own {
            let provision = &e.provisions[*rule as usize];
            if provision.exception {
                let any = provision.targets.iter().fold(0, |t, x| t | self.applies[x.index()]);
                self.applies[*rule as usize] &= any;
            }
        }
        for (_, rule) in self.own.iter().rev() {
            let mut stands = self.applies[*rule as usize];
            for d in &e.provisions[*rule as usize].defeaters {
                stands &= match self.stands[d.index()] {
                    MUST => 0,
                    MAY => MAY,
                    _ => MUST,
                };
            }
            self.stands[*rule as usize] = stands;
        }
    }

    /// What a policy comes to; none where that is not settled.
    pub fn sum(&self, e: &Edition<'_>, policy: PolicyId) -> Option<Sum> {
        let instrument = e.instruments.get(policy.index()).filter(|i| i.known)?;
        match self.steps[instrument.applies as usize] {
            MUST => {}
            0 => return Some(Sum { outcome: Outcome::NotApplicable, may_proceed: None }),
            _ => return None,
        }
        let (mut strictest, mut refused) = (None, false);
        for (_, rule) in &self.own {
            let of = &e.provisions[*rule as usize];
            if of.policy != policy {
                continue;
            }
            match self.stands[*rule as usize] {
                0 => continue,
                MUST => {}
                _ => return None,
            }
            if let Some(outcome) = of.outcome {
                strictest = strictest.max(Some(outcome));
                refused |= outcome > Outcome::Permitted;
            }
        }
        let otherwise = e.world.policies[policy.index()].otherwise;
        let outcome = strictest.unwrap_or(match otherwise {
            Otherwise::Permit => Outcome::Permitted,
            Otherwise::Prohibit => Outcome::Prohibited,
        });
        refused |= strictest.is_none() && otherwise == Otherwise::Prohibit;
        Some(Sum { outcome, may_proceed: Some(!refused) })
    }

    /// The entries of a policy that the goods are in, in their order; none where that is not settled.
    pub fn entries(&self, e: &Edition<'_>, policy: PolicyId, out: &mut Vec<CategoryId>) -> Option<()> {
        for step in &self.touched {
            if let Some(entry) = e.steps[*step as usize].entry
                && e.world.category(entry).policy == Some(policy)
            {
                if self.steps[*step as usize] != MUST {
                    return None;
                }
                out.push(entry);
            }
        }
        if out.len() > 1 {
            out.sort_unstable();
        }
        Some(())
    }

    /// The rules of a policy that stand, and those that are defeated, in their order.
    pub fn standing(
        &self,
        e: &Edition<'_>,
        policy: PolicyId,
        stands: &mut Vec<RuleId>,
        defeated: &mut Vec<(RuleId, RuleId)>,
    ) {
        for (_, rule) in &self.own {
            if e.provisions[*rule as usize].policy != policy {
                continue;
            }
            if self.stands[*rule as usize] == MUST {
                stands.push(RuleId(*rule));
            } else if self.applies[*rule as usize] == MUST {
                let by = e.provisions[*rule as usize].defeaters.iter().find(|d| self.stands[d.index()] == MUST);
                defeated.extend(by.map(|d| (RuleId(*rule), *d)));
            }
        }
        if stands.len() > 1 {
            stands.sort_unstable();
        }
        if defeated.len() > 1 {
            defeated.sort_unstable();
        }
    }
}
