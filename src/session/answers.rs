//! What the bench answers about the consignment at hand: the decision, its reasons, and what would be if.

use crate::eval::decision::PolicyDecision;
use crate::eval::explain::Node;
use crate::model::{Cond, RuleKind};
use crate::report::{self, Line, Mark, Page, law, node_to};
use crate::syntax::tree::BenchLine;

use super::{Reply, Session, Trouble, broken, compare, question};

/// How deep reasons go unless the whole is asked for.
const SHORT: usize = 3;

impl Session {
    /// `:decide`
    pub(super) fn decided(&self) -> Reply {
        let decision = self.decide(&self.case()?, false)?;
        Ok(report::decision(self.policy()?, &decision))
    }

    /// `:why [RULE]`
    pub(super) fn why(&self, rule: &str) -> Reply {
        let policy = self.policy()?;
        let decision = self.decide(&self.case()?, true)?;
        let mut page = Page::default();
        if rule.is_empty() {
            for (item, p) in answers(&decision) {
                let item = item.map_or(String::new(), |i| format!("item {i}, "));
                let outcome = report::words(p.outcome.0).to_lowercase();
                page.put(Mark::Answer(p.outcome.0), format!("{item}{}: {outcome}", p.policy));
                p.why.iter().for_each(|n| node_to(policy, n, 1, SHORT, &mut page));
            }
            if answers(&decision).any(|(_, p)| p.why.iter().any(|n| deeper(n, SHORT))) {
                page.put(Mark::Small, "`:why RULE` gives the whole of one rule.");
            }
            return Ok(page.lines);
        }
        let found: Vec<&crate::model::Rule> = policy.world().rules.iter().filter(|r| r.name == rule).collect();
        if found.is_empty() {
            return Err(unknown_rule(policy, rule));
        }
        let mut shown = false;
        for (item, p) in answers(&decision) {
            for node in p.why.iter().filter(|n| is_about(n, rule)) {
                if let Some(i) = item {
                    page.put(Mark::Plain, format!("item {i}"));
                }
                node_to(policy, node, 1, usize::MAX, &mut page);
                shown = true;
            }
        }
        if shown {
            return Ok(page.lines);
        }
        self.why_not_rule(&found, &mut page)?;
        Ok(page.lines)
    }

    /// Why rules of a name do not apply: their days, what is not claimed, and their conditions, one by one.
    fn why_not_rule(&self, rules: &[&crate::model::Rule], page: &mut Page) -> Result<(), Trouble> {
        let (policy, case) = (self.policy()?, self.case()?);
        for rule in rules {
            let word = match rule.kind {
                RuleKind::Rule => "rule",
                RuleKind::Exception => "exception",
                RuleKind::Bar => "bar",
            };
            let line = format!("{word} {} \"{}\" does not apply [{}]", rule.name, rule.title, rule.cite);
            page.wrap(Mark::Heading, "", &line);
            if !rule.in_force.on(case.date) {
                page.wrap(
                    Mark::Plain,
                    "  - ",
                    &format!("it is in force {}, and the day is {}", rule.in_force, case.date),
                );
                continue;
            }
            if rule.kind != RuleKind::Rule {
                let names: Vec<&str> = rule.targets.iter().map(|t| policy.world().rule(*t).name.as_str()).collect();
                page.wrap(
                    Mark::Plain,
                    "  ",
                    &format!("It applies only where one of these does: {}.", names.join(", ")),
                );
            }
            let parts: Vec<&Cond> = match &rule.cond {
                Cond::All(list) => list.iter().collect(),
                one => vec![one],
            };
            let claimed = rule.claimed.iter().map(|c| ("claimed: ", c));
            for (lead, cond) in claimed.chain(parts.into_iter().map(|c| ("", c))) {
                for asked in question::ask(policy, &case, cond).map_err(|b| broken(&b))? {
                    let item = asked.item.map_or(String::new(), |i| format!("item {i}: "));
                    let sign = match asked.holds {
                        Some(true) => "  + ",
                        Some(false) => "  - ",
                        None => "  ? ",
                    };
                    let text = crate::model::display::cond(cond, policy.world());
                    let text = if text.len() > 200 { "its condition".to_owned() } else { text };
                    page.wrap(Mark::Plain, sign, &format!("{item}{lead}{text}"));
                    if asked.holds == Some(false) {
                        // A condition of one part has said itself already.
                        let said =
                            asked.why.iter().all(|n| n.text == crate::model::display::cond(cond, policy.world()));
                        let below =
                            asked.why.iter().flat_map(|n| if said { &n.children[..] } else { std::slice::from_ref(n) });
                        below.for_each(|n| node_to(policy, n, 2, 4, page));
                        let because = asked.why.iter().filter(|_| said).filter_map(|n| n.because.as_deref());
                        because.for_each(|b| page.wrap(Mark::Plain, "    ", b));
                    }
                    for m in &asked.hangs_on {
                        page.wrap(Mark::Plain, "    hangs on ", &format!("{}: {}", m.fact, m.ask));
                    }
                }
            }
        }
        Ok(())
    }

    /// `:what-if FACT = VALUE`
    pub(super) fn what_if(&self, text: &str) -> Reply {
        if text.is_empty() {
            return Err("say what would be otherwise, as `:what-if goods.adjustable = no`".into());
        }
        let BenchLine::Settings(settings) = self.parse(text)?.1 else {
            return Err("this sets no fact; say for example `:what-if goods.adjustable = no`".into());
        };
        let policy = self.policy()?;
        let mut next = self.draft.clone();
        let changes = next.set(policy.world(), &settings).map_err(|d| self.problems(text, vec![d]))?;
        let before = self.decide(&self.case()?, false)?;
        let case = next.case(policy).map_err(|p| Trouble::Problems(crate::source::Sources::new(), p))?;
        let after = self.decide(&case, false)?;
        let mut page = Page::default();
        page.lines.extend(super::facts::changed(&changes).into_iter().map(|l| Line { mark: Mark::Heading, ..l }));
        compare::decisions(("as it is", &before), ("if so", &after), &mut page);
        Ok(page.lines)
    }
}

/// Each policy's answer, with the item it is about where there are several.
pub fn answers(
    decision: &crate::eval::Decision,
) -> impl Iterator<Item = (Option<u32>, &PolicyDecision)> + Clone + use<'_> {
    let items = decision.items.iter().flat_map(|i| i.policies.iter().map(move |p| (Some(i.item), p)));
    decision.policies.iter().map(|p| (None, p)).chain(items)
}

fn deeper(node: &Node, depth: usize) -> bool {
    depth == 0 || node.children.iter().any(|c| deeper(c, depth - 1))
}

/// True if a step at the top is about a rule of that name.
fn is_about(node: &Node, rule: &str) -> bool {
    let mut words = node.text.split(' ');
    words.next().is_some_and(|kind| ["rule", "exception", "bar"].contains(&kind)) && words.next() == Some(rule)
}

fn unknown_rule(policy: &crate::policy::Policy, name: &str) -> Trouble {
    let near = crate::spelling::nearest(name, policy.world().rules.iter().map(|r| r.name.as_str()));
    let help = match near.or_else(|| law::nearest_name(policy, name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`:rules TEXT` looks for one".to_owned(),
    };
    Trouble::Text(format!("no rule is called `{name}`; {help}"))
}
