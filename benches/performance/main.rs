//! The tables of `docs/performance.md`: what must be fast, measured beside the plain interpreter and beside hand-written
//! Rust, as ratios taken in one run.
//!
//! `cargo bench --bench performance -- --date 2026-03-02 --write` measures and puts the table into the page;
//! without `--write` it prints it. The day is an argument, since nothing here reads a clock but the stopwatch. First
//! all ways of deciding are compared row by row; there are no figures where they do not agree.

#![allow(clippy::float_arithmetic, reason = "times are measured, nothing is decided by them")]

mod child;
mod decisions;
mod loads;
mod sample;
mod shipped;
mod starts;
mod unknown;
mod versions;

use std::fmt::Write as _;
use std::process::ExitCode;

use portcullis::{LawFile, Policy};

#[path = "../support/mod.rs"]
mod support;
use support::{broad, listed};

/// The page, and where the figures stand in it.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.md");
const BEGIN: &str = "<!-- figures: written by `cargo bench --bench performance` -->\n";
const END: &str = "<!-- end of figures -->";

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if given.first().is_some_and(|a| a == "child") {
        return child::run(&given[1..]);
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
    let parts: [Part; 6] = [
        ("decide", decisions::table),
        ("shipped", shipped::table),
        ("load", loads::table),
        ("unknown", unknown::table),
        ("versions", versions::table),
        ("start", starts::table),
    ];
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

/// A heading and the head of a table.
fn heading(out: &mut String, title: &str, head: &[&str]) {
    let _ = write!(out, "## {title}\n\n| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
}

/// A line of a table.
fn line(out: &mut String, cells: &[String]) {
    let _ = writeln!(out, "| {} |", cells.join(" | "));
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
