"""The example job on a real Spark of two executor processes: what comes out is what the command line says."""

from __future__ import annotations

import csv
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest

from conftest import PROJECT

pytest.importorskip("pyspark")

JOB = PROJECT / "bindings/python/examples/spark_screen.py"
ROWS = 20_000
COLUMNS = ["id", "outcome", "may_proceed", "entries", "rules", "documents", "missing", "warnings", "flags", "errors"]


def made(path: Path, seed: int) -> None:
    """Declarations under listed and other codes, with what is said of goods left out here and there, and some mistakes."""
    pick = random.Random(seed)
    codes = ["7326 90 98", "6602 00 00", "9304 00 00", "4206 00 00"]
    kinds = ["thumb_cuffs", "whip", "screw", "spiked_baton", ""]
    words = ["steel cuffs, chained", 'a "whip"', "=Peitschen", "spare part", "goods", ""]
    places = ["TR", "NA", "NO", "QQ"]
    with open(path, "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["id", "date", "activity", "from", "destination", "goods.code", "goods.kind", "goods.description", "documents"])
        for i in range(ROWS):
            day = pick.choice(["2025-08-19", "2025-08-20"])
            row = [pick.choice(["export", ""]), "DE", pick.choice(places), pick.choice(codes)]
            out.writerow([f"{i:06}", day, *row, pick.choice(kinds), pick.choice(words), pick.choice(["Y904", "C064", ""])])


def spark(*arguments: str) -> str:
    """Runs the job on a small cluster of this machine."""
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    command = [sys.executable, str(JOB), "--master", "local-cluster[2,1,1024]", "--partitions", "8", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-4000:]
    print(done.stdout)
    return done.stdout


def test_spark_decides_row_for_row_what_the_command_line_decides(tmp_path, command):
    day = tmp_path / "day.csv"
    made(day, int.from_bytes(os.urandom(4)))
    command_line = [os.environ["PORTCULLIS"], "screen", "-p", "eu.torture", str(day), "-o", str(tmp_path / "expected.csv")]
    # Rows in error give status 3, and end nothing.
    done = subprocess.run(command_line, capture_output=True, text=True, timeout=900)
    assert done.returncode == 3, done.stderr
    with open(tmp_path / "expected.csv", newline="") as f:
        expected = sorted(csv.reader(f))

    said = spark("--policy", "eu.torture", str(day), str(tmp_path / "decided.parquet"))
    counts = re.search(r"(\d+) rows decided in .* by (\d+) executors", said)
    assert counts is not None and (counts[1], counts[2]) == (str(ROWS), "2"), said

    shown = {None: "", True: "true", False: "false"}
    table = pyarrow.parquet.read_table(tmp_path / "decided.parquet").select(COLUMNS)
    found = sorted([COLUMNS, *([shown.get(v, v) for v in row.values()] for row in table.to_pylist())])
    assert len(found) == len(expected) == ROWS + 1
    assert len({row[0] for row in found}) == ROWS + 1
    assert {row[1] for row in found} >= {"prohibited", "undetermined", "permitted", "error"}
    # CSV keeps a text from being taken for a formula by a quote before it, and nothing else is otherwise.
    plain = [[c[1:] if c.startswith("'") else c for c in row] for row in expected]
    different = [(a, b) for a, b in zip(found, plain) if a != b]
    assert not different, different[:3]
