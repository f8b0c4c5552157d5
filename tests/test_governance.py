"""The governance report: every number again from the raw ledger; files, calls, lists of tickets."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from shutil import copyfile
from typing import Any

import orjson
import pytest
import yaml
from governance_ledger import NOW, make_ledger
from governance_oracle import Oracle
from governance_oracle_lines import SURVEYS
from governance_oracle_tree import TREE
from scipy.stats import binomtest, poisson_means_test
from service_fakes import error, serving

import jiesu
from service.access.keys import Role
from service.alerts.reading import Reader
from service.governance.cases import Case, Period
from service.governance.figures import Figure, Table
from service.governance.files import data, html, ids_csv, word
from service.governance.intervals import grown_between, grown_by_chance, newcombe
from service.governance.reading import read_book
from service.governance.report import Report, make_report
from service.store.database import Database
from service.store.deletion import erase_tickets
from service.store.records_service import Actor
from service.store.reporting import EventRow
from triage.config import data_dir
from triage.errors import InvalidInput
from triage.intervals import wilson
from triage.surge.major import majors
from triage.surge.settings import load_settings
from triage.taxonomy import load_taxonomy

SINCE, UNTIL = date(2026, 8, 31), date(2026, 11, 28)
PROVINCE = 440


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("governance")


@pytest.fixture(scope="module")
def ledger(home: Path) -> Iterator[Database]:
    database = make_ledger(home)
    yield database
    database.close()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, flat: Path) -> Path:
    """A folder of settings with a tree of units."""
    folder = tmp_path_factory.mktemp("data")
    for path in flat.iterdir():
        copyfile(path, folder / path.name)
    with (folder / "governance.yaml").open("a", encoding="utf-8") as file:
        file.write(yaml.safe_dump({"units": TREE}, allow_unicode=True))
    return folder


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of settings with surveys of the staff and without a tree."""
    folder = tmp_path_factory.mktemp("flat")
    for name in ("governance.yaml", "taxonomy.yaml", "surge.yaml", "rules.yaml"):
        copyfile(data_dir() / name, folder / name)
    with (folder / "governance.yaml").open("a", encoding="utf-8") as file:
        days = [told | {"on": date.fromisoformat(str(told["on"]))} for told in SURVEYS]
        file.write(yaml.safe_dump({"staff_surveys": days}))
    return folder


@pytest.fixture(scope="module")
def report(ledger: Database, settings: Path) -> Report:
    return make_report(ledger, Period(SINCE, UNTIL, NOW), data=settings, province=PROVINCE)


@pytest.fixture(scope="module")
def told(ledger: Database) -> dict[str, tuple[float | None, list[str]]]:
    with ledger.read() as session:
        return Oracle(session, data_dir() / "taxonomy.yaml", SINCE, UNTIL, NOW).count()


def test_every_number_is_what_the_raw_rows_say(
    report: Report, told: dict[str, tuple[float | None, list[str]]]
) -> None:
    figures = report.figures
    assert figures.keys() == told.keys()
    wrong = {
        code: (figure.value, value)
        for code, figure in figures.items()
        for value, ids in [told[code]]
        if figure.value != (pytest.approx(value) if value is not None else None)
        or sorted(figure.ids) != ids
    }
    assert wrong == {}


def test_the_ledger_holds_what_is_to_be_counted(report: Report) -> None:
    """A number that is zero everywhere would be right by itself."""
    for code in (
        *(
            "volume.all",
            "repeat.often",
            "regulator.guided",
            "regulator.formal",
            "mediation.settled",
        ),
        *("regulator.converted", "regulator.same_day", "regulator.attempted", "time.within_15"),
        *("time.within_30", "time.extended_60", "time.open_over", "mediation.refused"),
        *("mediation.confirmed", "outlet.sent_down", "outlet.leaks", "escalation.all"),
        *("effect.with", "effect.without", "effect.excluded", "satisfaction.refused"),
        *("item.training.open", "item.rectification.overdue", "item.supervision.closed"),
        *("alert.typical", "measure.1.before", "measure.1.after", "duty.missed"),
        *("major.life", "major.media", "major.group", "major.amount", "early.high"),
        *("early.escalated", "transfer.often", "volume.before", "mediation.delegated"),
        *("alert.sent", "alert.unread", "early.followed", "early.followed_high"),
        *("ranking.all.sued", "ranking.all.leaks", "ranking.all.transfers", "ranking.all.within"),
        *("ranking.all.converted", "ranking.unit.rest", "ranking.all.refused"),
        *("major.all.same_day", "major.all.uncontacted", "major.group.lifted", "major.all.kept"),
        *("major.all.late", "major.all.waits", "major.life.escalated", "major.without_item"),
        *("item.unit.支行13.closed", "item.unit.未指明机构.overdue", "watch.unit.支行13.items"),
        *("grade.escalated", "grade.repeat", "grade.difficult", "grade.below", "grade.changed"),
        *("grade.notice_open", "grade.notice_missed", "staff.violence", "staff.uncared"),
        *("staff.in_person", "staff.crowd", "risk.band.high", "risk.top_escalated"),
        *("petition.leaderless", "petition.open", "petition.untold", "petition.heard"),
        *("petition.unheard", "petition.unhappy", "petition.reviewed", "petition.unreviewed"),
        *("petition.分管行领导.reviewed", "item.hearing.open", "item.review.opened"),
        *("response.entered_hours", "response.entered_late", "response.acted_hours"),
        *("response.idle", "response.channel.phone.slow", "response.channel.phone.same_day_rate"),
        *("source.fee_dispute.before", "source.fee_dispute.again"),
        *("staff.survey.2026-09-20.content_rate", "ledger.overdue", "ledger.stuck"),
        "measure.1.run_below",
        *("repeat.recorded", "repeat.said", "repeat.other_channel", "escalation.sued"),
        *("regulator.evening_met", "regulator.unreviewed", "regulator.conversion_days"),
        *("outlet.before", "order.sent", "order.bare", "order.first.branch_department"),
        *("effect.without.sued", "mediation.accepted.line.fee_dispute"),
        *("error.simple", "check.uncontacted", "check.missed", "check.pleased", "check.wrong"),
        *("check.reopened", "check.withdrawn_escalated", "item.hazard.overdue"),
        *("item.accountability.closed", "item.staff_care.open", "target.repeat.any_rate.2026-10"),
        *("before.late_contact.all", "before.transferred.none", "before.missed.all"),
        *("duty.kept.contact", "duty.late.contact", "duty.attempted.contact_same_day"),
        *("duty.rate.contact", "duty.hours.contact", "drill.broken", "drill.items"),
        *("drill.kind.life.broken", "drill.step.missed.major_report", "ledger.without.channel"),
        *("ledger.without.product", "ledger.without.visited", "ledger.without.accountable"),
        *("ledger.lifted.few", "ledger.lifted.nobody"),
        *("digest.分管行领导.overdue", "digest.分管行领导.soon", "digest.分管行领导.major"),
        *(
            "digest.分管行领导.lifted",
            "volume.class_by.record",
            "volume.class_by.read",
            "volume.class_by.line",
        ),
        *("product.信用卡.before", "product.信用卡.reason", "product.未填产品.tickets"),
        *("product.信用卡.found", "product.信用卡.refused"),
        *("volume.class_by.none", "volume.reason_by.person", "volume.reason_by.read"),
        *("volume.reason_by.line", "volume.reason_by.none", "volume.reason_by.other"),
        *("volume.line_by.person", "volume.top.涉及多个大类", "volume.class.贷款·个人住房贷款"),
    ):
        assert report.figures[code].value, code
    assert any(code.startswith("watch.unit") for code in report.figures)
    assert any(code.startswith("watch.outlet") for code in report.figures)
    assert any(code.startswith("transfer.ticket") for code in report.figures)
    assert any(code.startswith("transfer.to") for code in report.figures)
    assert any(code.startswith("ranking.line.") for code in report.figures)
    down = re.compile(r"source\..*\.sent_down")
    assert any(down.match(code) and figure.value for code, figure in report.figures.items())
    stuck = re.compile(r"ledger\.department\..*\.stuck")
    assert any(stuck.match(code) and figure.value for code, figure in report.figures.items())
    assert any(code.startswith("mediation.station") for code in report.figures)
    assert any(code.startswith("volume.product") for code in report.figures)
    assert any(code.startswith("repeat.cause") for code in report.figures)
    assert any(code.startswith("accountable.") for code in report.figures)
    assert any(re.match(r"topic\..*\.items", code) for code in report.figures)


def test_a_code_stands_for_one_number(report: Report) -> None:
    seen: dict[str, object] = {}
    for part in report.parts:
        for figure in part.figures():
            assert seen.setdefault(figure.code, figure) == figure


def test_with_and_without_mediation_say_that_this_is_no_experiment(report: Report) -> None:
    part = next(each for each in report.parts if each.code == "effect")
    assert "不是实验" in "".join(part.notes)
    for code in (
        *(
            f"effect.{arm}.{end}_rate"
            for arm in ("with", "without")
            for end in ("escalated", "sued")
        ),
        *("effect.difference.escalated", "effect.difference.sued"),
    ):
        figure = report.figures[code]
        assert figure.low is not None
        assert figure.low <= (figure.value or 0) <= (figure.high or 0)


def test_units_beside_each_other_tell_how_sure_a_share_is(report: Report) -> None:
    part = next(each for each in report.parts if each.code == "ranking")
    assert "不是奖惩依据" in "".join(part.notes)
    shares = [figure for figure in part.figures() if figure.unit == "share"]
    assert len({figure.code.split(".")[2] for figure in shares}) > 5
    for figure in shares:
        whole = report.figures[figure.of or ""]
        if not whole.ids:
            assert (figure.value, figure.low, figure.high) == (None, None, None)
            continue
        told = binomtest(len(figure.ids), len(whole.ids)).proportion_ci(method="wilson")
        assert (figure.low, figure.high) == pytest.approx((told.low, told.high), abs=1e-12)


def test_a_unit_with_few_tickets_does_not_stand_beside_the_others(report: Report) -> None:
    sizes = [
        figure.value
        for code, figure in report.figures.items()
        if re.match(r"ranking\.unit\..*\.tickets", code)
    ]
    assert min(size or 0 for size in sizes) >= 10
    rest = report.figures["ranking.unit.rest"].value
    assert rest
    assert sum(size or 0 for size in sizes) + rest == report.figures["volume.all"].value


def test_each_level_counts_every_ticket_once(report: Report) -> None:
    """Rows of a level add up to the whole, and those under a unit to that unit a level above."""
    part = next(each for each in report.parts if each.code == "tree")
    rolled = [table for table in part.tables if table.heads[1] == "上级"]
    assert len(rolled) == 8
    for place, table in enumerate(rolled):
        *rows, whole = _rows(table)
        uppers = {row[0]: row for row in _rows(rolled[place - 2])} if place > 1 else {}
        for column in range(2, len(table.heads)):
            assert sorted(i for row in rows for i in row[column]) == sorted(whole[column])
            for upper in {row[1] for row in rows} - {"—"}:
                under = sorted(i for row in rows if row[1] == upper for i in row[column])
                above = uppers.get(upper) or uppers[f"{upper}（本级）"]
                assert under == sorted(above[column])
    assert report.figures["tree.all.tickets"].ids == report.figures["volume.all"].ids
    assert report.figures["tree.own.西区.tickets"].value
    assert report.figures["tree.3.支行13.sent_down"].value
    assert report.figures["tree.outside.tickets"].value
    assert report.figures["tree.nowhere.tickets"].value
    assert "watch.level1.分行.items" in report.figures


def _rows(table: Table) -> list[list[Any]]:
    return [[c.ids if isinstance(c, Figure) else c for c in row] for row in table.rows]


def test_without_a_tree_nothing_else_changes(ledger: Database, report: Report, flat: Path) -> None:
    bare = make_report(ledger, Period(SINCE, UNTIL, NOW), data=flat, province=PROVINCE)
    added = report.figures.keys() - bare.figures.keys()
    assert added
    assert all(re.match(r"(tree|(watch|ranking)\.level\d)\.", code) for code in added)
    assert {code: report.figures[code] for code in bare.figures} == bare.figures
    assert [part.code for part in report.parts if part not in bare.parts] == ["watch", "tree"]
    # Of a watched unit the one above it is named too; nothing else of the list is another.
    told, plain = (
        [row for each in made.parts if each.code == "watch" for t in each.tables for row in t.rows]
        for made in (report, bare)
    )
    assert [row[:-1] for row in told] == [row[:-1] for row in plain]
    above = {unit: upper for upper, units in TREE.items() for unit in units}
    named = [(str(row[-1]).split("、")[0], above.get(str(row[0]))) for row in told]
    assert any(upper for _, upper in named)
    assert all(first == upper for first, upper in named if upper)


def test_what_is_major_is_what_alerts_call_so(ledger: Database, report: Report) -> None:
    tickets = Reader(ledger).read(SINCE, UNTIL).values()
    mine = [ticket for ticket in tickets if SINCE <= ticket.received <= UNTIL]
    told = majors(mine, load_settings().major, load_taxonomy())
    assert sorted(each.ticket.id for each in told) == sorted(report.figures["major.all"].ids)


def test_figures_whose_part_has_another_name_can_be_aimed_at(
    ledger: Database, report: Report, flat: Path, tmp_path: Path
) -> None:
    aimed = ("order.bare", "early.followed", "duty.missed", "before.repeat.all")
    for path in flat.iterdir():
        copyfile(path, tmp_path / path.name)
    told = yaml.safe_load((tmp_path / "governance.yaml").read_text("utf-8"))
    told["targets"] = [{"figure": code, "most": 0} for code in aimed]
    (tmp_path / "governance.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")
    made = make_report(ledger, Period(SINCE, UNTIL, NOW), data=tmp_path)
    (part,) = [each for each in made.parts if each.code == "target"]
    assert [row[2] for row in part.tables[0].rows] == [report.figures[code] for code in aimed]
    assert [row[3] for row in part.tables[0].rows] == ["未达到"] * len(aimed)


def test_a_province_that_is_not_known_is_not_told(ledger: Database) -> None:
    bare = make_report(ledger, Period(SINCE, UNTIL, NOW))
    assert "mediation.province" not in bare.figures
    assert make_report(ledger, Period(date(2020, 1, 1), date(2020, 1, 31), NOW)).figures


def test_erasure_takes_links_and_amounts_and_leaves_every_other_figure(
    ledger: Database, settings: Path, report: Report, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "erased.db") as copy:
        sqlite3.connect(str(ledger.file)).backup(copy)
    with closing(Database(f"sqlite:///{tmp_path / 'erased.db'}")) as database:
        period = Period(SINCE, UNTIL, NOW)
        tickets = {
            case.ticket.id: case.ticket.ticket_id
            for case in read_book(database, period, weeks=1).cases
        }
        database.change(lambda s: erase_tickets(s, tickets, Actor("key-1", "admin"), now=NOW))
        after = make_report(database, period, data=settings, province=PROVINCE)
    # Whose ticket it was, and so what it repeats, and its amount are the person's.
    gone = re.compile(
        r"repeat|again|early\.followed|early\.line|major|drill|watch|digest\..*\.major"
    )
    for code, figure in report.figures.items():
        if not gone.search(code):
            assert after.figures[code] == figure, code


def test_a_ticket_that_was_erased_to_the_last_day_is_read_still() -> None:
    lost = {"escalated": {"code": "E3", "on": ""}}
    case = Case(None, (EventRow(1, "outcome", NOW, lost),))  # type: ignore[arg-type]
    assert case.escalated_on is None


def test_intervals_are_those_of_the_books() -> None:
    # Newcombe 1998: 56/70 against 48/80 is 0.0524 to 0.3339; Wilson: 15/148 is 0.0624 to 0.1605.
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert newcombe((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert grown_by_chance(0, 0) == pytest.approx(1)
    assert grown_by_chance(40_000, 39_000) == pytest.approx(0.0002, abs=3e-5)
    # Of 191 and 185 scipy's test of two equal Poisson rates doubts nothing; of 120 and 60 it does.
    for now, before in ((191, 185), (120, 60), (464, 525)):
        low, high = grown_between(now, before)
        assert low < now / before - 1 < high
        doubt = poisson_means_test(now, 1, before, 1).pvalue
        assert (low < 0 < high) == (doubt > 0.05)
    for now, before in ((5, 0), (7, 0), (20, 9), (30, 17), (9, 20)):
        told = binomtest(now, now + before, alternative="greater").pvalue
        assert grown_by_chance(now, before) == pytest.approx(told)


def test_a_person_is_told_of_the_tickets_that_he_answers_for_alone(
    ledger: Database, settings: Path, report: Report
) -> None:
    who = "分管行领导"
    period = Period(SINCE, UNTIL, NOW)
    own = make_report(ledger, period, data=settings, accountable=who)
    assert own.title.startswith(f"{who}督办提示")
    assert own.parts[0].code == "digest"
    ids = report.figures[f"accountable.{who}.tickets"].ids
    assert own.figures["volume.all"].ids == ids
    assert {ident for figure in own.figures.values() for ident in figure.ids} - set(ids) == {
        *report.figures["drill.items"].ids
    }
    # Who answered for tickets of the span before nobody has read: not told, instead of none.
    assert own.figures["outlet.before"].value is None
    # What is counted of his tickets is what the whole report counts of them.
    for code in ("repeat.all", "regulator.same_day", "duty.late.contact", "drill.broken"):
        assert own.figures[code].ids == tuple(i for i in report.figures[code].ids if i in ids)
    shown = html(own).decode()
    assert f"{who}督办提示" in shown
    with pytest.raises(InvalidInput, match="nobody of that name"):
        make_report(ledger, period, data=settings, accountable="无此人")


# ---- files -----------------------------------------------------------------------------------


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.idents: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.idents.add(found.get("id") or "")
        if tag == "a":
            self.links.append(found.get("href") or "")
        if tag in ("script", "link", "img", "iframe"):
            self.loaded.append(tag)


def test_the_page_shows_every_number_and_each_leads_to_its_tickets(report: Report) -> None:
    from urllib.parse import unquote

    text = html(report).decode()
    page = _Page()
    page.feed(text)
    assert page.loaded == []
    assert all(unquote(link.removeprefix("#")) in page.idents for link in page.links)
    shown = [figure for figure in report.figures.values() if figure.ids]
    assert {f"ids-{figure.code}" for figure in shown} <= page.idents
    assert text.count("<svg") >= 5
    assert "不是实验" in text


def test_what_a_unit_is_called_is_text_and_nothing_else(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from service.governance.figures import Part

    bad = "<script>owned()</script>"
    volume = next(each for each in report.parts if each.code == "volume")
    table = next(t for t in volume.tables if t.heads[0] == "受理机构")
    (_, *rest), *rows = table.rows
    poisoned = replace(table, rows=((bad, *rest), *rows))
    part: Part = replace(volume, tables=(poisoned,))
    assert "<script" not in html(replace(report, parts=(part,))).decode()


def test_the_word_file_holds_the_same_numbers(report: Report) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document(BytesIO(word(report)))
    cells = [[c.text for c in row.cells] for table in document.tables for row in table.rows]
    whole = report.figures["volume.all"]
    assert [whole.name, whole.shown] in cells
    shown = {cell for row in cells for cell in row}
    assert {figure.shown for figure in report.figures.values()} <= shown
    (page,) = document.sections
    assert (page.page_width.cm, page.page_height.cm) == pytest.approx((29.7, 21), abs=0.01)
    assert all(table.rows[0]._tr.trPr.xpath("w:tblHeader") for table in document.tables)
    headings = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert headings == [part.heading for part in report.parts]
    assert not any("█" in cell for cell in shown)


def test_the_data_and_the_list_hold_every_ticket(report: Report) -> None:
    figures = orjson.loads(data(report))["figures"]
    listed: dict[str, list[str]] = {}
    for row in csv.DictReader(io.StringIO(ids_csv(report).decode("utf-8-sig"))):
        listed.setdefault(row["figure"], []).append(row["id"])
    for code, figure in report.figures.items():
        assert figures[code]["ids"] == list(figure.ids)
        assert listed.get(code, []) == list(figure.ids)


# ---- the command and the calls ---------------------------------------------------------------


@pytest.mark.parametrize("ending", ["html", "docx", "json"])
def test_the_command_writes_the_report_and_the_list(
    ledger: Database,
    home: Path,
    tmp_path: Path,
    ending: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("JIESU_HOME", str(home))
    monkeypatch.delenv("JIESU_DATABASE_URL", raising=False)
    out = tmp_path / f"q3.{ending}"
    days = ["--from", str(SINCE), "--to", str(UNTIL)]
    assert jiesu.main(["report", *days, "--out", str(out), "--province", "440"]) == 0
    assert out.stat().st_size > 1000
    assert (tmp_path / "q3.tickets.csv").exists()
    assert re.match(r"\d+ tickets, \d+ figures", capsys.readouterr().err)


@pytest.mark.parametrize(
    "given",
    [
        ["--from", "2026-02-01", "--to", "2026-01-01", "--out", "a.html"],
        ["--from", "2026-01-01", "--to", "2026-02-01", "--out", "a.pdf"],
    ],
)
def test_arguments_that_cannot_be_are_refused(given: list[str]) -> None:
    assert jiesu.main(["report", *given]) == jiesu.BAD_INPUT


def test_the_report_is_a_call(ledger: Database, home: Path) -> None:
    with serving(home, watch=False, models=home / "none") as client:
        client.web.app.state.parts.ledger.clock = lambda: NOW  # type: ignore[attr-defined]
        asked = f"/v1/reports/governance?from={SINCE}&to={UNTIL}&province={PROVINCE}"
        body = client.get(asked, Role.REVIEWER).json()
        direct = make_report(ledger, Period(SINCE, UNTIL, NOW), province=PROVINCE)
        assert body == orjson.loads(data(direct))
        page = client.get(f"{asked}&format=html", Role.SCIENTIST)
        assert page.headers["content-type"].startswith("text/html")
        assert page.content == html(direct)
        who = "accountable=分管行领导"
        own = client.get(f"{asked}&{who}", Role.REVIEWER).json()
        assert own["parts"][0]["code"] == "digest"
        error(client.get(f"{asked}&accountable=x", Role.REVIEWER), 422, "invalid_input")
        files = client.get(f"{asked}&format=docx", Role.ADMIN)
        assert files.content[:2] == b"PK"
        path = f"/v1/reports/governance/tickets?from={SINCE}&to={UNTIL}&figure=repeat.all"
        rows = client.get(path, Role.REVIEWER).text.splitlines()
        assert len(rows) == 1 + len(direct.figures["repeat.all"].ids)
        error(client.get(asked, Role.INTAKE), 403, "forbidden")
        error(client.get(f"{path}x", Role.ADMIN), 404, "unknown_figure")
        late = "/v1/reports/governance?from=2026-02-01&to=2026-01-01"
        error(client.get(late, Role.ADMIN), 422, "invalid_input")
