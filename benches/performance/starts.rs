//! From process start: what a person waits for.

use std::process::{Command, Stdio};

use crate::support::watch::{median, once};
use crate::{goal, heading, line, time, times};

pub fn table(out: &mut String) {
    heading(out, "From process start", &["what", "time", "× an empty start", "goal"]);
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
