"""Who may operate on live data."""

from typing import Any

import pytest

from lab.readiness.permission import OperateSettings, may_operate

NOW = 1_795_000_000.0
SECRET = "a-proxy-secret-of-some-length"
IN: dict[str, Any] = {"is_logged_in": True, "email": "Ada@shop.example", "exp": NOW + 60}
PROXY = OperateSettings(trusted_header="X-Forwarded-Email", proxy_secret=SECRET)
SENT = {"X-Lab-Proxy-Secret": SECRET, "X-Forwarded-Email": "ada@shop.example"}
ONLY_ADA = OperateSettings(people=frozenset({"ada@shop.example"}))

CASES: list[tuple[str, str | None, dict[str, str], dict[str, Any], OperateSettings | None, bool, str]] = [
    ("localhost", "localhost", {}, {}, None, True, "this machine only"),
    ("localhost with its host", "localhost", {"Host": "localhost:8501"}, {}, None, True, "this machine"),
    ("loopback", "127.0.0.1", {"Host": "127.0.0.1:8501"}, {}, None, True, "this machine"),
    ("another loopback", "127.9.9.9", {}, {}, None, True, "this machine"),
    ("loopback of IPv6", "::1", {"Host": "[::1]:8501"}, {}, None, True, "this machine"),
    ("in brackets", "[::1]", {}, {}, None, True, "this machine"),
    ("IPv4 in IPv6", "::ffff:127.0.0.1", {}, {}, None, True, "this machine"),
    ("not set", None, {}, {}, None, False, "listens beyond this machine"),
    ("empty", "", {}, {}, None, False, "listens beyond this machine"),
    ("everywhere", "0.0.0.0", {"Host": "localhost:8501"}, {}, None, False, "Nobody is signed in"),
    ("everywhere in IPv6", "::", {}, {}, None, False, "listens beyond"),
    ("IPv4 of elsewhere in IPv6", "::ffff:10.0.0.1", {}, {}, None, False, "listens beyond"),
    ("private network", "192.168.1.5", {}, {}, None, False, "listens beyond"),
    ("a name", "lab.example", {}, {}, None, False, "listens beyond"),
    ("looks local", "localhost.evil.example", {}, {}, None, False, "listens beyond"),
    ("looks like loopback", "127.0.0.1.evil.example", {}, {}, None, False, "listens beyond"),
    ("a socket", "unix:///run/lab.sock", {}, {}, None, False, "listens beyond"),
    ("behind a proxy", "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, {}, None, False, "came through a proxy"),
    ("behind a tunnel", "localhost", {"CF-Ray": "x"}, {}, None, False, "came through a proxy"),
    ("another name rebound", "localhost", {"Host": "evil.example:8501"}, {}, None, False, "another host than"),
    ("an empty host", "localhost", {"Host": ""}, {}, None, False, "another host"),
    ("signed in", "0.0.0.0", {}, IN, None, True, "You are signed in"),
    ("signed in behind a proxy", "localhost", {"Forwarded": "for=1.2.3.4"}, IN, None, True, "signed in"),
    ("signed in without an expiry", None, {}, {"is_logged_in": True, "sub": "7"}, None, True, "signed in"),
    ("signed out", None, {}, {"is_logged_in": False}, None, False, "Nobody is signed in"),
    ("says so as text", None, {}, {"is_logged_in": "true", "email": "a@b"}, None, False, "Nobody is signed in"),
    ("an address is no login", None, {}, {"email": "ada@shop.example"}, None, False, "Nobody is signed in"),
    ("expired", None, {}, IN | {"exp": NOW - 1}, None, False, "login has expired"),
    ("not verified", None, {}, IN | {"email_verified": False}, None, False, "not verified"),
    ("among the people", None, {}, IN, ONLY_ADA, True, "signed in"),
    ("not among the people", None, {}, IN | {"email": "eve@shop.example"}, ONLY_ADA, False, "not in the list"),
    ("nameless", None, {}, {"is_logged_in": True}, ONLY_ADA, False, "not in the list"),
    ("trusted header", None, SENT, {}, PROXY, True, "signed in"),
    ("header in other letters", None, {k.lower(): v for k, v in SENT.items()}, {}, PROXY, True, "signed in"),
    ("forged header", None, {"X-Forwarded-Email": "ada@shop.example"}, {}, PROXY, False, "did not come through"),
    ("wrong secret", None, SENT | {"X-Lab-Proxy-Secret": "guess"}, {}, PROXY, False, "did not come through"),
    ("odd secret", None, SENT | {"X-Lab-Proxy-Secret": "ä\udcff"}, {}, PROXY, False, "did not come through"),
    ("empty header", None, SENT | {"X-Forwarded-Email": " "}, {}, PROXY, False, "did not name"),
    ("two people", None, SENT | {"X-Forwarded-Email": "ada@x, eve@x"}, {}, PROXY, False, "did not name"),
    ("header nobody configured", None, SENT, {}, None, False, "Nobody is signed in"),
    ("header without a secret", None, SENT, {}, OperateSettings(trusted_header="X-Forwarded-Email"), False, "anybody"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "headers", "user", "settings", "allowed", "said"),
    [case[1:] for case in CASES],
    ids=[c[0] for c in CASES],
)
def test_may_operate(
    address: str | None,
    headers: dict[str, str],
    user: dict[str, Any],
    settings: OperateSettings | None,
    allowed: bool,
    said: str,
) -> None:
    permission = may_operate(address, headers, user, settings, now=NOW)
    assert permission.allowed is allowed
    assert said in permission.reason
    if not allowed and "not in the list" not in said:
        configured = "is_logged_in" in user
        assert ("Sign in to see it." if configured else "[auth]") in permission.reason
    assert "shop.example" not in permission.reason
    assert SECRET not in permission.reason + repr(settings)
