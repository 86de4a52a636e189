"""Who does what in a play: the lane of each moment, and its words."""

import re

from lab.rehearsal.faults import BY_ID, DATABASE, FILES, MAIL, STRIPE, WEBHOOK
from lab.rehearsal.scene import Moment
from lab.rules import RULES

BUYER, SERVER, WORKER, AT_STRIPE, AT_MAIL, PERSON = (
    "Buyer", "Server", "Worker", "Stripe", "E-mail provider", "Person or operator",
)  # fmt: skip
LANES = (BUYER, SERVER, WORKER, AT_STRIPE, AT_MAIL, PERSON)
_OUTSIDE = {STRIPE: AT_STRIPE, WEBHOOK: AT_STRIPE, MAIL: AT_MAIL}
_BUYERS, _SERVERS = ("shop", "page"), ("webhook", "events", "reconciliation", "site", "reaper")
_AT_STRIPE = ("refund", "refund_part", "dispute", "win_dispute", "lose_dispute", "forge_event", "reorder")
_OF_PEOPLE = ("withdraw", "erase", "close_environment", "stop_deliveries")
DOERS = {
    "shop": "Checkout page", "page": "Return page", "webhook": "Webhook", "events": "Event processing",
    "reconciliation": "Reconciliation", "site": "Site", "reaper": "Lease recovery", "worker": "Worker",
    "other worker": "Another worker",
}  # fmt: skip
_ENDS = re.compile(r"(.+) ((?:is killed|ends with \w+)$)")
_TABLES = {table.id for table in RULES.tables}
_FILES = {"put": "Write the file", "delete": "Delete the file"}


def find_lane(moment: Moment) -> str:
    """Return the lane in which a moment of the timeline happens."""
    if moment.where in _OUTSIDE:
        return _OUTSIDE[moment.where]
    doer = moment.what.split("/")[1] if moment.where else moment.what
    if doer.startswith(_BUYERS):
        return BUYER
    return SERVER if doer.startswith(_SERVERS) else WORKER


def find_fault_lane(kind: str, lane: str) -> str:
    """Return the lane of a fault: that of the person who causes it, or else that of its point."""
    act = BY_ID[kind].act or ""
    return PERSON if act in _OF_PEOPLE else AT_STRIPE if act in _AT_STRIPE else lane


def name_doer(doer: str) -> str:
    """Name a process or a job for people."""
    if doer in DOERS:
        return DOERS[doer]
    job, _, other = doer.partition(" of the other")
    channel, _, leg = job.partition(".")
    return f"{channel.replace('_', ' ').capitalize()} job, {leg} leg{', another worker' if doer != job else ''}{other}"


def name_point(point: str, where: str) -> str:
    """Say in words what happens at a point, such as “Settle purchase, committed (Return page)”."""
    call, doer, attempt, side = point.split("/")
    again = f", time {attempt}" if attempt != "1" else ""
    return f"{_name_call(call, where)}{again}, {_name_side(where, side)} ({name_doer(doer)})"


def name_event(sentence: str) -> str:
    """Say in words what merely happened, such as “Webhook is killed”."""
    found = _ENDS.match(sentence)
    return f"{name_doer(found[1])} {found[2]}" if found else sentence[:1].upper() + sentence[1:]


def _name_call(call: str, where: str) -> str:
    if where == STRIPE:
        _, method, *path = call.split("_")
        return f"{'Read' if method == 'get' else 'Create'} {' '.join(path)} at Stripe"
    if where == WEBHOOK:
        return f"Event {call.replace('_', ' ')}"
    if where == MAIL:
        return "Send the message"
    if where == FILES:
        return _FILES[call]
    return f"Change {call}" if call in _TABLES else call.replace("_", " ").capitalize()


def _name_side(where: str, side: str) -> str:
    if side == "before":
        return "not begun"
    return "committed" if where == DATABASE else "done"
