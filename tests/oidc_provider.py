"""A small OpenID Connect provider, run as a process of its own: `python oidc_provider.py PORT`.

Who signs in decides what goes wrong: the name that is typed into its form is the subject, and a
case. Clients, codes and PKCE are checked as a provider must.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import sys
import time
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT, SECRET = "desk", "a secret of the desk; with: signs"
GROUPS = {"chen": ["staff", "cn=risk,ou=groups"], "boss": ["desk-admins"], "guest": ["staff"]}


def key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})


class Shop:
    """What the provider knows."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key, self.stranger = key(), key()
        self.codes: dict[str, dict[str, str]] = {}
        self.access: dict[str, str] = {}
        self.groups = dict(GROUPS)

    def token(self, asked: dict[str, str], access: str) -> str:
        """Make the token of a code, with what is wrong in the case of its subject."""
        who, now = asked["user"], int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": who,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "preferred_username": f"{who}.li",
            "at_hash": _half(access),
            "groups": self.groups.get(who, self.groups["chen"]),
        }
        wrong: dict[str, dict[str, Any]] = {
            "other-nonce": {"nonce": "another"},
            "expired": {"iat": now - 900, "exp": now - 600},
            "not-yet": {"iat": now + 600, "exp": now + 900},
            "other-issuer": {"iss": "https://evil.example"},
            "other-audience": {"aud": "somebody-else"},
            "more-audiences": {"aud": [CLIENT, "somebody-else"]},
            "other-access": {"at_hash": _half("another")},
            "no-subject": {"sub": ""},
            "odd-subject": {"sub": 7},
            "odd-times": {"exp": "soon"},
            "hostile": {"preferred_username": "<script>owned()</script>\u202e\0" + "x" * 200},
        }
        claims |= wrong.get(who, {})
        if who in ("userinfo", "other-userinfo"):
            del claims["groups"]
        if who == "no-nonce":
            del claims["nonce"]
        if who == "unsigned":
            return ".".join((_packed(b'{"alg":"none"}'), _packed(json.dumps(claims).encode()), ""))
        if who == "shared-secret":
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
        if who == "public-key-as-secret":
            head = json.dumps({"alg": "HS256", "kid": self.key.kid}).encode()
            said = f"{_packed(head)}.{_packed(json.dumps(claims).encode())}"
            public = self.key.as_pem(private=False)
            return f"{said}.{_packed(hmac.digest(public, said.encode(), 'sha256'))}"
        if who == "other-key":
            return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.stranger)
        if who == "not-a-token":
            return "a.b.c"
        signed = jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)
        return signed[:-8] + "AAAAAAAA" if who == "bad-signature" else signed


def _packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _half(access: str) -> str:
    return _packed(hashlib.sha256(access.encode()).digest()[:16])


def make_app(issuer: str) -> FastAPI:
    app, shop = FastAPI(), Shop(issuer)

    @app.get("/.well-known/openid-configuration")
    def describe() -> Any:
        return {
            "issuer": issuer,
            **{f"{name}_endpoint": f"{issuer}/{name}" for name in ("token", "userinfo")},
            "authorization_endpoint": f"{issuer}/authorize?tenant=bank",
            "jwks_uri": f"{issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "authorization_response_iss_parameter_supported": True,
        }

    @app.get("/keys")
    def keys() -> Any:
        return KeySet([shop.key]).as_dict(private=False)

    @app.post("/rotate")
    def rotate() -> Any:
        shop.key = key()
        return {}

    @app.post("/groups/{who}/{group}")
    def regroup(who: str, group: str) -> Any:
        shop.groups[who] = [group]
        return {}

    @app.get("/authorize")
    def authorize(request: Request) -> Any:
        told = dict(request.query_params)
        asked = ("tenant", "client_id", "redirect_uri", "state", "nonce", "code_challenge")
        good = (told.get("response_type"), told.get("client_id")) == ("code", CLIENT)
        if not good or not all(told.get(name) for name in asked):
            return Response(status_code=400)
        if told.get("code_challenge_method") != "S256" or "openid" not in told["scope"].split():
            return Response(status_code=400)
        kept = "".join(
            f'<input type=hidden name="{k}" value="{escape(v)}">' for k, v in told.items()
        )
        return HTMLResponse(
            f"<!doctype html><title>bank</title><form method=post action=/authorize>{kept}"
            "<input name=user id=user><button>go</button></form>"
        )

    @app.post("/authorize")
    async def answer(request: Request) -> Any:
        told = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
        back = {"state": told["state"], "iss": issuer}
        if told["user"] == "cancel":
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_urlsafe(16)
            shop.codes[back["code"]] = told
        if told["user"] == "other-state":
            back["state"] = "another"
        if told["user"] == "mixed-up":
            back["iss"] = "https://evil.example"
        if told["user"] == "other-code":
            back["code"] = "another"
        return RedirectResponse(f"{told['redirect_uri']}?{urlencode(back)}", 303)

    @app.post("/token")
    async def change(request: Request) -> Any:
        told = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = shop.codes.pop(told.get("code", ""), None)
        if request.headers.get("authorization") != basic or asked is None:
            return JSONResponse({"error": "invalid_client"}, 401)
        proof = _packed(hashlib.sha256(told.get("code_verifier", "").encode()).digest())
        if proof != asked["code_challenge"] or told["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if asked["user"] == "broken":
            return HTMLResponse("<h1>maintenance</h1>", 502)
        access = secrets.token_urlsafe(16)
        shop.access[access] = asked["user"]
        told_back = {"access_token": access, "token_type": "Bearer", "expires_in": 300}
        if asked["user"] != "no-token":
            told_back["id_token"] = shop.token(asked, access)
        return told_back

    @app.get("/userinfo")
    def tell(request: Request) -> Any:
        who = shop.access[request.headers["authorization"].removeprefix("Bearer ")]
        subject = "chen" if who == "other-userinfo" else who
        return {"sub": subject, "groups": GROUPS["chen"]}

    return app


if __name__ == "__main__":
    port = int(sys.argv[1])
    # Another host than the desk's, so that to a browser it is another site.
    uvicorn.run(
        make_app(f"http://localhost:{port}"), host="localhost", port=port, log_level="error"
    )
