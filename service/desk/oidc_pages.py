"""Signing in with a provider of the bank: there, and back."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response

from service.access.identities import recognise
from service.access.keys import Key
from service.access.oidc import Answer, Provider
from service.access.oidc_claims import Person
from service.access.oidc_description import ProviderDown, SignInRefused
from service.desk import sessions, tries
from service.desk.oidc_flow import COOKIE, LASTS, Flow
from service.desk.render import PageRoute, desk_of, lead, page
from service.desk.sign_in import onward_to, sign_in_page
from service.errors import Forbidden, NothingThere, request_id
from service.wiring import parts_of
from triage.errors import JiesuError

router = APIRouter(include_in_schema=False, route_class=PageRoute)
PATH = "/desk/sign-in/oidc"
BACK = PATH + "/back"


class NoRole(Forbidden):
    """The provider knows the person, but no group of his has a role here."""

    code = "no_role"


class SignInLeft(SignInRefused):
    """The person, or the provider, ended the sign-in."""

    code = "sign_in_left"


@router.get(PATH)
async def leave(request: Request) -> Response:
    """Lead to the provider."""
    provider, now = _provider(request), parts_of(request).ledger.now()
    flow = Flow.begin(onward_to(request.query_params.get("next", "")), now)
    try:
        address = await provider.address(flow.asking(_redirect(request, provider)))
    except ProviderDown as exc:
        return sign_in_page(request, exc, onward=flow.onward)
    answer = lead(address)
    # Lax: the provider, which is another site, leads back here, and the cookie must come along.
    answer.set_cookie(
        *(COOKIE, flow.cookie),
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=sessions.by_tls(request),
        path=PATH,
    )
    return answer


@router.get(BACK)
async def back(request: Request) -> Response:
    """Open a session for whom the provider vouches."""
    provider = _provider(request)
    flow = Flow.read(request.cookies.get(COOKIE, ""))
    onward = flow.onward if flow else ""
    try:
        secret = await _enter(request, provider, flow)
    except (sessions.LockedOut, NoRole, ProviderDown, SignInRefused) as exc:
        answer = await _refuse(request, exc, onward)
    else:
        # A page, not another redirect: who comes from another site would arrive without the
        # cookie of the session, which other sites do not send.
        answer = page(request, "signed_in.html", onward=onward_to(onward))
        sessions.set_cookie(request, answer, sessions.COOKIE, secret)
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


async def _enter(request: Request, provider: Provider, flow: Flow | None) -> str:
    parts, told, desk = parts_of(request), request.query_params, desk_of(request)
    now = parts.ledger.now()
    if flow is None or not flow.goes_with(told.get("state", ""), now):
        raise SignInRefused("the answer is of no sign-in that began here", cure="sign in again")
    if "code" not in told:
        raise SignInLeft("the sign-in was ended", cure="sign in again")
    places = await sessions.count_try(request, desk)
    asking = flow.asking(_redirect(request, provider))
    try:
        person = await provider.person(Answer(told["code"], told.get("iss")), asking, now)
    except ProviderDown:  # nobody's fault who signs in
        await parts.writer.write(partial(tries.forgive, places=places))
        raise
    key = await _key_of(request, person, places)
    return await sessions.open_session(request, key, desk, places, by="oidc")


async def _key_of(request: Request, person: Person, places: tries.Places) -> Key:
    parts = parts_of(request)
    known = partial(
        recognise, person=person, now=parts.ledger.now(), request_id=request_id(request)
    )
    key = await parts.writer.write(known)
    if key is None or key.revoked_at is not None:
        await parts.writer.write(partial(tries.forgive, places=places))
        raise NoRole("no group of this person has a role here", cure="ask an administrator")
    return key


async def _refuse(request: Request, exc: JiesuError, onward: str) -> Response:
    if not isinstance(exc, sessions.LockedOut):
        await sessions.note_refused(request, by="oidc", why=exc.code)
    return sign_in_page(request, exc, onward=onward)


def _redirect(request: Request, provider: Provider) -> str:
    return provider.redirect or str(request.url.replace(path=BACK, query="", fragment=""))


def _provider(request: Request) -> Provider:
    provider = parts_of(request).provider
    if provider is None:
        raise NothingThere("no provider is set", cure="see docs/sign-in.md")
    return provider
