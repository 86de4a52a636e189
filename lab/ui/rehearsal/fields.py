"""What can be chosen on the rehearsal page; the page's address holds all of it."""

from lab.rehearsal.bugs import BUGS
from lab.rehearsal.faults import KINDS
from lab.rehearsal.outages import OUTAGES
from lab.ui.kit.url import SWITCH, Field
from lab.ui.navigation import REHEARSAL

MEMORY = REHEARSAL.memory
STORY, BUG_HUNT = "story", "hunt"
VIEWS = {STORY: "One purchase", BUG_HUNT: "Planted bugs"}
DRAWN, WORDS, NO_BUG = "drawn", "words", "none"
TITLES = {
    **{one.id: one.title for one in OUTAGES},
    DRAWN: "A drawn mixture of failures",
    WORDS: "What you write below",
}
FAULTS = {kind.id: kind.title for kind in KINDS}
PLANTED = {NO_BUG: "No bug", **{bug.id: bug.title for bug in BUGS}}
STEPS = {"changes": "What matters", "every": "Every point"}

FIELDS = (
    Field(name="outage", kind="failure", options=tuple(TITLES), default=OUTAGES[0].id, leads=True),
    Field(name="show", kind="part", options=tuple(VIEWS), default=STORY),
    Field(name="seed", kind="seed"),
    Field(name="words", kind="words"),
    Field(name="fault", kind="fault", options=tuple(FAULTS), default=KINDS[0].id),
    Field(name="at", kind="fault at a point"),
    Field(name="keep", kind="switch", options=SWITCH, default="off"),
    Field(name="bug", kind="bug", options=tuple(PLANTED), default=NO_BUG),
    Field(name="step", kind="step"),
    Field(name="steps", kind="steps", options=tuple(STEPS), default="changes"),
)
