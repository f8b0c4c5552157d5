"""`python -m benchmarks.planted`: personal data sent in many requests, then looked for everywhere.

Synthetic names, telephone and card numbers, identity numbers, addresses ... stand in narratives, in
messages and in fields of requests, good ones and bad ones. Afterwards the database's files, the
log, `/metrics` and every error body are searched for each of them. Must be found: nothing. What
masking did not recognise in a narrative is told apart: it is a miss of masking, and stands in the
stored text for that reason alone.
"""

import argparse
import random
import sys
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from benchmarks.masking import CASES
from benchmarks.servers import Home, served
from service.models import find_model
from triage.masking.mask import mask

REQUESTS = 1_000
# What is shorter or plainer (a code of six digits) stands in any file, planted or not.
_DIGITS, _WORDS = 8, 4
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Search:
    """What was planted, and where any of it was found."""

    planted: set = field(default_factory=set)
    missed: set = field(default_factory=set)
    found: dict = field(default_factory=dict)

    def look(self, place, content):
        """Search bytes for everything that was planted and that masking recognises."""
        for secret in self.planted - self.missed:
            if any(form in content for form in forms(secret)):
                self.found.setdefault(place, set()).add(secret)


def forms(secret):
    """The ways in which a text may stand in a file: as it is, and as JSON escapes it."""
    escaped = secret.encode("unicode_escape").replace(b"\\x", b"\\u00")
    return {secret.encode(), escaped, escaped.upper().replace(b"\\U", b"\\u")}


def cases(rng):
    """Give texts with the personal data in them; numbers are drawn anew for every text."""
    rows = [orjson.loads(line) for line in CASES.read_bytes().splitlines()]
    rows = [row for row in rows if row["spans"]]
    while True:
        row = rng.choice(rows)
        yield vary(row["text"], row["spans"], rng)


def vary(text, spans, rng):
    """Give a text with other digits in its marked places where that keeps its kind.

    Identity and card numbers have a check digit: those stay as they are.
    """
    secrets = []
    for start, end, kind in sorted(spans, reverse=True):
        secret = text[start:end]
        if kind in ("phone", "mobile"):
            head, tail = secret[:-4], secret[-4:]
            tail = "".join(str(rng.randrange(10)) if c.isdigit() else c for c in tail)
            secret = head + tail
            text = text[:start] + secret + text[end:]
        secrets.append(secret)
    return text, [secret for secret in secrets if telling(secret)]


def telling(secret):
    """Say whether a text is long enough that to find it somewhere means something."""
    digits = sum(c.isdigit() for c in secret)
    return digits >= _DIGITS or (len(secret) >= _WORDS and not secret.isdigit())


def bodies(number, text, rng):
    """Give (path, body) of one request: mostly good ones, some that are refused."""
    ticket = {"ticket_id": f"P-{number}", "text": text, "customer_key": f"C{number % 200}"}
    turn = number % 10
    if turn < 5:
        return "/v1/complaints", ticket
    if turn == 5:
        return "/v1/tag", {"text": text}
    if turn == 6:
        # The event of a ticket that is there: 4 of 5 before it were stored.
        return f"/v1/complaints/P-{number - 2}/events", {"kind": "message", "text": text}
    if turn == 7:
        return "/v1/complaints", {**ticket, "channel": text}
    if turn == 8:
        return "/v1/tag", {"text": "年费", text: rng.random()}
    return "/v1/complaints/batch", {
        "complaints": [ticket, {"ticket_id": f"{text}！", "text": text}]
    }


def ask(port, key, path, body):
    """Send a request; gives status and body of the answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        orjson.dumps(body) if body is not None else None,
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    try:
        with _DIRECT.open(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as exc:
        return exc.code, exc.read()


def plant(home, server, requests, rng):
    """Send the requests; gives the search, errors and figures looked through already."""
    search, statuses, texts = Search(), {}, cases(rng)
    for number in range(requests):
        text, secrets = next(texts)
        masked = mask(text).text
        search.planted |= set(secrets)
        search.missed |= {secret for secret in secrets if secret in masked}
        path, body = bodies(number, text, rng)
        status, answer = ask(server.port, home.intake, path, body)
        statuses[status] = statuses.get(status, 0) + 1
        if status >= 400:
            search.look("error bodies", answer)
    search.look("metrics", ask(server.port, home.intake, "/metrics", None)[1])
    return search, statuses


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planted", description=__doc__)
    parser.add_argument("--model", help="folder or version; default: the champion")
    parser.add_argument("--requests", type=int, default=REQUESTS, help=f"({REQUESTS})")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = Home(folder, model=find_model(given.model), JIESU_LOG_LEVEL="DEBUG")
        with served(home) as server:
            search, statuses = plant(home, server, given.requests, random.Random(20))
            # With the log of what is not written over yet, and again after it is.
            files(search, folder)
        files(search, folder)
    return tell(search, statuses)


def files(search, folder):
    """Search every file of a home; those of the database and its log among them."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            kind = "log" if path.suffix == ".log" else "database files"
            search.look(kind, path.read_bytes())


def tell(search, statuses):
    """Print what was found; gives the exit status."""
    told = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    print(f"requests answered: {told}")
    print(f"planted: {len(search.planted)} different pieces of personal data")
    print(f"not recognised by masking (told apart): {len(search.missed)} {sorted(search.missed)}")
    for place in ("database files", "log", "metrics", "error bodies"):
        there = sorted(search.found.get(place, ()))
        print(f"  {place:<16} {len(there)} {there[:10] or ''}")
    total = len(set().union(*search.found.values())) if search.found else 0
    print(
        f"  -> found: {total} (floor 0, goal 0): {'goal met' if not total else 'BELOW the floor'}"
    )
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
