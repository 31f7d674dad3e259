//! Rules that never apply, and rules that are always defeated.

use std::collections::BTreeSet;

use crate::engine::diagram::NO;
use crate::eval::ask::Asked;
use crate::model::{Date, RuleId};

use super::day::{Day, Example};
use super::{Because, Finding, NotAnalysed, Part, Question, Scene};

/// Whether a rule ever applies, and whether it ever stands.
pub(super) struct Stands {
    rule: RuleId,
    policy: crate::model::PolicyId,
    days: BTreeSet<Date>,
    applies: bool,
    stands: bool,
    because: Because,
    example: Option<Example>,
    by: BTreeSet<RuleId>,
    defeaters: Vec<RuleId>,
    open: Option<NotAnalysed>,
}

pub(super) fn questions(scene: &Scene<'_>) -> Vec<Stands> {
    let of = |(id, rule): (RuleId, &crate::model::Rule)| {
        let mut reach = scene.common();
        reach.rule(id, &scene.plain.defeaters);
        let mut days = reach.days(&scene.known());
        days.retain(|d| rule.in_force.on(*d));
        Stands {
            rule: id,
            policy: scene.policy,
            days,
            applies: false,
            stands: false,
            because: Because::NotInForce,
            example: None,
            by: BTreeSet::new(),
            defeaters: scene.plain.defeaters[id.index()].clone(),
            open: reach.date_compared.then_some(NotAnalysed::Date),
        }
    };
    scene.world.rules_of(scene.policy).map(of).collect()
}

impl Question for Stands {
    fn days(&self) -> &BTreeSet<Date> {
        &self.days
    }

    fn settled(&self) -> bool {
        self.stands || self.open == Some(NotAnalysed::TooLarge)
    }

    fn look(&mut self, day: &Day<'_>) {
        let only = [self.rule];
        let counts = Asked::AnyStands(self.policy, 0, &only);
        let asked = Asked::Met(self.policy, 0, self.rule);
        let met = day.asked(&asked);
        if day.possible(met) && day.ok() {
            self.applies = true;
            // Most rules stand for the first consignment that comes to hand; only for others is it asked of all.
            if day.example(met, &[counts]).is_some() {
                self.stands = true;
                return;
            }
            let stands = day.asked(&counts);
            if day.possible(stands) && day.ok() {
                self.stands = true;
                return;
            }
            for d in self.defeaters.clone() {
                let by = [d];
                let defeater = day.asked(&Asked::AnyStands(self.policy, 0, &by));
                let both = day.and(met, defeater);
                if !day.possible(both) || !day.ok() {
                    continue;
                }
                self.by.insert(d);
                if self.example.is_none() {
                    self.example = day.example(both, &[asked, Asked::AnyStands(self.policy, 0, &by)]);
                }
            }
            return;
        }
        let own = day.asked(&Asked::Own(self.policy, 0, self.rule));
        let applies = day.asked(&Asked::Applies(self.policy, 0));
        let both = day.and(own, applies);
        let because = match () {
            () if own == NO => Because::Own,
            () if !day.possible(own) => Because::Constraints,
            () if !day.possible(both) => Because::Policy,
            () => Because::Targets,
        };
        if day.ok() {
            self.because = self.because.max(because);
        }
    }

    fn give_up(&mut self, why: NotAnalysed) {
        self.open = Some(why);
    }
}

/// What was found of rules; parts of a condition that are never so are told with the rule that they keep from applying.
pub(super) fn findings(
    scene: &Scene<'_>,
    rules: Vec<Stands>,
    parts: Vec<(Option<RuleId>, Finding)>,
    out: &mut Vec<Finding>,
) {
    let mut never: Vec<RuleId> = Vec::new();
    for q in rules.into_iter().filter(|q| !q.stands) {
        let rule = scene.world.rule(q.rule);
        let not =
            |why| Finding::NotAnalysed { span: rule.span, what: format!("whether rule `{}` counts", rule.name), why };
        if let Some(why) = q.open {
            out.push(not(why));
        } else if !q.applies {
            never.push(q.rule);
            let own = |(holder, found): &(Option<RuleId>, Finding)| match found {
                Finding::Constant(part) if *holder == Some(q.rule) && !part.always => Some(part.clone()),
                _ => None,
            };
            let parts: Vec<Part> = parts.iter().filter_map(own).collect();
            out.push(Finding::NeverApplies { rule: q.rule, because: q.because, never: parts });
        } else {
            match q.example {
                Some(example) => {
                    out.push(Finding::AlwaysDefeated { rule: q.rule, by: q.by.into_iter().collect(), example })
                }
                None => out.push(not(NotAnalysed::NotShown)),
            }
        }
    }
    let told = |holder: &Option<RuleId>, found: &Finding| match found {
        Finding::Constant(part) => !part.always && holder.is_some_and(|r| never.contains(&r)),
        _ => false,
    };
    out.extend(parts.into_iter().filter(|(holder, found)| !told(holder, found)).map(|(_, found)| found));
}
