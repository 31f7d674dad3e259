"""DuckDB: the items as one CASE, or (`join`) as a table, where the distinct codes are matched to items first and only
rows under a listed code are tested, by bit masks."""
import duckdb
import common


def quoted(names):
    return ", ".join(f"'{n}'" for n in names)


def both(need, forbid):
    return list(need) + [f"NOT {f}" for f in forbid]


def described(item):
    tests = both(item["need"], item["forbid"])
    if item["cas"]:
        tests.append(f"cas = '{item['cas']}'")
    codes = [f"starts_with(code, '{c}')" for c in item["codes"] if len(c) < 8]
    whole = [c for c in item["codes"] if len(c) == 8]
    if whole:
        codes.append(f"code IN ({quoted(whole)})")
    tests.append(f"({' OR '.join(codes)})")
    if item["measure"]:
        tests.append(f"{item['measure']} >= {item['least']}")
    tests.append(f"date >= DATE '{item['from']}'")
    return " AND ".join(tests)


def follows(law, p):
    tests = [f"annex = '{p['annex']}'", f"activity IN ({quoted(p['activities'])})"] + both(p["need"], p["forbid"])
    if p["own"]:
        tests.append("own")
    if p["places"]:
        tests.append(f"destination IN ({quoted(law[p['places']])})")
    return " AND ".join(tests)


CANDIDATES = """CREATE OR REPLACE TEMP TABLE candidates AS SELECT DISTINCT d.code, i.* EXCLUDE (name, annex, own) FROM
  (SELECT code, unnest([code[:4], code[:6], code]) AS begun FROM (SELECT DISTINCT code FROM rows)) d
  JOIN under u ON u.code = d.begun JOIN items i ON i.n = u.n"""


class Duck:
    def __init__(self, form, law, threads):
        self.form, self.law = form, law
        self.db = duckdb.connect(config={"threads": threads})

    def ready(self):
        """Tables of items and provisions, and the statement as text; DuckDB plans it when it runs."""
        law, db = self.law, self.db
        db.execute("CREATE OR REPLACE TABLE items (n INT, name VARCHAR, annex VARCHAR, own BOOL, need INT, forbid INT, "
                   "cas VARCHAR, since DATE, measure VARCHAR, least INT)")
        db.execute("CREATE OR REPLACE TABLE under (code VARCHAR, n INT)")
        db.execute("CREATE OR REPLACE TABLE provisions (n INT, name VARCHAR, outcome VARCHAR)")
        text = lambda v: "NULL" if v is None else f"'{v}'" if isinstance(v, str) else str(v)
        put = lambda table, rows: db.execute(
            f"INSERT INTO {table} VALUES " + ", ".join("(" + ", ".join(map(text, r)) + ")" for r in rows))
        put("items", [(n, i["name"], i["annex"], i["own"], i["need_bits"], i["forbid_bits"], i["cas"], i["from"],
                       i["measure"], i["least"]) for n, i in enumerate(law["items"])])
        put("under", [(c, n) for n, i in enumerate(law["items"]) for c in i["codes"]])
        put("provisions", [(n, p["name"], p["outcome"]) for n, p in enumerate(law["provisions"])])
        outside = (f"WHEN date < DATE '{law['in_force']}' OR (activity <> 'import' AND destination IN "
                   f"({quoted(law['union'])})) THEN -1")
        then = "\n".join(f"WHEN {follows(law, p)} THEN {n}" for n, p in enumerate(law["provisions"]))
        if self.form == "case":
            items = "\n".join(f"WHEN {described(i)} THEN {n}" for n, i in enumerate(law["items"]))
            found = f"SELECT *, CASE {outside}\n{items} END AS item FROM rows"
        else:
            mask = " + ".join(f"({f}::INT << {i})" for i, f in enumerate(law["flags"]))
            measured = " ".join(f"WHEN '{m}' THEN {m} >= c.least" for m in law["measures"])
            found = f"""SELECT t.*, CASE {outside} ELSE h.item END AS item FROM rows t LEFT JOIN (
  SELECT x.id, min(c.n) AS item FROM
    (SELECT *, {mask} AS mask FROM rows WHERE code IN (SELECT code FROM candidates)) x
    JOIN candidates c ON c.code = x.code
  WHERE (x.mask & c.need) = c.need AND (x.mask & c.forbid) = 0 AND (c.cas IS NULL OR c.cas = x.cas)
    AND x.date >= c.since AND CASE c.measure {measured} ELSE true END
  GROUP BY x.id) h ON h.id = t.id"""
        self.statement = f"""SELECT s.id,
  CASE WHEN s.item = -1 THEN 'not_applicable' WHEN s.item IS NULL THEN 'permitted' ELSE p.outcome END AS outcome,
  s.name AS entry, p.name AS rule FROM (
  SELECT r.*, i.name, CASE WHEN annex IS NULL THEN NULL
  {then} END AS provision FROM ({found}) r LEFT JOIN items i ON i.n = r.item) s
LEFT JOIN provisions p ON p.n = s.provision"""

    def rows(self, path, count):
        self.db.execute(f"CREATE OR REPLACE TABLE rows AS SELECT * FROM '{path}' LIMIT {count}")

    def decide(self):
        if self.form == "join":
            self.db.execute(CANDIDATES)
        self.db.execute(f"CREATE OR REPLACE TEMP TABLE said AS {self.statement}")

    def said(self):
        return self.db.execute("SELECT * FROM said").fetchall()

    def sample(self, n):
        ones = self.db.execute(f"SELECT * FROM rows LIMIT {n}").fetchall()
        self.db.execute("CREATE OR REPLACE TABLE rows AS SELECT * FROM rows LIMIT 0")
        if self.form == "join":
            self.db.execute(CANDIDATES)
        self.db.execute(f"PREPARE one AS {self.statement}")
        return ones

    def one(self, row):
        self.db.execute("DELETE FROM rows")
        self.db.execute(f"INSERT INTO rows VALUES ({', '.join('?' * len(row))})", row)
        if self.form == "join":
            again = CANDIDATES.replace("CREATE OR REPLACE TEMP TABLE candidates AS", "INSERT INTO candidates")
            self.db.execute("DELETE FROM candidates")
            self.db.execute(again)
        self.db.execute("EXECUTE one").fetchall()

    def files(self, source, target, kind):
        read = {
            "csv": f"read_csv('{source}', types={{'code': 'VARCHAR', 'cas': 'VARCHAR', 'date': 'DATE'}})",
            "jsonl": f"read_json('{source}', format='newline_delimited', columns={{{self.columns()}}})",
            "parquet": f"'{source}'",
        }[kind]
        form = {"csv": "CSV", "jsonl": "JSON", "parquet": "PARQUET"}[kind]
        self.db.execute(f"CREATE TABLE rows AS SELECT * FROM {read}")
        self.decide()
        self.db.execute(f"COPY said TO '{target}' (FORMAT {form})")

    def columns(self):
        types = dict(id="INTEGER", date="DATE", activity="VARCHAR", destination="VARCHAR", code="VARCHAR", cas="VARCHAR")
        types.update({m: "INTEGER" for m in self.law["measures"]})
        types.update({f: "BOOLEAN" for f in self.law["flags"]})
        return ", ".join(f"'{name}': '{of}'" for name, of in types.items())


if __name__ == "__main__":
    common.run(Duck, "duckdb")
