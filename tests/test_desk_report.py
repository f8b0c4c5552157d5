"""The page of the governance report: a period chosen, its numbers, the tickets behind each."""

from __future__ import annotations

import html as markup
import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import quote, unquote

import pytest
from desk_fakes import parts, sign_in
from governance_ledger import NOW, make_ledger
from service_fakes import Client, serving

from service.access.keys import Role
from service.desk.report_page import Quarter, quarters
from service.governance.cases import Period
from service.governance.report import Report, make_report
from service.store import audit

ASKED = "from=2026-08-31&to=2026-11-28"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Report]]:
    home = tmp_path_factory.mktemp("home")
    database = make_ledger(home)
    period = Period(date(2026, 8, 31), date(2026, 11, 28), NOW)
    report = make_report(database, period, province=440)
    database.close()
    with serving(home, watch=False, models=home / "none") as client:
        client.web.base_url = "https://testserver"  # type: ignore[assignment]
        parts(client).ledger.clock = lambda: NOW
        yield client, report


@pytest.fixture
def client(running: tuple[Client, Report]) -> Iterator[Client]:
    found = running[0]
    found.web.cookies.clear()
    assert sign_in(found, Role.SCIENTIST).status_code == 303
    yield found
    found.web.cookies.clear()


@pytest.fixture
def report(running: tuple[Client, Report]) -> Report:
    return running[1]


def links(page: str) -> list[tuple[str, str]]:
    found = re.findall(r'<a href="/desk/report/tickets\?([^"]*)">([^<]*)</a>', page)
    return [(markup.unescape(query), shown) for query, shown in found]


def test_quarters_go_back_over_the_year() -> None:
    made = quarters(NOW, 5)
    assert [(one.year, one.number) for one in made] == [
        *((2026, 4), (2026, 3), (2026, 2), (2026, 1), (2025, 4)),
    ]
    assert (made[0].since, made[0].until) == (date(2026, 10, 1), date(2026, 12, 31))
    assert Quarter(2026, 1).until == date(2026, 3, 31)


def test_every_number_stands_in_the_page_and_leads_to_its_tickets(
    client: Client, report: Report
) -> None:
    page = client.web.get(f"/desk/report?{ASKED}&province=440").text
    shown = {}
    for query, number in links(page):
        assert query.startswith(f"{ASKED}&province=440&figure=")
        shown[query.rpartition("figure=")[2]] = number
    told = {unquote(code): number for code, number in shown.items()}
    assert told == {f.code: f.shown for f in report.figures.values() if f.ids}
    assert page.count("<svg") >= 5
    assert all(f'id="{part.code}"' in page for part in report.parts)


@pytest.mark.parametrize(
    "code", ["repeat.all", "volume.all", "item.training.open", "alert.approved", "watch"]
)
def test_the_tickets_behind_a_number_are_a_list_that_opens_them(
    client: Client, report: Report, code: str
) -> None:
    code = next(each for each in report.figures if each.startswith(code))
    figure = report.figures[code]
    found: list[str] = []
    url: str | None = f"/desk/report/tickets?{ASKED}&figure={code}"
    while url:
        page = client.web.get(url).text
        found += re.findall(r'data-row href="/desk/([^"]*)"', page)
        onward = re.search(r'href="(/desk/report/tickets[^"]*after=\d+)"', page)
        url = markup.unescape(onward.group(1)) if onward else None
    kinds = {"item": "items", "alert": "alerts"}
    wanted = [f"{kinds[k]}/{n}" if n else f"tickets/{k}" for k, _, n in
              (ident.partition(":") for ident in figure.ids)]  # fmt: skip
    assert found == wanted
    assert client.web.get(f"/desk/{found[0]}").status_code == 200


def test_the_report_is_taken_away_as_a_file(client: Client, report: Report) -> None:
    path = f"/desk/report/file?{ASKED}"
    assert client.web.get(path).content[:2] == b"PK"
    page = client.web.get(f"{path}&format=html").text
    assert report.title in page
    rows = client.web.get(f"{path}&format=csv").text.splitlines()
    assert len(rows) > sum(len(f.ids) for f in report.figures.values()) // 2
    assert client.web.get(f"{path}&format=exe").status_code == 422
    noted = parts(client).database.ask(lambda s: audit.entries(s, limit=20))
    assert "report.made" in {one.what for one in noted}


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("from=2026-12-01&to=2026-11-01", 422),
        ("from=2026-11-01", 422),
        ("from=soon&to=later", 422),
        ("from=1900-01-01&to=2199-12-31", 422),
        ("from=0001-01-01&to=9999-12-31", 422),
        ("from=2199-12-01&to=2199-12-31", 200),
        ("from=1900-01-01&to=1900-12-31", 200),
        ("from=2026-01-01&to=2026-01-31&province=0", 422),
        ("from=2026-01-01&to=2026-01-31&province=440&lang=en", 200),
        ("", 200),
    ],
)
def test_extreme_periods_are_refused_or_empty(client: Client, asked: str, status: int) -> None:
    assert client.web.get(f"/desk/report?{asked}").status_code == status
    if status == 422:
        assert client.web.get(f"/desk/report/tickets?{asked}&figure=x").status_code == 422
    elif asked:
        assert client.web.get(f"/desk/report/tickets?{asked}&figure=x").status_code == 404
        whole = client.web.get(f"/desk/report/tickets?{asked}&figure=volume.all")
        assert whole.status_code == 200


def test_the_page_speaks_both_languages(client: Client) -> None:
    for asked in ("", f"{ASKED}&"):
        assert "Governance report" in client.web.get(f"/desk/report?{asked}lang=en").text
        assert "投诉治理报告" in client.web.get(f"/desk/report?{asked}lang=zh").text


def test_the_report_of_one_person_is_asked_for_by_name(client: Client, report: Report) -> None:
    database, (part,) = parts(client).database, [p for p in report.parts if p.code == "accountable"]
    form = client.web.get("/desk/report").text
    listed = re.findall(r'<option value="([^"]*)">', form)
    assert '<input name="accountable" list="people"' in form
    assert {str(row[0]) for row in part.tables[0].rows} <= set(listed)
    assert len(listed) == len(set(listed))
    who = str(part.tables[0].rows[0][0])
    own = make_report(database, report.period, accountable=who)
    asked = f"{ASKED}&accountable={quote(who)}"
    page = client.web.get(f"/desk/report?{asked}").text
    assert f"仅含{who}负责的工单" in page
    assert f'value="{who}"' in page
    sections = re.findall(r'<section class="card" aria-labelledby="([^"]*)">', page)
    assert sections == [each.code for each in own.parts]
    shown = {unquote(query.rpartition("figure=")[2]): number for query, number in links(page)}
    assert shown == {f.code: f.shown for f in own.figures.values() if f.ids}
    assert all("accountable=" in query for query, _ in links(page))
    behind = client.web.get(f"/desk/report/tickets?{asked}&figure=volume.all").text
    assert re.findall(r'data-row href="/desk/tickets/([^"]*)"', behind) == list(
        own.figures["volume.all"].ids[:50]
    )
    assert own.title in client.web.get(f"/desk/report/file?{asked}&format=html").text
    noted = database.ask(lambda s: audit.entries(s, limit=20))
    assert any(one.data.get("accountable") == who for one in noted if one.what == "report.made")
    english = client.web.get(f"/desk/report?{asked}&lang=en").text
    assert f"Only the tickets that {who} answers for" in english
    client.web.get("/desk/report?lang=zh")


@pytest.mark.parametrize("name", ["无此人", "x" * 101])
def test_a_name_of_nobody_is_refused(client: Client, name: str) -> None:
    for path in ("", "/file", "/tickets"):
        asked = f"/desk/report{path}?{ASKED}&accountable={name}&figure=volume.all"
        assert client.web.get(asked).status_code == 422
    assert client.web.get(f"/desk/report?{ASKED}&accountable=").status_code == 200


def test_nobody_reads_it_without_signing_in(client: Client) -> None:
    client.web.cookies.clear()
    for path in (f"/desk/report?{ASKED}", f"/desk/report/file?{ASKED}"):
        assert client.web.get(path, follow_redirects=False).status_code == 303
