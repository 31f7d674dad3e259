"""The Python of the guide is run, in the order of each page, and has to print what stands there."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from conftest import PROJECT

PAGES = ["docs/guide/20-python.md", "docs/guide/21-spark.md"]


def blocks(page: str) -> list[tuple[str, int, str]]:
    """The kind, the line and the text of every block."""
    found = re.finditer(r"^```([^\n]*)\n(.*?)^```$", page, re.M | re.S)
    return [(m[1].strip(), page[: m.start()].count("\n") + 1, m[2]) for m in found]


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_true(name: str, tmp_path: Path, monkeypatch):
    page = (PROJECT / name).read_text()
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    names: dict[str, object] = {}
    run = 0
    for kind, line, text in blocks(page):
        words = kind.split()
        if words[:1] == ["gate"]:
            path = tmp_path / (words[1] if len(words) > 1 else "law.gate")
            path.write_text((path.read_text() if path.exists() else "") + text)
        elif words[:1] in (["csv"], ["text"]) and len(words) == 2:
            (tmp_path / words[1]).write_text(text)
        elif words == ["python"]:
            run += 1
            if ">>>" in text:
                test = doctest.DocTestParser().get_doctest(text, names, name, name, line)
                runner.run(test, clear_globs=False)
                names.update(test.globs)
            else:
                compile(text, name, "exec")
    assert run > 0 and runner.failures == 0


def test_the_readme_is_true(monkeypatch, capsys):
    monkeypatch.chdir(PROJECT)
    (text,) = [text for kind, _, text in blocks((PROJECT / "README.md").read_text()) if kind == "python"]
    exec(compile(text, "README.md", "exec"), {})
    assert capsys.readouterr().out.startswith("sjambok: PROHIBITED - may not proceed")
