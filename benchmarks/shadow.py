"""`python -m benchmarks.shadow`: what callers of intake notice of a challenger in the shadow.

Two services with the same model take turns at the same pace; behind one of them a challenger (the
same model under another version) answers what comes in. A latency counts from the moment at which
a request was due. Figures of a machine do not carry over, the ratio does.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import orjson

from benchmarks.load import run_load
from benchmarks.servers import ROOT, Home, served
from benchmarks.service import write_bodies
from service.access.keys import Role
from service.models import find_model
from triage.artifact import MANIFEST

ALONE, SHADOWED = "champion alone", "with a challenger"
_CAUGHT_UP_S = 120


def twin(model, folder):
    """Copy a model under another version."""
    shutil.copytree(model, folder)
    path = folder / MANIFEST
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | {"version": "challenger"}))
    return folder


def shown(server, home):
    """Ask how the challenger stands."""
    address = f"http://127.0.0.1:{server.port}/metrics"
    asked = urllib.request.Request(
        address, headers={"Authorization": f"Bearer {home.keys[Role.ADMIN]}"}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    told = (line.rpartition(" ") for line in lines if line.startswith("jiesu_shadow_tickets_total"))
    return sum(float(number) for _, _, number in told)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=20.0, help="tickets a second")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=6.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        measure(Path(folder), stack, args)


def measure(folder, stack, args):
    """Take turns and tell the latencies."""
    model, bodies = find_model(), folder / "bodies.jsonl"
    write_bodies(bodies)
    homes, servers = {}, {}
    for number, name in enumerate((ALONE, SHADOWED)):
        place = folder / str(number)
        place.mkdir()
        quiet = {"JIESU_LOG_LEVEL": "WARNING", "JIESU_WATCH_S": "1"}
        homes[name] = Home(place, model=model, **quiet)
        servers[name] = stack.enter_context(served(homes[name]))
    command = [sys.executable, "-m", "jiesu", "shadow", "start", twin(model, folder / "twin")]
    variables = {**os.environ, **homes[SHADOWED].variables}
    subprocess.run(command, check=True, cwd=ROOT, env=variables, stdout=subprocess.DEVNULL)
    latencies, sent = {name: [] for name in servers}, 0
    for turn in range(args.rounds + 1):
        for name, server in servers.items():
            how = {"seconds": args.seconds, "rate": args.rate, "numbered": f"S{turn}-"}
            token = homes[name].intake
            found = run_load(server.port, "/v1/complaints", bodies, token=token, **how)
            if set(found["statuses"]) != {"201"}:
                raise RuntimeError(f"intake answered {found['statuses']}")
            sent += found["asked"] if name == SHADOWED else 0
            if turn:  # the first turn warms everybody up
                latencies[name] += found["latencies_ms"]
    told(latencies)
    until, answered = time.monotonic() + _CAUGHT_UP_S, 0.0
    while answered < sent and time.monotonic() < until:
        time.sleep(1)
        answered = shown(servers[SHADOWED], homes[SHADOWED])
    print(f"the challenger answered {answered:.0f} of {sent}")


def told(latencies):
    """Tell the latencies of both, and how they compare."""
    cuts = {}
    for name, values in latencies.items():
        percents = statistics.quantiles(values, n=100)
        cuts[name] = percents[49], percents[98]
        p50, p99 = cuts[name]
        print(f"{name:<18} {len(values):>5} tickets  p50 {p50:.2f} ms  p99 {p99:.2f} ms")
    ratios = [two / one for one, two in zip(cuts[ALONE], cuts[SHADOWED], strict=True)]
    print(f"{'ratio':<18} p50 {ratios[0]:.2f}  p99 {ratios[1]:.2f}")


if __name__ == "__main__":
    main()
