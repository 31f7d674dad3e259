//! Random law: every construct of the language, over small domains, right by the checks of the language.

#![allow(clippy::explicit_auto_deref, reason = "without the star the type of the choices is not found")]

use super::choices::Choices;
use super::facts::{CODES, FACTS, Fact, PAIRS, named};

/// Law as files, and what a consignment may say under it.
#[derive(Clone, Debug, Default)]
pub struct Law {
    /// Path and text.
    pub files: Vec<(String, String)>,
    /// The facts that it declares besides `date` and those of licences.
    pub facts: Vec<&'static Fact>,
    /// The licences, as a consignment names them.
    pub licences: Vec<String>,
}

impl Law {
    /// All files as one text, for messages.
    pub fn text(&self) -> String {
        self.files.iter().map(|(path, text)| format!("# ---- {path}\n{text}\n")).collect()
    }
}

/// How large the law is.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// The least and the most facts.
    pub facts: (usize, usize),
    /// Facts that are left out.
    pub without: &'static [&'static str],
    /// The most policies.
    pub policies: usize,
    /// The least and the most rules of each policy, exceptions and bars not counted.
    pub rules: (usize, usize),
    /// Whether all is settled by the facts: every group and place can be looked up, nothing is presumed, and nothing has
    /// to be claimed. Then a consignment that leaves facts out is all of those that complete it.
    pub settled: bool,
}

/// Law with all that there is.
pub const FULL: Scale = Scale { facts: (6, 16), without: &[], policies: 2, rules: (3, 9), settled: false };

/// Law whose consignments can be counted out. Sets of countries have too many values.
pub const SETTLED: Scale = Scale { facts: (2, 5), without: &["transit"], policies: 1, rules: (2, 4), settled: true };

/// When something is in force: always, or for a time.
const TIMES: &[&str] = &[
    "",
    "in force from 2020-01-01 to 2023-12-31",
    "in force from 2024-01-01",
    "in force from 2020-01-01 to 2021-12-31, from 2023-06-01",
    "in force to 2026-03-02",
];
/// Two times that meet without a gap.
const EARLY: &str = "in force to 2023-12-31";
const LATE: &str = "in force from 2024-01-01";

/// Random law.
pub fn law(c: &mut Choices<'_>, scale: &Scale) -> Law {
    let facts = pick_facts(c, scale);
    let settled = scale.settled;
    let mut writer =
        Writer { c, facts, groups: vec![], atoms: vec![], named: vec![], held: vec![], chart: false, settled };
    let mut trade = writer.trade();
    let mut out = Law { facts: writer.facts.clone(), ..Law::default() };
    let count = 1 + writer.c.below(scale.policies);
    for name in ["p", "q"].iter().take(count) {
        let (policy, chart, licences) = writer.policy(name, scale);
        out.files.push((format!("{name}/policy.gate"), policy));
        out.files.extend(chart.into_iter().map(|(file, text)| (format!("{name}/{file}"), text)));
        // Both policies may call a licence alike.
        out.licences.extend(licences.iter().map(|l| if count > 1 { format!("{name}.{l}") } else { l.clone() }));
    }
    trade.push_str(&writer.constraints());
    out.files.push(("trade.gate".to_owned(), trade));
    out
}

fn pick_facts(c: &mut Choices<'_>, scale: &Scale) -> Vec<&'static Fact> {
    let (least, most) = scale.facts;
    let count = least + c.below(most - least + 1);
    let mut rest: Vec<&Fact> = FACTS.iter().filter(|f| !scale.without.contains(&f.name)).collect();
    let mut out: Vec<&Fact> = rest.drain(..2).collect();
    while out.len() < count && !rest.is_empty() {
        let at = c.below(rest.len());
        let fact = rest.remove(at);
        out.push(fact);
        // A fact is of more use beside the one it is compared with.
        let fellow = PAIRS.iter().find_map(|(a, b, _)| match fact.name {
            n if n == *a => Some(*b),
            n if n == *b => Some(*a),
            _ => None,
        });
        if let Some(at) = fellow.and_then(|f| rest.iter().position(|r| r.name == f))
            && c.coin()
        {
            out.push(rest.remove(at));
        }
    }
    // Whether a code is right is open unless a fact says so.
    let confirmed = named("goods.code_confirmed");
    let has = |name: &str| out.iter().any(|f| f.name == name);
    if scale.settled && CODES.iter().any(|c| has(c)) && !has(confirmed.name) {
        out.push(confirmed);
    }
    out
}

struct Writer<'c, 'b> {
    c: &'c mut Choices<'b>,
    facts: Vec<&'static Fact>,
    /// The groups of countries.
    groups: Vec<String>,
    /// What conditions say of facts.
    atoms: Vec<String>,
    /// What they say of entries and by named conditions.
    named: Vec<String>,
    /// What conditions on a licence held are made of.
    held: Vec<&'static str>,
    /// Whether the policy has a chart.
    chart: bool,
    /// As [`Scale::settled`].
    settled: bool,
}

impl Writer<'_, '_> {
    fn has(&self, name: &str) -> bool {
        name == "date" || self.facts.iter().any(|f| f.name == name)
    }

    fn time(&mut self) -> &'static str {
        if self.c.chance(75) { "" } else { *self.c.of(TIMES) }
    }

    /// The facts, groups and places that all share.
    fn trade(&mut self) -> String {
        let mut out = String::from("fact date: date\n");
        for fact in self.facts.clone() {
            out.push_str(&format!("fact {}: {}{}\n", fact.name, fact.ty, self.fields_of(fact)));
        }
        out.push_str("fact licence.number: text\nfact licence.good: yes/no\nfact licence.issued: date\n");
        out.push_str("fact licence.expires: date\nfact licence.goods: set of entry\n");
        self.held = vec!["licence.good", "licence.expires >= date", "licence.issued < 2024-01-01", "a or licence.good"];
        self.held.push("licence.goods includes goods");
        if self.has("destination") {
            out.push_str("fact licence.destination: country\n");
            self.held.extend(["licence.destination is destination", "licence.destination is FR"]);
        }
        out.push_str("place IT-livigno \"Livigno\" in IT\n");
        for i in 0..3 {
            let group = self.group(&format!("g{i}"));
            out.push_str(&group);
            self.groups.push(format!("g{i}"));
        }
        if self.has("goods.kind") {
            out.push_str("group tools of goods.kind { stun_gun, shield to 2023-12-31, whip from 2024-01-01 }\n");
        }
        out
    }

    /// What is presumed of a fact, who is asked, what is unsure.
    fn fields_of(&mut self, fact: &Fact) -> String {
        let goods = fact.name.starts_with("goods.");
        let mut out = String::new();
        let value = match fact.ty {
            "yes/no" => Some(if self.c.coin() { "yes" } else { "no" }),
            "number" | "count" => Some("3"),
            "country" => Some("FR"),
            _ => None,
        };
        // The goods are never presumed to be harmless, so nothing is presumed of them.
        if let Some(value) = value
            && !goods
            && fact.name != "a"
            && !self.settled
            && self.c.chance(20)
        {
            out.push_str(&format!(", presumed {value}"));
            if self.c.coin() {
                out.push_str(" unless a");
            }
            out.push_str(" because \"s. 1\"");
        }
        if self.c.chance(30) {
            out.push_str(&format!(" ask \"{}?\"", fact.name));
        }
        if self.c.chance(10) {
            out.push_str(" answered by authority");
        }
        if fact.name == "goods.share" && self.c.coin() {
            out.push_str(" derived \"weight by weight\"");
        }
        if self.c.chance(10) {
            out.push_str(" doubt \"unsure: the meaning\"");
        }
        out
    }

    fn group(&mut self, name: &str) -> String {
        let members = ["FR", "DE", "IT", "IT-livigno", "US", "MC"];
        if self.groups.len() >= 2 && self.c.coin() {
            let op = *self.c.of(&["+", "-", "&"]);
            return format!("group {name} = {} {op} {} + {{MC}}\n", self.groups[0], self.groups[1]);
        }
        let list = |w: &mut Self| {
            let all = w.c.many(1, 4, |c| {
                let member = *c.of(&members);
                let days = if c.chance(75) { "" } else { *c.of(&[" from 2024-01-01", " to 2023-12-31"]) };
                let doubt = if c.chance(90) { "" } else { " doubt \"unsure: the list\"" };
                format!("{member}{days}{doubt}")
            });
            all.join(", ")
        };
        if self.c.chance(20) {
            let (old, new) = (list(self), list(self));
            return format!("group {name} {EARLY} {{ {old} }}\ngroup {name} {LATE} {{ {new} }}\n");
        }
        let time = if self.settled || self.c.chance(90) { "" } else { "in force to 2026-03-02" };
        format!("group {name} {time} {{ {} }}\n", list(self))
    }

    /// The atoms of the facts there are, the more general last.
    fn gather(&mut self) {
        self.named.clear();
        let own = self.facts.iter().flat_map(|f| f.atoms.iter().copied());
        let pairs = PAIRS.iter().filter(|(a, b, _)| self.has(a) && self.has(b)).flat_map(|(.., l)| l.iter().copied());
        let b = self.has("b");
        let fits = |a: &&str| (b || !a.contains("{a, b}")) && (self.chart || !a.contains("marked"));
        self.atoms = own.chain(pairs).filter(fits).map(str::to_owned).collect();
    }

    fn atom(&mut self) -> String {
        let from = if self.named.is_empty() || self.c.chance(55) { &self.atoms } else { &self.named };
        let mut out = self.c.of(from).clone();
        while out.contains("GROUP") {
            let group = self.c.of(&self.groups).clone();
            out = out.replacen("GROUP", &group, 1);
        }
        out
    }

    fn cond(&mut self, depth: usize) -> String {
        match self.c.below(if depth == 0 { 3 } else { 10 }) {
            0 | 1 => self.atom(),
            2 => format!("not ({})", self.atom()),
            3..=5 => format!("({} and {})", self.cond(depth - 1), self.cond(depth - 1)),
            6..=7 => format!("({} or {})", self.cond(depth - 1), self.cond(depth - 1)),
            8 => format!("any of {{ {}; {} }}", self.cond(depth - 1), self.cond(depth - 1)),
            _ => format!("all of {{ {}; {}; }}", self.cond(depth - 1), self.cond(depth - 1)),
        }
    }

    /// A condition that many consignments meet, or few.
    fn when(&mut self) -> String {
        let depth = self.c.below(3);
        let mut out = format!("when {}", self.cond(depth));
        if self.c.chance(15) {
            out.push_str(&format!(" unless {}", self.cond(1)));
        }
        out
    }

    /// One policy with its chart and the names of its licences.
    fn policy(&mut self, name: &str, scale: &Scale) -> (String, Vec<(&'static str, String)>, Vec<String>) {
        // A chart never has a row for every place.
        self.chart = !self.settled && (self.has("destination") || self.has("from")) && self.c.chance(60);
        let mut charts = Vec::new();
        if self.chart {
            charts.push(("marks.csv", self.marks()));
            if self.c.chance(30) {
                charts.push(("marks_before.csv", self.marks()));
            }
        }
        self.gather();
        let applies = if self.c.chance(60) { "date >= 2000-01-01".to_owned() } else { self.cond(1) };
        let known = *self.c.of(&["from 2020-01-01 to 2029-12-31", "from 2020-01-01"]);
        let otherwise = if self.c.chance(80) { "permit" } else { "prohibit" };
        let extra = *self.c.of(&["", "unmodelled \"Penalties\"", "doubt \"memory: the Act\""]);
        let mut out = format!(
            "use trade\npolicy {name} \"P\" {{ source \"S\" applies when {applies} known {known} otherwise {otherwise} {extra} }}\n"
        );
        if self.chart {
            let doubt = if self.c.chance(15) { " doubt \"memory: the chart\"" } else { "" };
            let known = match (charts.len() > 1, self.c.coin()) {
                (true, true) => "known from 2024-01-01",
                (true, false) => "known from 2024-06-01 to 2028-12-31",
                (false, true) => "",
                (false, false) => "known from 2020-01-01 to 2028-12-31",
            };
            out.push_str(&format!("chart marks \"M\" from \"marks.csv\" {known}{doubt}\n"));
            if charts.len() > 1 {
                out.push_str("chart marks from \"marks_before.csv\" known to 2023-12-31\n");
            }
        }
        let (text, licences) = self.licences();
        out.push_str(&text);
        // Each kind may ask for what is declared before it, so that nothing runs in a circle.
        let text = self.named_conditions("m", 2);
        out.push_str(&text);
        let text = self.lists();
        out.push_str(&text);
        let text = self.named_conditions("o", 1);
        out.push_str(&text);
        let text = self.rules(&licences, scale);
        out.push_str(&text);
        (out, charts, licences)
    }

    /// A chart. Rows may borrow others, hold for a time only, and be in doubt.
    fn marks(&mut self) -> String {
        let mut out = String::from("country,M1,M2,as,from,to,doubt\n");
        let mark = |c: &mut Choices<'_>| if c.chance(8) { "?" } else { *c.of(&["X", ""]) };
        for place in ["FR", "DE", "IT", "US", "IT-livigno"] {
            if place == "IT-livigno" && self.c.coin() {
                continue;
            }
            let doubt = if self.c.chance(10) { "unsure: the row" } else { "" };
            let mut row = |c: &mut Choices<'_>, from: &str, to: &str, doubt: &str| {
                let borrowed = if c.chance(5) { "US" } else { "" };
                let (a, b) = if borrowed.is_empty() { (mark(c), mark(c)) } else { ("", "") };
                out.push_str(&format!("{place},{a},{b},{borrowed},{from},{to},{doubt}\n"));
            };
            match self.c.below(10) {
                0 | 1 => {
                    row(self.c, "", "2023-12-31", "");
                    row(self.c, "2024-01-01", "", doubt);
                }
                2 => row(self.c, "2020-01-01", "2024-05-31", doubt),
                _ => row(self.c, "", "", doubt),
            }
        }
        // A place without a row is not settled by the chart.
        if self.c.chance(70) {
            out.push_str("MC,,,FR,,,\n");
        }
        if self.c.chance(70) {
            out.push_str("JP,X,,,,,\nKR,,X,,,,\n");
        }
        out
    }

    fn licences(&mut self) -> (String, Vec<String>) {
        let mut out = String::new();
        for name in ["single", "broad", "open"] {
            let mut fields = String::new();
            if self.c.chance(50) {
                fields.push_str(&format!(" covers when {}", self.covers()));
            }
            if self.c.chance(20) {
                fields.push_str(*self.c.of(&[" valid 12 months", " valid 30 days"]));
            }
            if self.c.chance(40) {
                fields.push_str(&format!(" document \"L-{name}\""));
            }
            if self.c.chance(20) {
                fields.push_str(*self.c.of(&[" in force from 2022-01-01", " in force to 2025-12-31"]));
            }
            if name == "open" {
                fields.push_str(" general duty \"Register\" before first use duty \"Report\" within 30 days");
            }
            out.push_str(&format!("licence {name} \"L\" {{ {fields} }}\n"));
        }
        (out, ["single", "broad", "open"].map(str::to_owned).to_vec())
    }

    fn covers(&mut self) -> String {
        let one = (*self.c.of(&self.held)).to_owned();
        if self.c.coin() { format!("{one} and {}", self.c.of(&self.held)) } else { one }
    }

    /// Named conditions, some in two versions; each becomes an atom.
    fn named_conditions(&mut self, prefix: &str, most: usize) -> String {
        let mut out = String::new();
        for i in 0..=self.c.below(most + 1) {
            let name = format!("{prefix}{i}");
            let doubt = if self.c.chance(90) { "" } else { "doubt \"unsure: the term\"" };
            let cond = self.cond(2);
            if self.c.chance(30) {
                let later = self.cond(2);
                out.push_str(&format!("fact {name}: yes/no means {cond} {EARLY}\n"));
                out.push_str(&format!("fact {name}: yes/no means {later} {doubt} {LATE}\n"));
            } else {
                out.push_str(&format!("fact {name}: yes/no means {cond} {doubt}\n"));
            }
            self.named.extend([name.clone(), name]);
        }
        out
    }

    /// Control lists; what is in them becomes atoms.
    fn lists(&mut self) -> String {
        let (mut out, mut found) = (String::new(), Vec::new());
        for name in ["list_A", "list_B", "list_C"].iter().take(1 + self.c.below(3)) {
            let versions = self.c.chance(15);
            let text = self.entry(name, name, 0, if versions { EARLY } else { "" }, &mut found);
            out.push_str(&text);
            if versions {
                let when = self.when();
                out.push_str(&format!("category {name} \"C\" {{ {when} {LATE} }}\n"));
            }
            for full in found.split_off(0) {
                let both = format!("goods in {{{full}, list_A}}");
                let one = format!("goods in {full}");
                let codes = format!("goods coded under {full}");
                self.named.extend([one.clone(), one.clone(), one.clone(), format!("not {one}"), both, codes]);
            }
        }
        out
    }

    fn entry(&mut self, name: &str, full: &str, depth: usize, time: &str, found: &mut Vec<String>) -> String {
        let codes = self.codes();
        let conditioned = codes.contains("ex ") || codes.is_empty() || self.c.chance(60);
        let mut body = codes;
        if conditioned {
            body.push_str(&format!(" {}", self.when()));
        }
        if depth > 0 && self.c.chance(15) {
            body.push_str(" whatever code");
        }
        if self.c.chance(10) {
            body.push_str(" doubt \"unsure: the entry\"");
        }
        if self.c.chance(20) {
            body.push_str(" cite \"Sch. A\" words en \"whip\", \"lash\" de \"Peitsche\"");
        }
        // What stands in an unnamed alternative would be named as its neighbours are.
        let unnamed = depth > 0 && self.c.chance(25);
        if depth < 2 && !unnamed && self.c.chance(50) {
            for i in 1..=1 + self.c.below(3) {
                let (name, time) = (i.to_string(), self.time());
                body.push_str(&format!(" {}", self.entry(&name, &format!("{full}.{i}"), depth + 1, time, found)));
            }
        }
        if !unnamed {
            found.push(full.to_owned());
        }
        format!("category {} {{ {body} {time} }}\n", if unnamed { String::new() } else { format!("{name} \"C\"") })
    }

    fn codes(&mut self) -> String {
        let mut out = String::new();
        if self.has("goods.code") && self.c.chance(70) {
            let items = [
                "ex 8543 70",
                "8543 70 90",
                "9304 except 9304 90",
                "9304",
                "3920 10 to 3920 30",
                "3920 10, 3920 30",
                "ex 3920",
                "85",
                "3920 20 00 00",
            ];
            let list = self.c.many(1, 2, |c| *c.of(&items));
            out.push_str(&format!(" code CN {}", list.join(", ")));
            if self.c.chance(20) {
                out.push_str(" accepts CN 8548 because \"the heading was split\"");
            }
        }
        if self.has("goods.cas") && self.c.chance(25) {
            out.push_str(*self.c.of(&[" code CAS 57-33-0", " code CAS 76-75-5, 50-00-0"]));
        }
        if self.has("goods.eccn") && self.c.chance(25) {
            out.push_str(*self.c.of(&[" code ECCN 0A982", " code ECCN 0A982.b, 0A983"]));
        }
        out
    }

    /// An effect with how strict it is.
    fn effect(&mut self) -> (String, u8) {
        match self.c.below(12) {
            0..=2 => ("then prohibit".to_owned(), 3),
            3 => ("then permit".to_owned(), 1),
            4 => ("then permit under open".to_owned(), 1),
            _ => {
                let what = *self.c.of(&["single", "broad", "single or broad", "single and broad", "open"]);
                let reason = *self.c.of(&["", " reason \"NS\"", " review \"presumption of denial\" reason \"CC\""]);
                (format!("then require {what}{reason}"), 2)
            }
        }
    }

    fn papers(&mut self) -> &'static str {
        *self.c.of(&[
            "",
            "",
            "",
            " document \"D1\"",
            " document \"D2\" duty \"Tell\"",
            " document \"Y9\" negative",
            " duty \"Keep\" within 24 months",
        ])
    }

    fn rules(&mut self, licences: &[String], scale: &Scale) -> String {
        assert!(licences.len() == 3);
        let mut out = String::new();
        // Each rule that can be named, with how strict it is.
        let mut rules: Vec<(String, u8)> = Vec::new();
        let mut exceptions: Vec<String> = Vec::new();
        let (least, most) = scale.rules;
        for i in 0..least + self.c.below(most - least + 1) {
            let (name, time, doubt) = (format!("r{i}"), self.time(), self.doubt());
            let (when, (then, severity), papers) = (self.when(), self.effect(), self.papers());
            let only_papers = self.c.chance(10) && !papers.is_empty();
            let (then, severity) = if only_papers { (String::new(), 0) } else { (then, severity) };
            if self.c.chance(10) {
                let later = self.when();
                out.push_str(&format!("rule {name} \"R\" {{ cite \"{name}\" {later} then prohibit {LATE} }}\n"));
                out.push_str(&format!("rule {name} \"R\" {{ cite \"{name}\" {when} {then}{papers} {EARLY} }}\n"));
            } else {
                out.push_str(&format!("rule {name} \"R\" {{ cite \"{name}\" {when} {then}{papers} {time}{doubt} }}\n"));
            }
            rules.push((name, severity));
        }
        for i in 0..self.c.below(5) {
            let (name, time, doubt) = (format!("e{i}"), self.time(), self.doubt());
            let targets = self.c.many(1, 2, |c| c.of(&rules).clone());
            let strictest = targets.iter().map(|t| t.1).max().unwrap_or(0);
            let (when, (then, severity), papers) = (self.when(), self.effect(), self.papers());
            let claimed = if !self.settled && severity <= strictest && self.c.chance(35) {
                format!("claimed when {}", self.cond(0))
            } else {
                String::new()
            };
            let mut names: Vec<&str> = targets.iter().map(|t| t.0.as_str()).collect();
            names.dedup();
            let to = names.join(", ");
            out.push_str(&format!(
                "exception {name} \"E\" to {to} {{ cite \"{name}\" {claimed} {when} {then}{papers} {time}{doubt} }}\n"
            ));
            rules.push((name.clone(), severity));
            exceptions.push(name);
        }
        if let Some(first) = exceptions.first() {
            for i in 0..self.c.below(3) {
                let (when, time) = (self.when(), self.time());
                let to = match self.c.below(5) {
                    0 => "every exception".to_owned(),
                    1 => format!("every exception except {first}"),
                    2 => format!("every exception to {}", rules[0].0),
                    _ => rules[self.c.below(rules.len())].0.clone(),
                };
                out.push_str(&format!("bar b{i} \"B\" to {to} {{ cite \"b{i}\" {when} {time} }}\n"));
            }
        }
        out
    }

    fn doubt(&mut self) -> &'static str {
        if self.c.chance(92) { "" } else { " doubt \"memory: the provision\"" }
    }

    /// Constraints that few consignments break; they are about the facts alone.
    fn constraints(&mut self) -> String {
        self.chart = false;
        self.gather();
        let mut out = String::new();
        for i in 0..self.c.below(3) {
            let (x, y, z, time) = (self.atom(), self.atom(), self.atom(), self.time());
            let always = match self.c.below(3) {
                0 => format!("not ({x} and {y} and {z})"),
                1 => format!("not {x} or {y} or {z}"),
                _ => format!("{x} or not ({y} and {z})"),
            };
            out.push_str(&format!("constraint c{i} \"C\" {{ always {always} {time} }}\n"));
        }
        if self.c.chance(20) {
            out.push_str("constraint held \"H\" { always not licence.good or licence.expires >= 2020-01-01 }\n");
        }
        out
    }
}
