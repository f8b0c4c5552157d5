"""Sends what stands in the outbox: at least once, signed, again later when it does not arrive.

httpx is imported with the first message: most services start without one.
"""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import orjson
from anyio import to_thread

from service.ledger.pace import Tries
from service.ledger.signing import headers_of
from service.ledger.targets import TargetRefused, addresses_of, read_url
from service.logs import LOGGER
from service.store import webhooks
from service.store.database import Database
from service.store.privacy import Privacy
from service.store.records_service import DeliveryRecord, WebhookRecord
from service.store.writer import Writer
from triage.errors import JiesuError

if TYPE_CHECKING:
    import httpx

_LOG = logging.getLogger(LOGGER)
_AT_ONCE = 10
_BATCH = 50
_BATCHES = 10
# Longer than a batch can take; a message whose sender fell silent is sent again after it.
_HOLD_S = 180
_ADDRESSES = 3


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of messages."""

    arrived: int = 0
    failed: int = 0
    dead: int = 0


class Courier:
    """Sends messages to webhooks; any number of processes may.

    Parameters
    ----------
    database : Database
    writer : Writer
    privacy : Privacy
        Opens the secrets of the webhooks.
    tries : Tries
    private : bool
        Whether addresses of private networks may be used.
    chance : callable
        Gives the place in the range of the jitter, in [0, 1).
    """

    def __init__(
        self,
        database: Database,
        writer: Writer,
        privacy: Privacy,
        *,
        tries: Tries,
        private: bool,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._writer = writer
        self._privacy = privacy
        self._tries = tries
        self._private = private
        self._chance = chance
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def deliver(self, now: datetime) -> Sent:
        """Send what is due.

        Raises
        ------
        StoreUnavailable, StoreBusy
            When the database cannot be used; what was sent meanwhile may be sent again.
        """
        found = Sent()
        for _ in range(_BATCHES):
            if not await to_thread.run_sync(
                self._database.ask, lambda session: webhooks.waiting(session, now)
            ):
                break
            batch = await self._writer.write(
                lambda session: webhooks.claim(session, now=now, hold_s=_HOLD_S, limit=_BATCH)
            )
            some = await self._send_all(batch, now)
            found = Sent(
                *(found.arrived + some.arrived, found.failed + some.failed, found.dead + some.dead)
            )
        return found

    async def _send_all(self, batch: list[DeliveryRecord], now: datetime) -> Sent:
        import httpx

        hooks = await to_thread.run_sync(self._database.ask, webhooks.hooks)
        by_id = {hook.id: hook for hook in hooks}
        # A connection is not kept: two hosts at one address must not share what TLS made sure of.
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(
            verify=self._tls, timeout=self._tries.timeout_s, limits=limits, trust_env=False
        ) as client:
            outcomes = await asyncio.gather(
                *(self._send_one(client, one, by_id.get(one.webhook_id), now) for one in batch),
                return_exceptions=True,
            )
        for fault in outcomes:
            if isinstance(fault, BaseException):  # it is due again when its time is up
                _LOG.error("webhook fault", exc_info=fault)
        return Sent(*(outcomes.count(name) for name in ("arrived", "failed", "dead")))

    async def _send_one(
        self,
        client: httpx.AsyncClient,
        message: DeliveryRecord,
        hook: WebhookRecord | None,
        now: datetime,
    ) -> str:
        async with self._turn:
            error = (
                await self._try(client, message, hook, now) if hook else "the webhook was stopped"
            )
        if error is None:
            await self._writer.write(lambda session: webhooks.sent(session, message.id, now))
            return "arrived"
        # This try was counted when the message was claimed, after it was read.
        pause = self._tries.pause(message.attempts + 1, self._chance()) if hook else None
        again_at = now + pause if pause else None
        await self._writer.write(
            lambda session: webhooks.failed(session, message.id, error=error, again_at=again_at)
        )
        facts = {"delivery": message.id, "webhook": message.webhook_id, "why": error}
        level = logging.INFO if again_at else logging.WARNING
        _LOG.log(level, "webhook not delivered", extra={"facts": facts})
        return "failed" if again_at else "dead"

    async def _try(
        self, client: httpx.AsyncClient, message: DeliveryRecord, hook: WebhookRecord, now: datetime
    ) -> str | None:
        """Send once; give why it did not arrive. Nothing of an answer is kept but its status."""
        import httpx

        try:
            secret = self._privacy.unseal(hook.secret)
            body = orjson.dumps(message.payload)
            headers = headers_of(
                secret, ident=message.message_id, at=int(now.timestamp()), body=body
            )
            async with asyncio.timeout(self._tries.timeout_s):
                status = await self._post(client, hook.url, body, headers)
        except (TimeoutError, httpx.TimeoutException):
            return "no answer in time"
        except httpx.HTTPError as exc:
            return type(exc).__name__
        except TargetRefused as exc:
            return str(exc)
        except JiesuError as exc:
            return exc.message
        return None if httpx.codes.is_success(status) else f"HTTP {status}"

    async def _post(
        self, client: httpx.AsyncClient, url: str, body: bytes, headers: Mapping[str, str]
    ) -> int:
        import httpx

        read = read_url(url, private=self._private)
        port = read.port or (443 if read.scheme == "https" else 80)
        found = await addresses_of(read.raw_host.decode("ascii"), port, private=self._private)
        # Sent to the address that was looked at, under the name that was asked for.
        sent = {
            **headers,
            "host": read.netloc.decode("ascii"),
            "content-type": "application/json",
            "user-agent": "jiesu",
        }
        options = {"sni_hostname": read.raw_host.decode("ascii")}
        for number, address in enumerate(found[:_ADDRESSES], 1):
            try:
                async with client.stream(
                    "POST",
                    read.copy_with(host=address),
                    content=body,
                    headers=sent,
                    extensions=options,
                ) as answer:
                    return answer.status_code
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if number == min(len(found), _ADDRESSES):
                    raise
        raise TargetRefused("the host is not known")

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        import httpx

        return httpx.create_ssl_context()
