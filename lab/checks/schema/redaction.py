"""Hides secrets and private text of a live database as they are read, so that no output can show them. Pure.

Names stay, because objects are found by name. Possible secrets are removed from texts, such as bodies, conditions,
defaults, comments and settings. A trigger's arguments, in which webhooks keep their keys, stay only if the rules write
them. Of an undeclared object only the shape is shown, because its quoted text may be anything.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from lab.rules import RULES
from lab.rules.derived import all_checks, all_triggers, quote
from lab.text.secret_patterns import HIDDEN, find_stored, hide_secrets

# Facts that hold names, or letters or words of Postgres itself; objects are found and compared by them.
NAMES = frozenset(
    {
        *("callers", "children", "command", "constraint", "event", "form", "function", "function_owner", "grantee"),
        *("grants", "language", "member", "name", "names", "object", "opens", "owner", "path", "place", "privilege"),
        *("publication", "publications", "reads", "relation", "role", "roles", "schema", "target", "through"),
        *("triggers", "type", "was", "held", "grantors"),
    }
)
# Settings with a dot in their name are an application's own, except for these.
_KNOWN_SETTINGS = ("pgrst.", "plan_filter.", "auto_explain.", "pgaudit.", "pg_stat_statements.", "storage.", "lab.")
_SECRET_SETTING = re.compile(r"secret|password|token|key", re.IGNORECASE)
_CALL = re.compile(r"( EXECUTE (?:FUNCTION|PROCEDURE) )(.*)\Z", re.DOTALL)
VALUE = "a value that is not shown"  # as in sql/catalogue/setting.sql


def hide_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of an object, without possible secrets."""
    shown = {n: value if n in NAMES or isinstance(value, bool) else _hide(value) for n, value in facts.items()}
    if "config" in facts:
        shown["config"] = [_hide_line(line) for line in shown["config"]]
    return shown


def hide_arguments(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a trigger, without arguments that no rule writes."""
    shown = hide_facts(facts)
    return {**shown, "definition": _hide_arguments(shown["definition"])}


def hide_setting(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a setting, without the value of an application's own setting."""
    return {**hide_facts(facts), **({"value": VALUE} if _is_own(str(facts["name"])) else {})}


SCHEDULE = "schedule"  # jobs of pg_cron; their commands are read in a second query


def name_secret(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the kind of secret that a text holds, without the text; an empty result if it holds none."""
    if facts["place"] == SCHEDULE:
        return {"place": SCHEDULE}
    secret = find_stored(str(facts["text"]))
    return {"place": facts["place"], "own": facts["own"], "secret": secret} if secret else {}


def find_hidden(facts: Mapping[str, Any], shown: Mapping[str, Any]) -> str | None:
    """Return the kind of secret that was hidden in the facts of an object."""
    if facts == shown:
        return None
    hidden = (value for name, value in facts.items() if value != shown.get(name))
    texts = (text for value in hidden for text in (value if isinstance(value, list) else [value]))
    return next((secret for text in texts if (secret := find_stored(str(text)))), None)


def _hide(value: Any) -> Any:
    if isinstance(value, str):
        return _hide_text(value)
    return [_hide(one) for one in value] if isinstance(value, list) else value


@lru_cache(maxsize=8192)
def _hide_text(text: str) -> str:
    return hide_secrets(text)


def _is_own(setting: str) -> bool:
    """Tell whether a setting is an application's own, whose value may be anything."""
    return ("." in setting and not setting.startswith(_KNOWN_SETTINGS)) or bool(_SECRET_SETTING.search(setting))


def _hide_line(line: str) -> str:
    name = line.partition("=")[0]
    return f"{name}={VALUE}" if _is_own(name) else line


def _hide_arguments(definition: str) -> str:
    found = _CALL.search(definition)
    if found is None or found[2].endswith("()") or found[2] in _list_calls():
        return definition
    return f"{definition[: found.start(2)]}{found[2].partition('(')[0]}({HIDDEN})"


@cache
def _list_calls() -> frozenset[str]:
    """Return the calls in the rules' triggers, as Postgres prints them."""
    triggers = [trigger for table in RULES.tables for trigger in all_triggers(table)]
    return frozenset(f"{t.function.qualified}({', '.join(map(quote, t.arguments))})" for t in triggers)


# Undeclared things ------------------------------------------------------------------------------------

# A quoted name stays, and so does a single word, which an opening quote may follow.
_QUOTED = re.compile(
    r"""(?P<name>"(?:[^"]|"")*")
      |(?P<literal>[eE]'(?:[^'\\]|''|\\.)*(?:'|\Z)
         |(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|\Z)
         |\$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z))
      |(?P<word>[^\W\d][\w$]*)""",
    re.VERBOSE | re.DOTALL,
)
_OBJECT = re.compile(r"::reg(class|proc|procedure|role|type|namespace|config)\b")  # Postgres has looked this name up


def hide_words(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of an undeclared object without its quoted texts."""
    return {name: value if name in NAMES else _hide_words(value) for name, value in facts.items()}


def _hide_words(value: Any) -> Any:
    if isinstance(value, str):
        return _QUOTED.sub(_hide_literal, value)
    return [_hide_words(one) for one in value] if isinstance(value, list) else value


def find_words(text: str) -> frozenset[str]:
    """Return the quoted texts of an expression that no rule writes, in lower case."""
    literals = {found["literal"] for found in _QUOTED.finditer(text) if found["literal"]} - _list_words()
    return frozenset(literal.partition("'")[2].strip("'").replace("''", "'").lower() for literal in literals)


def _hide_literal(found: re.Match[str]) -> str:
    literal = found["literal"]
    if literal is None or literal in _list_words() or _OBJECT.match(found.string, found.end()):
        return found[0]
    return f"'{HIDDEN}'"


@cache
def _list_words() -> frozenset[str]:
    """Return the literals that the rules themselves write, and those of every request's claims."""
    texts = [check.expression for table in RULES.tables for check in all_checks(table)]
    texts += [str(text) for table in RULES.tables for p in table.policies for text in (p.using, p.with_check)]
    texts += [str(trigger.when) for table in RULES.tables for trigger in all_triggers(table)]
    written = {found["literal"] for text in texts for found in _QUOTED.finditer(text) if found["literal"]}
    names = ("", "sub", "role", "request.jwt.claims", *(role.id for role in RULES.roles))
    return frozenset({*written, *(f"'{name}'" for name in names)})
