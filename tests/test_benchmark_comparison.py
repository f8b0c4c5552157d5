"""The comparison of `make bench`: its page and plot, its processes, its sizes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from benchmarks import comparison, comparison_page
from benchmarks.comparison import MLFLOW, Figures, Size
from benchmarks.contender import KINDS
from benchmarks.install_size import closure, folder_bytes, installed_bytes
from benchmarks.nightly import halves, joined, write_night
from benchmarks.rivals import FastText, JiebaLogistic, Textcat
from benchmarks.running import Piped
from training.corpus import LabelledRow

ROWS = 120


def figures() -> dict[str, Figures]:
    found = {name: Figures() for name in comparison.ASKED}
    for place, one in enumerate(found.values(), start=1):
        one.quality = {"corpus, held out (24)": (0.5, 0.4), "real & short (2)": (place / 10, 0.25)}
        one.starts, one.batches, one.singles = [3.0, 1.0, 2.0], [2.0], [100.0 * place] * 10
        one.rows, one.peak, one.installed = 60, 50_000_000, 70_000_000
        one.lines = ["fee_dispute", None]
    found[MLFLOW].lines = ["fee_dispute", "loan"]
    found[MLFLOW].first_start = 41.0
    return found


def written(folder: Path) -> tuple[str, str]:
    page, plot = comparison_page.write(
        figures(), folder, size=Size.quick(), rows=800, command="python -m benchmarks", quick=True
    )
    return page.read_text("utf-8"), plot.read_text("utf-8")


def test_the_page_names_the_command_and_holds_what_was_measured(tmp_path: Path) -> None:
    page = written(tmp_path)[0].replace("\n  ", " ")
    assert "`python -m benchmarks` (a small trial" in page
    assert "| jiesu | 0.500, 0.400 | 0.100, 0.250 |" in page
    assert f"| `{MLFLOW}` | everything, HTTP | 30 (1.00 x)" in page
    assert "`jiesu serve` in 2 of 2, `mlflow models serve` in 1 of 2" in page
    assert "41 s" in page


def test_the_plot_is_small_svg_with_every_contender(tmp_path: Path) -> None:
    _, plot = written(tmp_path)
    told = [text.text for text in ET.fromstring(plot).iter("{http://www.w3.org/2000/svg}text")]
    assert set(comparison.ASKED) <= set(told)
    assert "real & short (2)" in told
    assert len(plot.encode()) < 200_000


def test_a_closure_follows_extras_and_leaves_others_out() -> None:
    core, serving = closure(["jiesu"]), closure(["jiesu[serve]"])
    assert {"jiesu", "numpy", "spacy", "thinc"} <= set(core)
    assert "fastapi" not in core
    assert set(core) | {"fastapi", "starlette"} <= set(serving)
    assert "mlflow" not in serving


def test_sizes_add_up_and_leave_bytecode_out(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_bytes(b"12345")
    (tmp_path / "a.py").write_bytes(b"123")
    assert folder_bytes(tmp_path) == 3
    assert installed_bytes(["jieba", "scikit-learn"]) > installed_bytes(["jieba"]) > 10_000_000


@pytest.mark.parametrize(
    ("kind", "rival"),
    [("jieba_logistic", JiebaLogistic()), ("fasttext", FastText()), ("textcat", Textcat(1))],
)
def test_a_saved_rival_says_the_same(
    kind: str, rival: JiebaLogistic | FastText | Textcat, corpus: list[LabelledRow], tmp_path: Path
) -> None:
    rows = corpus[:: len(corpus) // ROWS]
    texts = [row.text for row in rows]
    rival.fit(texts, [row.line for row in rows])
    rival.save(tmp_path)
    assert KINDS[kind](tmp_path)(texts) == rival.predict(texts)


def test_a_contender_answers_in_a_process_of_its_own(
    corpus: list[LabelledRow], tmp_path: Path
) -> None:
    texts = [row.text for row in corpus[:ROWS]]
    rival = FastText().fit(texts, [row.line for row in corpus[:ROWS]])
    rival.save(tmp_path)
    source = tmp_path / "rows.jsonl"
    source.write_bytes(b"".join(orjson.dumps({"text": text}) + b"\n" for text in texts))
    contender = Piped("fasttext", tmp_path)
    assert contender.start(texts[0]) > 0
    try:
        taken, lines = contender.single(texts[:5])
        assert lines == rival.predict(texts[:5])
        assert len(taken) == 5
        assert contender.batch(source) > 0
        assert contender.peak() > 10_000_000
    finally:
        contender.stop()


def test_a_night_has_the_mean_asked_for_and_no_row_twice_in_the_halves(tmp_path: Path) -> None:
    texts = ["一" * 100, "二" * 120, "三" * 140]
    characters, _ = write_night(tmp_path, texts, 4_000)
    assert characters / 4_000 == pytest.approx(150, rel=0.02)
    each, turns = halves(tmp_path, tmp_path, 400)
    idents = [
        orjson.loads(line)["id"]
        for files in turns
        for path in files
        for line in path.read_bytes().splitlines()
    ]
    assert each == 100
    assert idents == [f"T{number}" for number in range(400)]


def test_long_narratives_are_left_as_they_are() -> None:
    narratives: Iterator[str] = joined(["一" * 200], seed=1)
    assert {next(narratives) for _ in range(50)} == {"一" * 200}
