"""What is wrong is said with code, place and way out, and never as a crash."""

from __future__ import annotations

import pickle

import pytest

import portcullis
from conftest import LAW


def test_every_mistake_in_law_is_reported_with_its_place():
    wrong = LAW.replace("goods.kind is whip", "goods.kidn is whip").replace('  cite "s. 1"\n', "")
    with pytest.raises(portcullis.PolicyError) as caught:
        portcullis.load({"law.gate": wrong})
    found = {d.code: d for d in caught.value.diagnostics}
    assert set(found) == {"unknown-name", "missing-citation"}
    name = found["unknown-name"]
    line = next(i for i, text in enumerate(wrong.splitlines(), 1) if "kidn" in text)
    assert (name.file, name.line, name.severity) == ("law.gate", line, "error")
    assert name.column == wrong.splitlines()[line - 1].index("goods.kidn") + 1
    assert name.text.startswith(f"law.gate:{line}:{name.column}: error[unknown-name]: {name.message}")
    assert name.text in str(caught.value) and "goods.kind" in (name.help or name.text)


def test_every_mistake_in_a_consignment_is_reported(policy):
    with pytest.raises(portcullis.ConsignmentError) as caught:
        policy.decide('{\n  "date": "2026-03-02",\n  "destination": "QQ",\n  "wieght": 1\n}')
    found = [(d.code, d.file, d.line) for d in caught.value.diagnostics]
    assert found == [("bad-fact-value", "consignment", 3), ("undeclared-fact", "consignment", 4)]
    assert isinstance(caught.value, portcullis.Error) and isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ({"destination": "TR"}, "missing-date"),
        ("{", "consignment-syntax"),
        ('{"date": "2026-03-02", "date": "2026-03-03"}', "duplicate-key"),
        ({"date": "2026-03-02", "goods": {"code": 66020000}}, "bad-fact-value"),
        ({"date": "2026-03-02", "goods": [{}] * 10_001}, "consignment-limit"),
        ({"date": "2026-03-02", "goods": {"description": "x" * (1 << 20)}}, "consignment-limit"),
    ],
)
def test_a_bad_consignment_has_a_code(policy, case, code):
    with pytest.raises(portcullis.ConsignmentError) as caught:
        policy.decide(case)
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_values_that_are_none_are_type_errors(policy):
    nested: list = []
    nested.append(nested)
    for bad in (b"{}", 1, None, [], {1: 2}, {"goods": object()}, {"goods": b"x"}):
        with pytest.raises(TypeError):
            policy.decide(bad)
    with pytest.raises(portcullis.ConsignmentError, match="nested"):
        policy.decide({"goods": nested})


def test_law_that_is_not_there(tmp_path):
    for name in ("xx.nothing", str(tmp_path / "no.gate"), tmp_path / "no.gate"):
        with pytest.raises(portcullis.PolicyError, match="no file, folder or shipped policy"):
            portcullis.load(name)
    with pytest.raises(portcullis.PolicyError, match="no gate file"):
        portcullis.load(tmp_path)
    with pytest.raises(portcullis.PolicyError, match="at least one"):
        portcullis.load([])
    (tmp_path / "law.gate").write_text(LAW)
    with pytest.raises(portcullis.PolicyError, match="different roots"):
        portcullis.load([tmp_path / "law.gate", "eu.torture"])
    assert portcullis.load(tmp_path).names == ["example"]


def test_law_that_is_too_large_or_no_text(tmp_path):
    big = tmp_path / "law.gate"
    big.write_bytes(b" " * (4 * 1024 * 1024 + 1))
    with pytest.raises(portcullis.PolicyError, match="at most 4194304"):
        portcullis.load(big)
    with pytest.raises(portcullis.PolicyError) as caught:
        portcullis.load({"law.gate": b"\xff"})
    assert [d.code for d in caught.value.diagnostics] == ["unreadable-file"]


def test_errors_travel_as_pickles(policy):
    with pytest.raises(portcullis.ConsignmentError) as caught:
        policy.decide("{}")
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.diagnostics == caught.value.diagnostics and str(again) == str(caught.value)
