//! The border to Arrow data in memory: the [PyCapsule interface]. All `unsafe` of this package is here.
//!
//! Nothing is copied. A capsule holds a C structure that somebody made and that says how to release it. Taking it over
//! moves the structure out and leaves an empty one, so that it is released once, by whoever holds it last.
//!
//! [PyCapsule interface]: https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::sync::Arc;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use arrow_array::ffi_stream::{ArrowArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchOptions, RecordBatchReader, StructArray};
use arrow_schema::{DataType, Field, Schema};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

const STREAM: &CStr = c"arrow_array_stream";
const SCHEMA: &CStr = c"arrow_schema";
const ARRAY: &CStr = c"arrow_array";

/// Batches, one after another.
pub type Reader = Box<dyn RecordBatchReader + Send>;

/// The rows of anything that hands out Arrow data: a stream, or one struct array.
///
/// # Errors
/// `TypeError` for what hands out none, `ValueError` for a stream that was used, or data that is not as it says.
pub fn rows_of(data: &Bound<'_, PyAny>) -> PyResult<Reader> {
    if data.hasattr("__arrow_c_stream__")? {
        return stream_of(&data.call_method0("__arrow_c_stream__")?);
    }
    if data.hasattr("__arrow_c_array__")? {
        let pair = data.call_method0("__arrow_c_array__")?;
        let pair = pair.cast::<PyTuple>()?;
        return array_of(&pair.get_item(0)?, &pair.get_item(1)?);
    }
    let name = data.get_type().name()?;
    Err(PyTypeError::new_err(format!(
        "{name} hands out no Arrow data; give what has __arrow_c_stream__, such as a table of pyarrow, polars, pandas or DuckDB"
    )))
}

/// A capsule that hands out batches to whoever takes it.
pub fn stream_to<'py>(py: Python<'py>, reader: Reader) -> PyResult<Bound<'py, PyCapsule>> {
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), STREAM)
}

fn stream_of(capsule: &Bound<'_, PyAny>) -> PyResult<Reader> {
    let pointer = capsule.cast::<PyCapsule>()?.pointer_checked(Some(STREAM))?.cast::<FFI_ArrowArrayStream>();
    // SAFETY: a capsule of this name holds, by the interface, a pointer to an aligned and initialised
    // `ArrowArrayStream`, which lives as long as the capsule, and so throughout this call. Nobody else looks at it
    // meanwhile: the interpreter's lock is held. The structure is moved out, and an empty one, whose release is null,
    // stays behind; so the capsule's destructor releases nothing, and using it a second time is seen below.
    let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr()) };
    if stream.release.is_none() {
        return Err(PyValueError::new_err("this stream of Arrow data was already used; a stream can be read once"));
    }
    if stream.get_schema.is_none() || stream.get_next.is_none() {
        return Err(PyValueError::new_err("this stream of Arrow data lacks its functions"));
    }
    let reader = ArrowArrayStreamReader::try_new(stream);
    reader.map(|r| Box::new(r) as Reader).map_err(|e| PyValueError::new_err(e.to_string()))
}

fn array_of(schema: &Bound<'_, PyAny>, array: &Bound<'_, PyAny>) -> PyResult<Reader> {
    let schema = schema.cast::<PyCapsule>()?.pointer_checked(Some(SCHEMA))?.cast::<FFI_ArrowSchema>();
    let array = array.cast::<PyCapsule>()?.pointer_checked(Some(ARRAY))?.cast::<FFI_ArrowArray>();
    // SAFETY: as for a stream: by the names of the capsules these point to an `ArrowSchema` and an `ArrowArray`, which
    // live as long as the capsules; both are moved out under the interpreter's lock and leave empty ones behind.
    let (schema, array) =
        unsafe { (FFI_ArrowSchema::from_raw(schema.as_ptr()), FFI_ArrowArray::from_raw(array.as_ptr())) };
    if array.is_released() {
        return Err(PyValueError::new_err("this Arrow data was already used; it can be taken once"));
    }
    // An empty schema has no format, which the next call would run into.
    let bad = |e: arrow_schema::ArrowError| PyValueError::new_err(e.to_string());
    let field = match std::panic::catch_unwind(|| Field::try_from(&schema)) {
        Ok(field) => field.map_err(bad)?,
        Err(_) => return Err(PyValueError::new_err("the schema of this Arrow data was already used, or is none")),
    };
    let DataType::Struct(fields) = field.data_type() else {
        let ty = field.data_type();
        return Err(PyTypeError::new_err(format!(
            "rows are a struct array, one field a column; this is an array of {ty}"
        )));
    };
    let schema_of_rows = Arc::new(Schema::new_with_metadata(fields.clone(), field.metadata().clone()));
    // SAFETY: the array and the schema were handed out together, so that by the interface one describes the other; the
    // array is owned here and was not released.
    let data = unsafe { from_ffi(array, &schema) }.map_err(bad)?;
    let rows = data.len();
    let (_, columns, _) = StructArray::from(data).into_parts();
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    let batch = RecordBatch::try_new_with_options(schema_of_rows.clone(), columns, &options).map_err(bad)?;
    Ok(Box::new(RecordBatchIterator::new([Ok(batch)], schema_of_rows)))
}
