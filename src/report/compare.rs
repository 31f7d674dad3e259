//! The law of several states side by side, as text or Markdown.

use serde_json::json;

use crate::analyze::compare::{Cell, Comparison, Pair, Row, Side, Witness};
use crate::analyze::entries::{Goods, Related};
use crate::eval::Outcome;
use crate::model::Relation;

use super::{Line, Mark, Page, WIDTH, ending};

/// How wide what stands before the cells is.
const NAME: usize = 24;

/// The most facts that are named of what a cell hangs on, and countries of a row.
const FACTS: usize = 3;
const PLACES: usize = 24;

/// The word for an outcome in a cell.
fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Prohibited => "prohibited",
        Outcome::LicenceRequired => "licence",
        Outcome::Permitted => "permitted",
        Outcome::NotApplicable => "no rule",
    }
}

/// What a cell says, a line an outcome.
fn cell(c: &Cell) -> Vec<String> {
    if c.unknown.is_some() {
        return vec!["UNKNOWN".into()];
    }
    if c.at_home {
        return vec!["(home)".into()];
    }
    let words = c.outcomes.iter().enumerate();
    let mut out: Vec<String> = words
        .map(|(i, p)| if i == 0 { word(p.outcome).to_owned() } else { format!("or {}", word(p.outcome)) })
        .collect();
    if !c.resolved {
        out.push("(not settled)".into());
    }
    out
}

fn what(row: &Row) -> String {
    let goods = row.goods.as_deref().map(|g| g.rsplit('.').next().unwrap_or(g).replace('_', " "));
    match (goods, &row.activity) {
        (Some(g), Some(a)) => format!("{g}, {}", a.replace('_', " ")),
        (Some(g), None) => g,
        (None, Some(a)) => a.replace('_', " "),
        (None, None) => "as given".into(),
    }
}

fn places(row: &Row) -> String {
    let all = &row.destinations;
    let shown = all.iter().take(PLACES).cloned().collect::<Vec<_>>().join(" ");
    match all.len() {
        0 => String::new(),
        n if n > PLACES => format!("to {n} destinations: {shown} and {} more", n - PLACES),
        _ => format!("to {shown}"),
    }
}

/// A comparison as lines of 80 columns; with `witnesses`, a consignment for each outcome of each cell.
pub fn lines(found: &Comparison, witnesses: bool) -> Vec<Line> {
    let mut page = Page::default();
    let title = if found.differ { "Where the law differs" } else { "Nothing differs" };
    page.wrap(Mark::Heading, "", &format!("{title}: {} (law of {})", names(&found.columns), found.as_of));
    for side in &found.columns {
        if let Some(why) = &side.unknown {
            page.wrap(Mark::Plain, "  ! ", &format!("{}: UNKNOWN, {why}; that is not free", side.name));
        }
    }
    let wide = ((WIDTH - NAME) / found.columns.len().max(1)).clamp(14, 28);
    page.put(Mark::Plain, "");
    let heads: Vec<Vec<String>> = found.columns.iter().map(|s| vec![s.name.clone()]).collect();
    table_row(&mut page, Mark::Heading, "", &heads, wide);
    for (n, row) in found.rows.iter().enumerate() {
        let cells: Vec<Vec<String>> = row.cells.iter().map(cell).collect();
        table_row(&mut page, Mark::Plain, &what(row), &cells, wide);
        if !row.destinations.is_empty() {
            page.wrap(Mark::Plain, "    ", &places(row));
        }
        for (side, c) in found.columns.iter().zip(&row.cells) {
            if let Some(text) = hangs(c) {
                page.wrap(Mark::Small, "    ", &format!("{}: {text}", side.name));
            }
            for p in c.outcomes.iter().filter(|_| witnesses) {
                if let Some(w) = &p.witness {
                    page.wrap(
                        Mark::Small,
                        "    e.g. ",
                        &format!("{}, {}: {}", side.name, word(p.outcome), consignment(w)),
                    );
                }
            }
        }
        for pair in found.pairs.iter().filter(|p| p.row == n) {
            steps(found, pair, &mut page);
        }
    }
    page.put(Mark::Plain, "");
    page.wrap(
        Mark::Small,
        "",
        "A cell holds all outcomes there can be where only this is known: what is presumed is presumed, and no exception is claimed.",
    );
    page.wrap(Mark::Small, "", &from(found));
    let known = found.columns.iter().filter(|s| !s.policies.is_empty());
    ending(&mut page, known.map(|s| (s.name.as_str(), s.known_to.clone())));
    page.lines
}

fn names(sides: &[Side]) -> String {
    sides.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// From where goods leave each jurisdiction.
fn from(found: &Comparison) -> String {
    let Some(row) = found.rows.first() else { return String::new() };
    let all =
        found.columns.iter().zip(&row.cells).filter_map(|(s, c)| Some(format!("{} for {}", c.from.as_ref()?, s.name)));
    let all: Vec<String> = all.collect();
    if all.is_empty() { String::new() } else { format!("Goods leave from {}.", all.join(", ")) }
}

fn hangs(c: &Cell) -> Option<String> {
    let shown = c.hangs_on.iter().take(FACTS).cloned().collect::<Vec<_>>();
    let more = c.hangs_on.len().saturating_sub(FACTS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!shown.is_empty()).then(|| format!("hangs on {}{more}", shown.join(", ")))
}

fn consignment(w: &Witness) -> String {
    let facts = w.facts.iter().map(|(f, v)| format!("{f} {v}")).collect::<Vec<_>>().join(", ");
    if w.by.is_empty() { facts } else { format!("{facts} - by {}", w.by.join(", ")) }
}

fn steps(found: &Comparison, pair: &Pair, page: &mut Page) {
    let name = |n: usize| found.columns.get(n).map_or("", |s| s.name.as_str());
    if !pair.resolved {
        let text = format!(
            "{} and {}: it took too much work to find where one is stricter",
            name(pair.columns[0]),
            name(pair.columns[1])
        );
        page.wrap(Mark::Plain, "    ! ", &text);
    }
    for step in &pair.steps {
        let [a, b] = step.outcomes;
        let text = format!(
            "{} is stricter: {} {}, {} {}",
            name(step.stricter),
            name(pair.columns[0]),
            word(a),
            name(pair.columns[1]),
            word(b)
        );
        page.wrap(Mark::Plain, "    > ", &text);
        match &step.witness {
            Some([x, y]) => {
                let facts = x.facts.iter().filter(|f| f.0 != "from").map(|(f, v)| format!("{f} {v}"));
                page.wrap(Mark::Small, "      e.g. ", &facts.collect::<Vec<_>>().join(", "));
                for (n, w) in pair.columns.iter().zip([x, y]).filter(|(_, w)| !w.by.is_empty()) {
                    page.wrap(Mark::Small, "      ", &format!("{}: by {}", name(*n), w.by.join(", ")));
                }
            }
            None => page.put(Mark::Small, "      (no consignment could be shown)"),
        }
    }
}

fn table_row(page: &mut Page, mark: Mark, name: &str, cells: &[Vec<String>], wide: usize) {
    let wrap = |text: &str, width: usize| -> Vec<String> {
        textwrap::wrap(text, textwrap::Options::new(width)).into_iter().map(|l| l.into_owned()).collect()
    };
    let name = wrap(name, NAME - 1);
    let cells: Vec<Vec<String>> = cells.iter().map(|c| c.iter().flat_map(|l| wrap(l, wide - 1)).collect()).collect();
    let height = cells.iter().map(Vec::len).chain([name.len()]).max().unwrap_or(0);
    for i in 0..height {
        let at = |column: &[String]| column.get(i).cloned().unwrap_or_default();
        let rest: String = cells.iter().map(|c| format!("{:wide$}", at(c))).collect();
        page.put(mark, format!("{:NAME$}{rest}", at(&name)).trim_end());
    }
}

/// A comparison as Markdown.
pub fn markdown(found: &Comparison) -> String {
    let safe = |text: &str| text.replace('_', "\\_").replace('|', "\\|").replace('*', "\\*").replace('<', "\\<");
    let mut out = format!("# {} (law of {})\n\n", safe(&names(&found.columns)), found.as_of);
    for side in &found.columns {
        if let Some(why) = &side.unknown {
            out.push_str(&format!("- **{}**: UNKNOWN, {}; that is not free\n", safe(&side.name), safe(why)));
        }
    }
    let heads: Vec<String> = found.columns.iter().map(|s| safe(&s.name)).collect();
    out.push_str(&format!("\n| | {} |\n|---|{}\n", heads.join(" | "), "---|".repeat(heads.len())));
    for row in &found.rows {
        let cells: Vec<String> = row.cells.iter().map(|c| cell(c).join(" ")).collect();
        let to = places(row);
        let to = if to.is_empty() { String::new() } else { format!(" {to}") };
        out.push_str(&format!("| {}{} | {} |\n", safe(&what(row)), safe(&to), cells.join(" | ")));
    }
    let mut page = Page::default();
    for (n, row) in found.rows.iter().enumerate() {
        let mut own = Page::default();
        for (side, c) in found.columns.iter().zip(&row.cells) {
            own.lines.extend(hangs(c).map(|t| Line { mark: Mark::Plain, text: format!("- {}: {t}", side.name) }));
        }
        for pair in found.pairs.iter().filter(|p| p.row == n) {
            for step in &pair.steps {
                let name = |n: usize| found.columns.get(n).map_or("", |s| s.name.as_str());
                let [a, b] = step.outcomes;
                let e_g = step.witness.as_ref().map_or(String::new(), |w| format!(", e.g. {}", consignment(&w[0])));
                own.put(
                    Mark::Plain,
                    format!("- {} {}, {} {}{e_g}", name(pair.columns[0]), word(a), name(pair.columns[1]), word(b)),
                );
            }
        }
        if !own.lines.is_empty() {
            page.put(Mark::Heading, format!("## {}", what(row)));
            page.lines.extend(own.lines);
        }
    }
    for line in page.lines {
        match line.mark {
            Mark::Heading => out.push_str(&format!("\n{}\n\n", safe(&line.text))),
            _ => out.push_str(&format!("{}\n", safe(&line.text))),
        }
    }
    out.push_str(&format!("\n{}\nThis is not legal advice.\n", safe(&from(found))));
    out
}

/// How two entries relate, as lines.
pub fn related(first: &str, second: &str, day: &str, found: &Related) -> Vec<Line> {
    let mut page = Page::default();
    let said = match found.relation {
        Some(Relation::Same) => format!("{second} is the same as {first}"),
        Some(Relation::Wider) => format!("{second} is wider than {first}"),
        Some(Relation::Narrower) => format!("{second} is narrower than {first}"),
        Some(Relation::Overlaps) => format!("{first} and {second} overlap"),
        Some(Relation::Apart) => format!("{first} and {second} are apart"),
        None => format!("how {second} relates to {first} took too much work to find out"),
    };
    page.wrap(Mark::Heading, "", &format!("{said} (on {day})"));
    for (holds, name) in found.holds.iter().zip([first, second]) {
        if !holds && found.relation.is_some() {
            page.wrap(Mark::Plain, "  ! ", &format!("{name} holds no goods on that day"));
        }
    }
    let parts = [
        (format!("in {first} alone"), &found.first_alone),
        ("in both".to_owned(), &found.both),
        (format!("in {second} alone"), &found.second_alone),
    ];
    for (title, goods) in parts {
        if let Some(g) = goods {
            page.wrap(Mark::Plain, "  - ", &format!("{title}: {}", facts(g)));
        }
    }
    page.wrap(Mark::Small, "", "Goods are compared by their description; the tariff code is taken to fit.");
    page.lines
}

fn facts(goods: &Goods) -> String {
    goods.facts.iter().map(|(f, v)| format!("{f} {v}")).collect::<Vec<_>>().join(", ")
}

/// How two entries relate, for programs.
pub fn related_json(first: &str, second: &str, day: &str, found: &Related) -> serde_json::Value {
    let goods = |g: &Option<Goods>| g.as_ref().map(|g| json!(g.facts));
    json!({
        "schema": "portcullis.entries/1", "as_of": day, "first": first, "second": second,
        "relation": found.relation.map(Relation::as_str), "holds": found.holds,
        "first_alone": goods(&found.first_alone), "both": goods(&found.both),
        "second_alone": goods(&found.second_alone)
    })
}
