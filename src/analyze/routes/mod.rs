//! Ways round: paths of up to three legs on each of which the law is weaker than on the direct way.
//!
//! A leg is what a shipment from one state to the next is to the law: an export from the one and an import into the
//! other, passing through no third, everything else being as on the direct way. All policies that are loaded decide it
//! together, so that a law which follows goods abroad counts on every leg. `homes` finds which states each policy speaks
//! for, from the policy alone; a leg that leaves a state for which none speaks is unknown, and never free. `legs` decides;
//! `paths` goes through all states, those that no policy tells apart together; `close` says whose law could close the
//! most; `goods` makes goods of an entry of a list.
//!
//! The answer is exact over all states: each path is listed unless a path with fewer stops among the same states is at
//! least as sure. Each leg that is shown was decided by the plain interpreter as well.

mod close;
mod goods;
mod homes;
mod legs;
mod paths;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::eval::decision::Word;
use crate::eval::{Broken, Evaluator, Outcome};
use crate::model::{Case, FactId, PlaceId, Value, World};

pub use close::{At, Change};
pub use goods::goods_of;
use legs::Legs;

/// The name of this form.
pub const SCHEMA: &str = "portcullis.routes/1";

/// The ways round for one consignment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Routes {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The day that picks the law.
    pub as_of: String,
    /// What the consignment is said to be, in words: facts other than day, start and end.
    pub facts: Vec<(String, String)>,
    /// Where it starts.
    pub from: String,
    /// Where it ends.
    pub to: String,
    /// The direct way.
    pub direct: Leg,
    /// What was found.
    pub answer: Answer,
    /// The paths, the surest first.
    pub routes: Vec<Route>,
    /// How many paths they are, each state by itself.
    pub paths: usize,
    /// Whose law could close them, most first.
    pub closing: Vec<Change>,
    /// How many states were tried as stops.
    pub states: usize,
    /// For which states each policy speaks; none where that could not be found out.
    pub homes: Vec<Home>,
    /// False if a limit was reached: then legs may be undetermined or unknown that are not.
    pub resolved: bool,
    /// The last day on which the law of each policy is known.
    pub known_to: Vec<(String, Option<String>)>,
}

/// What was found about ways round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Some path is weaker on every leg, by law that is loaded.
    Open,
    /// Some path may be: it hangs on facts that are not known.
    Depends,
    /// Some path may be: it leaves a state for which no policy speaks.
    Unknown,
    /// None is.
    Closed,
    /// The direct way asks for nothing.
    NothingToGoRound,
    /// What the direct way asks for hangs on facts that are not known.
    DirectUndetermined,
    /// The direct way leaves a state for which no policy speaks.
    DirectUnknown,
}

/// How sure it is that a leg is weaker than the direct way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sure {
    /// It is, by law that is loaded.
    Open,
    /// It may be: facts that are not known decide.
    Depends,
    /// It may be: no policy speaks for the state that it leaves, and nothing that is loaded closes it.
    Unknown,
}

/// The states for which a policy speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Home {
    /// The policy.
    pub policy: String,
    /// The states.
    pub states: Option<Vec<String>>,
}

/// Paths that the law treats alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Route {
    /// How sure it is that every leg is weaker.
    pub sure: Sure,
    /// The stops: at each, all states that can take its place.
    pub stops: Vec<Vec<String>>,
    /// The legs, through the first state of each stop.
    pub legs: Vec<Leg>,
    /// How many paths these are; where two stops can be the same state, that is none.
    pub paths: usize,
}

/// What the law says of one leg.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leg {
    /// Where it starts.
    pub from: String,
    /// Where it ends.
    pub to: String,
    /// The outcome of all policies together; nothing where it is undetermined or unknown.
    pub outcome: Word,
    /// The outcomes that are possible by the policies that are loaded, strictest first.
    pub possible: Vec<Outcome>,
    /// How sure it is that it is weaker than the direct way; of the direct way itself nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sure: Option<Sure>,
    /// The state that it leaves, where no policy speaks for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_law_of: Option<String>,
    /// What each policy says that may apply.
    pub policies: Vec<Said>,
    /// Why the rules that decide the direct way do not decide here.
    pub not_here: Vec<NotHere>,
    /// Facts whose answer can still change the outcome.
    pub missing: Vec<String>,
    /// What is presumed on the milder side.
    pub presumed: Vec<Presumed>,
    /// What the law that decides leaves unsure, after the name of the policy.
    pub doubts: BTreeSet<String>,
}

/// What one policy says of a leg.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Said {
    /// The policy.
    pub policy: String,
    /// The word for its outcome, or `undetermined`.
    pub outcome: &'static str,
    /// True if it speaks for the state that the leg leaves.
    pub at_home: bool,
    /// The rules that decide; none: no rule of it speaks, or it is undetermined.
    pub rules: Vec<Rule>,
    /// The general licence or exception under which it is permitted.
    pub under: Option<String>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Rule {
    /// Its name.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// Its citation.
    pub cite: String,
    /// How applications are reviewed.
    pub review: Option<String>,
}

/// A rule that decides the direct way and not this leg.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotHere {
    /// Its policy.
    pub policy: String,
    /// The rule.
    pub rule: String,
    /// Why it does not decide here.
    pub why: WhyNotHere,
    /// What defeats it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// Why a rule does not decide a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNotHere {
    /// Its policy does not apply.
    OutOfReach,
    /// An exception defeats it.
    Defeated,
    /// It says nothing of this leg.
    NotMet,
    /// Whether it applies hangs on facts that are not known.
    Open,
}

/// A presumption that a leg leans on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Presumed {
    /// The fact.
    pub fact: String,
    /// The value supplied.
    pub value: String,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The law declares no such fact of type country.
    NoFact(&'static str),
    /// The consignment does not say it.
    NotSaid(&'static str),
    /// The consignment starts where it ends.
    Nowhere,
    /// Its facts break a constraint.
    Broken(Broken),
}

/// The ways round for a consignment, which says where it starts (`from`) and ends (`destination`).
///
/// `engine` decides, and `plain` decides again what is shown; both are of `world`. Through which countries the
/// consignment passes is left aside: a leg passes through none.
///
/// # Errors
/// The consignment does not say where it starts or ends, or its facts break a constraint.
pub fn find(world: &World, engine: &Evaluator<'_>, plain: &Evaluator<'_>, case: &Case) -> Result<Routes, Trouble> {
    let (from, to) = (country(world, "from")?, country(world, "destination")?);
    let said = |fact: FactId, name| match case.facts.get(&fact) {
        Some(Value::Place(p)) => Ok(*p),
        _ => Err(Trouble::NotSaid(name)),
    };
    let (start, end) = (said(from, "from")?, said(to, "destination")?);
    if start == end {
        return Err(Trouble::Nowhere);
    }
    let mut legs = Legs::new(world, engine, plain, case, (from, to));
    if let Err(broken) = &*legs.outlook(start, end) {
        return Err(Trouble::Broken(broken.clone()));
    }
    let direct = legs.direct(start, end);
    let target = legs.target(start, end);
    let (routes, answer) = match target {
        Err(answer) => (Vec::new(), answer),
        Ok(outcome) => {
            legs.bind(outcome, &direct);
            let routes = paths::find(&mut legs, start, end);
            let answer = match routes.iter().map(|r| r.sure).min() {
                None => Answer::Closed,
                Some(Sure::Open) => Answer::Open,
                Some(Sure::Depends) => Answer::Depends,
                Some(Sure::Unknown) => Answer::Unknown,
            };
            (routes, answer)
        }
    };
    let names = |places: &BTreeSet<PlaceId>| places.iter().map(|p| p.code(world).to_owned()).collect::<Vec<_>>();
    let homes = world.policies.iter().zip(&legs.homes);
    Ok(Routes {
        schema: SCHEMA,
        as_of: case.date.to_string(),
        facts: legs.facts(),
        from: start.code(world).to_owned(),
        to: end.code(world).to_owned(),
        closing: close::changes(world, &legs.homes, &direct, &routes, (start, end)),
        direct,
        answer,
        paths: routes.iter().map(|r| r.paths).sum(),
        routes,
        states: legs.stops(start, end).count(),
        homes: homes.map(|(p, h)| Home { policy: p.name.clone(), states: h.as_ref().map(names) }).collect(),
        resolved: legs.resolved,
        known_to: world.policies.iter().map(|p| (p.name.clone(), p.known.to.map(|d| d.to_string()))).collect(),
    })
}

fn country(world: &World, name: &'static str) -> Result<FactId, Trouble> {
    let fact = world.fact_named(name).filter(|f| world.fact(*f).ty == crate::model::Type::Country);
    fact.ok_or(Trouble::NoFact(name))
}
