"""Writes the command line that applies a repair to a target. Pure; it names variables, never a URL."""

import re
import shlex
from collections.abc import Mapping

from lab.readiness.targets import EMBEDDED, PREFIX

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")  # of a variable that a shell expands whole
_STOP = "-X -v ON_ERROR_STOP=1"  # without the settings of a person, and no further after an error


def write_command(sql: str, target: str, environ: Mapping[str, str], embedded_url: str = "") -> str:
    """Return the command that runs SQL on a target.

    Args:
        sql: What is run, as it is.
        target: The target's name.
        environ: The environment, which may name the target.
        embedded_url: The address of the embedded database, which holds made-up data; empty when it is not shown.
    """
    mark = next(word for word in ("SQL", "REPAIR", "END_OF_REPAIR") if word not in sql.splitlines())
    return f"{write_psql(target, environ, embedded_url)} <<'{mark}'\n{sql}\n{mark}"


def write_psql(target: str, environ: Mapping[str, str], embedded_url: str = "", program: str = "psql") -> str:
    """Return the start of a psql line for a target; its URL comes from a variable, so no password is on the line."""
    if target == EMBEDDED and embedded_url:
        return f"{shlex.quote(program)} {_STOP} {shlex.quote(embedded_url)}"
    wanted = f"{PREFIX}{target.upper()}"
    named = next((name for name in environ if name.upper() == wanted and _NAME.fullmatch(name)), "")
    return f'psql {_STOP} "${named or "DATABASE_URL"}"'
