//! An interview: one question after the other, until nothing that is asked could change the answer.
//!
//! An [`Interview`] holds a consignment, of which little may be known, and a list of what will not be answered. It asks
//! only for facts that the decision names as open, the most telling first; then for what somebody could claim, for the
//! presumptions the answer leans on, and for licences held. It knows no terminal, so that a command line, a browser or a
//! test can drive it, and its order depends on the law and the answers alone.

mod answer;
mod next;
mod question;

use std::collections::BTreeSet;

use crate::consignment::{Overlay, write};
use crate::eval::{Decision, Evaluator, Options, Outcome};
use crate::model::date::parse_date;
use crate::model::{Case, FactId, Held, Level, Value, World};
use crate::policy::{Policy, Rejected};

pub use question::{About, Question, SCHEMA, Waiting};

/// Something that can be asked: a fact, or which licences are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// A fact, and the number of the goods item or held licence it is about, from 0.
    Fact(FactId, u32),
    /// Which licences are held.
    Licences,
}

/// What is known at one point of an interview.
#[derive(Clone)]
struct State {
    /// The consignment; none while its date is not known.
    case: Option<Case>,
    /// What was answered, or will not be: never asked again.
    closed: BTreeSet<Topic>,
    decision: Option<Decision>,
}

/// Questions about one consignment, and what their answers lead to.
pub struct Interview<'p> {
    policy: &'p Policy,
    evaluator: Evaluator<'p>,
    /// The consignment as given, for when its date is asked first.
    given: (String, String),
    over: Overlay,
    state: State,
    question: Option<Question>,
    before: Vec<(State, Option<Question>)>,
}

impl<'p> Interview<'p> {
    /// An interview about a consignment in JSON, which may be `{}`, with some facts laid over it. `name` stands for it in
    /// messages.
    ///
    /// # Errors
    /// Mistakes in the consignment, or facts in it that cannot all be so. That it has no date is none: it is asked.
    pub fn new(policy: &'p Policy, name: &str, json: &str, overlay: &Overlay) -> Result<Self, Box<Rejected>> {
        let given = (name.to_owned(), json.to_owned());
        let evaluator = policy.evaluator();
        let state = State { case: None, closed: BTreeSet::new(), decision: None };
        let over = overlay.clone();
        let mut interview = Interview { policy, evaluator, given, over, state, question: None, before: Vec::new() };
        match policy.read(name, json, overlay) {
            Ok(_) => interview.begin()?,
            Err(rejected) => {
                // Read with any day there are no mistakes: then only the day is missing, and can be asked for.
                let some_day = Overlay { as_of: parse_date("2000-01-01"), ..overlay.clone() };
                let without = policy.read(name, json, &some_day);
                if without.is_err() || policy.world().fact_named("date").is_none() {
                    return Err(rejected);
                }
            }
        }
        interview.question = interview.find_next();
        Ok(interview)
    }

    fn begin(&mut self) -> Result<(), Box<Rejected>> {
        let (name, json) = &self.given;
        let decision = self.policy.decide_with(&self.evaluator, name, json, &self.over, &Options::default())?;
        self.state.case = Some(self.policy.read(name, json, &self.over)?);
        self.state.decision = Some(decision);
        Ok(())
    }

    /// Takes something as unknown from the start, by its name: `goods.length`, `goods.2.length` for the second item,
    /// `licences` for which licences are held. It is never asked.
    ///
    /// # Errors
    /// A sentence, if nothing of that name can be asked.
    pub fn close(&mut self, name: &str) -> Result<(), String> {
        let topic = self.topic(name).ok_or_else(|| {
            let near = crate::spelling::nearest(name, self.world().facts.iter().map(|f| f.name.as_str()));
            let hint = near.map_or(String::new(), |n| format!("; did you mean `{n}`?"));
            format!("`{name}` is nothing that can be asked{hint}")
        })?;
        self.state.closed.insert(topic);
        self.question = self.find_next();
        Ok(())
    }

    /// The question to be answered now; none once no answer could change anything.
    pub fn next(&self) -> Option<&Question> {
        self.question.as_ref()
    }

    /// Takes an answer to the question: a value as in a consignment (`yes`, `TR`, `12 in`, a list with commas),
    /// `unknown`, or `back` to take the last answer back.
    ///
    /// # Errors
    /// A sentence for the person who answered; the question stands.
    pub fn answer(&mut self, text: &str) -> Result<(), String> {
        let text = text.trim();
        let Some(question) = self.question.clone() else { return Err("there is nothing left to ask".to_owned()) };
        if text.eq_ignore_ascii_case("back") {
            return if self.back() { Ok(()) } else { Err("this is the first question".to_owned()) };
        }
        let mut state = self.state.clone();
        match (question.about, self.world().fact_named("date"), &mut state.case) {
            (About::Date, ..) => return self.answer_date(text),
            (_, _, None) => return Err("the date comes first".to_owned()),
            (_, _, Some(_)) if text.eq_ignore_ascii_case("unknown") => {
                state.closed.insert(question.topic);
                // Nothing more is known than before, so the decision stands.
                self.go_to(state);
                return Ok(());
            }
            (_, _, Some(case)) => match question.topic {
                Topic::Fact(fact, number) => {
                    let before = values(case, self.world(), fact, number).and_then(|v| v.get(&fact)).cloned();
                    let value = answer::value(self.world(), fact, text, before.as_ref())?;
                    if Some(&value) == before.as_ref() || question.about != About::Fact {
                        state.closed.insert(question.topic);
                    }
                    let place = values_mut(case, self.world(), fact, number);
                    place.ok_or("this item does not exist")?.insert(fact, value);
                }
                Topic::Licences if ["none", "no"].contains(&text.to_lowercase().as_str()) => {
                    state.closed.insert(Topic::Licences);
                }
                Topic::Licences => {
                    let licence = answer::licence(&question.values, text)?;
                    case.licences.push(Held { licence, fields: Default::default() });
                }
            },
        }
        let Some(case) = &state.case else { return Ok(()) };
        match self.evaluator.decide(case, &Options::default()) {
            Ok(decision) => state.decision = Some(decision),
            Err(broken) => return Err(answer::impossible(&broken)),
        }
        self.go_to(state);
        Ok(())
    }

    fn answer_date(&mut self, text: &str) -> Result<(), String> {
        let day = parse_date(text);
        self.over.as_of = Some(day.ok_or("the date picks the law, so it must be known: a day such as 2026-03-02")?);
        let before = (self.state.clone(), self.question.clone());
        self.begin().map_err(|r| r.plain())?;
        self.before.push(before);
        self.question = self.find_next();
        Ok(())
    }

    fn go_to(&mut self, state: State) {
        let before = std::mem::replace(&mut self.state, state);
        let question = self.question.take();
        self.before.push((before, question));
        self.question = self.find_next();
    }

    /// Takes the last answer back; false if there is none.
    pub fn back(&mut self) -> bool {
        match self.before.pop() {
            Some((state, question)) => {
                (self.state, self.question) = (state, question);
                true
            }
            None => false,
        }
    }

    /// How many questions were answered.
    pub fn answered(&self) -> usize {
        self.before.len()
    }

    /// The decision on what is known so far; none while the date is not known. It is final once [`Interview::next`] gives
    /// nothing.
    pub fn decision(&self) -> Option<&Decision> {
        self.state.decision.as_ref()
    }

    /// The decision with its reasons as trees.
    pub fn reasons(&self) -> Option<Decision> {
        let options = Options { why: true, ..Options::default() };
        self.state.case.as_ref().and_then(|case| self.evaluator.decide(case, &options).ok())
    }

    /// The consignment as known so far.
    pub fn case(&self) -> Option<&Case> {
        self.state.case.as_ref()
    }

    /// The consignment as known so far as JSON, on one line or a key a line; as it was given while its date is not known.
    pub fn consignment(&self, pretty: bool) -> String {
        match (&self.state.case, pretty) {
            (Some(case), true) => write::pretty(case, self.world()),
            (Some(case), false) => write::line(case, self.world()),
            (None, true) => self.given.1.clone(),
            // No text within JSON holds a line end, so these are only layout.
            (None, false) => self.given.1.trim().replace(['\n', '\r'], " "),
        }
    }

    /// Whether something of that name can be asked, whether or not it is.
    pub fn knows(&self, name: &str) -> bool {
        name == "date" || self.topic(name).is_some()
    }

    /// The names of what was answered with *unknown* or needs no more asking, for [`Interview::close`].
    pub fn closed(&self) -> Vec<String> {
        self.state.closed.iter().map(|t| self.name_of(*t)).collect()
    }

    /// The licences that are known to be held, by kind.
    pub fn licences(&self) -> impl Iterator<Item = &str> {
        self.state.case.iter().flat_map(|c| &c.licences).map(|l| l.licence.as_str())
    }

    fn world(&self) -> &'p World {
        self.policy.world()
    }

    fn items(&self) -> usize {
        self.state.case.as_ref().map_or(1, |c| c.items.len())
    }

    fn held(&self) -> usize {
        self.state.case.as_ref().map_or(0, |c| c.licences.len())
    }

    /// The name of a topic: with a number where there are several.
    fn name_of(&self, topic: Topic) -> String {
        let Topic::Fact(fact, number) = topic else { return "licences".to_owned() };
        let fact = self.world().fact(fact);
        let (prefix, count) = match fact.level {
            Level::Consignment => return fact.name.clone(),
            Level::Goods => ("goods.", self.items()),
            Level::Licence => ("licence.", self.held()),
        };
        match fact.name.strip_prefix(prefix) {
            Some(rest) if count > 1 => format!("{prefix}{}.{rest}", number + 1),
            _ => fact.name.clone(),
        }
    }

    fn topic(&self, name: &str) -> Option<Topic> {
        if name == "licences" {
            return Some(Topic::Licences);
        }
        if let Some(fact) = self.world().fact_named(name) {
            return (!self.world().fact(fact).is_named_condition()).then_some(Topic::Fact(fact, 0));
        }
        let (head, rest) = name.split_once('.')?;
        let (number, rest) = rest.split_once('.')?;
        let fact = self.world().fact_named(&format!("{head}.{rest}"))?;
        let number: u32 = number.parse().ok()?;
        let several = self.world().fact(fact).level != Level::Consignment;
        (several && number > 0).then(|| Topic::Fact(fact, number - 1))
    }
}

/// The facts given at the place where a fact stands.
fn values<'c>(
    case: &'c Case,
    world: &World,
    fact: FactId,
    number: u32,
) -> Option<&'c std::collections::BTreeMap<FactId, Value>> {
    match world.fact(fact).level {
        Level::Consignment => Some(&case.facts),
        Level::Goods => case.items.get(number as usize),
        Level::Licence => case.licences.get(number as usize).map(|l| &l.fields),
    }
}

fn values_mut<'c>(
    case: &'c mut Case,
    world: &World,
    fact: FactId,
    number: u32,
) -> Option<&'c mut std::collections::BTreeMap<FactId, Value>> {
    match world.fact(fact).level {
        Level::Consignment => Some(&mut case.facts),
        Level::Goods => case.items.get_mut(number as usize),
        Level::Licence => case.licences.get_mut(number as usize).map(|l| &mut l.fields),
    }
}

/// Whether a decision leaves the outcome, or whether it may proceed, open.
fn is_open(decision: &Decision) -> bool {
    let speaks = decision.outcome.0 != Some(Outcome::NotApplicable);
    decision.outcome.0.is_none() || decision.may_proceed.is_none() && speaks
}
