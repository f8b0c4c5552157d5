"""`python -m benchmarks.surge_ledger`: what alerts of a large ledger cost.

A simulated year is written into a ledger as rows, without asking a model; then the alerts of its
last thirty days are looked for as `GET /v1/alerts` does it: the first time, the same again, and
once more after another ticket has come in, after one of two weeks ago, and after as many as come
in a day. Tells seconds of each, by the clock and of the processor, and the peak memory.
"""

import argparse
import resource
import tempfile
from collections import defaultdict
from contextlib import closing
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time

from service.alerts.finding import Finder
from service.settings import Settings
from service.store.opening import open_database
from service.store.sql import add_many, table_of
from service.store.tables import Assessment, Complaint, Repeat
from training.simulated_tickets import tickets_until
from triage.config import data_dir
from triage.records import Context
from triage.repeats.settings import load_settings
from triage.repeats.sketch import sketch
from triage.surge.settings import load_settings as load_surge
from triage.taxonomy import load_taxonomy

PIECE, A_DAY = 5_000, 170
_CONTEXT = [field.name for field in fields(Context) if field.name in table_of(Complaint).c]
_SAID = {"escalation": {"band": "low"}, "signals": []}
_NO_TEXT = ("model_version", "policy_version", "taxonomy_version", "terms_version", "rules_version")


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.surge_ledger", description=__doc__)
    parser.add_argument("--tickets", type=int, default=60_000, help="in the ledger (60,000)")
    parser.add_argument("--profile", action="store_true", help="tell where the first look goes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        with closing(open_database(settings)) as database:
            told = fill(database, arguments.tickets)
            finder = Finder(database, data_dir())
            load_surge(), load_settings(), load_taxonomy()
            print(f"{told:,} tickets")
            if arguments.profile:
                profiled(finder)
                return
            look("the first look", finder)
            look("the same again", finder)
            late = timedelta(days=14)
            for name, number, before in (
                ("after another ticket", 1, timedelta(0)),
                ("after one more", 1, timedelta(0)),
                ("after a late one", 1, late),
                ("after a day's tickets", A_DAY, timedelta(0)),
            ):
                add = partial(more, number=told + 1, count=number, before=before)
                database.change(add)
                told += number
                look(name, finder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MB")


def look(name, finder):
    began, busy = perf_counter(), process_time()
    found = finder.find(None, None)
    took, busy = perf_counter() - began, process_time() - busy
    surges, counted = len(found.body["surges"]), found.body["tickets"]
    print(f"  {name:<22}{took:8.2f} s ({busy:.2f} s of CPU), {surges} surges of {counted:,}")


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
