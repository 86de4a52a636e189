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


def read_moves(connection: psycopg.Connection[Any]) -> frozenset[Move]:
    """Return the moves since the play began."""
    rows = connection.execute("select distinct m.table_name, m.before, m.after from rehearsal.moves m").fetchall()
    return frozenset((table, before, after) for table, before, after in rows)
