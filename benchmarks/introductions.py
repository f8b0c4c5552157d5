"""How many answers move when a writer says who he is.

    python -m benchmarks.introductions --data FILE [--model FOLDER]

FILE holds labelled narratives (JSONL); those up to 160 characters are asked as they are, and again
with each of a few introductions in front that are not among those of training.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from service.models import find_model
from triage.engine import Engine

SHORT = 160
INTRODUCTIONS = (
    "我叫王小芳，",
    "我是张伟，电话13912345678。",
    "本人刘洋，身份证号110101199003070011，手机号13800138000，",
    "投诉人陈丽，联系方式15812345678，",
    "客户赵强来电，",
    "姓名孙梅，住郑州市中原区建设路12号，",
)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", help="folder or version; default: the champion")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.data.read_text("utf-8").splitlines()]
    rows = [r for r in rows if r.get("agreed", True) and len(r["text"]) <= SHORT]
    engine = Engine.load(find_model(arguments.model))
    wanted = np.array([row["line"] for row in rows])
    plain = said(engine, "", rows)
    print(f"{len(rows)} narratives, accuracy {(plain == wanted).mean():.3f}")
    for front in INTRODUCTIONS:
        found = said(engine, front, rows)
        right, moved = (found == wanted).mean(), (found != plain).sum()
        print(f"{front}  accuracy {right:.3f}, {moved} lines moved")


def said(engine, front, rows):
    leaves = [ranked for ranked, _, _ in engine.lines([front + row["text"] for row in rows])]
    return np.array([str(leaf) for leaf in leaves])


if __name__ == "__main__":
    main()
