"""Classes and reasons of JR/T 0169 counted again: every rule is held to every ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from governance_oracle_units import found as found_cause

from triage.config import data_dir

if TYPE_CHECKING:
    from governance_oracle import Oracle

Ticket = dict[str, Any]


def standard(oracle: Oracle) -> None:
    """Propose class and reason of each ticket, and count both and what they rest on."""
    raw = yaml.safe_load((data_dir() / "governance.yaml").read_text("utf-8"))["jrt0169"]
    lines = {line["code"]: line for line in oracle.raw["lines"]}
    kinds = {one["id"]: _business(one, raw, lines) for one in oracle.mine}
    reasons = {one["id"]: _reason(one, raw, lines) for one in oracle.mine}
    for code, named in (("class", kinds), ("reason", reasons)):
        groups = oracle.split(
            f"volume.{code}", oracle.mine, lambda o, named=named: named[o["id"]][0]
        )
        oracle.shares(groups, "volume.all")
        bases = ("record", "read", "line", "none") if code == "class" else (
            *("person", "read", "line", "none", "other"),
        )  # fmt: skip
        for basis in bases:
            own = [o for o in oracle.mine if named[o["id"]][1] == basis]
            oracle.put(f"volume.{code}_by.{basis}", own)
        oracle.shares([f"volume.{code}_by.{basis}" for basis in bases], "volume.all")
    for one in oracle.mine:
        one["reason"] = reasons[one["id"]][0]
    tops = oracle.split("volume.top", oracle.mine, lambda o: _top(kinds[o["id"]][0]))
    oracle.shares(tops, "volume.all")
    _products(oracle)
    oracle.put("volume.line_by.person", (o for o in oracle.mine if o["said"]))
    oracle.shares(["volume.line_by.person"], "volume.all")


def _products(oracle: Oracle) -> None:
    """What became of the tickets of each product, and the reason that most of them have."""
    for product in {o["product"] for o in (*oracle.mine, *oracle.past)}:
        own = [o for o in oracle.mine if o["product"] == product]
        code = f"product.{product or '未填产品'}"
        said = [
            [e["data"]["accepted"] for e in o["events"] if e["data"].get("accepted") is not None]
            for o in own
        ]
        columns = {
            "tickets": own,
            "before": [o for o in oracle.past if o["product"] == product],
            "repeats": [o for o in own if o["links"]],
            "regulator": [o for o in own if str(o["channel"]).startswith("regulator")],
            "escalated": [o for o in own if oracle.ups(o)],
            "refused": [o for o, told in zip(own, said, strict=True) if told and not told[-1]],
            "found": [
                o for o in own if found_cause(o) in ("product", "rules", "process", "disclosure")
            ],
        }
        for end, some in columns.items():
            oracle.put(f"{code}.{end}", some)
        oracle.rate(f"{code}.rate", f"{code}.escalated", f"{code}.tickets")
        oracle.put(f"{code}.reason", of_most(own))


def of_most(own: list[Ticket]) -> list[Ticket]:
    """Of some tickets those with the reason that most of them have."""
    names = [o["reason"] for o in own]
    sizes = {n: names.count(n) for n in names if n[:3] not in ("未对应", "不适用")}
    most = min((n for n in sizes if sizes[n] == max(sizes.values())), default="")
    return [o for o in own if o["reason"] == most]


def _line(one: Ticket) -> list[str]:
    """The leaf of a ticket and its line; nothing where the model abstained."""
    if one["abstained"] or not one["line"]:
        return []
    return [f"{one['line']}.{one['subline']}"] * bool(one["subline"]) + [one["line"]]


def _ruled(one: Ticket, rules: list[Any], key: str, there: set[str]) -> str | None:
    for code in _line(one):
        said = {r["is"] for r in rules if code in r["lines"] and there & set(r[key])}
        if said:
            return said.pop() if len(said) == 1 else None
    return None


def _homes(one: Ticket, lines: dict[str, Any]) -> tuple[list[str], list[str]]:
    if not _line(one):
        return [], []
    line = lines[one["line"]]
    subs = {each["code"]: each["jrt0169"] for each in line.get("sublines", [])}
    return subs.get(one["subline"]) or line["jrt0169"], line["jrt0169"]


def _business(one: Ticket, raw: Any, lines: dict[str, Any]) -> tuple[str, str]:
    words = [
        (word, subject)
        for subject, told in raw["subjects"].items()
        for word in told.get("words", [])
        if word in (one["product"] or "")
    ]
    inner = {w for w, _ in words for other, _ in words if w != other and w in other}
    recorded = {subject for word, subject in words if word not in inner}
    concepts = set(one["last"].get("concepts", []))
    if set(_line(one)) & set(raw["recorded_alone"]):
        concepts = set()
    read = {s for s, told in raw["subjects"].items() if concepts & set(told.get("read", []))}
    if len(recorded) == 1:
        name = _ruled(one, raw["by_subject"], "subjects", recorded)
        if name:
            return name, "record"
    name = _ruled(one, raw["by_subject"], "subjects", read)
    if name:
        return name, "read"
    own = [home for home in _homes(one, lines)[0] if "投诉原因" not in home]
    return (" / ".join(own), "line") if own else ("未对应", "none")


def _reason(one: Ticket, raw: Any, lines: dict[str, Any]) -> tuple[str, str]:
    cause = raw["by_cause"].get(found_cause(one))
    if cause:
        return cause, "person"
    if one["nature"] not in ("complaint", "help"):
        return "不适用（非投诉、求助）", "other"
    name = _ruled(one, raw["by_matter"], "read", set(one["last"].get("concepts", [])))
    if name:
        return name, "read"
    both = [h.split("·")[1] for homes in _homes(one, lines) for h in homes if "投诉原因" in h]
    return (" / ".join(sorted(set(both), key=both.index)), "line") if both else ("未对应", "none")


def _top(name: str) -> str:
    found = set()
    for home in name.split(" / "):
        parts = home.split("·")
        found.add("·".join(parts[:2]) if parts[0] == "银行卡" else parts[0])
    return found.pop() if len(found) == 1 else "涉及多个大类"
