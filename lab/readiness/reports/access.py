"""Who reaches what, in every form: the promises and the matrix, expected by the rules and seen by the probes."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from lab.checks.probes import MatrixRow, ProbeRun, list_promise_results, matrix_rows
from lab.checks.probes.matrix_view import MatrixCell, matrix_columns
from lab.checks.state import State
from lab.readiness.formats.markdown import code, prose
from lab.readiness.reports.forms import Forms, add_pdf
from lab.services.documents import Paper, Tone
from lab.text.escape import write_json

HOLDS = "Every probe gave the expected result."
REASONS = 3  # of what is unknown; the list of it has all


class Access(NamedTuple):
    """The access matrix of a target; without probes only what the rules expect."""

    target: str
    probes: ProbeRun | None = None
    differences: int = 0
    """Privileges, policies and roles that differ from the rules, by the comparison of the schema."""
    read_at: datetime | None = None


def access_json(found: Access) -> str:
    """Return the matrix and the promises as JSON."""
    rows = [row.model_dump(mode="json") for row in matrix_rows(found.probes)]
    promises = [one.model_dump(mode="json") for one in list_promise_results(found.probes)]
    return write_json({"target": found.target, "verdict": describe_access(found), "rows": rows, "promises": promises})


def access_markdown(found: Access) -> str:
    """Return the promises and the matrix as Markdown."""
    rows = matrix_rows(found.probes)
    lines = [f"# Access to {prose(found.target)}", "", f"**{describe_access(found)}**", "", "## Promises", ""]
    lines += ["| Promise | State | Seen |", "|---|---|---|"]
    lines += [
        f"| {prose(one.title)} | {_name(one.state)} | {prose(one.seen)} |" for one in list_promise_results(found.probes)
    ]
    for kind, title in (("table", "Tables"), ("function", "Functions")):
        lines += ["", f"## {title}", "", *_write_matrix([row for row in rows if row.kind == kind])]
    if found.probes and found.probes.unknown:
        lines += ["", "## Not checked", ""]
        lines += [f"- {code(one.what)} {prose(one.why)}" for one in found.probes.unknown]
    return "\n".join(lines) + "\n"


def _write_matrix(rows: list[MatrixRow]) -> Iterator[str]:
    titles = [title for _, title in matrix_columns()]
    yield f"| Object | {' | '.join(map(prose, titles))} |"
    yield f"|{'---|' * (len(titles) + 1)}"
    for row in rows:
        name = code(row.object.removeprefix("public."))
        yield f"| {name} | {' | '.join(map(_write_cell, row.cells))} |"


def _write_cell(cell: MatrixCell) -> str:
    seen = f" **{prose('; '.join(cell.seen))}**" if cell.seen else ""
    return f"{prose(cell.word)}{seen}"


def _name(state: str) -> str:
    return state or "not run"


def judge_access(found: Access) -> State:
    """Return the verdict: broken as soon as a probe, or what decides about access, differs from the rules."""
    if found.differences or (found.probes and any(one.state == "differs" for one in found.probes.results)):
        return State.BROKEN
    return found.probes.state if found.probes else State.UNKNOWN


def explain_access(found: Access) -> str:
    """Return the reason for the verdict in sentences; empty when nothing was tried and nothing differs."""
    count, told = found.differences, _explain_probes(found.probes) if found.probes else ""
    differs = f"{count} privilege, policy or role{' differs' if count == 1 else 's differ'} from the rules."
    return f"{differs} {told}".rstrip() if count else told


def _explain_probes(probes: ProbeRun) -> str:
    state = judge_access(Access("", probes))
    if state is State.HOLDS:
        return f"{HOLDS} Probed roles: {', '.join(title for _, title in matrix_columns())}."
    if state is State.UNKNOWN:
        return " ".join(f"{one.what}: {one.why}" for one in probes.unknown[:REASONS])
    states = [one.state for one in list_promise_results(probes)]
    broken = states.count("broken")
    differs = sum(cell.state == "differs" for row in matrix_rows(probes) for cell in row.cells)
    return (
        f"{broken} of {len(states)} promises {'is' if broken == 1 else 'are'} broken. {differs} "
        f"cell{' differs' if differs == 1 else 's differ'} from the rules."
    )


def describe_access(found: Access) -> str:
    """Return the verdict with its reason."""
    reason = explain_access(found)
    word = judge_access(found).word.capitalize()
    return f"{word}: {reason}" if reason else "Not run: this is what the rules expect."


def access_paper(found: Access) -> Paper:
    """Return what the PDF of the matrix is made of."""
    return Paper(markdown=access_markdown(found), about="Access", tone=_choose_tone(found), made_at=found.read_at)


def _choose_tone(found: Access) -> Tone:
    tones: dict[State, Tone] = {State.BROKEN: "bad", State.HOLDS: "good"}
    return tones.get(judge_access(found), "unknown" if found.probes else "plain")


ACCESS_FORMS: Forms[Access] = add_pdf({"json": access_json, "markdown": access_markdown}, access_paper)
