//! The decision: what the evaluator answers, in the form in which it is published.
//!
//! Fields are written in this order, always; a field may be added, and none changes its meaning.

use serde::Serialize;

/// The name of this form.
pub const SCHEMA: &str = "portcullis.decision/1";

/// What is decided, from mild to strict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// No policy loaded speaks to it.
    NotApplicable,
    /// It is permitted.
    Permitted,
    /// A licence is required.
    LicenceRequired,
    /// It is prohibited.
    Prohibited,
}

impl Outcome {
    /// All outcomes, from mild to strict.
    pub const ALL: [Outcome; 4] =
        [Outcome::NotApplicable, Outcome::Permitted, Outcome::LicenceRequired, Outcome::Prohibited];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::NotApplicable => "not_applicable",
            Outcome::Permitted => "permitted",
            Outcome::LicenceRequired => "licence_required",
            Outcome::Prohibited => "prohibited",
        }
    }
}

/// A decision on a consignment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The identifier of the consignment.
    pub id: Option<String>,
    /// The day that picked the law.
    pub as_of: String,
    /// The joint outcome; `undetermined` where completions differ.
    pub outcome: Word,
    /// Whether it may proceed; null where that is not known, or no policy speaks.
    pub may_proceed: Option<bool>,
    /// One answer a policy, where there is one goods item.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<PolicyDecision>,
    /// One answer an item, where the goods were given as a list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemDecision>,
    /// The outcomes that completions give, strictest first, where they differ.
    pub possible_outcomes: Vec<Outcome>,
    /// False if a limit was reached, and the answer is only a sound bound.
    pub resolved: bool,
    /// What to know before relying on it.
    pub warnings: Vec<String>,
}

/// An outcome, or `undetermined`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(pub Option<Outcome>);

impl Word {
    /// The word.
    pub fn as_str(self) -> &'static str {
        self.0.map_or("undetermined", Outcome::as_str)
    }
}

impl Serialize for Word {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

/// The decision on one goods item.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemDecision {
    /// Its number, from 1.
    pub item: u32,
    /// Its joint outcome.
    pub outcome: Word,
    /// Whether it may proceed.
    pub may_proceed: Option<bool>,
    /// One answer a policy.
    pub policies: Vec<PolicyDecision>,
}

/// The decision of one policy on one item. What stands at this level is certain; the rest is in `possible`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PolicyDecision {
    /// The policy.
    pub policy: String,
    /// The digest of its files.
    pub digest: String,
    /// Its outcome.
    pub outcome: Word,
    /// Whether it lets the item proceed.
    pub may_proceed: Option<bool>,
    /// The general licence or licence exception under which it is permitted.
    pub under: Option<String>,
    /// The entries that the goods are in; the narrowest.
    pub categories: Vec<String>,
    /// The rules that decide.
    pub decided_by: Vec<DecidingRule>,
    /// The rules that apply and are defeated.
    pub defeated: Vec<DefeatedRule>,
    /// What is required.
    pub requirements: Vec<Requirement>,
    /// What has to be done.
    pub duties: Vec<DutyDue>,
    /// Document codes for the declaration.
    pub documents: Vec<String>,
    /// Negative document codes that must not be declared.
    pub not_documents: Vec<String>,
    /// Presumptions that the answer leans on, milder first.
    pub presumed: Vec<Presumed>,
    /// Entries that list the declared code and do not hold the goods: why the goods are not listed.
    pub excluded: Vec<Excluded>,
    /// Entries that a wrong code may hide.
    pub near: Vec<Near>,
    /// Exceptions that nobody raised, and what would have to be shown.
    pub claimable: Vec<Claimable>,
    /// What only some completions give.
    pub possible: Possible,
    /// Facts whose answer can change the outcome or whether it may proceed, the best question first.
    pub missing: Vec<Missing>,
    /// False if a limit was reached, and what is possible is only a sound bound.
    pub resolved: bool,
    /// What to know before relying on it.
    pub warnings: Vec<String>,
    /// What the policy does not encode.
    pub unmodelled: Vec<String>,
    /// The last day on which its law is known.
    pub known_to: Option<String>,
    /// The reasons as a tree, where they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<super::explain::Node>,
}

/// A rule that decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecidingRule {
    /// Its name.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// Its citation.
    pub cite: String,
    /// `prohibit`, `require` or `permit`.
    pub effect: &'static str,
    /// The licence required or used; alternatives joined by `or`, each of several by `and`.
    pub licence: Option<String>,
    /// How applications are reviewed.
    pub review: Option<String>,
    /// The reason for control.
    pub reason: Option<String>,
}

/// A rule that applies and is defeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DefeatedRule {
    /// Its name.
    pub rule: String,
    /// What defeats it.
    pub by: String,
    /// Its citation.
    pub cite: String,
}

/// One requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// The licence; alternatives joined by `or`.
    pub licence: String,
    /// The rule that requires it.
    pub rule: String,
    /// The reason for control.
    pub reason: Option<String>,
    /// The licence held that covers it, by its number or its place among those held.
    pub covered_by: Option<String>,
    /// Fields of a held licence that keep it from covering.
    pub failed: Vec<String>,
    /// Fields of a held licence that are not known.
    pub unknown: Vec<String>,
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DutyDue {
    /// What.
    pub duty: String,
    /// By when.
    pub when: Option<String>,
    /// The rule or licence it comes from.
    pub from: String,
}

/// A presumption that the answer leans on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Presumed {
    /// The fact.
    pub fact: String,
    /// The value supplied.
    pub value: serde_json::Value,
    /// Its ground in law.
    pub because: Option<String>,
    /// True if it leans to the milder side.
    pub milder: bool,
}

/// An entry that lists the declared code, and why it does not hold the goods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Excluded {
    /// The entry.
    pub category: String,
    /// What keeps the goods out of it, each with the fact that settles it.
    pub because: Vec<String>,
}

/// An entry that a wrong code may hide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Near {
    /// The entry.
    pub category: String,
    /// `code`: the description fits or may fit, the declared code is none of the entry's.
    pub because: &'static str,
}

/// An exception that nobody raised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claimable {
    /// The exception.
    pub rule: String,
    /// Its citation.
    pub cite: String,
    /// The facts that would have to be shown.
    pub facts: Vec<String>,
}

/// What only some completions of the unknown facts give.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Possible {
    /// Outcomes, strictest first; empty if the outcome is certain.
    pub outcomes: Vec<Outcome>,
    /// Entries.
    pub categories: Vec<Waiting>,
    /// Requirements.
    pub requirements: Vec<Waiting>,
    /// Duties.
    pub duties: Vec<Waiting>,
    /// Document codes.
    pub documents: Vec<Waiting>,
}

/// Something possible, and the facts it waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Waiting {
    /// What.
    pub name: String,
    /// The facts that still matter to it.
    pub waits_for: Vec<String>,
}

/// A fact that is still to be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The fact.
    pub fact: String,
    /// The goods item or held licence it is about, from 1, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<u32>,
    /// The question.
    pub ask: String,
    /// Who can answer.
    pub answered_by: Option<String>,
}
