"""`jiesu rules`: what is printed for people."""

from __future__ import annotations

from pathlib import Path

import pytest
from rules_fakes import HEAD, RULE, reading, ruled, shipped

import jiesu
from triage.rules.explain import explain
from triage.rules.facts import History

DOCS = Path(__file__).resolve().parents[1] / "docs" / "rules.md"


def test_check_lists_the_rules(capsys) -> None:
    assert jiesu.main(["rules", "check"]) == 0
    printed = capsys.readouterr().out
    assert shipped().version in printed
    assert all(rule.id in printed and rule.name in printed for rule in shipped().file.rules)


def test_check_names_the_line_of_a_bad_file(tmp_path, capsys) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + RULE.replace("complaint", "anger"), encoding="utf-8")
    assert jiesu.main(["rules", "check", str(path)]) == 2
    line = HEAD.count("\n") + 6
    assert f"mine.yaml:{line}: unknown nature 'anger'" in capsys.readouterr().err


def test_an_explanation_tells_facts_basis_and_effect() -> None:
    told = explain(ruled(reading("account_control", None, "livelihood"), visited_branch=False))
    assert "承办      运行管理部（分行部室）" in told
    assert "不得：账户管控、未到店" in told
    assert "恢复基本金融服务" in told
    assert "2026-11-26 12:00:00" in told
    assert "信号=生计受阻" in told
    assert "《反洗钱法》（2025-01-01起施行）第三十九条" in told
    assert "（法规原文）" in told


def test_an_explanation_names_no_employee() -> None:
    told = explain(ruled(history=History(complained_employee="E-4711")))
    assert "被投诉员工=已登记" in told
    assert "E-4711" not in told


def test_explain_takes_a_text_or_a_row(tiny_model, tmp_path, capsys) -> None:
    given = ["rules", "explain", "--model", str(tiny_model)]
    context = [
        "--set",
        "channel=regulator_guided",
        "--set",
        "received_at=2026-11-28T23:30:00+08:00",
    ]
    assert jiesu.main([*given, "--text", "信用卡年费乱扣，要求退还", *context]) == 0
    printed = capsys.readouterr().out
    assert "R-REG-1" in printed
    assert "临期" in printed
    assert "乱扣" not in printed
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "年费"}\n{"text": "年费", "channel": "media"}\n', encoding="utf-8")
    assert jiesu.main([*given, str(path), "2"]) == 0
    assert "R-ALERT-1" in capsys.readouterr().out


@pytest.mark.parametrize(
    "given",
    [
        [],
        ["--text", "年费", "rows.jsonl"],
        ["--text", "年费", "--set", "channel"],
        ["--text", "年费", "--set", "channel=smoke"],
    ],
)
def test_bad_arguments_are_told(given, capsys) -> None:
    assert jiesu.main(["rules", "explain", *given]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_the_page_lists_every_rule() -> None:
    """The table of docs/rules.md is what `jiesu rules check` knows."""
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| R-")]
    assert rows == [
        f"| {rule.id} | {rule.name} | {rule.mark} | {rule.valid_from} | {rule.valid_to or ''} |"
        for rule in shipped().file.rules
    ]
