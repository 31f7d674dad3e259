"""Tables decided: any Arrow data in, decisions as Arrow data out, row for row."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from . import _native
from ._values import facts as _facts
from ._values import spoken

Settings = tuple[
    str | None,
    tuple[tuple[str, str], ...],
    str | None,
    tuple[str, tuple[str, ...], bytes] | None,
    tuple[tuple[str, bytes], ...],
]
"""The date where a row has none, facts set on top, the map, the facts that are joined, the lists of codes."""


class ArrowStream(Protocol):
    """What hands out Arrow data as a stream: tables and readers of pyarrow, polars, pandas, DuckDB …"""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """A capsule with the stream."""


class ArrowArray(Protocol):
    """What hands out Arrow data as one array: a record batch."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """Capsules with the schema and the array."""


class Screened:
    """The decisions of a table: a stream of Arrow data, one row for each row of the table, in order, none dropped.

    Give it to whatever takes Arrow data: ``pyarrow.table(s)``, ``polars.DataFrame(s)``,
    ``pandas.DataFrame.from_arrow(s)``, ``pyarrow.RecordBatchReader.from_stream(s)`` to go through it batch by batch. The
    table is read as far as the decisions are, and both only once.

    Its columns are ``id``, ``outcome``, ``may_proceed`` (true, false, or null where that is open), ``entries``,
    ``rules``, ``documents``, ``missing``, ``warnings``, ``flags``, ``errors``; texts, lists joined by ``; ``. With
    ``decisions=True`` a last column ``decision`` holds the whole decision as JSON. A row that cannot be decided has the
    outcome ``error`` and its reason in ``errors``.
    """

    __slots__ = ("_native",)

    def __init__(self, native: _native.Screened) -> None:
        self._native = native

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._native.__arrow_c_stream__(requested_schema)

    @property
    def totals(self) -> dict[str, Any]:
        """What became of the rows decided so far: ``rows``, ``refused`` (may not proceed), ``open``, ``outcomes`` and
        ``flags`` by name."""
        return self._native.totals()

    @property
    def notes(self) -> list[str]:
        """What to know of the columns, such as which are carried along and not read."""
        return self._native.notes()


class Screener:
    """The law made ready for many rows, with what holds for all of them; made by :meth:`Policy.screener`.

    Rows that the law cannot tell apart are decided once, and it remembers them from one table to the next. It can be
    used from any number of threads. It can be pickled: the text of the law and the settings travel, those of files that
    were named among them. Where it arrives several times in one process, it is made ready once.
    """

    __slots__ = ("_law", "_settings", "_native")

    def __init__(self, law: _native.Law, settings: Settings) -> None:
        as_of, set, map, facts, nomenclature = settings
        joined = None if facts is None else (facts[0], list(facts[1]), facts[2])
        self._law = law
        self._settings = settings
        self._native = _native.Screening(law, as_of, list(set), map, joined, list(nomenclature))

    def __reduce__(self) -> tuple[Any, ...]:
        files, prefix = self._law.parts()
        return _arrived, (tuple(files.items()), prefix, self._settings)

    def screen(self, data: ArrowStream | ArrowArray, *, decisions: bool = False) -> Screened:
        """Decides the rows of a table as they are asked for. See :meth:`Policy.screen`."""
        return Screened(self._native.screen(data, decisions))


def screener(
    law: _native.Law,
    as_of: Any,
    set: Mapping[str, Any] | None,
    map: Mapping[str, Any] | str | None,
    facts: str | os.PathLike[str] | None,
    key: str | Iterable[str],
    nomenclature: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
) -> Screener:
    """The law made ready, with the files that are named read."""
    keys = [key] if isinstance(key, str) else list(key)
    if (facts is None) != (not keys):
        raise ValueError("`facts` and `key` go together: a file, and the columns by which it is joined")
    lists = [nomenclature] if isinstance(nomenclature, (str, os.PathLike)) else list(nomenclature)
    settings = (
        None if as_of is None else spoken(as_of),
        tuple(_facts(set, None)),
        _toml(map) if isinstance(map, Mapping) else map,
        None if facts is None else (os.fspath(facts), tuple(keys), Path(facts).read_bytes()),
        tuple((os.fspath(path), Path(path).read_bytes()) for path in lists),
    )
    return Screener(law, settings)


@functools.lru_cache(maxsize=4)
def _arrived(files: tuple[tuple[str, bytes], ...], prefix: str, settings: Settings) -> Screener:
    """What was pickled, made ready once for all that it is used for in this process."""
    return Screener(_native.Law(dict(files), prefix), settings)


def _toml(map: Mapping[str, Any]) -> str:
    """A map as TOML; JSON's texts and lists are TOML's as well."""
    plain = {k: v for k, v in map.items() if not isinstance(v, Mapping)}
    lines = [f"{json.dumps(k)} = {json.dumps(v, ensure_ascii=False)}" for k, v in plain.items()]
    for name, table in map.items():
        if isinstance(table, Mapping):
            inner = {k: v for k, v in table.items() if isinstance(v, Mapping)}
            lines.append(f"[{json.dumps(name)}]")
            lines += [f"{json.dumps(k)} = {_text(v)}" for k, v in table.items() if k not in inner]
            for k, values in inner.items():
                lines.append(f"[{json.dumps(name)}.{json.dumps(k)}]")
                lines += [f"{json.dumps(x)} = {_text(v)}" for x, v in values.items()]
    return "\n".join(lines)


def _text(value: Any) -> str:
    return json.dumps(spoken(value), ensure_ascii=False)
