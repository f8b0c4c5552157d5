"""Mediation: offered, accepted, settled; by line and by station, and of the province."""

from __future__ import annotations

from service.governance.cases import Book, Case
from service.governance.figures import (
    Cell,
    Figure,
    Part,
    Table,
    count,
    listed,
    parted,
    ranged,
    share,
)
from service.governance.settings import Settings
from service.governance.volumes import line_of, name_of_line
from triage.taxonomy import Taxonomy

_ENDED = ("agreed", "confirmed", "refused")


def mediation(book: Book, settings: Settings, taxonomy: Taxonomy, province: int | None) -> Part:
    """Count mediation: offered, accepted, settled; by line, and of the province if it is known."""
    touched = [case for case in book.cases if case.acts]
    offered = count("mediation.offered", "提出调解", touched)
    accepted = count("mediation.accepted", "同意调解", [c for c in touched if c.accepted_on])
    settled_cases = [case for case in touched if is_settled(case)]
    settled = count("mediation.settled", "调解成功", settled_cases)
    refused = [case for case in touched if "refused" in case.acts and not is_settled(case)]
    confirmed = [case for case in touched if "confirmed" in case.acts]
    delegated = [case for case in touched if "delegated" in case.acts]
    focus = [case for case in settled_cases if line_of(case) in settings.mediation_lines]
    focused = count("mediation.focus", "其中协商还款、息费、催收", focus)
    rows = [
        offered,
        accepted,
        ranged("mediation.accepted_rate", "调解同意率", accepted, offered),
        settled,
        ranged("mediation.settled_rate", "调解成功率", settled, offered),
        count("mediation.refused", "客户拒绝（不再调解）", refused),
        count("mediation.delegated", "委派调解（诉调对接）", delegated),
        count("mediation.confirmed", "司法确认", confirmed),
        focused,
        share("mediation.focus_rate", "重点条线占比", focused, settled),
    ]
    if province:
        name, value = f"占全省调解（{province}笔）", len(settled_cases) / province
        rows.append(Figure("mediation.province", name, value, settled.ids, unit="share"))
    return Part(
        "mediation",
        "多元化解",
        (
            "按本期受理的工单统计；调解以客户自愿为前提，明确拒绝即停止（人民调解法第十七条）。",
            "提出调解：有任何调解记录的；同意含已委派、已司法确认的。括号内为95%置信区间（Wilson法）。",
        ),
        (listed("调解", rows), _lines(book, touched, taxonomy), *_stations(touched)),
    )


def _lines(book: Book, touched: list[Case], taxonomy: Taxonomy) -> Table:
    by_line = parted(book.cases, line_of)
    settled = count("mediation.settled", "调解成功", [c for c in touched if is_settled(c)])
    rows: list[tuple[Cell, ...]] = []
    for line, own in by_line.items():
        some, name = [case for case in own if case.acts], name_of_line(own[0], taxonomy)
        if not some:
            continue
        ended = count(f"mediation.settled.line.{line}", name, [c for c in some if is_settled(c)])
        whole = count(f"volume.line.{line}", name, own)
        agreed = [case for case in some if case.accepted_on]
        rows.append(
            (
                name,
                count(f"mediation.offered.line.{line}", name, some),
                count(f"mediation.accepted.line.{line}", name, agreed),
                ended,
                ranged(f"mediation.share.line.{line}", f"{name}成功占受理", ended, whole),
                share(f"mediation.settled.line.{line}.share", f"{name}占全部成功", ended, settled),
            )
        )
    heads = ("条线", "提出", "同意", "成功", "成功占该条线受理", "占全部成功")
    return Table(heads, tuple(rows), bars=1 if rows else None)


def _stations(touched: list[Case]) -> list[Table]:
    """Count by the mediation station that was named last how far its tickets have come."""

    def station(case: Case) -> str | None:
        named = [event.data.get("station") for event in case.of("mediation")]
        return next((each for each in reversed(named) if each), None)

    rows: list[tuple[Cell, ...]] = []
    for name, own in parted(touched, station).items():
        columns = (
            ("settled", [case for case in own if is_settled(case)]),
            ("refused", [c for c in own if "refused" in c.acts and not is_settled(c)]),
            ("open", [case for case in own if not case.acts & set(_ENDED)]),
            ("confirmed", [case for case in own if "confirmed" in case.acts]),
        )
        code = f"mediation.station.{name}"
        cells = (count(f"{code}.{end}", name, some) for end, some in columns)
        rows.append((name, count(code, name, own), *cells))
    heads = ("金融调解工作站", "件数", "成功", "客户拒绝", "尚无结果", "其中司法确认")
    return [Table(heads, tuple(rows), bars=1)] if rows else []


def is_settled(case: Case) -> bool:
    """Say whether mediation came to an agreement."""
    return bool(case.acts & {"agreed", "confirmed"})
