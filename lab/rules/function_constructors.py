"""Constructors of functions inside the database, each with what its kind has in common."""

from lab.rules.model import Argument, Function, Volatility
from lab.rules.roles import oracle_operator, service_role


def argument(name: str, type: str, description: str, default: str | None = None) -> Argument:
    """Declare one argument of a function."""
    return Argument(name=name, type=type, description=description, default=default)


def trigger_function(id: str, why: str, *, stable_text: bool = False, derived: bool = False) -> Function:
    """Declare a trigger function, which runs with its owner's rights; no role may call it."""
    return Function(
        id=id,
        db_schema="wall",
        returns="trigger",
        language="plpgsql",
        volatility="volatile",
        definer=True,
        execute=(),
        why=why,
        stable_text=stable_text,
        derived=derived,
    )


def inner_function(
    id: str, returns: str, why: str, *arguments: Argument, volatility: Volatility = "stable", derived: bool = False
) -> Function:
    """Declare an internal function, which runs with its owner's rights; no role may call it."""
    return Function(
        id=id,
        db_schema="wall",
        arguments=arguments,
        returns=returns,
        language="plpgsql",
        volatility=volatility,
        definer=True,
        execute=(),
        why=why,
        derived=derived,
    )


def server_function(id: str, returns: str, why: str, *arguments: Argument, derived: bool = False) -> Function:
    """Declare a function that changes rows for the site's server, with the server's own rights."""
    return Function(
        id=id,
        db_schema="public",
        arguments=arguments,
        returns=returns,
        language="plpgsql",
        volatility="volatile",
        definer=False,
        execute=(service_role,),
        why=why,
        derived=derived,
    )


def operator_function(id: str, why: str, *arguments: Argument) -> Function:
    """Declare a function that operators and the site's server call about a row; it returns whether it changed one."""
    return Function(
        id=id,
        db_schema="public",
        arguments=arguments,
        returns="boolean",
        language="plpgsql",
        volatility="volatile",
        definer=True,
        execute=(service_role, oracle_operator),
        why=why,
    )
