"""Targets by name: what is found, what is refused, and that no URL is ever shown."""

from typing import Any

import pytest

from lab.readiness.targets import EMBEDDED, UnknownTarget, _find_entries, find_targets, find_url

URL = "postgresql://who:s3cret@db.example:5432/shop"
OTHER = "postgresql://who:s3cret@other.example/shop"

CASES: list[tuple[str, dict[str, str], dict[str, Any], dict[str, str]]] = [
    ("none", {}, {}, {}),
    ("environment", {"LAB_TARGET_STAGING": URL, "PATH": "/bin"}, {}, {"staging": "environment"}),
    ("secrets", {}, {"targets": {"production": URL}, "auth": {}}, {"production": "secrets"}),
    ("both", {"LAB_TARGET_A": URL}, {"targets": {"b": URL}}, {"a": "environment", "b": "secrets"}),
    ("environment wins", {"LAB_TARGET_A": URL}, {"targets": {"A": OTHER}}, {"a": "environment"}),
]


@pytest.mark.parametrize(("environ", "secrets", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_found(environ: dict[str, str], secrets: dict[str, Any], expected: dict[str, str]) -> None:
    found = find_targets(environ, secrets)
    assert found[0].name == EMBEDDED
    assert {target.name: target.source for target in found[1:]} == expected
    assert not any(target.fault for target in found)
    assert all(find_url(name, environ, secrets) == URL for name in expected)


FAULTS: list[tuple[str, dict[str, str], dict[str, Any], str]] = [
    ("web address", {"LAB_TARGET_A": "https://who:s3cret@db.supabase.co"}, {}, "web address"),
    ("no URL", {"LAB_TARGET_A": "s3cret@@::"}, {}, "not a URL"),
    ("empty", {"LAB_TARGET_A": "  "}, {}, "empty"),
    ("no text", {}, {"targets": {"a": {"url": URL}}}, "is not text"),
    ("no name", {"LAB_TARGET_": URL}, {}, "needs a name"),
    ("URL as a name", {}, {"targets": {URL: "a"}}, "entry 1 of [targets] needs a name"),
    ("URL in a variable's name", {f"LAB_TARGET_{URL}": ""}, {}, "needs a name"),
    ("reserved", {"LAB_TARGET_EMBEDDED": URL}, {}, "Choose another name"),
    ("no table", {}, {"targets": URL}, "must be a table"),
]


@pytest.mark.parametrize(("environ", "secrets", "said"), [case[1:] for case in FAULTS], ids=[c[0] for c in FAULTS])
def test_faults_are_shown_and_no_secret_is(environ: dict[str, str], secrets: dict[str, Any], said: str) -> None:
    found = find_targets(environ, secrets)
    assert said in found[1].fault
    assert "s3cret" not in repr(found) + str(_find_entries(environ, secrets))
    with pytest.raises(UnknownTarget) as told:
        find_url(found[1].name, environ, secrets)
    assert "s3cret" not in str(told.value)


def test_embedded_and_unknown() -> None:
    assert find_url(" Embedded ", {}, {}) is None
    assert find_url(EMBEDDED, {"LAB_TARGET_EMBEDDED": URL}, {}) is None
    with pytest.raises(UnknownTarget, match="Choose one of embedded, staging; LAB_TARGET_NAME=URL adds one"):
        find_url("production", {"LAB_TARGET_STAGING": URL, "LAB_TARGET_BAD": ""}, {})
    assert "s3cret" not in repr(_find_entries({"LAB_TARGET_A": URL}, {}))
