//! The values of one Arrow column as the texts that cells would hold.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    DecimalType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, LargeStringArray, StringArray, StringViewArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};
use rustc_hash::FxHashMap;

use super::MAX_ROW;
use crate::model::Date;
use crate::screen::MAX_LIST;
use crate::screen::law::NONE;

/// What stands between the parts of a list, and in no part.
const BETWEEN: char = '\u{1f}';

/// The cells of a column.
pub(super) enum Cells<'a> {
    /// None is given.
    Nothing,
    /// A text for each row.
    Plain(Texts<'a>, Option<NullBuffer>),
    /// The number of a value for each row; `NONE` where there is none.
    Coded(Vec<u32>, Vec<Cell<'a>>),
}

/// A text without spaces around it, or why there is none.
type Cell<'a> = Result<Cow<'a, str>, String>;

/// Arrays of text.
#[derive(Clone, Copy)]
pub(super) enum Texts<'a> {
    Small(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
}

/// What stands in a cell.
#[derive(Debug)]
pub(super) enum At<'c> {
    Nothing,
    Text(&'c str),
    /// A text with its number among the column's values.
    Coded(u32, &'c str),
    Wrong(&'c str),
}

impl<'a> Texts<'a> {
    fn of(array: &'a ArrayRef) -> Option<Texts<'a>> {
        match array.data_type() {
            DataType::Utf8 => array.as_string_opt().map(Texts::Small),
            DataType::LargeUtf8 => array.as_string_opt().map(Texts::Large),
            DataType::Utf8View => array.as_string_view_opt().map(Texts::View),
            _ => None,
        }
    }

    /// The text of a row, which there must be.
    fn get(self, row: usize) -> &'a str {
        match self {
            Texts::Small(a) => a.value(row),
            Texts::Large(a) => a.value(row),
            Texts::View(a) => a.value(row),
        }
    }
}

impl<'a> Cells<'a> {
    /// Reads an array; `nulls` says where what it stands in is null.
    pub(super) fn of((array, nulls): &'a (ArrayRef, Option<NullBuffer>)) -> Cells<'a> {
        if *array.data_type() == DataType::Null {
            return Cells::Nothing;
        }
        let nulls = NullBuffer::union(nulls.as_ref(), array.nulls());
        if let Some(texts) = Texts::of(array) {
            return Cells::Plain(texts, nulls);
        }
        if let Some(dictionary) = array.as_any_dictionary_opt() {
            return coded(dictionary.values(), dictionary.keys().len(), nulls.as_ref(), || {
                dictionary.normalized_keys()
            });
        }
        let (mut keys, mut values) = (Vec::with_capacity(array.len()), Vec::new());
        let mut by_text: FxHashMap<Cell<'a>, u32> = FxHashMap::default();
        let mut last: Option<(usize, u32)> = None;
        let render = Render::of(array);
        for row in 0..array.len() {
            if nulls.as_ref().is_some_and(|n| n.is_null(row)) {
                keys.push(NONE);
                continue;
            }
            // Rows often say what the row before them says.
            if let Some((before, number)) = last
                && render.same(before, row)
            {
                keys.push(number);
                continue;
            }
            let text = render.text(row).map(Cow::Owned);
            let number = match by_text.get(&text) {
                Some(number) => *number,
                None => {
                    let number = values.len() as u32;
                    values.push(text.clone());
                    by_text.insert(text, number);
                    number
                }
            };
            last = Some((row, number));
            keys.push(number);
        }
        Cells::Coded(keys, values)
    }

    /// How many values there are, where they have numbers.
    pub(super) fn values(&self) -> usize {
        if let Cells::Coded(_, values) = self { values.len() } else { 0 }
    }

    /// What stands in a row.
    pub(super) fn at(&self, row: usize) -> At<'_> {
        match self {
            Cells::Nothing => At::Nothing,
            Cells::Plain(texts, nulls) => {
                if nulls.as_ref().is_some_and(|n| n.is_null(row)) {
                    return At::Nothing;
                }
                match texts.get(row).trim() {
                    "" => At::Nothing,
                    text if text.len() > MAX_ROW => At::Wrong(TOO_LONG),
                    text => At::Text(text),
                }
            }
            Cells::Coded(keys, values) => {
                let key = keys.get(row).copied().unwrap_or(NONE);
                match values.get(key as usize) {
                    None => At::Nothing,
                    Some(Ok(text)) if text.is_empty() => At::Nothing,
                    Some(Ok(text)) if text.len() > MAX_ROW => At::Wrong(TOO_LONG),
                    Some(Ok(text)) => At::Coded(key, text),
                    Some(Err(message)) => At::Wrong(message),
                }
            }
        }
    }
}

const TOO_LONG: &str = "this text is longer than a row may be, 1048576 bytes";

/// A dictionary, with each value read once.
fn coded<'a>(
    values: &'a ArrayRef,
    length: usize,
    nulls: Option<&NullBuffer>,
    keys: impl FnOnce() -> Vec<usize>,
) -> Cells<'a> {
    if values.is_empty() || *values.data_type() == DataType::Null {
        return Cells::Nothing;
    }
    let mut keys: Vec<u32> = keys().into_iter().map(|k| k as u32).collect();
    keys.resize(length, NONE);
    let render = Render::of(values);
    let texts = Texts::of(values);
    let mut used = vec![false; values.len()];
    for (row, key) in keys.iter_mut().enumerate() {
        if nulls.is_some_and(|n| n.is_null(row)) || values.is_null(*key as usize) {
            *key = NONE;
        } else if let Some(used) = used.get_mut(*key as usize) {
            *used = true;
        }
    }
    let value = |(i, used): (usize, bool)| match texts {
        _ if !used => Ok(Cow::Borrowed("")),
        Some(texts) => Ok(Cow::Borrowed(texts.get(i).trim())),
        None => render.text(i).map(Cow::Owned),
    };
    let values = used.into_iter().enumerate().map(value).collect();
    Cells::Coded(keys, values)
}

/// How values of an array that is no text are written.
struct Render<'a>(&'a ArrayRef);

impl<'a> Render<'a> {
    fn of(array: &'a ArrayRef) -> Render<'a> {
        Render(array)
    }

    /// True if two rows certainly hold the same.
    fn same(&self, a: usize, b: usize) -> bool {
        match self.0.data_type() {
            DataType::Date32 => equal::<Date32Type>(self.0, a, b),
            DataType::Date64 => equal::<Date64Type>(self.0, a, b),
            DataType::Int32 => equal::<Int32Type>(self.0, a, b),
            DataType::Int64 => equal::<Int64Type>(self.0, a, b),
            DataType::Timestamp(TimeUnit::Microsecond, _) => equal::<TimestampMicrosecondType>(self.0, a, b),
            DataType::Timestamp(TimeUnit::Nanosecond, _) => equal::<TimestampNanosecondType>(self.0, a, b),
            _ => false,
        }
    }

    fn text(&self, row: usize) -> Result<String, String> {
        let array = self.0;
        match array.data_type() {
            DataType::Boolean => match array.as_boolean_opt() {
                Some(all) => Ok(if all.value(row) { "true" } else { "false" }.to_owned()),
                None => Err(unread(array)),
            },
            DataType::Int8 => shown::<Int8Type>(array, row),
            DataType::Int16 => shown::<Int16Type>(array, row),
            DataType::Int32 => shown::<Int32Type>(array, row),
            DataType::Int64 => shown::<Int64Type>(array, row),
            DataType::UInt8 => shown::<UInt8Type>(array, row),
            DataType::UInt16 => shown::<UInt16Type>(array, row),
            DataType::UInt32 => shown::<UInt32Type>(array, row),
            DataType::UInt64 => shown::<UInt64Type>(array, row),
            // Display gives the shortest decimal text that is read back as the same number, and no exponent.
            DataType::Float16 => finite(shown::<Float16Type>(array, row)),
            DataType::Float32 => finite(shown::<Float32Type>(array, row)),
            DataType::Float64 => finite(shown::<Float64Type>(array, row)),
            DataType::Decimal32(..) => decimal::<Decimal32Type>(array, row),
            DataType::Decimal64(..) => decimal::<Decimal64Type>(array, row),
            DataType::Decimal128(..) => decimal::<Decimal128Type>(array, row),
            DataType::Decimal256(..) => decimal::<Decimal256Type>(array, row),
            DataType::Date32 => day(value::<Date32Type>(array, row)?.into(), 1),
            DataType::Date64 => day(value::<Date64Type>(array, row)?, 86_400_000),
            DataType::Timestamp(TimeUnit::Second, _) => day(value::<TimestampSecondType>(array, row)?, 86_400),
            DataType::Timestamp(TimeUnit::Millisecond, _) => {
                day(value::<TimestampMillisecondType>(array, row)?, 86_400_000)
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                day(value::<TimestampMicrosecondType>(array, row)?, 86_400_000_000)
            }
            DataType::Timestamp(TimeUnit::Nanosecond, _) => {
                day(value::<TimestampNanosecondType>(array, row)?, 86_400_000_000_000)
            }
            DataType::List(_) => array.as_list_opt::<i32>().map_or(Err(unread(array)), |l| list(&l.value(row))),
            DataType::LargeList(_) => array.as_list_opt::<i64>().map_or(Err(unread(array)), |l| list(&l.value(row))),
            DataType::FixedSizeList(..) => {
                array.as_fixed_size_list_opt().map_or(Err(unread(array)), |l| list(&l.value(row)))
            }
            _ => Err(unread(array)),
        }
    }
}

fn unread(array: &ArrayRef) -> String {
    format!("{} is not read", array.data_type())
}

fn equal<T: ArrowPrimitiveType>(array: &ArrayRef, a: usize, b: usize) -> bool {
    array.as_primitive_opt::<T>().is_some_and(|all| all.value(a) == all.value(b))
}

fn value<T: ArrowPrimitiveType>(array: &ArrayRef, row: usize) -> Result<T::Native, String> {
    array.as_primitive_opt::<T>().map(|all| all.value(row)).ok_or_else(|| unread(array))
}

fn shown<T: ArrowPrimitiveType>(array: &ArrayRef, row: usize) -> Result<String, String>
where
    T::Native: std::fmt::Display,
{
    value::<T>(array, row).map(|v| v.to_string())
}

/// A number in digits; `NaN` and the infinities are none.
fn finite(text: Result<String, String>) -> Result<String, String> {
    text.and_then(|t| match t.ends_with(|c: char| c.is_ascii_digit()) {
        true => Ok(t),
        false => Err(format!("`{t}` is no number")),
    })
}

fn decimal<T: DecimalType>(array: &ArrayRef, row: usize) -> Result<String, String> {
    array.as_primitive_opt::<T>().map(|all| all.value_as_string(row)).ok_or_else(|| unread(array))
}

/// The day of a point in time, which has to be its beginning.
fn day(at: i64, length: i64) -> Result<String, String> {
    if at.rem_euclid(length) != 0 {
        return Err("this is a time of day, and a day is asked for; only midnight is read as one".to_owned());
    }
    let days = at.div_euclid(length);
    let day = jiff::Span::new().try_days(days).and_then(|span| Date::constant(1970, 1, 1).checked_add(span));
    day.map(|d| d.to_string()).map_err(|_| "this day is beyond the calendar".to_owned())
}

/// The texts of a list, put together.
fn list(parts: &ArrayRef) -> Result<String, String> {
    if parts.len() > MAX_LIST {
        return Err(format!("the list has {} parts; at most {MAX_LIST} are read", parts.len()));
    }
    let pair = (parts.clone(), None);
    let cells = Cells::of(&pair);
    let mut out = String::new();
    for i in 0..parts.len() {
        let text = match cells.at(i) {
            At::Text(text) | At::Coded(_, text) if !text.contains(BETWEEN) => text,
            At::Wrong(message) => return Err(message.to_owned()),
            _ => return Err("a part of the list says nothing".to_owned()),
        };
        if out.len() + text.len() > MAX_ROW {
            return Err(TOO_LONG.to_owned());
        }
        out.push_str(text);
        out.push(BETWEEN);
    }
    if out.is_empty() {
        // An empty list says that there are none, which is more than to say nothing.
        out.push(BETWEEN);
    }
    Ok(out)
}
