"""The recipe on public benchmarks: `python -m benchmarks.public --folder FOLDER [--variants]`.

FOLDER holds chnsenticorp_{train,test}.jsonl, citizen_messages_topics.jsonl and
fake_base_station_sms.jsonl, each row with `text` and `label` (public sets that are not shipped).
Everything is retrained, nothing is tuned for a set.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import orjson
from sklearn.model_selection import StratifiedKFold

from benchmarks.rivals import FastText, JiebaLogistic
from benchmarks.variants import VARIANTS, Plain
from training.train import load_recipe
from triage.evaluation import accuracy, macro_f1
from triage.reading import TextReader

SPLITS = 5
FOLDED = {
    "citizen messages, 7 topics": "citizen_messages_topics.jsonl",
    "fake base station SMS, 14 kinds": "fake_base_station_sms.jsonl",
}
GOALS = {"ChnSentiCorp": (0.930, 0.945)} | dict.fromkeys(FOLDED, (0.920, 0.935))


def rows_of(path):
    rows = [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
    return [row["text"] for row in rows], [row["label"] for row in rows]


def sets_of(folder):
    """Give name -> (texts, labels, splits, measure)."""
    texts, labels = rows_of(folder / "chnsenticorp_train.jsonl")
    more, wanted = rows_of(folder / "chnsenticorp_test.jsonl")
    here = np.arange(len(texts))
    found = {
        "ChnSentiCorp": (
            texts + more,
            labels + wanted,
            [(here, len(texts) + np.arange(len(more)))],
            accuracy,
        )
    }
    for name, file in FOLDED.items():
        texts, labels = rows_of(folder / file)
        folds = StratifiedKFold(SPLITS, shuffle=True, random_state=20)
        found[name] = (texts, labels, list(folds.split(texts, labels)), macro_f1)
    return found


def score(make, inputs, labels, splits, measure):
    """Retrain on each split; the measure over all rows held out."""
    truth, said = [], []
    for train, test in splits:
        model = make().fit([inputs[i] for i in train], [labels[i] for i in train])
        truth += [labels[i] for i in test]
        said += model.predict([inputs[i] for i in test])
    return measure(truth, said)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--recipe", help="of data/recipes.yaml; default: the default one")
    parser.add_argument("--variants", action="store_true", help="what a changed recipe would give")
    parser.add_argument("--alone", action="store_true", help="without the rivals")
    parser.add_argument("--sets", nargs="+", choices=list(GOALS), help="default: all")
    arguments = parser.parse_args()
    recipe, read = load_recipe(arguments.recipe), TextReader()
    makers = {} if arguments.alone else {kind.name: kind for kind in (JiebaLogistic, FastText)}
    ours = {f"jiesu, recipe {recipe.name}": lambda: Plain(recipe, read)}
    if arguments.variants:
        for name, (kind, changes) in VARIANTS.items():
            changed = replace(recipe, **changes(recipe))
            ours[name] = lambda kind=kind, changed=changed: kind(changed, read)
    for name, (texts, labels, splits, measure) in sets_of(arguments.folder).items():
        if arguments.sets and name not in arguments.sets:
            continue
        floor, goal = GOALS[name]
        print(f"\n{name}: {len(texts)} rows, {measure.__name__}; floor {floor}, goal {goal}")
        for rival, make in makers.items():
            report(rival, make, texts, labels, splits, measure)
        documents = [read(text) for text in texts]
        for own, make in ours.items():
            report(own, make, documents, labels, splits, measure)


def report(name, make, inputs, *task):
    start = perf_counter()
    value = score(make, inputs, *task)
    print(f"  {name:<40} {value:.4f}  ({perf_counter() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
