"""Bugs that can be planted for a play, so that the judge is judged: each is found by what it breaks.

A bug of the database replaces functions in the transaction of the play, which is rolled back. A bug of the program
replaces a function of a module until the block ends.
"""

import contextlib
import dataclasses
import uuid
from collections.abc import Iterator
from typing import Any

from lab.rehearsal import mistakes, processes
from lab.rehearsal.scene import Stage
from lab.rules import RULES
from lab.services.billing import reconcile, sell
from lab.services.billing.fulfil import fulfil
from lab.services.delivery import handle, messages, sending
from lab.services.demo_shop import bought
from lab.sql.functions import create_function
from lab.text.errors import LabError


class BugOutdated(LabError):
    """A bug cannot be planted: the function that it changes does not have its part any more."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rewrite:
    """A part of a function of the database, and what it becomes."""

    function: str
    old: str
    new: str

    def change(self, made: str) -> str:
        """Return the statement that makes the function, with the part changed.

        Raises:
            BugOutdated: The function has no such part.
        """
        if self.old not in made:
            raise BugOutdated(
                self.function, "it has no such part any more", "Write the bug anew in lab/rehearsal/bugs.py"
            )
        return made.replace(self.old, self.new)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Replace:
    """A function of the program, and what it becomes."""

    owner: Any
    name: str
    value: Any

    @property
    def place(self) -> str:
        """Return the module and the name, such as `delivery.handle.send_message`."""
        return f"{self.owner.__name__.removeprefix('lab.').removeprefix('services.')}.{self.name}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Bug:
    """A mistake that a developer could make.

    Args:
        id: Its name.
        title: What is done wrong.
        parts: What is changed for it.
        breaks: The promise or invariant that finds it.
    """

    id: str
    title: str
    parts: tuple[Rewrite | Replace, ...]
    breaks: str

    @contextlib.contextmanager
    def planted(self, stage: Stage) -> Iterator[None]:
        """Plant it until the block ends.

        Raises:
            BugOutdated: What it changes is not there any more.
        """
        with self.replaced(), stage.connection.transaction(force_rollback=True):
            for statement in self.write():
                stage.connection.execute(statement.encode())
            yield

    @contextlib.contextmanager
    def replaced(self) -> Iterator[None]:
        """Plant its part in the program until the block ends."""
        with contextlib.ExitStack() as stack:
            for part in self.parts:
                if isinstance(part, Replace):
                    stack.enter_context(_replaced(part))
            yield

    @property
    def places(self) -> tuple[str, ...]:
        """Return the names of what is changed: functions of the database, and functions of the program."""
        named = (part.function if isinstance(part, Rewrite) else part.place for part in self.parts)
        return tuple(dict.fromkeys(named))

    def write_back(self) -> list[str]:
        """Return the statements that remove its part from the database."""
        changed = {part.function for part in self.parts if isinstance(part, Rewrite)}
        return [create_function(function) for function in RULES.functions if function.id in changed]

    def write(self) -> list[str]:
        """Return the statements that plant its part in the database.

        Raises:
            BugOutdated: A function has not the part that is changed.
        """
        made: dict[str, str] = {}
        for part in self.parts:
            if isinstance(part, Rewrite):
                function = next(one for one in RULES.functions if one.id == part.function)
                made[part.function] = part.change(made.get(part.function) or create_function(function))
        return list(made.values())


@contextlib.contextmanager
def _replaced(part: Replace) -> Iterator[None]:
    before = getattr(part.owner, part.name)
    setattr(part.owner, part.name, part.value)
    try:
        yield
    finally:
        setattr(part.owner, part.name, before)


BUGS = (
    Bug(
        id="claims_never_end",
        title="An event whose worker was killed is never claimed again",
        parts=(
            Rewrite(
                function="claim_stripe_events", old="'received', 'processing', 'failed'", new="'received', 'failed'"
            ),
        ),
        breaks="events_end",
    ),
    Bug(
        id="nothing_recovered",
        title="The jobs of killed workers are not recovered",
        parts=(Rewrite(function="reap_delivery_leases", old="j.status = 'running'", new="j.status = 'never'"),),
        breaks="jobs_end",
    ),
    Bug(
        id="blind_repeats",
        title="A message without an answer is sent again",
        parts=(Rewrite(function="may_repeat", old="return coalesce(", new="return true or coalesce("),),
        breaks="message_once",
    ),
    Bug(
        id="consent_not_asked",
        title="Consents are not asked before sending",
        parts=(
            Rewrite(
                function="begin_send",
                old="when job.cancel_requested\n                   or not wall.job_consents_valid(job.subject_id,",
                new="when false and wall.job_consents_valid(job.subject_id,",
            ),
            Rewrite(
                function="judge_intent_at_commit",
                old="if not wall.job_consents_valid",
                new="if false and not wall.job_consents_valid",
            ),
        ),
        breaks="message_allowed",
    ),
    Bug(
        id="fence_dropped",
        title="A job is completed without the token of its lease",
        parts=(
            Rewrite(
                function="complete_delivery_jobs",
                old="and j.lease_token = complete_delivery_jobs.lease_token",
                new="and j.lease_token is not null",
            ),
        ),
        breaks="stale_refused",
    ),
    Bug(
        id="refund_unlocks_on",
        title="A refunded purchase stays unlocked",
        parts=(
            Rewrite(
                function="apply_refund",
                old="state := case when returned > 0 and returned = purchase.received_minor then 'refunded'",
                new="state := case when false then 'refunded'",
            ),
        ),
        breaks="returned_is_locked",
    ),
    Bug(
        id="refund_takes_nothing",
        title="A refund takes nothing back",
        parts=(Rewrite(function="apply_refund", old="perform wall.take_back(purchase.id);", new="null;"),),
        breaks="taken_back",
    ),
    Bug(
        id="dispute_ignored",
        title="A disputed purchase stays unlocked",
        parts=(Rewrite(function="apply_dispute", old="if disputed and", new="if false and"),),
        breaks="returned_is_locked",
    ),
    Bug(
        id="uncertain_is_done",
        title="A message without an answer counts as delivered",
        parts=(
            Rewrite(
                function="finish_send",
                old="if holds and finish_send.outcome <> 'sent' then",
                new="if holds and finish_send.outcome = 'refused' then",
            ),
            Rewrite(function="finish_send", old="if finish_send.outcome = 'sent' and", new="if"),
        ),
        breaks="done_is_sent",
    ),
    Bug(
        id="moves_freely",
        title="States move as they like, and a message that is refused for good is parked",
        parts=(
            Rewrite(
                function="refuse_illegal_move",
                old="named boolean := false;\nbegin",
                new="named boolean;\nbegin\n  return new;",
            ),
            Rewrite(
                function="end_attempt",
                old="when end_attempt.outcome = 'permanent' or job.attempts >= job.max_attempts then 'dead'",
                new="when end_attempt.outcome = 'permanent' or job.attempts >= job.max_attempts then 'parked'",
            ),
        ),
        breaks="legal_moves",
    ),
    Bug(
        id="no_receipt",
        title="A payment makes no receipt",
        parts=(
            Rewrite(
                function="settle_purchase", old="if purchase.buyer_subject_id is not null then", new="if false then"
            ),
        ),
        breaks="delivered",
    ),
    Bug(
        id="stop_ignored",
        title="The operator's switch is not looked at before sending",
        parts=(
            Rewrite(
                function="begin_send",
                old="when stopped && array['all', job.channel] then 'stopped'",
                new="when false then 'stopped'",
            ),
        ),
        breaks="stop_obeyed",
    ),
    Bug(
        id="copy_sends",
        title="A copy of the database sends messages",
        parts=(
            Rewrite(
                function="begin_send",
                old="coalesce('environment.' || wall.environment_fault(begin_send.environment), reason)",
                new="reason",
            ),
        ),
        breaks="stop_obeyed",
    ),
    Bug(
        id="begun_forgotten",
        title="A withdrawal forgets that a message was begun",
        parts=(
            Rewrite(
                function="show_begun_message", old="where e.job_id = new.id and e.state = 'intent'", new="where false"
            ),
        ),
        breaks="intents_left",
    ),
    Bug(
        id="wrong_amount",
        title="The amount that was paid is not kept",
        parts=(
            Rewrite(
                function="settle_purchase",
                old="received_minor = settle_purchase.received_minor",
                new="received_minor = 1",
            ),
        ),
        breaks="amount_kept",
    ),
    Bug(
        id="paid_stays_locked",
        title="A payment unlocks nothing",
        parts=(
            Rewrite(
                function="settle_purchase",
                old="unlocked_at = case when reason is null then moment end",
                new="unlocked_at = null",
            ),
        ),
        breaks="paid_is_unlocked",
    ),
    Bug(
        id="unplanned_job",
        title="A payment makes a job that the plan does not have",
        parts=(
            Rewrite(
                function="settle_purchase", old="enqueue_delivery_job('receipt'", new="enqueue_delivery_job('recovery'"
            ),
        ),
        breaks="as_planned",
    ),
    Bug(
        id="reconciliation_gives_up",
        title="One payment that the database refuses ends the reconciliation of all",
        parts=(Replace(owner=reconcile, name="settle_session", value=fulfil),),
        breaks="comes_to_rest",
    ),
    Bug(
        id="completed_first",
        title="A job is completed before its file is made",
        parts=(Replace(owner=handle, name="make_for_account", value=mistakes.complete_first),),
        breaks="file_made",
    ),
    Bug(
        id="written_last",
        title="A file is written after its job is completed",
        parts=(Replace(owner=handle, name="make_for_account", value=mistakes.write_last),),
        breaks="files_kept",
    ),
    Bug(
        id="full_disk_ignored",
        title="A file that could not be written counts as written",
        parts=(Replace(owner=processes, name="Files", value=mistakes.CarelessFiles),),
        breaks="files_kept",
    ),
    Bug(
        id="sent_before_intent",
        title="A message is sent before its intent is committed",
        parts=(Replace(owner=handle, name="send_message", value=mistakes.send_first),),
        breaks="stop_obeyed",
    ),
    Bug(
        id="sent_after_result",
        title="A result is recorded before the message is sent",
        parts=(Replace(owner=handle, name="send_message", value=mistakes.finish_first),),
        breaks="message_arrived",
    ),
    Bug(
        id="no_answer_is_no",
        title="No answer of the provider counts as a refusal",
        parts=(Replace(owner=sending, name="_call", value=mistakes.send_and("refused", "refused")),),
        breaks="message_once",
    ),
    Bug(
        id="refusal_is_sent",
        title="A refused message counts as sent",
        parts=(Replace(owner=sending, name="_call", value=mistakes.send_and("sent", "uncertain")),),
        breaks="message_arrived",
    ),
    Bug(
        id="key_by_attempt",
        title="Each attempt gives the provider another key",
        parts=(
            Replace(
                owner=sending, name="_call", value=mistakes.send_and("refused", "uncertain", "{job.key}.{job.attempt}")
            ),
        ),
        breaks="message_intended",
    ),
    Bug(
        id="checkout_key_drawn",
        title="Each attempt to begin a checkout has a key of its own",
        parts=(Replace(owner=sell, name="make_key", value=lambda _: uuid.uuid4().hex),),
        breaks="one_checkout",
    ),
    Bug(
        id="words_in_mail",
        title="A message quotes the question",
        parts=(Replace(owner=messages, name="compose", value=mistakes.compose_with_words),),
        breaks="words_kept",
    ),
    Bug(
        id="signature_believed",
        title="Every signature of an event is believed",
        parts=(Replace(owner=processes, name="verify_signature", value=mistakes.believe),),
        breaks="forged_refused",
    ),
    Bug(
        id="one_signature_read",
        title="Only the first signature of an event is verified",
        parts=(Replace(owner=processes, name="verify_signature", value=mistakes.verify_first),),
        breaks="rotation_unnoticed",
    ),
    Bug(
        id="reading_again",
        title="A purchase brings another reading with each look",
        parts=(
            Replace(
                owner=bought,
                name="_UNLOCKED",
                value=bought._UNLOCKED.replace(
                    "and not exists (select from public.oracle_artifacts a where a.purchase_id = p.id)", ""
                ),
            ),
        ),
        breaks="one_reading",
    ),
)
