"""From names and paths to files of law. The library itself reads no file.

A path is a gate file or a folder of them; its root is the nearest folder above that holds ``trade.gate``. What is named
is loaded with all it needs. A name such as ``eu.torture`` that is no path is looked up among the shipped policies.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Iterable, Iterator

from . import _native
from ._errors import PolicyError

MAX_FILE = 4 * 1024 * 1024
MAX_DEPTH = 32


def find(named: Iterable[str | os.PathLike[str]], root: str | os.PathLike[str] | None) -> tuple[dict[str, bytes], str]:
    """The files named and all they need, by path below the root; and what stands before a path in messages.

    Tests are left aside: they decide nothing.
    """
    roots: set[Path] = set()
    wanted: list[str] = []
    shipped = False
    for name in named:
        path = Path(name)
        if path.exists():
            base = Path(root).resolve() if root is not None else _root(path)
            roots.add(base)
            wanted.extend(_gate_files(path, base))
            continue
        hits = _native.shipped(name) if isinstance(name, str) else []
        if not hits:
            raise PolicyError(f"there is no file, folder or shipped policy `{os.fspath(name)}`")
        shipped = True
        wanted.extend(hits)
    if not wanted:
        raise PolicyError("name at least one policy: a path to gate files, or a shipped one such as `eu.torture`")
    if len(roots) + shipped > 1:
        raise PolicyError("the paths have different roots; name one with `root`, or load them apart")
    if shipped:
        at_hand, prefix = _native.shipped_files(), ""
    else:
        (base,) = roots
        at_hand, prefix = {_below(f, base): _read(f) for f in _walk(base) if f.suffix in (".gate", ".csv")}, _shown(base)
    needed = _native.needed(at_hand, wanted)
    return {p: b for p, b in needed.items() if not p.endswith(".test.gate")}, prefix


def _gate_files(path: Path, base: Path) -> list[str]:
    path = path.resolve()
    found = _walk(path) if path.is_dir() else [path]
    gates = [_below(f, base) for f in found if f.suffix == ".gate"]
    if not gates:
        raise PolicyError(f"`{path}` holds no gate file")
    return gates


def _root(path: Path) -> Path:
    path = path.resolve()
    start = path if path.is_dir() else path.parent
    return next((f for f in (start, *start.parents) if (f / "trade.gate").is_file()), start)


def _walk(folder: Path, depth: int = 0) -> Iterator[Path]:
    if depth > MAX_DEPTH:
        raise PolicyError(f"`{folder}` lies deeper than {MAX_DEPTH} folders")
    try:
        entries = sorted(folder.iterdir())
    except OSError as e:
        raise PolicyError(f"`{folder}` cannot be read: {e}") from e
    for entry in entries:
        # Links are not followed into folders, so that no circle is walked.
        if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith("."):
            yield from _walk(entry, depth + 1)
        elif entry.is_file():
            yield entry


def _below(path: Path, base: Path) -> str:
    try:
        return path.relative_to(base).as_posix()
    except ValueError as e:
        raise PolicyError(f"`{path}` is not below the root `{base}`") from e


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            raise PolicyError(f"`{path}` has {size} bytes; a file of law may have at most {MAX_FILE}")
        return path.read_bytes()
    except OSError as e:
        raise PolicyError(f"`{path}` cannot be read: {e}") from e


def _shown(base: Path) -> str:
    try:
        shown = base.relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        shown = base.as_posix()
    return "" if shown == "." else f"{shown}/"
