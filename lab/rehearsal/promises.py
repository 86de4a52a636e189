"""What must be true of every purchase, whatever went wrong on its way: seen from outside, beside the invariants.

That every job ends, or is shown to an operator, is what four invariants of the queue say once a day has passed.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lab.rehearsal.moves import DECLARED, MOVES, Move
from lab.rehearsal.play import Play
from lab.rules import RULES
from lab.services.demo_shop.bought import ANSWER, QUESTION

WITH_CONSENT = frozenset((job.id, "email") for job in RULES.jobs if job.consents or job.email_leg_waits_for)
_PURPOSES = {job.id: {one.id for one in job.consents} for job in RULES.jobs}
SEEN_BY_OPERATORS = ("dead", "parked")
_JOBS = """select coalesce(json_agg(json_build_object('key', j.idempotency_key, 'channel', j.channel, 'leg', j.leg,
  'status', j.status, 'sent', e.state, 'intent', e.id is not null, 'attempts', j.attempts, 'ended',
  (select count(*) from public.delivery_attempts a where a.job_id = j.id and a.outcome <> 'released'))
  order by j.id), '[]')
  from public.delivery_jobs j left join public.delivery_effects e on e.job_id = j.id and e.state <> 'refused'
  where j.subject_id = %s"""
_PURCHASE = """select json_agg(json_build_object('status', p.status, 'unlocked', p.unlocked_at is not null,
  'refunded', p.amount_refunded_minor,
  'reviews', (select count(*) from public.payment_reviews r where r.purchase_id = p.id))) from public.purchases p
  where p.id = %s"""
_EVENTS = "select coalesce(json_agg(e.status), '[]') from public.stripe_events e"
_FILES = """select coalesce(json_agg(json_build_object('kind', a.kind, 'path', a.storage_path, 'state', a.state,
  'sha256', encode(a.content_sha256, 'hex'))), '[]') from public.oracle_artifacts a where a.subject_id = %s"""
_ENDING = f"select json_build_array(({_PURCHASE}), ({_JOBS}), ({_EVENTS}), ({_FILES}), ({MOVES}))"


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What a play has come to."""

    play: Play = field(repr=False)
    jobs: list[dict[str, Any]]
    purchase: dict[str, Any] | None
    events: list[str]
    files: list[dict[str, Any]]
    moves: frozenset[Move]

    @property
    def letters(self) -> Counter[str]:
        """Return how many messages arrived, by the job's key."""
        return Counter(letter.key for letter in self.play.post.letters)

    @property
    def at_stripe(self) -> list[dict[str, Any]]:
        """Return the order's sessions at Stripe."""
        sessions = self.play.stage.account.store.objects["checkout/sessions"].values()
        return [one for one in sessions if one["client_reference_id"] == str(self.play.world.order)]

    def returned(self) -> bool:
        """Tell whether the whole payment was refunded, or is disputed or was lost, at Stripe."""
        store = self.play.stage.account.store
        refunds = sum(one["amount"] for one in store.objects["refunds"].values() if one["status"] == "succeeded")
        paid = sum(one["amount_total"] for one in self.at_stripe if one["status"] == "complete")
        disputed = any(one["status"] != "won" for one in store.objects["disputes"].values())
        return disputed or (refunds >= paid > 0)


def read_ending(play: Play) -> Ending:
    """Read what a play has come to."""
    order, buyer = play.world.order, play.stage.buyer
    purchases, jobs, events, files, moves = play.value(_ENDING, order, buyer, buyer)
    return Ending(
        play=play,
        jobs=jobs,
        purchase=purchases[0] if purchases else None,
        events=events,
        files=files,
        moves=frozenset((table, before, after) for table, before, after in moves),
    )


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One sentence, and whether it is true of an ending.

    Args:
        id: Its name in reports.
        title: The sentence.
        holds: Tells whether it is true.
        at_end: True when it is only judged once everything has come to rest.
    """

    id: str
    title: str
    holds: Callable[[Ending], bool]
    at_end: bool = False


def _once(ending: Ending) -> bool:
    return all(count == 1 for count in ending.letters.values())


def _intended(ending: Ending) -> bool:
    known = {job["key"] for job in ending.jobs if job["intent"]}
    return set(ending.letters) <= known or ending.play.world.erasure is not None


def _arrived(ending: Ending) -> bool:
    done = {job["key"] for job in ending.jobs if job["leg"] == "email" and job["sent"] == "sent"}
    return done <= set(ending.letters)


def _done_is_sent(ending: Ending) -> bool:
    return all(job["sent"] == "sent" for job in ending.jobs if job["leg"] == "email" and job["status"] == "done")


def _with_consent(ending: Ending) -> bool:
    passed = ending.play.world.passed
    bound = {job["key"] for job in ending.jobs if (job["channel"], job["leg"]) in WITH_CONSENT}
    allowed = passed is None or (set(ending.letters) & bound) <= passed
    return allowed and all(
        {job["key"] for job in ending.jobs if purpose in _PURPOSES[job["channel"]]} & set(ending.letters) <= begun
        for purpose, begun in ending.play.world.withheld.items()
    )


def _paid_is_unlocked(ending: Ending) -> bool:
    paid = any(one["payment_status"] == "paid" for one in ending.at_stripe)
    if not paid or ending.returned():
        return True
    shown = "needs_review" in ending.events or bool(ending.purchase and ending.purchase["reviews"])
    return shown or bool(ending.purchase and ending.purchase["unlocked"])


def _returned_is_locked(ending: Ending) -> bool:
    return not (ending.returned() and ending.purchase and ending.purchase["unlocked"])


def _rested(ending: Ending) -> bool:
    return ending.play.rested


def _events_end(ending: Ending) -> bool:
    return all(status in ("done", "ignored", "needs_review") for status in ending.events)


def _files_kept(ending: Ending) -> bool:
    kept = ending.play.files.kept
    ready = [one for one in ending.files if one["state"] == "ready" and one["path"]]
    return all(one["path"] in kept and one["path"].replace("/", "").startswith(one["sha256"]) for one in ready)


def _file_made(ending: Ending) -> bool:
    done = any(job["channel"] == "pdf" and job["status"] == "done" for job in ending.jobs)
    return not done or any(one["state"] in ("ready", "withdrawn") for one in ending.files)


def _private(ending: Ending) -> bool:
    words = [QUESTION.encode(), *(line.encode() for line in ANSWER.splitlines() if len(line) > 20)]
    left = [letter.raw for letter in ending.play.post.letters]
    left += [repr(one).encode() for one in ending.at_stripe]
    return not any(word in one for word in words for one in left)


def _delivered(ending: Ending) -> bool:
    """A paid and unlocked purchase has its planned jobs; after a withdrawal those that need no consent."""
    found, play = ending.purchase, ending.play
    if not (found and found["unlocked"]) or play.world.erasure:
        return True
    made = {(job["channel"], job["leg"]) for job in ending.jobs}
    planned = [job for job in RULES.jobs if job.id in play.wish.planned]
    wanted = {(job.id, leg) for job in planned for leg in job.legs if play.world.passed is None or not job.consents}
    return wanted <= made


def _nothing_while_stopped(ending: Ending) -> bool:
    return ending.play.world.sent_while_stopped == 0


def _forged_refused(ending: Ending) -> bool:
    return ending.play.world.forged == 0


def _rotation_unnoticed(ending: Ending) -> bool:
    return ending.play.world.refused_in_overlap == 0


def _one_checkout(ending: Ending) -> bool:
    return len(ending.at_stripe) <= 1


def _one_reading(ending: Ending) -> bool:
    return all(count == 1 for count in Counter(one["kind"] for one in ending.files).values())


def _stale_refused(ending: Ending) -> bool:
    return ending.play.world.stale == 0


def _attempts_counted(ending: Ending) -> bool:
    return all(job["attempts"] <= job["ended"] + 1 for job in ending.jobs)


def _taken_back(ending: Ending) -> bool:
    lost = any(one["status"] == "lost" for one in ending.play.stage.account.store.objects["disputes"].values())
    status = ending.purchase["status"] if ending.purchase else None
    kept = status != "refunded" and not (lost and status == "disputed")
    return kept or all(one["state"] != "ready" for one in ending.files)


def _legal_moves(ending: Ending) -> bool:
    return ending.moves <= DECLARED


def _as_planned(ending: Ending) -> bool:
    return {job["channel"] for job in ending.jobs} <= ending.play.wish.planned


PROMISES = (
    Promise(id="message_once", title="No message reaches its person twice.", holds=_once),
    Promise(id="message_intended", title="Nothing is sent without a committed intent.", holds=_intended),
    Promise(id="message_arrived", title="What counts as sent has been sent.", holds=_arrived),
    Promise(id="done_is_sent", title="An e-mail job is done only when its message was sent.", holds=_done_is_sent),
    Promise(
        id="message_allowed",
        title="After a withdrawal, only what had passed before is sent.",
        holds=_with_consent,
    ),
    Promise(id="stop_obeyed", title="While deliveries are stopped, nothing new is sent.", holds=_nothing_while_stopped),
    Promise(id="forged_refused", title="An event that Stripe has not signed is not stored.", holds=_forged_refused),
    Promise(
        id="rotation_unnoticed",
        title="No event is refused that Stripe has signed with a known secret.",
        holds=_rotation_unnoticed,
    ),
    Promise(id="one_checkout", title="An order has one checkout.", holds=_one_checkout),
    Promise(
        id="one_reading", title="A purchase brings one reading, and one of each thing made of it.", holds=_one_reading
    ),
    Promise(id="stale_refused", title="A worker that lost its lease completes no job.", holds=_stale_refused),
    Promise(
        id="attempts_counted",
        title="Each attempt of a job is in its trail, or was its last.",
        holds=_attempts_counted,
        at_end=True,
    ),
    Promise(
        id="taken_back", title="A refund or a lost dispute takes back what was bought.", holds=_taken_back, at_end=True
    ),
    Promise(id="files_kept", title="Every finished artifact has its file, unchanged.", holds=_files_kept),
    Promise(id="words_kept", title="No word of a reading is in a message or at Stripe.", holds=_private),
    Promise(id="legal_moves", title="Every state moves as the rules allow.", holds=_legal_moves),
    Promise(id="as_planned", title="Only planned jobs are made, and none without its consents.", holds=_as_planned),
    Promise(
        id="paid_is_unlocked", title="What was paid is unlocked, or in review.", holds=_paid_is_unlocked, at_end=True
    ),
    Promise(
        id="returned_is_locked",
        title="What was refunded or disputed is locked.",
        holds=_returned_is_locked,
        at_end=True,
    ),
    Promise(
        id="comes_to_rest",
        title="When the faults stop, no process fails any more.",
        holds=_rested,
        at_end=True,
    ),
    Promise(
        id="events_end", title="Every event is processed, or is shown to an operator.", holds=_events_end, at_end=True
    ),
    Promise(id="file_made", title="A job that made a file has left one.", holds=_file_made, at_end=True),
    Promise(
        id="delivered", title="A paid purchase has a job for everything that was bought.", holds=_delivered, at_end=True
    ),
)
