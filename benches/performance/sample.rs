//! Criterion, asked for one figure at a time.
//!
//! Figures are read as ratios of one run. What criterion finds it also keeps under `target/criterion`, and says on
//! standard output how it compares with the run before.

use std::path::PathBuf;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BatchSize, Bencher, Criterion, SamplingMode};

/// Where criterion keeps what it finds.
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/criterion");

/// Criterion, asked for one figure at a time.
pub struct Watch {
    criterion: Criterion,
    group: String,
}

impl Watch {
    /// A watch for a group of benchmarks, such as `decide-36`. The group and the names of its benchmarks are also names of
    /// folders: letters, digits and hyphens.
    pub fn new(group: &str) -> Watch {
        let criterion = Criterion::default().without_plots().output_directory(&PathBuf::from(KEPT));
        Watch { criterion, group: group.to_owned() }
    }

    /// Nanoseconds that a piece of work takes: the middle of thirty samples.
    pub fn time<T>(&mut self, name: &str, mut work: impl FnMut() -> T) -> f64 {
        self.sampled(name, 30, SamplingMode::Auto, |b| b.iter(&mut work))
    }

    /// As [`time`](Watch::time), of what takes long: ten samples.
    pub fn long<T>(&mut self, name: &str, mut work: impl FnMut() -> T) -> f64 {
        self.sampled(name, 10, SamplingMode::Flat, |b| b.iter(&mut work))
    }

    /// As [`long`](Watch::long), with something made anew for each time, which does not count.
    pub fn fresh<S, T>(&mut self, name: &str, mut set: impl FnMut() -> S, mut work: impl FnMut(S) -> T) -> f64 {
        self.sampled(name, 10, SamplingMode::Flat, |b| b.iter_batched(&mut set, &mut work, BatchSize::PerIteration))
    }

    fn sampled(
        &mut self,
        name: &str,
        samples: usize,
        mode: SamplingMode,
        run: impl FnMut(&mut Bencher<'_, WallTime>),
    ) -> f64 {
        let mut group = self.criterion.benchmark_group(&self.group);
        group.sample_size(samples).sampling_mode(mode);
        group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
        group.bench_function(name, run);
        group.finish();
        let found = format!("{KEPT}/{}/{name}/new/estimates.json", self.group);
        let text = std::fs::read_to_string(&found).unwrap_or_else(|e| panic!("{found}: {e}"));
        let estimates: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{found}: {e}"));
        estimates["median"]["point_estimate"].as_f64().unwrap_or_else(|| panic!("{found} has no median"))
    }
}
