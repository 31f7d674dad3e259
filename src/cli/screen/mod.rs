//! `portcullis screen`: a day's declarations decided, every row, in order, and a short list of what to look at first.

#[cfg(feature = "columnar")]
mod columnar;
mod inputs;
mod list;
mod run;
mod sink;
#[cfg(feature = "columnar")]
mod thrift;

use std::path::Path;

use super::{Context, Status};
use crate::screen::join::Join;
use crate::screen::map::Map;
use crate::screen::nomenclature::Nomenclature;
use crate::screen::{Form, Screener, Settings};

/// Decide many declarations: every row, in order, and what to look at first
///
/// Reads CSV, JSON lines, Parquet, Arrow and WCO declaration XML, packed or not. Writes one line a row with `-o`; without it, only the
/// totals and the work list.
///
/// Examples:
///   portcullis screen -p eu.torture day.csv -o decided.csv
///   portcullis screen -p eu.torture 'declarations/*.xml' --as-of 2026-03-02 --top 100 --explain full
///   portcullis screen -p eu.torture --map map.toml --facts products.csv --key product day.csv.gz -o decided.jsonl
///   zcat day.csv.gz | portcullis screen -p eu.torture -o - > decided.csv
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Arguments {
    /// Policies: gate files, folders, or names of shipped policies
    #[arg(short, long = "policy", required = true, value_name = "PATH")]
    policy: Vec<String>,
    /// Files with declarations, patterns such as `day/*.csv`, or `-`; standard input if none
    #[arg(value_name = "INPUT")]
    inputs: Vec<String>,
    /// Where decisions go, one line a row; `-` is standard output. The ending of the name says how
    #[arg(short, long, value_name = "OUT")]
    output: Option<String>,
    /// How decisions are written, where the ending does not say
    #[arg(long, value_enum, value_name = "FORM")]
    to: Option<To>,
    /// What the inputs are, where ending and beginning do not say
    #[arg(long, value_enum, value_name = "FORM")]
    from: Option<From>,
    /// Which column is which fact, as TOML
    #[arg(long, value_name = "MAP.toml")]
    map: Option<String>,
    /// The date where a row has none
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Set a fact on top of every row; `unknown` takes it away
    #[arg(long, value_name = "FACT=VALUE")]
    set: Vec<String>,
    /// Facts of products or items that declarations do not carry, as CSV
    #[arg(long, value_name = "FILE", requires = "key")]
    facts: Option<String>,
    /// The columns, in both files, by which those facts are found
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', requires = "facts")]
    key: Vec<String>,
    /// The tariff codes of a year, as CSV; the year stands in the name
    #[arg(long, value_name = "FILE")]
    nomenclature: Vec<String>,
    /// How many rows the work list has
    #[arg(long, value_name = "N", default_value_t = 40)]
    top: usize,
    /// How much the work list says of each row
    #[arg(long, value_enum, value_name = "HOW", default_value = "short")]
    explain: Explain,
    /// How many threads decide; as many as there are cores if nothing is said
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

/// How decisions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum To {
    /// Flat columns, as CSV.
    Csv,
    /// Flat columns, as JSON lines.
    Flat,
    /// Whole decisions, as JSON lines.
    Jsonl,
    /// Flat columns, as Parquet.
    Parquet,
}

/// What inputs are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum From {
    /// CSV with a header.
    Csv,
    /// JSON lines.
    Jsonl,
    /// WCO declaration XML.
    Xml,
    /// Parquet.
    Parquet,
    /// Arrow, as a file or as a stream.
    Arrow,
}

/// How much is said of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Explain {
    /// The weightiest reason.
    Short,
    /// All of them, and what is still to be asked.
    Full,
}

/// The largest map, nomenclature or file of facts that is read, in bytes.
const MAX_SIDE: u64 = 512 << 20;

pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let overlay = super::decide::overlay(context, a.as_of.as_deref(), &a.set)?;
    let policy = context.policy_alone(&a.policy)?;
    let text = |path: &String| -> Result<Vec<u8>, Status> {
        let size = std::fs::metadata(path).map_err(|e| context.bad(&format!("`{path}` cannot be read: {e}")))?.len();
        if size > MAX_SIDE {
            return Err(context.bad(&format!("`{path}` has {size} bytes; at most {MAX_SIDE} are read")));
        }
        std::fs::read(path).map_err(|e| context.bad(&format!("`{path}` cannot be read: {e}")))
    };
    let mut map = Map::default();
    if let Some(path) = &a.map {
        let bytes = text(path)?;
        let read = std::str::from_utf8(&bytes).map_err(|_| "it is not UTF-8 text".to_owned()).and_then(Map::read);
        map = read.map_err(|e| context.bad(&format!("{path}: {e}")))?;
    }
    let mut join = None;
    if let Some(path) = &a.facts {
        let read = Join::read(policy.world(), &map, path, a.key.clone(), &text(path)?);
        join = Some(read.map_err(|e| context.bad(&format!("{path}: {e}")))?);
    }
    let mut nomenclature = None;
    for path in &a.nomenclature {
        let codes = nomenclature.get_or_insert_with(Nomenclature::default);
        codes.add(path, &text(path)?).map_err(|e| context.bad(&format!("{path}: {e}")))?;
    }
    let settings = Settings { as_of: overlay.as_of, set: overlay.set, map, join, nomenclature };
    let screener = Screener::new(&policy, settings).map_err(|e| context.bad(&e))?;
    let inputs = inputs::expand(&a.inputs).map_err(|e| context.bad(&e))?;
    let form = form(a).map_err(|e| context.bad(&e))?;
    let plan = run::Plan { arguments: a, form, inputs: &inputs };
    run::run(context, &screener, &plan)
}

/// How decisions are written: as said, else by the ending, else as CSV.
fn form(a: &Arguments) -> Result<Form, String> {
    let Some(out) = &a.output else { return Ok(Form::Nothing) };
    let to = match (a.to, Path::new(out).extension().and_then(|e| e.to_str())) {
        (Some(to), _) => to,
        (None, Some("csv") | None) => To::Csv,
        (None, Some("jsonl" | "ndjson")) => To::Jsonl,
        (None, Some("parquet")) => To::Parquet,
        (None, Some(other)) => {
            return Err(format!("-o {out}: what `.{other}` holds is not known; say it with --to"));
        }
    };
    match to {
        To::Csv => Ok(Form::Csv),
        To::Flat => Ok(Form::Flat),
        To::Jsonl => Ok(Form::Whole),
        To::Parquet if cfg!(feature = "columnar") => Ok(Form::Rows),
        To::Parquet => Err(format!("-o {out}: {}", without("Parquet"))),
    }
}

/// Says how to get what this program was built without.
fn without(what: &str) -> String {
    format!("this program was built without {what}; build it with `cargo build --release --features columnar`")
}
