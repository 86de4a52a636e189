"""The model of a scheduled task: what the worker does by itself, and how often."""

from typing import Annotated

from pydantic import Field

from lab.rules.model.rule import Id, Rule, Source, Title, Why


class ScheduledTask(Rule):
    """Something that one of any number of workers does once in each period."""

    id: Id
    title: Title
    does: Why = Field(description="What it does, as one sentence.")
    every_seconds: Annotated[int, Field(ge=1, le=86_400)] = Field(
        description="Seconds from one start to the next one. After a failure, seconds until the next attempt."
    )
    at_most_seconds: Annotated[int, Field(ge=10, le=3_600)] = Field(
        description="Length of its lease in seconds. A run that has not ended by then counts as lost, and another begins."
    )
    asks_stripe: bool = Field(description="True when it needs Stripe's key; false when the database alone is enough.")
    source: Source
