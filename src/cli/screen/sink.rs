//! Where decisions go.

use std::fs::File;
use std::io::{BufWriter, Result, Write};

use crate::screen::{Form, Output};

/// A file, standard output, or nothing.
pub(super) enum Sink {
    Nowhere,
    Text(Box<dyn Write + Send>),
    #[cfg(feature = "columnar")]
    Parquet(Box<parquet::arrow::ArrowWriter<Box<dyn Write + Send>>>),
}

/// How many rows stand together in Parquet; as many are held in memory.
#[cfg(feature = "columnar")]
const GROUP: usize = 1 << 17;

impl Sink {
    /// Opens it and writes the first line.
    ///
    /// # Errors
    /// It cannot be written, or it is one of the inputs.
    pub(super) fn open(name: Option<&str>, form: Form, inputs: &[String]) -> std::result::Result<Sink, String> {
        let Some(name) = name else { return Ok(Sink::Nowhere) };
        let mut out: Box<dyn Write + Send> = if name == "-" {
            Box::new(BufWriter::new(std::io::stdout()))
        } else {
            let whole = |p: &str| std::path::Path::new(p).canonicalize().ok();
            if whole(name).is_some_and(|to| inputs.iter().any(|i| whole(i).as_ref() == Some(&to))) {
                return Err(format!("-o {name}: this is one of the inputs"));
            }
            let file = File::create(name).map_err(|e| format!("-o {name}: it cannot be written: {e}"))?;
            Box::new(BufWriter::with_capacity(1 << 16, file))
        };
        #[cfg(feature = "columnar")]
        if form == Form::Rows {
            let writer = parquet_writer(out).map_err(|e| format!("-o {name}: it cannot be written: {e}"))?;
            return Ok(Sink::Parquet(Box::new(writer)));
        }
        let header = Output::header(form);
        out.write_all(header.as_bytes()).map_err(|e| format!("-o {name}: it cannot be written: {e}"))?;
        Ok(Sink::Text(out))
    }

    /// Writes the decisions of a block.
    pub(super) fn write(&mut self, output: &Output) -> Result<()> {
        match self {
            Sink::Nowhere => Ok(()),
            Sink::Text(out) => out.write_all(output.text.as_bytes()),
            #[cfg(feature = "columnar")]
            Sink::Parquet(out) => {
                let batches = crate::screen::columns::batches(&output.rows).map_err(std::io::Error::other)?;
                batches.iter().try_for_each(|b| out.write(b)).map_err(said)
            }
        }
    }

    /// Writes what is left.
    pub(super) fn finish(self) -> Result<()> {
        match self {
            Sink::Nowhere => Ok(()),
            Sink::Text(mut out) => out.flush(),
            #[cfg(feature = "columnar")]
            Sink::Parquet(out) => out.into_inner().map_err(said)?.flush(),
        }
    }
}

#[cfg(feature = "columnar")]
fn parquet_writer(
    out: Box<dyn Write + Send>,
) -> parquet::errors::Result<parquet::arrow::ArrowWriter<Box<dyn Write + Send>>> {
    use parquet::basic::{Compression, ZstdLevel};
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(GROUP))
        .set_created_by(concat!("portcullis ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    parquet::arrow::ArrowWriter::try_new(out, crate::screen::columns::schema(), Some(properties))
}

/// What went wrong in writing, as what the system said where it was the system.
#[cfg(feature = "columnar")]
fn said(e: parquet::errors::ParquetError) -> std::io::Error {
    match e {
        parquet::errors::ParquetError::External(e) => match e.downcast::<std::io::Error>() {
            Ok(e) => *e,
            Err(e) => std::io::Error::other(e),
        },
        e => std::io::Error::other(e),
    }
}
