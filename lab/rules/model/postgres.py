"""The shapes of what stands in the database: roles, functions, tables with everything inside them, and views."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lab.rules.model.rule import WRITTEN_AS_ID, Command, EraseAction, Id, PrivacyClass, Rule, Source, Sql, Title, Why


class Role(Rule):
    """A database role that rules speak of."""

    id: Id
    title: Title
    description: Why
    owned: bool = Field(description="True when our migrations create the role, false when Supabase brings it.")
    via_data_api: bool = Field(description="True when the Data API's authenticator may act as this role.")


RoleRef = Annotated[Role, WRITTEN_AS_ID]

OnDelete = Literal["restrict", "cascade", "set null"]
Volatility = Literal["immutable", "stable", "volatile"]
Timing = Literal["before", "after"]
Events = Literal["insert", "update", "delete", "truncate", "insert or update", "insert or update or delete"]


class Argument(Rule):
    """One argument of a database function."""

    name: Id
    type: Sql
    description: Why
    default: str | None = Field(default=None, description="SQL default, or none when the caller must say it.")


# Without pg_temp in the list Postgres looks for types and tables there first, where any login may make its own.
# Source: the Postgres documentation of search_path, and "Writing SECURITY DEFINER Functions Safely".
SEARCH_PATH = ("pg_catalog", "pg_temp")


class Function(Rule):
    """A function inside the database; its body is a file under sql/functions or derived from the rules."""

    id: Id
    db_schema: Literal["public", "wall"] = Field(description="public is reachable by the Data API, wall is not.")
    arguments: tuple[Argument, ...] = ()
    returns: Sql
    language: Literal["sql", "plpgsql"]
    volatility: Volatility
    definer: bool = Field(description="True when it runs with its owner's rights and so does its own checks.")
    execute: tuple[RoleRef, ...] = Field(description="Who may call it; nobody else, PUBLIC included.")
    why: Why
    exposed_because: str | None = Field(
        default=None,
        description="Why a definer function may be called by anon or authenticated; needed only then.",
    )
    stage: Literal["foundation", "functions"] = Field(
        default="functions",
        description="foundation functions exist before the tables that use them in checks and policies.",
    )
    search_path: tuple[str, ...] = Field(
        default=SEARCH_PATH, description="Schemas in which its body finds names without one, in this order."
    )
    derived: bool = Field(default=False, description="True when the body is written from the rules, not by hand.")
    stable_text: bool = Field(
        default=False, description="True when it prints values to hash them: pins time zone and bytea output."
    )

    @property
    def qualified(self) -> str:
        """Return schema and name, as SQL writes them."""
        return f"{self.db_schema}.{self.id}"

    @property
    def signature(self) -> str:
        """Return the qualified name with argument types, as grants and comments need it."""
        return f"{self.qualified}({', '.join(argument.type for argument in self.arguments)})"


FunctionRef = Annotated[Function, WRITTEN_AS_ID]


class ExternalTable(Rule):
    """A table that the platform owns and ours point at."""

    id: Id
    db_schema: Id
    key: Id

    @property
    def qualified(self) -> str:
        """Return schema and name, as SQL writes them."""
        return f"{self.db_schema}.{self.id}"


class Reference(Rule):
    """A foreign key from one column to another table's key, or from several that lead to one row together."""

    table: Annotated["Table | ExternalTable", WRITTEN_AS_ID]
    on_delete: OnDelete = "restrict"
    given: bool = Field(
        default=False, description="True when a gift that was accepted counts as its recipient's own here."
    )
    own_by: str | None = Field(
        default=None,
        description="What else keeps the row's subject to what is their own; by default the trigger that is derived.",
    )
    key: Id | None = Field(default=None, description="The column it leads to; none for the table's key.")
    along: tuple[tuple[Id, Id], ...] = Field(
        default=(), description="Columns that must match as well: this table's, and the other's."
    )

    @property
    def target_key(self) -> str:
        """Return the column of the other table that it leads to."""
        return self.key or (self.table.primary_key[0] if isinstance(self.table, Table) else self.table.key)


class Shared(Rule):
    """How a row stays for somebody else when the person in this column is erased."""

    when: Sql = Field(description="Condition over t, the row, and person, the one who is erased: somebody else has it.")
    sets: tuple[tuple[Id, Sql], ...] = Field(description="What is blanked or passed on then: column, new value.")
    why: Why


class Column(Rule):
    """One column, with the class that decides who sees it and what erasure does to it."""

    name: Id
    type: Sql
    privacy: PrivacyClass
    erase: EraseAction
    why: Why
    nullable: bool = False
    default: str | None = Field(default=None, description="SQL default.")
    identity: bool = Field(default=False, description="Numbered by the database alone.")
    references: Reference | None = None
    allowed: tuple[str, ...] = Field(default=(), description="The only values it may hold; empty for any.")
    form: str | None = Field(default=None, description="Regular expression that a text matches in full, or is empty.")
    closed_by: Id | None = Field(default=None, description="The table's check that leaves no room for free text.")
    starts: tuple[str, ...] = Field(default=(), description="States a new row may begin in; empty for any.")
    moves: tuple[tuple[str, str], ...] = Field(default=(), description="Legal moves from state to state.")
    fixed: bool = Field(default=False, description="Never changes once the row is written.")
    needed_in: tuple[str, ...] = Field(default=(), description="States of the row in which it must hold a value.")
    only_in: tuple[str, ...] = Field(default=(), description="The only states of the row in which it may hold a value.")
    set_in: tuple[str, ...] = Field(default=(), description="The only states in which it may be given a value.")
    filled_later: bool = Field(
        default=False, description="Names a person and may be empty at first; others that are blanked stay empty."
    )
    given_in: tuple[str, ...] = Field(
        default=(), description="The states in which its person has been given what it holds; empty for any."
    )
    once: bool = Field(default=False, description="Never changes once it holds a value.")
    cleared_in: tuple[str, ...] = Field(default=(), description="States in which what is written once may be emptied.")
    grows: bool = Field(default=False, description="A number that never gets smaller.")
    past: bool = Field(default=False, description="A moment that has come: not ahead, not before the row was written.")
    internal: bool = Field(default=False, description="Machinery: shown neither to the owner nor to the operator.")
    shared: Shared | None = Field(default=None, description="With delete_row: how the row stays for somebody else.")
    by_address: tuple[tuple[Id, Sql], ...] = Field(
        default=(), description="What becomes of a row of somebody else's that holds the erased person's address here."
    )
    stored_file: bool = Field(default=False, description="A path in storage; the file goes when the row is erased.")

    @property
    def names_subject(self) -> bool:
        """Tell whether the column holds the id of the person whose data the row is."""
        return self.references is not None and self.references.table.qualified == "auth.users"


class Check(Rule):
    """A named condition that every row must meet."""

    name: Id
    expression: Sql
    why: Why


class Index(Rule):
    """An index, with the query it serves."""

    columns: tuple[Id, ...] = ()
    expression: str | None = Field(default=None, description="What is indexed instead of columns, as SQL.")
    method: Literal["btree", "gin"] = "btree"
    serves: Why
    unique: bool = False
    where: str | None = Field(default=None, description="Predicate of a partial index.")
    nulls_distinct: bool = Field(default=True, description="False when two nulls count as the same value.")
    name: Id


class PayloadField(Rule):
    """A key that is kept of somebody else's message, and the form of its value; null is always allowed."""

    path: str = Field(pattern=r"^[a-z_]+(\[\])?(\.[a-z_]+(\[\])?)*$", description="Keys from the outside in.")
    kind: Literal["string", "number", "boolean", "object", "array", "type"] = Field(
        description="What JSON calls it; type is a string that is one of Stripe's types of events."
    )
    form: str | None = Field(default=None, description="Regular expression that the value matches in full.")


class Phrase(Rule):
    """Words that the shop has approved for everybody to read."""

    kind: Literal["title", "line", "symbol", "palette"] = Field(description="The place on a card that it is for.")
    name: Id
    locale: str = Field(description="Language of the words, BCP 47.")
    version: int = Field(ge=1, description="Counts up when the words change; older cards keep theirs.")
    words: str = Field(min_length=1, max_length=140, description="What the card says, word for word.")

    @property
    def id(self) -> str:
        """Return what names this wording among all."""
        return f"{self.kind}_{self.name}_{self.locale}_{self.version}"


class Policy(Rule):
    """A row-level-security policy: which rows one role may touch with one command."""

    name: Id
    command: Command
    role: RoleRef
    using: str | None = Field(default=None, description="Rows that may be seen or changed.")
    with_check: str | None = Field(default=None, description="Rows that may be written.")
    why: Why


class Grant(Rule):
    """A table privilege for one role."""

    role: RoleRef
    commands: tuple[Command, ...]
    columns: tuple[Id, ...] = Field(default=(), description="Only these columns; empty for the whole table.")
    why: Why


class Trigger(Rule):
    """A trigger that enforces a rule against every role; always enabled, replication included."""

    name: Id
    timing: Timing
    events: Events
    columns: tuple[Id, ...] = Field(
        default=(), description="An update counts only when its statement names one of these; empty for any."
    )
    level: Literal["row", "statement"] = "row"
    when: str | None = Field(default=None, description="Condition over old and new.")
    function: FunctionRef
    arguments: tuple[str, ...] = ()
    deferred: bool = Field(default=False, description="True when it runs as its transaction commits; after, by row.")
    why: Why

    @model_validator(mode="after")
    def _only_what_postgres_takes(self) -> Self:
        """Refuse what Postgres cannot defer, and columns where no update can name them."""
        if self.deferred and (self.timing, self.level) != ("after", "row"):
            raise ValueError(f"trigger {self.name}: only a row trigger that runs after the write can be deferred")
        if self.columns and self.events not in ("update", "insert or update"):
            raise ValueError(f"trigger {self.name}: only an update names columns, not {self.events}")
        return self

    @property
    def moment(self) -> str:
        """Return when it runs, as SQL writes it, such as before insert or update of status."""
        return f"{self.timing} {self.events}{' of ' if self.columns else ''}{', '.join(self.columns)}"


class Table(Rule):
    """A table with everything inside it: columns, keys, indexes, policies, grants and triggers."""

    id: Id
    title: Title
    description: Why
    loss: Why = Field(description="What would be lost if the table did not exist.")
    columns: tuple[Column, ...]
    primary_key: tuple[Id, ...]
    checks: tuple[Check, ...] = ()
    indexes: tuple[Index, ...] = ()
    policies: tuple[Policy, ...] = ()
    grants: tuple[Grant, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    storage: tuple[str, ...] = Field(default=(), description="Storage parameters, as name=value.")
    quotes_no_text: str | None = Field(
        default=None,
        description="Why a refused row may be quoted: no role but the owner writes text into it. None where one may.",
    )
    by_migration: bool = Field(default=False, description="True when only migrations add rows: the rules' own words.")
    source: Source

    @property
    def qualified(self) -> str:
        """Return schema and name, as SQL writes them."""
        return f"public.{self.id}"

    @property
    def state(self) -> Column | None:
        """Return the column that holds the row's state, when it moves through states."""
        return next((column for column in self.columns if column.moves), None)

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises:
            KeyError: The table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.qualified} has no column {name}")


TableRef = Annotated[Table, WRITTEN_AS_ID]


class View(Rule):
    """A narrow view in a schema that the Data API does not expose, for one role."""

    name: Id
    db_schema: Literal["operations", "ai"]
    role: RoleRef
    body: Sql
    why: Why

    @property
    def qualified(self) -> str:
        """Return schema and name, as SQL writes them."""
        return f"{self.db_schema}.{self.name}"
