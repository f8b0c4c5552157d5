"""A challenger started and stopped, from the command line or over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from service.models import find_model
from service.settings import Settings
from service.store import shadows
from service.store.database import Session
from service.store.records_service import Actor
from service.store.shadows import ShadowRecord
from triage.errors import JiesuError
from triage.rules.calendar import local

STOPPED, PROMOTED = "stopped", "promoted"
OPERATOR = Actor("command line", "operator")
SERVICE = Actor("shadow", "service")


class ShadowRefused(JiesuError):
    """A challenger cannot be started or stopped as things stand."""

    code = "shadow_refused"
    status = 409


def usable(model: str, settings: Settings) -> tuple[str, str]:
    """Verify and open a challenger; give its version and where it lies.

    Raises
    ------
    NotReady, ArtifactRejected
        When it cannot be used.
    ShadowRefused
        When it serves.
    """
    from triage.engine import Engine

    folder = find_model(model, settings)
    version = Engine.load(folder).version
    if version == champion_version(settings):
        raise ShadowRefused(f"{version} is the champion", cure="name another version")
    within = folder.parent.resolve() == settings.models.resolve()
    return version, folder.name if within else str(folder.resolve())


def champion_version(settings: Settings) -> str | None:
    """Give the version that the settings name; None where there is none."""
    from triage.artifact import read_manifest

    try:
        return str(read_manifest(find_model(settings=settings))["version"])
    except JiesuError:
        return None


def start(
    session: Session, version: str, model: str, actor: Actor, *, at: datetime
) -> ShadowRecord:
    """Start a challenger.

    Raises
    ------
    ShadowRefused
        When one works already.
    """
    held = shadows.running(session)
    if held is not None:
        raise ShadowRefused(
            f"{held.version} works in the shadow", cure="stop it first: `jiesu shadow stop`"
        )
    shadows.start(session, version, model, actor, at=at)
    return known(session)


def stop(session: Session, actor: Actor, *, at: datetime, why: str = STOPPED) -> ShadowRecord:
    """Stop the challenger that works.

    Raises
    ------
    ShadowRefused
        When none does.
    """
    held = shadows.running(session)
    if held is None:
        raise ShadowRefused(
            "nothing works in the shadow", cure="start it with `jiesu shadow start VERSION`"
        )
    shadows.stop(session, held, actor, at=at, why=why)
    return known(session)


def end_champion(session: Session, settings: Settings, *, at: datetime) -> bool:
    """Stop a challenger that has become the champion; say whether one had."""
    held = shadows.running(session)
    if held is None or held.version != champion_version(settings):
        return False
    shadows.stop(session, held, SERVICE, at=at, why=PROMOTED)
    return True


def known(session: Session) -> ShadowRecord:
    """Give the challenger that works, or worked last.

    Raises
    ------
    ShadowRefused
        When there was none.
    """
    found = shadows.last(session)
    if found is None:
        raise ShadowRefused(
            "nothing has worked in the shadow yet", cure="begin: `jiesu shadow start VERSION`"
        )
    return found


def described(shadow: ShadowRecord) -> dict[str, Any]:
    """Tell which challenger it is and how it stands."""
    return {
        "version": shadow.version,
        "running": shadow.stopped_at is None,
        "started_at": moment(shadow.started_at),
        "stopped_at": moment(shadow.stopped_at),
        "why": shadow.why,
        "trouble": shadow.trouble,
    }


def moment(at: datetime | None) -> str | None:
    """Give a moment in Asia/Shanghai."""
    return local(at).isoformat(timespec="seconds") if at is not None else None
