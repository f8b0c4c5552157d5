"""`python -m benchmarks.openapi`: schemathesis over the whole description, for every role and none.

All its checks, data that fits the description and data that does not, calls on their own and calls
that use what earlier ones gave. The service is a real one with a real model and a database of its
own; its webhooks are sent nowhere. `tests/test_openapi.py` is the short version.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.servers import Home, served
from service.models import find_model

NOBODY = "nobody"


def check(address, key, *, examples, seconds, seed=20):
    """Run schemathesis against a service; gives the finished process, its report on stdout."""
    program, config = Path(sys.executable).with_name("schemathesis"), Path(__file__).parent
    command = [str(program), "--config-file", str(config / "schemathesis.toml"), "run"]
    command += [f"{address}/openapi.json"]
    command += ["--checks", "all", "--mode", "all", "--max-examples", str(examples)]
    command += ["--max-time", str(seconds), "--seed", str(seed), "--workers", "1"]
    command += ["--suppress-health-check", "all", "--continue-on-failure", "--no-color"]
    command += ["--generation-database", "none", "--request-timeout", "30", "--warnings", "off"]
    if key:
        command += ["--header", f"Authorization: Bearer {key}"]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.openapi", description=__doc__)
    parser.add_argument("--model", help="folder or version; default: the champion")
    parser.add_argument("--examples", type=int, default=100, help="of each operation (100)")
    parser.add_argument("--seconds", type=int, default=600, help="most for a role (600)")
    parser.add_argument("--seed", type=int, default=20)
    given = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory() as name:
        home = Home(
            Path(name),
            model=find_model(given.model),
            JIESU_WATCH="false",
            JIESU_RATE_PER_MINUTE="0",
            JIESU_METRICS_OPEN_ON_LOOPBACK="false",
            JIESU_LOG_LEVEL="ERROR",
        )
        with served(home) as server:
            for role, key in {NOBODY: None, **home.keys}.items():
                address = f"http://127.0.0.1:{server.port}"
                limits = {"examples": given.examples, "seconds": given.seconds}
                done = check(address, key, **limits, seed=given.seed)
                print(f"===== {role}\n{done.stdout[-6000:]}", flush=True)
                if done.returncode:
                    failed.append(str(role))
        print((Path(name) / "service.log").read_text(encoding="utf-8")[-4000:])
    print(f"failures: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
