"""One thing that is made weaker at a time, and what a probe must then say."""

from dataclasses import dataclass

from lab.rules.model import Severity

CRITICAL, HIGH, MEDIUM, LOW, INFO = Severity


@dataclass(frozen=True)
class Weakening:
    """A change of the wall.

    Args:
        id: Names it in a test's output.
        sql: How it is made, by the owner of the tables.
        subject: What a finding must name.
        severity: How bad that finding must be.
        seen: A piece of what it must say was seen.
    """

    id: str
    sql: str
    subject: str
    severity: Severity
    seen: str


_LEAK = "create view public.leak with (security_barrier = false) as select id, question from public.oracle_scrolls"
_BODY = (
    "language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$ begin return new; end $$"
)
_SHUT = "alter table public.{} add constraint shut check ({}) not valid"
_OPEN = "create or replace function public.open_share_card(slug text)"
_OPEN += " returns table(title text, symbol text, palette text, one_line text) language plpgsql stable security definer"
_OPEN += " set search_path = pg_catalog, pg_temp as $$ #variable_conflict use_column\nbegin return query {}; end $$"

WEAKENINGS = (
    # Policies and row-level security
    Weakening("a policy is dropped", "drop policy owner_reads_oracle_scrolls on public.oracle_scrolls",
              "public.oracle_scrolls", MEDIUM, "does not read 1 row of customer A"),
    Weakening("a policy says true", "alter policy owner_reads_oracle_scrolls on public.oracle_scrolls using (true)",
              "public.oracle_scrolls", CRITICAL, "also 1 row of customer B"),
    Weakening("a policy lets nobody in particular in", "alter policy owner_reads_purchases on public.purchases"
              " using (buyer_subject_id = (select auth.uid()) or recipient_subject_id is null)",
              "public.purchases", HIGH, "of customer B"),
    Weakening("a Passport is shown to an anonymous sign-in", "alter policy owner_reads_passport_records on"
              " public.passport_records using (subject_id = (select auth.uid()))",
              "public.passport_records", HIGH, "Guest, select: reads also 1 row of the guest"),
    Weakening("a second policy opens a door", "create policy door on public.echo_entries to authenticated using (true)",
              "public.echo_entries", CRITICAL, "also 1 row"),
    Weakening("row-level security is off", "alter table public.council_sessions disable row level security",
              "public.council_sessions", CRITICAL, "also 1 row"),
    Weakening("unpromoted words are shown", "alter policy owner_reads_ai_runs on public.ai_runs"
              " using (subject_id = (select auth.uid()))", "public.ai_runs", CRITICAL,
              "Customer A, select: reads also 1 row"),
    Weakening("people decide for others", "alter policy owner_writes_consent_events on public.consent_events"
              " with check (true)", "public.consent_events", HIGH, "was let through"),
    Weakening("nobody's purchase is everybody's", "alter policy owner_reads_purchases on public.purchases"
              " using (buyer_subject_id = (select auth.uid()) or buyer_subject_id is null)",
              "public.purchases", HIGH, "also 1 row without an owner"),
    Weakening("an erased consent is shown", "alter policy owner_reads_consent_events on public.consent_events"
              " using (subject_id = (select auth.uid()) or subject_id is null)",
              "public.consent_events", CRITICAL, "also 1 row without an owner"),
    Weakening("people ask for others", "alter policy owner_writes_privacy_requests on public.privacy_requests"
              " with check (true)", "public.privacy_requests", HIGH,
              "Customer B, insert: adds also 1 row of other people"),
    Weakening("people may not ask", "drop policy owner_writes_privacy_requests on public.privacy_requests",
              "public.privacy_requests", MEDIUM, "Customer A, insert: refused"),
    Weakening("people change what is theirs", "grant update on public.echo_entries to authenticated;"
              " create policy door on public.echo_entries for update to authenticated"
              " using (subject_id = (select auth.uid()))",
              "public.echo_entries", HIGH, "Customer A, update: changes 1 row of their own"),
    Weakening("people change what is others'", "grant update on public.echo_entries to authenticated;"
              " create policy door on public.echo_entries using (true)",
              "public.echo_entries", HIGH, "Customer A, update: changes 3 rows of other people"),
    Weakening("people delete what is others', as far as something hangs on it",
              "grant delete on public.council_sessions, public.oracle_artifacts to authenticated;"
              " create policy door on public.council_sessions using (true);"
              " create policy door on public.oracle_artifacts using (true)",
              "public.oracle_artifacts", HIGH, "deletes rows of other people, held only by"),
    Weakening("a visitor adds products", "grant insert, select on public.products to anon;"
              " create policy door on public.products to anon using (true)",
              "public.products", HIGH, "Visitor, insert: adds 1 row without an owner"),
    Weakening("the AI writes the table", "grant select (id, status), update (status, output) on public.ai_runs"
              " to ai_worker; create policy door on public.ai_runs to ai_worker using (true)",
              "public.ai_runs", HIGH, "AI worker, update: "),
    Weakening("the server is locked out", "revoke update on public.purchases from service_role",
              "public.purchases", MEDIUM, "Site server, update: refused"),
    # Grants
    Weakening("anon reads a table", "grant select on public.oracle_scrolls to anon",
              "public.oracle_scrolls", CRITICAL, "Visitor, select: gets no row, but may also ask for id, subject_id"),
    Weakening("anon reads a table and its rows", "grant select on public.oracle_scrolls to anon;"
              " create policy door on public.oracle_scrolls to anon using (true)",
              "public.oracle_scrolls", CRITICAL, "Visitor, select: reads also id, subject_id, locale, question"),
    Weakening("guests alone get rows", "grant select on public.delivery_jobs to authenticated;"
              " create policy door on public.delivery_jobs to authenticated"
              " using (coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false))",
              "public.delivery_jobs", HIGH, "Customer A, select: reads also id"),
    Weakening("anon reads one column", "grant select (question) on public.oracle_scrolls to anon",
              "public.oracle_scrolls", CRITICAL, "Visitor, select: may also ask for question"),
    Weakening("everybody reads a table", "grant select on public.stripe_events to public",
              "public.stripe_events", HIGH, "gets no row, but may also ask for id"),
    Weakening("people change the queue", "grant update on public.delivery_jobs to authenticated",
              "public.delivery_jobs", HIGH, "may also change"),
    Weakening("the server changes the ledger", "grant update on public.consent_events to service_role",
              "public.consent_events", HIGH, "Site server, update: may also change"),
    Weakening("the server deletes", "grant delete on public.purchases to service_role",
              "public.purchases", HIGH, "may also delete rows"),
    Weakening("the AI reads the question", "grant select (question) on public.oracle_scrolls to ai_worker",
              "public.oracle_scrolls", CRITICAL, "AI worker, select: may also ask for question"),
    Weakening("the AI writes another column", "grant update (model) on public.ai_runs to ai_worker",
              "public.ai_runs", HIGH, "may also change model"),
    Weakening("the operator reads a table", "grant select on public.oracle_scrolls to oracle_operator",
              "public.oracle_scrolls", CRITICAL, "Operator, select: gets no row, but may also ask for"),
    Weakening("anon sweeps a table", "grant truncate on public.consent_notices to anon",
              "public.consent_notices", CRITICAL, "may truncate"),
    Weakening("a grant is gone", "revoke select on public.consents from authenticated",
              "public.consents", MEDIUM, "refused (42501)"),
    Weakening("everybody calls a server's door",
              "grant execute on function public.erase_subject(uuid) to public",
              "public.erase_subject(uuid)", HIGH, "Visitor, execute: was let through"),
    Weakening("people record any consent", "grant execute on function public.record_consent(uuid, text, text, uuid,"
              " uuid, uuid, jsonb) to authenticated",
              "public.record_consent(uuid, text, text, uuid, uuid, uuid, jsonb)", HIGH, "was let through"),
    Weakening("a door is shut", "revoke execute on function public.open_share_card(text) from anon",
              "public.open_share_card(text)", MEDIUM, "refused (42501)"),
    # Views
    Weakening("the operator's view shows all columns", "drop view operations.oracle_scrolls;"
              " create view operations.oracle_scrolls as select * from public.oracle_scrolls;"
              " grant select on operations.oracle_scrolls to oracle_operator",
              "operations.oracle_scrolls", CRITICAL, "also shows answer, question"),
    Weakening("a view of a stranger leaks", f"{_LEAK}; grant select on public.leak to anon",
              "public.oracle_scrolls", CRITICAL, "words in public.leak"),
    Weakening("a view of a stranger leaks without ids",
              "create view public.leak as select question from public.oracle_scrolls; grant select on public.leak"
              " to authenticated", "public.oracle_scrolls", CRITICAL, "words in public.leak"),
    Weakening("a view of a stranger leaks through another",
              f"{_LEAK}; create schema shown; grant usage on schema shown to anon; create view shown.leak as"
              " select * from public.leak; grant select on shown.leak to anon",
              "public.oracle_scrolls", CRITICAL, "words in shown.leak"),
    Weakening("the brief is for ever", "create or replace view ai.briefs with (security_barrier = true) as select"
              " r.id as run_id, r.layer, r.fields_given, r.lease_until, s.locale, s.question from public.ai_runs r"
              " join public.oracle_scrolls s on s.id = r.scroll_id", "ai.briefs", CRITICAL, "beyond its rule"),
    Weakening("what an AI wrote is not looked at", "alter table public.ai_runs disable trigger ai_runs_guard",
              "public.ai_runs", HIGH, "promotion by hand: was let through"),
    # Triggers and functions
    Weakening("the Passport's gate is off",
              "alter table public.passport_records disable trigger passport_needs_consent",
              "public.passport_records", HIGH, "was let through"),
    Weakening("the Passport's gate sleeps in a replica session",
              "alter table public.passport_records enable trigger passport_needs_consent",
              "public.passport_records", HIGH, "Owner of the tables, insert in a replica session: was let through"),
    Weakening("the e-mail gate is off", "alter table public.delivery_jobs disable trigger jobs_need_consent",
              "public.delivery_jobs", HIGH, "was let through"),
    Weakening("the card's gate is dropped", "drop trigger share_cards_need_consent on public.share_cards",
              "public.share_cards", CRITICAL, "was let through"),
    Weakening("the card says what was typed", "drop trigger zz_check_share_cards on public.share_cards;"
              " alter table public.share_cards drop constraint share_cards_one_line_fkey",
              "public.share_cards", CRITICAL, "was let through"),
    Weakening("a gate lets everything through",
              f"create or replace function wall.require_consent() returns trigger {_BODY}",
              "public.share_cards", CRITICAL, "was let through"),
    Weakening("the seal is off", "alter table public.oracle_scrolls disable trigger oracle_scrolls_seal",
              "public.oracle_scrolls", HIGH, "update: was let through"),
    Weakening("the ledger forgets", "alter table public.consent_events disable trigger consent_events_keep",
              "public.consent_events", HIGH, "was let through"),
    Weakening("the trail forgets", "alter table public.admin_audit_events disable trigger admin_audit_events_keep",
              "public.admin_audit_events", HIGH, "was let through"),
    Weakening("jobs jump", "alter table public.delivery_jobs disable trigger delivery_jobs_status_moves",
              "public.delivery_jobs", MEDIUM, "to done: was let through"),
    Weakening("payments begin anywhere", "alter table public.stripe_events disable trigger stripe_events_status_starts",
              "public.stripe_events", MEDIUM, "was let through"),
    Weakening("what stands is written by hand", "alter table public.consents disable trigger consents_follow_ledger",
              "public.consents", HIGH, "was let through"),
    Weakening("people are mixed up", "alter table public.oracle_artifacts disable trigger a_oracle_artifacts_own",
              "public.oracle_artifacts", HIGH, ""),
    Weakening("the card shows the question", _OPEN.format(
              "select s.question, c.symbol, c.palette, c.one_line from public.share_cards c"
              " join public.oracle_artifacts a on a.id = c.artifact_id"
              " join public.oracle_scrolls s on s.id = a.scroll_id"
              " where c.slug = open_share_card.slug"), "public.open_share_card(text)", CRITICAL, "another answer"),
    Weakening("a closed card stays open", _OPEN.format(
              "select c.title, c.symbol, c.palette, c.one_line from public.share_cards c"
              " where c.slug = open_share_card.slug"), "public.open_share_card(text)", CRITICAL, "another answer"),
    # What is promised and refused
    Weakening("nobody withdraws", _SHUT.format("consent_events", "action <> 'withdrawn'"),
              "public.consent_events", HIGH, "withdrawal of consents: refused (23514 by shut)"),
    Weakening("nobody withdraws, by a policy", "create policy shut on public.consent_events as restrictive for insert"
              " to authenticated with check (action <> 'withdrawn')",
              "public.consent_events", HIGH, "withdrawal of consents: refused (42501)"),
    Weakening("nobody gives again", _SHUT.format("consent_events", "scope_id is null or created_at < now()"),
              "public.consent_events", MEDIUM, "insert: refused (23514 by shut)"),
    Weakening("nobody is erased", _SHUT.format("privacy_requests", "kind <> 'deletion'"),
              "public.privacy_requests", HIGH, "request of deletion: refused (23514 by shut)"),
    Weakening("nobody asks", "revoke execute on function public.request_privacy(text) from authenticated",
              "public.privacy_requests", HIGH, "request of anonymization: refused (42501)"),
    Weakening("no request is refused", _SHUT.format("privacy_requests", "status <> 'refused'"),
              "public.privacy_requests", HIGH, "refusal of a request: refused (23514 by shut)"),
    Weakening("nothing is queued", _SHUT.format("delivery_jobs", "status <> 'pending'"),
              "public.delivery_jobs", HIGH, "queueing of every job: refused (23514 by shut)"),
    Weakening("one job for each person", "create unique index shut on public.delivery_jobs (subject_id, channel)"
              " where channel = 'pdf'", "public.delivery_jobs", HIGH, "queueing of every job: refused (23505 by shut)"),
    Weakening("no job dies", _SHUT.format("delivery_jobs", "status <> 'dead'"),
              "public.delivery_jobs", HIGH, "last failure of a job: refused (23514 by shut)"),
    Weakening("no payment counts", _SHUT.format("purchases", "paid_at is null"),
              "public.purchases", HIGH, "payment: refused (23514 by shut)"),
    Weakening("no purchase after 2020", _SHUT.format("purchases", "created_at < '2020-01-01'"),
              "public.purchases", HIGH, "beginning of a purchase: refused (23514 by shut)"),
    Weakening("nothing is paid back", _SHUT.format("purchases", "amount_refunded_minor = 0"),
              "public.purchases", HIGH, "refund: refused (23514 by shut)"),
    Weakening("no event ends", _SHUT.format("stripe_events", "status <> 'done'"),
              "public.stripe_events", HIGH, "end of an event: refused (23514 by shut)"),
    Weakening("no card closes", _SHUT.format("share_cards", "revoked_at is null"),
              "public.share_cards", HIGH, "closing of a card: refused (23514 by shut)"),
    Weakening("no long question", _SHUT.format("oracle_scrolls", "char_length(question) < 500"),
              "public.oracle_scrolls", HIGH, "question of 2,500 characters: refused (23514 by shut)"),
    # What counts once
    Weakening("a session counts twice", "drop index public.purchases_checkout_session",
              "public.purchases", HIGH, "was let through"),
    Weakening("an event counts twice", "alter table public.stripe_events drop constraint stripe_events_pkey",
              "public.stripe_events", HIGH, "was let through"),
    Weakening("a delivery is queued twice", "alter index public.delivery_jobs_idempotency rename to gone;"
              " drop index public.gone", "public.delivery_jobs", HIGH, "was let through"),
    Weakening("a payload may hold a person",
              "drop trigger zz_check_stripe_events on public.stripe_events;"
              " alter table public.stripe_events drop constraint stripe_events_payload_is_listed",
              "public.stripe_events", HIGH, "was let through"),
)  # fmt: skip
