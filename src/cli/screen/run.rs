//! Blocks of rows from reader to threads to writer, in order, with bounded memory.
//!
//! One thread reads and cuts, as many as there are cores decide, this one writes. Each block has its number; what is
//! ready before its turn waits. A block is read only when one before it has been written, so that never more than a few
//! are held.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock};

use indicatif::{ProgressBar, ProgressStyle};

#[cfg(feature = "columnar")]
use super::columnar::Batches;
use super::inputs::{self, Input};
use super::sink::Sink;
use super::{Arguments, From, list};
use crate::cli::{Context, Status};
#[cfg(feature = "columnar")]
use crate::screen::columns::Columns;
use crate::screen::csv::Table;
use crate::screen::layout::Layout;
use crate::screen::lines::Names;
use crate::screen::split::{Piece, Splitter};
use crate::screen::xml::{Cut, Cutter, Declarations};
use crate::screen::{Desk, Form, MAX_ROW, Output, Problem, Screener};
use crate::spelling::counted;

/// How many bytes are read before a block is cut. What comes out of a block may be many times as long.
const BLOCK: usize = 1 << 18;
/// How many rows of columns are decided at once.
#[cfg(feature = "columnar")]
const STEP: usize = 1 << 12;
/// How many blocks there may be for each thread, from reading to writing.
const AHEAD: usize = 4;
/// The most problems that are printed one by one.
const MAX_SHOWN: u64 = 100;

/// What is to be done.
pub(super) struct Plan<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) form: Form,
    pub(super) inputs: &'a [String],
}

/// A block on its way.
enum Task {
    Csv(Arc<Table>, u32, u64, Vec<u8>),
    Lines(Arc<Names>, u32, u64, Vec<u8>),
    Xml(Arc<Declarations>, u32, u64, Vec<u8>),
    #[cfg(feature = "columnar")]
    Columns(Arc<Columns>, u32, u64, arrow_array::RecordBatch),
    Bad(u32, u64, String),
    /// To be said, in its place among the rows.
    Note(String),
    /// An input that cannot be read at all.
    Failed(String),
}

/// What comes back.
enum Done {
    Rows(Output),
    Note(String),
    Failed(String),
}

pub(super) fn run(context: &Context, screener: &Screener<'_>, plan: &Plan<'_>) -> Result<Status, Status> {
    let a = plan.arguments;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = a.threads.unwrap_or(cores).clamp(1, 256);
    let mut sink = Sink::open(a.output.as_deref(), plan.form, plan.inputs).map_err(|e| context.bad(&e))?;
    let stop = interrupts();
    let read = Arc::new(AtomicU64::new(0));
    let bar = progress(plan.inputs);
    let (work, tasks) = sync_channel::<(u64, Task)>(threads * AHEAD);
    let (ready, results) = sync_channel::<(u64, Done)>(threads * AHEAD);
    let (give, tickets) = sync_channel::<()>(threads * AHEAD);
    (0..threads * AHEAD).for_each(|_| {
        let _ = give.try_send(());
    });
    let tasks = Mutex::new(tasks);
    let mut total = Output::new(Form::Nothing, a.top);
    let (mut failed, mut shown, mut broken) = (0u64, 0u64, None);
    std::thread::scope(|scope| {
        let reader = Reader { screener, plan, work, tickets, number: 0, stop: &stop, read: &read };
        scope.spawn(move || reader.all());
        for _ in 0..threads {
            let (ready, tasks) = (ready.clone(), &tasks);
            scope.spawn(move || decide(screener, plan, tasks, &ready));
        }
        drop(ready);
        let (mut next, mut waiting) = (0u64, BTreeMap::new());
        for (number, done) in results {
            waiting.insert(number, done);
            while let Some(done) = waiting.remove(&next) {
                next += 1;
                let _ = give.try_send(());
                match done {
                    Done::Note(text) => bar.suspend(|| context.screen.err(&format!("note: {text}\n"))),
                    Done::Failed(text) => {
                        failed += 1;
                        bar.suspend(|| context.screen.err(&format!("error: {text}\n")));
                    }
                    Done::Rows(output) => {
                        for problem in &output.problems {
                            shown += 1;
                            if shown <= MAX_SHOWN {
                                bar.suspend(|| context.screen.err(&said(plan.inputs, problem)));
                            }
                        }
                        if broken.is_none()
                            && let Err(e) = sink.write(&output)
                        {
                            broken = Some(e);
                            stop.store(true, Ordering::Relaxed);
                        }
                        screener.reuse(output.text);
                        total.totals.add(output.totals);
                        total.best.add(output.best);
                        bar.set_position(read.load(Ordering::Relaxed));
                        bar.set_message(format!("{} rows", total.totals.read));
                    }
                }
            }
        }
    });
    bar.finish_and_clear();
    let ended = if broken.is_none() { sink.finish() } else { Ok(()) };
    if let Some(e) = broken.or(ended.err()) {
        if e.kind() == ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        return Err(context.bad(&format!("the decisions cannot be written: {e}")));
    }
    if shown > MAX_SHOWN {
        context.screen.err(&format!("error: {} more like these\n", shown - MAX_SHOWN));
    }
    let stopped = stop.load(Ordering::Relaxed);
    if stopped {
        context.screen.err("stopped: the rows up to here are decided, what comes after is not\n");
    }
    let totals = total.totals;
    if totals.read != totals.written() {
        let (read, written) = (totals.read, totals.written());
        return Err(
            context.bad(&format!("{read} rows were read and {written} came out; this is a defect of the program"))
        );
    }
    let ranked = total.best.ranked(a.top, &totals);
    list::print(context, screener, plan, &totals, &ranked, stopped);
    let errors = totals.outcomes.get("error").copied().unwrap_or(0);
    Ok(if failed + errors > 0 || stopped {
        Status::Bad
    } else if totals.refused > 0 {
        Status::No
    } else if totals.open > 0 {
        Status::Open
    } else {
        Status::Yes
    })
}

fn said(inputs: &[String], problem: &Problem) -> String {
    let name = inputs.get(problem.input as usize).map_or("?", String::as_str);
    format!("error: {name}:{}: {problem}\n", problem.line)
}

/// Set once the user asks to stop. The handler stays for the life of the process.
fn interrupts() -> Arc<AtomicBool> {
    static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    let stop = STOP.get_or_init(|| {
        let stop = Arc::new(AtomicBool::new(false));
        let set = stop.clone();
        let _ = ctrlc::set_handler(move || set.store(true, Ordering::Relaxed));
        stop
    });
    stop.clone()
}

fn progress(names: &[String]) -> ProgressBar {
    let (bar, template) = match inputs::size(names) {
        Some(size) => (ProgressBar::new(size), "{bar:30} {percent}% {msg}, {bytes_per_sec}, {eta} left"),
        None => (ProgressBar::new_spinner(), "{spinner} {msg}, {bytes_per_sec}, {elapsed}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// One of the threads that decide.
fn decide(
    screener: &Screener<'_>,
    plan: &Plan<'_>,
    tasks: &Mutex<Receiver<(u64, Task)>>,
    ready: &SyncSender<(u64, Done)>,
) {
    let mut desk: Desk<'_, '_> = screener.desk(plan.form, plan.arguments.top);
    loop {
        let Ok(Ok((number, task))) = tasks.lock().map(|t| t.recv()) else { return };
        let done = match task {
            Task::Csv(table, input, line, bytes) => Done::Rows(table.rows(&mut desk, input, line, &bytes)),
            Task::Lines(names, input, line, bytes) => {
                let name = plan.inputs.get(input as usize).map_or("-", String::as_str);
                Done::Rows(names.rows(&mut desk, input, name, line, &bytes))
            }
            Task::Xml(all, input, line, bytes) => Done::Rows(all.rows(&mut desk, input, line, &bytes)),
            #[cfg(feature = "columnar")]
            Task::Columns(columns, input, first, batch) => Done::Rows(columns.rows(&mut desk, input, first, &batch)),
            Task::Bad(input, line, message) => Done::Rows(desk.bad_piece(input, line, message)),
            Task::Note(text) => Done::Note(text),
            Task::Failed(text) => Done::Failed(text),
        };
        if ready.send((number, done)).is_err() {
            return;
        }
    }
}

/// The thread that reads.
struct Reader<'a, 'p> {
    screener: &'a Screener<'p>,
    plan: &'a Plan<'a>,
    work: SyncSender<(u64, Task)>,
    tickets: Receiver<()>,
    number: u64,
    stop: &'a AtomicBool,
    read: &'a Arc<AtomicU64>,
}

/// Nothing more is wanted.
struct Enough;

impl Reader<'_, '_> {
    fn all(mut self) {
        let names = self.plan.inputs;
        let lines = Arc::new(Names::new(self.screener));
        for (i, name) in names.iter().enumerate() {
            let sent = match inputs::open(name, self.plan.arguments.from, self.read) {
                Ok(input) => self.one(i as u32, name, input, &lines),
                Err(e) => self.send(Task::Failed(format!("`{name}` cannot be read: {e}"))),
            };
            if sent.is_err() {
                return;
            }
        }
    }

    fn send(&mut self, task: Task) -> Result<(), Enough> {
        self.tickets.recv().map_err(|_| Enough)?;
        if self.stop.load(Ordering::Relaxed) {
            return Err(Enough);
        }
        let number = self.number;
        self.number += 1;
        self.work.send((number, task)).map_err(|_| Enough)
    }

    fn one(&mut self, input: u32, name: &str, mut from: Input, lines: &Arc<Names>) -> Result<(), Enough> {
        let mut buffer = std::mem::take(&mut from.begin);
        match from.from {
            From::Csv => {
                // A header fits into the longest row.
                let more = (MAX_ROW + 2).saturating_sub(buffer.len()) as u64;
                let whole = memchr::memchr(b'\n', &buffer).is_some();
                if !whole && let Err(e) = (&mut from.reader).take(more).read_to_end(&mut buffer) {
                    return self.send(Task::Failed(format!("`{name}` cannot be read: {e}")));
                }
                let (table, length) = match Table::open(self.screener, &buffer) {
                    Ok(found) => found,
                    Err(e) => return self.send(Task::Failed(format!("{name}:1: {e}"))),
                };
                self.notes(name, &table.layout)?;
                buffer.drain(..length);
                let splitter = Splitter::csv(table.delimiter, table.line);
                let table = Arc::new(table);
                self.pieces(input, name, from, buffer, splitter, &|line, bytes| {
                    Task::Csv(table.clone(), input, line, bytes)
                })
            }
            From::Jsonl => self.pieces(input, name, from, buffer, Splitter::lines(), &|line, bytes| {
                Task::Lines(lines.clone(), input, line, bytes)
            }),
            From::Xml => self.declarations(input, name, from, buffer),
            From::Parquet | From::Arrow => {
                from.begin = buffer;
                self.columns(input, name, from)
            }
        }
    }

    #[cfg(not(feature = "columnar"))]
    fn columns(&mut self, _: u32, name: &str, from: Input) -> Result<(), Enough> {
        let what = if from.from == From::Parquet { "Parquet" } else { "Arrow" };
        self.send(Task::Failed(format!("`{name}` cannot be read: it is {what}, and {}", super::without("that"))))
    }

    #[cfg(feature = "columnar")]
    fn columns(&mut self, input: u32, name: &str, from: Input) -> Result<(), Enough> {
        let opened = match from.from {
            From::Parquet if from.flows => {
                Err("Parquet is read from its end, so it has to be a file, not packed".into())
            }
            From::Parquet => std::fs::File::open(name).map_err(|e| e.to_string()).and_then(Batches::parquet),
            _ => Batches::arrow(Box::new(std::io::Cursor::new(from.begin).chain(from.reader))),
        };
        let opened = opened.and_then(|b| Ok((Columns::open(self.screener, &b.schema)?, b)));
        let (columns, mut batches) = match opened {
            Ok(opened) => opened,
            Err(e) => return self.send(Task::Failed(format!("`{name}` cannot be read: {e}"))),
        };
        self.notes(name, &columns.layout)?;
        let (columns, mut first) = (Arc::new(columns), 1);
        loop {
            match batches.next() {
                Ok(None) => return Ok(()),
                Ok(Some(batch)) => {
                    // A batch of Arrow may be of any length, and what comes out of it is held in memory.
                    for begin in (0..batch.num_rows()).step_by(STEP) {
                        let part = batch.slice(begin, STEP.min(batch.num_rows() - begin));
                        let rows = part.num_rows() as u64;
                        self.send(Task::Columns(columns.clone(), input, first, part))?;
                        first += rows;
                    }
                }
                Err(e) => {
                    let after = format!("`{name}` cannot be read on from row {first}: {e}");
                    return self.send(Task::Failed(after));
                }
            }
        }
    }

    /// Says what is to be known of columns.
    fn notes(&mut self, name: &str, layout: &Layout) -> Result<(), Enough> {
        for note in &layout.notes {
            self.send(Task::Note(format!("{name}: {note}")))?;
        }
        for problem in &layout.problems {
            self.send(Task::Note(format!("{name}:1: {problem}")))?;
        }
        Ok(())
    }

    fn declarations(&mut self, input: u32, name: &str, mut from: Input, mut buffer: Vec<u8>) -> Result<(), Enough> {
        let columns = Arc::new(Declarations::new(self.screener));
        let mut cutter = Cutter::default();
        loop {
            let failed = (&mut from.reader).take(BLOCK as u64).read_to_end(&mut buffer);
            let (end, failed) = (matches!(failed, Ok(0) | Err(_)), failed.err());
            for cut in cutter.cut(&mut buffer, end) {
                self.send(match cut {
                    Cut::Declaration { bytes, line } => Task::Xml(columns.clone(), input, line, bytes),
                    Cut::Bad { line, message } => Task::Bad(input, line, message),
                })?;
            }
            if let Some(e) = failed {
                return self.send(Task::Failed(format!("`{name}` cannot be read to its end: {e}")));
            }
            if end {
                return Ok(());
            }
        }
    }

    fn pieces(
        &mut self,
        input: u32,
        name: &str,
        mut from: Input,
        mut buffer: Vec<u8>,
        mut splitter: Splitter,
        task: &dyn Fn(u64, Vec<u8>) -> Task,
    ) -> Result<(), Enough> {
        loop {
            let more = BLOCK.saturating_sub(buffer.len()).max(BLOCK / 4) as u64;
            let before = buffer.len();
            let failed = (&mut from.reader).take(more).read_to_end(&mut buffer).err();
            let end = buffer.len() == before || failed.is_some();
            for piece in splitter.cut(&mut buffer, end) {
                self.send(match piece {
                    Piece::Rows { bytes, line } => task(line, bytes),
                    Piece::Bad { line, message } => Task::Bad(input, line, message),
                })?;
            }
            if let Some(e) = failed {
                return self.send(Task::Failed(format!("`{name}` cannot be read to its end: {e}")));
            }
            if end {
                return Ok(());
            }
        }
    }
}

/// How many rows, in words.
pub(super) fn rows(n: u64) -> String {
    counted(usize::try_from(n).unwrap_or(usize::MAX), "row", "rows")
}
