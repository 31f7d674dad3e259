//! What an amendment changes: two versions of the law, or one version on two days, compared over all consignments.
//!
//! For each outcome before and each outcome after, the consignments that go from one to the other are a function of
//! their facts, or too large for one: then `region` asks a SAT solver of its parts. `side` says how one version reaches an
//! outcome; `regions` cuts what changes by the rule that causes it and the entry of a control list on which that
//! rule rests; `words` says, in the law's terms, which values of each fact occur in it; `show` finds one small
//! consignment of it and decides that again. `align` brings two versions with other facts to one numbering.
//!
//! A finding is exact: it holds of every consignment that it describes, and no change of outcome is left out. Where a
//! limit is reached, the answer names what was not compared.

mod align;
mod region;
mod regions;
mod show;
mod side;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::engine::space::with_views;
use crate::eval::Outcome;
use crate::model::{Atom, AtomKind, Case, Cond, Date, FactId, Level, PolicyId, Value, World};

use crate::span::Span;

use super::same::boundaries;

pub use align::align;

/// The name of this form.
pub const SCHEMA: &str = "portcullis.diff/1";

/// How much work a comparison may take, as nodes of diagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For each span of days; past it the answer says what was not compared.
    pub nodes: u32,
    /// To know at once where each outcome is reached; past it that is asked piece by piece.
    pub outcomes: u32,
    /// For each piece; past it, more is asked of a SAT solver.
    pub piece: u32,
}

/// Good limits.
pub const LIMIT: Limits = Limits { nodes: 4_000_000, outcomes: 1_000_000, piece: 2_000 };

/// What two versions of the law decide differently.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diff {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// True if nothing differs, which is proved.
    pub same: bool,
    /// False if a limit was reached, so that not everything was compared.
    pub resolved: bool,
    /// What was not compared.
    pub not_compared: Vec<String>,
    /// What was declared differently, and compared as different things.
    pub notes: Vec<String>,
    /// What differs.
    pub findings: Vec<Finding>,
}

/// Why something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// What is controlled, or how.
    Meaning,
    /// The description fits an entry before and after; only the codes beside it changed.
    Codes,
    /// Goods described by the number of an entry, where the entry got another number.
    Numbers,
    /// The outcome stays, and what it rests on or asks for changes.
    Grounds,
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Why.
    pub group: Group,
    /// The days on which it does, where whole versions are compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Days>,
    /// The policy.
    pub policy: String,
    /// The rules that cause it; none: when the policy applies at all, or what holds where no rule speaks.
    pub rules: Vec<Named>,
    /// The outcome before.
    pub from: Outcome,
    /// The outcome after.
    pub to: Outcome,
    /// What it is about where the outcome stays: `entry`, `rule`, `duty`, `document`, `may_proceed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// The entries that goods of it may be in before.
    pub was_in: Vec<String>,
    /// The entries that goods of it may be in after.
    pub now_in: Vec<String>,
    /// Facts of which only some values occur in it, with those.
    pub facts: Vec<Fact>,
    /// Rules that led to the outcome already where the cause would as well.
    pub except: Vec<String>,
    /// A consignment to show for it; none where no consignment could be made that shows it when decided again.
    pub witness: Option<Witness>,
}

/// What a finding is about where the outcome stays.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct About {
    /// `entry`, `rule`, `duty`, `document`, `may_proceed`.
    pub what: &'static str,
    /// Its name or text.
    pub name: String,
    /// True if it is so after and was not before.
    pub added: bool,
}

/// Days from one to another, both included; open where nothing is said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Days {
    /// The first.
    pub from: Option<String>,
    /// The last.
    pub to: Option<String>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its citation.
    pub cite: String,
}

/// The values of one fact in a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fact {
    /// The fact.
    pub fact: String,
    /// Its values, in words.
    pub values: String,
    /// True if it is restricted so only where a declared code is confirmed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub where_confirmed: bool,
}

/// A recorded consignment that two versions decide differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flip {
    /// Its identifier, or where it stands.
    pub id: String,
    /// The outcome before; nothing: undetermined.
    pub from: Option<Outcome>,
    /// The outcome after.
    pub to: Option<Outcome>,
    /// Whether it could proceed before; nothing: open.
    pub could_proceed: Option<bool>,
    /// Whether it may proceed after.
    pub may_proceed: Option<bool>,
}

/// A consignment to show for a finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Witness {
    /// Its facts; whatever else is so of it, it is decided as the finding says, as long as what is presumed is so.
    #[serde(skip)]
    pub case: Case,
    /// Its facts in words, in the order of their declaration.
    pub facts: Vec<(String, String)>,
    /// The rules that decide it before.
    pub before: Vec<String>,
    /// The rules that decide it after.
    pub after: Vec<String>,
}

/// Compares one version of the law on two days.
pub fn days(world: &World, old: Date, new: Date) -> Diff {
    let mut out = Collected::default();
    if compares_date(world) {
        out.not_compared.push(DATE_COMPARED.into());
    } else {
        one((world, old), (world, new), &mut out, LIMIT);
    }
    out.diff()
}

const DATE_COMPARED: &str =
    "anything: the law compares the date with another fact, so two days have no consignment in common";

/// True if the date is compared with a fact other than those of a licence held; here none is held.
fn compares_date(world: &World) -> bool {
    let own = |f: &FactId| world.fact(*f).level != Level::Licence;
    world.fact_named("date").is_some_and(|date| {
        let compares = |c: &Cond| {
            let mut found = false;
            c.atoms(&mut |a, _| {
                found |= matches!(&a.kind, AtomKind::Facts(x, _, y) if *x == date && own(y) || *y == date && own(x));
            });
            found
        };
        crate::eval::classes::all_conditions(world).any(compares)
    })
}

/// Compares two versions of the law on every day on which both are known.
///
/// [`LIMIT`] is a good limit.
pub fn versions(old: &World, new: &World, limit: Limits) -> Diff {
    let mut out = Collected::default();
    let (old, new, notes) = align(old, new);
    let (old, new) = (&old, &new);
    out.notes.extend(notes);
    out.not_compared.extend(unstated(old, new));
    let starts: Vec<Date> = boundaries(old, new).into_iter().collect();
    for (i, day) in starts.iter().enumerate() {
        if ![old, new].iter().any(|w| w.policies.iter().any(|p| p.known.contains(*day))) {
            continue;
        }
        let last = starts.get(i + 1).and_then(|d| d.yesterday().ok());
        out.span = Some(Days { from: (i > 0).then(|| day.to_string()), to: last.map(|d| d.to_string()) });
        one((old, *day), (new, *day), &mut out, limit);
    }
    out.diff()
}

/// Compares two versions of the law, each on a day of its own.
pub fn versions_on(old: (&World, Date), new: (&World, Date), limit: Limits) -> Diff {
    let (was, is, notes) = align(old.0, new.0);
    let mut out = Collected::default();
    out.notes.extend(notes);
    out.not_compared.extend(unstated(&was, &is));
    if old.1 != new.1 && (compares_date(&was) || compares_date(&is)) {
        out.not_compared.push(DATE_COMPARED.into());
    } else {
        one((&was, old.1), (&is, new.1), &mut out, limit);
    }
    out.diff()
}

/// What two aligned versions say differently that shows only with licences held, or where facts are left out: it is not
/// compared, so the answer has to name it.
fn unstated(old: &World, new: &World) -> Vec<String> {
    let mut out = Vec::new();
    for (a, b) in old.facts.iter().zip(&new.facts) {
        let presumed =
            |f: &crate::model::Fact| f.presumed.as_ref().map(|p| (p.value.clone(), p.unless.as_ref().map(bare)));
        if presumed(a) != presumed(b) {
            out.push(format!(
                "what is presumed of `{}` differs; consignments that leave it out were not compared",
                a.name
            ));
        }
    }
    for a in &old.licences {
        for b in new.licences.iter().filter(|b| b.name == a.name) {
            if (a.covers.as_ref().map(bare), a.valid) != (b.covers.as_ref().map(bare), b.valid) {
                out.push(format!("what licence `{}` covers differs; consignments with it were not compared", a.name));
            }
        }
    }
    for a in &old.rules {
        for b in new.rules.iter().filter(|b| b.name == a.name) {
            if a.claimed.as_ref().map(bare) != b.claimed.as_ref().map(bare) {
                out.push(format!("what has to be claimed for `{}` differs; claims were taken as raised", a.name));
            }
        }
    }
    out
}

/// A condition without its places in the text.
fn bare(cond: &Cond) -> Cond {
    match cond {
        Cond::All(list) => Cond::All(list.iter().map(bare).collect()),
        Cond::Any(list) => Cond::Any(list.iter().map(bare).collect()),
        Cond::Not(inner) => Cond::Not(Box::new(bare(inner))),
        Cond::Atom(a) => Cond::Atom(Atom { span: Span::default(), kind: a.kind.clone() }),
    }
}

/// What was found so far.
#[derive(Default)]
struct Collected {
    span: Option<Days>,
    findings: Vec<Finding>,
    not_compared: Vec<String>,
    notes: BTreeSet<String>,
    /// True once it took too much to know where each outcome is reached.
    large: bool,
}

impl Collected {
    /// Says what was not compared, and on which days.
    fn skip(&mut self, what: &str) {
        let when = match &self.span {
            Some(Days { from: Some(day), .. }) => format!(" from {day}"),
            Some(_) => " before the first day that the law names".to_owned(),
            None => String::new(),
        };
        self.not_compared.push(format!("{what}{when}"));
    }

    fn add(&mut self, mut finding: Finding) {
        let alike = |f: &&mut Finding| {
            let key = |f: &Finding| (f.group, f.rules.clone(), f.from, f.to, f.about.clone());
            let values =
                |f: &Finding| (f.policy.clone(), f.was_in.clone(), f.now_in.clone(), f.facts.clone(), f.except.clone());
            key(f) == key(&finding) && values(f) == values(&finding)
        };
        let Some(span) = self.span.clone() else {
            self.findings.push(finding);
            return;
        };
        if let Some(known) = self.findings.iter_mut().find(alike) {
            match known.days.last_mut() {
                Some(last) if follows(last, &span) => last.to = span.to,
                _ => known.days.push(span),
            }
            return;
        }
        finding.days = vec![span];
        self.findings.push(finding);
    }

    fn diff(mut self) -> Diff {
        self.findings.sort_by_key(|f| (f.group, std::cmp::Reverse(f.to), std::cmp::Reverse(f.from)));
        let resolved = self.not_compared.is_empty();
        Diff {
            schema: SCHEMA,
            same: resolved && self.findings.is_empty() && self.notes.is_empty(),
            resolved,
            not_compared: self.not_compared,
            notes: self.notes.into_iter().collect(),
            findings: self.findings,
        }
    }
}

/// True if one span begins on the day after another ends.
fn follows(last: &Days, next: &Days) -> bool {
    let day = |d: &Option<String>| d.as_deref().and_then(crate::model::date::parse_date);
    day(&last.to).and_then(|d| d.tomorrow().ok()).is_some_and(|d| Some(d) == day(&next.from))
}

/// Compares two versions, each on its day.
fn one(old: (&World, Date), new: (&World, Date), out: &mut Collected, limit: Limits) {
    let start = |(world, day): (&World, Date)| Case {
        id: None,
        date: day,
        facts: world.fact_named("date").map(|f| (f, Value::Date(day))).into_iter().collect(),
        items: vec![BTreeMap::new()],
        listed: false,
        licences: Vec::new(),
        warnings: Vec::new(),
    };
    let starts = (start(old), start(new));
    let mut pairs: Vec<(PolicyId, PolicyId)> = Vec::new();
    let alone = old.0.policies.len() == 1 && new.0.policies.len() == 1;
    for (i, p) in old.0.policies.iter().enumerate() {
        let twin = new.0.policies.iter().position(|q| alone || q.name == p.name);
        let Some(twin) = twin else {
            out.notes.insert(format!("policy `{}` stands only in the old version", p.name));
            continue;
        };
        match (p.known.contains(old.1), new.0.policies[twin].known.contains(new.1)) {
            (true, true) => pairs.push((PolicyId(i as u32), PolicyId(twin as u32))),
            (false, false) if out.span.is_some() => {}
            (was, _) => {
                let which = if was { "new" } else { "old" };
                out.skip(&format!("policy `{}`: its {which} version is not known then", p.name));
            }
        }
    }
    for q in new.0.policies.iter().filter(|q| !alone && !old.0.policies.iter().any(|p| p.name == q.name)) {
        out.notes.insert(format!("policy `{}` stands only in the new version", q.name));
    }
    if pairs.is_empty() {
        return;
    }
    with_views(&[(old.0, &starts.0), (new.0, &starts.1)], &|_| false, true, limit.nodes, |views| {
        if let [a, b] = views {
            regions::compare(a, b, (&starts.0, &starts.1), &pairs, limit, out);
        }
    });
}
