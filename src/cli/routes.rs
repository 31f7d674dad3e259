//! `portcullis routes`: ways round a rule, through states in which it is weaker.

use std::path::Path;

use super::{Context, Format, Status, load};
use crate::analyze::routes::{self, Answer, Routes, Trouble};
use crate::consignment::Overlay;
use crate::model::{Case, CategoryId};
use crate::policy::Policy;
use crate::report;

/// Find ways round a rule: paths of up to three legs on each of which the law is weaker than directly
///
/// A leg that leaves a state for which no policy is loaded is UNKNOWN, never free.
///
/// Examples:
///   portcullis routes -p eu.torture -p us.ear -p gb.torture --goods examples/goods/sjambok.json --from US --to ZA
///   portcullis routes -p eu.torture --goods alliance.goods.execution_barbiturate --from DE --to US --as-of 2026-03-02
///   portcullis routes -p policies --goods consignment.json --set origin=US --format json
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Policies: gate files, folders, or names of shipped policies
    #[arg(short, long = "policy", required = true, value_name = "PATH")]
    policy: Vec<String>,
    /// A consignment with what is known of the goods, or an entry of a list
    #[arg(long, value_name = "FILE|ENTRY")]
    goods: String,
    /// Where they start, if the consignment does not say it
    #[arg(long, value_name = "STATE")]
    from: Option<String>,
    /// Where they end, if the consignment does not say it
    #[arg(long, value_name = "STATE")]
    to: Option<String>,
    /// What is done with them, if the consignment does not say it; otherwise `export`
    #[arg(long, value_name = "ACTIVITY")]
    activity: Option<String>,
    /// The date, if the consignment has none
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Set a fact on top of the consignment; `unknown` takes it away
    #[arg(long, value_name = "FACT=VALUE")]
    set: Vec<String>,
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let mut overlay = super::decide::overlay(context, a.as_of.as_deref(), &a.set)?;
    let given = [("from", &a.from), ("destination", &a.to), ("activity", &a.activity)];
    overlay.set.extend(given.into_iter().filter_map(|(fact, v)| Some((fact.to_owned(), v.clone()?))));
    let (policy, case) = match Path::new(&a.goods).is_file() {
        true => of_file(context, a, &overlay)?,
        false => of_entry(context, a, &overlay)?,
    };
    let (engine, plain) = (policy.evaluator(), policy.plain_evaluator());
    let found = routes::find(policy.world(), &engine, &plain, &case).map_err(|t| trouble(context, &t))?;
    print(context, &found);
    Ok(status(&found))
}

fn of_file(context: &Context, a: &Arguments, overlay: &Overlay) -> Result<(Policy, Case), Status> {
    let policy = context.policy_alone(&a.policy)?;
    let bytes = std::fs::read(&a.goods).map_err(|e| context.bad(&format!("`{}` cannot be read: {e}", a.goods)))?;
    let text = String::from_utf8(bytes).map_err(|_| context.bad(&format!("`{}` is not UTF-8 text", a.goods)))?;
    let case = read(context, &policy, &a.goods, &text, overlay)?;
    Ok((policy, case))
}

/// Goods of an entry, which may stand in a module that the policies do not use.
fn of_entry(context: &Context, a: &Arguments, overlay: &Overlay) -> Result<(Policy, Case), Status> {
    let mut paths = a.policy.clone();
    let mut policy = context.policy_alone(&paths)?;
    let mut entry = entries(&policy, &a.goods);
    if entry.is_empty()
        && let Some(module) = load::module_of(&a.policy, context.root.as_deref(), &a.goods)
    {
        paths.push(module);
        policy = context.policy_alone(&paths)?;
        entry = entries(&policy, &a.goods);
    }
    if entry.is_empty() {
        let names = policy.world().categories.iter().map(|c| c.name.as_str());
        let help =
            crate::spelling::nearest(&a.goods, names).map_or(String::new(), |n| format!("; did you mean `{n}`?"));
        return Err(context.bad(&format!("there is no file and no entry `{}`{help}", a.goods)));
    }
    let case = read(context, &policy, "--goods", "{}", overlay)?;
    let found = routes::goods_of(policy.world(), &policy.evaluator(), &case, &entry);
    let case = found.ok_or_else(|| {
        context.bad(&format!("no goods could be found that are in `{}` on {} and as --set says", a.goods, case.date))
    })?;
    Ok((policy, case))
}

/// The versions of an entry, by its name or its name after that of its policy.
fn entries(policy: &Policy, name: &str) -> Vec<CategoryId> {
    let world = policy.world();
    let called = |c: &crate::model::Category| {
        let own = c.policy.and_then(|p| world.policies.get(p.index()));
        c.name == name || own.is_some_and(|p| name == format!("{}.{}", p.name, c.name))
    };
    let all = world.categories.iter().enumerate().filter(|(_, c)| !c.unnamed && called(c));
    all.map(|(i, _)| CategoryId(i as u32)).collect()
}

fn read(context: &Context, policy: &Policy, name: &str, text: &str, overlay: &Overlay) -> Result<Case, Status> {
    let mut case = policy.read(name, text, overlay).map_err(|r| context.reject(&r))?;
    let activity = policy.world().fact_named("activity");
    if activity.is_some_and(|f| !case.facts.contains_key(&f)) {
        let mut export = overlay.clone();
        export.set.push(("activity".to_owned(), "export".to_owned()));
        case = policy.read(name, text, &export).map_err(|r| context.reject(&r))?;
    }
    Ok(case)
}

fn trouble(context: &Context, trouble: &Trouble) -> Status {
    let message = match trouble {
        Trouble::NoFact(name) => format!("this law declares no fact `{name}` that is a country, so it knows no routes"),
        Trouble::NotSaid("from") => "say where the goods start: --from STATE".to_owned(),
        Trouble::NotSaid(_) => "say where the goods end: --to STATE".to_owned(),
        Trouble::Nowhere => "the goods start where they end".to_owned(),
        Trouble::Broken(broken) => {
            let each = broken
                .constraints
                .iter()
                .map(|(name, title, facts)| format!("`{name}`: {title} ({})", facts.join(", ")));
            format!("the facts given cannot all be so: {}", each.collect::<Vec<_>>().join("; "))
        }
    };
    context.bad(&message)
}

fn print(context: &Context, found: &Routes) {
    let lines = report::routes::lines(found);
    match context.format {
        Format::Json => context.json(&serde_json::to_value(found).unwrap_or_default()),
        Format::Markdown => context.screen.out(&report::routes::markdown(&lines)),
        _ => context.screen.report(&lines),
    }
}

/// Whether the rule holds whichever way the goods go.
fn status(found: &Routes) -> Status {
    match found.answer {
        Answer::Closed | Answer::NothingToGoRound => Status::Yes,
        Answer::Open => Status::No,
        _ => Status::Open,
    }
}
