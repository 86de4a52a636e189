"""Who reaches what, in every form: the promises and the matrix, expected by the rules and seen by the probes."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from lab.checks.probes import MatrixRow, ProbeRun, list_promise_results, matrix_rows
from lab.checks.probes.matrix_view import MatrixCell, matrix_columns
from lab.readiness.formats.markdown import code, prose
from lab.readiness.reports.forms import Forms, add_pdf
from lab.services.documents import Paper, Tone
from lab.text.escape import write_json


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


def describe_access(found: Access) -> str:
    """Return the verdict in one sentence."""
    if found.differences:
        return f"Broken: {found.differences} privileges, policies or roles differ from the rules."
    if found.probes is None:
        return "Not run: this is what the rules expect."
    broken = [one for one in list_promise_results(found.probes) if one.state == "broken"]
    differing = [row for row in matrix_rows(found.probes) if row.differs]
    if broken or differing:
        return f"Broken: {len(broken)} promises and {len(differing)} objects differ from the rules."
    return (
        "Unknown: not everything could be tried." if found.probes.unknown else "Every probe gave the expected result."
    )


def access_paper(found: Access) -> Paper:
    """Return what the PDF of the matrix is made of."""
    return Paper(markdown=access_markdown(found), about="Access", tone=_choose_tone(found), made_at=found.read_at)


def _choose_tone(found: Access) -> Tone:
    told = describe_access(found)
    tones: dict[str, Tone] = {"Broken": "bad", "Not run": "plain", "Unknown": "unknown"}
    return tones.get(told.partition(":")[0], "good")


ACCESS_FORMS: Forms[Access] = add_pdf({"json": access_json, "markdown": access_markdown}, access_paper)
