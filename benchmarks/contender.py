"""One contender in a process of its own, so that its start and its memory are its own.

`python -m benchmarks.contender KIND FOLDER` opens what lies in the folder, then answers each line
of JSON on standard input with one on standard output: `{"texts": [...]}` one narrative after
another (microseconds and lines), `{"batch": FILE}` all rows of a JSONL file (seconds). Nothing is
imported that the contender does not need.
"""

import sys
from itertools import chain
from pathlib import Path
from time import perf_counter

import orjson

_MOST = 20_000


def jieba_logistic(folder):
    import joblib

    model = joblib.load(folder / "model.joblib")
    return lambda texts: model.predict(texts).tolist()


def fasttext(folder):
    import fasttext as library

    from benchmarks.jieba_words import spaced

    model = library.load_model(str(folder / "model.bin"))
    labels = orjson.loads((folder / "labels.json").read_bytes())

    def predict(texts):
        said, _ = model.predict(list(map(spaced, texts)))
        return [labels[int(one[0].removeprefix("__label__"))] for one in said]

    return predict


def textcat(folder):
    import jieba
    import spacy

    jieba.setLogLevel(60)
    nlp = spacy.load(folder / "pipeline")
    return lambda texts: [max(doc.cats, key=doc.cats.get) for doc in nlp.pipe(texts)]


class Jiesu:
    """The engine as `jiesu score` uses it: rows of a file in, a file of answers out."""

    def __init__(self, folder, only=None):
        from service.collector import settle
        from triage.engine import Engine

        self.engine, self.only = Engine.load(folder), only
        self([""])
        settle()

    def __call__(self, texts):
        from triage.wire import assessment_json

        if self.only == "lines":
            return [line for line, *_ in self.engine.lines(texts)]
        return [assessment_json(answer)["line"] for answer in self.engine.assess(texts)]

    def batch(self, path):
        from service.scoring.outputs import json_line
        from service.scoring.parts import cut, read_part
        from service.scoring.rows import score_rows

        rows = chain.from_iterable(read_part(path, part) for part in cut(path))
        scored = score_rows(self.engine, rows, most_characters=_MOST, only=self.only)
        out = path.with_name(f"{path.stem}.{self.only or 'all'}.scored")
        with out.open("wb", buffering=1 << 20) as file:
            file.writelines(map(json_line, scored))
        out.unlink()


KINDS = {
    "jieba_logistic": jieba_logistic,
    "fasttext": fasttext,
    "textcat": textcat,
    "jiesu": Jiesu,
    "jiesu_lines": lambda folder: Jiesu(folder, only="lines"),
}


def one_by_one(predict, texts):
    taken, lines = [], []
    for text in texts:
        start = perf_counter()
        lines += predict([text])
        taken.append((perf_counter() - start) * 1e6)
    return {"us": taken, "lines": lines}


def batch(predict, path):
    whole = getattr(predict, "batch", None)
    if whole is None:
        # In favour of the others: neither reading nor writing is in their time.
        texts = [orjson.loads(line)["text"] for line in path.read_bytes().splitlines()]
        start = perf_counter()
        predict(texts)
    else:
        start = perf_counter()
        whole(path)
    return {"seconds": perf_counter() - start}


def main():
    kind, folder = sys.argv[1:]
    predict = KINDS[kind](Path(folder))
    for line in sys.stdin.buffer:
        asked = orjson.loads(line)
        if "texts" in asked:
            told = one_by_one(predict, asked["texts"])
        else:
            told = batch(predict, Path(asked["batch"]))
        sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
