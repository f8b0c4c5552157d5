"""A bank renames, adds, replaces and drops lines in its taxonomy file, and touches no code."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import joblib
import orjson
import pytest
import yaml

import jiesu
from training import registry
from training.bank_data import read_labelled
from training.bank_labels import Dropped, Labels
from training.corpus import LabelledRow, load_corpus
from training.practice import quick, some_groups
from training.simulate_process import load_process
from training.train import train
from triage.config import ROOT
from triage.engine import Engine
from triage.errors import ConfigError, InvalidInput, TaxonomyMismatch
from triage.modes import Mode, load_modes
from triage.records import Context
from triage.rules.explain import explain
from triage.rules.naming import check_names, notes
from triage.rules.rulebook import Rulebook
from triage.taxonomy import Taxonomy, load_taxonomy

NAME = "信用卡综合服务"
PENSION = (
    "个人养老金账户开不了，问为什么不给我开",
    "养老金缴存限额填错了，要求改",
    "我的个人养老金账户里的钱取不出来",
    "开养老金账户送的红包一直没到",
    "养老金账户转到别的银行，拖了一个月没转",
    "个人养老金缴存凭证下载不了，没法抵税",
    "退休了养老金账户还不让领取",
    "养老金账户被重复开立，要求撤销一个",
    "客户经理没问我就替我开了养老金账户",
    "个人养老金今年缴了两笔，系统只记了一笔",
    "养老金账户销户要跑几趟，材料一直说不齐",
    "养老金领取方式选错，不给更改",
)


def changed(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A copy of data/ without the corpus, its taxonomy changed."""
    shutil.copytree(ROOT / "data", folder, ignore=shutil.ignore_patterns("corpus"))
    (folder / "corpus").mkdir()
    path = folder / "taxonomy.yaml"
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(raw)
    path.write_text(yaml.safe_dump(raw, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder


def line_of(raw: dict[str, Any], code: str) -> dict[str, Any]:
    return next(line for line in raw["lines"] if line["code"] == code)


def revised(raw: dict[str, Any]) -> None:
    """One line renamed by name, one added, one replaced, one dropped."""
    raw["version"] = "2"
    line_of(raw, "card_service")["zh"] = NAME
    line_of(raw, "credit_report").update(code="credit_record", was=["credit_report"])
    gone = line_of(raw, "wealth_agency")
    raw["lines"].remove(gone)
    raw["dropped"] = [gone]
    new = {"code": "pension", "zh": "养老金融", "en": "Pensions", "outlets": "barred"}
    raw["lines"].insert(3, {**new, "definition": "", "jrt0169": [], "jrt0169_code": ""})


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = changed(tmp_path / "data", revised)
    monkeypatch.setenv("JIESU_DATA", str(folder))
    return folder


@pytest.fixture
def some(corpus: Sequence[LabelledRow]) -> list[LabelledRow]:
    (rows,) = some_groups(corpus, (6,))
    return rows


@pytest.fixture
def models(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models whose champion is of the shipped taxonomy."""
    root = tmp_path / "models"
    shutil.copytree(tiny_model, root / tiny_model.name)
    monkeypatch.setenv("JIESU_MODELS", str(root))
    monkeypatch.setenv("JIESU_HOME", str(tmp_path / "home"))
    assert jiesu.main(["promote", tiny_model.name]) == 0
    return root


def bank_file(folder: Path, rows: Sequence[LabelledRow]) -> Path:
    """What a bank has: texts and its own names of lines; no signals, no natures."""
    path = folder / "bank.jsonl"
    names = {"card_service": NAME, "credit_report": "credit_record"}
    told = [
        {"text": row.text, "line": names.get(row.leaf, row.leaf), "group": row.group}
        for row in rows
        if row.line not in {"wealth_agency", "privacy_marketing"}
    ]
    told += [{"text": text, "line": "养老金融"} for text in PENSION]
    path.write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in told))
    return path


def shipped_corpus(data: Path, rows: Sequence[LabelledRow]) -> None:
    """The corpus as it is on disk, a few rows of it."""
    texts = {row.text for row in rows}
    for path in sorted((ROOT / "data" / "corpus").glob("*.jsonl")):
        kept = [
            line for line in path.read_bytes().splitlines(keepends=True) if _text(line) in texts
        ]
        (data / "corpus" / path.name).write_bytes(b"".join(kept))


def _text(line: bytes) -> str:
    return str(orjson.loads(line)["text"])


def test_a_bank_retrains_from_its_file_alone(
    models: Path,
    tiny_model: Path,
    data: Path,
    some: list[LabelledRow],
    corpus: Sequence[LabelledRow],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shipped_corpus(data, some_groups(corpus, (6, 16))[1])
    monkeypatch.setattr("training.train.load_recipe", lambda _: quick())
    monkeypatch.setattr("training.train.train", partial(train, tickets=3_000))
    with joblib.parallel_config("threading"):
        status = jiesu.main(["train", "--data", str(bank_file(tmp_path, some)), "--no-track"])
    told = capsys.readouterr()
    assert status == 0, told.err
    assert "no rows of privacy_marketing: the model will not know it" in told.err
    assert NAME in told.out
    assert "养老金融" in told.out

    (made,) = set(registry.versions(models)) - {tiny_model.name}
    engine = Engine.load(models / made)
    texts = [*PENSION, *(row.text for row in some if row.leaf == "credit_report")]
    at_outlet = [Context(visited_branch=True, outlet_touchpoint=True)] * len(texts)
    found = engine.assess(texts, at_outlet)
    said = [each.line or each.alternatives[0].line for each in found]
    assert said[: len(PENSION)].count("pension") > len(PENSION) / 2
    assert "credit_record" in said
    assert all(0 < each.escalation.probability < 1 for each in found)
    assert all(each.duties for each in found if each.nature == "complaint")

    # The champion of before cannot serve; nothing but a person's word lets another follow it.
    with pytest.raises(TaxonomyMismatch, match=r"'1', data/taxonomy\.yaml is '2'"):
        Engine.load(tiny_model)
    with pytest.raises(TaxonomyMismatch, match="jiesu train"):
        Engine.load(models / made, load_taxonomy(ROOT / "data" / "taxonomy.yaml"))
    assert jiesu.main(["promote", made]) == 2
    assert jiesu.main(["promote", made, "--overrule", "taxonomy 2"]) == 0
    assert registry.champion() == made


def test_what_names_a_line_that_is_gone_is_told_before_anything_is_fitted(
    models: Path,
    some: list[LabelledRow],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def forget(raw: dict[str, Any]) -> None:
        revised(raw)
        del raw["dropped"], line_of(raw, "credit_record")["was"]

    monkeypatch.setenv("JIESU_DATA", str(changed(tmp_path / "data", forget)))
    monkeypatch.setattr("training.train.train", lambda *_, **__: pytest.fail("it fits"))
    for command in (["train", "--data", str(bank_file(tmp_path, some))], ["serve"]):
        assert jiesu.main(command) == 2
        told = capsys.readouterr().err
        assert told.startswith("jiesu: no line of taxonomy 2: credit_report (rules.yaml:")
        assert "wealth_agency (rules.yaml:" in told
        assert "`dropped`" in told


def test_files_beside_the_taxonomy_follow_it(data: Path) -> None:
    labels, rules = load_taxonomy(), data / "rules.yaml"
    check_names(labels)
    told = "\n".join(notes(rules, labels))
    assert "credit_report is credit_record now" in told
    assert "wealth_agency is dropped" in told
    assert "no department names pension: 投诉处置办公室 handles it" in told
    assert notes(ROOT / "data" / "rules.yaml", load_taxonomy(ROOT / "data" / "taxonomy.yaml")) == []

    book = Rulebook.load()
    from rules_fakes import reading

    def ruled(line: str) -> Any:
        at_outlet = Context(visited_branch=True, outlet_touchpoint=True)
        return book.apply(book.facts(reading(line), at_outlet))

    assert "credit_mark" in [duty.code for duty in ruled("credit_record").duties]
    # Tickets from before have their codes, their rules and their department.
    assert "credit_mark" in [duty.code for duty in ruled("credit_report").duties]
    assert ruled("wealth_agency").owner.unit == "个人金融业务部"
    pension = ruled("pension").owner
    assert (pension.unit, pension.level) == ("投诉处置办公室", "disposal_office")
    assert pension.why == ("line_pension",)
    assert "不得：养老金融" in explain(ruled("pension"), labels)


def test_modes_and_the_report_follow_it(data: Path) -> None:
    from service.governance.classes_file import load_classes
    from service.governance.settings import load_settings

    policy = data / "policy.yaml"
    policy.write_text("fields: {lines: {credit_report: suggest, wealth_agency: off}}\n", "utf-8")
    labels = load_taxonomy()
    assert load_modes(labels).lines == {"credit_record": Mode.SUGGEST}

    settings = replace(load_settings(), mediation_lines=("credit_report", "wealth_agency"))
    kept = ("credit_report", "wealth_agency", "credit_record")
    assert settings.under(labels).mediation_lines == kept
    homes = load_classes().homes
    assert homes["credit_report"] == homes["credit_record"]
    assert homes["wealth_agency"]


def test_the_corpus_follows_it_and_tells_what_it_leaves_out(
    data: Path, some: list[LabelledRow]
) -> None:
    shipped_corpus(data, some)
    said: list[str] = []
    rows = load_corpus(load_taxonomy(), say=said.append)
    gone = sum(row.line == "wealth_agency" for row in some)
    assert said == [f"corpus: {gone} of {len(some)} rows are of no leaf that there is: left out"]
    assert {row.leaf for row in rows} == {row.leaf for row in some} - {
        "wealth_agency",
        "credit_report",
    } | {"credit_record"}
    assert len(load_corpus(None)) == len(some)
    process = load_process()
    assert process["leaf_mix"]["credit_record"] == process["leaf_mix"]["credit_report"]
    assert "credit_record" in process["templates"]["leaves"]


def test_a_label_that_there_was_is_still_named(data: Path) -> None:
    labels = load_taxonomy()
    assert labels.name("card_service") == NAME
    assert labels.name("credit_report") == "征信异议"
    assert labels.name("wealth_agency", language="en") == "Wealth and agency products"
    assert labels.today("wealth_agency") is None
    with pytest.raises(ConfigError, match="no label 'fees'"):
        labels.name("fees")
    with pytest.raises(InvalidInput, match=r"no line or leaf of taxonomy 2; in taxonomy\.yaml"):
        labels.today("fees")


def test_leaves_follow_their_line_or_one_by_one(tmp_path: Path) -> None:
    def change(raw: dict[str, Any]) -> None:
        line_of(raw, "fraud").update(code="scam", was=["fraud"])
        parts = line_of(raw, "scam")["sublines"]
        parts[0].update(code="theft", was=["fraud.unauthorized_transaction"])
        raw["dropped"] = [{"code": "fraud.loan_fraud", "zh": "冒名", "en": "Loan fraud"}]
        parts.pop(1)

    labels = labels_of(tmp_path, change)
    today = [labels.today(f"fraud.{x}") for x in ("unauthorized_transaction", "scam_transfer")]
    assert today == ["scam.theft", "scam.scam_transfer"]
    assert labels.today("fraud") == "scam"
    assert labels.today("fraud.loan_fraud") is None
    assert labels.name("fraud.scam_transfer") == "受骗转账"
    assert labels.before("scam.scam_transfer") == ["fraud.scam_transfer"]
    # Open tickets of before are barred as well.
    barred = ("account_control", "fraud", "fraud.unauthorized_transaction", "scam")
    assert labels.barred == barred


def test_what_was_barred_stays_barred_for_the_tickets_there_are(tmp_path: Path) -> None:
    def change(raw: dict[str, Any]) -> None:
        gone = line_of(raw, "account_control")
        raw["lines"].remove(gone)
        raw["dropped"] = [gone]

    assert labels_of(tmp_path, change).barred == ("account_control", "fraud")


def test_the_desk_names_lines_that_are_gone(data: Path) -> None:
    from service.desk.pages import labels_of as desk_labels
    from service.desk.words import Words

    words = Words("en", datetime(2026, 11, 29, tzinfo=UTC))
    guest: Any = SimpleNamespace(room=SimpleNamespace(taxonomy=load_taxonomy()), words=words)
    named = desk_labels(guest)
    assert named["line"]["wealth_agency"] == "Wealth and agency products"
    assert named["line"]["credit_report"] == named["line"]["credit_record"]
    assert set(named["gone"]) == {"wealth_agency", "credit_report"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda raw: line_of(raw, "fraud").pop("outlets"), "outlets"),
        (lambda raw: line_of(raw, "fraud").update(outlets="never"), "never"),
        (lambda raw: line_of(raw, "other").update(code="rest"), "a line 'other' is needed"),
        (lambda raw: line_of(raw, "fraud").update(was=["other"]), "one of a line"),
        (lambda raw: raw.update(dropped=[line_of(raw, "fraud")]), "one of a line"),
        (
            lambda raw: [line_of(raw, x).update(was=["x"]) for x in ("fraud", "other")],
            "'x' `was` both fraud and other",
        ),
    ],
)
def test_a_taxonomy_that_contradicts_itself_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        labels_of(tmp_path, change)


def labels_of(folder: Path, change: Callable[[dict[str, Any]], None]) -> Taxonomy:
    raw = yaml.safe_load((ROOT / "data" / "taxonomy.yaml").read_text(encoding="utf-8"))
    change(raw)
    path = folder / "taxonomy.yaml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return load_taxonomy(path)


def test_a_file_in_the_codes_of_before_means_those_of_today(data: Path) -> None:
    labels = Labels(load_taxonomy(), {})
    assert labels.leaf("credit_report", None) == ("credit_record", None)
    assert labels.leaf("fraud", "scam_transfer") == ("fraud", "scam_transfer")
    assert labels.leaf(NAME, None) == ("card_service", None)
    with pytest.raises(Dropped, match="line wealth_agency is dropped"):
        labels.leaf("wealth_agency", None)


def test_a_banks_rows_of_a_dropped_line_are_told_of_as_dropped(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "bank.jsonl"
    rows = [("wealth_agency", []), ("理财与代销", []), ("天气", []), ("other", ["wealth_agency"])]
    told = [
        {"text": f"第{i}条，业务员说保本", "line": line, "secondary": secondary}
        for i, (line, secondary) in enumerate(rows)
    ]
    path.write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in told))
    read = read_labelled(path, load_taxonomy())
    assert [(case.line, case.secondary) for case in read.cases] == [("other", ())]
    text = read.report.text()
    assert "2 x line wealth_agency is dropped from the taxonomy: left out (first at line 1)" in text
    assert "1 x unknown line '天气' (a former name? `was_named`" in text


def test_a_dropped_leaf_is_known_by_every_name_and_a_former_name_is_read(tmp_path: Path) -> None:
    def change(raw: dict[str, Any]) -> None:
        line_of(raw, "fee_dispute").update(zh="收费异议", was_named=["息费争议", "征信异议"])
        line_of(raw, "fraud").update(code="scam", was=["fraud"])
        parts = line_of(raw, "scam")["sublines"]
        raw["dropped"] = [{"code": "scam.loan_fraud", "zh": "冒名与诈骗贷款", "en": "Loan fraud"}]
        parts.pop(1)
        parts[1].update(zh="被骗转账", was_named=["受骗转账"])

    labels = Labels(labels_of(tmp_path, change), {})
    for line, subline in (
        ("fraud", "loan_fraud"),
        ("scam.loan_fraud", None),
        ("欺诈盗刷", "冒名与诈骗贷款"),
        ("fraud", "冒名与诈骗贷款"),
        ("Loan fraud", None),
    ):
        with pytest.raises(Dropped, match=r"scam|fraud"):
            labels.leaf(line, subline)
    assert labels.leaf("息费争议", None) == ("fee_dispute", None)
    # A name of today is no former one.
    assert labels.leaf("征信异议", None) == ("credit_report", None)
    assert labels.leaf("fraud", "受骗转账") == ("scam", "scam_transfer")
    assert labels.leaf("被骗转账", None) == labels.leaf("受骗转账", None)
