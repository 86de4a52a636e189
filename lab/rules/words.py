"""Constructors named by meaning, so that a rules file reads as a description and not as plumbing."""

from collections.abc import Sequence
from typing import Unpack

from lab.rules.currencies import CURRENCIES
from lab.rules.model import (
    Answer,
    Argument,
    BriefField,
    Check,
    Column,
    Command,
    Consent,
    ConsentNeed,
    Criterion,
    Currency,
    EraseAction,
    Events,
    ExternalTable,
    Function,
    Grant,
    Index,
    Job,
    OnDelete,
    Policy,
    PrivacyClass,
    Reference,
    Role,
    Severity,
    Shared,
    Table,
    TableNeed,
    Trigger,
    Volatility,
)
from lab.rules.options import ColumnOptions, MomentOptions, PointerOptions, SharedColumns
from lab.rules.roles import authenticated, service_role

ROW = EraseAction.DELETE_ROW
NULL = EraseAction.SET_NULL
KEEP = EraseAction.KEEP

SELECT, INSERT, UPDATE = Command.SELECT, Command.INSERT, Command.UPDATE

auth_users = ExternalTable(id="users", db_schema="auth", key="id")


def column(privacy: PrivacyClass, name: str, type: str, why: str, erase: EraseAction, options: ColumnOptions) -> Column:
    """Declare a column of the given class; options are the other fields of Column."""
    return Column(name=name, type=type, privacy=privacy, erase=erase, why=why, **options)


def secret(name: str, type: str, why: str, *, erase: EraseAction, **options: Unpack[ColumnOptions]) -> Column:
    """Declare a column for its owner's eyes alone."""
    return column(PrivacyClass.SECRET, name, type, why, erase, options)


def personal(name: str, type: str, why: str, *, erase: EraseAction, **options: Unpack[ColumnOptions]) -> Column:
    """Declare a column about a person: its owner and the one job that needs it may see it."""
    return column(PrivacyClass.PERSONAL, name, type, why, erase, options)


def financial(name: str, type: str, why: str, *, erase: EraseAction, **options: Unpack[ColumnOptions]) -> Column:
    """Declare a column about money: its owner and the operator may see it."""
    return column(PrivacyClass.FINANCIAL, name, type, why, erase, options)


def operational(name: str, type: str, why: str, *, erase: EraseAction, **options: Unpack[ColumnOptions]) -> Column:
    """Declare a column that runs the shop: the operator may see it."""
    return column(PrivacyClass.OPERATIONAL, name, type, why, erase, options)


def public(name: str, type: str, why: str, *, erase: EraseAction, **options: Unpack[ColumnOptions]) -> Column:
    """Declare a column that anybody who holds the link may see, while the consent stands."""
    return column(PrivacyClass.PUBLIC, name, type, why, erase, options)


def key(*, erase: EraseAction) -> Column:
    """Declare the random primary key of a table."""
    why = "Random key; says nothing about the person or the order of things."
    return operational("id", "uuid", why, erase=erase, default="gen_random_uuid()", fixed=True)


def number(*, erase: EraseAction) -> Column:
    """Declare the counted primary key of a table that is read in the order of writing."""
    why = "Counts up in the order of writing; gaps are normal."
    return operational("id", "bigint", why, erase=erase, identity=True, fixed=True)


def stamp(name: str, why: str, *, erase: EraseAction, **options: Unpack[MomentOptions]) -> Column:
    """Declare a moment in time that may still lie ahead."""
    return operational(name, "timestamptz", why, erase=erase, nullable=True, **options)


def created(*, erase: EraseAction) -> Column:
    """Declare the moment a row was written."""
    why = "When the row was written, by the database's clock."
    return operational("created_at", "timestamptz", why, erase=erase, default="now()", fixed=True)


def money(name: str, why: str, *, erase: EraseAction, **options: Unpack[ColumnOptions]) -> Column:
    """Declare an amount in the currency's smallest unit (cents for EUR)."""
    return financial(name, "bigint", why, erase=erase, **options)


def currency(*, erase: EraseAction) -> Column:
    """Declare the currency of a row's amounts: one of those that the shop takes."""
    return financial("currency", "text", "ISO 4217 code, lower case.", erase=erase, allowed=ids(CURRENCIES), fixed=True)


def subject(why: str, *, erase: EraseAction, name: str = "subject_id", **options: Unpack[PointerOptions]) -> Column:
    """Declare the column that holds the person whose data the row is."""
    return operational(name, "uuid", why, erase=erase, references=Reference(table=auth_users), **options)


def shared(when: str, why: str, **sets: Unpack[SharedColumns]) -> Shared:
    """Declare how a row stays for somebody else: what is blanked or passed on, as column=value."""
    return Shared(when=when, sets=tuple((name, str(value)) for name, value in sets.items()), why=why)


def ref(
    name: str,
    table: Table,
    why: str,
    *,
    erase: EraseAction,
    on_delete: OnDelete = "restrict",
    given: bool = False,
    own_by: str | None = None,
    **options: Unpack[PointerOptions],
) -> Column:
    """Declare a foreign key; its type is that of the other table's key."""
    reference = Reference(table=table, on_delete=on_delete, given=given, own_by=own_by)
    kind = table.column(table.primary_key[0]).type
    return operational(name, kind, why, erase=erase, references=reference, **options)


def phrase_kind(slot: str, kind: str, *, erase: EraseAction) -> Column:
    """Declare the constant that lets a slot's foreign key ask for phrases of one kind alone."""
    why = f"Constant: the {slot} is a phrase of this kind."
    options = MomentOptions(default=f"'{kind}'", allowed=(kind,), fixed=True, internal=True)
    return operational(f"{slot}_kind", "text", why, erase=erase, **options)


def phrase_slot(slot: str, phrases: Table, why: str, *, erase: EraseAction) -> Column:
    """Declare a place on a card that holds an approved phrase, in the card's language, and no other word."""
    reference = Reference(table=phrases, key="words", along=(("locale", "locale"), (f"{slot}_kind", "kind")))
    return public(slot, "text", why, erase=erase, references=reference)


def check(name: str, expression: str, why: str) -> Check:
    """Declare a condition that every row must meet."""
    return Check(name=name, expression=expression, why=why)


def index(name: str, *columns: str, serves: str, where: str | None = None) -> Index:
    """Declare an index for the query it serves."""
    return Index(name=name, columns=columns, serves=serves, where=where)


def unique(name: str, *columns: str, serves: str, where: str | None = None, nulls_distinct: bool = True) -> Index:
    """Declare a unique index."""
    return Index(name=name, columns=columns, serves=serves, where=where, unique=True, nulls_distinct=nulls_distinct)


def words_index(table: str, column: str, *, digests: str = "word_digests") -> Index:
    """Declare the index by which another person's words are found in what an AI wrote; JSON has its own digests."""
    return Index(
        name=f"{table}_{column}_words",
        expression=f"wall.{digests}({column}, false)",
        method="gin",
        serves="Whether an AI repeats these words to somebody else.",
    )


def argument(name: str, type: str, description: str, default: str | None = None) -> Argument:
    """Declare one argument of a function."""
    return Argument(name=name, type=type, description=description, default=default)


def trigger_function(id: str, why: str, *, stable_text: bool = False, derived: bool = False) -> Function:
    """Declare a trigger function: runs with its owner's rights, called by nobody."""
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
    """Declare a function that other functions call: runs with its owner's rights, and no role may call it."""
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


def before(
    name: str,
    events: Events,
    function: Function,
    why: str,
    *arguments: str,
    of: tuple[str, ...] = (),
    when: str | None = None,
) -> Trigger:
    """Declare a row trigger that may still refuse or complete the row.

    Args:
        name: Its name; triggers of one moment run in the order of their names.
        events: The commands that it follows.
        function: What it runs.
        why: What it keeps, for people.
        arguments: What the function is given.
        of: The columns that an update must name; empty for any.
        when: Condition over old and new.
    """
    return Trigger(
        name=name,
        timing="before",
        events=events,
        columns=of,
        function=function,
        why=why,
        arguments=arguments,
        when=when,
    )


def after(
    name: str,
    events: Events,
    function: Function,
    why: str,
    *arguments: str,
    of: tuple[str, ...] = (),
    when: str | None = None,
    deferred: bool = False,
) -> Trigger:
    """Declare a row trigger that acts on what was written, in the same transaction; arguments as of `before`."""
    return Trigger(
        name=name,
        timing="after",
        events=events,
        columns=of,
        function=function,
        why=why,
        arguments=arguments,
        when=when,
        deferred=deferred,
    )


def at_commit(
    name: str,
    events: Events,
    function: Function,
    why: str,
    *arguments: str,
    of: tuple[str, ...] = (),
    when: str | None = None,
) -> Trigger:
    """Declare a row trigger that runs as its transaction commits, when nothing can be written after it."""
    return after(name, events, function, why, *arguments, of=of, when=when, deferred=True)


def owner_reads(table: str, subject_column: str = "subject_id", *, also: str = "") -> Policy:
    """Declare that a signed-in person reads the rows that are theirs."""
    mine = f"(select auth.uid()) is not null and {subject_column} = (select auth.uid()){also}"
    return Policy(
        name=f"owner_reads_{table}",
        command=SELECT,
        role=authenticated,
        using=mine,
        why="A signed-in person sees their own rows and nobody else's.",
    )


def owner_select() -> Grant:
    """Declare that signed-in people may read the table, as far as its policies let them."""
    return Grant(
        role=authenticated,
        commands=(SELECT,),
        why="The owner reads their own rows; the policy decides which.",
    )


def server(*commands: Command, why: str) -> Grant:
    """Declare what the site's own server may do to a table; DELETE is never among it."""
    return Grant(role=service_role, commands=commands, why=why)


def keeps(table: Table, why: str) -> TableNeed:
    """Declare that a layer or channel brings a table."""
    return TableNeed(table=table, why=why)


def asks(consent: Consent, why: str) -> ConsentNeed:
    """Declare that a layer or channel waits for a consent."""
    return ConsentNeed(consent=consent, why=why)


def criterion(id: str, severity: Severity, chapter: int, title: str, why: str, decide: str) -> Criterion:
    """Declare what must hold on a target, why, and what a person does when it does not."""
    return Criterion(id=id, severity=severity, chapter=chapter, title=title, why=why, decide=decide)


def legs(jobs: tuple[Job, ...]) -> str:
    """Return the condition that a job has a leg of its channel."""
    pairs = ",".join(f"{job.id} {leg}" for job in jobs for leg in job.legs)
    return f"channel || ' ' || leg = any ('{{{pairs}}}')"


def ids(rules: Sequence[Answer | BriefField | Consent | Currency | Job | Role | Table]) -> tuple[str, ...]:
    """Return the ids of rules, to be used as allowed values."""
    return tuple(rule.id for rule in rules)
