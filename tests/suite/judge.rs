//! The judge of the engine: on random law and random consignments it gives the whole decision of the interpreter.
//!
//! `ORACLE_CASES` says how many complete consignments are decided, with a tenth as many partial ones; `ORACLE_SEED`
//! where the seeds start, so that `ORACLE_SEED=N ORACLE_CASES=1` repeats the law of a failure. Nothing is skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use portcullis::consignment::Overlay;
use portcullis::eval::Broken;
use portcullis::{Decision, Evaluator, LawFile, Options, Outcome, Policy};
use serde_json::Value;

use crate::common::cases::case;
use crate::common::choices::Choices;
use crate::common::law::{FULL, Law, law};
use crate::common::shrink::shrink;
use crate::toy::toy;

/// Complete consignments decided under each law, and partial ones.
const COMPLETE: usize = 200;
const PARTIAL: usize = 20;

/// A number from the environment.
pub fn wanted(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// Loads generated law, which must be right.
pub fn load(law: &Law, seed: u64) -> Policy {
    let files = law.files.iter().map(|(path, text)| LawFile { path: path.clone(), bytes: text.clone().into_bytes() });
    Policy::load(files).unwrap_or_else(|r| panic!("seed {seed}: the generated law is refused:\n{r}\n{}", law.text()))
}

/// What was reached, so that the generator is known to be strong enough.
#[derive(Debug, Default)]
struct Tally {
    laws: usize,
    decided: usize,
    broken: usize,
    /// Whole decisions that were only a bound for one of the two.
    bounds: usize,
    /// Policy decisions, by outcome, of complete and of partial consignments.
    complete: BTreeMap<&'static str, usize>,
    partial: BTreeMap<&'static str, usize>,
    /// Rules generated, those seen to apply, those seen defeated.
    rules: usize,
    applied: usize,
    defeated: usize,
    /// How often each part of a policy's decision said something.
    parts: BTreeMap<&'static str, usize>,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.laws += other.laws;
        self.decided += other.decided;
        self.broken += other.broken;
        self.bounds += other.bounds;
        self.rules += other.rules;
        self.applied += other.applied;
        self.defeated += other.defeated;
        for (mine, theirs) in
            [(&mut self.complete, other.complete), (&mut self.partial, other.partial), (&mut self.parts, other.parts)]
        {
            theirs.into_iter().for_each(|(k, n)| *mine.entry(k).or_default() += n);
        }
    }

    /// Whether enough happens under the law that is made up; shares that chance alone does not miss.
    fn is_strong(&self) {
        let partial: usize = self.partial.values().sum();
        if self.laws < 10 {
            return;
        }
        assert!(self.bounds * 100 <= partial, "{} bounds among {partial} partial answers", self.bounds);
        assert!(self.applied * 3 >= self.rules, "{} of {} rules are seen to apply", self.applied, self.rules);
        assert!(self.defeated * 12 >= self.rules, "{} of {} rules are seen defeated", self.defeated, self.rules);
        for (of, least) in [(&self.complete, 50), (&self.partial, 100)] {
            let all: usize = of.values().sum();
            for outcome in ["prohibited", "licence_required", "permitted", "not_applicable", "undetermined"] {
                let found = of.get(outcome).copied().unwrap_or_default();
                assert!(found * least >= all, "{outcome}: {found} of {all}");
            }
        }
        if self.laws >= 50 {
            let silent: Vec<_> = self.parts.iter().filter(|(_, n)| **n == 0).collect();
            assert!(silent.is_empty(), "never said: {silent:?}");
        }
    }

    fn decision(&mut self, d: &Decision, partial: bool, seen: &mut Seen) {
        self.decided += 1;
        let items = d.items.iter().flat_map(|i| &i.policies);
        for p in d.policies.iter().chain(items) {
            let outcomes = if partial { &mut self.partial } else { &mut self.complete };
            *outcomes.entry(p.outcome.as_str()).or_default() += 1;
            let of = |rule: &String| (p.policy.clone(), rule.clone());
            seen.applied.extend(p.decided_by.iter().map(|r| of(&r.rule)));
            seen.applied.extend(p.requirements.iter().map(|r| of(&r.rule)));
            seen.applied.extend(p.defeated.iter().map(|r| of(&r.by)));
            seen.defeated.extend(p.defeated.iter().map(|r| of(&r.rule)));
            for (name, any) in [
                ("under", p.under.is_some()),
                ("categories", !p.categories.is_empty()),
                ("decided_by", !p.decided_by.is_empty()),
                ("defeated", !p.defeated.is_empty()),
                ("requirements", !p.requirements.is_empty()),
                ("covered", p.requirements.iter().any(|r| r.covered_by.is_some())),
                ("failed", p.requirements.iter().any(|r| !r.failed.is_empty())),
                ("duties", !p.duties.is_empty()),
                ("documents", !p.documents.is_empty()),
                ("not_documents", !p.not_documents.is_empty()),
                ("presumed", !p.presumed.is_empty()),
                ("excluded", !p.excluded.is_empty()),
                ("near", !p.near.is_empty()),
                ("claimable", !p.claimable.is_empty()),
                ("possible", p.possible != Default::default()),
                ("missing", !p.missing.is_empty()),
                ("warnings", !p.warnings.is_empty()),
            ] {
                *self.parts.entry(name).or_default() += usize::from(any);
            }
        }
    }
}

/// Rules seen, by policy and name.
#[derive(Default)]
struct Seen {
    applied: BTreeSet<(String, String)>,
    defeated: BTreeSet<(String, String)>,
}

/// What both say; where one gave only a bound, what they say must be possible together.
fn agree(fast: &Result<Decision, Broken>, plain: &Result<Decision, Broken>) -> Result<bool, String> {
    let (Ok(a), Ok(b)) = (fast, plain) else {
        return if fast == plain { Ok(false) } else { Err(format!("engine: {fast:#?}\ninterpreter: {plain:#?}")) };
    };
    if a.resolved && b.resolved {
        return if a == b { Ok(false) } else { Err(difference(a, b)) };
    }
    let all = |d: &Decision| -> BTreeSet<Outcome> {
        d.outcome.0.into_iter().chain(d.possible_outcomes.iter().copied()).collect()
    };
    let (x, y) = (all(a), all(b));
    let fits = match (a.resolved, b.resolved) {
        (true, _) => x.is_subset(&y) && (b.may_proceed.is_none() || a.may_proceed == b.may_proceed),
        (_, true) => y.is_subset(&x) && (a.may_proceed.is_none() || a.may_proceed == b.may_proceed),
        _ => x.intersection(&y).next().is_some(),
    };
    if fits { Ok(true) } else { Err(format!("bounds that exclude each other\n{}", difference(a, b))) }
}

/// The lines in which two decisions differ.
fn difference(fast: &Decision, plain: &Decision) -> String {
    let lines = |d: &Decision| serde_json::to_string_pretty(d).unwrap_or_default();
    let (a, b) = (lines(fast), lines(plain));
    let (a, b): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
    let at = a.iter().zip(&b).position(|(x, y)| x != y).unwrap_or(a.len().min(b.len()));
    let part = |l: &[&str]| l[at.saturating_sub(6)..(at + 12).min(l.len())].join("\n");
    format!("engine:\n{}\ninterpreter:\n{}", part(&a), part(&b))
}

/// Decides one consignment by both.
fn both(
    policy: &Policy,
    (fast, plain): (&Evaluator<'_>, &Evaluator<'_>),
    json: &Value,
    why: bool,
) -> Result<(Option<Decision>, bool), String> {
    let case = policy.read("case", &json.to_string(), &Overlay::default()).map_err(|r| format!("refused: {r}"))?;
    let options = Options { why, ..Options::default() };
    let (a, b) = (fast.decide(&case, &options), plain.decide(&case, &options));
    let bound = agree(&a, &b)?;
    let brief = fast.decide(&case, &Options { brief: true, ..Options::default() });
    match (&a, &brief) {
        (Ok(a), Ok(brief)) if a.resolved && cut_short(a) != *brief => {
            return Err(format!("the brief decision\n{}", difference(&cut_short(a), brief)));
        }
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => return Err("a brief decision, or no brief one".to_owned()),
        _ => {}
    }
    Ok((a.ok(), bound))
}

/// What a brief decision keeps of a whole one.
fn cut_short(decision: &Decision) -> Decision {
    let mut out = decision.clone();
    for p in out.policies.iter_mut().chain(out.items.iter_mut().flat_map(|i| &mut i.policies)) {
        p.defeated.clear();
        p.requirements.clear();
        p.duties.clear();
        p.presumed.clear();
        p.excluded.clear();
        p.near.clear();
        p.claimable.clear();
        p.possible.categories.clear();
        p.possible.requirements.clear();
        p.possible.duties.clear();
        p.possible.documents.clear();
        p.why.clear();
    }
    out
}

/// Fails with the smallest law and consignment that were found.
fn report(seed: u64, n: usize, law: &Law, json: &Value) -> ! {
    let problem = |law: &Law, json: &Value| {
        let files = law.files.iter();
        let files = files.map(|(path, text)| LawFile { path: path.clone(), bytes: text.clone().into_bytes() });
        let policy = Policy::load(files).ok()?;
        policy.read("case", &json.to_string(), &Overlay::default()).ok()?;
        both(&policy, (&policy.evaluator(), &policy.plain_evaluator()), json, n.is_multiple_of(10)).err()
    };
    let (law, json) = shrink(law, json, |law, json| problem(law, json).is_some());
    let problem = problem(&law, &json).unwrap_or_default();
    panic!("seed {seed}, consignment {n}, made smaller: {problem}\n{}\n{json}", law.text());
}

/// One law with all its consignments.
fn judge(seed: u64) -> Tally {
    let mut c = Choices::seeded(seed);
    let law = law(&mut c, &FULL);
    let policy = load(&law, seed);
    let (fast, plain) = (policy.evaluator(), policy.plain_evaluator());
    let (mut tally, mut seen) =
        (Tally { laws: 1, rules: policy.world().rules.len(), ..Tally::default() }, Seen::default());
    for n in 0..COMPLETE + PARTIAL {
        let partial = n >= COMPLETE;
        let unknown = if partial { 1 + c.below(4) } else { 0 };
        let json = case(&mut c, &law, unknown, if partial { 15 } else { 0 });
        match both(&policy, (&fast, &plain), &json, n.is_multiple_of(10)) {
            Ok((Some(d), bound)) => {
                tally.bounds += usize::from(bound);
                tally.decision(&d, partial, &mut seen);
            }
            Ok((None, _)) => tally.broken += 1,
            Err(_) => report(seed, n, &law, &json),
        }
    }
    tally.applied = seen.applied.len();
    tally.defeated = seen.defeated.len();
    tally
}

/// Runs something for each of some seeds on all processors.
pub fn in_parallel<T: Send>(seeds: std::ops::Range<u64>, one: impl Fn(u64) -> T + Sync, mut done: impl FnMut(T)) {
    let (next, all) = (AtomicU64::new(seeds.start), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let work = || {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    return;
                }
                let last = Last { next: &next, end: seeds.end };
                let found = one(seed);
                std::mem::forget(last);
                all.lock().unwrap().push((seed, found));
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            if let Err(panic) = worker.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    let mut all = all.into_inner().unwrap();
    all.sort_by_key(|(seed, _)| *seed);
    all.into_iter().for_each(|(_, found)| done(found));
}

/// Takes away what is left to do when dropped, as by a panic.
struct Last<'n> {
    next: &'n AtomicU64,
    end: u64,
}

impl Drop for Last<'_> {
    fn drop(&mut self) {
        self.next.store(self.end, Ordering::Relaxed);
    }
}

#[test]
fn the_engine_decides_as_the_interpreter() {
    let (first, cases) = (wanted("ORACLE_SEED", 0), wanted("ORACLE_CASES", 2_000));
    let laws = cases.div_ceil(COMPLETE as u64).max(1);
    let mut tally = Tally::default();
    in_parallel(first..first + laws, judge, |t| tally.add(t));
    println!("{tally:#?}");
    tally.is_strong();
}

/// Two ways into a list, one by the code alone: that it is asked for does not open what is presumed of the other. The
/// goods are as described, so that without a code they are in the list, and that makes nothing milder.
#[test]
fn a_code_that_is_asked_for_alone_takes_away_no_presumption() {
    let policy = toy("category other \"O\" { code CN 9304 }\n\
         category list \"L\" {\n\
           category 1 \"A\" { when goods coded under other }\n\
           category 2 \"B\" { code CN 8543 70 when a }\n\
         }\n\
         rule r \"R\" { cite \"r\" when goods in list then prohibit }\n");
    let case = policy.read("case", r#"{ "date": "2026-03-02", "a": true }"#, &Overlay::default()).unwrap();
    for evaluator in [policy.evaluator(), policy.plain_evaluator()] {
        let decision = evaluator.decide(&case, &Options::default()).unwrap();
        assert_eq!(decision.outcome.0, Some(Outcome::Prohibited));
    }
}
