"""Errors: one base class, its sentences, and what commands and pages make of it."""

import ast
import pickle
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest

from lab.checks.schema.equivalence.nodes import Unreadable
from lab.cli import main
from lab.text.errors import LabError
from lab.text.product_files import PROJECT
from lab.ui.kit.background import explain_failure
from lab.ui.kit.server_database import _explain

MODULES = sorted((PROJECT / "lab").rglob("*.py"))

# What steers a program and reaches nobody, and why it is no LabError.
INTERNAL = {
    "Dropped": "an event that does not arrive, in a rehearsal; the play goes on",
    "Killed": "the end of a process, in a rehearsal; the play goes on",
    "Aborted": "the thread of a race that is over; nobody reads it",
    "Stuck": "a race whose doer came to no stop: a defect of the rehearsal, seen in its traceback",
    "PoolerGone": "a connection that the pooler closes, in a rehearsal; the play goes on",
    "WrongSchedule": "what is wrong with a schedule; the command and the page say it in their words",
    "NotUnderstood": "words that name no failure; the command and the page say it in their words",
    "NoAnswer": "the driver's own class: whoever handles an OperationalError handles it",
    "NotFetched": "why the programs of a server are missing; becomes an EmbeddedUnavailable",
    "Interrupted": "the thread of a run that was cancelled; nobody reads it",
    "RunCancelled": "ends the work of a run that was cancelled; nobody reads it",
    "Unreadable": "an expression outside the grammar: the finding stays",
    "_Fault": "one line of a file; all are gathered into one EnvironmentFileFault",
    "_Refused": "a dump's part, which does not know the dump's name; becomes an AnchorFault",
    "NotDumped": "text that pg_dump does not write; becomes an AnchorFault",
    "ApiError": "an answer of Local Stripe in Stripe's shape",
    "WrongFault": "a fault that Local Stripe does not know; becomes an ApiError",
    "Refused": "a delivery that is not stored, or a message that is not sent; becomes an answer or a job's code",
    "NotAccepted": "an event of the e-mail provider that is not believed; becomes the answer to it",
    "Uncertain": "a message that may have been sent; the worker records its code",
    "JobFailed": "an attempt at a delivery; becomes the job's code",
    "JobPostponed": "a delivery that waits; becomes the job's code",
    "StoreFault": "a file that cannot be stored, read or deleted; becomes the job's code",
    "FileChanged": "a file that is not what its name says; becomes the answer that there is none",
    "FileGone": "a file that is not there; becomes the answer that there is none",
    "Unavailable": "a delivery that cannot be stored now; becomes the answer to Stripe",
    "TaskFailed": "a run of a scheduled task failed; becomes the outcome that the worker reports",
    "TaskStopped": "a run ended because its worker stops; becomes the outcome that the worker reports",
    "Truncated": "a text without its end; becomes an AnchorFault",
}

SENTENCES = [
    (LabError("db:5432", "nothing listens there", "Check the port"), "db:5432: nothing listens there. Check the port."),
    (LabError("acceptances.toml", "is not TOML."), "acceptances.toml: is not TOML."),
    (LabError(found="there is no key", next_step="Pass one"), "there is no key. Pass one."),
    (LabError("--write x", next_step="write FORMAT=FILE"), "--write x: write FORMAT=FILE."),
    (LabError("The file is damaged. Move it away."), "The file is damaged. Move it away."),
    (LabError(faults=["a: is bad.", "b: is bad"], next_step="Undo both"), "a: is bad.\nb: is bad\nUndo both."),
    (LabError(faults=["a: is bad"]), "a: is bad"),
]


def find_classes() -> dict[str, type[BaseException]]:
    """Return every exception class that is defined in `lab/`, by its name."""
    found = {}
    for path in MODULES:
        name = ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
        if path.stem == "__main__":
            continue
        for thing in vars(import_module(name)).values():
            if isinstance(thing, type) and issubclass(thing, BaseException) and thing.__module__ == name:
                found[thing.__name__] = thing
    return found


def find_single_sentences(names: set[str]) -> Iterator[str]:
    """Yield where an error of one of these classes is made of one sentence, which hides its parts."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in names:
                continue
            given = [keyword.arg for keyword in node.keywords]
            if len(node.args) == 1 and not given:
                yield f"{path.relative_to(PROJECT)}:{node.lineno}: {node.func.id}"


@pytest.mark.parametrize(("error", "sentence"), SENTENCES, ids=[sentence[:20] for _, sentence in SENTENCES])
def test_a_sentence_has_its_parts(error: LabError, sentence: str) -> None:
    assert str(error) == sentence
    assert str(pickle.loads(pickle.dumps(error))) == sentence


def test_every_error_for_people_is_one_class() -> None:
    classes = find_classes()
    others = {name for name, found in classes.items() if not issubclass(found, LabError)}
    assert others == set(INTERNAL)
    assert {"DatabaseUnavailable", "AppliedOtherwise", "BrokenRules", "NotDone", "KeyFault"} <= classes.keys() - others


def test_every_error_says_subject_found_and_next_step_apart() -> None:
    names = {name for name, found in find_classes().items() if issubclass(found, LabError)}
    assert list(find_single_sentences(names)) == []


def test_every_error_explains_itself_and_ends_a_command() -> None:
    for name, found in find_classes().items():
        assert found.__doc__, name
        assert not issubclass(found, LabError) or found.exit_code in (1, 2), name


class _Seven(LabError):
    """An error that no part of the lab knows."""

    exit_code = 7


def test_a_command_takes_words_and_exit_code_from_the_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(scenario: object) -> None:
        raise _Seven("the plan", "is too large", "Choose less")

    monkeypatch.setattr("lab.cli.plans.make_plan", refuse)
    assert main(["plan", "--layer", "scroll"]) == 7
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "error: the plan: is too large. Choose less.\n")


@pytest.mark.parametrize("explain", [lambda error: explain_failure(error, "staging"), _explain], ids=["run", "start"])
def test_a_page_passes_on_what_was_written_for_people_alone(explain: Callable[[Exception], str]) -> None:
    assert explain(_Seven("the plan", "is too large", "Choose less")) == "the plan: is too large. Choose less."
    told = explain(Unreadable("hunter2"))
    assert "hunter2" not in told
    assert "Unreadable" in told
