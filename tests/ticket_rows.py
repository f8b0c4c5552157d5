"""Small labelled rows and readings for the tests of simulation and risk."""

import random

from training.corpus import LabelledRow, Mark
from triage.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()
REGISTERS = ("phone_note", "chat", "letter", "app_review", "referral", "post")


def make_rows(count=720, seed=3):
    """Rows over all leaves; a third carries signals."""
    luck = random.Random(seed)
    rows = []
    for number in range(count):
        codes = luck.sample(TAXONOMY.signal_codes, luck.choice((0, 0, 1, 1, 2)))
        text = f"第{number}件：" + "，".join(codes or ["普通来诉"])
        marks = tuple(Mark(code, text.index(code), text.index(code) + len(code)) for code in codes)
        rows.append(
            LabelledRow(
                id=f"r-{number}",
                text=text,
                leaf=TAXONOMY.leaves[number % len(TAXONOMY.leaves)],
                nature=luck.choice(("complaint", "complaint", "help", "inquiry")),
                signals=marks,
                register=luck.choice(REGISTERS),
                group=f"g-{number // 2 if number % 3 else number}",
            )
        )
    return rows
