//! Charts: tables with one row a place and one column a mark, as the law prints them, from time to time anew.
//!
//! A chart has versions, each known for other days, and within a version a row may hold for a time. Whoever asks for a
//! mark reads one version and at most one row of each place, so that a day has one answer. Where the chart says nothing
//! there is no answer, and never "no mark".

use crate::span::Span;

use super::date::{Date, Interval};
use super::value::PlaceId;
use super::world::World;

/// A table of marks, in all its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Its name.
    pub name: String,
    /// Where it is first declared.
    pub span: Span,
    /// The columns that any version has.
    pub columns: Vec<String>,
    /// The versions; no two are known for the same day.
    pub versions: Vec<Version>,
}

/// A chart as it stands for some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Where it is declared.
    pub span: Span,
    /// The path of its file below the root.
    pub file: String,
    /// For which days it is known; both ends open: for all.
    pub known: Interval,
    /// The rows, sorted by place and day.
    pub rows: Vec<Row>,
    /// What it cites.
    pub cite: Option<String>,
    /// What the source leaves unsure of the whole version.
    pub doubt: Option<String>,
}

/// A row: what holds for one place on some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The place.
    pub place: PlaceId,
    /// For which days; both ends open: for all that the version is known for.
    pub days: Interval,
    /// What it says.
    pub body: RowBody,
    /// What the source leaves unsure of it.
    pub doubt: Option<String>,
}

/// What a row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowBody {
    /// A mark for each column of the chart; nothing: unknown.
    Own(Vec<Option<bool>>),
    /// The row of another place.
    As(PlaceId),
}

/// How often a row may point to another.
const STEPS: usize = 8;

impl Chart {
    /// The version that is known for a day.
    pub fn on(&self, day: Date) -> Option<&Version> {
        self.versions.iter().find(|v| v.known.contains(day))
    }

    /// The mark of a place in a column on a day: of the place itself, of the row it borrows, or of what it lies in.
    /// Nothing where the chart does not say.
    pub fn mark(&self, world: &World, day: Date, column: usize, place: PlaceId) -> Option<bool> {
        let version = self.on(day)?;
        match &version.read(world, day, place, &mut |_| {})?.body {
            RowBody::Own(cells) => cells.get(column).copied().flatten(),
            RowBody::As(_) => None,
        }
    }

    /// What is unsure of the rows that are read for a place on a day, and of the version they stand in.
    pub fn doubts(&self, world: &World, day: Date, place: PlaceId) -> Vec<&str> {
        let Some(version) = self.on(day) else { return Vec::new() };
        let mut out: Vec<&str> = version.doubt.as_deref().into_iter().collect();
        version.read(world, day, place, &mut |row| out.extend(row.doubt.as_deref()));
        out
    }

    /// True if something may be unsure of a row that is read for a place, on whatever day.
    pub fn doubted(&self, world: &World, place: PlaceId) -> bool {
        self.versions.iter().filter(|v| v.rows.iter().any(|r| r.doubt.is_some())).any(|v| {
            let (mut open, mut seen) = (vec![place], Vec::new());
            while let Some(place) = open.pop() {
                if seen.contains(&place) {
                    continue;
                }
                seen.push(place);
                for row in v.of(place) {
                    if row.doubt.is_some() {
                        return true;
                    }
                    open.extend(if let RowBody::As(other) = row.body { Some(other) } else { None });
                }
                open.extend(place.within(world));
            }
            false
        })
    }

    /// The days for which versions and rows hold: nothing else makes an answer change with the day.
    pub fn intervals(&self) -> impl Iterator<Item = &Interval> {
        self.versions.iter().flat_map(|v| std::iter::once(&v.known).chain(v.rows.iter().map(|r| &r.days)))
    }
}

impl Version {
    /// The rows of a place, on whatever days.
    fn of(&self, place: PlaceId) -> impl Iterator<Item = &Row> {
        let first = self.rows.partition_point(|r| r.place < place);
        self.rows.iter().skip(first).take_while(move |r| r.place == place)
    }

    /// The row in which the marks of a place stand on a day; every row that is read on the way is shown to `visit`.
    fn read<'v>(&'v self, world: &World, day: Date, place: PlaceId, visit: &mut dyn FnMut(&'v Row)) -> Option<&'v Row> {
        let mut at = Some(place);
        for _ in 0..STEPS {
            let place = at?;
            let Some(row) = self.of(place).find(|r| r.days.contains(day)) else {
                at = place.within(world);
                continue;
            };
            visit(row);
            match row.body {
                RowBody::Own(_) => return Some(row),
                RowBody::As(other) => at = Some(other),
            }
        }
        None
    }
}
