//! Rows from declarations in the WCO data model: `urn:wco:datamodel:WCO:DEC-DMS:2`, one or many a file.
//!
//! Every goods item is a row, since customs decides items: its own fields, and those of the declaration around it. What
//! is absent is not known. Which element gives which column stands in the guide. A [`Cutter`] takes the declarations
//! out of a file of any length; a document type, and with it every entity of one's own, is refused, and nothing outside
//! the file is ever fetched.

use memchr::{memchr, memchr_iter, memmem};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use rustc_hash::FxHashMap;

use crate::model::{FactId, Held, Value};

use super::desk::{Desk, Place, Screener};
use super::layout::{Layout, Style};
use super::output::Output;

/// The longest declaration that is read, in bytes (4 MiB).
pub const MAX_DECLARATION: usize = 4 << 20;
/// The most goods items of one declaration.
const MAX_ITEMS: usize = crate::consignment::MAX_ITEMS;
/// How deep a declaration may nest.
const MAX_DEPTH: usize = 200;
/// The namespace.
const NAMESPACE: &[u8] = b"urn:wco:datamodel:WCO:DEC-DMS:2";

/// The columns, in the order in which [`Item::cells`] gives them.
const COLUMNS: [&str; 27] = [
    "id",
    "date",
    "activity",
    "from",
    "destination",
    "origin",
    "transit",
    "value",
    "documents",
    "goods.code",
    "goods.description",
    "goods.net_mass",
    "goods.gross_mass",
    "goods.additional_codes",
    "goods.tariff_quantity",
    "goods.procedures",
    "declaration.reference",
    "declaration.type",
    "declarant.id",
    "exporter.id",
    "exporter.name",
    "consignee.id",
    "consignee.name",
    "consignee.country",
    "consignor.id",
    "consignor.name",
    "carrier.name",
];

/// What was cut out of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// A whole declaration.
    Declaration {
        /// Its bytes.
        bytes: Vec<u8>,
        /// The line on which it begins, from 1.
        line: u64,
    },
    /// One that cannot be read.
    Bad {
        /// The line on which it begins.
        line: u64,
        /// Why.
        message: String,
    },
}

/// Takes declarations out of a file.
#[derive(Clone, Debug, Default)]
pub struct Cutter {
    /// The line on which the bytes at hand begin, less one.
    lines: u64,
    /// How far the bytes at hand were looked at.
    at: usize,
    /// Where the declaration begins that is open, and how many are open within it.
    open: Option<(usize, u64)>,
    depth: usize,
    named: bool,
    found: bool,
    refused: bool,
}

impl Cutter {
    /// Cuts declarations off the front of what was read; what is left over stays. `end`: nothing comes after.
    pub fn cut(&mut self, buffer: &mut Vec<u8>, end: bool) -> Vec<Cut> {
        let mut out = Vec::new();
        while !self.refused && self.tag(buffer, &mut out) {}
        // What was looked at and belongs to no declaration is let go.
        let keep = match self.open {
            Some((start, _)) => start,
            None => self.at,
        };
        if self.refused {
            buffer.clear();
            return out;
        }
        self.lines += memchr_iter(b'\n', buffer.get(..keep).unwrap_or_default()).count() as u64;
        buffer.drain(..keep.min(buffer.len()));
        self.at -= keep;
        self.open = self.open.map(|(_, line)| (0, line));
        let line = |c: &Cutter| c.open.map_or(c.lines + 1, |(_, line)| line);
        if end && (self.open.is_some() || buffer.iter().any(|b| !b.is_ascii_whitespace())) {
            out.push(Cut::Bad { line: line(self), message: "the file ends within a declaration or tag".to_owned() });
        } else if end && !self.found {
            out.push(Cut::Bad { line: 1, message: "the file holds no declaration".to_owned() });
        } else if buffer.len() > MAX_DECLARATION {
            let message =
                format!("this is longer than {MAX_DECLARATION} bytes, the most that is read of a declaration");
            out.push(Cut::Bad { line: line(self), message });
            self.refused = true;
        }
        out
    }

    /// Looks at what begins with the next `<`; false if it is not whole yet.
    fn tag(&mut self, buffer: &[u8], out: &mut Vec<Cut>) -> bool {
        let rest = buffer.get(self.at..).unwrap_or_default();
        let Some(start) = memchr(b'<', rest) else {
            if self.open.is_none() && rest.iter().all(u8::is_ascii_whitespace) {
                self.at = buffer.len();
            }
            return false;
        };
        let start = self.at + start;
        let rest = buffer.get(start..).unwrap_or_default();
        let until = |begin: usize, mark: &[u8]| {
            memmem::find(rest.get(begin..).unwrap_or_default(), mark).map(|i| start + begin + i + mark.len())
        };
        let whole = if rest.starts_with(b"<!--") {
            until(4, b"-->")
        } else if rest.starts_with(b"<![CDATA[") {
            until(9, b"]]>")
        } else if rest.starts_with(b"<?") {
            until(2, b"?>")
        } else if rest.starts_with(b"<!D") {
            let line = self.line(buffer, start);
            let message = "a document type is declared; entities of one's own are not read".to_owned();
            out.push(Cut::Bad { line, message });
            self.refused = true;
            return false;
        } else if rest.len() < 9 && rest.starts_with(b"<!") {
            None
        } else {
            tag_end(rest).map(|n| start + n)
        };
        let Some(after) = whole else { return false };
        self.at = after;
        let tag = buffer.get(start..after).unwrap_or_default();
        if tag.starts_with(b"<!") || tag.starts_with(b"<?") {
            return true;
        }
        self.named |= memmem::find(tag, NAMESPACE).is_some();
        let closes = tag.starts_with(b"</");
        let name = tag.get(if closes { 2 } else { 1 }..).unwrap_or_default();
        let name = name.split(|b| b.is_ascii_whitespace() || *b == b'>' || *b == b'/').next().unwrap_or_default();
        if local(name) != b"Declaration" || tag.ends_with(b"/>") {
            return true;
        }
        if !closes {
            if self.depth == 0 {
                self.open = Some((start, self.line(buffer, start)));
            }
            self.depth += 1;
            return true;
        }
        self.depth = self.depth.saturating_sub(1);
        if let Some((begin, line)) = self.open.filter(|_| self.depth == 0) {
            self.open = None;
            self.found = true;
            let bytes = buffer.get(begin..after).unwrap_or_default();
            out.push(if !self.named {
                Cut::Bad {
                    line,
                    message: "this declaration is not of the namespace urn:wco:datamodel:WCO:DEC-DMS:2".to_owned(),
                }
            } else if bytes.len() > MAX_DECLARATION {
                Cut::Bad {
                    line,
                    message: format!("this declaration is longer than {MAX_DECLARATION} bytes, the most that is read"),
                }
            } else {
                Cut::Declaration { bytes: bytes.to_vec(), line }
            });
        }
        true
    }

    fn line(&self, buffer: &[u8], at: usize) -> u64 {
        self.lines + 1 + memchr_iter(b'\n', buffer.get(..at).unwrap_or_default()).count() as u64
    }
}

/// The length of a tag: to its `>`, those in quotes passed over.
fn tag_end(tag: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (i, b) in tag.iter().enumerate() {
        match (quote, b) {
            (None, b'>') => return Some(i + 1),
            (None, b'"' | b'\'') => quote = Some(*b),
            (Some(q), b) if q == *b => quote = None,
            _ => {}
        }
    }
    None
}

/// A name without its prefix.
fn local(name: &[u8]) -> &[u8] {
    name.rsplit(|b| *b == b':').next().unwrap_or(name)
}

/// The columns of declarations, and the licences that document codes stand for.
#[derive(Clone, Debug)]
pub struct Declarations {
    layout: Layout,
    /// The licences that a document code may stand for.
    licences: FxHashMap<String, Vec<String>>,
    number: Option<FactId>,
}

impl Declarations {
    /// The columns, as the law and the map have them.
    pub fn new(screener: &Screener<'_>) -> Declarations {
        let world = screener.world();
        let mut licences: FxHashMap<String, Vec<String>> = FxHashMap::default();
        let mut open: Vec<String> = Vec::new();
        for licence in &world.licences {
            for document in licence.documents.iter().filter(|d| !d.negative) {
                let all = licences.entry(document.code.clone()).or_default();
                if !all.contains(&licence.name) {
                    all.push(licence.name.clone());
                }
                if licence.covers.is_none() {
                    open.push(document.code.clone());
                }
            }
        }
        // Where a code may stand for several and one of them would cover by its mere name, none is taken to be held.
        licences.retain(|code, all| all.len() == 1 || !open.contains(code));
        let layout = Layout::fixed(screener, COLUMNS.iter().map(|c| (*c).to_owned()).collect(), Style::List);
        Declarations { layout, licences, number: world.fact_named("licence.number") }
    }

    /// Decides the goods items of a declaration.
    pub fn rows(&self, desk: &mut Desk<'_, '_>, input: u32, line: u64, bytes: &[u8]) -> Output {
        desk.tidy();
        let mut out = desk.output();
        let Ok(text) = std::str::from_utf8(bytes) else {
            desk.bad_row(Place { input, line }, None, "this declaration is not UTF-8 text".to_owned(), &mut out);
            return out;
        };
        let declaration = match read(text) {
            Ok(found) => found,
            Err((at, message)) => {
                let line = line + memchr_iter(b'\n', bytes.get(..at).unwrap_or_default()).count() as u64;
                desk.bad_row(Place { input, line }, None, message, &mut out);
                return out;
            }
        };
        if declaration.items.is_empty() {
            desk.bad_row(Place { input, line }, None, "the declaration has no goods item".to_owned(), &mut out);
        }
        for item in &declaration.items {
            let line = line + memchr_iter(b'\n', bytes.get(..item.at).unwrap_or_default()).count() as u64;
            let cells = item.cells(&declaration);
            let cells: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
            let held = self.held(item);
            desk.row(&self.layout, &cells, &held, Place { input, line }, &mut out);
        }
        out
    }

    /// The licences that the documents of an item stand for, each with its number.
    fn held(&self, item: &Item) -> Vec<Held> {
        let mut out = Vec::new();
        for (code, id) in &item.documents {
            for licence in self.licences.get(code).into_iter().flatten() {
                let number = self.number.zip(id.as_deref()).map(|(f, id)| (f, Value::Text(id.into())));
                out.push(Held { licence: licence.clone(), fields: number.into_iter().collect() });
            }
        }
        out
    }
}

/// What of a declaration is read.
#[derive(Default)]
struct Declaration {
    reference: Option<String>,
    type_code: Option<String>,
    date: Option<String>,
    from: Option<String>,
    destination: Option<String>,
    origin: Option<String>,
    itinerary: Vec<String>,
    /// Names and numbers of parties, by column.
    parties: FxHashMap<&'static str, String>,
    documents: Vec<(String, Option<String>)>,
    items: Vec<Item>,
}

/// What of a goods item is read.
#[derive(Default)]
struct Item {
    /// Where it begins in the declaration.
    at: usize,
    number: Option<String>,
    destination: Option<String>,
    origin: Option<String>,
    value: Option<String>,
    description: Option<String>,
    code: Option<String>,
    subdivision: Option<String>,
    additional: Vec<String>,
    net: Option<String>,
    gross: Option<String>,
    quantity: Option<String>,
    procedures: Vec<String>,
    parties: FxHashMap<&'static str, String>,
    documents: Vec<(String, Option<String>)>,
}

/// What lists are joined by.
const LIST: &str = "\u{1f}";

impl Item {
    /// The cells of its row, in the order of the columns.
    fn cells(&self, of: &Declaration) -> Vec<Option<String>> {
        let from = of.from.clone();
        let destination = self.destination.clone().or_else(|| of.destination.clone());
        // The itinerary names where it begins and ends as well.
        let through = of.itinerary.iter().filter(|c| Some(*c) != from.as_ref() && Some(*c) != destination.as_ref());
        let through: Vec<&str> = through.map(String::as_str).collect();
        let activity = of.type_code.as_deref().and_then(|t| match t.get(..2) {
            Some("EX" | "CO") => Some("export"),
            Some("IM") => Some("import"),
            _ => None,
        });
        let documents: Vec<&str> = of.documents.iter().chain(&self.documents).map(|(code, _)| code.as_str()).collect();
        let list = |all: &[&str]| Some(all.join(LIST)).filter(|t| !t.is_empty());
        let words = |all: &[String]| Some(all.join(" ")).filter(|t| !t.is_empty());
        let id = match (&of.reference, &self.number) {
            (Some(r), Some(n)) => Some(format!("{r}/{n}")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        };
        let code = self.code.as_ref().map(|c| match &self.subdivision {
            Some(more) if c.len() == 8 => format!("{c}{more}"),
            _ => c.clone(),
        });
        COLUMNS
            .iter()
            .map(|column| match *column {
                "id" => id.clone(),
                "date" => of.date.clone(),
                "activity" => activity.map(str::to_owned),
                "from" => from.clone(),
                "destination" => destination.clone(),
                "origin" => self.origin.clone().or_else(|| of.origin.clone()),
                "transit" => list(&through),
                "value" => self.value.clone(),
                "documents" => list(&documents),
                "goods.code" => code.clone(),
                "goods.description" => self.description.clone(),
                "goods.net_mass" => self.net.clone(),
                "goods.gross_mass" => self.gross.clone(),
                "goods.additional_codes" => words(&self.additional),
                "goods.tariff_quantity" => self.quantity.clone(),
                "goods.procedures" => words(&self.procedures),
                "declaration.reference" => of.reference.clone(),
                "declaration.type" => of.type_code.clone(),
                party => self.parties.get(party).or_else(|| of.parties.get(party)).cloned(),
            })
            .collect()
    }
}

/// Reads a declaration; an error says where.
fn read(text: &str) -> Result<Declaration, (usize, String)> {
    let mut reader = Reader::from_str(text);
    let mut out = Declaration::default();
    let mut path: Vec<String> = Vec::new();
    let mut content = String::new();
    let mut attribute: Option<String> = None;
    let mut part = Part::default();
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(0);
        let wrong = |message: String| (at, message);
        match reader.read_event().map_err(|e| (at, format!("this is not XML: {e}")))? {
            Event::Start(tag) => {
                content.clear();
                attribute = unit(&tag);
                path.push(String::from_utf8_lossy(local(tag.name().as_ref())).into_owned());
                if path.len() > MAX_DEPTH {
                    return Err(wrong(format!("the declaration nests deeper than {MAX_DEPTH} levels")));
                }
                match names(&path).as_slice() {
                    ["Declaration", "GoodsShipment", "GovernmentAgencyGoodsItem"] => {
                        if out.items.len() >= MAX_ITEMS {
                            return Err(wrong(format!("the declaration has more than {MAX_ITEMS} goods items")));
                        }
                        out.items.push(Item { at, ..Item::default() });
                    }
                    [.., "AdditionalDocument" | "Classification"] => part = Part::default(),
                    _ => {}
                }
            }
            Event::End(_) => {
                let text = std::mem::take(&mut content);
                leaf(&mut out, &mut part, &names(&path), text.trim(), attribute.take());
                path.pop();
            }
            Event::Text(t) => content.push_str(&t.decode().map_err(|e| wrong(e.to_string()))?),
            Event::CData(t) => content.push_str(&t.decode().map_err(|e| wrong(e.to_string()))?),
            Event::GeneralRef(r) => {
                let number = r.resolve_char_ref().map_err(|e| wrong(e.to_string()))?;
                let name = r.decode().map_err(|e| wrong(e.to_string()))?;
                match (number, &*name) {
                    (Some(c), _) => content.push(c),
                    (None, "lt") => content.push('<'),
                    (None, "gt") => content.push('>'),
                    (None, "amp") => content.push('&'),
                    (None, "quot") => content.push('"'),
                    (None, "apos") => content.push('\''),
                    (None, other) => return Err(wrong(format!("the entity `{other}` is not read"))),
                }
            }
            Event::DocType(_) => return Err(wrong("a document type is declared".to_owned())),
            Event::Eof if path.is_empty() => return Ok(out),
            Event::Eof => return Err(wrong("the declaration does not end".to_owned())),
            Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
        }
    }
}

fn names(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

/// The currency or unit that an element states.
fn unit(tag: &BytesStart<'_>) -> Option<String> {
    let mut all = tag.attributes().filter_map(Result::ok);
    let found = all.find(|a| matches!(local(a.key.as_ref()), b"currencyID" | b"unitCode" | b"formatCode"))?;
    std::str::from_utf8(&found.value).ok().map(str::to_owned)
}

/// Elements that mean something only together.
#[derive(Default)]
struct Part {
    category: Option<String>,
    kind: Option<String>,
    id: Option<String>,
}

impl Part {
    /// A field of a document.
    fn of_document(&mut self, field: &str, text: Option<String>) {
        match field {
            "CategoryCode" => self.category = text,
            "TypeCode" => self.kind = text,
            "ID" => self.id = text,
            _ => {}
        }
    }
}

/// An element that has ended, with its text.
fn leaf(out: &mut Declaration, part: &mut Part, path: &[&str], text: &str, unit: Option<String>) {
    let [_, rest @ ..] = path else { return };
    let some = || Some(text.to_owned()).filter(|t| !t.is_empty());
    if let ["GoodsShipment", "GovernmentAgencyGoodsItem", inner @ ..] = rest {
        if let Some(item) = out.items.last_mut() {
            of_item(item, part, inner, text, unit);
        }
        return;
    }
    match rest {
        ["FunctionalReferenceID"] => out.reference = some(),
        ["TypeCode"] => out.type_code = some(),
        ["AcceptanceDateTime" | "IssueDateTime", "DateTimeString" | "DateTime"]
            if out.date.is_none() || rest[0] == "AcceptanceDateTime" =>
        {
            out.date = some().map(|t| day(&t));
        }
        ["Consignment", "Itinerary", "RoutingCountryCode"] => out.itinerary.extend(some()),
        ["GoodsShipment", "ExportCountry", "ID"] => out.from = some(),
        ["GoodsShipment", "Destination", "CountryCode"] => out.destination = some(),
        ["GoodsShipment", "Origin", "CountryCode"] => out.origin = some(),
        ["GoodsShipment", party, inner @ ..] | ["Consignment", party, inner @ ..] | [party, inner @ ..]
            if column(party, inner).is_some() =>
        {
            if let (Some(column), Some(text)) = (column(party, inner), some()) {
                out.parties.insert(column, text);
            }
        }
        [.., "AdditionalDocument", field] => part.of_document(field, some()),
        [.., "AdditionalDocument"] => out.documents.extend(document(part)),
        _ => {}
    }
}

fn of_item(item: &mut Item, part: &mut Part, path: &[&str], text: &str, unit: Option<String>) {
    let some = || Some(text.to_owned()).filter(|t| !t.is_empty());
    let with = |default: &str| some().map(|t| format!("{t} {}", unit.as_deref().unwrap_or(default)).trim().to_owned());
    match path {
        ["SequenceNumeric"] => item.number = some(),
        ["StatisticalValueAmount"] => item.value = with(""),
        ["Destination", "CountryCode"] => item.destination = some(),
        ["Origin", "CountryCode"] => item.origin = some(),
        ["Commodity", "Description"] => item.description = some(),
        ["Commodity", "Classification", "ID"] => part.id = some(),
        ["Commodity", "Classification", "IdentificationTypeCode"] => part.kind = some(),
        ["Commodity", "Classification"] => match (part.kind.as_deref(), part.id.take()) {
            (Some("TSP"), Some(code)) => item.code = Some(code),
            // Two digits go on with the code; anything longer is an additional code beside it.
            (Some("TRA" | "TRC"), Some(code)) if code.len() == 2 => item.subdivision = Some(code),
            (_, Some(code)) => item.additional.push(code),
            _ => {}
        },
        ["Commodity", "GoodsMeasure", "NetNetWeightMeasure"] => item.net = with("kg").map(mass),
        ["Commodity", "GoodsMeasure", "GrossMassMeasure"] => item.gross = with("kg").map(mass),
        ["Commodity", "GoodsMeasure", "TariffQuantity"] => item.quantity = with(""),
        ["GovernmentProcedure", "CurrentCode" | "PreviousCode"] => item.procedures.extend(some()),
        ["AdditionalDocument", field] => part.of_document(field, some()),
        ["AdditionalDocument"] => item.documents.extend(document(part)),
        [party, inner @ ..] => {
            if let (Some(column), Some(text)) = (column(party, inner), some()) {
                item.parties.insert(column, text);
            }
        }
        [] => {}
    }
}

/// The column of what is said of a party.
fn column(party: &str, path: &[&str]) -> Option<&'static str> {
    Some(match (party, path) {
        ("Declarant", ["ID"]) => "declarant.id",
        ("Exporter", ["ID"]) => "exporter.id",
        ("Exporter", ["Name"]) => "exporter.name",
        ("Consignee", ["ID"]) => "consignee.id",
        ("Consignee", ["Name"]) => "consignee.name",
        ("Consignee", ["Address", "CountryCode"]) => "consignee.country",
        ("Consignor", ["ID"]) => "consignor.id",
        ("Consignor", ["Name"]) => "consignor.name",
        ("Carrier", ["Name"]) => "carrier.name",
        _ => return None,
    })
}

/// A document by category and type, with its number.
fn document(part: &mut Part) -> Option<(String, Option<String>)> {
    let part = std::mem::take(part);
    let code = format!("{}{}", part.category.unwrap_or_default(), part.kind?);
    Some((code, part.id))
}

/// `20240425152941Z`, `2024-04-25T…`: the day.
fn day(text: &str) -> String {
    let head = text.get(..8).filter(|t| t.bytes().all(|b| b.is_ascii_digit()));
    match head {
        Some(d) => format!("{}-{}-{}", &d[..4], &d[4..6], &d[6..]),
        None => text.get(..10).unwrap_or(text).to_owned(),
    }
}

/// A mass with a unit of the code list as one that facts know.
fn mass(text: String) -> String {
    text.replace("KGM", "kg").replace("GRM", "g").replace("TNE", "t")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "<m:MetaData xmlns:m=\"x\" xmlns=\"urn:wco:datamodel:WCO:DEC-DMS:2\">\n";

    fn all(text: &str, step: usize) -> Vec<Cut> {
        let (mut cutter, mut buffer, mut out) = (Cutter::default(), Vec::new(), Vec::new());
        for part in text.as_bytes().chunks(step) {
            buffer.extend_from_slice(part);
            out.extend(cutter.cut(&mut buffer, false));
        }
        out.extend(cutter.cut(&mut buffer, true));
        out
    }

    #[test]
    fn declarations_are_cut_out_wherever_the_bytes_break() {
        let text = format!(
            "{HEAD}<Declaration a='>'><!-- </Declaration> --></Declaration>\n<d:Declaration>x</d:Declaration></m:MetaData>"
        );
        for step in 1..text.len() {
            let found = all(&text, step);
            let lines: Vec<u64> =
                found.iter().map(|c| if let Cut::Declaration { line, .. } = c { *line } else { 0 }).collect();
            assert_eq!(lines, [2, 3], "{step}: {found:?}");
        }
    }

    #[test]
    fn entities_of_ones_own_are_refused() {
        let found = all("<!DOCTYPE x [<!ENTITY a \"b\">]><Declaration/>", 7);
        assert!(matches!(found.as_slice(), [Cut::Bad { line: 1, .. }]), "{found:?}");
        assert!(read("<Declaration><TypeCode>&a;</TypeCode></Declaration>").is_err());
    }

    #[test]
    fn a_declaration_that_never_ends_takes_no_memory() {
        let text = format!("{HEAD}<Declaration>{}", "<A>x</A>".repeat(2 * MAX_DECLARATION / 8));
        let (mut cutter, mut buffer, mut out, mut most) = (Cutter::default(), Vec::new(), Vec::new(), 0);
        for part in text.as_bytes().chunks(1 << 20) {
            buffer.extend_from_slice(part);
            out.extend(cutter.cut(&mut buffer, false));
            most = most.max(buffer.len());
        }
        assert!(matches!(out.as_slice(), [Cut::Bad { line: 2, .. }]));
        assert!(most <= MAX_DECLARATION + (1 << 20));
    }

    #[test]
    fn the_fields_of_an_item_are_read() {
        let text = "<Declaration><TypeCode>EXA</TypeCode><FunctionalReferenceID>R</FunctionalReferenceID>\
            <IssueDateTime><DateTimeString>20260302101500Z</DateTimeString></IssueDateTime>\
            <Consignment><Itinerary><RoutingCountryCode>DE</RoutingCountryCode></Itinerary>\
            <Itinerary><RoutingCountryCode>CA</RoutingCountryCode></Itinerary></Consignment>\
            <GoodsShipment><ExportCountry><ID>DE</ID></ExportCountry><Consignee><Name>A &amp; B</Name></Consignee>\
            <GovernmentAgencyGoodsItem><SequenceNumeric>1</SequenceNumeric>\
            <AdditionalDocument><CategoryCode>Y</CategoryCode><TypeCode>904</TypeCode></AdditionalDocument>\
            <Commodity><Description>Nuts</Description><Classification><ID>08021190</ID>\
            <IdentificationTypeCode>TSP</IdentificationTypeCode></Classification>\
            <Classification><ID>10</ID><IdentificationTypeCode>TRA</IdentificationTypeCode></Classification>\
            <GoodsMeasure><NetNetWeightMeasure unitCode=\"KGM\">5</NetNetWeightMeasure></GoodsMeasure></Commodity>\
            </GovernmentAgencyGoodsItem></GoodsShipment></Declaration>";
        let declaration = read(text).unwrap();
        let cells = declaration.items[0].cells(&declaration);
        let cell = |name: &str| cells[COLUMNS.iter().position(|c| *c == name).unwrap()].clone().unwrap_or_default();
        let wanted = [
            ("id", "R/1"),
            ("date", "2026-03-02"),
            ("activity", "export"),
            ("from", "DE"),
            ("transit", "CA"),
            ("documents", "Y904"),
            ("goods.code", "0802119010"),
            ("goods.net_mass", "5 kg"),
            ("consignee.name", "A & B"),
        ];
        wanted.iter().for_each(|(name, value)| assert_eq!(cell(name), *value, "{name}"));
    }
}
