//! A stopwatch for what takes too long to be done many times, and how much memory a process holds.

use std::hint::black_box;
use std::time::Instant;

/// The middle one of some figures.
pub fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Nanoseconds that one piece of work takes.
pub fn once<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_nanos() as f64
}

/// The memory that this process holds, in kilobytes; nothing where the system does not say.
pub fn resident() -> Option<f64> {
    status("VmRSS:")
}

/// The most memory that this process ever held, in kilobytes.
pub fn peak() -> Option<f64> {
    status("VmHWM:")
}

fn status(key: &str) -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    text.lines().find_map(|l| l.strip_prefix(key))?.split_whitespace().next()?.parse().ok()
}
