"""The draft of a risk alert, and the command that writes it."""

import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime

import orjson
import pytest

import jiesu
from service.alerts.files import html, markdown, write_file
from service.alerts.rows import bonds_of, ticket_of, tickets_of_file
from service.store.seen import SeenRow
from tests.surge_fakes import START, day, event, quiet, settings
from triage.errors import InvalidInput
from triage.repeats.settings import load_settings as load_repeats
from triage.rules.rulebook import Rulebook
from triage.segment import Segmenter
from triage.surge.alerts import find_alerts
from triage.surge.draft import write_draft
from triage.surge.prepare import Texts, prepare
from triage.surge.tickets import Said, SurgeTicket
from triage.surge.wire import alerts_json
from triage.taxonomy import load_taxonomy

DAYS, FIRST = 70, 60
NEWS = {"line": "fraud", "subline": "scam_transfer", "unit": "支行02", "product": "借记卡"}
STORIES = (
    "我在{}里填了验证码钱就没了，{}快帮我查一查",
    "客服让我下载{}开会议，{}结果卡里少了两万",
    "群里老师叫我把钱充到{}，{}现在提不出来",
    "老人被教着用{}转了账，{}请银行止付",
)


@pytest.fixture(scope="module")
def taxonomy():
    return load_taxonomy()


@pytest.fixture(scope="module")
def tickets():
    scam = event(FIRST, 6, 8, **NEWS)
    told = [
        replace(
            each,
            text=STORIES[n % 4].format("云盾盈", f"第{n}次*来电<b>，[姓名]说"),
            phrases=(),
            signals=("self_harm",) if n == 0 else (),
        )
        for n, each in enumerate(scam)
    ]
    return [replace(each, text="年费怎么又扣了", phrases=()) for each in quiet(DAYS)] + told


@pytest.fixture(scope="module")
def alerts(tickets, taxonomy):
    ready = prepare(tickets, settings(), load_repeats())
    return find_alerts(
        ready, settings(), taxonomy, since=day(FIRST - 20), until=day(DAYS - 1), repeat_days=90
    )


@pytest.fixture(scope="module")
def draft(alerts, taxonomy):
    return write_draft(alerts, taxonomy, Rulebook.load(taxonomy=taxonomy))


def test_alerts_hold_the_surge_and_the_major_ticket(alerts):
    (story,) = alerts.stories
    assert story.since == day(FIRST)
    assert "云盾盈" in story.phrases
    assert [each.ticket.signals for each in alerts.majors] == [("self_harm",)]
    assert alerts.counted <= alerts.tickets


def test_alerts_of_another_period_are_left_out(tickets, taxonomy):
    ready = prepare(tickets, settings(), load_repeats())
    found = find_alerts(ready, settings(), taxonomy, since=day(40), until=day(50))
    assert found.stories == ()
    assert found.majors == ()


def test_the_draft_says_what_since_when_how_many_where_and_what_to_do(draft, alerts):
    text = markdown(draft)
    (story,) = alerts.stories
    for told in ("云盾盈", f"共{story.count}件", "支行02", "欺诈盗刷", "保全证据", "风险管理部"):
        assert told in text
    assert f"自{START.year}年5月1日" in text
    assert all(ident in text for ident in story.tickets)
    assert "须经人工" in text


def test_what_customers_write_stays_text(draft):
    assert "\\*来电\\<b\\>" in markdown(draft)
    page = html(draft)
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


def test_a_draft_as_word(draft, tmp_path):
    docx = pytest.importorskip("docx")
    path = tmp_path / "alert.docx"
    write_file(draft, path)
    text = "\n".join(each.text for each in docx.Document(str(path)).paragraphs)
    assert "云盾盈" in text


def test_json_holds_no_narrative(alerts, taxonomy):
    body = orjson.dumps(alerts_json(alerts, taxonomy)).decode()
    assert "验证码钱就没了" not in body
    assert orjson.loads(body)["surges"][0]["growth"] > 1


def test_preparing_finds_templates_and_repeats():
    letter = "本人要求贵行停止一切催收行为并提供个性化分期方案否则将向监管部门反映，"
    letter += "此前多次致电均无人处理，现正式书面投诉"
    shared = [
        SurgeTicket(f"L{n}", day(n), customer_ref=f"C{n}", text=f"{letter}。金额{n}元")
        for n in range(4)
    ]
    again = [
        SurgeTicket(f"R{n}", day(n), customer_ref="C", line="fee_dispute", text="年费288又扣了")
        for n in range(3)
    ]
    ready = prepare([*shared, *again], settings(), load_repeats())
    assert {each.cluster for each in ready[:4]} == {"L0"}
    assert {each.matter for each in ready[4:]} == {"R0"}
    assert {each.cluster for each in ready[4:]} == {None}


def rows_of(tickets):
    for each in tickets:
        yield {
            "id": each.id,
            "received_at": f"{each.received}T10:00:00+08:00",
            "line": each.line,
            "subline": each.subline,
            "signals": [{"code": code, "start": 0, "end": 1} for code in each.signals],
            "masked_text": each.text,
            "customer_key": each.customer_ref,
            "unit": each.unit,
            "channel": each.channel,
            "product": each.product,
        }


@pytest.fixture(scope="module")
def scored(tickets, tmp_path_factory):
    path = tmp_path_factory.mktemp("alerts") / "scored.jsonl"
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows_of(tickets)))
    return path


def test_a_scored_file_gives_the_same_tickets(scored, tickets):
    read = tickets_of_file(scored)
    assert [(t.id, t.received, t.signals) for t in read] == [
        (t.id, t.received, t.signals) for t in tickets
    ]


@pytest.mark.parametrize("ending", ["md", "html", "json"])
def test_the_command_writes_the_draft(scored, tmp_path, ending, capsys):
    out = tmp_path / f"alert.{ending}"
    assert jiesu.main(["alerts", str(scored), "--out", str(out)]) == 0
    assert "云盾盈" in out.read_text(encoding="utf-8")
    assert re.match(r"1 surges, 1 major", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"id": "a", "masked_text": "甲"}, "received_at"),
        ({"id": "a", "received_at": "2026-03-02T10:00:00+08:00"}, "masked_text"),
        (
            {"received_at": "2026-03-02T10:00:00+08:00", "masked_text": "", "recorded_at": "x"},
            "rec",
        ),
    ],
)
def test_rows_that_cannot_be_used_are_named(tmp_path, row, named):
    path = tmp_path / "scored.jsonl"
    path.write_bytes(orjson.dumps(row))
    with pytest.raises(InvalidInput, match=f"line 1.*{named}"):
        tickets_of_file(path)


@pytest.mark.parametrize(
    "arguments",
    [["--out", "alert.txt"], ["--from", "2030-01-01", "--to", "2029-01-01"]],
)
def test_arguments_that_cannot_be_are_refused(scored, arguments, capsys):
    assert jiesu.main(["alerts", str(scored), *arguments]) == jiesu.BAD_INPUT
    assert "Traceback" not in capsys.readouterr().err


def test_an_empty_ledger_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("JIESU_HOME", str(tmp_path))
    monkeypatch.delenv("JIESU_DATABASE_URL", raising=False)
    assert jiesu.main(["alerts"]) == jiesu.BAD_INPUT
    assert "no tickets" in capsys.readouterr().err


def seen(ident, **changed):
    """A ticket as the ledger gives it."""
    given = dict.fromkeys(each.name for each in fields(SeenRow))
    at = datetime(2026, 3, 2, 18, tzinfo=UTC)  # the third in Shanghai
    given |= {"id": ident, "ticket_id": f"T{ident}", "received_at": at, "abstained": False}
    return SeenRow(**given | {"masked_text": "甲", "customer_ref": "C"} | changed)


def test_tickets_of_the_ledger():
    row = seen(1, line="fraud", subline="scam_transfer", abstained=True, unit="支行01")
    found = ticket_of(row, (Said("media", 0, "抖音"),), *bonds_of(()))
    assert (found.received, found.recorded) == (date(2026, 3, 3), None)
    assert (found.line, found.unit, found.customer_ref) == (None, "支行01", "C")
    assert (found.matter, found.cluster, found.signals) == ("1", None, ("media",))


def test_tickets_of_the_ledger_belong_together_as_their_links_say():
    links = [(4, 2, "customer"), (2, 1, "customer"), (5, 3, "template"), (6, 5, "template")]
    bonds = bonds_of(links)
    found = [ticket_of(seen(ident), (), *bonds) for ident in range(1, 8)]
    assert [each.matter for each in found] == ["1", "1", "3", "1", "5", "6", "7"]
    assert [each.cluster for each in found] == [None, None, "3", None, "3", "3", None]
    assert bonds[0].other_than(bonds_of([(2, 1, "customer"), (4, 7, "customer")])[0]) == {4, 7}


def test_texts_are_made_ready_once_and_forgotten_when_they_are_gone(monkeypatch):
    made, cut = [], Segmenter.cut_many

    def counted(own, points):
        made.append(len(points.lengths))
        return cut(own, points)

    monkeypatch.setattr(Segmenter, "cut_many", counted)
    tickets = [
        SurgeTicket(str(n), START, text=f"{name}的年费没有退，请尽快处理并给我答复")
        for n, name in enumerate("甲乙丙丁戊己")
    ]
    texts, said = Texts(), [each.text for each in tickets]
    first = texts.read(said[:5])
    made.clear()
    assert texts.read(said)[:5] == first
    assert made == [1]
    texts.read(said[3:])
    made.clear()
    texts.more(said)
    assert made == [3]
