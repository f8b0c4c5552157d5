"""`python -m benchmarks.crash`: is anything that was acknowledged lost when the service is killed?

A real `jiesu serve` takes tickets over several connections and is killed (SIGKILL) at a random
moment, again and again. A sender whose ticket was not acknowledged sends it again, as an intake
system would, until it is. At the end the database is asked: is every acknowledged ticket there
(lost), and is anything of a ticket there twice (duplicates)? Both must be 0. On SQLite, and on
PostgreSQL where JIESU_TEST_POSTGRES names a server.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from sqlalchemy import create_engine, text

from benchmarks.schemas import own_schema
from benchmarks.servers import Home, free_port
from benchmarks.wire import Connection, request_bytes
from service.models import find_model

SENDERS = 8
MOST_BETWEEN, LONGEST_S = 100, 20.0
TEXTS = (
    "信用卡年费怎么又扣了，说好刷满六次就免",
    "银行卡突然只收不付，工资取不出来，房租都交不上",
    "提前还房贷为什么要排队三个月，再拖我就打12378",
    "理财经理当时说保本，现在亏了两万，要求赔偿",
)
_AGAIN_S = 0.05
_ANSWER_S = 20.0
# Each counts what a ticket has once and no more; a row for every ticket that has it oftener.
_TWICE = (
    "SELECT COUNT(*) FROM complaints GROUP BY ticket_id HAVING COUNT(*) > 1",
    "SELECT COUNT(*) FROM assessments GROUP BY complaint_id, reason HAVING COUNT(*) > 1",
    "SELECT COUNT(*) FROM audit WHERE what = 'ticket.received' GROUP BY ticket_id"
    " HAVING COUNT(*) > 1",
    "SELECT COUNT(*) FROM duties GROUP BY complaint_id, code, rule HAVING COUNT(*) > 1",
)


@dataclass
class Run:
    """What happened: tickets acknowledged, posts sent again, and what was found at the end."""

    kills: int
    acknowledged: set = field(default_factory=set)
    again: int = 0
    found_stored: int = 0
    odd: list = field(default_factory=list)
    lost: int = 0
    duplicates: int = 0

    def __str__(self):
        return (
            f"{self.kills} kills, {len(self.acknowledged)} tickets acknowledged, {self.again} posts"
            f" sent again, {self.found_stored} of them had been stored: lost {self.lost},"
            f" duplicates {self.duplicates}, other answers {self.odd[:5]}"
        )


class Sender:
    """Sends tickets one after another; none is left before it is acknowledged."""

    def __init__(self, number, port, token, run):
        self._number, self._port, self._token, self._run = number, port, token, run
        self._connection = None
        self._ticket = 0

    async def work(self, stopping):
        while not stopping.is_set():
            self._ticket += 1
            ticket_id = f"K{self._number}-{self._ticket}"
            body = {
                "ticket_id": ticket_id,
                "text": f"{TEXTS[self._ticket % len(TEXTS)]}（第{self._ticket}次）",
                "received_at": "2026-11-23T09:30:00+08:00",
                "customer_key": f"C{self._ticket % 50}",
            }
            await self._until_acknowledged(ticket_id, orjson.dumps(body))
        if self._connection is not None:
            self._connection.close()

    async def _until_acknowledged(self, ticket_id, body):
        request = request_bytes(self._port, "POST", "/v1/complaints", body, self._token)
        for tries in range(10_000):
            status = await self._ask(request)
            if status in (200, 201):
                self._run.acknowledged.add(ticket_id)
                self._run.found_stored += status == 200
                if status == 200 and not tries:
                    self._run.odd.append((ticket_id, "200 at the first try"))
                return
            if status not in (None, 503):
                self._run.odd.append((ticket_id, status))
                return
            self._run.again += 1
            await asyncio.sleep(_AGAIN_S)
        raise RuntimeError(f"{ticket_id} is never acknowledged")

    async def _ask(self, request):
        """Give the status, or None when the connection broke before an answer."""
        try:
            if self._connection is None:
                self._connection = await Connection.open(self._port)
            status, _ = await self._connection.ask(request, timeout=_ANSWER_S)
        except (OSError, TimeoutError):
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            return None
        return status


async def some_work(run, rng):
    """Wait until some more tickets are acknowledged, and then for no good moment."""
    enough = len(run.acknowledged) + rng.randint(1, MOST_BETWEEN)
    until = time.monotonic() + LONGEST_S
    while len(run.acknowledged) < enough and time.monotonic() < until:
        await asyncio.sleep(0.002)
    await asyncio.sleep(rng.uniform(0, 0.02))


async def batter(home, kills, *, seed=20, say=lambda _: None):
    """Kill and restart the service under load; gives the run, and the database is at rest."""
    port, rng, run = free_port(), random.Random(seed), Run(kills)
    server = home.start(port)
    await asyncio.to_thread(server.wait)
    stopping = asyncio.Event()
    senders = [Sender(number, port, home.intake, run) for number in range(SENDERS)]
    working = [asyncio.create_task(sender.work(stopping)) for sender in senders]
    try:
        for kill in range(kills):
            await some_work(run, rng)
            server.kill()
            server = home.start(port)
            await asyncio.to_thread(server.wait)
            say(f"kill {kill + 1}: {len(run.acknowledged)} tickets acknowledged")
        stopping.set()
        await asyncio.gather(*working)
    finally:
        for task in working:
            task.cancel()
        server.stop()
    return run


def examine(run, database_url):
    """Look for what was acknowledged, and for anything that is there twice."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        stored = set(connection.execute(text("SELECT ticket_id FROM complaints")).scalars())
        judged = set(
            connection.execute(
                text(
                    "SELECT ticket_id FROM complaints WHERE id IN"
                    " (SELECT complaint_id FROM assessments)"
                )
            ).scalars()
        )
        run.duplicates = sum(len(connection.execute(text(each)).all()) for each in _TWICE)
    engine.dispose()
    run.lost = len(run.acknowledged - (stored & judged))
    return run


def crash(folder, model, kills, *, database_url="", say=lambda _: None):
    """Batter a service of its own in a folder; gives what was found."""
    home = Home(folder, model=model, database_url=database_url, JIESU_LOG_LEVEL="WARNING")
    run = asyncio.run(batter(home, kills, say=say))
    return examine(run, database_url or f"sqlite:///{folder / 'jiesu.db'}")


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="of each database (50)")
    parser.add_argument("--model", help="folder or version; default: the champion")
    given = parser.parse_args()
    model, bad = find_model(given.model), 0
    with tempfile.TemporaryDirectory() as name:
        runs = {"SQLite": crash(Path(name), model, given.kills, say=print)}
    if os.environ.get("JIESU_TEST_POSTGRES"):
        with own_schema() as address, tempfile.TemporaryDirectory() as name:
            runs["PostgreSQL"] = crash(
                Path(name), model, given.kills, database_url=address, say=print
            )
    for database, run in runs.items():
        print(f"{database}: {run}")
        bad += run.lost + run.duplicates + len(run.odd)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
