//! A policy shaped like the Regulation of the Union: 36 items on three annexes, or 360 or 3,600 of them, and 27
//! provisions that say what follows.
//!
//! A larger size holds every item several times, each time under other headings, and the consignments spread over all of
//! them. It is no law: the shape is taken from it, and what a consignment is was made up. What it means is said once
//! more, without any engine, in [`Policy::decide`]; the provisions of one annex are an order of precedence there and
//! exceptions in the gate text, which comes to the same.

use std::collections::HashSet;
use std::fmt::Write as _;

use portcullis::model::country;
use portcullis::{LawFile, model};

use super::random::Random;

/// What is done with the goods.
pub const ACTIVITIES: [&str; 5] = ["export", "import", "transit", "brokering", "technical_assistance"];
const EXPORT: u8 = 0;
const IMPORT: u8 = 1;
const TRANSIT: u8 = 2;
const BROKERING: u8 = 3;
const ASSISTANCE: u8 = 4;

/// What is true of the goods or not, then (from [`ABOUT_USE`]) of their use.
pub const FLAGS: [&str; 24] = [
    "goods.for_execution",
    "goods.airtight_vault",
    "goods.injects_drugs",
    "goods.gives_shocks",
    "goods.worn_on_body",
    "goods.restrains",
    "goods.for_fingers",
    "goods.weighted",
    "goods.anchored",
    "goods.chair_or_board",
    "goods.cage_or_net",
    "goods.spiked",
    "goods.several_lashes",
    "goods.kit",
    "goods.irritant",
    "goods.covers_wide_area",
    "goods.hood",
    "goods.portable",
    "museum_display",
    "peacekeeping",
    "own_protection",
    "reexport_known",
    "misuse_known",
    "law_enforcement",
];
/// The first flag about the use, not the goods.
pub const ABOUT_USE: usize = 18;
/// What is measured: millimetres, millimetres, hundredths of a percent.
pub const MEASURES: [&str; 3] = ["goods.overall_dimension", "goods.inner_circumference", "goods.concentration"];

/// Member States.
pub const UNION: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];
/// Territories of Member States outside the customs territory.
pub const TERRITORIES: [&str; 7] = ["BL", "GL", "NC", "PF", "PM", "TF", "WF"];
/// Destinations of the general authorisation.
pub const GENERAL: [&str; 45] = [
    "AD", "AL", "AR", "AU", "BA", "BO", "CA", "CH", "CO", "CR", "CV", "DJ", "EC", "GE", "GW", "HN", "IS", "KG", "LI",
    "MC", "MD", "ME", "MK", "MN", "MX", "MZ", "NA", "NI", "NO", "NP", "NZ", "PA", "PH", "PY", "RS", "RW", "SC", "SM",
    "TG", "TL", "TM", "UA", "UY", "VE", "ZA",
];

/// An annex, by how strict it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Annex {
    /// Prohibited.
    Second,
    /// Authorisation.
    Third,
    /// Drugs: authorisation, in part a general one.
    Fourth,
}

/// All annexes, in the order in which goods are looked up in them.
pub const ANNEXES: [Annex; 3] = [Annex::Second, Annex::Third, Annex::Fourth];

impl Annex {
    /// Its name in the gate text.
    pub fn name(self) -> &'static str {
        ["annex_II", "annex_III", "annex_IV"][self as usize]
    }
}

/// One listed item.
#[derive(Clone, Debug)]
pub struct Item {
    /// The annex it is on.
    pub annex: Annex,
    /// Its number there, `2.1`; a further copy adds its own, `2.1_7`.
    pub number: String,
    /// Tariff headings of 4, 6 or 8 digits, any of them.
    pub codes: Vec<String>,
    /// Flags that must be set.
    pub need: u32,
    /// Flags that must not be set.
    pub forbid: u32,
    /// What is measured (see [`MEASURES`]), and what it must exceed, or at least reach.
    pub measure: Option<(usize, u32, bool)>,
    /// The substance.
    pub cas: Option<&'static str>,
    /// The day from which it is listed, as 20240701; zero: always.
    pub from: u32,
}

impl Item {
    /// Its whole name in the gate text.
    pub fn name(&self) -> String {
        format!("{}.{}", self.annex.name(), self.number)
    }

    /// True for the items that are carried for one's own protection.
    pub fn for_own_protection(&self) -> bool {
        self.annex == Annex::Third && matches!(self.number.split('_').next(), Some("2.1" | "3.1"))
    }

    /// True if goods are the item.
    pub fn holds(&self, row: &Row) -> bool {
        let coded = self.codes.iter().any(|c| row.code_text().starts_with(c.as_str()));
        let measured = self
            .measure
            .is_none_or(|(which, bound, reach)| row.measures[which] > bound || (reach && row.measures[which] == bound));
        coded
            && row.flags & self.need == self.need
            && row.flags & self.forbid == 0
            && row.date >= self.from
            && measured
            && self.cas.is_none_or(|c| row.cas == Some(c))
    }
}

/// Where a provision holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// Everywhere.
    Anywhere,
    /// In the territories of Member States.
    Territories,
    /// In the destinations of the general authorisation.
    General,
}

/// What a decision comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The Regulation does not apply.
    NotApplicable,
    /// Free.
    Permitted,
    /// Needs an authorisation.
    LicenceRequired,
    /// Prohibited.
    Prohibited,
}

impl Outcome {
    /// The word for it.
    pub fn word(self) -> &'static str {
        ["not_applicable", "permitted", "licence_required", "prohibited"][self as usize]
    }
}

/// What follows for goods of an annex.
#[derive(Clone, Debug)]
pub struct Provision {
    /// Its name.
    pub name: &'static str,
    /// The annex.
    pub annex: Annex,
    /// The activities, as bits.
    pub activities: u8,
    /// A flag that must be set.
    pub need: u32,
    /// A flag that must not be set.
    pub forbid: u32,
    /// The destinations.
    pub place: Where,
    /// True if only what is carried for one's own protection is meant.
    pub own_protection: bool,
    /// What follows.
    pub outcome: Outcome,
}

/// The policy as data.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How many items there are.
    pub size: usize,
    /// Items in the order of the lists.
    pub items: Vec<Item>,
    /// Provisions in the order in which the first that fits is taken.
    pub provisions: Vec<Provision>,
}

/// One consignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number.
    pub id: u32,
    /// Its day, as 20260302.
    pub date: u32,
    /// See [`ACTIVITIES`].
    pub activity: u8,
    /// The country it goes to.
    pub destination: &'static str,
    /// The eight digits of its tariff code.
    pub code: [u8; 8],
    /// The substance, if it is one.
    pub cas: Option<&'static str>,
    /// See [`FLAGS`].
    pub flags: u32,
    /// See [`MEASURES`].
    pub measures: [u32; 3],
}

/// A decision: what it comes to, and what decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What it comes to.
    pub outcome: Outcome,
    /// The number of the first item that holds, and of the provision.
    pub by: Option<(u32, u8)>,
}

/// The day from which the policy applies.
pub const IN_FORCE: u32 = 20_190_220;

/// Items: number, headings, flags (`!` for one that must not be set), and a measure, a substance or a day.
const SECOND: &str = "
1.1 | 44219099 8208 73089098 | for_execution !chair_or_board !airtight_vault !injects_drugs |
1.2 | 85437090 940179 94018000 94021000 | for_execution gives_shocks chair_or_board |
1.3 | 940690 94061000 | for_execution airtight_vault |
1.4 | 84138100 90189050 90189060 90189084 | for_execution injects_drugs |
2.1 | 85437090 93040000 | gives_shocks worn_on_body restrains |
2.2 | 73269098 76169990 83015000 39269097 42033000 42034000 42050090 | restrains for_fingers |
2.3 | 73269098 76169990 83015000 39269097 42033000 42034000 42050090 | restrains weighted !anchored |
2.4 | 73269098 76169990 83015000 39269097 42033000 42034000 42050090 | restrains anchored |
2.5 | 940161 940169 940171 940179 94029000 940320 | restrains chair_or_board !anchored |
2.6 | 94029000 940320 940350 940370 94038200 | restrains chair_or_board anchored |
2.7 | 94029000 940320 940350 940370 94038200 | cage_or_net !portable | dimension>1500
2.8 | 94029000 940320 940350 940370 94038200 | cage_or_net restrains |
3.1 | 93040000 | spiked portable |
3.2 | 39269097 73269098 | spiked | dimension>300
4.1 | 6602 | several_lashes |
4.2 | 6602 | spiked |
";
const THIRD: &str = "
1.1 | 73269098 76169990 83015000 39269097 42033000 42034000 42050090 62171000 63079098 | restrains | dimension>240
1.2 | 73269098 76169990 83015000 39269097 42033000 42034000 42050090 62171000 63079098 | restrains | circumference>165
1.3 | 42033000 42050090 39269097 65050090 65069910 63079098 | hood | from20240701
2.1 | 85437090 93040000 | gives_shocks portable |
2.2 | 85437090 93040000 | gives_shocks kit |
2.3 | 85437090 93040000 | gives_shocks covers_wide_area |
3.1 | 84242000 84248970 93040000 | irritant portable |
3.2 | 292429 | | 2444-46-4
3.3 | 33019030 | | 8023-77-6
3.4 | 292429 29399900 33019030 330210 330290 382499 | irritant | concentration=30
3.5 | 84248970 84248200 | irritant !portable !covers_wide_area |
3.6 | 84248970 84248200 | irritant covers_wide_area | from20240701
";
const FOURTH: &str = "
1.a | 29335390 30039000 30049000 38249996 | | 57-43-2
1.b | 29335390 30039000 30049000 38249996 | | 64-43-7
1.c | 29335390 30039000 30049000 38249996 | | 76-74-4
1.d | 29335390 30039000 30049000 38249996 | | 57-33-0
1.e | 29335390 30039000 30049000 38249996 | | 76-73-3
1.f | 29335390 30039000 30049000 38249996 | | 309-43-3
1.g | 29335995 30039000 30049000 38249996 | | 76-75-5
1.h | 29335995 30039000 30049000 38249996 | | 71-73-8
";

/// The flag of that name, with or without what it is about.
pub fn flag(name: &str) -> u32 {
    let at = FLAGS.iter().position(|f| *f == name || f.strip_prefix("goods.") == Some(name));
    1 << at.unwrap_or_else(|| panic!("no flag `{name}`"))
}

fn item(annex: Annex, line: &'static str) -> Item {
    let mut parts = line.split('|').map(str::trim);
    let mut next = || parts.next().unwrap_or_default();
    let (number, codes, flags, last) = (next(), next(), next(), next());
    let (mut measure, mut cas, mut from) = (None, None, 0);
    let amount = |text: &str| text.parse().unwrap_or_else(|_| panic!("no number in `{last}`"));
    if let Some(day) = last.strip_prefix("from") {
        from = amount(day);
    } else if let Some(over) = last.strip_prefix("dimension>") {
        measure = Some((0, amount(over), false));
    } else if let Some(over) = last.strip_prefix("circumference>") {
        measure = Some((1, amount(over), false));
    } else if let Some(reach) = last.strip_prefix("concentration=") {
        measure = Some((2, amount(reach), true));
    } else if !last.is_empty() {
        cas = Some(last);
    }
    let set = |not: bool| {
        let of = flags.split_whitespace().filter(|f| f.starts_with('!') == not);
        of.map(|f| flag(f.trim_start_matches('!'))).fold(0, |a, b| a | b)
    };
    Item {
        annex,
        number: number.to_owned(),
        codes: codes.split_whitespace().map(str::to_owned).collect(),
        need: set(false),
        forbid: set(true),
        measure,
        cas,
        from,
    }
}

fn provisions() -> Vec<Provision> {
    use Annex::{Fourth, Second, Third};
    use Outcome::{LicenceRequired, Permitted, Prohibited};
    let acts = |list: &[u8]| list.iter().fold(0u8, |bits, a| bits | 1 << a);
    let one = |name, annex, list: &[u8], need: &str, outcome| Provision {
        name,
        annex,
        activities: acts(list),
        need: if need.is_empty() { 0 } else { flag(need) },
        forbid: 0,
        place: Where::Anywhere,
        own_protection: false,
        outcome,
    };
    let (out, services) = ([EXPORT, ASSISTANCE], [EXPORT, TRANSIT]);
    vec![
        one("art_3_2", Second, &out, "museum_display", LicenceRequired),
        one("art_4_2", Second, &[IMPORT], "museum_display", LicenceRequired),
        one("art_5_2", Second, &[TRANSIT], "museum_display", LicenceRequired),
        one("art_3_1", Second, &out, "", Prohibited),
        one("art_4_1", Second, &[IMPORT], "", Prohibited),
        one("art_5_1", Second, &[TRANSIT], "", Prohibited),
        one("art_6_1", Second, &[BROKERING], "", Prohibited),
        Provision { place: Where::Territories, ..one("art_11_3", Third, &[EXPORT], "law_enforcement", Permitted) },
        one("art_11_4", Third, &[EXPORT], "peacekeeping", Permitted),
        Provision { own_protection: true, ..one("note_own", Third, &services, "own_protection", Permitted) },
        one("art_11_1", Third, &[EXPORT], "", LicenceRequired),
        one("art_12_0", Third, &[IMPORT], "", Permitted),
        one("art_13_1", Third, &[TRANSIT], "misuse_known", Prohibited),
        one("art_13_0", Third, &[TRANSIT], "", Permitted),
        one("art_14_1", Third, &[BROKERING], "misuse_known", Prohibited),
        one("art_14_0", Third, &[BROKERING], "", Permitted),
        one("art_15_1", Third, &[ASSISTANCE], "misuse_known", Prohibited),
        one("art_15_0", Third, &[ASSISTANCE], "", Permitted),
        Provision {
            place: Where::General,
            forbid: flag("reexport_known"),
            ..one("art_20_1", Fourth, &[EXPORT], "", Permitted)
        },
        one("art_16_1", Fourth, &[EXPORT], "", LicenceRequired),
        one("art_17_0", Fourth, &[IMPORT], "", Permitted),
        one("art_18_1", Fourth, &[TRANSIT], "misuse_known", Prohibited),
        one("art_18_0", Fourth, &[TRANSIT], "", Permitted),
        one("art_19_1", Fourth, &[BROKERING], "misuse_known", Prohibited),
        one("art_19_0", Fourth, &[BROKERING], "", Permitted),
        one("art_21_1", Fourth, &[ASSISTANCE], "misuse_known", Prohibited),
        one("art_21_0", Fourth, &[ASSISTANCE], "", Permitted),
    ]
}

impl Policy {
    /// The policy with so many items: 36, or a multiple of it.
    pub fn new(size: usize) -> Policy {
        let lines = |text: &'static str| text.lines().filter(|l| !l.is_empty());
        let base: Vec<Item> = ANNEXES
            .into_iter()
            .zip([SECOND, THIRD, FOURTH])
            .flat_map(|(annex, text)| lines(text).map(move |l| item(annex, l)))
            .collect();
        let copies = size / base.len();
        let mut headings: Vec<&str> = base.iter().flat_map(|i| i.codes.iter().map(|c| &c[..4])).collect();
        headings.sort_unstable();
        headings.dedup();
        // Headings of no item, for the copies.
        let mut free = (101..9_999).map(|h| format!("{h:04}")).filter(|h| !headings.contains(&h.as_str()));
        let mut items = vec![Vec::new(); ANNEXES.len()];
        for copy in 0..copies {
            let to: Vec<String> = match copy {
                0 => headings.iter().map(|h| (*h).to_owned()).collect(),
                _ => free.by_ref().take(headings.len()).collect(),
            };
            for of in &base {
                let mut item = of.clone();
                if copy > 0 {
                    write!(item.number, "_{copy}").unwrap_or_default();
                    for code in &mut item.codes {
                        let at = headings.partition_point(|h| *h < &code[..4]);
                        code.replace_range(..4, &to[at]);
                    }
                }
                items[item.annex as usize].push(item);
            }
        }
        Policy { size, items: items.concat(), provisions: provisions() }
    }

    /// What follows for a consignment, read off the data one after the other: the yardstick of agreement.
    pub fn decide(&self, row: &Row) -> Decided {
        if row.date < IN_FORCE || (row.activity != IMPORT && UNION.contains(&row.destination)) {
            return Decided { outcome: Outcome::NotApplicable, by: None };
        }
        let Some(at) = self.items.iter().position(|i| i.holds(row)) else {
            return Decided { outcome: Outcome::Permitted, by: None };
        };
        let item = &self.items[at];
        let fits = |p: &Provision| {
            p.annex == item.annex
                && p.activities >> row.activity & 1 == 1
                && row.flags & p.need == p.need
                && row.flags & p.forbid == 0
                && (!p.own_protection || item.for_own_protection())
                && match p.place {
                    Where::Anywhere => true,
                    Where::Territories => TERRITORIES.contains(&row.destination),
                    Where::General => GENERAL.contains(&row.destination),
                }
        };
        let provision = self.provisions.iter().position(fits).unwrap_or_else(|| panic!("an annex covers all"));
        Decided { outcome: self.provisions[provision].outcome, by: Some((at as u32, provision as u8)) }
    }

    /// The policy as gate files: facts, one file an annex, provisions.
    pub fn files(&self) -> Vec<LawFile> {
        let file = |name: &str, text: String| LawFile { path: format!("listed/{name}.gate"), bytes: text.into_bytes() };
        let mut files = vec![file("policy", policy_text()), file("facts", facts_text())];
        for annex in ANNEXES {
            files.push(file(annex.name(), self.annex_text(annex)));
        }
        files.push(file("provisions", self.provisions_text()));
        files
    }

    fn annex_text(&self, annex: Annex) -> String {
        let mut out = format!("category {} \"Listed goods\" {{\n  cite \"{}\"\n", annex.name(), annex.name());
        for item in self.items.iter().filter(|i| i.annex == annex) {
            let codes: Vec<String> = item.codes.iter().map(|c| format!("ex {}", spaced(c))).collect();
            let mut when: Vec<String> = names(item.need).map(str::to_owned).collect();
            when.extend(names(item.forbid).map(|f| format!("not {f}")));
            if let Some((which, bound, reach)) = item.measure {
                let bound =
                    if which == 2 { format!("{}.{:02} %", bound / 100, bound % 100) } else { format!("{bound} mm") };
                when.push(format!("{} {} {bound}", MEASURES[which], if reach { ">=" } else { ">" }));
            }
            if let Some(cas) = item.cas {
                when.push(format!("any of goods.cas_numbers in {{{cas}}}"));
            }
            writeln!(out, "  category {} \"Item {}\" {{", item.number, item.number).unwrap_or_default();
            write!(out, "    code CN {}\n    when {}\n", codes.join(", "), when.join(" and ")).unwrap_or_default();
            if item.from > 0 {
                writeln!(out, "    in force from {}", iso(item.from)).unwrap_or_default();
            }
            out.push_str("  }\n");
        }
        out.push_str("}\n");
        out
    }

    fn provisions_text(&self) -> String {
        let own: Vec<String> = self.items.iter().filter(|i| i.for_own_protection()).map(Item::name).collect();
        let mut out = format!(
            "group territories {{ {} }}\ngroup general {{ {} }}\n\
             licence individual \"Individual authorisation\" {{ document \"C064\" }}\n\
             licence union_general \"General authorisation\" {{ general document \"C068\" }}\n\
             fact goods.for_own_protection: yes/no means goods in {{{}}}\n",
            TERRITORIES.join(", "),
            GENERAL.join(", "),
            own.join(", ")
        );
        for (i, p) in self.provisions.iter().enumerate() {
            // What comes later in the order, and may hold at the same time, gives way.
            let later = self.provisions.iter().skip(i + 1);
            let later = later.filter(|q| q.annex == p.annex && q.activities & p.activities != 0);
            let gives_way: Vec<&str> = later.map(|q| q.name).collect();
            let head = match gives_way.is_empty() {
                true => format!("rule {} \"Provision\" {{", p.name),
                false => format!("exception {} \"Provision\" to {} {{", p.name, gives_way.join(", ")),
            };
            let acts = (0..5).filter(|a| p.activities >> a & 1 == 1).map(|a| ACTIVITIES[a]).collect::<Vec<_>>();
            let mut when = vec![format!("activity in {{{}}}", acts.join(", ")), format!("goods in {}", p.annex.name())];
            when.extend(names(p.need).map(str::to_owned));
            when.extend(names(p.forbid).map(|f| format!("not {f}")));
            when.extend(p.own_protection.then(|| "goods.for_own_protection".to_owned()));
            match p.place {
                Where::Anywhere => {}
                Where::Territories => when.push("destination in territories".to_owned()),
                Where::General => when.push("destination in general".to_owned()),
            }
            let before: Vec<&str> = ANNEXES.into_iter().filter(|a| *a < p.annex).map(Annex::name).collect();
            let unless = match before.is_empty() {
                true => String::new(),
                false => format!("  unless goods in {{{}}}\n", before.join(", ")),
            };
            let then = match (p.outcome, p.place) {
                (Outcome::Prohibited, _) => "prohibit",
                (Outcome::LicenceRequired, _) => "require individual",
                (_, Where::General) => "permit under union_general",
                _ => "permit",
            };
            let cite = p.name.replace('_', " ");
            write!(out, "{head}\n  cite \"{cite}\"\n  when {}\n{unless}  then {then}\n}}\n", when.join(" and "))
                .unwrap_or_default();
        }
        out
    }

    /// The consignments of the policy, without end: 90 in 100 under codes that are not listed; of the rest, two in five
    /// miss an item by one thing.
    pub fn rows(&self) -> Rows<'_> {
        Rows::new(self)
    }
}

fn policy_text() -> String {
    format!(
        "policy listed \"Listed goods\" {{\n  source \"made up\"\n  applies when date >= {} and (activity is import or \
         not (destination in {{{}}}))\n  known from 2000-01-01\n  otherwise permit\n}}\n",
        iso(IN_FORCE),
        UNION.join(", ")
    )
}

fn facts_text() -> String {
    let mut out = format!(
        "fact date: date\nfact activity: one of {{ {} }}\nfact destination: country\nfact goods.code: code CN\n\
         fact goods.code_confirmed: yes/no\nfact goods.cas_numbers: set of code CAS\n\
         fact goods.overall_dimension: length\nfact goods.inner_circumference: length\n\
         fact goods.concentration: percent\n",
        ACTIVITIES.join(", ")
    );
    for f in FLAGS {
        writeln!(out, "fact {f}: yes/no").unwrap_or_default();
    }
    out
}

/// The names of the flags set.
pub fn names(flags: u32) -> impl Iterator<Item = &'static str> {
    FLAGS.iter().enumerate().filter(move |(i, _)| flags >> i & 1 == 1).map(|(_, f)| *f)
}

/// A day as written: 2026-03-02.
pub fn iso(day: u32) -> String {
    format!("{:04}-{:02}-{:02}", day / 10_000, day / 100 % 100, day % 100)
}

fn spaced(code: &str) -> String {
    let mut out = code[..4].to_owned();
    for pair in code.as_bytes()[4..].chunks(2) {
        write!(out, " {}", String::from_utf8_lossy(pair)).unwrap_or_default();
    }
    out
}

/// All destinations, those of the Union first.
pub fn destinations() -> Vec<&'static str> {
    let current = |c: &country::CountryId| c.status() == country::Status::Current;
    let others = country::all().filter(current).map(|c| c.code()).filter(|c| !UNION.contains(c));
    UNION.into_iter().chain(others).collect()
}

/// Substances that nothing lists.
const OTHER_CAS: [&str; 16] = [
    "64-17-5",
    "67-56-1",
    "67-64-1",
    "71-43-2",
    "75-09-2",
    "108-88-3",
    "110-54-3",
    "7647-01-0",
    "7664-93-9",
    "50-00-0",
    "58-08-2",
    "57-50-1",
    "7732-18-5",
    "56-81-5",
    "62-53-3",
    "79-10-7",
];

/// Consignments, one after the other.
pub struct Rows<'p> {
    policy: &'p Policy,
    random: Random,
    /// Codes under which nothing is listed.
    unlisted: Vec<[u8; 8]>,
    /// Destinations outside the Union, frequent ones first.
    abroad: Vec<&'static str>,
    next: u32,
}

impl<'p> Rows<'p> {
    fn new(policy: &'p Policy) -> Rows<'p> {
        let mut random = Random::new(0x5eed_2019_0125);
        let listed: HashSet<&str> = policy.items.iter().flat_map(|i| i.codes.iter().map(String::as_str)).collect();
        let (mut unlisted, mut seen) = (Vec::new(), HashSet::new());
        while unlisted.len() < 9_500 {
            let text = format!("{:04}{:02}{:02}", random.between(101, 9_999), random.below(10) * 10, random.below(100));
            let free = [4, 6, 8].iter().all(|n| !listed.contains(&text[..*n]));
            if free && seen.insert(text.clone()) {
                unlisted.push(digits(&text));
            }
        }
        let mut abroad: Vec<&str> = destinations().split_off(UNION.len());
        for i in (1..abroad.len()).rev() {
            abroad.swap(i, random.below(i + 1));
        }
        Rows { policy, random, unlisted, abroad, next: 0 }
    }

    fn destination(&mut self, activity: u8) -> &'static str {
        let r = &mut self.random;
        if activity == IMPORT || r.percent(12) {
            return r.one(&UNION);
        }
        // The lesser of two draws: frequent destinations come first.
        let at = r.below(self.abroad.len()).min(r.below(self.abroad.len()));
        self.abroad[at]
    }

    fn day(&mut self) -> u32 {
        let r = &mut self.random;
        let year = if r.percent(3) { r.between(2018, 2020) } else { r.between(2023, 2027) };
        (year * 10_000 + r.between(1, 13) * 100 + r.between(1, 29)) as u32
    }

    /// Makes a row one that an item meets, or in two of five cases misses by one thing.
    fn list(&mut self, row: &mut Row) {
        let items = &self.policy.items;
        let r = &mut self.random;
        let item = &items[r.below(items.len())];
        let mut code = r.one(&item.codes);
        while code.len() < 8 {
            code.push_str(r.one(&["00", "10", "90"]));
        }
        row.code = digits(&code);
        row.flags = (row.flags | item.need) & !item.forbid;
        row.cas = item.cas.or(row.cas);
        if let Some((which, bound, _)) = item.measure {
            row.measures[which] = bound + r.between(1, [200, 80, 200][which]) as u32;
        }
        if !r.percent(40) {
            return;
        }
        match r.below(4) {
            0 if item.need != 0 => {
                let set: Vec<u32> = (0..32).filter(|i| item.need >> i & 1 == 1).collect();
                row.flags &= !(1 << r.one(&set));
            }
            1 if item.measure.is_some() => {
                let (which, bound, _) = item.measure.unwrap_or_default();
                row.measures[which] = bound - r.below(3) as u32;
            }
            2 if item.cas.is_some() => row.cas = Some(r.one(&OTHER_CAS)),
            n => {
                // Another subheading.
                let at = if n == 3 { 5 } else { 7 };
                row.code[at] = b'0' + (row.code[at] - b'0' + 7) % 10;
            }
        }
    }
}

fn digits(code: &str) -> [u8; 8] {
    code.as_bytes().try_into().unwrap_or([b'0'; 8])
}

impl Iterator for Rows<'_> {
    type Item = Row;
    fn next(&mut self) -> Option<Row> {
        let id = self.next;
        self.next += 1;
        let listed = self.random.percent(10);
        let activity = match self.random.below(100) {
            0..60 => EXPORT,
            60..80 => IMPORT,
            80..90 => TRANSIT,
            90..95 => BROKERING,
            _ => ASSISTANCE,
        };
        let (destination, date) = (self.destination(activity), self.day());
        let r = &mut self.random;
        let mut flags = 0;
        for i in 0..FLAGS.len() {
            let often = match (i < ABOUT_USE, listed) {
                (true, _) => 4,
                (false, true) => 15,
                (false, false) => 3,
            };
            flags |= u32::from(r.percent(often)) << i;
        }
        let measures = [r.between(10, 2_000), r.between(50, 300), if r.percent(10) { r.between(1, 500) } else { 0 }];
        let cas = if r.percent(10) { Some(r.one(&OTHER_CAS)) } else { None };
        let code = r.one(&self.unlisted);
        let mut row = Row { id, date, activity, destination, code, cas, flags, measures: measures.map(|m| m as u32) };
        if listed {
            self.list(&mut row);
        }
        Some(row)
    }
}

impl Row {
    /// The tariff code as text.
    pub fn code_text(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or_default()
    }

    /// What a fact says, as text; nothing if it is not one of a consignment. A set stands in brackets.
    pub fn text(&self, fact: &str) -> Option<String> {
        Some(match fact {
            "date" => iso(self.date),
            "activity" => ACTIVITIES[usize::from(self.activity)].to_owned(),
            "destination" => self.destination.to_owned(),
            "goods.code" => self.code_text().to_owned(),
            "goods.code_confirmed" => "yes".to_owned(),
            "goods.cas_numbers" => self.cas.unwrap_or_default().to_owned(),
            "goods.overall_dimension" | "goods.inner_circumference" => {
                format!("{} mm", self.measures[usize::from(fact == "goods.inner_circumference")])
            }
            "goods.concentration" => format!("{}.{:02} %", self.measures[2] / 100, self.measures[2] % 100),
            _ => {
                let at = FLAGS.iter().position(|f| *f == fact)?;
                if self.flags >> at & 1 == 1 { "yes" } else { "no" }.to_owned()
            }
        })
    }

    /// As a consignment in JSON.
    pub fn json(&self) -> String {
        let mut out = format!("{{\"id\":\"{}\"", self.id);
        let mut goods = String::new();
        for fact in FACTS.iter().chain(&FLAGS) {
            let text = self.text(fact).unwrap_or_default();
            let value = match (*fact, text.as_str()) {
                ("goods.cas_numbers", "") => "[]".to_owned(),
                ("goods.cas_numbers", t) => format!("[\"{t}\"]"),
                (_, "yes") => "true".to_owned(),
                (_, "no") => "false".to_owned(),
                (_, t) => format!("\"{t}\""),
            };
            match fact.strip_prefix("goods.") {
                Some(name) => write!(goods, "{}\"{name}\":{value}", if goods.is_empty() { "" } else { "," }),
                None => write!(out, ",\"{fact}\":{value}"),
            }
            .unwrap_or_default();
        }
        write!(out, ",\"goods\":{{{goods}}}}}").unwrap_or_default();
        out
    }

    /// As a consignment in exact values.
    pub fn case(&self, world: &model::World) -> model::Case {
        let mut case = model::Case {
            id: Some(self.id.to_string()),
            date: model::date::parse_date(&iso(self.date)).unwrap_or_else(|| panic!("a day")),
            facts: Default::default(),
            items: vec![Default::default()],
            listed: false,
            licences: Vec::new(),
            warnings: Vec::new(),
        };
        for (i, fact) in world.facts.iter().enumerate().filter(|(_, f)| !f.is_named_condition()) {
            let Some(text) = self.text(&fact.name) else { continue };
            let read = |text: &str| {
                model::read::read(fact.ty.element(), text, world).unwrap_or_else(|e| panic!("{}: {e}", fact.name))
            };
            let value = match &fact.ty {
                model::Type::Set(_) => model::Value::Set(text.split_whitespace().map(read).collect()),
                _ => read(&text),
            };
            let facts = if fact.level == model::Level::Goods { &mut case.items[0] } else { &mut case.facts };
            facts.insert(model::FactId(i as u32), value);
        }
        case
    }
}

/// The facts of a consignment besides [`FLAGS`].
pub const FACTS: [&str; 9] = [
    "date",
    "activity",
    "destination",
    "goods.code",
    "goods.code_confirmed",
    "goods.cas_numbers",
    "goods.overall_dimension",
    "goods.inner_circumference",
    "goods.concentration",
];
