"""A plan as a report to take home, in Markdown. Pure."""

from collections.abc import Iterable

from lab.plan import Plan
from lab.rules import RULES
from lab.ui.verdicts import name_scenario


def write_report(plan: Plan) -> str:
    """Write a plan as a Markdown report that reads well as plain text too."""
    parts = [
        f"# {name_scenario(plan)}: {plan.verdict.value}",
        "\n\n".join(f"{note.name} {note.why}" for note in plan.notes),
        _picked(plan),
        *_change(plan),
        _part("Tables", (f"`{t.name}`: {t.description} {t.why}" for t in plan.tables)),
        _part(
            "Jobs", (f"`{j.name}`: {j.why} Up to {j.max_attempts} attempts, then {j.support_path}." for j in plan.jobs)
        ),
        _part("Environment", (f"`{e.name}`{' (secret)' if e.secret else ''}: {e.why}" for e in plan.env)),
        _part(
            "Row-level security",
            (f"`{p.table}`, `{p.name}`: {p.command} as {p.role}. {p.why}" for p in plan.policies),
        ),
        _part(
            "Missing consents",
            (f"`{c.name}`: {c.why} It is asked for with “{c.question}”" for c in plan.missing_consents),
        ),
        _part(
            "Risks",
            (
                f"**{r.title}** ({r.severity.value}): {r.why} Held by: {r.mitigation} Shown by: {r.check}"
                for r in plan.risks
            ),
        ),
        _part("Standing rules", (f"{rule.name} {rule.why}" for rule in plan.standing_rules)),
    ]
    return "\n\n".join(parts) + "\n"


def _picked(plan: Plan) -> str:
    return _part(
        "Scenario",
        (
            f"Layer: {plan.scenario.layer}",
            f"Channels: {', '.join(plan.scenario.channels) or 'none'}",
            f"Consents given: {', '.join(plan.scenario.consents) or 'none'}",
        ),
    )


def _change(plan: Plan) -> Iterable[str]:
    if plan.smallest_change:
        yield _part("Smallest change to ready", (f"{c.name}. {c.why}" for c in plan.smallest_change))


def _part(title: str, lines: Iterable[str]) -> str:
    body = "\n".join(f"- {line}" for line in lines)
    return f"## {title}\n\n{body or 'None.'}"


def write_flow(plan: Plan) -> str:
    """Write what leaves the database by each chosen channel, for whoever cannot see the picture."""
    chosen = [channel for channel in RULES.channels if channel.id in plan.scenario.channels]
    lines = [
        f"- **{channel.title}**: {channel.leaves} Fields that can leave: "
        f"{', '.join(privacy.value for privacy in channel.exposes)}. "
        + (f"Gate: {', '.join(f'`{ask.consent.id}`' for ask in channel.consents)}." if channel.consents else "No gate.")
        for channel in chosen
    ]
    return "\n".join(lines) or "Nothing leaves the database: no channel was chosen. All fields stay with their owner."
