//! A decision as text that a customs clerk can read: 80 columns, plain, the answer first.
//!
//! Colour is left to the edge: a line starts with a [`Mark`] that the edge may paint.

pub mod compare;
pub mod diff;
pub mod interview;
pub mod law;
pub mod links;
pub mod markdown;
pub mod routes;
pub mod schema;

use std::collections::BTreeSet;

use textwrap::{WordSeparator, WordSplitter};

use crate::eval::decision::{Decision, Outcome, PolicyDecision};
use crate::eval::explain::{Node, Source};
use crate::model::date::parse_date;
use crate::model::{Category, Date, Otherwise, World};
use crate::policy::Policy;
use crate::testing;

/// How wide a line is.
const WIDTH: usize = 80;

/// What a line is, for who paints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The answer: go, stop or wait.
    Answer(Option<Outcome>),
    /// A heading.
    Heading,
    /// Ordinary text.
    Plain,
    /// Small print.
    Small,
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub mark: Mark,
    /// Its text, without a line end.
    pub text: String,
}

/// Lines being collected.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The lines so far.
    pub lines: Vec<Line>,
}

impl Page {
    /// Adds one line as it stands.
    pub fn put(&mut self, mark: Mark, text: impl Into<String>) {
        self.lines.push(Line { mark, text: text.into() });
    }

    /// Text wrapped, each line under the first.
    pub fn wrap(&mut self, mark: Mark, lead: &str, text: &str) {
        let indent = " ".repeat(lead.chars().count());
        let options = textwrap::Options::new(WIDTH).initial_indent(lead).subsequent_indent(&indent).break_words(false);
        // Dates, paths and codes stay whole.
        let options = options.word_separator(WordSeparator::AsciiSpace).word_splitter(WordSplitter::NoHyphenation);
        for line in textwrap::wrap(text, options) {
            self.put(mark, line.into_owned());
        }
    }

    /// A heading and entries below it; nothing where there are none.
    pub fn section(&mut self, title: &str, entries: &[String]) {
        if entries.is_empty() {
            return;
        }
        self.put(Mark::Heading, title);
        for entry in entries {
            self.wrap(Mark::Plain, "  - ", entry);
        }
    }
}

/// The words for an outcome.
pub fn words(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Prohibited) => "PROHIBITED",
        Some(Outcome::LicenceRequired) => "LICENCE REQUIRED",
        Some(Outcome::Permitted) => "PERMITTED",
        Some(Outcome::NotApplicable) => "NOT APPLICABLE",
        None => "UNDETERMINED",
    }
}

/// A decision as lines.
pub fn decision(policy: &Policy, decision: &Decision) -> Vec<Line> {
    let mut page = Page::default();
    let id = decision.id.as_deref().map_or(String::new(), |id| format!("{id}: "));
    let may = match decision.may_proceed {
        Some(true) => "may proceed",
        Some(false) => "may not proceed",
        None => "whether it may proceed is open",
    };
    let headline = format!("{id}{} - {may} (law of {})", words(decision.outcome.0), decision.as_of);
    page.put(Mark::Answer(decision.outcome.0), headline);
    if !decision.possible_outcomes.is_empty() {
        let list: Vec<String> = decision.possible_outcomes.iter().map(|o| words(Some(*o)).to_lowercase()).collect();
        page.wrap(Mark::Plain, "  ", &format!("Still possible: {}.", list.join(", ")));
    }
    for warning in &decision.warnings {
        page.wrap(Mark::Plain, "  ! ", warning);
    }
    let day = parse_date(&decision.as_of);
    for answer in &decision.policies {
        policy_lines(policy, answer, day, &mut page);
    }
    for item in &decision.items {
        page.put(Mark::Plain, "");
        page.put(Mark::Answer(item.outcome.0), format!("Item {}: {}", item.item, words(item.outcome.0)));
        for answer in &item.policies {
            policy_lines(policy, answer, day, &mut page);
        }
    }
    let all = decision.policies.iter().chain(decision.items.iter().flat_map(|i| &i.policies));
    ending(&mut page, all.map(|p| (p.policy.as_str(), p.known_to.clone())));
    page.lines
}

/// What every answer ends with: to which day the law of each policy is known, and that it is no advice.
fn ending<'p>(page: &mut Page, policies: impl Iterator<Item = (&'p str, Option<String>)>) {
    let known = policies.map(|(name, last)| match last {
        Some(day) => format!("{name} to {day}"),
        None => format!("{name} (no last day stated)"),
    });
    let known: BTreeSet<String> = known.collect();
    let known = if known.is_empty() { "nothing".to_owned() } else { known.into_iter().collect::<Vec<_>>().join(", ") };
    page.put(Mark::Plain, "");
    page.wrap(Mark::Small, "", &format!("Law known: {known}. This is not legal advice."));
}

/// Whether everything that an entry stands in is in force on a day.
pub fn parents_in_force(world: &World, category: &Category, day: Date) -> bool {
    let mut at = category.parent;
    while let Some(id) = at {
        let parent = world.category(id);
        if !parent.in_force.on(day) {
            return false;
        }
        at = parent.parent;
    }
    true
}

fn policy_lines(policy: &Policy, p: &PolicyDecision, day: Option<Date>, page: &mut Page) {
    let world = policy.world();
    let title = world.policies.iter().find(|w| w.name == p.policy).map_or("", |w| w.title.as_str());
    page.put(Mark::Plain, "");
    page.wrap(Mark::Heading, "", &format!("{title} ({}): {}", p.policy, words(p.outcome.0)));
    if p.outcome.0 == Some(Outcome::NotApplicable) {
        page.wrap(Mark::Plain, "  ", "It does not apply to this. That is no clearance by others.");
        return;
    }
    if let Some(under) = &p.under {
        let l = world.licences.iter().find(|l| l.name == *under);
        page.wrap(Mark::Plain, "  ", &format!("Under {}.", l.map_or(under.as_str(), |l| l.title.as_str())));
    }
    let category_title = |name: &str| {
        // An entry may have several versions; the one in force on the day is meant.
        let found = world.categories.iter().filter(|c| c.name == name && !c.unnamed);
        let found = found.filter(|c| day.is_none_or(|d| c.in_force.on(d) && parents_in_force(world, c, d)));
        found.filter_map(|c| c.title.as_deref()).next_back().map_or_else(|| name.to_owned(), |t| format!("{name}: {t}"))
    };
    let mut because: Vec<String> = Vec::new();
    for rule in &p.decided_by {
        let mut text = format!("{} ({})", rule.title, rule.cite);
        if let Some(reason) = &rule.reason {
            text.push_str(&format!(", reason {reason}"));
        }
        if let Some(review) = &rule.review {
            text.push_str(&format!("; applications: {review}"));
        }
        because.push(text);
    }
    if because.is_empty() && p.outcome.0.is_some() {
        let otherwise = world.policies.iter().find(|w| w.name == p.policy).map(|w| w.otherwise);
        let text = match (p.outcome.0, otherwise) {
            (Some(Outcome::Permitted), Some(Otherwise::Permit)) => {
                "no rule with an effect applies; what is not controlled is permitted"
            }
            (Some(Outcome::Prohibited), Some(Otherwise::Prohibit)) => {
                "no rule with an effect applies; what is not permitted is prohibited"
            }
            _ => "which rule decides is open, and each that may leads to this",
        };
        because.push(text.to_owned());
    }
    page.section("Because", &because);
    page.section("The goods are in", &p.categories.iter().map(|c| category_title(c)).collect::<Vec<_>>());
    // Two rules may ask for one licence in the same words.
    let requirements: indexmap::IndexSet<String> = p
        .requirements
        .iter()
        .map(|r| match &r.covered_by {
            Some(by) => format!("{}: covered by {by}", r.licence),
            None => {
                let mut said = Vec::new();
                if !r.failed.is_empty() {
                    said.push(format!("held, but it does not cover this: {}", r.failed.join(", ")));
                }
                if !r.unknown.is_empty() {
                    said.push(format!("held, but not said: {}", r.unknown.join(", ")));
                }
                let said = if said.is_empty() { "not held".to_owned() } else { said.join("; ") };
                format!("{}: {said}", r.licence)
            }
        })
        .collect();
    page.section("Licence required", &requirements.into_iter().collect::<Vec<_>>());
    let defeated: Vec<String> =
        p.defeated.iter().map(|d| format!("{} ({}) gives way to {}", d.rule, d.cite, d.by)).collect();
    page.section("Does not count", &defeated);
    let ask: Vec<String> = p
        .missing
        .iter()
        .map(|m| {
            let who = m.answered_by.as_deref().map_or(String::new(), |w| format!(" Asked of: {w}."));
            let which = m.item.map_or(String::new(), |i| format!(" (number {i})"));
            format!("{}{which} [{}]{who}", m.ask, m.fact)
        })
        .collect();
    short(page, "Still to be asked, the best question first", ask, 8);
    let excluded: Vec<String> = p
        .excluded
        .iter()
        .map(|e| match e.because.as_slice() {
            [] => category_title(&e.category),
            because => format!("{} - {}", category_title(&e.category), because.join("; ")),
        })
        .collect();
    if p.categories.is_empty() && p.outcome.0.is_some() {
        short(page, "Listed under this code, but not these goods", excluded, 6);
    }
    // Negative codes are warned of where they would hide listed goods.
    let not_documents: &[String] = if p.categories.is_empty() { &[] } else { &p.not_documents };
    let papers: Vec<String> = p
        .documents
        .iter()
        .map(|d| format!("declare {d}"))
        .chain(not_documents.iter().map(|d| format!("do not declare {d}")))
        .chain(
            p.duties
                .iter()
                .map(|d| format!("{}{}", d.duty, d.when.as_deref().map_or(String::new(), |w| format!(" ({w})")))),
        )
        .collect();
    page.section("Papers and duties", &papers);
    let presumed: Vec<String> = p
        .presumed
        .iter()
        .map(|x| {
            let value = match &x.value {
                serde_json::Value::Bool(true) => "yes".to_owned(),
                serde_json::Value::Bool(false) => "no".to_owned(),
                other => other.as_str().unwrap_or_default().to_owned(),
            };
            let ground = x.because.as_deref().map_or(String::new(), |b| format!(": {b}"));
            format!("{} is taken to be {value}{ground}", x.fact)
        })
        .collect();
    page.section("Presumed, since nothing is said", &presumed);
    short(page, "Near: a wrong code may hide these", p.near.iter().map(|n| category_title(&n.category)).collect(), 6);
    let claimable: Vec<String> =
        p.claimable.iter().map(|c| format!("{} ({}): show {}", c.rule, c.cite, c.facts.join(", "))).collect();
    page.section("Could be claimed", &claimable);
    let possible = p
        .possible
        .categories
        .iter()
        .map(|w| format!("{} - waits for {}", category_title(&w.name), w.waits_for.join(", ")));
    short(page, "Possibly in", possible.collect(), 6);
    page.section("Doubts", &p.warnings);
    if !p.resolved {
        page.wrap(Mark::Plain, "  ! ", "A limit was reached: what is possible is a bound, not an exact list.");
    }
    if !p.why.is_empty() {
        page.put(Mark::Heading, "Why");
        p.why.iter().for_each(|n| node(policy, n, 1, page));
    }
}

/// A section of which only the first few entries are shown.
fn short(page: &mut Page, title: &str, entries: Vec<String>, most: usize) {
    let more = entries.len().saturating_sub(most);
    let mut shown: Vec<String> = entries.into_iter().take(most).collect();
    if more > 0 {
        shown.push(format!("and {more} more (all of them with --format json)"));
    }
    page.section(title, &shown);
}

fn node(policy: &Policy, n: &Node, depth: usize, page: &mut Page) {
    node_to(policy, n, depth, usize::MAX, page);
}

/// A step of a reason and what is below it, down to a depth.
pub fn node_to(policy: &Policy, n: &Node, depth: usize, deepest: usize, page: &mut Page) {
    let sign = match n.truth {
        "yes" => "+",
        "no" => "-",
        _ => "?",
    };
    let because = n.because.as_deref().map_or(String::new(), |b| format!(" [{b}{}]", source(n)));
    let place = if depth == 1 { format!(" {}", policy.sources().place(n.span)) } else { String::new() };
    let lead = format!("{}{sign} ", "  ".repeat(depth.min(16)));
    page.wrap(Mark::Plain, &lead, &format!("{}{because}{place}", n.text));
    if depth < deepest {
        n.children.iter().for_each(|c| node_to(policy, c, depth + 1, deepest, page));
    }
}

/// A test that failed: what was expected, what came out, and why.
pub fn failure(policy: &Policy, outcome: &testing::Outcome) -> Vec<Line> {
    let mut page = Page::default();
    page.wrap(Mark::Heading, "FAILED ", &format!("{} ({})", outcome.name, outcome.policy));
    page.put(Mark::Small, format!("  {}", outcome.place));
    for d in &outcome.differences {
        page.wrap(Mark::Plain, "  expected: ", &d.expected);
        page.wrap(Mark::Plain, "  got:      ", &d.got);
    }
    if !outcome.why.is_empty() {
        page.put(Mark::Plain, "  why:");
        page.lines.extend(why(policy, &outcome.why));
    }
    page.put(Mark::Plain, "");
    page.lines
}

/// Where a fact comes from, where its value does not say so itself.
fn source(n: &Node) -> &'static str {
    match n.source {
        Some(Source::Given) => ", given",
        Some(Source::Derived) => ", derived",
        Some(Source::Presumed | Source::Unknown) | None => "",
    }
}

/// The reasons of a decision as lines, for a failed test.
pub fn why(policy: &Policy, nodes: &[Node]) -> Vec<Line> {
    let mut page = Page::default();
    nodes.iter().for_each(|n| node(policy, n, 1, &mut page));
    page.lines
}
