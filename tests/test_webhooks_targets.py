"""Where messages may go, how long they are tried, how they are signed."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any

import pytest
from watch_fakes import PACE

from service.ledger.signing import headers_of
from service.ledger.targets import TargetRefused, addresses_of, allowed, read_url
from triage.errors import InvalidInput


@pytest.mark.parametrize(
    ("address", "outside", "private"),
    [
        ("8.8.8.8", True, True),
        ("2606:4700::1111", True, True),
        ("10.1.2.3", False, True),
        ("172.16.0.1", False, True),
        ("192.168.1.1", False, True),
        ("100.64.0.1", False, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("fd12:3456::1", False, True),
        ("169.254.169.254", False, False),
        ("169.254.0.1", False, False),
        ("100.100.100.200", False, False),
        ("fd00:ec2::254", False, False),
        ("fe80::1", False, False),
        ("fe80::1%eth0", False, False),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("224.0.0.1", False, False),
        ("ff02::1", False, False),
        ("255.255.255.255", False, False),
        ("240.0.0.1", False, False),
        ("::ffff:127.0.0.1", False, True),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("64:ff9b::808:808", True, True),
        ("2002:a9fe:a9fe::1", False, False),
    ],
)
def test_where_messages_may_go(address: str, *, outside: bool, private: bool) -> None:
    read = ipaddress.ip_address(address)
    assert allowed(read, private=False) is outside
    assert allowed(read, private=True) is private


def test_a_host_must_be_known_and_lead_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[Any] = []

    async def lookup(*_: object, **__: object) -> list[Any]:
        if not rows:
            raise OSError("no such host")
        return rows

    def find() -> list[str]:
        return asyncio.run(addresses_of("bank.example", 443, private=False))

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", lookup)
    with pytest.raises(TargetRefused, match="not known"):
        find()
    rows.extend([(0, 0, 0, "", ("8.8.8.8", 443)), (0, 0, 0, "", ("8.8.8.8", 443))])
    assert find() == ["8.8.8.8"]
    rows.append((0, 0, 0, "", ("10.0.0.1", 443)))
    with pytest.raises(TargetRefused, match="may not use"):
        find()


@pytest.mark.parametrize("url", ["", "x", "//x", "file:///etc/passwd", "http://x:0/", "http://[::"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        read_url(url, private=True)


def test_pauses_grow_to_a_limit_and_end() -> None:
    tries = PACE.webhooks
    pauses = [tries.pause(n, 0.5) for n in range(1, tries.attempts + 1)]
    assert pauses[-1] is None
    seconds = [p.total_seconds() for p in pauses if p]
    assert seconds == sorted(seconds)
    assert seconds[0] == tries.first_s
    assert seconds[-1] == tries.longest_s
    least, most = (tries.pause(1, chance) for chance in (0.0, 1.0))
    assert least
    assert most
    assert least.total_seconds() == tries.first_s * (1 - tries.jitter)
    assert most.total_seconds() == tries.first_s * (1 + tries.jitter)


def test_the_signature_is_that_of_the_standard() -> None:
    # The example of standard-webhooks/spec.
    found = headers_of(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ident="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
