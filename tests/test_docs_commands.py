"""Commands that the pages name are ones that exist, with the options they are given."""

from __future__ import annotations

import re
import shlex

import pytest

import jiesu
from triage.config import ROOT

PAGES = [*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "data/corpus/README.md"]


BLOCK = re.compile(r"```\w*\n(.*?)```", re.DOTALL)


def in_blocks(start: str) -> set[str]:
    """Lines of blocks of code that begin so; what is optional is taken as given."""
    blocks = [block for page in PAGES for block in BLOCK.findall(page.read_text("utf-8"))]
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return {re.sub(r"[\[\]]", "", line) for line in lines if re.match(start, line)}


def in_lines(start: str) -> set[str]:
    """Code inside sentences that begins so."""
    texts = [BLOCK.sub("", page.read_text("utf-8")) for page in PAGES]
    spans = [" ".join(span.split()) for text in texts for span in re.findall(r"`([^`]+)`", text)]
    return {span for span in spans if re.match(start, span)}


BENCHMARKS = sorted(in_lines("python -m benchmarks") | in_blocks("python -m benchmarks"))
OWN = sorted(line for line in in_blocks("jiesu ") if not re.search(r"\||…", line))


def test_the_pages_name_commands() -> None:
    assert len(BENCHMARKS) > 20
    assert len(OWN) > 10


@pytest.mark.parametrize("line", BENCHMARKS)
def test_a_benchmark_takes_the_options_it_is_named_with(line: str) -> None:
    _, _, module, *words = shlex.split(line, comments=True)
    path = ROOT / module.replace(".", "/")
    source = (path / "__main__.py" if path.is_dir() else path.with_suffix(".py")).read_text("utf-8")
    known = set(re.findall(r'"(--[\w-]+)"', source))
    needed = set(re.findall(r'add_argument\(\s*"(--[\w-]+)"[^)]*required=True', source))
    given = {word for word in words if word.startswith("--")}
    assert given <= known
    assert needed <= given


@pytest.mark.parametrize("line", OWN)
def test_a_command_takes_the_options_it_is_named_with(line: str) -> None:
    jiesu._parse(shlex.split(line, comments=True)[1:])
