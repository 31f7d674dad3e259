//! Rows from CSV: a header of names, then a row a record.
//!
//! Every cell is text: `NA` is Namibia and `NO` is Norway, and an empty cell is not known. A row with more or fewer
//! cells than the header is in error, since it cannot be told which are missing.

use ::csv::{ByteRecord, Position, ReaderBuilder};

use super::MAX_COLUMNS;
use super::desk::{Desk, Place, Screener};
use super::layout::Layout;
use super::output::Output;
use super::split::too_long;

/// The header of a CSV file, understood.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its columns.
    pub layout: Layout,
    /// What stands between cells.
    pub delimiter: u8,
    /// The line on which the rows begin.
    pub line: u64,
}

impl Table {
    /// Reads the header from the beginning of a file, and says how many bytes it takes.
    ///
    /// # Errors
    /// There is none, it is no UTF-8, or it has too many columns.
    pub fn open(screener: &Screener<'_>, begin: &[u8]) -> Result<(Table, usize), String> {
        let (names, delimiter, line, length) = header(begin, screener.settings.map.delimiter)?;
        let layout = Layout::new(screener, names);
        Ok((Table { layout, delimiter, line }, length))
    }

    /// Decides the rows of a block, of which the first stands on a line.
    pub fn rows(&self, desk: &mut Desk<'_, '_>, input: u32, line: u64, block: &[u8]) -> Output {
        desk.tidy();
        let mut out = desk.output();
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(self.delimiter).from_reader(block);
        let mut record = ByteRecord::new();
        let mut cells: Vec<Option<&str>> = Vec::new();
        while let Ok(true) = reader.read_byte_record(&mut record) {
            let place = Place { input, line: line + record.position().map_or(0, |p| line_of(p, block)) };
            let mut bad = None;
            // Read as one text, of which a cell is a part; unless it begins or ends within a letter.
            let whole = std::str::from_utf8(record.as_slice()).ok();
            for (i, cell) in record.iter().enumerate() {
                let part = whole.zip(record.range(i)).and_then(|(whole, range)| whole.get(range));
                match part.or_else(|| std::str::from_utf8(cell).ok()) {
                    Some(text) => cells.push(Some(text)),
                    None => {
                        let name = self.layout.names.get(i).cloned().unwrap_or_else(|| (i + 1).to_string());
                        bad = Some((Some(name), "this is not UTF-8 text".to_owned()));
                        break;
                    }
                }
            }
            let (found, wanted) = (record.len(), self.layout.names.len());
            if record.as_slice().len() > super::MAX_ROW {
                bad = Some((None, too_long()));
            } else if bad.is_none() && found != wanted {
                let column = self.layout.names.get(found).cloned();
                bad = Some((column, format!("the row has {found} cells, and the header has {wanted}")));
            }
            match bad {
                Some((column, message)) => {
                    // With cells missing or too many, only of the first is it sure which it is.
                    let first = cells.first().copied().flatten().map(str::trim);
                    let id = first.filter(|id| self.layout.id == Some(0) && !id.is_empty());
                    desk.rejected(id, vec![place.problem(column, message)], &mut out);
                }
                None => desk.row(&self.layout, &cells, &[], place, &mut out),
            }
            cells = emptied(cells);
        }
        out
    }
}

/// On which line of a block a row begins, from 0. The reader stands before the line feed that ends the row before, and
/// before empty lines.
fn line_of(at: &Position, block: &[u8]) -> u64 {
    let rest = block.get(at.byte() as usize..).unwrap_or_default();
    let ends = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n'));
    at.line() - 1 + ends.filter(|b| **b == b'\n').count() as u64
}

/// Room for other cells: what is borrowed from a row ends with it.
pub(super) fn emptied<T, U>(mut cells: Vec<Option<T>>) -> Vec<Option<U>> {
    cells.clear();
    cells.into_iter().map(|_| None).collect()
}

/// The names of a header, the delimiter, the line after it, and its length.
///
/// # Errors
/// There is none, it is no UTF-8, or it has too many columns.
pub fn header(begin: &[u8], delimiter: Option<char>) -> Result<(Vec<String>, u8, u64, usize), String> {
    if begin.starts_with(&[0xff, 0xfe]) || begin.starts_with(&[0xfe, 0xff]) {
        return Err("this is UTF-16; only UTF-8 is read".to_owned());
    }
    let bom = if begin.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let text = begin.get(bom..).unwrap_or_default();
    let delimiter = match delimiter {
        None => guess(text),
        Some(c) => u8::try_from(c).ok().filter(u8::is_ascii).ok_or("the delimiter is one ASCII character")?,
    };
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text);
    let mut record = ByteRecord::new();
    let more = reader.read_byte_record(&mut record).map_err(|e| e.to_string())?;
    if !more {
        return Err("there is no header".to_owned());
    }
    if record.len() > MAX_COLUMNS {
        return Err(format!("the header has {} columns; at most {MAX_COLUMNS} are read", record.len()));
    }
    let names = record.iter().map(|c| std::str::from_utf8(c).map(|t| t.trim().to_owned()));
    let names = names.collect::<Result<Vec<_>, _>>().map_err(|_| "the header is not UTF-8 text")?;
    let mut length = reader.position().byte() as usize;
    let mut line = memchr::memchr_iter(b'\n', text.get(..length).unwrap_or(text)).count() as u64;
    // The reader stops before the line feed that follows a carriage return.
    if text.get(..length).is_some_and(|t| t.ends_with(b"\r")) && text.get(length) == Some(&b'\n') {
        length += 1;
        line += 1;
    }
    Ok((names, delimiter, line + 1, bom + length))
}

/// The delimiter that stands most often in the first line, outside quotes.
fn guess(text: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0u32), (b';', 0), (b'\t', 0), (b'|', 0)];
    for b in text.iter().take_while(|b| **b != b'\n') {
        if *b == b'"' {
            quoted = !quoted;
        } else if !quoted {
            counts.iter_mut().filter(|(d, _)| d == b).for_each(|(_, n)| *n += 1);
        }
    }
    let best = counts.iter().rev().max_by_key(|(_, n)| *n);
    best.filter(|(_, n)| *n > 0).map_or(b',', |(d, _)| *d)
}
