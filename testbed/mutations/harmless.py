"""Changes that mean nothing: whoever reports them as more than information cries wolf."""

CHECK = "alter table public.{t} drop constraint {c}; alter table public.{t} add constraint {c} check ({e})"
TRIGGER = (
    "create or replace trigger products_fixed before update of id, layer, livemode, created_at on public.products for each row when ({e}) "
    "execute function wall.refuse_rewrite('id, layer, livemode, created_at'); "
    "alter table public.products enable always trigger products_fixed"
)
SPLIT = (
    "alter table public.{t} drop constraint {t}_{c}; alter table public.{t} add constraint {one} check ({a}), "
    "add constraint {other} check ({b})"
)
POLICY = "alter policy owner_reads_{t} on public.{t} using ({e})"


def _check(table: str, name: str, expression: str) -> str:
    return CHECK.format(t=table, c=f"{table}_{name}", e=expression)


REWORDED = {
    "policy in another order": POLICY.format(
        t="oracle_scrolls", e="subject_id = (select auth.uid()) and (select auth.uid()) is not null"
    ),
    "policy without what follows": POLICY.format(t="oracle_scrolls", e="subject_id = (select auth.uid())"),
    "policy not wrapped": POLICY.format(t="echo_entries", e="auth.uid() is not null and subject_id = auth.uid()"),
    "policy the other way round": POLICY.format(t="echo_entries", e="(select auth.uid()) = subject_id"),
    "policy with exists": POLICY.format(
        t="share_cards",
        e="exists (select from public.oracle_artifacts a "
        "where a.id = artifact_id and a.subject_id = (select auth.uid()))",
    ),
    "policy with exists under another alias": POLICY.format(
        t="share_cards",
        e="exists (select 1 from public.oracle_artifacts o "
        "where share_cards.artifact_id = o.id and (select auth.uid()) = o.subject_id)",
    ),
    "policy with exists of everything": POLICY.format(
        t="share_cards",
        e="exists (select * from public.oracle_artifacts a "
        "where a.id = artifact_id and a.subject_id = (select auth.uid()))",
    ),
    "policy with case": POLICY.format(
        t="oracle_scrolls", e="case when auth.uid() is null then false else subject_id = auth.uid() end"
    ),
    "policy with coalesce": POLICY.format(
        t="purchases",
        e="coalesce(buyer_subject_id = auth.uid(), false) or coalesce(auth.uid() = recipient_subject_id, false)",
    ),
    "policy with a claim in another order": POLICY.format(
        t="passport_records",
        e="not coalesce(((select auth.jwt()) ->> 'is_anonymous')::boolean, false) and subject_id = (select auth.uid())",
    ),
    "policy with not": POLICY.format(t="council_sessions", e="not ((select auth.uid()) is distinct from subject_id)"),
    "check split in two": SPLIT.format(
        t="oracle_scrolls",
        c="question_length",
        one="first",
        other="second",
        a="char_length(question) >= 1",
        b="char_length(question) <= 4000",
    ),
    "check split in two, one under its name": SPLIT.format(
        t="purchases",
        c="refund_within_amount",
        one="purchases_refund_within_amount",
        other="second",
        a="amount_refunded_minor >= 0",
        b="amount_refunded_minor <= amount_minor",
    ),
    "pattern spelled out": _check("purchases", "currency_is_iso", "currency ~ '^[a-z][a-z][a-z]$'"),
    "pattern with a group": _check("share_cards", "slug_is_long", "slug ~ '^([a-f0-9]{30}[0-9a-f]{2})$'"),
    "pattern with signs in another order": _check("card_phrases", "name_is_a_code", "name ~ '^[a-z][-_a-z]{1,30}$'"),
    "check that lets nothing through as well": _check(
        "delivery_jobs", "error_is_a_code", "error_class ~ '^[a-z][a-z0-9_.]{0,39}$'"
    ),
    "check that no value of its type breaks": _check(
        "delivery_jobs", "attempts_count", "attempts >= 0 and max_attempts between 1 and 50 and attempts <= 32767"
    ),
    "check without between": _check(
        "oracle_scrolls", "question_length", "char_length(question) >= 1 and char_length(question) <= 4000"
    ),
    "check with strict bounds": _check(
        "oracle_scrolls", "question_length", "char_length(question) > 0 and char_length(question) < 4001"
    ),
    "check with length": _check("oracle_scrolls", "question_length", "length(question) between 1 and 4000"),
    "check turned over": _check(
        "oracle_scrolls", "question_length", "4000 >= length(question) and 1 <= length(question)"
    ),
    "check by de Morgan": _check(
        "oracle_scrolls", "sealed_with_answer", "not (sealed_at is not null and answer is null)"
    ),
    "check with other brackets": _check(
        "oracle_scrolls", "seal_present", "((sealed_at) is null) = ((seal_hash) is null)"
    ),
    "check of equality with and": _check(
        "oracle_scrolls",
        "seal_present",
        "(sealed_at is null and seal_hash is null) or (sealed_at is not null and seal_hash is not null)",
    ),
    "list in another order": _check(
        "oracle_artifacts", "kind_allowed", "kind in ('gift', 'print_view', 'pdf', 'share_card')"
    ),
    "list as or": _check(
        "oracle_artifacts", "state_allowed", "state = 'draft' or state = 'ready' or state = 'withdrawn'"
    ),
    "list as varying text": _check(
        "oracle_artifacts", "state_allowed", "state::varchar in ('draft'::varchar, 'ready', 'withdrawn')"
    ),
    "list that some of are named twice": _check(
        "oracle_artifacts", "state_allowed", "state in ('draft', 'ready') or state in ('withdrawn', 'ready')"
    ),
    "refunds turned over": _check(
        "purchases", "refund_within_amount", "not (amount_refunded_minor < 0 or amount_minor < amount_refunded_minor)"
    ),
    "bounds in bigint": _check(
        "delivery_jobs", "attempts_count", "attempts > -1 and not (max_attempts::bigint > 50 or max_attempts < 1)"
    ),
    "span kept": _check(
        "privacy_requests", "extension_is_limited", "not (extended_until > due_at + interval '2 months')"
    ),
    "document turned over": _check(
        "stripe_events", "payload_is_listed", "(wall.is_stripe_payload(payload)) is not false"
    ),
    "list as constructor": _check(
        "oracle_artifacts", "state_allowed", "state = any (array['draft', 'ready', 'withdrawn'])"
    ),
    "pattern negated twice": _check("share_cards", "slug_is_long", "not (slug !~ '^[0-9a-f]{32}$')"),
    "check with coalesce": _check("card_phrases", "words_fit", "coalesce(char_length(words), 1) between 1 and 140"),
    "trigger's condition in another order": TRIGGER.format(
        e="old.created_at is distinct from new.created_at or old.livemode is distinct from new.livemode "
        "or old.id is distinct from new.id or old.layer is distinct from new.layer"
    ),
    "trigger's condition by row": TRIGGER.format(
        e="(old.id, old.layer, old.livemode, old.created_at)"
        " is distinct from (new.id, new.layer, new.livemode, new.created_at)"
    ),
    "trigger's condition with not": TRIGGER.format(
        e="not (old.id is not distinct from new.id and old.livemode is not distinct from new.livemode "
        "and old.created_at is not distinct from new.created_at and old.layer is not distinct from new.layer)"
    ),
    "default by another name": "alter table public.oracle_scrolls alter column created_at set default current_timestamp",
    "default as function": "alter table public.oracle_scrolls alter column created_at set default transaction_timestamp()",
    "default with another cast": "alter table public.oracle_scrolls alter column locale set default 'en'::varchar",
    "default in capitals": "alter table public.oracle_artifacts alter column state set default ('draft')",
    "default with its own precision": (
        "alter table public.oracle_scrolls alter column created_at set default current_timestamp(6)"
    ),
    "predicate by not": (
        "drop index public.share_cards_one_open; create unique index share_cards_one_open "
        "on public.share_cards (artifact_id) where not (revoked_at is not null)"
    ),
    "view's condition in other words": (
        "do $$ begin execute 'create or replace view ai.briefs with (security_barrier = true) as ' || replace(replace("
        "pg_get_viewdef('ai.briefs'::regclass), '(r.status = ''requested''::text)', '(not r.status <> ''requested'')'), "
        "'(r.lease_until > clock_timestamp())', '(clock_timestamp() < r.lease_until and r.lease_until is not null)'); end $$"
    ),
    "view's condition in another order": (
        "create or replace view ai.briefs with (security_barrier = true) as "
        "select r.id as run_id, r.layer, r.fields_given, r.lease_until, "
        "case when 'locale' = any(r.fields_given) then s.locale end as locale, "
        "case when 'question' = any(r.fields_given) then s.question end as question "
        "from public.ai_runs r join public.oracle_scrolls s on s.id = r.scroll_id "
        "where r.lease_until > clock_timestamp() and r.status = 'requested' "
        "and r.token_sha256 = (select wall.presented_token()) and (select wall.presented_consent())"
    ),
}

TUNING = {
    "another index": "create index extra on public.oracle_scrolls (locale)",
    "another index with include": "create index extra on public.purchases (created_at) include (status)",
    "statistics": "create statistics public.extra (dependencies) on locale, created_at from public.oracle_scrolls",
    "statistics target": "alter table public.oracle_scrolls alter column locale set statistics 500",
    "storage of a column": "alter table public.oracle_scrolls alter column answer set storage external",
    "fill factor": "alter table public.oracle_scrolls set (fillfactor = 90)",
    "vacuum's scale": "alter table public.oracle_scrolls set (autovacuum_vacuum_scale_factor = 0.05)",
    "clustered": "alter table public.oracle_scrolls cluster on oracle_scrolls_subject",
    "replica identity": "alter table public.oracle_scrolls replica identity full",
    "index with another fill factor": "alter index public.oracle_scrolls_subject set (fillfactor = 80)",
    "sequence's cache": "alter sequence public.delivery_jobs_id_seq cache 20",
    "sequence moved on": "select setval('public.delivery_jobs_id_seq', 1000)",
    "timeout raised": "alter role authenticated set statement_timeout = '20s'",
    "timeout in other words": "alter role authenticated set statement_timeout = '8000'",
    "timeout lowered": "alter role anon set statement_timeout = '1s'",
    "memory of a role": "alter role authenticated set work_mem = '8MB'",
    "memory of the database": "do $$ begin execute format('alter database %I set work_mem = %L', current_database(), '8MB'); end $$",
    "cost of a function": "alter function public.open_share_card(text) cost 200",
}

NAMES = {
    "index renamed": "alter index public.oracle_scrolls_subject rename to by_subject",
    "unique index renamed": "alter index public.share_cards_slug rename to slugs",
    "check renamed": "alter table public.oracle_scrolls rename constraint oracle_scrolls_question_length to short",
    "foreign key renamed": "alter table public.share_cards rename constraint share_cards_artifact_id_fkey to shows",
    "primary key renamed": "alter table public.ledger_seals rename constraint ledger_seals_pkey to seals_key",
    "policy renamed": "alter policy owner_reads_oracle_scrolls on public.oracle_scrolls rename to owners",
    "another table comment": "comment on table public.oracle_scrolls is 'seen by a tool'",
    "no column comment": "comment on column public.oracle_scrolls.question is null",
    "function comment": "comment on function public.open_share_card(text) is '@graphql({})'",
    "schema comment": "comment on schema public is 'standard public schema'",
    "column in another place": (
        "drop view operations.oracle_artifacts; alter table public.oracle_artifacts drop column ready_at; "
        "alter table public.oracle_artifacts add column ready_at timestamptz; "
        "create index oracle_artifacts_ready on public.oracle_artifacts (ready_at) where state = 'ready'; "
        "create view operations.oracle_artifacts with (security_barrier = true) as "
        "select id, subject_id, scroll_id, kind, state, storage_path, content_sha256, ready_at, created_at "
        "from public.oracle_artifacts; alter view operations.oracle_artifacts owner to postgres; "
        "grant select on operations.oracle_artifacts to oracle_operator"
    ),
}

OTHERS = {
    "schema of somebody else": "create schema shop; create table shop.orders (id int); grant all on shop.orders to anon",
    "closed table in public": (
        "create table public.notes (id int primary key); alter table public.notes enable row level security"
    ),
    "many closed tables": (
        "do $$ begin for i in 1..40 loop execute format('create table public.closed_%s (id int primary key)', i); "
        "execute format('alter table public.closed_%s enable row level security', i); end loop; end $$"
    ),
    "trigger function in public": (
        "create function public.touch() returns trigger language plpgsql as 'begin return new; end'; "
        "grant execute on function public.touch() to public"
    ),
    "closed function in public": (
        "create function public.sum_up() returns int language sql as 'select 1'; "
        "revoke all on function public.sum_up() from public"
    ),
    "closed view of operational fields": "create schema reports; create view reports.jobs as select status from public.delivery_jobs",
    "closed chain of views": (
        "create schema reports; create view reports.words as select question from public.oracle_scrolls; "
        "create view public.words as select * from reports.words; "
        "create materialized view reports.stored as select * from public.words"
    ),
    "chain over tables of others": (
        "create schema shop; create table shop.orders (id int); create view shop.one as table shop.orders; "
        "create view shop.two as table shop.one; grant select on shop.two to anon"
    ),
    "role without rights": "create role reporting nologin",
    "role that can log in": "create role metabase login",
    "platform role above row-level security": "create role supabase_read_only_user login bypassrls; grant pg_read_all_data to supabase_read_only_user",
    "grant to the superuser": "grant select on public.oracle_scrolls to supabase_admin",
    "platform role connects": "do $$ begin execute format('grant create on database %I to supabase_storage_admin', current_database()); end $$",
    "platform's default privileges": "alter default privileges for role supabase_admin in schema public grant all on tables to anon",
    "publication of others": "create schema shop; create table shop.orders (id int); create publication others for table shop.orders",
    "publication that streams nothing": "create publication quiet for all tables with (publish = '')",
    "disabled trigger": (
        "create function public.touch() returns trigger language plpgsql as 'begin return new; end'; "
        "create trigger touch before update on public.oracle_scrolls for each row execute function public.touch(); "
        "alter table public.oracle_scrolls disable trigger touch"
    ),
    "platform's event trigger": (
        "create function extensions.watch() returns event_trigger language plpgsql as 'begin end'; "
        "create event trigger issue_watch on ddl_command_end execute function extensions.watch()"
    ),
    "usual schemas served": "do $$ begin execute format('alter database %I set pgrst.db_schemas = ''public, graphql_public''', current_database()); end $$",
    "extension in its place": "create extension if not exists pg_trgm schema extensions",
    "another way to be unique": "create unique index extra on public.oracle_scrolls (id, locale)",
    "unique twice": "alter table public.oracle_scrolls add constraint extra unique (locale, id)",
    "check that says nothing": "alter table public.oracle_scrolls add constraint nothing check (true)",
    "vacuum of what is stored aside": "alter table public.oracle_scrolls set (toast.autovacuum_enabled = false)",
    "connections by name": (
        "do $$ begin execute format('revoke connect on database %I from public; "
        "grant connect on database %I to authenticator', current_database(), current_database()); end $$"
    ),
    "some connections": "alter role authenticator connection limit 60",
    "auth.uid() by name": (
        "grant execute on function auth.uid() to anon, authenticated, service_role; "
        "revoke execute on function auth.uid() from public"
    ),
    "accounts guarded by grants alone": "alter table auth.users disable row level security",
    "policy for the site's server": "create policy server_works on public.oracle_scrolls for all to service_role using (true)",
    "policy on one bucket": (
        "create policy avatars on storage.objects for select to anon using (bucket_id = 'avatars')"
    ),
    "function that nobody serves": (
        "set local role postgres; create schema shop; create function shop.peek() returns setof public.oracle_scrolls "
        "language sql security definer set search_path = pg_catalog, pg_temp as 'select * from public.oracle_scrolls'; "
        "grant usage on schema shop to anon; grant execute on function shop.peek() to anon"
    ),
    "functions that are pinned in another way": (
        "set local role postgres; create schema shop; create function shop.empty() returns int language sql security "
        "definer set search_path = '', pg_temp as 'select 1'; create function shop.closed() returns int language sql "
        "security definer set search_path = public, extensions, pg_temp as 'select 1'; "
        "grant execute on all functions in schema shop to anon"
    ),
    "definer that nobody may call": (
        "set local role postgres; create schema shop; create function shop.own() returns int language sql security "
        "definer as 'select 1'"
    ),
    "tighter check": "alter table public.oracle_scrolls add constraint tight check (locale <> '')",
    "function with nested comments": "do $do$ declare d text := pg_get_functiondef('wall.erasing(uuid)'::regprocedure); "
    "begin execute replace(d, 'begin', E'begin /* a /* b */ c */\\n'); end $do$",
    "function reformatted": "do $do$ declare d text := pg_get_functiondef('wall.erasing(uuid)'::regprocedure); begin "
    "execute replace(d, 'begin', E'-- reformatted\\nbegin\\n  '); end $do$",
}

# How a session prints values: no fact may depend on it.
PRINTING = {
    f"prints with {setting}": (
        f"do $$ begin execute format('alter database %I set {setting}', current_database()); end $$; set local {setting}"
    )
    for setting in (
        "intervalstyle = iso_8601",
        "standard_conforming_strings = off",
        "datestyle = german",
        "timezone = japan",
        "bytea_output = escape",
        "extra_float_digits = -3",
        "quote_all_identifiers = on",
    )
}

API_SETTINGS = {
    f"Data API with {setting}": f"alter role authenticator set pgrst.{setting}"
    for setting in (
        "db_schemas = 'public, graphql_public'",
        "db_extra_search_path = 'public, extensions'",
        "db_max_rows = '1000'",
        "db_anon_role = 'anon'",
        "db_tx_end = 'commit'",
        "db_hoisted_tx_settings = 'statement_timeout, default_transaction_isolation'",
        "db_plan_enabled = 'false'",
        "openapi_mode = 'disabled'",
    )
}

_WATCH = (
    "create function extensions.{f}() returns event_trigger language plpgsql as 'begin {b} end'; "
    "alter function extensions.{f}() owner to {o}; "
    "create event trigger {t} on ddl_command_end when tag in ('CREATE EXTENSION') execute function extensions.{f}()"
)
_GRAPHQL = (
    "create schema graphql_public; grant usage on schema graphql_public to anon, authenticated, service_role; "
    'create function graphql_public.graphql("operationName" text default null, query text default null, '
    "variables jsonb default null, extensions jsonb default null) returns jsonb language sql as 'select null::jsonb'; "
    "grant execute on function graphql_public.graphql to anon, authenticated, service_role"
)
_OLD_ROLES = (
    "create role supabase_read_only_user login bypassrls; grant pg_read_all_data to supabase_read_only_user; "
    "create role supabase_replication_admin login replication; create role pgbouncer login; "
    "create role supabase_functions_admin login noinherit createrole; create role pgtle_admin; "
    "grant pgtle_admin to postgres; create role supabase_realtime_admin noinherit"
)
# What a project has beside the rules before anybody has touched it.
# Source: github.com/supabase/postgres, migrations/db and nix/tests/expected.
PROJECTS = {
    "roles of an old project": (
        f"{_OLD_ROLES}; create role pgsodium_keyiduser; create role pgsodium_keyholder; create role pgsodium_keymaker; "
        "grant pgsodium_keyholder to service_role; grant pgsodium_keyiduser to pgsodium_keyholder; "
        "grant pgsodium_keyholder, pgsodium_keyiduser to pgsodium_keymaker; "
        "grant pgsodium_keymaker, pgsodium_keyholder to postgres with admin option; "
        "grant supabase_auth_admin, supabase_storage_admin, supabase_realtime_admin to postgres"
    ),
    "roles of a new project": (
        f"{_OLD_ROLES}; create role supabase_etl_admin login replication bypassrls; "
        "grant pg_read_all_data to supabase_etl_admin; create role supabase_privileged_role; "
        "grant supabase_privileged_role to postgres, supabase_etl_admin; "
        "do $$ begin execute format('grant create on database %I to supabase_etl_admin', current_database()); end $$; "
        "create role cli_login_postgres login noinherit valid until '2020-01-01'; grant postgres to cli_login_postgres; "
        "create role supabase_superuser; grant supabase_superuser to postgres"
    ),
    "settings of an old project": (
        "alter role authenticator set session_preload_libraries = 'safeupdate'; "
        "do $$ begin execute format('alter database %I set app.settings.jwt_secret = %L', current_database(), 'x'); "
        "end $$; alter role supabase_admin set log_statement = none"
    ),
    "settings of a new project": (
        "alter role authenticator set session_preload_libraries = supautils, safeupdate; "
        "alter role postgres set local_preload_libraries = safeupdate; alter role postgres set safeupdate.enabled = 0"
    ),
    "graphql": _GRAPHQL,
    "event triggers of an old project": "; ".join(
        (
            _WATCH.format(
                f="grant_pg_net_access",
                t="issue_pg_net_access",
                o="postgres",
                b="grant usage on schema net to postgres, anon, authenticated, service_role;",
            ),
            _WATCH.format(f="pgrst_ddl_watch", t="pgrst_ddl_watch", o="supabase_admin", b="notify pgrst;"),
            "set local allow_system_table_mods = on",
            "update pg_event_trigger set evtowner = 'postgres'::regrole where evtname = 'issue_pg_net_access'",
        )
    ),
    "event trigger of a new project": (
        "create function public.rls_auto_enable() returns event_trigger language plpgsql security definer "
        "set search_path to 'pg_catalog' as $f$ declare cmd record; begin for cmd in select * from "
        "pg_event_trigger_ddl_commands() where object_type = 'table' loop if cmd.schema_name in ('public') then "
        "execute format('alter table if exists %s enable row level security', cmd.object_identity); end if; end loop; "
        "end $f$; alter function public.rls_auto_enable() owner to postgres; "
        "create event trigger ensure_rls on ddl_command_end execute function public.rls_auto_enable()"
    ),
    "functions of the file service": (
        "create function storage.lock_top_prefixes() returns void language sql security definer as 'select'; "
        "alter function storage.lock_top_prefixes() owner to supabase_storage_admin"
    ),
    "management of subscriptions": (
        "create schema supabase_subscription_mgmt; create function supabase_subscription_mgmt.pg_drop_subscription(text) "
        "returns void language sql security definer as 'select'"
    ),
    "tables of the platform": (
        "create table auth.sessions (id uuid primary key); alter table auth.sessions owner to supabase_auth_admin; "
        "create schema realtime; grant usage on schema realtime to anon; create table realtime.messages (id uuid); "
        "alter table realtime.messages enable row level security; grant select, insert on realtime.messages to anon; "
        "create schema vault; create table vault.secrets (id uuid); grant usage on schema vault to service_role; "
        "grant select on vault.secrets to service_role; create publication supabase_realtime_messages_publication "
        "for table realtime.messages"
    ),
}

HARMLESS = REWORDED | TUNING | NAMES | OTHERS | PRINTING | API_SETTINGS | PROJECTS
