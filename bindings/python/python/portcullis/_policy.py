"""Policies: loaded once, asked as often as wanted, from any thread."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from . import _files, _native
from ._answers import Decision, Step, step
from ._screen import ArrowArray, ArrowStream, Screened, Screener, screener
from ._values import consignment as _json
from ._values import facts as _facts

Path = str | os.PathLike[str]


class Policy:
    """Policies that passed every check; made by :func:`load`.

    It never changes, and can be used from any number of threads. It can be pickled: what travels is its text, which is
    checked again where it arrives, so a job on a cluster decides by the very law it was sent with.
    """

    __slots__ = ("_law",)
    _law: _native.Law

    def __init__(self, law: _native.Law) -> None:
        self._law = law

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, self._law.parts()

    def __repr__(self) -> str:
        return f"<Policy {', '.join(self.names)}>"

    @property
    def names(self) -> list[str]:
        """The names of the policies."""
        return [name for name, _, _ in self._law.policies()]

    @property
    def titles(self) -> dict[str, str]:
        """The titles of the policies, by name."""
        return {name: title for name, title, _ in self._law.policies()}

    @property
    def digests(self) -> dict[str, str]:
        """The digests of the policies, by name: equal digests decide alike."""
        return {name: digest for name, _, digest in self._law.policies()}

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of a consignment."""
        value: dict[str, Any] = json.loads(self._law.schema())
        return value

    def decide(
        self,
        consignment: Mapping[str, Any] | str,
        date: datetime.date | str | None = None,
        policies: str | Iterable[str] | None = None,
        *,
        set: Mapping[str, Any] | None = None,
        why: bool = False,
    ) -> Decision:
        """Decides one consignment.

        ``consignment``: facts by their names, nested at dots, as a mapping or as JSON text. What is left out or ``None``
        is not known; what is not known is never "no".
        ``date``: the day whose law decides, in place of the consignment's own.
        ``policies``: the policies that are asked; all that are loaded if nothing is said.
        ``set``: facts laid on top, by name (``{"goods.kind": "whip"}``); ``None`` takes one away.
        ``why``: whether the decision gives its reasons as trees.

        Raises ``ConsignmentError`` for a consignment that cannot be read, or whose facts cannot all be so;
        ``PolicyError`` for a policy that is not loaded.
        """
        only = None if policies is None else [policies] if isinstance(policies, str) else list(policies)
        return Decision(self._law.decide(_json(consignment), _facts(set, date), only, why))

    def ask(
        self,
        consignment: Mapping[str, Any] | str = "{}",
        date: datetime.date | str | None = None,
        *,
        unknown: Iterable[str] = (),
    ) -> Step:
        """Begins an interview: the first question whose answer can still change the outcome, or the decision.

        ``consignment``: what is known already. ``date``: the day whose law decides. ``unknown``: what shall not be
        asked, by name; ``licences`` for which licences are held. Go on with :meth:`Step.answer`.

        Raises ``ConsignmentError`` as :meth:`decide` does, and for a name of which nothing can be asked.
        """
        return step(self, _json(consignment), _facts(None, date), unknown, None)

    def screen(
        self,
        data: ArrowStream | ArrowArray,
        *,
        as_of: datetime.date | str | None = None,
        set: Mapping[str, Any] | None = None,
        map: Mapping[str, Any] | str | None = None,
        facts: Path | None = None,
        key: str | Iterable[str] = (),
        nomenclature: Path | Iterable[Path] = (),
        decisions: bool = False,
    ) -> Screened:
        """Decides the rows of a table, as ``portcullis screen`` does.

        ``data``: anything that hands out Arrow data, with a column a fact; columns that are no facts are left alone.
        ``as_of``: the date where a row has none. ``set``: facts laid on top of every row.
        ``map``: which column is which fact, as the mapping or the TOML text of ``--map``.
        ``facts``, ``key``: a CSV file with facts of products or items, and the columns by which it is joined.
        ``nomenclature``: CSV files with the tariff codes of a year.
        ``decisions``: whether a last column holds each whole decision as JSON.

        Nothing is decided before the answer is read. Raises ``ConsignmentError`` for columns of which no row could be
        decided, ``TypeError`` for what hands out no Arrow data, ``ValueError`` for a stream that was used.
        """
        ready = self.screener(as_of=as_of, set=set, map=map, facts=facts, key=key, nomenclature=nomenclature)
        return ready.screen(data, decisions=decisions)

    def screener(
        self,
        *,
        as_of: datetime.date | str | None = None,
        set: Mapping[str, Any] | None = None,
        map: Mapping[str, Any] | str | None = None,
        facts: Path | None = None,
        key: str | Iterable[str] = (),
        nomenclature: Path | Iterable[Path] = (),
    ) -> Screener:
        """The law made ready once, to screen many tables; its settings are those of :meth:`screen`."""
        return screener(self._law, as_of, set, map, facts, key, nomenclature)


def load(law: Path | Iterable[Path] | Mapping[str, str | bytes], *, root: Path | None = None) -> Policy:
    """Loads policies, each with all it needs.

    ``law``: a gate file, a folder of them, or the name of a shipped policy such as ``eu.torture``; several of these; or
    the texts themselves, by path below their root (``{"law.gate": "…"}``).
    ``root``: the folder of ``trade.gate``, where it is not the nearest one above.

    Raises ``PolicyError`` with every mistake in every file.
    """
    if isinstance(law, Mapping):
        texts = {path: text.encode() if isinstance(text, str) else bytes(text) for path, text in law.items()}
        return _restored(texts, "")
    named = [law] if isinstance(law, (str, os.PathLike)) else list(law)
    return _restored(*_files.find(named, root))


def _restored(files: dict[str, bytes], prefix: str) -> Policy:
    return Policy(_native.Law(files, prefix))
