//! Boundary tests of a rule, to be accepted by its author: a consignment for which it stands, and for each fact that
//! this rests on the nearest value at which it does not.
//!
//! What they expect is what is decided now, so they say what the law means as it is written, not whether that is right:
//! they are read before they are kept. Each is decided by the plain interpreter with every fact stated, and passes as it
//! is printed. `edges` finds the consignments; here they are written. Nothing is written to disk.

mod edges;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::analyze::cone::cone;
use crate::consignment::Overlay;
use crate::eval::env::Slot;
use crate::eval::{Evaluator, Options};
use crate::format::format;
use crate::model::{Case, Expect, Expected, ExpectedPart, FactId, PolicyId, RuleId, TestCase, World};
use crate::policy::Policy;
use crate::span::{FileId, Span};
use crate::syntax::{parse_file, tree};

use super::mutate::witness;
use super::{Answer, compare};

use edges::{Edge, Found, Shows, edges, get};

/// A test that is proposed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposed {
    /// Its name.
    pub name: String,
    /// The test as a gate file holds it, in the canonical layout.
    pub text: String,
    /// The modules of the shared facts that it names.
    #[serde(skip)]
    modules: BTreeSet<String>,
}

/// What is proposed for one rule.
#[derive(Clone, Debug, Serialize)]
pub struct Proposal {
    /// The rule.
    pub rule: String,
    /// The policy it belongs to.
    pub policy: String,
    /// `file:line:column` of the rule.
    pub place: String,
    /// The name of the test file beside the law of the rule.
    pub file: String,
    /// What was found.
    pub verdict: Verdict,
    /// The tests; those that the law has already are left out.
    pub tests: Vec<Proposed>,
    /// How many tests are left out, since the law has them.
    pub present: usize,
}

/// Whether a rule can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// There are consignments for which it stands.
    Stands,
    /// There is none, of one goods item and on the days for which its policy is encoded.
    Never,
    /// It took too much work to find out, or no consignment was found that shows it.
    NotShown,
}

/// Proposes tests for the rules of that name, in the files of those numbers, in the order of the files.
///
/// If no rule has that name, those whose name holds it are meant; an empty name means all.
pub fn generate(policy: &Policy, name: &str, files: &BTreeSet<FileId>) -> Vec<Proposal> {
    let world = policy.world();
    let exact = world.rules.iter().any(|r| r.name == name && files.contains(&r.span.file));
    let mut wanted: Vec<RuleId> = (0..world.rules.len() as u32).map(RuleId).collect();
    wanted.retain(|id| {
        let rule = world.rule(*id);
        files.contains(&rule.span.file) && if exact { rule.name == name } else { rule.name.contains(name) }
    });
    let place = |id: &RuleId| {
        let span = world.rule(*id).span;
        (policy.sources().get(span.file).map(|f| f.name.clone()), span.start)
    };
    wanted.sort_by_cached_key(place);
    let (plain, fast) = (policy.plain_evaluator(), policy.evaluator());
    let mut cones: BTreeMap<PolicyId, World> = BTreeMap::new();
    let present = Present::of(policy);
    let mut shown = Present { names: BTreeSet::new(), cases: Vec::new() };
    let mut out = Vec::new();
    for id in wanted {
        let of = world.rule(id).policy;
        let cone = cones.entry(of).or_insert_with(|| cone(world, &[of], &[]).world);
        let writer = Writer { policy, plain: &plain, fast: &fast, rule: id };
        out.push(writer.propose(cone, &present, &mut shown));
    }
    out
}

/// The tests there are.
struct Present {
    names: BTreeSet<(PolicyId, String)>,
    /// What is given, and what is expected.
    cases: Vec<(PolicyId, Case, Vec<Expect>)>,
}

impl Present {
    fn of(policy: &Policy) -> Present {
        let tests = &policy.world().tests;
        let names = tests.iter().map(|t| (t.policy, t.name.clone())).collect();
        let case = |t: &TestCase| {
            let case = policy.read(&t.name, &t.given.to_string(), &Overlay::default()).ok()?;
            Some((t.policy, Case { id: None, ..case }, t.expects.clone()))
        };
        Present { names, cases: tests.iter().filter_map(case).collect() }
    }

    /// True if there is a test that gives the same and expects no less.
    fn has(&self, policy: PolicyId, name: &str, case: &Case, expect: &Expect) -> bool {
        let within = |e: &Expect| {
            let name = |part: &ExpectedPart, n: &String| {
                let same = |p: &&ExpectedPart| p.what == part.what && p.negated == part.negated;
                e.parts.iter().filter(same).any(|p| p.names.contains(n))
            };
            e.outcome == expect.outcome && expect.parts.iter().all(|part| part.names.iter().all(|n| name(part, n)))
        };
        let same = |(of, given, expects): &(PolicyId, Case, Vec<Expect>)| {
            let given = (given.date, &given.facts, &given.items, &given.licences);
            *of == policy
                && given == (case.date, &case.facts, &case.items, &case.licences)
                && expects.iter().any(within)
        };
        self.names.contains(&(policy, name.to_owned())) || self.cases.iter().any(same)
    }
}

/// Writes the tests of one rule.
struct Writer<'w> {
    policy: &'w Policy,
    plain: &'w Evaluator<'w>,
    fast: &'w Evaluator<'w>,
    rule: RuleId,
}

/// What a decision has to keep when a fact is left out of a consignment.
type Told = (&'static str, Option<bool>, Vec<Vec<String>>);

impl Writer<'_> {
    fn world(&self) -> &World {
        self.policy.world()
    }

    fn policy_id(&self) -> PolicyId {
        self.world().rule(self.rule).policy
    }

    fn policy_name(&self) -> &str {
        self.world().policies.get(self.policy_id().index()).map_or("", |p| p.name.as_str())
    }

    fn propose(&self, cone: &World, present: &Present, shown: &mut Present) -> Proposal {
        let (world, sources) = (self.world(), self.policy.sources());
        let rule = world.rule(self.rule);
        let law = sources.get(rule.span.file).map_or("", |f| f.name.as_str());
        let module = law.strip_suffix(".gate").unwrap_or(law);
        let file = format!("{}.test.gate", module.strip_suffix(".test").unwrap_or(module));
        let mut out = Proposal {
            rule: rule.name.clone(),
            policy: self.policy_name().to_owned(),
            place: sources.place(rule.span),
            file,
            verdict: Verdict::NotShown,
            tests: Vec::new(),
            present: 0,
        };
        let rests = |full: &Case, support: &[Slot]| self.least(full, support).1;
        let edges = match edges(cone, self.plain, sources, self.rule, &rests) {
            Found::Never => {
                out.verdict = Verdict::Never;
                return out;
            }
            Found::NotShown => return out,
            Found::Edges(edges) => edges,
        };
        // What a consignment shows by one fact says of the others what the one it is compared with says.
        let mut kept: BTreeMap<usize, BTreeSet<Slot>> = BTreeMap::new();
        for (i, edge) in edges.iter().enumerate() {
            let support: Vec<Slot> = match edge.of {
                Some(of) => kept.get(&of).into_iter().flatten().copied().collect(),
                None => Vec::new(),
            };
            let (case, rests) = match edge.of {
                Some(_) => self.with_kept(&edge.full, &support),
                None => self.least(&edge.full, &support),
            };
            kept.insert(i, rests);
            let Some(expect) = self.expectation(edge, &case) else { continue };
            let name = self.name(edge, edge.of.and_then(|of| edges.get(of)));
            if present.has(self.policy_id(), &name, &case, &expect) {
                out.present += 1;
                continue;
            }
            if shown.has(self.policy_id(), &name, &case, &expect) {
                continue;
            }
            let Some(text) = canonical(&witness::test(world, &name, &case, &expect)) else { continue };
            shown.names.insert((self.policy_id(), name.clone()));
            shown.cases.push((self.policy_id(), case.clone(), vec![expect]));
            out.tests.push(Proposed { name, text, modules: self.modules(&case) });
        }
        if !out.tests.is_empty() || out.present > 0 {
            out.verdict = Verdict::Stands;
        }
        out
    }

    fn decide(&self, evaluator: &Evaluator<'_>, case: &Case) -> Answer {
        let options = Options { policies: Some(vec![self.policy_id()]), ..Options::default() };
        match evaluator.decide(case, &options) {
            Ok(decision) => Answer::Decided(Box::new(decision)),
            Err(broken) => Answer::Impossible(broken.constraints.into_iter().map(|(name, ..)| name).collect()),
        }
    }

    fn told(&self, answer: &Answer) -> Told {
        let name = self.policy_name();
        let kinds = [Expected::By, Expected::Requires, Expected::Under, Expected::Document, Expected::Duty];
        let mut names: Vec<Vec<String>> = kinds.map(|what| compare::found(what, answer, name).certain).into();
        names.push(self.defeated(answer));
        (compare::outcome(answer, name), compare::proceeds(answer, name), names)
    }

    /// The rules that are defeated, each with what defeats it.
    fn defeated(&self, answer: &Answer) -> Vec<String> {
        let Answer::Decided(decision) = answer else { return Vec::new() };
        let all = decision.policies.iter().flat_map(|p| &p.defeated);
        all.map(|d| format!("{} {}", d.rule, d.by)).collect()
    }

    /// The consignment with no more facts than what is decided on it needs, and which these are. Facts of `support` are
    /// left out last.
    fn least(&self, full: &Case, support: &[Slot]) -> (Case, BTreeSet<Slot>) {
        let told = self.told(&self.decide(self.fast, full));
        let mut all = self.stated(full);
        // What is declared last is the likeliest to be a detail.
        all.reverse();
        all.sort_by_key(|s| support.contains(s));
        let mut case = full.clone();
        let mut rests: BTreeSet<Slot> = all.iter().copied().collect();
        self.leave_out(&told, &mut case, &mut rests, &all);
        (case, rests)
    }

    /// The consignment with the facts that are kept, and of the others those that what is decided on it needs.
    fn with_kept(&self, full: &Case, kept: &[Slot]) -> (Case, BTreeSet<Slot>) {
        let told = self.told(&self.decide(self.fast, full));
        let all: Vec<Slot> = self.stated(full).into_iter().rev().filter(|s| !kept.contains(s)).collect();
        let mut case = full.clone();
        let mut rests: BTreeSet<Slot> = self.stated(full).into_iter().collect();
        self.leave_out(&told, &mut case, &mut rests, &all);
        (case, rests)
    }

    /// Leaves out facts as long as what is decided stays the same: halves of them at first, then smaller parts.
    fn leave_out(&self, told: &Told, case: &mut Case, rests: &mut BTreeSet<Slot>, slots: &[Slot]) {
        if slots.is_empty() {
            return;
        }
        let mut fewer = case.clone();
        slots.iter().for_each(|s| remove(&mut fewer, *s));
        if self.told(&self.decide(self.fast, &fewer)) == *told {
            *case = fewer;
            rests.retain(|s| !slots.contains(s));
        } else if slots.len() > 1 {
            let (first, second) = slots.split_at(slots.len() / 2);
            self.leave_out(told, case, rests, first);
            self.leave_out(told, case, rests, second);
        }
    }

    /// The facts that a consignment states, the date left out.
    fn stated(&self, case: &Case) -> Vec<Slot> {
        let date = self.world().fact_named("date");
        let shared = case.facts.keys().filter(|f| Some(**f) != date).map(|f| Slot::Shared(*f));
        let items = case.items.iter().flat_map(|i| i.keys()).map(|f| Slot::Item(0, *f));
        shared.chain(items).collect()
    }

    /// What is decided on a consignment, as an expectation; nothing if the plain interpreter does not say the same of it
    /// with every fact stated.
    fn expectation(&self, edge: &Edge, case: &Case) -> Option<Expect> {
        let name = self.policy_name();
        let answer = self.decide(self.fast, case);
        let by_plain = self.told(&self.decide(self.plain, &edge.full));
        if !matches!(answer, Answer::Decided(_)) || self.told(&answer) != by_plain {
            return None;
        }
        let mut expect = Expect { outcome: compare::outcome(&answer, name).to_owned(), ..Expect::default() };
        let rule = self.world().rule(self.rule);
        let part = |negated, what, names| ExpectedPart { span: Span::default(), negated, what, names };
        let found = |what| compare::found(what, &answer, name).certain;
        let mut parts = Vec::new();
        let own: Vec<String> = rule.duties.iter().map(|d| d.text.clone()).collect();
        if matches!(edge.shows, Shows::Not(_)) {
            parts.push(part(true, Expected::By, vec![rule.name.clone()]));
            parts.push(part(true, Expected::Duty, own));
            parts.push(part(false, Expected::By, found(Expected::By)));
        } else {
            parts.push(part(false, Expected::By, found(Expected::By)));
            parts.push(part(false, Expected::In, found(Expected::In)));
            parts.push(part(false, Expected::Requires, found(Expected::Requires)));
            parts.push(part(false, Expected::Under, found(Expected::Under)));
            parts.push(part(false, Expected::Document, found(Expected::Document)));
            parts.push(part(false, Expected::Duty, own));
        }
        parts.push(part(false, Expected::Missing, found(Expected::Missing)));
        let may = compare::proceeds(&answer, name);
        let holds = |p: &ExpectedPart, name: &str| {
            compare::holds(p, name, &compare::found(p.what, &answer, self.policy_name()))
        };
        for p in parts {
            let names: Vec<String> = p.names.iter().filter(|n| holds(&p, n)).cloned().collect();
            if !names.is_empty() {
                expect.parts.push(ExpectedPart { names, ..p });
            }
        }
        expect.parts.extend(may.map(|may| part(!may, Expected::Proceed, Vec::new())));
        Some(expect)
    }

    /// The name of a test, in words.
    fn name(&self, edge: &Edge, of: Option<&Edge>) -> String {
        let world = self.world();
        let declared = world.rule(self.rule);
        let versions = world.rules_of(declared.policy).filter(|(_, r)| r.name == declared.name).count();
        let mut rule = declared.name.clone();
        if versions > 1 {
            let from = declared.in_force.0.first().and_then(|i| i.from);
            rule.push_str(&from.map_or(" of old".to_owned(), |d| format!(" of {d}")));
        }
        let said = |slot: Slot, case: &Case| {
            let fact = slot.fact().map(|f| world.fact(f));
            let value = get(case, slot).zip(fact).map(|(v, f)| v.display(&f.ty, world));
            (fact.map_or("", |f| f.name.as_str()).to_owned(), value.unwrap_or_default().replace('"', ""))
        };
        match edge.shows {
            Shows::Stands => format!("{rule} applies"),
            Shows::StandsBy(slot) => {
                let (fact, value) = said(slot, &edge.full);
                format!("{rule} applies with {fact} {value}")
            }
            Shows::Still(slot) => {
                let (fact, value) = said(slot, &edge.full);
                format!("{rule} still applies with {fact} {value}")
            }
            Shows::Not(slot) => {
                let ((fact, value), before) = (said(slot, &edge.full), of.map(|e| said(slot, &e.full).1));
                let instead = before.map_or(String::new(), |b| format!(" instead of {b}"));
                format!("{rule} does not apply with {fact} {value}{instead}")
            }
        }
    }

    /// The modules of the shared facts that a consignment states.
    fn modules(&self, case: &Case) -> BTreeSet<String> {
        let world = self.world();
        let facts = case.facts.keys().chain(case.items.iter().flat_map(|i| i.keys()));
        let shared = facts.map(|f: &FactId| world.fact(*f)).filter(|f| f.policy.is_none());
        shared.map(|f| f.module.clone()).collect()
    }
}

fn remove(case: &mut Case, slot: Slot) {
    match slot {
        Slot::Shared(f) => drop(case.facts.remove(&f)),
        Slot::Item(n, f) => {
            if let Some(item) = case.items.get_mut(n as usize) {
                item.remove(&f);
            }
        }
        _ => {}
    }
}

/// A text in the layout of gate files; nothing if it cannot be read.
fn canonical(text: &str) -> Option<String> {
    let (tree, problems) = parse_file(FileId(0), text);
    problems.is_empty().then(|| format(&tree))
}

/// The text of a test file with tests added at its end, and how many were added; tests whose names stand in it already
/// are left out. What stands in it stays; a file that was in the canonical layout is laid out again.
pub fn added(before: &str, tests: &[&Proposed]) -> (String, usize) {
    let (file, problems) = parse_file(FileId(0), before);
    let titles: BTreeSet<&str> = file.decls.iter().filter_map(|d| d.title.as_ref()).map(|t| t.node.as_str()).collect();
    let new: Vec<&&Proposed> = tests.iter().filter(|t| !titles.contains(t.name.as_str())).collect();
    if new.is_empty() {
        return (before.to_owned(), 0);
    }
    let used: BTreeSet<String> = file
        .decls
        .iter()
        .filter(|d| matches!(d.kind, tree::DeclKind::Use))
        .filter_map(|d| before.get(d.span.start as usize..d.span.end as usize))
        .filter_map(|text| text.split_whitespace().nth(1).map(str::to_owned))
        .collect();
    let modules: BTreeSet<&String> = new.iter().flat_map(|t| &t.modules).filter(|m| !used.contains(*m)).collect();
    let head: String = modules.iter().map(|m| format!("use {m}\n")).collect();
    // Beside the other `use` lines, else below the comment that a file opens with.
    let uses = file.decls.iter().filter(|d| matches!(d.kind, tree::DeclKind::Use)).map(|d| d.span.end as usize).max();
    let first = file.decls.iter().map(|d| d.span.start as usize).min().unwrap_or(before.len());
    let opening = before.get(..first).and_then(|t| t.find("\n\n")).map_or(0, |at| at + 2);
    let at =
        uses.map_or(opening, |end| before.get(end..).and_then(|t| t.find('\n')).map_or(before.len(), |n| end + n + 1));
    let (above, below) = before.split_at_checked(at).unwrap_or(("", before));
    let gap = if uses.is_none() && !head.is_empty() { "\n" } else { "" };
    let line = if above.is_empty() || above.ends_with('\n') { "" } else { "\n" };
    let mut text = format!("{above}{line}{head}{gap}{below}").trim_end().to_owned();
    for test in &new {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(test.text.trim_end());
    }
    text.push('\n');
    let laid_out = problems.is_empty() && (before.trim().is_empty() || format(&file) == before);
    (if laid_out { canonical(&text).unwrap_or(text) } else { text }, new.len())
}
