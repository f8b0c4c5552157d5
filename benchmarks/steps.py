"""Where the time of `--only lines` goes, step by step: `python -m benchmarks.steps`.

Each step in hundredths of what `jieba.lcut` takes for the same texts in the same run, so that
figures of two machines, or of two commits, can be held beside each other.
"""

import random
import statistics
from time import process_time

import jieba
import numpy as np

from service.collector import settle
from service.models import find_model
from training.corpus import load_corpus
from triage.classifier import work_room
from triage.engine import Engine
from triage.features import encode
from triage.kernels.grams import weigh
from triage.masking.mask import mask_many
from triage.normalize import normalize_many
from triage.taxonomy import load_taxonomy

ROWS, PART, ROUNDS, CUT = 6000, 400, 3, 40


def main():
    engine = Engine.load(find_model(None))
    engine.warm()
    settle()
    jieba.setLogLevel(60)
    texts = [row.text for row in load_corpus(load_taxonomy())]
    random.Random(1).shuffle(texts)
    parts = [texts[at : at + PART] for at in range(0, ROWS, PART)]
    shares = {}
    for turn in range(ROUNDS + 1):
        for part in parts:
            unit = taken(lambda part=part: [jieba.lcut(text) for text in part[:CUT]])
            unit *= sum(map(len, part)) / sum(map(len, part[:CUT]))
            for name, work in steps(engine, part).items():
                if turn:  # the first turn warms everybody up
                    shares.setdefault(name, []).append(100 * taken(work) / unit)
    for name, found in shares.items():
        print(f"{name:<20} {statistics.median(found):6.2f} % of jieba.lcut")


def taken(work):
    start = process_time()
    work()
    return process_time() - start


def steps(engine, part):
    """The steps over one part, each with its input ready."""
    reading = engine.read.batch(part)
    coded = encode(reading.bare, reading.words.sizes, reading.words.bounds)
    found = {
        "mask": lambda: mask_many(part),
        "normalise": lambda: normalize_many([each.text for each in reading.masked]),
        "cut": lambda: engine.read.segmenter.cut_many(reading.points),
        "concepts": lambda: engine.read.finder.hits(reading.bare),
    }
    for number, block in enumerate(engine.classifier.blocks):
        found[f"find {number} {block.kind}"] = finding(block, coded, reading)
        found[f"weigh {number} {block.kind}"] = weighing(engine, block, coded, reading)
    found["read"] = lambda: engine.read.batch(part)
    found["score"] = lambda: engine.classifier.score(reading)
    found["lines"] = lambda: list(engine.lines(part))
    return found


def finding(block, coded, reading):
    return lambda: block.block.occurrences(coded, reading.concepts)


def weighing(engine, block, coded, reading):
    seen, rows = block.block.occurrences(coded, reading.concepts), block.rows
    room, shares = work_room(seen, rows.shape[1]), np.empty(len(seen.features))
    totals = np.zeros((len(coded.begins), engine.classifier.bias.size))
    given = seen.bounds, seen.features, rows.ravel(), rows.shape[1]
    return lambda: weigh(*given, shares, totals, room)


if __name__ == "__main__":
    main()
