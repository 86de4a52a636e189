"""A plan for people to read: as plain text, and as Markdown to take away. Pure."""

from collections.abc import Iterator, Sequence

from lab.plan.difference import Difference, Entry
from lab.plan.lines import (
    CircumstanceLine,
    EnvLine,
    JobLine,
    Line,
    MissingConsentLine,
    PolicyLine,
    PriceLine,
    RiskLine,
)
from lab.plan.make import Plan, Verdict
from lab.rules import RULES


def describe_scenario(plan: Plan) -> str:
    """Return the scenario in one line of titles."""
    scenario = plan.scenario
    layer = RULES.layer(scenario.layer).title
    channels = [channel.title for channel in RULES.channels if channel.id in scenario.channels]
    consents = [consent.title for consent in RULES.consents if consent.id in scenario.consents]
    supposed = [one.title for one in plan.what_if]
    given = f"{_list(consents, 'no')} consent"
    asked = f"; what if: {_list(supposed, '')}" if supposed else ""
    return f"{layer}, through {_list(channels, 'no channel')}, with {given}{asked}"


def describe_verdict(plan: Plan) -> str:
    """Return the verdict with its reason, in one sentence."""
    if plan.verdict is Verdict.READY:
        return "Ready: nothing is missing."
    if plan.verdict is Verdict.NOT_OFFERED:
        return " ".join(["Not offered:", *(f"{line.name} {line.why}" for line in plan.refusals)])
    missing = _list(
        [f"{line.title} ({line.name}, for {', '.join(line.needed_by)})" for line in plan.missing_consents], ""
    )
    return f"Missing consent: {missing}."


def _list(words: Sequence[str], nothing: str) -> str:
    return ", ".join(words) if words else nothing


def _sections(plan: Plan) -> Iterator[tuple[str, Sequence[Line], str]]:
    helps = "None is needed." if plan.verdict is Verdict.READY else "No change of channels and consents helps."
    yield "What if", plan.what_if, "Nothing is supposed."
    yield "Smallest change", plan.smallest_change, helps
    yield "Missing consents", plan.missing_consents, "None is missing."
    yield "Tables", plan.tables, "None."
    yield "Jobs", plan.jobs, "No job runs."
    yield "Environment", plan.env, "None."
    yield "Row-level security", plan.policies, "No policy: these tables are open to no signed-in person."
    yield "Risks", plan.risks, "No risk is known."
    yield "Prices", plan.prices, "This layer is not sold by itself."
    yield "Standing rules", plan.standing_rules, "None."


def plan_text(plan: Plan) -> str:
    """Return a plan as plain text."""
    lines = [describe_scenario(plan), describe_verdict(plan), "", *(note.name for note in plan.notes)]
    for title, entries, nothing in _sections(plan):
        lines += ["", title]
        lines += [f"  {_name_line(entry)}\n      {entry.why}" for entry in entries] or [f"  {nothing}"]
    return "\n".join(lines) + "\n"


def plan_markdown(plan: Plan) -> str:
    """Return a plan as Markdown."""
    lines = [f"# {describe_scenario(plan)}", "", f"**{describe_verdict(plan)}**", ""]
    lines += [f"> {note.name}" for note in plan.notes]
    for title, entries, nothing in _sections(plan):
        lines += ["", f"## {title}", ""]
        lines += _rows(entries) if entries else [nothing]
    return "\n".join(lines) + "\n"


def difference_text(difference: Difference) -> str:
    """Return two plans and what differs as plain text."""
    heads = [
        f"{side}: {describe_scenario(plan)}\n   {describe_verdict(plan)}"
        for side, plan in (("A", difference.a), ("B", difference.b))
    ]
    sides = [
        "\n".join([f"Only {side}", *(f"  {_name(entry)}" for entry in entries), *(() if entries else ("  Nothing.",))])
        for side, entries in (("A", difference.only_a), ("B", difference.only_b))
    ]
    return "\n\n".join([*heads, *sides]) + "\n"


def difference_markdown(difference: Difference) -> str:
    """Return what differs between two plans, and then both plans, as Markdown."""
    lines = ["# What differs", ""]
    for side, plan in (("A", difference.a), ("B", difference.b)):
        lines.append(f"- **{side}**: {describe_scenario(plan)}. {describe_verdict(plan)}")
    for side, entries in (("A", difference.only_a), ("B", difference.only_b)):
        lines += ["", f"## Only {side}", ""]
        lines += [f"- {_cell(_name(entry))}" for entry in entries] or ["Nothing."]
    plans = [
        plan_markdown(plan).replace("\n## ", "\n### ").replace("# ", f"## {side}: ", 1)
        for side, plan in (("A", difference.a), ("B", difference.b))
    ]
    return "\n".join(lines) + "\n\n" + "\n".join(plans)


def _name(entry: Entry) -> str:
    return f"{entry.kind}: {_put_title_first(entry.title, entry.name)}"


def _put_title_first(title: str, name: str) -> str:
    return name if title == name else f"{title} ({name})"


def _rows(entries: Sequence[Line]) -> list[str]:
    return [
        "| What | Why |",
        "|---|---|",
        *(f"| {_cell(_name_line(entry))} | {_cell(_describe(entry))} |" for entry in entries),
    ]


def _name_line(entry: Line) -> str:
    """Name a line for people, with its id after it."""
    return _put_title_first(getattr(entry, "title", entry.name), entry.name)


def _describe(entry: Line) -> str:
    """Return the reason of a line with its details, for a reader who has only the exported text."""
    match entry:
        case RiskLine():
            return f"{entry.severity.capitalize()}. {entry.why} Held by: {entry.mitigation} Shown by: {entry.check}"
        case MissingConsentLine():
            return f"{entry.why} It is asked for with “{entry.question}”"
        case JobLine():
            return f"{entry.why} Up to {entry.max_attempts} attempts, then support at {entry.support_path}."
        case PriceLine():
            return f"{entry.amount}. {entry.why} Lookup key at Stripe: {entry.lookup_key}."
        case PolicyLine():
            return f"{entry.command} on {entry.table} as {entry.role}. {entry.why}"
        case CircumstanceLine():
            return f"{entry.why} Source: {entry.source}, since {entry.date:%Y-%m-%d}."
        case EnvLine(secret=True):
            return f"Secret. {entry.why}"
        case _:
            return entry.why


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
