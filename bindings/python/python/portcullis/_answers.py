"""What is answered: decisions, steps of an interview, differences. Each is the published JSON, with names for its parts."""

from __future__ import annotations

import dataclasses
import datetime
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Iterable, Mapping

from . import _native
from ._values import spoken

if TYPE_CHECKING:
    from ._policy import Policy


class Decision(dict[str, Any]):
    """A decision: a dictionary of the published form ``portcullis.decision/1``, with names for its main parts.

    What stands at the first level is certain; what only some values of the unknown facts give stands in ``possible``.
    """

    _words: _native.Decided | tuple[str, str, str]

    def __init__(self, words: _native.Decided | tuple[str, str, str]) -> None:
        self._words = words
        super().__init__(json.loads(self.json))

    def __reduce__(self) -> tuple[Any, ...]:
        return Decision, ((self.json, self.text, self.markdown),)

    @property
    def outcome(self) -> str:
        """``prohibited``, ``licence_required``, ``permitted``, ``not_applicable`` or ``undetermined``."""
        return str(self["outcome"])

    @property
    def may_proceed(self) -> bool | None:
        """Whether the consignment may go; ``None`` where that is not known or no policy speaks. Only ``True`` is yes."""
        value: bool | None = self["may_proceed"]
        return value

    @property
    def id(self) -> str | None:
        """The identifier of the consignment."""
        value: str | None = self["id"]
        return value

    @property
    def as_of(self) -> str:
        """The day that picked the law."""
        return str(self["as_of"])

    @property
    def resolved(self) -> bool:
        """``False`` if a limit was reached, and the answer is only a sound bound."""
        return bool(self["resolved"])

    @property
    def policies(self) -> list[dict[str, Any]]:
        """The answer of each policy, for each goods item in turn."""
        own: list[dict[str, Any]] = self.get("policies", [])
        return [*own, *(p for item in self.get("items", []) for p in item["policies"])]

    @property
    def goods(self) -> list[dict[str, Any]]:
        """The decision on each goods item, where the goods were given as a list. (``items`` is a dictionary's method.)"""
        value: list[dict[str, Any]] = self.get("items", [])
        return value

    @property
    def why(self) -> list[str]:
        """What decides, a line each: the rule, its title, its citation. ``Policy.decide(…, why=True)`` has trees as well."""
        return _once(f"{r['rule']}: {r['title']} ({r['cite']})" for p in self.policies for r in p["decided_by"])

    @property
    def rules(self) -> list[str]:
        """The rules that decide."""
        return _once(r["rule"] for p in self.policies for r in p["decided_by"])

    @property
    def entries(self) -> list[str]:
        """The entries of control lists that the goods are in."""
        return _once(c for p in self.policies for c in p["categories"])

    @property
    def requirements(self) -> list[dict[str, Any]]:
        """The licences that are required, and which of them are held."""
        return [r for p in self.policies for r in p["requirements"]]

    @property
    def documents(self) -> list[str]:
        """The document codes to declare."""
        return _once(d for p in self.policies for d in p["documents"])

    @property
    def missing(self) -> list[str]:
        """The facts still to be asked, by name."""
        return _once(m["fact"] for p in self.policies for m in p["missing"])

    @property
    def warnings(self) -> list[str]:
        """What to know before relying on it."""
        return _once([*self["warnings"], *(w for p in self.policies for w in p["warnings"])])

    @property
    def json(self) -> str:
        """The decision as JSON: the bytes that ``portcullis decide --format json`` writes."""
        return self._words[0] if isinstance(self._words, tuple) else self._words.json()

    @property
    def text(self) -> str:
        """The decision in words, as ``portcullis decide`` prints it."""
        return self._words[1] if isinstance(self._words, tuple) else self._words.text()

    @property
    def markdown(self) -> str:
        """The decision as Markdown."""
        return self._words[2] if isinstance(self._words, tuple) else self._words.markdown()

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Question:
    """A question of an interview, with all that is needed to put it to somebody."""

    name: str
    """The name under which it is answered: of the fact, with the number of the item where there are several."""
    about: str
    """``date``, ``fact``, ``claim``, ``presumption`` or ``licence``."""
    ask: str
    """The question in words."""
    expects: str
    """What is expected, in words."""
    type: str
    """The type: ``yes/no``, ``one of``, ``country``, ``length`` …"""
    list: bool
    """``True`` if several values may be given."""
    values: tuple[str, ...]
    """The values that can be given, if they can be listed."""
    units: tuple[str, ...]
    """The units that can be used, if any."""
    item: int | None
    """The goods item, or the licence held, from 1, where there are several."""
    answered_by: str | None
    """Who can answer."""
    given: str | None
    """What is known of it already, and can be made narrower."""
    presumed: str | None
    """What is taken to be so without an answer, and on what ground."""
    possible: tuple[str, ...]
    """The outcomes that are still possible, strictest first."""
    why: tuple[Mapping[str, Any], ...]
    """The rules and entries that wait for it."""


@dataclass(frozen=True)
class Step:
    """Where an interview stands. A step never changes: to take an answer back, go on from an earlier one."""

    question: Question | None
    """The question to be answered now; ``None`` once no answer could change anything."""
    consignment: dict[str, Any]
    """The consignment as known so far."""
    unknown: tuple[str, ...]
    """What was left open or needs no more asking, by name."""
    decision: Decision | None
    """The decision, once nothing is left to ask."""
    _policy: Policy
    _text: str

    def answer(self, value: Any) -> Step:
        """The step after an answer to the question.

        ``value``: as in a consignment (``True``, ``"TR"``, ``"12 in"``, a list); ``None`` or ``"unknown"`` leaves it open.

        Raises ``ConsignmentError`` if it is no answer; the question stands.
        """
        return step(self._policy, self._text, [], self.unknown, spoken(value))


def step(
    policy: Policy, consignment: str, facts: list[tuple[str, str]], unknown: Iterable[str], answer: str | None
) -> Step:
    """The step of an interview that follows from what is known and, perhaps, an answer."""
    question, known, closed, decided = policy._law.ask(consignment, facts, list(unknown), answer)
    return Step(
        question=_question(json.loads(question)),
        consignment=json.loads(known),
        unknown=tuple(closed),
        decision=Decision(decided) if decided is not None else None,
        _policy=policy,
        # The text is kept, since its numbers keep all their digits.
        _text=known,
    )


def _question(found: dict[str, Any] | None) -> Question | None:
    if found is None:
        return None
    fields: dict[str, Any] = {f.name: found.get(f.name) for f in dataclasses.fields(Question)}
    fields.update({name: tuple(found[name]) for name in ("values", "units", "possible", "why")})
    return Question(**fields)


class Diff(dict[str, Any]):
    """What an amendment changes: a dictionary of the published form ``portcullis.diff/1``, with names for its main parts."""

    text: str
    """The differences in words, as ``portcullis diff`` prints them."""

    def __init__(self, found: str, text: str) -> None:
        super().__init__(json.loads(found))
        self.text = text

    def __reduce__(self) -> tuple[Any, ...]:
        return Diff, (json.dumps(self), self.text)

    @property
    def same(self) -> bool:
        """``True`` if nothing differs, which is proved."""
        return bool(self["same"])

    @property
    def resolved(self) -> bool:
        """``False`` if a limit was reached, so that not everything was compared."""
        return bool(self["resolved"])

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What differs: from which outcome to which, by which rules, for which facts, with a consignment for each."""
        value: list[dict[str, Any]] = self["findings"]
        return value

    def __str__(self) -> str:
        return self.text


def diff(
    old: Policy, new: Policy, old_date: datetime.date | str | None = None, new_date: datetime.date | str | None = None
) -> Diff:
    """What the law ``new`` decides otherwise than ``old``, over all consignments.

    Two versions are compared on every day on which both are known, or each on the day given for it. One policy is
    compared with itself on two days.

    Raises ``PolicyError`` if only one day is given, or none where both are one policy.
    """
    day = [spoken(d) if d is not None else None for d in (old_date, new_date)]
    return Diff(*old._law.diff(new._law, *day))


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
