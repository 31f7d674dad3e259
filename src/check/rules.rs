//! Licences, rules, exceptions, bars, and the policies they belong to.

use std::collections::HashSet;

use crate::model::{
    AtomKind, Cond, Document, Duration, Duty, Effect, Level, Licence, LicenceId, Otherwise, Rule, RuleId, RuleKind,
    Type,
};
use crate::span::Span;
use crate::syntax::tree::{self, Decl, DeclKind, EffectWord, FieldKind, Name, Targets, Timing};

use super::scope::{Kind, field, joined};
use super::{Checker, messages};

impl Checker<'_> {
    pub(super) fn licence_names(&mut self) {
        self.each(
            |k| matches!(k, DeclKind::Licence),
            |c, m, decl| {
                let Some(name) = &decl.name else { return };
                let Some(policy) = c.need_policy(m, name.span, "licence") else { return };
                let in_force = c.in_force(decl);
                let id = c.world.licences.len() as u32;
                let text = |pick: fn(&FieldKind) -> Option<&tree::Str>| field(decl, pick).map(|s| s.node.clone());
                c.world.licences.push(Licence {
                    name: name.node.clone(),
                    title: decl.title.as_ref().map(|t| t.node.clone()).unwrap_or_default(),
                    span: name.span,
                    policy,
                    general: decl.fields.iter().any(|f| matches!(f.kind, FieldKind::General)),
                    cite: text(|f| if let FieldKind::Cite(s) = f { Some(s) } else { None }),
                    documents: documents(decl),
                    duties: duties(decl),
                    valid: None,
                    covers: None,
                    in_force,
                    doubt: joined(decl, |f| if let FieldKind::Doubt(s) = f { Some(s) } else { None }),
                });
                c.names.declare(Kind::Licence, &name.node, m, name.span, id);
            },
        );
    }

    pub(super) fn licences(&mut self) {
        self.each(
            |k| matches!(k, DeclKind::Licence),
            |c, m, decl| {
                let Some(name) = &decl.name else { return };
                let Some(i) = c.world.licences.iter().position(|l| l.span == name.span) else { return };
                let covers =
                    c.one_cond(m, decl, "covers", |f| if let FieldKind::Covers(x) = f { Some(x) } else { None });
                let valid = field(decl, |f| if let FieldKind::Valid(d) = f { Some(d) } else { None });
                if let Some(d) = valid
                    && !c.knows_last_day(m)
                {
                    c.report(messages::valid_without_last_day(d.count.span));
                }
                let valid = valid.and_then(|d| c.duration(d));
                c.world.licences[i].covers = covers;
                c.world.licences[i].valid = valid;
            },
        );
    }

    /// Whether a module uses the fact by which a licence runs out; else nobody could be asked whether it still runs.
    fn knows_last_day(&self, m: usize) -> bool {
        let found = self.names.find(Kind::Fact, "licence.expires", m).unwrap_or_default();
        found.iter().any(|f| self.world.facts.get(*f as usize).is_some_and(|f| f.ty == Type::Date))
    }

    fn duration(&mut self, d: &tree::Duration) -> Option<Duration> {
        match d.count.node.parse::<u32>() {
            Ok(n) if n <= 12_000 => Some(if d.months { Duration::Months(n) } else { Duration::Days(n) }),
            _ => {
                self.report(messages::bad_number(d.count.span, "this is too long a time"));
                None
            }
        }
    }

    pub(super) fn rule_names(&mut self) {
        self.each(
            |k| matches!(k, DeclKind::Rule | DeclKind::Exception(_) | DeclKind::Bar(_)),
            |c, m, decl| {
                let Some(name) = &decl.name else { return };
                let kind = match &decl.kind {
                    DeclKind::Exception(_) => RuleKind::Exception,
                    DeclKind::Bar(_) => RuleKind::Bar,
                    _ => RuleKind::Rule,
                };
                let Some(policy) = c.need_policy(m, name.span, "rule") else { return };
                let in_force = c.in_force(decl);
                let id = c.world.rules.len() as u32;
                let text = |pick: fn(&FieldKind) -> Option<&tree::Str>| field(decl, pick).map(|s| s.node.clone());
                let cite = text(|f| if let FieldKind::Cite(s) = f { Some(s) } else { None });
                if cite.is_none() {
                    c.report(messages::missing_citation(name.span, &name.node));
                }
                c.world.rules.push(Rule {
                    name: name.node.clone(),
                    title: decl.title.as_ref().map(|t| t.node.clone()).unwrap_or_default(),
                    kind,
                    span: name.span,
                    policy,
                    cite: cite.unwrap_or_default(),
                    cond: Cond::always(),
                    claimed: None,
                    targets: Vec::new(),
                    effect: None,
                    review: text(|f| if let FieldKind::Review(s) = f { Some(s) } else { None }),
                    reason: text(|f| if let FieldKind::Reason(s) = f { Some(s) } else { None }),
                    duties: duties(decl),
                    documents: documents(decl),
                    in_force,
                    doubt: joined(decl, |f| if let FieldKind::Doubt(s) = f { Some(s) } else { None }),
                    note: joined(decl, |f| if let FieldKind::Note(s) = f { Some(s) } else { None }),
                });
                c.names.declare(Kind::Rule, &name.node, m, name.span, id);
            },
        );
    }

    pub(super) fn rules(&mut self) {
        let mut every = Vec::new();
        // They were numbered in the same order, so the search goes on where the last one ended.
        let mut next = 0;
        self.each(
            |k| matches!(k, DeclKind::Rule | DeclKind::Exception(_) | DeclKind::Bar(_)),
            |c, m, decl| {
                let Some(name) = &decl.name else { return };
                let rest = c.world.rules.get(next..).unwrap_or_default();
                let Some(i) = rest.iter().position(|r| r.span == name.span).map(|at| next + at) else { return };
                next = i + 1;
                let when = c.one_cond(m, decl, "when", |f| if let FieldKind::When(x) = f { Some(x) } else { None });
                if when.is_none() {
                    c.report(messages::missing(name.span, "rule", "`when`", "when CONDITION"));
                }
                let mut cond = when.unwrap_or_else(Cond::always);
                for f in &decl.fields {
                    if let FieldKind::Unless(x) = &f.kind {
                        let unless = c.cond(m, x);
                        cond = cond.and(Cond::Not(Box::new(unless)));
                    }
                }
                let claimed =
                    c.one_cond(m, decl, "claimed", |f| if let FieldKind::Claimed(x) = f { Some(x) } else { None });
                let effect = c.effect(m, decl);
                let kind = c.world.rules[i].kind;
                if kind != RuleKind::Bar && effect.is_none() {
                    let rule = &c.world.rules[i];
                    if kind == RuleKind::Exception || (rule.duties.is_empty() && rule.documents.is_empty()) {
                        c.report(messages::missing(name.span, "rule", "what follows", "then prohibit"));
                    }
                }
                let targets = match &decl.kind {
                    DeclKind::Exception(t) | DeclKind::Bar(t) => match t {
                        Targets::Named(names) => c.targets(m, names),
                        Targets::EveryException { except, to, .. } => {
                            let (except, to) = (c.targets(m, except), c.targets(m, to));
                            every.push((RuleId(i as u32), except, to));
                            Vec::new()
                        }
                    },
                    _ => Vec::new(),
                };
                let rule = &mut c.world.rules[i];
                (rule.cond, rule.claimed, rule.effect, rule.targets) = (cond, claimed, effect, targets);
            },
        );
        for (bar, except, to) in every {
            let policy = self.world.rule(bar).policy;
            let open = |r: &Rule| to.is_empty() || r.targets.iter().any(|t| to.contains(t));
            let found = self.world.rules.iter().enumerate();
            let found = found.filter(|(_, r)| r.policy == policy && r.kind == RuleKind::Exception && open(r));
            let found: Vec<RuleId> =
                found.map(|(i, _)| RuleId(i as u32)).filter(|id| *id != bar && !except.contains(id)).collect();
            self.world.rules[bar.index()].targets = found;
        }
        self.check_claims();
    }

    /// The rules that some names stand for, each once; a group of rules stands for all in it.
    pub(super) fn targets(&mut self, m: usize, names: &[Name]) -> Vec<RuleId> {
        let mut out: Vec<RuleId> = Vec::new();
        for name in names {
            if self.names.find(Kind::Rule, &name.node, m).is_none() {
                if let Some(rules) = self.rules_of(m, name) {
                    out.extend(rules.iter().filter(|r| !out.contains(r)).copied().collect::<Vec<_>>());
                    continue;
                }
                let others = [Kind::Category, Kind::Fact, Kind::Group, Kind::Licence, Kind::Chart];
                let other = others.into_iter().find_map(|k| Some((k, *self.names.find(k, &name.node, m)?.first()?)));
                if let Some((kind, target)) = other {
                    let span = self.names.symbols.iter().find(|s| s.kind == kind && s.target == target).map(|s| s.span);
                    self.report(messages::not_a_rule(name, kind, span.unwrap_or_default()));
                    continue;
                }
            }
            out.extend(self.resolve(Kind::Rule, name, m).unwrap_or_default().into_iter().map(RuleId));
        }
        out
    }

    fn effect(&mut self, m: usize, decl: &Decl) -> Option<Effect> {
        let mut found =
            decl.fields.iter().filter_map(|f| if let FieldKind::Then(e) = &f.kind { Some((f.span, e)) } else { None });
        let (first, effect) = found.next()?;
        if let Some((second, _)) = found.next() {
            self.report(messages::repeated(second, first, "then"));
        }
        let licences = |c: &mut Self, name: &Name| -> Vec<LicenceId> {
            c.resolve(Kind::Licence, name, m).unwrap_or_default().into_iter().map(LicenceId).collect()
        };
        Some(match effect {
            tree::Effect::Prohibit => Effect::Prohibit,
            tree::Effect::Permit(None) => Effect::Permit(None),
            tree::Effect::Permit(Some(name)) => Effect::Permit(Some(*licences(self, name).first()?)),
            tree::Effect::Require { licences: names, ands } => {
                if ands.iter().any(|a| *a != ands[0]) {
                    self.report(messages::mixed_require(first));
                }
                let found: Vec<Vec<LicenceId>> = names.iter().map(|n| licences(self, n)).collect();
                if ands.first() == Some(&true) {
                    Effect::Require(found)
                } else {
                    Effect::Require(vec![found.into_iter().flatten().collect()])
                }
            }
        })
    }

    /// `claimed` belongs to exceptions that are milder than what they defeat.
    fn check_claims(&mut self) {
        let mut problems = Vec::new();
        for (m, decl) in self.decls() {
            let claim = decl.fields.iter().find(|f| matches!(f.kind, FieldKind::Claimed(_))).map(|f| f.span);
            let (Some(claim), Some(name)) = (claim, &decl.name) else { continue };
            let _ = m;
            if !matches!(decl.kind, DeclKind::Exception(_)) {
                problems.push(messages::claim_on_bar(claim, name.span));
                continue;
            }
            let Some(rule) = self.world.rules.iter().find(|r| r.span == name.span) else { continue };
            let strictest = rule.targets.iter().map(|t| severity(self.world.rule(*t).effect.as_ref())).max();
            if strictest.is_some_and(|s| severity(rule.effect.as_ref()) > s) {
                let then =
                    decl.fields.iter().find(|f| matches!(f.kind, FieldKind::Then(_))).map_or(name.span, |f| f.span);
                problems.push(messages::stricter_claim(claim, then));
            }
        }
        problems.into_iter().for_each(|p| self.report(p));
    }

    /// Fields of a held licence are read in `covers` and in constraints; anywhere else no licence is meant.
    pub(super) fn check_held(&mut self) {
        let world = &self.world;
        let rules = world.rules.iter().flat_map(|r| std::iter::once(&r.cond).chain(&r.claimed));
        let unless = world.facts.iter().filter_map(|f| f.presumed.as_ref()?.unless.as_ref());
        let lists = world.categories.iter().map(|c| &c.cond).chain(world.policies.iter().map(|p| &p.applies));
        let mut problems = Vec::new();
        for cond in rules.chain(unless).chain(lists) {
            // What named conditions mean is read where they are named.
            let (mut open, mut seen) = (vec![(cond, None::<Span>)], HashSet::new());
            while let Some((cond, named)) = open.pop() {
                cond.atoms(&mut |atom, _| {
                    let at = named.unwrap_or(atom.span);
                    let facts = match &atom.kind {
                        AtomKind::Fact(f, _) | AtomKind::Empty(f) | AtomKind::Includes(f) => vec![*f],
                        AtomKind::Elements { fact, .. } => vec![*fact],
                        AtomKind::Facts(a, _, b) => vec![*a, *b],
                        AtomKind::Means(f) => {
                            if seen.insert(*f) {
                                open.extend(world.fact(*f).means.iter().map(|(_, c)| (c, Some(at))));
                            }
                            Vec::new()
                        }
                        AtomKind::In(_) | AtomKind::CodedUnder(_) => Vec::new(),
                    };
                    let of_licence = facts.into_iter().map(|f| world.fact(f)).find(|f| f.level == Level::Licence);
                    problems.extend(of_licence.map(|f| messages::no_licence_meant(at, &f.name)));
                });
            }
        }
        problems.into_iter().for_each(|p| self.report(p));
    }

    pub(super) fn policies(&mut self) {
        for (i, place) in self.names.policies.clone().into_iter().enumerate() {
            let modules = self.modules;
            let decl = &modules[place.module].tree.decls[place.decl];
            let m = place.module;
            let span: Span = decl.name.as_ref().map_or(decl.span, |n| n.span);
            let applies =
                self.one_cond(m, decl, "applies", |f| if let FieldKind::Applies(c) = f { Some(c) } else { None });
            if applies.is_none() {
                self.report(messages::missing(span, "policy", "`applies`", "applies when CONDITION"));
            }
            let known = field(decl, |f| if let FieldKind::Known(d) = f { Some(d) } else { None });
            let known = match known {
                Some(d) => self.dated(d),
                None => {
                    self.report(messages::missing(span, "policy", "`known`", "known from 2019-02-20 to 2026-07-31"));
                    None
                }
            };
            let source = field(decl, |f| if let FieldKind::Source(s) = f { Some(s.node.clone()) } else { None });
            if source.is_none() {
                self.report(messages::missing(span, "policy", "`source`", "source \"Regulation …\""));
            }
            let otherwise = field(decl, |f| if let FieldKind::Otherwise(o) = f { Some(o.node) } else { None });
            if otherwise.is_none() {
                self.report(messages::missing(span, "policy", "`otherwise`", "otherwise permit"));
            }
            let unmodelled = decl
                .fields
                .iter()
                .filter_map(|f| if let FieldKind::Unmodelled(s) = &f.kind { Some(s.node.clone()) } else { None });
            let doubt = field(decl, |f| if let FieldKind::Doubt(s) = f { Some(s.node.clone()) } else { None });
            let policy = &mut self.world.policies[i];
            policy.applies = applies.unwrap_or_else(Cond::always);
            policy.source = source.unwrap_or_default();
            policy.otherwise =
                if otherwise == Some(EffectWord::Prohibit) { Otherwise::Prohibit } else { Otherwise::Permit };
            policy.unmodelled = unmodelled.collect();
            policy.doubt = doubt;
            if let Some(known) = known {
                policy.known = known;
            }
        }
    }
}

/// How strict an effect is: nothing, permit, require, prohibit.
pub(super) fn severity(effect: Option<&Effect>) -> u8 {
    match effect {
        None => 0,
        Some(Effect::Permit(_)) => 1,
        Some(Effect::Require(_)) => 2,
        Some(Effect::Prohibit) => 3,
    }
}

fn documents(decl: &Decl) -> Vec<Document> {
    let of = |f: &tree::Field| match &f.kind {
        FieldKind::Document { code, negative } => Some(Document { code: code.node.clone(), negative: *negative }),
        _ => None,
    };
    decl.fields.iter().filter_map(of).collect()
}

fn duties(decl: &Decl) -> Vec<Duty> {
    let of = |f: &tree::Field| match &f.kind {
        FieldKind::Duty { text, timing } => {
            let timing = timing.as_ref().map(|t| match t {
                Timing::BeforeFirstUse => "before first use".to_owned(),
                Timing::Within(d) => {
                    let unit = if d.months { "month" } else { "day" };
                    format!("within {} {unit}{}", d.count.node, if d.count.node == "1" { "" } else { "s" })
                }
            });
            Some(Duty { text: text.node.clone(), timing })
        }
        _ => None,
    };
    decl.fields.iter().filter_map(of).collect()
}
