"""A page's part of the session: the values of its widgets, and the URL that restores them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lab.ui.kit.url import Field, Query, Value, read_query, write_query


@dataclass(frozen=True)
class PageMemory:
    """One page's part of the session. Every key begins with the page, so two pages never share a widget.

    Args:
        page: The page's own part of the URL.
    """

    page: str

    def key(self, name: str) -> str:
        """Return the session's key for one of the page's widgets or values."""
        return f"{self.page}-{name}"

    def __getitem__(self, name: str) -> Any:
        """Return what is kept under a name."""
        return st.session_state[self.key(name)]

    def __setitem__(self, name: str, value: object) -> None:
        """Keep something under a name."""
        st.session_state[self.key(name)] = value

    def get(self, name: str, otherwise: Any = None) -> Any:
        """Return what is kept under a name, or the other value."""
        return st.session_state.get(self.key(name), otherwise)

    @property
    def query(self) -> Query:
        """Return what the page's URL held when it was last drawn."""
        query: Query = self.get("address", ({}, {}))[0]
        return query

    def open_address(self, fields: Sequence[Field]) -> None:
        """Fill the page's widgets before they are drawn: on arrival, and after Back, Forward or a link."""
        query, run, (last_query, last_values) = _query(), get_script_run_ctx(), self.get("address", (None, {}))
        path = run.page_script_hash if run else ""  # the default page has two, and each has widgets of its own
        arrived = self.get(fields[0].name) is None or self.get("path") != path
        self["path"] = path
        if not arrived and self._values(fields) != last_values:
            self.forgive_address()
            self["notices"] = self.get("kept notices", ())
            self["kept notices"] = ()
        elif arrived or _brings_nothing() or query != last_query:
            if last_values and not query and not (run and run.is_history_navigation):  # as from the menu
                self._fill(last_values, ())
            else:
                self._fill(*read_query(query, fields))
                self["refused"] = {one.name for one in fields if not all(map(one.knows, query.get(one.name, ())))}
        if withdrawn := {field.name for field in fields if self._withdraw(field)}:
            self["refused"] = withdrawn

    def _fill(self, values: Mapping[str, Value], notices: Sequence[str]) -> None:
        self.forgive_address()
        self["notices"] = notices
        for name, value in values.items():
            self[name] = value

    def _withdraw(self, field: Field) -> bool:
        """Reset a widget whose value its field no longer offers, as after a login has expired; tell whether it did."""
        held = self.get(field.name, False)
        words = held if isinstance(held, list) else [held]
        if isinstance(held, bool) or all(map(field.knows, words)):
            return False
        self[field.name] = field.read(words)
        return True

    def is_refused(self, name: str) -> bool:
        """Tell whether the URL names a value that the field does not offer, and nothing else was picked since."""
        return name in self.get("refused", ())

    def forgive_address(self) -> None:
        """Forget the notices about the address: something else was picked."""
        self["notices"] = ()
        self["refused"] = set()

    def close_address(self, fields: Sequence[Field]) -> None:
        """Write the values of the widgets into the URL, if they differ."""
        values = self._values(fields)
        wanted = write_query(values, fields)
        self["address"] = (wanted, values)
        if wanted != _query():
            st.query_params.from_dict(wanted)

    def read_choices(self, fields: Sequence[Field]) -> Query:
        """Return the query of a link that restores the current choices."""
        return write_query(self._values(fields), fields, whole=True)

    def put_choices(self, values: Mapping[str, Value], notices: Sequence[str]) -> None:
        """Put choices into the widgets, with what was ignored of them; for callbacks."""
        self["kept notices"] = tuple(notices)
        for name, value in values.items():
            self[name] = value

    def _values(self, fields: Sequence[Field]) -> dict[str, Value]:
        return {field.name: self.get(field.name, field.start) for field in fields}


def _brings_nothing() -> bool:
    """Tell whether this run came without the state of any widget, as from a client that connects anew.

    Each widget would take its own first value, whatever the session holds.
    """
    run = get_script_run_ctx()
    return run is not None and not run.session_state._state._new_widget_state.states


def _query() -> Query:
    return {name: st.query_params.get_all(name) for name in st.query_params}
