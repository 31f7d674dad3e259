//! Finds the search words of entries in descriptions, in the languages in which the entries have them.
//!
//! Words are compared by their stems, without accents and in the Latin script, since declarations are often written
//! so. The words of a phrase may stand in any order and near each other: `cuffs, thumb`; or joined: `thumbcuffs`.
//! Stems are rough on purpose: what is found is shown to a person and decides nothing.

use std::sync::Arc;

use any_ascii::any_ascii;
use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;
use unicode_segmentation::UnicodeSegmentation;

use crate::model::{CategoryId, World};

use super::desk::Screener;

/// How many other words may stand among those of a phrase.
const BETWEEN: usize = 2;
/// The most tokens of a description that are looked at.
const MAX_TOKENS: usize = 400;
/// The most words, descriptions and names that are kept from one block of rows to the next, of each.
const MAX_KEPT: usize = 16_384;
/// The longest text that is kept, in bytes.
const MAX_LENGTH: usize = 1000;

/// One phrase of the search words.
pub(super) struct Phrase {
    /// As the entry has it.
    pub(super) text: String,
    /// Its language.
    pub(super) language: String,
    /// The entries that have it.
    pub(super) entries: Vec<CategoryId>,
}

/// All phrases of a world.
pub(super) struct Words {
    pub(super) phrases: Vec<Phrase>,
    languages: Vec<Option<Stemmer>>,
    /// Stems by language, each with its number.
    stems: FxHashMap<(usize, String), u32>,
    /// The phrases that a stem begins, each with its stems.
    begun: FxHashMap<u32, Vec<(u32, Vec<u32>)>>,
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
    pub(super) phrases: Box<[u32]>,
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

impl Words {
    pub(super) fn new(world: &World) -> Words {
        let mut out = Words {
            phrases: Vec::new(),
            languages: Vec::new(),
            stems: FxHashMap::default(),
            begun: FxHashMap::default(),
        };
        let mut names: Vec<&str> = Vec::new();
        let mut known: FxHashMap<(usize, String), u32> = FxHashMap::default();
        for (i, category) in world.categories.iter().enumerate().filter(|(_, c)| c.policy.is_some()) {
            for (language, phrases) in &category.words {
                let l = names.iter().position(|n| n == language).unwrap_or_else(|| {
                    names.push(language);
                    out.languages.push(algorithm(language).map(Stemmer::create));
                    names.len() - 1
                });
                for text in phrases {
                    let id = *known.entry((l, text.to_lowercase())).or_insert_with(|| out.phrase(l, language, text));
                    if let Some(phrase) = out.phrases.get_mut(id as usize) {
                        phrase.entries.push(CategoryId(i as u32));
                    }
                }
            }
        }
        out
    }

    fn phrase(&mut self, l: usize, language: &str, text: &str) -> u32 {
        let id = self.phrases.len() as u32;
        let tokens: Vec<String> = tokens(text).map(|t| t.to_lowercase()).collect();
        let mut forms = vec![tokens.clone()];
        if tokens.len() > 1 {
            forms.push(vec![tokens.concat()]);
        }
        if language == "de" {
            // Umlauts as two letters.
            let spelt = |t: &String| t.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue");
            forms.extend(forms.clone().iter().map(|f| f.iter().map(spelt).collect::<Vec<_>>()));
        }
        forms.sort();
        forms.dedup();
        for form in forms {
            let stems: Vec<u32> = form.iter().map(|t| self.number(l, t)).collect();
            if let Some(first) = stems.first() {
                self.begun.entry(*first).or_default().push((id, stems));
            }
        }
        self.phrases.push(Phrase { text: text.to_owned(), language: language.to_owned(), entries: Vec::new() });
        id
    }

    fn stem(&self, l: usize, word: &str) -> String {
        let stem = match self.languages.get(l) {
            Some(Some(stemmer)) => stemmer.stem(word),
            _ => word.into(),
        };
        any_ascii(&stem).to_lowercase()
    }

    fn number(&mut self, l: usize, word: &str) -> u32 {
        let next = self.stems.len() as u32;
        *self.stems.entry((l, self.stem(l, word))).or_insert(next)
    }

    /// The phrases found in a description, each once, in their order.
    fn look(&self, text: &str, seen: &mut Seen) -> Vec<u32> {
        let mut at: Vec<Box<[u32]>> = Vec::new();
        let mut any = false;
        for word in tokens(text).take(MAX_TOKENS) {
            let stems = self.word(word, seen);
            any |= !stems.is_empty();
            at.push(stems);
        }
        let mut out = Vec::new();
        if !any {
            return out;
        }
        for (i, first) in at.iter().enumerate() {
            for (phrase, stems) in first.iter().filter_map(|s| self.begun.get(s)).flatten() {
                let reach = stems.len() + BETWEEN - 1;
                let near = at.get(i.saturating_sub(reach)..(i + reach + 1).min(at.len())).unwrap_or_default();
                if stems.iter().all(|s| near.iter().any(|w| w.contains(s))) {
                    out.push(*phrase);
                }
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The stems of some phrase that a word has, in any language.
    fn word(&self, word: &str, seen: &mut Seen) -> Box<[u32]> {
        if let Some(found) = seen.words.get(word) {
            return found.clone();
        }
        let lower = word.to_lowercase();
        let of = |l: usize| self.stems.get(&(l, self.stem(l, &lower))).copied();
        let found: Box<[u32]> = (0..self.languages.len()).filter_map(of).collect();
        if word.len() <= MAX_LENGTH {
            seen.words.insert(word.into(), found.clone());
        }
        found
    }
}

/// The words of a text.
pub(super) fn tokens(text: &str) -> Box<dyn Iterator<Item = &str> + '_> {
    if text.is_ascii() {
        Box::new(text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()))
    } else {
        Box::new(text.unicode_words())
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
