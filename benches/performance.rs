//! The table of `docs/performance.md`: what must be fast, measured beside the plain interpreter and beside hand-written
//! Rust, as ratios taken in turn in one run.
//!
//! `cargo bench --bench performance -- --date 2026-03-02 --write` measures and puts the table into the page;
//! without `--write` it prints it. The day is an argument, since nothing here reads a clock but the stopwatch. First
//! all ways of deciding are compared row by row; there are no figures where they do not agree.

#![allow(clippy::float_arithmetic, reason = "times are measured, nothing is decided by them")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::{Command, ExitCode, Stdio};

use portcullis::analyze::{diff, same};
use portcullis::consignment::{Overlay, write};
use portcullis::engine::bits::Bits;
use portcullis::eval::verdict::Verdict;
use portcullis::interview::Interview;
use portcullis::model::{Case, PolicyId};
use portcullis::{Evaluator, LawFile, Loader, Options, Policy};

#[path = "support/mod.rs"]
mod support;
use support::watch::{in_turn, median, once, peak, resident};
use support::{SIZES, broad, hand, listed};

/// The page, and where the figures stand in it.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.md");
const BEGIN: &str = "<!-- figures: written by `cargo bench --bench performance` -->\n";
const END: &str = "<!-- end of figures -->";

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if given.first().is_some_and(|a| a == "child") {
        return child(&given[1..]);
    }
    let after = |name: &str| given.iter().position(|a| a == name).and_then(|i| given.get(i + 1)).cloned();
    let Some(day) = after("--date") else {
        eprintln!("say which day it is: --date 2026-03-02");
        return ExitCode::FAILURE;
    };
    let only = after("--only");
    let wanted = |name: &str| only.as_deref().is_none_or(|o| o == name);
    let mut out = format!("{}\n\n", machine(&day));
    type Part = (&'static str, fn(&mut String));
    let parts: [Part; 5] =
        [("decide", decisions), ("load", loads), ("unknown", unknowns), ("versions", versions), ("start", starts)];
    for (name, part) in parts.into_iter().filter(|(n, _)| wanted(n)) {
        eprintln!("measuring: {name}");
        part(&mut out);
    }
    if !given.iter().any(|a| a == "--write") {
        print!("{out}");
        return ExitCode::SUCCESS;
    }
    let page = std::fs::read_to_string(PAGE).unwrap_or_default();
    let (Some((head, rest)), true) = (page.split_once(BEGIN), only.is_none()) else {
        eprintln!("{PAGE} has no place for all figures");
        return ExitCode::FAILURE;
    };
    let tail = rest.split_once(END).map_or("", |(_, t)| t);
    match std::fs::write(PAGE, format!("{head}{BEGIN}\n{out}{END}{tail}")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{PAGE}: {e}");
            ExitCode::FAILURE
        }
    }
}

/// What the machine is, without its name.
fn machine(day: &str) -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, key: &str| {
        text.lines().find(|l| l.starts_with(key)).and_then(|l| l.split(':').nth(1)).map(|v| v.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpu = field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let memory = field(&read("/proc/meminfo"), "MemTotal").unwrap_or_default();
    let gigabytes = memory.split(' ').next().and_then(|n| n.parse::<u64>().ok()).map_or(0, |kb| kb.div_ceil(1 << 20));
    let load = read("/proc/loadavg").split(' ').next().unwrap_or("?").to_owned();
    format!("Measured on {day}: {cores} cores ({cpu}), {gigabytes} GiB, load {load} when it began.")
}

fn load(files: Vec<LawFile>) -> Policy {
    Policy::load(files).unwrap_or_else(|r| panic!("{r}"))
}

/// A time with its unit.
fn time(ns: f64) -> String {
    let (value, unit) = match ns {
        n if n.is_nan() => return "–".to_owned(),
        n if n < 1e3 => (n, "ns"),
        n if n < 1e6 => (n / 1e3, "µs"),
        n if n < 1e9 => (n / 1e6, "ms"),
        n => (n / 1e9, "s"),
    };
    if value < 10.0 { format!("{value:.2} {unit}") } else { format!("{value:.0} {unit}") }
}

/// How many times one is the other.
fn times(a: f64, b: f64) -> String {
    let ratio = a / b;
    if ratio < 10.0 { format!("{ratio:.2}") } else { format!("{ratio:.0}") }
}

/// A goal beside what was measured, both in nanoseconds.
fn goal(measured: f64, goal: f64) -> String {
    let word = if measured <= goal { "met" } else { "missed" };
    format!("{} ({word})", time(goal))
}

fn table(out: &mut String, title: &str, head: &[&str]) {
    let _ = write!(out, "## {title}\n\n| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
}

fn line(out: &mut String, cells: &[String]) {
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

/// How many rows of a policy of a size are decided in one pass by what walks the law.
fn passes(size: usize) -> usize {
    (20_000 / size).clamp(10, 400)
}

/// Compares every way of deciding on some rows, and says how many were compared.
fn agree(model: &listed::Policy, policy: &Policy, evaluator: &Evaluator<'_>, rows: &[listed::Row]) -> usize {
    let (tables, columns) = (hand::Tables::new(model), hand::Columns::new(rows));
    let mut by_columns = Vec::new();
    hand::Bound::new(model, &columns).decide(&columns, &mut by_columns);
    for (row, by_column) in rows.iter().zip(&by_columns) {
        let wanted = model.decide(row);
        let decision = evaluator.decide(&row.case(policy.world()), &Options::default());
        let said = decision.unwrap_or_else(|_| panic!("it breaks no constraint"));
        assert_eq!(said.outcome.as_str(), wanted.outcome.word(), "{row:?}");
        assert_eq!((tables.decide(row), *by_column), (wanted, wanted), "{row:?}");
        if model.size == 36 {
            assert_eq!(hand::decide(row), wanted, "{row:?}");
        }
    }
    rows.len()
}

/// On so many rows verdicts are measured.
const MANY: usize = 2_000;

fn decisions(out: &mut String) {
    table(
        out,
        "One decision",
        &[
            "listed items",
            "rows that agree",
            "settled by bits",
            "verdict, from a parsed consignment never met",
            "the same, once met",
            "goal",
            "verdict, from classes",
            "goal",
            "a row of many, as columns",
            "goal",
            "decision with all reasons in words",
            "the same by the plain interpreter",
            "tables by hand",
            "a function by hand",
            "columns by hand",
            "verdict × tables by hand",
            "plain × verdict",
        ],
    );
    for size in SIZES {
        let model = listed::Policy::new(size);
        let policy = load(model.files());
        let (engine, plain) = (policy.evaluator(), policy.plain_evaluator());
        let rows: Vec<listed::Row> = model.rows().take(100_000).collect();
        let few = &rows[..passes(size)];
        let compared = agree(&model, &policy, &engine, few);
        let cases: Vec<Case> = few.iter().map(|r| r.case(policy.world())).collect();
        let options = Options::default();
        let all = |e: &Evaluator<'_>| {
            for case in &cases {
                let _ = black_box(e.decide(black_box(case), &options));
            }
        };
        let (tables, columns) = (hand::Tables::new(&model), hand::Columns::new(&rows));
        let (bound, mut decided) = (hand::Bound::new(&model, &columns), Vec::with_capacity(rows.len()));
        let law: Vec<PolicyId> = (0..policy.world().policies.len() as u32).map(PolicyId).collect();
        let bits = Bits::new(policy.world());
        let (mut first, mut second) = (bits.clerk(), bits.clerk());
        // Verdicts are quick: they are measured on more rows. A clerk who met none before takes them once, the others
        // time and again.
        let many: Vec<Case> = rows[..MANY].iter().map(|r| r.case(policy.world())).collect();
        let mut beginner = bits.clerk();
        let mut new = Verdict::default();
        let cold = once(|| {
            for case in &many {
                black_box(beginner.decide_into(&engine, black_box(case), &law, &mut new));
            }
        }) / many.len() as f64;
        let (mut settled, mut classes): (Vec<&Case>, Vec<_>) = (Vec::new(), Vec::new());
        for case in &many {
            if first.decide(&engine, case, &law).is_some() && second.decide(&engine, case, &law).is_some() {
                settled.push(case);
                classes.extend(second.classify(case));
            }
        }
        let (mut verdict, mut other) = (Verdict::default(), Verdict::default());
        let mut by_verdict = || {
            for case in &settled {
                black_box(first.decide_into(&engine, black_box(case), &law, &mut verdict));
            }
        };
        let mut by_classes = || {
            for found in &classes {
                black_box(second.verdict_into(black_box(found), &law, &mut other));
            }
        };
        let side_by_side = support::columns::Columns::new(&many, policy.world());
        let mut third = bits.clerk();
        let mut found = Vec::new();
        let mut by_batch = || {
            third.batch(black_box(&side_by_side.table()), &law, &mut found);
            black_box(&found);
        };
        let mut by_engine = || all(&engine);
        let mut by_plain = || all(&plain);
        let mut by_tables = || {
            rows.iter().for_each(|r| {
                black_box(tables.decide(black_box(r)));
            })
        };
        let mut by_function = || {
            rows.iter().for_each(|r| {
                black_box(hand::decide(black_box(r)));
            })
        };
        let mut by_columns = || {
            bound.decide(black_box(&columns), &mut decided);
            black_box(&decided);
        };
        let found = in_turn(
            5,
            &mut [
                &mut by_engine,
                &mut by_plain,
                &mut by_tables,
                &mut by_function,
                &mut by_columns,
                &mut by_verdict,
                &mut by_classes,
                &mut by_batch,
            ],
        );
        let each: Vec<f64> = found
            .iter()
            .enumerate()
            .map(|(i, ns)| {
                let rows = match i {
                    0 | 1 => cases.len(),
                    5 | 6 => settled.len(),
                    7 => many.len(),
                    _ => rows.len(),
                };
                ns / rows.max(1) as f64
            })
            .collect();
        let (aim, classed_aim, batch_aim) = if size == 3_600 { (170.0, 110.0, 20.0) } else { (110.0, 30.0, 10.0) };
        line(
            out,
            &[
                size.to_string(),
                compared.to_string(),
                format!("{} of {}", settled.len(), many.len()),
                time(cold),
                time(each[5]),
                goal(each[5], aim),
                time(each[6]),
                goal(each[6], classed_aim),
                time(each[7]),
                goal(each[7], batch_aim),
                time(each[0]),
                time(each[1]),
                time(each[2]),
                if size == 36 { time(each[3]) } else { "–".to_owned() },
                time(each[4]),
                times(each[5], each[2]),
                times(each[1], each[5]),
            ],
        );
    }
    out.push('\n');
}

fn loads(out: &mut String) {
    table(
        out,
        "Loading",
        &[
            "policy",
            "rules or items",
            "text, KiB",
            "parse and check",
            "make ready to decide",
            "all",
            "goal",
            "again after an edit",
            "goal",
            "memory, KiB",
            "goal",
        ],
    );
    for size in SIZES {
        for name in ["listed", "broad"] {
            let (files, at) = law(name, size);
            let bytes: usize = files.iter().map(|f| f.bytes.len()).sum();
            let rounds = if size == 3_600 { 5 } else { 9 };
            let (mut parse, mut ready, mut again) = (Vec::new(), Vec::new(), Vec::new());
            let mut loader = Loader::default();
            let mut edited = files.clone();
            let _ = loader.load(files.clone());
            for round in 0..rounds {
                let given = files.clone();
                let mut policy = None;
                parse.push(once(|| policy = Some(load(given))));
                if let Some(p) = &policy {
                    ready.push(once(|| p.evaluator()));
                }
                edited[at].bytes.extend_from_slice(format!("# edit {round}\n").as_bytes());
                let given = edited.clone();
                again.push(once(|| loader.load(given).map(drop)));
            }
            let (parse, ready, again) = (median(parse), median(ready), median(again));
            let held = spawn(&["memory", name, &size.to_string()]).and_then(|t| t.trim().parse::<f64>().ok());
            let large = size == 3_600;
            line(
                out,
                &[
                    name.to_owned(),
                    size.to_string(),
                    (bytes / 1024).to_string(),
                    time(parse),
                    time(ready),
                    time(parse + ready),
                    if large { goal(parse + ready, 1e8) } else { "–".to_owned() },
                    time(again),
                    if large { goal(again, 5e7) } else { "–".to_owned() },
                    held.map_or("–".to_owned(), |kb| format!("{kb:.0}")),
                    match held {
                        Some(kb) if large => format!("2048 ({})", if kb <= 2048.0 { "met" } else { "missed" }),
                        _ => "–".to_owned(),
                    },
                ],
            );
        }
    }
    out.push('\n');
}

/// A policy by its name, and which of its files an edit changes: of the listed one an annex, of the broad one some rules.
fn law(name: &str, size: usize) -> (Vec<LawFile>, usize) {
    match name {
        "listed" => (listed::Policy::new(size).files(), 3),
        _ => {
            let files = broad::Policy::new(size).files();
            let last = files.len() - 1;
            (files, last)
        }
    }
}

fn unknowns(out: &mut String) {
    table(
        out,
        "Sixty of a hundred facts unknown, code and day known (the broad policy)",
        &[
            "rules",
            "consignments",
            "whole decision",
            "goal",
            "next question",
            "goal",
            "nothing unknown",
            "× nothing unknown",
        ],
    );
    for size in SIZES {
        let model = broad::Policy::new(size);
        let policy = load(model.files());
        let evaluator = policy.evaluator();
        let known = broad::cases(&model, policy.world(), 40);
        let open = broad::partly_unknown(&known, policy.world(), 60);
        let (mut whole, mut complete, mut questions) = (Vec::new(), Vec::new(), Vec::new());
        let options = Options::default();
        // No more than some seconds a size: how many were measured is said.
        let mut spent = 0.0;
        for (known, open) in known.iter().zip(&open) {
            if spent > 1e10 {
                break;
            }
            let ns = once(|| evaluator.decide(open, &options));
            complete.push(once(|| evaluator.decide(known, &options)));
            let text = write::line(open, policy.world());
            let begun =
                once(|| Interview::new(&policy, "open", &text, &Overlay::default()).map(|i| i.next().is_some()));
            let made = once(|| policy.evaluator());
            questions.push((begun - ns - made).max(0.0));
            whole.push(ns);
            spent += ns + begun;
        }
        let count = whole.len();
        let (whole, complete, questions) = (median(whole), median(complete), median(questions));
        let aims = |measured, aim| if size == 3_600 { goal(measured, aim) } else { "–".to_owned() };
        line(
            out,
            &[
                size.to_string(),
                count.to_string(),
                time(whole),
                aims(whole, 1.3e5),
                time(questions),
                aims(questions, 7.5e4),
                time(complete),
                times(whole, complete),
            ],
        );
    }
    out.push('\n');
}

fn versions(out: &mut String) {
    table(
        out,
        "Two versions compared (the broad policy)",
        &[
            "rules",
            "one edited rule: what changed",
            "all found",
            "goal",
            "rewritten: proof that nothing did",
            "proved",
            "goal",
        ],
    );
    for size in SIZES {
        let name = size.to_string();
        let part = |what: &str| {
            let said = spawn(&[what, &name]).unwrap_or_default();
            let mut words = said.split_whitespace();
            let ns = words.next().and_then(|n| n.parse().ok()).unwrap_or(f64::NAN);
            (ns, words.next().unwrap_or("not within a minute").to_owned())
        };
        let (changed, found) = part("diff");
        let (proof, proved) = part("same");
        let aims = |measured: f64, aim| match (size, measured.is_nan()) {
            (3_600, false) => goal(measured, aim),
            (3_600, true) => format!("{} (missed)", time(aim)),
            _ => "–".to_owned(),
        };
        line(out, &[name.clone(), time(changed), found, aims(changed, 3e8), time(proof), proved, aims(proof, 9e8)]);
    }
    out.push('\n');
}

fn starts(out: &mut String) {
    table(out, "From process start", &["what", "time", "× an empty start", "goal"]);
    let program = env!("CARGO_BIN_EXE_portcullis");
    let case = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/consignments/sjambok.json");
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        once(|| command.status())
    };
    let itself = std::env::current_exe().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    let (mut empty, mut all, mut help, mut decide) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..11 {
        empty.push(run(&itself, &["child", "nothing"]));
        all.push(run(&itself, &["child", "shipped"]));
        help.push(run(program, &["--help"]));
        decide.push(run(program, &["decide", "-p", "eu.torture", case]));
    }
    let (empty, all, help, decide) = (median(empty), median(all), median(help), median(decide));
    let one = |out: &mut String, what: &str, ns: f64, aim: Option<f64>| {
        let aim = aim.map_or("–".to_owned(), |a| goal(ns, a));
        line(out, &[what.to_owned(), time(ns), times(ns, empty), aim]);
    };
    one(out, "an empty start", empty, None);
    one(out, "loading all shipped policies, tests left out", all, Some(1e8));
    one(out, "`portcullis --help`", help, None);
    one(out, "`portcullis decide -p eu.torture` on one consignment", decide, Some(1.5e7));
    out.push('\n');
}

/// What is measured in a process of its own.
fn child(given: &[String]) -> ExitCode {
    let word = |i: usize| given.get(i).map_or("", String::as_str);
    let size = |i: usize| word(i).parse().unwrap_or(36);
    match word(0) {
        "nothing" => {}
        "shipped" => {
            let law = portcullis::embedded::files().into_iter().filter(|f| !f.path.ends_with(".test.gate"));
            black_box(load(law.collect()).evaluator());
        }
        "memory" => {
            let (files, _) = law(word(1), size(2));
            let before = resident().unwrap_or(f64::NAN);
            let policy = load(files);
            let evaluator = policy.evaluator();
            println!("{}", resident().unwrap_or(f64::NAN) - before);
            black_box((&policy, &evaluator, peak()));
        }
        "diff" => {
            let model = broad::Policy::new(size(1));
            let (old, new) = (load(model.files()), load(model.amended()));
            let mut found = None;
            let ns = once(|| found = Some(diff::versions(old.world(), new.world(), diff::LIMIT)));
            let word = found.map_or("no", |f| if f.resolved && !f.findings.is_empty() { "yes" } else { "no" });
            println!("{ns} {word}");
        }
        "same" => {
            let model = broad::Policy::new(size(1));
            let (old, new) = (load(model.files()), load(model.rewritten()));
            let mut found = None;
            let ns = once(|| found = Some(same::same(old.world(), new.world(), &[])));
            println!("{ns} {}", if found == Some(same::Same::Yes) { "yes" } else { "no" });
        }
        other => {
            eprintln!("nothing is called `{other}`");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Runs a part in a process of its own, for a minute at most; what it printed.
fn spawn(part: &[&str]) -> Option<String> {
    let itself = std::env::current_exe().ok()?;
    let mut command = Command::new(itself);
    command.arg("child").args(part).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = command.spawn().ok()?;
    for _ in 0..600 {
        match running.try_wait().ok()? {
            Some(status) if status.success() => {
                let mut text = String::new();
                std::io::Read::read_to_string(running.stdout.as_mut()?, &mut text).ok()?;
                return Some(text);
            }
            Some(_) => return None,
            None => std::thread::sleep(std::time::Duration::from_millis(100)),
        }
    }
    running.kill().ok()?;
    let _ = running.wait();
    None
}
