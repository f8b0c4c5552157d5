"""The load generator, in a process of its own: reads a job as JSON, gives figures as JSON.

Without a rate every connection asks as soon as it is answered (saturation). With one, requests
are due at fixed moments whatever the service does, and a latency counts from the moment at which
the request was due: a service that stalls is not asked less, and its stall is seen.
"""

import asyncio
import json
import subprocess
import sys
from itertools import count, cycle, islice
from pathlib import Path
from time import perf_counter

from benchmarks.wire import Connection, request_bytes

_LATE_S = 30.0


def run_load(
    port, path, bodies, *, seconds, token="", connections=16, rate=None, numbered="", first=0
):
    """Run the generator as a process; gives its figures.

    `bodies` is a file of JSON objects, one a line, sent from line `first` on; with `numbered` each
    gets a `ticket_id` of its own that begins so. Gives `per_second`, `statuses`, `latencies_ms`
    (p50, p99) and `asked`.
    """
    job = {
        "port": port,
        "path": path,
        "bodies": str(bodies),
        "seconds": seconds,
        "token": token,
        "connections": connections,
        "rate": rate,
        "numbered": numbered,
        "first": first,
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 2 * _LATE_S,
        cwd=Path(__file__).parent.parent,
    )
    return json.loads(done.stdout)


class Load:
    """Requests, and what became of them."""

    def __init__(self, job):
        self._job = job
        bodies = Path(job["bodies"]).read_bytes().splitlines()
        self._bodies = islice(cycle(bodies), job["first"] % len(bodies), None)
        self._numbers = count(job["first"])
        self.statuses = {}
        self.latencies = []

    def _request(self):
        body, job = next(self._bodies), self._job
        if job["numbered"]:
            ticket = f'{{"ticket_id":"{job["numbered"]}{next(self._numbers)}",'
            body = ticket.encode() + body[1:]
        return request_bytes(job["port"], "POST", job["path"], body, job["token"])

    async def _one(self, connection, due):
        status, _ = await connection.ask(self._request(), timeout=_LATE_S)
        self.latencies.append(perf_counter() - due)
        self.statuses[status] = self.statuses.get(status, 0) + 1

    async def saturate(self, connection, until):
        while (now := perf_counter()) < until:
            await self._one(connection, now)

    async def keep_pace(self, connection, due):
        """Ask at the moments of `due`, which all connections share."""
        for moment in due:
            pause = moment - perf_counter()
            if pause > 0:
                await asyncio.sleep(pause)
            await self._one(connection, moment)

    async def run(self):
        job = self._job
        many = [await Connection.open(job["port"]) for _ in range(job["connections"])]
        began = perf_counter()
        if job["rate"]:
            number = int(job["rate"] * job["seconds"])
            due = iter([began + place / job["rate"] for place in range(number)])
            await asyncio.gather(*(self.keep_pace(one, due) for one in many))
        else:
            until = began + job["seconds"]
            await asyncio.gather(*(self.saturate(one, until) for one in many))
        taken = perf_counter() - began
        for one in many:
            one.close()
        return self._figures(taken)

    def _figures(self, taken):
        ordered = sorted(self.latencies)
        return {
            "asked": len(ordered),
            "per_second": len(ordered) / taken,
            "statuses": self.statuses,
            "p50_ms": 1000 * ordered[len(ordered) // 2],
            "p99_ms": 1000 * ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
            "latencies_ms": [1000 * latency for latency in ordered],
        }


def main():
    import uvloop

    print(json.dumps(uvloop.run(Load(json.load(sys.stdin)).run())))


if __name__ == "__main__":
    main()
