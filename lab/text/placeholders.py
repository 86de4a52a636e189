"""Recognises placeholders that nobody has replaced yet, by their words. Pure."""

import re

_ASKS = "your|my|insert|replace|paste|enter|put|add|change|fill|copy|set|use|get|find|see|ask|generate|create"
_THINGS = (
    "project|site|website|domain|app|company|host|server|url|ref|org|key|keys|api|secret|token|password|webhook|email"
    "|smtp|model|provider|service|value|id|string|credentials|account|name|address"
    "|dashboard|console|settings|docs|ops|env"
)
_FILLS = (
    "actual|real|own|new|the|a|an|in|with|by|from|and|it|to|of|live|test|prod|stripe|supabase|resend|postmark|openai"
    "|anthropic|role|anon|publishable|private|public|signing|restricted|access|endpoint|goes|long|random|very"
)
_ENDS = "here|me|this"
_ALONE = frozenset(
    ("placeholder", "changeme", "replaceme", "todo", "tbd", "fixme", "dummy", "redacted", "foobar", "mock")
)
_NOTHING = frozenset(  # as the whole value
    (
        *("undefined", "null", "none", "nil", "na", "n/a", "unset", "hidden", "fake", "secret", "password"),
        *("sample", "demo", "foo", "bar", "asdf", "qwerty", "s3cret", "hunter2"),
    )
)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SAYING = re.compile(rf"(?:{_ASKS}|{_THINGS}|{_FILLS}|{_ENDS})+")
_PART = re.compile("|".join(sorted("|".join((_ASKS, _THINGS, _FILLS, _ENDS)).split("|"), key=len, reverse=True)))
_PHRASE = re.compile(
    rf"(?<!\S)(?:{_ASKS})(?: (?:{_FILLS}|{_THINGS})){{0,5}} (?:{_THINGS}|{_ENDS})(?!\S)"
    rf"|(?<!\S)(?:{_THINGS}|goes) here(?!\S)"
)

# A shop can be called "Your Oracle" or "By Example", so these words count only next to words of examples.
_YOURS = "|".join(sorted({*_THINGS.split("|"), "supabase", "stripe"} - {"value", "id", "string", "name", "address"}))
_LEFT_IN = re.compile(
    rf"(?-i:EXAMPLE)|^example|(?<![a-z0-9-])example(?![a-z0-9-])|\byour[-_ ]?({_YOURS})(?![a-z0-9])"
    r"|change[-_ ]?me|placeholder|x{6}|(?:^|[_-])x{3,}$|^todo$|replace[-_ ]?me"
    r"|<[^<>@]*>|\[[^\[\]@:]+\]|\{\{.*\}\}|\$\{\w+\}|\.{3}$|…$|\*{3}|[•·●]{3}"
    r"|://xyzcompany\.|://[^/:@]*:(?:pass(?:word)?|secret|pwd)@"
    # Where a secret is kept, and not the secret.
    r"|^(?:op|vault|keychain|doppler|ssm|arn|secretsmanager|aws-\w+|gcp\w*|akv|infisical|bws|secretref):"
    r"|^(?:process\.env|import\.meta\.env|os\.environ|os\.getenv|Deno\.env)\b",
    re.IGNORECASE,
)

_PROJECT = re.compile(rf"://(?:db\.)?(?:(?:{_THINGS}|{_FILLS}|{_ASKS})[-_]?)+\.supabase\.co", re.IGNORECASE)
_PREFIX = re.compile(r"^(?:sk|rk|pk)[_-](?:live|test|proj|ant)?[_-]?|^whsec_|^sb_secret_|^re_|^eyJ")


def is_placeholder(value: str) -> bool:
    """Tell whether a value is an example or a placeholder."""
    if _LEFT_IN.search(value):
        return True
    if "://" in value or "@" in value:  # a name of somebody's own choice
        return bool(_PROJECT.search(value))
    own = _PREFIX.sub("", value)
    if own.lower() in _NOTHING:
        return True
    words = [part for found in _WORD.finditer(own) for part in _take_apart(found[0].lower())]
    known = sum(len(word) for word in words if word in _ALONE or _SAYING.fullmatch(word))
    told, size = not _ALONE.isdisjoint(words) or bool(_PHRASE.search(" ".join(words))), sum(map(str.isalnum, own))
    return size > 0 and known >= size * (0.5 if told else 0.9)


def _take_apart(word: str) -> list[str]:
    """Split a word that is several words written together."""
    return [found[0] for found in _PART.finditer(word)] if _SAYING.fullmatch(word) else [word]
