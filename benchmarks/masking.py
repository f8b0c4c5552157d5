"""Recall, precision and speed of masking.

    python -m benchmarks.masking            # every part, per kind, and microseconds
    python -m benchmarks.masking --misses   # also the failures of all but the blind part

A value is recalled when every character of it is covered; a find is right when it meets an
authored span of its kind, wherever it ends; `exact` asks for the same ends too. The blind part was
written before the rules, and its failures are never printed. The late part holds awkward ways of
saying a value, and what only looks like them: written by the author of the rules, after them and
before they ran on it; what it showed was mended afterwards, so it is no blind figure.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from triage.masking.mask import Found, mask

CASES = Path(__file__).resolve().parent.parent / "tests" / "data" / "masking_cases.jsonl"
PARTS = ("tuned", "blind", "late")
PLAIN = (
    "我在你们银行办理了信用卡分期业务,当时说没有手续费,结果账单出来以后发现每个月都要收取高额的手续费,"
    "打电话过去也没有人处理,要求你们尽快退还并且给我一个合理的解释,我已经投诉多次都没有结果,希望领导重视。"
)
AMOUNTS = (
    "2023年8月4日我在贵行办理贷款15万元,分36期,年利率4.35%,客户经理说提前还款不收费,结果收了我2600元违约金,"
    "打95588投诉三次都没有结果,要求退还违约金并在15天内给我书面答复,否则打12378。"
)
PERSONAL = (
    "我叫王建国,身份证110105194912310021,手机13800001234,卡号6222020000000000123,住西安市雁塔区科技路18号,"
    "客户经理刘洋让我把验证码482913告诉他,卡里的五万块钱就没有了,要求赔偿。"
)


@dataclass(slots=True)
class Tally:
    """Counts per kind."""

    gold: Counter[str] = field(default_factory=Counter)
    recalled: Counter[str] = field(default_factory=Counter)
    exact: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of authored values that are covered whole."""
        return self.recalled.total() / max(1, self.gold.total())

    @property
    def precision(self) -> float:
        """Share of finds that meet an authored value of their kind."""
        return self.right.total() / max(1, self.found.total())


def load(part: str) -> list[dict[str, object]]:
    """Read one part of the cases: one of `PARTS`."""
    rows = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row.get("part", "tuned") == part]


def count(cases: list[dict[str, object]]) -> Tally:
    """Mask every case and compare."""
    tally = Tally()
    for case in cases:
        text, spans = str(case["text"]), case["spans"]
        assert isinstance(spans, list)
        found = mask(text).found
        covered = {i for f in found for i in range(f.start, f.end)}
        exact = {(f.start, f.end, f.kind) for f in found}
        bad = []
        for start, end, kind in spans:
            tally.gold[kind] += 1
            tally.recalled[kind] += covered.issuperset(range(start, end))
            tally.exact[kind] += (start, end, kind) in exact
            if not covered.issuperset(range(start, end)):
                bad.append(f"missed {kind} {text[start:end]!r}")
        for f in found:
            tally.found[f.kind] += 1
            tally.right[f.kind] += _meets(f, spans)
            if not _meets(f, spans):
                bad.append(f"wrong {f.kind} {text[f.start : f.end]!r}")
        if bad:
            tally.misses.append(f"{text!r}: {'; '.join(bad)}")
    return tally


def _meets(found: Found, spans: list[tuple[int, int, str]]) -> bool:
    return any(k == found.kind and s < found.end and found.start < e for s, e, k in spans)


def microseconds(text: str, *, rounds: int = 4000) -> float:
    """Time of one call, the best of five."""
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        for _ in range(rounds // 5):
            mask(text)
        best = min(best, (time.perf_counter() - begun) / (rounds // 5))
    return best * 1e6


def report(title: str, tally: Tally) -> None:
    """Print one part."""
    print(f"{title}: recall {tally.recall:.4f} ({tally.gold.total()} values)", end="  ")
    print(f"precision {tally.precision:.4f} ({tally.found.total()} finds)", end="  ")
    print(f"exact {tally.exact.total() / max(1, tally.gold.total()):.4f}")
    for kind in sorted(tally.gold | tally.found):
        gold, found = tally.gold[kind], tally.found[kind]
        print(
            f"  {kind:12s} {gold:4d} values  recall {tally.recalled[kind] / max(1, gold):.3f}"
            f"  exact {tally.exact[kind] / max(1, gold):.3f}"
            f"  precision {tally.right[kind] / max(1, found):.3f}"
        )


def main() -> None:
    """Print the figures."""
    for part in PARTS:
        tally = count(load(part))
        report(f"{part} part", tally)
        if "--misses" in sys.argv and part != "blind":
            print(*tally.misses, sep="\n")
    for title, text in (("plain", PLAIN), ("amounts and dates", AMOUNTS), ("personal", PERSONAL)):
        print(f"{title}: {len(text)} characters, {microseconds(text):.1f} microseconds")


if __name__ == "__main__":
    main()
