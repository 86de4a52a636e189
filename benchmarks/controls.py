"""Finds the controls of a page in a browser, and measures a click until the page is settled."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page

ALIKE = 3
"""How many of controls that are alike are measured."""
QUIET_MILLISECONDS = 150
STARTS_WORK = re.compile(r"^(Run the|Read (payments|deliveries)|Play|Check this|Cancel|Hunt|Start again)")
# Everything on a page that can be used, except its menu and what only a pointer over a table shows; Playwright also
# looks into components.
USABLE = (
    ":is([data-testid=stMain], [data-testid=stSidebarUserContent]) "
    ":is(button, summary, a[href], [role=combobox], [data-testid=stCheckbox] label, input[type=search])"
)
DESCRIBE = """(element) => {
  const box = element.getBoundingClientRect();
  const menu = element.closest('.st-key-menu, [data-testid=stHeaderActionElements], [data-testid=stElementToolbar]');
  const seen = element.checkVisibility() && box.width > 0 && box.height > 0;
  const label = (element.getAttribute('aria-label') || element.innerText || '').trim().split('\\n')
    .filter((line) => !/^[a-z_]+$/.test(line)).pop() || '';
  const buttons = element.closest('[data-testid=stButtonGroup]');
  const group = buttons?.querySelector('[role=toolbar], [role=radiogroup]')?.ariaLabel
    || element.closest('table')?.caption?.innerText || '';
  return {seen: Boolean(seen && !menu && !element.disabled), label, group, tag: element.tagName.toLowerCase(),
          leads: element.matches('[data-testid=stPageLink-NavLink]'),
          role: element.getAttribute('role') || '', type: element.type || ''};
}"""
# Notes when the heading is first there, when somebody last did something, and when the page last changed.
MARK_TIMES = """
window.times = {heading: 0, done: 0, changed: 0};
for (const kind of ['click', 'keydown', 'input'])
  window.addEventListener(kind, () => { times.done = performance.now(); times.changed = times.done; }, true);
new MutationObserver(() => {
  times.changed = performance.now();
  if (!times.heading && document.querySelector('h1')) times.heading = times.changed;
}).observe(document, {
  subtree: true, childList: true, characterData: true,
  attributeFilter: ['data-test-script-state', 'data-stale', 'src', 'aria-checked', 'aria-selected'],
});
"""
SETTLED = f"""() => !document.querySelector('[data-stale=true]')
  && document.querySelector('[data-test-script-state=notRunning]')
  && performance.now() - times.changed > {QUIET_MILLISECONDS}"""


@dataclass(frozen=True, kw_only=True)
class Control:
    """A control of a page.

    Args:
        name: Its words, with those of its group.
        place: Its place among all usable elements of the page as it opens.
        kind: How it is used: `click`, `choose` from a list, `type`, or `follow` to another page.
        starts_work: Whether it starts a check, which waits for a database.
    """

    name: str
    place: int
    kind: str
    starts_work: bool


def find_controls(page: Page) -> list[Control]:
    """Return the controls of a page; of those that are alike, the first few."""
    found, alike, names = [], dict[str, int](), dict[str, int]()
    for place, told in enumerate(page.locator(USABLE).evaluate_all(f"(every) => every.map({DESCRIBE})")):
        group = told["group"] or f"{told['tag']} {told['label']}"
        if not told["seen"] or alike.get(group, 0) >= ALIKE:
            continue
        alike[group] = alike.get(group, 0) + 1
        name = ": ".join(filter(None, (told["group"][:40], told["label"][:50]))) or told["tag"]
        kind = "choose" if told["role"] == "combobox" else "type" if told["type"] in ("search", "text") else "click"
        kind = "follow" if told["leads"] else kind
        names[name] = names.get(name, 0) + 1
        name = f"{name} ({names[name]})" if names[name] > 1 else name
        found.append(Control(name=name, place=place, kind=kind, starts_work=bool(STARTS_WORK.match(told["label"]))))
    return found


def click(page: Page, control: Control) -> float:
    """Use a control, and return the seconds until the page is settled; it may stand at another place than before."""
    place = next((found.place for found in find_controls(page) if found.name == control.name), control.place)
    element = page.locator(USABLE).nth(place)
    _use(page, element, control.kind)
    page.wait_for_timeout(20)
    page.wait_for_function(SETTLED, polling=20)
    return float(page.evaluate("times.changed - times.done")) / 1000


def _use(page: Page, element: Locator, kind: str) -> None:
    if kind == "type":
        element.fill("email")
    elif kind == "choose":
        element.click()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    else:
        element.click()
