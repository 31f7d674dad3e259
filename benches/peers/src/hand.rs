//! Hand-written Rust, taken from `benches/support`: a function for the 36 items, tables row by row, whole columns, and a
//! program that reads and writes CSV with the tables.

use std::hint::black_box;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::engine::{Effort, Engine, once};
use crate::rows::{ACTIVITIES, Decided, FLAGS, Policy, Row};
use crate::support::hand::{self, Bound, Columns, Tables};
use crate::support::listed::destinations;
use crate::support::watch::{median, peak, resident};

/// The function written out.
pub struct Function;

impl Engine for Function {
    type Source = ();
    type Input = Row;
    type Said = Decided;
    fn source(_: &Policy) {}
    fn load((): &(), _: &Policy) -> Function {
        Function
    }
    fn input(&mut self, row: &Row) -> Row {
        row.clone()
    }
    fn answer(&mut self, input: &Row) -> Decided {
        hand::decide(input)
    }
    fn whole(&mut self, row: &Row) -> Decided {
        hand::decide(row)
    }
    fn read(&self, said: &Decided) -> Decided {
        *said
    }
}

/// Tables of any size.
pub struct ByRows(Tables);

impl Engine for ByRows {
    type Source = ();
    type Input = Row;
    type Said = Decided;
    fn source(_: &Policy) {}
    fn load((): &(), model: &Policy) -> ByRows {
        ByRows(Tables::new(model))
    }
    fn input(&mut self, row: &Row) -> Row {
        row.clone()
    }
    fn answer(&mut self, input: &Row) -> Decided {
        self.0.decide(input)
    }
    fn whole(&mut self, row: &Row) -> Decided {
        self.0.decide(row)
    }
    fn read(&self, said: &Decided) -> Decided {
        *said
    }
}

/// Columns decide many rows at once, so there is no figure for one. Binding the policy to the columns' dictionaries
/// counts as loading; turning rows into columns is said beside it.
pub fn measure_columns(model: &Policy, effort: Effort) -> Value {
    let rows: Vec<Row> = model.rows().take(effort.rows).collect();
    let (mut columns, mut bound, mut said) = (Columns::new(&rows), None, Vec::with_capacity(rows.len()));
    let encode = once(|| columns = Columns::new(&rows)) / rows.len() as f64;
    let load = once(|| bound = Some(Bound::new(model, &columns)));
    let bound = bound.unwrap_or_else(|| Bound::new(model, &columns));
    bound.decide(&columns, &mut said);
    for (i, (row, said)) in rows.iter().zip(&said).enumerate() {
        assert_eq!(*said, model.decide(row), "row {i} is decided otherwise than the policy says: {row:?}");
    }
    let tables = Tables::new(model);
    let (mut by_columns, mut by_rows) = (Vec::new(), Vec::new());
    for _ in 0..9 {
        by_columns.push(once(|| bound.decide(black_box(&columns), &mut said)));
        by_rows.push(once(|| {
            for row in &rows {
                black_box(tables.decide(black_box(row)));
            }
        }));
    }
    let (by_columns, by_rows) = (median(by_columns), median(by_rows));
    let count = rows.len() as f64;
    json!({
        "agreed": rows.len(), "load_ns": load, "encode_ns": encode, "batch_ns": by_columns / count,
        "batch_ratio": by_columns / by_rows, "batch_rows": rows.len(),
    })
}

/// What the columns and the bound policy hold.
pub fn memory_columns(model: &Policy, effort: Effort) -> Value {
    let rows: Vec<Row> = model.rows().take(effort.rows.min(100_000)).collect();
    let columns = Columns::new(&rows);
    let before = resident().unwrap_or(f64::NAN);
    let bound = Bound::new(model, &columns);
    let held = resident().unwrap_or(f64::NAN) - before;
    let mut said = Vec::new();
    bound.decide(&columns, &mut said);
    black_box(&said);
    json!({ "held_kb": held, "peak_kb": peak().unwrap_or(f64::NAN) })
}

/// Reads CSV with whole numbers, decides by the tables, writes CSV.
pub fn decide_file(model: &Policy, from: &Path, to: &Path) -> std::io::Result<()> {
    let tables = Tables::new(model);
    let places = destinations();
    let substances: Vec<&'static str> = model.items.iter().filter_map(|i| i.cas).collect();
    let mut input = csv::Reader::from_path(from)?;
    let mut output = std::io::BufWriter::new(std::fs::File::create(to)?);
    writeln!(output, "id,outcome,entry,rule")?;
    let names: Vec<String> = model.items.iter().map(|i| i.name()).collect();
    let mut record = csv::StringRecord::new();
    while input.read_record(&mut record)? {
        let bad = |what: &str| std::io::Error::other(format!("row {}: no {what}", record.get(0).unwrap_or_default()));
        let cell = |i: usize| record.get(i).unwrap_or_default();
        let number = |i: usize| cell(i).parse::<u32>().map_err(|_| bad("number"));
        let activity = ACTIVITIES.iter().position(|a| *a == cell(2)).ok_or_else(|| bad("activity"))?;
        let flags = (0..FLAGS.len()).fold(0, |set, i| set | u32::from(cell(i + 9) == "true") << i);
        let row = Row {
            id: number(0)?,
            date: cell(1).replace('-', "").parse().map_err(|_| bad("day"))?,
            activity: activity as u8,
            destination: places.iter().copied().find(|p| *p == cell(3)).ok_or_else(|| bad("destination"))?,
            code: cell(4).as_bytes().try_into().map_err(|_| bad("code"))?,
            // A substance that nothing lists is none.
            cas: substances.iter().copied().find(|c| *c == cell(5)),
            flags,
            measures: [number(6)?, number(7)?, number(8)?],
        };
        let said = tables.decide(&row);
        let (entry, rule) = said
            .by
            .map_or(("", ""), |(item, p)| (names[item as usize].as_str(), model.provisions[usize::from(p)].name));
        writeln!(output, "{},{},{entry},{rule}", row.id, said.outcome.word())?;
    }
    output.flush()
}
