//! Portcullis beside other engines, on one policy and the same seeded rows.
//!
//! `peers measure ENGINE SIZE SECONDS ROWS` compares and measures one engine, `peers memory …` says what it holds, `peers
//! rows SIZE ROWS FOLDER` writes the files that are decided from file to file, and `peers decide SIZE IN OUT` is the
//! hand-written program among those. Each prints one line of JSON; `run.sh` makes the table of them.

mod cedar;
mod cel;
mod engine;
mod hand;
mod portcullis;
mod regorus;
mod rows;
#[path = "../../support/mod.rs"]
mod support;

use std::path::Path;
use std::process::ExitCode;

use engine::Effort;
use rows::Policy;

type Work = fn(&Policy, Effort) -> serde_json::Value;

/// The engines by name: how each is measured, and what it holds.
fn engines(name: &str) -> Option<(Work, Work)> {
    macro_rules! both {
        ($engine:ty) => {
            (engine::measure::<$engine> as Work, engine::memory::<$engine> as Work)
        };
    }
    Some(match name {
        "hand-function" => both!(hand::Function),
        "hand-tables" => both!(hand::ByRows),
        "hand-columns" => (hand::measure_columns, hand::memory_columns),
        "portcullis-interpreter" => both!(portcullis::Words<true>),
        "portcullis-words" => both!(portcullis::Words<false>),
        "portcullis" => both!(portcullis::Verdicts),
        "portcullis-classes" => both!(portcullis::Classes),
        "cel" => both!(cel::Cel<false>),
        "cel-headings" => both!(cel::Cel<true>),
        "regorus" => both!(regorus::Rego<false, false>),
        "regorus-index" => both!(regorus::Rego<false, true>),
        "regorus-vm" => both!(regorus::Rego<true, false>),
        "regorus-vm-index" => both!(regorus::Rego<true, true>),
        "cedar" => both!(cedar::Cedar<false>),
        "cedar-headings" => both!(cedar::Cedar<true>),
        _ => return None,
    })
}

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let word = |i: usize| given.get(i).map_or("", String::as_str);
    let number = |i: usize| word(i).parse::<f64>().ok();
    match (word(0), number(1), number(2), number(3)) {
        ("measure" | "memory", _, Some(size), Some(seconds)) => {
            let (Some((measure, memory)), Some(rows)) = (engines(word(1)), number(4)) else { return usage() };
            let work = if word(0) == "measure" { measure } else { memory };
            println!("{}", work(&Policy::new(size as usize), Effort { seconds, rows: rows as usize }));
            ExitCode::SUCCESS
        }
        ("rows", Some(size), Some(count), _) => {
            done(rows::write(&Policy::new(size as usize), count as usize, Path::new(word(3))))
        }
        ("decide", Some(size), ..) => {
            done(hand::decide_file(&Policy::new(size as usize), Path::new(word(2)), Path::new(word(3))))
        }
        _ => usage(),
    }
}

fn done(result: std::io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("peers measure|memory ENGINE SIZE SECONDS ROWS, peers rows SIZE ROWS FOLDER, peers decide SIZE IN OUT");
    ExitCode::FAILURE
}
