//! Where decisions go.

use std::fs::File;
use std::io::{BufWriter, Result, Write};

use crate::screen::{Form, Output};

/// A file, standard output, or nothing.
pub(super) enum Sink {
    Nowhere,
    Text(Box<dyn Write>),
}

impl Sink {
    /// Opens it and writes the first line.
    ///
    /// # Errors
    /// It cannot be written, or it is one of the inputs.
    pub(super) fn open(name: Option<&str>, form: Form, inputs: &[String]) -> std::result::Result<Sink, String> {
        let Some(name) = name else { return Ok(Sink::Nowhere) };
        let mut out: Box<dyn Write> = if name == "-" {
            Box::new(BufWriter::new(std::io::stdout()))
        } else {
            let whole = |p: &str| std::path::Path::new(p).canonicalize().ok();
            if whole(name).is_some_and(|to| inputs.iter().any(|i| whole(i).as_ref() == Some(&to))) {
                return Err(format!("-o {name}: this is one of the inputs"));
            }
            let file = File::create(name).map_err(|e| format!("-o {name}: it cannot be written: {e}"))?;
            Box::new(BufWriter::with_capacity(1 << 16, file))
        };
        let header = Output::header(form);
        out.write_all(header.as_bytes()).map_err(|e| format!("-o {name}: it cannot be written: {e}"))?;
        Ok(Sink::Text(out))
    }

    /// Writes the decisions of a block.
    pub(super) fn write(&mut self, output: &Output) -> Result<()> {
        match self {
            Sink::Nowhere => Ok(()),
            Sink::Text(out) => out.write_all(output.text.as_bytes()),
        }
    }

    /// Writes what is left.
    pub(super) fn finish(self) -> Result<()> {
        match self {
            Sink::Nowhere => Ok(()),
            Sink::Text(mut out) => out.flush(),
        }
    }
}
