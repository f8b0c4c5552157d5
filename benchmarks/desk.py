"""`python -m benchmarks.desk`: what the desk's pages cost in a ledger of 100,000 tickets.

A few hundred simulated tickets are taken in as the ledger does it, then copied by the database
with other identifiers, customers and days: a year of them, of which the newest wait. The pages are
asked of a server process in turn, so that a busy machine disturbs all alike; each is told as a
multiple of a page that needs nothing of the ledger (`/desk/end`, signed in). Then the bytes that
a browser gets for the first page with all its files, packed as they are sent, and unpacked; and
those of the sign-in page before it and of the next page, when the files are kept.
"""

import argparse
import re
import sqlite3
import statistics
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter

import httpx

from benchmarks.servers import Home, served
from service.access.keys import Role
from service.ledger.bulk import Loader
from service.serving import load_model
from service.settings import Settings
from service.store.opening import open_database
from service.store.privacy import privacy_of, vault_of
from training.simulated_tickets import tickets_until
from triage.rules.calendar import local

KINDS, COPY_OF = 400, 256
WAITING = 2_000
WARM = 5
EMPTY = "/desk/end"
PAGES = {
    "queue": "/desk/queue",
    "queue, top 20 a day": "/desk/queue?top=20",
    "queue, by risk": "/desk/queue?sort=risk",
    "ticket": None,
    "ledger": "/desk/ledger",
    "ledger, one line": "/desk/ledger?line=fee_dispute",
    "ledger by line": "/desk/ledger?view=line",
    "ledger by unit": "/desk/ledger?view=unit",
    "ledger by owner": "/desk/ledger?view=owner_unit",
    "imports": "/desk/ledger/imports",
    "board, 7 days": "/desk/board?days=7",
    "board, 30 days": "/desk/board",
    "board, 365 days": "/desk/board?days=365",
    "model": "/desk/model",
    "alerts": "/desk/alerts",
    "items": "/desk/items",
    "report form": "/desk/report",
    "agreement": "/desk/agreement",
    "my settings": "/desk/mine",
    "guide": "/desk/guide",
}
_SHIFT = 1_000_000


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk", description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000, help="in the ledger (100,000)")
    parser.add_argument("--rounds", type=int, default=60, help="of all pages (60)")
    parser.add_argument("--ledger", type=Path, help="folder in which it is kept and used again")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = arguments.ledger or Path(folder)
        known = (kept / "jiesu.db").exists()
        home = Home(kept, JIESU_WATCH="false")
        if not known:
            fill(home.folder, arguments.tickets)
        newest = waiting(home.folder)
        with (
            served(home) as server,
            closing(signed_in(server.port, home.keys[Role.ADMIN])) as web,
        ):
            report(measure(web, PAGES, newest, arguments.rounds), arguments.tickets)
            weigh(web)


def fill(folder, count):
    """Write the ledger."""
    settings = Settings(home=folder)
    with closing(open_database(settings)) as database:
        loader = Loader(
            database, load_model(settings).engine, privacy_of(settings), vault_of(settings)
        )
        made = list(islice(tickets_until(local(datetime.now(UTC)), KINDS), KINDS))
        for start in range(0, len(made), COPY_OF):
            loader.load(made[start : start + COPY_OF])
    with closing(sqlite3.connect(folder / "jiesu.db")) as database:
        # A ledger that nobody else sees yet, and that is made again if the machine stops.
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        copy(database, count)
        database.execute("ANALYZE")


def waiting(folder):
    """Give the identifiers of tickets that wait."""
    with closing(sqlite3.connect(folder / "jiesu.db")) as database:
        found = database.execute(
            "SELECT ticket_id FROM complaints WHERE looked_at IS NOT NULL"
            " ORDER BY risk DESC LIMIT 300"
        )
        return [row[0] for row in found]


def copy(database, count):
    """Copy the tickets, with all that belongs to them, until there are so many."""
    (kinds,) = database.execute("SELECT count(*) FROM complaints").fetchone()
    copies = max(1, count // kinds)
    step = timedelta(days=365) / copies
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    for number in range(1, copies):
        shift = number * _SHIFT
        at = (datetime.now(UTC) - number * step).strftime("%Y-%m-%d %H:%M:%S.%f")
        waits = number * kinds <= WAITING
        changed = {
            "id": f"id + {shift}",
            "ticket_id": f"ticket_id || '-{number}'",
            "customer_ref": f"customer_ref || '-{number}'",
            "received_at": f"'{at}'",
            "state": "'in_progress'" if waits else "'closed'",
            "looked_at": f"'{now}'" if waits else "NULL",
            "next_due": "next_due" if waits else "NULL",
        }
        _again(database, "complaints", changed)
        linked = {"complaint_id": f"complaint_id + {shift}"}
        for table in ("assessments", "events", "duties"):
            _again(database, table, {"id": f"id + {shift}", **linked})
        # A copy is no repeat of what it was copied from.
        _again(database, "repeat_keys", {"band": f"band + {shift}", **linked})
    database.commit()


def _again(database, table, changed):
    names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(changed.get(name, name) for name in names)
    key = "complaint_id" if table != "complaints" else "id"
    database.execute(
        f"INSERT INTO {table} ({', '.join(names)})"
        f" SELECT {values} FROM {table} WHERE {key} < {_SHIFT}"
    )


def signed_in(port, key):
    """A client with the cookie of a session."""
    web = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)
    form = re.search(r'name="csrf" value="([^"]+)"', web.get("/desk/sign-in").text)
    web.post("/desk/sign-in", data={"csrf": form[1], "key": key})
    return web


def measure(web, pages, newest, rounds):
    """Give the milliseconds of each page, asked in turn, the ticket another each time."""
    took = {name: [] for name in ("empty", *pages)}
    for number in range(rounds + WARM):
        ticket = f"/desk/tickets/{newest[number % len(newest)]}"
        for name, passed in took.items():
            path = EMPTY if name == "empty" else pages[name] or ticket
            began = perf_counter()
            answer = web.get(path)
            ended = perf_counter()
            if answer.status_code != 200:
                raise RuntimeError(f"{path} answered {answer.status_code}")
            if number >= WARM:
                passed.append((ended - began) * 1000)
    return took


def report(took, tickets):
    empty = statistics.median(took["empty"])
    print(f"{tickets:,} tickets, {len(took['empty'])} rounds, medians")
    for name, all_of_it in took.items():
        middle = statistics.median(all_of_it)
        print(f"  {name:<22}{middle:8.1f} ms {middle / empty:6.1f} times an empty page")


def weigh(web):
    """Print the bytes of the first page and its files."""
    page, sent, whole = fetched(web, "/desk/queue")
    files = list(dict.fromkeys(re.findall(r'(?:href|src)="(/static/[^"]+)"', page)))
    parts = [fetched(web, name) for name in files]
    print(f"first page with {len(files)} files: {(sent + sum(p[1] for p in parts)) / 1000:.0f} kB")
    print(f"  sent, {(whole + sum(p[2] for p in parts)) / 1000:.0f} kB unpacked;")
    print(f"  the page alone, its files kept: {sent / 1000:.0f} kB")
    stranger = httpx.Client(base_url=web.base_url, trust_env=False)
    with closing(stranger):
        alone = fetched(stranger, "/desk/sign-in")[1] / 1000
    print(f"  the sign-in page before it, without files: {alone:.1f} kB")


def fetched(web, path):
    """Give a text, its bytes on the way, and unpacked."""
    answer = web.get(path, headers={"Accept-Encoding": "gzip"})
    answer.raise_for_status()
    return answer.text, answer.num_bytes_downloaded, len(answer.content)


if __name__ == "__main__":
    main()
