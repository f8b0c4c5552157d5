"""The comparison as a page and a plot: `comparison.md` and `comparison.svg`."""

import os
import platform
from importlib.metadata import version
from textwrap import fill

from benchmarks.comparison import BASE, JIESU, LINES, MLFLOW, SERVE
from benchmarks.comparison_plot import Panel, draw
from benchmarks.rivals import FastText, Textcat
from benchmarks.running import CALL

MEGABYTE = 1_000_000
_WIDTH = 100
ORDER = (JIESU, LINES, SERVE, MLFLOW, BASE, FastText.name, Textcat.name)
OURS = {JIESU, LINES, SERVE}
ANSWERS = {
    JIESU: "everything",
    LINES: "lines",
    SERVE: "everything, HTTP",
    MLFLOW: "everything, HTTP",
}
_LIBRARIES = ("scikit-learn", "jieba", "fasttext-numpy2", "spacy", "mlflow", "numpy")

_HEAD = """# jiesu beside what else one would use

![The comparison](comparison.svg)
"""
_REAL = (
    "{titles}: rows on which two annotators agreed, from outside the project, never trained on, but"
    " jiesu's recipe was chosen on such."
)
_INTRODUCED = (
    "Written by `{command}`{quick} on {machine}.",
    "All were trained in that run on the same {rows:,} rows of `data/corpus` and judged on the same"
    " rows (jiesu's recipe too: the copies with an introduction that `jiesu train` adds are left"
    " out), here without abstaining: accuracy and macro-F1 (lines with five or more rows) of"
    " business lines. {real} *Corpus, held out* is a fifth of the authored corpus, whole groups, on"
    " which those judged there were not trained: accuracy on authored text, not real-world"
    " accuracy.",
)
_NOTES = (
    '*Answers*: "lines" is the business line alone; "everything" masks personal data and gives'
    " line, nature, signals, escalation, reasons and duties. The others mask nothing.",
    "*Rows a second*: the same {batch:,} rows, one process, the median of {repeats} turns, and how"
    " many times as fast as {base}. jiesu reads a file and writes one, the others are handed the"
    " texts; the two servers were asked over HTTP, {call} narratives a call.",
    "*One narrative*: {singles} narratives, one after another, in process or over a kept"
    " connection.",
    "*First answer*: from the start of a fresh process to its first answer, the median of {starts};"
    " the files had been read before. The very first start of a registered model, which compiles"
    " the code that came with it, took {first:.0f} s.",
    "*Memory*: the most that was resident of that process after all the work (`{mlflow}` has two:"
    " their sum).",
    "*Installed*: the files of the distributions one asks for ({base}: `pip install jieba"
    " scikit-learn`) and of all that they need, without compiled bytecode.",
    "{same}",
    "fastText has the settings its tutorial ends with, spaCy the bag of words of its quickstart in"
    " a blank Chinese pipeline, both over jieba's words; {base} has every setting at its default."
    " Settings were searched for with jiesu's recipe alone, see [experiments.md](experiments.md).",
)
_VERSIONS = "Figures of a machine do not carry over, ratios do. Versions: {versions}."


def write(figures, folder, *, size, rows, command, quick):
    """Write the page and the plot; gives their paths."""
    page, plot = folder / "comparison.md", folder / "comparison.svg"
    folder.mkdir(parents=True, exist_ok=True)
    told = _told(figures, size, rows, command, quick)
    blocks = [_HEAD.rstrip(), *(_wrapped(text, told) for text in _INTRODUCED)]
    notes = "\n".join(_wrapped(f"- {note}", told, indent="  ") for note in _NOTES)
    blocks += [_quality(figures), _speed(figures), notes, _wrapped(_VERSIONS, told)]
    page.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    plot.write_text(_plot(figures), encoding="utf-8")
    return page, plot


def _wrapped(text, told, indent=""):
    how = {"break_long_words": False, "break_on_hyphens": False, "subsequent_indent": indent}
    return fill(text.format(**told), _WIDTH, **how)


def _told(figures, size, rows, command, quick):
    sets = [title for title in figures[BASE].quality if not title.startswith("corpus")]
    titles = " and ".join(f"*{title}*" for title in sets)
    return {
        "command": command,
        "quick": " (a small trial: these figures say nothing)" if quick else "",
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "rows": rows,
        "real": _REAL.format(titles=titles) if sets else "",
        "batch": size.batch,
        "repeats": size.repeats,
        "singles": size.singles,
        "starts": size.starts,
        "base": BASE,
        "call": CALL,
        "mlflow": MLFLOW,
        "first": figures[MLFLOW].first_start,
        "same": _same(figures),
        "versions": ", ".join(f"{name} {version(name)}" for name in _LIBRARIES),
    }


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _quality(figures):
    names = [JIESU, BASE, FastText.name, Textcat.name]
    titles = list(figures[JIESU].quality)
    shown = {JIESU: "jiesu"}
    rows = [
        [
            shown.get(name, name),
            *("{:.3f}, {:.3f}".format(*figures[name].quality[t]) for t in titles),
        ]
        for name in names
    ]
    return _table(["", *titles], rows)


def _speed(figures):
    base = figures[BASE]
    head = ["", "answers", "rows a second", "one narrative: median, p99", "first answer"]
    rows = []
    for name in ORDER:
        one = figures[name]
        ratio = one.rows_per_second / base.rows_per_second
        single = base.median_us / one.median_us
        rows.append(
            [
                f"`{name}`" if name in ANSWERS else name,
                ANSWERS.get(name, "lines"),
                f"{one.rows_per_second:,.0f} ({ratio:.2f} x)",
                f"{one.median_us / 1e3:.2f} ms ({single:.2f} x), {one.p99_us / 1e3:.2f} ms",
                f"{one.start:.1f} s",
                f"{one.peak / MEGABYTE:,.0f} MB",
                f"{one.installed / MEGABYTE:,.0f} MB",
            ]
        )
    return _table([*head, "memory", "installed"], rows)


def _same(figures):
    ours = figures[JIESU].lines
    shares = {
        name: sum(a == b for a, b in zip(ours, figures[name].lines, strict=True))
        for name in (SERVE, MLFLOW)
    }
    told = ", ".join(f"`{name}` in {n} of {len(ours)}" for name, n in shares.items())
    return f"The servers give the lines that `{JIESU}` gives: {told}."


def _plot(figures):
    base = figures[BASE]
    each = {name: figures[name] for name in ORDER}

    def panel(title, sub, value, told):
        return Panel(title, sub, {name: value(one) for name, one in each.items()}, told)

    panels = [
        *(
            panel("准确率 accuracy", title, lambda f, t=title: f.quality[t][0], "{:.3f}".format)
            for title in base.quality
        ),
        panel(
            "批量 batch",
            "rows/s, more is better",
            lambda f: f.rows_per_second / base.rows_per_second,
            "{:.1f} ×".format,
        ),
        panel(
            "单条 one narrative",
            "median, less is better",
            lambda f: f.median_us / 1e3,
            "{:.2f} ms".format,
        ),
        panel("启动 first answer", "less is better", lambda f: f.start, "{:.1f} s".format),
        panel("内存 memory", "less is better", lambda f: f.peak / MEGABYTE, "{:.0f} MB".format),
        panel(
            "安装 installed", "less is better", lambda f: f.installed / MEGABYTE, "{:.0f} MB".format
        ),
    ]
    names = {name: name in OURS for name in ORDER}
    return draw(
        panels,
        names,
        title="jiesu beside jieba + scikit-learn, fastText, spaCy and mlflow models serve",
        foot="blue: jiesu. jiesu and mlflow (the same model) mask, find signals, risk, reasons and"
        " duties; --only lines and the others give the business line alone.",
    )
