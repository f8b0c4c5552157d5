"""Write data/masking/words.txt and after.txt: everyday words near surnames, and any at all.

    python -m benchmarks.masking_words

The first keep 客户方面 and 基金经理 from being read as names; the second, the frequent words of
two characters, tell where a name ends (客服韩寒|态度差). The source is the dictionary that
comes with jieba (MIT licence); words it tags as personal names are left out, and traditional
forms are added.
"""

from __future__ import annotations

from importlib.resources import files
from textwrap import fill

import opencc
import yaml

from triage.config import data_dir

LEAST_FREQUENCY = {2: 20, 3: 20}
FREQUENT = 800
HEAD = "# Made by python -m benchmarks.masking_words from the dictionary of jieba 0.42.1 (MIT).\n"


def words() -> tuple[list[str], list[str]]:
    """Read the dictionary: what can be mistaken for a name, and what often follows one."""
    folder = data_dir() / "masking"
    names = yaml.safe_load((folder / "names.yaml").read_text(encoding="utf-8"))
    surnames = set(names["surnames"] + names["weak_surnames"]) - {" "}
    people = set(names["name_words"])
    kept, frequent = set(), set()
    source = files("jieba").joinpath("dict.txt").read_text(encoding="utf-8")
    for row in source.splitlines():
        word, frequency, tag = row.split()
        if int(frequency) < LEAST_FREQUENCY.get(len(word), 10**9) or tag.startswith("nr"):
            continue
        if word[0] in surnames or (len(word) == 2 and word[1] in surnames):
            kept.add(word)
        if len(word) == 2 and int(frequency) >= FREQUENT:
            frequent.add(word)
    traditional = opencc.OpenCC("s2t").convert
    kept -= people
    return sorted(kept | set(map(traditional, kept))), sorted(
        frequent | set(map(traditional, frequent))
    )


def main() -> None:
    """Write the files."""
    for name, found in zip(("words.txt", "after.txt"), words(), strict=True):
        path = data_dir() / "masking" / name
        path.write_text(HEAD + fill(" ".join(found), 120) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
