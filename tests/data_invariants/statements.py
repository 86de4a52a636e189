"""Statements that bring a database into a state in which an invariant is broken, or nearly."""

JOB = """insert into public.delivery_jobs (idempotency_key, channel, leg, subject_id, artifact_id, purchase_id, status,
  next_run_at, lease_token, lease_until, finished_at, created_at, support_path)
select '{channel}:{leg}:' || gen_random_uuid() || ':0', '{channel}', '{leg}', {who}, %(pdf)s, {purchase}, '{status}',
  now() - interval '{due}', {token}, {lease}, {finished}, now() - interval '{age}', '/operate/queue?channel=pdf'
from generate_series(1, {times})"""


def job(channel: str = "pdf", leg: str = "account", status: str = "pending", **more: str) -> str:
    """Write a job as no function would."""
    running = {"token": "gen_random_uuid()", "lease": f"now() - interval '{more.get('lease_age', '0')}'"}
    rest = {"token": "null", "lease": "null"} if status != "running" else running
    given = {"who": "%(owner)s", "purchase": "null", "due": "0", "finished": "null", "age": "0", "times": "1"} | more
    return JOB.format(channel=channel, leg=leg, status=status, **(rest | given)) + ";"


def message(job_id: str, state: str = "sent", status: str = "pending") -> str:
    """Write a message of a new job in the state given."""
    settled = "now()" if state in ("sent", "refused") else "null"
    finished = "now()" if status in ("done", "dead") else "null"
    return (
        job(status=status, finished=finished)
        + f"""insert into public.delivery_effects
      (job_id, attempt, state, provider, consent_event_id, content_sha256, rules_version, lease_token, settled_at)
      select {job_id}, 1, '{state}', 'smtp', (select max(id) from public.consent_events), sha256(''),
             '0123456789ab', gen_random_uuid(), {settled} from public.delivery_jobs order by id desc limit 1;"""
    )


def link(job_id: str) -> str:
    """Keep a link of the newest job."""
    return f"""insert into public.delivery_links (job_id, purpose, token_sha256, expires_at)
      select {job_id}, 'open', sha256(''), now() + interval '1 day'
        from (select max(id) as id from public.delivery_jobs) j;"""


def record(subject: str) -> str:
    """Keep the record of a pruned job."""
    return f"""insert into public.delivery_records (id, idempotency_key, subject_id, status, finished_at)
      select 1, 'pdf:account:0:0', {subject}, 'done', now() from public.oracle_scrolls limit 1;"""


def withdrawn(purpose: str, ago: str = "1 hour") -> str:
    """Take a consent back in the ledger alone, as somebody past the wall would: the state says nothing of it."""
    return f"""with w as (insert into public.consent_events
      (request_id, subject_id, purpose, action, scope_id, personal_digest, row_hash, created_at)
      select gen_random_uuid(), subject_id, purpose, 'withdrawn', scope_id, '', '', now() - interval '{ago}'
        from public.consents where purpose = '{purpose}' returning id)
      update public.consents set standing = false, event_id = w.id from w where purpose = '{purpose}';
      update public.consent_events set created_at = now() - interval '2 hours'
        where purpose = '{purpose}' and action = 'given';
      insert into public.ledger_seals (ledger, position, row_id, row_hash, chain_hash)
      select 'consent_events', 999, id, '', '' from public.consent_events where action = 'withdrawn';"""


def audited(ago: str) -> str:
    """Write a line of the audit trail that is not sealed yet."""
    return f"""insert into public.admin_audit_events
      (actor_kind, action, object_table, object_id, outcome, row_hash, created_at)
      values ('server', 'a.b', 'products', '7777777', 'done', '', now() - interval '{ago}');
      update public.admin_audit_events e set row_hash = wall.ledger_content(to_jsonb(e))
       where object_id = '7777777';"""


def parked(ago: str) -> str:
    """Write down in the audit trail that every parked job was parked."""
    return f"""insert into public.admin_audit_events
      (actor_kind, action, object_table, object_id, outcome, row_hash, created_at)
      select 'server', 'job.parked', 'delivery_jobs', j.id::text, 'done', '', now() - interval '{ago}'
        from public.delivery_jobs j where j.status = 'parked';"""


def after_payment(table: str, id: str, status: str, purchase: str) -> str:
    """Record a refund or a dispute of a purchase."""
    return f"""insert into public.{table} (id, purchase_id, amount_minor, currency, status, stripe_created_at)
      values ('{id}', {purchase}, 100, 'eur', '{status}', now());"""


def review(state: str, reason: str = "amount_differs") -> str:
    """Open a review of every purchase, in the state that is written as `status, decision, decided_at, created_at`."""
    return f"""insert into public.payment_reviews
      (checkout_session_id, reason, purchase_id, status, decision, decided_at, created_at)
      select p.checkout_session_id, '{reason}', p.id, {state} from public.purchases p;"""


def waiver(purchase: str) -> str:
    """Agree to the waiver of a purchase."""
    return f"""insert into public.withdrawal_waivers (purchase_id, subject_id, notice_id, wording_sha256)
      select {purchase}, %(owner)s, n.id, '' from public.consent_notices n where n.purpose = 'withdrawal_waiver';"""


def withdrawal(ago: str, purchase: str = "%(purchase)s") -> str:
    """Withdraw from a purchase, some time ago."""
    return f"""insert into public.withdrawals (purchase_id, subject_id, status, confirmed_at, created_at)
      values ({purchase}, %(owner)s, 'confirmed', now() - interval '{ago}', now() - interval '{ago}');"""


def withdrawal_document(kind: str, purchase: str = "%(purchase)s", notice: str = "n.id") -> str:
    """Give the buyer a document of a purchase."""
    return f"""insert into public.withdrawal_documents (purchase_id, subject_id, kind, notice_id, body, body_sha256)
      select {purchase}, %(owner)s, '{kind}', {notice}, 'Made up.', '' from public.consent_notices n
       where n.purpose = 'withdrawal_acknowledgement';"""


def reconciled(ago: str, mode: str = "live", task: str = "reconcile_payments") -> str:
    """Write the newest run of a scheduled task, which ended well."""
    return f"""insert into public.scheduled_runs (task, mode, status, worker, succeeded_at)
      values ('{task}', '{mode}', 'done', 'w:1', now() - interval '{ago}');"""


LOCKED = "update public.purchases set unlocked_at = null, paid_at = now() - interval '{}';"
# What a state of a purchase needs is held by constraints; whoever is past the wall may have dropped them.
UNCHECKED = (
    "alter table public.purchases drop constraint purchases_paid_at_only, drop constraint purchases_unlocked_at_only,"
    " drop constraint purchases_received_minor_only, drop constraint purchases_withdraw_until_only;"
)
STATE = "update public.consents set standing = false where purpose = '{}';"
