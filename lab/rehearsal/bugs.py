"""The bugs that can be planted, so that the judge is judged by what each breaks. To add one, add it to BUGS."""

import uuid

from lab.rehearsal import mistakes, processes
from lab.rehearsal.bug import Bug, Replace, Rewrite
from lab.services.billing import reconcile, sell
from lab.services.billing.fulfil import fulfil
from lab.services.delivery import handle, messages, sending
from lab.services.demo_shop import bought

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
        breaks="leases_expired",
    ),
    Bug(
        id="leased_for_a_century",
        title="A worker gets its jobs for a hundred years",
        parts=(
            Rewrite(
                function="claim_delivery_jobs",
                old="lease_until = now() + make_interval(secs => lease_seconds)",
                new="lease_until = now() + interval '100 years'",
            ),
        ),
        breaks="jobs_held_for_long",
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
        id="lost_dispute_takes_nothing",
        title="A lost dispute takes nothing back",
        parts=(Rewrite(function="apply_dispute", old="if new.status = 'lost' then", new="if false then"),),
        breaks="taken_back",
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
        breaks="intents_left",
        also=("done_is_sent",),
    ),
    Bug(
        id="refused_is_done",
        title="A message that is refused for good counts as delivered",
        parts=(
            Rewrite(
                function="finish_send",
                old="if holds and finish_send.outcome <> 'sent' then",
                new="if holds and finish_send.outcome <> 'sent' and not permanent then",
            ),
            Rewrite(
                function="finish_send",
                old="if finish_send.outcome = 'sent' and (holds",
                new="if (finish_send.outcome = 'sent' or permanent) and (holds",
            ),
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
        breaks="paid_unlike_expected",
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
                function="settle_purchase",
                old="perform public.enqueue_delivery_job('receipt'",
                new="perform public.enqueue_delivery_job('recovery', purchase.buyer_subject_id,"
                " purchase_id => purchase.id);\n      perform public.enqueue_delivery_job('receipt'",
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
        also=("message_arrived",),
    ),
    Bug(
        id="copy_for_the_shop",
        title="The shop gets a copy of each message",
        parts=(Replace(owner=sending, name="_call", value=mistakes.send_copy),),
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
        also=("comes_to_rest",),
    ),
)
