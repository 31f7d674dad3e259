//! Source texts, and where a byte stands in them.
//!
//! A text comes in as bytes from an edge (a file, the embedded policies, a test). It is checked here once: at most
//! [`MAX_FILE`] bytes, UTF-8, a byte-order mark dropped. Line and column are counted in characters from one.

use crate::span::{FileId, Span};

/// The largest gate file that is read, in bytes (4 MiB).
pub const MAX_FILE: usize = 4 * 1024 * 1024;

/// One text with its name (usually its path relative to the module root).
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// How the file is named in messages.
    pub name: String,
    /// Its text, without a byte-order mark.
    pub text: String,
    /// Byte offsets at which lines start.
    lines: Vec<u32>,
}

/// Why a text could not be taken in at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The text is larger than a gate file may be.
    #[error("`{name}` has {size} bytes; a file may have at most {limit}")]
    TooLarge {
        /// The file.
        name: String,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The text is not UTF-8.
    #[error("`{name}` is not UTF-8 text: byte {at} (line {line}) cannot be read; save it as UTF-8")]
    NotUtf8 {
        /// The file.
        name: String,
        /// The first byte that is not UTF-8.
        at: usize,
        /// The line of that byte.
        line: usize,
    },
}

impl SourceFile {
    /// Takes in bytes as text.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Result<Self, SourceError> {
        let (name, bytes) = (name.into(), bytes.into());
        if bytes.len() > MAX_FILE {
            return Err(SourceError::TooLarge { name, size: bytes.len(), limit: MAX_FILE });
        }
        let mut text = String::from_utf8(bytes).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            let line = 1 + e.as_bytes()[..at].iter().filter(|b| **b == b'\n').count();
            SourceError::NotUtf8 { name: name.clone(), at, line }
        })?;
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let starts = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        Ok(Self { name, text, lines })
    }

    /// Line and column, both from one, the column in characters.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        let line = self.lines.partition_point(|start| *start as usize <= offset).max(1);
        let start = self.lines[line - 1] as usize;
        let column = self.text.get(start..offset).map_or(1, |s| s.chars().count() + 1);
        (line, column)
    }
}

/// The texts of one run, numbered in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and gives its number.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(file);
        id
    }

    /// The file of that number, if there is one.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// All files with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(i as u32), f))
    }

    /// Gives each file another name in messages.
    pub fn rename(&mut self, name: impl Fn(&str) -> String) {
        for file in &mut self.files {
            file.name = name(&file.name);
        }
    }

    /// The text under a span; empty where the span is of no file.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).and_then(|f| f.text.get(span.range())).unwrap_or("")
    }

    /// `file:line:column` of the start of a span.
    pub fn place(&self, span: Span) -> String {
        self.get(span.file).map_or_else(String::new, |f| {
            let (line, column) = f.line_column(span.start as usize);
            format!("{}:{line}:{column}", f.name)
        })
    }
}
