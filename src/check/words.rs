//! Search words: vocabularies, each a CSV file beside the law, and what entries say of their words.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{CategoryId, WordList, WordListId, phrase};
use crate::syntax::tree::{Decl, DeclKind, FieldKind, Name, Str};

use super::scope::Kind;
use super::{Checker, messages};

/// The columns of a vocabulary.
const HEADER: [&str; 3] = ["goods", "language", "phrase"];

/// How many mistakes of one file are told.
const MAX_TOLD: usize = 20;

/// Phrases by language.
type Phrases = Vec<(String, Vec<String>)>;

/// The words of an entry, as it says.
struct Said<'d> {
    m: usize,
    id: CategoryId,
    of: &'d [Name],
    lists: &'d [(Name, Vec<Str>)],
}

impl Checker<'_> {
    /// The vocabularies, and the names of their goods.
    pub(super) fn vocabularies(&mut self) {
        let mut broken = Vec::new();
        self.each(
            |k| matches!(k, DeclKind::Vocabulary { .. }),
            |c, m, decl| {
                let (Some(name), DeclKind::Vocabulary { file }) = (&decl.name, &decl.kind) else { return };
                let path = c.beside(m, &file.node);
                let text = c.tables.get(&path).ok_or_else(|| vec!["there is no such file beside this one".to_owned()]);
                match text.and_then(|text| vocabulary(text)) {
                    Err(problems) => {
                        for problem in problems.iter().take(MAX_TOLD) {
                            c.report(messages::bad_vocabulary(file.span, &file.node, problem));
                        }
                        broken.push(format!("{}.", name.node));
                    }
                    Ok(goods) => {
                        for (of, words) in goods {
                            let full = format!("{}.{of}", name.node);
                            let list = WordList { name: full, span: name.span, words: Arc::new(words) };
                            let id = WordListId(c.world.words.len() as u32);
                            let twice = c.names.in_scope(Kind::Words, &list.name, c.names.scopes[m]);
                            if let Some(first) = twice.first().map(|s| s.span) {
                                c.report(messages::declared_twice(Kind::Words, &list.name, name.span, first));
                                return;
                            }
                            c.names.declare(Kind::Words, &list.name, m, name.span, id.0);
                            c.world.words.push(list);
                        }
                    }
                }
            },
        );
        self.words_unread = broken;
    }

    /// The words of all entries, once all are numbered.
    pub(super) fn words(&mut self) {
        let modules = self.modules;
        let (mut said, mut next) = (Vec::new(), 0);
        for (m, module) in modules.iter().enumerate() {
            let named = |d: &&Decl| matches!(d.kind, DeclKind::Category) && d.name.is_some();
            module.tree.decls.iter().filter(named).for_each(|decl| gather(m, decl, &mut next, &mut said));
        }
        for entry in &said {
            let mut lists = Phrases::new();
            for (language, phrases) in entry.lists {
                for phrase in phrases {
                    if let Err(problem) = phrase::read(&phrase.node) {
                        self.report(messages::bad_words(phrase.span, &problem));
                    }
                }
                lists.push((language.node.clone(), phrases.iter().map(|p| p.node.clone()).collect()));
            }
            // What stands in a vocabulary that could not be read was reported with it.
            let read = |n: &&Name| !self.words_unread.iter().any(|v| n.node.starts_with(v.as_str()));
            let of: Vec<&Name> = entry.of.iter().filter(read).collect();
            let found: Vec<_> = of.into_iter().filter_map(|n| self.resolve(Kind::Words, n, entry.m)).collect();
            if let Some(category) = self.world.categories.get_mut(entry.id.index()) {
                // An entry may say of its words in several fields.
                category.words.extend(lists);
                category.words_of.extend(found.into_iter().flatten().map(WordListId));
            }
        }
    }

    /// The path below the root of a file that lies beside the one of a module.
    pub(super) fn beside(&self, m: usize, file: &str) -> String {
        let folder = self.modules[m].path.rsplit_once('.');
        folder.map_or(file.to_owned(), |(folder, _)| format!("{}/{file}", folder.replace('.', "/")))
    }
}

/// Entries in the order in which they were numbered, those that say something of words.
fn gather<'d>(m: usize, decl: &'d Decl, next: &mut u32, out: &mut Vec<Said<'d>>) {
    let id = CategoryId(*next);
    *next += 1;
    for field in &decl.fields {
        match &field.kind {
            FieldKind::Words { of, lists } => out.push(Said { m, id, of, lists }),
            FieldKind::Child(child) => gather(m, child, next, out),
            _ => {}
        }
    }
}

/// Reads a vocabulary: the words of goods, by their names.
///
/// # Errors
/// All rows that are wrong, each with its line.
fn vocabulary(text: &str) -> Result<BTreeMap<String, Phrases>, Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| vec![e.to_string()])?;
    if header.iter().ne(HEADER) {
        return Err(vec![format!("its columns are not `{}`", HEADER.join(","))]);
    }
    let (mut out, mut problems) = (BTreeMap::new(), Vec::new());
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|e| vec![e.to_string()])? {
        let line = record.position().map_or(0, csv::Position::line);
        if let Err(problem) = row(&record, &mut out) {
            problems.push(format!("line {line}: {problem}"));
        }
    }
    if out.is_empty() && problems.is_empty() {
        problems.push("there is no row in it".to_owned());
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

/// Adds one row.
fn row(record: &csv::StringRecord, out: &mut BTreeMap<String, Phrases>) -> Result<(), String> {
    let [goods, language, phrase] = [0, 1, 2].map(|i| record.get(i).unwrap_or_default());
    if record.len() != HEADER.len() {
        return Err(format!("the row has {} cells, and the header has {}", record.len(), HEADER.len()));
    }
    if goods.is_empty() || !goods.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(format!("`{goods}` is no name; write letters, digits and `_`"));
    }
    if language.len() != 2 || !language.bytes().all(|b| b.is_ascii_lowercase()) {
        return Err(format!("`{language}` is no language; write two small letters, as `en`"));
    }
    phrase::read(phrase).map_err(|problem| format!("`{phrase}`: {problem}"))?;
    if !out.contains_key(goods) {
        out.insert(goods.to_owned(), Phrases::new());
    }
    let Some(words) = out.get_mut(goods) else { return Ok(()) };
    match words.iter_mut().find(|(l, _)| l == language) {
        Some((_, phrases)) if phrases.iter().any(|p| p == phrase) => Err(format!("`{phrase}` stands there already")),
        Some((_, phrases)) => {
            phrases.push(phrase.to_owned());
            Ok(())
        }
        None => {
            words.push((language.to_owned(), vec![phrase.to_owned()]));
            Ok(())
        }
    }
}
