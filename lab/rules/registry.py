"""The registry: all rules in one value."""

from pydantic import Field

from lab.rules.model import (
    Answer,
    BriefField,
    Channel,
    Chapter,
    Circumstance,
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
    MailProvider,
    Message,
    Notice,
    Offer,
    OperatorAct,
    Phrase,
    Promise,
    Question,
    Retention,
    Risk,
    Role,
    Rule,
    ScenarioPart,
    ScheduledTask,
    StandingRule,
    Table,
    TableRef,
    View,
    Waiting,
)


class Rules(Rule):
    """All rules, in the order in which people read them."""

    layers: tuple[Layer, ...]
    channels: tuple[Channel, ...]
    consents: tuple[Consent, ...]
    circumstances: tuple[Circumstance, ...] = Field(description="What a scenario can be asked with: “what if”.")
    notices: tuple[Notice, ...] = Field(description="The approved texts about the right of withdrawal.")
    phrases: tuple[Phrase, ...] = Field(description="The phrases that a share-card can show.")
    jobs: tuple[Job, ...]
    messages: tuple[Message, ...] = Field(description="The e-mail of each job with an e-mail leg.")
    mail_providers: tuple[MailProvider, ...] = Field(description="The kinds of e-mail provider.")
    schedule: tuple[ScheduledTask, ...] = Field(description="What the worker does by itself, the most urgent first.")
    retention: tuple[Retention, ...] = Field(description="After how many days ended rows go.")
    currencies: tuple[Currency, ...]
    offers: tuple[Offer, ...] = Field(description="What the shop sells, in the order in which it shows them.")
    waiting: tuple[Waiting, ...] = Field(description="What about payments waits for a person, the most urgent first.")
    operator_acts: tuple[OperatorAct, ...] = Field(description="What an operator does about it.")
    delivery_waiting: tuple[Waiting, ...] = Field(
        description="What about deliveries waits for a person, the most urgent first."
    )
    delivery_acts: tuple[OperatorAct, ...] = Field(description="What an operator does about deliveries.")
    brief_fields: tuple[BriefField, ...] = Field(description="The fields that an AI run may be given.")
    answers: tuple[Answer, ...] = Field(description="The schema of an AI's answer, by layer.")
    forbidden: tuple[Forbidden, ...] = Field(description="What no AI's answer may hold.")
    tables: tuple[Table, ...] = Field(description="All tables, in the order in which they can be created.")
    functions: tuple[Function, ...]
    views: tuple[View, ...]
    roles: tuple[Role, ...]
    env: tuple[EnvVariable, ...]
    env_always: tuple[EnvRef, ...] = Field(description="Variables that every scenario needs.")
    risks: tuple[Risk, ...]
    standing_rules: tuple[StandingRule, ...]
    invariants: tuple[Invariant, ...] = Field(description="What must hold for the rows.")
    questions: tuple[Question, ...] = Field(description="Further queries that prove chapters.")
    criteria: tuple[Criterion, ...] = Field(
        description="What must hold on a target in addition to its schema and rows."
    )
    promises: tuple[Promise | GeneralPromise, ...] = Field(
        description="Promises that probes try to break, the most important first."
    )
    chapters: tuple[Chapter, ...]
    queue: TableRef = Field(description="The table that every tracked job needs.")
    audit: TableRef = Field(description="The table that every scenario needs.")

    @property
    def scenario_parts(self) -> tuple[ScenarioPart, ...]:
        """Return everything that a scenario can choose: layers, channels, then circumstances."""
        return (*self.layers, *self.channels, *self.circumstances)

    @property
    def wordings(self) -> tuple[Consent | Notice, ...]:
        """Return everything whose wording consent_notices keeps: consents, then notices."""
        return (*self.consents, *self.notices)

    def layer(self, id: str) -> Layer:
        """Return the layer of that id.

        Raises:
            KeyError: There is no such layer.
        """
        return {layer.id: layer for layer in self.layers}[id]

    def waits(self, id: str) -> Waiting:
        """Return the kind of what waits of that id.

        Raises:
            KeyError: There is no such kind.
        """
        return {waiting.id: waiting for waiting in (*self.waiting, *self.delivery_waiting)}[id]

    def table(self, id: str) -> Table:
        """Return the table of that id.

        Raises:
            KeyError: There is no such table.
        """
        return {table.id: table for table in self.tables}[id]
