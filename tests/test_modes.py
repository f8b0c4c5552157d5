"""Field modes: how far the answer for each line may go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ledger_fakes import FEE, Book, opened
from service_fakes import FakeEngine

from jiesu import main
from service.access.keys import Role
from service.ledger.replay import replay_stored
from service.ledger.ruled import latest
from triage.decision import Decision, LineDecider, Thresholds
from triage.engine import Engine
from triage.errors import ConfigError
from triage.modes import ALL_AUTO, SUGGESTED, FieldModes, Mode, load_modes
from triage.records import Assessment, LineScore
from triage.rules.facts import Reading
from triage.taxonomy import Taxonomy
from triage.wire import assessment_json

LEAVES = ("fee_dispute", "card_service", "fraud", "other")
TEXT = "信用卡年费又扣了两百元"
SURE, UNSURE = [0.7, 0.25, 0.04, 0.01], [0.4, 0.3, 0.2, 0.1]


def modes(default: Mode = Mode.AUTO, **lines: Mode) -> FieldModes:
    return FieldModes(default, lines)


def decide(given: FieldModes, row: list[float] = SURE) -> Decision:
    decider = LineDecider(LEAVES, Thresholds(0.5, 0.2, 2), given)
    leaves = np.array([row])
    (found,) = decider.decide([TEXT], decider.rank(leaves), np.log(leaves))
    return found


def policy(folder: Path, fields: str) -> Path:
    path = folder / "policy.yaml"
    path.write_text(f'version: "9"\n{fields}\n', encoding="utf-8")
    return path


def test_the_shipped_policy_lets_every_answer_stand(taxonomy: Taxonomy) -> None:
    shipped = load_modes(taxonomy)
    assert shipped.plain
    assert shipped.stamp("2026-11-1") == "2026-11-1"


@pytest.mark.parametrize("fields", ["", "fields: {}", "fields: {default: auto, lines: {}}"])
def test_a_policy_need_not_speak_of_modes(taxonomy: Taxonomy, tmp_path: Path, fields: str) -> None:
    assert load_modes(taxonomy, policy(tmp_path, fields)).plain


def test_a_bare_off_is_a_mode_and_not_a_truth_value(taxonomy: Taxonomy, tmp_path: Path) -> None:
    path = policy(tmp_path, "fields: {default: suggest, lines: {fraud: auto, other: off}}")
    found = load_modes(taxonomy, path)
    assert found.of("other") is Mode.OFF
    assert found.of("fraud") is Mode.AUTO
    assert found.of("fee_dispute") is Mode.SUGGEST
    assert found.stamp("9") == found.stamp("9") != replace(found, default=Mode.AUTO).stamp("9")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("fields: auto", "nothing else"),
        ("fields: {defaults: auto}", "nothing else"),
        ("fields: {lines: [fraud]}", "mapping of lines"),
        ("fields: {default: maybe}", "mode 'maybe', one of auto, suggest, shadow, off"),
        ("fields: {default: on}", "mode True"),
        ("fields: {lines: {fraud: [off]}}", "fraud: mode"),
        ("fields: {lines: {frauds: auto}}", "no line 'frauds'"),
        ("fields: {lines: {3: auto}}", "no line 3"),
        ("fields: {lines: {fraud: shadow}}", "bars outlets"),
        ("fields: {default: off, lines: {fee_dispute: auto}}", "account_control, fraud"),
    ],
)
def test_a_bad_file_is_refused_and_says_why(
    taxonomy: Taxonomy, tmp_path: Path, fields: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said) as refused:
        load_modes(taxonomy, policy(tmp_path, fields))
    assert "docs/policy.md" in refused.value.cure


def test_all_lines_may_be_in_the_shadow_together(taxonomy: Taxonomy, tmp_path: Path) -> None:
    # Nothing is given then, and what is not given bars outlets.
    assert load_modes(taxonomy, policy(tmp_path, "fields: {default: shadow}")).of("fraud").hidden


def test_auto_changes_nothing() -> None:
    plain = decide(ALL_AUTO)
    assert (plain.line, plain.probability, plain.abstain_reason) == ("fee_dispute", 0.7, None)
    assert plain.secondary == ("card_service",)
    assert not plain.suggested
    # Another line's mode is another line's.
    assert decide(modes(other=Mode.SUGGEST)) == plain


def test_suggest_shows_the_line_and_asks_for_a_person() -> None:
    found = decide(modes(fee_dispute=Mode.SUGGEST))
    assert replace(found, mode=Mode.AUTO) == decide(ALL_AUTO)
    assert found.suggested
    assert not decide(modes(fee_dispute=Mode.SUGGEST), UNSURE).suggested


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.OFF])
@pytest.mark.parametrize("row", [SURE, UNSURE])
def test_a_hidden_line_is_an_abstention_that_names_it_nowhere(mode: Mode, row: list[float]) -> None:
    found = decide(modes(fee_dispute=mode), row)
    reason = f"line_{mode}" if row is SURE else "low_confidence"
    assert (found.abstain_reason, found.probability, found.secondary) == (reason, 0.0, ())
    assert [score.line for score in found.alternatives] == ["card_service", "fraud", "other"]
    kept = LineScore("fee_dispute", None, row[0]) if mode is Mode.SHADOW else None
    assert found.held == kept


def test_a_hidden_line_is_no_alternative_and_no_second_line() -> None:
    found = decide(modes(card_service=Mode.OFF))
    assert (found.line, found.secondary, found.held) == ("fee_dispute", (), None)
    assert [score.line for score in found.alternatives] == ["fraud", "other"]


@pytest.fixture(scope="module")
def engine(tiny_model: Path, taxonomy: Taxonomy) -> Engine:
    return Engine.load(tiny_model, taxonomy)


@pytest.fixture
def moded(engine: Engine) -> Iterator[Engine]:
    yield engine
    engine.decider.modes = ALL_AUTO
    _forget(engine)


def _forget(engine: Engine) -> None:
    for name in ("policy_version", "risk"):
        engine.__dict__.pop(name, None)


def _set(engine: Engine, line: str, mode: Mode) -> None:
    engine.decider.modes = FieldModes(Mode.AUTO, {line: mode})
    _forget(engine)


def _phrases_of_lines(engine: Engine) -> list[str]:
    risk = engine.risk
    return [said for of, said in zip(risk.families, risk.phrases, strict=True) if of == "leaf"]


def test_an_engine_keeps_to_the_modes_in_every_way_of_asking(moded: Engine) -> None:
    texts, now = [TEXT, "提前还房贷为什么要排队三个月"], datetime.now(UTC)
    plain = [assessment_json(each) for each in moded.assess(texts, now=now)]
    line = plain[0]["line"]
    assert line not in {None, plain[1]["line"]}
    _set(moded, line, Mode.SUGGEST)
    assert any(_phrases_of_lines(moded))
    first, second = moded.assess(texts, now=now)
    assert (first.line, first.abstained, first.flags[-1]) == (line, False, SUGGESTED)
    assert first.owner is not None
    assert (first.owner.level, first.owner.barred_from_outlet) == ("disposal_office", True)
    assert "human_reading" in [duty.code for duty in first.duties]
    assert Reading.of(first).abstained
    assert first.policy_version == second.policy_version != plain[0]["policy_version"]
    assert assessment_json(second) | {"policy_version": ""} == plain[1] | {"policy_version": ""}
    for mode in (Mode.SHADOW, Mode.OFF):
        _set(moded, line, mode)
        hidden = moded.assess(texts, now=now)[0]
        body = assessment_json(hidden)
        assert line not in str(body["alternatives"])
        assert not any(_phrases_of_lines(moded))
        assert body["escalation"]["probability"] == plain[0]["escalation"]["probability"]
        assert (hidden.line, hidden.evidence, hidden.abstain_reason) == (None, (), f"line_{mode}")
        assert (hidden.held is not None) == (mode is Mode.SHADOW)
        assert "held" not in assessment_json(hidden)
        assert next(iter(moded.lines(texts))) == (None, None, 0.0)


class Moded(FakeEngine):
    """A model whose line 年费 is suggested, or in the shadow."""

    def __init__(self, mode: Mode) -> None:
        super().__init__()
        self.mode = mode

    def _one(self, text: str) -> Assessment:
        said = super()._one(text)
        if said.line is None:
            return said
        if self.mode is Mode.SUGGEST:
            return replace(said, flags=(SUGGESTED,))
        held = LineScore(said.line, None, said.probability)
        return replace(
            said,
            line=None,
            abstained=True,
            abstain_reason="line_shadow",
            probability=0.0,
            held=held,
        )


def _opened(tmp_path: Path, mode: Mode) -> Any:
    return opened(tmp_path / "home", f"sqlite:///{tmp_path}/jiesu.db", Moded(mode))


def _replayed(book: Book) -> tuple[str, ...]:
    held, engine = book.parts.database, book.parts.models.loaded.engine
    return held.ask(lambda s: replay_stored(s, latest(s, "T-1"), engine)).differs


def test_a_suggested_ticket_lands_with_nobody_but_who_reads_it(tmp_path: Path) -> None:
    with _opened(tmp_path, Mode.SUGGEST) as book:
        taken = book.take("T-1", FEE, visited_branch=True, outlet_touchpoint=True)
        for body in (taken, book.show(), book.record("agent", authorised=True)):
            assert (body["line"], body["abstained"]) == ("fee_dispute", False)
            assert body["owner"]["level"] == "disposal_office"
            assert {SUGGESTED, "human_queue"} <= set(body["flags"])
        assert _replayed(book) == ()
        (waiting,) = book.get("/v1/review/queue", Role.REVIEWER)["items"]
        assert SUGGESTED in waiting["flags"]


def test_a_line_in_the_shadow_is_in_the_record_alone(tmp_path: Path) -> None:
    kept = {"line": "fee_dispute", "subline": None, "probability": 0.8}
    with _opened(tmp_path, Mode.SHADOW) as book:
        held = book.parts.database
        for body in (
            book.take("T-1", FEE),
            book.record("agent", authorised=True),
            book.record("message", text="年费还没退"),
            book.show(),
            book.get("/v1/complaints/T-1/rules", Role.SCIENTIST),
        ):
            assert "fee_dispute" not in str(body)
            assert held.ask(lambda s: latest(s, "T-1")).ruling["held"] == kept
        assert _replayed(book) == ()


def test_the_service_does_not_start_with_a_bad_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    shipped = Path(__file__).parent.parent / "data" / "taxonomy.yaml"
    (data / "taxonomy.yaml").write_bytes(shipped.read_bytes())
    policy(data, "fields: {default: perhaps}")
    (tmp_path / "models" / "one").mkdir(parents=True)
    (tmp_path / "models" / "CHAMPION").write_text("one\n")
    for name in ("data", "models", "home"):
        monkeypatch.setenv(f"JIESU_{name.upper()}", str(tmp_path / name))
    assert main(["serve", "--port", "8765"]) == 2
    assert "policy.yaml: default: mode 'perhaps'" in capsys.readouterr().err
