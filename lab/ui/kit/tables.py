"""Plans shaped as tables that people read, in Markdown. Pure; knows nothing of Streamlit's calls."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lab.plan.make import Plan, RiskLine
from lab.rules import RULES
from lab.rules.model import Consent, Severity


@dataclass(frozen=True)
class Frame:
    """A table for people: headers and rows of Markdown, and the sentence that stands there without rows."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str

    def markdown(self) -> str:
        """Return the table, or the sentence that stands for no rows."""
        if not self.rows:
            return self.empty
        lines = [self.headers, ("---",) * len(self.headers), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


SEVERITY_COLOURS = {
    Severity.CRITICAL: "red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "orange",
    Severity.LOW: "blue",
    Severity.INFO: "gray",
}


def say(text: str) -> str:
    """Make a sentence safe inside a Markdown table: no cell border, no formula, no tag of its own."""
    for mark, safe in (("|", "\\|"), ("$", "\\$"), ("<", "&lt;"), ("*", "\\*"), ("\n", " ")):
        text = text.replace(mark, safe)
    return text


def code(text: str) -> str:
    """Set a name as code."""
    return f"`{text.replace('`', '').replace('|', chr(92) + '|')}`" if text else ""


def chip(text: str, colour: str = "gray", icon: str = "") -> str:
    """Set a word as a coloured chip; the colour only repeats what the word says."""
    mark = f":material/{icon}: " if icon else ""
    return f":{colour}-badge[{mark}{text}]"


def chips(words: Iterable[str], colour: str = "gray") -> str:
    """Set several words as chips."""
    return " ".join(chip(word, colour) for word in words)


def severity_chip(severity: Severity) -> str:
    """Set a severity as a chip with its icon."""
    icon = "priority_high" if severity in (Severity.CRITICAL, Severity.HIGH) else "info"
    return chip(severity.value, SEVERITY_COLOURS[severity], icon)


def frame_tables(plan: Plan) -> Frame:
    """Shape the tables that a plan needs."""
    rows = tuple((code(t.name), say(t.description), say(t.why), chips(t.because_of)) for t in plan.tables)
    return Frame(("Table", "What it keeps", "Why it is needed", "Brought by"), rows, "No table.")


def frame_jobs(plan: Plan) -> Frame:
    """Shape the tracked jobs that a plan runs."""
    rows = tuple(
        (code(j.name), say(j.why), f"{j.max_attempts} attempts", f"then support at {code(j.support_path)}")
        for j in plan.jobs
    )
    return Frame(
        ("Job", "Why it runs", "Retries", "Support path"),
        rows,
        "No job: nothing is delivered through the tracked queue in this scenario.",
    )


def frame_env(plan: Plan) -> Frame:
    """Shape the environment variables that a plan needs; values are made up, never read."""
    rows = tuple((code(e.name), _secrecy(e.secret), say(e.why), code(e.example)) for e in plan.env)
    return Frame(("Variable", "Kept", "Why it is needed", "Form, made up"), rows, "No variable.")


def _secrecy(secret: bool) -> str:
    return chip("server only", "violet", "lock") if secret else chip("public", "gray", "public")


def frame_policies(plan: Plan) -> Frame:
    """Shape the row-level-security policies on the plan's tables."""
    rows = tuple(
        (code(p.table), code(p.name), chip(f"{p.command} as {p.role}", "blue"), say(p.why)) for p in plan.policies
    )
    return Frame(
        ("Table", "Policy", "Allows", "Why"),
        rows,
        "No policy: row-level security is on and forced, and nobody reads these tables through the API.",
    )


def frame_consents(plan: Plan) -> Frame:
    """Shape the consents, those that are missing first, with the sentence that asks for each."""
    missing = {line.name: line for line in plan.missing_consents}
    ordered = sorted(RULES.consents, key=lambda consent: consent.id not in missing)
    rows = tuple(
        (
            _consent_chip(consent, plan),
            f"“{say(consent.question)}”",
            say(missing[consent.id].why) if consent.id in missing else say(consent.without_it),
            chips(missing[consent.id].needed_by) if consent.id in missing else "",
        )
        for consent in ordered
    )
    return Frame(("Consent", "The sentence that asks for it", "Why it matters", "Waits for it"), rows, "No consent.")


def _consent_chip(consent: Consent, plan: Plan) -> str:
    if any(line.name == consent.id for line in plan.missing_consents):
        return f"{code(consent.id)} {chip('missing', 'orange', 'pending')}"
    if consent.id in plan.scenario.consents:
        return f"{code(consent.id)} {chip('given', 'green', 'check')}"
    return f"{code(consent.id)} {chip('not needed', 'gray', 'remove')}"


def frame_risks(plan: Plan) -> Frame:
    """Shape the open risks, the gravest first."""
    rows = tuple(_risk_row(risk) for risk in plan.risks)
    return Frame(
        ("Risk", "Why", "What holds against it", "The check that would show it"),
        rows,
        "No open risk: what was chosen brings none of the known ones.",
    )


def _risk_row(risk: RiskLine) -> tuple[str, ...]:
    head = f"{severity_chip(risk.severity)} **{say(risk.title)}** {chips(risk.because_of)}"
    return head, say(risk.why), say(risk.mitigation), say(risk.check)


def frame_standing_rules() -> Frame:
    """Shape the four standing rules with what enforces each inside the database."""
    rows = tuple(
        (f"**{say(rule.sentence)}**", say(rule.why), " ".join(code(name) for name in rule.enforced_by))
        for rule in RULES.standing_rules
    )
    return Frame(("Rule", "Why", "Enforced by"), rows, "No standing rule.")


FRAMES: dict[str, Callable[[Plan], Frame]] = {
    "tables": frame_tables,
    "jobs": frame_jobs,
    "environment": frame_env,
    "rls": frame_policies,
    "consents": frame_consents,
    "risks": frame_risks,
}


def list_names(names: Sequence[str], empty: str) -> str:
    """List names as code, one a line, or say that there is none."""
    return "\n".join(f"- {code(name)}" for name in names) or empty
