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
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

from joblib import Parallel, delayed

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
# How the others are opened in a process of their own.
KINDS = {BASE: "jieba_logistic", FastText.name: "fasttext", Textcat.name: "textcat"}
WARM, ROUND = 20, 40
CORES = 2


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


@dataclass(frozen=True)
class Task:
    """One training: who, on which rows, asked for which lists of texts, kept where."""

    name: str
    rows: list
    asked: list
    place: Path | None = None


def trained(task, *, recipe, epochs):
    """Train; gives what is said of each list of texts, and the seconds."""
    makers = {
        BASE: (JiebaLogistic, "line"),
        FastText.name: (FastText, "line"),
        Textcat.name: (lambda: Textcat(epochs), "line"),
        JIESU: (lambda: quality.Ours(load_recipe(recipe)), "leaf"),
    }
    began = perf_counter()
    model = quality.fitted(*makers[task.name], task.rows)
    if task.place is not None:
        task.place.mkdir()
        model.save(task.place)
    return [model.predict(texts) for texts in task.asked], perf_counter() - began


def judge(rows, sets, figures, *, recipe, epochs, places):
    """Train each on the same rows and judge it; those that will be timed are kept in `places`."""
    train, test = quality.folds(rows)[0]
    part, held = [rows[i] for i in train], [rows[i] for i in test]
    truths = {f"{title} ({len(lines)})": lines for title, (_, lines) in sets.items()}
    truths[f"corpus, held out ({len(held)})"] = [row.line for row in held]
    names = [JIESU, *places]
    # All of the corpus first, then a part of it: as in `truths`.
    tasks = [
        Task(name, rows, [texts for texts, _ in sets.values()], places.get(name))
        for name in names
        if sets or name in places
    ]
    tasks += [Task(name, part, [[row.text for row in held]]) for name in names]
    # Nothing is timed here, so both cores may work.
    work = delayed(partial(trained, recipe=recipe, epochs=epochs))
    done = Parallel(CORES)(map(work, tasks))
    for name in names:
        mine = [told for task, told in zip(tasks, done, strict=True) if task.name == name]
        said = [answers for answered, _ in mine for answers in answered]
        for (title, truth), answers in zip(truths.items(), said, strict=True):
            f1 = macro_f1(truth, answers, at_least=quality.LEAST_ROWS)
            figures[name].quality[title] = accuracy(truth, answers), f1
        told = ", ".join(f"{share:.3f}" for share, _ in figures[name].quality.values())
        seconds = " and ".join(f"{seconds:.0f}" for _, seconds in mine)
        print(f"  {name}: trained and judged in {seconds} s: {told}", flush=True)
    for name in (LINES, SERVE, MLFLOW):
        figures[name].quality = figures[JIESU].quality


def processes(places, model, folder):
    """Give name -> contender that can be started."""
    found = {name: Piped(place.name, place) for name, place in places.items()}
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
    began = perf_counter()
    folder, texts = Path(folder), [row.text for row in rows]
    places = {name: folder / kind for name, kind in KINDS.items()}
    print(f"Quality: {len(rows)} corpus rows", flush=True)
    sets = quality.real_sets(real) if real else {}
    judge(rows, sets, figures, recipe=recipe, epochs=size.epochs, places=places)
    print(f"Trained and judged after {perf_counter() - began:.0f} s", flush=True)
    with ExitStack() as stack:
        found = processes(places, model, folder)
        start_all(found, size, texts, figures, stack)
        print(f"Started after {perf_counter() - began:.0f} s", flush=True)
        time_all(found, size, texts, folder, figures)
        print(f"All done after {perf_counter() - began:.0f} s", flush=True)
    return figures
