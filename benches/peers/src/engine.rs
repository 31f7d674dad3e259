//! What an engine is here, and how one is compared and measured: each in a process of its own, beside the tables by hand.

use std::hint::black_box;

use serde_json::{Value, json};

use crate::rows::{Decided, Policy, Row};
use crate::support::hand::Tables;
use crate::support::watch::{median, peak, resident};

/// A way of deciding rows.
pub trait Engine: Sized {
    /// The policy in the engine's own language; made before anything is timed.
    type Source;
    /// A row as the engine takes it.
    type Input;
    /// What it says.
    type Said;
    /// Writes the policy down.
    fn source(model: &Policy) -> Self::Source;
    /// Makes it ready to decide.
    fn load(source: &Self::Source, model: &Policy) -> Self;
    /// Turns a row into what the engine takes.
    fn input(&mut self, row: &Row) -> Self::Input;
    /// Decides.
    fn answer(&mut self, input: &Self::Input) -> Self::Said;
    /// Both in one; for engines that can read a row without an input of their own.
    fn whole(&mut self, row: &Row) -> Self::Said {
        let input = self.input(row);
        self.answer(&input)
    }
    /// What was said, in the terms of the policy, for comparing.
    fn read(&self, said: &Self::Said) -> Decided;
}

/// The processor's time of this thread, in seconds: what other work on the machine takes does not count.
fn clock() -> f64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

/// Nanoseconds of the processor that one piece of work takes.
pub fn once<T>(work: impl FnOnce() -> T) -> f64 {
    let start = clock();
    black_box(work());
    (clock() - start) * 1e9
}

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// About how long one figure may take, in seconds.
    pub seconds: f64,
    /// How many rows a batch has, if the engine is quick enough.
    pub rows: usize,
}

/// Compares an engine with the policy read off as data, row by row, and measures it. Panics at the first row on which
/// they differ.
pub fn measure<E: Engine>(model: &Policy, effort: Effort) -> Value {
    let source = E::source(model);
    let rows: Vec<Row> = model.rows().take(effort.rows).collect();
    let agreed = agree::<E>(&source, model, &rows, effort);
    let (loads, began) = (&mut Vec::new(), clock());
    let mut engine = loop {
        let mut made = None;
        loads.push(once(|| made = Some(E::load(&source, model))));
        match made {
            Some(made) if loads.len() >= 5 || clock() - began > effort.seconds / 2.0 => break made,
            _ => {}
        }
    };
    // How long one takes, roughly: it has met some rows before.
    let few = &rows[..rows.len().min(64)];
    let pass = |engine: &mut E| once(|| few.iter().for_each(|r| drop(black_box(engine.whole(r))))) / few.len() as f64;
    pass(&mut engine);
    let rough = pass(&mut engine);
    let many = |seconds: f64, most: usize| ((seconds * 1e9 / rough) as usize).clamp(32, most);
    let sample = &rows[..many(effort.seconds / 6.0, rows.len())];
    let ready = &sample[..sample.len().min(10_000)];
    let inputs: Vec<E::Input> = ready.iter().map(|r| engine.input(r)).collect();
    let tables = Tables::new(model);
    // Over few rows the processor learns the yardstick's branches by heart, so it always goes over many.
    let yard = || {
        let pass = || {
            for row in &rows {
                black_box(tables.decide(black_box(row)));
            }
        };
        once(pass) / rows.len() as f64
    };
    let (mut whole, mut answer, mut beside) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..5 {
        beside.push(yard());
        whole.push(
            once(|| sample.iter().for_each(|r| drop(black_box(engine.whole(black_box(r)))))) / sample.len() as f64,
        );
        beside.push(yard());
        answer.push(
            once(|| inputs.iter().for_each(|i| drop(black_box(engine.answer(black_box(i)))))) / inputs.len() as f64,
        );
    }
    drop(inputs);
    let yardstick = median(beside);
    let (whole, answer) = (median(whole), median(answer));
    let batch = &rows[..many(effort.seconds * 2.0, rows.len())];
    let mut said = Vec::with_capacity(batch.len());
    let batch_ns = once(|| said.extend(batch.iter().map(|r| engine.whole(r)))) / batch.len() as f64;
    json!({
        "agreed": agreed, "load_ns": median(loads.clone()), "whole_ns": whole, "answer_ns": answer,
        "sample": sample.len(), "whole_ratio": whole / yardstick, "answer_ratio": answer / yardstick,
        "batch_ns": batch_ns, "batch_rows": batch.len(),
    })
}

fn agree<E: Engine>(source: &E::Source, model: &Policy, rows: &[Row], effort: Effort) -> usize {
    let mut engine = E::load(source, model);
    let began = clock();
    for (i, row) in rows.iter().enumerate() {
        let wanted = model.decide(row);
        let whole = engine.whole(row);
        let input = engine.input(row);
        let answer = engine.answer(&input);
        for said in [engine.read(&whole), engine.read(&answer)] {
            assert_eq!(said, wanted, "row {i} is decided otherwise than the policy says: {row:?}");
        }
        if i % 32 == 31 && clock() - began > effort.seconds * 4.0 {
            return i + 1;
        }
    }
    rows.len()
}

/// The memory that the loaded policy takes and the most that was held while some rows were decided, in kilobytes.
pub fn memory<E: Engine>(model: &Policy, effort: Effort) -> Value {
    let source = E::source(model);
    let before = resident().unwrap_or(f64::NAN);
    let mut engine = E::load(&source, model);
    let began = clock();
    for (i, row) in model.rows().take(effort.rows.min(100_000)).enumerate() {
        // What is compiled when it is first asked for counts as the policy's.
        black_box(engine.whole(&row));
        if i % 32 == 31 && clock() - began > effort.seconds {
            break;
        }
    }
    json!({ "held_kb": resident().unwrap_or(f64::NAN) - before, "peak_kb": peak().unwrap_or(f64::NAN) })
}
