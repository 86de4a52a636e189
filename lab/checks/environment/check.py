"""Checks the environment of the site's server against the rules; no value ever leaves this module."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence

from lab.checks.criterion import Outcome, gather, make_finding
from lab.checks.environment.env_file import EnvironmentFileFault, read_env_file
from lab.checks.finding import Finding, Unknown
from lab.rules import RULES
from lab.rules.criteria.environment import (
    CRITERIA,
    address_local,
    example_left,
    expired_key,
    legacy_key,
    live_at_home,
    malformed,
    missing,
    modes_mixed,
    not_https,
    other_project,
    padded,
    project_untold,
    published_key,
    secret_exposed,
    test_in_public,
    wrong_role,
)
from lab.rules.env import site_url, stripe_secret_key, supabase_service_key, supabase_url
from lab.rules.model import Criterion, EnvVariable
from lab.text.placeholders import is_placeholder
from lab.text.secret_patterns import SERVER_ROLES, find_secret, name_kind, read_token, stripe_mode
from lab.text.urls import find_host

__all__ = ["CRITERIA", "EnvironmentFileFault", "check_environment", "read_env_file"]

_SECRET_NAME = re.compile(r"(SECRET|SECRET_KEY|PASSWORD|SERVICE_ROLE|SERVICE_ROLE_KEY|PRIVATE_KEY)$")
# Prefixes of variables that build tools copy into code for browsers.
PUBLIC_PREFIXES = (
    "NEXT_PUBLIC_", "VITE_", "PUBLIC_", "REACT_APP_", "NUXT_PUBLIC_", "NUXT_ENV_", "EXPO_PUBLIC_", "GATSBY_",
    "STORYBOOK_", "VUE_APP_", "NG_APP_", "SNOWPACK_PUBLIC_",
)  # fmt: skip
_LOCAL = ("localhost", "127.0.0.1", "::1")


def check_environment(
    values: Mapping[str, str],
    variables: Sequence[EnvVariable] = RULES.env,
    *,
    project: str | None = None,
    now: float | None = None,
) -> Outcome:
    """Check the variables that the chosen layers need. Read-only. Results show only a value's kind and length.

    Args:
        values: Names and values: the process's environment, a .env file's, or Streamlit's secrets.
        variables: The variables that are needed: all of the rules', or those of a plan.
        project: Reference of the Supabase project whose database is checked, when that is known.
        now: The time, in seconds since 1970.
    """
    wanted = {variable.id for variable in variables}
    parts: list[Finding | Unknown] = []
    for variable in variables:
        parts += _check_variable(variable, str(values.get(variable.id, "")))
    cleaned = {name: _strip(str(value)) for name, value in values.items()}
    parts += _check_exposed(cleaned)
    if supabase_service_key.id in wanted:
        parts += _check_server_key(cleaned, time.time() if now is None else now)
    if supabase_url.id in wanted:
        parts += _check_projects(cleaned, project)
        parts += _check_address(cleaned)
    if stripe_secret_key.id in wanted:
        parts += _check_modes(cleaned)
    return gather(parts)


def _check_variable(variable: EnvVariable, raw: str) -> Iterator[Finding]:
    """Yield the first fault of one value; further faults would follow from it."""
    value = _strip(raw)
    if not value:
        yield _broken(missing, variable, "present, but empty" if raw else "not set")
        return
    if value != raw:
        yield _broken(padded, variable, f"{_size(raw)}, {len(raw) - len(value)} of them around the value itself")
    if value == variable.example or is_placeholder(value):
        yield _broken(example_left, variable, f"{_size(value)}, with the words of an example in it")
    elif _takes_https(variable) and value.lower().startswith("http://") and (find_host(value) or "") not in _LOCAL:
        yield _broken(not_https, variable, "an address that begins with http://")
    elif not re.fullmatch(variable.form, value):
        yield _broken(malformed, variable, f"{_size(value)}, {_looks(value)}")


def _broken(criterion: Criterion, variable: EnvVariable, seen: str) -> Finding:
    return make_finding(criterion, variable.id, seen, chapter=variable.chapter, decide=_advise(criterion, variable))


def _takes_https(variable: EnvVariable) -> bool:
    return variable.example.startswith("https://")


def _advise(criterion: Criterion, variable: EnvVariable) -> str | None:
    """Say what to do; if a value must be found or written, also say its form."""
    if criterion is padded:
        return criterion.decide
    return f"{criterion.decide} Its form: {variable.form_in_words}. A made-up one: {variable.example}"


def _check_exposed(values: Mapping[str, str]) -> Iterator[Finding]:
    """Yield every public variable that holds a secret: by its form or name, or by a secret variable's value."""
    secrets = {values.get(v.id, ""): v.id for v in RULES.env if v.secret and len(values.get(v.id, "")) >= 8}
    for name, value in values.items():
        if not name.startswith(PUBLIC_PREFIXES):
            continue
        same = next((f"the value of {holder}" for secret, holder in secrets.items() if secret in value), None)
        named = "a secret, by its name" if value and _SECRET_NAME.search(name) and not name_kind(value) else None
        if kind := find_secret(value) or same or named:
            yield make_finding(secret_exposed, name, f"{_size(value)}, looks like {kind}")


def _check_server_key(values: Mapping[str, str], now: float) -> Iterator[Finding]:
    name, value = supabase_service_key.id, values.get(supabase_service_key.id, "")
    if not value or value.startswith("sb_secret_"):
        return
    token = read_token(value)
    if token is None or token.role not in SERVER_ROLES[:1]:
        role = f"a legacy key of the role {token.role}" if token and re.fullmatch("[a-z_]{1,40}", token.role) else None
        yield make_finding(wrong_role, name, f"{_size(value)}, {role or _looks(value)}")
    else:
        yield make_finding(legacy_key, name, f"{_size(value)}, a legacy key of the role service_role")
    if token is not None and token.published and find_host(values.get(supabase_url.id, "")) not in _LOCAL:
        yield make_finding(published_key, name, "a key that is signed with the published secret of local projects")
    if token is not None and token.expires is not None and token.expires < now:
        yield make_finding(expired_key, name, f"a key that expired {int((now - token.expires) // 86400)} days ago")


def _check_projects(values: Mapping[str, str], database: str | None) -> Iterator[Finding]:
    """Yield keys of another project than the address, or, if the address names none, than the database."""
    named = _find_named_project(values.get(supabase_url.id, ""))
    if named and database and named != database:
        yield make_finding(
            other_project, supabase_url.id, "the address of another project than the database that is checked"
        )
    known = named or database
    origin = f"the one that {supabase_url.id} names" if named else "that of the database that is checked"
    for name, value in values.items():
        token = read_token(value) if name == supabase_service_key.id or name.startswith(PUBLIC_PREFIXES) else None
        if known and token and token.project not in ("", known):
            yield make_finding(other_project, name, f"a key of another project than {origin}")
    key = values.get(supabase_service_key.id, "")
    token = read_token(key)
    if key.startswith("sb_secret_"):
        yield make_finding(project_untold, supabase_service_key.id, "a new key, which does not name its project")
    elif token and not (token.project and known):
        seen = "an address that does not name its project" if token.project else "a key that does not name its project"
        yield make_finding(project_untold, supabase_service_key.id, seen)


def _find_named_project(address: str) -> str | None:
    """Return the project that an address names, None when it names none, such as a custom domain."""
    found = re.fullmatch(r"([a-z0-9]+)\.supabase\.co", find_host(address) or "")
    return found[1] if found else None


def _check_address(values: Mapping[str, str]) -> Iterator[Finding]:
    site, host = find_host(values.get(site_url.id, "")), find_host(values.get(supabase_url.id, ""))
    if site and site not in _LOCAL and host in _LOCAL:
        yield make_finding(address_local, supabase_url.id, "an address on this machine, while the site's is public")


def _check_modes(values: Mapping[str, str]) -> Iterator[Finding | Unknown]:
    modes = {name: mode for name, value in values.items() if (mode := stripe_mode(value))}
    mode = modes.get(stripe_secret_key.id)
    if mode is None:
        return
    if others := sorted(name for name, other in modes.items() if other != mode):
        yield make_finding(
            modes_mixed, stripe_secret_key.id, f"a {mode} key, while of the other mode: {', '.join(others)}"
        )
    site = values.get(site_url.id, "")
    host = find_host(site)
    if not host:
        yield Unknown(what="Whether the Stripe key's mode fits the site.", why=f"{site_url.id} names no site.")
    elif mode == "live" and (host in _LOCAL or not site.lower().startswith("https://")):
        yield make_finding(live_at_home, stripe_secret_key.id, "a live key, while the site is not public over https")
    elif mode == "test" and host not in _LOCAL:
        yield make_finding(test_in_public, stripe_secret_key.id, "a test key on a site with a public address")


def _strip(value: str) -> str:
    """Remove spaces and quotes that were copied along with a value."""
    value = value.strip("\ufeff\u200b \t\r\n\xa0")
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1].strip()
    for quote in "'\"":
        if value.count(quote) == 1:  # a pair of quotes, as in a sender's name, is part of the value
            value = value.strip(quote)
    return value.strip()


def _size(value: str) -> str:
    return f"present, {len(value)} character{'s' if len(value) != 1 else ''}"


def _looks(value: str) -> str:
    kind = name_kind(value)
    return f"looks like {kind}" if kind else "not of the form that is expected"
