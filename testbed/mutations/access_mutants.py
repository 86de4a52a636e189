"""Weakenings of policies, privileges, roles and publications."""

from collections.abc import Iterator

from lab.checks.schema.catalogue import Catalogue
from lab.rules import RULES
from testbed.mutations.model import Mutant

ROLES = ("anon", "authenticated", "service_role", "ai_worker", "oracle_operator", "public", "stranger")
OURS = [role.id for role in RULES.roles if role.owned]
STRANGER = "create role stranger nologin; "


def policies(rules: Catalogue) -> Iterator[Mutant]:
    for name, facts in rules.of("policy").items():
        relation, policy = name.rsplit(".", 1)
        alter, drop = f"alter policy {policy} on {relation}", f"drop policy {policy} on {relation}"
        yield Mutant("policies", f"drop {name}", drop, name)
        for roles in ("public", f"{', '.join(facts['roles'])}, anon"):
            yield Mutant("policies", f"{name} to {roles}", f"{alter} to {roles}", name)
        for part, word in (("using", "using"), ("with_check", "with check")):
            for form in ("true", "({e}) or true", "auth.uid() is null or ({e})", "({e}) or auth.role() = 'anon'"):
                if facts.get(part, "true") != "true":  # what lets everything through can't be weakened
                    change = f"{alter} {word} ({form.format(e=facts[part])})"
                    yield Mutant("policies", f"{name} {word} {form}", change, name)
        expressions = f"using ({facts['using']})" if "using" in facts else ""
        make = f"create policy {policy} on {relation} as {{}} for {{}} to {', '.join(facts['roles'])} {expressions}"
        for form, command in (("permissive", "all"), ("permissive", "delete"), ("restrictive", facts["command"])):
            check = (
                f" with check ({facts['with_check']})" if "with_check" in facts and command in ("all", "update") else ""
            )
            yield Mutant(
                "policies", f"{name} {form} for {command}", f"{drop}; {make.format(form, command)}{check}", name
            )


def added_policies(rules: Catalogue) -> Iterator[Mutant]:
    for name in rules.of("table"):
        for role in ("public", "anon", "authenticated"):
            make = f"create policy open_door on {name} to {role} using (true) with check (true)"
            yield Mutant("policies", f"open door on {name} to {role}", make, name)
        make = f"create policy shut on {name} as restrictive for select to authenticated using (false)"
        yield Mutant("policies", f"shut door on {name}", make, name)


def table_grants(rules: Catalogue) -> Iterator[Mutant]:
    held = rules.of("privilege")
    privileges = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
    privileges += ["MAINTAIN"] if rules.major >= 17 else []
    for name in (*rules.of("table"), *rules.of("view")):
        for role in ROLES:
            for privilege in privileges:
                if f"table|{name}|{role}|{privilege}" not in held:
                    make = STRANGER if role == "stranger" else ""
                    grant = f"{make}grant {privilege} on table {name} to {role}"
                    yield Mutant("table grants", f"{privilege} on {name} to {role}", grant, name)


def column_grants(rules: Catalogue) -> Iterator[Mutant]:
    held = rules.of("privilege")
    for name in rules.of("column"):
        relation, column = name.rsplit(".", 1)
        for role, privilege in (("anon", "SELECT"), ("authenticated", "UPDATE"), ("ai_worker", "SELECT")):
            if f"column|{name}|{role}|{privilege}" not in held and f"table|{relation}|{role}|{privilege}" not in held:
                grant = f"grant {privilege} ({column}) on {relation} to {role}"
                yield Mutant("column grants", f"{privilege} on {name} to {role}", grant, name)


def revoked(rules: Catalogue) -> Iterator[Mutant]:
    for facts in rules.of("privilege").values():
        if facts["place"] in ("database", "parameter"):
            continue
        place, name = facts["place"], facts["object"]
        what, on = f"{facts['privilege']}", f"{place} {name}"
        if place == "column":
            relation, column = name.rsplit(".", 1)
            what, on = f"{facts['privilege']} ({column})", f"table {relation}"
        subject = f"schema {name}" if place == "schema" else name
        text = f"{what} on {on} from {facts['grantee']}"
        if not (place == "schema" and facts["grantee"] in ("pg_database_owner",)):
            yield Mutant(f"{place} revokes", f"revoke {text}", f"revoke {text} cascade", subject)
        if facts["grantee"] not in ("postgres", "public", "pg_database_owner"):
            text = f"{what} on {on} to {facts['grantee']} with grant option"
            # Postgres takes anon itself for the one who revokes, as `postgres` is a member of it and no owner of public.
            admin = place == "schema" and name == "public"
            yield Mutant("grant options", text, f"grant {text}", subject, needs_admin=admin)


def other_grants(rules: Catalogue) -> Iterator[Mutant]:
    held = rules.of("privilege")
    for name in rules.of("function"):
        for role in ("public", "anon", "authenticated", "ai_worker"):
            if f"function|{name}|{role}|EXECUTE" not in held:
                grant = f"grant execute on function {name} to {role}"
                yield Mutant("function grants", grant, grant, name)
    for name in rules.of("sequence"):
        for role, privilege in (("anon", "USAGE"), ("authenticated", "UPDATE"), ("public", "SELECT")):
            grant = f"grant {privilege} on sequence {name} to {role}"
            yield Mutant("sequence grants", grant, grant, name)
    for name in rules.of("schema"):
        for role in ("public", "anon", "authenticated", "service_role"):
            for privilege in ("USAGE", "CREATE"):
                if f"schema|{name}|{role}|{privilege}" not in held:
                    grant = f"grant {privilege} on schema {name} to {role}"
                    yield Mutant("schema grants", grant, grant, f"schema {name}")
    for role in ("anon", "authenticated", "public", "service_role", "ai_worker"):
        grant = f"do $$ begin execute format('grant create on database %I to {role}', current_database()); end $$"
        yield Mutant("database grants", f"create on database to {role}", grant, "the database")
    for role in ("anon", "authenticated", "service_role"):
        grant = f"grant set on parameter session_replication_role to {role}"
        yield Mutant("database grants", grant, grant, "parameter session_replication_role", needs_admin=True)


def defaults(rules: Catalogue) -> Iterator[Mutant]:
    for place in ("", " in schema public", " in schema wall", " in schema operations"):
        for form in ("tables", "sequences", "functions"):
            for role in ("anon", "authenticated", "service_role", "public"):
                grant = f"alter default privileges for role postgres{place} grant all on {form} to {role}"
                yield Mutant("default grants", grant, grant, "default privileges of postgres")
    own = "alter default privileges for role postgres grant execute on functions to public"
    yield Mutant("default grants", own, own, "default privileges of postgres")


def roles(rules: Catalogue) -> Iterator[Mutant]:
    watched = ("anon", "authenticated", "service_role", "authenticator", "ai_worker", "oracle_operator")
    for role in watched:
        facts = rules.of("role")[role]
        for attribute in ("superuser", "bypassrls", "login", "createrole", "createdb", "replication", "inherit"):
            if not facts[attribute]:
                admin = attribute in ("superuser", "replication", "bypassrls", "createdb", "createrole")
                yield Mutant("roles", f"{role} {attribute}", f"alter role {role} {attribute}", role, needs_admin=admin)
        for above in ("postgres", "service_role", "supabase_admin", "pg_read_all_data", "pg_write_all_data"):
            if above != role and f"{role}|{above}" not in rules.of("membership"):
                yield Mutant("roles", f"{role} in {above}", f"grant {above} to {role}", role, needs_admin=True)
        for setting in (
            "row_security = off",
            "search_path = evil",
            "session_replication_role = replica",
            "role = postgres",
            "pgrst.db_schemas = 'public, wall'",
            "request.jwt.claims = '{}'",
        ):
            change = f"alter role {role} set {setting}"
            yield Mutant("settings", change, change, role, needs_admin=True)
            change = f"do $$ begin execute format('alter role {role} in database %I set {setting.replace(chr(39), chr(39) * 2)}', current_database()); end $$"
            yield Mutant("settings", f"{role} in database: {setting}", change, role, needs_admin=True)
    for role in ("anon", "authenticated", "authenticator"):
        yield Mutant(
            "settings", f"{role} without limit", f"alter role {role} reset statement_timeout", role, needs_admin=True
        )
        for limit in ("0", "'0min'", "999999999", "1"):
            change = f"alter role {role} set statement_timeout = {limit}"
            yield Mutant("settings", change, change, role, needs_admin=True)
    for setting in ("row_security = off", "search_path = evil", "session_replication_role = replica"):
        change = f"do $$ begin execute format('alter database %I set {setting}', current_database()); end $$"
        yield Mutant("settings", f"database {setting}", change, "the database", needs_admin=True)
    for role in watched[:3] + watched[4:]:
        # A membership is taken away by whom it was given: by the migrations, or by the platform.
        giver = "set local role postgres; " if role in OURS else ""
        yield Mutant(
            "roles",
            f"authenticator not in {role}",
            f"{giver}revoke {role} from authenticator",
            "authenticator",
            needs_admin=True,
        )
        change = f"grant {role} to authenticator with admin option"
        yield Mutant("roles", change, change, "authenticator", needs_admin=True)
        change = f"grant {role} to authenticator with inherit true"
        yield Mutant("roles", change, change, "authenticator", needs_admin=True, oldest=16)
        change = f"{STRANGER}grant {role} to stranger"
        yield Mutant("roles", change, change, "stranger", needs_admin=True)
    change = "create role stranger login bypassrls"
    yield Mutant("roles", change, change, "stranger", needs_admin=True)
    change = "create role stranger login superuser"
    yield Mutant("roles", change, change, "stranger", mends=False)


# what is weakened -> how, and the subject that some finding names
POWERS = {
    "reads everything": ("create role stranger login; grant pg_read_all_data to stranger", "stranger"),
    "writes everything": ("create role stranger login; grant pg_write_all_data to stranger", "stranger"),
    "runs programs": ("create role stranger login; grant pg_execute_server_program to stranger", "stranger"),
    "reads the server's files": ("create role stranger login; grant pg_read_server_files to stranger", "stranger"),
    "reads everything by a team": (
        "create role team; grant pg_read_all_data to team; create role stranger login; grant team to stranger",
        "stranger",
    ),
    "becomes the file service": ("create role stranger login; grant supabase_storage_admin to stranger", "stranger"),
    "becomes who keeps the accounts": ("create role stranger login; grant supabase_auth_admin to stranger", "stranger"),
    "a platform's name, above": ("create role supabase_stranger login bypassrls", "supabase_stranger"),
    "a platform's role, above": ("alter role supabase_storage_admin bypassrls", "supabase_storage_admin"),
    "no connections": ("alter role authenticator connection limit 0", "authenticator"),
    "an expired password": ("alter role authenticator valid until '2020-01-01'", "authenticator"),
    "bound by forced row-level security": ("alter role postgres nobypassrls", "postgres"),
    "the Data API shut out": ("alter role authenticator nologin", "authenticator"),
    "another owner of the database": (
        "do $$ begin execute format('alter database %I owner to authenticated', current_database()); end $$",
        "the database",
    ),
    "another owner of public": ("create role stranger; alter schema public owner to stranger", "public"),
    "nobody connects": (
        "do $$ begin execute format('revoke connect on database %I from public', current_database()); end $$",
        "the database",
    ),
}
API_SETTINGS = {
    "db_schemas": "public, operations",
    "db_schemas ": "graphql_public",
    "db_extra_search_path": "public, wall",
    "db_pre_request": "public.before",
    "db_anon_role": "service_role",
    "jwt_secret": "sesame sesame sesame sesame sesame",
    "jwt_aud": "other",
    "jwt_role_claim_key": ".app_metadata.role",
    "db_tx_end": "rollback",
    "db_hoisted_tx_settings": "statement_timeout, row_security",
    "db_plan_enabled": "true",
    "openapi_mode": "ignore-privileges",
}
_CALLERS = "public, anon, authenticated, service_role"
PLATFORM_DOORS = {
    "auth.uid() refused": (f"revoke execute on function auth.uid() from {_CALLERS}", "auth.uid()"),
    "auth.uid() owned": ("alter function auth.uid() owner to authenticated", "auth.uid()"),
    "schema auth refused to its owner": ("revoke usage on schema auth from supabase_auth_admin", "auth.uid()"),
    "schema auth refused": ("revoke usage on schema auth from authenticated", "auth.uid()"),
    "accounts granted": ("grant select on auth.users to anon", "auth.users"),
    "addresses granted": ("grant select (email) on auth.users to public", "auth.users"),
    "accounts without policies": (
        "grant select on auth.users to authenticated; alter table auth.users disable row level security",
        "auth.users",
    ),
    "accounts by a policy": (
        "grant select on auth.users to authenticated; create policy all_of_them on auth.users using (true)",
        "auth.users",
    ),
    "files without policies": ("alter table storage.objects disable row level security", "storage.objects"),
    "files by a policy": (
        "create policy all_of_them on storage.objects for select to anon using (true)",
        "storage.objects",
    ),
}


def platform(rules: Catalogue) -> Iterator[Mutant]:
    """What stands beside the rules: powers, the Data API's settings, what the platform keeps."""
    for name, (change, subject) in POWERS.items():
        yield Mutant("roles", name, change, subject, needs_admin=True)
    change = "create role supabase_stranger login superuser"
    yield Mutant("roles", change, change, "supabase_stranger", mends=False)
    for setting, value in API_SETTINGS.items():
        change = f"alter role authenticator set pgrst.{setting} = '{value}'"
        yield Mutant("settings", change, change, "authenticator", needs_admin=True)
    for setting in ("log_statement = 'all'", "default_transaction_read_only = on"):
        change = f"alter role authenticator set {setting}"
        yield Mutant("settings", change, change, "authenticator", needs_admin=True)
    for name, (change, subject) in PLATFORM_DOORS.items():
        yield Mutant("strangers", name, change, subject, mends=False)
    incoming = "create subscription incoming connection 'dbname=other' publication theirs with (connect = false)"
    yield Mutant("strangers", incoming, incoming, "incoming", mends=False)


def publications(rules: Catalogue) -> Iterator[Mutant]:
    for name in rules.of("table"):
        add = f"alter publication supabase_realtime add table {name}"
        yield Mutant("publications", add, add, name)
    for change in ("create publication leak for all tables", "create publication leak for tables in schema public"):
        yield Mutant("publications", change, change, "publication leak", needs_admin=True)
    partly = "set local role postgres; create publication leak for table public.oracle_scrolls (id, question)"
    yield Mutant("publications", partly, partly, "public.oracle_scrolls")


ACCESS_MUTANTS = (
    policies,
    added_policies,
    table_grants,
    column_grants,
    revoked,
    other_grants,
    defaults,
    roles,
    platform,
    publications,
)
