"""The migrations: one file for each stage, named and ordered as the Supabase command line expects them."""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

from pydantic import BaseModel, ConfigDict

from lab.rules import RULES
from lab.rules.derived import quote
from lab.rules.model import Consent, Phrase
from lab.sql.access import (
    access_statements,
    default_privilege_statements,
    operator_view,
    role_statements,
    schema_statements,
    trigger_statements,
    view_statements,
)
from lab.sql.functions import function_statements
from lab.sql.tables import table_statements


class Migration(BaseModel):
    """One migration file."""

    model_config = ConfigDict(frozen=True)

    version: str
    name: str
    text: str

    @property
    def file_name(self) -> str:
        """Return the name of its file, as the Supabase command line reads it."""
        return f"{self.version}_{self.name}.sql"

    @property
    def checksum(self) -> str:
        """Return the SHA-256 of its text."""
        return sha256(self.text.encode()).hexdigest()


def _section(title: str, statements: Iterable[str]) -> str:
    return f"-- {title}\n\n" + "\n\n".join(statements)


@lru_cache(maxsize=1)
def make_migrations() -> tuple[Migration, ...]:
    """Return all migrations, in order. Deterministic: the same rules always give the same text."""
    stages = (
        ("foundation", "Schemas, roles and what constraints ask. Nothing is granted by itself.", _foundation()),
        ("tables", "Every table with its constraints, indexes and comments; closed to everybody so far.", _tables()),
        ("functions", "The law inside the database, and the doors the site's server calls it through.", _functions()),
        ("triggers", "What enforces the law against every role, replicas and owners included.", _triggers()),
        ("access", "Policies and grants: who may do what, and to which rows.", _access()),
        ("views", "Narrow views for the operator and the AI worker.", _views()),
        (
            "wording",
            "The rows that every database begins with: its key, the wordings, and what a card says.",
            _wording(),
        ),
    )
    return tuple(
        Migration(version=f"202611220001{place:02}", name=name, text=f"-- {why}\n\n" + "\n\n".join(sections) + "\n")
        for place, (name, why, sections) in enumerate(stages, start=1)
    )


def whole_sql() -> str:
    """Return the whole schema as one script."""
    return "\n".join(f"-- {m.file_name}\n{m.text}" for m in make_migrations())


def _foundation() -> list[str]:
    functions = [f for f in RULES.functions if f.stage == "foundation"]
    return [
        _section("Roles", [s for role in RULES.roles for s in role_statements(role)]),
        _section("Schemas", schema_statements()),
        _section("No automatic grants", default_privilege_statements()),
        *(_section(function.qualified, function_statements(function)) for function in functions),
    ]


def _tables() -> list[str]:
    return [_section(table.title, table_statements(table)) for table in RULES.tables]


def _functions() -> list[str]:
    functions = [f for f in RULES.functions if f.stage == "functions"]
    return [_section(function.qualified, function_statements(function)) for function in functions]


def _triggers() -> list[str]:
    tables = [(table, trigger_statements(table)) for table in RULES.tables]
    return [_section(table.title, statements) for table, statements in tables if statements]


def _access() -> list[str]:
    tables = [(table, access_statements(table)) for table in RULES.tables]
    return [_section(table.title, statements) for table, statements in tables if statements]


def _views() -> list[str]:
    views = (*(operator_view(table) for table in RULES.tables), *RULES.views)
    return [_section(view.qualified, view_statements(view)) for view in views]


def _wording() -> list[str]:
    key = "insert into public.erasure_keys (id) values (1)\non conflict (id) do nothing;"
    notices = [_section(consent.title, [notice_statement(consent)]) for consent in RULES.consents]
    phrases = _section("What a share-card can say", map(phrase_statement, RULES.phrases))
    return [_section("The key of tombstones, random in each database", [key]), *notices, phrases]


def notice_statement(consent: Consent) -> str:
    """Return the statement that records the wording of a consent, once for each version."""
    return (
        "insert into public.consent_notices (purpose, version, locale, body)\n"
        f"values ({quote(consent.id)}, {consent.version}, {quote(consent.locale)}, {quote(consent.question)})\n"
        "on conflict (purpose, version, locale) do nothing;"
    )


def phrase_statement(phrase: Phrase) -> str:
    """Return the statement that adds an approved phrase, once for each version."""
    return (
        "insert into public.card_phrases (kind, name, locale, version, words)\n"
        f"values ({quote(phrase.kind)}, {quote(phrase.name)}, {quote(phrase.locale)}, {phrase.version}, "
        f"{quote(phrase.words)})\n"
        "on conflict (kind, name, locale, version) do nothing;"
    )


@lru_cache(maxsize=1)
def fingerprint_schema() -> str:
    """Return a digest of the SQL of all that the rules make; wordings and phrases are rows, and not part of it."""
    checksums = (migration.checksum for migration in make_migrations() if migration.name != "wording")
    return sha256("".join(checksums).encode()).hexdigest()
