"""`python -m benchmarks.stored`: what a ledger costs as it grows, from 10,000 to 1,000,000 tickets.

Ledgers on SQLite, made as `benchmarks.desk` makes its own: a year of tickets. The services of all
sizes are asked in turn, so that a busy machine disturbs all alike; the last column is the largest
as a multiple of the smallest. Then a report of 90 days (a quarter of the tickets): asked of the
services, as data and at the desk, with the peak memory of each and of the largest process that it
started; and by the command. A ticket takes 16 KB of disk. Tickets are copies of 400 narratives, all
of which come in at once, again and again: an index does not mind. Alerts would, and are measured by
`python -m benchmarks.surge_ledger`.
"""

import argparse
import random
import statistics
import tempfile
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import httpx

from benchmarks.desk import fill, signed_in, waiting
from benchmarks.scale import command_cost
from benchmarks.servers import Home, resident, served
from benchmarks.speed import MEGABYTE
from benchmarks.surge_ledger import children
from service.access.keys import Role
from training.corpus import load_corpus
from triage.rules.calendar import local
from triage.taxonomy import load_taxonomy

SIZES = (10_000, 100_000, 1_000_000)
WARM, REPORTED, LONGEST_S = 5, 90, 3600
TAKEN, TICKET, PAGE, QUEUE = "ticket taken in", "one ticket", "page of 50", "the desk's queue"


class Asker:
    """One ledger, its service, and what is asked of it."""

    def __init__(self, home, server, newest, web):
        self.home, self.server, self._newest = home, server, newest
        self._api = httpx.Client(
            base_url=f"http://127.0.0.1:{server.port}",
            headers={"Authorization": f"Bearer {home.keys[Role.ADMIN]}"},
            timeout=60,
            trust_env=False,
        )
        self._web = web
        self.took = {name: [] for name in (TAKEN, TICKET, PAGE, QUEUE)}

    def ask(self, number, body):
        """Ask everything once, and keep milliseconds."""
        ticket = self._newest[number % len(self._newest)]
        calls = {
            TAKEN: lambda: self._api.post("/v1/complaints", json=body),
            TICKET: lambda: self._api.get(f"/v1/complaints/{ticket}"),
            PAGE: lambda: self._api.get("/v1/complaints", params={"limit": 50}),
            QUEUE: lambda: self._web.get("/desk/queue"),
        }
        for name, call in calls.items():
            began = perf_counter()
            answer = call()
            taken = (perf_counter() - began) * 1000
            if answer.status_code not in (200, 201):
                raise RuntimeError(f"{name} answered {answer.status_code}")
            if number >= WARM:
                self.took[name].append(taken)

    def report(self, days):
        """Ask for a report, as data and at the desk."""
        for web, path in ((self._api, "/v1/reports/governance"), (self._web, "/desk/report")):
            web.get(path, params=days, timeout=LONGEST_S).raise_for_status()

    def memory(self):
        """Give peak megabytes of the service, and of the largest process that it started."""
        pid = self.server.process.pid
        return [max((resident(each)[1] for each in some), default=0) / MEGABYTE
                for some in ([pid], children(pid))]  # fmt: skip

    def close(self):
        self._api.close()


def opened(stack, folder, size):
    """Make a ledger and start its service."""
    place = folder / str(size)
    place.mkdir()
    own = {"JIESU_WATCH": "false", "JIESU_REQUEST_TIMEOUT_S": str(LONGEST_S)}
    home = Home(place, JIESU_LOG_LEVEL="WARNING", **own)
    began = perf_counter()
    fill(place, size)
    space = (place / "jiesu.db").stat().st_size / MEGABYTE
    print(
        f"{size:>9,} tickets: {space:,.0f} MB, made in {perf_counter() - began:.0f} s", flush=True
    )
    server = stack.enter_context(served(home))
    web = stack.enter_context(closing(signed_in(server.port, home.keys[Role.REVIEWER])))
    return stack.enter_context(closing(Asker(home, server, waiting(place), web)))


def bodies(count):
    """New tickets, none of them a repeat."""
    rows = load_corpus(load_taxonomy())
    now = local(datetime.now(UTC))
    for number, row in enumerate(random.Random(5).sample(rows, count)):
        yield {
            "ticket_id": f"N-{number}",
            "text": row.text,
            "channel": "phone",
            "customer_key": f"new-{number}",
            "received_at": (now - timedelta(minutes=number % 60)).isoformat(),
        }


def report(askers):
    """Print medians by size."""
    print(f"\n{'median, ms':<20}" + "".join(f"{size:>12,}" for size in askers) + "   largest/least")
    for name in (TAKEN, TICKET, PAGE, QUEUE):
        middle = [statistics.median(asker.took[name]) for asker in askers.values()]
        told = "".join(f"{value:>12.1f}" for value in middle)
        print(f"{name:<20}{told}   {middle[-1] / middle[0]:.2f}", flush=True)
    peaks = [asker.server.memory()[1] / MEGABYTE for asker in askers.values()]
    print(f"{'peak memory, MB':<20}" + "".join(f"{peak:>12.0f}" for peak in peaks))


def days():
    """Give the days of a report."""
    today = local(datetime.now(UTC)).date()
    return {"from": str(today - timedelta(days=REPORTED)), "to": str(today)}


def asked_for(askers):
    """Print the memory of services that are asked for a report."""
    print("\nreport asked of a service: peak MB before, after, of a process that it started")
    for size, asker in askers.items():
        before, _ = asker.memory()
        asker.report(days())
        told = "".join(f"{each:>8.0f}" for each in (before, *asker.memory()))
        print(f"  {size:>10,} tickets {told}", flush=True)


def reported(homes):
    """Print seconds of processor time and memory of a report."""
    period = [each for name, day in days().items() for each in (f"--{name}", day)]
    print("\ncommand: seconds, seconds of processor, peak MB, ms of processor a ticket beyond")
    before = None
    for size, home in homes.items():
        seconds, processor, peak = command_cost(
            ["report", *period, "--out", str(home.folder / "report.html")],
            JIESU_HOME=str(home.folder),
            JIESU_DATABASE_URL="",
        )
        slope = (processor - before[1]) / (size - before[0]) * 1e3 if before else None
        print(
            f"  jiesu report {size:>10,} tickets {seconds:>8.1f} {processor:>8.1f}"
            f" {peak / MEGABYTE:>7.0f} " + (f"{slope:>8.3f}" if before else ""),
            flush=True,
        )
        before = size, processor


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stored", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="tickets of ledgers")
    parser.add_argument("--rounds", type=int, default=60, help="of all calls (60)")
    parser.add_argument("--folder", type=Path, help="where there is room; default: that for tmp")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        with ExitStack() as stack:
            askers = {size: opened(stack, Path(name), size) for size in sorted(given.sizes)}
            for number, body in enumerate(bodies(given.rounds + WARM)):
                for asker in askers.values():
                    asker.ask(number, body)
            report(askers)
            asked_for(askers)
            homes = {size: asker.home for size, asker in askers.items()}
        reported(homes)


if __name__ == "__main__":
    main()
