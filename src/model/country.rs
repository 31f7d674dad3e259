//! The countries that law names, by their two-letter codes.
//!
//! The table holds every code that ISO 3166-1 assigns, the codes of ISO 3166-3 that trade law still meets in older
//! texts, and four user-assigned codes: `XK` (Kosovo) and the customs codes `XC` (Ceuta), `XI` (Northern Ireland) and
//! `XL` (Melilla). The European Union is no country; who belongs to it is law, and stands in a group.
//!
//! Source: the assigned codes and their English names are those of Unicode CLDR 48.2 (npm `cldr-core` and
//! `cldr-localenames-full`), © Unicode, Inc., licence Unicode-3.0; the notice that is due stands in
//! `docs/third-party.md`. Names of historic and customs codes, and the years, are our own wording of public facts.
//!
//! A name here is a label for people, and takes no side in a question of status.

/// One entry of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// The two-letter code, upper case.
    pub code: &'static str,
    /// The common English name.
    pub name: &'static str,
    /// How the code stands today.
    pub status: Status,
}

/// How a code stands today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// ISO 3166-1 assigns it.
    Current,
    /// ISO 3166-1 leaves it to users, and customs or law use it so.
    UserAssigned,
    /// It was withdrawn; a code that was given twice counts as one, with the later year.
    Historic {
        /// The year of withdrawal.
        until: i16,
    },
}

/// A country: its place in the table, and so in the order of the codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryId(pub u16);

/// The country of a code in upper case. `EL` is read as `GR` and `UK` as `GB`, as customs and the Union write them.
pub fn by_code(code: &str) -> Option<CountryId> {
    let code = match code {
        "EL" => "GR",
        "UK" => "GB",
        other => other,
    };
    let index = COUNTRIES.binary_search_by(|country| country.code.cmp(code)).ok()?;
    u16::try_from(index).ok().map(CountryId)
}

/// All countries, in the order of their codes.
pub fn all() -> impl Iterator<Item = CountryId> {
    (0u16..).map(CountryId).take(COUNTRIES.len())
}

/// An id comes from [`by_code`] or [`all`]; the methods panic on a number beyond the table.
impl CountryId {
    /// The two-letter code.
    pub fn code(self) -> &'static str {
        self.entry().code
    }

    /// The common English name.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// How the code stands today.
    pub fn status(self) -> Status {
        self.entry().status
    }

    fn entry(self) -> &'static Country {
        &COUNTRIES[usize::from(self.0)]
    }
}

const fn current(code: &'static str, name: &'static str) -> Country {
    Country { code, name, status: Status::Current }
}

const fn user(code: &'static str, name: &'static str) -> Country {
    Country { code, name, status: Status::UserAssigned }
}

const fn historic(code: &'static str, name: &'static str, until: i16) -> Country {
    Country { code, name, status: Status::Historic { until } }
}

/// The table, sorted by code.
#[rustfmt::skip]
const COUNTRIES: &[Country] = &[
    current("AD", "Andorra"),
    current("AE", "United Arab Emirates"),
    current("AF", "Afghanistan"),
    current("AG", "Antigua & Barbuda"),
    current("AI", "Anguilla"),
    current("AL", "Albania"),
    current("AM", "Armenia"),
    historic("AN", "Netherlands Antilles", 2010),
    current("AO", "Angola"),
    current("AQ", "Antarctica"),
    current("AR", "Argentina"),
    current("AS", "American Samoa"),
    current("AT", "Austria"),
    current("AU", "Australia"),
    current("AW", "Aruba"),
    current("AX", "Åland Islands"),
    current("AZ", "Azerbaijan"),
    current("BA", "Bosnia & Herzegovina"),
    current("BB", "Barbados"),
    current("BD", "Bangladesh"),
    current("BE", "Belgium"),
    current("BF", "Burkina Faso"),
    current("BG", "Bulgaria"),
    current("BH", "Bahrain"),
    current("BI", "Burundi"),
    current("BJ", "Benin"),
    current("BL", "St. Barthélemy"),
    current("BM", "Bermuda"),
    current("BN", "Brunei"),
    current("BO", "Bolivia"),
    current("BQ", "Caribbean Netherlands"),
    current("BR", "Brazil"),
    current("BS", "Bahamas"),
    current("BT", "Bhutan"),
    historic("BU", "Burma", 1989),
    current("BV", "Bouvet Island"),
    current("BW", "Botswana"),
    current("BY", "Belarus"),
    current("BZ", "Belize"),
    current("CA", "Canada"),
    current("CC", "Cocos (Keeling) Islands"),
    current("CD", "Congo (DRC)"),
    current("CF", "Central African Republic"),
    current("CG", "Congo (Republic)"),
    current("CH", "Switzerland"),
    current("CI", "Côte d’Ivoire"),
    current("CK", "Cook Islands"),
    current("CL", "Chile"),
    current("CM", "Cameroon"),
    current("CN", "China"),
    current("CO", "Colombia"),
    current("CR", "Costa Rica"),
    historic("CS", "Czechoslovakia; Serbia and Montenegro", 2006),
    current("CU", "Cuba"),
    current("CV", "Cape Verde"),
    current("CW", "Curaçao"),
    current("CX", "Christmas Island"),
    current("CY", "Cyprus"),
    current("CZ", "Czechia"),
    historic("DD", "German Democratic Republic", 1990),
    current("DE", "Germany"),
    current("DJ", "Djibouti"),
    current("DK", "Denmark"),
    current("DM", "Dominica"),
    current("DO", "Dominican Republic"),
    historic("DY", "Dahomey", 1977),
    current("DZ", "Algeria"),
    current("EC", "Ecuador"),
    current("EE", "Estonia"),
    current("EG", "Egypt"),
    current("EH", "Western Sahara"),
    current("ER", "Eritrea"),
    current("ES", "Spain"),
    current("ET", "Ethiopia"),
    current("FI", "Finland"),
    current("FJ", "Fiji"),
    current("FK", "Falkland Islands"),
    current("FM", "Micronesia"),
    current("FO", "Faroe Islands"),
    current("FR", "France"),
    historic("FX", "Metropolitan France", 1997),
    current("GA", "Gabon"),
    current("GB", "United Kingdom"),
    current("GD", "Grenada"),
    current("GE", "Georgia"),
    current("GF", "French Guiana"),
    current("GG", "Guernsey"),
    current("GH", "Ghana"),
    current("GI", "Gibraltar"),
    current("GL", "Greenland"),
    current("GM", "Gambia"),
    current("GN", "Guinea"),
    current("GP", "Guadeloupe"),
    current("GQ", "Equatorial Guinea"),
    current("GR", "Greece"),
    current("GS", "South Georgia & South Sandwich Islands"),
    current("GT", "Guatemala"),
    current("GU", "Guam"),
    current("GW", "Guinea-Bissau"),
    current("GY", "Guyana"),
    current("HK", "Hong Kong"),
    current("HM", "Heard & McDonald Islands"),
    current("HN", "Honduras"),
    current("HR", "Croatia"),
    current("HT", "Haiti"),
    current("HU", "Hungary"),
    historic("HV", "Upper Volta", 1984),
    current("ID", "Indonesia"),
    current("IE", "Ireland"),
    current("IL", "Israel"),
    current("IM", "Isle of Man"),
    current("IN", "India"),
    current("IO", "British Indian Ocean Territory"),
    current("IQ", "Iraq"),
    current("IR", "Iran"),
    current("IS", "Iceland"),
    current("IT", "Italy"),
    current("JE", "Jersey"),
    current("JM", "Jamaica"),
    current("JO", "Jordan"),
    current("JP", "Japan"),
    current("KE", "Kenya"),
    current("KG", "Kyrgyzstan"),
    current("KH", "Cambodia"),
    current("KI", "Kiribati"),
    current("KM", "Comoros"),
    current("KN", "St. Kitts & Nevis"),
    current("KP", "North Korea"),
    current("KR", "South Korea"),
    current("KW", "Kuwait"),
    current("KY", "Cayman Islands"),
    current("KZ", "Kazakhstan"),
    current("LA", "Laos"),
    current("LB", "Lebanon"),
    current("LC", "St. Lucia"),
    current("LI", "Liechtenstein"),
    current("LK", "Sri Lanka"),
    current("LR", "Liberia"),
    current("LS", "Lesotho"),
    current("LT", "Lithuania"),
    current("LU", "Luxembourg"),
    current("LV", "Latvia"),
    current("LY", "Libya"),
    current("MA", "Morocco"),
    current("MC", "Monaco"),
    current("MD", "Moldova"),
    current("ME", "Montenegro"),
    current("MF", "St. Martin"),
    current("MG", "Madagascar"),
    current("MH", "Marshall Islands"),
    current("MK", "North Macedonia"),
    current("ML", "Mali"),
    current("MM", "Myanmar (Burma)"),
    current("MN", "Mongolia"),
    current("MO", "Macao"),
    current("MP", "Northern Mariana Islands"),
    current("MQ", "Martinique"),
    current("MR", "Mauritania"),
    current("MS", "Montserrat"),
    current("MT", "Malta"),
    current("MU", "Mauritius"),
    current("MV", "Maldives"),
    current("MW", "Malawi"),
    current("MX", "Mexico"),
    current("MY", "Malaysia"),
    current("MZ", "Mozambique"),
    current("NA", "Namibia"),
    current("NC", "New Caledonia"),
    current("NE", "Niger"),
    current("NF", "Norfolk Island"),
    current("NG", "Nigeria"),
    historic("NH", "New Hebrides", 1980),
    current("NI", "Nicaragua"),
    current("NL", "Netherlands"),
    current("NO", "Norway"),
    current("NP", "Nepal"),
    current("NR", "Nauru"),
    historic("NT", "Neutral Zone (Iraq and Saudi Arabia)", 1993),
    current("NU", "Niue"),
    current("NZ", "New Zealand"),
    current("OM", "Oman"),
    current("PA", "Panama"),
    historic("PC", "Pacific Islands (Trust Territory)", 1986),
    current("PE", "Peru"),
    current("PF", "French Polynesia"),
    current("PG", "Papua New Guinea"),
    current("PH", "Philippines"),
    current("PK", "Pakistan"),
    current("PL", "Poland"),
    current("PM", "St. Pierre & Miquelon"),
    current("PN", "Pitcairn Islands"),
    current("PR", "Puerto Rico"),
    current("PS", "Palestine"),
    current("PT", "Portugal"),
    current("PW", "Palau"),
    current("PY", "Paraguay"),
    historic("PZ", "Panama Canal Zone", 1980),
    current("QA", "Qatar"),
    current("RE", "Réunion"),
    historic("RH", "Southern Rhodesia", 1980),
    current("RO", "Romania"),
    current("RS", "Serbia"),
    current("RU", "Russia"),
    current("RW", "Rwanda"),
    current("SA", "Saudi Arabia"),
    current("SB", "Solomon Islands"),
    current("SC", "Seychelles"),
    current("SD", "Sudan"),
    current("SE", "Sweden"),
    current("SG", "Singapore"),
    current("SH", "St. Helena"),
    current("SI", "Slovenia"),
    current("SJ", "Svalbard & Jan Mayen"),
    current("SK", "Slovakia"),
    current("SL", "Sierra Leone"),
    current("SM", "San Marino"),
    current("SN", "Senegal"),
    current("SO", "Somalia"),
    current("SR", "Suriname"),
    current("SS", "South Sudan"),
    current("ST", "São Tomé & Príncipe"),
    historic("SU", "Soviet Union", 1992),
    current("SV", "El Salvador"),
    current("SX", "Sint Maarten"),
    current("SY", "Syria"),
    current("SZ", "Eswatini"),
    current("TC", "Turks & Caicos Islands"),
    current("TD", "Chad"),
    current("TF", "French Southern Territories"),
    current("TG", "Togo"),
    current("TH", "Thailand"),
    current("TJ", "Tajikistan"),
    current("TK", "Tokelau"),
    current("TL", "Timor-Leste"),
    current("TM", "Turkmenistan"),
    current("TN", "Tunisia"),
    current("TO", "Tonga"),
    historic("TP", "East Timor", 2002),
    current("TR", "Türkiye"),
    current("TT", "Trinidad & Tobago"),
    current("TV", "Tuvalu"),
    current("TW", "Taiwan"),
    current("TZ", "Tanzania"),
    current("UA", "Ukraine"),
    current("UG", "Uganda"),
    current("UM", "U.S. Outlying Islands"),
    current("US", "United States"),
    current("UY", "Uruguay"),
    current("UZ", "Uzbekistan"),
    current("VA", "Vatican City"),
    current("VC", "St. Vincent & Grenadines"),
    historic("VD", "North Vietnam", 1977),
    current("VE", "Venezuela"),
    current("VG", "British Virgin Islands"),
    current("VI", "U.S. Virgin Islands"),
    current("VN", "Vietnam"),
    current("VU", "Vanuatu"),
    current("WF", "Wallis & Futuna"),
    current("WS", "Samoa"),
    user("XC", "Ceuta"),
    user("XI", "Northern Ireland"),
    user("XK", "Kosovo"),
    user("XL", "Melilla"),
    historic("YD", "South Yemen", 1990),
    current("YE", "Yemen"),
    current("YT", "Mayotte"),
    historic("YU", "Yugoslavia", 2003),
    current("ZA", "South Africa"),
    current("ZM", "Zambia"),
    historic("ZR", "Zaire", 1997),
    current("ZW", "Zimbabwe"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn name(code: &str) -> &'static str {
        by_code(code).map_or("", CountryId::name)
    }

    #[test]
    fn codes_are_sorted_and_unique() {
        assert!(COUNTRIES.windows(2).all(|pair| pair[0].code < pair[1].code));
    }

    #[test]
    fn codes_are_two_capital_letters_and_names_are_unique() {
        assert!(COUNTRIES.iter().all(|c| c.code.len() == 2 && c.code.bytes().all(|b| b.is_ascii_uppercase())));
        let names: std::collections::HashSet<_> = COUNTRIES.iter().map(|c| c.name).collect();
        assert_eq!(names.len(), COUNTRIES.len());
        assert!(names.iter().all(|n| !n.is_empty() && n.trim() == *n));
    }

    #[test]
    fn all_assigned_codes_are_there() {
        assert_eq!(all().filter(|c| c.status() == Status::Current).count(), 249);
    }

    #[test]
    fn every_code_finds_its_own_entry() {
        assert_eq!(all().count(), COUNTRIES.len());
        assert!(all().all(|c| by_code(c.code()) == Some(c)));
    }

    #[test]
    fn codes_that_look_like_words_are_countries() {
        assert_eq!((name("NA"), name("NO"), name("IN"), name("IS")), ("Namibia", "Norway", "India", "Iceland"));
    }

    #[test]
    fn other_spellings_are_read() {
        assert_eq!(by_code("EL"), by_code("GR"));
        assert_eq!(by_code("UK"), by_code("GB"));
        assert_eq!(by_code("UK").map(CountryId::code), Some("GB"));
    }

    #[test]
    fn what_is_no_country_is_not_found() {
        for code in ["", "E", "EU", "XS", "ZZ", "fr", "Fr", "FRA", " FR", "Ö"] {
            assert_eq!(by_code(code), None, "{code}");
        }
    }

    #[test]
    fn historic_and_customs_codes_say_so() {
        let status = |code| by_code(code).map(CountryId::status);
        assert_eq!(status("AN"), Some(Status::Historic { until: 2010 }));
        assert_eq!(status("CS"), Some(Status::Historic { until: 2006 }));
        assert_eq!(status("SU"), Some(Status::Historic { until: 1992 }));
        for code in ["XC", "XI", "XK", "XL"] {
            assert_eq!(status(code), Some(Status::UserAssigned), "{code}");
        }
    }
}
