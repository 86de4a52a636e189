"""Roles, privileges, views and signatures that change, there and back."""

from pathlib import Path

from tests.forward.copies import Edits, copy_project, diff, edit, read_written, written
from tests.forward.edits import PREMIUM

# Roles belong to a whole server, so nothing of this is applied to one that other tests use.
RIGHTS: Edits = {
    "lab/rules/functions/queue.py": [
        (
            'argument("most", "integer", "',
            'argument("patience", "integer", "Seconds.", "0"), argument("most", "integer", "',
        )
    ],
    "lab/rules/roles.py": [
        (
            "ROLES = (",
            'auditor = Role(id="auditor", title="Auditor", description="Looks at the trail.", owned=True,'
            " via_data_api=True)\n\nROLES = (auditor, ",
        )
    ],
    "lab/rules/views.py": [
        ("import ai_worker", "import ai_worker, auditor"),
        (
            "VIEWS = (briefs, newest_attempts)",
            "from lab.rules.tables.operations import admin_audit_events\n"
            'trail = View(name="trail", db_schema="operations", role=auditor, shows=admin_audit_events, key="id",'
            ' body="select id, action from public.admin_audit_events", why="What was done.")\n'
            "VIEWS = (briefs, newest_attempts, trail)",
        ),
    ],
    "lab/sql/access.py": [('"operations": ("oracle_operator",)', '"operations": ("oracle_operator", "auditor")')],
    PREMIUM: [
        ('Null when they left none.",', 'Null when they left none.", internal=True,'),
        ("""default="'scheduled'\"""", """default="'returned'\""""),
    ],
}


def test_rights_and_signatures_there_and_back(tmp_path: Path) -> None:
    folder = copy_project(tmp_path)
    edit(folder, RIGHTS)
    there = diff(folder, "add_auditor")
    assert there.returncode == 0, there.stdout + there.stderr
    text = read_written(folder, written(folder)[-1])
    for statement in (
        "create role auditor nologin noinherit;",
        "grant usage on schema operations to auditor;",
        "create or replace view operations.trail",
        "revoke select on table public.echo_entries from authenticated cascade;",
        "grant select (reply) on table public.echo_entries to authenticated;",
        "alter table public.echo_entries alter column status set default 'returned'::text;",
        "drop function if exists public.continue_delivery_jobs(bigint[], uuid, text, integer, integer, text[]);",
    ):
        assert statement in text
    edit(folder, {path: [(new, old) for old, new in edits] for path, edits in RIGHTS.items()})
    back = diff(folder, "drop_auditor")
    assert back.returncode == 1, back.stdout + back.stderr
    assert [line.split(":")[0].strip() for line in back.stdout.splitlines()[3:]] == ["Removed role auditor"]
    text = read_written(folder, written(folder)[-1])
    for statement in (
        "revoke auditor from authenticator granted by postgres cascade;",
        "drop view if exists operations.trail;",
        "grant select on table public.echo_entries to authenticated;",
    ):
        assert statement in text
