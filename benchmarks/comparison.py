"""`python -m benchmarks` (`make bench`): jiesu beside what else one would use, on the same rows.

jieba + scikit-learn as everybody writes it, fastText, spaCy's textcat, `mlflow models serve`: each
for quality, batch throughput, latency of one narrative, start, memory and size of its installation.
All are trained in this run on the same corpus rows; for what jiesu is asked beyond quality the
model of --model answers. Each contender is a process of its own; they take turns, so that a busy
machine disturbs all of them alike.
"""

import statistics
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

from benchmarks import quality
from benchmarks.install_size import installed_bytes
from benchmarks.rivals import FastText, JiebaLogistic, Textcat
from benchmarks.running import JiesuServe, MlflowServe, Piped, register
from benchmarks.speed import write_rows
from training.train import load_recipe
from triage.evaluation import accuracy, macro_f1

JIESU, LINES = "jiesu score", "jiesu score --only lines"
SERVE, MLFLOW = "jiesu serve", "mlflow models serve"
BASE = JiebaLogistic.name
# What `pip install` would be asked for.
ASKED = {
    JIESU: ["jiesu[serve]"],
    LINES: ["jiesu[serve]"],
    SERVE: ["jiesu[serve]"],
    MLFLOW: ["jiesu", "mlflow"],
    BASE: ["jieba", "scikit-learn"],
    FastText.name: ["fasttext-numpy2", "jieba"],
    Textcat.name: ["jieba", "spacy"],
}
WARM, ROUND = 20, 40


@dataclass(frozen=True)
class Size:
    """How much is done."""

    train: int | None
    epochs: int
    batch: int
    repeats: int
    singles: int
    starts: int

    @classmethod
    def full(cls, *, batch, repeats):
        return cls(None, 10, batch, repeats, 400, 3)

    @classmethod
    def quick(cls):
        return cls(800, 2, 600, 1, 40, 1)


@dataclass
class Figures:
    """What was measured of one contender; times in seconds, sizes in bytes."""

    quality: dict = field(default_factory=dict)
    starts: list = field(default_factory=list)
    batches: list = field(default_factory=list)
    singles: list = field(default_factory=list)
    lines: list = field(default_factory=list)
    rows: int = 0
    peak: int = 0
    installed: int = 0
    first_start: float | None = None

    @property
    def start(self):
        return statistics.median(self.starts)

    @property
    def rows_per_second(self):
        return self.rows / statistics.median(self.batches)

    @property
    def median_us(self):
        return statistics.median(self.singles)

    @property
    def p99_us(self):
        return sorted(self.singles)[len(self.singles) * 99 // 100]


def judge(rows, sets, recipe_name, size, figures):
    """Train each on the same rows and judge it; gives those trained on all rows, to be timed."""
    recipe = load_recipe(recipe_name)
    makers = {
        BASE: (JiebaLogistic, "line"),
        FastText.name: (FastText, "line"),
        Textcat.name: (lambda: Textcat(size.epochs), "line"),
        JIESU: (lambda: quality.Ours(recipe), "leaf"),
    }
    train, test = quality.folds(rows)[0]
    held = [rows[i] for i in test]
    kept = {}
    for name, (make, label) in makers.items():
        began = perf_counter()
        part = quality.fitted(make, label, [rows[i] for i in train])
        asked = {"corpus, held out": (part, [r.text for r in held], [r.line for r in held])}
        kept[name] = quality.fitted(make, label, rows)
        asked |= {title: (kept[name], *pair) for title, pair in sets.items()}
        for title, (model, texts, truth) in asked.items():
            said = model.predict(texts)
            f1 = macro_f1(truth, said, at_least=quality.LEAST_ROWS)
            figures[name].quality[f"{title} ({len(truth)})"] = accuracy(truth, said), f1
        told = ", ".join(f"{a:.3f}" for a, _ in figures[name].quality.values())
        print(f"  {name}: trained twice and judged in {perf_counter() - began:.0f} s: {told}")
    for name in (LINES, SERVE, MLFLOW):
        figures[name].quality = figures[JIESU].quality
    return kept


def processes(kept, model, folder):
    """Give name -> contender that can be started."""
    kinds = {BASE: "jieba_logistic", FastText.name: "fasttext", Textcat.name: "textcat"}
    found = {}
    for name, kind in kinds.items():
        place = folder / kind
        place.mkdir()
        kept[name].save(place)
        found[name] = Piped(kind, place)
    found[JIESU], found[LINES] = Piped("jiesu", model), Piped("jiesu_lines", model)
    for name in ("serve", "mlflow"):
        (folder / name).mkdir()
    found[SERVE] = JiesuServe(model, folder / "serve")
    store = register(model, folder / "mlflow")
    found[MLFLOW] = MlflowServe(store, folder / "mlflow.log")
    return found


def start_all(found, size, texts, figures, stack):
    """Start each so often, in turn; the last process of each stays."""
    # A registered model brings a copy of the code, compiled when it is started for the first time.
    figures[MLFLOW].first_start = found[MLFLOW].start(texts[0])
    found[MLFLOW].stop()
    for turn in range(size.starts):
        for name, contender in found.items():
            figures[name].starts.append(contender.start(texts[0]))
            if turn == size.starts - 1:
                stack.callback(contender.stop)
            else:
                contender.stop()


def time_all(found, size, texts, folder, figures):
    """One narrative after another, then whole files, in turn; memory at the end."""
    for name, contender in found.items():
        contender.single(texts[:WARM])
        figures[name].rows = size.batch
    asked = list(islice(cycle(texts[WARM:]), size.singles))
    for at in range(0, len(asked), ROUND):
        for name, contender in found.items():
            taken, lines = contender.single(asked[at : at + ROUND])
            figures[name].singles += taken
            figures[name].lines += lines
    source = folder / "rows.jsonl"
    write_rows(source, texts, rows=size.batch)
    for turn in range(size.repeats + 1):
        for name, contender in found.items():
            taken = contender.batch(source)
            if turn:  # the first turn warms everybody up
                figures[name].batches.append(taken)
    for name, contender in found.items():
        figures[name].peak = contender.peak()


def measure(rows, model, folder, *, real, recipe, size):
    """Measure everything; gives name -> Figures, jiesu first."""
    figures = {name: Figures(installed=installed_bytes(asked)) for name, asked in ASKED.items()}
    print(f"Quality: {len(rows)} corpus rows", flush=True)
    kept = judge(rows, quality.real_sets(real) if real else {}, recipe, size, figures)
    texts = [row.text for row in rows]
    with ExitStack() as stack:
        began = perf_counter()
        found = processes(kept, model, Path(folder))
        kept.clear()
        start_all(found, size, texts, figures, stack)
        print(f"Starts: {perf_counter() - began:.0f} s", flush=True)
        time_all(found, size, texts, Path(folder), figures)
        print(f"All: {perf_counter() - began:.0f} s after the training", flush=True)
    return figures
