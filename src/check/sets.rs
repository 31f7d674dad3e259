//! Groups of rules: one name for all that several exceptions derogate from.
//!
//! They are gone once targets are lowered: an exception to a group is an exception to each rule in it.

use crate::model::RuleId;
use crate::syntax::tree::{self, DeclKind, FieldKind, Name};

use super::cond::value_text;
use super::scope::Kind;
use super::{Checker, messages};

/// The word in `group … of rules { … }`.
const RULES: &str = "rules";

/// A group of rules, as written.
#[derive(Clone, Debug)]
pub(super) struct RuleGroup {
    module: usize,
    name: Name,
    members: Vec<Name>,
}

/// True for `group … of rules`, which is no group of values.
pub(super) fn is_of_rules(kind: &DeclKind) -> bool {
    matches!(kind, DeclKind::Group { of: Some(of), .. } if of.node == RULES)
}

impl Checker<'_> {
    /// Collects the groups of rules, once all rules have their numbers, and looks up their members.
    pub(super) fn rule_groups(&mut self) {
        self.each(is_of_rules, |c, m, decl| {
            let (Some(name), DeclKind::Group { body, .. }) = (&decl.name, &decl.kind) else { return };
            let scope = c.names.scopes[m];
            for kind in [Kind::RuleGroup, Kind::Rule] {
                if let Some(first) = c.names.in_scope(kind, &name.node, scope).first().map(|s| s.span) {
                    c.report(messages::declared_twice(kind, &name.node, name.span, first));
                    return;
                }
            }
            if let Some(field) = decl.fields.iter().find(|f| matches!(f.kind, FieldKind::InForce(_))) {
                c.report(messages::rules_have_days(field.span));
            }
            let members = match body {
                tree::GroupBody::Members(members) => members.as_slice(),
                tree::GroupBody::Expr(set) => {
                    let help = "list the rules in braces; a group of rules may be listed in another";
                    c.report(messages::wrong_type(set.span, "a group of rules is a list".to_owned(), help));
                    return;
                }
            };
            if members.is_empty() {
                c.report(messages::empty_group(decl.span));
            }
            for days in members.iter().filter_map(|member| member.dated.as_ref()) {
                c.report(messages::rules_have_days(days.span));
            }
            let named = |v: &tree::Value| Name { node: value_text(v), span: v.span };
            let members = members.iter().map(|member| named(&member.value)).collect();
            c.names.declare(Kind::RuleGroup, &name.node, m, name.span, c.rule_groups.len() as u32);
            c.rule_groups.push(RuleGroup { module: m, name: name.clone(), members });
        });
        for group in self.rule_groups.clone() {
            self.targets(group.module, &group.members);
        }
        self.rule_circles();
    }

    /// The rules of groups, where a name is one of theirs; nothing if it is none.
    pub(super) fn rules_of(&mut self, m: usize, name: &Name) -> Option<Vec<RuleId>> {
        let mut open = self.names.find(Kind::RuleGroup, &name.node, m)?;
        let (mut seen, mut out) = (Vec::new(), Vec::new());
        while let Some(at) = open.pop() {
            if seen.contains(&at) {
                continue;
            }
            seen.push(at);
            let Some(group) = self.rule_groups.get(at as usize) else { continue };
            for member in &group.members {
                match self.names.find(Kind::Rule, &member.node, group.module) {
                    Some(rules) => out.extend(rules.into_iter().map(RuleId)),
                    None => {
                        open.extend(self.names.find(Kind::RuleGroup, &member.node, group.module).unwrap_or_default())
                    }
                }
            }
        }
        out.sort_unstable();
        out.dedup();
        Some(out)
    }

    /// Groups of rules that list each other.
    fn rule_circles(&mut self) {
        let inner = |g: &RuleGroup| {
            let groups = g.members.iter().filter(|n| self.names.find(Kind::Rule, &n.node, g.module).is_none());
            groups.filter_map(|n| self.names.find(Kind::RuleGroup, &n.node, g.module)).flatten().collect::<Vec<_>>()
        };
        let edges: Vec<Vec<u32>> = self.rule_groups.iter().map(inner).collect();
        let mut problems = Vec::new();
        for start in 0..edges.len() as u32 {
            let (mut open, mut seen) = (vec![start], Vec::new());
            let mut back = false;
            while let Some(at) = open.pop() {
                for next in edges.get(at as usize).into_iter().flatten() {
                    back |= *next == start;
                    if !seen.contains(next) {
                        seen.push(*next);
                        open.push(*next);
                    }
                }
            }
            // One message for a circle, at the group in it that is declared first.
            if back && !seen.iter().any(|s| *s < start && reaches(&edges, *s, start)) {
                let group = &self.rule_groups[start as usize];
                problems.push(messages::cycle(
                    &[(group.name.span, group.name.node.clone())],
                    "groups of rules list each other",
                ));
            }
        }
        problems.into_iter().for_each(|p| self.report(p));
    }
}

fn reaches(edges: &[Vec<u32>], from: u32, to: u32) -> bool {
    let (mut open, mut seen) = (vec![from], vec![from]);
    while let Some(at) = open.pop() {
        for next in edges.get(at as usize).into_iter().flatten() {
            if *next == to {
                return true;
            }
            if !seen.contains(next) {
                seen.push(*next);
                open.push(*next);
            }
        }
    }
    false
}
