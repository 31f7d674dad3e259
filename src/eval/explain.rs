//! Reasons as a tree: from the outcome to rules, conditions, and the facts they end in.

use serde::Serialize;

use crate::model::{Atom, AtomKind, CategoryId, Cond, FactId, LicenceId, RuleId, RuleKind, display};
use crate::span::Span;

use super::atom::{Reader, Whose};
use super::category;
use super::decision::{Outcome, PolicyDecision};
use super::env::{Origin, Slot};
use super::rules::Item;
use super::truth::Truth;

/// What kind of step it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A rule, an exception or a bar.
    Rule,
    /// The rules that an exception or a bar defeats.
    Defeats,
    /// What holds where no rule speaks.
    Otherwise,
    /// An entry of a control list.
    Entry,
    /// A condition made of others.
    Condition,
    /// The opposite of what stands below.
    Not,
    /// What is known of a fact, and what follows.
    Fact,
    /// The declared code, and whether it is the entry's.
    Code,
}

/// Where the value of a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The consignment says so.
    Given,
    /// It is presumed.
    Presumed,
    /// It follows from other facts, or was worked out from them before.
    Derived,
    /// Nobody says.
    Unknown,
}

/// One step of a reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// What kind of step it is.
    pub kind: Kind,
    /// What is said.
    pub text: String,
    /// `yes`, `no` or `unknown`.
    pub truth: &'static str,
    /// What it rests on: a citation, a value given or presumed, an interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Where the fact comes from, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Where it stands in the law as encoded; a presenter turns it into file and line.
    #[serde(skip)]
    pub span: Span,
    /// The steps below.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Node>,
}

impl Node {
    fn new(kind: Kind, text: String, truth: Truth, span: Span) -> Node {
        Node { kind, text, truth: word(truth), because: None, source: None, span, children: Vec::new() }
    }
}

fn word(t: Truth) -> &'static str {
    match t {
        Truth::Yes => "yes",
        Truth::No => "no",
        Truth::Unknown(_) => "unknown",
    }
}

/// The reasons of one policy: the rules that decide or are defeated, then those that may yet decide.
pub fn policy(i: &Item<'_, Reader<'_>>, decided: &PolicyDecision) -> Vec<Node> {
    let world = i.logic.world;
    let mut out = Vec::new();
    for id in i.rules() {
        let rule = world.rule(id);
        let stands = i.stands(id);
        let applies = i.applies(id);
        let shown = applies == Truth::Yes || stands.may();
        if !shown {
            continue;
        }
        let kind = match rule.kind {
            RuleKind::Rule => "rule",
            RuleKind::Exception => "exception",
            RuleKind::Bar => "bar",
        };
        let mut children = Vec::new();
        if rule.kind != RuleKind::Rule {
            let names: Vec<&str> = rule.targets.iter().map(|t| world.rule(*t).name.as_str()).collect();
            let text = format!("defeats {}", names.join(", "));
            children.push(Node::new(Kind::Defeats, text, applies, rule.span));
        }
        if let Some(claimed) = &rule.claimed {
            let mut node = condition(i, claimed);
            node.text = format!("claimed: {}", node.text);
            children.push(node);
        }
        children.extend(parts(i, &rule.cond));
        let defeated = decided.defeated.iter().find(|d| d.rule == rule.name).map(|d| d.by.clone());
        let state = match (applies, stands, &defeated) {
            (_, _, Some(by)) => format!("applies, and is defeated by {by}"),
            (Truth::Yes, Truth::Yes, _) => "applies".to_owned(),
            (Truth::Yes, _, _) => "applies, and may be defeated".to_owned(),
            _ => "may apply".to_owned(),
        };
        let days = if rule.in_force.0.is_empty() { String::new() } else { format!(", in force {}", rule.in_force) };
        let text = format!("{kind} {} \"{}\" {state}", rule.name, rule.title);
        let because = Some(format!("{}{days}", rule.cite));
        out.push(Node { because, children, ..Node::new(Kind::Rule, text, stands, rule.span) });
    }
    let speaks = decided.outcome.0.is_some_and(|o| o != Outcome::NotApplicable);
    if out.is_empty() || speaks && decided.decided_by.is_empty() && !i.rules().any(|r| effective(i, r)) {
        let policy = &world.policies[i.policy.index()];
        let text =
            format!("no rule of {} with an effect applies; otherwise {}", decided.policy, decided.outcome.as_str());
        // Why the goods are not listed: the entries that list their code, and what keeps the goods out of each.
        let excluded = decided.excluded.iter().map(|e| {
            let because = (!e.because.is_empty()).then(|| e.because.join("; "));
            Node { because, ..Node::new(Kind::Entry, e.category.clone(), Truth::No, policy.span) }
        });
        let (because, children) = (Some(policy.source.clone()), excluded.collect());
        out.insert(0, Node { because, children, ..Node::new(Kind::Otherwise, text, Truth::Yes, policy.span) });
    }
    out
}

/// Whether a rule that has an effect stands, or may.
fn effective(i: &Item<'_, Reader<'_>>, id: RuleId) -> bool {
    i.logic.world.rule(id).effect.is_some() && i.stands(id).may()
}

fn parts(i: &Item<'_, Reader<'_>>, cond: &Cond) -> Vec<Node> {
    match cond {
        Cond::All(list) => list.iter().map(|c| condition(i, c)).collect(),
        other => vec![condition(i, other)],
    }
}

fn condition(i: &Item<'_, Reader<'_>>, cond: &Cond) -> Node {
    let whose = Whose::item(i.item);
    let truth = i.logic.cond(cond, whose);
    let text = display::cond(cond, i.logic.world);
    match cond {
        Cond::Atom(a) => atom(i, a, truth),
        Cond::All(list) | Cond::Any(list) => {
            let word_of = if matches!(cond, Cond::All(_)) { "all of" } else { "any of" };
            let text = if text.len() > 100 { format!("{word_of} these") } else { text };
            // Of a condition that is settled, the parts that settle it; of an open one, all.
            let settled = |n: &Node| match (truth, cond) {
                (Truth::Yes, Cond::Any(_)) => n.truth == "yes",
                (Truth::No, Cond::All(_)) => n.truth == "no",
                _ => true,
            };
            let children = list.iter().map(|c| condition(i, c)).filter(settled).collect();
            Node { children, ..Node::new(Kind::Condition, text, truth, Span::default()) }
        }
        Cond::Not(inner) => {
            let below = condition(i, inner);
            Node { children: vec![below.clone()], ..Node::new(Kind::Not, text, truth, below.span) }
        }
    }
}

fn atom(i: &Item<'_, Reader<'_>>, a: &Atom, truth: Truth) -> Node {
    let world = i.logic.world;
    let whose = Whose::item(i.item);
    let mut node = Node::new(Kind::Condition, display::atom(a, world), truth, a.span);
    match &a.kind {
        AtomKind::Fact(f, _) | AtomKind::Elements { fact: f, .. } | AtomKind::Empty(f) | AtomKind::Includes(f) => {
            let (said, source) = value(i, *f, i.logic.slot(*f, whose));
            (node.kind, node.because, node.source) = (Kind::Fact, Some(said), Some(source));
        }
        AtomKind::Facts(x, _, y) => {
            let (a, from) = value(i, *x, i.logic.slot(*x, whose));
            let (b, other) = value(i, *y, i.logic.slot(*y, whose));
            // Of two facts, the weaker ground.
            let source =
                [Source::Unknown, Source::Presumed, Source::Derived].into_iter().find(|s| [from, other].contains(s));
            (node.kind, node.because) = (Kind::Fact, Some(format!("{a}; {b}")));
            node.source = Some(source.unwrap_or(Source::Given));
        }
        AtomKind::Means(f) => {
            let version = world.fact(*f).means.iter().find(|(days, _)| days.on(i.logic.env.date));
            if let Some((_, c)) = version {
                node.children = parts(i, c);
            }
            node.source = Some(Source::Derived);
        }
        AtomKind::In(cats) => node.children = cats.iter().flat_map(|c| entries(i, *c)).collect(),
        AtomKind::CodedUnder(cats) => {
            node.kind = Kind::Code;
            for leaf in cats.iter().flat_map(|c| i.logic.lists.below(*c, i.logic.env.date)) {
                let under = category::leaf_coded(i.logic, leaf, i.item);
                if under.may() {
                    node.children.push(entry_node(i, leaf.id, under));
                }
            }
        }
    }
    node
}

/// The entries below a category that hold or may hold, each with its description and code.
fn entries(i: &Item<'_, Reader<'_>>, id: CategoryId) -> Vec<Node> {
    let mut out = Vec::new();
    for leaf in i.logic.lists.below(id, i.logic.env.date) {
        let holds = category::leaf_holds(i.logic, leaf, i.item);
        if !holds.may() {
            continue;
        }
        let mut node = entry_node(i, leaf.id, holds);
        for c in &leaf.conditions {
            node.children.extend(parts(i, c));
        }
        let look = category::look(i.logic, leaf, i.item);
        for (fact, list) in leaf.codes.iter().copied() {
            let slot = i.logic.slot(fact, Whose::item(i.item));
            let said = match (i.logic.env.get(slot), look.code) {
                (None, Truth::Yes) => "no code given; the description decides".to_owned(),
                (None, _) => "no code given".to_owned(),
                (Some(k), t) => {
                    let shown = k.value.display(&i.logic.world.fact(fact).ty, i.logic.world);
                    let under = match &k.value {
                        crate::model::Value::Code(c) => list.which(c),
                        _ => None,
                    };
                    match (t, under) {
                        (Truth::Yes, Some((heading, true))) => {
                            format!("code {shown} lies under {heading}, covered in part (ex)")
                        }
                        (Truth::Yes, Some((heading, false))) => format!("code {shown} lies under {heading}"),
                        (Truth::Unknown(_), _) => format!("code {shown} is too short to tell"),
                        _ => format!("code {shown} is none of the entry's; codes can be wrong"),
                    }
                }
            };
            node.children.push(Node::new(Kind::Code, said, look.code, node.span));
        }
        out.push(node);
    }
    out
}

fn entry_node(i: &Item<'_, Reader<'_>>, leaf: CategoryId, truth: Truth) -> Node {
    let world = i.logic.world;
    let mut at = Some(leaf);
    let (mut title, mut cite) = (None, None);
    while let Some(id) = at {
        let c = world.category(id);
        title = title.or_else(|| c.title.clone());
        cite = cite.or_else(|| c.cite.clone());
        if !c.unnamed {
            break;
        }
        at = c.parent;
    }
    let c = world.category(leaf);
    let text = title.map_or_else(|| c.name.clone(), |t| format!("{} \"{t}\"", c.name));
    Node { because: cite, ..Node::new(Kind::Entry, text, truth, c.span) }
}

/// What is known of a fact, and where it comes from.
fn value(i: &Item<'_, Reader<'_>>, fact: FactId, slot: Slot) -> (String, Source) {
    let world = i.logic.world;
    let f = world.fact(fact);
    let Some(k) = i.logic.env.get(slot) else { return (format!("{} is not known", f.name), Source::Unknown) };
    let shown = k.value.display(&f.ty, world);
    if k.origin == Origin::Presumed {
        let ground = f.presumed.as_ref().and_then(|p| p.because.clone());
        let ground = ground.map_or(String::new(), |g| format!(": {g}"));
        return (format!("{} presumed {shown}{ground}", f.name), Source::Presumed);
    }
    let source = if f.derived.is_some() { Source::Derived } else { Source::Given };
    (format!("{} = {shown}", f.name), source)
}

/// The reasons of a policy cut short: the rules that decide and those they defeat, or, where that is open, those that may
/// decide; below each only the entries and facts that settle it, or keep it open.
pub fn short(decided: &PolicyDecision) -> Vec<Node> {
    let certain = decided.outcome.0.is_some() && decided.why.iter().any(|n| n.truth == "yes");
    let shown = decided.why.iter().filter(|n| !certain || n.truth != "unknown");
    let one = |node: &Node| {
        let mut children = Vec::new();
        match node.kind {
            Kind::Rule => settling(node, &mut children),
            _ => children.clone_from(&node.children),
        }
        Node { children, ..node.clone() }
    };
    shown.map(one).collect()
}

/// The entries and facts below a step that settle it, or keep it open, each once.
fn settling(step: &Node, out: &mut Vec<Node>) {
    let open = step.truth == "unknown" && step.children.iter().any(|c| c.truth == "unknown");
    for child in step.children.iter().filter(|c| !open || c.truth == "unknown") {
        let mut found = Node { children: Vec::new(), ..child.clone() };
        match (child.kind, child.children.as_slice()) {
            (Kind::Condition, [_, ..]) => {
                settling(child, out);
                continue;
            }
            // An open entry is named; what it waits for stands among the questions. Of a code it is said that it is
            // listed, not where.
            (Kind::Entry, _) if child.truth == "unknown" => {}
            (Kind::Code, _) => {}
            (Kind::Not, [Node { kind: Kind::Fact, because, source, .. }]) => {
                (found.kind, found.because, found.source) = (Kind::Fact, because.clone(), *source);
            }
            (Kind::Not, [Node { children, .. }]) if children.is_empty() => {}
            _ => settling(child, &mut found.children),
        }
        // What is claimed is often a condition as well.
        let said = |n: &Node| {
            let same = (n.kind, n.truth, &n.because, &n.children)
                == (found.kind, found.truth, &found.because, &found.children);
            same && n.text.trim_start_matches("claimed: ") == found.text
        };
        if !out.iter().any(said) {
            out.push(found);
        }
    }
}

/// What a held licence must satisfy, part by part: the facts each part reads, and whether it does.
pub(super) fn coverage(i: &Item<'_, Reader<'_>>, held: u32, licence: LicenceId) -> Vec<(Vec<String>, Truth)> {
    let world = i.logic.world;
    let whose = Whose { item: i.item, licence: Some(held) };
    let mut out = vec![(vec!["licence.expires".to_owned()], i.valid(held, licence))];
    let licence = world.licence(licence);
    let parts: Vec<&Cond> = match &licence.covers {
        Some(Cond::All(list)) => list.iter().collect(),
        Some(other) => vec![other],
        None => Vec::new(),
    };
    for part in parts {
        let mut facts = Vec::new();
        part.atoms(&mut |a, _| match &a.kind {
            AtomKind::Fact(f, _) | AtomKind::Elements { fact: f, .. } | AtomKind::Empty(f) | AtomKind::Includes(f) => {
                facts.push(*f)
            }
            AtomKind::Facts(a, _, b) => facts.extend([*a, *b]),
            _ => {}
        });
        let names = facts.into_iter().map(|f| world.fact(f).name.clone()).filter(|n| n.starts_with("licence."));
        out.push((names.collect(), i.logic.cond(part, whose)));
    }
    out
}

/// What makes a condition fail: the parts that settle it, each with the value of its fact.
pub(super) fn failing(reader: &Reader<'_>, cond: &Cond, item: u32, out: &mut Vec<String>) {
    let whose = Whose::item(item);
    if reader.cond(cond, whose) != Truth::No {
        return;
    }
    match cond {
        Cond::All(list) => {
            if let Some(first) = list.iter().find(|c| reader.cond(c, whose) == Truth::No) {
                failing(reader, first, item, out);
            }
        }
        Cond::Any(list) => list.iter().for_each(|c| failing(reader, c, item, out)),
        Cond::Atom(Atom { kind: AtomKind::Means(f), .. }) => {
            let version = reader.world.fact(*f).means.iter().find(|(days, _)| days.on(reader.env.date));
            if let Some((_, c)) = version {
                failing(reader, c, item, out);
            }
        }
        Cond::Not(_) | Cond::Atom(_) => {
            let mut values = Vec::new();
            known_values(reader, cond, whose, &mut values);
            if values.is_empty() {
                values.push(match cond {
                    Cond::Not(inner) => display::cond(inner, reader.world),
                    other => format!("not {}", display::cond(other, reader.world)),
                });
            }
            out.extend(values);
        }
    }
}

/// The values of the facts that a condition reads.
fn known_values(reader: &Reader<'_>, cond: &Cond, whose: Whose, out: &mut Vec<String>) {
    cond.atoms(&mut |a, _| {
        if let AtomKind::Fact(f, _) | AtomKind::Elements { fact: f, .. } | AtomKind::Empty(f) = &a.kind
            && let Some(k) = reader.env.get(reader.slot(*f, whose))
        {
            let fact = reader.world.fact(*f);
            let how = if k.origin == Origin::Presumed { "presumed to be" } else { "is" };
            out.push(format!("{} {how} {}", fact.name, k.value.display(&fact.ty, reader.world)));
        }
    });
}
