"""Decisions, interviews and differences: what the law says, and byte for byte what the command line says."""

from __future__ import annotations

import datetime
import json
import pickle
import threading
from decimal import Decimal
from pathlib import Path

import pytest

import portcullis
from conftest import LAW, PROJECT

WHIP = {"date": "2026-03-02", "destination": "TR", "goods": {"code": "6602 00 00", "kind": "whip"}}
CASES = sorted((PROJECT / "examples/consignments").glob("*.json"))


def test_a_whip_is_banned(policy):
    decision = policy.decide(WHIP)
    assert (decision.outcome, decision.may_proceed) == ("prohibited", False)
    assert decision.why == ["ban: No whips (s. 1)"]
    assert (decision.rules, decision.entries, decision.missing) == (["ban"], ["listed"], [])
    assert decision["schema"] == "portcullis.decision/1"
    assert "PROHIBITED" in decision.text and "PROHIBITED" in str(decision)
    assert json.loads(decision.json) == decision


def test_what_is_not_known_is_never_no(policy):
    for unknown in ({"code": "6602 00 00"}, {"code": "6602 00 00", "kind": None}):
        decision = policy.decide({**WHIP, "goods": unknown})
        assert (decision.outcome, decision.may_proceed) == ("undetermined", None)
        # A whip is banned; of a rope, the length matters.
        assert sorted(decision.missing) == ["goods.kind", "goods.length"]


def test_the_negative_answer_has_its_document(policy):
    decision = policy.decide({**WHIP, "goods": {"code": "6602 00 00", "kind": "rope", "length": "1 m"}})
    assert (decision.outcome, decision.documents) == ("permitted", ["Y999"])


def test_a_mapping_and_its_text_are_one_consignment(policy):
    assert policy.decide(json.dumps(WHIP)).json == policy.decide(WHIP).json


def test_python_values_become_facts(policy):
    goods = {"kind": "rope", "length": "31 m"}
    decision = policy.decide({"date": datetime.date(2026, 3, 2), "destination": "TR", "goods": [goods, {"kind": "whip"}]})
    assert [item["outcome"] for item in decision.goods] == ["licence_required", "prohibited"]
    assert decision.outcome == "prohibited"
    assert decision.requirements[0]["licence"] == "individual"


def test_numbers_keep_all_their_digits():
    law = 'fact date: date\nfact share: number\npolicy p "P" {\n  source "P"\n  applies when share >= 0\n  known from 2020-01-01\n  otherwise permit\n}\n'
    law += 'rule r "R" {\n  cite "1"\n  when share > 0.1\n  then prohibit\n}\n'
    policy = portcullis.load({"law.gate": law})
    outcome = lambda share: policy.decide({"date": "2026-03-02", "share": share}).outcome
    assert outcome(Decimal("0.100000000000001")) == "prohibited"
    with pytest.raises(portcullis.ConsignmentError, match="cannot be held exactly"):
        outcome(Decimal("0.1000000000000000000000001"))
    assert outcome(Decimal("0.1")) == outcome(0.1) == outcome(0) == outcome(1e-7) == "permitted"
    for bad in (float("nan"), float("inf"), Decimal("NaN")):
        with pytest.raises(TypeError):
            outcome(bad)


def test_a_point_in_time_is_no_day(policy):
    with pytest.raises(TypeError, match="a day"):
        policy.decide({**WHIP, "date": datetime.datetime(2026, 3, 2)})


def test_the_date_given_beside_stands_in_place_of_the_own(policy):
    rope = {**WHIP, "goods": {"kind": "rope", "length": "31 m"}}
    assert policy.decide(rope).outcome == "licence_required"
    assert policy.decide(rope, "2024-12-31").outcome == "permitted"
    assert policy.decide(rope, date=datetime.date(2024, 12, 31)).as_of == "2024-12-31"


def test_facts_are_set_on_top(policy):
    assert policy.decide(WHIP, set={"goods.kind": "rope", "goods.length": "2 m"}).outcome == "permitted"
    assert policy.decide(WHIP, set={"goods.kind": None}).outcome == "undetermined"


def test_the_reasons_are_trees_when_asked_for(policy):
    assert "why" not in policy.decide(WHIP).policies[0] or not policy.decide(WHIP).policies[0]["why"]
    assert policy.decide(WHIP, why=True).policies[0]["why"]


def test_some_of_the_policies_are_asked():
    both = portcullis.load(["eu.torture", "gb.torture"])
    assert both.names == ["eu.torture", "gb.torture"]
    case = CASES[0].read_text()
    names = lambda d: [p["policy"] for p in d.policies]
    assert names(both.decide(case)) == ["eu.torture", "gb.torture"]
    assert names(both.decide(case, policies="gb.torture")) == ["gb.torture"]
    assert names(both.decide(case, policies=["gb.torture", "eu.torture"])) == ["eu.torture", "gb.torture"]
    with pytest.raises(portcullis.PolicyError, match="did you mean `eu.torture`"):
        both.decide(case, policies="eu.tortur")


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_it_says_what_the_command_line_says(path: Path, command):
    policy = portcullis.load("eu.torture")
    decision = policy.decide(path.read_text())
    assert decision.json + "\n" == command("decide", "-p", "eu.torture", "--format", "json", str(path))
    assert decision.text == command("decide", "-p", "eu.torture", str(path))
    assert decision.markdown == command("decide", "-p", "eu.torture", "--format", "markdown", str(path))


def test_it_travels_as_a_pickle(policy):
    again = pickle.loads(pickle.dumps(policy))
    assert again.digests == policy.digests
    decision = pickle.loads(pickle.dumps(again.decide(WHIP)))
    assert decision == policy.decide(WHIP) and decision.text == policy.decide(WHIP).text
    assert decision.outcome == "prohibited"


def test_it_is_used_from_many_threads(policy):
    found: list[str] = []
    work = lambda: found.extend(policy.decide(WHIP).outcome for _ in range(50))
    threads = [threading.Thread(target=work) for _ in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert found == ["prohibited"] * 400


def test_a_folder_is_loaded_with_what_it_needs():
    whole = portcullis.load(PROJECT / "policies/eu/torture")
    assert whole.names == ["eu.torture"]
    assert whole.digests == portcullis.load("eu.torture").digests
    assert portcullis.load(PROJECT / "policies/eu/torture/policy.gate").digests == whole.digests


def test_an_interview_asks_what_can_still_change_the_outcome(policy):
    step = policy.ask({"destination": "TR"})
    assert (step.question.about, step.question.name) == ("date", "date")
    step = step.answer(datetime.date(2026, 3, 2))
    assert step.question.name == "goods.kind" and set(step.question.values) == {"whip", "rope"}
    whip = step.answer("whip")
    assert whip.consignment["goods"]["kind"] == "whip"
    assert whip.question is None and whip.decision.outcome == "prohibited"
    rope = step.answer("rope")
    assert rope.question.name == "goods.length" and "m" in rope.question.units
    short = rope.answer("30 m")
    assert short.question is None and short.decision.outcome == "permitted"
    long = rope.answer("30.1 m")
    while long.question is not None:
        assert long.question.about == "licence"
        long = long.answer("none")
    assert (long.decision.outcome, long.decision.may_proceed) == ("licence_required", False)
    with pytest.raises(portcullis.ConsignmentError):
        rope.answer("green")
    open = rope.answer(None)
    # Whether it may go can still be settled by a licence.
    assert open.unknown == ("goods.length",) and open.question.about == "licence"
    assert open.answer("none").decision.outcome == "undetermined"


def test_nothing_is_asked_that_shall_not_be(policy):
    known = {"destination": "TR", "date": "2026-03-02"}
    assert policy.ask(known, unknown=["goods.kind"]).question.name != "goods.kind"
    with pytest.raises(portcullis.ConsignmentError, match="goods.knd"):
        policy.ask(known, unknown=["goods.knd"])


def test_a_difference_between_two_days(policy):
    found = portcullis.diff(policy, policy, "2024-12-31", datetime.date(2025, 1, 1))
    (change,) = found.findings
    assert not found.same and found.resolved
    assert (change["from"], change["to"], change["rules"][0]["name"]) == ("permitted", "licence_required", "long")
    assert "PERMITTED -> LICENCE REQUIRED" in found.text
    assert portcullis.diff(policy, policy, "2025-01-01", "2025-01-02").same
    again = pickle.loads(pickle.dumps(found))
    assert again == found and again.text == found.text


def test_a_difference_between_two_versions(policy):
    other = portcullis.load({"law.gate": LAW.replace("goods.kind is whip", "goods.kind is rope")})
    found = portcullis.diff(policy, other)
    steps = {(f["from"], f["to"]) for f in found.findings if f["group"] == "meaning"}
    assert ("prohibited", "permitted") in steps and ("permitted", "prohibited") in steps
    for days in [("2025-01-01", None), (None, "2025-01-01")]:
        with pytest.raises(portcullis.PolicyError, match="a day for both"):
            portcullis.diff(policy, other, *days)
    with pytest.raises(portcullis.PolicyError, match="one version"):
        portcullis.diff(policy, policy)
