//! Everything that a set of gate files declares, in flat tables with numbers as references.
//!
//! A name may have several versions, each in force at other times; each version is an entry of its own. References
//! to a name hold all its versions, and the date of the consignment picks.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexSet;

use crate::span::Span;

use super::chart::Chart;
use super::code::CodeList;
use super::condition::{Cond, Set};
use super::date::{Date, InForce};
use super::rule::{Licence, Policy, Rule};
use super::test_case::TestCase;
use super::value::{PlaceId, Type, Value};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
        impl $name {
            /// The number as an index.
            pub fn index(self) -> usize { self.0 as usize }
        }
    )* };
}

ids! {
    /// The number of a fact.
    FactId,
    /// The number of an enumeration.
    EnumId,
    /// The number of a group.
    GroupId,
    /// The number of a chart.
    ChartId,
    /// The number of a list of search words.
    WordListId,
    /// The number of a category.
    CategoryId,
    /// The number of a licence.
    LicenceId,
    /// The number of a rule, exception or bar.
    RuleId,
    /// The number of a policy.
    PolicyId,
}

/// All declarations.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Facts.
    pub facts: Vec<Fact>,
    /// Enumerations, one for each fact that declares one.
    pub enums: Vec<EnumType>,
    /// Declared places, see [`PlaceId`].
    pub places: Vec<Place>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Charts.
    pub charts: Vec<Chart>,
    /// What goods are called, for entries to take over.
    pub words: Vec<WordList>,
    /// Categories; a parent stands before its children.
    pub categories: Vec<Category>,
    /// What links say of pairs of entries.
    pub links: Vec<Link>,
    /// Licences.
    pub licences: Vec<Licence>,
    /// Rules, exceptions and bars, in the order of their files; the order means nothing.
    pub rules: Vec<Rule>,
    /// Policies.
    pub policies: Vec<Policy>,
    /// Constraints.
    pub constraints: Vec<Constraint>,
    /// Tests, the rows of tables included.
    pub tests: Vec<TestCase>,
}

impl World {
    /// An enumeration.
    pub fn enum_type(&self, id: EnumId) -> Option<&EnumType> {
        self.enums.get(id.index())
    }
    /// A fact.
    pub fn fact(&self, id: FactId) -> &Fact {
        &self.facts[id.index()]
    }
    /// The search words of an entry with their languages, its own first, then those it takes over.
    pub fn words_of<'w>(&'w self, category: &'w Category) -> impl Iterator<Item = (&'w str, &'w str)> {
        let others = category.words_of.iter().filter_map(|id| self.words.get(id.index()));
        let lists = category.words.iter().chain(others.flat_map(|w| w.words.iter()));
        lists.flat_map(|(language, words)| words.iter().map(|w| (language.as_str(), w.as_str())))
    }

    /// A category.
    pub fn category(&self, id: CategoryId) -> &Category {
        &self.categories[id.index()]
    }
    /// A rule.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.index()]
    }
    /// A licence.
    pub fn licence(&self, id: LicenceId) -> &Licence {
        &self.licences[id.index()]
    }
    /// The names of licences any one of which will do; each once, however many versions it has.
    pub fn any_of(&self, licences: &[LicenceId]) -> String {
        let names: IndexSet<&str> = licences.iter().map(|l| self.licence(*l).name.as_str()).collect();
        Vec::from_iter(names).join(" or ")
    }
    /// The names of all licences that are required, alternatives joined by `or`.
    pub fn all_of(&self, groups: &[Vec<LicenceId>]) -> String {
        groups.iter().map(|group| self.any_of(group)).collect::<Vec<_>>().join(" and ")
    }
    /// The fact of that name.
    pub fn fact_named(&self, name: &str) -> Option<FactId> {
        self.facts.iter().position(|f| f.name == name).map(|i| FactId(i as u32))
    }
    /// True if the name of a licence held is that of a kind, by itself or after the name of its policy.
    pub fn is_kind(&self, held: &str, licence: &Licence) -> bool {
        let policy = || self.policies.get(licence.policy.index()).map_or("", |p| p.name.as_str());
        held == licence.name || held.strip_suffix(&licence.name).and_then(|p| p.strip_suffix('.')) == Some(policy())
    }
    /// The rules of a policy, in the order of [`World::rules`].
    pub fn rules_of(&self, policy: PolicyId) -> impl Iterator<Item = (RuleId, &Rule)> {
        self.rules.iter().enumerate().filter(move |(_, r)| r.policy == policy).map(|(i, r)| (RuleId(i as u32), r))
    }
    /// Every day from which a group or chart may be otherwise than on the day before.
    pub fn days_of_places(&self) -> BTreeSet<Date> {
        let members = |g: &Group| match &g.body {
            GroupBody::Members(list) => list.iter().flat_map(|(_, days, _)| days.0.clone()).collect(),
            GroupBody::Expr(_) => Vec::new(),
        };
        let groups = self.groups.iter().flat_map(|g| g.in_force.0.iter().copied().chain(members(g)));
        let all = groups.chain(self.charts.iter().flat_map(|c| c.intervals().copied()));
        all.flat_map(|i| i.from.into_iter().chain(i.to.and_then(|d| d.tomorrow().ok()))).collect()
    }
    /// For each rule the exceptions and bars that defeat it, by name, so that the order of declarations means nothing.
    pub fn defeaters(&self) -> Vec<Vec<RuleId>> {
        let mut out = vec![Vec::new(); self.rules.len()];
        for (i, rule) in self.rules.iter().enumerate() {
            rule.targets.iter().for_each(|t| out[t.index()].push(RuleId(i as u32)));
        }
        for all in &mut out {
            all.sort_by(|a, b| self.rule(*a).name.cmp(&self.rule(*b).name));
        }
        out
    }
    /// Whether an entry, and all that it stands in, is in force on a day.
    pub fn in_force(&self, entry: CategoryId, day: super::Date) -> bool {
        let mut at = Some(entry);
        while let Some(id) = at {
            let category = self.category(id);
            if !category.in_force.on(day) {
                return false;
            }
            at = category.parent;
        }
        true
    }
    /// The categories of a policy.
    pub fn categories_of(&self, policy: PolicyId) -> impl Iterator<Item = (CategoryId, &Category)> {
        let of = move |(_, c): &(usize, &Category)| c.policy == Some(policy);
        self.categories.iter().enumerate().filter(of).map(|(i, c)| (CategoryId(i as u32), c))
    }
}

/// What a fact is about, which decides how many values of it a consignment can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// The consignment as a whole.
    Consignment,
    /// Each goods item (`goods.…`).
    Goods,
    /// Each licence held (`licence.…`).
    Licence,
}

/// One typed thing that can be known.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its declared name.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// The module that declares it.
    pub module: String,
    /// The policy that declares it, if a policy does.
    pub policy: Option<PolicyId>,
    /// Its type.
    pub ty: Type,
    /// What it is about.
    pub level: Level,
    /// The question that asks for it.
    pub ask: Option<String>,
    /// Who can answer.
    pub answered_by: Option<String>,
    /// What is taken to be so where nothing is said.
    pub presumed: Option<Presumption>,
    /// For a named condition, what it means, by version.
    pub means: Vec<(InForce, Cond)>,
    /// For a fact that is computed before deciding, how.
    pub derived: Option<String>,
    /// What the source leaves unsure, by version.
    pub doubts: Vec<(InForce, String)>,
    /// A remark for readers.
    pub note: Option<String>,
}

impl Fact {
    /// True for a named condition, which nobody gives.
    pub fn is_named_condition(&self) -> bool {
        !self.means.is_empty()
    }
    /// The question, or one made of the name.
    pub fn question(&self) -> String {
        self.ask.clone().unwrap_or_else(|| format!("{}?", self.name.replace(['.', '_'], " ")))
    }
}

/// `presumed V unless C because "…"`
#[derive(Clone, Debug)]
pub struct Presumption {
    /// The value supplied.
    pub value: Value,
    /// Where it is not supplied.
    pub unless: Option<Cond>,
    /// Its ground in law.
    pub because: Option<String>,
    /// True if it leans to the milder side.
    pub milder: bool,
}

/// A `one of { … }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumType {
    /// All values, a broader one right before its narrower ones.
    pub values: Vec<EnumValue>,
}

/// One value of an enumeration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumValue {
    /// Its name.
    pub name: String,
    /// Other spellings.
    pub also: Vec<String>,
    /// One past the last of its narrower values.
    pub end: u16,
}

impl EnumType {
    /// The number of a value by name or other spelling.
    pub fn find(&self, text: &str) -> Option<u16> {
        let is = |v: &EnumValue| v.name == text || v.also.iter().any(|a| a == text);
        self.values.iter().position(is).map(|i| i as u16)
    }
    /// True if `narrow` is `broad` or lies within it.
    pub fn is_within(&self, narrow: u16, broad: u16) -> bool {
        narrow >= broad && self.values.get(usize::from(broad)).is_some_and(|b| narrow < b.end)
    }
}

/// A territory below state level.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its code, `IT-livigno`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it lies in.
    pub within: PlaceId,
    /// Where it is declared.
    pub span: Span,
    /// What the source leaves unsure.
    pub doubt: Option<String>,
}

/// A set of countries or values.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// What it cites.
    pub cite: Option<String>,
    /// Where it is declared.
    pub span: Span,
    /// What it holds.
    pub body: GroupBody,
    /// When.
    pub in_force: InForce,
    /// The type of its members.
    pub ty: Type,
    /// What the source leaves unsure.
    pub doubt: Option<String>,
}

/// What a group holds.
#[derive(Clone, Debug)]
pub enum GroupBody {
    /// Listed members, each with its time and doubt.
    Members(Vec<(Value, InForce, Option<String>)>),
    /// An expression.
    Expr(Set),
}

/// An entry of a control list.
#[derive(Clone, Debug)]
pub struct Category {
    /// Its whole name, `annex_II.2.1`; for an unnamed alternative, that of its parent.
    pub name: String,
    /// True for an unnamed alternative.
    pub unnamed: bool,
    /// Its title.
    pub title: Option<String>,
    /// What it cites.
    pub cite: Option<String>,
    /// Where its text comes from.
    pub source: Option<String>,
    /// Where it is declared.
    pub span: Span,
    /// The policy it belongs to; none in shared modules.
    pub policy: Option<PolicyId>,
    /// The module that declares it.
    pub module: String,
    /// The entry it stands in.
    pub parent: Option<CategoryId>,
    /// Entries and alternatives below it.
    pub children: Vec<CategoryId>,
    /// Its own codes, by scheme, each with the fact that carries such a code.
    pub codes: Vec<(FactId, CodeList)>,
    /// True if the codes of its parents do not bind it.
    pub whatever_code: bool,
    /// Its own condition.
    pub cond: Cond,
    /// When it is in force itself.
    pub in_force: InForce,
    /// Its own search words by language, each a phrase as [`super::phrase::read`] takes it.
    pub words: Vec<(String, Vec<String>)>,
    /// Goods of vocabularies whose words are meant as well.
    pub words_of: Vec<WordListId>,
    /// What the source leaves unsure.
    pub doubt: Option<String>,
    /// A remark for readers.
    pub note: Option<String>,
}

/// What some goods of a vocabulary are called.
#[derive(Clone, Debug)]
pub struct WordList {
    /// The vocabulary and the goods: `alliance.words.shock_belt`.
    pub name: String,
    /// Where the vocabulary is declared.
    pub span: Span,
    /// Phrases by language, as [`super::phrase::read`] takes them.
    pub words: Arc<Vec<(String, Vec<String>)>>,
}

/// How the goods of an entry relate to those of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// It holds the same goods and no others.
    Same,
    /// It holds those goods and others.
    Wider,
    /// It holds some of those goods and no others.
    Narrower,
    /// It holds some of those goods and some others.
    Overlaps,
    /// It holds none of those goods. No link says so.
    Apart,
}

impl Relation {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Relation::Same => "same",
            Relation::Wider => "wider",
            Relation::Narrower => "narrower",
            Relation::Overlaps => "overlaps",
            Relation::Apart => "apart",
        }
    }

    /// The relation that a link may say by a word.
    pub fn by_name(word: &str) -> Option<Relation> {
        use Relation::{Narrower, Overlaps, Same, Wider};
        [Same, Wider, Narrower, Overlaps].into_iter().find(|r| r.as_str() == word)
    }
}

/// One line of a link: what is said of a pair of entries.
#[derive(Clone, Debug)]
pub struct Link {
    /// The versions of the entry that others are linked to.
    pub to: Vec<CategoryId>,
    /// The versions of the entry of which something is said.
    pub entry: Vec<CategoryId>,
    /// How it relates to the other.
    pub relation: Relation,
    /// Where the line stands.
    pub span: Span,
    /// The days of which it speaks.
    pub in_force: InForce,
    /// What it cites.
    pub cite: Option<String>,
    /// What is unsure about it, or about all that is linked there.
    pub doubt: Option<String>,
    /// A remark for readers.
    pub note: Option<String>,
}

/// What is so of every consignment.
#[derive(Clone, Debug)]
pub struct Constraint {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Where it is declared.
    pub span: Span,
    /// What holds.
    pub cond: Cond,
    /// When.
    pub in_force: InForce,
}
