"""What nobody declared: relations, views upon views, functions, triggers and what watches the schema."""

from collections.abc import Iterator
from dataclasses import replace

from lab.checks.schema.catalogue import Catalogue
from testbed.mutations.model import Mutant

_OPEN = "grant select on public.stranger to anon"
STRANGERS = {
    "table without rls": "create table public.stranger (id int)",
    "open table": f"create table public.stranger (id int); {_OPEN}",
    "open table with rls": f"create table public.stranger (id int); alter table public.stranger enable row level security; {_OPEN}",
    "table for authenticated": "create table public.stranger (id int); grant all on public.stranger to authenticated",
    "copy of the questions": f"create table public.stranger as select question from public.oracle_scrolls; {_OPEN}",
    "view of the questions": f"create view public.stranger as select question from public.oracle_scrolls; {_OPEN}",
    "view of the questions, invoker": f"create view public.stranger with (security_invoker = true) as select question from public.oracle_scrolls; {_OPEN}",
    "materialized view": f"create materialized view public.stranger as select question from public.oracle_scrolls; {_OPEN}",
    "view of the accounts": f"create view public.stranger as select email from auth.users; {_OPEN}",
    "view of the accounts, stored": f"create materialized view public.stranger as select * from auth.users; {_OPEN}",
    "open sequence": "create sequence public.stranger; grant all on sequence public.stranger to anon",
    "partitioned table": f"create table public.stranger (id int) partition by list (id); {_OPEN}",
    "view of the questions for the AI": "create view public.stranger as select question from public.oracle_scrolls; grant select on public.stranger to ai_worker",
    "table for the operator": "create table public.stranger (id int); alter table public.stranger enable row level security; grant select on public.stranger to oracle_operator",
    "view of the questions for somebody else": "create role stranger; create view public.stranger as select question from public.oracle_scrolls; grant select on public.stranger to stranger",
    "view of the questions, by column": "create view public.stranger as select question from public.oracle_scrolls; grant select (question) on public.stranger to anon",
    "view of whole rows": f"create view public.stranger as select to_jsonb(s) from public.oracle_scrolls s where s.id is not null; {_OPEN}",
    "view of operational fields for somebody else": "create role stranger; create view public.stranger as select status from public.delivery_jobs; grant select on public.stranger to stranger",
}
_BELOW = "create schema below; create view below.one as select question from public.oracle_scrolls"
# a chain that ends in a view or a stored one -> its subject, and how it is made
CHAINS = {
    "two views": (
        "public.stranger",
        "create view public.below as select question from public.oracle_scrolls; "
        f"create view public.stranger as select * from public.below; {_OPEN}",
    ),
    "over a private schema": ("public.stranger", f"{_BELOW}; create view public.stranger as table below.one; {_OPEN}"),
    "in a schema that nobody serves": (
        "api.stranger",
        f"{_BELOW}; create schema api; create view api.stranger as table below.one; "
        "grant select on api.stranger to ai_worker",
    ),
    "three views": (
        "public.stranger",
        f"{_BELOW}; create view below.two as table below.one; create view public.stranger as table below.two; {_OPEN}",
    ),
    "stored at its end": (
        "public.stranger",
        f"{_BELOW}; create materialized view public.stranger as table below.one; {_OPEN}",
    ),
    "stored below": (
        "public.stranger",
        "create schema below; create materialized view below.one as select question from public.oracle_scrolls; "
        f"create view public.stranger as table below.one; {_OPEN}",
    ),
    "of the accounts": (
        "public.stranger",
        "create schema below; create view below.one as select email from auth.users; "
        f"create view public.stranger as select * from below.one; {_OPEN}",
    ),
    "over a declared view": (
        "api.stranger",
        "create schema below; create view below.one as select question from ai.briefs; create schema api; "
        "create view api.stranger as table below.one; grant select on api.stranger to authenticated",
    ),
    "over a view that nobody declared in operations": (
        "public.stranger",
        "create view operations.below as select question from public.oracle_scrolls; "
        f"create view public.stranger as table operations.below; {_OPEN}",
    ),
    "for somebody else": (
        "api.stranger",
        f"create role stranger; {_BELOW}; create schema api; create view api.stranger as table below.one; "
        "grant select on api.stranger to stranger",
    ),
}
DEFINER = "create function public.stranger() returns setof public.oracle_scrolls language sql security definer as 'select * from public.oracle_scrolls'"


def strangers(rules: Catalogue) -> Iterator[Mutant]:
    """Things that the project's own owner made and nobody declared."""
    for mutant in _strangers():
        made = mutant.sql if mutant.needs_admin else f"set local role postgres; {mutant.sql}"
        yield replace(mutant, sql=made)


def _strangers() -> Iterator[Mutant]:
    for name, change in STRANGERS.items():
        yield Mutant("strangers", name, change, "public.stranger")
    for name, (subject, change) in CHAINS.items():
        yield Mutant("strangers", f"chain {name}", change, subject)
    yield Mutant(
        "strangers",
        "definer function",
        f"{DEFINER}; grant execute on function public.stranger() to public",
        "public.stranger()",
    )
    private = (
        "revoke all on function public.stranger() from public; grant execute on function public.stranger() to ai_worker"
    )
    yield Mutant("strangers", "definer function for the AI", f"{DEFINER}; {private}", "public.stranger()")
    invoker = DEFINER.replace("definer", "invoker") + "; grant execute on function public.stranger() to anon"
    yield Mutant("strangers", "invoker function", invoker, "public.stranger()")
    view = "create schema api; create view api.stranger as select question from public.oracle_scrolls; grant select on api.stranger to anon"
    yield Mutant("strangers", "view in another schema", view, "api.stranger")
    served = "set local role postgres; create schema api; grant usage on schema api to anon; create table api.stranger (question text); grant select on api.stranger to anon"
    tell = "reset role; alter role authenticator set pgrst.db_schemas = 'public, graphql_public, api'"
    yield Mutant("strangers", "table in a schema that is served", f"{served}; {tell}", "api.stranger", needs_admin=True)
    inside = "create view operations.stranger as select question from public.oracle_scrolls; grant select on operations.stranger to oracle_operator"
    yield Mutant("strangers", "view in operations", inside, "operations.stranger")
    inside = "create table wall.stranger (id int); grant select on wall.stranger to authenticated"
    yield Mutant("strangers", "table in wall", inside, "wall.stranger")
    inside = (
        DEFINER.replace("public.stranger", "wall.stranger")
        + "; grant execute on function wall.stranger() to authenticated"
    )
    yield Mutant("strangers", "function in wall", inside, "wall.stranger()")
    overload = "create function public.claim_delivery_jobs(text) returns void language sql security definer as 'select'; grant execute on function public.claim_delivery_jobs(text) to anon"
    yield Mutant("strangers", "overload", overload, "public.claim_delivery_jobs(text)")
    trigger = (
        "create function public.spy() returns trigger language plpgsql as 'begin return null; end'; "
        "create trigger aaa_spy before insert on public.oracle_scrolls for each row execute function public.spy()"
    )
    yield Mutant("strangers", "trigger that swallows", trigger, "public.oracle_scrolls.aaa_spy")
    view = (
        "create function public.spy() returns trigger language plpgsql as 'begin return null; end'; "
        "create trigger spy instead of insert on operations.purchases for each row execute function public.spy()"
    )
    yield Mutant("strangers", "trigger on a view", view, "operations.purchases.spy")
    key = (
        "create table extensions.other (id uuid primary key); alter table public.products add constraint leash "
        "foreign key (id) references extensions.other (id) on delete cascade"
    )
    yield Mutant("strangers", "foreign key that deletes", key, "public.products.leash")
    column = "alter table public.oracle_scrolls add column diary text"
    yield Mutant("strangers", "column", column, "public.oracle_scrolls.diary", mends=False)
    event = "create function extensions.watch() returns event_trigger language plpgsql as 'begin end'; alter function extensions.watch() owner to postgres; create event trigger watch on ddl_command_end execute function extensions.watch(); set local allow_system_table_mods = on; update pg_event_trigger set evtowner = 'postgres'::regrole where evtname = 'watch'"
    yield Mutant("strangers", "event trigger", event, "watch", needs_admin=True)
    for name, function in (("watch", "public.watch"), ("ensure_rls", "public.rls_auto_enable")):
        opens = (
            f"set local role postgres; create function {function}() returns event_trigger language plpgsql security definer as "
            f"'begin grant select on public.oracle_scrolls to anon; end'; reset role; create event trigger {name} "
            f"on ddl_command_end execute function {function}()"
        )
        yield Mutant("strangers", f"event trigger {name} that grants", opens, name, needs_admin=True)
    for schema in ("extensions", "storage"):
        made = DEFINER.replace("public.stranger", f"{schema}.stranger")
        within = (
            f"reset role; grant create on schema {schema} to postgres; set local role postgres; {made}; "
            f"grant execute on function {schema}.stranger() to anon"
        )
        yield Mutant("strangers", f"function in {schema}", within, f"{schema}.stranger()")
    beside = (
        f"set local role postgres; create schema api; {DEFINER.replace('public.stranger', 'api.stranger')}; grant execute on function "
        "api.stranger() to anon; reset role; alter role authenticator set pgrst.db_extra_search_path = 'public, api'"
    )
    yield Mutant("strangers", "function where names are looked up", beside, "api.stranger()", needs_admin=True)
    yield from _misled()
    wrapper = (
        "reset role; create schema graphql_public authorization postgres; set local role postgres; "
        "create function graphql_public.graphql(query text) returns jsonb language sql as 'select null::jsonb'; "
        "grant execute on function graphql_public.graphql(text) to anon"
    )
    yield Mutant("strangers", "somebody else's graphql", wrapper, "graphql_public.graphql(text)")


# what is wrong with where a function looks -> its setting
PATHS = {
    "no path": "",
    "an empty path": "set search_path = ''",
    "pg_catalog alone": "set search_path = pg_catalog",
    "pg_temp first": "set search_path = pg_temp, pg_catalog",
    "a schema of everybody's": "set search_path = pg_catalog, beside, pg_temp",
}


def _misled() -> Iterator[Mutant]:
    """Functions in a schema that nobody serves, which run as the wall's owner and look where their caller writes."""
    for name, setting in PATHS.items():
        made = (
            f"create schema beside; create function beside.peek() returns int language plpgsql security definer {setting} "
            "as 'begin return 1; end'; grant execute on function beside.peek() to authenticated; "
            "grant create on schema beside to authenticated"
        )
        yield Mutant("strangers", f"misled by {name}", made, "beside.peek()")


STRANGER_MUTANTS = (strangers,)
