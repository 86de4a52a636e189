"""Installs the other checkers: Python packages, in an environment of their own."""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from fixtures.servers import locked
from lab.text.product_files import PROJECT

ENVIRONMENT = PROJECT / ".lab" / "tools" / "checkers"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
WORKER = Path(__file__).with_name("worker.py")
INSTALL_SECONDS, PATIENCE_SECONDS = 600, 120


class Unusable(Exception):
    """A checker can't be used here, and why."""


def install_packages() -> Path:
    """Install the pinned packages unless they are there; return their Python.

    Raises:
        Unusable: There is no way to install them.
    """
    python, done = ENVIRONMENT / "bin" / "python", ENVIRONMENT / "requirements.txt"
    with locked(ENVIRONMENT.with_name("checkers.lock")):
        if not (python.exists() and done.exists() and done.read_text() == REQUIREMENTS.read_text()):
            print(f"Installing {REQUIREMENTS.relative_to(PROJECT)}", file=sys.stderr)
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            _install([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], "an environment could not be made")
            _install([*pip, "-r", str(REQUIREMENTS)], "pip could not install the packages")
            done.write_text(REQUIREMENTS.read_text())
    return python


def _install(command: list[str], fault: str) -> None:
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Unusable(f"{fault} within {INSTALL_SECONDS} s") from None
    if told.returncode:
        raise Unusable(f"{fault}: exit code {told.returncode}")


class Worker:
    """A process that has the checkers loaded, for one thread at a time; see `worker.py`."""

    def __init__(self, python: Path) -> None:
        self._python = python
        self._process: subprocess.Popen[str] | None = None

    def ask(self, question: Mapping[str, str]) -> str:
        """Return a digest of a checker's output.

        Raises:
            Unusable: It failed, or took too long.
        """
        if self._process is None:
            self._process = subprocess.Popen(
                [self._python, WORKER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        process = self._process
        limit = threading.Timer(PATIENCE_SECONDS, process.kill)
        limit.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(dict(question)) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            limit.cancel()
        if not line:
            self.stop()
            raise Unusable(f"it ended, or did not answer within {PATIENCE_SECONDS} s")
        return read_answer(line)

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def ask_once(python: Path, question: Mapping[str, str]) -> str:
    """Run one question in a new process.

    Raises:
        Unusable: The checker failed.
    """
    told = subprocess.run(
        [python, WORKER], input=json.dumps(dict(question)), capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    return read_answer(told.stdout or '{"failed": "no answer"}')


def read_answer(line: str) -> str:
    """Read a line of the worker.

    Raises:
        Unusable: The line reports that the checker failed.
    """
    answer = json.loads(line)
    if "failed" in answer:
        raise Unusable(f"it failed with {answer['failed']}")
    return str(answer["said"])
