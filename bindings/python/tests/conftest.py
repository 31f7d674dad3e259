"""What the tests share: a small law, and the command line to compare with."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Callable

import pytest

import portcullis

PROJECT = Path(__file__).resolve().parents[3]

# Whips are banned except to France, of which the Act does not speak. It is known from 2020 on; from 2025 on ropes are
# listed as well.
LAW = """\
fact date: date
fact destination: country
fact documents: set of text
fact goods.code: code CN
fact goods.description: text
fact goods.kind: one of { whip, rope }
fact goods.length: length

policy example "Example Act" {
  source "Example Act 2020"
  applies when destination is not FR
  known from 2020-01-01 to 2026-12-31
  otherwise permit
}

category listed "Listed goods" {
  cite "Sch. 1"
  code CN ex 6602 00 00
  when goods.kind is whip
  words en "whip"
}

rule ban "No whips" {
  cite "s. 1"
  when goods in listed
  then prohibit
}

rule not_listed "Goods that are not listed" {
  cite "s. 2"
  when goods coded under listed and not goods in listed
  document "Y999" negative
}

rule long "Long ropes need a licence" {
  cite "s. 3"
  in force from 2025-01-01
  when goods.kind is rope and goods.length > 30 m
  then require individual
}

licence individual "Individual licence" {
  cite "s. 4"
}
"""


@pytest.fixture(scope="session")
def policy() -> portcullis.Policy:
    return portcullis.load({"law.gate": LAW})


@pytest.fixture(scope="session")
def command() -> Callable[..., str]:
    """What the command line prints; its exit status is part of no answer here."""
    program = os.environ.get("PORTCULLIS")
    if program is None:
        pytest.skip("PORTCULLIS does not name the command line to compare with")

    def run(*arguments: str, cwd: Path | None = None) -> str:
        done = subprocess.run([program, *arguments], capture_output=True, text=True, cwd=cwd, timeout=300)
        assert done.returncode in (0, 1, 2), done.stderr
        return done.stdout

    return run
