"""The environment: what each check says of a bad value, what it leaves alone, and that no value is ever shown."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import RULES
from lab.checks.environment.check import CRITERIA, check_environment
from lab.rules.env import AI, ALWAYS, EMAIL, FILES
from lab.rules.model import EnvVariable, Severity

NOW = 1_795_000_000.0


def token(**claims: object) -> str:
    parts = [{"alg": "HS256", "typ": "JWT"}, {"iss": "supabase", "iat": 1, **claims}]
    head, body = (base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts)
    return f"{head}.{body}.c2lnbmF0dXJl"


PROJECT = "kqwvmzjrtxyplbncdfgh"
GOOD = {
    "NEXT_PUBLIC_SUPABASE_URL": f"https://{PROJECT}.supabase.co",
    "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_Zk3vQ9pLm2Xw8RtYb5Nc7Df1",
    "STRIPE_SECRET_KEY": "rk_live_51Hq8ZkLmPqRsTuVw",
    "STRIPE_WEBHOOK_SECRET": "whsec_9f8e7d6c5b4a39281706f5e4",
    "NEXT_PUBLIC_SITE_URL": "https://oracle.shop",
    "EMAIL_FROM": "Oracle <notices@oracle.shop>",
    "EMAIL_PROVIDER_URL": "smtps://mailer:S3cr3tW0rd@smtp.mailer.shop:465",
    "FILE_STORE_URL": "s3://AKIA1234567890AB:Zm9vYmFyYmF6cXV4@s3.eu-central-1.amazonaws.com/readings?region=eu-central-1",
    "AI_PROVIDER_API_KEY": "ak-0123456789abcdefghij",
    "AI_PROVIDER_MODEL": "writer-large-2",
}
LEGACY = {"SUPABASE_SERVICE_ROLE_KEY": token(role="service_role", ref=PROJECT, exp=NOW + 86400)}
URL, KEY, STRIPE, HOOK, SITE = (variable.id for variable in ALWAYS)
SENDER, MAIL, FILE_STORE, AI_KEY, MODEL = (variable.id for variable in (*EMAIL, *FILES, *AI))

# The changed variables, and what must be found: criterion and subject.
CASES: dict[str, tuple[dict[str, str], set[tuple[str, str]]]] = {
    "not set": ({HOOK: ""}, {("env_missing", HOOK)}),
    "only spaces": ({HOOK: "  \n"}, {("env_missing", HOOK)}),
    "newline": ({HOOK: GOOD[HOOK] + "\n"}, {("env_padded", HOOK)}),
    "quotes": ({KEY: f'"{GOOD[KEY]}"'}, {("env_padded", KEY)}),
    "example": ({STRIPE: "rk_live_EXAMPLEEXAMPLE00"}, {("env_example", STRIPE)}),
    "example site": ({SITE: "https://www.example.com"}, {("env_example", SITE)}),
    "angle brackets": ({HOOK: "<your webhook secret>"}, {("env_example", HOOK)}),
    "a new secret that is half": ({HOOK: f"{GOOD[HOOK]}, whsec_9f8e"}, {("env_form", HOOK)}),
    "half a key": ({HOOK: "whsec_9f8e"}, {("env_form", HOOK)}),
    "swapped": ({STRIPE: GOOD[HOOK]}, {("env_form", STRIPE)}),
    "browser key of Stripe": ({STRIPE: "pk_live_51Hq8ZkLmPqRsTuVw"}, {("env_form", STRIPE)}),
    "a page of the site": ({SITE: "https://oracle.shop/home"}, {("env_form", SITE)}),
    "two slashes": ({SITE: "https://oracle.shop//"}, {("env_form", SITE)}),
    "no port": ({SITE: "https://oracle.shop:"}, {("env_form", SITE)}),
    "no project yet": ({URL: "https://your-project.supabase.co"}, {("env_example", URL)}),
    "no project reference yet": ({URL: "https://YOUR-REF.supabase.co"}, {("env_example", URL)}),
    "example key in small letters": ({STRIPE: "example_live_51Hq8ZkLmPqR"}, {("env_example", STRIPE)}),
    "http in capitals": ({SITE: "HTTP://oracle.shop"}, {("env_https", SITE), ("env_live_key_local", STRIPE)}),
    "database on this machine": ({URL: "http://localhost:54321"}, {("env_address_local", URL)}),
    "http": ({SITE: "http://oracle.shop"}, {("env_https", SITE), ("env_live_key_local", STRIPE)}),
    "http behind a local name": (
        {SITE: "http://localhost.oracle.shop"}, {("env_https", SITE), ("env_live_key_local", STRIPE)},
    ),
    "http to an API of e-mail": ({MAIL: "http://api.mailhost.shop/send"}, {("env_form", MAIL)}),
    "https to an API of e-mail": ({MAIL: "https://api.mailhost.shop/send"}, {("env_form", MAIL)}),
    "an address for a key": ({AI_KEY: "http://api.writer.shop/v1/chat"}, {("env_form", AI_KEY)}),
    "an address for a model": ({MODEL: "https://api.writer.shop/v1"}, {("env_form", MODEL)}),
    "half a key of Resend": ({MAIL: "resend://re_9f8e"}, {("env_form", MAIL)}),
    "a key of Resend without its scheme": ({MAIL: "re_aB3dE5fG_7hJ9kL1mN3pQ5rS7"}, {("env_form", MAIL)}),
    "half a quoted sender": ({SENDER: '"notices@oracle.shop'}, {("env_padded", SENDER)}),
    "browser key of Supabase": (
        {KEY: "sb_publishable_Zk3vQ9pLm2Xw8RtYb5Nc"}, {("env_form", KEY), ("env_server_key_role", KEY)},
    ),
    "legacy anon key": ({KEY: token(role="anon", ref=PROJECT)}, {("env_server_key_role", KEY)}),
    "legacy key": (LEGACY, {("env_server_key_legacy", KEY)}),
    "expired key": (
        {KEY: token(role="service_role", ref=PROJECT, exp=NOW - 86400)},
        {("env_server_key_legacy", KEY), ("env_server_key_expired", KEY)},
    ),
    "key of another project": (
        {KEY: token(role="service_role", ref="zyxwvutsrqponmlkjihg")},
        {("env_server_key_legacy", KEY), ("env_project", KEY)},
    ),
    "browser key of another project": (
        {"VITE_ANON": token(role="anon", ref="zyxwvutsrqponmlkjihg")}, {("env_project", "VITE_ANON")},
    ),
    "the published key of local projects": (
        {KEY: token(role="service_role", iss="supabase-demo", exp=NOW + 86400)},
        {("env_server_key_legacy", KEY), ("env_server_key_published", KEY)},
    ),
    "the database's host": ({URL: f"https://db.{PROJECT}.supabase.co"}, {("env_form", URL)}),
    "no token at all": ({KEY: "eyJhbGciOi.eyJub3Qgan.c2ln"}, {("env_server_key_role", KEY)}),
    "modes mixed": (
        {"NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY": "pk_test_51Hq8ZkLmPqRs"}, {("env_stripe_modes", STRIPE)},
    ),
    "live key at home": ({SITE: "http://localhost:3000"}, {("env_live_key_local", STRIPE)}),
    "test key in public": ({STRIPE: "rk_test_51Hq8ZkLmPqRsTuVw"}, {("env_test_key_public", STRIPE)}),
    "server key in public": (
        {"NEXT_PUBLIC_KEY": GOOD[KEY]}, {("env_secret_public", "NEXT_PUBLIC_KEY")},
    ),
    "service token in public": (
        {"VITE_TOKEN": LEGACY[KEY]}, {("env_secret_public", "VITE_TOKEN")},
    ),
    "Stripe key in public": ({"PUBLIC_S": "sk_live_51Hq8ZkLmPqRsTuVw"}, {("env_secret_public", "PUBLIC_S")}),
    "webhook secret in public": ({"PUBLIC_W": "whsec_aaaaaaaaaaaaaaaaaaaa"}, {("env_secret_public", "PUBLIC_W")}),
    "database in public": (
        {"NEXT_PUBLIC_DB": "postgresql://postgres:Pa55w0rdHere@db.host.shop:5432/postgres"},
        {("env_secret_public", "NEXT_PUBLIC_DB")},
    ),
    "a secret inside other words": (
        {"NEXT_PUBLIC_CONFIG": json.dumps({"key": GOOD[KEY]})}, {("env_secret_public", "NEXT_PUBLIC_CONFIG")},
    ),
    "behind the prefix of Vue": ({"VUE_APP_KEY": GOOD[KEY]}, {("env_secret_public", "VUE_APP_KEY")}),
    "behind the prefix of Angular": ({"NG_APP_KEY": GOOD[KEY]}, {("env_secret_public", "NG_APP_KEY")}),
    "behind the old prefix of Nuxt": ({"NUXT_ENV_KEY": GOOD[KEY]}, {("env_secret_public", "NUXT_ENV_KEY")}),
    "behind the prefix of Snowpack": (
        {"SNOWPACK_PUBLIC_KEY": GOOD[KEY]}, {("env_secret_public", "SNOWPACK_PUBLIC_KEY")},
    ),
    "another AI key in public": (
        {"VITE_X": "sk-proj-aB3dE5fG7hJ9kL1mN3pQ5rS7"}, {("env_secret_public", "VITE_X")},
    ),
    "a third AI key in public": (
        {"VITE_X": "sk-ant-api03-aB3dE5fG7hJ9kL1mN3pQ5rS7_x-y"}, {("env_secret_public", "VITE_X")},
    ),
    "an old AI key in public": (
        {"VITE_X": "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"}, {("env_secret_public", "VITE_X")},
    ),
    "the token of a model hub in public": (
        {"VITE_X": "hf_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z"}, {("env_secret_public", "VITE_X")},
    ),
    "the key of an organization in public": (
        {"VITE_X": "sk_org_live_aB3dE5fG7hJ9kL1mN3pQ"}, {("env_secret_public", "VITE_X")},
    ),
    "a token of the platform in public": (
        {"VITE_X": "sbp_0123456789abcdef0123456789abcdef01234567"}, {("env_secret_public", "VITE_X")},
    ),
    "the key of an e-mail provider in public": (
        {"VITE_X": "re_aB3dE5fG_7hJ9kL1mN3pQ5rS7"}, {("env_secret_public", "VITE_X")},
    ),
    "a secret by its name in public": (
        {"NEXT_PUBLIC_SUPABASE_JWT_SECRET": "aB3dE5fG7hJ9kL1mN3pQ"},
        {("env_secret_public", "NEXT_PUBLIC_SUPABASE_JWT_SECRET")},
    ),
    "a page about secrets in public": ({"NEXT_PUBLIC_PASSWORD_URL": "https://oracle.shop/password"}, set()),
    "the AI key in public": (
        {"VITE_AI": GOOD["AI_PROVIDER_API_KEY"]}, {("env_secret_public", "VITE_AI")},
    ),
}  # fmt: skip

NEAR_MISSES: dict[str, dict[str, str]] = {
    "as it should be": {},
    "browser keys in public": {
        "NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY": "sb_publishable_Zk3vQ9pLm2Xw8RtYb5Nc",
        "NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY": "pk_live_51Hq8ZkLmPqRs",
        "NEXT_PUBLIC_ANON": token(role="anon", ref=PROJECT),
    },
    "at home with a test key": {
        SITE: "http://localhost:3000", STRIPE: "sk_test_51Hq8ZkLmPqRsTuVw", URL: "http://127.0.0.1:54321",
    },
    "at home over https": {SITE: "https://localhost:3000", STRIPE: "sk_test_51Hq8ZkLmPqRsTuVw", URL: "http://[::1]:54321"},
    "a domain in another language": {SITE: "https://b\u00fccher-orakel.shop"},
    "a secret with a private name": {"DATABASE_URL": "postgresql://postgres:Pa55w0rd@db.host.shop/postgres"},
    "an address without a password": {"NEXT_PUBLIC_DOCS": "https://docs.oracle.shop/a:b@c"},
    "a short value that two share": {"NEXT_PUBLIC_X": "short"},
    "trailing slash": {SITE: "https://oracle.shop/", URL: f"https://{PROJECT}.supabase.co/"},
    "port": {SITE: "https://oracle.shop:8443"},
    "capitals": {SITE: "https://Oracle.Shop", URL: f"HTTPS://{PROJECT.upper()}.Supabase.co"},
    "a shop called Your Oracle": {
        SITE: "https://your-oracle.com", "EMAIL_FROM": "Your Oracle <notices@your-oracle.com>",
    },
    "random keys that hold a short word": {
        STRIPE: "sk_live_51MyHqTodayKq8PutZkLmHereRs", HOOK: "whsec_keyUs3Re9f8e7d6c5b4a3928",
        KEY: "sb_secret_myZk3vQ9pLm2Xw8RtYb5Nc",
    },
    "the old and the new secret": {HOOK: f"{GOOD[HOOK]},whsec_1a2b3c4d5e6f708192a3b4c5"},
    "a shop of secrets": {
        SITE: "https://secret-oracle.shop", SENDER: "My Oracle <use-me@key-here.shop>",
        MAIL: "smtps://my-mailer:S3cr3tW0rd@smtp.mailer.shop:465",
    },
    "a shop that teaches by example": {SITE: "https://learn-by-example.shop"},
    "a shop with an example in front": {SITE: "https://example-oracle.shop"},
    "words that only begin like a key": {
        "NEXT_PUBLIC_PATH": "/desk-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "VITE_LIB": "sk-learn-1.5",
        "VITE_PAGE": "/task-sk-proj-aB3dE5fG7hJ9kL1mN3pQ5rS7",
    },
    "a sender's name in quotes": {SENDER: '"Oracle, Ltd" <notices@oracle.shop>'},
    "a login that is an address": {MAIL: "SMTPS://mailer%40oracle.shop:S3cr3t%2FW0rd@smtp.mailer.shop/"},
    "a key of Resend": {MAIL: "resend://re_aB3dE5fG_7hJ9kL1mN3pQ5rS7"},
    "a model with its maker": {MODEL: "@maker/writer-large@2026-01-31"},
    "a browser key that names no project": {"VITE_ANON": token(role="anon")},
    "a token of somebody else in private": {"OTHER_ANON": token(role="anon", ref="zyxwvutsrqponmlkjihg")},
}  # fmt: skip


def found(values: dict[str, str], project: str | None = None) -> set[tuple[str, str]]:
    findings = check_environment(values, project=project, now=NOW).findings
    return {(f.rule, f.subject) for f in findings if f.weighs}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_value_is_found(case: str) -> None:
    change, expected = CASES[case]
    assert found(GOOD | change) == expected


PLACEHOLDERS = (
    (STRIPE, "sk_test_yourActualSecretKeyHere"), (STRIPE, "sk_live_putYourKeyHere"),
    (STRIPE, "rk_test_INSERT_RESTRICTED_KEY_HERE"), (STRIPE, "sk_test_dummy"), (STRIPE, "sk_test_..."),
    (STRIPE, "sk_live_todoAddTheLiveKey"), (HOOK, "whsec_replace_with_your_signing_secret"),
    (HOOK, "whsec_yourwebhooksecret"), (HOOK, "whsec_secretGoesHere"), (HOOK, "[webhook secret]"),
    (KEY, "sb_secret_pasteYourServiceRoleKeyHere"), (KEY, "your-service-role-key"), (KEY, "{{SERVICE_KEY}}"),
    (KEY, "sb_secret_****************"), (AI_KEY, "my-openai-api-key-here"), (AI_KEY, "EnterYourOwnToken"),
    (STRIPE, "sk_live_REPLACE"), (STRIPE, "sk_test_getThisFromStripeDashboard"),
    (STRIPE, "sk_test_mock_key"),
    (AI_KEY, "process.env.OPENAI_API_KEY"), (KEY, "aws-ssm:/shop/service-key"),
    (KEY, "undefined"), (KEY, "op://shop/supabase/service-key"), (KEY, "${SERVICE_ROLE_KEY}"), (KEY, "••••••••"),
    (MAIL, "smtps://user:password@smtp.mailer.shop:465"), (AI_KEY, "null"),
    (STRIPE, "sk_live_XXXX"), (HOOK, "whsec_test"), (URL, "https://<ref>.supabase.co"),
    (URL, "https://[project].supabase.co"), (URL, "https://project-ref.supabase.co"),
    (URL, "https://xyzcompany.supabase.co"),
    (URL, "https://yourproject.supabase.co"),
    (SITE, "https://yourdomain.com"), (SENDER, "Oracle <notices@yourdomain.com>"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "value"), PLACEHOLDERS, ids=[value for _, value in PLACEHOLDERS])
def test_a_value_to_be_filled_in_is_known_by_its_words(name: str, value: str) -> None:
    assert ("env_example", name) in found(GOOD | {name: value})


@pytest.mark.parametrize("case", NEAR_MISSES)
def test_a_near_miss_is_left_alone(case: str) -> None:
    assert found(GOOD | NEAR_MISSES[case]) == set()


# Each variable: a value that passes, which the example leads to, and values of other kinds.
SHAPES: dict[str, tuple[str, tuple[str, ...]]] = {
    URL: ("https://zyxwvutsrqponmlkjihg.supabase.co", ("zyxwvutsrqponmlkjihg", "http://a.supabase.co", "//a.b/c")),
    KEY: ("sb_secret_Zk3vQ9pLm2Xw8RtYb5Nc", ("http://a.supabase.co", "sb_secret_short", "sb-secret")),
    STRIPE: ("rk_test_Zk3vQ9pLm2Xw8", ("http://api.stripe.shop", "pk_live_Zk3vQ9pLm2Xw8", "rk_test_", "acct_1Zk3vQ9")),
    HOOK: ("whsec_Zk3vQ9pLm2Xw8RtYb5Nc", ("http://oracle.shop/hook", "we_1Zk3vQ9pLm2Xw8", "whsec_Zk3v")),
    SITE: ("https://oracle.shop", ("oracle.shop", "http://oracle.shop/home", "https://oracle", "ftp://oracle.shop")),
    SENDER: ("Oracle <notices@oracle.shop>", ("http://oracle.shop", "Oracle", "Oracle notices@oracle.shop")),
    MAIL: (
        "smtps://user:Zk3vQ9pL@smtp.mailer.shop:465",
        ("http://api.mailhost.shop/send", "https://api.mailhost.shop/send", "smtp.mailer.shop", "smtp://a@b:c@d.shop"),
    ),
    FILE_STORE: (
        "s3://AKIAZk3vQ9pL:Zk3vQ9pL%2FmX@s3.mailer.shop/readings",
        ("http://s3.mailer.shop/readings", "readings", "s3://AKIAZk3vQ9pL:a/b@s3.mailer.shop/readings", "file://files"),
    ),
    AI_KEY: ("ak-Zk3vQ9pLm2Xw8RtYb5Nc", ("http://api.writer.shop/v1", "short", "two words and some more of them")),
    MODEL: ("oracle-writer-2", ("http://api.writer.shop/v1", "a model", "x")),
}  # fmt: skip


@pytest.mark.parametrize("variable", RULES.env, ids=lambda variable: variable.id)
def test_whoever_follows_the_advice_comes_to_a_value_that_passes(variable: EnvVariable) -> None:
    """No advice leads into another finding: whatever is wrong, it names the one form that is right."""
    good, wrong = SHAPES[variable.id]
    assert not [f for f in check_environment({variable.id: good}, (variable,), now=NOW).findings if f.weighs]
    for value in ("", variable.example, *wrong):
        advised = [
            finding
            for finding in check_environment({variable.id: value}, (variable,), now=NOW).findings
            if finding.rule in ("env_missing", "env_example", "env_form", "env_https")
        ]
        assert len(advised) == 1, value
        said = advised[0].decide or ""
        assert variable.form_in_words in said
        assert said.endswith(variable.example)
        assert ("https" in said) <= variable.example.startswith("https"), value


def test_every_criterion_has_a_case() -> None:
    told = {c.id for c in CRITERIA if c.severity is Severity.INFO}
    assert {rule for _, expected in CASES.values() for rule, _ in expected} | told == {c.id for c in CRITERIA}
    assert told == {rule for _, _, rule in UNTOLD.values() if rule}


def test_an_absent_variable_is_missing() -> None:
    _, unknowns = check_environment({}, now=NOW)
    assert found({}) == {("env_missing", variable.id) for variable in RULES.env}
    assert not unknowns


def test_only_what_is_needed_is_asked_for() -> None:
    assert {f.subject for f in check_environment({}, ALWAYS).findings} == {variable.id for variable in ALWAYS}
    outcome = check_environment(GOOD | {"AI_PROVIDER_API_KEY": ""}, (*ALWAYS, *EMAIL), now=NOW)
    assert not [finding for finding in outcome.findings if finding.weighs]


def test_chapters_follow_the_variable() -> None:
    chapters = {f.subject: f.chapter for f in check_environment({}, (*ALWAYS, *EMAIL, *AI)).findings}
    assert (chapters[STRIPE], chapters["EMAIL_FROM"], chapters["AI_PROVIDER_MODEL"], chapters[KEY]) == (8, 7, 14, 11)


def test_the_published_key_is_for_local_projects() -> None:
    published = {KEY: token(role="service_role", iss="supabase-demo", exp=NOW + 86400), URL: "http://127.0.0.1:54321"}
    found = {finding.rule for finding in check_environment(GOOD | published, now=NOW).findings}
    assert "env_server_key_legacy" in found
    assert "env_server_key_published" not in found


OWN = {URL: "https://api.oracle.shop"}
# What is changed, the project of the database that is checked, and what is told besides, if anything.
UNTOLD: dict[str, tuple[dict[str, str], str | None, str | None]] = {
    "a new key": ({}, None, "env_project_untold"),
    "a new key, and the database is known": ({}, PROJECT, "env_project_untold"),
    "a legacy key": (LEGACY, None, None),
    "a legacy key at a domain of one's own": (LEGACY | OWN, None, "env_project_untold"),
    "a legacy key at a domain of one's own, and the database is known": (LEGACY | OWN, PROJECT, None),
    "a legacy key that names no project": (
        {KEY: token(role="service_role")}, PROJECT, "env_project_untold",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", UNTOLD)
def test_what_nothing_in_the_environment_could_tell_is_information(case: str) -> None:
    """It must not keep a perfect environment from being ready for ever."""
    change, project, rule = UNTOLD[case]
    findings, unknowns = check_environment(GOOD | change, project=project, now=NOW)
    assert [f.rule for f in findings if not f.weighs] == ([rule] if rule else [])
    assert not [f for f in findings if f.weighs and f.rule != "env_server_key_legacy"]
    assert not unknowns


OTHER = "zyxwvutsrqponmlkjihg"


@pytest.mark.parametrize(
    ("change", "project", "expected"),
    [
        ({}, OTHER, {("env_project", URL)}),
        ({}, PROJECT, set()),
        (OWN, OTHER, set()),
        (LEGACY | OWN, OTHER, {("env_project", KEY), ("env_server_key_legacy", KEY)}),
        (OWN | {"VITE_ANON": token(role="anon", ref=PROJECT)}, OTHER, {("env_project", "VITE_ANON")}),
    ],
)
def test_the_database_that_is_checked_is_of_the_same_project(
    change: dict[str, str], project: str, expected: set[tuple[str, str]]
) -> None:
    assert found(GOOD | change, project) == expected


def test_a_perfect_environment_is_ready(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("".join(f"{name}='{value}'\n" for name, value in GOOD.items()))
    code, out, _ = run("check", "--family", "environment", "--env-file", path, "--json")
    report = json.loads(out)
    assert (code, report["verdict"], report["unknown"]) == (0, "ready", [])
    assert [f["rule"] for f in report["findings"]] == ["env_project_untold"]


NAMES = st.sampled_from([*GOOD, "NEXT_PUBLIC_X", "VITE_Y", "OTHER"])
PIECES = st.sampled_from(
    ["sk_live_", "rk_test_", "sb_secret_", "whsec_", "eyJ", "https://", "http://[", "a:b@", "\n", '"']
)
VALUES = st.builds("".join, st.lists(PIECES | st.just("canary7Q") | st.text(max_size=5), max_size=6))


@given(st.dictionaries(NAMES, VALUES))
def test_no_value_is_ever_shown_and_none_breaks_the_check(values: dict[str, str]) -> None:
    outcome = check_environment({name: value + "canary7Q" for name, value in values.items()}, now=NOW)
    assert "canary7Q" not in repr(outcome)


@pytest.mark.parametrize("case", CASES)
def test_no_case_shows_its_value(case: str) -> None:
    values = GOOD | CASES[case][0]
    said = repr(check_environment(values, now=NOW))
    assert not [name for name, value in values.items() if len(value) > 7 and value in said]
