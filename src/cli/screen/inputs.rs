//! Where rows come from: files, patterns, standard input; packed or not; and what they are.

use std::fs::File;
use std::io::{Read, Result};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::From;

/// The files that patterns and names stand for, each pattern's in the order of names.
///
/// # Errors
/// A pattern that cannot be read, or that no file fits.
pub(super) fn expand(names: &[String]) -> std::result::Result<Vec<String>, String> {
    if names.is_empty() {
        return Ok(vec!["-".to_owned()]);
    }
    let mut out = Vec::new();
    for name in names {
        if name == "-" || Path::new(name).exists() || !name.contains(['*', '?', '[']) {
            out.push(name.clone());
            continue;
        }
        let found = glob::glob(name).map_err(|e| format!("`{name}`: {e}"))?;
        let before = out.len();
        for path in found {
            let path = path.map_err(|e| e.to_string())?;
            if path.is_file() {
                out.push(path.to_string_lossy().into_owned());
            }
        }
        if out.len() == before {
            return Err(format!("no file fits `{name}`"));
        }
    }
    Ok(out)
}

/// How many bytes all inputs have together, where that is known.
pub(super) fn size(names: &[String]) -> Option<u64> {
    names.iter().map(|n| std::fs::metadata(n).ok().filter(|m| m.is_file()).map(|m| m.len())).sum()
}

/// An input, unpacked, with its first bytes.
pub(super) struct Input {
    pub(super) reader: Box<dyn Read>,
    pub(super) begin: Vec<u8>,
    pub(super) from: From,
    /// True if it was packed, or is standard input: it cannot be read from its end.
    pub(super) flows: bool,
}

/// How much of an input is read to see what it is.
const BEGIN: usize = 64 * 1024;

/// Opens an input and finds out what it is.
///
/// # Errors
/// It cannot be read, or it is packed in a way that is not read.
pub(super) fn open(name: &str, from: Option<From>, read: &Arc<AtomicU64>) -> Result<Input> {
    let raw: Box<dyn Read> = if name == "-" { Box::new(std::io::stdin()) } else { Box::new(File::open(name)?) };
    let mut raw = Counted { inner: raw, read: read.clone() };
    let begin = first(&mut raw, 4)?;
    let mut ending = Path::new(name);
    let joined = std::io::Cursor::new(begin.clone()).chain(raw);
    let mut reader: Box<dyn Read> = match begin.as_slice() {
        [0x1f, 0x8b, ..] => {
            ending = Path::new(ending.file_stem().unwrap_or_default());
            Box::new(flate2::read::MultiGzDecoder::new(joined))
        }
        [0x28, 0xb5, 0x2f, 0xfd] => {
            ending = Path::new(ending.file_stem().unwrap_or_default());
            zstd(Box::new(joined))?
        }
        _ => Box::new(joined),
    };
    let begin = first(&mut reader, BEGIN)?;
    let from = from.unwrap_or_else(|| kind(ending, &begin));
    let flows = name == "-" || ending != Path::new(name);
    Ok(Input { reader, begin, from, flows })
}

#[cfg(feature = "columnar")]
fn zstd(packed: Box<dyn Read>) -> Result<Box<dyn Read>> {
    // The library refuses to look further back than 128 MiB.
    Ok(Box::new(zstd::stream::read::Decoder::new(packed)?))
}

#[cfg(not(feature = "columnar"))]
fn zstd(_: Box<dyn Read>) -> Result<Box<dyn Read>> {
    Err(std::io::Error::other(format!("it is packed by zstd, and {}", super::without("that"))))
}

/// What an input is, by its ending, else by how it begins.
fn kind(name: &Path, begin: &[u8]) -> From {
    match name.extension().and_then(|e| e.to_str()) {
        Some("csv" | "tsv") => return From::Csv,
        Some("jsonl" | "ndjson" | "json") => return From::Jsonl,
        Some("xml") => return From::Xml,
        Some("parquet") => return From::Parquet,
        Some("arrow" | "arrows" | "feather" | "ipc") => return From::Arrow,
        _ => {}
    }
    if begin.starts_with(b"PAR1") {
        return From::Parquet;
    }
    if begin.starts_with(b"ARROW1") || begin.starts_with(&[0xff; 4]) {
        return From::Arrow;
    }
    let text = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin).trim_ascii_start();
    match text.first() {
        Some(b'{') => From::Jsonl,
        Some(b'<') => From::Xml,
        _ => From::Csv,
    }
}

/// The first bytes of a reader, as many as there are up to a number.
fn first(reader: &mut dyn Read, most: usize) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    reader.take(most as u64).read_to_end(&mut out)?;
    Ok(out)
}

/// Counts what is read, for the progress.
struct Counted {
    inner: Box<dyn Read>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let n = self.inner.read(buffer)?;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}
