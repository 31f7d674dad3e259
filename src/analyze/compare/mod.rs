//! Where the law of several states differs: goods, activities and jurisdictions side by side on one day.
//!
//! A cell says what the policies of a jurisdiction decide of some goods and an activity, sent from that jurisdiction: all
//! outcomes that consignments of those goods can have, each with a consignment. It is the answer of a decision in which
//! only that is known: what is presumed is presumed, and no exception is claimed that has to be. Where a jurisdiction
//! has no policy, or its law is not known on the day, the cell is unknown, never free.
//!
//! `seat` finds from where goods leave a jurisdiction, `cells` what it decides, `pairs` where one of two is stricter.

mod cells;
mod pairs;
mod seat;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::eval::{Evaluator, Outcome};
use crate::model::{Case, CategoryId, FactId, PlaceId, PolicyId, Type, Value, World};

use cells::Place;

/// The name of this form.
pub const SCHEMA: &str = "portcullis.compare/1";

/// How many nodes of diagrams one column, or one pair, may take.
pub const LIMIT: u32 = 4_000_000;

/// What is compared.
#[derive(Clone, Debug)]
pub struct Question {
    /// What is known of every consignment: the day, and facts that are given.
    pub base: Case,
    /// The jurisdictions.
    pub columns: Vec<Column>,
    /// The goods, each by the name and the versions of an entry; none: the goods are as given.
    pub goods: Vec<(String, Vec<CategoryId>)>,
    /// The activities by name; none: the activity is as given, or open.
    pub activities: Vec<String>,
    /// Whether destinations are told apart.
    pub by_destination: bool,
    /// Whether it is asked of each two jurisdictions where one is stricter.
    pub pairs: bool,
    /// How many nodes of diagrams one column, or one pair, may take; [`LIMIT`] is a good one.
    pub limit: u32,
}

/// A jurisdiction.
#[derive(Clone, Debug)]
pub struct Column {
    /// What it is called.
    pub name: String,
    /// Its policies, which speak together; none: its law is not there.
    pub policies: Vec<PolicyId>,
    /// From where goods leave; nothing: from where they do by its own law.
    pub from: Option<PlaceId>,
}

/// The law of several jurisdictions side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The day.
    pub as_of: String,
    /// The jurisdictions.
    pub columns: Vec<Side>,
    /// True if two jurisdictions differ in any row.
    pub differ: bool,
    /// False if a limit was reached, so that some cells are only what could be found out.
    pub resolved: bool,
    /// What is compared; those that differ most stand first.
    pub rows: Vec<Row>,
    /// Where one of two jurisdictions is stricter, by row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<Pair>,
}

/// A jurisdiction as it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// What it is called.
    pub name: String,
    /// The names of its policies.
    pub policies: Vec<String>,
    /// The last day for which its law is known.
    pub known_to: Option<String>,
    /// Why nothing is known of it on the day.
    pub unknown: Option<String>,
}

/// Some goods and an activity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The name of the goods; nothing: as given.
    pub goods: Option<String>,
    /// What they are.
    pub title: Option<String>,
    /// The activity; nothing: as given.
    pub activity: Option<String>,
    /// The destinations, where they are told apart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub destinations: Vec<String>,
    /// True if two jurisdictions differ in it.
    pub differs: bool,
    /// What each jurisdiction decides, in the order of the columns.
    pub cells: Vec<Cell>,
}

/// What one jurisdiction decides.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cell {
    /// All outcomes there can be, strictest first; none where it is unknown, and at home.
    pub outcomes: Vec<Possible>,
    /// Why it is unknown.
    pub unknown: Option<String>,
    /// From where the goods leave.
    pub from: Option<String>,
    /// True if the destination is the jurisdiction itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub at_home: bool,
    /// The facts that settle which outcome it is.
    pub hangs_on: Vec<String>,
    /// False if a limit was reached: the outcomes are those that could not be ruled out.
    pub resolved: bool,
}

/// An outcome that is possible.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Possible {
    /// The outcome.
    pub outcome: Outcome,
    /// A consignment that has it, decided again by the plain interpreter; none where none could be shown.
    pub witness: Option<Witness>,
}

/// A consignment, and what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Witness {
    /// Its facts in words, besides those by which the goods are in the entry of the row; whatever else is so of such
    /// goods, as long as what is presumed is so, it is decided so.
    pub facts: Vec<(String, String)>,
    /// The rules that decide it, each as `policy.rule (citation)`.
    pub by: Vec<String>,
    /// The whole consignment that was decided again, in words.
    pub whole: Vec<(String, String)>,
    /// The same.
    #[serde(skip)]
    pub case: Case,
}

/// Where one of two jurisdictions is stricter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// The number of the row, from zero.
    pub row: usize,
    /// The two columns, by number.
    pub columns: [usize; 2],
    /// The outcomes in each, where they differ; the greatest differences first.
    pub steps: Vec<Step>,
    /// False if it took too much work to find all.
    pub resolved: bool,
}

/// Two outcomes of the same goods in two jurisdictions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// The outcome in the first, and in the second.
    pub outcomes: [Outcome; 2],
    /// The number of the column that is stricter.
    pub stricter: usize,
    /// A consignment, alike in both but for where it leaves; none where none could be shown.
    pub witness: Option<[Witness; 2]>,
}

/// How strict an outcome is; where no policy speaks nothing is asked either.
pub fn strictness(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::NotApplicable | Outcome::Permitted => 0,
        Outcome::LicenceRequired => 1,
        Outcome::Prohibited => 2,
    }
}

impl Cell {
    /// The outcomes, strictest first.
    pub fn set(&self) -> Vec<Outcome> {
        self.outcomes.iter().map(|p| p.outcome).collect()
    }

    fn is_known(&self) -> bool {
        self.unknown.is_none() && !self.at_home && !self.outcomes.is_empty()
    }

    /// How far apart two cells are for certain, and whether they differ at all.
    fn apart(&self, other: &Cell) -> (u8, bool) {
        let range = |c: &Cell| {
            let all = c.outcomes.iter().map(|p| strictness(p.outcome));
            (all.clone().min().unwrap_or(0), all.max().unwrap_or(0))
        };
        if !self.is_known() || !other.is_known() {
            return (0, false);
        }
        let ((low, high), (other_low, other_high)) = (range(self), range(other));
        (low.saturating_sub(other_high).max(other_low.saturating_sub(high)), self.set() != other.set())
    }
}

/// Compares.
pub fn compare(world: &World, question: &Question) -> Comparison {
    let plain = Evaluator::new(world);
    let sides: Vec<Side> = question.columns.iter().map(|c| side(world, question, c)).collect();
    let activities: Vec<Option<String>> = match question.activities.as_slice() {
        [] => vec![None],
        all => all.iter().cloned().map(Some).collect(),
    };
    let mut rows = Vec::new();
    for activity in &activities {
        let base = with_activity(world, &question.base, activity.as_deref());
        let columns: Vec<cells::Asked> =
            question.columns.iter().zip(&sides).map(|(c, s)| cells::Asked::of(world, question, c, s, &base)).collect();
        for (name, goods) in each_goods(question) {
            let places: Vec<Option<Vec<Place>>> = match question.by_destination {
                false => vec![None],
                true => cells::destinations(world, question, &columns, &base, goods).into_iter().map(Some).collect(),
            };
            for group in places {
                rows.push(Row {
                    goods: name.map(str::to_owned),
                    title: goods.last().and_then(|id| world.category(*id).title.clone()),
                    activity: activity.clone(),
                    destinations: group.iter().flatten().map(|p| p.code(world).to_owned()).collect(),
                    differs: false,
                    cells: columns.iter().map(|c| c.cell(world, &plain, &base, goods, group.as_deref())).collect(),
                });
            }
        }
    }
    for row in &mut rows {
        row.differs = measure(row).1 > 0;
    }
    rows.sort_by_key(|r| std::cmp::Reverse(measure(r)));
    let mut pairs = Vec::new();
    if question.pairs {
        for (n, row) in rows.iter().enumerate() {
            pairs.extend(pairs::of(world, &plain, question, n, row));
        }
    }
    Comparison {
        schema: SCHEMA,
        as_of: question.base.date.to_string(),
        columns: sides,
        differ: rows.iter().any(|r| r.differs),
        resolved: rows.iter().flat_map(|r| &r.cells).all(|c| c.resolved) && pairs.iter().all(|p: &Pair| p.resolved),
        rows,
        pairs,
    }
}

/// How much the cells of a row differ: how far two of them are apart for certain, and how many pairs differ.
fn measure(row: &Row) -> (u8, usize) {
    let (mut far, mut count) = (0, 0);
    for (i, a) in row.cells.iter().enumerate() {
        for b in &row.cells[i + 1..] {
            let (apart, differs) = a.apart(b);
            far = far.max(apart);
            count += usize::from(differs);
        }
    }
    (far, count)
}

/// The goods that are compared, each with its name; where none are named, once without.
fn each_goods(question: &Question) -> Vec<(Option<&str>, &[CategoryId])> {
    match question.goods.as_slice() {
        [] => vec![(None, &[])],
        all => all.iter().map(|(name, ids)| (Some(name.as_str()), ids.as_slice())).collect(),
    }
}

/// A consignment with an activity.
fn with_activity(world: &World, base: &Case, activity: Option<&str>) -> Case {
    let mut case = base.clone();
    if let (Some(fact), Some(name)) = (world.fact_named("activity"), activity)
        && let Type::Choice(id) = &world.fact(fact).ty
        && let Some(value) = world.enum_type(*id).and_then(|e| e.find(name))
    {
        case.facts.insert(fact, Value::Choice(value));
    }
    case
}

fn side(world: &World, question: &Question, column: &Column) -> Side {
    let policies = || column.policies.iter().map(|p| &world.policies[p.index()]);
    let day = question.base.date;
    let unknown = if column.policies.is_empty() {
        Some("no policy is loaded for it".to_owned())
    } else {
        let missing = policies().find(|p| !p.known.contains(day));
        missing.map(|p| format!("the law of {} is not known on {day}", p.name))
    };
    Side {
        name: column.name.clone(),
        policies: policies().map(|p| p.name.clone()).collect(),
        known_to: policies().filter_map(|p| p.known.to).min().map(|d| d.to_string()),
        unknown,
    }
}

/// The facts of a consignment in words: those of the whole, then those of the goods; the day left out.
fn said(world: &World, case: &Case) -> Vec<(String, String)> {
    let date = world.fact_named("date");
    let own = |values: &BTreeMap<FactId, Value>| {
        let own = values.iter().filter(|(f, _)| Some(**f) != date);
        own.map(|(f, v)| super::witness::words(world, *f, v)).collect::<Vec<_>>()
    };
    let mut all = own(&case.facts);
    all.extend(case.items.first().map(own).unwrap_or_default());
    all
}
