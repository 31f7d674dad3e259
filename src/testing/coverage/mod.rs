//! Which sentences of the law the tests test: what is measured, and where the gaps are.
//!
//! Each sentence gives *goals*: a rule has to stand once, a condition to hold once and to fail once, a threshold to be
//! met from both sides. A goal is met by a test that shows it, as [`crate::eval::trace`] says. `measure` lists the
//! goals; `text`, `lcov` and `html` put them into words. A goal met says that a test reads the sentence, not that its
//! expectation would notice a change; mutation of the policy says that.

mod html;
mod lcov;
mod measure;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::consignment::Overlay;
use crate::eval::Evaluator;
use crate::eval::trace::Seen;
use crate::model::TestCase;
use crate::policy::Policy;
use crate::span::{FileId, Span};

pub use html::html;
pub use lcov::lcov;
pub use measure::Measure;
pub use text::text;

use super::Answer;

/// Something that a test has to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// What kind of goal it is.
    pub measure: Measure,
    /// The sentence it is about.
    pub span: Span,
    /// What has to be shown, as the words after the place of a gap.
    pub text: String,
    /// How many tests show it.
    pub hits: u32,
    /// What shows it: any of these.
    any_of: Vec<Seen>,
    /// What a decision has to cite, for a provision.
    cites: Option<String>,
}

/// All goals of the files measured, in the order of their places within each measure.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// The goals.
    pub goals: Vec<Goal>,
}

/// How far one measure is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Which.
    pub measure: Measure,
    /// Goals met.
    pub met: usize,
    /// Goals in all.
    pub of: usize,
}

impl Reached {
    /// Tenths of a percent, rounded down, so that only all is `100.0`; nothing to reach is reached.
    pub fn tenths(self) -> usize {
        (self.met * 1000).checked_div(self.of).unwrap_or(1000)
    }

    /// The percentage with one decimal, `97.3`.
    pub fn percent(self) -> String {
        format!("{}.{}", self.tenths() / 10, self.tenths() % 10)
    }
}

impl Coverage {
    /// What tests show of the law in the files of those numbers.
    pub(super) fn of(policy: &Policy, shown: Vec<Shown>, files: &BTreeSet<FileId>) -> Coverage {
        let (mut seen, mut cited) = (BTreeMap::<Seen, u32>::new(), BTreeMap::<String, u32>::new());
        for (one, cites) in shown {
            one.into_iter().for_each(|s| *seen.entry(s).or_default() += 1);
            cites.into_iter().for_each(|c| *cited.entry(c).or_default() += 1);
        }
        let mut goals = measure::goals(policy.world(), files);
        for goal in &mut goals {
            let shown = goal.any_of.iter().filter_map(|s| seen.get(s)).sum::<u32>();
            goal.hits = shown + goal.cites.as_ref().and_then(|c| cited.get(c)).copied().unwrap_or(0);
        }
        goals.sort_by_key(|g| (g.measure, g.span));
        Coverage { goals }
    }

    /// How far each measure is reached; measures with no goal are left out.
    pub fn reached(&self) -> Vec<Reached> {
        let one = |measure| {
            let own = || self.goals.iter().filter(move |g| g.measure == measure);
            Reached { measure, met: own().filter(|g| g.hits > 0).count(), of: own().count() }
        };
        Measure::ALL.into_iter().map(one).filter(|r| r.of > 0).collect()
    }

    /// The measures that do not reach a percentage.
    pub fn below(&self, percent: u8) -> Vec<Reached> {
        self.reached().into_iter().filter(|r| r.met * 100 < r.of * usize::from(percent)).collect()
    }

    /// The goals of a measure that no test meets.
    pub fn gaps(&self, measure: Measure) -> impl Iterator<Item = &Goal> {
        self.goals.iter().filter(move |g| g.measure == measure && g.hits == 0)
    }

    /// As JSON: each measure with its gaps.
    pub fn json(&self, policy: &Policy) -> serde_json::Value {
        #[derive(Serialize)]
        struct Gap<'g> {
            place: String,
            text: &'g str,
        }
        let one = |r: Reached| {
            let gaps = self.gaps(r.measure).map(|g| Gap { place: place(policy, g.span), text: &g.text });
            serde_json::json!({
                "measure": r.measure.name(), "met": r.met, "of": r.of, "percent": r.percent(),
                "gaps": gaps.collect::<Vec<_>>(),
            })
        };
        self.reached().into_iter().map(one).collect()
    }
}

/// `file:line`.
fn place(policy: &Policy, span: Span) -> String {
    let place = policy.sources().place(span);
    place.rsplit_once(':').map_or(place.clone(), |(line, _)| line.to_owned())
}

/// The line of a span, from one.
fn line(policy: &Policy, span: Span) -> usize {
    policy.sources().get(span.file).map_or(1, |f| f.line_column(span.start as usize).0)
}

/// What one test shows, and the provisions that its decision cites.
pub(super) type Shown = (BTreeSet<Seen>, BTreeSet<String>);

/// What one test shows by what came of its facts.
pub(super) fn show(policy: &Policy, evaluator: &Evaluator<'_>, test: &TestCase, answer: &Answer) -> Shown {
    let Ok(case) = policy.read(&test.name, &test.given.to_string(), &Overlay::default()) else {
        return Shown::default();
    };
    let seen = evaluator.trace(&case, test.policy);
    let (world, mut cited) = (policy.world(), BTreeSet::new());
    if let Answer::Decided(decision) = answer {
        for p in super::answers(decision, &world.policies[test.policy.index()].name) {
            cited.extend(p.decided_by.iter().map(|r| r.cite.clone()));
            cited.extend(p.defeated.iter().map(|r| r.cite.clone()));
            cited.extend(p.claimable.iter().map(|r| r.cite.clone()));
            // Of several versions of an entry the one that the goods are in.
            let entries = seen.iter().filter_map(|s| if let Seen::Entry(id, true) = s { Some(*id) } else { None });
            let named = entries.map(|id| world.category(id)).filter(|c| p.categories.contains(&c.name));
            cited.extend(named.filter_map(|c| c.cite.clone()));
        }
    }
    // A rule with duties or papers alone decides nothing; it is cited by what it adds.
    let stands = seen.iter().filter_map(|s| if let Seen::Stands(id) = s { Some(*id) } else { None });
    cited.extend(stands.filter(|id| world.rule(*id).effect.is_none()).map(|id| world.rule(id).cite.clone()));
    (seen, cited)
}
