"""The native half of the package, for type checkers. Programs use ``portcullis`` and not this."""

class Law:
    """Policies that passed every check."""

    def __init__(self, files: dict[str, bytes], prefix: str) -> None:
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

class Decided:
    """A decision, to be put into words when it is asked for."""

    def json(self) -> str:
        """The decision as JSON: the bytes that the command line writes."""
    def text(self) -> str:
        """The decision in words, 80 columns."""
    def markdown(self) -> str:
        """The decision as Markdown."""

def shipped(name: str) -> list[str]:
    """The paths of the shipped files that a name such as ``eu.torture`` stands for."""

def shipped_files() -> dict[str, bytes]:
    """All shipped files of law, by path."""

def needed(files: dict[str, bytes], named: list[str]) -> dict[str, bytes]:
    """Of all files at hand, those named and what they need."""
