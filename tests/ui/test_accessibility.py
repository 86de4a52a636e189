"""axe-core on every page, light and dark."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from fixtures.page_states import FIRST, STATES, list_addresses
from lab.ui.navigation import SECTIONS

ADDRESSES = tuple(address for page in STATES for address in list_addresses(page))
# Streamlit's own, which a page cannot change; each with the reason why it is let through.
STREAMLITS_OWN: dict[str, str] = {}
PATIENCE = 3


# Each address in both schemes, one after the other beginning with another, so that a sample has both schemes.
DRAWN = [(one, scheme) for place, one in enumerate(ADDRESSES) for scheme in ("light", "dark")[:: 1 - place % 2 * 2]]


def test_every_page_is_looked_at() -> None:
    pages = [entry.address for entries in SECTIONS.values() for entry in entries]
    assert list(STATES) == pages
    assert pages[0] == FIRST


@pytest.mark.sample(every=5)
@pytest.mark.parametrize(("address", "scheme"), DRAWN, ids=[f"{one}-{scheme}" for one, scheme in DRAWN])
def test_no_serious_fault(visit: Callable[..., Page], address: str, scheme: str) -> None:
    assert find_faults(visit(address, scheme=scheme)) == []


def find_faults(page: Page) -> list[str]:
    """Return the serious faults of a page as it stands now; a colour that is still fading in is judged later."""
    for _ in range(PATIENCE):
        if not (found := _ask_axe(page)):
            break
        page.wait_for_timeout(1500)
    return found


def find_faults_in_both(page: Page) -> list[str]:
    """Return the serious faults of a page in light and in dark."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(500)
        found += find_faults(page)
    return found


def _ask_axe(page: Page) -> list[str]:
    return [
        f"{violation['id']}: {violation['help']} {[node['html'][:200] for node in violation['nodes'][:3]]}"
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in ("serious", "critical") and violation["id"] not in STREAMLITS_OWN
    ]
