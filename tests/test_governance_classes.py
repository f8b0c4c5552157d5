"""Class and reason by line, product, matter and a person's finding; what the file may not say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.governance.classes import NONE, OTHER, SEVERAL, Classes, Told
from service.governance.classes_file import load_classes
from triage.concepts import load_concepts
from triage.config import data_dir
from triage.errors import ConfigError
from triage.rules.naming import check_names
from triage.taxonomy import load_taxonomy

RULES = "金融机构管理制度、业务规则与流程"


@pytest.fixture(scope="module")
def classes() -> Classes:
    return load_classes()


def told(line: str | None, **known: Any) -> Told:
    line, _, subline = (line or "").partition(".")
    usual = {"nature": "complaint", "product": None, "read": (), "cause": None}
    return Told(line or None, subline or None, **{**usual, **known})


@pytest.mark.parametrize(
    ("line", "product", "name"),
    [
        ("fee_dispute", "信用卡", "银行卡·信用卡"),
        ("fee_dispute", "个人住房贷款", "贷款·个人住房贷款"),
        ("fee_dispute", "牡丹准贷记卡", "银行卡·其他·准贷记卡等其他卡类业务"),
        ("fee_dispute", "工资卡（储蓄卡）", "银行卡·借记卡·收费及挂失"),
        ("deposit_payment", "定期存款", "人民币储蓄"),
        ("fraud.unauthorized_transaction", "信用卡", "银行卡·信用卡·盗刷"),
        ("loan_collection.unspecified", "个人经营贷", "债务催收·贷款债务催收"),
        ("account_control", "借记卡", "银行卡·借记卡·账户管理"),
        # The line knows more than the product: the leaf of the text is not turned over.
        ("loan_collection.credit_card", "个人消费贷", "债务催收·信用卡债务催收"),
        ("fee_dispute", "综合服务", NONE),
        ("fee_dispute", "信用卡及住房贷款", NONE),
        ("service_quality", None, NONE),
        (None, "信用卡", NONE),
    ],
)
def test_the_class_is_of_line_and_product(
    classes: Classes, line: str | None, product: str | None, name: str
) -> None:
    assert classes.business(told(line, product=product)).name == name


def test_a_recorded_product_goes_before_what_is_read(classes: Classes) -> None:
    both = told("fee_dispute", product="信用卡", read=("mortgage",))
    assert classes.business(both) == ("银行卡·信用卡", "record")
    alone = told("fee_dispute", product="综合服务", read=("mortgage", "queue_long"))
    assert classes.business(alone) == ("贷款·个人住房贷款", "read")
    doubt = told("fee_dispute", read=("mortgage", "credit_card"))
    assert classes.business(doubt) == (NONE, "none")
    # What a review of an app mentions is not what it is about.
    app = told("digital_channel", read=("mortgage",))
    assert classes.business(app) == (NONE, "none")
    assert classes.business(told("digital_channel", product="房贷")).basis == "record"
    assert classes.business(told("card_repayment")) == ("银行卡·信用卡·使用和还款", "line")


@pytest.mark.parametrize(
    ("line", "known", "name", "basis"),
    [
        ("fee_dispute", {}, "定价收费 / 信息披露", "line"),
        ("fee_dispute", {"read": ("late_fee",)}, "定价收费", "read"),
        ("fee_dispute", {"read": ("late_fee", "notice_missing")}, "定价收费 / 信息披露", "line"),
        ("fee_dispute", {"read": ("late_fee",), "cause": "process"}, RULES, "person"),
        ("fee_dispute", {"nature": "inquiry"}, OTHER, "other"),
        ("fee_dispute", {"nature": "inquiry", "cause": "disclosure"}, "信息披露", "person"),
        # A finding that is no reason of the standard takes nothing back.
        ("loan_collection.credit_card", {"cause": "third_party"}, "债务催收方式和手段", "line"),
        ("wealth_agency", {}, NONE, "none"),
        ("wealth_agency", {"read": ("product_loss",)}, "产品收益", "read"),
        ("deposit_payment", {}, NONE, "none"),
        ("deposit_payment", {"read": ("atm_trouble",)}, "金融机构服务设施、设备、业务系统", "read"),
        (None, {"cause": "attitude"}, "服务态度及服务质量", "person"),
    ],
)
def test_the_reason_is_the_persons_then_the_matters_then_the_lines(
    classes: Classes, line: str | None, known: dict[str, Any], name: str, basis: str
) -> None:
    assert classes.reason(told(line, **known)) == (name, basis)


def test_classes_side_by_side_have_one_top_or_none(classes: Classes) -> None:
    assert classes.top("银行卡·信用卡·账单服务 / 银行卡·信用卡·挂失及注销") == "银行卡·信用卡"
    assert classes.top("支付结算·账户管理 / 银行卡·借记卡·账户管理") == SEVERAL
    assert classes.top(NONE) == NONE


def test_what_is_asked_for_is_found_in_texts(classes: Classes) -> None:
    known = {concept.code for concept in load_concepts(data_dir() / "concepts")}
    asked = {*classes.read, *(each for _, each in classes.by_matter)}
    assert asked <= known


# ---- what is refused -------------------------------------------------------------------------


def changed(folder: Path, change: Callable[[dict[str, Any]], object], name: str) -> Path:
    for each in ("governance.yaml", "taxonomy.yaml"):
        (folder / each).write_bytes((data_dir() / each).read_bytes())
    path = folder / name
    raw = yaml.safe_load(path.read_text("utf-8"))
    change(raw)
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    return folder


def _again(raw: dict[str, Any]) -> None:
    rule = {"lines": ["fee_dispute"], "subjects": ["credit_card"], "is": "银行卡·信用卡"}
    raw["jrt0169"]["by_subject"].append(rule)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda raw: raw["jrt0169"]["by_subject"][0].update({"is": "信用卡"}), "信用卡"),
        (lambda raw: raw["jrt0169"]["by_matter"][0].update({"is": "收费贵"}), "收费贵"),
        (lambda raw: raw["jrt0169"]["by_cause"].update(simple_error="差错"), "差错"),
        (lambda raw: raw["jrt0169"]["by_cause"].update(bad_luck="定价收费"), "bad_luck"),
        (lambda raw: raw["jrt0169"]["by_subject"][0]["subjects"].append("boats"), "boats"),
        (lambda raw: raw["jrt0169"]["by_subject"][0]["lines"].append("boats"), "boats"),
        (lambda raw: raw["jrt0169"]["natures"].append("anger"), "anger"),
        (lambda raw: raw["jrt0169"]["recorded_alone"].append("boats"), "boats"),
        (lambda raw: raw["jrt0169"]["subjects"]["loan"]["words"].append("房贷"), "房贷"),
        (lambda raw: raw["jrt0169"]["by_subject"][0].pop("is"), "'is'"),
        (_again, "two rules speak of fee_dispute with credit_card"),
    ],
)
def test_what_is_not_of_the_standard_or_said_twice_is_refused(
    change: Callable[[dict[str, Any]], object], says: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"governance\.yaml: jrt0169") as caught:
        load_classes(changed(tmp_path, change, "governance.yaml"))
    assert says in str(caught.value)


def test_homes_of_lines_are_names_of_the_standard_too(tmp_path: Path) -> None:
    folder = changed(tmp_path, lambda raw: raw["lines"][0].update(jrt0169=["卡"]), "taxonomy.yaml")
    with pytest.raises(ConfigError, match="no such name: 卡"):
        load_classes(folder)


def test_a_file_without_rules_leaves_all_to_the_line(tmp_path: Path) -> None:
    bare = load_classes(changed(tmp_path, lambda raw: raw.pop("jrt0169"), "governance.yaml"))
    assert bare.business(told("fee_dispute", product="信用卡")).name == NONE
    assert bare.reason(told("fraud", nature="inquiry")) == ("消费者资金安全", "line")


def test_rules_follow_a_line_that_has_another_code(tmp_path: Path) -> None:
    def renamed(raw: dict[str, Any]) -> None:
        line = next(each for each in raw["lines"] if each["code"] == "fee_dispute")
        line.update(code="charges", was=["fee_dispute"])

    moved = load_classes(changed(tmp_path, renamed, "taxonomy.yaml"))
    for code in ("charges", "fee_dispute"):
        assert moved.business(told(code, product="信用卡")).name == "银行卡·信用卡"
        assert moved.reason(told(code, read=("late_fee",))).name == "定价收费"


def test_a_line_that_rules_name_and_nobody_knows_is_told_before_anything_is_served(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    changed(
        folder,
        lambda raw: raw["jrt0169"]["by_matter"][0].update(lines=["boats"]),
        "governance.yaml",
    )
    with pytest.raises(ConfigError, match=r"boats \(governance.yaml:\d+\)"):
        check_names(load_taxonomy(), folder)
