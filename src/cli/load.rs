//! From paths and names on the command line to files of law.
//!
//! A path is a gate file or a folder of them; its root is the nearest folder above that holds `trade.gate`. What is
//! named is loaded with all it needs: the whole policy it belongs to, and the modules it uses. A name such as
//! `eu.torture` that is no path is looked up among the shipped policies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::embedded;
use crate::policy::LawFile;
use crate::select;
use crate::source::MAX_FILE;

/// The deepest folder tree that is walked.
const MAX_DEPTH: usize = 32;

/// The files named, and all they need.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Files by path below their root.
    pub files: Vec<LawFile>,
    /// Of those, the gate files that were named, with their paths on disk; empty for shipped ones.
    pub named: Vec<(String, Option<PathBuf>)>,
    /// What stands before a path below the root, seen from where the user stands.
    pub prefix: String,
}

/// Finds and reads what the paths name.
///
/// # Errors
/// A path that is not there, a folder without gate files, a root that differs between paths, a file too large.
pub fn load(paths: &[String], root: Option<&Path>) -> Result<Loaded, String> {
    find(paths, root, false)
}

/// The same, with the files that link entries of control lists, and all that these need.
///
/// # Errors
/// As [`load`].
pub fn load_linked(paths: &[String], root: Option<&Path>) -> Result<Loaded, String> {
    find(paths, root, true)
}

fn find(paths: &[String], root: Option<&Path>, links: bool) -> Result<Loaded, String> {
    if paths.is_empty() {
        return Err("name at least one policy: `-p eu.torture`, or a path to gate files".to_owned());
    }
    let mut all: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut named: Vec<(String, Option<PathBuf>)> = Vec::new();
    let mut roots: BTreeSet<PathBuf> = BTreeSet::new();
    let mut shipped = false;
    for path in paths {
        let disk = Path::new(path);
        if disk.exists() {
            let base = match root {
                Some(r) => r.to_path_buf(),
                None => find_root(disk),
            };
            let base = base.canonicalize().map_err(|e| format!("`{}`: {e}", base.display()))?;
            roots.insert(base.clone());
            let disk = disk.canonicalize().map_err(|e| format!("`{path}`: {e}"))?;
            let mut found = Vec::new();
            if disk.is_dir() {
                walk(&disk, &mut found, 0)?;
            } else {
                found.push(disk.clone());
            }
            let mut any = false;
            for file in found.into_iter().filter(|f| f.extension().is_some_and(|e| e == "gate")) {
                let below = file
                    .strip_prefix(&base)
                    .map_err(|_| format!("`{}` is not below the root `{}`", file.display(), base.display()))?;
                any = true;
                named.push((slashes(below), Some(file)));
            }
            if !any {
                return Err(format!("`{path}` holds no gate file"));
            }
        } else {
            shipped = true;
            let hits = select::shipped(path);
            if hits.is_empty() {
                return Err(format!("there is no file, folder or shipped policy `{path}`"));
            }
            named.extend(hits.into_iter().map(|h| (h, None)));
        }
    }
    if roots.len() + usize::from(shipped) > 1 {
        return Err("the paths have different roots; name one with --root, or load them apart".to_owned());
    }
    // Everything below the root is at hand; what is needed is picked from it.
    match roots.first() {
        Some(base) => {
            let mut found = Vec::new();
            walk(base, &mut found, 0)?;
            let with = |end: &str| {
                let of_kind = found.iter().filter(move |f| f.extension().is_some_and(|e| e == end));
                of_kind.filter_map(|f| Some((slashes(f.strip_prefix(base).ok()?), f))).collect::<Vec<_>>()
            };
            for (below, file) in with("gate") {
                all.insert(below, read(file)?);
            }
            // A table that no law names is left alone, whatever its size.
            let named: BTreeSet<String> = all.iter().flat_map(|(path, bytes)| select::tables(path, bytes)).collect();
            for (below, file) in with("csv").into_iter().filter(|(below, _)| named.contains(below)) {
                all.insert(below, read(file)?);
            }
        }
        None => all.extend(embedded::files().into_iter().map(|f| (f.path, f.bytes))),
    }
    let prefix = roots.first().map_or_else(String::new, |base| {
        let here = std::env::current_dir().and_then(|d| d.canonicalize()).unwrap_or_default();
        let shown = base.strip_prefix(&here).unwrap_or(base);
        if shown.as_os_str().is_empty() { String::new() } else { format!("{}/", shown.display()) }
    });
    let mut wanted: BTreeSet<String> = named.iter().map(|(p, _)| p.clone()).collect();
    if links {
        wanted.extend(select::linking(&all).cloned());
    }
    Ok(Loaded { files: select::needed(all, wanted), named, prefix })
}

/// The module in which a name below the root of some paths stands, such as `alliance.goods` for `alliance.goods.gallows`,
/// as a path that can be loaded with them; nothing if there is none.
pub fn module_of(paths: &[String], root: Option<&Path>, name: &str) -> Option<String> {
    let on_disk = paths.iter().map(Path::new).find(|p| p.exists());
    let base = on_disk.map(|p| root.map_or_else(|| find_root(p), Path::to_path_buf));
    let ends = name.match_indices('.').map(|(at, _)| at).chain([name.len()]);
    let modules: Vec<&str> = ends.filter_map(|end| name.get(..end)).collect();
    modules.into_iter().rev().find_map(|module| {
        let file = format!("{}.gate", module.replace('.', "/"));
        match &base {
            Some(base) => Some(base.join(&file)).filter(|f| f.is_file()).map(|f| f.to_string_lossy().into_owned()),
            None => embedded::files().iter().any(|f| f.path == file).then(|| module.to_owned()),
        }
    })
}

/// The nearest folder above that holds `trade.gate`; the folder of the path itself if there is none.
fn find_root(path: &Path) -> PathBuf {
    let absolute = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let start =
        if absolute.is_dir() { absolute.clone() } else { absolute.parent().map(Path::to_path_buf).unwrap_or_default() };
    let above = start.ancestors().find(|a| a.join("trade.gate").is_file()).map(Path::to_path_buf);
    above.unwrap_or(start)
}

fn walk(dir: &Path, out: &mut Vec<PathBuf>, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("`{}` lies deeper than {MAX_DEPTH} folders", dir.display()));
    }
    let entries = std::fs::read_dir(dir).map_err(|e| format!("`{}`: {e}", dir.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    paths.sort();
    for path in paths {
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        // Links are not followed into folders, so that no circle is walked.
        if path.is_dir() && !path.is_symlink() && !hidden {
            walk(&path, out, depth + 1)?;
        } else if path.is_file() {
            out.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let size = std::fs::metadata(path).map_err(|e| format!("`{}`: {e}", path.display()))?.len();
    if size > MAX_FILE as u64 {
        return Err(format!("`{}` has {size} bytes; a file of law may have at most {MAX_FILE}", path.display()));
    }
    std::fs::read(path).map_err(|e| format!("`{}`: {e}", path.display()))
}

fn slashes(path: &Path) -> String {
    path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
