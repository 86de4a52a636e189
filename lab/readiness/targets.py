"""Finds targets: the databases that an operator has named, and their URLs, which are never shown."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lab.database.connect import DatabaseUnavailable, name_database
from lab.text.errors import LabError

EMBEDDED = "embedded"
PREFIX = "LAB_TARGET_"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class UnknownTarget(LabError):
    """There is no target of that name, or it can't be used; the message names the usable ones."""


class TargetName(NamedTuple):
    """A target that can be chosen."""

    name: str
    source: str
    fault: str = ""  # why it can't be used; a page shows this in place of the choice


class _Entry(NamedTuple):
    target: TargetName
    url: str | None

    def __repr__(self) -> str:
        return f"_Entry({self.target!r})"  # never the URL


def find_targets(environ: Mapping[str, str], secrets: Mapping[str, Any]) -> tuple[TargetName, ...]:
    """Return the targets that are named, the embedded one first; pure.

    Args:
        environ: The environment; `LAB_TARGET_STAGING` names the target `staging`.
        secrets: Streamlit's secrets, or nothing; its table `targets` holds names and URLs.
    """
    return tuple(entry.target for entry in _find_entries(environ, secrets))


def find_url(name: str, environ: Mapping[str, str], secrets: Mapping[str, Any]) -> str | None:
    """Return the URL of a target; None for the embedded one, as `open_target` takes it.

    Raises:
        UnknownTarget: No target has this name, or its value is not a database's URL.
    """
    entries = {entry.target.name: entry for entry in _find_entries(environ, secrets)}
    entry = entries.get(name.strip().lower())
    if entry is None:
        known = ", ".join(name for name, entry in entries.items() if not entry.target.fault)
        next_step = f"Choose one of {known}; {PREFIX}NAME=URL adds one"
        raise UnknownTarget(found="There is no target of this name", next_step=next_step)
    if entry.target.fault:
        raise UnknownTarget(entry.target.name, entry.target.fault)
    return entry.url


def _find_entries(environ: Mapping[str, str], secrets: Mapping[str, Any]) -> list[_Entry]:
    """Return every target with its URL; the environment takes precedence over the secrets."""
    found = {EMBEDDED: _Entry(TargetName(EMBEDDED, "built in"), None)}
    for entry in (*_read_environment(environ), *_read_secrets(secrets)):
        found.setdefault(entry.target.name, entry)
    return list(found.values())


def _read_environment(environ: Mapping[str, str]) -> Iterator[_Entry]:
    for variable in sorted(environ):
        if variable.startswith(PREFIX):
            name = variable.removeprefix(PREFIX).lower()
            yield _make_entry(name, environ[variable], "environment", variable)


def _read_secrets(secrets: Mapping[str, Any]) -> Iterator[_Entry]:
    targets = secrets.get("targets", {})
    if not isinstance(targets, Mapping):
        fault = 'targets must be a table: [targets], and below it name = "URL".'
        yield _Entry(TargetName("targets", "secrets", fault), None)
        return
    for number, name in enumerate(targets, 1):
        yield _make_entry(str(name).lower(), targets[name], "secrets", f"entry {number} of [targets]")


def _make_entry(name: str, url: object, source: str, place: str) -> _Entry:
    """Return a target, with its fault if it has one; an invalid name may be a URL, so it is not shown."""
    if not _NAME.fullmatch(name):
        shown = place if source == "secrets" else "environment"
        fault = f"{shown} needs a name of letters, digits, - and _, which begins with a letter."
        return _Entry(TargetName(f"nameless ({shown})", source, fault), None)
    if name == EMBEDDED:
        fault = "this name is the lab's own database's. Choose another name."
        return _Entry(TargetName(f"{EMBEDDED} ({source})", source, fault), None)
    if not isinstance(url, str):
        return _Entry(TargetName(name, source, "its URL is not text. Write it in quotes."), None)
    if not url.strip():
        return _Entry(TargetName(name, source, "its URL is empty. Copy it from the dashboard (Connect)."), None)
    try:
        name_database(url)
    except DatabaseUnavailable as error:
        return _Entry(TargetName(name, source, f"its URL {error.found}. {error.next_step}."), None)
    return _Entry(TargetName(name, source), url.strip())
