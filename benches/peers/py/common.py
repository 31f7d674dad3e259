"""What DuckDB and Polars share: the policy as written by `peers rows`, the comparison, the stopwatch.

PROGRAM measure FORM SIZE SECONDS ROWS FOLDER   compares, measures, prints one line of JSON
PROGRAM files FORM SIZE THREADS FOLDER KIND     decides from file to file; KIND is csv, jsonl or parquet
"""
import csv, json, statistics, sys, time


def policy(folder, size):
    with open(f"{folder}/policy-{size}.json") as f:
        return json.load(f)


def expected(folder, size, count):
    """For each row: outcome, entry and rule; nothing is None."""
    with open(f"{folder}/expected-{size}.csv", newline="") as f:
        rows = csv.reader(f)
        next(rows)
        return [(int(r[0]), r[1], r[2] or None, r[3] or None) for r, _ in zip(rows, range(count))]


def compare(name, said, folder, size, count):
    """Ends the program at the first row that is decided otherwise; the number of rows."""
    wanted = expected(folder, size, count)
    said = sorted((int(i), o, e, r) for i, o, e, r in said)
    for s, w in zip(said, wanted):
        if s != w:
            sys.exit(f"{name}, {size} items: row {w[0]} should be {w[1:]}, and is {s}")
    if len(said) != len(wanted):
        sys.exit(f"{name}, {size} items: {len(said)} rows decided of {len(wanted)}")
    return len(wanted)


def timed(work, seconds, most=5):
    """The middle time of some runs, in seconds of the processor; one run at least."""
    times, began = [], time.process_time()
    while not times or (len(times) < most and time.process_time() - began < seconds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def memory(key):
    """What the system says of this process, in kilobytes: VmRSS now, VmHWM at most."""
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith(key))


def run(engine_of, name):
    """Does what the arguments say with `engine_of(form, policy, threads)`, which knows
    ready() make the policy ready · rows(path, count) load rows · decide() the answers are kept ·
    said() the answers as tuples · one(row) decide one row · sample(n) rows for `one` ·
    convert(folder, size) write Parquet · files(source, target) from file to file."""
    mode, form, size = sys.argv[1:4]
    size = int(size)
    full = f"{name}-{form}"
    if mode == "files":
        threads, folder, kind = int(sys.argv[4]), sys.argv[5], sys.argv[6]
        start, cpu = time.perf_counter(), time.process_time()
        engine = engine_of(form, policy(folder, size), threads)
        target = f"{folder}/{full}-{size}.{kind}"
        engine.ready()
        engine.files(f"{folder}/plain-{size}.{kind}", target, kind)
        took = dict(wall_s=time.perf_counter() - start, cpu_s=time.process_time() - cpu, peak_kb=memory("VmHWM"))
        print(json.dumps(dict(took, target=target)))
        return
    seconds, count, folder = float(sys.argv[4]), int(sys.argv[5]), sys.argv[6]
    law, path = policy(folder, size), f"{folder}/plain-{size}.parquet"
    before = memory("VmRSS")
    engine = engine_of(form, law, 1)
    engine.ready()
    held = memory("VmRSS") - before
    # How long it may take, from few rows: slow forms get fewer.
    engine.rows(path, 2000)
    few = timed(engine.decide, 0) / 2000
    batch = min(count, max(2000, int(seconds * 4 / few)))
    engine.rows(path, batch)
    engine.decide()
    agreed = compare(full, engine.said(), folder, size, batch)
    batch_s = timed(engine.decide, seconds * 2) / batch
    peak = memory("VmHWM")
    load_s = timed(engine.ready, seconds / 2)
    ones = engine.sample(50)
    whole, began = [], time.process_time()
    for row in ones:
        start = time.process_time()
        engine.one(row)
        whole.append(time.process_time() - start)
        if time.process_time() - began > seconds and len(whole) >= 3:
            break
    print(json.dumps(dict(
        agreed=agreed, load_ns=load_s * 1e9, whole_ns=statistics.median(whole) * 1e9, sample=len(whole),
        batch_ns=batch_s * 1e9, batch_rows=batch, held_kb=held, peak_kb=peak)))
