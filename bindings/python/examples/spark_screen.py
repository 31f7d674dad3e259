"""Screens a table of declarations on a Spark cluster: every row decided, none dropped.

    python spark_screen.py --policy eu.torture --policy my/law day.parquet decided.parquet
    spark-submit --archives env.tar.gz#env spark_screen.py --policy eu.torture day.csv decided.csv

The law is loaded and checked on the driver and travels with the job: the workers need the wheel, and no file of law. Ends with status 1 if the rows that came out are not as many as those that went in.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from typing import Callable, Iterator

import pyarrow as pa
from pyspark import Accumulator, AccumulatorParam
from pyspark.sql import Column, DataFrame, SparkSession, functions

import portcullis

SCHEMA = (
    "id string, outcome string, may_proceed boolean, entries string, rules string, documents string, "
    "missing string, warnings string, flags string, errors string"
)


class Union(AccumulatorParam[frozenset[str]]):
    """Sets that workers add to."""

    def zero(self, value: frozenset[str]) -> frozenset[str]:
        return frozenset()

    def addInPlace(self, value1: frozenset[str], value2: frozenset[str]) -> frozenset[str]:
        return value1 | value2


def screen(rows: DataFrame, screener: portcullis.Screener, executors: Accumulator[frozenset[str]]) -> DataFrame:
    """The decisions on a table, in the columns of `SCHEMA`."""
    return nested(rows).mapInArrow(decider(screener, executors), SCHEMA)


def nested(rows: DataFrame) -> DataFrame:
    """The table with `goods.code` as the member `code` of a struct `goods`, since Spark cannot map columns with dots."""
    parts = [(name.split("."), functions.col(f"`{name}`")) for name in rows.columns]
    return rows.select(*members(parts)) if any(len(path) > 1 for path, _ in parts) else rows


def members(parts: list[tuple[list[str], Column]]) -> list[Column]:
    """Columns by the names that lead to them, put into structs."""
    inner: dict[str, list[tuple[list[str], Column]]] = {}
    for (first, *rest), column in parts:
        inner.setdefault(first, []).append((rest, column))
    out = []
    for name, below in inner.items():
        whole = [column for rest, column in below if not rest]
        if whole and len(below) > 1:
            raise ValueError(f"there is a column `{name}` and a column below it")
        out.append((whole[0] if whole else functions.struct(*members(below))).alias(name))
    return out


def decider(
    screener: portcullis.Screener, executors: Accumulator[frozenset[str]]
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What each task does with its part of the table."""

    def decide(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        # The parent of a worker is the one process that its executor starts workers with.
        executors.add(frozenset([f"{platform.node()}:{os.getppid()}"]))
        for batch in batches:
            yield from pa.RecordBatchReader.from_stream(screener.screen(batch))

    return decide


def read(spark: SparkSession, path: str) -> DataFrame:
    """A table with a column a fact. In CSV every cell is text; codes keep their zeros."""
    if path.endswith(".parquet"):
        return spark.read.parquet(path)
    return spark.read.csv(path, header=True, inferSchema=False, quote='"', escape='"', multiLine=True)


def main() -> int:
    """Reads the arguments, runs the job, says what became of it."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("input", help="a table: CSV with a header, or .parquet; a file, folder or pattern")
    arguments.add_argument("output", help="a folder for the decisions: .csv, or .parquet")
    arguments.add_argument("--policy", action="append", required=True, help="gate files, folders, or shipped policies")
    arguments.add_argument("--as-of", help="the date where a row has none")
    arguments.add_argument("--master", help="where to run, if spark-submit does not say")
    arguments.add_argument("--partitions", type=int, help="how many parts to cut the table into")
    a = arguments.parse_args()

    screener = portcullis.load(a.policy).screener(as_of=a.as_of)
    builder = SparkSession.builder.appName("portcullis screen").config("spark.sql.execution.arrow.maxRecordsPerBatch", 20000)
    spark = (builder.master(a.master) if a.master else builder).getOrCreate()
    try:
        executors = spark.sparkContext.accumulator(frozenset(), Union())
        rows = read(spark, a.input)
        if a.partitions:
            rows = rows.repartition(a.partitions)
        decided = screen(rows, screener, executors)
        start = time.monotonic()
        if a.output.endswith(".parquet"):
            decided.write.mode("overwrite").parquet(a.output)
            back = spark.read.parquet(a.output)
        else:
            decided.write.mode("overwrite").csv(a.output, header=True, quote='"', escape='"', emptyValue="", nullValue="")
            back = spark.read.csv(a.output, header=True, quote='"', escape='"', multiLine=True)
        passed = time.monotonic() - start
        counted = back.groupBy("outcome").count().orderBy("outcome").collect()
        given, written = rows.count(), sum(row["count"] for row in counted)
        print(f"{written} rows decided in {passed:.1f} s by {len(executors.value)} executors")
        for row in counted:
            print(f"  {row['outcome']:<20} {row['count']:>10}")
        if given != written:
            print(f"{given} rows went in", file=sys.stderr)
        return int(given != written)
    finally:
        spark.stop()


if __name__ == "__main__":
    sys.exit(main())
