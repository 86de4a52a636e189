"""The print view: one page that stands alone."""

import re
from html.parser import HTMLParser

import pytest

from lab.services.documents import NotRendered, Renderer
from tests.documents.samples import SCRIPTS, make_reading, squeeze

HOSTILE = '</p><script src="https://x.example/a.js">alert(1)</script><img src=x onerror="alert(1)"> {{ 7 * 7 }} &amp;'


class Page(HTMLParser):
    """The elements of a page, with their attributes, and its text."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("language", SCRIPTS)
def test_it_says_its_language_and_direction(renderer: Renderer, language: str) -> None:
    question, answer = SCRIPTS[language]
    view = renderer.render_print_view(make_reading(question, answer, language=language))
    page = Page(view.content)
    direction = "rtl" if language in ("ar", "he", "ur") else "ltr"
    assert view.media_type == "text/html; charset=utf-8"
    assert page.elements[0] == ("html", {"lang": language, "dir": direction})
    assert squeeze(question) in squeeze(page.text)
    assert squeeze(answer) in squeeze(page.text)


def test_a_question_in_another_direction_has_its_own(renderer: Renderer) -> None:
    page = Page(renderer.render_print_view(make_reading("שאלה?", "An answer.", title="Tower")).content)
    directions = [(tag, attributes["dir"]) for tag, attributes in page.elements if "dir" in attributes]
    assert directions == [("html", "ltr"), ("h1", "ltr"), ("div", "rtl"), ("footer", "ltr")]


def test_it_needs_nothing_from_outside(renderer: Renderer) -> None:
    content = renderer.render_print_view(make_reading()).content
    page = Page(content)
    assert not {"script", "link", "img", "iframe", "object", "form", "a"} & {tag for tag, _ in page.elements}
    assert not [
        name for _, attributes in page.elements for name in attributes if name in ("src", "href") or name[:2] == "on"
    ]
    assert not re.search(rb"url\(|@import|https?://", content)
    assert b"default-src 'none'" in content
    assert b"@page" in content
    assert b"@media print" in content


def test_a_hostile_text_stays_text(renderer: Renderer) -> None:
    view = renderer.render_print_view(make_reading(HOSTILE, HOSTILE, title=HOSTILE))
    page, harmless = Page(view.content), Page(renderer.render_print_view(make_reading(title="x")).content)
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in harmless.elements]
    assert page.text.count(HOSTILE) == 4


def test_paragraphs_and_lines_are_kept(renderer: Renderer) -> None:
    content = renderer.render_print_view(make_reading("Why?", "One.\nTwo.\n\n\nThree.")).content
    assert b"<p>One.<br>Two.</p>\n<p>Three.</p>" in content


LETTERS = [
    ("Why?", "Because.", "question slanted", "answer initial"),
    ("— Почему?", "потому", "question slanted", "answer"),
    ("なぜ", "なので", "question", "answer"),
    ("?", "7", "question", "answer"),
]


@pytest.mark.parametrize(("question", "answer", "first", "second"), LETTERS, ids=["latin", "cyrillic", "kana", "none"])
def test_italics_and_initials_are_for_scripts_that_have_them(
    renderer: Renderer, question: str, answer: str, first: str, second: str
) -> None:
    page = Page(renderer.render_print_view(make_reading(question, answer)).content)
    assert [attributes["class"] for tag, attributes in page.elements if tag == "div"] == [first, second]


def test_the_day_can_be_read_by_a_program(renderer: Renderer) -> None:
    content = renderer.render_print_view(make_reading()).content
    assert b'<time datetime="2026-11-30">30 November 2026</time>' in content


@pytest.mark.parametrize("text", ["a\0", "\ud800"], ids=["nul", "half of a pair"])
def test_what_no_page_can_hold_is_a_code(renderer: Renderer, text: str) -> None:
    with pytest.raises(NotRendered) as caught:
        renderer.render_print_view(make_reading(text))
    assert caught.value.code == "render.missing_glyph"
