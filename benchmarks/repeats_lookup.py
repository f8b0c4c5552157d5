"""What looking for repeats costs at intake, in a small and in a large ledger.

Both ledgers are SQLite files with the store's own tables. Each new ticket is looked up in the one
and then in the other, so that a busy machine disturbs both alike. Of the stored tickets one in
twenty is a copy of one of 500 letters, with that letter's bands; the bands of the others are
random numbers, as those of unlike texts are. Texts are those of the corpus.
"""

import random
import sqlite3
import statistics
import tempfile
from contextlib import closing
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from time import perf_counter

import numpy as np

from service.ledger.found import earlier_matter
from service.store.database import Database
from service.store.migrate import migrate
from service.store.repeats import of_customer, sharing
from service.store.tables import Complaint
from triage.repeats.counting import Earlier, count
from triage.repeats.matter import read_matter
from triage.repeats.same import same_matter
from triage.repeats.sketch import BANDS, Sketch
from triage.repeats.template import Sighting, template_cluster

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
YEAR_S = 365 * 86_400
TEMPLATES, COPIES = 500, 0.05
PER_CUSTOMER = 2.5
NEW, WARM = 400, 100
PART = 1_000_000


def stored_keys(count, letters, rng):
    """Give (band, ticket) of all stored tickets, sorted, and which letter a ticket copies."""
    bands = rng.integers(-(2**63), 2**63 - 1, size=(count, BANDS), dtype=np.int64)
    copies = np.where(rng.random(count) < COPIES, rng.integers(0, len(letters), count), -1)
    known = np.array([letter.bands for letter in letters], dtype=np.int64)
    bands[copies >= 0] = known[copies[copies >= 0]]
    flat = bands.ravel()
    return in_order(flat), copies


def in_order(flat):
    """Give (band, ticket) sorted by band, a part at a time: lists of all would fill the memory."""
    order = np.argsort(flat, kind="stable")
    for start in range(0, len(order), PART):
        part = order[start : start + PART]
        yield from zip(flat[part].tolist(), (part // BANDS + 1).tolist(), strict=True)


def complaint_rows(count, copies, matters, texts, rng):
    """Give the columns of stored tickets that are not the same for all."""
    customers = rng.integers(0, int(count / PER_CUSTOMER), count).tolist()
    ages = np.sort(rng.random(count))[::-1] * YEAR_S
    for place, (customer, age, copy) in enumerate(
        zip(customers, ages.tolist(), copies.tolist(), strict=True), start=1
    ):
        which = copy if copy >= 0 else place % len(texts)
        at = (NOW - timedelta(seconds=age)).strftime("%Y-%m-%d %H:%M:%S.%f")
        yield {
            "id": place,
            "ticket_id": f"T{place}",
            "masked_text": texts[which],
            "received_at": at,
            "customer_ref": f"C{customer}",
            "sketch": matters[which].sketch.to_bytes(),
        }


def fill(path, count, matters, texts, seed):
    """Write a ledger in the order of its trees; indexes that no lookup uses are left out."""
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    rng = np.random.default_rng(seed)
    keys, copies = stored_keys(count, matters[:TEMPLATES], rng)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA synchronous=OFF")
        indexes = raw.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL"
            " AND tbl_name IN ('complaints', 'repeat_keys')"
        ).fetchall()
        for name, _ in indexes:
            raw.execute(f"DROP INDEX {name}")
        insert(raw, complaint_rows(count, copies, matters, texts, rng))
        raw.executemany("INSERT INTO repeat_keys (band, complaint_id) VALUES (?, ?)", keys)
        for _, sql in indexes:
            if "customer_ref" in sql:
                raw.execute(sql)
        raw.execute("ANALYZE")
        raw.commit()


def insert(raw, rows):
    """Insert complaints; what a column needs and a row does not say is empty."""
    first = next(rows)
    blank = {
        column.name: blank_of(column)
        for column in Complaint.__table__.columns
        if not column.nullable and column.name not in first
    }
    names = ", ".join((*first, *blank))
    values = ", ".join((*"?" * len(first), *map(repr, blank.values())))
    statement = f"INSERT INTO complaints ({names}) VALUES ({values})"
    raw.executemany(statement, (tuple(row.values()) for row in chain([first], rows)))


def blank_of(column):
    """Give an empty value of a column's type."""
    kind = column.type.impl_instance if hasattr(column.type, "impl_instance") else column.type
    name = type(kind).__name__
    if "DateTime" in name:
        return NOW.strftime("%Y-%m-%d %H:%M:%S.%f")
    return 0 if name in {"Integer", "BigInteger", "Boolean", "Float"} else "[]"


def look(database, matter, settings):
    """Do what intake does: candidates from the store, then every decision."""
    windows, rule = settings.windows, settings.template
    with database.read() as session:
        own = of_customer(session, matter.customer_ref, since=NOW - windows.same_matter)
        like = sharing(session, matter.bands, since=NOW - rule.window)
    earlier = [(found, earlier_matter(found, settings)) for found in own]
    matches = [old for _, old in earlier if same_matter(matter, old, settings)]
    state = count([Earlier(old.id, old.received_at) for old in matches], NOW, windows)
    seen = [
        Sighting(
            found.ticket_id, found.customer_ref, found.received_at, Sketch.from_bytes(found.sketch)
        )
        for found in like
    ]
    return len(own), len(like), state, template_cluster(Sighting.of(matter), seen, rule)


def run(texts, settings, sizes, folder=None):
    """Print seconds of lookups in ledgers of the sizes, and the ratio of the two."""
    known = [m for m in (ready(*pair, settings) for pair in enumerate(texts)) if m.bands]
    kept = [texts[int(matter.id)] for matter in known]
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        ledgers = []
        for size in sizes:
            path = Path(temporary) / f"{size}.db"
            start = perf_counter()
            fill(path, size, known, kept, seed=size)
            taken, space = perf_counter() - start, path.stat().st_size / 2**20
            print(f"  ledger of {size:,} written in {taken:.0f} s, {space:,.0f} MB", flush=True)
            ledgers.append(Database(f"sqlite:///{path}"))
        report(ledgers, sizes, known, settings)
        for ledger in ledgers:
            ledger.close()


def report(ledgers, sizes, known, settings):
    """Look the same new tickets up in each ledger in turn."""
    chance = random.Random(11)
    taken = [[] for _ in sizes]
    found = [[] for _ in sizes]
    for turn in range(WARM + NEW):
        # One in four is a letter that many sent; the others are like no stored text.
        place = chance.randrange(TEMPLATES) if turn % 4 == 0 else chance.randrange(len(known))
        person = chance.random()
        for number, (ledger, size) in enumerate(zip(ledgers, sizes, strict=True)):
            customer = f"C{int(person * size / PER_CUSTOMER)}"
            new = replaced(known[place], customer)
            start = perf_counter()
            answer = look(ledger, new, settings)
            if turn >= WARM:
                taken[number].append(perf_counter() - start)
                found[number].append(answer)
    medians = [statistics.median(each) for each in taken]
    for size, median, each, answers in zip(sizes, medians, taken, found, strict=True):
        p95 = statistics.quantiles(each, n=20)[-1]
        own, like = (statistics.mean(answer[i] for answer in answers) for i in (0, 1))
        clusters = sum(answer[3] is not None for answer in answers)
        print(
            f"  {size:>9,} tickets: median {median * 1e3:.2f} ms, mean "
            f"{statistics.mean(each) * 1e3:.2f}, p95 {p95 * 1e3:.2f}; candidates {own:.1f} of the"
            f" customer, {like:.1f} by bands; {clusters} clusters in {len(answers)}"
        )
    means = [statistics.mean(each) for each in taken]
    print(
        f"  ratio of medians {medians[-1] / medians[0]:.2f}, of means {means[-1] / means[0]:.2f}"
        " (floor: at most 2)"
    )


def ready(place, text, settings):
    return read_matter(str(place), text, settings, received_at=NOW, customer_ref="")


def replaced(matter, customer):
    values = {f.name: getattr(matter, f.name) for f in fields(matter)}
    return type(matter)(**{**values, "id": "new", "customer_ref": customer})
