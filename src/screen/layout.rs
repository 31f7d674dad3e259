//! Which column of a file says what: by the names of facts, or by a map.

use rustc_hash::FxHashMap;

use crate::model::{FactId, Level};
use crate::spelling::nearest;

use super::desk::Screener;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The name of the row.
    Id,
    /// A fact.
    Fact(FactId),
    /// The kind of a licence held, whose fields are the facts `licence.…`.
    Licence,
    /// Nothing that the law asks for; it may join facts from elsewhere.
    Carried,
}

/// How lists stand in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Joined by `;` or `|`, as in a table.
    Cell,
    /// Joined by what no text holds, as they come from a list.
    List,
}

impl Style {
    pub(super) fn index(self) -> usize {
        usize::from(self == Style::List)
    }

    pub(super) fn separates(self, c: char) -> bool {
        match self {
            Style::Cell => c == ';' || c == '|',
            Style::List => c == '\u{1f}',
        }
    }
}

/// A fact, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) fact: FactId,
    pub(super) column: usize,
    pub(super) style: Style,
    /// True if no condition reads it: what stands there is looked at and not kept.
    pub(super) free: bool,
}

/// The columns of a file.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Their names.
    pub(super) names: Vec<String>,
    pub(super) targets: Vec<Target>,
    /// The columns that hold facts of the consignment or the goods, in the order of the facts.
    pub(super) facts: Vec<Field>,
    /// The columns that hold fields of a licence.
    pub(super) fields: Vec<Field>,
    /// The column of each part of the key by which facts are joined.
    pub(super) key: Vec<usize>,
    pub(super) id: Option<usize>,
    pub(super) licence: Option<usize>,
    pub(super) description: Option<usize>,
    pub(super) end_user: Option<usize>,
    /// What the user should know of these columns.
    pub notes: Vec<String>,
    /// What is wrong with them, so that no row can be decided.
    pub problems: Vec<String>,
}

impl Layout {
    /// The columns of a file, by their names.
    pub fn new(screener: &Screener<'_>, names: Vec<String>) -> Layout {
        let styles = vec![Style::Cell; names.len()];
        Layout::with(screener, names, &styles, true)
    }

    /// The columns of a form that is the same in every file: what the law does not ask for is no news.
    pub(super) fn fixed(screener: &Screener<'_>, names: Vec<String>, style: Style) -> Layout {
        let styles = vec![style; names.len()];
        Layout::with(screener, names, &styles, false)
    }

    /// The columns of a file in which lists may stand in more than one way. `notes`: what is not read is said.
    pub(super) fn with(screener: &Screener<'_>, names: Vec<String>, styles: &[Style], notes: bool) -> Layout {
        let map = &screener.settings.map;
        let mut out = Layout {
            names: names.clone(),
            targets: Vec::new(),
            facts: Vec::new(),
            fields: Vec::new(),
            key: Vec::new(),
            id: None,
            licence: None,
            description: None,
            end_user: None,
            notes: Vec::new(),
            problems: Vec::new(),
        };
        let keys = screener.settings.join.as_ref().map_or(&[][..], |j| &j.key);
        let mut seen: FxHashMap<String, String> = FxHashMap::default();
        let mut unread = Vec::new();
        for (i, name) in names.iter().enumerate() {
            let ignored = map.ignore.contains(name);
            let mapped = map.columns.get(name).map(String::as_str);
            let id = map.id.as_deref().map_or(name == "id" && mapped.is_none(), |id| id == name);
            let fact = mapped.or(Some(name.as_str())).and_then(|n| screener.names.get(n).copied());
            let target = match fact {
                _ if ignored => Target::Carried,
                _ if id => Target::Id,
                Some(f) if screener.world().fact(f).is_named_condition() => {
                    out.problems.push(format!("column `{name}`: this fact follows from others and cannot be given"));
                    Target::Carried
                }
                Some(f) => Target::Fact(f),
                None if mapped.unwrap_or(name) == "licence" => Target::Licence,
                None => {
                    if let Some(wanted) = mapped {
                        let near = nearest(wanted, screener.names.keys().copied());
                        let help = near.map_or(String::new(), |n| format!("; did you mean `{n}`?"));
                        out.problems.push(format!("the map sends `{name}` to `{wanted}`, which is no fact{help}"));
                    } else if !keys.contains(name) {
                        unread.push(name.clone());
                    }
                    Target::Carried
                }
            };
            let held = match target {
                Target::Id => Some("id"),
                Target::Licence => Some("licence"),
                Target::Fact(f) => Some(screener.world().fact(f).name.as_str()),
                Target::Carried => None,
            };
            if let Some(held) = held
                && let Some(first) = seen.insert(held.to_owned(), name.clone())
            {
                out.problems.push(format!("the columns `{first}` and `{name}` both give `{held}`"));
            }
            match target {
                Target::Id => out.id = Some(i),
                Target::Licence => out.licence = Some(i),
                Target::Fact(fact) => {
                    let style = styles.get(i).copied().unwrap_or(Style::Cell);
                    let field = Field { fact, column: i, style, free: screener.is_free(fact) };
                    if screener.world().fact(fact).level == Level::Licence {
                        out.fields.push(field);
                    } else {
                        out.facts.push(field);
                    }
                    if Some(fact) == screener.known.description {
                        out.description = Some(i);
                    } else if Some(fact) == screener.known.end_user {
                        out.end_user = Some(i);
                    }
                }
                Target::Carried => {}
            }
            out.targets.push(target);
        }
        out.facts.sort_unstable_by_key(|f| (f.fact, f.column));
        let missing = |name: &&String| !names.contains(name);
        if notes {
            let wanted = map.columns.keys().chain(&map.id);
            out.problems.extend(wanted.filter(missing).map(|n| format!("the column `{n}` of the map is not there")));
            if !unread.is_empty() {
                out.notes.push(format!("not read, since no loaded policy asks for it: {}", unread.join(", ")));
            }
            if !out.fields.is_empty() && out.licence.is_none() {
                out.problems.push("there are fields of a licence, and no column `licence` with its kind".to_owned());
            }
        }
        for part in keys {
            match names.iter().position(|n| n == part) {
                Some(i) => out.key.push(i),
                None => out.problems.push(format!("the column `{part}` of the key is not there")),
            }
        }
        out
    }
}
