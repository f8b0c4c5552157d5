"""Intake of a ticket: read and judged before the store is asked, stored in one work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from service.feedback.settings import load_feedback
from service.ledger import found as repeats
from service.ledger.answers import new_body, stored_by_id
from service.ledger.apart import apart
from service.ledger.deciding import Basis, Judged, Versions, decision_of, duties_of, judge
from service.ledger.orders import Order, Taken
from service.ledger.sheet import Sheet
from service.ledger.standing import Course, standing_of
from service.serving import Assessor
from service.store import new_complaints, raw, slices
from service.store.database import Session
from service.store.privacy import Privacy, Vault
from service.store.records import Added, NewComplaint, NewDuty, Outcome, Standing
from service.store.records_service import Actor
from triage.masking.mask import mask, mask_many
from triage.normalize import normalize_many
from triage.records import Assessment, Context
from triage.repeats.matter import Matter, read_matter
from triage.repeats.settings import Settings
from triage.rules.calendar import local
from triage.wire import assessment_json, held_json

_NEW = Course()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A ticket read and judged; without the customer's key, and with the raw text if kept."""

    ticket_id: str
    body_hash: str
    masked_text: str
    customer_ref: str | None
    basis: Basis
    judged: Judged
    matter: Matter
    versions: Versions
    engine: Assessor
    at: datetime
    assessment: Assessment
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """A ticket compared with what is stored, before it is stored itself."""

    new: Prepared
    found: repeats.Found
    basis: Basis
    judged: Judged
    owed: Sequence[NewDuty]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Intake:
    """What intake needs besides an engine.

    Attributes
    ----------
    privacy : Privacy
    vault : Vault
    raw_days : int
        Days for which narratives are kept as submitted; 0 keeps none.
    repeats : Settings
        Of `data/repeats.yaml`.
    audit_share : float
        Share of the tickets that chance sends to review, of `data/feedback.yaml`.
    """

    privacy: Privacy
    vault: Vault
    raw_days: int
    repeats: Settings
    audit_share: float = field(default_factory=lambda: load_feedback().audit_share)

    def prepare(self, orders: Sequence[Order], engine: Assessor, now: datetime) -> list[Prepared]:
        """Mask, assess and judge; what is assessed is the masked text, so it can be done again."""
        masked = [each.text for each in mask_many([clean(order.text) for order in orders])]
        contexts = [kept_context(order.context, now) for order in orders]
        found = engine.assess(masked, contexts, ruled=False)
        normal = [each.text for each in normalize_many([each.masked_text for each in found])]
        return [
            self._prepared(*each, engine, now)
            for each in zip(orders, contexts, found, normal, strict=True)
        ]

    def _prepared(  # noqa: PLR0917
        self,
        order: Order,
        context: Context,
        assessment: Assessment,
        normal: str,
        engine: Assessor,
        now: datetime,
    ) -> Prepared:
        key = order.context.customer_key
        ref = self.privacy.customer_ref(key) if key else None
        basis = Basis(context)
        answer = assessment_json(assessment, order.ticket_id)
        return Prepared(
            ticket_id=order.ticket_id,
            body_hash=order.body_hash,
            masked_text=assessment.masked_text,
            customer_ref=ref,
            basis=basis,
            judged=judge(answer, basis, engine.rulebook, now),
            matter=read_matter(
                order.ticket_id,
                assessment.masked_text,
                self.repeats,
                received_at=context.received_at or now,
                customer_ref=ref,
                line=assessment.line,
                secondary=assessment.secondary,
                product=context.product,
                amount_cny=context.amount_cny,
                normal=normal,
            ),
            versions=Versions.of(engine.version, assessment.policy_version, engine.manifest),
            engine=engine,
            at=now,
            assessment=assessment,
            raw=order.text if self.raw_days else None,
        )

    def store(self, session: Session, new: Prepared, actor: Actor) -> Taken:
        """Store a ticket; see `store_many`."""
        return self.store_many(session, [(new, actor)])[0]

    def store_many(self, session: Session, news: Sequence[tuple[Prepared, Actor]]) -> list[Taken]:
        """Store tickets with all that belongs to them, unless their identifiers are known.

        What is only ever added is added for all of them at the end, in few statements.
        """
        sheet, taken = Sheet(session), list[Taken]()
        for some in apart(news, _told):
            found = repeats.find(session, [new.matter for new, _ in some], self.repeats)
            seen = [_seen(new, each) for (new, _), each in zip(some, found, strict=True)]
            rows = [(_complaint(e.new, e.standing), e.new.at) for e in seen]
            added = new_complaints.add_many(session, rows)
            for each, (_, actor), one in zip(seen, some, added, strict=True):
                taken.append(self._store(session, each, one, actor, sheet))
        sheet.write()
        return taken

    def _store(
        self, session: Session, seen: _Seen, added: Added, actor: Actor, sheet: Sheet
    ) -> Taken:
        new = seen.new
        if added.outcome is not Outcome.NEW:
            # It may be one of those that came in together with this one.
            sheet.write()
            return _known(session, added.outcome, added.id)
        repeats.note(session, added.id, seen.found, new.at)
        if slices.is_drawn(new.body_hash, self.audit_share):
            slices.add(session, added.id, at=new.at, share=self.audit_share)
        if new.raw is not None:
            raw.keep(session, self.vault, added.id, new.raw, now=new.at, days=self.raw_days)
        judged, standing = seen.judged, seen.standing
        decision = decision_of(
            *(added.id, judged, seen.basis, new.versions),
            at=new.at,
            reason="intake",
            held=held_json(new.assessment),
        )
        sheet.add(decision, seen.owed, new.ticket_id, actor, standing)
        return Taken(Outcome.NEW, new_body(judged.answer, standing, new.matter.received_at))


def _seen(new: Prepared, found: repeats.Found) -> _Seen:
    basis, judged = _with_repeats(new, found)
    owed = duties_of(judged)
    standing = standing_of(judged.answer, _NEW, [(d.code, d.due_at) for d in owed])
    return _Seen(new, found, basis, judged, owed, standing)


def _told(one: tuple[Prepared, Actor]) -> set[object]:
    """Give all by which another ticket could be found to be the same or to repeat it."""
    new = one[0]
    customer = {("customer", new.customer_ref)} if new.customer_ref is not None else set()
    return {("ticket", new.ticket_id), *new.matter.bands, *customer}


def clean(text: str) -> str:
    """Leave out U+0000, which PostgreSQL cannot keep; offsets stay."""
    return text.replace("\x00", "\ufffd")


def kept_context(context: Context, now: datetime) -> Context:
    """Give a context as it is kept: received now unless it says when, no key, labels masked."""
    return replace(
        context,
        received_at=local(context.received_at or now),
        customer_key=None,
        product=label(context.product),
        unit=label(context.unit),
        customer_segment=label(context.customer_segment),
    )


def label(text: str | None) -> str | None:
    """Mask a short text that is not meant to hold personal data."""
    return _label(text) if text else None


@lru_cache(maxsize=4096)
def _label(text: str) -> str:
    return mask(clean(text)).text


def _known(session: Session, outcome: Outcome, complaint_id: int) -> Taken:
    if outcome is Outcome.CONFLICT:
        return Taken(outcome, None)
    return Taken(outcome, stored_by_id(session, complaint_id))


def _with_repeats(new: Prepared, found: repeats.Found) -> tuple[Basis, Judged]:
    if not found.links:
        return new.basis, new.judged
    prior = new.basis.context.prior_complaints_90d
    basis = replace(new.basis, history=found.history(prior), repeat_of=found.state.ids)
    return basis, judge(new.judged.answer, basis, new.engine.rulebook, new.at)


def _complaint(new: Prepared, standing: Standing) -> NewComplaint:
    return NewComplaint(
        ticket_id=new.ticket_id,
        body_hash=new.body_hash,
        masked_text=new.masked_text,
        received_at=new.matter.received_at,
        standing=standing,
        context=new.basis.context,
        customer_ref=new.customer_ref,
        sketch=new.matter.sketch.to_bytes(),
        bands=new.matter.bands,
    )
