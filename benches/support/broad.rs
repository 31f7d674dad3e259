//! A policy shaped like a dual-use list: many facts, measured limits, a country chart, prohibitions, catch-alls for what
//! is on no list, general licences that defeat what others require, and dates.
//!
//! Six rules in ten require a licence for an entry and a place; one in ten prohibits; one in forty-seven is a catch-all,
//! most of them for goods on no list; the rest are general licences, some of which a bar closes. Three in ten are in
//! force for a time only. Nothing in it is law.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use portcullis::model::{self, Case, FactId, Level, Type, Value, country};
use portcullis::{LawFile, model::Date};

use super::random::Random;

const ACTIVITIES: [&str; 6] = ["export", "import", "transit", "brokering", "assistance", "reexport"];
const USES: [&str; 6] = ["civil", "military", "nuclear", "police", "research", "unclear"];
const USERS: [&str; 5] = ["company", "state", "university", "trader", "private"];
const FLAGS: [&str; 8] =
    ["informed", "aware", "suspects", "embargoed_party", "temporary", "repair", "exhibition", "framework"];
const GROUPS: usize = 14;
const COLUMNS: usize = 16;

/// The policy, as gate files.
pub struct Policy {
    /// How many rules it has.
    pub rules: usize,
    files: Vec<LawFile>,
}

/// What the text is made of.
struct Writer {
    random: Random,
    rules: usize,
    numbers: usize,
    flags: usize,
    places: Vec<&'static str>,
    headings: Vec<String>,
}

/// How many measured facts a policy of so many rules has, and how many facts of the goods that are yes or no.
fn attributes(rules: usize) -> (usize, usize) {
    match rules {
        0..100 => (14, 8),
        100..1_000 => (28, 14),
        _ => (40, 20),
    }
}

impl Policy {
    /// The policy of so many rules.
    pub fn new(rules: usize) -> Policy {
        let (numbers, flags) = attributes(rules);
        let current = |c: &country::CountryId| c.status() == country::Status::Current;
        let places: Vec<&str> = country::all().filter(current).map(|c| c.code()).take(200).collect();
        let mut writer =
            Writer { random: Random::new(rules as u64 + 17), rules, numbers, flags, places, headings: Vec::new() };
        let mut files = vec![file("policy.gate", POLICY.to_owned()), file("facts.gate", writer.facts())];
        files.push(file("groups.gate", writer.groups()));
        files.push(file("chart.csv", writer.chart()));
        let entries = writer.lists(&mut files);
        writer.provisions(&entries, &mut files);
        Policy { rules, files }
    }

    /// Its files.
    pub fn files(&self) -> Vec<LawFile> {
        self.files.clone()
    }

    /// The files with one limit of one rule's entry, or one condition of a rule, changed: what an amendment does.
    pub fn amended(&self) -> Vec<LawFile> {
        self.with_first_rule("activity in {export, reexport}", "activity in {export, reexport, brokering}")
    }

    /// The files written another way that means the same: the conditions of every rule in another order and twice denied.
    pub fn rewritten(&self) -> Vec<LawFile> {
        let rewrite = |text: &str| -> String {
            let lines = text.lines().map(|line| match line.strip_prefix("  when activity in ") {
                Some(rest) => match rest.split_once(" and ") {
                    Some((acts, others)) => format!("  when not not ({others}) and activity in {acts}\n"),
                    None => format!("{line}\n"),
                },
                None => format!("{line}\n"),
            });
            lines.collect()
        };
        self.files.iter().map(|f| LawFile { path: f.path.clone(), bytes: rewrite(text_of(f)).into_bytes() }).collect()
    }

    fn with_first_rule(&self, from: &str, to: &str) -> Vec<LawFile> {
        let mut files = self.files.clone();
        let holds = |f: &&mut LawFile| f.path.contains("rules_") && text_of(f).contains(from);
        if let Some(f) = files.iter_mut().find(holds) {
            f.bytes = text_of(f).replacen(from, to, 1).into_bytes();
        }
        files
    }
}

fn text_of(file: &LawFile) -> &str {
    std::str::from_utf8(&file.bytes).unwrap_or_default()
}

fn file(name: &str, text: String) -> LawFile {
    LawFile { path: format!("broad/{name}"), bytes: text.into_bytes() }
}

const POLICY: &str = "policy broad \"Broad\" {
  source \"made up\"
  applies when not (destination is FR)
  known from 2010-01-01 to 2029-12-31
  otherwise permit
}
licence single \"Single licence\" { document \"X100\" }
licence global \"Global licence\" { document \"X101\" }
licence open \"General licence\" { general document \"X102\" duty \"Register\" before first use }
";

impl Writer {
    fn facts(&mut self) -> String {
        let mut out = format!(
            "fact date: date\nfact activity: one of {{ {} }}\nfact destination: country\nfact end_user.country: country\n\
             fact origin: country\nfact transit: set of country\nfact end_use: one of {{ {} }}\nfact value: money EUR\n\
             fact end_user.kind: one of {{ {} }}\nfact goods.code: code CN\nfact goods.code_confirmed: yes/no\n",
            ACTIVITIES.join(", "),
            USES.join(", "),
            USERS.join(", ")
        );
        for flag in FLAGS {
            let _ = writeln!(out, "fact {flag}: yes/no");
        }
        for i in 0..self.numbers {
            let _ = writeln!(out, "fact goods.measure_{i}: number");
        }
        for i in 0..self.flags {
            let _ = writeln!(out, "fact goods.feature_{i}: yes/no");
        }
        out
    }

    fn groups(&mut self) -> String {
        let mut out = String::from("chart reasons \"Reasons\" from \"chart.csv\"\n");
        for g in 0..GROUPS {
            let size = self.random.between(6, 60);
            let members = self.random.some(&self.places, size);
            let _ = writeln!(out, "group places_{g} {{ {} }}", members.join(", "));
        }
        out
    }

    fn chart(&mut self) -> String {
        let columns: Vec<String> = (0..COLUMNS).map(|c| format!("M{c}")).collect();
        let mut out = format!("country,{}\n", columns.join(","));
        // Every place of the table has a row: a chart that is silent on a place leaves it unknown.
        for place in country::all().map(|c| c.code()) {
            let strict = self.random.percent(45);
            let marks = (0..COLUMNS).map(|_| if self.random.percent(if strict { 70 } else { 12 }) { "X" } else { "" });
            let marks: Vec<&str> = marks.collect();
            let _ = writeln!(out, "{place},{}", marks.join(","));
        }
        out
    }

    fn heading(&mut self) -> String {
        let digits = self.random.one(&[2, 4, 4, 6, 6, 8, 8, 10]);
        let chapter = self.random.between(25, 98);
        let mut code = format!("{chapter:02}");
        while code.len() < digits {
            let _ = write!(code, "{:02}", self.random.between(1, 41));
        }
        if digits > 2 || self.rules < 100 { code } else { format!("{code}{:02}", self.random.between(1, 41)) }
    }

    fn limit(&mut self) -> String {
        let (fact, bound) = (self.random.below(self.numbers), self.random.between(1, 50) * 20);
        format!("goods.measure_{fact} {} {bound}", self.random.one(&[">", ">=", "<", "<="]))
    }

    fn feature(&mut self) -> String {
        let not = if self.random.percent(20) { "not " } else { "" };
        format!("{not}goods.feature_{}", self.random.below(self.flags))
    }

    fn term(&mut self) -> String {
        let (from, years) = (self.random.between(2012, 2024), self.random.between(1, 8));
        match self.random.below(3) {
            0 => format!("  in force from {from}-07-01\n"),
            1 => format!("  in force to {}-06-30\n", from + years),
            _ => format!("  in force from {from}-07-01 to {}-12-31\n", from + years),
        }
    }

    /// Control lists of some sixty entries a file; the names of all entries.
    fn lists(&mut self, files: &mut Vec<LawFile>) -> Vec<String> {
        let count = (self.rules / 4).max(12);
        let mut names = Vec::new();
        for (list, start) in (0..count).step_by(60).enumerate() {
            let mut out = format!("category L{list} \"Category {list}\" {{\n  cite \"List {list}\"\n");
            for entry in start..count.min(start + 60) {
                let codes: Vec<String> = (0..self.random.between(3, 8)).map(|_| self.heading()).collect();
                let listed: Vec<String> = codes.iter().map(|c| format!("ex {}", spaced(c))).collect();
                self.headings.extend(codes);
                let mut when: Vec<String> = (0..self.random.between(1, 3)).map(|_| self.limit()).collect();
                when.extend((0..self.random.between(1, 3)).map(|_| self.feature()));
                let when = if self.random.percent(15) {
                    format!("any of {{ {}; {} }}", when.join(" and "), self.feature())
                } else {
                    when.join(" and ")
                };
                let _ = write!(out, "  category {entry} \"Entry {entry}\" {{\n    code CN {}\n", listed.join(", "));
                let _ = write!(out, "    when {when}\n  }}\n");
                names.push(format!("L{list}.{entry}"));
            }
            out.push_str("}\n");
            files.push(file(&format!("list_{list}.gate"), out));
        }
        names
    }

    fn place(&mut self) -> String {
        match self.random.below(4) {
            0 => format!("destination marked M{} in reasons", self.random.below(COLUMNS)),
            1 => format!("destination in places_{}", self.random.below(GROUPS)),
            2 => format!("not destination in places_{}", self.random.below(GROUPS)),
            _ => format!("end_user.country in places_{}", self.random.below(GROUPS)),
        }
    }

    fn circumstance(&mut self) -> String {
        match self.random.below(6) {
            0 => format!("end_use in {{{}, {}}}", self.random.one(&USES[..3]), self.random.one(&USES[3..])),
            1 => format!("end_user.kind is {}", self.random.one(&USERS)),
            2 => format!("value > {} EUR", self.random.between(1, 40) * 500),
            3 => format!("any of transit in places_{}", self.random.below(GROUPS)),
            4 => format!("origin in places_{}", self.random.below(GROUPS)),
            _ => self.random.one(&FLAGS).to_owned(),
        }
    }

    /// Rules, some two hundred a file.
    fn provisions(&mut self, entries: &[String], files: &mut Vec<LawFile>) {
        let lists: Vec<String> = {
            let mut all: Vec<String> = entries.iter().filter_map(|e| e.split('.').next()).map(str::to_owned).collect();
            all.dedup();
            all
        };
        let catch_alls = (self.rules / 47).max(2);
        let (required, banned) = (self.rules * 6 / 10, self.rules / 10);
        let mut text = String::new();
        let mut written = 0;
        for i in 0..self.rules {
            let at = self.random.below(entries.len());
            // Every entry is met by some rule, most by several.
            let entry = entries[if i < entries.len() { i } else { at }].clone();
            let acts = if self.random.percent(70) { "{export, reexport}" } else { "{export, transit, brokering}" };
            let mut when = vec![format!("activity in {acts}")];
            let (head, then) = if i < required {
                when.push(format!("goods in {entry}"));
                when.push(self.place());
                if self.random.percent(30) {
                    when.push(self.circumstance());
                }
                (format!("rule r{i} \"Licence\""), self.random.one(&["require single", "require single or global"]))
            } else if i < required + banned {
                when.push(format!("goods in {entry}"));
                when.push(format!("destination in places_{}", self.random.below(GROUPS)));
                when.push(self.circumstance());
                (format!("rule r{i} \"Prohibition\""), "prohibit")
            } else if i < required + banned + catch_alls {
                if self.random.percent(80) {
                    when.push(format!("not goods in {{{}}}", lists.join(", ")));
                }
                when.push(self.place());
                when.push(self.circumstance());
                when.push(self.circumstance());
                (format!("rule r{i} \"Catch-all\""), "require single")
            } else if i % 12 == 0 {
                // A bar on one of the general licences before it.
                let first = required + banned + catch_alls;
                let named = (first..i).rev().find(|n| n % 12 != 0);
                when.push(self.circumstance());
                match named {
                    Some(n) => (format!("bar r{i} \"Closed\" to r{n}"), ""),
                    None => (format!("rule r{i} \"Licence\""), "require single"),
                }
            } else {
                let count = self.random.between(1, 5);
                let named: Vec<String> = (0..count).map(|_| format!("r{}", self.random.below(required))).collect();
                when.push(format!("destination in places_{}", self.random.below(GROUPS)));
                when.push(self.circumstance());
                (format!("exception r{i} \"General licence\" to {}", named.join(", ")), "permit under open")
            };
            let _ = write!(text, "{head} {{\n  cite \"s. {i}\"\n  when {}\n", when.join(" and "));
            if !then.is_empty() {
                let _ = writeln!(text, "  then {then}");
            }
            if self.random.percent(30) {
                text.push_str(&self.term());
            }
            text.push_str("}\n");
            written += 1;
            if written % 200 == 0 || i + 1 == self.rules {
                files.push(file(&format!("rules_{:02}.gate", (written - 1) / 200), std::mem::take(&mut text)));
            }
        }
    }
}

fn spaced(code: &str) -> String {
    let mut out = code[..code.len().min(4)].to_owned();
    for pair in code.as_bytes().get(4..).unwrap_or_default().chunks(2) {
        let _ = write!(out, " {}", String::from_utf8_lossy(pair));
    }
    out
}

/// Consignments of such a policy: most under a heading that some entry lists.
pub fn cases(policy: &Policy, world: &model::World, count: usize) -> Vec<Case> {
    let mut random = Random::new(policy.rules as u64 + 23);
    let headings: Vec<String> = {
        let lists = world.categories.iter().flat_map(|c| &c.codes);
        lists.flat_map(|(_, l)| l.items.iter().map(|i| i.from.clone())).collect()
    };
    (0..count).map(|i| case(&mut random, world, &headings, i)).collect()
}

fn case(random: &mut Random, world: &model::World, headings: &[String], id: usize) -> Case {
    let day = format!("{}-{:02}-{:02}", random.between(2015, 2027), random.between(1, 13), random.between(1, 29));
    let date: Date = model::date::parse_date(&day).unwrap_or_default();
    let current: Vec<&str> = country::all().map(|c| c.code()).collect();
    let mut facts = BTreeMap::new();
    let mut item = BTreeMap::new();
    for (i, fact) in world.facts.iter().enumerate().filter(|(_, f)| !f.is_named_condition()) {
        let place = |random: &mut Random| {
            model::read::place(random.one(&current), world).map_or(Value::Bool(false), Value::Place)
        };
        let value = match (&fact.ty, fact.name.as_str()) {
            (_, "goods.code_confirmed") => Value::Bool(true),
            (Type::Bool, name) => Value::Bool(random.percent(if name.starts_with("goods.") { 45 } else { 12 })),
            (Type::Choice(id), _) => {
                let values = world.enum_type(*id).map_or(1, |e| e.values.len());
                Value::Choice(if random.percent(50) { 0 } else { random.below(values) as u16 })
            }
            (Type::Country, _) => place(random),
            (Type::Set(_), _) => {
                let many = random.below(3);
                Value::Set((0..many).map(|_| place(random)).collect())
            }
            (Type::Date, _) => Value::Date(date),
            (Type::Code(_), _) => {
                let mut code = match random.percent(80) {
                    true => random.one(headings),
                    false => format!("{:02}{:02}", random.between(1, 25), random.between(1, 41)),
                };
                while code.len() < 10 {
                    let _ = write!(code, "{:02}", random.between(1, 41));
                }
                Value::Code(code.into())
            }
            (Type::Money(_), _) => Value::Number((random.between(1, 60) * 400).into()),
            _ => Value::Number((random.between(0, 52) * 20 + random.below(2) * 10).into()),
        };
        if fact.level == Level::Goods { &mut item } else { &mut facts }.insert(FactId(i as u32), value);
    }
    Case {
        id: Some(id.to_string()),
        date,
        facts,
        items: vec![item],
        listed: false,
        licences: Vec::new(),
        warnings: Vec::new(),
    }
}

/// The same consignments with so many facts in a hundred taken away; code and day stay.
pub fn partly_unknown(cases: &[Case], world: &model::World, percent: usize) -> Vec<Case> {
    let mut random = Random::new(percent as u64);
    let stays = |f: &FactId| matches!(world.fact(*f).name.as_str(), "date" | "goods.code" | "goods.code_confirmed");
    let mut out = cases.to_vec();
    for case in &mut out {
        for facts in [&mut case.facts, &mut case.items[0]] {
            facts.retain(|f, _| stays(f) || !random.percent(percent));
        }
    }
    out
}
