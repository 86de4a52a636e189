"""The rules: shapes that refuse slips, files that are data alone, and the words of the product."""

import ast
import json
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest
from pydantic import ValidationError

import lab
from lab.rules import RULES, Rules, criteria, invariants, model, promises, questions
from lab.rules.invariants.orphans import ORPHANS
from lab.rules.model import (
    Channel,
    Column,
    Criterion,
    GeneralPromise,
    Invariant,
    Job,
    Layer,
    Question,
    Rule,
    Table,
)
from lab.rules.roles import service_role
from lab.text.public_names import HOMES

RULE_FOLDER = Path(lab.__file__).parent / "rules"
MACHINERY = {"amounts.py", "constructors.py", "function_constructors.py", "options.py", "registry.py", "derived.py"}
DATA_FILES = sorted(
    path
    for path in RULE_FOLDER.rglob("*.py")
    if path.parent.name not in {"model", "laws"} and path.name not in MACHINERY
)

PROMISES = [
    "What must live in the database instead of a polished mockup",
    "Tables for scrolls, artifacts, Echo, Council, consent, and delivery",
    "Consent as a separate story, not a forgotten checkbox",
    "Sealed records connect to products, artifacts, and Passport",
    "New premium layers receive durable records",
    "Email, PDF, gift, and recovery move through a tracked queue",
    "Emails do not expose the question and have a retry path",
    "Stripe product, Price ID, and unlock route are connected durably",
    "The operator sees events without unnecessary private details",
    "Export, deletion, and anonymization get a clear workflow",
    "Public access is closed; service role works only on the server",
    "Launch requires a recovery plan, not hope in the stars",
    "How to verify real data after payment and delivery failures",
    "AI receives only needed fields and writes to safe tables",
    "Criteria for a mature production system",
    "What remains after this pass before a real launch",
]


def test_chapters_keep_the_words_of_the_product() -> None:
    assert [chapter.promise for chapter in RULES.chapters] == PROMISES
    assert [chapter.number for chapter in RULES.chapters] == list(range(1, 17))


@pytest.mark.parametrize("path", DATA_FILES, ids=lambda path: path.stem)
def test_rule_files_are_data_alone(path: Path) -> None:
    busy = (ast.If, ast.For, ast.While, ast.FunctionDef, ast.ClassDef, ast.Lambda)
    found = [f"line {node.lineno}" for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, busy)]
    assert found == []


WHOLE_COLUMN = {"name": "x", "type": "text", "privacy": "secret", "erase": "keep", "why": "for the test"}


def test_no_column_without_class_erase_action_and_reason() -> None:
    Column.model_validate(WHOLE_COLUMN)
    for field in ("privacy", "erase", "why"):
        with pytest.raises(ValidationError, match=field):
            Column.model_validate({key: value for key, value in WHOLE_COLUMN.items() if key != field})


def test_unknown_fields_and_changes_are_refused() -> None:
    with pytest.raises(ValidationError, match="colour"):
        Column.model_validate({**WHOLE_COLUMN, "colour": "red"})
    with pytest.raises(ValidationError, match="frozen"):
        RULES.tables[0].title = "Other"  # type: ignore[misc]


def test_rules_fit_their_own_schema() -> None:
    schema = Rules.model_json_schema(mode="serialization")
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(RULES.model_dump_json()), schema)


def test_public_face() -> None:
    assert set(lab.__all__) == {"RULES", "Plan", "Scenario", "Verdict", "all_scenarios", "make_plan"}
    assert all(hasattr(lab, name) for name in lab.__all__)
    assert set(lab.__all__) == set(HOMES)
    assert not hasattr(lab, "make_nothing")


def test_every_shape_is_given_out_by_name() -> None:
    parts = (model.rule, model.postgres, model.product, model.checks, model.chapters, model.mail)
    shapes = {
        name
        for part in parts
        for name, value in vars(part).items()
        if isinstance(value, type) and value.__module__ == part.__name__
    }
    assert shapes <= set(model.__all__)
    assert all(hasattr(model, name) for name in model.__all__)


LISTED = (
    (criteria.environment, Criterion, criteria.environment.CRITERIA),
    (criteria.anchor, Criterion, criteria.anchor.CRITERIA),
    (criteria.operations, Criterion, criteria.operations.CRITERIA),
    (criteria.stripe, Criterion, criteria.stripe.CRITERIA),
    (invariants, Invariant, invariants.INVARIANTS[: -len(ORPHANS)]),
    (promises, GeneralPromise, promises.PROMISES),
    (questions, Question, questions.QUESTIONS),
)


@pytest.mark.parametrize(("module", "shape", "listed"), LISTED, ids=[module.__name__ for module, _, _ in LISTED])
def test_what_is_declared_to_be_checked_is_listed(
    module: ModuleType, shape: type[Rule], listed: Sequence[Rule]
) -> None:
    declared = {name: value for name, value in vars(module).items() if isinstance(value, shape)}
    assert [name for name, value in declared.items() if all(value is not one for one in listed)] == []
    assert set(map(id, declared.values())) == set(map(id, listed))


def test_rules_show_what_is_checked_with_its_reason() -> None:
    told = json.loads(RULES.model_dump_json())
    by_id = {rule["id"]: rule for kind in ("invariants", "criteria", "promises") for rule in told[kind]}
    assert by_id["paid_not_unlocked"]["table"] == "purchases"
    assert by_id["env_missing"]["severity"] == "high"
    assert by_id["stripe_counts_once"]["rule"] == "stripe_events_pkey"


def test_texts_are_for_people() -> None:
    """Sentences begin with a capital letter and end with a full stop or a question mark."""
    for consent in RULES.consents:
        assert consent.question[0].isupper(), consent.id
        assert consent.question.rstrip()[-1] in ".?", consent.id
    asked: tuple[Invariant | Question | Criterion | GeneralPromise, ...] = (
        *RULES.invariants,
        *RULES.questions,
        *RULES.criteria,
        *RULES.promises,
    )
    for checked in asked:
        for sentence in (checked.title, checked.why, getattr(checked, "decide", None) or checked.why):
            assert sentence[0].isupper(), checked.id
            assert sentence.rstrip().endswith("."), checked.id
    described: tuple[Table | Channel | Layer | Job, ...] = (*RULES.tables, *RULES.channels, *RULES.layers, *RULES.jobs)
    for rule in described:
        assert rule.description[0].isupper(), rule.id
        assert rule.description.endswith("."), rule.id
    assert service_role.description
