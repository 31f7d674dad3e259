//! Contradictions in a row, flagged beside its decision and never in place of it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use any_ascii::any_ascii;

use crate::model::code::Under;
use crate::model::{AtomKind, Category, CategoryId, Date, FactId, World};

use super::flat::named;
use super::words::{Found, Words, tokens};

/// The kinds of flag, the weightiest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlagKind {
    /// A code that says what the goods are not is declared, and the decision or the description says that they are.
    FalseNegative,
    /// The description has the words of an entry, under a code that the entry does not list.
    LookAlike,
    /// The description has the words of an entry that lists the code.
    Described,
    /// The code is not in the nomenclature of its year.
    NoSuchCode,
    /// The end-user is a trader.
    Trader,
    /// The description has the words of an entry beside others that speak for ordinary goods.
    Unlikely,
    /// The description says too little.
    Vague,
}

impl FlagKind {
    /// All kinds.
    pub const ALL: [FlagKind; 7] = [
        FlagKind::FalseNegative,
        FlagKind::LookAlike,
        FlagKind::Described,
        FlagKind::NoSuchCode,
        FlagKind::Trader,
        FlagKind::Unlikely,
        FlagKind::Vague,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            FlagKind::FalseNegative => "false_negative",
            FlagKind::LookAlike => "look_alike",
            FlagKind::Described => "described",
            FlagKind::NoSuchCode => "no_such_code",
            FlagKind::Trader => "trader",
            FlagKind::Unlikely => "unlikely",
            FlagKind::Vague => "vague",
        }
    }
}

/// One flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// What kind.
    pub kind: FlagKind,
    /// What it rests on, with the words quoted.
    pub text: String,
    /// The phrase of the search words it rests on.
    pub(super) phrase: Option<u32>,
}

impl std::fmt::Display for Flag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind.as_str(), self.text)
    }
}

/// What of a row can be flagged.
#[derive(Clone, Copy)]
pub(super) struct Seen<'r> {
    pub(super) day: Date,
    /// The declared code in its normal spelling.
    pub(super) code: Option<&'r str>,
    pub(super) description: Option<&'r str>,
    /// The word in the end-user's name that makes it a trader.
    pub(super) trader: Option<&'r str>,
    /// The phrases of search words found in the description.
    pub(super) phrases: &'r [Found],
    /// Whether the description says too little.
    pub(super) vague: bool,
    /// Document codes declared.
    pub(super) documents: &'r [&'r str],
    /// The entries that the decision finds the goods in.
    pub(super) entries: &'r [String],
    /// Whether the code is in the nomenclature of its year; nothing: not known.
    pub(super) code_exists: Option<bool>,
}

/// What flags need of the law.
pub(super) struct Flags {
    /// The entries that a negative document code says the goods are not in.
    negative: BTreeMap<String, BTreeSet<CategoryId>>,
    /// Entries by their names, as flat decisions have them.
    names: BTreeMap<String, Vec<CategoryId>>,
    vague: BTreeSet<&'static str>,
    traders: BTreeSet<&'static str>,
}

/// Words that by themselves do not say what goods are; in the Latin script, without accents.
const VAGUE: &str = "accessories accessory and article articles assorted clothing commodity components consolidated \
    device devices different divers diverse divers equipment et etc for freight general gift gifts good goods household \
    item items kit machinery material materials misc miscellaneous mixed n/a new of other others parcel part parts \
    personal effects product products sample samples set sets several spare spares stuff sundry supplies things tools \
    unspecified used various waren ware artikel diverses teile ersatzteile muster zubehor sonstige marchandises \
    marchandise pieces detachees echantillons articulos mercancia mercancias muestras piezas repuestos merce merci varie \
    campioni goederen onderdelen monsters towary czesci mercadorias amostras pecas";

/// Words in the name of who trades in goods rather than uses them.
const TRADERS: &str = "trading traders trader trade import export imports exports importer exporter importers exporters \
    distributor distributors distribution distributing wholesale wholesaler reseller resellers dealer dealers broker \
    brokers forwarding forwarders logistics procurement handel handels handelsgesellschaft grosshandel spedition \
    vertrieb negoce commerce grossiste distributeur comercio comercial comercializadora distribuidora distribuidor \
    mayorista commercio commerciale ingrosso handelsonderneming groothandel handlowa hurtownia comercializacao \
    ticaret torgovyi torgovaia";

impl Flags {
    pub(super) fn new(world: &World) -> Flags {
        let mut negative: BTreeMap<String, BTreeSet<CategoryId>> = BTreeMap::new();
        for rule in &world.rules {
            for document in rule.documents.iter().filter(|d| d.negative) {
                let entries = negative.entry(document.code.clone()).or_default();
                rule.cond.atoms(&mut |atom, _| {
                    if let AtomKind::In(list) = &atom.kind {
                        entries.extend(list.iter().copied());
                    }
                });
            }
        }
        let set = |text: &'static str| text.split_whitespace().collect();
        let mut names: BTreeMap<String, Vec<CategoryId>> = BTreeMap::new();
        for (i, c) in world.categories.iter().enumerate().filter(|(_, c)| !c.unnamed) {
            let Some(policy) = c.policy.and_then(|p| world.policies.get(p.index())) else { continue };
            names.entry(named(world.policies.len() > 1, &policy.name, &c.name)).or_default().push(CategoryId(i as u32));
        }
        Flags { names, negative, vague: set(VAGUE), traders: set(TRADERS) }
    }

    /// The flags of a row, the weightiest first; at most one of each kind and entry.
    pub(super) fn of(&self, world: &World, words: &Words, row: &Seen<'_>) -> Vec<Flag> {
        let mut out = Vec::new();
        let mut told = BTreeSet::new();
        // A code that is merely not needed, since no entry lists the goods' code, denies nothing that is so.
        let held = |d: &&&str| row.entries.iter().any(|name| self.of_name(name).any(|e| self.denies(world, d, e)));
        for code in row.documents.iter().filter(held) {
            let text = format!("{code} is declared, and by the facts given the goods are what it denies");
            out.push(Flag { kind: FlagKind::FalseNegative, text, phrase: None });
        }
        // What speaks most plainly comes first, so that it is what is told of an entry.
        let found = row.phrases.iter().filter_map(|f| Some((f, words.phrases.get(f.phrase as usize)?)));
        let mut found: Vec<_> = found.collect();
        found.sort_by_key(|(f, phrase)| (f.unlikely, Reverse(phrase.length), f.phrase));
        for (f, phrase) in found {
            let id = f.phrase;
            for entry in phrase.entries.iter().filter(|e| world.in_force(**e, row.day)) {
                let category = world.category(*entry);
                let under = row.code.map(|code| under(world, *entry, code));
                let quoted = format!("\"{}\" ({}) is said of {}", f.quote, phrase.language, category.name);
                if f.unlikely {
                    let told_plainly = |kind| told.contains(&(kind, *entry));
                    if !FlagKind::ALL.into_iter().any(told_plainly) {
                        told.insert((FlagKind::Unlikely, *entry));
                        out.push(Flag { kind: FlagKind::Unlikely, text: quoted, phrase: Some(id) });
                    }
                    continue;
                }
                for code in row.documents.iter().filter(|d| self.denies(world, d, *entry)) {
                    if told.insert((FlagKind::FalseNegative, *entry)) {
                        let text = format!("{code} is declared; {quoted}");
                        out.push(Flag { kind: FlagKind::FalseNegative, text, phrase: Some(id) });
                    }
                }
                let kind = if under == Some(false) { FlagKind::LookAlike } else { FlagKind::Described };
                if told.insert((kind, *entry)) {
                    out.push(Flag { kind, text: quoted, phrase: Some(id) });
                }
            }
        }
        if row.code_exists == Some(false)
            && let Some(code) = row.code
        {
            let text = format!("{code} is no code of {}", row.day.year());
            out.push(Flag { kind: FlagKind::NoSuchCode, text, phrase: None });
        }
        if let Some(word) = row.trader {
            out.push(Flag { kind: FlagKind::Trader, text: format!("\"{word}\" in the end-user"), phrase: None });
        }
        if let Some(text) = row.description.filter(|_| row.vague) {
            out.push(Flag { kind: FlagKind::Vague, text: format!("\"{}\"", text.trim()), phrase: None });
        }
        // An entry under whose own code the words stand says more than a look-alike elsewhere.
        out.sort_by_key(|f| f.kind);
        out
    }

    fn of_name(&self, name: &str) -> impl Iterator<Item = CategoryId> {
        self.names.get(name).into_iter().flatten().copied()
    }

    fn denies(&self, world: &World, code: &str, entry: CategoryId) -> bool {
        let Some(denied) = self.negative.get(code) else { return false };
        let mut at = Some(entry);
        while let Some(id) = at {
            if denied.contains(&id) {
                return true;
            }
            at = world.category(id).parent;
        }
        false
    }

    pub(super) fn trader<'n>(&self, name: &'n str) -> Option<&'n str> {
        tokens(name).find(|t| self.traders.contains(any_ascii(t).to_lowercase().as_str()))
    }

    pub(super) fn is_vague(&self, text: &str) -> bool {
        let says = |t: &str| {
            t.chars().any(char::is_alphabetic)
                && t.chars().count() > 1
                && !self.vague.contains(any_ascii(t).to_lowercase().as_str())
        };
        !tokens(text).any(says)
    }
}

/// Whether some entry in force lists one of the codes, or may.
pub(super) fn lists(world: &World, codes: &[&str], day: Date) -> bool {
    let lists = |c: &Category| {
        let tariff = c.codes.iter().filter(|(fact, _)| world.fact(*fact).name == "goods.code");
        tariff.into_iter().any(|(_, list)| codes.iter().any(|code| list.covers(code, false) != Under::No))
    };
    world
        .categories
        .iter()
        .enumerate()
        .any(|(i, c)| c.policy.is_some() && lists(c) && world.in_force(CategoryId(i as u32), day))
}

/// Whether a code is or may be among those of an entry, of what it stands in or of what stands in it. An entry without
/// codes is under every code.
fn under(world: &World, entry: CategoryId, code: &str) -> bool {
    let mut lists = Vec::new();
    let mut at = Some(entry);
    while let Some(id) = at {
        lists.push(id);
        at = world.category(id).parent;
    }
    let mut open = vec![entry];
    while let Some(id) = open.pop() {
        open.extend(world.category(id).children.iter().filter(|c| !world.category(**c).whatever_code));
        lists.push(id);
    }
    let tariff = |fact: &FactId| world.fact(*fact).name == "goods.code";
    let mut codes = lists.iter().flat_map(|id| &world.category(*id).codes).filter(|(f, _)| tariff(f)).peekable();
    codes.peek().is_none() || codes.any(|(_, list)| list.covers(code, false) != Under::No)
}
