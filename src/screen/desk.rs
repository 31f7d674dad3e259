//! The law made ready for many rows, and the desks at which they are decided.

use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;

use crate::engine::Compiled;
use crate::engine::bits::{Bits, Clerk};
use crate::eval::{Decision, Evaluator, Options};
use crate::model::value::Type;
use crate::model::{Case, Date, FactId, Level, PolicyId, Value, World};
use crate::policy::Policy;

use super::dict::{Dict, Entry, State, read_entry};
use super::flags::{self, Flags};
use super::flat::Flat;
use super::join::Join;
use super::law::{self, Law};
use super::layout::Style;
use super::map::Map;
use super::memo::{Memo, Shared};
use super::nomenclature::Nomenclature;
use super::output::{Form, Output, Problem};
use super::words::{self, Words};

/// What holds for all rows.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The date where a row has none.
    pub as_of: Option<Date>,
    /// Facts set on top of every row, each as name and text; `unknown` takes a fact away.
    pub set: Vec<(String, String)>,
    /// How columns and facts hang together.
    pub map: Map,
    /// Facts joined by key.
    pub join: Option<Join>,
    /// The codes that there are.
    pub nomenclature: Option<Nomenclature>,
}

/// The most texts whose room is kept to be used again.
const MAX_SPARE: usize = 64;

/// The law made ready for many rows; one serves any number of threads.
pub struct Screener<'p> {
    policy: &'p Policy,
    pub(super) evaluator: Evaluator<'p>,
    /// The law compiled, for rows that are settled by what they say.
    bits: Arc<Bits<'p>>,
    /// All policies.
    pub(super) policies: Vec<PolicyId>,
    pub(super) law: Law,
    pub(super) settings: Settings,
    pub(super) names: FxHashMap<&'p str, FactId>,
    pub(super) constants: Vec<(FactId, String)>,
    pub(super) set: Vec<(FactId, String)>,
    pub(super) words: Words,
    pub(super) flags: Flags,
    pub(super) known: Known,
    pub(super) shared: Mutex<Shared>,
    /// Room for texts, used before.
    spare: Mutex<Vec<String>>,
}

/// Facts that screening itself looks at, where they are declared.
pub(super) struct Known {
    pub(super) date: Option<FactId>,
    pub(super) destination: Option<FactId>,
    pub(super) documents: Option<FactId>,
    pub(super) code: Option<FactId>,
    pub(super) description: Option<FactId>,
    pub(super) end_user: Option<FactId>,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) input: u32,
    pub(super) line: u64,
}

impl Place {
    pub(super) fn problem(self, column: Option<String>, message: String) -> Problem {
        Problem { input: self.input, line: self.line, column, message }
    }
}

impl<'p> Screener<'p> {
    /// Makes the law ready.
    ///
    /// # Errors
    /// A fact that the settings name and no loaded policy declares.
    pub fn new(policy: &'p Policy, settings: Settings) -> Result<Screener<'p>, String> {
        let world = policy.world();
        let bits = Arc::new(Bits::new(world));
        let evaluator = Evaluator::with(world, Box::new(Compiled::of(bits.clone())));
        let names = law::by_name(world);
        let named = |n: &String| match names.get(n.as_str()).filter(|f| !world.fact(**f).is_named_condition()) {
            Some(f) if world.fact(*f).level != Level::Licence => Ok(*f),
            _ => Err(format!("no loaded policy declares the fact `{n}`, or it cannot be given so")),
        };
        let constants = settings.map.constants.iter().map(|(n, t)| Ok((named(n)?, t.clone())));
        let constants = constants.collect::<Result<Vec<_>, String>>()?;
        let set = settings.set.iter().map(|(n, t)| Ok((named(n)?, t.clone()))).collect::<Result<Vec<_>, String>>()?;
        if let Some(n) = settings.map.values.keys().find(|n| !names.contains_key(n.as_str())) {
            return Err(format!("the map rewrites values of `{n}`, which no loaded policy declares"));
        }
        let fact = |n: &str| names.get(n).copied();
        let known = Known {
            date: fact("date"),
            destination: fact("destination"),
            documents: fact("documents"),
            code: fact("goods.code"),
            description: fact("goods.description"),
            end_user: fact("end_user.description"),
        };
        let screener = Screener {
            policy,
            law: Law::new(&evaluator),
            evaluator,
            bits,
            policies: (0..world.policies.len() as u32).map(PolicyId).collect(),
            settings,
            constants,
            set,
            words: Words::new(world),
            flags: Flags::new(world),
            known,
            names,
            shared: Mutex::new(Shared::default()),
            spare: Mutex::default(),
        };
        let all = screener.constants.iter().chain(&screener.set).filter(|(_, text)| text != "unknown");
        match all.filter_map(|(fact, text)| read_entry(&screener, *fact, Style::Cell, text).problem).next() {
            Some(problem) => Err(problem),
            None => Ok(screener),
        }
    }

    /// Takes back the text of an output that was written, so that its room is used again.
    pub fn reuse(&self, mut text: String) {
        text.clear();
        if let Ok(mut all) = self.spare.lock()
            && all.len() < MAX_SPARE
            && text.capacity() > 0
        {
            all.push(text);
        }
    }

    /// The law.
    pub fn policy(&self) -> &'p Policy {
        self.policy
    }

    pub(super) fn world(&self) -> &'p World {
        self.policy.world()
    }

    /// What decides rows; each thread has its own.
    pub fn desk(&self, form: Form, keep: usize) -> Desk<'_, 'p> {
        let dicts = || (0..self.world().facts.len()).map(|_| Dict::default()).collect();
        Desk {
            screener: self,
            form,
            keep,
            dicts: [dicts(), dicts()],
            noted: false,
            clerk: self.bits.clerk(),
            memo: Memo::default(),
            seen: words::Seen::default(),
            room: Room::default(),
        }
    }

    /// The whole decision.
    pub(super) fn decide(&self, case: &Case) -> Result<Decision, String> {
        self.decide_by(case, &Options::default())
    }

    fn decide_by(&self, case: &Case, options: &Options) -> Result<Decision, String> {
        self.evaluator.decide(case, options).map_err(|broken| {
            let one = |(name, title, facts): &(String, String, Vec<String>)| {
                format!("these facts cannot all be so: {} ({title}: {name})", facts.join(", "))
            };
            broken.constraints.iter().map(one).collect::<Vec<_>>().join("; ")
        })
    }

    pub(super) fn flat_of(&self, case: &Case, decision: &Decision) -> Flat {
        let mut flat = Flat::of(decision, self.world().policies.len() > 1);
        let codes: Vec<&str> = case
            .items
            .iter()
            .filter_map(|i| if let Value::Code(c) = i.get(&self.known.code?)? { Some(&**c) } else { None })
            .collect();
        // Of what is decided it makes no difference whether an entry lists the code.
        flat.listed = decision.outcome.0.is_none() && flags::lists(self.world(), &codes, case.date);
        flat
    }

    pub(super) fn flat(&self, case: &Case) -> Flat {
        match self.decide_by(case, &Options { brief: true, ..Options::default() }) {
            Ok(decision) => self.flat_of(case, &decision),
            Err(message) => Flat::error(vec![message]),
        }
    }
}

/// Decides rows, and keeps what it has found out.
pub struct Desk<'s, 'p> {
    pub(super) screener: &'s Screener<'p>,
    pub(super) form: Form,
    keep: usize,
    /// By the way lists are written, by fact.
    pub(super) dicts: [Vec<Dict>; 2],
    /// True if there is something to say of some text that is kept.
    pub(super) noted: bool,
    pub(super) clerk: Clerk<'s, 'p>,
    pub(super) memo: Memo,
    pub(super) seen: words::Seen,
    pub(super) room: Room,
}

/// Room that one row after another uses.
#[derive(Default)]
pub(super) struct Room {
    pub(super) given: Vec<Given>,
    pub(super) numbers: Vec<u32>,
}

/// What is given of a fact; facts stand in their order.
pub(super) fn given_of(given: &[Given], fact: Option<FactId>) -> Option<Given> {
    let at = given.binary_search_by_key(&fact?, |g| g.fact).ok()?;
    given.get(at).copied()
}

/// A fact given, by where its value is kept.
#[derive(Clone, Copy)]
pub(super) struct Given {
    pub(super) fact: FactId,
    pub(super) style: Style,
    pub(super) entry: u32,
}

impl Desk<'_, '_> {
    /// An empty output of this desk's form.
    pub fn output(&self) -> Output {
        let mut out = Output::new(self.form, self.keep);
        out.text = self.screener.spare.lock().ok().and_then(|mut all| all.pop()).unwrap_or_default();
        out
    }

    /// A row that could not even be read.
    pub(super) fn bad_row(&self, place: Place, column: Option<String>, message: String, out: &mut Output) {
        out.totals.read += 1;
        self.fail(None, vec![Problem { input: place.input, line: place.line, column, message }], out);
    }

    /// A piece that a splitter could not read: one row in error.
    pub fn bad_piece(&self, input: u32, line: u64, message: String) -> Output {
        let mut out = self.output();
        self.bad_row(Place { input, line }, None, message, &mut out);
        out
    }

    /// A row whose problems are known.
    pub(super) fn rejected(&self, id: Option<&str>, problems: Vec<Problem>, out: &mut Output) {
        out.totals.read += 1;
        self.fail(id, problems, out);
    }

    pub(super) fn fail(&self, id: Option<&str>, problems: Vec<Problem>, out: &mut Output) {
        out.put(id, &Arc::new(Flat::error(Vec::new())), &[], &problems, None);
        out.problems.extend(problems);
    }

    /// The number of a text of a fact among those kept, until the next [`Desk::tidy`].
    pub(super) fn entry(&mut self, fact: FactId, style: Style, text: &str) -> u32 {
        let screener = self.screener;
        match self.dicts[style.index()].get_mut(fact.index()) {
            Some(dict) => {
                let number = dict.number(screener, fact, style, text);
                self.noted |= dict.noted;
                number
            }
            None => law::NONE,
        }
    }

    pub(super) fn kept(&self, given: Given) -> Option<&Entry> {
        self.dicts[given.style.index()].get(given.fact.index())?.entry(given.entry)
    }

    pub(super) fn state(&self, given: Given) -> Option<State> {
        self.dicts[given.style.index()].get(given.fact.index())?.state(given.entry)
    }

    pub(super) fn dict_mut(&mut self, given: Given) -> Option<&mut Dict> {
        self.dicts[given.style.index()].get_mut(given.fact.index())
    }

    /// Lets go of what was kept where it is too much; between blocks, so that no row loses what it stands on.
    pub(super) fn tidy(&mut self) {
        let gone = self.dicts.iter_mut().flatten().filter_map(|d| d.tidy().then_some(())).count();
        if gone > 0 {
            self.memo.lanes.clear();
            self.noted = self.dicts.iter().flatten().any(|d| d.noted);
        }
        self.memo.tidy();
        self.seen.tidy();
    }
}

impl Screener<'_> {
    /// True of a text that no condition reads: it need not be kept.
    pub(super) fn is_free(&self, fact: FactId) -> bool {
        self.world().fact(fact).ty == Type::Text && !self.law.reads(fact)
    }
}
