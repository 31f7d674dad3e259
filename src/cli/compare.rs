//! `portcullis compare`: the law of several states side by side, or two entries of control lists.

use super::{Context, Format, Status};
use crate::analyze::compare::{self, Column, Comparison, Question};
use crate::analyze::entries;
use crate::consignment::Overlay;
use crate::model::{CategoryId, PlaceId, PolicyId, Relation, Type, World, country, read};
use crate::policy::Policy;
use crate::report;
use crate::spelling::nearest;

/// Lay the law of several states side by side, with a consignment for each difference
///
/// Each PATH is a column: a gate file, a folder, or the name of a shipped policy. A country without a file may be named
/// by its code: it is UNKNOWN, never free. Goods are those that links name, unless --goods picks some.
///
/// Examples:
///   portcullis compare eu us gb un --as-of 2026-03-02
///   portcullis compare eu.torture us.ear --as-of 2026-03-02 --goods alliance.goods.sjambok --to ZA
///   portcullis compare us gb --as-of 2026-03-02 --goods alliance.goods.plain_baton --by-destination
///   portcullis compare eu us --as-of 2026-03-02 --entries alliance.goods.shock_belt us.ear.0A982
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Gate files, folders, names of shipped policies, or codes of countries: a column each
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// The day whose law is compared
    #[arg(long, value_name = "DATE", required = true)]
    as_of: String,
    /// An entry that says what the goods are; any number of times
    #[arg(long, value_name = "ENTRY")]
    goods: Vec<String>,
    /// An activity; any number of times; `export` if none is named
    #[arg(long, value_name = "ACTIVITY")]
    activity: Vec<String>,
    /// From where goods leave: `FR` for all columns, or `eu=FR` for one
    #[arg(long, value_name = "[COLUMN=]PLACE")]
    from: Vec<String>,
    /// To where they go; any place but home if none is named
    #[arg(long, value_name = "PLACE")]
    to: Option<String>,
    /// Tell destinations apart: a row for those to which all columns decide alike
    #[arg(long)]
    by_destination: bool,
    /// A fact of every consignment, as `goods.kind=whip`
    #[arg(long, value_name = "FACT=VALUE")]
    set: Vec<String>,
    /// Say of each two columns where one is stricter; as a matter of course where there are two
    #[arg(long)]
    pairs: bool,
    /// Show a consignment for each outcome
    #[arg(long)]
    witnesses: bool,
    /// How the second entry relates to the first, instead of a table
    #[arg(long, num_args = 2, value_names = ["FIRST", "SECOND"])]
    entries: Option<Vec<String>>,
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let is_path = |path: &String| std::path::Path::new(path).exists() || country::by_code(path).is_none();
    let paths: Vec<String> = a.paths.iter().filter(|p| is_path(p)).cloned().collect();
    if paths.is_empty() {
        return Err(context.bad("name at least one policy: `eu.torture`, or a path to gate files"));
    }
    let mut set = a.set.clone();
    set.extend(a.to.iter().map(|to| format!("destination={to}")));
    let overlay = super::decide::overlay(context, Some(&a.as_of), &set)?;
    let mut loaded = super::load::load_linked(&paths, context.root.as_deref()).map_err(|m| context.bad(&m))?;
    loaded.files.retain(|f| !f.path.ends_with(".test.gate"));
    let policy = context.load(loaded)?;
    if let Some([first, second]) = a.entries.as_deref() {
        return two_entries(context, &policy, &overlay, first, second);
    }
    let question = question(context, a, &policy, &overlay)?;
    let found = compare::compare(policy.world(), &question);
    match context.format {
        Format::Json => context.json(&serde_json::to_value(&found).unwrap_or_default()),
        Format::Markdown => context.screen.out(&report::compare::markdown(&found)),
        _ => context.screen.report(&report::compare::lines(&found, a.witnesses)),
    }
    Ok(status(&found))
}

fn status(found: &Comparison) -> Status {
    let cells = || found.rows.iter().flat_map(|r| &r.cells).filter(|c| !c.at_home);
    if found.differ {
        Status::No
    } else if !found.resolved || cells().any(|c| c.unknown.is_some() || c.outcomes.len() != 1) {
        Status::Open
    } else {
        Status::Yes
    }
}

fn two_entries(
    context: &Context,
    policy: &Policy,
    overlay: &Overlay,
    first: &str,
    second: &str,
) -> Result<Status, Status> {
    let world = policy.world();
    let Some(day) = overlay.as_of else { return Err(context.bad("name the day with --as-of")) };
    let (a, b) = (entry(context, world, first)?, entry(context, world, second)?);
    let found = entries::relate(world, &a, &b, day, true);
    let names = [&a, &b].map(|ids| report::links::name(world, ids));
    let day = day.to_string();
    match context.format {
        Format::Json => context.json(&report::compare::related_json(&names[0], &names[1], &day, &found)),
        _ => {
            let lines = report::compare::related(&names[0], &names[1], &day, &found);
            match context.format {
                Format::Markdown => context.screen.out(&report::diff::markdown(&lines)),
                _ => context.screen.report(&lines),
            }
        }
    }
    Ok(match found.relation {
        Some(Relation::Same) => Status::Yes,
        Some(_) => Status::No,
        None => Status::Open,
    })
}

/// The versions of an entry by its name, perhaps after that of its policy.
fn entry(context: &Context, world: &World, name: &str) -> Result<Vec<CategoryId>, Status> {
    let all = || (0..).map(CategoryId).zip(&world.categories).filter(|(_, c)| !c.unnamed);
    let whole = |id: CategoryId| report::links::name(world, &[id]);
    let mut found: Vec<CategoryId> = all().filter(|(id, _)| whole(*id) == name).map(|(id, _)| id).collect();
    if found.is_empty() {
        found = all().filter(|(_, c)| c.name == name).map(|(id, _)| id).collect();
    }
    match found.first() {
        None => {
            let names: Vec<String> = all().map(|(id, _)| whole(id)).collect();
            let near = nearest(name, names.iter().map(String::as_str));
            let help = near.map_or(String::new(), |n| format!("; did you mean `{n}`?"));
            Err(context.bad(&format!("there is no entry `{name}`{help}")))
        }
        Some(first) if found.iter().any(|id| world.category(*id).policy != world.category(*first).policy) => {
            let mut names: Vec<String> = found.iter().map(|id| whole(*id)).collect();
            names.dedup();
            Err(context.bad(&format!("several policies have an entry `{name}`; write {}", names.join(" or "))))
        }
        Some(_) => Ok(found),
    }
}

fn question(context: &Context, a: &Arguments, policy: &Policy, overlay: &Overlay) -> Result<Question, Status> {
    let world = policy.world();
    let base = policy.read("--set", "{}", overlay).map_err(|r| context.reject(&r))?;
    let mut columns = Vec::new();
    for path in &a.paths {
        columns.push(column(context, a, policy, path)?);
    }
    let mut goods = Vec::new();
    if a.goods.is_empty() {
        goods = linked(world, &columns);
        let given = base.items.iter().any(|i| !i.is_empty());
        if goods.is_empty() && !given {
            return Err(context.bad("no link names goods; say which with `--goods ENTRY`, or give facts with `--set`"));
        }
        if given {
            goods.clear();
        }
    }
    for name in &a.goods {
        let ids = entry(context, world, name)?;
        goods.push((report::links::name(world, &ids), ids));
    }
    let mut activities = a.activity.clone();
    if let Some(fact) = world.fact_named("activity").filter(|f| !base.facts.contains_key(f))
        && let Type::Choice(id) = &world.fact(fact).ty
    {
        if activities.is_empty() {
            activities.push("export".to_owned());
        }
        let known = |name: &str| world.enum_type(*id).and_then(|e| e.find(name)).is_some();
        if let Some(unknown) = activities.iter().find(|n| !known(n)) {
            return Err(
                context.bad(&format!("`{unknown}` is no activity; expected {}", world.fact(fact).ty.expects(world)))
            );
        }
    }
    let pairs = a.pairs || columns.len() == 2;
    Ok(Question { base, columns, goods, activities, by_destination: a.by_destination, pairs, limit: compare::LIMIT })
}

/// A column of the table.
fn column(context: &Context, a: &Arguments, policy: &Policy, path: &str) -> Result<Column, Status> {
    let world = policy.world();
    let shown = path.trim_end_matches('/');
    let name = shown.rsplit('/').next().unwrap_or(shown).trim_end_matches(".gate").to_owned();
    let mut policies = Vec::new();
    if std::path::Path::new(path).exists() || country::by_code(path).is_none() {
        let named = context.files(&[path.to_owned()])?.named;
        for (id, (_, folder)) in (0..).map(PolicyId).zip(policy.folders()) {
            if named.iter().any(|(file, _)| file.starts_with(&folder)) {
                policies.push(id);
            }
        }
        if policies.is_empty() {
            return Err(context.bad(&format!("`{path}` holds no policy")));
        }
    }
    let mut from: Option<PlaceId> = None;
    for text in &a.from {
        let (column, place) = text.split_once('=').map_or((None, text.as_str()), |(c, p)| (Some(c), p));
        let Some(found) = read::place(place, world) else {
            return Err(context.bad(&format!("--from {text}: `{place}` is no country code and no declared place")));
        };
        if column.is_none_or(|c| c == name || c == path) {
            from = Some(found);
        }
    }
    Ok(Column { name, policies, from })
}

/// The goods to which links tie an entry of any of the columns.
fn linked(world: &World, columns: &[Column]) -> Vec<(String, Vec<CategoryId>)> {
    let ours =
        |id: &CategoryId| world.category(*id).policy.is_some_and(|p| columns.iter().any(|c| c.policies.contains(&p)));
    let mut out: Vec<(String, Vec<CategoryId>)> = Vec::new();
    for link in world.links.iter().filter(|l| l.entry.iter().any(ours)) {
        let name = report::links::name(world, &link.to);
        if !out.iter().any(|(n, _)| *n == name) {
            out.push((name, link.to.clone()));
        }
    }
    out
}
