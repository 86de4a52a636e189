"""A page about a target: its address, its inputs in the sidebar, and what it reads there in the background."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import streamlit as st

from lab.readiness.permission import Permission
from lab.readiness.targets import EMBEDDED
from lab.ui.kit import targets
from lab.ui.kit.background import Run, Runs
from lab.ui.kit.progress import draw_run, draw_strip
from lab.ui.kit.targets import Place, check_permission, find_place
from lab.ui.kit.url import Field
from lab.ui.navigation import PageEntry

Result = TypeVar("Result")
NOT_READ = "Not read on this target yet. Read it: nothing is changed."


def read_once(read: Callable[[str], Result]) -> Callable[[Place, Permission], Run[Result]]:
    """Return what makes a run of one step, which reads the URL of a place."""

    def make(place: Place, _: Permission) -> Run[Result]:
        def work(run: Run[Result]) -> Result:
            with run.step("read"):
                return read(place.url)

        return Run(place.name, [("read", "Read what operators may see")], work)

    return make


class TargetPage(Generic[Result]):
    """A page about a target.

    Args:
        entry: The page.
        make: Returns the run that reads a place, within a permission; it is not started yet.
        button: What the button that starts a run says.
        help: Of that button.
        fields: What the address holds besides the target.

    Attributes:
        runs: The newest run on each target, for all sessions.
    """

    def __init__(
        self,
        entry: PageEntry,
        make: Callable[[Place, Permission], Run[Result]],
        button: str,
        fields: Sequence[Field],
        help: str | None = None,
    ) -> None:
        self.entry, self.memory, self.runs = entry, entry.memory, Runs[Result]()
        self._make, self._button, self._fields, self._help = make, button, fields, help

    def find_runs(self, permission: Permission) -> Runs[Result]:
        """Return the runs that a visitor shares with others."""
        return self.runs

    def find_fields(self, permission: Permission) -> Sequence[Field]:
        """Return the choices that the address holds beside the target, for a visitor with this permission."""
        return self._fields

    def list_fields(self, permission: Permission) -> tuple[Field, ...]:
        """Return all that the address holds."""
        offered = targets.offer_targets(permission)
        target = Field(name="target", kind="target", options=offered, default=EMBEDDED, leads=True)
        return target, *self.find_fields(permission)

    def show(
        self,
        draw: Callable[[Place | None, Permission], None],
        draw_filters: Callable[[], None],
        draw_inputs: Callable[[Permission], None] = lambda _: None,
        on_target: Callable[[], None] | None = None,
    ) -> None:
        """Draw the page.

        Args:
            draw: Draws the target that was chosen; None when this visitor may not see it.
            draw_filters: Draws what narrows the view.
            draw_inputs: Draws what a run reads besides the target.
            on_target: Called when another target is chosen.
        """
        permission = check_permission()
        fields = self.list_fields(permission)
        self.memory.open_address(fields)
        with st.sidebar:
            target = targets.draw_target(self.memory, fields[0].options, permission, on_target)
            draw_inputs(permission)
            self._draw_button(target, permission)
            draw_filters()
        self.entry.draw_head(fields)
        shows = targets.shows_target(self.memory, target, permission)
        if not shows:
            targets.draw_withheld(self.memory, permission)
        draw(find_place(target) if shows else None, permission)
        self.memory.close_address(fields)

    def _draw_button(self, target: str, permission: Permission) -> None:
        """Draw the button that starts a run; while one runs on the target, it is disabled."""
        runs = self.find_runs(permission)
        run = runs.find(find_place(target).name) if targets.is_open(target, permission) else None
        st.button(
            self._button, icon=":material/play_arrow:", type="primary", width="stretch", on_click=self.start,
            help=self._help, disabled=run is not None and run.running,
        )  # fmt: skip

    def start(self) -> None:
        """Start a run on the target that is picked, if this visitor may; for callbacks."""
        permission = check_permission()
        if place := targets.find_picked(self.memory, permission):
            self.memory.forgive_address()
            self.read(place, permission)

    def read(self, place: Place, permission: Permission) -> Run[Result]:
        """Start a run on a place, or return the one that is running there."""
        return self.find_runs(permission).start(self._make(place, permission))

    def draw_state(
        self, place: Place, permission: Permission, *, known: bool, hint: str | Callable[[], str], at_once: bool = True
    ) -> bool:
        """Draw the status strip and the newest run; return whether results can be shown: not while it runs.

        Args:
            place: The database that was chosen.
            permission: Of this visitor.
            known: Whether there is a result to show.
            hint: What to do while there is none, or what writes it then.
            at_once: Whether made-up data is read without a click.
        """
        runs = self.find_runs(permission)
        if at_once and place.made_up and place.url and runs.find(place.name) is None:
            self.read(place, permission)
        draw_strip(place, runs, permission)
        return draw_run(place, runs, known=known, invitation=hint)
