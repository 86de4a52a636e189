"""The databases that a page may ask: which can be chosen by name, and who may choose them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from pydantic import ValidationError

from lab.readiness.permission import OperateSettings, Permission, may_operate
from lab.readiness.targets import EMBEDDED, TargetName, find_targets, find_url
from lab.ui.kit.markdown import plain
from lab.ui.kit.server_database import House, open_house
from lab.ui.kit.url_widgets import PageMemory

CLOSED = "The settings [operate] are not understood, so live data stays closed. Check the names there: "


@dataclass(frozen=True)
class Place:
    """A database that was chosen.

    Args:
        name: How people know it.
        url: Where it is; empty until the embedded one has started.
        made_up: True when it holds nothing but made-up data.
        fault: Why it cannot be asked; empty when it can.
    """

    name: str
    url: str = field(repr=False)
    made_up: bool = False
    fault: str = ""


def read_secrets() -> Mapping[str, Any]:
    """Return Streamlit's secrets; nothing when there are none."""
    try:
        return {name: st.secrets[name] for name in ("targets", "operate") if name in st.secrets}
    except FileNotFoundError:
        return {}


def list_targets() -> tuple[TargetName, ...]:
    """Return the targets that are named, the embedded one first; those that can't be used say why."""
    return find_targets(os.environ, read_secrets())


def ask_permission() -> Permission:
    """Decide whether this visitor may see live data."""
    given = read_secrets().get("operate", {})
    try:
        settings = OperateSettings(**given)
    except (ValidationError, TypeError):
        return Permission(False, f"{CLOSED}{', '.join(sorted(OperateSettings.model_fields))}.")
    user: dict[str, Any] = dict(st.user.to_dict())
    return may_operate(st.get_option("server.address"), dict(st.context.headers), user, settings)


def find_place(target: str) -> Place:
    """Return the database of a target that may be chosen."""
    if target == EMBEDDED:
        return _place_house(open_house())
    return Place(target, find_url(target, os.environ, read_secrets()) or "")


def holds_made_up_data() -> bool:
    """Tell whether the app's own database is the embedded one, which holds made-up data alone."""
    return "DATABASE_URL" not in os.environ


def _place_house(house: House) -> Place:
    made_up = holds_made_up_data()
    name = EMBEDDED if made_up else house.name or "the app's database"
    fault = house.reason if house.state == "unavailable" else ""
    return Place(name, house.url if house.state == "ready" else "", made_up, fault)


def tell_fault(house: House) -> str:
    """Say why there is no database; of one that is named the place is told only to those who may operate."""
    if holds_made_up_data() or ask_permission().allowed:
        return house.reason
    return "Its database cannot be reached. Whoever runs the app can sign in and see why."


def is_open(target: str, permission: Permission) -> bool:
    """Tell whether a visitor may see a target: made-up data is for everybody, live data for whoever may operate."""
    return permission.allowed or (target == EMBEDDED and holds_made_up_data())


def find_picked(memory: PageMemory, permission: Permission) -> Place | None:
    """Return the database that is picked on a page, if this visitor may ask it and it is there; for callbacks."""
    target = str(memory["target"])
    place = find_place(target) if is_open(target, permission) else None
    return place if place and place.url else None


def draw_refusal(memory: PageMemory, permission: Permission) -> None:
    """Say why live data is not shown, and what to do."""
    st.warning(f"Live data is not shown. {permission.reason}", icon=":material/lock:")
    _offer_login(memory, permission, "sign in here")


def shows_target(memory: PageMemory, target: str, permission: Permission) -> bool:
    """Tell whether a page shows its target: not when a link asks for another one, whose state it would be taken for."""
    return is_open(target, permission) and not memory.is_refused("target")


def draw_withheld(memory: PageMemory, permission: Permission) -> None:
    """Say why a page does not show the target that was asked for, and offer the one that it can show."""
    if permission.allowed:
        st.warning("There is no target of the name in this link. Choose one that there is.", icon=":material/block:")
    else:
        draw_refusal(memory, permission)
    if is_open(EMBEDDED, permission):
        st.button(f"Show {EMBEDDED} instead", key=memory.key("instead"), on_click=memory.forgive_address)


def offer_targets(permission: Permission) -> tuple[str, ...]:
    """Return the names that this visitor may choose from."""
    named = tuple(target.name for target in list_targets() if not target.fault)
    return named if permission.allowed else (EMBEDDED,)


def name_target(target: str) -> str:
    """Name a target for people."""
    return "The app's own database" if target == EMBEDDED and not holds_made_up_data() else target.capitalize()


def draw_closed(memory: PageMemory, permission: Permission) -> None:
    """Say which targets cannot be chosen, and why; offer what changes it: to sign in, or out."""
    if permission.allowed:
        _draw_faults()
    elif holds_made_up_data():  # or else the page's refusal says it
        st.caption(f"Live targets are closed. {plain(permission.reason)}")
        _offer_login(memory, permission, "sign in")
    if st.user.get("is_logged_in"):
        st.button("Sign out", icon=":material/logout:", width="stretch", on_click=st.logout)


def _draw_faults() -> None:
    named = list_targets()
    if len(named) == 1:
        st.caption("`LAB_TARGET_STAGING=URL` in the environment names one more.")
    faults = [f"{plain(target.name)}: {plain(target.fault)}" for target in named if target.fault]
    if faults:
        with st.expander(f"{len(faults)} target{'s' if len(faults) > 1 else ''} can't be used", type="compact"):
            st.caption("\n\n".join(faults))


def _offer_login(memory: PageMemory, permission: Permission, name: str) -> None:
    """Offer to sign in, where that is configured and not done."""
    if "is_logged_in" in st.user and not permission.allowed:
        st.button("Sign in", icon=":material/login:", type="primary", key=memory.key(name), on_click=st.login)
