//! What depends on what: circles of defeat, of meaning and of membership, and versions that overlap.

use std::collections::BTreeMap;

use crate::model::{AtomKind, Cond, InForce, RuleId};
use crate::span::Span;
use crate::syntax::tree::DeclKind;

use super::scope::{Kind, Scope};
use super::{Checker, messages};

/// Declarations of one name, each with when it is in force; nothing: never.
type Versions = Vec<(Span, Option<InForce>)>;

impl Checker<'_> {
    pub(super) fn order(&mut self) {
        self.defeat();
        self.meaning();
        self.versions();
        self.groups_in_circle();
    }

    fn defeat(&mut self) {
        let edges: Vec<Vec<usize>> =
            self.world.rules.iter().map(|r| r.targets.iter().map(|t| t.index()).collect()).collect();
        for circle in circles(&edges) {
            let spans: Vec<(Span, String)> =
                circle.iter().map(|i| self.world.rule(RuleId(*i as u32))).map(|r| (r.span, r.name.clone())).collect();
            self.report(messages::cycle(&spans, "these exceptions defeat each other"));
        }
    }

    /// Named conditions and categories ask for each other; nodes are facts first, then categories.
    fn meaning(&mut self) {
        let facts = self.world.facts.len();
        let mut edges: Vec<Vec<usize>> = Vec::new();
        let ask = |cond: &Cond, out: &mut Vec<usize>| {
            cond.atoms(&mut |atom, _| match &atom.kind {
                AtomKind::Means(f) => out.push(f.index()),
                AtomKind::In(cats) => out.extend(cats.iter().map(|c| facts + c.index())),
                _ => {}
            });
        };
        for fact in &self.world.facts {
            let mut out = Vec::new();
            fact.means.iter().for_each(|(_, c)| ask(c, &mut out));
            edges.push(out);
        }
        for category in &self.world.categories {
            let mut out = Vec::new();
            ask(&category.cond, &mut out);
            out.extend(category.children.iter().map(|c| facts + c.index()));
            // A child is also bound by what its parents ask, but not by their other children.
            let mut at = category.parent;
            while let Some(parent) = at {
                let parent = self.world.category(parent);
                ask(&parent.cond, &mut out);
                at = parent.parent;
            }
            edges.push(out);
        }
        for circle in circles(&edges) {
            let node = |i: &usize| match i.checked_sub(facts) {
                None => (self.world.facts[*i].span, self.world.facts[*i].name.clone()),
                Some(c) => (self.world.categories[c].span, self.world.categories[c].name.clone()),
            };
            let spans: Vec<(Span, String)> = circle.iter().map(node).collect();
            self.report(messages::cycle(&spans, "these conditions ask for each other"));
        }
    }

    fn groups_in_circle(&mut self) {
        use crate::model::{GroupBody, Set};
        fn named(set: &Set, out: &mut Vec<usize>) {
            match set {
                Set::Values(_) => {}
                Set::Group(ids) => out.extend(ids.iter().map(|g| g.index())),
                Set::Plus(a, b) | Set::Minus(a, b) | Set::And(a, b) => {
                    named(a, out);
                    named(b, out);
                }
            }
        }
        let mut edges = Vec::new();
        for group in &self.world.groups {
            let mut out = Vec::new();
            if let GroupBody::Expr(set) = &group.body {
                named(set, &mut out);
            }
            edges.push(out);
        }
        for circle in circles(&edges) {
            let spans: Vec<_> =
                circle.iter().map(|i| (self.world.groups[*i].span, self.world.groups[*i].name.clone())).collect();
            self.report(messages::cycle(&spans, "these groups are made of each other"));
        }
    }

    /// Versions of one name must not be in force on the same day.
    fn versions(&mut self) {
        // What each declaration is, and when it is in force, what it stands in counted.
        let mut all: BTreeMap<(Kind, Scope, String), Versions> = BTreeMap::new();
        let mut add = |kind, scope, name: &str, span, in_force| {
            all.entry((kind, scope, name.to_owned())).or_default().push((span, in_force));
        };
        for symbol in &self.names.symbols {
            let scope = self.names.scopes[symbol.module];
            let i = symbol.target as usize;
            let in_force = match symbol.kind {
                Kind::Category => {
                    let mut at = Some(crate::model::CategoryId(symbol.target));
                    let mut out = Some(InForce::default());
                    while let Some(id) = at {
                        let c = self.world.category(id);
                        out = out.and_then(|o| o.intersect(&c.in_force));
                        at = c.parent;
                    }
                    out
                }
                Kind::Rule => Some(self.world.rules[i].in_force.clone()),
                Kind::Licence => Some(self.world.licences[i].in_force.clone()),
                Kind::Group => Some(self.world.groups[i].in_force.clone()),
                _ => continue,
            };
            add(symbol.kind, scope, &symbol.name, symbol.span, in_force);
        }
        for (m, decl) in self.decls() {
            if let (DeclKind::Fact { .. }, Some(name)) = (&decl.kind, &decl.name) {
                let scope = self.names.scopes[m];
                for (span, in_force) in self.condition_versions(decl, name) {
                    add(Kind::Fact, scope, &name.node, span, Some(in_force));
                }
            }
        }
        let mut problems = Vec::new();
        for ((kind, _, name), versions) in all {
            for (i, (span, a)) in versions.iter().enumerate() {
                for (first, b) in &versions[..i] {
                    let (Some(a), Some(b)) = (a, b) else { continue };
                    if a.0.is_empty() && b.0.is_empty() {
                        problems.push(messages::declared_twice(kind, &name, *span, *first));
                    } else if let Some(days) = a.intersect(b) {
                        problems.push(messages::overlapping(kind, &name, *span, *first, &format!("both {days}")));
                    }
                }
            }
        }
        problems.into_iter().for_each(|p| self.report(p));
    }

    fn condition_versions(
        &self,
        decl: &crate::syntax::tree::Decl,
        name: &crate::syntax::tree::Name,
    ) -> Vec<(Span, InForce)> {
        use crate::syntax::tree::FieldKind;
        if !decl.fields.iter().any(|f| matches!(f.kind, FieldKind::Means(_))) {
            return Vec::new();
        }
        let mut days = Vec::new();
        for f in &decl.fields {
            if let FieldKind::InForce(list) = &f.kind {
                for d in list {
                    let day = |s: &Option<crate::syntax::tree::Str>| {
                        s.as_ref().and_then(|s| crate::model::date::parse_date(&s.node))
                    };
                    days.push(crate::model::Interval { from: day(&d.from), to: day(&d.to) });
                }
            }
        }
        vec![(name.span, InForce(days))]
    }
}

/// The circles of a graph, one for each set of nodes that reach each other; each starts at its lowest node.
fn circles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    // Depth-first, without recursion: 0 unseen, 1 on the path, 2 done.
    let mut state = vec![0u8; edges.len()];
    let mut found = Vec::new();
    for start in 0..edges.len() {
        if state[start] != 0 {
            continue;
        }
        let mut path: Vec<(usize, usize)> = vec![(start, 0)];
        state[start] = 1;
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            if let Some(to) = edges[node].get(*next).copied() {
                *next += 1;
                match state[to] {
                    0 => {
                        state[to] = 1;
                        path.push((to, 0));
                    }
                    1 => {
                        let from = path.iter().position(|(n, _)| *n == to).unwrap_or(0);
                        found.push(path[from..].iter().map(|(n, _)| *n).collect());
                    }
                    _ => {}
                }
            } else {
                state[node] = 2;
                path.pop();
            }
        }
    }
    found
}
