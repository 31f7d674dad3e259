//! Which files of law belong together: those named, and all that they need.
//!
//! A file needs the whole policy it belongs to, the modules it uses, and the tables it names. Nothing is read here: who
//! embeds the library hands over every file at hand by its path, and gets those to load.

use std::collections::{BTreeMap, BTreeSet};

use crate::embedded;
use crate::policy::LawFile;

/// Of all files at hand, those named by their path and all that they need, in the order of their paths.
pub fn needed(all: BTreeMap<String, Vec<u8>>, named: impl IntoIterator<Item = String>) -> Vec<LawFile> {
    let needed = closure(&all, named.into_iter().collect());
    all.into_iter().filter(|(p, _)| needed.contains(p)).map(|(path, bytes)| LawFile { path, bytes }).collect()
}

/// The gate files, by path, that link entries of control lists.
pub fn linking(all: &BTreeMap<String, Vec<u8>>) -> impl Iterator<Item = &String> {
    let links = |bytes: &[u8]| lines(bytes).any(|l| l.starts_with(b"link "));
    all.iter().filter(move |(p, b)| p.ends_with(".gate") && links(b)).map(|(p, _)| p)
}

/// The paths of the tables that a gate file may name: what stands in quotes there and ends in `.csv`, beside the file.
/// Any other table that lies among the law is none of its business.
pub fn tables(path: &str, bytes: &[u8]) -> impl Iterator<Item = String> {
    let folder = path.rsplit_once('/').map_or(String::new(), |(f, _)| format!("{f}/"));
    let quoted = lines(bytes).flat_map(|l| l.split(|b| *b == b'"')).filter(|q| q.ends_with(b".csv"));
    quoted.map(move |q| format!("{folder}{}", String::from_utf8_lossy(q)))
}

/// The paths of the shipped gate files that a name such as `eu.torture` stands for; empty if there are none.
pub fn shipped(name: &str) -> Vec<String> {
    let prefix = name.replace('.', "/");
    let (folder, file) = (format!("{prefix}/"), format!("{prefix}.gate"));
    let fits = |p: &String| p.ends_with(".gate") && (p.starts_with(&folder) || *p == file);
    embedded::files().into_iter().map(|f| f.path).filter(fits).collect()
}

/// What the named files need: the folder of their policy, what any of them uses, the tables they name.
fn closure(all: &BTreeMap<String, Vec<u8>>, named: BTreeSet<String>) -> BTreeSet<String> {
    let gate = |p: &String| p.ends_with(".gate");
    let policy_folders: Vec<&str> = all
        .iter()
        .filter(|(p, bytes)| gate(p) && declares_policy(bytes))
        .map(|(p, _)| p.rsplit_once('/').map_or("", |(folder, _)| folder))
        .collect();
    let folder_of = |path: &str| {
        policy_folders
            .iter()
            .filter(|f| !f.is_empty() && path.starts_with(&format!("{f}/")))
            .max_by_key(|f| f.len())
            .copied()
    };
    let mut needed = BTreeSet::new();
    let mut open: Vec<String> = named.into_iter().collect();
    while let Some(path) = open.pop() {
        if !needed.insert(path.clone()) {
            continue;
        }
        if let Some(folder) = folder_of(&path) {
            open.extend(all.keys().filter(|p| folder_of(p) == Some(folder) && !needed.contains(*p)).cloned());
        }
        for used in uses(all.get(&path).map_or(&[][..], Vec::as_slice)) {
            let module = format!("{}.gate", used.replace('.', "/"));
            if all.contains_key(&module) && !needed.contains(&module) {
                open.push(module);
            }
        }
        needed.extend(tables(&path, all.get(&path).map_or(&[][..], Vec::as_slice)).filter(|p| all.contains_key(p)));
    }
    needed
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).split(|b| *b == b'\n')
}

fn declares_policy(bytes: &[u8]) -> bool {
    lines(bytes).any(|l| l.starts_with(b"policy "))
}

fn uses(bytes: &[u8]) -> Vec<String> {
    let words = lines(bytes).filter_map(|l| l.trim_ascii().strip_prefix(b"use "));
    words.filter_map(|w| String::from_utf8_lossy(w).split_whitespace().next().map(str::to_owned)).collect()
}
