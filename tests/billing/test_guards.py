"""Every case fails once its guard is taken out, so that none of the tests is idle."""

import inspect
from importlib import import_module
from pathlib import Path

import psycopg
import pytest

from tests.billing.guards import GUARDS, Guard


@pytest.mark.sample(every=3)
@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: f"{guard.case}: {guard.without}")
def test_a_case_fails_without_its_guard(
    guard: Guard, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard.take_out(monkeypatch)
    fixtures = {name: request.getfixturevalue(name) for name in inspect.signature(guard.test).parameters}
    with pytest.raises((AssertionError, pytest.fail.Exception, psycopg.Error)):
        guard.test(**fixtures)


def test_every_case_has_a_guard() -> None:
    files = Path(__file__).parent.glob("test_*.py")
    modules = [import_module(f"tests.billing.{path.stem}") for path in files]
    tests = {name for module in modules for name in vars(module) if name.startswith("test_case_")}
    assert tests == {guard.test.__name__ for guard in GUARDS}
