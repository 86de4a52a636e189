"""The acts of a page, without the page: the second of two clicks, and who may act."""

from typing import Any

import psycopg
import pytest

from lab.readiness.permission import Permission
from lab.rules.deliveries import retry
from lab.rules.model import OperatorAct
from lab.ui.kit import acts
from lab.ui.kit.acts import Acts, Subject
from lab.ui.kit.targets import Place
from lab.ui.kit.url_widgets import PageMemory

SUBJECT = Subject(name="job 1", acts=(retry,), id_for=lambda _: "1")
PLACE = Place("embedded", "", made_up=True)


class Kept(PageMemory):
    """A page's part of a session, kept here."""

    def __init__(self) -> None:
        super().__init__("tests")
        self._kept: dict[str, Any] = {"asked": (SUBJECT.name, retry.id)}

    def __getitem__(self, name: str) -> Any:
        """Return what is kept under a name."""
        return self._kept[name]

    def __setitem__(self, name: str, value: object) -> None:
        """Keep something under a name."""
        self._kept[name] = value

    def get(self, name: str, otherwise: Any = None) -> Any:
        """Return what is kept under a name, or the other value."""
        return self._kept.get(name, otherwise)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that acts were given."""
    given: list[str] = []

    def perform(_: Acts, url: str, act: OperatorAct, id: str, reason: str | None) -> tuple[str, bool]:
        given.append(id)
        return act.done, True

    monkeypatch.setattr(Acts, "perform", perform)
    return given


def never(_: psycopg.Connection[Any], act: OperatorAct, id: str, reason: str | None) -> bool:
    """Stand for work that nobody reaches."""
    raise AssertionError(act.id, id, reason)


@pytest.mark.parametrize(("allowed", "expected"), [(True, ["1"]), (False, [])])
def test_two_clicks_act_once_and_only_for_those_who_may(
    done: list[str], monkeypatch: pytest.MonkeyPatch, allowed: bool, expected: list[str]
) -> None:
    """Both clicks reach the server before the page is drawn again."""
    monkeypatch.setattr(acts, "check_permission", lambda: Permission(allowed=allowed, reason="made up"))
    desk = Acts(Kept(), never, lambda: None)
    for _ in range(2):
        desk._confirm(SUBJECT, retry, PLACE)
    assert done == expected
