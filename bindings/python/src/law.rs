//! Policies loaded once and asked from any thread: decisions, interviews, differences.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis::analyze::diff;
use portcullis::consignment::{Overlay, template};
use portcullis::interview::Interview;
use portcullis::model::date::parse_date;
use portcullis::model::{Date, PolicyId};
use portcullis::{Decision, Evaluator, LawFile, Options, Policy, report};
use pyo3::prelude::*;

use crate::errors::{self, About};

self_cell::self_cell! {
    /// Policies with what decides by them, which is made once.
    pub struct Ready {
        owner: Policy,
        #[not_covariant]
        dependent: Evaluator,
    }
}

/// Policies that passed every check. It never changes, so one can serve any number of threads.
#[pyclass(frozen, module = "portcullis._native")]
pub struct Law {
    ready: Arc<Ready>,
    /// The files as they were given, to load them again elsewhere.
    files: BTreeMap<String, Vec<u8>>,
    /// What stands before a path in messages.
    prefix: String,
}

impl Law {
    /// The policies, to be held by what outlives this object.
    pub fn ready(&self) -> Arc<Ready> {
        self.ready.clone()
    }
}

/// What is laid over a consignment: facts as name and text.
type Set = Vec<(String, String)>;

#[pymethods]
impl Law {
    /// Checks files of law, by path below their root.
    #[new]
    fn new(py: Python<'_>, files: BTreeMap<String, Vec<u8>>, prefix: String) -> PyResult<Law> {
        let law = files.iter().map(|(path, bytes)| LawFile { path: path.clone(), bytes: bytes.clone() });
        let law: Vec<LawFile> = law.collect();
        let from_here = |name: &str| format!("{prefix}{name}");
        let loaded = py.detach(|| {
            let mut policy = Policy::load(law)?;
            policy.rename(from_here);
            Ok(Ready::new(policy, Policy::evaluator))
        });
        match loaded {
            Ok(ready) => Ok(Law { ready: Arc::new(ready), files, prefix }),
            Err(rejected) => {
                let mut rejected: Box<portcullis::Rejected> = rejected;
                rejected.sources.rename(from_here);
                Err(errors::rejected(py, About::Policy, &rejected))
            }
        }
    }

    /// The files and what stands before their paths in messages: what `Law` takes.
    fn parts(&self) -> (BTreeMap<String, Vec<u8>>, String) {
        (self.files.clone(), self.prefix.clone())
    }

    /// The policies: name, title, digest.
    fn policies(&self) -> Vec<(String, String, String)> {
        let all = &self.ready.borrow_owner().world().policies;
        all.iter().map(|p| (p.name.clone(), p.title.clone(), p.digest.clone())).collect()
    }

    /// The JSON Schema of a consignment, as text.
    fn schema(&self) -> String {
        template::schema(self.ready.borrow_owner().world()).to_string()
    }

    /// Decides one consignment given as JSON.
    fn decide(
        &self,
        py: Python<'_>,
        consignment: &str,
        set: Set,
        policies: Option<Vec<String>>,
        why: bool,
    ) -> PyResult<Decided> {
        let policies = policies.map(|all| all.iter().map(|n| self.named(py, n)).collect()).transpose()?;
        let options = Options { why, policies, ..Options::default() };
        let overlay = self.overlay(py, set)?;
        let decided = py.detach(|| {
            self.ready.with_dependent(|policy, evaluator| {
                policy.decide_with(evaluator, "consignment", consignment, &overlay, &options)
            })
        });
        match decided {
            Ok(decision) => Ok(Decided { decision, ready: self.ready() }),
            Err(rejected) => Err(errors::rejected(py, About::Consignment, &rejected)),
        }
    }

    /// One step of an interview: takes an answer to the next question, if one is given, and says what comes next: the
    /// question as JSON, the consignment as known so far as JSON, what will not be asked, and, once nothing is left to
    /// ask, the decision. It holds nothing between two steps, as `portcullis ask --format json`.
    fn ask(
        &self,
        py: Python<'_>,
        consignment: &str,
        set: Set,
        unknown: Vec<String>,
        answer: Option<&str>,
    ) -> PyResult<(String, String, Vec<String>, Option<Decided>)> {
        let overlay = self.overlay(py, set)?;
        let step = py.detach(|| {
            let policy = self.ready.borrow_owner();
            let mut interview =
                Interview::new(policy, "consignment", consignment, &overlay).map_err(Wrong::Rejected)?;
            unknown.iter().try_for_each(|name| interview.close(name)).map_err(Wrong::Said)?;
            if let Some(text) = answer {
                interview.answer(text).map_err(Wrong::Said)?;
            }
            let question = serde_json::to_string(&interview.next()).map_err(|e| Wrong::Said(e.to_string()))?;
            let done = interview.next().is_none();
            let decision = interview.decision().filter(|_| done).cloned();
            Ok((question, interview.consignment(false), interview.closed(), decision))
        });
        match step {
            Ok((question, known, closed, decision)) => {
                let decided = decision.map(|decision| Decided { decision, ready: self.ready() });
                Ok((question, known, closed, decided))
            }
            Err(Wrong::Rejected(rejected)) => Err(errors::rejected(py, About::Consignment, &rejected)),
            Err(Wrong::Said(message)) => Err(errors::plain(py, About::Consignment, &message)),
        }
    }

    /// What differs between these policies and others, as JSON and as text.
    fn diff(
        &self,
        py: Python<'_>,
        new: &Law,
        old_day: Option<&str>,
        new_day: Option<&str>,
    ) -> PyResult<(String, String)> {
        let day = |text: Option<&str>| text.map(|t| read_day(py, About::Policy, t)).transpose();
        let (old_day, new_day) = (day(old_day)?, day(new_day)?);
        let one = Arc::ptr_eq(&self.ready, &new.ready);
        let (old, new) = (self.ready.borrow_owner().world(), new.ready.borrow_owner().world());
        let found = match (old_day, new_day) {
            (Some(x), Some(y)) if one => py.detach(|| diff::days(old, x, y)),
            (None, None) if one => {
                return Err(errors::plain(py, About::Policy, "this is one version; name a day for each side"));
            }
            (None, None) => py.detach(|| diff::versions(old, new, diff::LIMIT)),
            (Some(x), Some(y)) => py.detach(|| diff::versions_on((old, x), (new, y), diff::LIMIT)),
            _ => return Err(errors::plain(py, About::Policy, "name a day for both versions, or for neither")),
        };
        let json = serde_json::to_string(&found).map_err(|e| errors::plain(py, About::Policy, &e.to_string()))?;
        Ok((json, text(&report::diff::lines(&found))))
    }
}

/// What can be wrong in a step of an interview.
enum Wrong {
    /// The consignment.
    Rejected(Box<portcullis::Rejected>),
    /// Something that a sentence says.
    Said(String),
}

impl Law {
    fn named(&self, py: Python<'_>, name: &str) -> PyResult<PolicyId> {
        let all = &self.ready.borrow_owner().world().policies;
        let found = all.iter().position(|p| p.name == name).and_then(|i| u32::try_from(i).ok());
        found.map(PolicyId).ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|p| p.name.as_str()).collect();
            let near = portcullis::spelling::nearest(name, names.iter().copied());
            let hint =
                near.map_or_else(|| format!("; loaded: {}", names.join(", ")), |n| format!("; did you mean `{n}`?"));
            errors::plain(py, About::Policy, &format!("no policy `{name}` is loaded{hint}"))
        })
    }

    /// Facts to be laid on top. The date picks the law even where no fact holds it.
    fn overlay(&self, py: Python<'_>, mut set: Set) -> PyResult<Overlay> {
        let date = set.iter().find(|(name, _)| name == "date").map(|(_, text)| text.clone());
        let as_of = match date.filter(|text| text != "unknown") {
            Some(text) => Some(read_day(py, About::Consignment, &text)?),
            None => None,
        };
        if as_of.is_some() && self.ready.borrow_owner().world().fact_named("date").is_none() {
            set.retain(|(name, _)| name != "date");
        }
        Ok(Overlay { as_of, set })
    }
}

/// A day such as 2026-03-02.
pub fn read_day(py: Python<'_>, about: About, text: &str) -> PyResult<Date> {
    let bad = || errors::plain(py, about, &format!("`{text}` is no day; expected one such as 2026-03-02"));
    parse_date(text).ok_or_else(bad)
}

/// A decision, to be put into words when it is asked for.
#[pyclass(frozen, module = "portcullis._native")]
pub struct Decided {
    decision: Decision,
    ready: Arc<Ready>,
}

#[pymethods]
impl Decided {
    /// The decision as JSON: the bytes that the command line writes.
    fn json(&self, py: Python<'_>) -> PyResult<String> {
        serde_json::to_string(&self.decision).map_err(|e| errors::plain(py, About::Policy, &e.to_string()))
    }

    /// The decision in words, 80 columns.
    fn text(&self) -> String {
        text(&report::decision(self.ready.borrow_owner(), &self.decision))
    }

    /// The decision as Markdown.
    fn markdown(&self) -> String {
        report::markdown::decision(self.ready.borrow_owner(), &self.decision)
    }
}

fn text(lines: &[report::Line]) -> String {
    lines.iter().map(|l| format!("{}\n", l.text)).collect()
}
