//! What a declaration says, by element path.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use rustc_hash::FxHashMap;

use super::cut::local;

/// The most goods items of one declaration.
const MAX_ITEMS: usize = crate::consignment::MAX_ITEMS;
/// How deep a declaration may nest.
const MAX_DEPTH: usize = 200;

/// The columns, in the order in which [`Item::cells`] gives them.
pub(super) const COLUMNS: [&str; 27] = [
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

/// What of a declaration is read.
#[derive(Default)]
pub(super) struct Declaration {
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
    pub(super) items: Vec<Item>,
}

/// What of a goods item is read.
#[derive(Default)]
pub(super) struct Item {
    /// Where it begins in the declaration.
    pub(super) at: usize,
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
    pub(super) documents: Vec<(String, Option<String>)>,
}

/// What lists are joined by.
const LIST: &str = "\u{1f}";

impl Item {
    /// The cells of its row, in the order of the columns.
    pub(super) fn cells(&self, of: &Declaration) -> Vec<Option<String>> {
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
pub(super) fn read(text: &str) -> Result<Declaration, (usize, String)> {
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

    #[test]
    fn entities_are_not_resolved() {
        assert!(read("<Declaration><TypeCode>&a;</TypeCode></Declaration>").is_err());
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
