//! Decisions as Arrow columns: the same flat columns as in CSV.

use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use rustc_hash::FxHashMap;

use crate::screen::flat::{COLUMNS, Flat};
use crate::screen::output::Row;

/// The most rows of a batch.
const MAX_ROWS: usize = 1 << 16;
/// The most bytes of text in a batch before it ends.
const MAX_TEXT: usize = 64 << 20;

/// The columns of decisions: `may_proceed` is true, false or, where that is open, null; all others are text, lists
/// joined by `; `. Only `id` may be null beside it.
pub fn schema() -> SchemaRef {
    let field = |name: &&str| match *name {
        "may_proceed" => Field::new(*name, DataType::Boolean, true),
        "id" => Field::new(*name, DataType::Utf8, true),
        _ => Field::new(*name, DataType::Utf8, false),
    };
    Arc::new(Schema::new(COLUMNS.iter().map(field).collect::<Vec<_>>()))
}

/// Decisions in batches of these columns, in order.
///
/// # Errors
/// Arrow cannot hold them; with rows within the limits of screening this does not happen.
pub fn batches(rows: &[Row]) -> Result<Vec<RecordBatch>, ArrowError> {
    let mut out = Vec::new();
    let mut rows = rows;
    let mut flat: FxHashMap<*const Flat, Lists> = FxHashMap::default();
    while !rows.is_empty() {
        let (mut taken, mut bytes) = (0, 0);
        for row in rows.iter().take(MAX_ROWS) {
            let lists = flat.entry(Arc::as_ptr(&row.flat)).or_insert_with(|| Lists::of(&row.flat));
            bytes += lists.bytes() + row.flags.len() + row.errors.len() + row.id.as_ref().map_or(0, String::len);
            taken += 1;
            if bytes > MAX_TEXT {
                break;
            }
        }
        let (now, later) = rows.split_at(taken);
        rows = later;
        out.push(batch(now, &flat)?);
    }
    Ok(out)
}

/// The lists of a decision, each as one text.
struct Lists([String; 5]);

impl Lists {
    fn of(flat: &Flat) -> Lists {
        Lists([&flat.entries, &flat.rules, &flat.documents, &flat.missing, &flat.warnings].map(|l| l.join("; ")))
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(String::len).sum()
    }
}

fn batch(rows: &[Row], flat: &FxHashMap<*const Flat, Lists>) -> Result<RecordBatch, ArrowError> {
    let mut id = StringBuilder::new();
    let mut outcome = StringBuilder::new();
    let mut may = BooleanBuilder::new();
    let mut lists: [StringBuilder; 5] = Default::default();
    let (mut flags, mut errors) = (StringBuilder::new(), StringBuilder::new());
    for row in rows {
        id.append_option(row.id.as_deref());
        outcome.append_value(row.flat.outcome);
        may.append_option(row.flat.may_proceed);
        let texts = flat.get(&Arc::as_ptr(&row.flat)).map(|l| &l.0);
        for (i, list) in lists.iter_mut().enumerate() {
            list.append_value(texts.and_then(|t| t.get(i)).map_or("", String::as_str));
        }
        flags.append_value(&row.flags);
        errors.append_value(&row.errors);
    }
    let mut columns: Vec<ArrayRef> = vec![Arc::new(id.finish()), Arc::new(outcome.finish()), Arc::new(may.finish())];
    columns.extend(lists.iter_mut().map(|l| -> ArrayRef { Arc::new(l.finish()) }));
    columns.extend([flags.finish(), errors.finish()].map(|c| -> ArrayRef { Arc::new(c) }));
    RecordBatch::try_new(schema(), columns)
}
