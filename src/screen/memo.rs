//! Decisions worked out once for each class of rows, and kept.
//!
//! What is kept is bounded by counts: beyond them all of it is let go, and worked out again where it is needed. The
//! same row gets the same decision whatever is kept.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::engine::bits::{Found, Lanes};
use crate::eval::Decision;
use crate::model::{Case, Date, Held, Level, Value};

use super::desk::{Desk, Given};
use super::flat::Flat;
use super::law::{self, NONE};

/// The most bytes of flat decisions that are kept, by all threads together and by each.
const MAX_FLAT: usize = 16 << 20;
/// The most bytes of whole decisions that one thread keeps.
const MAX_WHOLE: usize = 16 << 20;
/// The most findings of the engine whose decisions one thread keeps.
const MAX_FOUND: usize = 1 << 16;

/// What a key begins with: the classes of all facts, or what the engine found.
pub(super) const BY_CLASS: u32 = 0;
pub(super) const BY_PARTS: u32 = 2;
/// Beside it: for one day, which stands in place of its span.
const DATED: u32 = 1;

/// So many facts given are few.
const FEW: usize = 12;

/// Flat decisions by the classes of their facts.
#[derive(Default)]
pub(super) struct Shared {
    by_class: FxHashMap<Box<[u32]>, Arc<Flat>>,
    bytes: usize,
}

impl Shared {
    fn keep(&mut self, key: &[u32], flat: &Arc<Flat>) {
        if self.bytes > MAX_FLAT {
            *self = Shared::default();
        }
        self.bytes += flat.size() + 4 * key.len();
        self.by_class.insert(key.into(), flat.clone());
    }
}

/// What one desk keeps.
#[derive(Default)]
pub(super) struct Memo {
    flat: Shared,
    /// The classes of numbered values.
    pub(super) lanes: Lanes,
    /// Decisions by what was found of a row; none: what it says needs more.
    pub(super) found: FxHashMap<(Found, u32), Option<Arc<Flat>>>,
    /// Room for the numbers of a row.
    pub(super) numbers: Vec<u32>,
    whole: FxHashMap<Box<[u32]>, Arc<str>>,
    whole_bytes: usize,
    key: Vec<u32>,
}

impl Memo {
    /// Lets go of what is too much.
    pub(super) fn tidy(&mut self) {
        if self.whole_bytes > MAX_WHOLE {
            self.whole = FxHashMap::default();
            self.whole_bytes = 0;
        }
        if self.found.len() > MAX_FOUND {
            self.found = FxHashMap::default();
        }
    }
}

impl Desk<'_, '_> {
    /// The decision on the facts given, worked out once for each class.
    pub(super) fn decision(&mut self, given: &[Given], held: &[Held], date: Date) -> Arc<Flat> {
        let screener = self.screener;
        let law = &screener.law;
        let span = law.span(date);
        // Few facts have few classes, and make a short key; of many the compiled law reads only some.
        let engine = held.is_empty();
        if engine
            && given.len() > FEW
            && let Some(flat) = self.settled(given, date, span)
        {
            return flat;
        }
        let mut key = std::mem::take(&mut self.memo.key);
        key.clear();
        key.extend([BY_CLASS, span]);
        let told = !held.is_empty();
        let mut whole = true;
        for g in given {
            let compared = law.compared(g.fact);
            let alone = !compared.is_empty() && given.iter().any(|o| o.fact != g.fact && compared.contains(&o.fact));
            let is_date = Some(g.fact) == screener.known.date;
            // The day counts by its span, and by itself where something known is compared with it.
            if (!law.reads(g.fact) || is_date && !told) && !(is_date && alone) {
                continue;
            }
            let Some(state) = self.state(*g).filter(|s| s.known) else { continue };
            let class = if told || alone {
                self.own(*g)
            } else if state.span == span {
                state.class
            } else {
                self.class(*g, date, span)
            };
            whole &= class != NONE;
            key.extend([g.fact.0, class]);
        }
        for licence in held {
            let class = law.held(licence);
            whole &= class != NONE;
            key.extend([NONE, class]);
        }
        if told {
            // Terms run from day to day.
            let day = law.day(date);
            whole &= day != NONE;
            key.extend([NONE - 1, day]);
        }
        let known = self.memo.flat.by_class.get(key.as_slice()).filter(|flat| whole && !flat.dated).cloned();
        let known = known.or_else(|| {
            let first = engine && given.len() <= FEW;
            if first { self.settled(given, date, span) } else { None }
        });
        let flat = match known {
            Some(flat) => flat,
            None if whole => self.remembered(&mut key, given, held, date),
            None => Arc::new(screener.flat(&self.case(given, held, date))),
        };
        self.memo.key = key;
        flat
    }

    pub(super) fn remembered(&mut self, key: &mut [u32], given: &[Given], held: &[Held], date: Date) -> Arc<Flat> {
        let screener = self.screener;
        loop {
            let dated = key.first().is_some_and(|kind| *kind & DATED != 0);
            if let Some(flat) = self.memo.flat.by_class.get(key) {
                if dated || !flat.dated {
                    return flat.clone();
                }
            } else {
                let found = screener.shared.lock().ok().and_then(|all| all.by_class.get(key).cloned());
                let flat = found.unwrap_or_else(|| {
                    let mut flat = screener.flat(&self.case(given, held, date));
                    flat.dated = flat.mentions(&date.to_string());
                    let flat = Arc::new(flat);
                    if let Ok(mut all) = screener.shared.lock() {
                        all.keep(key, &flat);
                    }
                    flat
                });
                // A copy of its own: threads that count the uses of one text wait for each other.
                let own = Arc::new(Flat::clone(&flat));
                self.memo.flat.keep(key, &own);
                if dated || !own.dated {
                    return own;
                }
            }
            // What speaks of its day holds for that day alone.
            let number = screener.law.day(date);
            if number == NONE {
                return Arc::new(screener.flat(&self.case(given, held, date)));
            }
            if let [kind, day, ..] = key {
                (*kind, *day) = (*kind | DATED, number);
            }
        }
    }

    fn class(&mut self, given: Given, date: Date, span: u32) -> u32 {
        let screener = self.screener;
        let value = self.kept(given).and_then(|e| e.value.as_ref());
        let class = value.map_or(0, |v| screener.law.class(&screener.evaluator, given.fact, v, date));
        if let Some(dict) = self.dict_mut(given) {
            dict.classed(given.entry, class, span);
        }
        class
    }

    fn own(&mut self, given: Given) -> u32 {
        let law = &self.screener.law;
        let Some(entry) = self.dict_mut(given).and_then(|d| d.entry_mut(given.entry)) else { return NONE };
        let own = |value: &Option<Value>| value.as_ref().map_or(0, |v| law.own(given.fact, v));
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
    pub(super) fn whole(&mut self, given: &[Given], held: &[Held], date: Date) -> Arc<str> {
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
        if let Some(found) = self.memo.whole.get(key.as_slice()).filter(|_| whole) {
            return found.clone();
        }
        let mut case = self.case(given, held, date);
        case.warnings = given.iter().filter_map(|g| self.kept(*g)?.warning.clone()).collect();
        let text: Arc<str> = match screener.decide(&case) {
            Ok(decision) => rest_of(&decision).into(),
            Err(_) => "".into(),
        };
        if whole && case.warnings.is_empty() {
            self.memo.whole_bytes += text.len();
            self.memo.whole.insert(key.into(), text.clone());
        }
        text
    }
}

/// A decision as JSON after its `id`, without the end of the object.
pub(super) fn rest_of(decision: &Decision) -> String {
    let bare = Decision { id: None, ..decision.clone() };
    let text = serde_json::to_string(&bare).unwrap_or_default();
    let start = text.find("\"id\":null").map_or(text.len(), |at| at + "\"id\":null".len());
    text.get(start..text.len().saturating_sub(1)).unwrap_or_default().to_owned()
}
