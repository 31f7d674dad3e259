//! What a policy orders: its rules, exceptions and bars, the licences that they name and the duties that follow.

use crate::span::Span;

use super::condition::Cond;
use super::date::{InForce, Interval};
use super::world::{LicenceId, PolicyId, RuleId};

/// A kind of authorisation.
#[derive(Clone, Debug)]
pub struct Licence {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Where it is declared.
    pub span: Span,
    /// The policy it belongs to.
    pub policy: PolicyId,
    /// True for a general authorisation, which needs no application.
    pub general: bool,
    /// What it cites.
    pub cite: Option<String>,
    /// Document codes.
    pub documents: Vec<Document>,
    /// Duties on who uses it.
    pub duties: Vec<Duty>,
    /// How long it is valid from its issue.
    pub valid: Option<Duration>,
    /// What a held one must satisfy to cover a requirement.
    pub covers: Option<Cond>,
    /// When it exists.
    pub in_force: InForce,
    /// What the source leaves unsure.
    pub doubt: Option<String>,
}

/// Days or months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duration {
    /// Days.
    Days(u32),
    /// Months.
    Months(u32),
}

/// A document code on a declaration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Document {
    /// The code.
    pub code: String,
    /// True if it declares what the goods are not.
    pub negative: bool,
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duty {
    /// What.
    pub text: String,
    /// By when, as written.
    pub timing: Option<String>,
}

/// What kind of rule it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// `rule`
    Rule,
    /// `exception`
    Exception,
    /// `bar`
    Bar,
}

/// A provision.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Rule, exception or bar.
    pub kind: RuleKind,
    /// Where it is declared.
    pub span: Span,
    /// The policy it belongs to.
    pub policy: PolicyId,
    /// What it cites.
    pub cite: String,
    /// When it applies: `when`, and not `unless`.
    pub cond: Cond,
    /// Who relies on it must have raised this.
    pub claimed: Option<Cond>,
    /// What it defeats.
    pub targets: Vec<RuleId>,
    /// What follows; nothing: duties and documents only.
    pub effect: Option<Effect>,
    /// How applications are reviewed.
    pub review: Option<String>,
    /// The reason for control.
    pub reason: Option<String>,
    /// Duties.
    pub duties: Vec<Duty>,
    /// Document codes.
    pub documents: Vec<Document>,
    /// When.
    pub in_force: InForce,
    /// What the source leaves unsure.
    pub doubt: Option<String>,
    /// A remark for readers.
    pub note: Option<String>,
}

/// What follows from a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is prohibited.
    Prohibit,
    /// Each of these is required; within one, any licence suffices.
    Require(Vec<Vec<LicenceId>>),
    /// It is permitted, perhaps under a licence.
    Permit(Option<LicenceId>),
}

/// What holds where no rule speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// It is permitted.
    Permit,
    /// It is prohibited.
    Prohibit,
}

/// An instrument.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name, `eu.torture`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Where its text comes from.
    pub source: String,
    /// Where it is declared.
    pub span: Span,
    /// When it applies at all.
    pub applies: Cond,
    /// From when to when its law is encoded.
    pub known: Interval,
    /// What holds where no rule speaks.
    pub otherwise: Otherwise,
    /// What is not encoded.
    pub unmodelled: Vec<String>,
    /// What the source leaves unsure.
    pub doubt: Option<String>,
    /// A digest of its files, `sha256:…`, set by the loader.
    pub digest: String,
}
