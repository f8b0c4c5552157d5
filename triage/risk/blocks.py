"""The escalation features: each a small function of what intake knew.

Where a context fact is missing its features are zero and a flag says so; a narrative without any
context has weights of its own for each signal (`alone:`), because a signal tells more when the
history does not tell it already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

import numpy as np

from triage.features import Floats
from triage.kernels.text_features import text_features
from triage.records import CHANNELS
from triage.risk.batch import HISTORY_SOURCES, TEXT_SOURCES, Batch, Block, Column, number_of
from triage.taxonomy import Taxonomy

# China keeps one zone without summer time.
_ZONE = timezone(timedelta(hours=8))
_SATURDAY = 5
ALONE = "alone"
# Beside the names of a list, what stands for all others.
_UNKNOWN = object()
# Amounts are told in powers of ten, counts in natural logarithms.
_TOLD_SCALE = np.array([1.0 / np.log(10.0), 1.0])


def text(batch: Batch, *, settings: tuple[Any, ...], width: int) -> Floats:
    """Compute everything that the text gives, in the order of `_text_block`."""
    out = np.empty((len(batch), width))
    sizes = np.array([len(text) for text in batch.texts], dtype=np.int64)
    seen = batch.leaves, batch.natures, batch.signals, batch.told
    text_features(seen, batch.alone, sizes, settings, out)
    return out


def counted(value: Any, *, many: float | None) -> tuple[float, ...]:
    """Flag of missing, ln(1 + number), and whether the number reaches `many`."""
    number = number_of(value)
    if number is None:
        return (1.0, 0.0) if many is None else (1.0, 0.0, 0.0)
    told = float(np.log1p(number))
    return (0.0, told) if many is None else (0.0, told, float(number >= many))


def amount(value: Any) -> tuple[float, ...]:
    """Flag of missing and log10(1 + yuan)."""
    number = number_of(value)
    return (1.0, 0.0) if number is None else (0.0, float(np.log10(1.0 + number)))


def yes_no(value: Any) -> tuple[float, ...]:
    """Flag of missing and the fact."""
    number = number_of(value)
    return (1.0, 0.0) if number is None else (0.0, number)


def named(value: Any, *, rows: Mapping[Any, tuple[float, ...]]) -> tuple[float, ...]:
    """Flag of missing, then one column a name; a name not on the list has none."""
    return rows.get(value) or rows[_UNKNOWN]


def _named_rows(names: Sequence[str]) -> dict[Any, tuple[float, ...]]:
    width = len(names) + 1
    rows = {
        name: tuple(float(at == place) for at in range(width))
        for place, name in enumerate((None, *names))
    }
    return rows | {_UNKNOWN: (0.0,) * width}


def moment(value: datetime | None, *, night: frozenset[int]) -> tuple[float, ...]:
    """Flag of missing, night and weekend in local time."""
    if value is None:
        return 1.0, 0.0, 0.0
    local = value.astimezone(_ZONE) if value.tzinfo else value
    return 0.0, float(local.hour in night), float(local.weekday() >= _SATURDAY)


def standard_blocks(taxonomy: Taxonomy, settings: dict[str, Any]) -> tuple[Block, ...]:
    """Build the blocks for a taxonomy and `data/risk_features.yaml`."""
    return (_text_block(taxonomy, settings), *_context_blocks(settings))


def _text_block(taxonomy: Taxonomy, settings: dict[str, Any]) -> Block:
    codes = taxonomy.signal_codes
    # A bank may have dropped a signal from its taxonomy.
    pairs = [pair for pair in settings["together"] if set(pair) <= set(codes)]
    counts = settings["many_signals"]
    columns = (
        *_signal_columns(codes, counts, pairs),
        *(Column(f"leaf:{leaf}", "leaf") for leaf in taxonomy.leaves),
        *(Column(f"nature:{nature}", "nature") for nature in taxonomy.nature_codes),
        # Not emphasis, whose runs normalisation has squeezed.
        *(Column("length_log", "length", show="count"), Column("short", "length")),
        Column("amount_said", "amount_said", "amount_cny", "yuan"),
        Column("contacts_said", "contacts_said", "contact_count", "count"),
    )
    sides = [np.array([codes.index(p[side]) for p in pairs], dtype=np.int64) for side in (0, 1)]
    known = np.array(counts, dtype=np.float64), *sides, _TOLD_SCALE, settings["short_text"]
    compute = partial(text, settings=known, width=len(columns))
    return Block(columns, "text", (*TEXT_SOURCES, *HISTORY_SOURCES), compute)


def _signal_columns(
    codes: Sequence[str], counts: Sequence[int], pairs: Sequence[Sequence[str]]
) -> list[Column]:
    own = [Column(f"signal:{code}", f"signal:{code}", code, rising=True) for code in codes]
    lonely = [Column(f"{ALONE}:{code}", f"signal:{code}", code) for code in codes]
    many = [Column(f"signals_many_{count}", "signals_many", rising=True) for count in counts]
    names = [f"together:{a}+{b}" for a, b in pairs]
    both = [Column(n, n, pair[0], rising=True) for n, pair in zip(names, pairs, strict=True)]
    return [*own, Column(ALONE, ALONE), *lonely, *many, *both]


def _context_blocks(settings: dict[str, Any]) -> list[Block]:
    fields: list[tuple[str, float | None]] = [
        ("prior_complaints_90d", settings["many_complaints"]),
        ("days_open", settings["long_open_days"]),
        ("transfers", settings["many_transfers"]),
        ("group_size", None),
    ]
    blocks = [
        _context(field, partial(counted, many=many), *_count_columns(field, many))
        for field, many in fields
    ]
    for field, names in (("channel", CHANNELS), ("customer_segment", settings["segments"])):
        columns = [Column(f"{field}:{name}", field) for name in names]
        blocks.append(_context(field, partial(named, rows=_named_rows(names)), *columns))
    for field in ("visited_branch", "outlet_touchpoint"):
        blocks.append(_context(field, yes_no, Column(field, field)))
    night = frozenset(settings["night_hours"])
    times = [Column("moment_night", "moment"), Column("moment_weekend", "moment")]
    return [
        *blocks,
        _context("amount_cny", amount, Column("amount_cny", "amount_cny", show="yuan")),
        _context("received_at", partial(moment, night=night), *times),
    ]


def _context(field: str, each: Callable[[Any], tuple[float, ...]], *columns: Column) -> Block:
    missing = Column(f"{field}_missing", columns[0].family)
    return Block((missing, *columns), "history", (field,), None, each=each)


def _count_columns(field: str, many: float | None) -> list[Column]:
    columns = [Column(field, field, show="count")]
    return columns + ([Column(f"{field}_many", field)] if many is not None else [])
