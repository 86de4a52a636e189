"""The shapes a rule can take: frozen values that refuse unknown fields and point at each other as objects."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer


class Rule(BaseModel):
    """One declared fact: immutable, keyword-only, with no field that was not asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="Stable name, lower case with underscores.")]
Title = Annotated[str, Field(min_length=2, description="What people call it; sentence case.")]
Why = Annotated[str, Field(min_length=8, description="The reason, for people who are no engineers.")]
Source = Annotated[str, Field(min_length=3, description="Where the rule comes from: product, law or a document.")]
Sql = Annotated[str, Field(min_length=1, description="A Postgres expression, lower case.")]


class PrivacyClass(StrEnum):
    """Who may see a column; grants, views, comments and pictures follow from it."""

    SECRET = "secret"  # noqa: S105 - the name of a class, not a password
    PERSONAL = "personal"
    FINANCIAL = "financial"
    OPERATIONAL = "operational"
    PUBLIC = "public"


class EraseAction(StrEnum):
    """What happens to a column when its subject is erased."""

    DELETE_ROW = "delete_row"
    SET_NULL = "set_null"
    KEEP = "keep"


class Severity(StrEnum):
    """How much harm a risk or a finding can do, from the exposure."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Command(StrEnum):
    """A command that a grant or a policy speaks of."""

    SELECT = "select"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


class Role(Rule):
    """A database role that rules speak of."""

    id: Id
    title: Title
    description: Why
    owned: bool = Field(description="True when our migrations create the role, false when Supabase brings it.")
    via_data_api: bool = Field(description="True when the Data API's authenticator may act as this role.")


def _id_of(rule: "Rule") -> str:
    return str(getattr(rule, "id"))  # noqa: B009 - every referenced rule has an id, Rule itself has none


RoleRef = Annotated[Role, PlainSerializer(_id_of, return_type=str)]


class StandingRule(Rule):
    """One of the four sentences that hold in every scenario."""

    id: Id
    sentence: Title
    why: Why
    enforced_by: tuple[str, ...] = Field(description="Names of the triggers, constraints or grants that carry it.")
    source: Source


class Consent(Rule):
    """An explicit permission for one purpose."""

    id: Id
    title: Title
    question: Why = Field(description="The sentence that asks for the consent, as the visitor reads it.")
    without_it: Why = Field(description="What the visitor still gets when the answer is no.")
    withdrawal: Why = Field(description="What happens at once when the consent is withdrawn.")
    scope: Literal["account", "artifact"] = Field(description="What one answer covers.")
    version: int = Field(ge=1, description="Version of the wording; a changed sentence needs a new number.")
    locale: str = Field(description="Language of the wording, BCP 47.")
    source: Source


ConsentRef = Annotated[Consent, PlainSerializer(_id_of, return_type=str)]


class Argument(Rule):
    """One argument of a database function."""

    name: Id
    type: Sql
    description: Why
    default: str | None = Field(default=None, description="SQL default, or none when the caller must say it.")


class Function(Rule):
    """A function inside the database; its body is a file under sql/functions or derived from the rules."""

    id: Id
    db_schema: Literal["public", "wall"] = Field(description="public is reachable by the Data API, wall is not.")
    arguments: tuple[Argument, ...] = ()
    returns: Sql
    language: Literal["sql", "plpgsql"]
    volatility: Literal["immutable", "stable", "volatile"]
    definer: bool = Field(description="True when it runs with its owner's rights and so does its own checks.")
    execute: tuple[RoleRef, ...] = Field(description="Who may call it; nobody else, PUBLIC included.")
    why: Why
    exposed_because: str | None = Field(
        default=None,
        description="Why a definer function may be called by anon or authenticated; needed only then.",
    )
    stage: Literal["foundation", "functions"] = Field(
        default="functions",
        description="foundation functions exist before the tables that use them in checks.",
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


FunctionRef = Annotated[Function, PlainSerializer(_id_of, return_type=str)]


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
    """A foreign key from one column to another table's key."""

    table: Annotated["Table | ExternalTable", PlainSerializer(_id_of, return_type=str)]
    on_delete: Literal["restrict", "cascade", "set null"] = "restrict"


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
    starts: tuple[str, ...] = Field(default=(), description="States a new row may begin in; empty for any.")
    moves: tuple[tuple[str, str], ...] = Field(default=(), description="Legal moves from state to state.")
    fixed: bool = Field(default=False, description="Never changes once the row is written.")
    internal: bool = Field(default=False, description="Machinery: shown neither to the owner nor to the operator.")

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

    columns: tuple[Id, ...]
    serves: Why
    unique: bool = False
    where: str | None = Field(default=None, description="Predicate of a partial index.")
    nulls_distinct: bool = Field(default=True, description="False when two nulls count as the same value.")
    name: Id


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
    timing: Literal["before", "after"]
    events: Sql = Field(description="For example: insert or update of status.")
    level: Literal["row", "statement"] = "row"
    when: str | None = Field(default=None, description="Condition over old and new.")
    function: FunctionRef
    arguments: tuple[str, ...] = ()
    why: Why


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
    source: Source

    @property
    def qualified(self) -> str:
        """Return schema and name, as SQL writes them."""
        return f"public.{self.id}"

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises:
            KeyError: The table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.qualified} has no column {name}")


TableRef = Annotated[Table, PlainSerializer(_id_of, return_type=str)]


class TableNeed(Rule):
    """A table that a layer or a channel brings, and why."""

    table: TableRef
    why: Why


class ConsentNeed(Rule):
    """A consent that a layer or a channel waits for, and why."""

    consent: ConsentRef
    why: Why


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


class EnvVariable(Rule):
    """An environment variable of the site's server, with the form its value must have."""

    id: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    title: Title
    why: Why
    secret: bool = Field(description="True when the value must never reach a browser, a page or a log.")
    form: str = Field(description="Regular expression that a well-formed value matches in full.")
    example: str = Field(description="A made-up value of the right form.")
    source: Source


EnvRef = Annotated[EnvVariable, PlainSerializer(_id_of, return_type=str)]


class Risk(Rule):
    """Something that can go wrong with what was chosen."""

    id: Id
    title: Title
    why: Why
    severity: Severity
    mitigation: Why
    check: Why = Field(description="The check that would show that it has happened.")
    until: Annotated[Consent | None, PlainSerializer(lambda c: c.id if c else None, return_type=str | None)] = Field(
        default=None, description="The risk is open only until this consent is given."
    )
    source: Source


RiskRef = Annotated[Risk, PlainSerializer(_id_of, return_type=str)]


class Job(Rule):
    """A tracked delivery job: which leg leaves the database, under which consents, and who helps when it fails."""

    id: Id
    title: Title
    description: Why
    legs: tuple[Literal["account", "email"], ...] = Field(description="Where the result goes; one job row for each.")
    consents: tuple[ConsentRef, ...] = Field(description="Consents without which the whole job is refused.")
    email_leg_waits_for: tuple[ConsentRef, ...] = Field(
        default=(), description="Consents that only the e-mail leg waits for; the account leg goes ahead."
    )
    max_attempts: int = Field(ge=1, le=50)
    support_path: str = Field(description="Where support handles a job of this kind.")
    support: Why = Field(description="What support does when it fails for good.")
    source: Source


JobRef = Annotated[Job, PlainSerializer(_id_of, return_type=str)]


class Bringer(Rule):
    """What a scenario picks, and what each pick brings with it."""

    id: Id
    title: Title
    description: Why
    tables: tuple[TableNeed, ...]
    consents: tuple[ConsentNeed, ...] = ()
    env: tuple[EnvRef, ...] = ()
    risks: tuple[RiskRef, ...] = ()
    source: Source


class Channel(Bringer):
    """A way something leaves the database."""

    leaves: Why = Field(description="Exactly what leaves the database.")
    job: Annotated[Job | None, PlainSerializer(lambda j: j.id if j else None, return_type=str | None)]
    exposes: tuple[PrivacyClass, ...] = Field(description="Classes of fields that can leave through it.")


ChannelRef = Annotated[Channel, PlainSerializer(_id_of, return_type=str)]


class Layer(Bringer):
    """Something the shop sells or relies on."""

    note: Title = Field(description="The one sentence that the verdict shows for this layer.")
    channels: tuple[ChannelRef, ...]


class Proof(Rule):
    """One question to a database whose answer proves, or breaks, a chapter's promise."""

    id: Id
    title: Title
    query: str | None = Field(
        description="Name of a file under sql/checks whose single value is the number of offenders; none until it can be asked."
    )
    unknown_because: str | None = Field(
        default=None, description="Why it can't be answered yet; needed without a query."
    )


class Chapter(Rule):
    """One of the sixteen promises, with the rules that carry it and the questions that prove it."""

    number: int = Field(ge=1, le=16)
    id: Id
    promise: Title
    explanation: Why
    tables: tuple[TableRef, ...]
    carried_by: tuple[str, ...] = Field(description="Names of triggers, policies, functions or constraints behind it.")
    proofs: tuple[Proof, ...]
    source: Source
