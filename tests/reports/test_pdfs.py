"""Reports as PDF: the words of the Markdown, accessible, the same bytes twice, no secret, and refused with a code."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from fixtures.servers import Database
from lab import Scenario, make_plan
from lab.checks.state import State
from lab.database.embedded.server import EmbeddedPostgres
from lab.pictures import PictureUnavailable
from lab.plan.difference import compare_plans
from lab.plan.text import plan_markdown
from lab.readiness.chapters import ChapterState, ProofResult
from lab.readiness.formats.pdf import report_paper
from lab.readiness.reports.access import ACCESS_FORMS, Access, access_paper, describe_access
from lab.readiness.reports.chapters import CHAPTER_FORMS, Chapters, chapters_markdown, chapters_paper
from lab.readiness.reports.forms import KINDS, find_form
from lab.readiness.reports.plans import DIFFERENCE_FORMS, PLAN_FORMS, difference_paper, plan_paper
from lab.readiness.reports.schema import DICTIONARY_FORMS, dictionary_paper
from lab.rules import RULES
from lab.services.documents import Limits, NotRendered, Paper, Picture, Renderer
from lab.services.documents.blocks import Block, read_blocks
from lab.services.documents.report import LONGEST, request_report
from tests.readiness.reports import finding, report

Run = Callable[..., tuple[int, str, str]]
Databases = Callable[..., Database]
PLAN = make_plan(Scenario(layer="artifacts", channels=("pdf", "email")))
OTHER = make_plan(Scenario(layer="scroll", channels=("pdf",)))
READ_AT = datetime(2026, 11, 30, 14, 5, tzinfo=UTC)
PROOF = ProofResult(id="a", title="A proof", state=State.BROKEN, seen="3 rows", why="It matters.")
CHAPTER = ChapterState(number=3, id="consent", promise="Consent as a story", state=State.BROKEN, proofs=(PROOF,))
CHAPTERS = Chapters("staging", (CHAPTER,), READ_AT)
PAPERS = {
    "plan": lambda: plan_paper(PLAN),
    "comparison": lambda: difference_paper(compare_plans(PLAN, OTHER)),
    "chapters": lambda: chapters_paper(CHAPTERS),
    "access": lambda: access_paper(Access("staging")),
    "readiness": lambda: report_paper(report(finding("policy:public.oracle_scrolls.owner_reads:using"))),
    "schema": lambda: dictionary_paper(RULES),
}


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer(Limits(memory_bytes=3 << 29, seconds=60)) as one:
        yield one


def read_words(content: bytes) -> str:
    """Return the text of a PDF without spaces, breaks and hyphens: one at the end of a line is not read back."""
    document = pypdfium2.PdfDocument(content)
    return squeeze("".join(page.get_textpage().get_text_range() for page in document))


def squeeze(text: str) -> str:
    return re.sub(r"[\s\u200b\ufffe\u00ad\x02-]+", "", text)


def list_texts(block: Block) -> list[str]:
    spans = [block.get("spans", []), *block.get("items", []), *block.get("head", [])]
    spans += [cell for row in block.get("rows", []) for cell in row]
    return ["".join(one["text"] for one in part) for part in spans] + [block.get("text", "")]


@pytest.mark.parametrize("name", PAPERS)
def test_a_pdf_has_every_word_of_the_markdown(renderer: Renderer, name: str) -> None:
    paper = PAPERS[name]()
    found = read_words(renderer.render_report(paper).content)
    texts = [squeeze(text) for block in read_blocks(paper.markdown) for text in list_texts(block)]
    assert texts
    assert [text for text in texts if text and text not in found] == []


@pytest.mark.parametrize("name", PAPERS)
def test_a_pdf_is_accessible_and_the_same_twice(renderer: Renderer, name: str) -> None:
    paper = PAPERS[name]()
    content = renderer.render_report(paper).content
    document = pypdfium2.PdfDocument(content)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    assert pdfium.FPDFCatalog_IsTagged(document)
    assert document.get_metadata_dict()["Title"]
    with Renderer(Limits(memory_bytes=3 << 29, seconds=60)) as another:
        assert another.render_report(PAPERS[name]()).content == content


def test_a_plan_has_the_picture_of_its_flow_with_its_words(renderer: Renderer) -> None:
    paper = plan_paper(PLAN)
    assert [one.title for one in paper.pictures] == ["Flow: Artifacts, through E-mail, PDF, with no consent"]
    content = renderer.render_report(paper).content
    without = renderer.render_report(Paper(markdown=paper.markdown, about=paper.about)).content
    assert len(pypdfium2.PdfDocument(content)) == len(pypdfium2.PdfDocument(without)) + 1
    assert "Keptinthedatabase" in read_words(content)


def test_without_graphviz_the_pdf_has_the_words_of_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise PictureUnavailable("The picture could not be drawn", "no program", "Install it")

    monkeypatch.setattr("lab.pictures.flow_svg", refuse)
    paper = plan_paper(PLAN)
    assert paper.pictures == []
    assert "## Flow: Artifacts" in paper.markdown.split(plan_markdown(PLAN))[1]


def test_each_report_has_its_verdict_and_its_time() -> None:
    assert (PAPERS["plan"]().tone, plan_paper(OTHER).tone) == ("bad", "good")
    assert chapters_paper(CHAPTERS).tone == "bad"
    held = CHAPTER.model_copy(update={"state": State.HOLDS})
    unknown = CHAPTER.model_copy(update={"state": State.UNKNOWN})
    assert chapters_paper(Chapters("a", (held,))).tone == "good"
    assert chapters_paper(Chapters("a", (held, unknown))).tone == "unknown"
    assert access_paper(Access("a")).tone == "plain"
    assert access_paper(Access("a", None, 2)).tone == "bad"
    assert describe_access(Access("a", None, 2)).startswith("Broken: 2 ")
    asked = request_report(chapters_paper(CHAPTERS))
    assert asked["timestamp"] == int(READ_AT.timestamp())
    assert asked["data"]["made_at"] == "2026-11-30 14:05 UTC"
    assert request_report(plan_paper(PLAN))["timestamp"] == 0


def test_headings_descend_one_level_at_a_time() -> None:
    data = request_report(Paper(markdown="# T\n\n### a\n\n##### b\n\n### c\n\n###### d", about="A"))["data"]
    assert data["title"] == "T"
    assert [one["level"] for one in data["blocks"]] == [2, 3, 2, 3]


HOSTILE = [
    ("#panic()", "#panic()"),
    ('#read("/etc/passwd") $sum$ @x <y> */ //', '#read("/etc/passwd")$sum$@x<y>*///'),
    ("| a | b |\n|---|---|\n| only one |\n| x | y |", "xy"),
    ("a" * 500, "a" * 500),
    ("\u2060:\u2060//shop", "://shop"),
]


@pytest.mark.parametrize(("text", "read"), HOSTILE)
def test_a_text_is_never_markup(renderer: Renderer, text: str, read: str) -> None:
    assert read in read_words(renderer.render_report(Paper(markdown=f"# T\n\n{text}", about="A")).content)


def test_a_secret_is_not_in_a_pdf(renderer: Renderer) -> None:
    key = "sk_live_" + "51Abcdefghijklmnopqrstuvwx"
    paper = Paper(
        markdown=f"# Key {key}\n\npostgresql://user:hunter2secret@db/shop\n\n```sql\n-- {key}\n```", about="A"
    )
    found = read_words(renderer.render_report(paper).content)
    assert key not in found
    assert "hunter2secret" not in found
    assert key not in json.dumps(request_report(paper))


def test_a_report_that_is_too_long_is_refused_with_a_code() -> None:
    with pytest.raises(NotRendered) as refused:
        request_report(Paper(markdown="a" * (LONGEST + 1), about="A"))
    assert refused.value.code == "render.too_large"


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("Größe “x” … 表 таблица", "Größe“x”…表таблица"),
        ("\U00012000 of Uruk", "U+12000ofUruk"),
        ("\ue000 private", "U+E000private"),
        ("bell \x07", "bellU+0007"),
        ("表 \U00012000", "U+8868U+12000"),
    ],
)
def test_a_name_without_a_font_keeps_no_report_from_being_written(renderer: Renderer, name: str, read: str) -> None:
    assert read in read_words(renderer.render_report(Paper(markdown=f"# T\n\n{name}", about="A")).content)


def test_a_picture_that_is_none_is_refused_and_the_process_goes_on(renderer: Renderer) -> None:
    broken = Picture(svg='<svg viewBox="0 0 4 4"', title="a", words="b")
    with pytest.raises(NotRendered) as refused:
        renderer.render_report(Paper(markdown="# T", about="A", pictures=[broken]))
    assert refused.value.code == "render.failed"
    assert renderer.render_report(Paper(markdown="# T", about="A")).content.startswith(b"%PDF")


def test_chapters_are_written_as_markdown_and_json() -> None:
    text = chapters_markdown(CHAPTERS)
    assert "**1 broken of 1 chapters.**" in text
    assert "| A proof | broken | 3 rows | It matters. |" in text
    assert json.loads(str(CHAPTER_FORMS["json"](CHAPTERS)))["chapters"][0]["proofs"][0]["seen"] == "3 rows"
    rows = json.loads(str(ACCESS_FORMS["json"](Access("a"))))["rows"]
    assert {row["object"] for row in rows} >= {table.qualified for table in RULES.tables}


def test_the_dictionary_is_written_as_json() -> None:
    told = json.loads(str(DICTIONARY_FORMS["json"](RULES)))
    assert {(one["table"], column["name"]) for one in told for column in one["columns"]} == {
        (table.qualified, column.name) for table in RULES.tables for column in table.columns
    }


def test_each_form_has_a_kind_and_files_are_known_by_their_end() -> None:
    for forms in (PLAN_FORMS, DIFFERENCE_FORMS, CHAPTER_FORMS, ACCESS_FORMS, DICTIONARY_FORMS):
        assert set(forms) <= set(KINDS)
        assert "pdf" in forms
    assert find_form("Plan.PDF", PLAN_FORMS) == "pdf"
    assert find_form("plan.sarif", PLAN_FORMS) is None


def test_the_command_writes_a_plan_as_pdf_and_prints_its_text(run: Run, tmp_path: Path) -> None:
    file, text = tmp_path / "plan.pdf", tmp_path / "plan.md"
    code, out, _ = run("plan", "--layer", "scroll", "--channel", "pdf", "--write", file, "--write", f"markdown={text}")
    assert code == 0
    assert file.read_bytes().startswith(b"%PDF")
    assert text.read_text() == plan_markdown(OTHER)
    assert out.startswith("Scroll, through PDF")
    again = tmp_path / "again"
    assert run("plan", "--layer", "scroll", "--channel", "pdf", "--format", "pdf", "--write", again)[0] == 0
    assert again.read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--format", "pdf"), "a PDF cannot be printed. Name its file"),
        (("--format", "pdf", "--write", "a.md"), "a PDF cannot be printed. Name its file"),
        (("--write", "a.pdf", "--write", "pdf=a.pdf"), "two outputs have this file"),
        (("--write", "docx=a"), "with a format of text"),
        (("--write", "plan.docx"), "with a format of text"),
        (("--write", ""), "with a format of text"),
        (("--write", "no/such/folder/a.pdf"), "cannot be written"),
    ],
)
def test_a_command_without_a_place_for_the_pdf_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, error = run("plan", "--layer", "scroll", *options)
    assert (code, out) == (2, "")
    assert said in error
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


@pytest.mark.parametrize("command", [("deliveries",), ("payments",), ("payments", "purchases")], ids=" ".join)
def test_what_waits_can_be_taken_home(
    run: Run,
    server: EmbeddedPostgres,
    shared_database: Callable[..., Database],
    tmp_path: Path,
    command: tuple[str, ...],
) -> None:
    url = shared_database(server, "demo").url
    files = {name: tmp_path / f"report.{name}" for name in ("pdf", "md", "json")}
    writes = [part for path in files.values() for part in ("--write", path)]
    code, out, error = run(*command, "--database-url", url, *writes)
    assert (code in (0, 1), error) == (True, "")
    assert out
    text = files["md"].read_text()
    assert text.startswith(f"# {command[0].capitalize()} of ")
    found = read_words(files["pdf"].read_bytes())
    texts = [squeeze(text) for block in read_blocks(text) for text in list_texts(block)]
    assert [text for text in texts if text not in found] == []
    assert json.loads(files["json"].read_text())["target"]


@pytest.mark.parametrize("act", [("deliveries", "park", "5", "--reason", "cause_solved"), ("payments", "leave", "a")])
def test_an_act_is_no_report(run: Run, tmp_path: Path, act: tuple[str, ...]) -> None:
    code, out, error = run(*act, "--write", tmp_path / "a.pdf")
    assert (code, out) == (2, "")
    assert "--write: belongs to a report, not to an act" in error
