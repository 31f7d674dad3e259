//! `:whynot OUTCOME`: what would have to differ, in the words of the bench.
//!
//! The search is the library's, and each way was decided again before it is shown. Ways that change the same facts are
//! put on one line.

use crate::analyze::whynot::{Change, WhyNot, why_not};
use crate::eval::{Options, Outcome};
use crate::model::value::Type;
use crate::model::{Case, Level, PolicyId, World};
use crate::policy::Policy;
use crate::report::{Mark, Page, words};

use super::answers::answers;
use super::{Reply, Session};

/// How many ways are looked for.
const MOST: usize = 24;

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
        // Facts that clash have no other outcome: they are refused here, by name.
        let now = self.decide(&case, false)?;
        if answers(&now).any(|(item, _)| item.is_some()) && case.items.len() > 1 {
            let help = "open or set one item alone, and ask again";
            return Err(format!("this is answered for one goods item at a time; {help}").into());
        }
        let mut page = Page::default();
        let several = policy.world().policies.len() > 1;
        for (i, p) in policy.world().policies.iter().enumerate() {
            if several {
                page.wrap(Mark::Heading, "", &format!("{} ({})", p.title, p.name));
            }
            whynot_lines(policy, PolicyId(i as u32), &case, *wanted, &mut page);
        }
        Ok(page.lines)
    }
}

fn whynot_lines(policy: &Policy, id: PolicyId, case: &Case, wanted: Outcome, page: &mut Page) {
    let world = policy.world();
    let outcome = words(Some(wanted)).to_lowercase();
    let ways = match why_not(&policy.evaluator(), world, id, case, wanted, MOST) {
        WhyNot::Already => {
            page.put(Mark::Answer(Some(wanted)), format!("It is {outcome}."));
            return;
        }
        WhyNot::Never => {
            let text =
                format!("Nothing that differs makes it {outcome}, the day and the licences held being as they are.");
            page.wrap(Mark::Heading, "", &text);
            return;
        }
        WhyNot::NotShown => {
            let text = format!("What would make it {outcome} was not found within the limit on work.");
            page.wrap(Mark::Heading, "", &text);
            return;
        }
        WhyNot::Ways(ways) => ways,
    };
    page.wrap(Mark::Heading, "", &format!("It would be {outcome}, with the fewest changes, if"));
    let mut more = ways.len() == MOST;
    let mut needed: Vec<Vec<Change>> = Vec::new();
    for way in ways {
        let all = way.changes.len();
        let changes = needed_of(policy, id, case, wanted, way.changes);
        // The search counted more as a change than had to be, and may have passed over others.
        more |= changes.len() < all;
        if !needed.contains(&changes) {
            needed.push(changes);
        }
    }
    let fewest = needed.iter().map(Vec::len).min().unwrap_or_default();
    needed.retain(|changes| changes.len() == fewest);
    for (changes, values) in grouped(&needed) {
        page.wrap(Mark::Plain, "  - ", &way(world, &changes, &values));
    }
    page.put(Mark::Small, "A value stands for all that the law does not tell apart from it.");
    if more {
        page.put(Mark::Small, "There may be more ways of as many changes.");
    }
}

/// The changes without which the outcome would not be reached: each is left out in turn, and what is left decided.
fn needed_of(policy: &Policy, id: PolicyId, case: &Case, wanted: Outcome, mut changes: Vec<Change>) -> Vec<Change> {
    let (evaluator, name) = (policy.evaluator(), &policy.world().policies[id.index()].name);
    let reached = |changes: &[Change]| {
        let decided = evaluator.decide(&with(case, policy.world(), changes), &Options::default());
        decided.is_ok_and(|d| answers(&d).any(|(_, p)| p.policy == *name && p.outcome.0 == Some(wanted)))
    };
    let mut i = 0;
    while changes.len() > 1 && i < changes.len() {
        let mut fewer = changes.clone();
        fewer.remove(i);
        if reached(&fewer) {
            changes = fewer;
        } else {
            i += 1;
        }
    }
    changes
}

/// A consignment of one goods item with changes made to it.
fn with(case: &Case, world: &World, changes: &[Change]) -> Case {
    let mut out = case.clone();
    for change in changes {
        let map = match world.fact(change.fact).level {
            Level::Consignment => Some(&mut out.facts),
            Level::Goods => out.items.first_mut(),
            Level::Licence => out.licences.first_mut().map(|h| &mut h.fields),
        };
        if let Some(map) = map {
            map.insert(change.fact, change.to.clone());
        }
    }
    out
}

/// Ways that differ only in the value of their last change, as one with all those values.
fn grouped(ways: &[Vec<Change>]) -> Vec<(Vec<Change>, Vec<crate::model::Value>)> {
    let mut out: Vec<(Vec<Change>, Vec<crate::model::Value>)> = Vec::new();
    for changes in ways {
        let Some((last, first)) = changes.split_last() else { continue };
        let same = |(other, _): &&mut (Vec<Change>, Vec<_>)| {
            other.split_last().is_some_and(|(l, f)| l.fact == last.fact && f == first)
        };
        match out.iter_mut().find(same) {
            Some((_, values)) => values.push(last.to.clone()),
            None => out.push((changes.clone(), vec![last.to.clone()])),
        }
    }
    out
}

/// `goods.adjustable were no (not said) and …`
fn way(world: &World, changes: &[Change], last: &[crate::model::Value]) -> String {
    const FEW: usize = 6;
    let one = |(i, change): (usize, &Change)| {
        let fact = world.fact(change.fact);
        let to = std::slice::from_ref(&change.to);
        let all = if i + 1 == changes.len() { last } else { to };
        let mut values: Vec<String> = all.iter().take(FEW).map(|v| v.display(&fact.ty, world)).collect();
        if all.len() > FEW {
            values.push(format!("{} others", all.len() - FEW));
        }
        let now = match &change.from {
            Some(value) => format!("it is {}", value.display(&fact.ty, world)),
            None => "not said".to_owned(),
        };
        // What is neither of the goods nor of their way is about who takes part, papers or circumstances.
        let party = fact.level != Level::Goods && *fact.ty.element() != Type::Country && fact.name != "activity";
        let party = if party { "; [party]" } else { "" };
        format!("{} were {} ({now}{party})", fact.name, values.join(" or "))
    };
    changes.iter().enumerate().map(one).collect::<Vec<_>>().join(" and ")
}
