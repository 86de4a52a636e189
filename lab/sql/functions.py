"""Functions: the header from the rules, the body from a file under sql/functions or from the rules as well."""

from functools import cache

from lab.rules import RULES
from lab.rules.derived import quote
from lab.rules.model import Argument, Function
from lab.sql.bodies import derive_body
from lab.sql.erasure import inline_person_locks
from lab.sql.tables import API_ROLES
from lab.text.errors import LabError
from lab.text.product_files import SQL

FUNCTION_FOLDER = SQL / "functions"


class MissingBody(LabError):
    """A function is declared in the rules and has no body."""


def function_statements(function: Function) -> list[str]:
    """Return the statements that make a function, comment on it, and grant it to its callers."""
    roles = ", ".join(role.id for role in function.execute)
    return [
        create_function(function),
        f"comment on function {function.signature} is {quote(function.why)};",
        f"revoke all on function {function.signature} from {API_ROLES};",
        *([f"grant execute on function {function.signature} to {roles};"] if roles else []),
    ]


def create_function(function: Function) -> str:
    """Return the statement that creates a function."""
    arguments = ", ".join(_argument(argument) for argument in function.arguments)
    text = ["set timezone = 'UTC'", "set bytea_output = 'hex'"] if function.stable_text else []
    lines = [
        f"create or replace function {function.qualified}({arguments})",
        f"returns {function.returns}",
        f"language {function.language}",
        function.volatility,
        f"security {'definer' if function.definer else 'invoker'}",
        f"set search_path = {', '.join(function.search_path)}",
        *text,
        f"as $wall$\n{function_body(function)}\n$wall$;",
    ]
    return "\n".join(lines)


def _argument(argument: Argument) -> str:
    default = f" default {argument.default}" if argument.default is not None else ""
    return f"{argument.name} {argument.type}{default}"


@cache
def function_body(function: Function) -> str:
    """Return a function's body.

    Raises:
        MissingBody: The file is not there, or no derivation is known.
    """
    if function.derived:
        return derive_body(function, RULES)
    path = FUNCTION_FOLDER / f"{function.id}.sql"
    if not path.exists():
        raise MissingBody(function.qualified, "has no body", f"Write sql/functions/{path.name}")
    return inline_person_locks(path.read_text().strip())
