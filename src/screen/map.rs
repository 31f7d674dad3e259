//! The map from the columns of a file to facts: `MAP.toml`.
//!
//! ```toml
//! id = "MRN"                       # the column that names the row
//! delimiter = ";"                  # of CSV; found out where it is not said
//! ignore = ["Remarks"]             # columns that are not read
//! [columns]                        # column = fact
//! "Commodity code" = "goods.code"
//! [values.activity]                # what stands in the file = the fact's value
//! EX = "export"
//! [constants]                      # facts that hold for every row that does not say otherwise
//! activity = "export"
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;

/// How columns, their values and the facts hang together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Map {
    /// The column that names the row.
    pub id: Option<String>,
    /// What stands between the cells of CSV.
    pub delimiter: Option<char>,
    /// Columns that are left unread.
    pub ignore: Vec<String>,
    /// Facts by column.
    pub columns: BTreeMap<String, String>,
    /// For a fact, its values by what stands in the file.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Facts that hold for every row that says nothing of them.
    pub constants: BTreeMap<String, String>,
}

impl Map {
    /// Reads a map.
    ///
    /// # Errors
    /// It is no TOML of this form; the message says where.
    pub fn read(text: &str) -> Result<Map, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        toml::from_str(text).map_err(|e| e.to_string().trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_read_and_a_word_it_does_not_know_is_an_error() {
        let map = Map::read("id = \"MRN\"\n[columns]\n\"Code\" = \"goods.code\"\n").unwrap();
        assert_eq!(map.columns["Code"], "goods.code");
        assert!(Map::read("collumns = 1").unwrap_err().contains("collumns"));
    }
}
