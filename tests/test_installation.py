"""The wheel, built without a network, and run from an empty folder that knows nothing of the checkout."""

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.text.product_files import PROJECT

PACKAGES = sysconfig.get_path("purelib")  # the test environment's, which the installed copy may use
# What the installed copy opens, one path a line; those in the test environment's packages are left out.
WATCH = """
import os, sys
_SEEN = os.open({log!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def _watch(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and not arguments[0].startswith({packages!r}):
        try:
            os.write(_SEEN, os.path.abspath(arguments[0]).encode() + b"\\n")
        except OSError:
            pass  # the child that renders documents may write no file
sys.addaudithook(_watch)
"""


class Installed:
    """A copy of the wheel in an environment of its own, and an empty folder from which it is run."""

    def __init__(self, place: Path, wheel: Path) -> None:
        self.environment, self.folder, self.log = place / "environment", place / "empty", place / "opened.txt"
        self.folder.mkdir()
        _run(sys.executable, "-m", "venv", "--without-pip", str(self.environment))
        python = str(self.environment / "bin" / "python")
        _run(*PIP, "--python", python, "install", "--no-deps", "--no-index", str(wheel))
        self.packages = next(self.environment.glob("lib/python*/site-packages"))
        (self.packages / "test_environment.pth").write_text(f"{PACKAGES}\n")
        watch = WATCH.format(log=str(self.log), packages=PACKAGES)
        (self.packages / "sitecustomize.py").write_text(watch)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the console script."""
        started = self.start(*arguments)
        out, err = started.communicate()
        return subprocess.CompletedProcess(started.args, started.returncode, out, err)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the console script."""
        command = [str(self.environment / "bin" / "persistence-lab"), *arguments]
        kept = ("PATH", "HOME", "TMPDIR")
        environ = {name: os.environ[name] for name in kept if name in os.environ}
        environ["PERSISTENCE_LAB_HOME"] = str(self.folder / "home")
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.folder, env=environ, stdout=pipe, stderr=pipe, text=True)

    def opened(self) -> set[Path]:
        """Return what was opened by all runs."""
        return {Path(line) for line in self.log.read_text(errors="replace").splitlines()}


PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")


def _run(*command: str) -> None:
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    _run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder), str(PROJECT))
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Iterator[Installed]:
    """Not in pytest's own folder, which it shuts to the account of the embedded server."""
    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)
        yield Installed(Path(place), wheel)


def packed(wheel: Path, folder: str) -> set[str]:
    """Return the files of a folder of the wheel, by their path in it."""
    with zipfile.ZipFile(wheel) as archive:
        return {name.removeprefix(folder) for name in archive.namelist() if name.startswith(folder)}


def files(folder: Path) -> set[str]:
    """Return the files of a folder of the checkout, but for compiled ones."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(folder).as_posix() for path in found}


@pytest.mark.parametrize("name", ["sql", "pages"])
def test_a_wheel_has_every_file_of_a_folder(wheel: Path, name: str) -> None:
    assert packed(wheel, f"lab/files/{name}/") == files(PROJECT / name)


def test_a_wheel_has_the_modules_and_what_is_beside_them(wheel: Path) -> None:
    modules = {name for name in packed(wheel, "lab/") if not name.startswith("files/")}
    assert modules == files(PROJECT / "lab")
    assert {"app.py", "fixtures/demo.sql", ".streamlit/config.toml"} <= packed(wheel, "lab/files/")


def test_its_version_is_that_of_the_newest_changes(wheel: Path) -> None:
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    newest = next(line for line in (PROJECT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## "))
    assert newest.split()[1] == version == wheel.name.split("-")[1]


def test_plan_from_an_empty_folder(installed: Installed) -> None:
    told = installed.run("plan", "--layer", "artifacts", "--channel", "email", "--consent", "email_delivery")
    assert (told.returncode, told.stderr) == (0, "")
    assert "Ready: nothing is missing." in told.stdout


def test_check_from_an_empty_folder(
    installed: Installed, server: EmbeddedPostgres, database: Callable[..., Database]
) -> None:
    url, log = database(server).url, installed.folder / "found.sarif"
    told = installed.run("check", "--database-url", url, "--write", f"sarif={log}")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.splitlines()[1].startswith("Ready: ")
    assert installed.run("check", "--database-url", database(server, "bare").url).returncode == 1


def test_demo_from_an_empty_folder(installed: Installed) -> None:
    told = installed.run("demo")
    assert told.returncode == 0, told.stderr
    app = told.stdout.split("`streamlit run ")[1].split("`")[0]
    assert Path(app) == installed.packages / "lab" / "files" / "app.py"
    assert Path(app).is_file()


def test_the_shop_from_an_empty_folder(installed: Installed) -> None:
    with installed.start("demo", "--shop", "--json") as process:
        line = process.stdout.readline() if process.stdout else ""
        try:
            for place in json.loads(line).values():
                with urllib.request.urlopen(place, timeout=20) as answer:
                    assert answer.status == 200
        finally:
            process.terminate()
        told = process.communicate(timeout=30)
        assert (process.returncode, told[1].splitlines()[-1]) == (0, "Everything has ended."), told


def test_nothing_of_the_checkout_is_read(installed: Installed) -> None:
    installed.run("sql")
    opened = installed.opened()
    assert installed.packages / "lab/files/sql/functions/erase_subject.sql" in opened
    assert [path for path in opened if path.is_relative_to(PROJECT)] == []


def test_help_names_the_command_as_it_was_called(installed: Installed) -> None:
    assert installed.run("--help").stdout.startswith("usage: persistence-lab ")
