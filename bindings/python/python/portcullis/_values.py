"""From Python values to the text of a consignment. Nothing is guessed, and no digit is lost."""

from __future__ import annotations

import datetime
import json
import math
import numbers
from collections.abc import Mapping, Sequence, Set
from decimal import Decimal
from typing import Any

from ._errors import ConsignmentError

MAX_NESTING = 200


def consignment(value: Mapping[str, Any] | str) -> str:
    """A consignment as JSON: text as it stands, a mapping written out."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return written(value, 0)
    raise TypeError(f"a consignment is a mapping or JSON text, not {type(value).__name__}")


def written(value: Any, depth: int) -> str:
    """A value as JSON."""
    if depth > MAX_NESTING:
        raise ConsignmentError(f"this is nested deeper than {MAX_NESTING} levels")
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value)
    if isinstance(value, (datetime.date, numbers.Number)):
        return _one(value)
    if isinstance(value, Mapping):
        return "{%s}" % ",".join(f"{_key(k)}:{written(v, depth + 1)}" for k, v in value.items())
    if isinstance(value, Set):
        return "[%s]" % ",".join(sorted(written(v, depth + 1) for v in value))
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return "[%s]" % ",".join(written(v, depth + 1) for v in value)
    raise TypeError(f"{type(value).__name__} is no value of a fact; give text, yes or no, a number, a date or a list")


def spoken(value: Any) -> str:
    """A value as it is said in an answer, or set on top: ``yes``, ``TR``, ``12 in``, a list with commas."""
    if value is None:
        return "unknown"
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (datetime.date, numbers.Number)):
        return _one(value).strip('"')
    if isinstance(value, (Set, Sequence)) and not isinstance(value, (bytes, bytearray, memoryview)):
        parts = [spoken(v) for v in value]
        if any("," in p for p in parts):
            raise ValueError("an element of a list holds a comma, which separates elements")
        return ", ".join(sorted(parts) if isinstance(value, Set) else parts)
    raise TypeError(f"{type(value).__name__} is no value of a fact; give text, yes or no, a number, a date or a list")


def facts(values: Mapping[str, Any] | None, date: datetime.date | str | None) -> list[tuple[str, str]]:
    """Facts to be set on top, by name; the date among them."""
    out = [(name, spoken(value)) for name, value in (values or {}).items()]
    return out if date is None else [*(p for p in out if p[0] != "date"), ("date", spoken(date))]


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"the name of a fact is text, not {type(key).__name__}")
    return json.dumps(key)


def _one(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        raise TypeError("a day is expected, not a point in time; take its .date()")
    if isinstance(value, datetime.date):
        return f'"{value.isoformat()}"'
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, numbers.Real) and not isinstance(value, Decimal) and math.isfinite(value):
        # The shortest text that gives the same number, without an exponent.
        return format(Decimal(repr(float(value))), "f")
    raise TypeError(f"{value!r} is no number that a fact can have")
