"""Runs every engine in a process of its own, and makes the table: run.py PROGRAMS WORK [DAY]; see run.sh."""
import csv, json, os, subprocess, sys
import report

BIN, WORK, DAY = sys.argv[1:4]
QUICK = bool(os.environ.get("QUICK"))
SIZES = [36, 360, 3600]
# Rows of a batch and of a file; seconds of the processor that one figure may take.
ROWS = int(os.environ.get("ROWS", 100_000 if QUICK else 1_000_000))
SECONDS = 0.4 if QUICK else 6.0
THREADS = 2
HERE = os.path.dirname(os.path.abspath(__file__))
METER = subprocess.Popen([sys.executable, f"{HERE}/meter.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
ENGINES = ["hand-function", "hand-tables", "hand-columns", "portcullis-classes", "portcullis", "portcullis-words",
           "portcullis-interpreter", "cel", "cel-headings", "regorus", "regorus-index", "regorus-vm", "regorus-vm-index",
           "cedar", "cedar-headings"]
PYTHON = [("duckdb", "case"), ("duckdb", "join"), ("polars", "when"), ("polars", "join")]
# Why there is no figure.
LEFT_OUT = {
    ("hand-function", 360): "the function is written out for 36 items", ("hand-function", 3600): "as before",
    ("duckdb-case", 3600): "one CASE of 3,600 branches was not planned within four minutes",
    ("polars-when", 3600): "one chain of 3,600 branches took 23 GB of memory",
}


def call(*command, may_fail=False):
    """What a program prints, as JSON. One that fails ends the run."""
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}")
    return json.loads(done.stdout) if done.stdout.startswith("{") else {}


def process(*command, good=(0,)):
    """Wall and processor seconds of a process, and the most memory it held."""
    METER.stdin.write(json.dumps([str(c) for c in command]) + "\n")
    METER.stdin.flush()
    took = json.loads(METER.stdout.readline())
    if took.pop("exit") not in good:
        sys.exit(f"{' '.join(map(str, command))} did not end as it should")
    return took


def answers(path, kind):
    """The rows of a file of decisions: id, outcome, entries, rules."""
    if kind == "parquet":
        import duckdb
        cursor = duckdb.sql(f"SELECT * FROM '{path}'")
        rows = (dict(zip(cursor.columns, r)) for r in cursor.fetchall())
    else:
        file = open(path, newline="")
        rows = csv.DictReader(file) if kind == "csv" else map(json.loads, file)
    names = lambda v: v if isinstance(v, list) else [x.strip() for x in (v or "").split(";") if x.strip()]
    for r in rows:
        yield int(r["id"]), r["outcome"], names(r.get("entry", r.get("entries"))), names(r.get("rule", r.get("rules")))


def compare(name, size, path, kind):
    """Ends the run at the first row of a file that was decided otherwise. Portcullis names all entries that goods are
    in, the others the first."""
    with open(f"{WORK}/expected-{size}.csv", newline="") as f:
        wanted = {int(r["id"]): r for r in csv.DictReader(f)}
    count = 0
    for id, outcome, entries, rules in answers(path, kind):
        w, count = wanted[id], count + 1
        same = outcome == w["outcome"] and (not w["rule"] or w["entry"] in entries and w["rule"] in rules)
        if not same or (not w["rule"] and rules):
            sys.exit(f"{name}, {path}: row {id} should be {w}, and is {outcome}, {entries}, {rules}")
    if count != len(wanted):
        sys.exit(f"{name}, {path}: {count} rows came out of {len(wanted)}")
    os.remove(path)


def rows_of(size):
    """Writes the rows, unless they are there."""
    mark = f"{WORK}/made-{size}-{ROWS}"
    if os.path.exists(mark):
        return
    call(f"{BIN}/peers", "rows", size, ROWS, WORK)
    import duckdb
    types = "{'code': 'VARCHAR', 'cas': 'VARCHAR', 'date': 'DATE', 'id': 'INTEGER', 'overall_dimension': 'INTEGER', "
    types += "'inner_circumference': 'INTEGER', 'concentration': 'INTEGER'}"
    duckdb.execute(f"COPY (SELECT * REPLACE (coalesce(cas, '') AS cas) FROM read_csv('{WORK}/plain-{size}.csv', "
                   f"types={types})) TO '{WORK}/plain-{size}.parquet' (FORMAT parquet)")
    for name in os.listdir(WORK):
        if name.startswith(f"made-{size}-"):
            os.remove(f"{WORK}/{name}")
    open(mark, "w").close()


def in_process(figures):
    for size in SIZES:
        for name in ENGINES:
            if (name, size) in LEFT_OUT:
                continue
            print(f"measuring: {name}, {size} items", file=sys.stderr)
            found = call(f"{BIN}/peers", "measure", name, size, SECONDS, ROWS)
            found.update(call(f"{BIN}/peers", "memory", name, size, SECONDS, ROWS))
            figures[name, size] = found
        for program, form in PYTHON:
            name = f"{program}-{form}"
            if (name, size) in LEFT_OUT:
                continue
            print(f"measuring: {name}, {size} items", file=sys.stderr)
            script = f"{HERE}/{'duck' if program == 'duckdb' else 'pol'}.py"
            figures[name, size] = call(sys.executable, script, "measure", form, size, SECONDS, ROWS, WORK)


def from_file_to_file(figures, parquet):
    best = lambda runs: min(runs, key=lambda r: r["cpu_s"])
    times = 1 if QUICK else 3
    for size in SIZES:
        for kind in ["csv", "jsonl", "parquet"]:
            print(f"from file to file: {kind}, {size} items", file=sys.stderr)
            source, target = f"{WORK}/facts-{size}.{kind}", f"{WORK}/portcullis-{size}.{kind}"
            if kind != "parquet" or parquet:
                if kind == "parquet" and not os.path.exists(source):
                    import duckdb
                    duckdb.execute(f"COPY (SELECT * FROM read_csv('{WORK}/facts-{size}.csv', all_varchar=true)) "
                                   f"TO '{source}' (FORMAT parquet)")
                command = [f"{BIN}/portcullis", "screen", "-p", f"{WORK}/law-{size}", source, "-o", target, "--top", 1,
                           "--threads", THREADS] + (["--to", "flat"] if kind == "jsonl" else [])
                # Some rows may not proceed, which is the exit status 1.
                found = best([process(*command, good=(0, 1)) for _ in range(times)])
                compare("portcullis", size, target, kind)
                figures["portcullis", size, kind] = found
            for program, form in PYTHON:
                if form != "join" and size > 36:
                    continue
                script = f"{HERE}/{'duck' if program == 'duckdb' else 'pol'}.py"
                runs = [call(sys.executable, script, "files", form, size, THREADS, WORK, kind) for _ in range(times)]
                found = best(runs)
                compare(program, size, found["target"], kind)
                figures[f"{program}-{form}", size, kind] = found
            if kind == "csv":
                target = f"{WORK}/hand-{size}.csv"
                command = [f"{BIN}/peers", "decide", size, f"{WORK}/plain-{size}.csv", target]
                found = best([process(*command) for _ in range(times)])
                compare("hand-tables", size, target, kind)
                figures["hand-tables", size, kind] = found


def main():
    parquet = "columnar" in open(f"{HERE}/../../../Cargo.toml").read()
    load = os.getloadavg()[0]
    for size in SIZES:
        rows_of(size)
    decided, files = {}, {}
    in_process(decided)
    from_file_to_file(files, parquet)
    text = report.text(DAY or "no day given", load, QUICK, ROWS, SIZES, ENGINES + ["-".join(p) for p in PYTHON], LEFT_OUT,
                       decided, files, parquet)
    if DAY:
        report.write(f"{HERE}/../../../docs/performance.md", text)
    print(text)


main()
