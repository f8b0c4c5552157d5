"""What tells a running service to take up a model: a champion, a calibration, another process."""

from __future__ import annotations

from uuid import uuid4

from service.models import named
from service.settings import Settings
from triage.calibration_files import calibrations
from triage.replacing import replace_file

_MARKER = "reload-asked"


class Signs:
    """Remembers what was there when a model was loaded.

    Parameters
    ----------
    settings : Settings
    moves : bool
        Whether the model is the champion, and no other that the settings name.
    """

    def __init__(self, settings: Settings, *, moves: bool) -> None:
        self._settings = settings
        self._moves = moves
        self._champion: str | None = None
        self._calibrations: dict[str, str] = {}
        self._asked = self._last_wish()

    def look(self) -> None:
        """Remember what there is; before a load, so that what comes meanwhile is not missed."""
        self._champion, self._calibrations = self._named(), calibrations()

    def changed(self, version: str | None) -> bool:
        """Say whether there is something to take up.

        Parameters
        ----------
        version : str or None
            Of the model that serves; only its calibration matters.
        """
        asked, others = self._last_wish(), self._named() != self._champion
        before, now = self._calibrations, calibrations()
        if version is not None:
            before, now = ({version: each.get(version, "")} for each in (before, now))
        told, self._asked = asked != self._asked, asked
        return told or others or before != now

    def ask_others(self) -> None:
        """Ask the other processes of this service to take up the model."""
        wish = uuid4().hex
        # Whole, so that no process reads it half written and takes one wish for two.
        replace_file(self._settings.home / _MARKER, wish.encode())
        self._asked = wish

    def _named(self) -> str | None:
        return named(self._settings.models) if self._moves else None

    def _last_wish(self) -> str:
        try:
            return (self._settings.home / _MARKER).read_text(encoding="utf-8")
        except OSError:
            return ""
