"""The acts on the deliveries page: each is confirmed first, carried out once, and answered with a sentence."""

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import streamlit as st

from lab.database.connect import DatabaseUnavailable, connect
from lab.database.failures import say_refusal
from lab.readiness.permission import Permission
from lab.rules.model import OperatorAct
from lab.services.delivery.operate import carry_out
from lab.text.errors import LabError
from lab.ui.kit.markdown import plain
from lab.ui.kit.targets import Place, check_permission
from lab.ui.navigation import DELIVERIES

MEMORY = DELIVERIES.memory
STATEMENT_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What acts are offered for.

    Args:
        name: Its key on the page.
        id: A job, a channel or an environment; empty when the visitor names the environment.
        acts: What can be done about it.
    """

    name: str
    id: str
    acts: tuple[OperatorAct, ...]


def draw_said() -> None:
    """Draw what the last act came to, once."""
    said, went_well = MEMORY.get("said", ("", True))
    MEMORY["said"] = ("", True)
    if said:
        (st.success if went_well else st.error)(said, icon=":material/check:" if went_well else ":material/error:")


def draw_acts(subject: Subject, place: Place, permission: Permission, after: Callable[[], None]) -> None:
    """Draw the acts on something, or the confirmation of the one that was chosen.

    Args:
        subject: What the acts are for.
        place: Where it is.
        permission: Who may operate; nobody else gets a button.
        after: Reads the target again.
    """
    if not permission.allowed:
        if subject.acts:
            st.caption(f"Acts are closed. {plain(permission.reason)}")
        return
    asked: tuple[str, str] | None = MEMORY.get("asked")
    chosen = next((act for act in subject.acts if asked == (subject.name, act.id)), None)
    if chosen:
        _draw_confirmation(subject, chosen, place, after)
        return
    with st.container(horizontal=True):
        for act in subject.acts:
            st.button(
                act.title, key=MEMORY.key(f"{act.id} {subject.name}"), on_click=_ask, args=(subject, act),
                help=act.effect,
            )  # fmt: skip


def _ask(subject: Subject, act: OperatorAct) -> None:
    MEMORY["asked"] = (subject.name, act.id)


def _forget() -> None:
    MEMORY["asked"] = None


def _draw_confirmation(subject: Subject, act: OperatorAct, place: Place, after: Callable[[], None]) -> None:
    st.markdown(f"**{act.title}?** {act.effect} The audit trail records it.")
    name = f"{act.id} {subject.name}"
    if act.reasons:
        st.selectbox("Reason", act.reasons, format_func=_write_reason, key=MEMORY.key(f"reason {name}"), width=320)
    if not subject.id:
        st.text_input("Environment", placeholder="production", key=MEMORY.key(f"id {name}"), width=320)
    with st.container(horizontal=True):
        st.button(
            f"Yes, {act.title[0].lower()}{act.title[1:]}", type="primary", key=MEMORY.key(f"yes {name}"),
            on_click=_confirm, args=(subject, act, place, after),
        )  # fmt: skip
        st.button("Keep as it is", key=MEMORY.key(f"no {name}"), on_click=_forget)


def _write_reason(code: str) -> str:
    return code.replace("_", " ").capitalize()


def _confirm(subject: Subject, act: OperatorAct, place: Place, after: Callable[[], None]) -> None:
    """Carry out the act that was asked about, once, if this visitor still may; for callbacks.

    The second click of a double click finds nothing asked.
    """
    if MEMORY.get("asked") != (subject.name, act.id) or not check_permission().allowed:
        return
    _forget()
    name = f"{act.id} {subject.name}"
    id = subject.id or str(MEMORY.get(f"id {name}", ""))
    MEMORY["said"] = perform(place.url, act, id, MEMORY.get(f"reason {name}"))
    after()


def perform(url: str, act: OperatorAct, id: str, reason: str | None = None) -> tuple[str, bool]:
    """Carry out an act; return what it came to for people, and whether it went well. Raises nothing of the database."""
    try:
        with connect(url, statement_timeout_seconds=STATEMENT_SECONDS) as connection:
            changed = carry_out(connection, act, id, reason)
    except DatabaseUnavailable as error:
        return f"Nothing was changed. {error.found}", False
    except LabError as error:
        return f"Nothing was changed. {plain(str(error))}", False
    except psycopg.Error as error:
        return f"Nothing was changed: {plain(say_refusal(error))}.", False
    return act.done if changed else act.repeated, True
