"""Who acts: every role the wall is built against, signed in as somebody or as nobody."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from fixtures.servers import People


@dataclass(frozen=True)
class Actor:
    """A role with a token's claims.

    Args:
        id: Names the actor in a test's output.
        role: The database role.
        subject: The person who is signed in, if anybody is.
        anonymous: Whether they signed in anonymously, which is not the role `anon`.
    """

    id: str
    role: str
    subject: uuid.UUID | None = None
    anonymous: bool = False
    claims: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        """Write the claims that a token would hold."""
        token = {"sub": str(self.subject), "is_anonymous": self.anonymous} if self.subject else {}
        object.__setattr__(self, "claims", {**token, "role": self.role})


ANON = Actor("anon", "anon")
SERVICE = Actor("service_role", "service_role")
AI = Actor("ai_worker", "ai_worker")
OPERATOR = Actor("oracle_operator", "oracle_operator")
OWNER = Actor("table owner", "postgres")

ACTOR_IDS = ("anon", "owner", "stranger", "anonymous", "service_role", "ai_worker", "oracle_operator")


def person(subject: uuid.UUID, id: str = "person") -> Actor:
    """Return a signed-in person."""
    return Actor(id, "authenticated", subject)


def guest(subject: uuid.UUID) -> Actor:
    """Return a person who signed in anonymously."""
    return Actor("anonymous", "authenticated", subject, anonymous=True)


def choose_actor(id: str, people: People) -> Actor:
    """Return the actor of that id, one of ACTOR_IDS."""
    signed_in = {
        "owner": person(people.owner, "owner"),
        "stranger": person(people.stranger, "stranger"),
        "anonymous": guest(people.anonymous),
    }
    return signed_in.get(id) or {actor.id: actor for actor in (ANON, SERVICE, AI, OPERATOR)}[id]
