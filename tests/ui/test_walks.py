"""From page to page and back: what was picked on one is there afterwards, and no other page's widget is in its way."""

import ast
import itertools
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode

import pytest
from playwright.sync_api import Page, expect
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from fixtures.served_app import settle
from lab.text.product_files import PROJECT
from lab.ui.navigation import SECTIONS, PageEntry
from tests.ui.drawing import Open

PAGES = tuple(entry for entries in SECTIONS.values() for entry in entries)
# Each page with something picked in it that is not its default.
PICKED: dict[str, dict[str, list[str]]] = {
    "lab": {
        "layer": ["council"], "channel": ["email", "pdf"], "consent": ["email_delivery"], "compare": ["on"],
        "what_if": ["eu_buyer"], "b_layer": ["shop"], "b_channel": ["gift"], "view": ["Risks"],
    },
    "tour": {"step": ["delivery"]},
    "schema": {"table": ["share_cards"], "q": ["email"]},
    "chapters": {"target": ["embedded"], "state": ["unknown"]},
    "rehearsal": {"wish": ["gift"], "outage": ["disk_full"], "fault": ["late"], "bug": ["no_receipt"]},
    "readiness": {
        "target": ["embedded"], "layer": ["council", "shop"], "severity": ["high"], "family": ["schema"],
        "chapter": ["3"], "about": ["consents"], "show": ["History"],
    },
    "access": {"who": ["visitor"], "target": ["embedded"], "kind": ["function"]},
    "payments": {"target": ["embedded"], "layer": ["artifacts"], "show": ["links"]},
    "deliveries": {"target": ["embedded"], "channel": ["pdf", "gift"]},
}  # fmt: skip
PAIRS = tuple(itertools.permutations(PICKED, 2))
NAMED = {entry.address: entry for entry in PAGES}
# What is drawn with a key for its style alone holds nothing.
HOLDS_NOTHING = {"container", "grid", "format"}


def test_every_page_is_walked() -> None:
    assert set(PICKED) == set(NAMED)
    assert len({entry.memory.page for entry in PAGES}) == len(PAGES)


def go(page: AppTest, entry: PageEntry) -> AppTest:
    """Follow the menu: the address has nothing but the page."""
    page.switch_page(entry.file)
    page.query_params.clear()
    return page.run()


def read_address(page: AppTest) -> dict[str, list[str]]:
    return {name: value if isinstance(value, list) else [value] for name, value in page.query_params.items()}


@pytest.mark.usefixtures("own_home")
@pytest.mark.sample(every=5)
@pytest.mark.parametrize(("first", "second"), PAIRS, ids=["-".join(pair) for pair in PAIRS])
def test_what_is_picked_on_two_pages_stays(open_page: Open, first: str, second: str) -> None:
    page = open_page(first, **PICKED[first])
    assert (list(page.exception), read_address(page)) == ([], PICKED[first])
    go(page, NAMED[second])
    assert (list(page.exception), read_address(page)) == ([], {})
    for name, value in PICKED[second].items():
        page.query_params[name] = value
    page.run()
    for again in (first, second, first):
        go(page, NAMED[again])
        assert (list(page.exception), read_address(page)) == ([], PICKED[again])


def list_keys(page: AppTest) -> set[str]:
    """Return the keys of everything on a page that can be used."""
    kinds = ("button", "download_button", "selectbox", "multiselect", "toggle", "text_input", "button_group", "popover")
    found = {str(getattr(element, "key", None) or "") for kind in kinds for element in page.get(kind)}
    return {key for key in found if key}


@pytest.mark.usefixtures("own_home")
def test_no_two_pages_have_a_widget_key_in_common(open_page: Open) -> None:
    keys = {name: list_keys(open_page(name, **picked)) for name, picked in PICKED.items()}
    assert all(keys.values())
    for name, found in keys.items():
        assert {key for key in found if not key.startswith(f"{name}-")} == set()


def test_only_a_page_s_memory_makes_keys() -> None:
    """Every key of a widget comes from `PageMemory.key`, and nothing else looks into the session."""
    sources = [*sorted((PROJECT / "lab" / "ui").rglob("*.py")), *sorted((PROJECT / "pages").glob("*.py"))]
    strays = {path.name: found for path in sources if (found := set(find_strays(path.read_text())))}
    # The menu is no page's.
    assert strays == {"url_widgets.py": {"session_state"}, "navigation.py": {"session_state"}}


def find_strays(source: str) -> list[str]:
    """Return the keys of widgets that no page's memory made, and each look into the session."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr == "session_state":
            found.append("session_state")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr not in HOLDS_NOTHING:
            found += [ast.unparse(word.value) for word in node.keywords if word.arg == "key" and not _made(word.value)]
    return found


def _made(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "key"


@pytest.mark.parametrize("source", ['st.toggle("A", key="layer")', 'st.pills("A", key=f"{side}layer")'])
def test_a_key_that_no_memory_made_is_seen(source: str) -> None:
    assert len(find_strays(source)) == 1
    assert find_strays('st.toggle("A", key=MEMORY.key("layer"))') == []


@pytest.mark.sample(every=5)
@pytest.mark.parametrize("first", PICKED)
def test_a_walk_in_the_browser(visit: Callable[..., Page], first: str) -> None:
    """From two pages; `--whole` begins on each."""
    path = "" if NAMED[first] is PAGES[0] else first  # the default page stands at the root
    page = visit(f"/{path}?{urlencode(PICKED[first], doseq=True)}")
    for second in PICKED.keys() - {first}:
        for entry in (NAMED[second], NAMED[first]):
            page.get_by_test_id("stSidebar").get_by_role("link", name=entry.title, exact=True).click()
            expect(page.locator("h1").first).to_have_text(
                "Live persistence lab" if entry.title == "Lab" else entry.title
            )
            page.mouse.move(900, 700)  # or else the help of the one would lie on the other
            settle(page)
            expect(page.get_by_test_id("stException")).to_have_count(0)
        assert parse_qs(page.url.partition("?")[2]) == PICKED[first]


@pytest.mark.parametrize("query", ["", f"?{urlencode(PICKED['lab'], doseq=True)}"], ids=["bare", "picked"])
def test_the_default_page_has_an_address_of_its_own(visit: Callable[..., Page], query: str) -> None:
    page = visit(f"/lab{query}")
    expect(page.locator("h1").first).to_have_text("Live persistence lab")
    expect(page.get_by_text("Page not found")).to_have_count(0)
    page.reload()
    settle(page)
    expect(page.get_by_text("Page not found")).to_have_count(0)
    assert parse_qs(page.url.partition("?")[2]) == (PICKED["lab"] if query else {})
    page.get_by_test_id("stSidebar").get_by_role("link", name="Lab", exact=True).click()
    page.wait_for_url(lambda address: "/lab" not in address)
    settle(page)
    assert parse_qs(page.url.partition("?")[2]) == (PICKED["lab"] if query else {})


@pytest.mark.usefixtures("own_home")
@pytest.mark.sample(every=4)
@pytest.mark.parametrize("name", PICKED)
@pytest.mark.parametrize("forgets", [False, True], ids=["reconnected", "forgotten"])
def test_a_rerun_without_widget_state_shows_the_default_view(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, name: str, forgets: bool
) -> None:
    """A client that connects anew brings none; the session may hold its own still, or nothing."""
    page = open_page(name)
    drawn, keys = page.title[0].value, list_keys(page)
    held = {key: page.session_state[key] for key in keys if key in page.session_state}
    for _ in range(3):
        monkeypatch.setattr(type(page._tree), "get_widget_states", lambda tree: WidgetStates())
        for key in held if forgets else ():
            if key in page.session_state:
                del page.session_state[key]
        assert list(page.run().exception) == []
        assert (page.title[0].value, read_address(page)) == (drawn, {})
        assert {key: page.session_state[key] for key in held} == held


@pytest.mark.usefixtures("own_home")
def test_a_comparison_begins_in_a_session_that_holds_nothing(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page("lab")
    toggle = page.toggle(key="lab-compare").set_value(True)
    only = WidgetStates(widgets=[toggle._widget_state])
    monkeypatch.setattr(type(page._tree), "get_widget_states", lambda tree: only)
    for name in ("layer", "channel", "consent"):
        del page.session_state[f"lab-{name}"]
    assert list(page.run().exception) == []
    assert page.session_state["lab-b_layer"] == "artifacts"
