"""What can be chosen on the rehearsal page; the page's address holds all of it."""

from collections.abc import Sequence

from lab.readiness.targets import EMBEDDED
from lab.rehearsal.bugs import BUGS
from lab.rehearsal.faults import KINDS
from lab.rehearsal.outage.loads import OUTAGE_KINDS
from lab.rehearsal.outage.outages import OUTAGES
from lab.rehearsal.wishes import WISHES, reading
from lab.rules import providers
from lab.ui.kit.url import SWITCH, Field
from lab.ui.navigation import REHEARSAL

MEMORY = REHEARSAL.memory
STORY, ORDER, OUTAGE, HUNT = "story", "order", "forecast", "hunt"
VIEWS = {STORY: "One purchase", ORDER: "A real order", OUTAGE: "An outage", HUNT: "Planted bugs"}
_REPEATS = {"blind": "a repeated message would arrive twice", "idempotent": "a repeated message arrives once"}
DRAWN, WORDS, NO_BUG = "drawn", "words", "none"
TITLES = {
    **{one.id: one.title for one in OUTAGES},
    DRAWN: "A drawn mixture of failures",
    WORDS: "What you write below",
}
ASKED = {wish.id: wish.title for wish in WISHES}
FAULTS = {kind.id: kind.title for kind in KINDS}
PLANTED = {NO_BUG: "No bug", **{bug.id: bug.title for bug in BUGS}}
GONE = {kind.id: kind.title for kind in OUTAGE_KINDS}
MINUTES = ("5", "10", "20", "40", "60", "120", "240", "480", "1440")
ORDERS = ("1", "10", "60", "200", "600", "2000")
WORKERS = ("1", "2", "4", "8", "16")
AS_TOLD = "told"
PROVIDERS: dict[str, str] = {AS_TOLD: "As the scenario has it"}
PROVIDERS |= {str(one.ability): f"{one.title}: {_REPEATS[one.ability]}" for one in providers.PROVIDERS}
STEPS = {"changes": "What matters", "every": "Every point"}


def make_fields(targets: Sequence[str]) -> tuple[Field, ...]:
    """Return the choices that the page's address holds."""
    return (
        Field(name="show", kind="part", options=tuple(VIEWS), default=STORY),
        Field(name="wish", kind="wish", options=tuple(ASKED), default=reading.id),
        Field(name="outage", kind="failure", options=tuple(TITLES), default=OUTAGES[0].id, leads=True),
        Field(name="seed", kind="seed"),
        Field(name="words", kind="words"),
        Field(name="fault", kind="fault", options=tuple(FAULTS), default=KINDS[0].id),
        Field(name="at", kind="fault at a point"),
        Field(name="keep", kind="switch", options=SWITCH, default="off"),
        Field(name="provider", kind="e-mail provider", options=tuple(PROVIDERS), default=AS_TOLD),
        Field(name="bug", kind="bug", options=tuple(PLANTED), default=NO_BUG),
        Field(name="step", kind="step"),
        Field(name="steps", kind="steps", options=tuple(STEPS), default="changes"),
        Field(name="target", kind="target", options=tuple(targets), default=EMBEDDED),
        Field(name="order", kind="order"),
        Field(name="gone", kind="outage", options=tuple(GONE), default=OUTAGE_KINDS[0].id),
        Field(name="minutes", kind="number of minutes", options=MINUTES, default="40"),
        Field(name="orders", kind="number of orders an hour", options=ORDERS, default="60"),
        Field(name="workers", kind="number of workers", options=WORKERS, default="1"),
    )


def show(**choices: str) -> None:
    """Put choices into the page; for callbacks."""
    MEMORY.forgive_address()
    for name, choice in choices.items():
        MEMORY[name] = choice


def keep_choices(fields: Sequence[Field]) -> None:
    """Keep what was chosen in the parts that are not drawn now: Streamlit forgets the values of their widgets."""
    for field in fields:
        MEMORY[field.name] = MEMORY.get(field.name, field.start)


def shows(view: str | None) -> bool:
    """Tell whether the page still shows a view: a click in it may lead to another one."""
    return bool(MEMORY["show"] == view)
