//! A stopwatch for figures that are read as ratios: several ways of doing the same work, in turn, in one run.
//!
//! Other work on the machine slows all of them alike, so what is compared is measured side by side, many times, and the
//! middle figure counts.

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

/// Some pieces of work, each done `rounds` times in turn; the middle time of each in nanoseconds.
pub fn in_turn(rounds: usize, work: &mut [&mut dyn FnMut()]) -> Vec<f64> {
    let mut times = vec![Vec::new(); work.len()];
    for _ in 0..rounds {
        for (piece, times) in work.iter_mut().zip(&mut times) {
            times.push(once(piece));
        }
    }
    times.into_iter().map(median).collect()
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
