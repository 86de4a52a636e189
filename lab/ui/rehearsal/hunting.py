"""Planted bugs: the rehearsal catches one, shrinks the failure and explains it; a table says what catches each bug.

The rehearsal does not know what a bug breaks. It plays failures until an invariant or a promise does not hold.
"""

import difflib
from collections.abc import Iterator

import streamlit as st

from lab.rehearsal.bug import Bug, Rewrite
from lab.rehearsal.bugs import BUGS
from lab.rehearsal.faults import Fault
from lab.rehearsal.hunt import Found
from lab.rehearsal.promises import PROMISES
from lab.rehearsal.schedules import Played
from lab.rehearsal.story.lanes import name_point
from lab.rules import RULES
from lab.text.errors import LabError
from lab.ui.kit.badges import badge
from lab.ui.kit.markdown import plain
from lab.ui.kit.tables import DataFrame, draw_table, make_frame
from lab.ui.rehearsal.fields import FAULTS, MEMORY, PLANTED, STORY, show
from lab.ui.rehearsal.player import BUG_BY_ID, PLAYS, hunt_cached

KINDS = {one.id: "Invariant" for one in RULES.invariants} | {one.id: "Promise" for one in PROMISES}
SENTENCES = {one.id: one.title for one in RULES.invariants} | {one.id: one.title for one in PROMISES}


def draw_hunt() -> None:
    """Draw the hunt for one bug, and the table of all."""
    st.markdown("## Plant a bug, and watch it being caught")
    first, second = st.columns([3, 1], vertical_alignment="bottom")
    first.selectbox("Bug to plant", list(PLANTED), format_func=PLANTED.__getitem__, key=MEMORY.key("bug"),
                    on_change=MEMORY.forgive_address)  # fmt: skip
    bug = BUG_BY_ID.get(str(MEMORY["bug"]))
    pressed = second.button("Plant and hunt", icon=":material/pest_control:", type="primary", width="stretch",
                            disabled=bug is None, key=MEMORY.key("hunt"))  # fmt: skip
    if pressed:
        MEMORY["hunted"] = MEMORY["bug"]
    if bug is None:
        st.markdown("Choose a bug. It is planted in a scratch copy, and the rehearsal is not told what it breaks.")
    else:
        _draw_bug(bug)
        if MEMORY.get("hunted") == bug.id:
            _draw_hunted(bug)
    draw_table(MEMORY, "Bugs, and what catches them", frame_bugs(), empty="", verb="Choose",
               open_row=lambda row: show(bug=BUGS[row].id))  # fmt: skip


def frame_bugs() -> DataFrame:
    """Shape the bugs, each with where it is planted and the sentence that it breaks."""
    rows = [(bug.title, ", ".join(bug.places), KINDS[bug.breaks], SENTENCES[bug.breaks]) for bug in BUGS]
    return make_frame(("Bug", "Planted in", "Caught by", "What does not hold"), rows)


def _draw_bug(bug: Bug) -> None:
    with st.expander("What is changed in the copy", icon=":material/difference:"):
        st.code("\n".join(write_changes(bug)), language="diff", wrap_lines=True)
        st.caption("The copy is a temporary database and the functions that a play calls. Both are put back after it.")


def write_changes(bug: Bug) -> Iterator[str]:
    """Yield the lines that a bug changes: those of the database as a comparison, and the program's by their names."""
    for part in bug.parts:
        if isinstance(part, Rewrite):
            yield f"@@ {part.function} @@"
            compared = difflib.ndiff(part.old.splitlines(), part.new.splitlines())
            yield from (line for line in compared if not line.startswith("?"))
        else:
            yield f"@@ {part.place} @@"
            yield f"- {getattr(getattr(part.owner, part.name, None), '__name__', part.name)}"
            yield f"+ {getattr(part.value, '__name__', type(part.value).__name__)}"


def _draw_hunted(bug: Bug) -> None:
    """Find the bug, and say it in the order in which it happened."""
    try:
        with st.spinner("Playing failures until something breaks", show_time=True):
            found = hunt_cached(bug.id)
    except LabError as reason:
        st.error(f"The bug cannot be hunted: {plain(str(reason))}", icon=":material/error:")
        return
    with st.container(border=True, key=f"verdict_{'ready' if found.played else 'unknown'}_hunt", gap="small"):
        if found.played is None or found.caught is None:
            st.markdown(f"## {badge('unknown')} Not found in {found.plays} plays")
            st.markdown(f"The page plays at most {PLAYS}. `python -m lab rehearse --bugs` plays more.")
            return
        st.markdown(f"## :green[:material/check_circle: Caught in play {found.plays:,}]")
        st.markdown(write_found(found, found.caught, found.played))
        schedule = found.played.schedule
        choices = {"provider": schedule.ability, "at": " ".join(map(str, schedule.faults))}
        st.button("See it happen", icon=":material/timeline:", key=MEMORY.key("see the bug"), on_click=show,
                  kwargs={"show": STORY, "outage": "none", "step": "", **choices})  # fmt: skip


def write_found(found: Found, caught: Played, reduced: Played) -> str:
    """Say how a bug was caught, shrunk and explained."""
    first, fewest = len(caught.schedule.faults), len(reduced.schedule.faults)
    named = "It is what the bug was known to break." if found.named else "Other rules break than the expected one."
    parts = [f"**Caught.** The play had {_count(first)}. In the end something did not hold."]
    parts += [f"**Shrunk** to {_count(fewest)}:", *(_tell_try(fault, needed) for fault, needed in found.trail)]
    parts += [f"**Explained.** {_tell_faults(reduced)} In the end this does not hold:"]
    parts += [f"- {plain(one.title)} (`{one.id}`)" for one in reduced.broken]
    parts += [named]
    return "\n\n".join(parts)


def _tell_try(fault: Fault, needed: bool) -> str:
    told = ":red-badge[needed]" if needed else ":gray-badge[taken away]"
    return f"- {told} {FAULTS[fault.kind]} (`{fault.point}`)"


def _count(faults: int) -> str:
    return f"{faults} fault{'s' * (faults != 1)}" if faults else "no fault"


def _tell_faults(played: Played) -> str:
    told = [f"{FAULTS[moment.fault]}, at: {plain(name_point(moment.what, moment.where))}."
            for moment in played.met if moment.fault]  # fmt: skip
    return " ".join(told) or "Nothing has to go wrong."
