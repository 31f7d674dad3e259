//! One row after another: typed, joined, classed, decided once for each class, flagged, put out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;

use crate::eval::{Decision, Evaluator, Options};
use crate::model::value::Type;
use crate::model::{Case, Date, FactId, Held, Level, Value, World, read};
use crate::policy::Policy;

use super::MAX_LIST;
use super::flags::{self, Flags, Seen};
use super::flat::Flat;
use super::join::{Join, joined};
use super::law::{self, Law, NONE};
use super::layout::{Layout, Style};
use super::map::Map;
use super::nomenclature::Nomenclature;
use super::output::{Form, Output, Problem};
use super::rank::Listed;
use super::words::{self, Words};

/// The most decisions that are kept.
const MAX_DECISIONS: usize = 500_000;
/// The most bytes of whole decisions that one thread keeps.
const MAX_WHOLE: usize = 64 << 20;
/// The most values of a fact that one thread keeps.
const MAX_VALUES: usize = 200_000;

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

/// The law made ready for many rows; one serves any number of threads.
pub struct Screener<'p> {
    policy: &'p Policy,
    pub(super) evaluator: Evaluator<'p>,
    law: Law,
    pub(super) settings: Settings,
    pub(super) names: FxHashMap<&'p str, FactId>,
    constants: Vec<(FactId, String)>,
    set: Vec<(FactId, String)>,
    words: Words,
    flags: Flags,
    known: Known,
    decisions: Mutex<FxHashMap<Box<[u32]>, Arc<Flat>>>,
}

/// Facts that screening itself looks at, where they are declared.
struct Known {
    date: Option<FactId>,
    destination: Option<FactId>,
    documents: Option<FactId>,
    code: Option<FactId>,
    description: Option<FactId>,
    end_user: Option<FactId>,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) input: u32,
    pub(super) line: u64,
}

impl<'p> Screener<'p> {
    /// Makes the law ready.
    ///
    /// # Errors
    /// A fact that the settings name and no loaded policy declares.
    pub fn new(policy: &'p Policy, settings: Settings) -> Result<Screener<'p>, String> {
        let evaluator = policy.evaluator();
        let world = policy.world();
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
            settings,
            constants,
            set,
            words: Words::new(world),
            flags: Flags::new(world),
            known,
            names,
            decisions: Mutex::new(FxHashMap::default()),
        };
        let all = screener.constants.iter().chain(&screener.set).filter(|(_, text)| text != "unknown");
        match all.filter_map(|(fact, text)| read_entry(&screener, *fact, Style::Cell, text).problem).next() {
            Some(problem) => Err(problem),
            None => Ok(screener),
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
            decisions: FxHashMap::default(),
            whole: FxHashMap::default(),
            whole_bytes: 0,
            seen: words::Seen::default(),
            key: Vec::new(),
        }
    }

    fn decide(&self, case: &Case) -> Result<Decision, String> {
        self.evaluator.decide(case, &Options::default()).map_err(|broken| {
            let one = |(name, title, facts): &(String, String, Vec<String>)| {
                format!("these facts cannot all be so: {} ({title}: {name})", facts.join(", "))
            };
            broken.constraints.iter().map(one).collect::<Vec<_>>().join("; ")
        })
    }

    fn flat_of(&self, case: &Case, decision: &Decision) -> Flat {
        let mut flat = Flat::of(decision, self.world().policies.len() > 1);
        let codes: Vec<&str> = case
            .items
            .iter()
            .filter_map(|i| if let Value::Code(c) = i.get(&self.known.code?)? { Some(&**c) } else { None })
            .collect();
        flat.listed = flags::lists(self.world(), &codes, case.date);
        flat
    }

    fn flat(&self, case: &Case) -> Flat {
        match self.decide(case) {
            Ok(decision) => self.flat_of(case, &decision),
            Err(message) => Flat::error(vec![message]),
        }
    }
}

/// What was made of the texts that a fact was given by.
#[derive(Default)]
struct Dict {
    by_text: FxHashMap<Box<str>, u32>,
    entries: Vec<Entry>,
    last: Option<u32>,
}

struct Entry {
    text: Box<str>,
    /// The value; nothing where it is unknown.
    value: Option<Value>,
    problem: Option<String>,
    warning: Option<String>,
    /// Its class on days of a span.
    class: u32,
    span: u32,
    /// The number of the value by itself, once it was asked for.
    own: Option<u32>,
}

/// Decides rows, and keeps what it has found out.
pub struct Desk<'s, 'p> {
    pub(super) screener: &'s Screener<'p>,
    pub(super) form: Form,
    keep: usize,
    /// By the way lists are written, by fact.
    dicts: [Vec<Dict>; 2],
    decisions: FxHashMap<Box<[u32]>, Arc<Flat>>,
    whole: FxHashMap<Box<[u32]>, Arc<str>>,
    whole_bytes: usize,
    seen: words::Seen,
    key: Vec<u32>,
}

/// A fact given, by where its value is kept.
#[derive(Clone, Copy)]
struct Given {
    fact: FactId,
    style: Style,
    entry: u32,
}

impl Desk<'_, '_> {
    /// An empty output of this desk's form.
    pub fn output(&self) -> Output {
        Output::new(self.form, self.keep)
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

    fn fail(&self, id: Option<&str>, problems: Vec<Problem>, out: &mut Output) {
        out.put(id, &Arc::new(Flat::error(Vec::new())), &[], &problems, None);
        out.problems.extend(problems);
    }

    /// The number of a text of a fact among those kept.
    fn entry(&mut self, fact: FactId, style: Style, text: &str) -> u32 {
        let screener = self.screener;
        let Some(dict) = self.dicts[style.index()].get_mut(fact.index()) else { return 0 };
        if let Some(last) = dict.last
            && dict.entries.get(last as usize).is_some_and(|e| *e.text == *text)
        {
            return last;
        }
        let found = dict.by_text.get(text).copied().unwrap_or_else(|| {
            let id = dict.entries.len() as u32;
            dict.entries.push(read_entry(screener, fact, style, text));
            dict.by_text.insert(text.into(), id);
            id
        });
        dict.last = Some(found);
        found
    }

    fn kept(&self, given: Given) -> Option<&Entry> {
        self.dicts[given.style.index()].get(given.fact.index())?.entries.get(given.entry as usize)
    }

    /// Lets go of what was kept where it is too much; between rows, so that no row loses what it stands on.
    fn tidy(&mut self) {
        for dict in self.dicts.iter_mut().flatten().filter(|d| d.entries.len() > MAX_VALUES) {
            *dict = Dict::default();
        }
        if self.decisions.len() > MAX_DECISIONS {
            self.decisions.clear();
        }
        if self.whole_bytes > MAX_WHOLE {
            self.whole.clear();
            self.whole_bytes = 0;
        }
    }

    /// Decides one row.
    pub(super) fn row(
        &mut self,
        layout: &Layout,
        cells: &[Option<&str>],
        more: &[Held],
        place: Place,
        out: &mut Output,
    ) {
        out.totals.read += 1;
        self.tidy();
        let screener = self.screener;
        let cell = |i: usize| cells.get(i).copied().flatten().map(str::trim).filter(|t| !t.is_empty());
        let id = layout.id.and_then(cell);
        let mut problems: Vec<Problem> = Vec::new();
        let problem =
            |column: Option<String>, message: String| Problem { input: place.input, line: place.line, column, message };
        problems.extend(layout.problems.iter().map(|p| problem(None, p.clone())));
        let mut given: Vec<Given> = Vec::with_capacity(layout.facts.len() + 4);
        let (mut description, mut end_user) = (None, None);
        for (fact, column) in &layout.facts {
            let Some(text) = cell(*column) else { continue };
            if Some(*fact) == screener.known.description {
                description = Some(text);
            } else if Some(*fact) == screener.known.end_user {
                end_user = Some(text);
            }
            if screener.is_free(*fact) {
                continue;
            }
            let entry = self.entry(*fact, layout.style, text);
            given.push(Given { fact: *fact, style: layout.style, entry });
        }
        if let Some(join) = screener.settings.join.as_ref().filter(|_| layout.problems.is_empty()) {
            let key = joined(layout.key.iter().map(|i| cell(*i).unwrap_or_default()));
            match join.find(&key) {
                Ok(None) => {}
                Err(message) => problems.push(problem(None, message)),
                Ok(Some((record, line))) => {
                    for (fact, text) in record {
                        if Some(*fact) == screener.known.end_user {
                            end_user = end_user.or(Some(text));
                        } else if Some(*fact) == screener.known.description {
                            description = description.or(Some(text));
                        }
                        if screener.is_free(*fact) {
                            continue;
                        }
                        let new =
                            Given { fact: *fact, style: Style::Cell, entry: self.entry(*fact, Style::Cell, text) };
                        let (known, value) = (given.iter().find(|g| g.fact == *fact), self.kept(new));
                        let before = known.and_then(|g| self.kept(*g));
                        match (before.and_then(|e| e.value.as_ref()), value.and_then(|e| e.value.as_ref())) {
                            (Some(a), Some(b)) if a != b => {
                                let name = &screener.world().fact(*fact).name;
                                let message = format!("{}:{line} says otherwise of `{name}`: {text}", join.name);
                                problems.push(problem(None, message));
                            }
                            (Some(_), _) => {}
                            (None, _) => {
                                given.retain(|g| g.fact != *fact);
                                given.push(new);
                            }
                        }
                    }
                }
            }
        }
        for (fact, text) in &screener.constants {
            let known = given.iter().find(|g| g.fact == *fact).and_then(|g| self.kept(*g));
            if known.is_none_or(|e| e.value.is_none() && e.problem.is_none()) {
                given.retain(|g| g.fact != *fact);
                let entry = self.entry(*fact, Style::Cell, text);
                given.push(Given { fact: *fact, style: Style::Cell, entry });
            }
        }
        for (fact, text) in &screener.set {
            given.retain(|g| g.fact != *fact);
            if text != "unknown" {
                let entry = self.entry(*fact, Style::Cell, text);
                given.push(Given { fact: *fact, style: Style::Cell, entry });
            }
        }
        given.sort_unstable_by_key(|g| g.fact);
        let mut held = more.to_vec();
        if let Some(kind) = layout.licence.and_then(cell) {
            held.push(self.licence(layout, kind, &cell, &mut |column, message| {
                problems.push(problem(column, message));
            }));
        }
        for g in &given {
            if let Some(message) = self.kept(*g).and_then(|e| e.problem.clone()) {
                let column = layout.facts.iter().find(|(f, _)| *f == g.fact).and_then(|(_, i)| layout.names.get(*i));
                let name = &screener.world().fact(g.fact).name;
                problems.push(problem(column.or(Some(name)).cloned(), message));
            }
        }
        let date = screener.known.date.and_then(|d| given.iter().find(|g| g.fact == d));
        let date = match date.and_then(|g| self.kept(*g)).and_then(|e| e.value.as_ref()) {
            Some(Value::Date(day)) => Some(*day),
            _ => screener.settings.as_of,
        };
        if date.is_none() && problems.is_empty() {
            problems.push(problem(None, "the row has no date, and none was set by --as-of".to_owned()));
        }
        let Some(date) = date.filter(|_| problems.is_empty()) else {
            self.fail(id, problems, out);
            return;
        };
        let flat = self.decision(&given, &held, date);
        let warnings: Vec<String> = given.iter().filter_map(|g| self.kept(*g)?.warning.clone()).collect();
        let flat = if warnings.is_empty() { flat } else { Arc::new(flat.with_warnings(warnings)) };
        let whole = if out.form() == Form::Whole {
            Some(self.whole(&given, &held, date)).filter(|_| flat.errors.is_empty())
        } else {
            None
        };
        self.finish(&given, date, Texts { id, description, end_user }, &flat, whole.as_deref(), place, out);
    }

    fn licence<'c>(
        &mut self,
        layout: &Layout,
        kind: &str,
        cell: &impl Fn(usize) -> Option<&'c str>,
        problem: &mut dyn FnMut(Option<String>, String),
    ) -> Held {
        let mut fields = BTreeMap::new();
        for (fact, column) in &layout.fields {
            let Some(text) = cell(*column) else { continue };
            let entry = self.entry(*fact, layout.style, text);
            let Some(entry) = self.kept(Given { fact: *fact, style: layout.style, entry }) else { continue };
            if let Some(message) = &entry.problem {
                problem(layout.names.get(*column).cloned(), message.clone());
            }
            fields.extend(entry.value.clone().map(|v| (*fact, v)));
        }
        Held { licence: kind.to_owned(), fields }
    }

    /// Flags a decided row and puts it out.
    #[allow(clippy::too_many_arguments)]
    fn finish(
        &mut self,
        given: &[Given],
        date: Date,
        texts: Texts<'_>,
        flat: &Arc<Flat>,
        whole: Option<&str>,
        place: Place,
        out: &mut Output,
    ) {
        let screener = self.screener;
        let phrases = texts.description.map(|d| screener.words.find(d, &mut self.seen));
        let value = |fact: Option<FactId>| -> Option<&Value> {
            given.iter().find(|g| Some(g.fact) == fact).and_then(|g| self.kept(*g)?.value.as_ref())
        };
        let code = match value(screener.known.code) {
            Some(Value::Code(code)) => Some(&**code),
            _ => None,
        };
        let documents: Vec<&str> = match value(screener.known.documents) {
            Some(Value::Set(all)) => {
                all.iter().filter_map(|v| if let Value::Text(t) = v { Some(&**t) } else { None }).collect()
            }
            _ => Vec::new(),
        };
        let nomenclature = screener.settings.nomenclature.as_ref();
        let flags = screener.flags.of(
            screener.world(),
            &screener.words,
            &Seen {
                day: date,
                code,
                description: texts.description,
                end_user: texts.end_user,
                phrases: phrases.as_deref().unwrap_or_default(),
                documents: &documents,
                not_documents: &flat.not_documents,
                code_exists: nomenclature.zip(code).and_then(|(n, code)| n.has(code, date)),
            },
        );
        for (kind, phrase) in
            flags.iter().filter_map(|f| Some((f.kind, f.phrase?))).collect::<std::collections::BTreeSet<_>>()
        {
            *out.totals.phrases.entry((kind, phrase)).or_default() += 1;
        }
        let destination = given.iter().find(|g| Some(g.fact) == screener.known.destination);
        let destination = destination.and_then(|g| Some(&*self.kept(*g)?.text));
        let problems: Vec<Problem> = flat
            .errors
            .iter()
            .map(|m| Problem { input: place.input, line: place.line, column: None, message: m.clone() })
            .collect();
        out.put(texts.id, flat, &flags, &[], whole);
        out.problems.extend(problems);
        let listed = Listed {
            input: place.input,
            line: place.line,
            id: texts.id,
            code,
            destination,
            description: texts.description,
        };
        out.best.consider(flat, flags, &listed);
    }

    /// The decision on the facts given, worked out once for each class.
    fn decision(&mut self, given: &[Given], held: &[Held], date: Date) -> Arc<Flat> {
        let screener = self.screener;
        let span = screener.law.span(date);
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        key.extend([0, span]);
        let told = !held.is_empty();
        let mut whole = true;
        for g in given {
            let is_date = Some(g.fact) == screener.known.date;
            if !screener.law.reads(g.fact) || is_date && !told {
                // The day counts by its span, and by itself where something known is compared with it.
                let compared = screener.law.compared(g.fact);
                if !is_date || !given.iter().any(|o| o.fact != g.fact && compared.contains(&o.fact)) {
                    continue;
                }
            }
            let compared = screener.law.compared(g.fact);
            let alone = !compared.is_empty() && given.iter().any(|o| o.fact != g.fact && compared.contains(&o.fact));
            let class = if told || alone { self.own(*g) } else { self.class(*g, date, span) };
            whole &= class != NONE;
            if self.kept(*g).is_some_and(|e| e.value.is_some()) {
                key.extend([g.fact.0, class]);
            }
        }
        for licence in held {
            let class = screener.law.held(licence);
            whole &= class != NONE;
            key.extend([NONE, class]);
        }
        if told {
            // Terms run from day to day.
            let day = screener.law.day(date);
            whole &= day != NONE;
            key.extend([NONE - 1, day]);
        }
        let flat = if whole {
            self.remembered(&mut key, given, held, date)
        } else {
            Arc::new(screener.flat(&self.case(given, held, date)))
        };
        self.key = key;
        flat
    }

    fn remembered(&mut self, key: &mut Vec<u32>, given: &[Given], held: &[Held], date: Date) -> Arc<Flat> {
        let screener = self.screener;
        let day = date.to_string();
        loop {
            let kept = self.decisions.get(key.as_slice()).cloned();
            let kept = kept.or_else(|| {
                let found = screener.decisions.lock().ok()?.get(key.as_slice()).cloned()?;
                self.decisions.insert(key.as_slice().into(), found.clone());
                Some(found)
            });
            let dated = key.first() == Some(&1);
            match kept {
                // What speaks of its day holds for that day alone.
                Some(flat) if dated || !flat.dated => return flat,
                Some(_) => {
                    let number = screener.law.day(date);
                    if number == NONE {
                        return Arc::new(screener.flat(&self.case(given, held, date)));
                    }
                    key[..2].copy_from_slice(&[1, number]);
                }
                None => {
                    let mut flat = screener.flat(&self.case(given, held, date));
                    flat.dated = flat.mentions(&day);
                    let flat = Arc::new(flat);
                    if let Ok(mut all) = screener.decisions.lock() {
                        if all.len() > MAX_DECISIONS {
                            all.clear();
                        }
                        all.insert(key.as_slice().into(), flat.clone());
                    }
                    self.decisions.insert(key.as_slice().into(), flat.clone());
                    if dated || !flat.dated {
                        return flat;
                    }
                }
            }
        }
    }

    fn class(&mut self, given: Given, date: Date, span: u32) -> u32 {
        let screener = self.screener;
        let dict = self.dicts[given.style.index()].get_mut(given.fact.index());
        let Some(entry) = dict.and_then(|d| d.entries.get_mut(given.entry as usize)) else { return NONE };
        if entry.span != span {
            entry.class = match &entry.value {
                Some(value) => screener.law.class(&screener.evaluator, given.fact, value, date),
                None => 0,
            };
            entry.span = span;
        }
        entry.class
    }

    fn own(&mut self, given: Given) -> u32 {
        let screener = self.screener;
        let dict = self.dicts[given.style.index()].get_mut(given.fact.index());
        let Some(entry) = dict.and_then(|d| d.entries.get_mut(given.entry as usize)) else { return NONE };
        let own = |value: &Option<Value>| value.as_ref().map_or(0, |v| screener.law.own(given.fact, v));
        *entry.own.get_or_insert_with(|| own(&entry.value))
    }

    /// The consignment that the facts given make, without what no condition reads.
    fn case(&self, given: &[Given], held: &[Held], date: Date) -> Case {
        let mut case = law::empty(date);
        for g in given.iter().filter(|g| self.screener.law.reads(g.fact)) {
            let Some(value) = self.kept(*g).and_then(|e| e.value.clone()) else { continue };
            match self.screener.world().fact(g.fact).level {
                Level::Goods => case.items.iter_mut().for_each(|i| {
                    i.insert(g.fact, value.clone());
                }),
                _ => {
                    case.facts.insert(g.fact, value);
                }
            }
        }
        if let Some(fact) = self.screener.known.date {
            case.facts.insert(fact, Value::Date(date));
        }
        case.licences = held.to_vec();
        case
    }

    /// The whole decision as JSON from its second field on, without the end of the object.
    fn whole(&mut self, given: &[Given], held: &[Held], date: Date) -> Arc<str> {
        let screener = self.screener;
        let mut key = vec![screener.law.day(date)];
        for g in given.iter().filter(|g| screener.law.reads(g.fact)) {
            let own = self.own(*g);
            if self.kept(*g).is_some_and(|e| e.value.is_some()) {
                key.extend([g.fact.0, own]);
            }
        }
        key.extend(held.iter().map(|h| screener.law.held(h)));
        let whole = !key.contains(&NONE);
        if let Some(found) = self.whole.get(key.as_slice()).filter(|_| whole) {
            return found.clone();
        }
        let mut case = self.case(given, held, date);
        case.warnings = given.iter().filter_map(|g| self.kept(*g)?.warning.clone()).collect();
        let text: Arc<str> = match screener.decide(&case) {
            Ok(decision) => rest_of(&decision).into(),
            Err(_) => "".into(),
        };
        if whole && case.warnings.is_empty() {
            self.whole_bytes += text.len();
            self.whole.insert(key.into(), text.clone());
        }
        text
    }

    /// Decides a consignment that was read as one: with several goods items, or several licences.
    pub(super) fn consignment(&mut self, case: &Case, place: Place, out: &mut Output) {
        out.totals.read += 1;
        let screener = self.screener;
        let id = case.id.as_deref();
        match screener.decide(case) {
            Err(message) => {
                let problem = Problem { input: place.input, line: place.line, column: None, message };
                self.fail(id, vec![problem], out);
            }
            Ok(decision) => {
                let flat = Arc::new(screener.flat_of(case, &decision));
                let whole = (out.form() == Form::Whole).then(|| rest_of(&decision));
                // The item with most to say stands for all in the work list.
                let text = |item: &BTreeMap<FactId, Value>, fact: Option<FactId>| match fact.and_then(|f| item.get(&f))
                {
                    Some(Value::Text(t)) => Some(t.to_string()),
                    _ => None,
                };
                let description: Vec<String> =
                    case.items.iter().filter_map(|i| text(i, screener.known.description)).collect();
                let description = Some(description.join("; ")).filter(|d| !d.is_empty());
                let end_user = text(&case.facts, screener.known.end_user);
                let shared = [screener.known.destination, screener.known.documents].into_iter().flatten();
                let mut given: Vec<Given> = Vec::new();
                let single = case.items.first().filter(|_| case.items.len() == 1);
                let values = shared.filter_map(|f| Some((f, case.facts.get(&f)?)));
                let values: Vec<(FactId, Value)> = values
                    .chain(screener.known.code.and_then(|c| Some((c, single?.get(&c)?))))
                    .map(|(f, v)| (f, v.clone()))
                    .collect();
                for (fact, value) in values {
                    let entry = self.entry(fact, Style::List, &written(&value, screener.world()));
                    given.push(Given { fact, style: Style::List, entry });
                }
                let texts = Texts { id, description: description.as_deref(), end_user: end_user.as_deref() };
                self.finish(&given, case.date, texts, &flat, whole.as_deref(), place, out);
            }
        }
    }
}

/// Texts of a row.
#[derive(Clone, Copy)]
struct Texts<'r> {
    id: Option<&'r str>,
    description: Option<&'r str>,
    end_user: Option<&'r str>,
}

impl Screener<'_> {
    /// Facts that hold for every row that says nothing of them.
    pub(super) fn constants(&self) -> &[(FactId, String)] {
        &self.constants
    }

    /// True of a text that no condition reads: it need not be kept.
    fn is_free(&self, fact: FactId) -> bool {
        self.world().fact(fact).ty == Type::Text && !self.law.reads(fact)
    }
}

/// A value as it stands in a list of texts.
fn written(value: &Value, world: &World) -> String {
    match value {
        Value::Text(t) => t.to_string(),
        Value::Code(c) => c.to_string(),
        Value::Place(p) => p.code(world).to_owned(),
        Value::Set(all) => all.iter().map(|v| written(v, world)).collect::<Vec<_>>().join("\u{1f}"),
        _ => String::new(),
    }
}

/// A decision as JSON after its `id`, without the end of the object.
fn rest_of(decision: &Decision) -> String {
    let bare = Decision { id: None, ..decision.clone() };
    let text = serde_json::to_string(&bare).unwrap_or_default();
    let start = text.find("\"id\":null").map_or(text.len(), |at| at + "\"id\":null".len());
    text.get(start..text.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

/// The value of a fact that holds for every row.
pub(super) fn constant(screener: &Screener<'_>, fact: FactId, text: &str) -> Option<Value> {
    read_entry(screener, fact, Style::Cell, text).value
}

/// Reads the value of a fact from a cell.
fn read_entry(screener: &Screener<'_>, fact: FactId, style: Style, text: &str) -> Entry {
    let world = screener.world();
    let declared = world.fact(fact);
    let rewritten = screener.settings.map.values.get(&declared.name);
    let rewrite = |t: &str| rewritten.and_then(|m| m.get(t)).cloned().unwrap_or_else(|| t.to_owned());
    let mut entry =
        Entry { text: text.into(), value: None, problem: None, warning: None, class: NONE, span: u32::MAX, own: None };
    let one = |ty: &Type, t: &str| {
        let t = rewrite(t.trim());
        if t == "unknown" && style == Style::Cell && *ty != Type::Text {
            return Ok(None);
        }
        read::read(ty, &t, world).map(Some).map_err(|p| format!("`{t}` is no value of `{}`: {p}", declared.name))
    };
    match &declared.ty {
        Type::Set(inner) => {
            let parts: Vec<&str> = text.split(|c| style.separates(c)).filter(|t| !t.trim().is_empty()).collect();
            if parts.len() > MAX_LIST {
                entry.problem = Some(format!("the list has {} parts; at most {MAX_LIST} are read", parts.len()));
                return entry;
            }
            match parts.iter().map(|t| one(inner, t)).collect::<Result<Option<_>, _>>() {
                Ok(all) => entry.value = all.map(Value::Set),
                Err(message) => entry.problem = Some(message),
            }
        }
        ty if read::is_other_currency(ty, &rewrite(text)) => {
            let of = if let Type::Money(of) = ty { of.as_str() } else { "the fact's" };
            entry.warning = Some(format!(
                "{}: {text} is in another currency than {of}; nothing is converted, so it is unknown",
                declared.name
            ));
        }
        ty => match one(ty, text) {
            Ok(value) => entry.value = value,
            Err(message) => entry.problem = Some(message),
        },
    }
    entry
}
