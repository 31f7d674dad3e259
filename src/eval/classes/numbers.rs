//! Numbers between the constants that facts are compared with.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use crate::model::value::Type;
use crate::model::{Dimension, Value};

/// Numbers that meet every interval between the constants, as many in each as there must be room for, and the constants
/// themselves.
pub(super) fn numbers(ty: &Type, constants: &BTreeSet<Value>, room: u32) -> BTreeSet<Value> {
    let cuts: Vec<Decimal> =
        constants.iter().filter_map(|v| if let Value::Number(n) = v { Some(*n) } else { None }).collect();
    let mut out: BTreeSet<Decimal> = cuts.iter().copied().collect();
    let steps = || (1..=room).map(Decimal::from);
    let percent = *ty == Type::Quantity(Dimension::Percent);
    let parts = Decimal::from(room + 1);
    if *ty == Type::Count {
        out =
            cuts.iter().flat_map(|c| steps().flat_map(|n| [c.floor() - n, c.floor() + n]).chain([c.floor()])).collect();
    } else {
        // Halfway for one; at even steps for more.
        out.extend(cuts.windows(2).flat_map(|w| steps().map(|n| w[0] + (w[1] - w[0]) * n / parts)));
        let below_zero = matches!(ty, Type::Number | Type::Money(_));
        if let Some(first) = cuts.first() {
            out.extend(steps().map(|n| if below_zero || first.is_zero() { *first - n } else { *first * n / parts }));
        }
        if let Some(last) = cuts.last() {
            let rest = (Decimal::ONE_HUNDRED - last) / parts;
            out.extend(steps().map(|n| *last + if percent { rest * n } else { n }));
        }
    }
    let signed = matches!(ty, Type::Number | Type::Money(_));
    let inside =
        |n: &Decimal| (signed || !n.is_sign_negative() || n.is_zero()) && !(percent && *n > Decimal::ONE_HUNDRED);
    let mut all: BTreeSet<Value> = out.into_iter().filter(inside).map(Value::Number).collect();
    if percent && cuts.iter().all(|c| *c < Decimal::ONE_HUNDRED) {
        all.insert(Value::Number(Decimal::ONE_HUNDRED));
    }
    if all.is_empty() {
        all.extend(steps().map(Value::Number));
    }
    all
}
