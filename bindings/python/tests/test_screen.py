"""Tables decided: the libraries that hand out Arrow data, row for row, batch by batch, and what the command line says."""

from __future__ import annotations

import csv
import ctypes
import datetime
import gc
import json
import os
import pickle
import subprocess
import threading
import time
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import portcullis
from conftest import LAW

# Worked out from the law: a whip is banned; what may be one is open; a short rope is let through, with Y999 under the
# listed code; `QQ` is no country.
ROWS = [
    {"id": "1", "date": "2026-03-02", "destination": "TR", "goods.code": "6602 00 00", "goods.kind": "whip"},
    {"id": "2", "date": "2026-03-02", "destination": "NA", "goods.code": "6602 00 00", "goods.kind": None},
    {"id": "3", "date": "2026-03-02", "destination": "NO", "goods.code": "6602 00 00", "goods.kind": "rope"},
    {"id": "4", "date": "2026-03-02", "destination": "QQ", "goods.code": "6602 00 00", "goods.kind": "rope"},
    {"id": "5", "date": "2026-03-02", "destination": "FR", "goods.code": "6602 00 00", "goods.kind": "whip"},
]
ROWS = [{**row, "goods.length": "2 m" if row["goods.kind"] == "rope" else None} for row in ROWS]
OUTCOMES = ["prohibited", "undetermined", "permitted", "error", "not_applicable"]
MAY = [False, None, True, None, None]


def table() -> pa.Table:
    return pa.Table.from_pylist(ROWS)


def outcomes(decided: portcullis.Screened) -> list[str]:
    return pa.table(decided)["outcome"].to_pylist()


def test_every_row_is_decided_in_order(policy):
    decided = policy.screen(table())
    out = pa.table(decided)
    assert out.column_names == [
        "id", "outcome", "may_proceed", "entries", "rules", "documents", "missing", "warnings", "flags", "errors",
    ]
    assert out["id"].to_pylist() == ["1", "2", "3", "4", "5"]
    assert out["outcome"].to_pylist() == OUTCOMES
    assert out["may_proceed"].to_pylist() == MAY
    assert out["rules"].to_pylist()[0] == "ban" and out["entries"].to_pylist()[0] == "listed"
    assert out["documents"].to_pylist()[2] == "Y999"
    assert sorted(out["missing"].to_pylist()[1].split("; ")) == ["goods.kind", "goods.length"]
    assert "QQ" in out["errors"].to_pylist()[3]
    assert decided.totals["rows"] == 5 and decided.totals["refused"] == 1
    assert decided.totals["outcomes"] == {name: 1 for name in OUTCOMES}


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(table, id="pyarrow table"),
        pytest.param(lambda: table().to_batches()[0], id="pyarrow batch"),
        pytest.param(lambda: table().to_reader(max_chunksize=2), id="pyarrow reader"),
        pytest.param(lambda: table().to_struct_array().combine_chunks(), id="pyarrow struct array"),
        pytest.param(lambda: pl.DataFrame(ROWS), id="polars"),
        pytest.param(lambda: pl.DataFrame(ROWS).with_columns(pl.col("goods.kind").cast(pl.Categorical)), id="polars categorical"),
        pytest.param(lambda: pd.DataFrame(ROWS), id="pandas"),
        pytest.param(lambda: duckdb.connect().from_arrow(table()), id="duckdb"),
        pytest.param(lambda: OnlyArray(table().to_batches()[0]), id="one array"),
    ],
)
def test_whatever_hands_out_arrow_data_is_taken(policy, made):
    assert outcomes(policy.screen(made())) == OUTCOMES


class OnlyArray:
    """What hands out one array and no stream."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self.batch = batch

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        return self.batch.__arrow_c_array__(requested_schema)


def test_whatever_takes_arrow_data_is_given_it(policy):
    assert pl.DataFrame(policy.screen(table()))["outcome"].to_list() == OUTCOMES
    assert pd.DataFrame.from_arrow(policy.screen(table()))["outcome"].tolist() == OUTCOMES
    reader = pa.RecordBatchReader.from_stream(policy.screen(table()))
    found = duckdb.connect().from_arrow(reader).aggregate("outcome, count(*) AS n").order("outcome").fetchall()
    assert found == sorted((name, 1) for name in OUTCOMES)


@pytest.mark.parametrize("text", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())])
def test_text_of_any_kind_is_read(policy, text):
    columns = {name: pa.array([row[name] for row in ROWS], pa.string()) for name in ROWS[0]}
    cast = {name: c.dictionary_encode() if pa.types.is_dictionary(text) else c.cast(text) for name, c in columns.items()}
    assert outcomes(policy.screen(pa.table(cast))) == OUTCOMES


def test_days_structs_lists_and_empty_tables_are_read(policy):
    goods = pa.array([{"code": "6602 00 00", "kind": "whip"}, None])
    rows = pa.table({
        "date": pa.array([datetime.date(2026, 3, 2)] * 2),
        "destination": ["TR", "TR"],
        "documents": pa.array([["Y999"], []], pa.list_(pa.string())),
        "goods": goods,
    })
    out = pa.table(policy.screen(rows))
    assert out["outcome"].to_pylist() == ["prohibited", "undetermined"]
    assert "Y999" in out["flags"].to_pylist()[0]
    assert pa.table(policy.screen(table().slice(0, 0))).num_rows == 0
    assert outcomes(policy.screen(table().slice(2, 2))) == OUTCOMES[2:4]


def test_the_whole_decision_stands_in_a_column(policy):
    out = pa.table(policy.screen(table(), decisions=True))
    whole = [json.loads(text) for text in out["decision"].to_pylist()]
    assert [w["outcome"] for w in whole] == OUTCOMES
    row = {k: v for k, v in ROWS[0].items() if "." not in k}
    one = policy.decide({**row, "goods": {"code": "6602 00 00", "kind": "whip"}})
    assert {k: v for k, v in whole[0].items() if k != "flags"} == one
    assert whole[3]["errors"]


def test_settings_are_those_of_the_command_line(policy, tmp_path):
    rows = pa.table({"MRN": ["24XX01"], "Commodity code": ["66020000"], "Country": ["TR"], "product": ["p1"]})
    map = {
        "id": "MRN",
        "columns": {"Commodity code": "goods.code", "Country": "destination"},
        "values": {"goods.kind": {"W": "whip"}},
    }
    facts = tmp_path / "products.csv"
    facts.write_text("product,goods.kind\np1,W\n")
    out = pa.table(policy.screen(rows, map=map, facts=facts, key="product", as_of=datetime.date(2026, 3, 2)))
    assert out.to_pylist()[0]["outcome"] == "prohibited" and out.to_pylist()[0]["id"] == "24XX01"
    constant = {**map, "constants": {"date": "2026-03-02", "goods.kind": "W"}}
    assert outcomes(policy.screen(rows, map=constant)) == ["prohibited"]
    assert outcomes(policy.screen(rows, map=constant, set={"goods.kind": "rope", "goods.length": "1 m"})) == ["permitted"]
    codes = tmp_path / "cn-2026.csv"
    codes.write_text("code\n42060000\n")
    flagged = pa.table(policy.screen(rows, map=constant, nomenclature=codes))["flags"].to_pylist()
    assert "66020000" in flagged[0].replace(" ", "")
    with pytest.raises(ValueError, match="go together"):
        policy.screen(rows, facts=facts)
    with pytest.raises(portcullis.ConsignmentError, match="collumns"):
        policy.screen(rows, map={"collumns": {}})
    with pytest.raises(portcullis.ConsignmentError, match="goods.knd"):
        policy.screen(rows, set={"goods.knd": "whip"})


def test_columns_of_which_no_row_can_be_decided_are_refused_at_once(policy):
    with pytest.raises(portcullis.ConsignmentError, match="goods.code"):
        policy.screen(pa.table({"goods.code": [66020000]}))
    for bad in (ROWS, 1, None, "rows.csv", object()):
        with pytest.raises(TypeError, match="Arrow data"):
            policy.screen(bad)
    with pytest.raises(TypeError, match="struct"):
        policy.screen(OnlyArray(pa.array(["a"])))


def test_a_stream_is_read_once(policy):
    decided = policy.screen(table())
    assert outcomes(decided) == OUTCOMES
    with pytest.raises(ValueError, match="once"):
        pa.table(decided)

    class Given:
        def __init__(self, capsule: object) -> None:
            self.capsule = capsule

        def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
            return self.capsule

    given = Given(table().__arrow_c_stream__())
    assert outcomes(policy.screen(given)) == OUTCOMES
    with pytest.raises(ValueError, match="already used"):
        policy.screen(given)
    with pytest.raises((TypeError, ValueError)):
        policy.screen(Given(None))
    # A capsule of another name holds something else.
    with pytest.raises(ValueError):
        policy.screen(Given(table().schema.__arrow_c_schema__()))

    class Pair(Given):
        def __getattribute__(self, name: str) -> object:
            if name == "__arrow_c_stream__":
                raise AttributeError(name)
            return object.__getattribute__(self, name)

        def __arrow_c_array__(self, requested_schema: object | None = None) -> object:
            return self.capsule

    pair = Pair(table().to_batches()[0].__arrow_c_array__())
    assert outcomes(policy.screen(pair)) == OUTCOMES
    with pytest.raises(ValueError, match="already used"):
        policy.screen(pair)


def test_a_capsule_that_holds_nothing_is_refused(policy):
    # An empty structure, as it is left behind when a stream is taken over.
    space = ctypes.create_string_buffer(5 * ctypes.sizeof(ctypes.c_void_p))
    new = ctypes.pythonapi.PyCapsule_New
    new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    name = ctypes.c_char_p(b"arrow_array_stream")

    class Empty:
        def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
            return new(ctypes.addressof(space), name, None)

    with pytest.raises(ValueError, match="already used"):
        policy.screen(Empty())


def test_what_goes_wrong_in_the_input_is_passed_on(policy):
    def broken():
        yield table().to_batches()[0]
        raise RuntimeError("the disk is\0 gone")

    decided = policy.screen(pa.RecordBatchReader.from_batches(table().schema, broken()))
    with pytest.raises(pa.ArrowInvalid, match="the disk is"):
        pa.table(decided)
    assert decided.totals["rows"] == 5


def test_it_is_read_as_far_as_its_answer_is(policy):
    given = 0

    def endless():
        nonlocal given
        while True:
            given += 1
            yield table().to_batches()[0]

    reader = pa.RecordBatchReader.from_stream(policy.screen(pa.RecordBatchReader.from_batches(table().schema, endless())))
    for _ in range(3):
        assert reader.read_next_batch()["outcome"].to_pylist() == OUTCOMES
    assert given <= 4


def test_other_threads_run_while_it_decides(policy):
    # Every row has a length of its own, so that each is read.
    n = 200_000
    rows = pa.table({
        "date": ["2026-03-02"] * n,
        "destination": ["TR"] * n,
        "goods.kind": ["rope"] * n,
        "goods.length": [f"{i} mm" for i in range(n)],
    })
    counted, done = 0, threading.Event()

    def count():
        nonlocal counted
        while not done.is_set():
            counted += 1
            time.sleep(0.0005)

    thread = threading.Thread(target=count)
    reader = pa.RecordBatchReader.from_stream(policy.screen(pa.RecordBatchReader.from_batches(rows.schema, rows.combine_chunks().to_batches())))
    thread.start()
    before, start = counted, time.monotonic()
    batch = reader.read_next_batch()
    passed, seen = time.monotonic() - start, counted - before
    done.set()
    thread.join()
    assert batch.num_rows > 0
    # With the lock held the other thread would stand still throughout.
    assert passed > 0.02 and seen >= 3, (passed, seen)


def test_memory_does_not_grow_with_the_table(policy):
    resident = lambda: int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    batch = pa.concat_tables([table()] * 4000).combine_chunks().to_batches()[0]

    def through(batches: int) -> int:
        source = pa.RecordBatchReader.from_batches(batch.schema, (batch for _ in range(batches)))
        rows = sum(b.num_rows for b in pa.RecordBatchReader.from_stream(policy.screen(source)))
        gc.collect()
        return rows

    through(10)
    before = resident()
    assert through(60) == 60 * batch.num_rows
    for _ in range(200):
        policy.screen(table())
    assert resident() - before < 64 << 20


def test_it_says_what_the_command_line_says(command, tmp_path):
    (tmp_path / "law.gate").write_text(LAW)
    rows = [dict(row) for row in ROWS] + [
        {**ROWS[2], "id": "6", "goods.length": length, "goods.description": text}
        for length in ("30 m", "30.001 m", "100 ft", None)
        for text in ("a whip of leather", "=rope", 'a "rope", long', None)
    ]
    rows = [{"goods.description": None, **row} for row in rows]
    with open(tmp_path / "rows.csv", "w", newline="") as f:
        writer = csv.DictWriter(f, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    program = os.environ["PORTCULLIS"]
    screen = [program, "screen", "-p", "law.gate", "rows.csv", "--top", "0", "-o"]
    for out in ("out.csv", "out.jsonl"):
        subprocess.run([*screen, out], cwd=tmp_path, capture_output=True, timeout=300)
    policy = portcullis.load(tmp_path / "law.gate")
    # Empty text and nothing are one in CSV.
    with open(tmp_path / "out.csv", newline="") as f:
        expected = list(csv.DictReader(f))
    shown = lambda v: {None: "", True: "true", False: "false"}.get(v, v)
    out = pa.table(policy.screen(pa.Table.from_pylist(rows), decisions=True))
    found = [{k: shown(v) for k, v in row.items() if k != "decision"} for row in out.to_pylist()]
    assert found == expected
    assert out["decision"].to_pylist() == (tmp_path / "out.jsonl").read_text().splitlines()


def test_what_is_made_ready_travels_and_is_made_ready_once(policy, tmp_path):
    facts = tmp_path / "products.csv"
    facts.write_text("id,goods.kind\n2,whip\n")
    ready = policy.screener(facts=facts, key="id", set={"destination": "TR"})
    sent = pickle.dumps(ready)
    facts.unlink()
    arrived = pickle.loads(sent)
    assert arrived is pickle.loads(sent)
    for one in (ready, arrived):
        assert outcomes(one.screen(table()))[:3] == ["prohibited", "prohibited", "permitted"]
    assert pickle.loads(pickle.dumps(policy.screener())) is not arrived
