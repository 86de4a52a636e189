"""The acts of operators on a page: each is confirmed first, carried out once, and answered with a sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
import streamlit as st

from lab.database.connect import DatabaseUnavailable, connect
from lab.database.failures import say_refusal
from lab.readiness.permission import Permission
from lab.rules.model import OperatorAct
from lab.text.errors import LabError
from lab.ui.kit.markdown import plain
from lab.ui.kit.targets import Place, check_permission
from lab.ui.kit.url_widgets import PageMemory

STATEMENT_SECONDS = 10.0
_NOTHING = ("", True)  # what was said, and whether it went well
Work = Callable[[psycopg.Connection[Any], OperatorAct, str, str | None], bool]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What acts are offered for.

    Args:
        name: Its key on the page.
        acts: What can be done about it.
        id_for: Returns what an act is given; nothing when the visitor types it.
        closed: Says why an act cannot be carried out here; nothing when it can.
        asks: What the visitor types, and an example of it; None when nothing is typed.
    """

    name: str
    acts: tuple[OperatorAct, ...]
    id_for: Callable[[OperatorAct], str]
    closed: Callable[[OperatorAct], str] = lambda _: ""
    asks: tuple[str, str] | None = None


class Acts:
    """The acts of one page.

    Args:
        memory: The page's part of the session.
        work: Carries an act out with its id and reason, and returns whether something was changed.
        after: Reads the target again.
    """

    def __init__(self, memory: PageMemory, work: Work, after: Callable[[], None]) -> None:
        self._memory, self._work, self._after = memory, work, after

    def draw_said(self) -> None:
        """Draw what the last act came to, once."""
        said, went_well = self._memory["said before"] = self._memory.get("said", _NOTHING)
        self._memory["said"] = _NOTHING
        if said:
            (st.success if went_well else st.error)(said, icon=":material/check:" if went_well else ":material/error:")

    def draw(
        self, subject: Subject, place: Place, permission: Permission, beside: Callable[[], None] = lambda: None
    ) -> None:
        """Draw the acts on something, or the confirmation of the one that was chosen.

        Args:
            subject: What the acts are for.
            place: Where it is.
            permission: Who may operate; nobody else gets a button.
            beside: Draws what else stands beside the buttons.
        """
        if not permission.allowed:
            if subject.acts:
                st.caption(f"Acts are closed. {plain(permission.reason)}")
            return
        asked: tuple[str, str] | None = self._memory.get("asked")
        chosen = next((act for act in subject.acts if asked == (subject.name, act.id)), None)
        if chosen:
            self._draw_confirmation(subject, chosen, place)
            return
        with st.container(horizontal=True):
            for act in subject.acts:
                closed = subject.closed(act)
                st.button(
                    act.title, key=self._memory.key(_name(subject, act)), on_click=self._ask,
                    args=((subject.name, act.id),), disabled=bool(closed), help=closed or act.effect,
                )  # fmt: skip
            beside()

    def perform(self, url: str, act: OperatorAct, id: str, reason: str | None = None) -> tuple[str, bool]:
        """Carry out an act; return what it came to, and whether it went well. Raises nothing of the database."""
        try:
            with connect(url, statement_timeout_seconds=STATEMENT_SECONDS) as connection:
                changed = self._work(connection, act, id, reason)
        except DatabaseUnavailable as error:
            return f"Nothing was changed. {error.found}", False
        except LabError as error:
            return f"Nothing was changed. {plain(str(error))}", False
        except psycopg.Error as error:
            return f"Nothing was changed: {plain(say_refusal(error))}.", False
        return act.done if changed else act.repeated, True

    def _ask(self, asked: tuple[str, str] | None) -> None:
        self._memory["asked"] = asked

    def _draw_confirmation(self, subject: Subject, act: OperatorAct, place: Place) -> None:
        st.markdown(f"**{act.title}?** {act.effect} The audit trail records it.")
        name = _name(subject, act)
        if act.reasons:
            st.selectbox(
                "Reason", act.reasons, format_func=_write_reason, key=self._memory.key(f"reason {name}"), width=320
            )
        if subject.asks:
            label, example = subject.asks
            st.text_input(label, placeholder=example, key=self._memory.key(f"id {name}"), width=320)
        with st.container(horizontal=True):
            st.button(
                f"Yes, {act.title[0].lower()}{act.title[1:]}",
                type="primary",
                key=self._memory.key(f"yes {name}"),
                on_click=self._confirm,
                args=(subject, act, place),
            )
            st.button("Keep as it is", key=self._memory.key(f"no {name}"), on_click=self._ask, args=(None,))

    def _confirm(self, subject: Subject, act: OperatorAct, place: Place) -> None:
        """Carry out the act that was asked about, once, if this visitor still may; for callbacks.

        The second click of a double click finds nothing asked, and may have interrupted the drawing of what was said.
        """
        if not check_permission().allowed:
            return
        if self._memory.get("asked") != (subject.name, act.id):
            if self._memory.get("said", _NOTHING) == _NOTHING:
                self._memory["said"] = self._memory.get("said before", _NOTHING)
            return
        self._ask(None)
        name = _name(subject, act)
        id = subject.id_for(act) or str(self._memory.get(f"id {name}", ""))
        self._memory["said"] = self.perform(place.url, act, id, self._memory.get(f"reason {name}"))
        self._after()


def _name(subject: Subject, act: OperatorAct) -> str:
    return f"{act.id} {subject.name}"


def _write_reason(code: str) -> str:
    return code.replace("_", " ").capitalize()
