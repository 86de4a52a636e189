"""Reports keys, tokens and passwords that are stored in the catalogue, where other roles can read them."""

from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.redaction import name_secret
from lab.checks.schema.severity import INFO, MEDIUM


def _write_title(change: Change) -> str:
    secret, place = str(change.facts["secret"]), str(change.facts["place"]).replace("_", " ")
    return f"{secret[0].upper()}{secret[1:]} is stored in the {place} {change.name.removeprefix('public.')}"


def _say_why(change: Change) -> str:
    if change.facts["own"]:
        return "Only its owner, or a role that may read everything, can read it, but every dump and copy of the database contains it."
    return "Every role that can connect can read the catalogue, and every dump and copy of the database contains it."


def _say_secret(facts: Facts) -> str:
    return f"{facts['secret']}, which is not shown"


KIND = Kind(
    name="stored_secret",
    plural="stored secrets",
    title="A key, token or password is stored where others can read it",
    means=(
        "A key, token or password is in the text of a trigger, function or comment. Every login can read the "
        "catalogue, and every dump contains it."
    ),
    example="comment on table public.products is 'postgresql://shop:correct-horse-battery@db.example:5432/shop';",
    accept="Only after the secret was revoked, until the text is replaced.",
    query=read_query("stored_secret"),
    say=_say_secret,
    hide=name_secret,
    family="strangers",
    stage=90,
    missing=None,
    extra=Aspect(
        severity=lambda change: INFO if change.facts["own"] else MEDIUM,
        title=_write_title,
        why=_say_why,
        decide="Revoke it where it was issued, because others could read it. Keep the new one in the platform's vault, "
        "and read it from there.",
    ),
)
