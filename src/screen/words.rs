//! Finds the search words of entries in descriptions, in the languages in which the entries have them.
//!
//! Words are compared by their stems, without accents and in the Latin script, since declarations are often written
//! so. The words of a phrase may stand in any order and near each other: `cuffs, thumb`; or joined: `thumbcuffs`. In
//! languages that build long words, the end of one says what the goods are, and its beginning more of it:
//! `Stahlhandschellen`, `Elektroschockfesseln`. Stems are rough on purpose: what is found is shown to a person and
//! decides nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use any_ascii::any_ascii;
use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;
use unicode_segmentation::UnicodeSegmentation;

use crate::model::phrase::{self, Phrase as Phrased};
use crate::model::{CategoryId, World};

use super::desk::Screener;

/// How long a word of a phrase is at least, in letters, to be looked for within longer words.
const LONG: usize = 5;
/// How long its stem is at least, and what is left of the longer word, in bytes.
const SHORT: usize = 3;
/// How many other words may stand among those of a phrase.
const BETWEEN: usize = 3;
/// The most tokens of a description that are looked at.
const MAX_TOKENS: usize = 400;
/// The most words, descriptions and names that are kept from one block of rows to the next, of each.
const MAX_KEPT: usize = 16_384;
/// The longest text that is kept, in bytes.
const MAX_LENGTH: usize = 1000;

/// One phrase of the search words.
pub(super) struct Phrase {
    /// Its language.
    pub(super) language: String,
    /// The entries that have it.
    pub(super) entries: Vec<CategoryId>,
    /// How many words it has. Of several found, the one with the most says most, and is the rarest.
    pub(super) length: usize,
    /// The numbers of the stems of words beside which other goods are meant.
    against: Vec<u32>,
}

/// A phrase found in a description.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    pub(super) phrase: u32,
    /// The words of the description that are those of the phrase.
    pub(super) quote: String,
    /// True if a word stands in the description beside which other goods are meant.
    pub(super) unlikely: bool,
}

/// All phrases of a world.
pub(super) struct Words {
    pub(super) phrases: Vec<Phrase>,
    languages: Vec<Language>,
    forms: Vec<Form>,
    /// The forms of which the first word may be a stem, by its number.
    begun: FxHashMap<u32, Vec<u32>>,
    /// How many numbers have been given to stems.
    numbers: u32,
}

/// The words of one language.
struct Language {
    name: String,
    stemmer: Option<Stemmer>,
    /// True if it writes several words as one, the last saying what it is.
    compounds: bool,
    /// Stems, each with its number.
    stems: FxHashMap<String, u32>,
    /// Those of which it is enough that a long word ends with them.
    tails: FxHashMap<String, u32>,
    /// Those of phrases of several words, of which it is enough that a long word begins with them.
    heads: FxHashMap<String, u32>,
}

/// One way in which a phrase may stand in a text: for each of its words the numbers of the stems that do.
struct Form {
    phrase: u32,
    words: Vec<Vec<u32>>,
}

/// What one thread has found before.
#[derive(Default)]
pub(super) struct Seen {
    words: FxHashMap<Box<str>, Box<[u32]>>,
    texts: FxHashMap<Box<str>, Arc<Said>>,
    names: FxHashMap<Box<str>, Option<Arc<str>>>,
}

/// What a description says.
pub(super) struct Said {
    /// The phrases in it, each once, in their order.
    pub(super) phrases: Box<[Found]>,
    /// True if it says too little.
    pub(super) vague: bool,
}

impl Seen {
    /// What a description says.
    pub(super) fn said(&mut self, screener: &Screener<'_>, text: &str) -> Arc<Said> {
        if let Some(found) = self.texts.get(text) {
            return found.clone();
        }
        let phrases = screener.words.look(text, self).into();
        let found = Arc::new(Said { phrases, vague: screener.flags.is_vague(text) });
        // A long text hardly comes again.
        if text.len() <= MAX_LENGTH {
            self.texts.insert(text.into(), found.clone());
        }
        found
    }

    /// The word in a name that makes it a trader's.
    pub(super) fn trader(&mut self, screener: &Screener<'_>, name: &str) -> Option<Arc<str>> {
        if let Some(found) = self.names.get(name) {
            return found.clone();
        }
        let found: Option<Arc<str>> = screener.flags.trader(name).map(Into::into);
        if name.len() <= MAX_LENGTH {
            self.names.insert(name.into(), found.clone());
        }
        found
    }

    /// Lets go of what is too much.
    pub(super) fn tidy(&mut self) {
        if self.words.len() > MAX_KEPT {
            self.words = FxHashMap::default();
        }
        if self.texts.len() > MAX_KEPT {
            self.texts = FxHashMap::default();
        }
        if self.names.len() > MAX_KEPT {
            self.names = FxHashMap::default();
        }
    }
}

impl Language {
    fn new(name: &str) -> Language {
        Language {
            name: name.to_owned(),
            stemmer: algorithm(name).map(Stemmer::create),
            compounds: ["da", "de", "fi", "hu", "nl", "no", "sv"].contains(&name),
            stems: FxHashMap::default(),
            tails: FxHashMap::default(),
            heads: FxHashMap::default(),
        }
    }

    /// The stem of a word in lower case, in the Latin script.
    fn stem(&self, word: &str) -> String {
        match &self.stemmer {
            // A number or a mark has no endings.
            Some(stemmer) if !word.bytes().any(|b| b.is_ascii_digit()) => fold(&stemmer.stem(word)),
            _ => fold(word),
        }
    }

    /// The ways to write a word: as it stands, without its accents, and umlauts as two letters.
    fn spellings(&self, word: &str) -> Vec<String> {
        let mut out = vec![word.to_owned(), fold(word)];
        if self.name == "de" {
            out.push(word.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue"));
        }
        out.sort();
        out.dedup();
        out
    }

    /// The numbers of the stems that a word of a description has.
    fn found(&self, lower: &str, plain: &str, out: &mut Vec<u32>) {
        for word in [lower, plain].into_iter().take(if lower == plain { 1 } else { 2 }) {
            let stem = self.stem(word);
            out.extend(self.stems.get(&stem));
            if self.compounds && stem.len() > 2 * SHORT {
                let places = SHORT..=stem.len() - SHORT;
                out.extend(places.clone().filter_map(|at| self.tails.get(stem.get(at..)?)));
                out.extend(places.filter_map(|at| self.heads.get(stem.get(..at)?)));
            }
        }
    }
}

fn fold(word: &str) -> String {
    if word.is_ascii() { word.to_lowercase() } else { any_ascii(word).to_lowercase() }
}

impl Words {
    pub(super) fn new(world: &World) -> Words {
        let mut out = Words {
            phrases: Vec::new(),
            languages: Vec::new(),
            forms: Vec::new(),
            begun: FxHashMap::default(),
            numbers: 0,
        };
        let of_policies = || world.categories.iter().enumerate().filter(|(_, c)| c.policy.is_some());
        for (language, _) in of_policies().flat_map(|(_, c)| world.words_of(c)) {
            if !out.languages.iter().any(|l| l.name == language) {
                out.languages.push(Language::new(language));
            }
        }
        let mut known: FxHashMap<(usize, String), u32> = FxHashMap::default();
        for (i, category) in of_policies() {
            for (language, text) in world.words_of(category) {
                let Some(l) = out.languages.iter().position(|l| l.name == language) else { continue };
                let id = *known.entry((l, text.to_lowercase())).or_insert_with(|| out.phrase(l, text));
                if let Some(phrase) = out.phrases.get_mut(id as usize) {
                    phrase.entries.push(CategoryId(i as u32));
                }
            }
        }
        out
    }

    fn phrase(&mut self, l: usize, text: &str) -> u32 {
        let id = self.phrases.len() as u32;
        let lower = text.to_lowercase();
        // What cannot be read was refused when the law was loaded.
        let Phrased { words, against } = phrase::read(&lower).unwrap_or_default();
        let (length, several) = (words.len(), words.len() > 1);
        let ways: Vec<Vec<u32>> = words.iter().map(|ways| self.numbered(l, ways, several)).collect();
        self.form(id, ways);
        if several {
            let mut joined = vec![String::new()];
            for ways in &words {
                joined = joined.iter().flat_map(|j| ways.iter().map(move |w| format!("{j}{w}"))).collect();
            }
            let joined: Vec<&str> = joined.iter().map(String::as_str).collect();
            let ways = self.numbered(l, &joined, false);
            self.form(id, vec![ways]);
        }
        let language = self.languages.get(l).map(|l| l.name.clone()).unwrap_or_default();
        // A phrase may be found in another language, and the words that speak against it with it.
        let against = (0..self.languages.len()).flat_map(|l| self.numbered(l, &against, true)).collect();
        self.phrases.push(Phrase { language, entries: Vec::new(), length, against });
        id
    }

    fn form(&mut self, phrase: u32, words: Vec<Vec<u32>>) {
        let form = self.forms.len() as u32;
        for stem in words.first().into_iter().flatten() {
            self.begun.entry(*stem).or_default().push(form);
        }
        self.forms.push(Form { phrase, words });
    }

    /// The numbers of the stems of some words, any of which does.
    fn numbered(&mut self, l: usize, ways: &[&str], several: bool) -> Vec<u32> {
        let mut out = Vec::new();
        let Some(language) = self.languages.get_mut(l) else { return out };
        let spelt: Vec<String> = ways.iter().flat_map(|w| language.spellings(w)).collect();
        for word in spelt {
            let stem = language.stem(&word);
            let long = language.compounds && word.chars().count() >= LONG && stem.len() > SHORT;
            let tables =
                [(&mut language.stems, true), (&mut language.tails, long), (&mut language.heads, long && several)];
            for (table, _) in tables.into_iter().filter(|(_, fits)| *fits) {
                self.numbers += 1;
                out.push(*table.entry(stem.clone()).or_insert(self.numbers));
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The phrases found in a description, each once, in their order.
    fn look(&self, text: &str, seen: &mut Seen) -> Vec<Found> {
        let mut at: Vec<(&str, Box<[u32]>)> = Vec::new();
        let mut any = false;
        for word in tokens(text).take(MAX_TOKENS) {
            let stems = self.word(word, seen);
            any |= !stems.is_empty();
            at.push((word, stems));
        }
        let mut out = Vec::new();
        if !any {
            return out;
        }
        let mut told = BTreeSet::new();
        for (i, (_, first)) in at.iter().enumerate() {
            let forms = first.iter().filter_map(|s| self.begun.get(s)).flatten();
            for form in forms.filter_map(|f| self.forms.get(*f as usize)) {
                if told.contains(&form.phrase) {
                    continue;
                }
                let reach = form.words.len() + BETWEEN - 1;
                let (begin, end) = (i.saturating_sub(reach), (i + reach + 1).min(at.len()));
                let is =
                    |j: &usize, ways: &Vec<u32>| at.get(*j).is_some_and(|(_, w)| w.iter().any(|s| ways.contains(s)));
                // The nearest word that does, the one at hand before others.
                let nearest = |ways| (begin..end).filter(|j| is(j, ways)).min_by_key(|j| (j.abs_diff(i), *j));
                let Some(places) = form.words.iter().map(nearest).collect::<Option<BTreeSet<usize>>>() else {
                    continue;
                };
                told.insert(form.phrase);
                let against = self.phrases.get(form.phrase as usize).map_or(&[][..], |p| &p.against);
                let unlikely = at.iter().any(|(_, w)| w.iter().any(|s| against.contains(s)));
                out.push(Found { phrase: form.phrase, quote: quote(&at, &places), unlikely });
            }
        }
        out.sort_unstable();
        out
    }

    /// The stems of some phrase that a word has, in any language.
    fn word(&self, word: &str, seen: &mut Seen) -> Box<[u32]> {
        if let Some(found) = seen.words.get(word) {
            return found.clone();
        }
        let lower = word.to_lowercase();
        let plain = fold(&lower);
        let mut found = Vec::new();
        self.languages.iter().for_each(|l| l.found(&lower, &plain, &mut found));
        found.sort_unstable();
        found.dedup();
        let found: Box<[u32]> = found.into();
        if word.len() <= MAX_LENGTH {
            seen.words.insert(word.into(), found.clone());
        }
        found
    }
}

/// The words at some places, with dots where others stand between them.
fn quote(at: &[(&str, Box<[u32]>)], places: &BTreeSet<usize>) -> String {
    let mut out = String::new();
    let mut last = None;
    for place in places {
        if let Some(last) = last {
            out.push_str(if last + 1 == *place { " " } else { " … " });
        }
        out.push_str(at.get(*place).map_or("", |(word, _)| word));
        last = Some(*place);
    }
    out
}

/// The words of a text.
pub(super) fn tokens(text: &str) -> Box<dyn Iterator<Item = &str> + '_> {
    if text.is_ascii() {
        Box::new(text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()))
    } else {
        // Marks within what counts as one word part it here: `chambre d'exécution`, `menottes:acier`.
        let mark = |c: char| c.is_ascii_punctuation() || c == '\u{2019}';
        Box::new(text.unicode_words().flat_map(move |w| w.split(mark)).filter(|w| !w.is_empty()))
    }
}

fn algorithm(language: &str) -> Option<Algorithm> {
    Some(match language {
        "ar" => Algorithm::Arabic,
        "da" => Algorithm::Danish,
        "de" => Algorithm::German,
        "el" => Algorithm::Greek,
        "en" => Algorithm::English,
        "es" => Algorithm::Spanish,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "hu" => Algorithm::Hungarian,
        "it" => Algorithm::Italian,
        "nl" => Algorithm::Dutch,
        "no" => Algorithm::Norwegian,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "sv" => Algorithm::Swedish,
        "tr" => Algorithm::Turkish,
        _ => return None,
    })
}
