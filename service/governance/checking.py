"""Checks: what looks settled and may not be, samples, simple errors, topics of training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from service.governance import names
from service.governance.cases import Book, Case
from service.governance.figures import (
    Cell,
    Figure,
    Part,
    Table,
    count,
    grouped,
    listed,
    ranged,
    share,
)
from service.governance.settings import Settings
from service.governance.volumes import by_line, line_of
from triage.taxonomy import Taxonomy


def checks(book: Book) -> Part:
    """List what is to be looked into, and what the random sample of decisions showed."""
    cases = book.cases
    ended = [case for case in cases if case.ticket.state in ("replied", "closed")]
    unspoken = [case for case in ended if case.contacted_at is None]
    late = [case for case in ended if case.missed]
    back = [case for case in cases if case.of("reopened")]
    gone = [case for case in cases if case.of("withdrawal")]
    pleased = [case for case in cases if case.contacted_at is None and _pleased(case)]
    hazards = (
        count("check.uncontacted", "未与客户双向沟通即答复、办结", unspoken),
        count("check.missed", "答复、办结时仍有到期未办的事项", late),
        count("check.pleased", "未联系客户却记为接受或满意", pleased),
        count("check.reopened", "办结后重新受理", back),
        count("check.withdrawn", "撤诉", gone),
        count("check.withdrawn_escalated", "撤诉后又升级", [c for c in gone if c.escalated_on]),
    )
    note = (
        "隐患清单供抽查核实，不等于违规；指标好看而沟通不足的，以核实为准。"
        "问责由人决定，记入“问责”事项。"
    )
    return Part("check", "检查督导与隐患", (note,), (listed("隐患清单", hazards), _sample(cases)))


def errors(book: Book, settings: Settings, taxonomy: Taxonomy) -> Part:
    """Count causes that people found, simple errors where they happen, and what to teach."""
    told = [case for case in book.cases if case.root_cause]
    simple = [case for case in told if case.root_cause == "simple_error"]
    whole = count("error.told", "已记录原因", told)
    few = count("error.simple", "低级差错", simple)
    figures = [whole, few, ranged("error.simple_rate", "低级差错占比", few, whole)]
    tables = [listed("原因记录", figures)]
    causes = grouped("error.cause", told, lambda c: c.root_cause, names.ROOT_CAUSES.__getitem__)
    if causes:
        rows = tuple((f.name, f, share(f"{f.code}.share", f.name, f, whole)) for f in causes)
        tables.append(Table(("原因", "件数", "占比"), rows, bars=1))
    for head, some in (
        ("低级差错的条线", by_line("error.line", simple, taxonomy)),
        ("低级差错的承办部门", grouped("error.unit", simple, lambda c: c.ticket.owner_unit, str)),
    ):
        if some:
            tables.append(listed(head, some))
    topics = _topics(book, told, settings, taxonomy)
    tables += [topics] if topics.rows else []
    notes = (
        "原因由办理人在处理结果中记录（root_cause）；同一工单以最后一次记录为准。",
        f"培训选题：同一条线同一原因不少于{settings.topic_least}件，客户误解、第三方和其他除外。",
    )
    return Part("error", "低级差错与培训选题", notes, tuple(tables))


def _topics(book: Book, told: Sequence[Case], settings: Settings, taxonomy: Taxonomy) -> Table:
    """List lines and causes that come often, with the training items there are for the line."""
    found: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in told:
        if case.root_cause in settings.topic_causes:
            found[line_of(case), case.root_cause].append(case)
    rows: list[tuple[Cell, ...]] = []
    for (line, cause), some in sorted(found.items(), key=lambda each: (-len(each[1]), each[0])):
        if len(some) < settings.topic_least:
            continue
        name = taxonomy.name(line) if line in taxonomy.line_codes else "未定条线"
        kept = [i for i in book.items if i.kind.value == "training" and i.line == line]
        ids = tuple(f"item:{item.id}" for item in kept)
        topic = count(f"topic.{line}.{cause}", f"{name}·{names.ROOT_CAUSES[cause]}", some)
        items = Figure(f"topic.{line}.{cause}.items", f"{name}培训事项", len(ids), ids)
        rows.append((topic.name, topic, items))
    return Table(("培训选题建议", "件数", "该条线已立培训事项"), tuple(rows))


def _sample(cases: Sequence[Case]) -> Table:
    drawn = [case for case in cases if case.check is not None and case.check.drawn]
    read = [case for case in drawn if case.check and case.check.agreed]
    wrong = [case for case in read if case.check and not case.check.agreed[-1]]
    all_read = [case for case in cases if case.check is not None and case.check.agreed]
    changed = [case for case in all_read if case.check and not case.check.agreed[-1]]
    done = count("check.read", "其中已复核", read)
    bad = count("check.wrong", "复核后更正", wrong)
    rows = (
        count("check.drawn", "随机抽取复核", drawn),
        done,
        bad,
        ranged("check.wrong_rate", "抽样更正率", bad, done),
        count("check.verdicts", "人工复核合计", all_read),
        count("check.corrected", "人工复核后更正合计", changed),
    )
    return listed("抽样复核（系统判定）", rows)


def _pleased(case: Case) -> bool:
    said = [event.data for event in case.of("outcome")]
    return any(each.get("accepted") or (each.get("satisfaction") or 0) > 3 for each in said)
