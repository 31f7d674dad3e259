//! Tables decided: batches of Arrow data in, batches of decisions out, row for row, each when it is asked for.
//!
//! A [`Screening`] holds the law made ready for rows and serves any number of tables and threads. A [`Screened`] is one
//! table: a stream that reads its input as far as it is read itself, so memory does not grow with the table. It never
//! takes the interpreter's lock, so whoever reads it decides whether other threads run meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use portcullis::screen::columns::{self, Columns};
use portcullis::screen::join::Join;
use portcullis::screen::map::Map;
use portcullis::screen::nomenclature::Nomenclature;
use portcullis::screen::{Form, Screener, Settings, Totals};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict};

use crate::capsule::{self, Reader};
use crate::errors::{self, About};
use crate::law::{Law, Ready, read_day};

self_cell::self_cell! {
    /// The law made ready for rows, with the policies it is made of.
    struct Prepared {
        owner: Arc<Ready>,
        #[not_covariant]
        dependent: Screener,
    }
}

/// What holds for all rows: the settings of `portcullis screen`.
#[pyclass(frozen, module = "portcullis._native")]
pub struct Screening(Arc<Prepared>);

#[pymethods]
impl Screening {
    /// Makes the law ready. `map` is TOML; `facts` is the name, the key and the text of a second record; `nomenclature`
    /// has the name and the text of each list of codes.
    #[new]
    fn new(
        py: Python<'_>,
        law: &Law,
        as_of: Option<&str>,
        set: Vec<(String, String)>,
        map: Option<&str>,
        facts: Option<(String, Vec<String>, Vec<u8>)>,
        nomenclature: Vec<(String, Vec<u8>)>,
    ) -> PyResult<Screening> {
        let as_of = as_of.map(|text| read_day(py, About::Consignment, text)).transpose()?;
        let ready = law.ready();
        let prepared = py.detach(|| {
            let map = map.map_or(Ok(Map::default()), |text| Map::read(text).map_err(|e| format!("map: {e}")))?;
            let read = |(name, key, bytes): (String, Vec<String>, Vec<u8>)| {
                let read = Join::read(ready.borrow_owner().world(), &map, &name, key, &bytes);
                read.map_err(|e| format!("{name}: {e}"))
            };
            let join = facts.map(read).transpose()?;
            let mut codes = None;
            for (name, bytes) in nomenclature {
                let all = codes.get_or_insert_with(Nomenclature::default);
                all.add(&name, &bytes).map_err(|e| format!("{name}: {e}"))?;
            }
            let settings = Settings { as_of, set, map, join, nomenclature: codes };
            Prepared::try_new(ready.clone(), |ready| Screener::new(ready.borrow_owner(), settings))
        });
        match prepared {
            Ok(prepared) => Ok(Screening(Arc::new(prepared))),
            Err(message) => Err(errors::plain(py, About::Consignment, &message)),
        }
    }

    /// Begins to decide the rows of a table. `whole`: whether each decision is given in full as well.
    fn screen(&self, py: Python<'_>, data: &Bound<'_, PyAny>, whole: bool) -> PyResult<Screened> {
        let rows = capsule::rows_of(data)?;
        let columns = self.0.with_dependent(|_, screener| Columns::open(screener, &rows.schema()));
        let columns = columns.map_err(|e| errors::plain(py, About::Consignment, &e))?;
        // With these columns no row could be decided.
        if !columns.layout.problems.is_empty() {
            return Err(errors::plain(py, About::Consignment, &columns.layout.problems.join("\n")));
        }
        let notes = columns.layout.notes.clone();
        let form = if whole { Form::RowsWhole } else { Form::Rows };
        let totals = Arc::new(Mutex::new(Totals::default()));
        let stream = Stream {
            rows,
            columns,
            schema: schema(whole),
            prepared: self.0.clone(),
            form,
            whole,
            next: 1,
            ready: Vec::new().into_iter(),
            totals: totals.clone(),
            ended: false,
        };
        Ok(Screened { stream: Mutex::new(Some(Box::new(stream))), totals, notes })
    }
}

/// A table that is decided as it is read.
#[pyclass(frozen, module = "portcullis._native")]
pub struct Screened {
    stream: Mutex<Option<Reader>>,
    totals: Arc<Mutex<Totals>>,
    notes: Vec<String>,
}

#[pymethods]
impl Screened {
    /// The decisions as Arrow data. They can be taken once.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // Another schema may be asked for; what cannot be had may be left, and the reader casts.
        drop(requested_schema);
        match self.stream.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(stream) => capsule::stream_to(py, stream),
            None => {
                let message = "these decisions were already read, which is possible once; keep the table made of them";
                Err(PyValueError::new_err(message))
            }
        }
    }

    /// What became of the rows decided so far.
    fn totals<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let totals = self.totals.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let out = PyDict::new(py);
        out.set_item("rows", totals.read)?;
        out.set_item("refused", totals.refused)?;
        out.set_item("open", totals.open)?;
        out.set_item("outcomes", totals.outcomes)?;
        let flags = PyDict::new(py);
        totals.flags.iter().try_for_each(|(kind, n)| flags.set_item(kind.as_str(), n))?;
        out.set_item("flags", flags)?;
        Ok(out)
    }

    /// What to know of the columns.
    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

/// The decisions of a table, batch by batch.
struct Stream {
    rows: Reader,
    columns: Columns,
    schema: SchemaRef,
    prepared: Arc<Prepared>,
    form: Form,
    whole: bool,
    /// The number of the next row.
    next: u64,
    /// Batches that are decided and not yet handed out.
    ready: std::vec::IntoIter<RecordBatch>,
    totals: Arc<Mutex<Totals>>,
    ended: bool,
}

impl Stream {
    /// The decisions of the next batch that has any, or nothing at the end.
    fn decide(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        loop {
            if let Some(batch) = self.ready.next() {
                return Ok(Some(batch));
            }
            let Some(batch) = self.rows.next() else { return Ok(None) };
            let batch = batch?;
            let (columns, form, first) = (&self.columns, self.form, self.next);
            // A desk is lent by the law that is made ready, so each batch has one of its own.
            let output =
                self.prepared.with_dependent(|_, screener| columns.rows(&mut screener.desk(form, 0), 0, first, &batch));
            let rows = batch.num_rows() as u64;
            if (output.totals.read, output.totals.written()) != (rows, rows) {
                let message = format!("{rows} rows came in and {} went out; this is a defect", output.totals.written());
                return Err(ArrowError::ComputeError(message));
            }
            self.next += rows;
            let mut decided = columns::batches(&output.rows)?;
            if self.whole {
                decided = with_whole(decided, &output.text, &self.schema)?;
            }
            self.totals.lock().unwrap_or_else(PoisonError::into_inner).add(output.totals);
            self.ready = decided.into_iter();
        }
    }
}

impl Iterator for Stream {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        // A panic must not pass through the C functions that call this, and a null byte must not stand in their messages.
        let found = catch_unwind(AssertUnwindSafe(|| self.decide()));
        let found =
            found.unwrap_or_else(|_| Err(ArrowError::ComputeError("the rows could not be decided: a defect".into())));
        self.ended = !matches!(found, Ok(Some(_)));
        let plain = |e: ArrowError| ArrowError::ComputeError(e.to_string().replace('\0', " "));
        found.map_err(plain).transpose()
    }
}

impl RecordBatchReader for Stream {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

fn schema(whole: bool) -> SchemaRef {
    let flat = columns::schema();
    if !whole {
        return flat;
    }
    let last = Arc::new(Field::new("decision", DataType::Utf8, false));
    Arc::new(Schema::new(flat.fields().iter().cloned().chain([last]).collect::<Vec<_>>()))
}

/// Batches with the whole decisions, a line each, as their last column.
fn with_whole(batches: Vec<RecordBatch>, lines: &str, schema: &SchemaRef) -> Result<Vec<RecordBatch>, ArrowError> {
    let mut lines = lines.lines();
    let one = |batch: RecordBatch| {
        let texts = StringArray::from_iter_values(lines.by_ref().take(batch.num_rows()));
        let columns = batch.columns().iter().cloned().chain([Arc::new(texts) as ArrayRef]).collect();
        RecordBatch::try_new(schema.clone(), columns)
    };
    batches.into_iter().map(one).collect()
}
