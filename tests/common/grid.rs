//! All consignments under a law, as far as it can tell them apart: one for each choice of a value of every fact.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::cases::list;
use super::choices::Choices;
use super::facts::{CODES, Fact, PAIRS};
use super::law::{Law, Scale, law};

/// A fact at its place, with values that meet all its classes.
#[derive(Clone, Debug)]
pub struct Axis {
    /// The name of the fact.
    pub name: &'static str,
    /// The goods item, for a fact of goods.
    pub item: Option<usize>,
    /// Values that meet all its classes.
    pub values: Vec<Value>,
    /// The numbers of those beside which the values of the fact that it is compared with meet all their classes.
    pub inner: Vec<usize>,
}

impl Axis {
    /// True for a fact that holds codes.
    pub fn is_code(&self) -> bool {
        CODES.contains(&self.name)
    }
}

/// For each axis the number of a value, or nothing where the fact is left out.
pub type Row = Vec<Option<usize>>;

/// All facts of a law, with some goods items and perhaps licences.
#[derive(Clone, Debug)]
pub struct Grid {
    /// The facts.
    pub axes: Vec<Axis>,
    items: usize,
    licences: Vec<Value>,
}

impl Grid {
    /// Of a law; of each licence held `licence.good` is open, and the rest is as given here.
    pub fn new(law: &Law, items: usize, licences: Vec<Value>) -> Grid {
        let mut axes = Vec::new();
        for fact in &law.facts {
            let values = values(law, fact);
            let inner: Vec<Value> = list(if fact.inner.is_empty() { "[]" } else { fact.inner });
            let fits = |v: &Value| inner.is_empty() || inner.contains(v);
            let inner = (0..values.len()).filter(|i| fits(&values[*i])).collect();
            let axis = Axis { name: fact.name, item: None, values, inner };
            match fact.name.starts_with("goods.") {
                true => axes.extend((0..items).map(|i| Axis { item: Some(i), ..axis.clone() })),
                false => axes.push(axis),
            }
        }
        for held in 0..licences.len() {
            let values = vec![json!(false), json!(true)];
            axes.push(Axis { name: "licence.good", item: Some(held), values, inner: vec![0, 1] });
        }
        Grid { axes, items, licences }
    }

    /// How many consignments there are.
    pub fn size(&self) -> usize {
        self.axes.iter().map(|a| a.values.len()).product()
    }

    /// A row that states nothing.
    pub fn open(&self) -> Row {
        vec![None; self.axes.len()]
    }

    /// All rows that complete one.
    pub fn rows(&self, given: &Row) -> Vec<Row> {
        let mut out: Vec<Row> = vec![Vec::new()];
        for (axis, value) in self.axes.iter().zip(given) {
            let all: Vec<usize> = value.map_or_else(|| (0..axis.values.len()).collect(), |v| vec![v]);
            out = out.iter().flat_map(|row| all.iter().map(move |v| [row.clone(), vec![Some(*v)]].concat())).collect();
        }
        out
    }

    /// All rows that state every fact.
    pub fn all(&self) -> Vec<Row> {
        self.rows(&self.open())
    }

    /// The value of a row on an axis.
    pub fn value(&self, row: &Row, axis: usize) -> Option<&Value> {
        row[axis].map(|v| &self.axes[axis].values[v])
    }

    /// The consignment of a row on a day.
    pub fn case(&self, day: &str, row: &Row) -> Value {
        let (mut top, mut goods) = (Map::new(), vec![Map::new(); self.items]);
        let mut licences = self.licences.clone();
        top.insert("date".to_owned(), json!(day));
        for (n, axis) in self.axes.iter().enumerate() {
            let Some(value) = self.value(row, n).cloned() else { continue };
            match (axis.name.split_once('.'), axis.item) {
                (Some(("goods", name)), Some(item)) => drop(goods[item].insert(name.to_owned(), value)),
                (Some((_, name)), Some(held)) => licences[held][name] = value,
                _ => drop(top.insert(axis.name.to_owned(), value)),
            }
        }
        if !licences.is_empty() {
            top.insert("licences".to_owned(), Value::Array(licences));
        }
        let goods: Vec<Value> = goods.into_iter().map(Value::Object).collect();
        top.insert("goods".to_owned(), if self.items == 1 { goods[0].clone() } else { Value::Array(goods) });
        Value::Object(top)
    }
}

/// Values of a fact that meet all its classes: of a set all subsets of its elements; of a number that is compared with no
/// other those that meet its own.
fn values(law: &Law, fact: &Fact) -> Vec<Value> {
    let all = list(fact.values);
    if fact.ty.starts_with("set of") {
        let elements: BTreeSet<String> = all
            .iter()
            .flat_map(|s| s.as_array().into_iter().flatten())
            .filter_map(|e| e.as_str())
            .map(str::to_owned)
            .collect();
        let subset = |bits: usize| {
            elements.iter().enumerate().filter(|(i, _)| bits & (1 << i) != 0).map(|(_, e)| json!(e)).collect::<Vec<_>>()
        };
        return (0..1usize << elements.len()).map(subset).map(Value::Array).collect();
    }
    let declared = |name: &str| law.facts.iter().any(|f| f.name == name);
    let compared = PAIRS.iter().any(|(a, b, _)| fact.name == *a && declared(b) || fact.name == *b && declared(a));
    if fact.ty == "number" && !compared { list(fact.inner) } else { all }
}

/// Random law with all its consignments, of which there are not more than that.
pub fn small(c: &mut Choices<'_>, scale: &Scale, items: usize, most: usize) -> (Law, Grid) {
    loop {
        let law = law(c, scale);
        let grid = Grid::new(&law, items, Vec::new());
        if grid.size() <= most {
            return (law, grid);
        }
    }
}
