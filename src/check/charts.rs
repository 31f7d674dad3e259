//! Charts: CSV files beside the law, read into versions of one table.

use std::collections::HashSet;

use crate::model::{Chart, ChartId, Interval, Row, RowBody, Version, date, read};
use crate::span::Span;
use crate::syntax::tree::{DeclKind, FieldKind, Name};

use super::scope::{Kind, field, joined};
use super::{Checker, messages};

/// Columns of a chart file that are no marks.
const PLACE: &str = "country";
const BORROWS: &str = "as";
const FROM: &str = "from";
const TO: &str = "to";
const DOUBT: &str = "doubt";

/// The columns and rows of a chart file.
type Table = (Vec<String>, Vec<Row>);

impl Checker<'_> {
    pub(super) fn charts(&mut self) {
        self.each(
            |k| matches!(k, DeclKind::Chart { .. }),
            |c, m, decl| {
                let (Some(name), DeclKind::Chart { file }) = (&decl.name, &decl.kind) else { return };
                let path = c.beside(m, &file.node);
                let Some(text) = c.tables.get(&path) else {
                    c.report(messages::bad_chart(file.span, &file.node, "there is no such file beside this one"));
                    return;
                };
                let (columns, rows) = match c.chart_rows(text) {
                    Ok(x) => x,
                    Err(problem) => {
                        c.report(messages::bad_chart(file.span, &file.node, &problem));
                        return;
                    }
                };
                let known = field(decl, |f| if let FieldKind::Known(d) = f { Some(d) } else { None });
                let version = Version {
                    span: name.span,
                    file: path,
                    known: known.and_then(|d| c.dated(d)).unwrap_or(Interval::ALWAYS),
                    rows,
                    cite: field(decl, |f| if let FieldKind::Cite(s) = f { Some(s.node.clone()) } else { None }),
                    doubt: joined(decl, |f| if let FieldKind::Doubt(s) = f { Some(s) } else { None }),
                };
                c.version(m, name, &columns, version);
            },
        );
    }

    /// Adds a version to the chart of that name in the scope of a module; the first makes the chart.
    fn version(&mut self, m: usize, name: &Name, columns: &[String], mut version: Version) {
        let earlier = self.names.in_scope(Kind::Chart, &name.node, self.names.scopes[m]).first().map(|s| s.target);
        let id = ChartId(earlier.unwrap_or(self.world.charts.len() as u32));
        if earlier.is_none() {
            self.world.charts.push(Chart {
                name: name.node.clone(),
                span: name.span,
                columns: Vec::new(),
                versions: Vec::new(),
            });
        }
        self.names.declare(Kind::Chart, &name.node, m, name.span, id.0);
        let Some(chart) = self.world.charts.get_mut(id.index()) else { return };
        let both = |v: &Version| Some((v.span, v.known.intersect(&version.known)?));
        let clash: Option<(Span, Interval)> = chart.versions.iter().find_map(both);
        // All versions have the columns of all; a version that does not print one says nothing in it.
        let new = columns.iter().filter(|c| !chart.columns.contains(c)).cloned().collect::<Vec<_>>();
        chart.columns.extend(new);
        let at = chart.columns.iter().map(|c| columns.iter().position(|own| own == c)).collect::<Vec<_>>();
        for row in &mut version.rows {
            if let RowBody::Own(cells) = &mut row.body {
                *cells = at.iter().map(|i| i.and_then(|i| cells.get(i).copied().flatten())).collect();
            }
        }
        for row in chart.versions.iter_mut().flat_map(|v| &mut v.rows) {
            if let RowBody::Own(cells) = &mut row.body {
                cells.resize(chart.columns.len(), None);
            }
        }
        chart.versions.push(version);
        match clash {
            Some((first, Interval::ALWAYS)) => {
                self.report(messages::declared_twice(Kind::Chart, &name.node, name.span, first));
            }
            Some((first, days)) => {
                self.report(messages::overlapping(Kind::Chart, &name.node, name.span, first, &format!("both {days}")));
            }
            None => {}
        }
    }

    fn chart_rows(&self, text: &str) -> Result<Table, String> {
        let mut reader =
            csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|e| e.to_string())?.clone();
        if header.get(0) != Some(PLACE) {
            return Err(format!("its first column is not called `{PLACE}`"));
        }
        let mut seen = HashSet::new();
        if let Some(twice) = header.iter().find(|h| !seen.insert(*h)) {
            return Err(format!("two columns are called `{twice}`"));
        }
        let column = |name: &str| header.iter().position(|h| h == name);
        let (borrows, from, to, doubt) = (column(BORROWS), column(FROM), column(TO), column(DOUBT));
        let no_marks = [Some(0), borrows, from, to, doubt];
        let marks: Vec<usize> = (0..header.len()).filter(|i| !no_marks.contains(&Some(*i))).collect();
        let columns: Vec<String> = marks.iter().map(|i| header[*i].to_owned()).collect();
        let mut rows: Vec<(u64, Row)> = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| e.to_string())?;
            let line = record.position().map_or(0, csv::Position::line);
            let text = |at: Option<usize>| at.and_then(|i| record.get(i)).filter(|s| !s.is_empty());
            let place = |code: &str| {
                read::place(code, &self.world).ok_or_else(|| format!("line {line}: `{code}` is no country code"))
            };
            let day = |at: Option<usize>| match text(at) {
                Some(day) => date::parse_date(day).map(Some).ok_or_else(|| format!("line {line}: `{day}` is no day")),
                None => Ok(None),
            };
            let code = record.get(0).unwrap_or("");
            let (at, days) = (place(code)?, Interval { from: day(from)?, to: day(to)? });
            if days.from.is_some() && days.to.is_some() && days.from > days.to {
                return Err(format!("line {line}: this row ends before it starts"));
            }
            let cell = |i: &usize| match record.get(*i).unwrap_or("") {
                "X" | "x" => Ok(Some(true)),
                "" => Ok(Some(false)),
                "?" => Ok(None),
                other => Err(format!("line {line}: `{other}` is no mark; write X, ? or nothing")),
            };
            let cells = marks.iter().map(cell).collect::<Result<Vec<_>, _>>()?;
            let body = match text(borrows) {
                Some(other) if cells.iter().any(|c| *c != Some(false)) => {
                    return Err(format!("line {line}: `{code}` has marks and borrows the row of `{other}`"));
                }
                Some(other) => RowBody::As(place(other)?),
                None => RowBody::Own(cells),
            };
            rows.push((line, Row { place: at, days, body, doubt: text(doubt).map(str::to_owned) }));
        }
        rows.sort_by_key(|(line, r)| (r.place, r.days.from, *line));
        let beside = rows.windows(2).filter_map(|pair| if let [a, b] = pair { Some((a, b)) } else { None });
        for ((first, a), (second, b)) in beside.filter(|((_, a), (_, b))| a.place == b.place) {
            if let Some(both) = a.days.intersect(&b.days) {
                let (code, line) = (a.place.code(&self.world), first.max(second));
                let when = if both == Interval::ALWAYS { String::new() } else { format!(", both {both}") };
                return Err(format!("line {line}: `{code}` has two rows{when}"));
            }
        }
        Ok((columns, rows.into_iter().map(|(_, row)| row).collect()))
    }
}
