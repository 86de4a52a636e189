"""Keeps widgets and URL together: fills the widgets from the URL, and writes the URL after they were drawn."""

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from lab.ui.address import Field, Query, Value, find_refused, keep_offered, read_query, write_query


def open_address(page: str, fields: Sequence[Field]) -> tuple[str, ...]:
    """Fill the page's widgets before they are drawn: on arrival, and when Back, Forward or a link changed the URL.

    Returns:
        One sentence for each thing in the URL that was ignored; they stay until something else is picked, also
        when the page draws itself again.
    """
    _read_address(page, fields)
    if withdrawn := {field.name for field in fields if _withdraw(field)}:
        st.session_state[f"{page} refused"] = withdrawn
    return tuple(st.session_state.get(f"{page} notices", ()))


def _read_address(page: str, fields: Sequence[Field]) -> None:
    state, query = st.session_state, _query()
    last_query, last_values = state.get(f"{page} address", (None, {}))
    arrived = fields[0].name not in state
    if arrived and not query and last_values:
        _fill(last_values)
        forgive_address(page)
    elif not arrived and _values(fields) != last_values:
        forgive_address(page)
    elif arrived or query != last_query:
        values, state[f"{page} notices"] = read_query(query, fields)
        state[f"{page} refused"] = find_refused(query, fields)
        _fill(values)


def _withdraw(field: Field) -> bool:
    """Put aside what a widget holds and may no longer offer, as after a login has expired; tell whether it did."""
    held = st.session_state.get(field.name)
    if held is None or (kept := keep_offered(field, held)) == held:
        return False
    st.session_state[field.name] = kept
    return True


def is_refused(page: str, name: str) -> bool:
    """Tell whether what was asked for in a field is not offered, and nothing else was picked since."""
    return name in st.session_state.get(f"{page} refused", ())


def forgive_address(page: str) -> None:
    """Forget what was wrong with the address: something else was picked."""
    st.session_state[f"{page} notices"] = ()
    st.session_state[f"{page} refused"] = set()


def close_address(page: str, fields: Sequence[Field]) -> None:
    """Write what the widgets hold into the URL, if it says something else."""
    values = _values(fields)
    wanted = write_query(values, fields)
    st.session_state[f"{page} address"] = (wanted, values)
    if wanted != _query():
        st.query_params.from_dict(wanted)


def make_link(fields: Sequence[Field]) -> str:
    """Return a link that brings back everything that is picked now."""
    base = str(st.context.url or "").split("?")[0]
    wanted = write_query(_values(fields), fields, whole=True)
    return f"{base}?{urlencode(wanted, doseq=True, safe=':.,@')}"


def _query() -> Query:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def _values(fields: Sequence[Field]) -> dict[str, Value]:
    return {field.name: st.session_state.get(field.name, field.start) for field in fields}


def _fill(values: dict[str, Value]) -> None:
    for name, value in values.items():
        st.session_state[name] = value
