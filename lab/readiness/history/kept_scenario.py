"""A scenario that somebody named and kept: ids of the rules alone, as the query of its address. Pure."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LONGEST_NAME, LONGEST_QUERY = 60, 2000  # characters


class KeptScenario(BaseModel):
    """A named scenario, or two that are compared."""

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, Field(pattern=r"^\S(.*\S)?$", max_length=LONGEST_NAME)]
    query: Annotated[str, Field(max_length=LONGEST_QUERY)]
    kept_at: datetime
