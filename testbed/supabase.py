"""The official Supabase command line, installed once from npm into an ignored folder."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from lab.text.product_files import PROJECT
from testbed.servers import locked

PACKAGE = "supabase@3.1.0"


class NoProgram(Exception):
    """The command line can't be had on this machine, and why."""


class ProgramFailed(Exception):
    """A command failed; says what it printed."""


def find_program() -> Path:
    """Find the command line, or install it.

    Raises:
        NoProgram: There is no npm, or it could not install it.
    """
    folder = PROJECT / ".lab" / "tools"
    found = folder / "node_modules" / ".bin" / "supabase"
    if shutil.which("npm") is None:
        raise NoProgram("npm is not installed, so the official Supabase command line cannot be tried")
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "install.lock"):
        if not found.exists():
            command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE]
            told = subprocess.run(command, capture_output=True, text=True, timeout=300)
            if told.returncode:
                raise NoProgram(f"npm could not install {PACKAGE}: exit code {told.returncode}")
    return found


def make_project(folder: Path) -> Path:
    """Make a Supabase project without migrations in a folder."""
    (folder / "supabase").mkdir()
    (folder / "supabase" / "config.toml").write_text('project_id = "lab"\n')
    return folder


def run(program: Path, project: Path, *arguments: str, url: str) -> str:
    """Run a command against a database over TCP, and return what it printed.

    Raises:
        ProgramFailed: Its exit code is not 0.
    """
    command = [str(program), *arguments, f"--remote={url}"]
    environ = {**os.environ, "SUPABASE_TELEMETRY_DISABLED": "1"}
    told = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120, env=environ)
    if told.returncode:
        raise ProgramFailed(told.stdout + told.stderr)
    return told.stdout


def read_advice(program: Path, project: Path, url: str, level: str = "warn") -> list[dict[str, Any]]:
    """Ask the advisors for what they find at a level and above: info, warn, error."""
    told = run(program, project, "db", "advisors", "--level", level, "--fail-on", "none", "-o", "json", url=url)
    found: list[dict[str, Any]] = json.loads(told[told.index("[") : told.rindex("]") + 1]) if "[" in told else []
    return found
