"""Decides who may operate on live data: users of this machine, and other users only if they are signed in."""

import hmac
import ipaddress
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

# A proxy or a tunnel in front of a local port adds one of these; then the visitor may be on another machine.
FORWARDING = frozenset(
    {
        "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-server",
        "x-real-ip", "x-original-forwarded-for", "true-client-ip", "cf-connecting-ip", "cf-ray", "tailscale-user-login",
    }
)  # fmt: skip

Headers = Mapping[str, str] | Iterable[tuple[str, str]]
Sent = Mapping[str, tuple[str, ...]]  # name, in lower case -> every value that was sent

_CONFIGURE = "Configure [auth] in Streamlit's secrets and sign in, or start the app with --server.address=localhost."
_NOT_LISTED = "not in the list `people` under [operate] in the app's secrets. Ask the app's operator."
_SIGN_IN = "Sign in to see it."


class Permission(NamedTuple):
    """Whether live data may be operated on, and why, for people."""

    allowed: bool
    reason: str


class OperateSettings(BaseModel):
    """The settings of the app's operator."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trusted_header: str | None = Field(
        default=None,
        description="The header in which a proxy names the signed-in person, such as X-Forwarded-Email. "
        "Trap: a client that bypasses the proxy can write it, so proxy_secret is needed, too.",
    )
    proxy_secret: str | None = Field(
        default=None,
        repr=False,
        min_length=16,
        description="The value of X-Lab-Proxy-Secret, by which the proxy proves that a request came through it.",
    )
    people: frozenset[str] = Field(
        default=frozenset(),
        description="The addresses that may operate, or the names that the proxy sends; empty allows every signed-in "
        "person. A login matches by its e-mail address alone, which its provider must have verified.",
    )
    trust_this_machine: bool | None = Field(
        default=None,
        description="Whether a request from this machine needs no login; by default, only while no sign-in is "
        "configured. Trap: a proxy on this machine that adds no header cannot be told from this machine.",
    )


def may_operate(
    listening_address: str | None,
    headers: Headers,
    user: Mapping[str, Any],
    settings: OperateSettings | None = None,
    *,
    now: float | None = None,
) -> Permission:
    """Decide whether live data may be shown and changed; pure. An uncertain case is refused.

    Args:
        listening_address: Streamlit's `server.address`; if it is not set, the app listens on every network.
        headers: The request's headers, as pairs or as Streamlit holds them; a repeated one is seen.
        user: Streamlit's `st.user`, as a mapping.
        settings: The operator's settings.
        now: The time, in seconds since 1970.

    Source: docs.streamlit.io: st.user has no `is_logged_in` unless login is configured, and Streamlit does not check
        a token's expiry; `server.address` listens everywhere by default. OpenID Connect Core 1.0, section 5.1:
        `email_verified` is a JSON boolean, and `sub` is only unique at its provider.
    """
    decided, sent = settings or OperateSettings(), _gather(headers)
    beyond = _reaches_beyond(listening_address, sent, trusted=_trusts_this_machine(decided, user))
    if not beyond:
        return Permission(True, "The app listens on this machine only.")
    person, problem = _find_person(sent, user, decided, time.time() if now is None else now)
    if problem:
        return Permission(False, f"{beyond} {problem} {_SIGN_IN if 'is_logged_in' in user else _CONFIGURE}")
    if decided.people and _fold(person) not in set(map(_fold, decided.people)):
        return Permission(False, f"You are signed in, but {_NOT_LISTED}")
    return Permission(True, "You are signed in.")


def _gather(headers: Headers) -> Sent:
    """Return every value of each header."""
    sent: dict[str, tuple[str, ...]] = {}
    for name, value in _list_headers(headers):
        key = name.strip().lower()
        sent[key] = (*sent.get(key, ()), value)
    return sent


def _list_headers(headers: Headers) -> Iterable[tuple[str, str]]:
    if not isinstance(headers, Mapping):
        return headers
    find = getattr(headers, "get_all", lambda name: [headers[name]])  # Streamlit's mapping shows one of the repeated
    return [(name, value) for name in headers for value in find(name)]


def _fold(name: str) -> str:
    """Return a name without the case of its letters; only ASCII has letters that are the same address."""
    name = name.strip()
    return name.lower() if name.isascii() else name


def _trusts_this_machine(settings: OperateSettings, user: Mapping[str, Any]) -> bool:
    """Tell whether this machine needs no login; a configured sign-in means that others reach the app, too."""
    if settings.trust_this_machine is not None:
        return settings.trust_this_machine
    return not (settings.people or settings.trusted_header or settings.proxy_secret or "is_logged_in" in user)


def _reaches_beyond(address: str | None, sent: Sent, *, trusted: bool) -> str:
    """Say why the app can be reached from beyond this machine; nothing when it cannot."""
    if not _is_local(address or ""):
        return "The app listens beyond this machine, so live data needs a login."
    if FORWARDING & sent.keys():
        return "This request came through a proxy, so live data needs a login."
    if not all(_is_local(_without_port(host)) for host in sent.get("host", ())):
        return "This request names another host than localhost, so live data needs a login."
    if not all(map(_is_local_origin, sent.get("origin", ()))):
        return "This request comes from a page of another host than localhost, so live data needs a login."
    if not trusted:
        return (
            "This request may come through a proxy on this machine, so live data needs a login unless "
            "`trust_this_machine` under [operate] says otherwise."
        )
    return ""


def _is_local_origin(origin: str) -> bool:
    try:
        return _is_local(urlsplit(origin).hostname or "")
    except ValueError:
        return False


def _is_local(address: str) -> bool:
    name = address.strip().strip("[]").rstrip(".").lower()
    if name == "localhost":
        return True
    try:
        number = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(number, "ipv4_mapped", None)
    return (mapped or number).is_loopback


def _without_port(host: str) -> str:
    host = host.strip()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    name, _, port = host.rpartition(":")
    return name if name and port.isdigit() and ":" not in name else host


def _find_person(sent: Sent, user: Mapping[str, Any], settings: OperateSettings, now: float) -> tuple[str, str]:
    """Return the signed-in person's address or name, and an error; the error is empty if a person is signed in."""
    if user.get("is_logged_in") is True:
        return _read_login(user, settings, now)
    if settings.trusted_header is None:
        return "", "Nobody is signed in."
    return _read_trusted_header(sent, settings)


def _read_login(user: Mapping[str, Any], settings: OperateSettings, now: float) -> tuple[str, str]:
    """Return a login's verified address; it may have none only if everybody who signs in may operate."""
    expires = user.get("exp")
    if expires is not None and not (isinstance(expires, int | float) and expires > now):
        return "", "Your login has expired."
    if "email_verified" in user and user["email_verified"] is not True:
        return "", "Your login has an address that was not verified."
    address = user.get("email")
    if not settings.people:
        return "", ""
    if not isinstance(address, str) or not address.strip():
        return "", "Your login has no e-mail address."
    if user.get("email_verified") is not True:
        return "", "Your login's provider does not say that your address was verified."
    return address, ""


def _read_trusted_header(sent: Sent, settings: OperateSettings) -> tuple[str, str]:
    if settings.proxy_secret is None:
        return "", "A trusted header without a proxy secret could be written by anybody."
    secrets = sent.get("x-lab-proxy-secret", ())
    if len(secrets) != 1 or not _is_same(secrets[0], settings.proxy_secret):
        return "", "This request did not come through the proxy that signs people in."
    names = sent.get((settings.trusted_header or "").strip().lower(), ())
    if len(names) > 1:
        return "", "The header that names the signed-in person was sent more than once."
    name = names[0].strip() if names else ""
    if not name or not name.isprintable() or "," in name:
        return "", "The proxy did not name a signed-in person."
    return name, ""


def _is_same(sent: str, secret: str) -> bool:
    return hmac.compare_digest(sent.encode(errors="replace"), secret.encode(errors="replace"))
