"""The engine hands its answers to the rules, and both shapes of an answer carry what they say."""

from __future__ import annotations

from rules_fakes import NOON

from service.schemas import Assessed
from triage.records import Context
from triage.wire import assessment_json

TEXTS = ["信用卡年费乱扣，12378让我先找你们银行，要求退还年费", "", "账户被冻结，工资取不出来"]
CONTEXTS = [Context(received_at=NOON, channel="phone"), Context(), Context(received_at=NOON)]


def test_an_assessment_carries_owner_duties_and_the_version(tiny_engine) -> None:
    said, silent, _ = tiny_engine.assess(TEXTS, CONTEXTS)
    assert said.rules_version == tiny_engine.rulebook.version
    assert "contact_same_day" in [duty.code for duty in said.duties]
    assert "guided" in said.flags
    assert silent.abstained
    assert silent.owner.level == "disposal_office"
    assert silent.owner.why[-1] == "abstained"


def test_the_rules_read_what_the_assessment_says(tiny_engine) -> None:
    for assessment, context in zip(tiny_engine.assess(TEXTS, CONTEXTS), CONTEXTS, strict=True):
        ruling = tiny_engine.rulebook.judge(assessment, context)
        assert ruling.duties == assessment.duties
        assert ruling.owner == assessment.owner
        assert ruling.flags == assessment.flags


def test_time_is_an_argument(tiny_engine) -> None:
    (without,) = tiny_engine.assess(TEXTS[:1])
    (given,) = tiny_engine.assess(TEXTS[:1], now=NOON)
    assert {duty.due_at for duty in without.duties} == {None}
    assert all(duty.due_at for duty in given.duties)


def test_an_answer_does_not_depend_on_its_neighbours(tiny_engine) -> None:
    together = tiny_engine.assess(TEXTS, CONTEXTS)
    for text, context, one in zip(TEXTS, CONTEXTS, together, strict=True):
        (alone,) = tiny_engine.assess([text], [context])
        assert (alone.duties, alone.owner) == (one.duties, one.owner)


def test_the_json_is_what_the_service_describes(tiny_engine) -> None:
    for assessment in tiny_engine.assess(TEXTS, CONTEXTS):
        body = assessment_json(assessment, "T-1")
        assert Assessed(**body).model_dump() == body
    first = assessment_json(tiny_engine.assess(TEXTS[:1], CONTEXTS[:1])[0])
    duty = first["duties"][0]
    assert (duty["code"], duty["due_at"]) == ("contact_same_day", "2026-11-25T23:59:59+08:00")
    assert len(duty["alarms"]) == 3
    assert first["owner"]["departments"][1:]
