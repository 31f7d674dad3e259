//! What depends on what: circles of defeat, of meaning and of membership, what goes on too far, and versions that overlap.

use std::collections::BTreeMap;

use crate::model::{AtomKind, CategoryId, Cond, GroupBody, InForce};
use crate::span::Span;
use crate::syntax::tree::DeclKind;

use super::graph::{Excess, Graph};
use super::scope::{Kind, Scope};
use super::{Checker, messages};

/// Declarations of one name, each with when it is in force; nothing: never.
type Versions = Vec<(Span, Option<InForce>)>;

impl Checker<'_> {
    pub(super) fn order(&mut self) {
        self.defeat();
        self.meaning();
        self.versions();
        self.made_of_groups();
    }

    /// Exceptions, and what they defeat. An exception may defeat many others that defeat each other, but not go on and on.
    fn defeat(&mut self) {
        let mut graph = Graph::default();
        for rule in &self.world.rules {
            graph.add((rule.span, &rule.name), 0, rule.targets.iter().map(|t| t.index()).collect());
        }
        self.bounded(&graph, "these exceptions defeat each other", |excess| *excess == Excess::Levels);
    }

    /// Named conditions and entries ask for each other; nodes are facts first, then categories. What else has a
    /// condition asks for both, and nothing asks for it.
    fn meaning(&mut self) {
        let facts = self.world.facts.len();
        let ask = |cond: &Cond, out: &mut Vec<usize>| {
            cond.atoms(&mut |atom, _| match &atom.kind {
                AtomKind::Means(f) => out.push(f.index()),
                AtomKind::In(cats) => out.extend(cats.iter().map(|c| facts + c.index())),
                _ => {}
            });
        };
        let mut graph = Graph::default();
        let mut add = |span, name: &str, conds: &[&Cond], children: &[CategoryId]| {
            let mut out = Vec::new();
            conds.iter().for_each(|c| ask(c, &mut out));
            out.extend(children.iter().map(|c| facts + c.index()));
            graph.add((span, name), conds.iter().map(|c| c.levels()).max().unwrap_or(0), out);
        };
        for fact in &self.world.facts {
            add(fact.span, &fact.name, &fact.means.iter().map(|(_, c)| c).collect::<Vec<_>>(), &[]);
        }
        for category in &self.world.categories {
            // A child is also bound by what its parents ask, but not by their other children.
            let parents = std::iter::successors(category.parent, |p| self.world.category(*p).parent);
            let asked = std::iter::once(&category.cond).chain(parents.map(|p| &self.world.category(p).cond));
            add(category.span, &category.name, &asked.collect::<Vec<_>>(), &category.children);
        }
        for rule in &self.world.rules {
            add(rule.span, &rule.name, &std::iter::once(&rule.cond).chain(&rule.claimed).collect::<Vec<_>>(), &[]);
        }
        for constraint in &self.world.constraints {
            add(constraint.span, &constraint.name, &[&constraint.cond], &[]);
        }
        for policy in &self.world.policies {
            add(policy.span, &policy.name, &[&policy.applies], &[]);
        }
        for licence in &self.world.licences {
            add(licence.span, &licence.name, &licence.covers.iter().collect::<Vec<_>>(), &[]);
        }
        for fact in &self.world.facts {
            let unless = fact.presumed.iter().filter_map(|p| p.unless.as_ref());
            add(fact.span, &fact.name, &unless.collect::<Vec<_>>(), &[]);
        }
        self.bounded(&graph, "these conditions ask for each other", |_| true);
    }

    fn made_of_groups(&mut self) {
        let mut graph = Graph::default();
        for group in &self.world.groups {
            let mut out = Vec::new();
            let mut own = 0;
            if let GroupBody::Expr(set) = &group.body {
                set.groups(&mut |all| out.extend(all.iter().map(|g| g.index())));
                own = set.levels();
            }
            graph.add((group.span, &group.name), own, out);
        }
        self.bounded(&graph, "these groups are made of each other", |_| true);
    }

    /// Reports circles; where there are none, what rests on more than is allowed.
    fn bounded(&mut self, graph: &Graph, in_circle: &str, counts: impl Fn(&Excess) -> bool) {
        let circles = graph.circles();
        for circle in &circles {
            let spans: Vec<(Span, String)> = circle.iter().map(|i| graph.nodes[*i].clone()).collect();
            self.report(messages::cycle(&spans, in_circle));
        }
        if circles.is_empty() {
            for (i, excess) in graph.excessive().into_iter().filter(|(_, e)| counts(e)) {
                let (span, name) = &graph.nodes[i];
                self.report(messages::too_involved(*span, name, excess));
            }
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
