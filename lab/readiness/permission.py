"""Decides who may operate on live data: users of this machine, and other users only if they are signed in."""

import hmac
import ipaddress
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

# A proxy or a tunnel in front of a local port adds one of these; then the visitor may be on another machine.
FORWARDING = frozenset(
    {
        "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-server",
        "x-real-ip", "x-original-forwarded-for", "true-client-ip", "cf-connecting-ip", "cf-ray", "tailscale-user-login",
    }
)  # fmt: skip

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
        description="The addresses or names that may operate; empty allows every signed-in person.",
    )


def may_operate(
    listening_address: str | None,
    headers: Mapping[str, str],
    user: Mapping[str, Any],
    settings: OperateSettings | None = None,
    *,
    now: float | None = None,
) -> Permission:
    """Decide whether live data may be shown and changed; pure. An uncertain case is refused.

    Args:
        listening_address: Streamlit's `server.address`; if it is not set, the app listens on every network.
        headers: The request's headers.
        user: Streamlit's `st.user`, as a mapping.
        settings: The operator's settings.
        now: The time, in seconds since 1970.

    Source: docs.streamlit.io: st.user has no `is_logged_in` unless login is configured, and Streamlit does not check
        a token's expiry; `server.address` listens everywhere by default.
    """
    decided = settings or OperateSettings()
    sent = {name.strip().lower(): value for name, value in headers.items()}
    beyond = _reaches_beyond(listening_address, sent)
    if not beyond:
        return Permission(True, "The app listens on this machine only.")
    person, problem = _find_person(sent, user, decided, time.time() if now is None else now)
    if person is None:
        return Permission(False, f"{beyond} {problem} {_SIGN_IN if 'is_logged_in' in user else _CONFIGURE}")
    if decided.people and person.casefold() not in {name.casefold() for name in decided.people}:
        return Permission(False, f"You are signed in, but {_NOT_LISTED}")
    return Permission(True, "You are signed in.")


def _reaches_beyond(address: str | None, headers: Mapping[str, str]) -> str:
    """Say why the app can be reached from beyond this machine; nothing when it cannot."""
    if not _is_local(address or ""):
        return "The app listens beyond this machine, so live data needs a login."
    if FORWARDING & headers.keys():
        return "This request came through a proxy, so live data needs a login."
    host = headers.get("host")
    if host is not None and not _is_local(_without_port(host)):
        return "This request names another host than localhost, so live data needs a login."
    return ""


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


def _find_person(
    headers: Mapping[str, str], user: Mapping[str, Any], settings: OperateSettings, now: float
) -> tuple[str | None, str]:
    """Return the signed-in person, or why there is none."""
    if user.get("is_logged_in") is True:
        expires = user.get("exp")
        if isinstance(expires, int | float) and expires <= now:
            return None, "Your login has expired."
        if user.get("email_verified") is False:
            return None, "Your login has an address that was not verified."
        return str(user.get("email") or user.get("sub") or ""), ""
    if settings.trusted_header is None:
        return None, "Nobody is signed in."
    return _read_trusted_header(headers, settings)


def _read_trusted_header(headers: Mapping[str, str], settings: OperateSettings) -> tuple[str | None, str]:
    if settings.proxy_secret is None:
        return None, "A trusted header without a proxy secret could be written by anybody."
    sent = headers.get("x-lab-proxy-secret", "")
    if not hmac.compare_digest(sent.encode(errors="replace"), settings.proxy_secret.encode()):
        return None, "This request did not come through the proxy that signs people in."
    name = headers.get((settings.trusted_header or "").strip().lower(), "").strip()
    if not name or not name.isprintable() or "," in name:
        return None, "The proxy did not name a signed-in person."
    return name, ""
