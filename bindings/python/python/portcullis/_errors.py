"""What can be wrong with law or with a consignment, as exceptions that carry every message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence


@dataclass(frozen=True)
class Diagnostic:
    """One message about law or a consignment."""

    code: str
    """The stable code, such as ``bad-fact-value``; ``portcullis explain CODE`` prints its page."""
    severity: str
    """``error`` or ``warning``."""
    message: str
    """What is wrong, in one line."""
    file: str | None
    """The file, where the message has a place in one; a consignment is called ``consignment``."""
    line: int | None
    """The line, from 1."""
    column: int | None
    """The column in characters, from 1."""
    help: str | None
    """One way out."""
    text: str
    """The whole message as plain text, with its place, further places and the way out."""

    def __str__(self) -> str:
        return self.text


class Error(ValueError):
    """What both kinds of error have in common. ``str`` of it gives all messages."""

    diagnostics: tuple[Diagnostic, ...]
    """Every message, in the order of the places; empty where the error is not about a text."""

    def __init__(self, text: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(text, tuple(diagnostics))
        self.diagnostics = tuple(diagnostics)

    def __str__(self) -> str:
        return str(self.args[0])


class PolicyError(Error):
    """Law that does not load, or that is not there."""


class ConsignmentError(Error):
    """A consignment that cannot be read, or whose facts cannot all be so; rows that cannot be screened."""
