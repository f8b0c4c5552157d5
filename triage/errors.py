"""One tree of errors, each with a stable code, an HTTP status and the cure."""

from __future__ import annotations

from typing import ClassVar


class JiesuError(Exception):
    """Base of every error that jiesu raises on purpose.

    Parameters
    ----------
    message : str
        What is wrong, naming the bad value. Never contains a narrative.
    cure : str, optional
        What the reader can do about it.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message}; {self.cure}" if self.cure else self.message


class InvalidInput(JiesuError):
    """A value that a caller handed in cannot be used."""

    code = "invalid_input"
    status = 422


class NarrativeTooLong(JiesuError):
    """A narrative is longer than the limit."""

    code = "narrative_too_long"
    status = 413


class BodyTooLarge(JiesuError):
    """A request body is larger than the limit."""

    code = "body_too_large"
    status = 413


class NotAuthenticated(JiesuError):
    """No key, or one that is not known."""

    code = "not_authenticated"
    status = 401


class NotReady(JiesuError):
    """The model is not loaded (yet)."""

    code = "not_ready"
    status = 503


class ConfigError(JiesuError):
    """A configuration file under `data/` is not well formed."""

    code = "config_error"


class ArtifactRejected(JiesuError):
    """A model folder failed its verification."""

    code = "artifact_rejected"


class TaxonomyMismatch(ArtifactRejected):
    """A model was trained on another taxonomy."""

    code = "taxonomy_mismatch"


class PromotionRefused(JiesuError):
    """The gate found the challenger worse than the champion."""

    code = "promotion_refused"
    status = 409


class LeakageError(JiesuError):
    """A field recorded after intake was offered as a feature."""

    code = "leakage"
