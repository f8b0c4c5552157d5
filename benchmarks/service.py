"""`python -m benchmarks.service`: the service beside an endpoint that does nothing.

The empty endpoint (`benchmarks.empty_app`) runs on the same FastAPI and uvicorn and validates the
same body. Servers and the load generator are processes of their own, on loopback; contenders take
turns within a run, so that a busy machine disturbs all of them alike. Figures of a machine do not
carry over, ratios do. Stored intake is also measured on PostgreSQL where JIESU_TEST_POSTGRES names
a server (`tests/with_postgres.sh python -m benchmarks.service`).
"""

import argparse
import os
import random
import statistics
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import orjson

from benchmarks.load import run_load
from benchmarks.schemas import own_schema
from benchmarks.servers import Home, empty_endpoint, served
from service.models import find_model
from training.corpus import load_corpus
from triage.rules.calendar import local
from triage.taxonomy import load_taxonomy

MEGABYTE = 1 << 20
PARTS = ("throughput", "latency", "start")
# Name -> floor and goal. Of shares more is better, of the others less.
SHARES = {
    "POST /v1/tag, share of empty": (0.15, 0.35),
    "stored intake on SQLite, share of empty": (0.05, 0.15),
    "stored intake on PostgreSQL, share of empty": (0.05, 0.15),
}
COSTS = {
    "p99 of POST /v1/tag, multiple of empty": (8.0, 3.0),
    "seconds from `jiesu serve` to ready": (6.0, 2.5),
    "memory of a worker, MB": (450.0, 250.0),
}
AGAIN = 0.1
CONNECTIONS, HELD, QUEUED = 16, 0.95, 1.0
EMPTY, TAG, SQLITE, POSTGRES = "empty endpoint", "tag", "intake, SQLite", "intake, PostgreSQL"


class Contender:
    """A server and what is asked of it; `home` is None for the empty endpoint."""

    def __init__(self, server, path, *, token="", numbered=""):
        self.server, self.path, self.token, self.numbered = server, path, token, numbered
        self.sent = 0

    def load(self, bodies, **how):
        before, how = self.server.cpu_seconds(), {"numbered": self.numbered, **how}
        found = run_load(
            self.server.port, self.path, bodies, first=self.sent, token=self.token, **how
        )
        self.sent += found["asked"]
        odd = {code: n for code, n in found["statuses"].items() if code not in ("200", "201")}
        if odd:
            raise RuntimeError(f"{self.path} answered {odd}")
        found["cpu_us"] = 1e6 * (self.server.cpu_seconds() - before) / found["asked"]
        return found


def write_bodies(path, *, seed=20):
    """Write what an intake system sends: narratives of the corpus, in no order, with a context.

    One in ten is sent once more by the same customer. All came in within the last hour: of older
    ones the duties are overdue at once, and what the watch does about that would be measured too.
    """
    rng, now = random.Random(seed), local(datetime.now(UTC))
    rows = load_corpus(load_taxonomy())
    sent = []
    with path.open("wb") as file:
        for row in rng.sample(rows, len(rows)):
            if sent and rng.random() < AGAIN:
                file.write(rng.choice(sent))
            body = {
                "text": row.text,
                "received_at": (now - timedelta(minutes=rng.randint(0, 60))).isoformat(),
                "channel": rng.choice(["phone", "app", "branch", "web"]),
                "customer_key": f"C{rng.randrange(40_000)}",
                "visited_branch": rng.random() < 0.2,
            }
            sent.append(orjson.dumps(body) + b"\n")
            file.write(sent[-1])


def contenders(stack, folder, model):
    """Start the servers; gives name -> Contender."""
    found = {EMPTY: Contender(stack.enter_context(empty_endpoint(folder)), "/v1/tag")}
    addresses = {TAG: "", SQLITE: ""}
    if os.environ.get("JIESU_TEST_POSTGRES"):
        addresses[POSTGRES] = stack.enter_context(own_schema())
    for name, address in addresses.items():
        place = folder / name.replace(", ", "-")
        place.mkdir()
        home = Home(place, model=model, database_url=address, JIESU_LOG_LEVEL="WARNING")
        path = "/v1/tag" if name == TAG else "/v1/complaints"
        server = stack.enter_context(served(home))
        found[name] = Contender(
            server, path, token=home.intake, numbered="" if name == TAG else "L-"
        )
    return found


def throughput(many, bodies, *, rounds, seconds):
    """Requests per second at saturation, 16 connections; the median of the rounds.

    Processor time of the server a request is told too: what other programs do changes it less.
    """
    rates = {name: [] for name in many}
    costs = {name: [] for name in many}
    for turn in range(rounds + 1):
        for name, contender in many.items():
            found = contender.load(bodies, seconds=seconds if turn else 1.0)
            if turn:  # the first turn warms everybody up
                rates[name].append(found["per_second"])
                costs[name].append(found["cpu_us"])
    middle = {name: statistics.median(values) for name, values in rates.items()}
    cpu = {name: statistics.median(values) for name, values in costs.items()}
    print(f"\nThroughput: 16 connections, one worker, {rounds} turns of {seconds:g} s, median")
    for name, rate in middle.items():
        print(
            f"  {name:<20} {rate:>7,.0f} requests/s ({min(rates[name]):,.0f} to"
            f" {max(rates[name]):,.0f})   {rate / middle[EMPTY]:.3f}   CPU {cpu[name]:>6,.0f} us"
            f" a request   {cpu[EMPTY] / cpu[name]:.3f}"
        )
    for name, said in ((TAG, "POST /v1/tag"), (SQLITE, "stored intake on SQLite")):
        told(f"{said}, share of empty", middle[name] / middle[EMPTY])
    if POSTGRES in middle:
        share = middle[POSTGRES] / middle[EMPTY]
        told("stored intake on PostgreSQL, share of empty", share)
    return middle


def latency(many, bodies, rates, *, rounds, seconds):
    """p99 of one request while requests are due at half of the saturation rate.

    The empty endpoint is asked at half of its own rate and at the rate of tag, and the larger of
    the two multiples counts. Where requests wait because a pace was not held, what is measured is
    the machine: no verdict is given.
    """
    half = rates[TAG] / 2
    paces = {"tag": (TAG, half), "empty": (EMPTY, rates[EMPTY] / 2), "empty, as tag": (EMPTY, half)}
    taken = {name: [] for name in paces}
    for _ in range(rounds):
        for name, (who, rate) in paces.items():
            taken[name].append(many[who].load(bodies, seconds=seconds, rate=rate))
    print(
        f"\nLatency: requests due at half of the saturation rate, {rounds} turns of {seconds:g} s"
    )
    worst, held = {}, True
    for name, (_, rate) in paces.items():
        p50, worst[name], done = (
            statistics.median(found[key] for found in taken[name])
            for key in ("p50_ms", "p99_ms", "per_second")
        )
        held &= done >= HELD * rate and p50 <= QUEUED * 1000 / rate * CONNECTIONS
        print(
            f"  {name:<14} {done:>6,.0f} of {rate:>6,.0f}/s"
            f"  p50 {p50:>7.2f} ms  p99 {worst[name]:>7.2f} ms"
        )
    times = [worst["tag"] / worst[name] for name in ("empty", "empty, as tag")]
    print(
        f"  multiples of empty: at half of its own rate {times[0]:.2f},"
        f" at that of tag {times[1]:.2f}"
    )
    if held and min(times) >= 1:
        told("p99 of POST /v1/tag, multiple of empty", max(times))
    else:
        print("  -> p99 of POST /v1/tag: NO VERDICT, the machine did not keep the pace")


def start(folder, model, bodies, *, rounds):
    """Seconds from the command to `/health/ready`, and memory of the worker after work."""
    times, peaks, resident = [], [], []
    for turn in range(rounds):
        place = folder / f"start-{turn}"
        place.mkdir()
        home = Home(place, model=model, JIESU_LOG_LEVEL="WARNING")
        began = perf_counter()
        with served(home) as server:
            times.append(perf_counter() - began)
            Contender(server, "/v1/tag", token=home.intake).load(bodies, seconds=2.0)
            Contender(server, "/v1/complaints", token=home.intake, numbered="M-").load(
                bodies, seconds=2.0
            )
            now, most = server.memory()
            resident.append(now / MEGABYTE)
            peaks.append(most / MEGABYTE)
    print(f"\nStart and memory: {rounds} starts, each with a database of its own")
    print(f"  ready after {' '.join(f'{t:.2f}' for t in times)} s")
    print(f"  memory after tags and intake {max(resident):.0f} MB, peak {max(peaks):.0f} MB")
    told("seconds from `jiesu serve` to ready", statistics.median(times))
    told("memory of a worker, MB", max(peaks))


def told(name, value):
    """Print a figure with its verdict."""
    more_is_better = name in SHARES
    floor, goal = (SHARES if more_is_better else COSTS)[name]
    sign = 1 if more_is_better else -1
    reached = [sign * value >= sign * mark for mark in (goal, floor)]
    verdict = "goal met" if reached[0] else "floor met" if reached[1] else "BELOW the floor"
    print(f"  -> {name}: {value:.3g} (floor {floor:g}, goal {goal:g}): {verdict}")


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__)
    parser.add_argument("--model", help="folder or version; default: the champion")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="default: all")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each contender (5)")
    parser.add_argument("--seconds", type=float, default=4.0, help="of one turn (4)")
    given = parser.parse_args()
    model = find_model(given.model)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        bodies = folder / "bodies.jsonl"
        write_bodies(bodies)
        if {"throughput", "latency"} & set(given.parts):
            many = contenders(stack, folder, model)
            rates = throughput(many, bodies, rounds=given.rounds, seconds=given.seconds)
            if "latency" in given.parts:
                latency(many, bodies, rates, rounds=given.rounds, seconds=given.seconds)
            stack.close()
        if "start" in given.parts:
            start(folder, model, bodies, rounds=given.rounds)


if __name__ == "__main__":
    main()
