"""Compares the primary key of the platform's accounts, which declared foreign keys reference."""

from lab.checks.schema.aspects import FOLLOWS
from lab.checks.schema.kind import Aspect, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import HIGH

ACCOUNTS = "auth.users"

KIND = Kind(
    name="platform_key",
    plural="keys of the platform",
    title="The accounts have no key that foreign keys can reference",
    means=(
        "The accounts have no primary key, so no foreign key can reference them. Rows without an account are possible."
    ),
    example="alter table auth.users drop constraint users_pkey cascade;",
    accept="Never: ask the platform's support at once.",
    query=read_query("platform_key"),
    say=lambda facts: "a primary key or another unique key",
    family="schema",
    stage=5,
    missing=Aspect(
        severity=HIGH,
        title=lambda change: f"{ACCOUNTS} has no primary key",
        why=(
            "Without it no foreign key can reference an account. Rows without an account can be written, and an account "
            "can be deleted while its rows stay."
        ),
        decide=(
            "The platform owns this table. Ask its owner, or the platform's support, to run: alter table auth.users add "
            "constraint users_pkey primary key (id); Then check again: missing foreign keys are reported only after "
            "that."
        ),
    ),
    extra=None,
    aspects={"unique": FOLLOWS},
    subject=lambda change: ACCOUNTS,
)
