"""Models of database objects: roles, functions, tables with everything inside them, and views."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lab.rules.model.rule import WRITTEN_AS_ID, Command, EraseAction, Id, PrivacyClass, Rule, Source, Sql, Title, Why


class Role(Rule):
    """A database role that rules refer to."""

    id: Id
    title: Title
    description: Why
    owned: bool = Field(description="True when our migrations create the role, false when Supabase does.")
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
    default: str | None = Field(default=None, description="SQL default; none when the argument is required.")


# If pg_temp is not listed, Postgres searches it first for types and tables, and any login may create some there.
# Source: the Postgres documentation of search_path, and "Writing SECURITY DEFINER Functions Safely".
SEARCH_PATH = ("pg_catalog", "pg_temp")


class Function(Rule):
    """A database function; its body is a file under sql/functions or derived from the rules."""

    id: Id
    db_schema: Literal["public", "wall"] = Field(description="The Data API exposes public, but not wall.")
    arguments: tuple[Argument, ...] = ()
    returns: Sql
    language: Literal["sql", "plpgsql"]
    volatility: Volatility
    definer: bool = Field(
        description="True when it runs with its owner's rights, so that it must check its caller itself."
    )
    execute: tuple[RoleRef, ...] = Field(
        description="The roles that may call it; no other role may, not even through PUBLIC."
    )
    why: Why
    exposed_because: str | None = Field(
        default=None,
        description="Why anon or authenticated may call a definer function; required only then.",
    )
    stage: Literal["foundation", "functions"] = Field(
        default="functions",
        description="Functions of the stage foundation are created before the tables, whose checks and policies use them.",
    )
    search_path: tuple[str, ...] = Field(
        default=SEARCH_PATH, description="Its search_path: the schemas of unqualified names, in this order."
    )
    derived: bool = Field(default=False, description="True when its body is generated from the rules.")
    stable_text: bool = Field(
        default=False,
        description="True when it hashes values as text, so that it needs a fixed time zone and bytea output.",
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
    """A table of the platform that our tables refer to."""

    id: Id
    db_schema: Id
    key: Id

    @property
    def qualified(self) -> str:
        """Return schema and name, as SQL writes them."""
        return f"{self.db_schema}.{self.id}"


class Reference(Rule):
    """A foreign key from one column, or from several together, to another table."""

    table: Annotated["Table | ExternalTable", WRITTEN_AS_ID]
    on_delete: OnDelete = "restrict"
    given: bool = Field(default=False, description="True when an accepted gift counts as its recipient's own here.")
    own_by: str | None = Field(
        default=None,
        description="What ensures that the row refers only to rows of the same person; by default a derived trigger does.",
    )
    key: Id | None = Field(default=None, description="The column that it refers to; none for the table's key.")
    along: tuple[tuple[Id, Id], ...] = Field(
        default=(), description="Further pairs of columns that must match: this table's, and the other's."
    )

    @property
    def target_key(self) -> str:
        """Return the column of the other table that it refers to."""
        return self.key or (self.table.primary_key[0] if isinstance(self.table, Table) else self.table.key)


class Shared(Rule):
    """How a row stays for another person when the person in this column is erased."""

    when: Sql = Field(description="Condition under which the row stays, over the row t and the erased person.")
    sets: tuple[tuple[Id, Sql], ...] = Field(description="The columns that change then, with their new values.")
    why: Why


class Column(Rule):
    """A column, with the privacy class that decides who may read it, and what an erasure does to it."""

    name: Id
    type: Sql
    privacy: PrivacyClass
    erase: EraseAction
    why: Why
    nullable: bool = False
    default: str | None = Field(default=None, description="SQL default.")
    identity: bool = Field(default=False, description="True when only the database sets it, as an identity column.")
    generated: Sql | None = Field(
        default=None, description="Expression over the row's other columns from which the database sets it."
    )
    references: Reference | None = None
    allowed: tuple[str, ...] = Field(
        default=(),
        description="The only values it may hold; empty for any. A check of its own lists them, unless closed_by or compared_by is given.",
    )
    form: str | None = Field(default=None, description="Regular expression that a text matches in full, or is empty.")
    closed_by: Id | None = Field(default=None, description="Name of the table's check that excludes free text.")
    set_by: Id | None = Field(default=None, description="Name of the trigger that sets it, whatever the writer sent.")
    compared_by: Id | None = Field(
        default=None,
        description="Name of the trigger that refuses every value but that of a row which passed the check of allowed values.",
    )
    starts: tuple[str, ...] = Field(default=(), description="States in which a new row may start; empty for any.")
    moves: tuple[tuple[str, str], ...] = Field(default=(), description="Allowed moves from one state to another.")
    usual_moves: tuple[tuple[str, str], ...] = Field(
        default=(),
        description="Moves of many rows at once: the trigger's condition allows them, which costs less for many rows than calling its function, and more for one.",
    )
    fixed: bool = Field(default=False, description="True when it never changes once the row is written.")
    needed_in: tuple[str, ...] = Field(default=(), description="States of the row in which it must hold a value.")
    only_in: tuple[str, ...] = Field(default=(), description="The only states of the row in which it may hold a value.")
    set_in: tuple[str, ...] = Field(default=(), description="The only states in which it may be given a value.")
    filled_later: bool = Field(
        default=False,
        description="True when it names a person and may be null at first; other columns that an erasure sets to null are never set later.",
    )
    given_in: tuple[str, ...] = Field(
        default=(), description="States in which the person can read its value; empty for any."
    )
    once: bool = Field(default=False, description="True when it never changes once it holds a value.")
    cleared_in: tuple[str, ...] = Field(
        default=(), description="With once: states in which it may be set to null again."
    )
    grows: bool = Field(default=False, description="True for a number that never decreases.")
    past: bool = Field(
        default=False, description="True for a time that is neither in the future nor before the row was written."
    )
    ahead: bool = Field(
        default=False, description="True for a time that usually lies in the future: a plan, or the end of a lease."
    )
    internal: bool = Field(default=False, description="True when neither the owner nor the operator may read it.")
    shared: Shared | None = Field(default=None, description="With delete_row: how the row stays for another person.")
    by_address: tuple[tuple[Id, Sql], ...] = Field(
        default=(),
        description="What changes in another person's row that holds the erased person's address here: column, new value.",
    )
    stored_file: bool = Field(
        default=False, description="True for a path in storage, whose file is deleted when the row is erased."
    )

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
    """An index, with the query that it serves."""

    columns: tuple[Id, ...] = ()
    expression: str | None = Field(default=None, description="Indexed SQL expression, instead of columns.")
    method: Literal["btree", "gin"] = "btree"
    serves: Why
    unique: bool = False
    where: str | None = Field(default=None, description="Predicate of a partial index.")
    nulls_distinct: bool = Field(default=True, description="False when two nulls count as the same value.")
    name: Id


class PayloadField(Rule):
    """A key of a message from outside that is stored, with the form of its value; null is always allowed."""

    path: str = Field(pattern=r"^[a-z_]+(\[\])?(\.[a-z_]+(\[\])?)*$", description="Keys from the outside in.")
    kind: Literal["string", "number", "boolean", "object", "array", "type"] = Field(
        description="JSON type of the value; type means a string that is one of Stripe's event types."
    )
    form: str | None = Field(default=None, description="Regular expression that the value matches in full.")


class Phrase(Rule):
    """A phrase that the shop has approved for share-cards."""

    kind: Literal["title", "line", "symbol", "palette"] = Field(description="The place on the card that it is for.")
    name: Id
    locale: str = Field(description="Language of the phrase, as a BCP 47 code.")
    version: int = Field(ge=1, description="Increases when the wording changes; older cards keep their version.")
    words: str = Field(min_length=1, max_length=140, description="The phrase as the card shows it.")

    @property
    def id(self) -> str:
        """Return the unique name of this wording."""
        return f"{self.kind}_{self.name}_{self.locale}_{self.version}"


class Policy(Rule):
    """A row-level-security policy: which rows one role may touch with one command."""

    name: Id
    command: Command
    role: RoleRef
    using: str | None = Field(default=None, description="SQL condition on rows that may be read or changed.")
    with_check: str | None = Field(default=None, description="SQL condition on rows that may be written.")
    why: Why


class Grant(Rule):
    """A table privilege for one role."""

    role: RoleRef
    commands: tuple[Command, ...]
    columns: tuple[Id, ...] = Field(default=(), description="Columns that the grant covers; empty for the whole table.")
    why: Why


class Trigger(Rule):
    """A trigger that enforces a rule for every role. It is always enabled, also during replication."""

    name: Id
    timing: Timing
    events: Events
    columns: tuple[Id, ...] = Field(
        default=(), description="Columns of which an update must set one to fire it; empty for any update."
    )
    level: Literal["row", "statement"] = "row"
    when: str | None = Field(default=None, description="Condition over old and new.")
    function: FunctionRef
    arguments: tuple[str, ...] = ()
    deferred: bool = Field(
        default=False, description="True when it runs at commit; only for row triggers after the write."
    )
    why: Why

    @model_validator(mode="after")
    def _check_combination(self) -> Self:
        """Refuse triggers that Postgres cannot defer, and columns without an update."""
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
    loss: Why = Field(description="What would go wrong if the table did not exist.")
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
        description="Why an error may show a refused row of this table: only its owner writes it. None when other roles write it.",
    )
    recorded_in: Id | None = Field(
        default=None,
        description="The table whose row with the same id stays when a row is pruned. Without it, rows go with their person alone.",
    )
    by_migration: bool = Field(default=False, description="True when only migrations add rows.")
    source: Source

    @property
    def qualified(self) -> str:
        """Return schema and name, as SQL writes them."""
        return f"public.{self.id}"

    @property
    def foreign_keys(self) -> tuple[Column, ...]:
        """Return the columns that refer to another table."""
        return tuple(column for column in self.columns if column.references)

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
    """A view for one role, in a schema that the Data API does not expose."""

    name: Id
    db_schema: Literal["operations", "ai"]
    role: RoleRef
    shows: TableRef = Field(description="The table of whose rows it shows some, or all.")
    key: Id = Field(description="The view's column that holds that table's key.")
    body: Sql
    why: Why

    @property
    def qualified(self) -> str:
        """Return schema and name, as SQL writes them."""
        return f"{self.db_schema}.{self.name}"
