"""The faults that an anchored ledger can have, in words."""

from dataclasses import dataclass
from enum import StrEnum


class Wrong(StrEnum):
    """The fault of an entry."""

    CHANGED = "changed"
    PERSON = "person changed"
    UNERASED = "blanked without an erasure"
    RETURNED = "person returned"
    CUT = "cut"
    LOST = "lost"
    SLIPPED_IN = "slipped in"
    DATED_BACK = "dated back"
    DATED_AHEAD = "dated ahead"
    REPLACED = "replaced"


_SENTENCES = {
    Wrong.CHANGED: "was changed after it was anchored",
    Wrong.PERSON: "names another person or other evidence than when it was written",
    Wrong.UNERASED: "no longer names its person, and no erasure recorded that",
    Wrong.RETURNED: "names a person again, although an erasure removed that person from it",
    Wrong.CUT: "was cut out of the ledger",
    Wrong.LOST: "and all entries anchored after it are missing or changed: "
    "the ledger was set back to an older state or cut",
    Wrong.SLIPPED_IN: "was inserted among entries that were anchored before",
    Wrong.DATED_BACK: "is dated back before the newest anchor",
    Wrong.DATED_AHEAD: "is dated later than now",
}


@dataclass(frozen=True, order=True)
class Fault:
    """The first entry of a ledger that does not fit its anchors, or the object that replaced the ledger.

    Args:
        entry: Its number; 0 when the ledger was replaced.
        wrong: The kind of fault.
        ledger: Which ledger.
        replacement: What the ledger was replaced by, as `is a view`.
    """

    entry: int
    wrong: Wrong
    ledger: str
    replacement: str = ""

    def __str__(self) -> str:
        """Return it as a sentence."""
        if self.wrong is Wrong.REPLACED:
            return f"public.{self.ledger} {self.replacement}, so its rows prove nothing."
        return f"Entry {self.entry} of public.{self.ledger} {_SENTENCES[self.wrong]}."
