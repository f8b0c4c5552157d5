"""The words of the desk: both languages say the same things, and pages say nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import nodes

from service.desk.marks import stretches
from service.desk.render import TEMPLATES, environment
from service.desk.words import LANGUAGES, Words, messages
from service.desk.workload import workload_of
from triage.config import data_dir
from triage.records import CHANNEL_NAMES

NOW = datetime(2026, 11, 29, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
TEMPLATE_FILES = sorted(TEMPLATES.glob("*.html"))
# Codes, not words: what a browser reads, and keys.
_CODES = re.compile(r'\s(?!(?:title|aria-label|placeholder|alt|value)=)[\w-]+="[^"]*"')


def test_both_languages_have_the_same_keys_and_the_same_blanks() -> None:
    zh, en = (messages(language) for language in LANGUAGES)
    assert zh.keys() == en.keys()
    blanks = re.compile(r"{(\w+)}")
    for key, text in zh.items():
        if not key.startswith("format."):
            assert set(blanks.findall(text)) == set(blanks.findall(en[key])), key


@pytest.mark.parametrize("file", TEMPLATE_FILES, ids=lambda file: file.name)
def test_pages_say_nothing_that_is_not_a_message(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    tree = environment().parse(source)
    text = "".join(
        one.data if isinstance(one, nodes.TemplateData) else "\x01"
        for out in tree.find_all(nodes.Output)
        for one in out.nodes
    )
    attributes = re.findall(r'(?:title|aria-label|placeholder|alt)="([^"\x01]*)"', text)
    outside = re.sub(r"<[^>]*>", " ", text)
    for said in [outside, *attributes]:
        assert not re.findall(r"[一-鿿]|[A-Za-z]{2,}", said.replace("\x01", " ")), said
    assert not re.search(r"[一-鿿]", re.sub(r"{#.*?#}", "", source))


def test_every_message_that_pages_ask_for_is_there() -> None:
    known = messages("zh")
    for file in TEMPLATE_FILES:
        for key in re.findall(r'\bt\(["\']([\w.]+)["\'](?! ~)', file.read_text(encoding="utf-8")):
            assert key in known or key.endswith("."), (file.name, key)


def test_channels_are_called_on_pages_what_reports_call_them() -> None:
    known = messages("zh")
    assert {code: known[f"channel.{code}"] for code in CHANNEL_NAMES} == CHANNEL_NAMES


def test_segments_are_called_on_pages_what_reasons_call_them() -> None:
    reasons = yaml.safe_load((data_dir() / "risk_reasons.yaml").read_text(encoding="utf-8"))
    known = messages("zh")
    said = {key.removeprefix("segment."): known[key] for key in known if key.startswith("segment.")}
    assert said == reasons["segments"]


def test_pages_hold_no_script_and_no_style() -> None:
    for file in TEMPLATE_FILES:
        source = file.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|\|\s*safe", source), file.name
        assert all("src=" in one for one in re.findall(r"<script[^>]*>", source)), file.name
        assert not re.search(r"(?:src|href)=.https?:", source), file.name


@pytest.mark.parametrize(
    ("language", "at", "shown"),
    [
        ("zh", "2026-11-23T14:05:00+08:00", "11月23日 14:05"),
        ("zh", "2025-01-02T23:30:00+00:00", "2025年1月3日 07:30"),
        ("en", "2026-11-23T14:05:00+08:00", "23 Nov 14:05"),
    ],
)
def test_moments(language: str, at: str, shown: str) -> None:
    assert Words(language, NOW).moment(at) == shown


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [
        (5, "剩 5 分钟"),
        (119, "剩 119 分钟"),
        (185, "剩 3 小时"),
        (-50, "超时 50 分钟"),
        (4321, "剩 3 天"),
    ],
)
def test_clocks(minutes: int, shown: str) -> None:
    assert Words("zh", NOW).clock(NOW + timedelta(minutes=minutes)) == shown


@pytest.mark.parametrize(
    ("yuan", "zh", "en"),
    [
        (300.5, "300.50 元", "CNY 300.50"),
        (9_999, "9,999 元", "CNY 9,999"),
        (50_000, "5 万元", "CNY 50,000"),
        (12_500, "1.25 万元", "CNY 12,500"),
        (12_345, "12,345 元", "CNY 12,345"),
    ],
)
def test_amounts(yuan: float, zh: str, en: str) -> None:
    assert (Words("zh", NOW).amount(yuan), Words("en", NOW).amount(yuan)) == (zh, en)


def test_stretches_put_together_are_the_text() -> None:
    text = "我😀叫[姓名1]，年费投诉三次，[不是标记]"
    found = stretches(
        text,
        evidence=[{"start": 8, "end": 12}, {"start": None, "end": None}, {"start": 5, "end": 99}],
        signals=[{"start": 10, "end": 14, "code": "repeat"}],
    )
    assert "".join(one.text for one in found) == text
    assert all(text[one.start :].startswith(one.text) for one in found)
    kinds = {one.text: one.kinds for one in found}
    assert kinds["[姓名1]"] == ("token",)
    assert ("evidence", "signal") in kinds.values()
    assert stretches("") == []


def test_a_token_is_not_cut() -> None:
    found = stretches("卡号[卡号1]的", evidence=[{"start": 0, "end": 5}])
    assert [(one.text, one.kinds) for one in found] == [
        ("卡号", ("evidence",)),
        ("[卡号1]", ("evidence", "token")),
        ("的", ()),
    ]


def judged(**recall: float) -> dict[str, Any]:
    told = {n: {"value": v, "low": v - 0.1, "high": v + 0.1} for n, v in recall.items()}
    return {"simulated_year": {"with_context": {"daily_recall": told}}}


@pytest.mark.parametrize("metrics", [None, {}, {"simulated_year": {}}, judged()])
def test_a_workload_is_told_only_of_a_model_that_was_judged(metrics: Any) -> None:
    assert workload_of(metrics, per_day=100) is None
    assert workload_of(judged(top_20=0.5), per_day=0) is None


def test_each_per_cent_that_was_measured_counts() -> None:
    metrics = judged(top_10=0.9)
    metrics["simulated_year"]["with_context"]["workload"] = [
        {"share": n / 100, "value": n / 50, "low": n / 60, "high": n / 40} for n in (1, 2, 30)
    ]
    told = workload_of(metrics, per_day=100)
    assert told is not None
    assert [one.share for one in told.points] == [0.0, 0.01, 0.02, 0.3, 1.0]
    assert told.at(2).value == pytest.approx(0.04)


def test_a_workload_tells_what_was_measured_and_the_straight_line_between() -> None:
    told = workload_of(judged(top_20=0.6, top_10=0.4), per_day=100)
    assert told is not None
    found = [told.at(top).value for top in (0, 5, 10, 15, 20, 60, 100, 500)]
    assert found == pytest.approx([0.0, 0.2, 0.4, 0.5, 0.6, 0.8, 1.0, 1.0])
    assert (told.at(10).low, told.at(10).high) == pytest.approx((0.3, 0.5))
    assert told.curve()[1] == [0.1, 0.4, 0.3, 0.5]
    drawn = told.drawn(200, 48)
    assert drawn.line == "0.0,48.0 20.0,28.8 40.0,19.2 200.0,0.0"
    assert len(drawn.interval.split()) == 2 * len(told.points)
    few = workload_of(judged(top_20=0.6), per_day=5.4)
    assert few is not None
    assert (few.most, few.at(few.most).value) == (6, 1.0)
