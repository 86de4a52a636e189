"""Access: roles, schemas, triggers, policies, grants and the narrow views."""

from lab.rules.derived import all_triggers, amount_columns, granted_columns, operator_columns, quote
from lab.rules.model import Grant, Policy, Role, Table, Trigger, View
from lab.rules.roles import oracle_operator
from lab.sql.tables import API_ROLES

SCHEMAS = {
    "wall": "Internal functions; the Data API does not expose this schema.",
    "operations": "Views for operators: the operational and financial fields of each table.",
    "ai": "View for the AI worker: the brief of its run.",
}

SCHEMA_USERS = {
    "wall": ("authenticated", "service_role", "oracle_operator"),
    "operations": ("oracle_operator",),
    "ai": ("ai_worker",),
    "public": ("anon", "authenticated", "service_role", "ai_worker", "oracle_operator"),
}


def schema_statements() -> list[str]:
    """Return the statements that make the schemas and grant their usage."""
    made = [
        f"create schema if not exists {name};\ncomment on schema {name} is {quote(why)};\n"
        f"revoke all on schema {name} from {API_ROLES};"
        for name, why in SCHEMAS.items()
    ]
    used = [f"grant usage on schema {name} to {', '.join(roles)};" for name, roles in SCHEMA_USERS.items()]
    return [*made, "revoke create on schema public from public;", *used]


def role_statements(role: Role) -> list[str]:
    """Return the statements that make a role of ours, none for a role of the platform."""
    if not role.owned:
        return []
    create = (
        f"do $role$ begin\n  create role {role.id} nologin noinherit;\n"
        "exception when duplicate_object or unique_violation then null; -- roles are shared by all databases\n"
        "end $role$;"
    )
    return [create, *([f"grant {role.id} to authenticator;"] if role.via_data_api else [])]


def default_privilege_statements() -> list[str]:
    """Return the statements that end automatic grants, so that every grant comes from the rules."""
    api = "anon, authenticated, service_role"
    return [
        # Only the form without a schema revokes the automatic grant to PUBLIC.
        "alter default privileges revoke execute on functions from public;",
        *(
            f"alter default privileges in schema public revoke all on {kind} from {api};"
            for kind in ("tables", "sequences", "functions")
        ),
    ]


def trigger_statements(table: Table) -> list[str]:
    """Return the statements that make a table's triggers, which also fire while session_replication_role is replica."""
    return [statement for trigger in all_triggers(table) for statement in create_trigger(table, trigger)]


def create_trigger(table: Table, trigger: Trigger) -> list[str]:
    """Return the statements that make one trigger; Postgres cannot replace one that is deferred."""
    when = f"\n  when ({trigger.when})" if trigger.when else ""
    arguments = ", ".join(quote(argument) for argument in trigger.arguments)
    return [
        *([f"drop trigger if exists {trigger.name} on {table.qualified};"] if trigger.deferred else []),
        f"create {'constraint' if trigger.deferred else 'or replace'} trigger {trigger.name}\n"
        f"  {trigger.moment} on {table.qualified}\n"
        + ("  deferrable initially deferred\n" if trigger.deferred else "")
        + f"  for each {trigger.level}{when}\n"
        f"  execute function {trigger.function.qualified}({arguments});",
        f"alter table {table.qualified} enable always trigger {trigger.name};",
        f"comment on trigger {trigger.name} on {table.qualified} is {quote(trigger.why)};",
    ]


def policy_statements(table: Table, policy: Policy) -> list[str]:
    """Return the statements that make one policy."""
    using = f"\n  using ({policy.using})" if policy.using else ""
    check = f"\n  with check ({policy.with_check})" if policy.with_check else ""
    return [
        f"drop policy if exists {policy.name} on {table.qualified};",
        f"create policy {policy.name} on {table.qualified}\n"
        f"  as permissive for {policy.command.value} to {policy.role.id}{using}{check};",
        f"comment on policy {policy.name} on {table.qualified} is {quote(policy.why)};",
    ]


def grant_statement(table: Table, grant: Grant) -> str:
    """Return the statement that makes one grant."""
    columns = granted_columns(table, grant)
    named = f" ({', '.join(columns)})" if columns else ""
    commands = ", ".join(f"{command.value}{named}" for command in grant.commands)
    return f"grant {commands} on table {table.qualified} to {grant.role.id};"


def access_statements(table: Table) -> list[str]:
    """Return the statements that grant exactly the access that a table's rules declare."""
    policies = [statement for policy in table.policies for statement in policy_statements(table, policy)]
    return [*policies, *(grant_statement(table, grant) for grant in table.grants)]


def operator_view(table: Table) -> View:
    """Return the operator's view of a table: its operational and financial fields, with amounts also in whole units."""
    amounts = (f"wall.amount_text({c.name},currency) as {c.name.removesuffix('_minor')}" for c in amount_columns(table))
    columns = ", ".join([*operator_columns(table), *amounts])
    return View(
        name=table.id,
        db_schema="operations",
        role=oracle_operator,
        shows=table,
        key=table.primary_key[-1],
        body=f"select {columns}\n  from {table.qualified}",
        why=f"{table.title} for operators: operational and financial fields only.",
    )


def view_statements(view: View) -> list[str]:
    """Return the statements that make a view for one role only."""
    return [
        f"create or replace view {view.qualified}\n  with (security_barrier = true) as\n{view.body};",
        f"comment on view {view.qualified} is {quote(view.why)};",
        f"revoke all on table {view.qualified} from {API_ROLES};",
        f"grant select on table {view.qualified} to {view.role.id};",
    ]
