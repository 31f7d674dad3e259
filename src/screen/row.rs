//! One row after another: joined, decided, flagged, put out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{Case, Date, FactId, Held, Value, World};

use super::desk::{Desk, Given, Place, given_of};
use super::flags::Seen;
use super::flat::Flat;
use super::join::joined;
use super::law::NONE;
use super::layout::{Layout, Style};
use super::memo::rest_of;
use super::output::{Output, Problem};
use super::rank::Listed;

/// Texts of a row.
#[derive(Clone, Copy)]
struct Texts<'r> {
    id: Option<&'r str>,
    description: Option<&'r str>,
    end_user: Option<&'r str>,
}

/// The text of a cell; nothing where it is not known.
fn cell<'r>(cells: &[Option<&'r str>], column: usize) -> Option<&'r str> {
    let text = cells.get(column).copied().flatten()?;
    // Most cells have no space to take off.
    let plain = |b: Option<&u8>| b.is_some_and(|b| matches!(b, 0x21..=0x7e));
    if plain(text.as_bytes().first()) && plain(text.as_bytes().last()) {
        return Some(text);
    }
    Some(text.trim()).filter(|t| !t.is_empty())
}

impl Desk<'_, '_> {
    /// Decides one row, given by the texts of its cells.
    pub(super) fn row(
        &mut self,
        layout: &Layout,
        cells: &[Option<&str>],
        more: &[Held],
        place: Place,
        out: &mut Output,
    ) {
        let mut numbers = std::mem::take(&mut self.room.numbers);
        numbers.clear();
        for field in &layout.facts {
            let text = if field.free { None } else { cell(cells, field.column) };
            numbers.push(text.map_or(NONE, |t| self.entry(field.fact, field.style, t)));
        }
        self.numbered(layout, cells, &numbers, Vec::new(), more, place, out);
        self.room.numbers = numbers;
    }

    /// Decides one row, given by the numbers of what its facts say. `numbers` has one for each of the layout's facts;
    /// of `cells` only those need to be there that are asked for as text. `problems`: what is already known to be wrong.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn numbered(
        &mut self,
        layout: &Layout,
        cells: &[Option<&str>],
        numbers: &[u32],
        mut problems: Vec<Problem>,
        more: &[Held],
        place: Place,
        out: &mut Output,
    ) {
        out.totals.read += 1;
        let screener = self.screener;
        let text = |column: Option<usize>| column.and_then(|i| cell(cells, i));
        let mut texts =
            Texts { id: text(layout.id), description: text(layout.description), end_user: text(layout.end_user) };
        problems.extend(layout.problems.iter().map(|p| place.problem(None, p.clone())));
        let mut given = std::mem::take(&mut self.room.given);
        given.clear();
        let said = layout.facts.iter().zip(numbers).filter(|(_, n)| **n != NONE);
        given.extend(said.map(|(f, n)| Given { fact: f.fact, style: f.style, entry: *n }));
        self.join(layout, cells, &mut given, &mut texts, &mut problems, place);
        self.settle(&mut given);
        let mut held = more.to_vec();
        if let Some(kind) = text(layout.licence) {
            held.push(self.licence(layout, kind, cells, &mut |column, message| {
                problems.push(place.problem(column, message));
            }));
        }
        let mut warnings: Vec<String> = Vec::new();
        for g in given.iter().filter(|_| self.noted) {
            let Some(entry) = self.kept(*g).filter(|_| self.state(*g).is_some_and(|s| s.noted)) else { continue };
            warnings.extend(entry.warning.clone());
            if let Some(message) = entry.problem.clone() {
                let column = layout.facts.iter().find(|f| f.fact == g.fact).and_then(|f| layout.names.get(f.column));
                let name = &screener.world().fact(g.fact).name;
                problems.push(place.problem(column.or(Some(name)).cloned(), message));
            }
        }
        let date = given_of(&given, screener.known.date);
        let date = match date.and_then(|g| self.kept(g)).and_then(|e| e.value.as_ref()) {
            Some(Value::Date(day)) => Some(*day),
            _ => screener.settings.as_of,
        };
        if date.is_none() && problems.is_empty() {
            problems.push(place.problem(None, "the row has no date, and none was set by --as-of".to_owned()));
        }
        match date.filter(|_| problems.is_empty()) {
            None => self.fail(texts.id, problems, out),
            Some(date) => {
                let flat = self.decision(&given, &held, date);
                let flat = if warnings.is_empty() { flat } else { Arc::new(flat.with_warnings(warnings)) };
                let whole = if out.form().whole() {
                    Some(self.whole(&given, &held, date)).filter(|_| flat.errors.is_empty())
                } else {
                    None
                };
                self.finish(&given, date, texts, &flat, whole.as_deref(), place, out);
            }
        }
        self.room.given = given;
    }

    /// Fills in what the record of the row's key says and the row leaves open.
    fn join<'r>(
        &mut self,
        layout: &Layout,
        cells: &[Option<&'r str>],
        given: &mut Vec<Given>,
        texts: &mut Texts<'r>,
        problems: &mut Vec<Problem>,
        place: Place,
    ) where
        Self: 'r,
    {
        let screener = self.screener;
        let Some(join) = screener.settings.join.as_ref().filter(|_| layout.problems.is_empty()) else { return };
        let key = joined(layout.key.iter().map(|i| cell(cells, *i).unwrap_or_default()));
        let (record, line) = match join.find(&key) {
            Ok(None) => return,
            Err(message) => return problems.push(place.problem(None, message)),
            Ok(Some((record, line))) => (record, line),
        };
        for (fact, text) in record {
            if Some(*fact) == screener.known.end_user {
                texts.end_user = texts.end_user.or(Some(text));
            } else if Some(*fact) == screener.known.description {
                texts.description = texts.description.or(Some(text));
            }
            if screener.is_free(*fact) {
                continue;
            }
            let new = Given { fact: *fact, style: Style::Cell, entry: self.entry(*fact, Style::Cell, text) };
            let (known, value) = (given.iter().find(|g| g.fact == *fact), self.kept(new));
            let before = known.and_then(|g| self.kept(*g));
            match (before.and_then(|e| e.value.as_ref()), value.and_then(|e| e.value.as_ref())) {
                (Some(a), Some(b)) if a != b => {
                    let name = &screener.world().fact(*fact).name;
                    let message = format!("{}:{line} says otherwise of `{name}`: {text}", join.name);
                    problems.push(place.problem(None, message));
                }
                (Some(_), _) => {}
                (None, _) => {
                    given.retain(|g| g.fact != *fact);
                    given.push(new);
                }
            }
        }
    }

    /// Puts in what holds for all rows, and what is set over them; facts in their order.
    fn settle(&mut self, given: &mut Vec<Given>) {
        let screener = self.screener;
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
        if !given.is_sorted_by_key(|g| g.fact) {
            given.sort_unstable_by_key(|g| g.fact);
        }
    }

    fn licence(
        &mut self,
        layout: &Layout,
        kind: &str,
        cells: &[Option<&str>],
        problem: &mut dyn FnMut(Option<String>, String),
    ) -> Held {
        let mut fields = BTreeMap::new();
        for field in &layout.fields {
            let Some(text) = cell(cells, field.column) else { continue };
            let entry = self.entry(field.fact, field.style, text);
            let Some(entry) = self.kept(Given { fact: field.fact, style: field.style, entry }) else { continue };
            if let Some(message) = &entry.problem {
                problem(layout.names.get(field.column).cloned(), message.clone());
            }
            fields.extend(entry.value.clone().map(|v| (field.fact, v)));
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
        let said = texts.description.map(|d| self.seen.said(screener, d));
        let trader = texts.end_user.and_then(|name| self.seen.trader(screener, name));
        let value = |fact: Option<FactId>| -> Option<&Value> {
            given_of(given, fact).and_then(|g| self.kept(g)?.value.as_ref())
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
        let code_exists = nomenclature.zip(code).map(|(n, code)| n.has(code, date));
        out.totals.unchecked += u64::from(code_exists == Some(None));
        let flags = screener.flags.of(
            screener.world(),
            &screener.words,
            &Seen {
                day: date,
                code,
                description: texts.description,
                trader: trader.as_deref(),
                phrases: said.as_ref().map_or(&[], |s| &s.phrases),
                vague: said.as_ref().is_some_and(|s| s.vague),
                documents: &documents,
                entries: &flat.entries,
                code_exists: code_exists.flatten(),
            },
        );
        let phrases = flags.iter().filter_map(|f| Some((f.kind, f.phrase?)));
        for (kind, phrase) in phrases.collect::<BTreeSet<_>>() {
            *out.totals.phrases.entry((kind, phrase)).or_default() += 1;
        }
        let destination = given_of(given, screener.known.destination);
        let destination = destination.and_then(|g| Some(&*self.kept(g)?.text));
        let problems: Vec<Problem> = flat.errors.iter().map(|m| place.problem(None, m.clone())).collect();
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
                let whole = (out.form().whole()).then(|| rest_of(&decision));
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
                given.sort_unstable_by_key(|g| g.fact);
                let texts = Texts { id, description: description.as_deref(), end_user: end_user.as_deref() };
                self.finish(&given, case.date, texts, &flat, whole.as_deref(), place, out);
            }
        }
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
