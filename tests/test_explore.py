from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from training.cases import Case
from training.corpus import LabelledRow
from training.explore import drawn, material, repeats
from training.simulated_cases import year_cases
from triage.reading import TextReader
from triage.records import Context
from triage.repeats.settings import load_settings
from triage.taxonomy import load_taxonomy

LETTER = (
    "本人于去年办理贵行信用卡，业务员未说明分期手续费的实际年化利率，现要求退还多收的手续费并书面答复，"
    "逾期不答复将向监管部门反映，请依法处理"
)


def test_a_file_of_ones_own_is_read_with_its_own_names(tmp_path: Path) -> None:
    file = tmp_path / "台账.csv"
    asked = ["年费不该收", "分期手续费太高", "要求退还违约金", "利息怎么多算了三天"]
    told = ["受理时间,客户诉求,业务类别"]
    told += [f"2026-03-0{n} 09:00,{what},息费争议" for n, what in enumerate(asked, 1)]
    file.write_text("\n".join([*told, "2026-03-09,,其他"]), encoding="gb18030")
    mapping = "text=客户诉求,line=业务类别,received_at=受理时间"
    found = material(load_taxonomy(), file, mapping, most=3)
    assert [case.line for case in found.cases] == ["fee_dispute"] * 3
    assert found.timed
    assert "3 of 4 rows" in found.told
    assert "empty text" in found.told


def test_rows_are_drawn_by_whole_groups_in_their_order() -> None:
    cases = [Case(f"{n}", "文", "other", group=f"g{n // 2}") for n in range(20)]
    kept = drawn(cases, 6)
    assert len(kept) == 6
    assert len({case.group for case in kept}) == 3
    assert [case.id for case in kept] == sorted((case.id for case in kept), key=int)
    assert drawn(cases, 20) == cases


def test_repeats_are_a_customers_own_and_templates_are_other_peoples() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)

    def case(number: int, text: str, who: str) -> Case:
        known = Context(customer_key=who, received_at=start + timedelta(days=number))
        return Case(str(number), text, "fee_dispute", context=known)

    cases = [
        case(0, LETTER, "甲"),
        case(1, LETTER + "。", "乙"),
        case(2, "银行卡被冻结了，取不出钱", "丙"),
        case(3, "上次投诉的分期手续费，还没有人答复，" + LETTER, "甲"),
    ]
    documents = TextReader().many([one.text for one in cases])
    found = {one.position: one for one in repeats(cases, documents, load_settings())}
    assert found[1].like == ("0",)
    assert not found[1].matters
    assert found[3].matters == ("0",)
    assert 2 not in found
    # Without customers and times every row is somebody's own.
    plain = [replace(one, context=Context()) for one in cases[:2]]
    assert repeats(plain, documents[:2], load_settings())[0].like == ("0",)


def test_tickets_of_the_year_keep_what_their_narrative_is_labelled() -> None:
    rows = [
        LabelledRow(str(n), f"第{n}件事", line, register="note", group=f"g{n}")
        for n, line in enumerate(["other", "fee_dispute", "card_service"] * 4)
    ]
    found = year_cases(rows, tickets=60)
    line_of = {row.text: (row.line, row.group) for row in rows}
    assert all((case.line, case.group) == line_of[case.text] for case in found)
    assert len({case.id for case in found}) == len(found)
    moments = [case.context.received_at for case in found if case.context.received_at]
    assert len(moments) == len(found)
    assert moments == sorted(moments)
    formal = {case.context.channel for case in found if case.escalated_30d is None}
    assert formal <= {"regulator_formal", "petition", "media"}
    assert any(case.escalated_30d is not None for case in found)
