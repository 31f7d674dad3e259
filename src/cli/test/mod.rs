//! `portcullis test`: runs the tests that gate files declare, and measures them.

mod generate;
mod junit;
mod mutate;
mod update;
mod watch;

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::PathBuf;

use serde_json::json;

use super::load::Loaded;
use super::{Context, Format, Status};
use crate::policy::Policy;
use crate::span::FileId;
use crate::testing::coverage::{self, Coverage};
use crate::testing::mutate::Report;
use crate::testing::{self, Outcome};
use crate::{report, testing::update as rewriting};

/// Run the tests and tables of gate files
///
/// Examples:
///   portcullis test policies
///   portcullis test --filter "sjambok" eu.torture
///   portcullis test --coverage --at-least 95 policies/eu
///   portcullis test --mutate=annex_II policies/eu
///   portcullis test --generate=art_3_1 policies/eu/torture
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Gate files, folders, or names of shipped policies
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// Only tests whose name, policy or place holds this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Show what failing tests should expect by what the decision says, and write it into the files
    #[arg(long)]
    update: bool,
    /// Run again whenever a file changes
    #[arg(long, conflicts_with = "update")]
    watch: bool,
    /// Stop watching after so many runs
    #[arg(long, hide = true, requires = "watch", value_name = "N")]
    watch_runs: Option<u32>,
    /// Say which sentences of the law in the paths no test tests
    #[arg(long)]
    coverage: bool,
    /// Make mistakes in the law of the paths, one at a time, and say which no test catches; only in declarations
    /// whose name holds NAME
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "",
        conflicts_with_all = ["update", "watch"])]
    mutate: Option<String>,
    /// Show tests on both sides of what a rule rests on, as the law decides them now, to be read and kept: for the
    /// rule NAME, or for all rules of the paths
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "",
        conflicts_with_all = ["update", "watch", "mutate", "coverage", "at_least", "lcov", "html", "filter"])]
    generate: Option<String>,
    /// With --generate, add the tests to the test files beside the law, where none of them stands yet
    #[arg(long, requires = "generate")]
    write: bool,
    /// Exit with status 1 if any measure of coverage, or with --mutate of mistakes caught, stays below this percentage
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    at_least: Option<u8>,
    /// How many gaps of each measure to show
    #[arg(long, value_name = "N", default_value_t = 10)]
    gaps: usize,
    /// Write the coverage of each line to this file, in the LCOV format
    #[arg(long, value_name = "FILE")]
    lcov: Option<PathBuf>,
    /// Write the law with its gaps marked to this file, as a page for the browser
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// How many tests to run at a time [default: one for each processor]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
}

impl Arguments {
    fn measures(&self) -> bool {
        self.coverage || self.at_least.is_some() && self.mutate.is_none() || self.lcov.is_some() || self.html.is_some()
    }
}

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    if a.watch { watch::run(context, a) } else { once(context, a) }
}

fn once(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let loaded = context.files(&a.paths)?;
    let again = (a.update || a.generate.is_some()).then(|| loaded.clone());
    let named = named(&loaded);
    let policy = context.load(loaded)?;
    let files = policy.sources().iter().filter(|(_, f)| named.contains(&f.name)).map(|(id, _)| id);
    let files: BTreeSet<FileId> = files.collect();
    if let (Some(name), Some(loaded)) = (&a.generate, &again) {
        return generate::run(context, &policy, loaded.clone(), name, &files, a.write);
    }
    let tests = testing::chosen(&policy, a.filter.as_deref());
    if tests.is_empty() {
        context.screen.err("no test was found\n");
        return Ok(Status::No);
    }
    let threads = a.jobs.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    let bar = bar(context, tests.len(), "tests");
    let done = |n: usize| bar.set_position(n as u64);
    let threads = threads.clamp(1, tests.len());
    let crew = |work: &(dyn Fn() + Sync)| {
        std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    };
    let (outcomes, coverage) = if a.measures() {
        let (outcomes, coverage) = testing::run_covered(&policy, &tests, &files, &crew, &done);
        (outcomes, Some(coverage))
    } else {
        (testing::run_on(&policy, &tests, &crew, &done), None)
    };
    bar.finish_and_clear();
    let mut failed = outcomes.iter().any(|o| !o.passed());
    let mutation = a.mutate.as_deref().map(|name| {
        let bar = self::bar(context, 0, "mistakes");
        let done = |n: usize, of: usize| {
            bar.set_length(of as u64);
            bar.set_position(n as u64);
        };
        let report = testing::mutate::run(&policy, Some(name), &files, &crew, &done);
        bar.finish_and_clear();
        report
    });
    tell(context, &policy, &outcomes, coverage.as_ref().map(|c| (c, a.gaps)), mutation.as_ref())?;
    if let (Some(report), Some(percent)) = (&mutation, a.at_least)
        && !report.reaches(percent.into())
    {
        context.screen.err(&format!("{} % caught is less than the {percent} % asked for\n", report.percent()));
        failed = true;
    }
    if let Some(coverage) = &coverage {
        failed |= measured(context, a, &policy, coverage)?;
    }
    if let Some(loaded) = again {
        let failing: Vec<_> = tests.iter().zip(&outcomes).filter(|(_, o)| !o.passed()).map(|(t, _)| *t).collect();
        return update::run(context, &policy, loaded, &rewriting::plan(&policy, &failing), failing.len());
    }
    Ok(if failed { Status::No } else { Status::Yes })
}

/// The names in messages of the files that the paths name.
fn named(loaded: &Loaded) -> BTreeSet<String> {
    loaded.named.iter().map(|(path, _)| format!("{}{path}", loaded.prefix)).collect()
}

/// A bar on a terminal; elsewhere nothing is drawn.
fn bar(context: &Context, count: usize, what: &str) -> indicatif::ProgressBar {
    if context.format != Format::Text || !std::io::stderr().is_terminal() {
        return indicatif::ProgressBar::hidden();
    }
    let style = indicatif::ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {what}"));
    indicatif::ProgressBar::new(count as u64)
        .with_style(style.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar()))
}

fn tell(
    context: &Context,
    policy: &Policy,
    outcomes: &[Outcome],
    coverage: Option<(&Coverage, usize)>,
    mutation: Option<&Report>,
) -> Result<(), Status> {
    let failed = outcomes.iter().filter(|o| !o.passed()).count();
    match context.format {
        Format::Json => {
            let mut answer = json!({ "passed": outcomes.len() - failed, "failed": failed, "tests": outcomes });
            if let Some((coverage, _)) = coverage {
                answer["coverage"] = coverage.json(policy);
            }
            if let Some(report) = mutation {
                answer["mutation"] = json!(report);
            }
            context.json(&answer);
        }
        Format::Junit => match junit::report(policy, outcomes) {
            Ok(text) => context.screen.out(&text),
            Err(problem) => return Err(context.bad(&problem)),
        },
        Format::Text | Format::Markdown => {
            for outcome in outcomes.iter().filter(|o| !o.passed()) {
                context.screen.report(&report::failure(policy, outcome));
            }
            context.screen.out(&format!("{} passed, {failed} failed\n", outcomes.len() - failed));
            if let Some((coverage, gaps)) = coverage {
                context.screen.out(&format!("\n{}", coverage::text(policy, coverage, gaps)));
            }
            if let Some(report) = mutation {
                context.screen.out(&format!("\n{}", mutate::text(report)));
            }
        }
    }
    Ok(())
}

/// Writes what was measured; true if it is less than was asked for.
fn measured(context: &Context, a: &Arguments, policy: &Policy, coverage: &Coverage) -> Result<bool, Status> {
    let pages = [(&a.lcov, coverage::lcov as fn(&Policy, &Coverage) -> String), (&a.html, coverage::html)];
    for (path, page) in pages {
        if let Some(path) = path {
            std::fs::write(path, page(policy, coverage))
                .map_err(|e| context.bad(&format!("`{}`: {e}", path.display())))?;
        }
    }
    let Some(percent) = a.at_least else { return Ok(false) };
    let below = coverage.below(percent);
    for r in &below {
        let name = r.measure.name();
        context.screen.err(&format!("{name}: {} % is less than the {percent} % asked for\n", r.percent()));
    }
    Ok(!below.is_empty())
}
