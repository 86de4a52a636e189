"""The databases that a page can check: which can be chosen by name, and who may choose them."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st
from pydantic import ValidationError

from lab.readiness.permission import OperateSettings, Permission, may_operate
from lab.readiness.repair_command import write_psql
from lab.readiness.targets import EMBEDDED, find_targets, find_url
from lab.ui.kit.login import UNREADABLE, end_login, read_login, read_secrets
from lab.ui.kit.markdown import plain
from lab.ui.kit.server_database import ServerDatabase, open_server_database
from lab.ui.kit.url_widgets import PageMemory

INVALID = "The settings under [operate] are not valid, so live data stays closed. Valid names are "


@dataclass(frozen=True)
class Place:
    """A database that was chosen.

    Args:
        name: How people know it.
        url: Where it is; empty until the embedded one has started.
        made_up: True when it holds nothing but made-up data.
        fault: Why it cannot be checked; empty when it can.
    """

    name: str
    url: str = field(repr=False)
    made_up: bool = False
    fault: str = ""


def check_permission() -> Permission:
    """Decide whether this visitor may see live data."""
    secrets = read_secrets()
    if secrets is None:
        return UNREADABLE
    try:
        settings = OperateSettings(**secrets.get("operate", {}))
    except (ValidationError, TypeError):
        return Permission(False, f"{INVALID}{', '.join(sorted(OperateSettings.model_fields))}.")
    return may_operate(st.get_option("server.address"), st.context.headers, read_login(), settings)


def find_place(target: str) -> Place:
    """Return the database of a target."""
    if target != EMBEDDED:
        return Place(target, find_url(target, os.environ, read_secrets() or {}) or "")
    database, made_up = open_server_database(), holds_made_up_data()
    name = EMBEDDED if made_up else database.name or "the app's database"
    fault = database.reason if database.state == "unavailable" else ""
    return Place(name, database.url if database.state == "ready" else "", made_up, fault)


def find_embedded_url(permission: Permission) -> str:
    """Return the address of the embedded database, on which a repair can be tried; for people of this machine alone."""
    database = open_server_database()
    return database.url if holds_made_up_data() and permission.allowed and database.state == "ready" else ""


def holds_made_up_data() -> bool:
    """Tell whether the app's own database is the embedded one, which holds made-up data alone."""
    return "DATABASE_URL" not in os.environ


def explain_fault(database: ServerDatabase) -> str:
    """Say why there is no database; only those who may operate see the place of one that was named."""
    if holds_made_up_data() or check_permission().allowed:
        return database.reason
    return "The app's database is not reachable. An operator can sign in to see the reason."


def is_open(target: str, permission: Permission) -> bool:
    """Tell whether a visitor may see a target: made-up data is for everybody, live data for operators."""
    return permission.allowed or (target == EMBEDDED and holds_made_up_data())


def find_picked(memory: PageMemory, permission: Permission) -> Place | None:
    """Return the database that is picked on a page, if this visitor may check it and it is there; for callbacks."""
    target = str(memory["target"])
    place = find_place(target) if is_open(target, permission) else None
    return place if place and place.url else None


def shows_target(memory: PageMemory, target: str, permission: Permission) -> bool:
    """Tell whether a page shows its target: not when its link names another one, which a reader would take it for."""
    return is_open(target, permission) and not memory.is_refused("target")


def draw_withheld(memory: PageMemory, permission: Permission) -> None:
    """Say why a page does not show the target of its link, and offer the one that it can show."""
    if permission.allowed:
        st.warning("This link names a target that does not exist. Choose another one.", icon=":material/block:")
    else:
        st.warning(f"Live data is not shown. {permission.reason}", icon=":material/lock:")
        _offer_login(memory, permission, "sign in here")
    if is_open(EMBEDDED, permission):
        st.button(f"Show {EMBEDDED} instead", key=memory.key("instead"), on_click=memory.forgive_address)


def offer_targets(permission: Permission) -> tuple[str, ...]:
    """Return the names that this visitor may choose from."""
    usable = tuple(target.name for target in find_targets(os.environ, read_secrets() or {}) if not target.fault)
    return usable if permission.allowed else (EMBEDDED,)


def name_target(target: str) -> str:
    """Name a target for people."""
    return "The app's own database" if target == EMBEDDED and not holds_made_up_data() else target.capitalize()


def draw_target(
    memory: PageMemory, targets: tuple[str, ...], permission: Permission, on_change: Callable[[], None] | None = None
) -> str:
    """Draw the choice of a target, which targets are closed, and the login that opens them; return the choice."""
    target = str(
        st.selectbox("Target", targets, format_func=name_target, key=memory.key("target"), on_change=on_change)
    )
    if target == EMBEDDED and (url := find_embedded_url(permission)):
        with st.expander("Open it with psql", type="compact"):
            st.code(write_psql(EMBEDDED, os.environ, url), language="bash", wrap_lines=True)
    if permission.allowed:
        _draw_faults()
    elif holds_made_up_data():  # or else the page's refusal says it
        st.caption(f"Live targets are closed. {plain(permission.reason)}")
        _offer_login(memory, permission, "sign in")
    if read_login().get("is_logged_in"):
        st.button("Sign out", icon=":material/logout:", width="stretch", on_click=end_login)
    return target


def _draw_faults() -> None:
    named = find_targets(os.environ, read_secrets() or {})
    if len(named) == 1:
        st.caption("Set `LAB_TARGET_STAGING=URL` in the environment to add a target.")
    faults = [f"{plain(target.name)}: {plain(target.fault)}" for target in named if target.fault]
    if faults:
        with st.expander(f"{len(faults)} unusable target{'s' if len(faults) > 1 else ''}", type="compact"):
            st.caption("\n\n".join(faults))


def _offer_login(memory: PageMemory, permission: Permission, name: str) -> None:
    """Offer to sign in, where that is configured and not done."""
    if "is_logged_in" in read_login() and not permission.allowed:
        st.button("Sign in", icon=":material/login:", type="primary", key=memory.key(name), on_click=st.login)
