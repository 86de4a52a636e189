"""The PDF of a reading: accessible, the same bytes twice, in every script, and text that stays text."""

import datetime
import unicodedata

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import typst

from lab.services.documents import NotRendered, Renderer
from lab.services.documents.fonts import LETTERS, find_folders, order_families
from tests.documents.samples import NOT_READ_BACK, SCRIPTS, make_reading, read_boxes, read_text, squeeze

ZERO_WIDTH_NON_JOINER = "\u200c"
PROMISED = (
    "LATIN GREEK CYRILLIC HEBREW ARABIC DEVANAGARI BENGALI TAMIL TELUGU GUJARATI GURMUKHI KANNADA MALAYALAM ORIYA"
    " SINHALA MYANMAR THAI GEORGIAN ARMENIAN ETHIOPIC CJK HIRAGANA HANGUL"
)


@pytest.mark.parametrize("language", SCRIPTS)
def test_a_script_is_read_back(renderer: Renderer, language: str) -> None:
    question, answer = SCRIPTS[language]
    found = read_text(renderer.render_pdf(make_reading(question, answer, language=language)).content)
    assert squeeze(question) in found
    assert squeeze(answer) in found


def test_these_scripts_are_read_back() -> None:
    """What is promised, by the names that Unicode gives the letters."""
    letters = {letter for pair in SCRIPTS.values() for letter in "".join(pair) if letter.isalpha()}
    scripts = {unicodedata.name(letter).split()[0] for letter in letters}
    assert scripts >= set(PROMISED.split())


@pytest.mark.parametrize("language", NOT_READ_BACK)
def test_what_is_not_read_back_is_drawn_and_whole_in_the_print_view(renderer: Renderer, language: str) -> None:
    """If the PDF gives the text back one day, this fails: then the language belongs to the others."""
    question, answer = NOT_READ_BACK[language]
    reading = make_reading(question, answer, language=language)
    found = read_text(renderer.render_pdf(reading).content)
    assert squeeze(answer) not in found
    assert set(squeeze(answer)) - set(found) <= {ZERO_WIDTH_NON_JOINER}
    assert answer in renderer.render_print_view(reading).content.decode()


def test_persian_is_read_back_but_for_what_parts_letters_unseen(renderer: Renderer) -> None:
    question, answer = (text.replace(ZERO_WIDTH_NON_JOINER, "") for text in NOT_READ_BACK["fa"])
    found = read_text(renderer.render_pdf(make_reading(*NOT_READ_BACK["fa"], language="fa")).content)
    assert squeeze(question) in found
    assert squeeze(answer) in found


def test_letters_that_are_parted_unseen_do_not_join(renderer: Renderer) -> None:
    parted, joined = (
        renderer.render_pdf(make_reading("?", text, language="fa")).content for text in ("می\u200cشود", "میشود")
    )
    widths = [
        max(right for _, _, right in boxes) - min(left for _, left, _ in boxes)
        for boxes in (
            [box for box in read_boxes(content) if "ARABIC" in unicodedata.name(box[0], "")]
            for content in (parted, joined)
        )
    ]
    assert widths[0] > widths[1] + 1


@pytest.mark.parametrize("language", ["en", "ar", "ja"])
def test_it_is_accessible(renderer: Renderer, language: str) -> None:
    question, answer = SCRIPTS[language]
    content = renderer.render_pdf(make_reading(question, answer, language=language, title="Sun")).content
    document = pypdfium2.PdfDocument(content)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    assert pdfium.FPDFCatalog_IsTagged(document)
    assert b"/Lang(%s)/StructTreeRoot" % language.encode() in content
    assert document.get_metadata_dict()["Title"] == "Sun"
    assert (b"/Direction/R2L" in content) == (language == "ar")


@pytest.mark.parametrize(("language", "leftwards"), [("pa", False), ("ur", True), ("he", True)])
def test_the_order_of_reading_is_that_of_the_text(renderer: Renderer, language: str, leftwards: bool) -> None:
    """Punjabi is written in both directions; each text still names its language."""
    content = renderer.render_pdf(make_reading(*SCRIPTS[language], language=language)).content
    assert (b"/Direction/R2L" in content) == leftwards
    assert b"/Lang(%s)" % language.encode() in content


def test_a_reading_gives_the_same_bytes_in_two_processes(renderer: Renderer) -> None:
    reading = make_reading(*SCRIPTS["bn"], language="bn")
    first = renderer.render_pdf(reading)
    with Renderer() as other:
        assert other.render_pdf(reading) == first
    assert first.media_type == "application/pdf"
    assert len(first.sha256) == 32


def test_its_only_time_is_the_day_of_the_reading(renderer: Renderer) -> None:
    content = renderer.render_pdf(make_reading(made_on=datetime.date(2025, 2, 3))).content
    told = pypdfium2.PdfDocument(content).get_metadata_dict()
    assert (told["CreationDate"], told["ModDate"]) == ("D:20250203000000Z", "D:20250203000000Z")
    assert "3February20257F3A-91C2" in read_text(content)


MARKUP = [
    '#import "/etc/passwd": x',
    '#read("/etc/passwd") #panic() *bold* _slanted_ $x^2$ `raw` = no // comment',
    "</text><script>alert(1)</script> &amp; {{ question }} {% raw %}",
    "\\u{41} \\ --- ... \"straight\" 'quotes' @label <label> #sym.zws ~",
]


@pytest.mark.parametrize("text", MARKUP, ids=["import", "typst", "html", "escapes"])
def test_markup_stays_text(renderer: Renderer, text: str) -> None:
    found = read_text(renderer.render_pdf(make_reading(text, text, title=text)).content)
    assert found.count(squeeze(text)) == 3


def test_scripts_may_be_mixed(renderer: Renderer) -> None:
    text = "Tower, башня, πύργος, 塔, หอคอย, タワー, 탑 and a lamp \U0001f56f at 7."
    assert squeeze(text) in read_text(renderer.render_pdf(make_reading(text, text)).content)


@pytest.mark.parametrize("emoji", ["\U0001f319", "\u2764\ufe0f", "\U0001f44d\U0001f3fd"], ids=["moon", "heart", "hand"])
def test_emoji_are_drawn_and_own_no_digit(renderer: Renderer, emoji: str) -> None:
    content = renderer.render_pdf(make_reading("Why?", f"At 7 {emoji}")).content
    assert "At7" in read_text(content)
    assert b"+NotoEmoji" in content
    assert b"NotoEmoji" not in renderer.render_pdf(make_reading("Why?", "At 7")).content


def test_a_text_from_right_to_left_begins_at_the_right(renderer: Renderer) -> None:
    content = renderer.render_pdf(make_reading("سؤال", "البرج (Tower 7) لا يسقط.", language="ar")).content
    boxes = read_boxes(content)
    place = {character: left for character, left, _ in boxes if character in "بTw"}
    assert place["ب"] > place["T"]
    assert place["T"] < place["w"]
    assert max(right for _, _, right in boxes) > 450


@pytest.mark.parametrize(("text", "language"), [("ש ת", "en"), ("x y", "ar")], ids=["hebrew", "latin"])
def test_the_text_and_not_its_language_gives_the_direction(renderer: Renderer, text: str, language: str) -> None:
    content = renderer.render_pdf(make_reading(text, text, language=language, title="7")).content
    middle = {character: (left + right) / 2 for character, left, right in read_boxes(content) if character in text}
    assert middle[text[0]] > 400 if language == "en" else middle[text[0]] < 200


def test_overrides_do_not_leave_their_paragraph(renderer: Renderer) -> None:
    content = renderer.render_pdf(make_reading("a\u202ebc", "x\u202eyz\n\nThis stays.")).content
    assert "Thisstays." in read_text(content)
    edges = [left for character, left, _ in read_boxes(content) if character in "Ths"]
    assert edges[0] < edges[-1]


@pytest.mark.parametrize("letter", "aш/ת塔")
def test_a_long_word_stays_on_the_page(renderer: Renderer, letter: str) -> None:
    word = letter * 1200
    content = renderer.render_pdf(make_reading(word, word, title=word[:140])).content
    found = [box for page in range(len(pypdfium2.PdfDocument(content))) for box in read_boxes(content, page)]
    assert sum(character == letter for character, _, _ in found) >= 2 * 1200 + 140
    assert min(left for _, left, _ in found) > 85
    assert max(right for _, _, right in found) < 595 - 85


def test_a_long_reading_flows_over_numbered_pages(renderer: Renderer) -> None:
    paragraph = "There is a door in you that opens only inward. " * 12
    content = renderer.render_pdf(make_reading("Why?", "\n\n".join([paragraph] * 20))).content
    pages = pypdfium2.PdfDocument(content)
    texts = [page.get_textpage().get_text_range() for page in pages]
    assert len(texts) > 3
    assert all(f"{number} / {len(texts)}" in text for number, text in enumerate(texts, 1))
    assert ["7F3A-91C2" in text for text in texts] == [False] * (len(texts) - 1) + [True]


@pytest.mark.parametrize("length", range(1700, 2300, 100))
def test_the_colophon_is_not_alone_on_its_page(renderer: Renderer, length: int) -> None:
    text = ("There is a door in you that opens only inward. " * 50)[:length]
    answer = "\n\n".join(text[start : start + 450] for start in range(0, length, 450))
    pages = pypdfium2.PdfDocument(renderer.render_pdf(make_reading("Why?", answer)).content)
    last = squeeze(pages[len(pages) - 1].get_textpage().get_text_range())
    assert "door" in last
    assert "7F3A-91C2" in last


def test_paragraphs_and_lines_are_kept(renderer: Renderer) -> None:
    content = renderer.render_pdf(make_reading("Why?\r\nAnd when?", "One.\nTwo.\r\n\r\n\n  Three.")).content
    lines = pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range().split()
    assert "".join(lines[2:8]) == "Why?Andwhen?One.Two.Three."


UNSEEN = {
    "no font has it": "\U00012000",
    "a script without a font": "\u13a0",
    "nul": "a\0b",
    "escape": "\x1b[31m",
    "half of a pair": "\ud800",
    "private": "\ue000",
    "no character": "\ufffe",
    "byte order mark": "a\ufeffb",
}


@pytest.mark.sample(every=4)
@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
@pytest.mark.parametrize("field", ["question", "answer", "title"])
def test_what_cannot_be_drawn_is_a_code(renderer: Renderer, field: str, text: str) -> None:
    with pytest.raises(NotRendered) as caught:
        renderer.render_pdf(make_reading(**{field: f"A {text}"}))
    assert caught.value.code == "render.missing_glyph"


def test_every_family_is_in_one_place() -> None:
    """A family that two packages held would be chosen by the order of a folder."""
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[*find_folders()])
    places: dict[str, set[str]] = {}
    for font in fonts.fonts():
        places.setdefault(font.family, set()).add(font.path.rpartition("/")[0] if font.path else "")
    assert {family: len(places.get(family, ())) for family in order_families("en")} == dict.fromkeys(
        order_families("en"), 1
    )


def test_the_families_follow_the_language() -> None:
    firsts = {
        tag: next(f for f in order_families(tag) if f[-2:] in ("SC", "JP", "KR")) for tag in ("ja", "ko-KR", "zh")
    }
    assert firsts == {"ja": "Noto Serif JP", "ko-KR": "Noto Serif KR", "zh": "Noto Serif SC"}
    assert order_families("en")[0] == LETTERS
    assert order_families("ja")[-1] == "Noto Emoji"


def test_its_first_page_is_a_picture_also_of_several_pages(renderer: Renderer) -> None:
    short, long = (renderer.render_first_page(make_reading("Why?", "Because. " * many)) for many in (3, 3_000))
    for page in (short, long):
        assert page.media_type == "image/png"
        assert page.content[16:24] == (595).to_bytes(4) + (842).to_bytes(4)  # A4 at 72 dots an inch
    assert short.sha256 != long.sha256
