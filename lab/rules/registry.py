"""The registry: all rules in one value."""

from pydantic import Field

from lab.rules.model import (
    Answer,
    BriefField,
    Bringer,
    Channel,
    Chapter,
    Consent,
    Criterion,
    Currency,
    EnvRef,
    EnvVariable,
    Forbidden,
    Function,
    GeneralPromise,
    Invariant,
    Job,
    Layer,
    Phrase,
    Promise,
    Question,
    Risk,
    Role,
    Rule,
    StandingRule,
    Table,
    TableRef,
    View,
)


class Rules(Rule):
    """Everything that must be true, in the order in which people read it."""

    layers: tuple[Layer, ...]
    channels: tuple[Channel, ...]
    consents: tuple[Consent, ...]
    phrases: tuple[Phrase, ...] = Field(description="All that a share-card can say.")
    jobs: tuple[Job, ...]
    currencies: tuple[Currency, ...]
    brief_fields: tuple[BriefField, ...] = Field(description="What an AI run may be given.")
    answers: tuple[Answer, ...] = Field(description="What an AI may answer, by layer.")
    forbidden: tuple[Forbidden, ...] = Field(description="What no answer of an AI may hold.")
    tables: tuple[Table, ...] = Field(description="In the order in which they can be created.")
    functions: tuple[Function, ...]
    views: tuple[View, ...]
    roles: tuple[Role, ...]
    env: tuple[EnvVariable, ...]
    env_always: tuple[EnvRef, ...] = Field(description="Variables that every scenario needs.")
    risks: tuple[Risk, ...]
    standing_rules: tuple[StandingRule, ...]
    invariants: tuple[Invariant, ...] = Field(description="What must be true of the rows.")
    questions: tuple[Question, ...] = Field(description="What chapters ask beside the invariants.")
    criteria: tuple[Criterion, ...] = Field(description="What must hold on a target beside its schema and its rows.")
    promises: tuple[Promise | GeneralPromise, ...] = Field(
        description="What probes try to break, the most asked for first."
    )
    chapters: tuple[Chapter, ...]
    queue: TableRef = Field(description="The table that every tracked job brings.")
    audit: TableRef = Field(description="The table that every scenario brings.")

    @property
    def bringers(self) -> tuple[Bringer, ...]:
        """Return all that a scenario can pick: layers, then channels."""
        return (*self.layers, *self.channels)

    def layer(self, id: str) -> Layer:
        """Return the layer of that id.

        Raises:
            KeyError: There is no such layer.
        """
        return {layer.id: layer for layer in self.layers}[id]

    def table(self, id: str) -> Table:
        """Return the table of that id.

        Raises:
            KeyError: There is no such table.
        """
        return {table.id: table for table in self.tables}[id]
