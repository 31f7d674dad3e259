//! The tree of a gate file as written: every node with its span, nothing resolved.
//!
//! The tree is close to the text, so that the formatter can print it back and a message can point at it. Names are
//! still names here; `check` turns them into facts, categories and rules.

use crate::span::Span;

mod cond;
mod test;

pub use cond::*;
pub use test::*;

/// A word or text with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What stands there.
    pub node: T,
    /// Where.
    pub span: Span,
}

/// A name as written: `annex_II.2.1`, `goods.kind`, `IT-livigno`.
pub type Name = Spanned<String>;

/// A quoted text, without quotes and escapes.
pub type Str = Spanned<String>;

/// A comment from `#` to the end of its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The text with its `#`, without trailing blanks.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// True if nothing but blanks stands before it on its line.
    pub own_line: bool,
}

/// One gate file.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// The declarations that could be read, in order.
    pub decls: Vec<Decl>,
    /// All comments, in order.
    pub comments: Vec<Comment>,
    /// Byte offsets at which lines start, so that the formatter can see what stood on one line and where a line was
    /// left empty.
    pub lines: Vec<u32>,
}

/// One declaration.
#[derive(Clone, Debug)]
pub struct Decl {
    /// The whole declaration.
    pub span: Span,
    /// Its name; unnamed alternatives of a category and tests have none.
    pub name: Option<Name>,
    /// Its title in quotes.
    pub title: Option<Str>,
    /// What kind of declaration it is.
    pub kind: DeclKind,
    /// What it says, in the order written.
    pub fields: Vec<Field>,
}

/// The kinds of declaration, with what only that kind has.
#[derive(Clone, Debug)]
pub enum DeclKind {
    /// `use trade`
    Use,
    /// `policy eu.torture "…" { … }`
    Policy,
    /// `fact x: yes/no, presumed no unless y  ask "…"`
    Fact {
        /// The declared type.
        ty: TypeExpr,
        /// The presumption, if any.
        presumed: Option<Box<Presumed>>,
    },
    /// `constraint c "…" { always … }`
    Constraint,
    /// `group g { AT, BE from 2020-01-01 }` or `group g = a + b`
    Group {
        /// `of goods.kind`: the fact whose values are collected; countries if absent.
        of: Option<Name>,
        /// What is in it.
        body: GroupBody,
    },
    /// `place IT-livigno "Livigno" in IT`
    Place {
        /// The country or place it lies in.
        within: Value,
    },
    /// `chart c from "c.csv"`
    Chart {
        /// The CSV file, relative to the gate file.
        file: Str,
    },
    /// `vocabulary v from "v.csv"`
    Vocabulary {
        /// The CSV file, relative to the gate file.
        file: Str,
    },
    /// `category 2.1 "…" { … }`
    Category,
    /// `link neutral.whip { … }`
    Link,
    /// `wider 0A982 note "…"`, in a link: the word, and what it is said of is the name.
    Linked(Str),
    /// `licence individual "…" { … }`
    Licence,
    /// `rule r "…" { … }`
    Rule,
    /// `exception e "…" to r { … }`
    Exception(Targets),
    /// `bar b "…" to e { … }`
    Bar(Targets),
    /// `test "…" { given … expect … }`
    Test(Test),
    /// `table "…" given { … } { | … | }`
    Table(Table),
}

/// One field of a declaration.
#[derive(Clone, Debug)]
pub struct Field {
    /// The whole field.
    pub span: Span,
    /// What it says.
    pub kind: FieldKind,
}

/// What a field says. The grammar allows each only where it makes sense.
#[derive(Clone, Debug)]
pub enum FieldKind {
    /// `cite "Art. 3(1)"`
    Cite(Str),
    /// `source "Regulation …"`
    Source(Str),
    /// `note "…"`
    Note(Str),
    /// `doubt "…"`
    Doubt(Str),
    /// `unmodelled "…"`
    Unmodelled(Str),
    /// `ask "…"`
    Ask(Str),
    /// `answered by authority`
    AnsweredBy(Name),
    /// `because "…"`
    Because(Str),
    /// `means C`
    Means(Cond),
    /// `derived "…"`
    Derived(Str),
    /// `applies when C`
    Applies(Cond),
    /// `always C`
    Always(Cond),
    /// `claimed when C`
    Claimed(Cond),
    /// `covers when C`
    Covers(Cond),
    /// `when C`
    When(Cond),
    /// `unless C`
    Unless(Cond),
    /// `known from D to D`
    Known(Dated),
    /// `otherwise permit`
    Otherwise(Spanned<EffectWord>),
    /// `in force from D to D, from D`
    InForce(Vec<Dated>),
    /// `general`
    General,
    /// `valid 12 months`
    Valid(Duration),
    /// `document "C064"`, `document "Y904" negative`
    Document {
        /// The code.
        code: Str,
        /// True for a code that declares what the goods are not.
        negative: bool,
    },
    /// `duty "…" within 30 days`
    Duty {
        /// What has to be done.
        text: Str,
        /// By when.
        timing: Option<Timing>,
    },
    /// `then require a or b`
    Then(Effect),
    /// `review "presumption of denial"`
    Review(Str),
    /// `reason "CC"`
    Reason(Str),
    /// `code CN ex 8543 70 90, …`
    Codes {
        /// `CN`, `HS`, `TARIC`, `ECCN` or `CAS`.
        scheme: Name,
        /// The codes.
        items: Vec<CodeItem>,
    },
    /// `accepts CN 4421 because "…"`
    Accepts {
        /// The scheme.
        scheme: Name,
        /// The headings.
        codes: Vec<Str>,
        /// Why.
        because: Str,
    },
    /// `whatever code`
    WhateverCode,
    /// `words of a.b, a.c  en "…", "…" de "…"`
    Words {
        /// Goods of a vocabulary whose words are meant.
        of: Vec<Name>,
        /// Phrases by language.
        lists: Vec<(Name, Vec<Str>)>,
    },
    /// A category inside a category, or what a link says of one entry.
    Child(Box<Decl>),
}

/// An effect named by one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectWord {
    /// `permit`
    Permit,
    /// `prohibit`
    Prohibit,
}

/// `then …`
#[derive(Clone, Debug)]
pub enum Effect {
    /// `prohibit`
    Prohibit,
    /// `permit`, `permit under l`
    Permit(Option<Name>),
    /// `require a or b and c`: names, and whether the word before each next one is `and`.
    Require {
        /// The licences.
        licences: Vec<Name>,
        /// The words between them; true is `and`.
        ands: Vec<bool>,
    },
}

/// A number of days or months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duration {
    /// How many, as written.
    pub count: Str,
    /// True for months, false for days.
    pub months: bool,
}

/// By when a duty has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Timing {
    /// `before first use`
    BeforeFirstUse,
    /// `within 30 days`
    Within(Duration),
}

/// `from D to D`; an end left out is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// The whole interval.
    pub span: Span,
    /// First day.
    pub from: Option<Str>,
    /// Last day.
    pub to: Option<Str>,
}

/// One code of a list.
#[derive(Clone, Debug)]
pub struct CodeItem {
    /// The whole item.
    pub span: Span,
    /// True if `ex` stands before it.
    pub ex: bool,
    /// The code, or the first of a range.
    pub code: Str,
    /// The last of a range.
    pub to: Option<Str>,
    /// Codes left out.
    pub except: Vec<Str>,
}

/// The type of a fact.
#[derive(Clone, Debug)]
pub struct TypeExpr {
    /// Where.
    pub span: Span,
    /// Which.
    pub kind: TypeKind,
}

/// The kinds of type.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// `yes/no`
    YesNo,
    /// `one of { a, b { c } }`
    OneOf(Vec<EnumValue>),
    /// `set of T`
    SetOf(Box<TypeExpr>),
    /// `code CN`
    Code(Name),
    /// `money EUR`
    Money(Str),
    /// `country`, `date`, `length` …
    Named(String),
}

/// One value of a `one of`.
#[derive(Clone, Debug)]
pub struct EnumValue {
    /// Its name.
    pub name: Name,
    /// Other spellings, as quoted.
    pub also: Vec<Str>,
    /// Narrower values.
    pub narrower: Vec<EnumValue>,
}

/// `presumed V unless C`
#[derive(Clone, Debug)]
pub struct Presumed {
    /// The value.
    pub value: Value,
    /// The guard.
    pub unless: Option<Cond>,
}

/// What a group holds.
#[derive(Clone, Debug)]
pub enum GroupBody {
    /// `{ AT, HR from 2013-07-01 }`
    Members(Vec<Member>),
    /// `= a + b - { X }`
    Expr(SetExpr),
}

/// One member of a group.
#[derive(Clone, Debug)]
pub struct Member {
    /// The member.
    pub value: Value,
    /// When it belongs.
    pub dated: Option<Dated>,
    /// What is unsure about it.
    pub doubt: Option<Str>,
}

/// What an exception or bar defeats.
#[derive(Clone, Debug)]
pub enum Targets {
    /// `a, b`
    Named(Vec<Name>),
    /// `every exception except a, b to r`
    EveryException {
        /// Where.
        span: Span,
        /// Those left open.
        except: Vec<Name>,
        /// Only exceptions to these.
        to: Vec<Name>,
    },
}
