"""Draws DOT text as SVG and PNG, with a Graphviz program that comes with the requirements."""

import shutil
import subprocess
import sys
import sysconfig
from functools import lru_cache
from pathlib import Path
from typing import Literal

from lab.text.errors import LabError

PROGRAM = "graphviz-pure"
SECONDS = 20.0
"""A picture that takes longer than this is cancelled."""


class PictureUnavailable(LabError):
    """No picture could be drawn; the message names what is missing and what to do instead."""


@lru_cache(maxsize=256)
def render(dot: str, form: Literal["svg", "png", "json"]) -> bytes:
    """Draw DOT text; the same text is drawn once per process.

    Args:
        dot: A graph in the DOT language.
        form: What to draw: svg, png, or json, which holds the layout with the width of every text.

    Raises:
        PictureUnavailable: No Graphviz program was found, or it failed or took too long.
    """
    program = find_program()
    # A PNG is drawn at 144 dots an inch, so that it stays sharp on dense screens and on paper.
    command = [program, f"-T{form}", *(["-Gdpi=144"] if form == "png" else [])]
    try:
        done = subprocess.run(command, input=dot.encode(), capture_output=True, timeout=SECONDS, check=True)
    except subprocess.TimeoutExpired as error:
        raise _unavailable(f"{program} did not finish within {SECONDS:g} s") from error
    except (OSError, subprocess.CalledProcessError) as error:
        raise _unavailable(f"{program} failed: {_reason(error)}") from error
    return done.stdout


def find_program() -> str:
    """Return the path of a Graphviz program: the one from the requirements, else a dot on the PATH.

    Raises:
        PictureUnavailable: There is neither.
    """
    folders = (Path(sys.executable).parent, Path(sysconfig.get_path("scripts")))
    for folder in folders:
        found = shutil.which(PROGRAM, path=str(folder))
        if found:
            return found
    found = shutil.which(PROGRAM) or shutil.which("dot")
    if found is None:
        raise _unavailable(f"neither {PROGRAM} beside this Python nor dot on the PATH was found")
    return found


def _reason(error: OSError | subprocess.CalledProcessError) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        lines = error.stderr.decode(errors="replace").strip().splitlines()
        return lines[0] if lines else f"exit code {error.returncode}"
    return error.strerror or "it could not be started"


def _unavailable(cause: str) -> PictureUnavailable:
    next_step = (
        "Install it with “pip install -r requirements.txt”, or download the DOT text and open it in any Graphviz viewer"
    )
    return PictureUnavailable("The picture could not be drawn", cause, next_step)
