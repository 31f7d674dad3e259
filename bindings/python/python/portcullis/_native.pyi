"""The native half of the package, for type checkers. Programs use ``portcullis`` and not this."""

from typing import Any, final

from typing_extensions import Self

@final
class Law:
    """Policies that passed every check."""

    def __new__(cls, files: dict[str, bytes], prefix: str) -> Self:
        """Checks files of law, by path below their root."""
    def parts(self) -> tuple[dict[str, bytes], str]:
        """The files and what stands before their paths in messages: what ``Law`` takes."""
    def policies(self) -> list[tuple[str, str, str]]:
        """The policies: name, title, digest."""
    def schema(self) -> str:
        """The JSON Schema of a consignment, as text."""
    def decide(self, consignment: str, set: list[tuple[str, str]], policies: list[str] | None, why: bool) -> Decided:
        """Decides one consignment given as JSON."""
    def ask(
        self, consignment: str, set: list[tuple[str, str]], unknown: list[str], answer: str | None
    ) -> tuple[str, str, list[str], Decided | None]:
        """One step of an interview: question and consignment as JSON, what will not be asked, and the decision."""
    def diff(self, new: Law, old_day: str | None, new_day: str | None) -> tuple[str, str]:
        """What differs between these policies and others, as JSON and as text."""

@final
class Decided:
    """A decision, to be put into words when it is asked for."""

    def json(self) -> str:
        """The decision as JSON: the bytes that the command line writes."""
    def text(self) -> str:
        """The decision in words, 80 columns."""
    def markdown(self) -> str:
        """The decision as Markdown."""

@final
class Screening:
    """The law made ready for rows."""

    def __new__(
        cls,
        law: Law,
        as_of: str | None,
        set: list[tuple[str, str]],
        map: str | None,
        facts: tuple[str, list[str], bytes] | None,
        nomenclature: list[tuple[str, bytes]],
    ) -> Self:
        """Makes the law ready."""
    def screen(self, data: object, whole: bool) -> Screened:
        """Begins to decide the rows of a table."""

@final
class Screened:
    """A table that is decided as it is read."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The decisions as Arrow data. They can be taken once."""
    def totals(self) -> dict[str, Any]:
        """What became of the rows decided so far."""
    def notes(self) -> list[str]:
        """What to know of the columns."""

def shipped(name: str) -> list[str]:
    """The paths of the shipped files that a name such as ``eu.torture`` stands for."""

def shipped_files() -> dict[str, bytes]:
    """All shipped files of law, by path."""

def needed(files: dict[str, bytes], named: list[str]) -> dict[str, bytes]:
    """Of all files at hand, those named and what they need."""
