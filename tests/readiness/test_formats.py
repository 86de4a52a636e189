"""The five forms: their schemas, and that no text from outside can break out of any of them."""

import json
import re
from typing import Any
from xml.etree import ElementTree as Xml

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.checks.finding import Unknown
from lab.checks.schema.every_kind import KINDS
from lab.checks.schema.kind import Kind
from lab.readiness.formats import TEXT_FORMATS, json_report, junit_report, markdown_report, sarif_report, text_report
from lab.readiness.formats.markdown import LONGEST, MARKER
from lab.readiness.formats.source_lines import declared_places, find_place
from lab.readiness.report import Report, make_report
from lab.text.product_files import PROJECT
from tests.readiness.reports import NOW, UNKNOWN, acceptance, answer, finding, report

SARIF = json.loads((PROJECT / "fixtures" / "schemas" / "sarif_2_1_0.json").read_text())

FULL = report(
    finding("a", severity="critical"),
    finding("b", severity="info", repair=None),
    finding("c", subject="public.share_cards.slug", rule="slug", decide="Which slug is meant?", repair=None),
    finding("d", severity="low"),
    unknown=(UNKNOWN,),
    accept=(acceptance("d"), acceptance("e")),
)

HOSTILE = [
    "\x1b[2J\x1b]0;title\x07",
    "]]><script>alert(1)</script>",
    "a | b | c || `code` ``` fence",
    "</details><img src=x onerror=alert(1)>",
    "@everyone #1 ![x](javascript:alert(1)) [x]: http://x",
    "line\nnext\r\n| --- |\n```\n# heading",
    "\u202eright to left\u2066\u2028\u2029\ufeff\u200b",
    "&amp;&#x0;<![CDATA[",
    "\x00\x08\x0b\x0c\x1f\x7f\x85\x9b31m",
    "\ufffe\uffff\U000e0001",
    "x" * 200_000,
    "`" * 5000,
    "-->",
    "::error file=a::b",
    "x\n  ::set-output name=a::b\n\t::add-mask::c",
    "###[error]a ##vso[task.setvariable variable=a]b ##teamcity[c]",
    "www.evil.example WWW.evil.example https://evil.example mailto:a@evil.example",
    "\x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
    "   ",
]

texts = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=60), st.tuples(*[st.sampled_from(HOSTILE)] * 2).map("".join)
)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Reports in which every text is anything at all."""
    found = [
        finding(
            f"{number}{draw(texts)}",
            rule=draw(texts),
            subject=draw(texts),
            expected=draw(texts),
            seen=draw(texts),
            why=draw(texts),
            repair=draw(st.none() | texts),
            decide=draw(st.none() | texts),
            severity=draw(st.sampled_from(["critical", "high", "medium", "low", "info"])),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    accept = [acceptance(f.key, reason=draw(texts), accepted_by=draw(texts)) for f in found[:1]]
    unknown = (Unknown(what=draw(texts), why=draw(texts)),) if draw(st.booleans()) else ()
    said = answer(*found, unknown=unknown, checked=(draw(texts),), title=draw(texts), notes=(draw(texts),))
    said = said._replace(server_version=draw(texts))
    return make_report(draw(texts), [said], acceptances=accept, started_at=NOW)


few = settings(max_examples=25)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]")


COMMAND = re.compile(r"(?m)^\s*::\w|##\w*\[")


@pytest.mark.parametrize("form", TEXT_FORMATS)
@settings(max_examples=60)
@given(made=reports())
def test_no_format_holds_what_a_ci_takes_for_a_command(form: str, made: Report) -> None:
    assert not COMMAND.search(TEXT_FORMATS[form](made))
    assert "\x1b" not in TEXT_FORMATS[form](made)


@few
@given(reports())
def test_text_has_no_control_characters(made: Report) -> None:
    plain, coloured = text_report(made), text_report(made, colour=True)
    assert not CONTROL.search(plain)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    assert len(plain) < 200_000


@few
@given(reports())
def test_json_says_all_in_ascii(made: Report) -> None:
    told = json_report(made)
    assert told.isascii()
    assert not CONTROL.search(told)
    assert [f["subject"] for f in json.loads(told)["findings"]] == [f.subject for f in made.findings]


@few
@given(reports())
def test_junit_can_be_parsed(made: Report) -> None:
    root = Xml.fromstring(junit_report(made))
    check_junit(root)
    failures = [f for f in made.findings if f.weighs]
    assert bool(root.findall(".//failure")) == bool(failures)
    assert len(root.findall(".//error")) == len(made.unknown)


@few
@given(reports())
def test_sarif_follows_the_schema(made: Report) -> None:
    told = sarif_report(made)
    assert told.isascii()
    check_sarif(json.loads(told), made)


@few
@given(reports())
def test_markdown_keeps_its_structure(made: Report) -> None:
    told = markdown_report(made)
    assert len(told) <= LONGEST + 100
    assert not CONTROL.search(told)
    outside = without_code(told)
    assert not re.search(r"<(?!!-- |/?details>|/?summary>)", outside.replace("\\<", ""))
    assert not re.search(r"(?i)www\.|https?://", outside)
    assert "@" not in outside.replace("\\@", "").replace("@<!-- -->", "")
    assert outside.count("<details>") == outside.count("</details>") <= 1
    for row in re.findall(r"(?m)^\| (?:critical|high|medium|low|info) .*$", without_fences(told)):
        assert len(re.findall(r"(?<!\\)\|", row)) == 5, row


def without_fences(text: str) -> str:
    return re.sub(r"(?ms)^(`{3,})sql\n.*?^\1$", "", text)


def without_code(text: str) -> str:
    """Return Markdown without what a reader sees as code, as CommonMark pairs the ticks."""
    return re.sub(r"(?<![`\\])(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", without_fences(text))


# Source: junit-10.xsd of the Jenkins xunit plugin: element -> attributes, elements within.
JUNIT = {
    "testsuites": ({"name", "time", "tests", "failures", "errors", "disabled"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "time", "skipped", "timestamp", "hostname", "id", "package", "file"},
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "classname", "time", "status", "assertions"}, {"skipped", "error", "failure", "system-out"}),
    "skipped": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "failure": ({"message", "type"}, set()),
    "system-out": (set(), set()),
}


def check_junit(element: Xml.Element) -> None:
    attributes, children = JUNIT[element.tag]
    assert element.attrib.keys() <= attributes
    if element.tag == "testsuite":
        assert {"name", "tests", "failures", "errors", "skipped"} <= element.attrib.keys()
        assert int(element.attrib["tests"]) == len(element.findall("testcase"))
        assert int(element.attrib["failures"]) == len(element.findall("testcase/failure"))
        assert element[0].tag == "properties"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", element.attrib["timestamp"])
    if element.tag == "testcase":
        assert {"name", "classname"} <= element.attrib.keys()
    for child in element:
        assert child.tag in children
        check_junit(child)


SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0", "info": "0.0"}


def check_sarif(log: dict[str, Any], made: Report) -> None:
    jsonschema.validate(log, SARIF)
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    assert len(run["results"]) == len(made.findings) + len(made.unknown) + len(made.accepted)
    scores = {rule["id"]: rule["properties"]["security-severity"] for rule in run["tool"]["driver"]["rules"]}
    own = [(result["ruleId"], result["properties"]["severity"]) for result in run["results"] if "properties" in result]
    assert all(scores[rule] == SCORES[severity] for rule, severity in own)
    assert all(len(rule["shortDescription"]["text"]) <= 1024 for rule in run["tool"]["driver"]["rules"])
    assert all(len(rule["fullDescription"]["text"]) <= 1024 for rule in run["tool"]["driver"]["rules"])
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(prints) == len(set(prints))
    assert not [result for result in run["results"] if "](" in result["message"]["text"]]


def test_json_has_the_promised_keys() -> None:
    told = json.loads(json_report(FULL))
    assert list(told)[:5] == ["target", "verdict", "server_version", "findings", "unknown"]
    promised = {"key", "rule", "chapter", "severity", "subject", "expected", "seen", "why", "repair"}
    assert promised | {"decide"} <= told["findings"][0].keys()
    assert told["unknown"] == [{"what": UNKNOWN.what, "why": UNKNOWN.why}]
    assert told["verdict"] == "not ready"
    assert {"families", "seconds", "round_trips", "started_at", "accepted"} <= told.keys()


def test_junit_shows_passes_failures_and_what_was_not_checked() -> None:
    root = Xml.fromstring(junit_report(FULL))
    cases = {case.attrib["name"]: [child.tag for child in case] for case in root.iter("testcase")}
    assert cases == {
        "public.oracle_scrolls": ["failure", "system-out"],
        "public.share_cards": ["failure"],
        UNKNOWN.what: ["error"],
        "d (accepted)": ["skipped"],
        "Stripe agrees.": ["skipped"],
    }
    passing = Xml.fromstring(junit_report(report()))
    assert {case.attrib["name"]: len(case) for case in passing[0].iter("testcase")} == {
        "public.oracle_scrolls": 0,
        "public.share_cards": 0,
    }


def test_sarif_carries_severity_place_and_suppression() -> None:
    results = json.loads(sarif_report(FULL))["runs"][0]["results"]
    check_sarif(json.loads(sarif_report(FULL)), FULL)
    assert [result["level"] for result in results] == ["error", "error", "note", "warning", "note"]
    assert [bool(result.get("suppressions")) for result in results] == [False] * 4 + [True]
    place = results[0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "lab/rules/tables/readings.py"
    rules = json.loads(sarif_report(FULL))["runs"][0]["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == {"a/critical", "b/info", "c/high", "d/low", "not-checked"}


def test_a_wide_grant_and_a_comment_of_one_table_have_each_its_own_severity() -> None:
    """Code scanning takes an alert's severity from the rule, whatever the result says."""
    grant, comment = "privilege:public.oracle_scrolls anon select:extra", "table:public.oracle_scrolls:comment"
    made = report(
        finding(grant), finding(comment, severity="info"), finding(grant.replace("anon", "authenticated")),
        finding("env_form:EMAIL_FROM", subject="EMAIL_FROM", rule="env_form", expected="The value has its form."),
    )  # fmt: skip
    log = json.loads(sarif_report(made))
    check_sarif(log, made)
    rules = {rule["id"]: rule for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    assert {id_: rule["properties"]["security-severity"] for id_, rule in rules.items()} == {
        "privilege/high": SCORES["high"],
        "table/info": SCORES["info"],
        "env_form/high": SCORES["high"],
    }
    said = [rule["shortDescription"]["text"] for rule in rules.values()]
    assert "A privilege is not as the rules grant it." in said
    assert "This does not hold: The value has its form." in said


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_is_said_in_words(kind: Kind) -> None:
    (rule,) = json.loads(sarif_report(report(finding(f"{kind.name}:a"))))["runs"][0]["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == f"{kind.title}."


def test_a_fingerprint_is_the_keys_alone() -> None:
    """So that a repair's new wording, or a moved rule, makes no new alert."""
    one, other = report(finding("a")), report(finding("a", why="Something else.", seen="other", severity="low"))
    prints = [json.loads(sarif_report(made))["runs"][0]["results"][0]["partialFingerprints"] for made in (one, other)]
    assert prints[0] == prints[1]


@pytest.mark.parametrize(
    ("subject", "path"),
    [
        ("public.oracle_scrolls", "lab/rules/tables/readings.py"),
        ("public.erase_subject(uuid)", "lab/rules/functions/erasure.py"),
        ("public.delivery_address(bigint, uuid)", "lab/rules/functions/sending.py"),
        ("STRIPE_SECRET_KEY", "lab/rules/env.py"),
        ("something else", "lab/rules/__init__.py"),
        ("", "lab/rules/__init__.py"),
    ],
)
def test_places(subject: str, path: str) -> None:
    place = find_place(subject, "")
    assert place.path == path
    assert place.line <= len((PROJECT / place.path).read_text().splitlines())
    assert all(len(places) for places in declared_places().values())


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ("server_version", "lab/rules/criteria/operations.py"),
        ("env_missing", "lab/rules/criteria/environment.py"),
        ("paid_not_unlocked", "lab/rules/invariants/money.py"),
    ],
)
def test_what_is_checked_is_found_where_it_is_declared(rule: str, path: str) -> None:
    place = find_place("something else", rule)
    assert place.path == path
    assert rule in (PROJECT / path).read_text().splitlines()[place.line - 1]


def test_text_names_everything() -> None:
    told = text_report(FULL)
    assert told.startswith(
        "target: db.example:5432/shop, Postgres 18.4 (1.00 s)\nNot ready: 1 critical, 1 high, 1 info"
    )
    for said in ("1 not checked", "1 accepted", "CRITICAL public.oracle_scrolls", "Which slug is meant?", "by Ada"):
        assert said in told
    assert "alter policy owner_reads" in told
    assert "- stripe       not run   Ask it with --stripe." in told
    assert text_report(report()).splitlines()[1] == "Ready: nothing was found in wall; not run: stripe."


def test_expired_acceptances_are_marked_in_every_form() -> None:
    made = report(finding("a"), accept=(acceptance("a", NOW.date().replace(day=1)),))
    for name, write in TEXT_FORMATS.items():
        assert "acceptance expired on 2026" in write(made).replace("\\-", "-"), name


def test_markdown_fits_a_comment_and_says_what_is_left_out() -> None:
    many = report(*(finding(f"key {number}", seen="x" * 300) for number in range(400)), unknown=(UNKNOWN,))
    told = markdown_report(many)
    assert told.startswith(MARKER)
    assert len(told) <= LONGEST
    assert "more findings are not shown here" in told
    assert "### Not checked" in told


@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_forms_are_pure(name: str) -> None:
    assert TEXT_FORMATS[name](FULL) == TEXT_FORMATS[name](FULL.model_copy(deep=True))
