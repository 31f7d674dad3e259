"""The peers' table of docs/performance.md, from the figures of run.py."""
import math, os, re, subprocess

BEGIN = "<!-- peers: written by `benches/peers/run.sh` -->\n"
END = "<!-- end of peers -->"


def digits(v):
    return f"{v:.0f}" if v >= 10 else f"{v:.2g}" if v < 1 else f"{v:.1f}"


def ns(v):
    for unit, of in [("ns", 1), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)]:
        if v < of * 1000 or unit == "s":
            return f"{digits(v / of)} {unit}"


def kb(v):
    return f"{digits(max(v, 0) / 1024)}"


def ratio(v):
    return f"{v:,.0f}" if v >= 10 else f"{v:.2g}"


def machine():
    read = lambda path: open(path).read()
    model = re.search(r"model name\s*: (.*)", read("/proc/cpuinfo"))
    memory = int(re.search(r"MemTotal:\s*(\d+)", read("/proc/meminfo")).group(1))
    return f"{os.cpu_count()} cores ({model.group(1) if model else 'unknown processor'}), {math.ceil(memory / (1 << 20))} GiB"


def versions():
    here = os.path.dirname(os.path.abspath(__file__))
    lock = open(f"{here}/../Cargo.lock").read()
    of = lambda name: re.search(rf'name = "{name}"\nversion = "([^"]*)"', lock).group(1)
    rust = subprocess.run(["rustc", "--version"], stdout=subprocess.PIPE, text=True).stdout.split()[1]
    python = [line.strip().replace("==", " ") for line in open(f"{here}/requirements.txt")]
    names = {"duckdb": "DuckDB", "polars": "Polars"}
    python = [f"{names[p.split()[0]]} {p.split()[1]}" for p in python]
    rust_peers = [f"{n} {of(n)}" for n in ["portcullis", "regorus", "cedar-policy", "cel"]]
    return ", ".join([f"Rust {rust}"] + rust_peers + python)


def table(head, rows):
    return "\n".join(f"| {' | '.join(r)} |" for r in [head, ["---"] * len(head)] + rows) + "\n"


def text(day, load, quick, rows, sizes, names, left_out, decided, files, parquet):
    """All of it. `decided` by engine and size, `files` by engine, size and kind."""
    each = lambda cell, name: " / ".join(
        "–" if (name, s) not in decided or (v := cell(decided[name, s])) is None else v for s in sizes)
    yard = {s: decided["hand-tables", s]["batch_ns"] for s in sizes}
    get = lambda key, show: lambda f: show(f[key]) if key in f else None
    out = f"Measured on {day}: {machine()}, load {load:.2f} when it began. {versions()}.\n"
    if quick:
        out += (f"\n**A short run**: {rows:,} rows, under half a second a figure, on a machine busy with other work. Read "
                "the orders of magnitude.\n")
    out += f"\n### One decision, and many in one process\n\nThree figures are {', '.join(f'{s:,}' for s in sizes)} items. "
    out += "One thread; times are the processor's, so that other work on the machine does not count.\n\n"
    star = lambda f: ns(f["batch_ns"] * 1e6) + ("" if f["batch_rows"] >= 1_000_000 else "*")

    def beside(name):
        cells = []
        for s in sizes:
            f = decided.get((name, s))
            cells.append("–" if f is None else ratio(f.get("batch_ratio", f["batch_ns"] / yard[s])))
        return " / ".join(cells)
    out += table(
        ["engine", "one decision, input made", "input ready", "a million rows", "× tables by hand", "load",
         "policy holds, MiB", "peak, MiB", "rows that agree"],
        [[name, each(get("whole_ns", ns), name), each(get("answer_ns", ns), name), each(star, name), beside(name),
          each(get("load_ns", ns), name), each(get("held_kb", kb), name), each(get("peak_kb", kb), name),
          each(get("agreed", lambda n: f"{n:,}"), name)] for name in names])
    out += "\n`*` carried over from fewer rows. "
    out += "–: " + "; ".join(f"{n} at {s:,}: {why}" for (n, s), why in left_out.items()) + ".\n"
    held = decided["hand-columns", 36]
    out += (f"Columns by hand: turning rows into columns takes another {ns(held['encode_ns'] * 1e6)} for a million rows; load "
            "is binding the policy to their dictionaries. ")
    columns = [decided[n, s]["batch_ns"] for n in ["duckdb-join", "polars-join"] for s in sizes]
    ours = [decided["portcullis", s]["batch_ns"] for s in sizes]
    out += f"The tables join 36 to 3,600 items in {ns(min(columns))} to {ns(max(columns))} a row, Portcullis takes "
    out += f"{ns(min(ours))} to {ns(max(ours))}.\n"
    out += f"\n### From file to file\n\nThe same {rows:,} rows with two threads: seconds on the clock, seconds of the "
    out += "processor, MiB at most. The program by hand has one thread.\n\n"
    kinds = [("csv", "CSV to CSV"), ("jsonl", "JSON lines to JSON lines"), ("parquet", "Parquet to Parquet")]

    def cell(name, size, kind):
        f = files.get((name, size, kind))
        return f"{f['wall_s']:.2f}, {f['cpu_s']:.2f}, {f['peak_kb'] / 1024:,.0f}" if f else "–"
    order = [n for n in ["hand-tables", "portcullis"] + names[-4:] if any(k[0] == n for k in files)]
    out += table(["engine", "items"] + [title for _, title in kinds],
                 [[n, f"{s:,}"] + [cell(n, s, k) for k, _ in kinds]
                  for n in order for s in sizes if any(key[:2] == (n, s) for key in files)])
    out += ("\nPortcullis and the program by hand from process start, DuckDB and Polars without starting Python and loading "
            "them.")
    if not parquet:
        out += " Portcullis has no figure for Parquet, since this version does not read it."
    ahead, behind = [], []
    for kind, title in kinds:
        if ("portcullis", 36, kind) not in files:
            continue
        for peer in ["duckdb-join", "polars-join"]:
            r = files["portcullis", 36, kind]["cpu_s"] / files[peer, 36, kind]["cpu_s"]
            (behind if r > 1 else ahead).append(f"{peer}, {title}: {ratio(r)}")
    out += "\nPortcullis ÷ peer on 36 items, by the processor"
    out += ("; slower: " + ", ".join(behind) if behind else "") + ("; quicker: " + ", ".join(ahead) if ahead else "") + ".\n"
    return out


def write(page, text):
    """Puts the table between its markers."""
    with open(page) as f:
        old = f.read()
    head, found, rest = old.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not found or not end:
        raise SystemExit(f"{page} has no place for the peers")
    with open(page, "w") as f:
        f.write(f"{head}{BEGIN}\n{text}\n{END}{tail}")
