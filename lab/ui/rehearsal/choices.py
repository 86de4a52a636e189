"""What goes wrong in the story: a scenario, words, a drawn mixture, and faults at clicked points."""

import secrets
from dataclasses import replace

import streamlit as st

from lab.rehearsal.faults import BY_ID as KINDS_BY_ID
from lab.rehearsal.faults import Fault
from lab.rehearsal.outage.outages import BY_ID
from lab.rehearsal.outage.words import PHRASES, Heard, NotUnderstood, hear
from lab.rehearsal.schedules import Schedule, WrongSchedule, read_schedule
from lab.rehearsal.wishes import BY_ID as WISHES
from lab.ui.kit.markdown import plain
from lab.ui.rehearsal.fields import AS_TOLD, ASKED, DRAWN, FAULTS, MEMORY, PLANTED, PROVIDERS, TITLES, WORDS, show
from lab.ui.rehearsal.player import open_player

MOST_CLICKED = 8
LABEL = "Or say it in your own words"
EXAMPLE = "mail provider gone for 40 minutes, refunds meanwhile"


def draw_inputs() -> None:
    """Draw the choice of what goes wrong."""
    asked, first, second = st.columns([2, 2, 1], vertical_alignment="bottom")
    asked.selectbox("What the buyer asks for", list(ASKED), format_func=ASKED.__getitem__, key=MEMORY.key("wish"),
                    on_change=show, kwargs={"step": ""})  # fmt: skip
    first.selectbox("What goes wrong", list(TITLES), format_func=TITLES.__getitem__, key=MEMORY.key("outage"),
                    on_change=show, kwargs={"step": ""})  # fmt: skip
    second.button(
        "Surprise me", icon=":material/casino:", on_click=surprise, width="stretch", key=MEMORY.key("surprise")
    )
    st.text_input(
        LABEL, key=MEMORY.key("words"), placeholder=EXAMPLE, on_change=listen,
        help=f"Known: {'; '.join(phrase.example for phrase in PHRASES)}. Separate them by commas.",
    )  # fmt: skip
    left, middle, right = st.columns(3)
    left.selectbox(
        "Fault at a clicked point", list(FAULTS), format_func=FAULTS.__getitem__, key=MEMORY.key("fault"),
        help="Click a point in the picture to let it happen there.",
    )  # fmt: skip
    middle.selectbox(
        "E-mail provider", list(PROVIDERS), format_func=PROVIDERS.__getitem__, key=MEMORY.key("provider"),
        help="SMTP cannot repeat a message safely. Resend takes a key once within 24 hours.",
    )  # fmt: skip
    right.selectbox(
        "Bug in a copy of the product", list(PLANTED), format_func=PLANTED.__getitem__, key=MEMORY.key("bug"),
        help="Plants a mistake in a copy of the product. The rehearsal must find it.",
    )  # fmt: skip
    _draw_clicked()


def _draw_clicked() -> None:
    """Draw the faults at clicked points, each with the button that takes it away."""
    clicked = str(MEMORY["at"] or "").split()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.toggle("Keep the faults of earlier clicks", key=MEMORY.key("keep"), on_change=MEMORY.forgive_address)
        for place, text in enumerate(clicked[:MOST_CLICKED]):
            kind, _, point = text.partition("@")
            st.button(
                f"{FAULTS.get(kind, 'Unknown fault')} ({plain(point, 60)})", icon=":material/close:", type="tertiary",
                key=MEMORY.key(f"take away {place}"), on_click=take_away, args=(text,), help="Take this fault away",
            )  # fmt: skip


def surprise() -> None:
    """Draw another mixture; for callbacks."""
    show(outage=DRAWN, seed=str(secrets.randbelow(10_000)), at="", step="")


def listen() -> None:
    """Play what was written; for callbacks."""
    show(outage=WORDS if str(MEMORY["words"]).strip() else next(iter(TITLES)), step="")


def strike(point: str, where: str = "") -> None:
    """Let the chosen fault happen at a point, or a crash where it cannot happen; for callbacks.

    Args:
        point: The point's name; empty for a step without one, at which nothing can happen.
        where: The kind of its call; empty if that is not known.
    """
    if not point:
        return
    kind = str(MEMORY["fault"])
    if where and not KINDS_BY_ID[kind].can_happen(where, point.rpartition("/")[2]):
        kind = "crash"
    before = str(MEMORY["at"] or "").split() if MEMORY["keep"] else []
    others = [text for text in before if text.partition("@")[2] != point]
    show(at=" ".join([*others, str(Fault(point=point, kind=kind))][-MOST_CLICKED:]))


def take_away(text: str) -> None:
    """Take a clicked fault away; for callbacks."""
    show(at=" ".join(one for one in str(MEMORY["at"]).split() if one != text), step="")


def find_schedule() -> Schedule:
    """Return what the page's choices say.

    Raises:
        WrongSchedule: The points or the seed in the address cannot be read.
        NotUnderstood: The words name no failure.
        EmbeddedUnavailable: No server can be started here.
    """
    schedule, clicked = replace(_find_first(), wish=WISHES[str(MEMORY["wish"])]), str(MEMORY["at"] or "")
    if MEMORY["provider"] != AS_TOLD:
        schedule = replace(schedule, ability=str(MEMORY["provider"]))
    if len(clicked.split()) > MOST_CLICKED:
        raise WrongSchedule(f"at most {MOST_CLICKED} faults can be added")
    if not clicked.strip():
        return schedule
    further = read_schedule(f"{schedule.ability} {clicked}").faults
    kept = tuple(one for one in schedule.faults if one.point not in {other.point for other in further})
    return replace(schedule, faults=(*kept, *further))


def _find_first() -> Schedule:
    chosen = str(MEMORY["outage"])
    if chosen == WORDS:
        return hear_words().schedule
    if chosen != DRAWN:
        return BY_ID[chosen].schedule
    seed = str(MEMORY["seed"] or "0")
    if not (seed.isascii() and seed.isdigit() and len(seed) <= 12):
        raise WrongSchedule("a seed is a number of at most 12 digits")
    return open_player().draw(int(seed))


def hear_words() -> Heard:
    """Return what the words on the page mean.

    Raises:
        NotUnderstood: They name no failure.
    """
    text = str(MEMORY["words"] or "")
    if not text.strip():
        raise NotUnderstood("nothing is written. Write what goes wrong, such as “disk full”")
    return hear(text)


def find_last_point() -> str:
    """Return the point of the fault that was clicked last; empty for none."""
    return (str(MEMORY["at"] or "").split() or [""])[-1].partition("@")[2]
