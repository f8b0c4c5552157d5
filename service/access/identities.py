"""People who sign in with a provider of the bank: each acts as a key of his own that nobody holds.

What the provider says counts at each sign-in: another group is another role, none is none.
"""

from __future__ import annotations

from datetime import datetime

from service.access.keys import Key, Role, unheld
from service.access.oidc_claims import Person
from service.store import audit, identities, keys, logins
from service.store.database import Session
from service.store.records_review import IdentityRecord
from service.store.records_service import Actor


def recognise(session: Session, person: Person, now: datetime, request_id: str) -> Key | None:
    """Give the key that somebody acts as, with the role that he has by now.

    None when he has no role; his sessions end with it.
    """
    known = identities.find(session, person.digest)
    if person.role is None:
        if known is not None and logins.close_all(session, known.ident):
            gone = Actor(known.ident, "none", request_id)
            audit.note(session, gone, "session.closed", at=now, data={"why": "no_role"})
        return None
    if known is None:
        return _welcome(session, person, person.role, now, request_id)
    key = keys.find(session, known.ident)
    if key is None or key.revoked_at is not None:
        return key
    identities.seen(session, person.digest, now)
    if (key.role, key.label) == (person.role, person.name):
        return key
    keys.change(session, key.ident, person.role, person.name)
    if key.role != person.role:
        actor = Actor(key.ident, person.role, request_id)
        audit.note(session, actor, "account.role", at=now, data={"before": key.role})
    return keys.find(session, key.ident)


def _welcome(
    session: Session, person: Person, role: Role, now: datetime, request_id: str
) -> Key | None:
    key = unheld(role, person.name, now)
    while not keys.add(session, key):
        key = unheld(role, person.name, now)
    identities.add(session, IdentityRecord(person.digest, key.ident, now, now))
    audit.note(session, Actor(key.ident, role, request_id), "account.made", at=now)
    return key
