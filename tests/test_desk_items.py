"""The pages of items: opened from nothing, an alert or a ticket, closed with evidence, by role."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from desk_fakes import fixtures, hostile, parts, sign_in, submit
from service_fakes import Client
from test_desk_alerts import kept

from service.access.keys import Role
from service.store import audit, items
from service.store.database import Session
from service.store.records_governance import ItemKind, NewItem

ITEM = {
    "kind": "rectification", "title": "年费逐户告知", "owner": "信用卡部", "due_on": "2099-12-31",
    "line": "fee_dispute", "unit": "城东支行", "effective_on": "2026-12-01", "alert_id": "",
    "tickets": "T-1  T-0 T-1",
}  # fmt: skip


running, client = fixtures(tickets=3)


def send(client: Client, path: str, /, **data: Any) -> httpx.Response:
    return submit(client, "/desk/items", path, **data)


def opened(client: Client, **changed: str) -> str:
    made = send(client, "/desk/items", **{**ITEM, **changed})
    assert made.status_code == 303, made.text
    return str(made.headers["location"])


def titles(client: Client, query: str) -> list[str]:
    page = client.web.get(f"/desk/items?{query}").text
    return re.findall(r'<span lang="zh-CN">([^<]*)</span></a>', page)


def test_an_item_is_opened_and_closed_with_evidence(client: Client) -> None:
    assert sign_in(client).status_code == 303
    path = opened(client, title="告知张伟13812345678以外的客户")
    page = client.web.get(path).text
    assert "13812345678" not in page
    assert page.count('href="/desk/tickets/T-1"') == page.count('href="/desk/tickets/T-0"') == 1
    assert send(client, f"{path}/close", evidence="  ").status_code == 422
    done = send(client, f"{path}/close", evidence="短信记录，联系电话13912345678")
    assert done.headers["location"] == path
    page = client.web.get(path).text
    assert "短信记录" in page
    assert "13912345678" not in page
    assert "/close" not in page
    assert send(client, f"{path}/close", evidence="再来").status_code == 409
    noted = parts(client).database.ask(lambda s: audit.entries(s, limit=20))
    mine = [one.what for one in noted if one.what.startswith("item.")]
    assert mine[:2] == ["item.closed", "item.opened"]


def test_items_are_chosen_by_kind_state_and_what_is_late(client: Client) -> None:
    assert sign_in(client).status_code == 303
    opened(client, title="督导甲", kind="supervision")
    opened(client, title="培训乙", kind="training", due_on="2026-01-01")
    send(client, opened(client, title="培训丙", kind="training", due_on="2026-01-01") + "/close",
         evidence="签到表")  # fmt: skip
    assert titles(client, "kind=training") == ["培训丙", "培训乙"]
    assert titles(client, "kind=training&state=open") == ["培训乙"]
    assert titles(client, "overdue=true") == ["培训乙"]
    assert titles(client, "kind=training&state=closed&kin=1&before=x") == ["培训丙"]
    assert "已逾期 1 项" in client.web.get("/desk/items").text
    api = client.web.get("/v1/items?overdue=true", headers=client.bearer(Role.SCIENTIST)).json()
    assert [one["title"] for one in api["items"]] == ["培训乙"]


def test_items_go_on_over_pages(client: Client) -> None:
    assert sign_in(client).status_code == 303

    def fill(session: Session) -> None:
        for number in range(52):
            new = NewItem(ItemKind.SUPERVISION, f"多{number}", "消保办", "2099-12-31")
            items.add(session, new, who="k", now=datetime.now(UTC))

    parts(client).database.change(fill)
    first = client.web.get("/desk/items?kind=supervision&state=open")
    onward = re.search(
        r'href="(/desk/items\?kind=supervision&amp;state=open&amp;before=\d+)"', first.text
    )
    assert onward
    rest = client.web.get(onward.group(1).replace("&amp;", "&")).text
    assert "多0<" in rest
    assert "多51<" in first.text
    assert "多51<" not in rest


def test_what_an_item_follows_is_filled_in_and_led_to(client: Client) -> None:
    assert sign_in(client).status_code == 303
    alert = kept(client)
    assert f"/desk/items/new?alert={alert}" in client.web.get(f"/desk/alerts/{alert}").text
    form = client.web.get(f"/desk/items/new?alert={alert}&ticket=T-2")
    assert re.search(rf'name="alert_id"[^>]*value="{alert}"', form.text)
    assert ">T-2</textarea>" in form.text
    path = opened(client, title="跟进风险提示", alert_id=str(alert))
    assert f'href="/desk/alerts/{alert}"' in client.web.get(path).text
    assert f'href="{path}"' in client.web.get(f"/desk/alerts/{alert}").text
    assert titles(client, f"alert={alert}") == ["跟进风险提示"]
    assert "/desk/items/new?ticket=T-1" in client.web.get("/desk/tickets/T-1").text


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"alert_id": "99999"}, 404),
        ({"alert_id": "x"}, 422),
        ({"alert_id": "9" * 30}, 422),
        ({"tickets": "T-1 NOBODY"}, 404),
        ({"due_on": "2026-02-30"}, 422),
        ({"line": "nothing"}, 422),
        ({"owner": " "}, 422),
        ({"kind": "party"}, 422),
    ],
)
def test_what_cannot_be_used_is_shown_again(
    client: Client, changed: dict[str, str], status: int
) -> None:
    assert sign_in(client).status_code == 303
    before = titles(client, "")
    answer = send(client, "/desk/items", **{**ITEM, **changed, "title": "没有立成"})
    assert answer.status_code == status
    assert 'value="没有立成"' in answer.text
    assert 'role="alert"' in answer.text
    assert titles(client, "") == before


def test_a_scientist_reads_only_and_forms_from_elsewhere_change_nothing(client: Client) -> None:
    assert sign_in(client).status_code == 303
    path = opened(client)
    for act in ("", f"/{path.rpartition('/')[2]}/close"):
        answer = client.web.post(f"/desk/items{act}", data={"csrf": "x", **ITEM, "evidence": "x"})
        assert answer.status_code == 403
    client.web.cookies.clear()
    assert sign_in(client, Role.SCIENTIST).status_code == 303
    assert "<textarea" not in client.web.get(path).text
    assert client.web.get("/desk/items/new").status_code == 403
    for act in ("", f"/{path.rpartition('/')[2]}/close"):
        assert send(client, f"/desk/items{act}", **ITEM, evidence="x").status_code == 403
    assert "已销号" not in client.web.get(path).text


def test_the_pages_speak_both_languages(client: Client) -> None:
    assert sign_in(client).status_code == 303
    path = opened(client)
    for place in ("/desk/items", "/desk/items/new", path):
        assert "All items" in client.web.get(f"{place}?lang=en").text or place == "/desk/items"
        assert "Rectification" in client.web.get(f"{place}?lang=en").text
        assert "整改" in client.web.get(f"{place}?lang=zh").text


def test_what_an_item_holds_is_text_and_nothing_else(client: Client) -> None:
    assert sign_in(client).status_code == 303
    for text in hostile()[::6]:
        path = opened(client, title=text[:200], owner=text[:200], unit=text[:200])
        for place in (path, "/desk/items"):
            page = client.web.get(place).text
            main = page.partition("<main")[2].partition("</main>")[0]
            assert "<script" not in main.lower()
            assert not re.search(r"<[^>]*\son\w+=", main)


def test_what_is_not_there_is_a_page_of_its_own(client: Client) -> None:
    assert sign_in(client).status_code == 303
    for ident in ("99999", "0", "x"):
        assert client.web.get(f"/desk/items/{ident}").status_code == 404
