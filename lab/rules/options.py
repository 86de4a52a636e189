"""Optional arguments of the constructors of rules: each key is a field of the model, so that a typo is a type error."""

from typing import TypedDict

from lab.rules.model import Reference, Shared


class NullableOptions(TypedDict, total=False):
    """Optional fields of a nullable column without a reference; Column describes each."""

    default: str | None
    identity: bool
    generated: str | None
    allowed: tuple[str, ...]
    form: str | None
    closed_by: str | None
    set_by: str | None
    compared_by: str | None
    starts: tuple[str, ...]
    moves: tuple[tuple[str, str], ...]
    usual_moves: tuple[tuple[str, str], ...]
    fixed: bool
    needed_in: tuple[str, ...]
    only_in: tuple[str, ...]
    set_in: tuple[str, ...]
    filled_later: bool
    given_in: tuple[str, ...]
    once: bool
    cleared_in: tuple[str, ...]
    grows: bool
    past: bool
    ahead: bool
    internal: bool
    shared: Shared | None
    by_address: tuple[tuple[str, str], ...]
    stored_file: bool


class ReferenceOptions(NullableOptions, total=False):
    """Optional fields of a column with a reference."""

    nullable: bool


class ColumnOptions(ReferenceOptions, total=False):
    """Optional fields of any column."""

    references: Reference | None


class SharedColumns(TypedDict, total=False):
    """The columns that change when a row stays for another person, each with its new value as SQL."""

    subject_id: str
    accepted_subject_id: str
    scroll_id: str
    purchase_id: str
    contact: str
    recipient_name: str
