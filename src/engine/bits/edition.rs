//! The law between two days on which anything changes, made ready to be decided by.
//!
//! Every rule, entry and named condition becomes a *step*: something that holds if any of its products does. Products
//! that ask for facts alone have a bit each in the rows of the columns; those that first need an entry or a named
//! condition to hold are kept with that step, and looked at only once it may hold.

use std::sync::Arc;

use crate::eval::Outcome;
use crate::eval::atom::Reader;
use crate::eval::env::Env;
use crate::eval::lists::Lists;
use crate::eval::rules::outcome_of;
use crate::model::{
    AtomKind, Case, CategoryId, Cond, Date, FactId, GroupBody, Level, PolicyId, RuleId, RuleKind, Value, World,
};

use super::column::Column;
use super::compile::Compiler;
use super::narrow::Narrowing;
use super::norm::{Literal, Product, StepId};

/// A condition read in three truth values, as the interpreter reads it.
#[derive(Debug)]
pub enum Kleene {
    /// A test of a column.
    Test(u16, u16),
    /// Its opposite.
    Not(Arc<Kleene>),
    /// All.
    All(Vec<Arc<Kleene>>),
    /// Any.
    Any(Vec<Arc<Kleene>>),
}

/// What is known of a step beside its products.
#[derive(Debug, Default)]
pub struct Step {
    /// Steps that hold if this one does.
    pub within: Vec<StepId>,
    /// Products that are looked at once this may hold.
    pub anchored: Vec<u32>,
    /// After which stage it is settled.
    pub stage: u32,
    /// The rule whose own condition it is.
    pub rule: Option<RuleId>,
    /// The entry that it is, as reported.
    pub entry: Option<CategoryId>,
}

/// A presumption in force.
#[derive(Debug)]
pub struct Presumption {
    /// The fact.
    pub fact: FactId,
    /// Its column, if any condition reads it.
    pub column: Option<u16>,
    /// The value supplied.
    pub value: Value,
    /// Where it is not supplied.
    pub unless: Option<Arc<Kleene>>,
    /// True if a constraint reads it.
    pub tied: bool,
}

/// A constraint in force that can be broken without a licence held.
#[derive(Debug)]
pub struct Constraint {
    /// What holds.
    pub holds: Arc<Kleene>,
}

/// A policy.
#[derive(Debug)]
pub struct Instrument {
    /// Whether it applies.
    pub applies: StepId,
    /// True if its law is encoded for these days.
    pub known: bool,
    /// True if an entry that holds never makes its outcome milder.
    pub never_milder: bool,
}

/// What the law of some days needs of a rule.
#[derive(Debug)]
pub struct Provision {
    /// Its place in an order in which what defeats it comes after it.
    pub order: u32,
    /// The policy it belongs to.
    pub policy: PolicyId,
    /// The outcome that its effect leads to; none: duties and documents only.
    pub outcome: Option<Outcome>,
    /// True of exceptions and bars, which apply only if something that they name does.
    pub exception: bool,
    /// What it defeats.
    pub targets: Box<[RuleId]>,
    /// What defeats it.
    pub defeaters: Box<[RuleId]>,
    /// What must have been raised for it to apply.
    pub claimed: Option<Arc<Kleene>>,
}

/// The law of some days.
pub struct Edition<'a> {
    /// The declarations.
    pub world: &'a World,
    /// A day of it.
    pub date: Date,
    /// Columns.
    pub columns: Vec<Column<'a>>,
    /// Products; those with a bit in the rows come first.
    pub products: Vec<Product>,
    /// How many products have a bit.
    pub indexed: usize,
    /// A bit for each of those.
    pub full: Vec<u64>,
    /// The columns, those first whose values leave the fewest products.
    pub order: Vec<u16>,
    /// Steps.
    pub steps: Vec<Step>,
    /// Steps that always hold, whatever is known.
    pub always: Vec<StepId>,
    /// How many stages there are.
    pub stages: usize,
    /// By rule.
    pub provisions: Vec<Provision>,
    /// Policies.
    pub instruments: Vec<Instrument>,
    /// Presumptions.
    pub presumptions: Vec<Presumption>,
    /// Constraints.
    pub constraints: Vec<Constraint>,
    /// True if there are more columns, tests of one or presumptions than numbers for them: then nothing is decided here.
    pub too_large: bool,
    /// The columns that constraints read.
    pub tied: Vec<u16>,
    /// The constraints, as far as they narrow what is not known.
    pub(super) narrowing: Narrowing,
    /// Values in doubt.
    pub(super) doubtful: Vec<Value>,
}

impl<'a> Edition<'a> {
    /// The law of a day.
    pub fn new(world: &'a World, lists: &Lists<'a>, date: Date, confirmed: Option<FactId>) -> Edition<'a> {
        let mut c = Compiler::new(world, lists, date, confirmed);
        let mut instruments = Vec::new();
        for (i, p) in world.policies.iter().enumerate() {
            let applies = c.step_of(&p.applies);
            let known = p.known.contains(date);
            let never_milder = lists.never_milder.get(i).copied().unwrap_or(false);
            instruments.push(Instrument { applies, known, never_milder });
        }
        let order = order(world);
        let defeaters = world.defeaters();
        let mut provisions = Vec::new();
        for (i, (rule, defeaters)) in world.rules.iter().zip(defeaters).enumerate() {
            let mut claimed = None;
            if rule.in_force.on(date) {
                let own = c.step_of(&rule.cond);
                c.steps[own as usize].rule = Some(RuleId(i as u32));
                claimed = rule.claimed.as_ref().map(|cond| c.kleene(cond));
            }
            provisions.push(Provision {
                order: order.get(i).copied().unwrap_or(0),
                policy: rule.policy,
                outcome: rule.effect.as_ref().map(outcome_of),
                exception: rule.kind != RuleKind::Rule,
                targets: rule.targets.clone().into(),
                defeaters: defeaters.into(),
                claimed,
            });
        }
        for (i, category) in world.categories.iter().enumerate() {
            let id = CategoryId(i as u32);
            if category.policy.is_some() && !category.unnamed {
                c.entry(id);
            }
        }
        let constraints = constraints(world, &mut c, date);
        let presumptions = presumptions(world, &mut c);
        let mut tied: Vec<u16> = Vec::new();
        for constraint in &constraints {
            tests(&constraint.holds, &mut tied);
        }
        tied.sort_unstable();
        tied.dedup();
        let mut out = c.finish(provisions, instruments, presumptions, constraints, tied);
        for (n, p) in out.presumptions.iter_mut().enumerate() {
            let reads = |c: &u16| p.column == Some(*c) || out.columns[usize::from(*c)].guards.contains(&(n as u16));
            p.tied = out.tied.iter().any(reads);
        }
        out.doubtful = doubtful(world);
        let nothing = Env::new(world, &Case::of_day(date));
        let reader = Reader { world, date, env: &nothing, lists, code_confirmed: confirmed, kept: None };
        out.narrowing = Narrowing::new(&out.constraints, &out.columns, &reader);
        out
    }

    /// True if an answer may quote a doubt about the value itself.
    pub fn is_doubtful(&self, value: &Value) -> bool {
        self.doubtful.binary_search(value).is_ok()
    }

    /// The bytes that the compiled law takes, without what is met when deciding.
    pub fn bytes(&self) -> usize {
        let literal = size_of::<Literal>();
        let products = self.products.iter().map(|p| size_of::<Product>() + p.literals.len() * literal).sum::<usize>();
        let steps = self.steps.iter().map(|s| size_of::<Step>() + (s.within.len() + s.anchored.len()) * 4);
        let columns = self.columns.iter().map(Column::bytes).sum::<usize>();
        products + steps.sum::<usize>() + columns + self.provisions.len() * size_of::<Provision>()
    }
}

impl std::fmt::Debug for Edition<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (products, steps) = (self.products.len(), self.steps.len());
        f.debug_struct("Edition").field("date", &self.date).field("products", &products).field("steps", &steps).finish()
    }
}

fn constraints<'a>(world: &'a World, c: &mut Compiler<'_, 'a>, date: Date) -> Vec<Constraint> {
    let mut out = Vec::new();
    for constraint in world.constraints.iter().filter(|c| c.in_force.on(date)) {
        // One that reads fields of a licence is so of each licence held.
        if !reads_licence(world, &constraint.cond) {
            out.push(Constraint { holds: c.kleene(&constraint.cond) });
        }
    }
    out
}

/// True if a condition reads a field of a held licence, named conditions followed.
fn reads_licence(world: &World, cond: &Cond) -> bool {
    let licence = |f: FactId| world.fact(f).level == Level::Licence;
    let mut found = false;
    let mut named = Vec::new();
    cond.atoms(&mut |atom, _| match &atom.kind {
        AtomKind::Fact(f, _) | AtomKind::Elements { fact: f, .. } | AtomKind::Empty(f) | AtomKind::Includes(f) => {
            found |= licence(*f);
        }
        AtomKind::Facts(a, _, b) => found |= licence(*a) || licence(*b),
        AtomKind::Means(f) => named.push(*f),
        AtomKind::In(_) | AtomKind::CodedUnder(_) => {}
    });
    found || named.iter().any(|f| world.fact(*f).means.iter().any(|(_, c)| reads_licence(world, c)))
}

fn presumptions<'a>(world: &'a World, c: &mut Compiler<'_, 'a>) -> Vec<Presumption> {
    let mut out = Vec::new();
    for (i, fact) in world.facts.iter().enumerate() {
        let Some(presumed) = &fact.presumed else { continue };
        if fact.level == Level::Licence {
            continue;
        }
        let unless = presumed.unless.as_ref().map(|cond| c.kleene(cond));
        out.push(Presumption {
            fact: FactId(i as u32),
            column: None,
            value: presumed.value.clone(),
            unless,
            tied: true,
        });
    }
    // What is asked of each is known only now.
    for (n, p) in out.iter_mut().enumerate() {
        p.column = c.presume(p.fact, n as u16);
    }
    out
}

/// The columns that a condition reads.
fn tests(kleene: &Kleene, out: &mut Vec<u16>) {
    match kleene {
        Kleene::Test(column, _) => out.push(*column),
        Kleene::Not(inner) => tests(inner, out),
        Kleene::All(parts) | Kleene::Any(parts) => parts.iter().for_each(|p| tests(p, out)),
    }
}

/// For each rule its place in an order in which an exception comes after what it defeats.
fn order(world: &World) -> Vec<u32> {
    let mut depth: Vec<Option<u32>> = vec![None; world.rules.len()];
    for start in 0..world.rules.len() {
        let mut open = vec![(start, false)];
        while let Some((at, below_done)) = open.pop() {
            let Some(rule) = world.rules.get(at) else { continue };
            if depth[at].is_some() {
                continue;
            }
            if rule.kind == RuleKind::Rule || below_done {
                let below = rule.targets.iter().filter_map(|t| depth.get(t.index()).copied().flatten()).max();
                depth[at] = Some(below.map_or(0, |d| d + 1));
                continue;
            }
            open.push((at, true));
            open.extend(rule.targets.iter().map(|t| (t.index(), false)));
        }
    }
    depth.into_iter().map(|d| d.unwrap_or(0)).collect()
}

/// Places, members of groups and rows of charts that their source leaves in doubt: an answer about one may quote that.
fn doubtful(world: &World) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for group in &world.groups {
        if let GroupBody::Members(list) = &group.body {
            out.extend(list.iter().filter(|(.., doubt)| doubt.is_some()).map(|(v, ..)| v.clone()));
        }
    }
    for place in crate::model::PlaceId::all(world) {
        let declared = place.declared().and_then(|i| world.places.get(i));
        if declared.is_some_and(|p| p.doubt.is_some()) || world.charts.iter().any(|c| c.doubted(world, place)) {
            out.push(Value::Place(place));
        }
    }
    out.sort();
    out.dedup();
    out
}
