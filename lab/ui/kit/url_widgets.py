"""A page's part of the session: the values of its widgets, and the URL that restores them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from lab.ui.kit.url import Field, Query, Value, find_refused, keep_offered, read_query, write_query


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

    def __contains__(self, name: str) -> bool:
        """Tell whether something is kept under a name."""
        return self.key(name) in st.session_state

    def __getitem__(self, name: str) -> Any:
        """Return what is kept under a name."""
        return st.session_state[self.key(name)]

    def __setitem__(self, name: str, value: object) -> None:
        """Keep something under a name."""
        st.session_state[self.key(name)] = value

    def get(self, name: str, otherwise: Any = None) -> Any:
        """Return what is kept under a name, or the other value."""
        return st.session_state.get(self.key(name), otherwise)

    def pop(self, name: str, otherwise: Any = None) -> Any:
        """Return what is kept under a name and forget it."""
        return st.session_state.pop(self.key(name), otherwise)

    @property
    def notices(self) -> tuple[str, ...]:
        """Return a sentence for each thing in the URL that was ignored; they stay until something else is picked."""
        return tuple(self.get("notices", ()))

    def open_address(self, fields: Sequence[Field]) -> None:
        """Fill the page's widgets before they are drawn: on arrival, and after Back, Forward or a link."""
        self._read_address(fields)
        if withdrawn := {field.name for field in fields if self._withdraw(field)}:
            self["refused"] = withdrawn

    def _read_address(self, fields: Sequence[Field]) -> None:
        query = _query()
        last_query, last_values = self.get("address", (None, {}))
        arrived = fields[0].name not in self
        if arrived and not query and last_values:
            self._fill(last_values)
            self.forgive_address()
        elif not arrived and self._values(fields) != last_values:
            self.forgive_address()
        elif arrived or query != last_query:
            values, self["notices"] = read_query(query, fields)
            self["refused"] = find_refused(query, fields)
            self._fill(values)

    def _withdraw(self, field: Field) -> bool:
        """Reset a widget whose value its field no longer offers, as after a login has expired; tell whether it did."""
        held = self.get(field.name)
        if held is None or (kept := keep_offered(field, held)) == held:
            return False
        self[field.name] = kept
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

    def make_link(self, fields: Sequence[Field]) -> str:
        """Return a link that restores the current choices."""
        base = str(st.context.url or "").split("?")[0]
        wanted = write_query(self._values(fields), fields, whole=True)
        return f"{base}?{urlencode(wanted, doseq=True, safe=':.,@')}"

    def _values(self, fields: Sequence[Field]) -> dict[str, Value]:
        return {field.name: self.get(field.name, field.start) for field in fields}

    def _fill(self, values: dict[str, Value]) -> None:
        for name, value in values.items():
            self[name] = value


def _query() -> Query:
    return {name: st.query_params.get_all(name) for name in st.query_params}
