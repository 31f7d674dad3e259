//! What all engines share: the listed policy of `benches/support`, its names, and the fields of a row as engines without
//! units or sets read them.
//!
//! No engine has its own copy of the policy: each makes its text from the items and provisions here.

use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::Path;

pub use crate::support::listed::{
    ACTIVITIES, Decided, FLAGS, GENERAL, IN_FORCE, Item, MEASURES, Policy, Provision, Row, TERRITORIES, UNION, Where,
    iso, names,
};
use serde_json::json;

/// The number of the activity that a destination in the Union does not free.
pub const IMPORT: &str = ACTIVITIES[1];

/// A fact's name without what it is about.
pub fn short(fact: &'static str) -> &'static str {
    fact.strip_prefix("goods.").unwrap_or(fact)
}

/// The short names of the flags set.
pub fn flags(set: u32) -> impl Iterator<Item = &'static str> {
    names(set).map(short)
}

/// What is measured, by its short name.
pub fn measure(which: usize) -> &'static str {
    short(MEASURES[which])
}

/// The activities of a provision.
pub fn activities(p: &Provision) -> Vec<&'static str> {
    (0..ACTIVITIES.len()).filter(|a| p.activities >> a & 1 == 1).map(|a| ACTIVITIES[a]).collect()
}

/// The destinations of a provision; none: all.
pub fn places(p: &Provision) -> Option<(&'static str, &'static [&'static str])> {
    match p.place {
        Where::Anywhere => None,
        Where::Territories => Some(("territories", &TERRITORIES)),
        Where::General => Some(("general", &GENERAL)),
    }
}

/// The codes of an item: those that are whole, and those that only begin one.
pub fn codes(item: &Item) -> (Vec<&str>, Vec<&str>) {
    item.codes.iter().map(String::as_str).partition(|c| c.len() == 8)
}

/// The headings, four digits, under which an item stands.
pub fn headings(item: &Item) -> Vec<&str> {
    let mut all: Vec<&str> = item.codes.iter().map(|c| &c[..4]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Texts in quotes, joined by commas.
pub fn quoted<T: AsRef<str>>(all: &[T], quote: char) -> String {
    let each: Vec<String> = all.iter().map(|s| format!("{quote}{}{quote}", s.as_ref())).collect();
    each.join(", ")
}

/// The same policy for engines outside this program.
fn as_json(model: &Policy) -> serde_json::Value {
    let items = model.items.iter().map(|i| {
        json!({
            "name": i.name(), "annex": i.annex.name(), "codes": i.codes, "from": iso(i.from.max(20_000_101)), "cas": i.cas,
            "need": flags(i.need).collect::<Vec<_>>(), "forbid": flags(i.forbid).collect::<Vec<_>>(),
            "need_bits": i.need, "forbid_bits": i.forbid, "own": i.for_own_protection(),
            // Whole numbers: to exceed is to reach the next one.
            "measure": i.measure.map(|(m, _, _)| measure(m)), "least": i.measure.map(|(_, b, reach)| b + u32::from(!reach)),
        })
    });
    let provisions = model.provisions.iter().map(|p| {
        json!({
            "name": p.name, "annex": p.annex.name(), "activities": activities(p), "places": places(p).map(|(name, _)| name),
            "need": flags(p.need).collect::<Vec<_>>(), "forbid": flags(p.forbid).collect::<Vec<_>>(),
            "own": p.own_protection, "outcome": p.outcome.word(),
        })
    });
    json!({
        "in_force": iso(IN_FORCE), "union": UNION, "territories": TERRITORIES,
        "general": &GENERAL[..],
        "flags": FLAGS.map(short), "measures": [measure(0), measure(1), measure(2)],
        "items": items.collect::<Vec<_>>(), "provisions": provisions.collect::<Vec<_>>(),
    })
}

/// The facts of a row in Portcullis' files, and the fields in those of the others, in the same order.
const FACTS: [&str; 8] = [
    "date",
    "activity",
    "destination",
    "goods.code",
    "goods.cas_numbers",
    "goods.overall_dimension",
    "goods.inner_circumference",
    "goods.concentration",
];
/// The fields of a row besides the flags, for engines without units.
pub const FIELDS: [&str; 8] =
    ["date", "activity", "destination", "code", "cas", "overall_dimension", "inner_circumference", "concentration"];

/// Writes the policy, some rows and what is expected of them: `facts` for Portcullis, with units, `plain` for the others,
/// with whole numbers.
pub fn write(model: &Policy, count: usize, folder: &Path) -> std::io::Result<()> {
    let size = model.size;
    let file = |name: String| std::fs::File::create(folder.join(name)).map(BufWriter::new);
    let law = folder.join(format!("law-{size}"));
    std::fs::create_dir_all(law.join("listed"))?;
    for of in model.files() {
        std::fs::write(law.join(of.path), of.bytes)?;
    }
    std::fs::write(folder.join(format!("policy-{size}.json")), as_json(model).to_string())?;
    let (mut facts, mut plain) = (file(format!("facts-{size}.csv"))?, file(format!("plain-{size}.csv"))?);
    let (mut facts_lines, mut plain_lines) =
        (file(format!("facts-{size}.jsonl"))?, file(format!("plain-{size}.jsonl"))?);
    let mut expected = file(format!("expected-{size}.csv"))?;
    writeln!(facts, "id,{},goods.code_confirmed,{}", FACTS.join(","), FLAGS.join(","))?;
    writeln!(plain, "id,{},{}", FIELDS.join(","), FLAGS.map(short).join(","))?;
    writeln!(expected, "id,outcome,entry,rule")?;
    let (mut line, mut object) = (String::new(), String::new());
    for row in model.rows().take(count) {
        line.clear();
        for fact in FACTS {
            // An empty cell says that nothing is known; a list without a part, that there is none.
            let text = row.text(fact).filter(|t| !t.is_empty());
            let _ = write!(line, ",{}", text.unwrap_or_else(|| ";".to_owned()));
        }
        line.push_str(",yes");
        for fact in FLAGS {
            let _ = write!(line, ",{}", row.text(fact).unwrap_or_default());
        }
        writeln!(facts, "{}{line}", row.id)?;
        writeln!(facts_lines, "{}", row.json())?;
        line.clear();
        object.clear();
        let [dimension, circumference, concentration] = row.measures;
        let (activity, cas) = (ACTIVITIES[usize::from(row.activity)], row.cas.unwrap_or_default());
        let texts = [
            iso(row.date),
            activity.to_owned(),
            row.destination.to_owned(),
            row.code_text().to_owned(),
            cas.to_owned(),
        ];
        for (field, text) in FIELDS.iter().zip(&texts) {
            let _ = write!(line, ",{text}");
            let _ = write!(object, ",\"{field}\":\"{text}\"");
        }
        for (field, number) in FIELDS[5..].iter().zip([dimension, circumference, concentration]) {
            let _ = write!(line, ",{number}");
            let _ = write!(object, ",\"{field}\":{number}");
        }
        for (i, flag) in FLAGS.iter().enumerate() {
            let set = row.flags >> i & 1 == 1;
            let _ = write!(line, ",{set}");
            let _ = write!(object, ",\"{}\":{set}", short(flag));
        }
        writeln!(plain, "{}{line}", row.id)?;
        writeln!(plain_lines, "{{\"id\":{}{object}}}", row.id)?;
        let wanted = model.decide(&row);
        let (entry, rule) = wanted.by.map_or((String::new(), ""), |(item, provision)| {
            (model.items[item as usize].name(), model.provisions[usize::from(provision)].name)
        });
        writeln!(expected, "{},{},{entry},{rule}", row.id, wanted.outcome.word())?;
    }
    for mut done in [facts, plain, facts_lines, plain_lines, expected] {
        done.flush()?;
    }
    Ok(())
}
