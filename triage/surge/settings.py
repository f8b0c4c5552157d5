"""`data/surge.yaml`: what is watched, against what, and when somebody is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.config import data_dir, read_yaml
from triage.errors import ConfigError
from triage.repeats.checks import no_other, number, share, whole

FIELDS = ("line", "subline", "product", "unit", "channel")
"""Fields of a ticket that series are made of."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """How many tickets are to be expected; `data/surge.yaml` says what each number is."""

    days: int
    least_days: int
    prior: float
    steady: float
    most_dispersion: float
    month_start_days: int
    level: float
    after_rest: float


@dataclass(frozen=True, slots=True)
class Budget:
    """Alerts a month that are none and are borne, by family."""

    series: float
    phrase: float
    total: float
    again: float


@dataclass(frozen=True, slots=True)
class Least:
    """Below these nothing is told, however unlikely it is."""

    count: int
    growth: float
    total_growth: float


@dataclass(frozen=True, slots=True)
class PhraseRule:
    """Which phrases are watched, and against what."""

    days: int
    least_count: int
    prior: float
    dispersion: float
    words: int
    characters: tuple[int, int]
    most_share: float
    named: int
    named_share: float


@dataclass(frozen=True, slots=True)
class StoryRule:
    """When series are one story, and when it is over."""

    same: float
    close_p: float
    quiet_days: int
    again_days: int
    longest_days: int


@dataclass(frozen=True, slots=True)
class MajorRule:
    """What makes a single ticket a major one."""

    tiers: tuple[str, ...]
    signals: tuple[str, ...]
    channels: tuple[str, ...]
    group: int
    group_channels: tuple[str, ...]
    amount_cny: float


@dataclass(frozen=True, slots=True)
class Settings:
    """All of `data/surge.yaml`."""

    version: str
    series: tuple[tuple[str, ...], ...]
    windows: tuple[int, ...]
    baseline: Baseline
    budget: Budget
    least: Least
    phrases: PhraseRule
    story: StoryRule
    major: MajorRule

    @property
    def longest(self) -> int:
        """Days of the longest window."""
        return self.windows[-1]


def load_settings(path: Path | None = None) -> Settings:
    """Read and check `surge.yaml` (default `data/`).

    Raises
    ------
    ConfigError
        On a missing, unknown or impossible value; the field is named.
    """
    path = path or data_dir() / "surge.yaml"
    raw = read_yaml(path)
    where = path.name
    parts = ("baseline", "least", "phrases", "story", "major")
    no_other(raw, ("version", "series", "windows_days", "false_alarms_a_month", *parts), where)
    try:
        return Settings(
            version=str(raw["version"]),
            series=_series(raw["series"], where),
            windows=_windows(raw["windows_days"], where),
            baseline=_baseline(raw["baseline"], f"{where}: baseline"),
            budget=_budget(raw["false_alarms_a_month"], f"{where}: false_alarms_a_month"),
            least=_least(raw["least"], f"{where}: least"),
            phrases=_phrases(raw["phrases"], f"{where}: phrases"),
            story=_story(raw["story"], f"{where}: story"),
            major=_major(raw["major"], f"{where}: major"),
        )
    except KeyError as exc:
        raise ConfigError(f"{where}: {exc} is missing", cure="restore the field") from exc
    except TypeError as exc:
        raise ConfigError(f"{where}: a section is not a mapping", cure="mend the file") from exc


def _series(raw: Any, where: str) -> tuple[tuple[str, ...], ...]:
    found = tuple(tuple(each) for each in raw) if isinstance(raw, list) else ()
    if not found or len(set(found)) < len(found) or not all(found):
        raise ConfigError(f"{where}: series must be a list of different lists of fields")
    if unknown := sorted({field for each in found for field in each} - set(FIELDS)):
        raise ConfigError(f"{where}: series of {unknown}", cure=f"fields: {', '.join(FIELDS)}")
    return found


def _windows(raw: Any, where: str) -> tuple[int, ...]:
    found = tuple(whole(each, f"{where}: windows_days") for each in raw)
    if not found or list(found) != sorted(set(found)):
        raise ConfigError(f"{where}: windows_days must rise")
    return found


def _baseline(raw: Mapping[str, Any], at: str) -> Baseline:
    whole_ones = ("days", "least_days", "month_start_days")
    more = ("prior", "steady", "level", "after_rest")
    no_other(raw, (*whole_ones, *more, "most_dispersion"), at)
    count = {name: whole(raw[name], f"{at}.{name}") for name in whole_ones}
    if count["least_days"] > count["days"]:
        raise ConfigError(f"{at}.least_days exceeds days")
    return Baseline(
        most_dispersion=_above(raw["most_dispersion"], 1.0, f"{at}.most_dispersion"),
        **count,
        **{name: _above(raw[name], 0.0, f"{at}.{name}") for name in more},  # type: ignore[arg-type]
    )


def _budget(raw: Mapping[str, Any], at: str) -> Budget:
    names = ("series", "phrase", "total", "again")
    no_other(raw, names, at)
    return Budget(*(_above(raw[name], 0.0, f"{at}.{name}") for name in names))


def _least(raw: Mapping[str, Any], at: str) -> Least:
    no_other(raw, ("count", "growth", "total_growth"), at)
    growths = (_above(raw[name], 1.0, f"{at}.{name}") for name in ("growth", "total_growth"))
    return Least(whole(raw["count"], f"{at}.count"), *growths)


def _phrases(raw: Mapping[str, Any], at: str) -> PhraseRule:
    names = ("days", "least_count", "words", "named")
    no_other(raw, (*names, "prior", "dispersion", "characters", "most_share", "named_share"), at)
    sizes = tuple(whole(each, f"{at}.characters") for each in raw["characters"])
    if len(sizes) != 2 or sizes[0] > sizes[1]:
        raise ConfigError(f"{at}.characters must be a least and a most")
    return PhraseRule(
        prior=_above(raw["prior"], 0.0, f"{at}.prior"),
        dispersion=max(1.0, _above(raw["dispersion"], 0.0, f"{at}.dispersion")),
        characters=(sizes[0], sizes[1]),
        most_share=share(raw["most_share"], f"{at}.most_share"),
        named_share=share(raw["named_share"], f"{at}.named_share"),
        **{name: whole(raw[name], f"{at}.{name}") for name in names},
    )


def _story(raw: Mapping[str, Any], at: str) -> StoryRule:
    no_other(raw, ("same", "close_p", "quiet_days", "again_days", "longest_days"), at)
    return StoryRule(
        share(raw["same"], f"{at}.same"),
        share(raw["close_p"], f"{at}.close_p"),
        whole(raw["quiet_days"], f"{at}.quiet_days"),
        whole(raw["again_days"], f"{at}.again_days"),
        whole(raw["longest_days"], f"{at}.longest_days"),
    )


def _major(raw: Mapping[str, Any], at: str) -> MajorRule:
    lists = ("tiers", "signals", "channels", "group_channels")
    no_other(raw, (*lists, "group", "amount_cny"), at)
    for name in lists:
        if not isinstance(raw[name], list) or not all(isinstance(e, str) for e in raw[name]):
            raise ConfigError(f"{at}.{name} must be a list of codes")
    return MajorRule(
        group=whole(raw["group"], f"{at}.group"),
        amount_cny=_above(raw["amount_cny"], 0.0, f"{at}.amount_cny"),
        **{name: tuple(raw[name]) for name in lists},
    )


def _above(value: Any, least: float, at: str) -> float:
    found = number(value, at)
    if found <= least:
        raise ConfigError(f"{at} is {value!r}", cure=f"a number above {least:g} is meant")
    return found
