//! A condition asked of the consignment at hand: its value, what it rests on, or which facts it hangs on.
//!
//! It is decided as a law of one rule, by the interpreter that decides everything else: so what is unknown is treated as
//! exactly as in a decision, and `x or not x` is true.

use crate::engine::Engine;
use crate::eval::decision::{Missing, PolicyDecision, Presumed};
use crate::eval::explain::Node;
use crate::eval::{Broken, Evaluator, Options, Outcome};
use crate::model::{self, Case, Cond, Effect, Interval, Otherwise, PolicyId, Rule, RuleKind, World};

use crate::policy::Policy;
use crate::report::{Line, Mark, Page, node_to};

use super::draft;

/// What came out for one goods item.
pub struct Asked {
    /// The item, from 1, where there are several.
    pub item: Option<u32>,
    /// Whether it holds; nothing: it is unknown.
    pub holds: Option<bool>,
    /// Where it is unknown, the facts it hangs on, the best question first.
    pub hangs_on: Vec<Missing>,
    /// Presumptions that the answer leans on.
    pub presumed: Vec<Presumed>,
    /// What it rests on.
    pub why: Vec<Node>,
    /// False if a limit was reached.
    pub resolved: bool,
}

/// The name under which a condition is decided.
const NAME: &str = "the condition";

/// Asks a condition, once for each goods item.
///
/// # Errors
/// The facts at hand cannot all be so.
pub fn ask(policy: &Policy, case: &Case, cond: &Cond) -> Result<Vec<Asked>, Broken> {
    let options = Options { why: true, ..Options::default() };
    let decided = |cond: Cond| {
        let world = one_rule(policy.world(), cond);
        Evaluator::with(&world, Box::new(Engine)).decide(case, &options)
    };
    let yes = decided(cond.clone())?;
    let (mut out, mut against) = (Vec::new(), None);
    let several = !yes.items.is_empty();
    let all: Vec<&PolicyDecision> = yes.policies.iter().chain(yes.items.iter().flat_map(|i| &i.policies)).collect();
    for (i, p) in all.into_iter().enumerate() {
        let holds = p.outcome.0.map(|o| o == Outcome::Prohibited);
        let mut why: Vec<Node> = p.why.iter().flat_map(|n| n.children.clone()).collect();
        if holds == Some(false) {
            // The reasons for a no are those for a yes to the opposite.
            if against.is_none() {
                against = Some(decided(Cond::Not(Box::new(cond.clone())))?);
            }
            let no = against.iter().flat_map(|d| d.policies.iter().chain(d.items.iter().flat_map(|i| &i.policies)));
            let opposite = no.skip(i).take(1).flat_map(|p| p.why.iter().flat_map(|n| &n.children));
            why = opposite.flat_map(|not| not.children.clone()).collect();
        }
        out.push(Asked {
            item: several.then_some(i as u32 + 1),
            holds,
            hangs_on: p.missing.clone(),
            presumed: p.presumed.clone(),
            why,
            resolved: p.resolved,
        });
    }
    Ok(out)
}

/// The facts, lists and groups of a world, with one rule that prohibits where a condition holds.
fn one_rule(world: &World, cond: Cond) -> World {
    let span = crate::span::Span::default();
    let policy = model::Policy {
        name: NAME.to_owned(),
        title: String::new(),
        source: String::new(),
        span,
        applies: Cond::always(),
        known: Interval { from: None, to: None },
        otherwise: Otherwise::Permit,
        unmodelled: Vec::new(),
        doubt: None,
        digest: String::new(),
    };
    let rule = Rule {
        name: NAME.to_owned(),
        title: String::new(),
        kind: RuleKind::Rule,
        span,
        policy: PolicyId(0),
        cite: String::new(),
        cond,
        claimed: None,
        targets: Vec::new(),
        effect: Some(Effect::Prohibit),
        review: None,
        reason: None,
        duties: Vec::new(),
        documents: Vec::new(),
        in_force: crate::model::InForce::default(),
        doubt: None,
        note: None,
    };
    World {
        facts: world.facts.clone(),
        enums: world.enums.clone(),
        places: world.places.clone(),
        groups: world.groups.clone(),
        charts: world.charts.clone(),
        words: world.words.clone(),
        categories: world.categories.clone(),
        constraints: world.constraints.clone(),
        policies: vec![policy],
        links: Vec::new(),
        rules: vec![rule],
        licences: Vec::new(),
        tests: Vec::new(),
    }
}

/// The answers in words.
pub fn report(policy: &Policy, asked: &[Asked]) -> Vec<Line> {
    let mut page = Page::default();
    for a in asked {
        let lead = a.item.map_or(String::new(), |i| format!("item {i}: "));
        match a.holds {
            Some(holds) => page.put(Mark::Heading, format!("{lead}{}", if holds { "yes" } else { "no" })),
            None => {
                page.put(Mark::Heading, format!("{lead}unknown: it hangs on"));
                hangs_on(&a.hangs_on, &mut page);
            }
        }
        let deepest = if a.holds.is_some() { 4 } else { 3 };
        a.why.iter().for_each(|n| node_to(policy, n, 2, deepest, &mut page));
        presumed(&a.presumed, &mut page);
        if !a.resolved {
            page.wrap(Mark::Plain, "  ! ", "a limit was reached: the facts named are a bound, not an exact list");
        }
    }
    page.lines
}

/// Facts that something hangs on, with their questions.
pub fn hangs_on(missing: &[Missing], page: &mut Page) {
    for m in missing {
        let which = m.item.map_or(String::new(), |i| format!(" (number {i})"));
        page.wrap(Mark::Plain, "  - ", &format!("{}{which}: {}", m.fact, m.ask));
    }
}

/// Presumptions that an answer leans on.
pub fn presumed(all: &[Presumed], page: &mut Page) {
    for p in all {
        page.wrap(Mark::Small, "  presumed: ", &format!("{} is {}", p.fact, json_shown(&p.value)));
    }
}

/// A value of a decision, for people.
pub fn json_shown(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Bool(b) => if *b { "yes" } else { "no" }.to_owned(),
        serde_json::Value::String(s) => s.clone(),
        serde_json::Value::Array(all) => {
            draft::shown(&crate::consignment::one::Written::Many(all.iter().map(json_shown).collect()))
        }
        other => other.to_string(),
    }
}
