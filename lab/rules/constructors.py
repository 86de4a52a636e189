"""Constructors of rules, so that the files of rules stay short and read as descriptions."""

from collections.abc import Iterable
from itertools import combinations
from typing import Protocol, Unpack

from lab.rules.currencies import CURRENCIES
from lab.rules.model import (
    Check,
    Column,
    Command,
    Consent,
    ConsentNeed,
    Criterion,
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
    Severity,
    Shared,
    Table,
    TableNeed,
    Trigger,
)
from lab.rules.options import ColumnOptions, NullableOptions, ReferenceOptions, SharedColumns
from lab.rules.roles import authenticated, service_role

ROW = EraseAction.DELETE_ROW
NULL = EraseAction.SET_NULL
KEEP = EraseAction.KEEP

SELECT, INSERT, UPDATE = Command.SELECT, Command.INSERT, Command.UPDATE


class Named(Protocol):
    """A rule with an id."""

    @property
    def id(self) -> str:
        """Return the id."""
        ...


auth_users = ExternalTable(id="users", db_schema="auth", key="id")


def column(privacy: PrivacyClass, name: str, type: str, why: str, erase: EraseAction, options: ColumnOptions) -> Column:
    """Declare a column of the given class; options are the other fields of Column."""
    return Column(name=name, type=type, privacy=privacy, erase=erase, why=why, **options)


def secret(name: str, type: str, why: str, *, erase: EraseAction, **options: Unpack[ColumnOptions]) -> Column:
    """Declare a column that only its owner may read."""
    return column(PrivacyClass.SECRET, name, type, why, erase, options)


def personal(name: str, type: str, why: str, *, erase: EraseAction, **options: Unpack[ColumnOptions]) -> Column:
    """Declare a column with personal data: its owner and the one job that needs it may read it."""
    return column(PrivacyClass.PERSONAL, name, type, why, erase, options)


def financial(name: str, type: str, why: str, *, erase: EraseAction, **options: Unpack[ColumnOptions]) -> Column:
    """Declare a column about money: its owner and the operator may read it."""
    return column(PrivacyClass.FINANCIAL, name, type, why, erase, options)


def operational(name: str, type: str, why: str, *, erase: EraseAction, **options: Unpack[ColumnOptions]) -> Column:
    """Declare a column about operations: the operator may read it."""
    return column(PrivacyClass.OPERATIONAL, name, type, why, erase, options)


def public(name: str, type: str, why: str, *, erase: EraseAction, **options: Unpack[ColumnOptions]) -> Column:
    """Declare a column that anybody with the link may read while the consent is valid."""
    return column(PrivacyClass.PUBLIC, name, type, why, erase, options)


def key(*, erase: EraseAction) -> Column:
    """Declare the random primary key of a table."""
    why = "Random uuid. It reveals neither the person nor the order of the rows."
    return operational("id", "uuid", why, erase=erase, default="gen_random_uuid()", fixed=True)


def number(*, erase: EraseAction) -> Column:
    """Declare the ascending primary key of a table that is read in the order of writing."""
    why = "Ascending number, set by the database. Gaps are normal."
    return operational("id", "bigint", why, erase=erase, identity=True, fixed=True)


def stripe_key(form: str, what: str, *, erase: EraseAction) -> Column:
    """Declare the primary key that Stripe gives; the same object is one row."""
    return financial("id", "text", f"Stripe's {what} id.", erase=erase, fixed=True, form=form)


def stripe_state(states: tuple[str, ...], *, erase: EraseAction) -> Column:
    """Declare a state at Stripe that only moves forward in the order of its states, and may start in any."""
    moves = tuple(combinations(states, 2))
    return operational("status", "text", "State at Stripe.", erase=erase, allowed=states, starts=states, moves=moves)


def stamp(name: str, why: str, *, erase: EraseAction, **options: Unpack[NullableOptions]) -> Column:
    """Declare a nullable time, which may be in the future."""
    return operational(name, "timestamptz", why, erase=erase, nullable=True, **options)


def created(*, erase: EraseAction) -> Column:
    """Declare the time a row was written."""
    why = "When the row was written; set by the database."
    return operational("created_at", "timestamptz", why, erase=erase, default="now()", fixed=True)


def money(name: str, why: str, *, erase: EraseAction, **options: Unpack[ColumnOptions]) -> Column:
    """Declare an amount in the currency's smallest unit (cents for EUR)."""
    return financial(name, "bigint", why, erase=erase, **options)


def currency(*, erase: EraseAction) -> Column:
    """Declare the currency of a row's amounts: one that the shop accepts."""
    return financial(
        "currency",
        "text",
        "Currency of the amounts, as an ISO 4217 code in lower case.",
        erase=erase,
        allowed=ids(CURRENCIES),
        fixed=True,
    )


def subject(why: str, *, erase: EraseAction, name: str = "subject_id", **options: Unpack[ReferenceOptions]) -> Column:
    """Declare the column with the person whom the row belongs to."""
    return operational(name, "uuid", why, erase=erase, references=Reference(table=auth_users), **options)


def shared(when: str, why: str, **sets: Unpack[SharedColumns]) -> Shared:
    """Declare how a row stays for another person after an erasure, with the columns that change as column=value."""
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
    **options: Unpack[ReferenceOptions],
) -> Column:
    """Declare a foreign key; its type is that of the other table's key."""
    reference = Reference(table=table, on_delete=on_delete, given=given, own_by=own_by)
    kind = table.column(table.primary_key[0]).type
    return operational(name, kind, why, erase=erase, references=reference, **options)


def phrase_kind(slot: str, kind: str, *, erase: EraseAction) -> Column:
    """Declare the constant column that limits a slot's foreign key to phrases of one kind."""
    why = f"Always {kind}: the {slot} is a phrase of this kind."
    options = NullableOptions(default=f"'{kind}'", allowed=(kind,), fixed=True, internal=True)
    return operational(f"{slot}_kind", "text", why, erase=erase, **options)


def phrase_slot(slot: str, phrases: Table, why: str, *, erase: EraseAction) -> Column:
    """Declare a place on a card that holds one approved phrase in the card's language."""
    reference = Reference(table=phrases, key="words", along=(("locale", "locale"), (f"{slot}_kind", "kind")))
    return public(slot, "text", why, erase=erase, references=reference)


def check(name: str, expression: str, why: str) -> Check:
    """Declare a condition that every row must meet."""
    return Check(name=name, expression=expression, why=why)


def index(name: str, *columns: str, serves: str, where: str | None = None) -> Index:
    """Declare an index, with the query that it serves."""
    return Index(name=name, columns=columns, serves=serves, where=where)


def unique(name: str, *columns: str, serves: str, where: str | None = None, nulls_distinct: bool = True) -> Index:
    """Declare a unique index."""
    return Index(name=name, columns=columns, serves=serves, where=where, unique=True, nulls_distinct=nulls_distinct)


def words_index(table: str, column: str, *, digests: str = "word_digests") -> Index:
    """Declare the index that finds a person's words in an AI's answer to somebody else; JSON has its own digests."""
    return Index(
        name=f"{table}_{column}_words",
        expression=f"wall.{digests}({column}, false)",
        method="gin",
        serves="Finds out whether an AI repeats these words to another person.",
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
    """Declare a row trigger that runs before the write and may refuse or complete the row.

    Args:
        name: Its name; triggers of one moment run in the order of their names.
        events: The commands that it runs for.
        function: The function that it runs.
        why: What it enforces, as a sentence for people.
        arguments: The function's arguments.
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
    """Declare a row trigger that runs after the write, in the same transaction; arguments as of `before`."""
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
    """Declare a row trigger that runs at the commit of its transaction, after every write."""
    return after(name, events, function, why, *arguments, of=of, when=when, deferred=True)


def owner_reads(
    table: str,
    subject_column: str = "subject_id",
    *,
    also: str = "",
    why: str = "Signed-in people read only their own rows.",
) -> Policy:
    """Declare that a signed-in person reads their own rows; `also` extends or narrows the condition."""
    mine = f"(select auth.uid()) is not null and {subject_column} = (select auth.uid()){also}"
    return Policy(
        name=f"owner_reads_{table}",
        command=SELECT,
        role=authenticated,
        using=mine,
        why=why,
    )


def owner_select() -> Grant:
    """Declare that signed-in people may read the table within its policies."""
    return Grant(
        role=authenticated,
        commands=(SELECT,),
        why="Signed-in people may read this table; the policy limits them to their own rows.",
    )


def server(*commands: Command, why: str) -> Grant:
    """Declare what the site's own server may do to a table; DELETE is never granted."""
    return Grant(role=service_role, commands=commands, why=why)


def needs_table(table: Table, why: str) -> TableNeed:
    """Declare that a layer or channel needs a table."""
    return TableNeed(table=table, why=why)


def needs_consent(consent: Consent, why: str) -> ConsentNeed:
    """Declare that a layer or channel needs a consent."""
    return ConsentNeed(consent=consent, why=why)


def criterion(
    id: str, severity: Severity, chapter: int, title: str, why: str, decide: str, *, example: str = "", accept: str = ""
) -> Criterion:
    """Declare what must hold on a target, why, what a person does if it does not, and when that may be accepted."""
    return Criterion(
        id=id,
        severity=severity,
        chapter=chapter,
        title=title,
        why=why,
        decide=decide,
        example=example,
        accept=accept,
    )


def taken_back_from(*states: str, to: str) -> Column:
    """Declare the column that keeps the state from which a refund or a lost dispute took a row back.

    Args:
        states: The states from which rows are taken back.
        to: The state to which they are taken.
    """
    return operational(
        "taken_back_from",
        "text",
        "State before a refund or a lost dispute took it back. Null when neither did, and once it is given back.",
        erase=ROW,
        nullable=True,
        allowed=states,
        only_in=(to,),
    )


def legs(jobs: tuple[Job, ...]) -> str:
    """Return the SQL condition that a job's leg is one of its channel's."""
    pairs = ",".join(f"{job.id} {leg}" for job in jobs for leg in job.legs)
    return f"channel || ' ' || leg = any ('{{{pairs}}}')"


def ids(rules: Iterable[Named]) -> tuple[str, ...]:
    """Return the ids of rules, for use as allowed values."""
    return tuple(rule.id for rule in rules)
