"""Bugs that only a race can show: locks that are missing, and answers that are read too early."""

from lab.rehearsal.bug import Bug, Replace, Rewrite
from lab.services.demo_shop import bought

RACE_BUGS = (
    Bug(
        id="claimed_without_lock",
        title="Jobs are claimed without being locked",
        parts=(
            Rewrite(function="claim_delivery_jobs", old="\n                  for update skip locked", new=""),
            Rewrite(function="claim_delivery_jobs", old="\n                           for update skip locked", new=""),
        ),
        breaks="attempts_counted",
    ),
    Bug(
        id="consent_read_once",
        title="The consents are read before the person's lock, and not again with it",
        parts=(
            Rewrite(
                function="judge_intent_at_commit",
                old="if not wall.job_consents_valid",
                new="if false and not wall.job_consents_valid",
            ),
        ),
        breaks="message_allowed",
    ),
    Bug(
        id="stop_read_early",
        title="A message is begun while an operator stops deliveries",
        parts=(
            Rewrite(
                function="begin_send",
                old="not pg_try_advisory_xact_lock_shared(wall.lock_number('deliveries'))",
                new="false",
            ),
        ),
        breaks="stop_obeyed",
    ),
    Bug(
        id="made_without_lock",
        title="A second reading is made beside the first",
        parts=(
            Replace(
                owner=bought,
                name="_UNLOCKED",
                value=bought._UNLOCKED.replace("for update of p skip locked", ""),
            ),
        ),
        breaks="one_reading",
    ),
    Bug(
        id="erased_without_waiting",
        title="An erasure does not wait for transactions that began before it",
        parts=(
            Rewrite(
                function="erase_subject",
                old="if state is null and not wall.tombstone_is_visible(request.id) then",
                new="if false then",
            ),
        ),
        breaks="message_allowed",
    ),
)
