//! From messages of the library to Python exceptions: `PolicyError` and `ConsignmentError`, each with its diagnostics.
//!
//! The classes are written in Python (`portcullis/_errors.py`), so that they can be read, documented and pickled there.

use portcullis::Rejected;
use portcullis::diagnostic::{Diagnostic, Severity};
use portcullis::source::Sources;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// What an exception speaks of.
#[derive(Clone, Copy)]
pub enum About {
    /// Files of law, or what is asked of them.
    Policy,
    /// A consignment, or rows.
    Consignment,
}

/// An exception with everything that is wrong.
pub fn rejected(py: Python<'_>, about: About, rejected: &Rejected) -> PyErr {
    let all: PyResult<Vec<_>> = rejected.problems.iter().map(|d| diagnostic(py, d, &rejected.sources)).collect();
    match all {
        Ok(all) => raised(py, about, (rejected.plain(), all)),
        Err(e) => e,
    }
}

/// An exception without a place in a text.
pub fn plain(py: Python<'_>, about: About, message: &str) -> PyErr {
    raised(py, about, (message,))
}

fn raised<'py>(py: Python<'py>, about: About, arguments: impl pyo3::call::PyCallArgs<'py>) -> PyErr {
    let name = match about {
        About::Policy => "PolicyError",
        About::Consignment => "ConsignmentError",
    };
    let made = py.import("portcullis._errors").and_then(|m| m.getattr(name)).and_then(|class| class.call1(arguments));
    made.map_or_else(|e| e, PyErr::from_value)
}

fn diagnostic<'py>(py: Python<'py>, d: &Diagnostic, sources: &Sources) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    let place = d.labels.first().and_then(|l| sources.get(l.span.file).map(|f| (f, l.span.start as usize)));
    fields.set_item("code", d.code.as_str())?;
    fields.set_item("severity", if d.severity == Severity::Error { "error" } else { "warning" })?;
    fields.set_item("message", &d.message)?;
    fields.set_item("file", place.map(|(f, _)| f.name.as_str()))?;
    let at = place.map(|(f, start)| f.line_column(start));
    fields.set_item("line", at.map(|(line, _)| line))?;
    fields.set_item("column", at.map(|(_, column)| column))?;
    fields.set_item("help", d.help.as_deref())?;
    fields.set_item("text", d.plain(sources))?;
    py.import("portcullis._errors")?.getattr("Diagnostic")?.call((), Some(&fields))
}
