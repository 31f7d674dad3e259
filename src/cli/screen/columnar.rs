//! Parquet and Arrow files as batches of columns.
//!
//! What a file says of its own size is held against what is there before it is believed: a footer, a column or a
//! message may lie, and no more memory is asked for than the file can fill, within limits that are counts. What the
//! reading library cannot bear, and says by ending, is an error of that file alone.

use std::cell::Cell;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Once};

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::ParquetMetaData;

use super::thrift;

/// How many rows of Parquet are read at a time.
const ROWS: usize = 16_384;
/// The largest footer of Parquet, and the largest head of a message of Arrow, in bytes.
const MAX_HEAD: usize = 64 << 20;
/// The largest batch of Arrow, in bytes, as it stands in the file and unpacked.
const MAX_BATCH: usize = 1 << 30;
/// The most rows of one batch of Arrow.
const MAX_BATCH_ROWS: i64 = 1 << 26;
/// How deep columns of Parquet may stand in each other.
const MAX_DEPTH: usize = 100;

/// A file of columns, batch by batch.
pub(super) struct Batches {
    /// The columns.
    pub(super) schema: SchemaRef,
    from: Source,
    first: Option<RecordBatch>,
}

enum Source {
    Parquet(Box<ParquetRecordBatchReader>),
    Arrow(Box<Messages>),
}

impl Batches {
    /// Opens a Parquet file.
    ///
    /// # Errors
    /// It is none, it is cut off, or it says of itself what cannot be.
    pub(super) fn parquet(mut file: File) -> Result<Batches, String> {
        guarded(move || {
            let size = file.metadata().map_err(|e| e.to_string())?.len();
            footer(&mut file, size)?;
            let options = ArrowReaderOptions::new();
            let found = ArrowReaderMetadata::load(&file, options).map_err(|e| e.to_string())?;
            sizes(found.metadata(), size)?;
            // Columns of text come as dictionaries, so that each value is read once.
            let options = ArrowReaderOptions::new().with_schema(coded(found.schema()));
            let found = ArrowReaderMetadata::try_new(found.metadata().clone(), options).unwrap_or(found);
            let schema = found.schema().clone();
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, found).with_batch_size(ROWS);
            let reader = Box::new(builder.build().map_err(|e| e.to_string())?);
            Ok(Batches { schema, from: Source::Parquet(reader), first: None })
        })
    }

    /// Opens Arrow, as a file or as a stream.
    ///
    /// # Errors
    /// It is none, or it is cut off before its first batch.
    pub(super) fn arrow(reader: Box<dyn Read>) -> Result<Batches, String> {
        guarded(move || {
            let mut messages =
                Box::new(Messages { reader, decoder: StreamDecoder::new(), done: false, is_file: false });
            let first = messages.next()?;
            let schema = messages.decoder.schema().ok_or("there is no schema in it")?;
            Ok(Batches { schema, from: Source::Arrow(messages), first })
        })
    }

    /// The next batch, or nothing at the end.
    ///
    /// # Errors
    /// The file is broken from here on.
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, String> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        guarded(|| match &mut self.from {
            Source::Parquet(reader) => reader.next().transpose().map_err(|e| e.to_string()),
            Source::Arrow(messages) => messages.next(),
        })
    }
}

/// Reads the end of a Parquet file and looks whether its schema can be gone through.
fn footer(file: &mut File, size: u64) -> Result<(), String> {
    let mut end = [0; 8];
    let begin = size.checked_sub(8).filter(|b| *b >= 4).ok_or("it is too short to be Parquet")?;
    file.seek(SeekFrom::Start(begin)).and_then(|_| file.read_exact(&mut end)).map_err(|e| e.to_string())?;
    let [a, b, c, d, magic @ ..] = end;
    if magic != *b"PAR1" {
        return Err("it does not end as Parquet does; it may be cut off".to_owned());
    }
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    if length > begin - 4 || length > MAX_HEAD as u64 {
        return Err(format!("its footer is said to have {length} bytes, which cannot be"));
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(begin - length)).map_err(|e| e.to_string())?;
    file.take(length).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    match thrift::schema_depth(&bytes) {
        Some(depth) if depth <= MAX_DEPTH => Ok(()),
        Some(_) => Err(format!("its columns stand more than {MAX_DEPTH} deep in each other")),
        None => Err("its footer is broken".to_owned()),
    }
}

/// Holds what the footer says of the columns against the size of the file.
fn sizes(metadata: &ParquetMetaData, size: u64) -> Result<(), String> {
    for (i, group) in metadata.row_groups().iter().enumerate() {
        for column in group.columns() {
            let within = || {
                let begin = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
                let end = begin.checked_add(column.compressed_size())?;
                let sane = begin >= 0 && column.data_page_offset() >= 0 && column.compressed_size() >= 0;
                Some(sane && u64::try_from(end).ok()? <= size)
            };
            if within() != Some(true) {
                let name = column.column_path().string();
                return Err(format!("row group {}, column `{name}`: it is said to lie outside the file", i + 1));
            }
        }
        if group.num_rows() < 0 {
            return Err(format!("row group {}: it is said to have fewer than no rows", i + 1));
        }
    }
    Ok(())
}

/// A schema in which columns of text are dictionaries.
fn coded(schema: &Schema) -> SchemaRef {
    let of = |field: &Arc<Field>| -> Field {
        let field = Field::clone(field);
        match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                let coded = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
                field.with_data_type(coded)
            }
            _ => field,
        }
    };
    let fields: Vec<Field> = schema.fields().iter().map(of).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// The messages of Arrow, one after another.
struct Messages {
    reader: Box<dyn Read>,
    decoder: StreamDecoder,
    done: bool,
    is_file: bool,
}

impl Messages {
    fn next(&mut self) -> Result<Option<RecordBatch>, String> {
        while !self.done {
            let mut head = self.bytes(4)?;
            if head == b"ARRO" {
                // A file is a stream behind its name and, with some writers, more zeros.
                if self.bytes(4)? != b"W1\0\0" {
                    return Err("it begins as Arrow and does not go on so".to_owned());
                }
                self.is_file = true;
                head = vec![0; 4];
                for _ in 0..16 {
                    if head == [0; 4] {
                        head = self.bytes(4)?;
                    }
                }
            }
            if head == [0xff; 4] {
                head = self.bytes(4)?;
            }
            let [a, b, c, d] = head[..] else {
                // A stream may end without a word, and a file does not.
                if self.is_file || !head.is_empty() {
                    return Err("it is cut off".to_owned());
                }
                self.done = true;
                continue;
            };
            let length = u32::from_le_bytes([a, b, c, d]) as usize;
            if length == 0 {
                self.done = true;
                continue;
            }
            if length > MAX_HEAD {
                return Err(format!("the head of a message is said to have {length} bytes, which cannot be"));
            }
            let meta = self.exactly(length)?;
            let body = self.exactly(body_length(&meta)?)?;
            unpacked(&meta, &body)?;
            let frame = [&[0xff; 4][..], &(length as u32).to_le_bytes(), &meta].concat();
            let mut found = None;
            for part in [frame, body] {
                let mut buffer = Buffer::from(part);
                while !buffer.is_empty() {
                    found = self.decoder.decode(&mut buffer).map_err(|e| e.to_string())?.or(found);
                }
            }
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    fn bytes(&mut self, length: usize) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        (&mut self.reader).take(length as u64).read_to_end(&mut out).map_err(|e| e.to_string())?;
        Ok(out)
    }

    fn exactly(&mut self, length: usize) -> Result<Vec<u8>, String> {
        let out = self.bytes(length)?;
        if out.len() == length { Ok(out) } else { Err("it is cut off".to_owned()) }
    }
}

fn body_length(meta: &[u8]) -> Result<usize, String> {
    let message = arrow_ipc::root_as_message(meta).map_err(|e| format!("a message is broken: {e}"))?;
    let length = usize::try_from(message.bodyLength()).ok().filter(|n| *n <= MAX_BATCH);
    length
        .ok_or_else(|| format!("a batch is said to have {} bytes; at most {MAX_BATCH} are read", message.bodyLength()))
}

/// Looks at what a batch says of its rows and of its packed columns before they are unpacked.
fn unpacked(meta: &[u8], body: &[u8]) -> Result<(), String> {
    let message = arrow_ipc::root_as_message(meta).map_err(|e| format!("a message is broken: {e}"))?;
    let dictionary = message.header_as_dictionary_batch().and_then(|d| d.data());
    let Some(batch) = message.header_as_record_batch().or(dictionary) else { return Ok(()) };
    if !(0..=MAX_BATCH_ROWS).contains(&batch.length()) {
        return Err(format!("a batch is said to have {} rows; at most {MAX_BATCH_ROWS} are read", batch.length()));
    }
    let mut whole = 0usize;
    for buffer in batch.buffers().iter().flatten() {
        let at = usize::try_from(buffer.offset()).ok();
        let length = usize::try_from(buffer.length()).ok();
        let part = at.zip(length).and_then(|(at, n)| body.get(at..at.checked_add(n)?));
        let part = part.ok_or("a column is said to lie outside its batch")?;
        if batch.compression().is_some()
            && let Some(Ok(size)) = part.get(..8).map(<[u8; 8]>::try_from)
        {
            // Minus one says that it is not packed.
            let size = i64::from_le_bytes(size);
            whole = whole.saturating_add(usize::try_from(size).unwrap_or(0));
            if size < -1 || whole > MAX_BATCH {
                return Err(format!("a batch is said to have more than {MAX_BATCH} bytes when unpacked"));
            }
        }
    }
    Ok(())
}

thread_local! {
    /// True while what a library says as it ends is not to be printed.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Does what may end in a panic where a file is broken.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                before(info);
            }
        }));
    });
    QUIET.set(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    done.unwrap_or_else(|_| Err("it is broken in a way that cannot be read".to_owned()))
}
