//! Dimensions and units, with exact factors.
//!
//! A quantity is held in the base unit of its dimension as an exact decimal, so that `12 in` and `304.8 mm` are one
//! value. Factors are those of the SI and of the international yard and pound (1959); none needs rounding.

use rust_decimal::Decimal;

/// What a quantity measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Millimetres.
    Length,
    /// Square millimetres.
    Area,
    /// Grams.
    Mass,
    /// Millilitres.
    Volume,
    /// Percent; 100 % is 100.
    Percent,
    /// Joules.
    Energy,
    /// Watts.
    Power,
    /// Volts.
    Voltage,
    /// Amperes.
    Current,
    /// Hertz.
    Frequency,
    /// Pascals.
    Pressure,
}

impl Dimension {
    /// All dimensions.
    pub const ALL: [Dimension; 11] = [
        Dimension::Length,
        Dimension::Area,
        Dimension::Mass,
        Dimension::Volume,
        Dimension::Percent,
        Dimension::Energy,
        Dimension::Power,
        Dimension::Voltage,
        Dimension::Current,
        Dimension::Frequency,
        Dimension::Pressure,
    ];

    /// The name of the dimension in gate files.
    pub fn name(self) -> &'static str {
        match self {
            Dimension::Length => "length",
            Dimension::Area => "area",
            Dimension::Mass => "mass",
            Dimension::Volume => "volume",
            Dimension::Percent => "percent",
            Dimension::Energy => "energy",
            Dimension::Power => "power",
            Dimension::Voltage => "voltage",
            Dimension::Current => "current",
            Dimension::Frequency => "frequency",
            Dimension::Pressure => "pressure",
        }
    }

    /// The unit in which values are held and shown.
    pub fn base(self) -> &'static str {
        match self {
            Dimension::Length => "mm",
            Dimension::Area => "mm2",
            Dimension::Mass => "g",
            Dimension::Volume => "ml",
            Dimension::Percent => "%",
            Dimension::Energy => "J",
            Dimension::Power => "W",
            Dimension::Voltage => "V",
            Dimension::Current => "A",
            Dimension::Frequency => "Hz",
            Dimension::Pressure => "Pa",
        }
    }

    /// The dimension of that name.
    pub fn by_name(name: &str) -> Option<Dimension> {
        Self::ALL.into_iter().find(|d| d.name() == name)
    }
}

/// A unit: its dimension, and how many base units it is, as mantissa and decimal places.
fn table(unit: &str) -> Option<(Dimension, i64, u32)> {
    use Dimension::*;
    Some(match unit {
        "µm" | "um" => (Length, 1, 3),
        "mm" => (Length, 1, 0),
        "cm" => (Length, 10, 0),
        "dm" => (Length, 100, 0),
        "m" => (Length, 1_000, 0),
        "km" => (Length, 1_000_000, 0),
        "in" => (Length, 254, 1),
        "ft" => (Length, 3_048, 1),
        "yd" => (Length, 9_144, 1),
        "mm2" => (Area, 1, 0),
        "cm2" => (Area, 100, 0),
        "m2" => (Area, 1_000_000, 0),
        "µg" | "ug" => (Mass, 1, 6),
        "mg" => (Mass, 1, 3),
        "g" => (Mass, 1, 0),
        "kg" => (Mass, 1_000, 0),
        "t" => (Mass, 1_000_000, 0),
        "lb" => (Mass, 45_359_237, 5),
        "oz" => (Mass, 28_349_523_125, 9),
        "ml" | "cm3" => (Volume, 1, 0),
        "cl" => (Volume, 10, 0),
        "dl" => (Volume, 100, 0),
        "l" | "dm3" => (Volume, 1_000, 0),
        "m3" => (Volume, 1_000_000, 0),
        "%" => (Percent, 1, 0),
        "ppm" => (Percent, 1, 4),
        "J" => (Energy, 1, 0),
        "kJ" => (Energy, 1_000, 0),
        "MJ" => (Energy, 1_000_000, 0),
        "W" => (Power, 1, 0),
        "kW" => (Power, 1_000, 0),
        "MW" => (Power, 1_000_000, 0),
        "mV" => (Voltage, 1, 3),
        "V" => (Voltage, 1, 0),
        "kV" => (Voltage, 1_000, 0),
        "mA" => (Current, 1, 3),
        "A" => (Current, 1, 0),
        "Hz" => (Frequency, 1, 0),
        "kHz" => (Frequency, 1_000, 0),
        "MHz" => (Frequency, 1_000_000, 0),
        "GHz" => (Frequency, 1_000_000_000, 0),
        "Pa" => (Pressure, 1, 0),
        "kPa" => (Pressure, 1_000, 0),
        "MPa" => (Pressure, 1_000_000, 0),
        "bar" => (Pressure, 100_000, 0),
        _ => return None,
    })
}

/// The dimension of a unit, if the unit is known.
pub fn dimension_of(unit: &str) -> Option<Dimension> {
    table(unit).map(|(d, ..)| d)
}

/// The units of a dimension, the usual ones of one kind together.
pub fn units_of(dimension: Dimension) -> impl Iterator<Item = &'static str> {
    const ALL: [&str; 47] = [
        "mm", "cm", "m", "km", "dm", "um", "in", "ft", "yd", "mm2", "cm2", "m2", "g", "kg", "t", "mg", "ug", "lb",
        "oz", "ml", "l", "cl", "dl", "m3", "cm3", "dm3", "%", "ppm", "J", "kJ", "MJ", "W", "kW", "MW", "V", "mV", "kV",
        "A", "mA", "Hz", "kHz", "MHz", "GHz", "Pa", "kPa", "MPa", "bar",
    ];
    ALL.into_iter().filter(move |u| dimension_of(u) == Some(dimension))
}

/// A number of base units as a number of some unit, if that is exact and has few enough digits to be read again.
pub fn from_base(base: Decimal, unit: &str) -> Option<Decimal> {
    let (_, mantissa, scale) = table(unit)?;
    let factor = Decimal::new(mantissa, scale);
    let number = base.checked_div(factor)?.normalize();
    let exact = number.checked_mul(factor).is_some_and(|n| n == base);
    (exact && parse_number(&number.to_string()).is_some()).then_some(number)
}

/// The most digits a number may have; more could be lost when it is converted.
pub const MAX_DIGITS: usize = 16;

/// Reads a decimal number exactly. `None` if it is not a number or has more than [`MAX_DIGITS`] digits.
pub fn parse_number(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    if whole.len() + fraction.len() > MAX_DIGITS {
        return None;
    }
    Decimal::from_str_exact(text).ok().map(|d| d.normalize())
}

/// A number of some unit in the base unit of its dimension, exactly.
pub fn to_base(number: Decimal, unit: &str) -> Option<(Dimension, Decimal)> {
    let (dimension, mantissa, scale) = table(unit)?;
    let value = number.checked_mul(Decimal::new(mantissa, scale))?.normalize();
    Some((dimension, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(s: &str) -> Decimal {
        parse_number(s).unwrap()
    }

    #[test]
    fn inches_are_exactly_25_4_mm() {
        assert_eq!(to_base(number("12"), "in"), Some((Dimension::Length, number("304.8"))));
        assert_eq!(to_base(number("0.003"), "ppm"), Some((Dimension::Percent, number("0.0000003"))));
        assert_eq!(to_base(number("1"), "oz"), Some((Dimension::Mass, number("28.349523125"))));
    }

    #[test]
    fn numbers_that_would_lose_digits_are_refused() {
        assert_eq!(parse_number("1234567890.1234567"), None);
        assert_eq!(parse_number("0001.50"), Some(number("1.5")));
        for bad in ["", ".5", "5.", "1e3", "+1", "1 000", "--1", "٣"] {
            assert_eq!(parse_number(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_largest_number_survives_every_unit_exactly() {
        let big = number("999999999999999.9");
        for unit in ["µm", "km", "oz", "lb", "GHz", "ppm", "m3"] {
            let (_, base) = to_base(big, unit).unwrap();
            let (_, mantissa, scale) = table(unit).unwrap();
            assert_eq!(base / Decimal::new(mantissa, scale), big, "{unit}");
        }
    }
}
