"""Polars: the items as one when/then chain, or (`join`) as a table: distinct codes are matched to items first, then only
rows under a listed code are tested, by bit masks."""
import datetime, functools, operator, os, sys

# The number of threads has to stand there before Polars is loaded.
os.environ["POLARS_MAX_THREADS"] = sys.argv[4] if sys.argv[1] == "files" else "1"
import polars as pl
import common

c = pl.col
INT = pl.Int32


def all_of(tests):
    return functools.reduce(operator.and_, tests)


def both(need, forbid):
    return [c(f) for f in need] + [~c(f) for f in forbid]


def day(text):
    return datetime.date.fromisoformat(text)


def first(pairs, otherwise):
    """The value of the first test that holds."""
    (test, value), rest = pairs[0], pairs[1:]
    chain = pl.when(test).then(value)
    for test, value in rest:
        chain = chain.when(test).then(value)
    return chain.otherwise(otherwise)


def described(item):
    tests = both(item["need"], item["forbid"])
    if item["cas"]:
        tests.append(c("cas") == item["cas"])
    codes = [c("code").str.starts_with(x) for x in item["codes"] if len(x) < 8]
    whole = [x for x in item["codes"] if len(x) == 8]
    if whole:
        codes.append(c("code").is_in(whole))
    tests.append(functools.reduce(operator.or_, codes))
    if item["measure"]:
        tests.append(c(item["measure"]) >= item["least"])
    return all_of(tests + [c("date") >= day(item["from"])])


class Polars:
    def __init__(self, form, law, threads):
        self.form, self.law = form, law

    def ready(self):
        law, items = self.law, self.law["items"]
        numbered = {"item": range(len(items)), "entry": [i["name"] for i in items], "annex": [i["annex"] for i in items],
                    "own": [i["own"] for i in items]}
        self.items = pl.DataFrame(numbered, schema_overrides={"item": INT})
        free = (c("activity") != "import") & c("destination").is_in(law["union"])
        outside = [((c("date") < day(law["in_force"])) | free, pl.lit(-1, INT))]
        if self.form == "when":
            listed = [(described(i), pl.lit(n, INT)) for n, i in enumerate(items)]
            self.item = first(outside + listed, pl.lit(None, INT))
        else:
            self.item = first(outside, c("hit"))
            under = [(x, n) for n, i in enumerate(items) for x in i["codes"]]
            self.under = pl.DataFrame(under, schema={"begun": pl.String, "hit": INT}, orient="row")
            asks = [(n, i["need_bits"], i["forbid_bits"], i["cas"], day(i["from"]), i["measure"], i["least"])
                    for n, i in enumerate(items)]
            self.asks = pl.DataFrame(asks, orient="row", schema={
                "hit": INT, "need": pl.UInt32, "forbid": pl.UInt32, "substance": pl.String, "since": pl.Date,
                "measure": pl.String, "least": INT})
            bits = [c(f).cast(pl.UInt32) * (1 << i) for i, f in enumerate(law["flags"])]
            self.mask = functools.reduce(operator.add, bits)
            self.measured = first([(c("measure") == m, c(m) >= c("least")) for m in law["measures"]], True)
        provisions = []
        for n, p in enumerate(law["provisions"]):
            tests = [c("annex") == p["annex"], c("activity").is_in(p["activities"])] + both(p["need"], p["forbid"])
            if p["own"]:
                tests.append(c("own"))
            if p["places"]:
                tests.append(c("destination").is_in(law[p["places"]]))
            provisions.append((all_of(tests), pl.lit(n, INT)))
        self.provision = first(provisions, pl.lit(None, INT))
        names = {"provision": range(len(provisions)), "rule": [p["name"] for p in law["provisions"]],
                 "outcome": [p["outcome"] for p in law["provisions"]]}
        self.provisions = pl.DataFrame(names, schema_overrides={"provision": INT})

    def rows(self, path, count):
        self.frame = pl.read_parquet(path, n_rows=count)

    def table(self, frame):
        lazy = frame.lazy()
        if self.form == "when":
            found = lazy.with_columns(item=self.item)
        else:
            codes = lazy.select("code").unique()
            begun = pl.concat([codes.with_columns(begun=c("code").str.slice(0, n)) for n in (4, 6, 8)])
            candidates = begun.join(self.under.lazy(), on="begun").select("code", "hit").unique()
            candidates = candidates.join(self.asks.lazy(), on="hit")
            hits = (lazy.join(candidates.select("code").unique(), on="code", how="semi")
                    .select("id", "code", "cas", "date", *self.law["measures"], mask=self.mask)
                    .join(candidates, on="code")
                    .filter((c("mask") & c("need")) == c("need"), (c("mask") & c("forbid")) == 0,
                            c("substance").is_null() | (c("substance") == c("cas")), c("date") >= c("since"),
                            self.measured)
                    .group_by("id").agg(c("hit").min()))
            found = lazy.join(hits, on="id", how="left").with_columns(item=self.item)
        # What no item holds never needs the provisions.
        found = found.collect().lazy()
        listed = (found.filter(c("item") >= 0).join(self.items.lazy(), on="item").with_columns(provision=self.provision)
                  .join(self.provisions.lazy(), on="provision").select("id", "outcome", "entry", "rule"))
        free = pl.when(c("item") == -1).then(pl.lit("not_applicable")).otherwise(pl.lit("permitted"))
        nothing = pl.lit(None, pl.String)
        rest = (found.filter((c("item") < 0) | c("item").is_null())
                .select("id", outcome=free, entry=nothing, rule=nothing))
        return pl.concat([listed, rest]).collect()

    def decide(self):
        self.answers = self.table(self.frame)

    def said(self):
        return self.answers.rows()

    def sample(self, n):
        return self.frame.head(n).to_dicts()

    def one(self, row):
        self.table(pl.DataFrame([row], schema=self.frame.schema)).rows()

    def files(self, source, target, kind):
        if kind == "csv":
            types = {"code": pl.String, "cas": pl.String, "date": pl.Date}
            frame = pl.read_csv(source, schema_overrides=types).with_columns(c("cas").fill_null(""))
        elif kind == "jsonl":
            frame = pl.read_ndjson(source, schema_overrides={"date": pl.Date})
        else:
            frame = pl.read_parquet(source)
        answers = self.table(frame)
        {"csv": answers.write_csv, "jsonl": answers.write_ndjson, "parquet": answers.write_parquet}[kind](target)


if __name__ == "__main__":
    common.run(Polars, "polars")
