//! The policy of [`listed`](super::listed) decided without any engine, three ways: one function written out for its 36
//! items; tables that serve any size, row by row; and whole columns, with codes looked up once.
//!
//! This is what a programmer writes who knows the law by heart and need never change it, give a reason or admit that a
//! fact is unknown: the yardstick for how fast a decision can be.

use std::collections::HashMap;

use super::listed::{
    ABOUT_USE, ACTIVITIES, Decided, GENERAL, IN_FORCE, Outcome, Policy, Row, TERRITORIES, UNION, Where, destinations,
    flag,
};

const fn bit(i: usize) -> u32 {
    1 << i
}
const EXECUTION: u32 = bit(0);
const VAULT: u32 = bit(1);
const INJECTS: u32 = bit(2);
const SHOCKS: u32 = bit(3);
const WORN: u32 = bit(4);
const RESTRAINS: u32 = bit(5);
const FINGERS: u32 = bit(6);
const WEIGHTED: u32 = bit(7);
const ANCHORED: u32 = bit(8);
const CHAIR: u32 = bit(9);
const CAGE: u32 = bit(10);
const SPIKED: u32 = bit(11);
const LASHES: u32 = bit(12);
const KIT: u32 = bit(13);
const IRRITANT: u32 = bit(14);
const AREA: u32 = bit(15);
const HOOD: u32 = bit(16);
const PORTABLE: u32 = bit(17);
const MUSEUM: u32 = bit(ABOUT_USE);
const PEACE: u32 = bit(ABOUT_USE + 1);
const OWN: u32 = bit(ABOUT_USE + 2);
const REEXPORT: u32 = bit(ABOUT_USE + 3);
const MISUSE: u32 = bit(ABOUT_USE + 4);
const POLICE: u32 = bit(ABOUT_USE + 5);

/// The first item that goods are, as its place in the lists.
fn first_item(row: &Row) -> Option<u32> {
    let code = row.code_text();
    let six = &code[..6];
    let all = |f: u32| row.flags & f == f;
    let none = |f: u32| row.flags & f == 0;
    let metal =
        || matches!(code, "73269098" | "76169990" | "83015000" | "39269097" | "42033000" | "42034000" | "42050090");
    let metal_or_cloth = || metal() || code == "62171000" || code == "63079098";
    let bed = || matches!(code, "94029000" | "94038200") || matches!(six, "940320" | "940350" | "940370");
    let device = || code == "85437090" || code == "93040000";
    let fixed = || code == "84248970" || code == "84248200";
    let listed: [(bool, &dyn Fn() -> bool); 28] = [
        (all(EXECUTION) && none(CHAIR | VAULT | INJECTS), &|| {
            code == "44219099" || code == "73089098" || code.starts_with("8208")
        }),
        (all(EXECUTION | SHOCKS | CHAIR), &|| matches!(code, "85437090" | "94018000" | "94021000") || six == "940179"),
        (all(EXECUTION | VAULT), &|| six == "940690" || code == "94061000"),
        (all(EXECUTION | INJECTS), &|| matches!(code, "84138100" | "90189050" | "90189060" | "90189084")),
        (all(SHOCKS | WORN | RESTRAINS), &device),
        (all(RESTRAINS | FINGERS), &metal),
        (all(RESTRAINS | WEIGHTED) && none(ANCHORED), &metal),
        (all(RESTRAINS | ANCHORED), &metal),
        (all(RESTRAINS | CHAIR) && none(ANCHORED), &|| {
            matches!(six, "940161" | "940169" | "940171" | "940179" | "940320") || code == "94029000"
        }),
        (all(RESTRAINS | CHAIR | ANCHORED), &bed),
        (all(CAGE) && none(PORTABLE) && row.measures[0] > 1_500, &bed),
        (all(CAGE | RESTRAINS), &bed),
        (all(SPIKED | PORTABLE), &|| code == "93040000"),
        (all(SPIKED) && row.measures[0] > 300, &|| code == "39269097" || code == "73269098"),
        (all(LASHES), &|| code.starts_with("6602")),
        (all(SPIKED), &|| code.starts_with("6602")),
        (all(RESTRAINS) && row.measures[0] > 240, &metal_or_cloth),
        (all(RESTRAINS) && row.measures[1] > 165, &metal_or_cloth),
        (all(HOOD) && row.date >= 20_240_701, &|| {
            matches!(code, "42033000" | "42050090" | "39269097" | "65050090" | "65069910" | "63079098")
        }),
        (all(SHOCKS | PORTABLE), &device),
        (all(SHOCKS | KIT), &device),
        (all(SHOCKS | AREA), &device),
        (all(IRRITANT | PORTABLE), &|| matches!(code, "84242000" | "84248970" | "93040000")),
        (row.cas == Some("2444-46-4"), &|| six == "292429"),
        (row.cas == Some("8023-77-6"), &|| code == "33019030"),
        (all(IRRITANT) && row.measures[2] >= 30, &|| {
            matches!(six, "292429" | "330210" | "330290" | "382499") || code == "29399900" || code == "33019030"
        }),
        (all(IRRITANT) && none(PORTABLE | AREA), &fixed),
        (all(IRRITANT | AREA) && row.date >= 20_240_701, &fixed),
    ];
    if let Some(at) = listed.iter().position(|(described, coded)| *described && coded()) {
        return Some(at as u32);
    }
    let mixture = matches!(code, "30039000" | "30049000" | "38249996");
    let (barbiturates, thio) = (mixture || code == "29335390", mixture || code == "29335995");
    let (at, coded) = match row.cas? {
        "57-43-2" => (28, barbiturates),
        "64-43-7" => (29, barbiturates),
        "76-74-4" => (30, barbiturates),
        "57-33-0" => (31, barbiturates),
        "76-73-3" => (32, barbiturates),
        "309-43-3" => (33, barbiturates),
        "76-75-5" => (34, thio),
        "71-73-8" => (35, thio),
        _ => return None,
    };
    coded.then_some(at)
}

/// One consignment by the policy of 36 items.
pub fn decide(row: &Row) -> Decided {
    use Outcome::{LicenceRequired, NotApplicable, Permitted, Prohibited};
    if row.date < IN_FORCE || (row.activity != 1 && UNION.contains(&row.destination)) {
        return Decided { outcome: NotApplicable, by: None };
    }
    let Some(item) = first_item(row) else { return Decided { outcome: Permitted, by: None } };
    let has = |f: u32| row.flags & f != 0;
    let misuse = |strict: u8| if has(MISUSE) { (Prohibited, strict) } else { (Permitted, strict + 1) };
    let museum = |free: u8, strict: u8| if has(MUSEUM) { (LicenceRequired, free) } else { (Prohibited, strict) };
    let (outcome, provision) = match (item, row.activity) {
        (0..16, 0 | 4) => museum(0, 3),
        (0..16, 1) => museum(1, 4),
        (0..16, 2) => museum(2, 5),
        (0..16, _) => (Prohibited, 6),
        (16..28, 0) if has(POLICE) && TERRITORIES.contains(&row.destination) => (Permitted, 7),
        (16..28, 0) if has(PEACE) => (Permitted, 8),
        (19 | 22, 0 | 2) if has(OWN) => (Permitted, 9),
        (16..28, 0) => (LicenceRequired, 10),
        (16..28, 1) => (Permitted, 11),
        (16..28, 2) => misuse(12),
        (16..28, 3) => misuse(14),
        (16..28, _) => misuse(16),
        (_, 0) if GENERAL.contains(&row.destination) && !has(REEXPORT) => (Permitted, 18),
        (_, 0) => (LicenceRequired, 19),
        (_, 1) => (Permitted, 20),
        (_, 2) => misuse(21),
        (_, 3) => misuse(23),
        _ => misuse(25),
    };
    Decided { outcome, by: Some((item, provision)) }
}

/// What an item asks besides its code.
#[derive(Clone, Copy)]
struct Asks {
    /// The codes below the heading, as numbers of eight digits.
    from: u32,
    to: u32,
    need: u32,
    forbid: u32,
    day: u32,
    item: u32,
    /// What is measured; three: nothing.
    measure: u8,
    least: u32,
    /// The number of the substance, from one; zero: none is asked for.
    cas: u16,
    annex: u8,
    own: bool,
}

/// What a provision asks.
#[derive(Clone, Copy)]
struct Then {
    need: u32,
    forbid: u32,
    place: u8,
    own: bool,
    outcome: Outcome,
    number: u8,
}

/// Tables for any size, read row by row.
pub struct Tables {
    headings: Vec<(u32, u32)>,
    asks: Vec<Asks>,
    cas: Vec<&'static str>,
    /// What a destination is, by its two letters: of the Union, a territory, of the general authorisation.
    places: Vec<u8>,
    then: Vec<Vec<Then>>,
}

fn place_key(code: &str) -> usize {
    let b = code.as_bytes();
    usize::from(b[0] & 31) << 5 | usize::from(b[1] & 31)
}

fn place_bits(code: &str) -> u8 {
    u8::from(UNION.contains(&code))
        | u8::from(TERRITORIES.contains(&code)) << 1
        | u8::from(GENERAL.contains(&code)) << 2
}

fn number(code: &[u8; 8]) -> u32 {
    code.iter().fold(0, |n, b| n * 10 + u32::from(b - b'0'))
}

fn asks(policy: &Policy, cas: &mut Vec<&'static str>) -> Vec<Asks> {
    let mut all = Vec::new();
    for (at, item) in policy.items.iter().enumerate() {
        let substance = item.cas.map_or(0, |c| {
            let known = cas.iter().position(|k| *k == c).unwrap_or_else(|| {
                cas.push(c);
                cas.len() - 1
            });
            known as u16 + 1
        });
        for code in &item.codes {
            let width = 10u32.pow(8 - code.len() as u32);
            let from = code.parse::<u32>().unwrap_or_default() * width;
            let (measure, least) = item.measure.map_or((3, 0), |(m, b, reach)| (m as u8, b + u32::from(!reach)));
            all.push(Asks {
                from,
                to: from + width,
                need: item.need,
                forbid: item.forbid,
                day: item.from,
                item: at as u32,
                measure,
                least,
                cas: substance,
                annex: item.annex as u8,
                own: item.for_own_protection(),
            });
        }
    }
    all
}

fn thens(policy: &Policy) -> Vec<Vec<Then>> {
    let mut out = vec![Vec::new(); 3 * ACTIVITIES.len()];
    for (i, p) in policy.provisions.iter().enumerate() {
        for activity in (0..ACTIVITIES.len()).filter(|a| p.activities >> a & 1 == 1) {
            out[p.annex as usize * ACTIVITIES.len() + activity].push(Then {
                need: p.need,
                forbid: p.forbid,
                place: match p.place {
                    Where::Anywhere => 0,
                    Where::Territories => 2,
                    Where::General => 4,
                },
                own: p.own_protection,
                outcome: p.outcome,
                number: i as u8,
            });
        }
    }
    out
}

impl Tables {
    /// The tables of a policy.
    pub fn new(policy: &Policy) -> Tables {
        let mut cas = Vec::new();
        let mut all = asks(policy, &mut cas);
        all.sort_by_key(|a| (a.from / 10_000, a.item));
        let mut headings = vec![(0, 0); 10_000];
        for (i, a) in all.iter().enumerate() {
            let range = &mut headings[a.from as usize / 10_000];
            *range = if range.1 == 0 { (i as u32, i as u32 + 1) } else { (range.0, i as u32 + 1) };
        }
        let mut places = vec![0; 1024];
        for code in UNION.iter().chain(&TERRITORIES).chain(&GENERAL) {
            places[place_key(code)] = place_bits(code);
        }
        Tables { headings, asks: all, cas, places, then: thens(policy) }
    }

    /// One consignment.
    pub fn decide(&self, row: &Row) -> Decided {
        let place = self.places[place_key(row.destination)];
        if row.date < IN_FORCE || (row.activity != 1 && place & 1 != 0) {
            return Decided { outcome: Outcome::NotApplicable, by: None };
        }
        let code = number(&row.code);
        let (first, last) = self.headings[code as usize / 10_000];
        let fits = |a: &&Asks| {
            a.from <= code
                && code < a.to
                && row.flags & a.need == a.need
                && row.flags & a.forbid == 0
                && row.date >= a.day
                && (a.measure == 3 || row.measures[usize::from(a.measure)] >= a.least)
                && (a.cas == 0 || row.cas == Some(self.cas[usize::from(a.cas) - 1]))
        };
        let Some(a) = self.asks[first as usize..last as usize].iter().find(fits) else {
            return Decided { outcome: Outcome::Permitted, by: None };
        };
        follows(&self.then, a, row.activity, row.flags, place)
    }
}

fn follows(then: &[Vec<Then>], a: &Asks, activity: u8, flags: u32, place: u8) -> Decided {
    let fits = |t: &&Then| {
        flags & t.need == t.need && flags & t.forbid == 0 && (t.place == 0 || place & t.place != 0) && (!t.own || a.own)
    };
    match then[usize::from(a.annex) * ACTIVITIES.len() + usize::from(activity)].iter().find(fits) {
        Some(t) => Decided { outcome: t.outcome, by: Some((a.item, t.number)) },
        None => Decided { outcome: Outcome::Permitted, by: None },
    }
}

/// Consignments as columns; what is text is a number of a dictionary.
pub struct Columns {
    date: Vec<u32>,
    activity: Vec<u8>,
    destination: Vec<u8>,
    code: Vec<u16>,
    cas: Vec<u8>,
    flags: Vec<u32>,
    measures: [Vec<u32>; 3],
    codes: Vec<[u8; 8]>,
    substances: Vec<&'static str>,
}

impl Columns {
    /// The columns of some rows.
    pub fn new(rows: &[Row]) -> Columns {
        let places: HashMap<&str, u8> = destinations().into_iter().zip(0..).collect();
        let (mut codes, mut substances) = (Vec::new(), vec![""]);
        let (mut code_of, mut cas_of) = (HashMap::new(), HashMap::from([("", 0u8)]));
        let code = rows.iter().map(|r| {
            *code_of.entry(r.code).or_insert_with(|| {
                codes.push(r.code);
                codes.len() as u16 - 1
            })
        });
        let code = code.collect();
        let cas = rows.iter().map(|r| {
            let c = r.cas.unwrap_or_default();
            *cas_of.entry(c).or_insert_with(|| {
                substances.push(c);
                substances.len() as u8 - 1
            })
        });
        Columns {
            date: rows.iter().map(|r| r.date).collect(),
            activity: rows.iter().map(|r| r.activity).collect(),
            destination: rows.iter().map(|r| places[r.destination]).collect(),
            code,
            cas: cas.collect(),
            flags: rows.iter().map(|r| r.flags).collect(),
            measures: [0, 1, 2].map(|m| rows.iter().map(|r| r.measures[m]).collect()),
            codes,
            substances,
        }
    }
}

/// A policy bound to the dictionaries of some columns.
pub struct Bound {
    /// For each code of the dictionary, what is asked under it.
    lists: Vec<(u32, u32)>,
    asks: Vec<Asks>,
    places: Vec<u8>,
    then: Vec<Vec<Then>>,
}

impl Bound {
    /// Binds a policy to columns.
    pub fn new(policy: &Policy, columns: &Columns) -> Bound {
        let mut cas = Vec::new();
        let mut all = asks(policy, &mut cas);
        for a in all.iter_mut().filter(|a| a.cas > 0) {
            // Numbers of the columns' dictionary; one past the end for a substance that is not in it.
            let wanted = cas[usize::from(a.cas) - 1];
            let at = columns.substances.iter().position(|s| *s == wanted);
            a.cas = at.unwrap_or(columns.substances.len()) as u16;
        }
        let mut by_heading: HashMap<u32, Vec<Asks>> = HashMap::new();
        for a in all {
            by_heading.entry(a.from / 10_000).or_default().push(a);
        }
        let (mut lists, mut bound) = (Vec::new(), Vec::new());
        for code in &columns.codes {
            let n = number(code);
            let start = bound.len() as u32;
            let under = by_heading.get(&(n / 10_000)).into_iter().flatten();
            bound.extend(under.filter(|a| a.from <= n && n < a.to).copied());
            lists.push((start, bound.len() as u32));
        }
        let places = destinations().into_iter().map(place_bits).collect();
        Bound { lists, asks: bound, places, then: thens(policy) }
    }

    /// Decides all rows.
    pub fn decide(&self, c: &Columns, out: &mut Vec<Decided>) {
        out.clear();
        let free = Decided { outcome: Outcome::Permitted, by: None };
        // First what no list speaks of, which is most, without a branch; then the few rows under a listed code.
        let mut listed = Vec::new();
        for (i, ((date, activity), destination)) in c.date.iter().zip(&c.activity).zip(&c.destination).enumerate() {
            let outside = (*date < IN_FORCE) | ((*activity != 1) & (usize::from(*destination) < UNION.len()));
            out.push(if outside { Decided { outcome: Outcome::NotApplicable, by: None } } else { free });
            let (from, to) = self.lists[usize::from(c.code[i])];
            if from != to && !outside {
                listed.push(i);
            }
        }
        for i in listed {
            let (from, to) = self.lists[usize::from(c.code[i])];
            let fits = |a: &&Asks| {
                c.flags[i] & a.need == a.need
                    && c.flags[i] & a.forbid == 0
                    && c.date[i] >= a.day
                    && (a.measure == 3 || c.measures[usize::from(a.measure)][i] >= a.least)
                    && (a.cas == 0 || u16::from(c.cas[i]) == a.cas)
            };
            if let Some(a) = self.asks[from as usize..to as usize].iter().find(fits) {
                let place = self.places[usize::from(c.destination[i])];
                out[i] = follows(&self.then, a, c.activity[i], c.flags[i], place);
            }
        }
    }
}

/// Checks that the flags here are those of the policy.
pub fn agrees() -> bool {
    SPIKED == flag("spiked")
        && PORTABLE == flag("portable")
        && POLICE == flag("law_enforcement")
        && PEACE == flag("peacekeeping")
}
