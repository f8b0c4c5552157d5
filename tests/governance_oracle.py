"""The numbers of the governance report counted again from raw rows, in another way.

Nothing of `service.governance` is used: rows are read by plain SQL, and every figure is the set of
tickets for which a condition holds.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from statistics import median
from typing import Any

import yaml
from governance_oracle_lines import petition, response, routes, source, surveys, whole_ledger
from governance_oracle_rows import conversions, down, grounds, said_again, sued_beside
from governance_oracle_standard import standard
from governance_oracle_steering import clocks, complete, digest, drill
from governance_oracle_tree import tree
from governance_oracle_units import early, major, ranking, supervision
from scipy.stats import binomtest
from sqlalchemy import text

CN = timezone(timedelta(hours=8))
Ticket = dict[str, Any]
MED_LINES = ("card_repayment", "fee_dispute", "loan_collection")


def _at(value: Any) -> datetime | None:
    if value is None:
        return None
    told = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return told if told.tzinfo else told.replace(tzinfo=UTC)


class Oracle:
    """Counts; `told` holds every figure: value and sorted identifiers."""

    def __init__(self, session: Any, taxonomy_file: Any, since: date, until: date, now: datetime):
        self.now, self.since, self.until = now, since, until
        self.raw = yaml.safe_load(taxonomy_file.read_text(encoding="utf-8"))
        self.told: dict[str, tuple[float | None, list[str]]] = {}
        self.session = session
        every = [dict(row._mapping) for row in session.execute(text("SELECT * FROM complaints"))]
        for one in every:
            one["at"] = _at(one["received_at"])
            one["day"] = one["at"].astimezone(CN).date()
            one.update(events=[], duties=[], links=[], first=None, last=None, said=[], drawn=False)
            one["flags"] = set(json.loads(one["flags"]))
        self.by_id = {one["id"]: one for one in every}
        for row in session.execute(text("SELECT * FROM events ORDER BY id")):
            event = dict(row._mapping)
            event["at"], event["data"] = _at(event["at"]), json.loads(event["data"])
            self.by_id[event["complaint_id"]]["events"].append(event)
        for row in session.execute(text("SELECT * FROM duties")):
            self.by_id[row.complaint_id]["duties"].append(dict(row._mapping))
        for row in session.execute(text("SELECT * FROM repeats WHERE kind = 'customer'")):
            self.by_id[row.complaint_id]["links"].append(self.by_id[row.other_id])
        for row in session.execute(text("SELECT * FROM assessments ORDER BY id DESC")):
            self.by_id[row.complaint_id]["first"] = json.loads(row.answer)
            self.by_id[row.complaint_id]["last"] = self.by_id[row.complaint_id][
                "last"
            ] or json.loads(row.answer)
        for row in session.execute(text("SELECT * FROM verdicts ORDER BY id")):
            if row.undone_at is None and row.kind != "unsure":
                self.by_id[row.complaint_id]["said"].append(bool(row.agrees))
        for row in session.execute(text("SELECT * FROM audit_slice")):
            self.by_id[row.complaint_id]["drawn"] = True
        self.every = every
        self.mine = [one for one in every if since <= one["day"] <= until]
        span = until - since + timedelta(days=1)
        self.past = [one for one in every if since - span <= one["day"] < since]

    # ---- how figures are told ----------------------------------------------------------------

    def put(self, code: str, some: Iterable[Ticket]) -> list[Ticket]:
        found = list(some)
        self.told[code] = len(found), sorted(one["ticket_id"] for one in found)
        return found

    def rate(self, code: str, part: str, whole: str) -> None:
        (up, ids), (down, _) = self.told[part], self.told[whole]
        self.told[code] = (up or 0) / down if down else None, ids

    def split(self, code: str, some: Iterable[Ticket], key: Callable[[Ticket], Any]) -> list[str]:
        groups: dict[Any, list[Ticket]] = defaultdict(list)
        for one in some:
            if key(one) is not None:
                groups[key(one)].append(one)
        for value, own in groups.items():
            self.put(f"{code}.{value}", own)
        return [f"{code}.{value}" for value in groups]

    def shares(self, codes: list[str], whole: str) -> None:
        for code in codes:
            self.rate(f"{code}.share", code, whole)

    def mid(self, code: str, measured: list[tuple[Ticket, float]]) -> None:
        value = median([each for _, each in measured]) if measured else None
        self.told[code] = value, sorted(one["ticket_id"] for one, _ in measured)

    # ---- facts of a ticket -------------------------------------------------------------------

    @staticmethod
    def spoken(one: Ticket, before: datetime | None = None) -> datetime | None:
        moments = [
            e["at"]
            for e in one["events"]
            if e["kind"] == "contact" and e["data"]["two_way"] and (not before or e["at"] < before)
        ]
        return min(moments) if moments else None

    @staticmethod
    def answered(one: Ticket, before: datetime | None = None) -> datetime | None:
        moments = [
            e["at"]
            for e in one["events"]
            if e["data"].get("status") in ("replied", "closed") and e["kind"] == "outcome"
            if not before or e["at"] < before
        ]
        return min(moments) if moments else None

    @staticmethod
    def ups(one: Ticket) -> list[tuple[str, str]]:
        told = [e["data"]["escalated"] for e in one["events"] if e["data"].get("escalated")]
        return sorted((each["on"], each["code"]) for each in told)

    @staticmethod
    def acts(one: Ticket) -> dict[str, date]:
        found: dict[str, date] = {}
        for e in one["events"]:
            if e["kind"] == "mediation":
                day = e["at"].astimezone(CN).date()
                found[e["data"]["act"]] = min(day, found.get(e["data"]["act"], day))
        return found

    def joined(self, one: Ticket) -> date | None:
        days = [
            d for act, d in self.acts(one).items() if act in ("agreed", "delegated", "confirmed")
        ]
        return min(days) if days else None

    @staticmethod
    def line(one: Ticket) -> str:
        return "undecided" if one["abstained"] or not one["line"] else one["line"]

    # ---- the parts ---------------------------------------------------------------------------

    def count(self) -> dict[str, tuple[float | None, list[str]]]:
        for part in (
            *(self.volumes, self.repeats, self.regulator, self.times, self.mediation),
            *(self.outlets, self.watch, self.escalations, self.effect, self.content),
            *(self.measures, self.items, self.alerts, self.flow, self.grade, self.staff),
            *(self.risk, self.accountable, self.errors, self.checks),
        ):
            part()
        for added in (
            *(standard, early, supervision, major, ranking, tree),
            *(clocks, drill, digest, complete),
            *(grounds, conversions, down, sued_beside),
            *(petition, response, source, routes, surveys, whole_ledger),
        ):
            added(self)
        self.targets()
        return self.told

    def volumes(self) -> None:
        mine = self.mine
        self.put("volume.all", mine)

        keys: dict[str, Callable[[Ticket], Any]] = {
            "nature": lambda one: one["nature"],
            "line": self.line,
            "channel": lambda one: one["channel"],
            "unit": lambda one: one["unit"],
            "department": lambda one: one["owner_unit"],
        }
        for name, key in keys.items():
            self.shares(self.split(f"volume.{name}", mine, key), "volume.all")
        self.split("volume.week", mine, lambda o: str(o["day"] - timedelta(o["day"].weekday())))

    def repeats(self) -> None:
        again = self.put("repeat.all", (one for one in self.mine if one["links"]))
        self.rate("repeat.rate", "repeat.all", "volume.all")
        near = timedelta(days=15)
        self.put(
            "repeat.often",
            (o for o in again if sum(o["at"] - e["at"] <= near for e in o["links"]) >= 2),
        )
        self.shares(self.split("repeat.line", again, self.line), "repeat.all")

        def cause(one: Ticket) -> str:
            last = max(one["links"], key=lambda each: (each["at"], each["id"]))
            if self.answered(last, one["at"]):
                said = [
                    e["data"].get("accepted")
                    for e in last["events"]
                    if e["kind"] == "outcome" and e["at"] < one["at"]
                ]
                return "not_accepted" if False in said else "answered"
            return "not_answered" if self.spoken(last, one["at"]) else "not_contacted"

        self.shares(self.split("repeat.cause", again, cause), "repeat.all")

    def flow(self) -> None:
        mine, old = self.mine, self.put("volume.before", self.past)
        ids = self.told["volume.all"][1]
        self.told["volume.change"] = (len(mine) / len(old) - 1 if old else None), ids
        self.shares(self.split("volume.product", mine, lambda o: o["product"]), "volume.all")

        def said(one: Ticket) -> set[str]:
            return {each["code"] for each in one["first"]["signals"]}

        there = ("branch", "petition")
        kinds: dict[str, Callable[[Ticket], bool]] = {
            "life": lambda o: bool(said(o) & {"self_harm", "violence"}),
            "media": lambda o: o["channel"] == "media" or "media" in said(o),
            "group": lambda o: (o["group_size"] or 0) >= 20 and o["channel"] in there,
            "amount": lambda o: (o["amount_cny"] or 0) >= 500_000,
        }
        found = [self.put(f"major.{code}", filter(test, mine)) for code, test in kinds.items()]
        self.put("major.all", {one["id"]: one for some in found for one in some}.values())
        asked = self.put("early.all", (o for o in mine if o["nature"] in ("help", "inquiry")))
        high = (o for o in asked if o["first"]["escalation"]["band"] == "high")
        self.put("early.high", high)
        self.put("early.escalated", (o for o in asked if self.ups(o)))
        hops = {
            o["id"]: (o["transfers"] or 0) + sum(e["kind"] == "transfer" for e in o["events"])
            for o in mine
        }
        self.put("transfer.any", (o for o in mine if hops[o["id"]] > 0))
        self.rate("transfer.rate", "transfer.any", "volume.all")
        self.put("transfer.often", (o for o in mine if hops[o["id"]] > 2))

    def same_day(self, one: Ticket) -> bool:
        at = self.spoken(one)
        return at is not None and at.astimezone(CN).date() == one["day"]

    def regulator(self) -> None:
        sent = [o for o in self.mine if str(o["channel"]).startswith("regulator_")]
        self.put("regulator.all", sent)
        guided = self.put("regulator.guided", (o for o in sent if "guided" in o["channel"]))
        formal = self.put("regulator.formal", (o for o in sent if "formal" in o["channel"]))
        turned = self.put(
            "regulator.converted",
            (o for o in guided if any(e["kind"] == "conversion" for e in o["events"])),
        )
        self.rate("regulator.conversion_rate", "regulator.converted", "regulator.guided")
        self.put("regulator.converted_uncontacted", (o for o in turned if not self.same_day(o)))
        self.put(
            "regulator.formal_after_guided",
            (o for o in formal if "regulator_guided" in [e["channel"] for e in o["links"]]),
        )
        self.put("regulator.same_day", (o for o in sent if self.same_day(o)))
        self.rate("regulator.same_day_rate", "regulator.same_day", "regulator.all")
        tried = [
            o
            for o in sent
            if ("contact_same_day", "attempted") in [(d["code"], d["state"]) for d in o["duties"]]
        ]
        self.put("regulator.attempted", (o for o in tried if not self.same_day(o)))

    def times(self) -> None:
        owed = [o for o in self.mine if o["nature"] == "complaint" and o["state"] != "withdrawn"]
        self.put("time.all", owed)
        taken, open_for, allowed = {}, {}, {}
        for one in owed:
            days = [e["data"]["days"] for e in one["events"] if e["kind"] == "extension"]
            allowed[one["id"]] = max(days, default=15)
            end = self.answered(one)
            where, at = (taken, end) if end else (open_for, self.now)
            where[one["id"]] = (at.astimezone(CN).date() - one["day"]).days
        pick = self.by_id.__getitem__
        for low, high in ((0, 15), (16, 30), (31, 60)):
            some = [pick(i) for i, days in taken.items() if low <= days <= high]
            self.put(f"time.within_{high}", some)
        self.put("time.over_60", (pick(i) for i, days in taken.items() if days > 60))
        self.put("time.open_within", (pick(i) for i, d in open_for.items() if d <= allowed[i]))
        over = self.put("time.open_over", [pick(i) for i, d in open_for.items() if d > allowed[i]])
        self.put("time.due", [*map(pick, taken), *over])
        self.put("time.on_time", (pick(i) for i, d in taken.items() if d <= allowed[i]))
        self.rate("time.on_time_rate", "time.on_time", "time.due")
        for days in (30, 60):
            longest = [i for i, d in allowed.items() if d == days]
            self.put(f"time.extended_{days}", map(pick, longest))
        hours = [(o, (s - o["at"]).total_seconds() / 3600) for o in owed if (s := self.spoken(o))]
        self.mid("time.contact_hours", hours)
        self.mid("time.decision_days", [(pick(i), float(d)) for i, d in taken.items()])

        def lost(one: Ticket) -> set[str]:
            return {d["code"] for d in one["duties"] if d["state"] == "missed"}

        self.put("duty.missed", (o for o in self.mine if lost(o)))

    def mediation(self) -> None:
        touched = self.put("mediation.offered", (o for o in self.mine if self.acts(o)))
        self.put("mediation.accepted", (o for o in touched if self.joined(o)))
        self.rate("mediation.accepted_rate", "mediation.accepted", "mediation.offered")
        done = [o for o in touched if "agreed" in self.acts(o) or "confirmed" in self.acts(o)]
        self.put("mediation.settled", done)
        self.rate("mediation.settled_rate", "mediation.settled", "mediation.offered")
        ended = {o["id"] for o in done}
        self.put(
            "mediation.refused",
            (o for o in touched if "refused" in self.acts(o) and o["id"] not in ended),
        )
        self.put("mediation.confirmed", (o for o in touched if "confirmed" in self.acts(o)))
        self.put("mediation.delegated", (o for o in touched if "delegated" in self.acts(o)))

        def station(one: Ticket) -> str | None:
            told = [e["data"].get("station") for e in one["events"] if e["kind"] == "mediation"]
            return [None, *filter(None, told)][-1]

        for code in self.split("mediation.station", touched, station):
            own = [o for o in touched if code.endswith(f".{station(o)}")]
            agreed = [o for o in own if {"agreed", "confirmed"} & self.acts(o).keys()]
            self.put(f"{code}.settled", agreed)
            self.put(f"{code}.confirmed", (o for o in own if "confirmed" in self.acts(o)))
            rest = [o for o in own if o not in agreed]
            self.put(f"{code}.refused", (o for o in rest if "refused" in self.acts(o)))
            self.put(f"{code}.open", (o for o in rest if "refused" not in self.acts(o)))
        self.put("mediation.focus", (o for o in done if self.line(o) in MED_LINES))
        self.rate("mediation.focus_rate", "mediation.focus", "mediation.settled")
        self.told["mediation.province"] = len(done) / 440, self.told["mediation.settled"][1]
        for line in {self.line(o) for o in touched}:
            self.put(f"mediation.offered.line.{line}", (o for o in touched if self.line(o) == line))
            self.put(
                f"mediation.accepted.line.{line}",
                (o for o in touched if self.line(o) == line and self.joined(o)),
            )
            part = f"mediation.settled.line.{line}"
            self.put(part, (o for o in done if self.line(o) == line))
            self.rate(f"mediation.share.line.{line}", part, f"volume.line.{line}")
            self.rate(f"{part}.share", part, "mediation.settled")

    def outlets(self) -> None:
        def down(one: Ticket) -> list[str]:
            told = [e["data"] for e in one["events"] if e["kind"] == "sent_down"]
            return [each["to_unit"] for each in told if each["to_level"] == "outlet"]

        self.put("outlet.owned", (o for o in self.mine if o["owner_level"] == "outlet"))
        sent = self.put("outlet.sent_down", (o for o in self.mine if down(o)))
        barred = self.put("outlet.barred", (o for o in self.mine if o["barred"]))
        self.put("outlet.leaks", (o for o in barred if down(o) or o["owner_level"] == "outlet"))
        self.split("outlet.unit", sent, lambda o: down(o)[-1])

    def watch(self) -> None:
        def outlet(one: Ticket) -> str | None:
            told = [e["data"] for e in one["events"] if e["kind"] == "sent_down"]
            return [None, *(d["to_unit"] for d in told if d["to_level"] == "outlet")][-1]

        keys: dict[str, Callable[[Ticket], str | None]] = {
            "unit": lambda o: o["unit"],
            "department": lambda o: o["owner_unit"],
            "outlet": outlet,
        }
        for code, key in keys.items():
            for unit in {key(o) for o in self.mine} - {None}:
                own = [o for o in self.mine if key(o) == unit]
                old = [o for o in self.past if key(o) == unit]
                self.watched(f"watch.{code}.{unit}", own, old)

    def watched(self, code: str, own: list[Ticket], old: list[Ticket]) -> bool:
        up = [o for o in own if self.ups(o)]
        again = [o for o in own if o["links"]]
        if len(own) < 5:
            return False
        both = len(own) + len(old)
        grown = binomtest(len(own), both, alternative="greater").pvalue < 0.01
        often = len(again) > 1 and len(again) / len(own) >= 0.3
        if not (grown or often or (len(up) > 1 and len(up) / len(own) >= 0.1)):
            return False
        late = [o for o in own if any(d["state"] == "missed" for d in o["duties"])]
        columns = {"tickets": own, "before": old, "repeats": again, "escalated": up}
        for name, some in {**columns, "missed": late}.items():
            self.put(f"{code}.{name}", some)
        return True

    def escalations(self) -> None:
        up = self.put("escalation.all", (o for o in self.mine if self.ups(o)))
        rest = [o for o in self.mine if not self.ups(o)]
        self.rate("escalation.rate", "escalation.all", "volume.all")
        days = [(o, (date.fromisoformat(self.ups(o)[0][0]) - o["day"]).days) for o in up]
        self.mid("escalation.days", [(o, float(d)) for o, d in days])
        self.split("escalation.kind", up, lambda o: self.ups(o)[0][1])
        tests: dict[str, Callable[[Ticket, datetime], bool]] = {
            "repeat": lambda o, _: said_again(o),
            "high": lambda o, _: o["first"]["escalation"]["band"] == "high",
            "late_contact": self._late,
            "transferred": lambda o, t: any(
                e["kind"] == "transfer" and e["at"] < t for e in o["events"]
            ),
            "missed": lambda o, t: any(
                d["state"] == "missed" and d["due_at"] and _known(_at(d["due_at"])) < t
                for d in o["duties"]
            ),
            "undecided": lambda o, t: not self.answered(o, t),
        }
        far = datetime(9000, 1, 1, tzinfo=CN)
        for side, some in (("all", up), ("none", rest)):
            for name, holds in tests.items():
                own = []
                for one in some:
                    ups = self.ups(one)
                    day = date.fromisoformat(ups[0][0]) if ups else None
                    end = datetime(day.year, day.month, day.day, tzinfo=CN) if day else far
                    if holds(one, end):
                        own.append(one)
                code = f"before.{name}.{side}"
                self.put(code, own)
                self.told[f"{code}.share"] = len(own) / len(some), self.told[code][1]

        def signals(one: Ticket) -> set[str]:
            return {each["code"] for each in one["first"]["signals"]}

        sizes = {c: sum(c in signals(o) for o in up) for o in up for c in signals(o)}
        for code in sorted(sizes, key=lambda each: (-sizes[each], each))[:8]:
            self.put(f"before.signal.{code}", (o for o in up if code in signals(o)))
            whole = "escalation.all"
            self.rate(f"before.signal.{code}.share", f"before.signal.{code}", whole)

    def _late(self, one: Ticket, end: datetime) -> bool:
        due = one["at"] + timedelta(hours=24)
        return due < end and not self.spoken(one, due + timedelta(microseconds=1))

    def effect(self) -> None:
        of_lines = [o for o in self.mine if self.line(o) in MED_LINES]
        joined = [o for o in of_lines if self.joined(o)]
        early = [o for o in joined if self.ups(o) and self.ups(o)[0][0] <= str(self.joined(o))]
        self.put("effect.excluded", early)
        gone = {o["id"] for o in early}
        arms = {
            "with": [o for o in joined if o["id"] not in gone],
            "without": [o for o in of_lines if not self.acts(o)],
        }
        for name, arm in arms.items():
            self.put(f"effect.{name}", arm)
            self.put(f"effect.{name}.escalated", (o for o in arm if self.ups(o)))

    def content(self) -> None:
        said: dict[int, Any] = {}
        score: dict[int, int] = {}
        for one in self.mine:
            for event in one["events"]:
                if event["kind"] != "outcome":
                    continue
                if event["data"].get("accepted") is not None:
                    said[one["id"]] = event["data"]["accepted"]
                if event["data"].get("satisfaction"):
                    score[one["id"]] = event["data"]["satisfaction"]
        self.put("satisfaction.asked", map(self.by_id.__getitem__, said))
        self.put("satisfaction.accepted", (self.by_id[i] for i, yes in said.items() if yes))
        self.put("satisfaction.refused", (self.by_id[i] for i, yes in said.items() if not yes))
        self.rate("satisfaction.rate", "satisfaction.accepted", "satisfaction.asked")
        ids = sorted(self.by_id[i]["ticket_id"] for i in score)
        self.told["satisfaction.score"] = sum(score.values()) / len(score), ids

    def measures(self) -> None:
        for row in self.session.execute(text("SELECT * FROM items WHERE effective_on IS NOT NULL")):
            change = date.fromisoformat(row.effective_on)
            own = [o for o in self.every if o["line"] == row.line]
            code, below = f"measure.{row.id}", []
            sums: dict[str, list[Ticket]] = {"before": [], "after": []}
            weeks: dict[str, list[list[Ticket]]] = {"before": [], "after": []}
            for number in range(-12, 100):
                first = change + timedelta(weeks=number)
                if first + timedelta(days=6) > self.until:
                    break
                some = [o for o in own if timedelta(0) <= o["day"] - first < timedelta(days=7)]
                self.put(f"{code}.week.{first}", some)
                side = "before" if number < 0 else "after"
                sums[side] += some
                weeks[side].append(some)
            for side, some in sums.items():
                self.put(f"{code}.{side}", some)
                size = len(weeks[side])
                ids = self.told[f"{code}.{side}"][1]
                self.told[f"{code}.{side}_mean"] = (len(some) / size if size else None), ids
            mean = len(sums["before"]) / 12
            below = [w for w in weeks["after"] if len(w) < max(0.0, mean - 3 * mean**0.5)]
            above = [w for w in weeks["after"] if len(w) > mean + 3 * mean**0.5]
            signs = "".join("-" if len(w) < mean else "+" for w in weeks["after"])
            size = max(map(len, signs.split("+")))
            place = signs.find("-" * size)
            run = weeks["after"][place : place + size] if size else []
            for end, some in (("weeks_below", below), ("weeks_above", above), ("run_below", run)):
                ids = sorted(o["ticket_id"] for week in some for o in week)
                self.told[f"{code}.{end}"] = len(some), ids

    def grade(self) -> None:
        mine = self.mine
        up = self.put("grade.escalated", (o for o in mine if "escalated" in o["flags"]))
        self.rate("grade.escalated_rate", "grade.escalated", "volume.all")
        grave = self.put("grade.petition", (o for o in mine if "petition_grade" in o["flags"]))
        self.put("grade.repeat", (o for o in grave if "repeat" in o["flags"]))
        self.put("grade.difficult", (o for o in grave if "difficult" in o["flags"]))
        self.put("grade.media", (o for o in mine if "media_watch" in o["flags"]))
        self.put("grade.below", (o for o in up if o["owner_level"] in ("outlet", "sub_branch")))
        moves: dict[int, str] = {}
        for one in up:
            moved = [(e["at"], n, e["data"]) for n, e in enumerate(one["events"])]
            moved = [each for each in moved if "to_level" in each[2]]
            if moved:
                moves[one["id"]] = max(moved, key=lambda each: each[:2])[2]["to_level"]
        self.put("grade.changed", (o for o in up if o["id"] in moves))
        self.split("grade.to", up, lambda o: moves.get(o["id"]))
        self.put("grade.notice", (o for o in mine if self.duty(o, "petition_notice")))
        for state in ("met", "missed", "open"):
            some = [o for o in mine if state in self.duty(o, "petition_notice")]
            self.put(f"grade.notice_{state}", some)

    @staticmethod
    def duty(one: Ticket, code: str) -> list[str]:
        return [d["state"] for d in one["duties"] if d["code"] == code]

    def staff(self) -> None:
        hard = [o for o in self.mine if "violence" in {s["code"] for s in o["first"]["signals"]}]
        self.put("staff.violence", hard)
        self.put("staff.in_person", (o for o in hard if o["channel"] in ("branch", "petition")))
        self.put("staff.crowd", (o for o in self.mine if (o["group_size"] or 0) > 9))
        rows = self.session.execute(text("SELECT tickets FROM items WHERE kind = 'staff_care'"))
        cared = {ident for row in rows for ident in json.loads(row.tickets)}
        self.put("staff.uncared", (o for o in hard if o["ticket_id"] not in cared))
        self.split("staff.unit", hard, lambda o: o["unit"])

    def risk(self) -> None:
        mine = self.mine
        for band in ("high", "medium", "low"):
            own = [o for o in mine if o["first"]["escalation"]["band"] == band]
            self.put(f"risk.band.{band}", own)
            self.put(f"risk.escalated.{band}", (o for o in own if self.ups(o)))
            self.rate(f"risk.escalated.{band}.rate", f"risk.escalated.{band}", f"risk.band.{band}")
        self.put("risk.scored", mine)
        self.put("risk.escalated", (o for o in mine if self.ups(o)))
        ranked = sorted(mine, key=lambda o: (o["first"]["escalation"]["probability"], -o["id"]))
        tenth = (len(mine) + 9) // 10
        self.put("risk.top_escalated", (o for o in ranked[::-1][:tenth] if self.ups(o)))
        self.rate("risk.recall", "risk.top_escalated", "risk.escalated")

    def accountable(self) -> None:
        def who(one: Ticket) -> str | None:
            found: str | None = (one["last"].get("owner") or {}).get("accountable")
            return found

        over = ("replied", "closed", "withdrawn")
        for name in {who(o) for o in self.mine} - {None}:
            own = [o for o in self.mine if who(o) == name]
            columns = {
                "tickets": own,
                "open": [o for o in own if o["state"] not in over],
                "missed": [o for o in own if any(d["state"] == "missed" for d in o["duties"])],
                "regulator": [o for o in own if str(o["channel"]).startswith("regulator")],
                "repeats": [o for o in own if o["links"]],
                "escalated": [o for o in own if self.ups(o)],
            }
            for code, some in columns.items():
                self.put(f"accountable.{name}.{code}", some)

    def errors(self) -> None:
        cause: dict[int, str] = {}
        for one in self.mine:
            for event in one["events"]:
                if event["data"].get("root_cause"):
                    cause[one["id"]] = event["data"]["root_cause"]
        told = self.put("error.told", (o for o in self.mine if o["id"] in cause))
        simple = self.put("error.simple", (o for o in told if cause[o["id"]] == "simple_error"))
        self.rate("error.simple_rate", "error.simple", "error.told")
        self.shares(self.split("error.cause", told, lambda o: cause[o["id"]]), "error.told")
        self.split("error.line", simple, self.line)
        self.split("error.unit", simple, lambda o: o["owner_unit"])
        rows = list(self.session.execute(text("SELECT id, line FROM items WHERE kind='training'")))
        alive = {i for n in ("open", "closed") for i in self.told[f"item.training.{n}"][1]}
        for line in {self.line(o) for o in told}:
            for what in ("simple_error", "process", "disclosure"):
                own = [o for o in told if self.line(o) == line and cause[o["id"]] == what]
                if len(own) >= 3:
                    self.put(f"topic.{line}.{what}", own)
                    ids = [f"item:{row.id}" for row in rows if row.line == line]
                    ids = sorted(set(ids) & alive)
                    self.told[f"topic.{line}.{what}.items"] = len(ids), ids

    def checks(self) -> None:
        mine = self.mine
        done = [o for o in mine if o["state"] in ("replied", "closed")]
        self.put("check.uncontacted", (o for o in done if not self.spoken(o)))
        self.put("check.missed", (o for o in done if "missed" in [d["state"] for d in o["duties"]]))

        def kinds(one: Ticket) -> set[str]:
            return {e["kind"] for e in one["events"]}

        def pleased(one: Ticket) -> bool:
            told = [e["data"] for e in one["events"] if e["kind"] == "outcome"]
            return any(t.get("accepted") is True or t.get("satisfaction") in (4, 5) for t in told)

        self.put("check.pleased", (o for o in mine if pleased(o) and not self.spoken(o)))
        self.put("check.reopened", (o for o in mine if "reopened" in kinds(o)))
        gone = self.put("check.withdrawn", (o for o in mine if "withdrawal" in kinds(o)))
        self.put("check.withdrawn_escalated", (o for o in gone if self.ups(o)))
        self.put("check.drawn", (o for o in mine if o["drawn"]))
        read = self.put("check.verdicts", (o for o in mine if o["said"]))
        wrong = self.put("check.corrected", (o for o in read if not o["said"][-1]))
        self.put("check.read", (o for o in read if o["drawn"]))
        self.put("check.wrong", (o for o in wrong if o["drawn"]))
        self.rate("check.wrong_rate", "check.wrong", "check.read")

    def targets(self) -> None:
        """Each month is its part of what the whole period has: of tickets, and of their whole."""
        shares = {
            "regulator.same_day_rate": "regulator.all",
            "regulator.conversion_rate": "regulator.guided",
            "time.on_time_rate": "time.due",
            "repeat.any_rate": "volume.all",
            "escalation.rate": "volume.all",
            "satisfaction.rate": "satisfaction.asked",
        }
        month = {o["ticket_id"]: str(o["day"])[:7] for o in self.mine}
        for name in set(month.values()):
            for code in (*shares, "outlet.leaks", "transfer.often"):
                ids = [i for i in self.told[code][1] if month[i] == name]
                value: float | None = len(ids)
                if code in shares:
                    whole = [i for i in self.told[shares[code]][1] if month[i] == name]
                    value = len(ids) / len(whole) if whole else None
                self.told[f"target.{code}.{name}"] = value, ids

    def items(self) -> None:
        start = datetime(self.since.year, self.since.month, self.since.day, tzinfo=CN)
        after = self.until + timedelta(days=1)
        end = datetime(after.year, after.month, after.day, tzinfo=CN)
        rows = list(self.session.execute(text("SELECT * FROM items")))
        for kind in (
            *("rectification", "supervision", "training"),
            *("hazard", "accountability", "staff_care", "hearing", "review"),
        ):
            found: dict[str, list[str]] = {"opened": [], "closed": [], "open": [], "overdue": []}
            for row in rows:
                opened, closed = _known(_at(row.opened_at)), _at(row.closed_at)
                if row.kind != kind or opened >= end or (closed and closed < start):
                    continue
                done = closed is not None and closed < end
                found["closed" if done else "open"].append(f"item:{row.id}")
                if opened >= start:
                    found["opened"].append(f"item:{row.id}")
                if not done and date.fromisoformat(row.due_on) < self.now.astimezone(CN).date():
                    found["overdue"].append(f"item:{row.id}")
            for name, ids in found.items():
                self.told[f"item.{kind}.{name}"] = len(ids), sorted(ids)

    def alerts(self) -> None:
        rows = list(self.session.execute(text("SELECT * FROM alerts")))
        mine = [
            row
            for row in rows
            if self.since <= _known(_at(row.approved_at)).astimezone(CN).date() <= self.until
        ]
        picked = {ident for row in mine for ident in json.loads(row.typical)}
        self.told["alert.approved"] = len(mine), sorted(f"alert:{row.id}" for row in mine)
        sent = list(self.session.execute(text("SELECT * FROM alert_receipts")))
        for code, some in (
            ("sent", {row.alert_id for row in sent}),
            ("unread", {row.alert_id for row in sent if row.read_at is None}),
        ):
            idents = sorted(f"alert:{row.id}" for row in mine if row.id in some)
            self.told[f"alert.{code}"] = len(idents), idents
        self.told["alert.typical"] = len(picked), sorted(picked)


def _known(at: datetime | None) -> datetime:
    assert at is not None
    return at
