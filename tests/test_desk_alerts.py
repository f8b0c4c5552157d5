"""The page of risk alerts: from the draft to who read it, in both languages, by role."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from desk_fakes import field, fixtures, hostile, sign_in, submit
from service_fakes import Client

from service.access.keys import Role
from service.alerts.acts import ACTOR
from service.store import alerts
from service.store.database import Session
from service.store.records_governance import AlertState, NewAlert

running, client = fixtures(tickets=3)


def send(client: Client, path: str, /, **data: Any) -> httpx.Response:
    return submit(client, "/desk/alerts", path, **data)


def kept(client: Client, text: str = "说明文字", **given: Any) -> int:
    """Keep an alert that nothing was found for."""
    database = client.web.app.state.parts.database  # type: ignore[attr-defined]
    ident: int = database.change(lambda session: alert_of(session, text, **given))
    return ident


def alert_of(
    session: Session,
    text: str,
    who: str = "k",
    state: AlertState = AlertState.DRAFT,
    surge: dict[str, Any] | None = None,
    **points: str,
) -> int:
    """Keep an alert about nothing, with a text."""
    section = {"heading": text, "level": 2, "text": [text], "points": list(points.items())}
    surge = {"tickets": ["T-0", "T-1"], "id": "s", "typical": "T-1"} | (surge or {})
    found = {"surges": [surge], "major": [], "typical": ["T-1"]}
    draft = {
        "title": f"风险提示（草稿）{text}",
        "quotes": [],
        "sections": [{**section, "rows": []}],
    }
    new = NewAlert("2026-11-01", "2026-11-30", draft["title"], found, draft)  # type: ignore[arg-type]
    return alerts.add(session, new, who=who, now=datetime.now(UTC), state=state)


def test_a_draft_is_made_approved_sent_and_read(client: Client) -> None:
    assert sign_in(client).status_code == 303
    made = send(client, "/desk/alerts", **{"from": "", "to": ""})
    assert made.status_code == 303
    path = made.headers["location"]
    page = client.web.get(path)
    assert "风险提示（草稿）" in page.text
    assert send(client, f"{path}/distribute", recipients="消保办").status_code == 409
    assert send(client, f"{path}/approve", typical="").headers["location"] == path
    assert "风险提示（草稿）" not in client.web.get(path).text
    assert (
        send(client, f"{path}/distribute", recipients=" 消保办 \n\n信用卡部\n").status_code == 303
    )
    page = client.web.get(path)
    assert page.text.count('name="recipient"') == 2
    assert send(client, f"{path}/receipt", recipient="消保办").status_code == 303
    page = client.web.get(path)
    assert page.text.count('name="recipient"') == 1
    listed = client.web.get("/desk/alerts").text
    assert f'href="{path}"' in listed
    assert "已下发" in listed
    file = client.web.get(f"{path}/file?format=md")
    assert file.text.startswith("# 风险提示2")


def test_what_was_found_by_itself_is_shown_and_dismissed(client: Client) -> None:
    assert sign_in(client).status_code == 303
    surge = {"headline": "年费投诉增多", "since": "2026-11-20", "told": "2026-11-21"}
    surge |= {"last": "2026-11-22", "closed": None, "count": 9, "expected": 1.5, "growth": 6.0}
    ident = kept(client, who=ACTOR.who, state=AlertState.PROPOSED, surge=surge)
    listed = client.web.get("/desk/alerts?lang=zh").text
    row = listed.partition(f'href="/desk/alerts/{ident}"')[2].partition("</tr>")[0]
    assert row.startswith(' lang="zh-CN">年费投诉增多')
    assert all(f">{told}<" in row for told in ("2026-11-20", "9", "1.5", "6.0×"))
    page = client.web.get(f"/desk/alerts/{ident}").text
    assert "自2026-11-20起9件，预期1.5件，为6.0倍" in page
    assert f"/desk/alerts/{ident}/approve" in page
    assert send(client, f"/desk/alerts/{ident}/dismiss").status_code == 303
    assert "系统发现</h2>" not in client.web.get("/desk/alerts").text
    assert "不属实" in client.web.get(f"/desk/alerts/{ident}").text
    assert send(client, f"/desk/alerts/{ident}/dismiss").status_code == 409


def test_the_page_speaks_both_languages(client: Client) -> None:
    assert sign_in(client, Role.SCIENTIST).status_code == 303
    ident = kept(client)
    for path in ("/desk/alerts", f"/desk/alerts/{ident}"):
        assert "Risk alerts" in client.web.get(f"{path}?lang=en").text
        assert "风险提示" in client.web.get(f"{path}?lang=zh").text


def test_a_scientist_reads_and_marks_as_read_alone(client: Client) -> None:
    assert sign_in(client, Role.SCIENTIST).status_code == 303
    path = f"/desk/alerts/{kept(client)}"
    assert 'action="/desk/alerts' not in client.web.get(path).text
    page = client.web.get("/desk/alerts")
    token = {"csrf": field(page, "csrf")}
    for act in (
        "",
        f"/{path.rpartition('/')[2]}/approve",
        f"/{path.rpartition('/')[2]}/distribute",
    ):
        answer = client.web.post(f"/desk/alerts{act}", data={**token, "recipients": "x"})
        assert answer.status_code == 403


@pytest.mark.parametrize("act", ["approve", "distribute", "receipt"])
def test_a_form_from_elsewhere_changes_nothing(client: Client, act: str) -> None:
    assert sign_in(client).status_code == 303
    path = f"/desk/alerts/{kept(client)}"
    answer = client.web.post(f"{path}/{act}", data={"csrf": "x", "recipient": "a"})
    assert answer.status_code == 403


def test_what_an_alert_holds_is_text_and_nothing_else(client: Client) -> None:
    assert sign_in(client).status_code == 303
    for text in hostile()[::6]:
        page = client.web.get(f"/desk/alerts/{kept(client, text, **{text: text})}").text
        main = page.partition("<main")[2].partition("</main>")[0]
        assert "<script" not in main.lower()
        assert not re.search(r"<[^>]*\son\w+=", main)


def test_what_is_not_there_is_a_page_of_its_own(client: Client) -> None:
    assert sign_in(client).status_code == 303
    assert client.web.get("/desk/alerts/999999").status_code == 404
    assert send(client, "/desk/alerts", **{"from": "soon"}).status_code == 422


def test_the_page_says_what_the_state_is_and_leads_to_the_tickets(client: Client) -> None:
    assert sign_in(client).status_code == 303
    warning = "本文由系统起草，须经人工核实、审批后方可发布。"
    points = {"涉及工单": "T-0、T-1、T-9", "建议典型": "T-1"}
    path = f"/desk/alerts/{kept(client, warning, **points)}"
    page = client.web.get(path).text
    main = page.partition('class="left"')[2].partition('class="right"')[0]
    assert f"<p>{warning}</p>" in main
    assert all(f'<a href="/desk/tickets/{ident}">{ident}</a>' in main for ident in ("T-0", "T-1"))
    assert '"/desk/tickets/T-9"' not in page
    assert send(client, f"{path}/approve", typical="").status_code == 303
    text = client.web.get(path).text.partition('class="left"')[2].partition('class="right"')[0]
    assert f"<p>{warning}" not in text
    assert "建议典型" not in text
    assert "审批，准予发布" in text
    assert "审批时未确定典型案例" in text
