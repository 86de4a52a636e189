"""Who may operate on live data."""

from typing import Any

import pytest

from lab.readiness.permission import OperateSettings, may_operate

NOW = 1_795_000_000.0
SECRET = "a-proxy-secret-of-some-length"
IN: dict[str, Any] = {"is_logged_in": True, "email": "Ada@shop.example", "exp": NOW + 60}
VERIFIED = IN | {"email_verified": True}
OUT: dict[str, Any] = {"is_logged_in": False}
PROXY = OperateSettings(trusted_header="X-Forwarded-Email", proxy_secret=SECRET)
SENT = {"X-Lab-Proxy-Secret": SECRET, "X-Forwarded-Email": "ada@shop.example"}
ONLY_ADA = OperateSettings(people=frozenset({"ada@shop.example"}))

ADA = "ada@shop.example"


def _only(name: str) -> OperateSettings:
    return OperateSettings(people=frozenset({name}))


LOCAL = {"Host": "localhost:8501"}
TRUSTED, DISTRUSTED = OperateSettings(trust_this_machine=True), OperateSettings(trust_this_machine=False)

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
    ("among the people", None, {}, VERIFIED, ONLY_ADA, True, "signed in"),
    ("not among the people", None, {}, VERIFIED | {"email": "eve@shop.example"}, ONLY_ADA, False, "not in the list"),
    ("nameless", None, {}, {"is_logged_in": True}, ONLY_ADA, False, "no e-mail address"),
    ("listed, but not said to be verified", None, {}, IN, ONLY_ADA, False, "does not say"),
    ("an odd expiry", None, {}, IN | {"exp": str(NOW + 60)}, None, False, "has expired"),
    ("no number as expiry", None, {}, IN | {"exp": float("nan")}, None, False, "has expired"),
    ("a subject like an address", None, {}, {"is_logged_in": True, "sub": ADA}, ONLY_ADA, False, "no e-mail"),
    ("an empty address", None, {}, VERIFIED | {"email": " "}, ONLY_ADA, False, "no e-mail"),
    ("a list of addresses", None, {}, VERIFIED | {"email": [ADA]}, ONLY_ADA, False, "no e-mail"),
    ("nobody listed has no name", None, {}, VERIFIED | {"email": ""}, _only(""), False, "no e-mail"),
    ("other letters of ASCII", None, {}, VERIFIED | {"email": "ADA@SHOP.example "}, ONLY_ADA, True, "signed in"),
    ("a like letter", None, {}, VERIFIED | {"email": "a@\u212a"}, _only("a@k"), False, "not in the list"),
    ("two letters like one", None, {}, VERIFIED | {"email": "ss@shop"}, _only("\xdf@shop"), False, "not in the list"),
    *(
        (f"verified as {odd!r}", None, {}, IN | {"email_verified": odd}, people, False, "not verified")
        for odd in ("true", "True", "false", "", 1, 1.0, 0, None, [True], {"true": True})
        for people in (None, ONLY_ADA)
    ),
    ("trusted header", None, SENT, {}, PROXY, True, "signed in"),
    ("header in other letters", None, {k.lower(): v for k, v in SENT.items()}, {}, PROXY, True, "signed in"),
    ("forged header", None, {"X-Forwarded-Email": "ada@shop.example"}, {}, PROXY, False, "did not come through"),
    ("wrong secret", None, SENT | {"X-Lab-Proxy-Secret": "guess"}, {}, PROXY, False, "did not come through"),
    ("odd secret", None, SENT | {"X-Lab-Proxy-Secret": "ä\udcff"}, {}, PROXY, False, "did not come through"),
    ("empty header", None, SENT | {"X-Forwarded-Email": " "}, {}, PROXY, False, "did not name"),
    ("two people", None, SENT | {"X-Forwarded-Email": "ada@x, eve@x"}, {}, PROXY, False, "did not name"),
    ("a proxy that adds no header, before a login", "localhost", LOCAL, OUT, None, False, "may come through a proxy"),
    ("before a proxy's sign-in", "127.0.0.1", LOCAL, {}, PROXY, False, "may come through a proxy"),
    ("before a list of people", "::1", LOCAL, {}, ONLY_ADA, False, "may come through a proxy"),
    ("the settings distrust it", "localhost", LOCAL, {}, DISTRUSTED, False, "may come through a proxy"),
    ("the settings trust it", "localhost", LOCAL, OUT, TRUSTED, True, "this machine"),
    ("trusted, but forwarded", "localhost", LOCAL | {"Via": "1.1 x"}, OUT, TRUSTED, False, "came through a proxy"),
    ("trusted, but everywhere", "0.0.0.0", LOCAL, OUT, TRUSTED, False, "listens beyond"),
    ("signed in on this machine", "localhost", LOCAL, VERIFIED, ONLY_ADA, True, "You are signed in"),
    ("a page of its own", "localhost", LOCAL | {"Origin": "http://127.0.0.1:8501"}, {}, None, True, "this machine"),
    ("a page of elsewhere", "localhost", LOCAL | {"Origin": "https://lab.example"}, {}, None, False, "of another host"),
    ("a page of nowhere", "localhost", LOCAL | {"Origin": "null"}, {}, None, False, "of another host"),
    ("an odd page", "localhost", LOCAL | {"Origin": "http://[::1"}, {}, None, False, "of another host"),
    ("header nobody configured", None, SENT, {}, None, False, "Nobody is signed in"),
    ("header without a secret", None, SENT, {}, OperateSettings(trusted_header="X-Forwarded-Email"), False, "anybody"),
]  # fmt: skip


REPEATED = {
    "name": [*SENT.items(), ("x-forwarded-email", "eve@shop.example")],
    "same name": [*SENT.items(), ("X-Forwarded-Email", ADA)],
    "empty name": [("X-Forwarded-Email", ""), *SENT.items()],
    "secret": [*SENT.items(), ("X-Lab-Proxy-Secret", "a-guess-of-a-secret")],
    "same secret": [*SENT.items(), ("x-lab-proxy-secret", SECRET)],
}


@pytest.mark.parametrize("headers", REPEATED.values(), ids=REPEATED)
def test_a_repeated_trusted_header_is_refused(headers: list[tuple[str, str]]) -> None:
    assert may_operate(None, SENT.items(), {}, PROXY).allowed
    assert may_operate(None, [*SENT.items(), ("Accept", "a"), ("Accept", "b")], {}, PROXY).allowed
    assert not may_operate(None, headers, {}, PROXY).allowed
    assert not may_operate(None, headers[::-1], {}, PROXY).allowed
    as_mapping = {f"{name}{' ' * number}": value for number, (name, value) in enumerate(headers)}
    assert not may_operate(None, as_mapping, {}, PROXY).allowed


def test_a_second_host_is_not_this_machine() -> None:
    assert not may_operate("localhost", [("Host", "localhost"), ("Host", "lab.example")], {}).allowed


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
