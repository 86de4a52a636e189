"""The answer of the lab page: the verdict in words, the way to ready, and what the last change brought."""

from collections.abc import Sequence

import streamlit as st

from lab.plan.difference import Difference, Entry, compare_plans, list_changes
from lab.plan.lines import ChangeLine
from lab.plan.make import STANDING_LINES, Plan, Verdict, make_plan
from lab.plan.scenario import Scenario
from lab.plan.text import describe_scenario
from lab.ui.kit.badges import headline
from lab.ui.kit.markdown import plain
from lab.ui.kit.titles import CHANNEL_TITLES, CONSENT_TITLES, LAYER_TITLES, join_words, name_source, write_name
from lab.ui.scenario.inputs import HEADINGS, MEMORY, A, B, put_scenario

ALTERNATIVES = 3
"""Maximum number of ways to become ready that are buttons; the plan lists all of them."""
NOTHING_DELIVERED = "ready, and nothing is delivered yet"
CHANGES = 8
"""Maximum number of things that the line about the last change names."""


def write_verdict(plan: Plan) -> str:
    """Write the verdict as a headline; ready without a channel is not the end of the work."""
    return plan.verdict.value if plan.channels or plan.verdict is not Verdict.READY else NOTHING_DELIVERED


def explain_verdict(plan: Plan) -> str:
    """Say in words why the verdict is what it is, and what comes next."""
    if plan.verdict is Verdict.READY:
        return _explain_ready(plan)
    refused = [f"{line.name} {line.why}" for line in plan.refusals]
    waiting = [
        f"{write_name(f'{line.title} consent', line.name)} is missing. "
        f"{join_words([name_source(source) for source in line.needed_by])} "
        f"wait{'s' if len(line.needed_by) == 1 else ''} for it."
        for line in plan.missing_consents
    ]
    hopeless = ["No consent and no other channel makes this ready."] if not plan.smallest_change else []
    return "  \n".join([*refused, *waiting, *hopeless])


def _explain_ready(plan: Plan) -> str:
    layer, channels = LAYER_TITLES[plan.scenario.layer], [CHANNEL_TITLES[id] for id in plan.channels]
    needs = [CONSENT_TITLES[line.name] for line in plan.needed_consents]
    consent = f"The consent that it needs is given: {join_words(needs)}." if needs else "It needs no consent."
    if not channels:
        return f"{layer} can be kept. {consent} Choose a channel to see what its delivery needs."
    return f"{layer} can be sold and delivered: {join_words(channels)}. {consent}"


def label_change(change: ChangeLine, *, first: bool) -> str:
    """Write a change as the words on its button, such as “Add the E-mail consent” or “or leave out E-mail”."""
    give = join_words([CONSENT_TITLES[id_] for id_ in change.give])
    drop = join_words([CHANNEL_TITLES[id_] for id_ in change.drop])
    some = "consents" if len(change.give) > 1 else "consent"
    words = ", ".join([*([f"add the {give} {some}"] if give else []), *([f"leave out {drop}"] if drop else [])])
    return words[0].upper() + words[1:] if first else f"or {words}"


def draw_verdicts(plans: Sequence[Plan]) -> None:
    """Draw the verdict of each scenario, what the last change brought or what differs, and what is always true."""
    if len(plans) == 1:
        _draw_verdict(plans[0], A)
        _draw_last_change(plans[0])
    else:
        for column, side, plan, heading in zip(st.columns(2), (A, B), plans, HEADINGS, strict=True):
            with column:
                _draw_verdict(plan, side, heading)
        draw_differences(compare_plans(*plans))
    st.caption(f"**Always true:** {' '.join(line.name for line in STANDING_LINES)}")


def _draw_verdict(plan: Plan, side: str, heading: str = "") -> None:
    """Draw the verdict with its reason, the layer's note, the what-ifs and, unless ready, the ways there as buttons."""
    with st.container(border=True, key=f"verdict_{plan.verdict.value.split()[0]}_{side}", gap="small"):
        title = f"{heading}: {describe_scenario(plan)}" if heading else describe_scenario(plan)
        supposed = "".join(
            f"\n- **{one.title}.** {one.why} :gray[:small[{plain(one.source)}, since {one.date:%-d %B %Y}.]]"
            for one in plan.what_if
        )
        st.markdown(
            f":small[{title}]\n{headline(write_verdict(plan))}\n{explain_verdict(plan)}\n\n"
            f"{plan.notes[0].name}\n{supposed}"
        )
        with st.container(horizontal=True, gap="small"):
            for place, made in enumerate(plan.ways_to_ready[:ALTERNATIVES]):
                st.button(
                    label_change(made, first=place == 0), key=MEMORY.key(f"{side}change {place}"), help=made.why,
                    type="secondary" if place else "primary", on_click=put_scenario, args=(side, plan.after(made)),
                )  # fmt: skip


def _draw_last_change(plan: Plan) -> None:
    """Say what the last change of the scenario added and removed."""
    now, before = MEMORY.get("trail", (None, None))
    if now != plan.scenario:
        MEMORY["trail"] = (plan.scenario, now)
        before = now
    if isinstance(before, Scenario):
        st.caption(write_last_change(make_plan(before), plan))


def write_last_change(before: Plan, after: Plan) -> str:
    """Write what a change added and removed, each by its name."""
    added, removed = list_changes(before, after)
    named = [*(f"+ {_name(entry)}" for entry in added), *(f"- {_name(entry)}" for entry in removed)]
    more = f", and {len(named) - CHANGES} more" if len(named) > CHANGES else ""
    verdict = "" if before.verdict is after.verdict else f"{before.verdict.value} → {after.verdict.value}. "
    return f"**Last change:** {verdict}{', '.join(named[:CHANGES]) or 'nothing was added or removed'}{more}."


def _name(entry: Entry) -> str:
    title = entry.title if entry.kind in ("variable", "what if") else f"{entry.title} {entry.kind}"
    return write_name(title, entry.name.removeprefix("public."))


def draw_differences(difference: Difference) -> None:
    """Draw what only one of the two scenarios has, by name."""
    with st.container(border=True, key="differences"):
        same = not difference.only_a and not difference.only_b
        st.markdown("### What differs\n" + ("Nothing. Both scenarios need the same." if same else ""))
        left, right = st.columns(2)
        left.markdown(write_side("A", difference.only_a))
        right.markdown(write_side("B", difference.only_b))


def write_side(side: str, entries: tuple[Entry, ...]) -> str:
    """List what only one scenario has, kind by kind; the policies only by their number."""
    kinds: dict[str, list[str]] = {}
    for entry in entries:
        kinds.setdefault(entry.kind, []).append(write_name(entry.title, entry.name.removeprefix("public.")))
    lines = (
        f"- **{kind.capitalize()}:** {f'{len(told)} more, listed in Needs' if kind == 'policy' else ', '.join(told)}"
        for kind, told in kinds.items()
    )
    return f"Only in {side}\n" + ("\n".join(lines) or "- Nothing")
