"""Notes every move of a state machine of the rules during a play, so that a rehearsal can tell which it has seen."""

from typing import Any

import psycopg

from lab.rules import RULES
from lab.rules.model import Table

Move = tuple[str, str, str]  # table, state before, state after
_MACHINES: tuple[Table, ...] = tuple(table for table in RULES.tables if table.state and table.state.moves)
DECLARED: frozenset[Move] = frozenset(
    (table.id, *move) for table in _MACHINES if table.state for move in table.state.moves
)
"""The moves that the rules allow."""
MOVES = """
select coalesce(json_agg(distinct jsonb_build_array(m.table_name, m.before, m.after)), '[]') from rehearsal.moves m
"""  # since the play began
_SET_UP = """
create schema rehearsal;
create table rehearsal.moves (table_name text, before text, after text);
create function rehearsal.note() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$ begin
  insert into rehearsal.moves values (tg_table_name, to_jsonb(old) ->> tg_argv[0], to_jsonb(new) ->> tg_argv[0]);
  return null;
end $$;
grant usage on schema rehearsal to public;
"""


def note_moves(connection: psycopg.Connection[Any]) -> None:
    """Add to a temporary database what notes the moves."""
    connection.execute(_SET_UP.encode())
    for table in _MACHINES:
        state = table.state.name if table.state else ""
        connection.execute(
            f"create trigger zzz_rehearsal_notes after update of {state} on {table.qualified} for each row"
            f" when (old.{state} is distinct from new.{state}) execute function rehearsal.note('{state}')".encode()
        )


def list_illegal() -> tuple[Move, ...]:
    """Return every move between two states of a machine that the rules do not allow."""
    found = []
    for table in _MACHINES:
        reached = dict.fromkeys(after for one, _, after in sorted(DECLARED) if one == table.id)
        left = dict.fromkeys([before for one, before, _ in sorted(DECLARED) if one == table.id and before] + [*reached])
        found += [(table.id, before, after) for before in left for after in reached if before != after]
    return tuple(move for move in found if move not in DECLARED)


def try_illegal(connection: psycopg.Connection[Any]) -> tuple[frozenset[Move], frozenset[Move]]:
    """Try every illegal move with the rows that there are; return those that were refused, and those that were not.

    Args:
        connection: One with an open transaction, in which nothing changes.
    """
    refused, accepted = set(), set()
    for move in list_illegal():
        match _try(connection, *move):
            case True:
                accepted.add(move)
            case False:
                refused.add(move)
    return frozenset(refused), frozenset(accepted)


def _try(connection: psycopg.Connection[Any], table: str, before: str, after: str) -> bool | None:
    """Tell whether rows of a state can move to another one; None when there is no row of the first."""
    place = next(one for one in _MACHINES if one.id == table)
    state = place.state.name if place.state else ""
    try:
        with connection.transaction(force_rollback=True):
            moving = f"update {place.qualified} set {state} = %s where {state} = %s"
            done = connection.execute(moving.encode(), [after, before])
    except psycopg.Error:
        return False
    return True if done.rowcount else None
