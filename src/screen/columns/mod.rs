//! Rows from Arrow columns, and decisions as Arrow columns.
//!
//! Columns have the names of facts, or are mapped to them, as in CSV; the members of a struct have its name before
//! theirs, with a dot between. A value counts as the text that a CSV cell would hold:
//!
//! | column | is read as |
//! |---|---|
//! | text (`Utf8`, `LargeUtf8`, `Utf8View`), by itself or as a dictionary | the text, as in a CSV cell |
//! | whole numbers, decimals | a number or a count; never a code, since zeros in front would be lost |
//! | floating point | a number, by the shortest decimal text that gives the same floating point number again |
//! | `Boolean` | yes or no |
//! | `Date32`, `Date64`, timestamps at midnight, without a time zone or in UTC | a day |
//! | lists of text | a set; an empty list says that there are none |
//! | null, in any column | not given |
//!
//! Anything else in a column that is asked for is an error that names the column. A dictionary's values are read once
//! each, not once a row. Rows are numbered from 1.

mod cells;
mod table;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Fields, Schema};

pub use table::{batches, schema};

use super::desk::{Desk, Place, Screener};
use super::law::NONE;
use super::layout::{Layout, Style, Target};
use super::output::{Output, Problem};
use super::{MAX_COLUMNS, MAX_ROW};
use crate::model::value::Type;
use cells::{At, Cells};

/// How deep structs may stand in each other.
pub const MAX_DEPTH: usize = 32;
/// The most rows that are read before what was kept is looked through.
const STEP: usize = 1 << 16;

/// The columns of a schema, understood.
#[derive(Clone, Debug)]
pub struct Columns {
    /// What each column says.
    pub layout: Layout,
    leaves: Vec<Leaf>,
    /// The columns of which the text is used as it stands.
    as_text: Vec<usize>,
}

/// A column that is no struct.
#[derive(Clone, Debug)]
struct Leaf {
    /// The numbers of the fields that lead to it.
    path: Vec<usize>,
    ty: DataType,
    /// True if what it says is used.
    used: bool,
}

impl Columns {
    /// The columns of a schema.
    ///
    /// # Errors
    /// It has too many columns, or structs too deep in each other.
    pub fn open(screener: &Screener<'_>, schema: &Schema) -> Result<Columns, String> {
        let mut names = Vec::new();
        let mut leaves = Vec::new();
        flatten(schema.fields(), "", &mut Vec::new(), &mut names, &mut leaves)?;
        let style = |leaf: &Leaf| if element(&leaf.ty).is_some() { Style::List } else { Style::Cell };
        let styles: Vec<Style> = leaves.iter().map(style).collect();
        let mut layout = Layout::with(screener, names, &styles, true);
        let mut as_text = Vec::new();
        for (i, leaf) in leaves.iter_mut().enumerate() {
            let (Some(target), Some(name)) = (layout.targets.get(i), layout.names.get(i)) else { continue };
            let key = layout.key.contains(&i);
            let fact = match target {
                Target::Fact(f) => Some(&screener.world().fact(*f).ty),
                Target::Id | Target::Licence => None,
                Target::Carried if key => None,
                Target::Carried => {
                    // A list of structs where facts are looked for would be passed over without a word.
                    let within = format!("{name}.");
                    if leaf.ty.is_nested() && screener.names.keys().any(|n| n.starts_with(&within)) {
                        layout.problems.push(format!("column `{name}` holds {}, which is not read", leaf.ty));
                    }
                    continue;
                }
            };
            if !fits(&leaf.ty, fact) {
                let wanted = fact.map_or("a text".to_owned(), |ty| ty.expects(screener.world()));
                let message = format!("column `{name}` holds {}; it takes text, or what can only be {wanted}", leaf.ty);
                layout.problems.push(message);
                continue;
            }
            leaf.used = true;
            let named = [layout.id, layout.licence, layout.description, layout.end_user].contains(&Some(i));
            if key || named || layout.fields.iter().any(|f| f.column == i) {
                as_text.push(i);
            }
        }
        Ok(Columns { layout, leaves, as_text })
    }

    /// Decides the rows of a batch, of which the first has a number.
    pub fn rows(&self, desk: &mut Desk<'_, '_>, input: u32, first: u64, batch: &RecordBatch) -> Output {
        let mut out = desk.output();
        let mut begin = 0;
        while begin < batch.num_rows() {
            let length = STEP.min(batch.num_rows() - begin);
            desk.tidy();
            self.step(desk, input, first + begin as u64, &batch.slice(begin, length), &mut out);
            begin += length;
        }
        out
    }

    fn step(&self, desk: &mut Desk<'_, '_>, input: u32, first: u64, batch: &RecordBatch, out: &mut Output) {
        let arrays: Vec<Option<(ArrayRef, Option<NullBuffer>)>> = self.leaves.iter().map(|l| l.array(batch)).collect();
        let columns: Vec<Cells<'_>> = arrays.iter().map(|a| a.as_ref().map_or(Cells::Nothing, Cells::of)).collect();
        // The number of each value of a dictionary, once it was asked for.
        let mut known: Vec<Vec<u32>> = columns.iter().map(|c| vec![NONE; c.values()]).collect();
        let mut numbers = vec![NONE; self.layout.facts.len()];
        let mut texts: Vec<Option<&str>> = vec![None; columns.len()];
        for row in 0..batch.num_rows() {
            let place = Place { input, line: first + row as u64 };
            let mut problems: Vec<Problem> = Vec::new();
            for (i, field) in self.layout.facts.iter().enumerate() {
                let Some(cells) = columns.get(field.column).filter(|_| !field.free) else { continue };
                let number = match cells.at(row) {
                    At::Nothing => NONE,
                    At::Text(text) => desk.entry(field.fact, field.style, text),
                    At::Coded(value, text) => {
                        match known.get_mut(field.column).and_then(|k| k.get_mut(value as usize)) {
                            Some(known) if *known != NONE => *known,
                            Some(known) => {
                                *known = desk.entry(field.fact, field.style, text);
                                *known
                            }
                            None => desk.entry(field.fact, field.style, text),
                        }
                    }
                    At::Wrong(message) => {
                        let column = self.layout.names.get(field.column).cloned();
                        problems.push(place.problem(column, message.to_owned()));
                        NONE
                    }
                };
                if let Some(at) = numbers.get_mut(i) {
                    *at = number;
                }
            }
            for column in self.as_text.iter().copied() {
                let (Some(cells), Some(text)) = (columns.get(column), texts.get_mut(column)) else { continue };
                *text = match cells.at(row) {
                    At::Text(text) | At::Coded(_, text) => Some(text),
                    At::Nothing => None,
                    At::Wrong(message) => {
                        let name = self.layout.names.get(column).cloned();
                        if !problems.iter().any(|p| p.column == name) {
                            problems.push(place.problem(name, message.to_owned()));
                        }
                        None
                    }
                };
            }
            desk.numbered(&self.layout, &texts, &numbers, problems, &[], place, out);
        }
    }
}

impl Leaf {
    /// The column of a batch, and where what it stands in is null; nothing where it is not used or not there.
    fn array(&self, batch: &RecordBatch) -> Option<(ArrayRef, Option<NullBuffer>)> {
        let (first, rest) = self.path.split_first().filter(|_| self.used)?;
        let mut array = batch.columns().get(*first)?.clone();
        let mut nulls: Option<NullBuffer> = None;
        for member in rest {
            let inner = array.as_struct_opt()?;
            nulls = NullBuffer::union(nulls.as_ref(), inner.nulls());
            let next = inner.columns().get(*member)?.clone();
            array = next;
        }
        Some((array, nulls)).filter(|(a, _)| *a.data_type() == self.ty)
    }
}

/// The columns below some fields, by the names that lead to them.
fn flatten(
    fields: &Fields,
    before: &str,
    path: &mut Vec<usize>,
    names: &mut Vec<String>,
    leaves: &mut Vec<Leaf>,
) -> Result<(), String> {
    if path.len() >= MAX_DEPTH {
        let top: String = before.split('.').next().unwrap_or_default().chars().take(80).collect();
        return Err(format!("column `{top}` has structs more than {MAX_DEPTH} deep in each other"));
    }
    for (i, field) in fields.iter().enumerate() {
        let name = format!("{before}{}", field.name().trim());
        path.push(i);
        if let DataType::Struct(inner) = field.data_type() {
            flatten(inner, &format!("{name}."), path, names, leaves)?;
        } else {
            if names.len() >= MAX_COLUMNS {
                return Err(format!("there are more than {MAX_COLUMNS} columns, the most that are read"));
            }
            names.push(name);
            leaves.push(Leaf { path: path.clone(), ty: field.data_type().clone(), used: false });
        }
        path.pop();
    }
    Ok(())
}

/// The type of the elements, of a list.
fn element(ty: &DataType) -> Option<&DataType> {
    match ty {
        DataType::List(inner) | DataType::LargeList(inner) | DataType::FixedSizeList(inner, _) => {
            Some(inner.data_type())
        }
        _ => None,
    }
}

fn is_text(ty: &DataType) -> bool {
    match ty {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => true,
        DataType::Dictionary(_, values) => !matches!(&**values, DataType::Dictionary(..)) && is_text(values),
        _ => false,
    }
}

/// Whether a column of a type can say what a fact of a type is; with no type: what names a row or joins it.
fn fits(column: &DataType, fact: Option<&Type>) -> bool {
    let decimal = |ty: &DataType| {
        use DataType::{Decimal32, Decimal64, Decimal128, Decimal256};
        matches!(ty, Decimal32(..) | Decimal64(..) | Decimal128(..) | Decimal256(..))
    };
    match column {
        ty if is_text(ty) => true,
        DataType::Dictionary(_, values) => !matches!(&**values, DataType::Dictionary(..)) && fits(values, fact),
        DataType::Boolean => matches!(fact, None | Some(Type::Bool)),
        ty if ty.is_integer() || decimal(ty) => matches!(fact, None | Some(Type::Number | Type::Count)),
        ty if ty.is_floating() => matches!(fact, Some(Type::Number | Type::Count)),
        DataType::Date32 | DataType::Date64 => matches!(fact, None | Some(Type::Date)),
        DataType::Timestamp(_, zone) => {
            // In another zone, the day that is meant depends on its rules.
            let plain = zone.as_deref().is_none_or(|z| ["UTC", "Etc/UTC", "Z", "+00:00", "+0000"].contains(&z));
            plain && matches!(fact, Some(Type::Date))
        }
        ty => element(ty).is_some_and(is_text) && matches!(fact, Some(Type::Set(_))),
    }
}
