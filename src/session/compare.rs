//! Two answers side by side: on two days, of two policies, of two entries, or before and after a change.

use crate::eval::Decision;
use crate::eval::decision::PolicyDecision;
use crate::model::date::parse_date;
use crate::model::{Atom, AtomKind, CategoryId, Cond, World};
use crate::report::{Mark, Page, parents_in_force, words};
use crate::span::Span;

use super::answers::answers;
use super::{Reply, Session, Trouble, broken, question};

/// How wide the names of the rows are, and each column.
const NAME: usize = 12;
const COLUMN: usize = 32;

/// A row: its name, and what each side says.
type Row = (&'static str, String, String);

impl Session {
    /// `:compare A B`
    pub(super) fn compare(&self, text: &str) -> Reply {
        let sides: Vec<&str> = text.split_whitespace().collect();
        let [a, b] = sides.as_slice() else {
            return Err("name two dates, two policies or two entries: `:compare 2025-08-19 2025-08-20`".into());
        };
        let mut page = Page::default();
        let policy = self.policy()?;
        let world = policy.world();
        if let (Some(_), Some(_)) = (parse_date(a), parse_date(b)) {
            let on = |day: &str| {
                let mut draft = self.draft.clone();
                draft.shared.insert("date".to_owned(), crate::consignment::one::Written::One(day.to_owned()));
                let case = draft.case(policy).map_err(|p| Trouble::Problems(crate::source::Sources::new(), p))?;
                self.decide(&case, false)
            };
            let (first, second) = (on(a)?, on(b)?);
            decisions((a, &first), (b, &second), &mut page);
            return Ok(page.lines);
        }
        let is_policy = |name: &str| world.policies.iter().any(|p| p.name == name);
        if is_policy(a) && is_policy(b) {
            let decision = self.decide(&self.case()?, false)?;
            let of = |name: &str| {
                let all: Vec<_> = answers(&decision).map(|(_, p)| p).filter(|p| p.policy == name).collect();
                rows_of(&all)
            };
            side_by_side((a, of(a)), (b, of(b)), &mut page);
            return Ok(page.lines);
        }
        let (first, second) = (entries(world, a), entries(world, b));
        for (name, found) in [(a, &first), (b, &second)] {
            if found.is_empty() {
                let all = world.categories.iter().map(|c| c.name.as_str());
                let near = crate::spelling::nearest(name, all.chain(world.policies.iter().map(|p| p.name.as_str())));
                let help = near.map_or_else(
                    || "name two dates, two policies or two entries".to_owned(),
                    |n| format!("did you mean `{n}`?"),
                );
                return Err(format!("`{name}` is no date, policy or entry; {help}").into());
            }
        }
        let (left, right) = (self.entry_rows(&first)?, self.entry_rows(&second)?);
        side_by_side((a, left), (b, right), &mut page);
        Ok(page.lines)
    }

    /// What an entry says of the consignment at hand.
    fn entry_rows(&self, ids: &[CategoryId]) -> Result<Vec<(&'static str, String)>, Trouble> {
        let (policy, case) = (self.policy()?, self.case()?);
        let world = policy.world();
        let on_day = ids.iter().find(|id| {
            let category = world.category(**id);
            category.in_force.on(case.date) && parents_in_force(world, category, case.date)
        });
        let Some(id) = on_day else {
            return Ok(vec![("title", title(world, ids)), ("holds", format!("not in force on {}", case.date))]);
        };
        let category = world.category(*id);
        let cond = Cond::Atom(Atom { span: Span::default(), kind: AtomKind::In(ids.to_vec()) });
        let asked = question::ask(policy, &case, &cond).map_err(|b| broken(&b))?;
        let word = |a: &question::Asked| {
            let word = match a.holds {
                Some(true) => "yes",
                Some(false) => "no",
                None => "unknown",
            };
            a.item.map_or(word.to_owned(), |i| format!("item {i}: {word}"))
        };
        let hangs: Vec<&str> = asked.iter().flat_map(|a| a.hangs_on.iter().map(|m| m.fact.as_str())).collect();
        let codes = category.codes.iter().flat_map(|(_, list)| {
            list.items.iter().map(|i| format!("{}{}", if i.ex { "ex " } else { "" }, list.scheme.display(&i.from)))
        });
        let mut parts = Vec::new();
        let conds: Vec<&Cond> = match &category.cond {
            Cond::All(list) => list.iter().collect(),
            one => vec![one],
        };
        for cond in conds.into_iter().filter(|c| !c.is_always()) {
            let asked = question::ask(policy, &case, cond).map_err(|b| broken(&b))?;
            let sign = match asked.iter().map(|a| a.holds).collect::<Vec<_>>().as_slice() {
                [Some(true)] => "+ ",
                [Some(false)] => "- ",
                [None] => "? ",
                _ => "",
            };
            parts.push(format!("{sign}{}", crate::model::display::cond(cond, world)));
        }
        Ok(vec![
            ("title", category.title.clone().unwrap_or_default()),
            ("holds", asked.iter().map(word).collect::<Vec<_>>().join(", ")),
            ("hangs on", hangs.join(", ")),
            ("cite", category.cite.clone().unwrap_or_default()),
            ("codes", codes.collect::<Vec<_>>().join(", ")),
            ("conditions", parts.join("\n")),
        ])
    }
}

fn title(world: &World, ids: &[CategoryId]) -> String {
    ids.last().and_then(|id| world.category(*id).title.clone()).unwrap_or_default()
}

/// The versions of an entry; the name may be the end of its own, as `2.3` of `annex_II.2.3`.
fn entries(world: &World, name: &str) -> Vec<CategoryId> {
    let named = |exact: bool| -> Vec<CategoryId> {
        let is = |n: &str| if exact { n == name } else { n.strip_suffix(name).is_some_and(|h| h.ends_with('.')) };
        let all = world.categories.iter().enumerate().filter(|(_, c)| !c.unnamed && is(&c.name));
        all.map(|(i, _)| CategoryId(i as u32)).collect()
    };
    let exact = named(true);
    if !exact.is_empty() {
        return exact;
    }
    let loose = named(false);
    let one = loose.iter().all(|id| world.category(*id).name == world.category(loose[0]).name);
    if one { loose } else { Vec::new() }
}

/// Two decisions side by side.
pub fn decisions((a, first): (&str, &Decision), (b, second): (&str, &Decision), page: &mut Page) {
    let of = |d: &Decision| {
        let all: Vec<&PolicyDecision> = answers(d).map(|(_, p)| p).collect();
        let mut rows = rows_of(&all);
        let may = proceed(d.may_proceed);
        rows[0].1 = words(d.outcome.0).to_lowercase();
        rows[1].1 = may.to_owned();
        rows
    };
    side_by_side((a, of(first)), (b, of(second)), page);
}

fn proceed(may: Option<bool>) -> &'static str {
    match may {
        Some(true) => "yes",
        Some(false) => "no",
        None => "open",
    }
}

/// What the answers of one or several policies say, a row each.
fn rows_of(all: &[&PolicyDecision]) -> Vec<(&'static str, String)> {
    let list = |f: &dyn Fn(&PolicyDecision) -> Vec<String>| {
        let mut out: Vec<String> = Vec::new();
        for entry in all.iter().flat_map(|p| f(p)) {
            if !out.contains(&entry) {
                out.push(entry);
            }
        }
        out.join("\n")
    };
    let outcomes = list(&|p| vec![words(p.outcome.0).to_lowercase()]);
    let may = list(&|p| vec![proceed(p.may_proceed).to_owned()]);
    vec![
        ("outcome", outcomes),
        ("may proceed", may),
        ("possible", list(&|p| p.possible.outcomes.iter().map(|o| words(Some(*o)).to_lowercase()).collect())),
        ("because", list(&|p| p.decided_by.iter().map(|r| format!("{} ({})", r.rule, r.cite)).collect())),
        ("gives way", list(&|p| p.defeated.iter().map(|d| format!("{} to {}", d.rule, d.by)).collect())),
        ("in", list(&|p| p.categories.clone())),
        ("licences", list(&|p| p.requirements.iter().map(|r| r.licence.clone()).collect())),
        ("documents", list(&|p| p.documents.clone())),
        ("duties", list(&|p| p.duties.iter().map(|d| d.duty.clone()).collect())),
        ("to be asked", list(&|p| p.missing.iter().map(|m| m.fact.clone()).collect())),
        ("claimable", list(&|p| p.claimable.iter().map(|c| c.rule.clone()).collect())),
    ]
}

/// Rows in two columns; `*` marks those that differ, and rows in which nothing stands are left out.
fn side_by_side(
    (a, first): (&str, Vec<(&'static str, String)>),
    (b, second): (&str, Vec<(&'static str, String)>),
    page: &mut Page,
) {
    let mut rows: Vec<Row> = Vec::new();
    for (name, left) in &first {
        let right = second.iter().find(|(n, _)| n == name).map_or("", |(_, r)| r.as_str());
        rows.push((name, left.clone(), right.to_owned()));
    }
    for (name, right) in second.iter().filter(|(n, _)| first.iter().all(|(f, _)| f != n)) {
        rows.push((name, String::new(), right.clone()));
    }
    put(page, Mark::Heading, ' ', "", a, b);
    for (name, left, right) in rows.iter().filter(|(_, l, r)| !l.is_empty() || !r.is_empty()) {
        let sign = if left == right { ' ' } else { '*' };
        put(page, Mark::Plain, sign, name, or_dash(left), or_dash(right));
    }
    if rows.iter().all(|(_, l, r)| l == r) {
        page.put(Mark::Small, "They say the same.");
    }
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

fn put(page: &mut Page, mark: Mark, sign: char, name: &str, left: &str, right: &str) {
    let cell = |text: &str| -> Vec<String> {
        let options = textwrap::Options::new(COLUMN).subsequent_indent("  ");
        text.lines().flat_map(|l| textwrap::wrap(l, &options)).map(|l| l.into_owned()).collect()
    };
    let (left, right) = (cell(left), cell(right));
    for i in 0..left.len().max(right.len()) {
        let at = |cells: &[String]| cells.get(i).cloned().unwrap_or_default();
        let (sign, name) = if i == 0 { (sign, name) } else { (' ', "") };
        let width = COLUMN + 1;
        let line = format!("{sign} {name:NAME$}{:width$}{}", at(&left), at(&right));
        page.put(mark, line.trim_end());
    }
}

/// The outcome of a decision in a word.
pub fn outcome(decision: &Decision) -> String {
    words(decision.outcome.0).to_lowercase()
}
