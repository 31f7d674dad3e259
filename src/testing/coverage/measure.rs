//! The goals: what the tests of a law have to show, sentence by sentence.

use std::collections::{BTreeMap, BTreeSet};

use crate::eval::trace::{Seen, Side, fact_of};
use crate::model::{
    AtomKind, CategoryId, Comparison, Cond, Date, FactId, InForce, RuleId, RuleKind, Test, Type, World, display,
};
use crate::span::{FileId, Span};

use super::Goal;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Each rule stood once.
    Rules,
    /// Each rule that something can defeat was defeated once.
    Defeats,
    /// Each exception and bar stood once.
    Exceptions,
    /// Each version of each entry held goods once, and left goods out once that its code or part of its words fit.
    Entries,
    /// Each atomic condition held once and failed once, while it was asked; codes of entries among them.
    Conditions,
    /// Each threshold was met from both sides.
    Thresholds,
    /// Each day on which law begins or ends was met from both sides, by what else would fall under it.
    Days,
    /// Each threshold was met exactly, and each first and last day.
    Boundaries,
    /// Each provision was cited by a decision.
    Provisions,
}

impl Measure {
    /// All, in the order in which they are shown.
    pub const ALL: [Measure; 9] = [
        Measure::Rules,
        Measure::Defeats,
        Measure::Exceptions,
        Measure::Entries,
        Measure::Conditions,
        Measure::Thresholds,
        Measure::Days,
        Measure::Boundaries,
        Measure::Provisions,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Rules => "rules",
            Measure::Defeats => "defeats",
            Measure::Exceptions => "exceptions",
            Measure::Entries => "entries",
            Measure::Conditions => "conditions",
            Measure::Thresholds => "thresholds",
            Measure::Days => "days",
            Measure::Boundaries => "boundaries",
            Measure::Provisions => "provisions",
        }
    }

    /// What it asks for.
    pub fn meaning(self) -> &'static str {
        match self {
            Measure::Rules => "each rule stands once",
            Measure::Defeats => "each rule that can be defeated is, once",
            Measure::Exceptions => "each exception and bar stands once",
            Measure::Entries => "each entry holds goods, and nearly does",
            Measure::Conditions => "each condition holds and fails when asked",
            Measure::Thresholds => "each threshold is met from both sides",
            Measure::Days => "each first and last day, from both sides",
            Measure::Boundaries => "each threshold and day is met exactly",
            Measure::Provisions => "each provision is cited",
        }
    }
}

/// The goals of some files.
pub(super) fn goals(world: &World, files: &BTreeSet<FileId>) -> Vec<Goal> {
    let mut list = List { world, files, goals: Vec::new(), known: BTreeSet::new() };
    list.rules();
    list.entries();
    for p in &world.policies {
        list.cond(&p.applies);
        list.days(p.span, &InForce(vec![p.known]), &p.name);
    }
    for rule in &world.rules {
        list.cond(&rule.cond);
        rule.claimed.iter().for_each(|c| list.cond(c));
        list.days(rule.span, &rule.in_force, &rule.name);
    }
    for c in &world.categories {
        list.cond(&c.cond);
        list.days(c.span, &c.in_force, &c.name);
    }
    for fact in &world.facts {
        for (days, c) in &fact.means {
            list.cond(c);
            list.days(fact.span, days, &fact.name);
        }
        fact.presumed.iter().filter_map(|p| p.unless.as_ref()).for_each(|c| list.cond(c));
    }
    world.constraints.iter().for_each(|c| list.cond(&c.cond));
    world.licences.iter().filter_map(|l| l.covers.as_ref()).for_each(|c| list.cond(c));
    list.provisions();
    list.goals
}

struct List<'w> {
    world: &'w World,
    files: &'w BTreeSet<FileId>,
    goals: Vec<Goal>,
    /// Goals that are listed already: a condition may be reached in several ways.
    known: BTreeSet<(Measure, Vec<Seen>)>,
}

impl List<'_> {
    fn goal(&mut self, measure: Measure, span: Span, text: String, any_of: Vec<Seen>) {
        if self.files.contains(&span.file) && self.known.insert((measure, any_of.clone())) {
            self.goals.push(Goal { measure, span, text, hits: 0, any_of, cites: None });
        }
    }

    fn rules(&mut self) {
        let world = self.world;
        let targets: BTreeSet<RuleId> = world.rules.iter().flat_map(|r| r.targets.iter().copied()).collect();
        for (id, rule) in (0..).map(RuleId).zip(&world.rules) {
            let (measure, word) = match rule.kind {
                RuleKind::Rule => (Measure::Rules, "rule"),
                RuleKind::Exception => (Measure::Exceptions, "exception"),
                RuleKind::Bar => (Measure::Exceptions, "bar"),
            };
            self.goal(measure, rule.span, format!("{word} {} never stands", rule.name), vec![Seen::Stands(id)]);
            if targets.contains(&id) {
                let text = format!("{word} {} is never defeated", rule.name);
                self.goal(Measure::Defeats, rule.span, text, vec![Seen::Defeated(id)]);
            }
        }
    }

    fn entries(&mut self) {
        let world = self.world;
        for (id, c) in (0..).map(CategoryId).zip(&world.categories) {
            if !c.codes.is_empty() {
                let name = &c.name;
                let matched = format!("goods described by {name} never have one of its codes");
                self.goal(Measure::Conditions, c.span, matched, vec![Seen::Codes(id, true)]);
                if described(world, id) {
                    let missed = format!("goods described by {name} never have another code");
                    self.goal(Measure::Conditions, c.span, missed, vec![Seen::Codes(id, false)]);
                }
            }
            let reported =
                !c.unnamed && (c.children.is_empty() || c.children.iter().any(|i| world.category(*i).unnamed));
            if reported {
                let name = &c.name;
                self.goal(Measure::Entries, c.span, format!("no goods are in {name}"), vec![Seen::Entry(id, true)]);
                if has_parts(world, id) {
                    let text = format!("no goods are left out of {name} that its code or part of its words fit");
                    self.goal(Measure::Entries, c.span, text, vec![Seen::Entry(id, false)]);
                }
            }
        }
    }

    fn days(&mut self, span: Span, days: &InForce, name: &str) {
        let bounds = days.0.iter().flat_map(|i| [(i.from, true), (i.to, false)]);
        let bounds: BTreeSet<(Date, bool)> = bounds.filter_map(|(day, first)| Some((day?, first))).collect();
        for (day, first) in bounds {
            let seen = |sides: &[Side]| sides.iter().map(|s| Seen::Day(span, day, *s)).collect::<Vec<_>>();
            let (before, after) = if first {
                (vec![Side::Below], vec![Side::At, Side::Above])
            } else {
                (vec![Side::Below, Side::At], vec![Side::Above])
            };
            let (early, late) = if first { ("before", "from") } else { ("to", "after") };
            let what = |word: &str| format!("{name} is never tried {word} {day} on goods that would fall under it");
            self.goal(Measure::Days, span, what(early), seen(&before));
            self.goal(Measure::Days, span, what(late), seen(&after));
            self.goal(Measure::Boundaries, span, what("on"), seen(&[Side::At]));
        }
    }

    fn cond(&mut self, cond: &Cond) {
        let world = self.world;
        cond.atoms(&mut |atom, _| {
            let fact = fact_of(atom);
            let words = display::atom(atom, world);
            for holds in [true, false] {
                let text = format!("never {}: {words}", if holds { "yes" } else { "no" });
                self.goal(Measure::Conditions, atom.span, text, vec![Seen::Condition(atom.span, fact, holds)]);
            }
            match &atom.kind {
                AtomKind::Fact(f, test) | AtomKind::Elements { fact: f, test, .. } => {
                    self.test(atom.span, *f, test, &words);
                }
                AtomKind::Facts(f, comparison, _) if ordered(&world.fact(*f).ty) => {
                    self.threshold((atom.span, *f, 0), *comparison, &words);
                }
                _ => {}
            }
        });
    }

    fn test(&mut self, span: Span, fact: FactId, test: &Test, words: &str) {
        match test {
            Test::Compare(comparison, _) if ordered(self.world.fact(fact).ty.element()) => {
                self.threshold((span, fact, 0), *comparison, words);
            }
            Test::Between(..) => {
                self.threshold((span, fact, 0), Comparison::Ge, words);
                self.threshold((span, fact, 1), Comparison::Le, words);
            }
            _ => {}
        }
    }

    fn threshold(&mut self, (span, fact, end): (Span, FactId, u8), comparison: Comparison, words: &str) {
        let seen =
            |sides: &[Side]| sides.iter().map(|s| Seen::Threshold(span, Some(fact), end, *s)).collect::<Vec<_>>();
        use Side::{Above, At, Below};
        let sides: [(&str, &[Side]); 2] = match comparison {
            Comparison::Ge | Comparison::Lt => [("below", &[Below]), ("at or above", &[At, Above])],
            Comparison::Gt | Comparison::Le => [("at or below", &[Below, At]), ("above", &[Above])],
            Comparison::Eq | Comparison::Ne => [("off", &[Below, Above]), ("at", &[At])],
        };
        for (word, sides) in sides {
            self.goal(Measure::Thresholds, span, format!("never {word} the threshold: {words}"), seen(sides));
        }
        if !matches!(comparison, Comparison::Eq | Comparison::Ne) {
            let text = format!("never exactly at the threshold: {words}");
            self.goal(Measure::Boundaries, span, text, seen(&[At]));
        }
    }

    fn provisions(&mut self) {
        let world = self.world;
        let rules = world.rules.iter().map(|r| (r.cite.clone(), r.span));
        let reported = world.categories.iter().filter(|c| !c.unnamed && !has_named(world, &c.children));
        let entries = reported.filter_map(|c| Some((c.cite.clone()?, c.span)));
        let mut first: BTreeMap<String, Span> = BTreeMap::new();
        for (cite, span) in rules.chain(entries).filter(|(_, span)| self.files.contains(&span.file)) {
            let at = first.entry(cite).or_insert(span);
            *at = span.min(*at);
        }
        for (cite, span) in first {
            let text = format!("no decision cites {cite}");
            let cites = Some(cite);
            self.goals.push(Goal { measure: Measure::Provisions, span, text, hits: 0, any_of: Vec::new(), cites });
        }
    }
}

fn has_named(world: &World, children: &[CategoryId]) -> bool {
    children.iter().any(|i| !world.category(*i).unnamed)
}

/// True if an entry has a code or more than one condition on some way down through it, so that goods can fit it in part.
fn has_parts(world: &World, id: CategoryId) -> bool {
    let (mut at, mut above) = (world.category(id).parent, 0);
    while let Some(i) = at {
        above += parts(world, i);
        at = world.category(i).parent;
    }
    has_parts_below(world, id, above)
}

fn has_parts_below(world: &World, id: CategoryId, above: usize) -> bool {
    let parts = above + parts(world, id);
    let mut unnamed = world.category(id).children.iter().filter(|i| world.category(**i).unnamed);
    parts > 1 || unnamed.any(|i| has_parts_below(world, *i, parts))
}

/// How many things an entry itself asks of goods: each condition, and its codes.
fn parts(world: &World, id: CategoryId) -> usize {
    let c = world.category(id);
    let mut conditions = 0;
    c.cond.atoms(&mut |_, _| conditions += 1);
    conditions + c.codes.len()
}

/// True if some condition describes the goods on every way down through an entry, so that codes are not all.
fn described(world: &World, id: CategoryId) -> bool {
    let mut at = Some(id);
    while let Some(i) = at {
        if !world.category(i).cond.is_always() {
            return true;
        }
        at = world.category(i).parent;
    }
    let children = &world.category(id).children;
    !children.is_empty() && children.iter().all(|c| !world.category(*c).cond.is_always() || described_below(world, *c))
}

fn described_below(world: &World, id: CategoryId) -> bool {
    let c = world.category(id);
    !c.cond.is_always() || (!c.children.is_empty() && c.children.iter().all(|i| described_below(world, *i)))
}

/// True if values of a type stand before and after each other.
fn ordered(ty: &Type) -> bool {
    !matches!(ty, Type::Bool | Type::Choice(_) | Type::Text | Type::Code(_) | Type::Set(_) | Type::Country)
}
