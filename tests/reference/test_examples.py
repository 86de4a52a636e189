"""Every example of the reference is run as the role that it names, and answers what its page shows."""

import dataclasses

import pytest

from lab.rules import RULES
from lab.rules.model import Role, Table
from lab.sql.reference.calls import row_columns, write_javascript, write_literal, write_sql
from lab.sql.reference.example import Earlier, Example, Varies, show
from lab.sql.reference.examples import TOPICS
from lab.sql.reference.selects import list_owned, readable_columns, select_sql
from lab.sql.reference.typescript import list_functions
from tests.reference.stage import Stage, fits

EXAMPLES = [example for topic in TOPICS for example in topic.examples]
NAMES = [example.function.id for example in EXAMPLES]


def test_each_function_that_the_data_api_offers_has_one_example() -> None:
    assert sorted(NAMES) == [function.id for function in list_functions()]
    assert all(example.role in example.function.execute for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
def test_an_example_answers_what_its_page_shows(stage: Stage, example: Example) -> None:
    outcome = stage.call(example)
    assert outcome.state == "", outcome.message
    assert fits(example.answer, outcome.answer), outcome.answer


@pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
def test_the_database_knows_the_same_arguments_answers_and_callers(stage: Stage, example: Example) -> None:
    """What the page lists is what Postgres has."""
    one = example.function
    row = stage.connection.execute(
        "select coalesce(p.proargnames[:p.pronargs], '{}'), p.pronargdefaults, pg_get_function_result(p.oid),"
        " (select array_agg(r.role order by r.place) from unnest(%s::text[]) with ordinality r (role, place)"
        "   where has_function_privilege(r.role, p.oid, 'execute'))"
        " from pg_proc p where p.oid = to_regprocedure(%s)",
        [[role.id for role in RULES.roles], one.signature],
    ).fetchone()
    assert row is not None
    names, defaults, returned, callers = row
    assert names == [argument.name for argument in one.arguments]
    assert defaults == len([argument for argument in one.arguments if argument.default is not None])
    assert returned.lower().replace("timestamp with time zone", "timestamptz") == one.returns.lower()
    assert set(callers) == {role.id for role in one.execute}


@pytest.mark.parametrize("role", RULES.roles, ids=lambda role: role.id)
def test_a_role_that_a_page_does_not_name_is_refused(stage: Stage, role: Role) -> None:
    others = [example for example in EXAMPLES if role not in example.function.execute]
    assert {stage.call(dataclasses.replace(example, role=role)).state for example in others} == {"42501"}


@pytest.mark.parametrize("table", list_owned(), ids=lambda table: table.id)
def test_a_person_reads_the_columns_of_the_page_and_no_others(stage: Stage, table: Table) -> None:
    assert stage.read("ada", select_sql(table)) == ("", list(readable_columns(table)))
    hidden = [column.name for column in table.columns if column.name not in readable_columns(table)]
    assert stage.read("ada", f"select * from {table.qualified}")[0] == ("42501" if hidden else "")
    assert {stage.read("ada", f"select {name} from {table.qualified}")[0] for name in hidden} <= {"42501"}


def test_both_languages_say_the_same() -> None:
    example = dataclasses.replace(
        EXAMPLES[0],
        arguments={
            "purpose": "it's",
            "scope_id": None,
            "evidence": {"a": [1, True]},
            "request_id": Earlier(shown="x", query=""),
        },
    )
    assert write_sql(example).splitlines()[1:5] == [
        "  purpose => 'it''s',",
        "  scope_id => null,",
        """  evidence => '{"a": [1, true]}',""",
        "  request_id => 'x'",
    ] or write_sql(example).startswith("select public.give_consent(purpose => 'it''s', scope_id => null, ")
    assert 'purpose: "it\'s",' in write_javascript(example)
    assert "evidence: { a: [1, true] }," in write_javascript(example)
    assert "y" in write_sql(example, {"request_id": "y"})


@pytest.mark.parametrize(
    ("value", "type", "literal"),
    [
        (None, "uuid", "null"),
        (True, "boolean", "true"),
        (-3, "bigint", "-3"),
        ("a'b", "text", "'a''b'"),
        ([], "bigint[]", "array[]::bigint[]"),
        (["a'b", "c"], "text[]", "array['a''b', 'c']::text[]"),
        ({"a": None}, "jsonb", """'{"a": null}'"""),
        ([1], "jsonb", "'[1]'"),
    ],
)
def test_literals(value: object, type: str, literal: str) -> None:
    assert write_literal(value, type) == literal


def test_what_varies_is_compared_by_its_type_and_all_else_by_its_value() -> None:
    assert fits([{"id": Varies(shown=1), "done": True}], [{"id": 7, "done": True}])
    assert not fits([{"id": Varies(shown=1)}], [{"id": "7"}])
    assert not fits([{"id": Varies(shown=1)}], [{"id": None}])
    assert not fits({"done": True}, {"done": False})
    assert not fits([1], [1, 2])
    assert show({"a": (Varies(shown=1), Earlier(shown="b", query=""))}) == {"a": [1, "b"]}


def test_rows_are_told_from_values() -> None:
    found = {example.function.id: row_columns(example.function) for example in EXAMPLES}
    assert found["delivery_gate"] == [("fault", "text"), ("stopped", "text[]")]
    assert found["give_consent"] == found["complete_delivery_jobs"] == []
