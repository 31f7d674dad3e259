//! What is measured in a process of its own: memory, an empty start, and what may take too long.

use std::hint::black_box;
use std::process::{Command, ExitCode, Stdio};

use portcullis::analyze::{diff, same};
use portcullis::model::Date;

use crate::support::broad;
use crate::support::watch::{once, peak, resident};
use crate::{law, load};

/// A day on which two versions are compared.
const DAY: Date = Date::constant(2020, 1, 1);

/// What is measured in a process of its own.
pub fn run(given: &[String]) -> ExitCode {
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
        what @ ("diff" | "diff_on_a_day") => {
            let model = broad::Policy::new(size(1));
            let (old, new) = (load(model.files()), load(model.amended()));
            let mut found = None;
            let ns = once(|| {
                found = Some(match what {
                    "diff" => diff::versions(old.world(), new.world(), diff::LIMIT),
                    _ => diff::versions_on((old.world(), DAY), (new.world(), DAY), diff::LIMIT),
                });
            });
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
pub fn spawn(part: &[&str]) -> Option<String> {
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
