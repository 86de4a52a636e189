"""Recognises secrets by their form, and names their kind. Values are never kept and never shown."""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from lab.text.placeholders import is_placeholder

# Secrets that must never reach a browser, by their form; searched for anywhere in a value.
# Source: what the providers' own pages on API keys show, and the forms that public secret scanners look for.
_AI = "a secret key of an AI provider"
_MAIL = "a secret key of an e-mail or SMS provider"
_HOST = "an access token of a code or server host"
_CHAT = "a token of a chat service"
_PARAMETER = "access_token|api[_-]?key|apikey|auth|key|password|secret|sig|signature|token"
_FORMS = (
    (re.compile(r"sb_secret_[A-Za-z0-9_-]{8,}"), "a Supabase server key"),
    (re.compile(r"sbp_[A-Za-z0-9]{16,}"), "a Supabase access token"),
    (re.compile(r"sk_(org_)?(test|live)_[A-Za-z0-9]{8,}"), "a Stripe secret key"),
    (re.compile(r"rk_(test|live)_[A-Za-z0-9]{8,}"), "a restricted Stripe key"),
    (re.compile(r"whsec_[A-Za-z0-9+/=]{8,}"), "a Stripe webhook secret"),
    (re.compile(r"(?<![A-Za-z0-9-])sk-(proj|svcacct|admin|ant|or)-[A-Za-z0-9_-]{16,}"), _AI),
    (re.compile(r"(?<![A-Za-z0-9-])sk-[A-Za-z0-9]{32,}"), _AI),
    (re.compile(r"(?<![A-Za-z0-9-])(gsk_|hf_|xai-)[A-Za-z0-9]{30,}"), _AI),
    (re.compile(r"(?<![A-Za-z0-9-])(re_|SG\.)[A-Za-z0-9_.-]{16,}"), _MAIL),
    (re.compile(r"(?<![A-Za-z0-9])(gh[oprsu]_[A-Za-z0-9]{30,}|github_pat_\w{22,}|glpat-[\w-]{20,})"), _HOST),
    (re.compile(r"(?<![A-Za-z0-9])(npm_[A-Za-z0-9]{30,}|pypi-[\w-]{30,}|dop_v1_[0-9a-f]{32,})"), _HOST),
    (re.compile(r"(?<![A-Za-z0-9])(AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9])"), "an access key of AWS"),
    (re.compile(r"(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,}"), _CHAT),
    (re.compile(r"hooks\.slack\.com/(services|workflows|triggers)/[\w/-]{16,}"), _CHAT),
    (re.compile(r"discord(app)?\.com/api/webhooks/\d+/[\w-]{16,}"), _CHAT),
    (re.compile(r"(?<![A-Za-z0-9:])\d{8,10}:[A-Za-z0-9_-]{35}(?![\w-])"), _CHAT),
    (re.compile(r"(?<![A-Za-z0-9-])(key-[0-9a-f]{32}|SK[0-9a-f]{32})(?![\w-])"), _MAIL),
    (re.compile(rf"[?&]({_PARAMETER})=(?!['\"])[\w.~%+/=-]{{12,}}", re.IGNORECASE), "an address with a key in it"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), "a private key"),
    (re.compile(r"[a-z][a-z0-9+.-]*://[^\s/:@]*:[^\s@]+@"), "an address with a password in it"),
)
_PUBLISHABLE = (
    (re.compile(r"sb_publishable_[A-Za-z0-9_-]+"), "a Supabase key for browsers"),
    (re.compile(r"pk_(test|live)_[A-Za-z0-9]+"), "a Stripe key for browsers"),
)
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_STRIPE_MODE = re.compile(r"[spr]k_(?:org_)?(test|live)_")
SERVER_ROLES = ("service_role", "supabase_admin", "postgres")

# Hidden in every text from a database: a private key, the password in an address, a value after a word such as
# "password" (quoted, or in a connection string), and a long run of letters and digits that forms no words.
HIDDEN = "(not shown)"
_KEY_BLOCK = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*-----|\Z)", re.DOTALL)
_PASSWORD = re.compile(r"([a-z][a-z0-9+.-]*://)[^\s/:@]*:[^\s@]+@")
# A text without any of these is not searched further: most have none, and a check reads a thousand.
_MARKS = re.compile(
    r"(?<![A-Za-z0-9])(?:sb_|sbp_|[sr]k[_-]|whsec_|gsk_|hf_|xai-|re_|SG\.|gh[oprsu]_|github_|glpat-|npm_|pypi-|dop_v1_"
    r"|AKIA|ASIA|xox|key-|SK[0-9a-f])|hooks\.slack|/webhooks/|[?&][A-Za-z_-]+=|\d{8}:"
)
_WORDS = ("pass", "secret", "token", "key", "authorization", "bearer", "basic", "credential")
_WORD = r"(?:pass(?:word|wd|phrase)|secret|token|api[_-]?key|key|authorization|bearer|credentials?)"
_QUOTED = re.compile(
    rf"({_WORD}[\w-]*(?:['\"]+\s*(?:=>|:=|[:=,])|\s*(?:=>|:=|[:=]))\s*E?)(['\"])[^'\"]+", re.IGNORECASE
)
_GIVEN = re.compile(r"\b((?:ssl)?password\s*=\s*)([^\s'\";,)]+)", re.IGNORECASE)
_BEARER = re.compile(r"\b((?:Bearer|Basic)\s+)[A-Za-z0-9+/=._~-]{6,}")
_OPAQUE = re.compile(r"(?<![\w$])[A-Za-z0-9+/_-]{24,}={0,2}(?!\w)")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NAME = re.compile(r"[a-z]+([_/-][a-z]+|[_/-]?[0-9]{1,8})*")

# The issuer of the keys in Supabase's documentation and in every local project: their signing secret is published.
PUBLISHED_ISSUER = "supabase-demo"


class Token(BaseModel):
    """The claims of a legacy Supabase key; its signature is not verified."""

    model_config = ConfigDict(frozen=True)

    role: str = Field(default="", description="The database role that the key acts as.")
    project: str = Field(default="", description="Reference of the project that it opens.")
    expires: float | None = Field(default=None, description="When it expires, in seconds since 1970.")
    published: bool = Field(
        default=False, description="Whether it is signed with the published secret of local projects."
    )


def read_token(value: str) -> Token | None:
    """Read a legacy Supabase key's claims without verifying them; None when it is not such a key."""
    return next(read_tokens(value), None)


def read_tokens(text: str) -> Iterator[Token]:
    """Yield the claims of every token in a text."""
    for found in _TOKEN.finditer(text):
        claims = _decode(found[0].split(".")[1])
        if claims is not None:
            yield _read_claims(claims)


def _read_claims(claims: dict[str, Any]) -> Token:
    expires = claims.get("exp")
    return Token(
        role=str(claims.get("role", "")),
        project=str(claims.get("ref", "")),
        expires=float(expires) if isinstance(expires, int | float) else None,
        published=claims.get("iss") == PUBLISHED_ISSUER,
    )


def _decode(part: str) -> dict[str, Any] | None:
    try:
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def find_secret(value: str) -> str | None:
    """Return the kind of secret that is in a value, None when none is recognised."""
    for form, kind in _FORMS:
        if form.search(value):
            return kind
    servers = (token.role for token in read_tokens(value) if token.role in SERVER_ROLES)
    return next((f"a Supabase key of the role {role}" for role in servers), None)


# Values that are secrets by their context: in a header, or in a connection string.
_CARRIED = (
    (re.compile(r"\b(?:Bearer|Basic)\s+([A-Za-z0-9+/=._~-]{12,})"), "a key in a header"),
    (
        re.compile(
            r"""["'](?:x-)?(?:api[_-]?key|secret|token|authorization|x-[a-z-]*(?:key|secret|token))["']\s*[:,]\s*"""
            r"""["']([^"'\s<>{}$%]{12,})["']""",
            re.IGNORECASE,
        ),
        "a key in a header",
    ),
    (
        re.compile(r"\b(?:host|hostaddr|user|dbname|port)=\S+\s[^;]*?\bpassword=([^\s'\";,)]{3,})"),
        "a password in a connection string",
    ),
    (
        re.compile(r"\bpassword=([^\s'\";,)]{3,})\s[^;]*?\b(?:host|hostaddr|user|dbname|port)="),
        "a password in a connection string",
    ),
)


def find_stored(text: str) -> str | None:
    """Return the kind of secret in a text of the catalogue; None without one. A browser's key is not a secret."""
    if kind := find_secret(text):
        return kind
    if any(token.role != "anon" for token in read_tokens(text)):
        return "a login token"
    for form, kind in _CARRIED:
        for found in form.finditer(text):
            if _is_random(found[1]) and not _TOKEN.fullmatch(found[1]) and not is_placeholder(found[1]):
                return kind
    return None


def _is_random(value: str) -> bool:
    """Tell whether a value has letters and digits, and is not a browser's key."""
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and not value.startswith("sb_publishable_")


def name_kind(value: str) -> str | None:
    """Return the kind of a value, secret or not; None when its form is unknown."""
    for form, kind in _PUBLISHABLE:
        if form.search(value):
            return kind
    token = read_token(value)
    if token and token.role not in SERVER_ROLES:
        return "a Supabase key for browsers" if token.role == "anon" else "a token that is not a server key"
    return find_secret(value)


def stripe_mode(value: str) -> str | None:
    """Return `test` or `live` for a Stripe key, None for anything else."""
    found = _STRIPE_MODE.match(value)
    return found[1] if found else None


def hide_secrets(text: str) -> str:
    """Return a text from outside without what may be a secret in it; the rest stays as it is."""
    hidden = _TOKEN.sub(HIDDEN, _KEY_BLOCK.sub(HIDDEN, text))
    if "://" in hidden:
        hidden = _PASSWORD.sub(rf"\1{HIDDEN}@", hidden)
    if _MARKS.search(hidden):
        for form, _ in _FORMS:
            hidden = form.sub(HIDDEN, hidden)
    if any(sign in hidden for sign in "'\"=") and any(word in hidden.lower() for word in _WORDS):
        hidden = _QUOTED.sub(lambda found: f"{found[1]}{found[2]}{HIDDEN}", hidden)
        hidden = _BEARER.sub(rf"\1{HIDDEN}", _GIVEN.sub(rf"\1{HIDDEN}", hidden))
    return _OPAQUE.sub(lambda found: HIDDEN if _is_opaque(found[0]) else found[0], hidden)


def _is_opaque(run: str) -> bool:
    """Tell whether a run of signs is neither a name, nor a number, nor a row's id."""
    mixed = any(sign.isdigit() for sign in run) and any(sign.isalpha() for sign in run)
    return (mixed and not _UUID.fullmatch(run) and not _NAME.fullmatch(run)) or _is_jumbled(run)


def _is_jumbled(run: str) -> bool:
    """Tell whether upper and lower case alternate at random, unlike in a name of several words."""
    letters = run.replace("_", "").replace("-", "")
    turns = sum(one.islower() != other.islower() for one, other in pairwise(letters))
    return letters.isalpha() and turns * 5 > len(letters) * 2
