"""Who is signed in, by Streamlit's login, and the app's secrets, which say who may operate."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import config

from lab.readiness.permission import Permission

UNREADABLE = Permission(
    False,
    "The app's secrets cannot be read, so nobody may operate. Correct the file secrets.toml and who may read it; the "
    "server's log says what is wrong.",
)
_NONE = "no-secrets-found"  # Streamlit's name for it


def read_secrets() -> Mapping[str, Any] | None:
    """Return Streamlit's secrets: nothing in them when there is no file, and None when one cannot be read."""
    files = [Path(name) for name in config.get_option("secrets.files")]
    if any(file.is_symlink() and not file.exists() for file in files):
        return None
    try:
        return {name: st.secrets[name] for name in ("auth", "targets", "operate") if name in st.secrets}
    except (OSError, ValueError, TypeError) as error:
        named = config.is_manually_set("secrets.files")
        return {} if getattr(error, "error_id", "") == _NONE and not named else None


def read_login() -> Mapping[str, Any]:
    """Return `st.user`; nobody is signed in by a login that was ended, or that is no longer configured."""
    if "auth" not in (read_secrets() or {}):
        return {}
    user = dict(st.user.to_dict())
    return {"is_logged_in": False} if _name_login(user) in _open_ended() else user


def end_login() -> None:
    """Sign out in every tab of this browser, also in those that keep their connection; for callbacks."""
    _open_ended()[_name_login(dict(st.user.to_dict()))] = None
    st.logout()


@st.cache_resource(show_spinner=False)
def _open_ended() -> dict[str, None]:
    """Return the logins that were ended since the server started."""
    return {}


def _name_login(user: Mapping[str, Any]) -> str:
    """Name one login: all tabs of a browser share its claims, such as when it was issued; a digest shows none."""
    return hashlib.sha256(repr(sorted(user.items())).encode()).hexdigest()
