"""The environment of the site's server, checked against the rules; no value ever leaves this module."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from lab.criterion import Criterion, Outcome, gather
from lab.environment.criteria import (
    CRITERIA,
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
    secret_exposed,
    test_in_public,
    wrong_role,
)
from lab.environment.file import EnvironmentFileFault, read_env_file
from lab.findings import Finding, Unknown
from lab.rules import RULES
from lab.rules.env import site_url, stripe_secret_key, supabase_service_key, supabase_url
from lab.rules.model import EnvVariable
from lab.secrets import SERVER_ROLES, find_secret, name_kind, read_token, stripe_mode

__all__ = ["CRITERIA", "EnvironmentFileFault", "check_environment", "read_env_file"]

# What build tools copy into the code that every browser downloads.
PUBLIC_PREFIXES = (
    "NEXT_PUBLIC_", "VITE_", "PUBLIC_", "REACT_APP_", "NUXT_PUBLIC_", "EXPO_PUBLIC_", "GATSBY_", "STORYBOOK_",
)  # fmt: skip
_LEFT_IN = re.compile(
    r"EXAMPLE|change[-_ ]?me|your[-_ ]|placeholder|x{6}|^todo$|replace[-_ ]?me|<[^>@]*>$|^\.\.\.$"
    r"|[@/.]example\.(com|org|net)\b",
    re.IGNORECASE,
)
_CHAPTERS = (("STRIPE", 8), ("EMAIL", 7), ("AI_", 14))
_LOCAL = ("localhost", "127.0.0.1", "::1")


def check_environment(
    values: Mapping[str, str], variables: Sequence[EnvVariable] = RULES.env, *, now: float | None = None
) -> Outcome:
    """Check the variables that the chosen layers need. Read-only; says of a value only its kind and its length.

    Args:
        values: Names and values: the process's environment, a .env file's, or Streamlit's secrets.
        variables: What is needed: all of the rules' variables, or those of a plan.
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
    if stripe_secret_key.id in wanted:
        parts += _check_modes(cleaned)
    return gather(parts)


def _check_variable(variable: EnvVariable, raw: str) -> Iterator[Finding]:
    """Yield what is wrong with one value; the first reason is enough, as the others follow from it."""
    value = _strip(raw)
    if not value:
        yield _broken(missing, variable, "present, but empty" if raw else "not set")
        return
    if value != raw:
        yield _broken(padded, variable, f"{_size(raw)}, {len(raw) - len(value)} of them around the value itself")
    if value == variable.example or _LEFT_IN.search(value):
        yield _broken(example_left, variable, f"{_size(value)}, with the words of an example in it")
    elif value.startswith("http://") and (find_host(value) or "") not in _LOCAL:
        yield _broken(not_https, variable, "an address that begins with http://")
    elif not re.fullmatch(variable.form, value):
        yield _broken(malformed, variable, f"{_size(value)}, {_looks(value)}")


def _broken(criterion: Criterion, variable: EnvVariable, seen: str) -> Finding:
    chapter = next((number for start, number in _CHAPTERS if variable.id.startswith(start)), criterion.chapter)
    return criterion.broken(variable.id, seen, chapter=chapter)


def _check_exposed(values: Mapping[str, str]) -> Iterator[Finding]:
    """Yield every public variable that holds a secret, by its form or because a secret variable holds the same."""
    secrets = {values.get(v.id, ""): v.id for v in RULES.env if v.secret and len(values.get(v.id, "")) >= 8}
    for name, value in values.items():
        if not name.startswith(PUBLIC_PREFIXES):
            continue
        same = next((f"the value of {holder}" for secret, holder in secrets.items() if secret in value), None)
        if kind := find_secret(value) or same:
            yield secret_exposed.broken(name, f"{_size(value)}, looks like {kind}")


def _check_server_key(values: Mapping[str, str], now: float) -> Iterator[Finding | Unknown]:
    name, value = supabase_service_key.id, values.get(supabase_service_key.id, "")
    if not value:
        return
    token = read_token(value)
    if value.startswith("sb_secret_"):
        why = "A new key does not name its project; only a request to the project shows that the two belong together."
        yield Unknown(what=f"Whether {name} belongs to the project of {supabase_url.id}.", why=why)
    elif token is None or token.role not in SERVER_ROLES[:1]:
        role = f"a legacy key of the role {token.role}" if token and re.fullmatch("[a-z_]{1,40}", token.role) else None
        yield wrong_role.broken(name, f"{_size(value)}, {role or _looks(value)}")
    else:
        yield legacy_key.broken(name, f"{_size(value)}, a legacy key of the role service_role")
    if token is not None:
        yield from _check_token(name, token.project, token.expires, values.get(supabase_url.id, ""), now)


def _check_token(name: str, project: str, expires: float | None, url: str, now: float) -> Iterator[Finding | Unknown]:
    if expires is not None and expires < now:
        yield expired_key.broken(name, f"a key that expired {int((now - expires) // 86400)} days ago")
    host = find_host(url) or ""
    if not host.endswith(".supabase.co") or not project:
        why = "The address is not of the form PROJECT.supabase.co, or the key names no project."
        yield Unknown(what=f"Whether {name} belongs to the project of {supabase_url.id}.", why=why)
    elif host.split(".")[0] != project:
        yield other_project.broken(name, f"a key of another project than the one that {supabase_url.id} names")


def _check_modes(values: Mapping[str, str]) -> Iterator[Finding | Unknown]:
    modes = {name: mode for name, value in values.items() if (mode := stripe_mode(value))}
    mode = modes.get(stripe_secret_key.id)
    if mode is None:
        return
    if others := sorted(name for name, other in modes.items() if other != mode):
        yield modes_mixed.broken(stripe_secret_key.id, f"a {mode} key, while of the other mode: {', '.join(others)}")
    site = values.get(site_url.id, "")
    host = find_host(site)
    if not host:
        yield Unknown(what="Whether the Stripe key's mode fits the site.", why=f"{site_url.id} names no site.")
    elif mode == "live" and (host in _LOCAL or not site.startswith("https://")):
        yield live_at_home.broken(stripe_secret_key.id, "a live key, while the site is not public over https")
    elif mode == "test" and host not in _LOCAL:
        yield test_in_public.broken(stripe_secret_key.id, "a test key on a site with a public address")


def _strip(value: str) -> str:
    """Remove what was copied along with a value, quotes included."""
    value = value.strip("\ufeff\u200b \t\r\n\xa0")
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1].strip()
    return value.strip("'\"")


def find_host(value: str) -> str | None:
    """Return an address's host in lower case, None when there is none or it cannot be read."""
    try:
        return urlsplit(value).hostname
    except ValueError:
        return None


def _size(value: str) -> str:
    return f"present, {len(value)} character{'s' if len(value) != 1 else ''}"


def _looks(value: str) -> str:
    kind = name_kind(value)
    return f"looks like {kind}" if kind else "not of the form that is expected"
