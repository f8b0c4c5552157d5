"""`data/repeats.yaml`: windows, what makes a template, what each sign of sameness weighs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from triage.config import data_dir, read_yaml
from triage.errors import ConfigError
from triage.repeats.checks import no_other, number, pattern, share, whole

SIGNS = (
    "shared_words",
    "shared_numbers",
    "other_numbers",
    "other_line",
    "other_product",
    "refers_back",
    "says_another",
)
"""What is weighed for the same matter; `triage.repeats.same` says how each is measured."""

_WORDS = "repeats_common.txt"


@dataclass(frozen=True, slots=True)
class Windows:
    """For how long an earlier ticket counts, and how many make a customer's matter frequent.

    `frequent` and `warned` count the new ticket too: the third within `frequent_days`.
    """

    same_matter_days: int
    frequent_days: int
    frequent: int
    warned: int

    @property
    def same_matter(self) -> timedelta:
        """How far back a ticket is a repeat of."""
        return timedelta(days=self.same_matter_days)

    @property
    def often(self) -> timedelta:
        """How far back tickets are counted towards `frequent`."""
        return timedelta(days=self.frequent_days)


@dataclass(frozen=True, slots=True)
class TemplateRule:
    """When texts of different customers are one template.

    Attributes
    ----------
    similarity : float
        Least estimated share of trigrams in common.
    min_length : int
        Least characters of a text without punctuation; short complaints are alike by nature.
    days : int
    min_customers : int
        Different ones, the new ticket's among them.
    """

    similarity: float
    min_length: int
    days: int
    min_customers: int

    @property
    def window(self) -> timedelta:
        """How far back texts are compared."""
        return timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class MatterRule:
    """How the same matter of one customer is told.

    Attributes
    ----------
    threshold : float
        Least score of the same matter.
    resent : float
        Share of the shorter text that, found in the other, is enough of itself; then also the
        least score.
    chance : float
        Nats that two texts share by chance, to each pair of their pairs of characters.
    bias : float
    weights : mapping of str to float
        One for each of `SIGNS`, in natural-log odds.
    refers_back, says_another : pattern
        Words for what was said before, and for something else.
    common_numbers : frozenset of float
        Numbers that everybody writes: hotlines, years.
    """

    threshold: float
    resent: float
    chance: float
    bias: float
    weights: Mapping[str, float]
    refers_back: re.Pattern[str]
    says_another: re.Pattern[str]
    common_numbers: frozenset[float]


@dataclass(frozen=True, slots=True)
class Settings:
    """All of `data/repeats.yaml`.

    Attributes
    ----------
    nats : mapping of str to float
        What a common pair of characters tells; `rare` is what any other tells.
    """

    version: str
    windows: Windows
    template: TemplateRule
    matter: MatterRule
    nats: Mapping[str, float]
    rare: float


def load_settings(path: Path | None = None) -> Settings:
    """Read and check `repeats.yaml` (default `data/`) and the common pairs beside it.

    Raises
    ------
    ConfigError
        On a missing, unknown or impossible value; the field is named.
    """
    path = path or data_dir() / "repeats.yaml"
    raw = read_yaml(path)
    where = path.name
    nats = _common(path.with_name(_WORDS))
    try:
        return Settings(
            version=str(raw["version"]),
            windows=_windows(raw["windows"], where),
            template=_template(raw["template"], where),
            matter=_matter(raw["matter"], where),
            nats=nats,
            rare=max(nats.values()),
        )
    except KeyError as exc:
        raise ConfigError(f"{where}: {exc} is missing", cure="restore the field") from exc
    except TypeError as exc:
        raise ConfigError(f"{where}: a section is not a mapping", cure="mend the file") from exc


def _windows(raw: Mapping[str, Any], where: str) -> Windows:
    fields = ("same_matter_days", "frequent_days", "frequent", "warned")
    no_other(raw, fields, f"{where}: windows")
    found = Windows(*(whole(raw[field], f"{where}: windows.{field}") for field in fields))
    if found.frequent_days > found.same_matter_days:
        raise ConfigError(
            f"{where}: windows.frequent_days {found.frequent_days} exceeds same_matter_days"
            f" {found.same_matter_days}",
            cure="the shorter window lies in the longer one",
        )
    if not 2 <= found.warned <= found.frequent:
        raise ConfigError(
            f"{where}: windows.warned {found.warned} must be from 2 to frequent {found.frequent}"
        )
    return found


def _template(raw: Mapping[str, Any], where: str) -> TemplateRule:
    fields = ("similarity", "min_length", "days", "min_customers")
    no_other(raw, fields, f"{where}: template")
    least = share(raw["similarity"], f"{where}: template.similarity")
    rest = (whole(raw[field], f"{where}: template.{field}") for field in fields[1:])
    found = TemplateRule(least, *rest)
    if found.min_customers < 2:
        raise ConfigError(f"{where}: template.min_customers must be 2 or more")
    return found


def _matter(raw: Mapping[str, Any], where: str) -> MatterRule:
    at = f"{where}: matter"
    fields = ("threshold", "resent", "chance", "bias", "weights", "refers_back", "says_another")
    no_other(raw, (*fields, "common_numbers"), at)
    weights = raw["weights"]
    no_other(weights, SIGNS, f"{at}.weights")
    numbers = raw["common_numbers"]
    if not isinstance(numbers, list):
        raise ConfigError(f"{at}.common_numbers must be a list of numbers")
    threshold = share(raw["threshold"], f"{at}.threshold")
    resent = share(raw["resent"], f"{at}.resent")
    if resent < threshold:
        raise ConfigError(f"{at}.resent {resent} is below threshold {threshold}")
    return MatterRule(
        threshold=threshold,
        resent=resent,
        chance=share(raw["chance"], f"{at}.chance"),
        bias=number(raw["bias"], f"{at}.bias"),
        weights={sign: number(weights[sign], f"{at}.weights.{sign}") for sign in SIGNS},
        refers_back=pattern(raw["refers_back"], f"{at}.refers_back"),
        says_another=pattern(raw["says_another"], f"{at}.says_another"),
        common_numbers=frozenset(number(each, f"{at}.common_numbers") for each in numbers),
    )


def _common(path: Path) -> dict[str, float]:
    """Read lines of a number of nats, a tab, and pairs of characters separated by blanks."""
    found: dict[str, float] = {}
    try:
        for count, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            told, tab, pairs = line.partition("\t")
            if not tab:
                raise ConfigError(f"{path.name} line {count}: no tab after the nats")
            found.update(dict.fromkeys(pairs.split(" "), float(told)))
    except OSError as exc:
        raise ConfigError(f"{path.name} cannot be read", cure="restore the file") from exc
    except ValueError as exc:
        raise ConfigError(f"{path.name} line {count}: {told!r} is no number") from exc
    if not found:
        raise ConfigError(f"{path.name} is empty", cure="restore the file")
    return found
