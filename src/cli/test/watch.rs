//! `--watch`: runs the tests again whenever a gate file or chart changes.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use notify::{Event, RecursiveMode, Watcher};

use super::super::{Context, Status};
use super::Arguments;

/// How long nothing may change before the tests run again: editors write a file in several steps.
const QUIET: Duration = Duration::from_millis(100);

/// Runs once, and again after each change. A policy that is bad is reported, and the watch goes on.
pub(super) fn run(context: &Context, a: &Arguments) -> Result<Status, Status> {
    let (tell, told) = mpsc::channel();
    let changed = move |event: notify::Result<Event>| {
        // Reading a file is no change.
        let counts = event.is_ok_and(|e| !e.kind.is_access() && e.paths.iter().any(|p| is_law(p)));
        if counts {
            let _ = tell.send(());
        }
    };
    let mut watcher =
        notify::recommended_watcher(changed).map_err(|e| context.bad(&format!("files cannot be watched: {e}")))?;
    // What is used from elsewhere below the root counts as well.
    let loaded = context.files(&a.paths)?;
    if loaded.named.iter().any(|(_, disk)| disk.is_none()) {
        return Err(context.bad("shipped policies do not change; give a path to files to watch"));
    }
    let root = if loaded.prefix.is_empty() { Path::new(".") } else { Path::new(&loaded.prefix) };
    watcher
        .watch(root, RecursiveMode::Recursive)
        .map_err(|e| context.bad(&format!("`{}` cannot be watched: {e}", root.display())))?;
    let mut runs = 0;
    loop {
        let status = super::once(context, a).unwrap_or_else(|s| s);
        runs += 1;
        if a.watch_runs.is_some_and(|n| runs >= n) {
            return Ok(status);
        }
        context.screen.err("watching; Ctrl-C ends it\n");
        if told.recv().is_err() {
            return Ok(status);
        }
        while told.recv_timeout(QUIET).is_ok() {}
    }
}

fn is_law(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "gate" || e == "csv")
}
