"""`python -m benchmarks.surge_ledger`: what alerts of a large ledger cost.

A simulated year is written into a ledger as rows, without asking a model; then a service is asked
for the alerts of its last thirty days by `GET /v1/alerts`: the first time, the same again, and once
more after another ticket has come in, after one of two weeks ago, and after as many as come in a
day. Meanwhile it is asked for `/health/live` fifty times a second. Tells seconds of each, by the
clock and of the processor (the service's and its children's), how long the others waited at most
and how long 99 of 100, and the peak memory of the service and of the largest of its children.
"""

import argparse
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import closing, contextmanager, suppress
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter

import httpx

from benchmarks.servers import Home, cpu_seconds, resident, served
from benchmarks.speed import MEGABYTE
from service.access.keys import Role
from service.alerts.finding import Finder
from service.settings import Settings
from service.store.opening import open_database
from service.store.sql import add_many, table_of
from service.store.tables import Assessment, Complaint, Repeat
from training.simulated_tickets import tickets_until
from triage.config import data_dir
from triage.records import Context
from triage.repeats.sketch import sketch
from triage.taxonomy import load_taxonomy

PIECE, A_DAY, EVERY_S = 5_000, 170, 0.02
_CONTEXT = [field.name for field in fields(Context) if field.name in table_of(Complaint).c]
_SAID = {"escalation": {"band": "low"}, "signals": []}
_NO_TEXT = ("model_version", "policy_version", "taxonomy_version", "terms_version", "rules_version")


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.surge_ledger", description=__doc__)
    parser.add_argument("--tickets", type=int, default=60_000, help="in the ledger (60,000)")
    parser.add_argument("--profile", action="store_true", help="tell where the first look goes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(open_database(Settings(home=folder))) as database:
            told = fill(database, arguments.tickets)
            print(f"{told:,} tickets", flush=True)
            if arguments.profile:
                profiled(Finder(database, data_dir()))
                return
            own = {"JIESU_WATCH": "false", "JIESU_REQUEST_TIMEOUT_S": "3600"}
            home = Home(folder, JIESU_LOG_LEVEL="WARNING", **own)
            with served(home) as server, closing(Asker(home, server)) as asker:
                measured(database, asker, told)


def measured(database, asker, told):
    """Look, and look again when more has come in."""
    asker.look("the first look")
    asker.look("the same again")
    late = timedelta(days=14)
    for name, number, before in (
        ("after another ticket", 1, timedelta(0)),
        ("after one more", 1, timedelta(0)),
        ("after a late one", 1, late),
        ("after a day's tickets", A_DAY, timedelta(0)),
    ):
        database.change(partial(more, number=told + 1, count=number, before=before))
        told += number
        asker.look(name)


class Asker:
    """A service, and what alerts cost it."""

    def __init__(self, home, server):
        self._server, self._child = server, 0
        self._web = httpx.Client(
            base_url=f"http://127.0.0.1:{server.port}",
            headers={"Authorization": f"Bearer {home.keys[Role.ADMIN]}"},
            timeout=3600,
            trust_env=False,
        )
        print(f"the service before: {server.memory()[1] / MEGABYTE:,.0f} MB")

    def look(self, name):
        """Ask for alerts; tell what that cost."""
        busy = self._busy()
        with self._others() as waited:
            began = perf_counter()
            answer = self._web.get("/v1/alerts")
            took = perf_counter() - began
        answer.raise_for_status()
        busy, told = self._busy() - busy, answer.json()
        usual, most = sorted(waited)[int(0.99 * len(waited))], max(waited)
        own, child = self._server.memory()[1] / MEGABYTE, self._child / MEGABYTE
        surges = sum(each["kind"] == "surge" for each in told["items"])
        print(
            f"  {name:<22}{took:7.2f} s, {busy:6.2f} s of CPU; others waited {most:5.0f} ms, 99 of"
            f" 100 {usual:5.0f}; peak {own:,.0f} MB, of a child {child:,.0f} MB;"
            f" {surges} surges of {told['tickets']:,}",
            flush=True,
        )

    def close(self):
        self._web.close()

    def _busy(self):
        own = self._server.process.pid
        return sum(map(cpu_seconds, (own, *children(own))))

    @contextmanager
    def _others(self):
        """Ask for something else all the time; gives how many milliseconds it took."""
        waited, done = [], threading.Event()
        asking = threading.Thread(target=self._ask_others, args=(waited, done))
        asking.start()
        time.sleep(0.2)
        waited.clear()
        yield waited
        done.set()
        asking.join()

    def _ask_others(self, waited, done):
        with httpx.Client(base_url=self._web.base_url, timeout=600, trust_env=False) as web:
            ended = False
            while not ended:
                ended = done.wait(EVERY_S)
                began = perf_counter()
                web.get("/health/live")
                waited.append((perf_counter() - began) * 1000)
                with suppress(OSError, KeyError):  # one that has just ended
                    for child in children(self._server.process.pid):
                        self._child = max(self._child, resident(child)[1])


def children(pid):
    """Give the processes that a process has started and that still run."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def profiled(finder):
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.runcall(finder.find, None, None)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(35)


def fill(database, count):
    """Write a simulated year; a customer's tickets of one product are one matter."""
    lines = load_taxonomy().line_codes
    numbered, last = enumerate(tickets_until(datetime.now(UTC), count), 1), {}
    rows, said, links = [], [], []
    for number, ticket in numbered:
        rows.append(row_of(number, ticket, lines))
        at = ticket["received_at"]
        said.append({"id": number, "complaint_id": number, "at": at, "reason": "intake"})
        matter = ticket["customer_key"], ticket["product"]
        if matter in last:
            link = {"complaint_id": number, "other_id": last[matter], "kind": "customer"}
            links.append({"id": len(links) + 1, **link, "score": 1.0, "at": at})
        last[matter] = number
    blank = dict.fromkeys(_NO_TEXT, "1") | {"through_event": None, "context": {}, "history": {}}
    said = [{**one, **blank, "answer": _SAID, "ruling": {}} for one in said]
    for table, some in ((Complaint, rows), (Assessment, said), (Repeat, links)):
        for start in range(0, len(some), PIECE):
            part = some[start : start + PIECE]
            database.change(lambda session, t=table, p=part: add_many(session, table_of(t), p))
    return len(rows)


def row_of(number, ticket, lines):
    """Give a ticket as a row; its line is drawn from its text, so that like texts have one."""
    text = ticket["text"]
    blank = defaultdict(lambda: None, {name: ticket.get(name) for name in _CONTEXT})
    blank |= {
        "id": number, "ticket_id": ticket["ticket_id"], "body_hash": str(number),
        "masked_text": text, "sketch": sketch(text).to_bytes(), "state": "closed",
        "customer_ref": ticket["customer_key"], "created_at": ticket["received_at"],
        "updated_at": ticket["received_at"], "line": lines[hash(text) % len(lines)],
        "abstained": False, "flags": [], "version": 1, "nature": "complaint",
    }  # fmt: skip
    return {column.name: blank[column.name] for column in table_of(Complaint).c}


def more(session, *, number, count, before):
    """Write tickets that came in just now, as received some time before."""
    now, lines = datetime.now(UTC), load_taxonomy().line_codes
    some = islice(tickets_until(now, max(50, count), seed=number), count)
    rows = [
        row_of(n, ticket | {"ticket_id": f"MORE-{n}", "received_at": now - before}, lines)
        for n, ticket in enumerate(some, number)
    ]
    add_many(session, table_of(Complaint), [row | {"updated_at": now} for row in rows])


if __name__ == "__main__":
    main()
