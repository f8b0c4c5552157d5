from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from judge_fakes import WORDS, FakeEngine

from training import registry
from training.cases import Case
from training.corpus import text_digest
from training.gate import Gate, Limit
from training.history import tags_of, user, withdrawn_tags
from triage.artifact import save
from triage.errors import ArtifactRejected, InvalidInput, PromotionRefused

GATE = Gate(10, 0.99, (Limit("accuracy", "higher", 0.01),), (Limit("risk", "higher", 0.01),))
TEXT = "第{}条：钱被骗走了"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def export(root: Path, version: str, *, wrong: int = 0, risk: float = 0.8) -> None:
    rows = {
        f"r{i}": {
            "digest": text_digest(TEXT.format(i)),
            "line": "fraud" if i % 2 else "other",
            "predicted": "card_service" if i < wrong else ("fraud" if i % 2 else "other"),
            "probability": 0.9,
        }
        for i in range(100)
    }
    files = {"unseen.json": orjson.dumps(rows), "metrics.json": orjson.dumps({"risk": risk})}
    facts = {"version": version, "vocabularies": {}, "taxonomy_version": "1"}
    facts |= {"taxonomy_digest": "", "reading_digest": ""}
    save(root / version, files, facts)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    export(tmp_path, "v1")
    export(tmp_path, "v2")
    export(tmp_path, "v3", wrong=20)
    return tmp_path


def promote(models: Path, version: str, **more: Any) -> registry.Promotion:
    return registry.promote(version, models=models, gate=GATE, now=NOW, **more)


def test_the_first_model_has_nobody_to_beat(models: Path) -> None:
    assert registry.champion(models) is None
    done = promote(models, "v3")
    assert (done.version, done.previous, done.comparison) == ("v3", None, None)
    assert (models / "CHAMPION").read_text() == "v3\n"


def test_an_equal_model_is_let_through_with_the_comparison(models: Path) -> None:
    promote(models, "v1")
    done = promote(models, "v2")
    assert registry.champion(models) == "v2"
    assert done.comparison is not None
    assert done.comparison.rows == 100


def test_a_worse_model_is_refused_with_figures_and_nothing_changes(models: Path) -> None:
    promote(models, "v1")
    with pytest.raises(
        PromotionRefused, match=r"v3 does not replace v1:\n  accuracy: 1[.]000 -> 0[.]800"
    ):
        promote(models, "v3")
    assert registry.champion(models) == "v1"
    assert len(registry.history(models)) == 1


def test_every_refusal_names_the_way_past_the_gate(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry.Engine, "load", lambda folder: FakeEngine(version=folder.name))
    promote(models, "v1")
    way = r"--overrule REASON, which is recorded$"
    with pytest.raises(PromotionRefused, match=way):
        promote(models, "v3")
    # Rows that neither can be judged on: there is nothing to compare.
    with pytest.raises(InvalidInput, match=f"hold rows out for judging, or .*{way}"):
        promote(models, "v2", cases=[Case("own", TEXT.format(0), "fraud")])


def test_a_saved_figure_can_refuse(models: Path) -> None:
    promote(models, "v1")
    export(models, "v4", risk=0.7)
    with pytest.raises(PromotionRefused, match=r"risk: 0[.]800 -> 0[.]700"):
        promote(models, "v4")


def test_a_promotion_names_what_it_could_not_check(models: Path) -> None:
    limit = Limit("nature_accuracy", "higher", 0.01)
    promote(models, "v1")
    gate = replace(GATE, figures=(*GATE.figures, limit))
    done = registry.promote("v2", models=models, gate=gate, now=NOW)
    assert done.not_checked == ("nature_accuracy",)


def test_a_person_may_overrule_and_the_reason_is_kept(models: Path) -> None:
    promote(models, "v1")
    done = promote(models, "v3", overrule="a new taxonomy")
    assert done.objections
    last = registry.history(models)[-1]
    assert last["overruled"] == last["reason"] == "a new taxonomy"
    assert last["at"] == "2026-11-23T09:00:00+00:00"
    assert last["objections"]


def test_the_history_tells_who_and_what_the_gate_saw(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.history.getpass.getuser", lambda: "li")
    promote(models, "v1")
    done = promote(models, "v3", overrule="a trial", by="wang")
    back = registry.rollback(models=models, reason="too many wrong frauds", now=NOW)
    assert [entry["by"] for entry in registry.history(models)] == ["li", "wang", "li"]
    gate = registry.history(models)[1]["gate"]
    assert gate["rows"] == 100
    seen = gate["figures"]["accuracy"]
    assert (seen["champion"], seen["challenger"], seen["margin"]) == (1.0, 0.8, 0.01)
    assert seen["low"] < -0.1 < seen["high"] + 0.1
    assert gate["figures"]["risk"] == {"champion": 0.8, "challenger": 0.8, "margin": 0.01}
    tags = tags_of(done.entry)
    assert tags["jiesu.promote.by"] == "wang"
    assert tags["jiesu.promote.overruled"] == "a trial"
    assert tags["jiesu.promote.at"] == "2026-11-23T09:00:00+00:00"
    assert orjson.loads(tags["jiesu.promote.gate"]) == gate
    assert tags["jiesu.promote.reason"] == "a trial"
    assert tags_of(back.entry)["jiesu.rollback.previous"] == "v3"
    assert tags_of(back.entry)["jiesu.rollback.reason"] == "too many wrong frauds"
    assert withdrawn_tags(back.entry)["jiesu.withdrawn.champion"] == "v1"
    assert withdrawn_tags(back.entry)["jiesu.withdrawn.reason"] == "too many wrong frauds"
    assert registry.history(models)[-1]["reason"] == "too many wrong frauds"


def test_a_reason_is_asked_of_nobody(models: Path) -> None:
    promote(models, "v1")
    promote(models, "v2")
    back = registry.rollback(models=models, now=NOW)
    assert registry.history(models)[-1]["reason"] is None
    assert not {name for name in withdrawn_tags(back.entry) if name.endswith("reason")}
    # As versions before this one wrote it.
    old = {name: value for name, value in back.entry.items() if name != "reason"}
    assert withdrawn_tags(old) == withdrawn_tags(back.entry)


def test_a_process_without_a_user_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError("no username set in the environment")

    monkeypatch.setattr("training.history.getpass.getuser", nobody)
    assert user() == "unknown"


def test_rollback_goes_back_one_step_at_a_time(models: Path) -> None:
    for version in ("v1", "v2"):
        promote(models, version)
    promote(models, "v3", overrule="a trial")
    assert registry.rollback(models=models).version == "v2"
    assert registry.rollback(models=models).version == "v1"
    with pytest.raises(InvalidInput, match="no champion before"):
        registry.rollback(models=models)
    promote(models, "v2")
    assert registry.rollback(models=models).version == "v1"
    assert [entry["action"] for entry in registry.history(models)].count("rollback") == 3


def test_a_damaged_model_is_never_crowned(models: Path) -> None:
    promote(models, "v1")
    (models / "v2" / "metrics.json").write_bytes(b"{}")
    with pytest.raises(ArtifactRejected, match="sha256"):
        promote(models, "v2")
    assert registry.champion(models) == "v1"


def test_a_champion_is_not_promoted_again(models: Path) -> None:
    promote(models, "v1")
    with pytest.raises(InvalidInput, match="already"):
        promote(models, "v1")


def test_a_model_that_is_not_there_is_named_with_those_that_are(models: Path) -> None:
    with pytest.raises(InvalidInput, match="no model 'v9'; models there are: v1, v2, v3"):
        registry.folder_of("v9", models)
    with pytest.raises(InvalidInput, match="no champion yet"):
        registry.folder_of(None, models)
    with pytest.raises(InvalidInput, match="v9"):
        promote(models, "v9")


def test_a_model_is_a_version_the_champion_or_a_folder(models: Path) -> None:
    promote(models, "v2")
    assert registry.folder_of("v1", models) == models / "v1"
    assert registry.folder_of("champion", models) == registry.folder_of(None, models)
    assert registry.folder_of(None, models) == models / "v2"
    assert registry.folder_of(str(models / "v3"), models / "elsewhere") == models / "v3"


def test_a_banks_file_judges_both_on_rows_neither_was_trained_on(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = {word: leaf for word, leaf in WORDS.items() if word != "征信"}
    fakes = {"v1": FakeEngine(version="v1"), "v2": FakeEngine(blind, version="v2")}
    monkeypatch.setattr(registry.Engine, "load", lambda folder: fakes[folder.name])
    promote(models, "v1")
    rows = [Case(f"new{i}", f"征信第{i}条有误", "credit_report") for i in range(20)]
    seen = [Case(f"r{i}", f"年费第{i}次", "fee_dispute") for i in range(50)]
    with pytest.raises(PromotionRefused, match=r"accuracy: 1[.]000 -> 0[.]000"):
        promote(models, "v2", cases=rows + seen)
    with pytest.raises(InvalidInput, match="v1 was trained on 50, v2 was trained on 50"):
        promote(models, "v2", cases=seen)
    renamed = [Case(f"other{i}", TEXT.format(i), "fraud") for i in range(50)]
    with pytest.raises(InvalidInput, match="v1 was trained on 50, v2 was trained on 50"):
        promote(models, "v2", cases=renamed)


def test_rows_that_are_not_new_name_the_model_that_knows_them(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry.Engine, "load", lambda folder: FakeEngine(version=folder.name))
    promote(models, "v1")
    content = {"own": {"digest": "", "line": "other", "predicted": "other", "probability": 0.9}}
    facts = {"version": "v5", "vocabularies": {}, "taxonomy_version": "1"}
    facts |= {"taxonomy_digest": "", "reading_digest": ""}
    save(models / "v5", {"unseen.json": orjson.dumps(content), "metrics.json": b"{}"}, facts)
    with pytest.raises(InvalidInput, match=r"none of the 1 rows is new: v5 was trained on 1;"):
        promote(models, "v5", cases=[Case("own", "年费", "fee_dispute")])
