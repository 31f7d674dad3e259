//! Reasons as a tree: from the outcome to rules, conditions, and the facts they end in.

use serde::Serialize;

use crate::model::{Atom, AtomKind, CategoryId, Cond, FactId, LicenceId, RuleKind, display};
use crate::span::Span;

use super::atom::{Reader, Whose};
use super::category;
use super::decision::PolicyDecision;
use super::env::{Origin, Slot};
use super::rules::Item;
use super::truth::Truth;

/// One step of a reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// What is said.
    pub text: String,
    /// `yes`, `no` or `unknown`.
    pub truth: &'static str,
    /// What it rests on: a citation, a value given or presumed, an interval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Where it stands in the law as encoded; a presenter turns it into file and line.
    #[serde(skip)]
    pub span: Span,
    /// The steps below.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Node>,
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
            children.push(Node {
                text: format!("defeats {}", names.join(", ")),
                truth: word(applies),
                because: None,
                span: rule.span,
                children: Vec::new(),
            });
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
        out.push(Node {
            text: format!("{kind} {} \"{}\" {state}", rule.name, rule.title),
            truth: word(stands),
            because: Some(format!("{}{days}", rule.cite)),
            span: rule.span,
            children,
        });
    }
    if out.is_empty() {
        out.push(Node {
            text: format!("no rule of {} applies; otherwise {}", decided.policy, decided.outcome.as_str()),
            truth: "yes",
            because: Some(world.policies[i.policy.index()].source.clone()),
            span: world.policies[i.policy.index()].span,
            children: Vec::new(),
        });
    }
    out
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
            Node { text, truth: word(truth), because: None, span: Span::default(), children }
        }
        Cond::Not(inner) => {
            let below = condition(i, inner);
            Node { text, truth: word(truth), because: None, span: below.span, children: vec![below] }
        }
    }
}

fn atom(i: &Item<'_, Reader<'_>>, a: &Atom, truth: Truth) -> Node {
    let world = i.logic.world;
    let whose = Whose::item(i.item);
    let mut node =
        Node { text: display::atom(a, world), truth: word(truth), because: None, span: a.span, children: Vec::new() };
    match &a.kind {
        AtomKind::Fact(f, _) | AtomKind::Elements { fact: f, .. } | AtomKind::Empty(f) | AtomKind::Includes(f) => {
            node.because = Some(value(i, *f, i.logic.slot(*f, whose)));
        }
        AtomKind::Facts(x, _, y) => {
            let (a, b) = (value(i, *x, i.logic.slot(*x, whose)), value(i, *y, i.logic.slot(*y, whose)));
            node.because = Some(format!("{a}; {b}"));
        }
        AtomKind::Means(f) => {
            let version = world.fact(*f).means.iter().find(|(days, _)| days.on(i.logic.env.date));
            if let Some((_, c)) = version {
                node.children = parts(i, c);
            }
        }
        AtomKind::In(cats) => node.children = cats.iter().flat_map(|c| entries(i, *c)).collect(),
        AtomKind::CodedUnder(cats) => {
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
            node.children.push(Node {
                text: said,
                truth: word(look.code),
                because: None,
                span: node.span,
                children: Vec::new(),
            });
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
    Node { text, truth: word(truth), because: cite, span: c.span, children: Vec::new() }
}

fn value(i: &Item<'_, Reader<'_>>, fact: FactId, slot: Slot) -> String {
    let world = i.logic.world;
    let f = world.fact(fact);
    match i.logic.env.get(slot) {
        None => format!("{} is not known", f.name),
        Some(k) => {
            let shown = k.value.display(&f.ty, world);
            match k.origin {
                Origin::Presumed => {
                    let ground = f.presumed.as_ref().and_then(|p| p.because.clone());
                    format!("{} presumed {shown}{}", f.name, ground.map_or(String::new(), |g| format!(": {g}")))
                }
                _ => format!("{} = {shown}", f.name),
            }
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
