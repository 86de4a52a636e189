r"""Limits of an AI run: the lease, the schema of each answer, and what no answer may hold.

Patterns are Postgres regular expressions; \u and \U stand for characters that could not be told apart here.
"""

from lab.rules.model import Answer, AnswerList, AnswerText, Forbidden

LEASE_SECONDS = 900  # for all leases of a run, from the start of the first one
LEASES = 3  # at most, for one run

ANSWERS = (
    Answer(id="echo", parts=(AnswerText(name="reply", most=8000),), why="An Echo is one text."),
    Answer(
        id="council",
        parts=(
            AnswerList(
                name="voices", most=12, texts=(AnswerText(name="name", most=80), AnswerText(name="words", most=4000))
            ),
            AnswerText(name="summary", most=4000),
        ),
        why="A Council has up to twelve voices, each with its words, and a summary.",
    ),
)

# Control characters except tab and line breaks; spaces of odd widths, soft hyphens, joiners, marks of direction, fillers,
# variation selectors, tags, private use, and code points that are no characters.
INVISIBLE = (
    r"\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    r"\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202e\u205f-\u206f\u2800\u3164\ue000-\uf8ff"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
)

FORBIDDEN = (
    Forbidden(
        id="invisible",
        title="an invisible character",
        pattern=f"[{INVISIBLE}]",
        why="Invisible characters can hide a mark or an instruction, or reverse the direction of the text.",
    ),
    Forbidden(
        id="address",
        title="an address or a handle",
        pattern="@",
        why="An address or handle belongs to a person, and no answer needs one.",
    ),
    Forbidden(
        id="link",
        title="a link",
        pattern=r"(?i)[a-z][a-z0-9+.-]*://|//[a-z0-9]|\mwww[0-9]*\.|<[a-z/!]|\]\s*[(\[:]"
        r"|\m(data|mailto|tel|sms|javascript|vbscript|file|blob|about|urn|magnet|geo|intent|tg|whatsapp):\S",
        why="A prompt could make the AI link to any site.",
    ),
    Forbidden(
        id="domain",
        title="a domain",
        pattern=r"[^\s\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e]\."
        r"[^\s\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e0-9]{2,}"
        r"|[a-zA-Z0-9][\u3002\uff61\u2024][a-zA-Z]{2,}|[0-9]{1,3}(\.[0-9]{1,3}){3}",
        why="Many programs turn a domain or an IP address into a link.",
    ),
    Forbidden(
        id="number",
        title="a number like a telephone number",
        pattern=r"\+[\s(]*[0-9]([\s().\u002f\u2010-\u2015-]*[0-9]){5,}"
        r"|[0-9\u0660-\u0669\u06f0-\u06f9]([\s().\u002f\u2010-\u2015-]*[0-9\u0660-\u0669\u06f0-\u06f9]){8,}",
        why="A telephone or card number belongs to a person, and no answer needs one.",
    ),
    Forbidden(
        id="uuid",
        title="an id",
        pattern=r"(?i)[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}",
        why="An id names a row, and no answer needs one.",
    ),
)
