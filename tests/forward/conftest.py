"""A copy of the project whose rules have grown."""

import subprocess
from pathlib import Path

import pytest

from tests.forward.copies import copy_project, diff, edit
from tests.forward.edits import BODY, GROWTH, READINGS, REFUSE, SPREADS


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A copy whose rules have grown, and what the command said of it."""
    folder = copy_project(tmp_path_factory.mktemp("grown"))
    (folder / READINGS).write_text((folder / READINGS).read_text() + SPREADS)
    (folder / BODY).write_text(REFUSE)
    edit(folder, GROWTH)
    return folder, diff(folder, "add_tarot")
