"""The product's sentences as trials: each is broken on purpose, as the site's server and as the tables' owner."""

from lab.checks.probes.attempts import LOGIN
from lab.checks.probes.trial import Promise, Refused, Trial
from lab.rules.model import Severity

CRITICAL, HIGH, MEDIUM, LOW, INFO = Severity
SERVER = "server"
BOTH = (SERVER, LOGIN)

# Made-up rows without which a trial says nothing of the wall, by their block in people.sql.
_SCROLL = ("public.oracle_scrolls",)
_SEALED = ("public.oracle_scrolls, sealed", "public.passport_records")
_CARDS = ("public.share_cards",)
_GIFTS = ("public.gift_recipients",)
_RUNS = ("public.ai_runs",)
_JOBS = ("public.delivery_jobs",)
_LEDGER = ("public.consent_events", "public.admin_audit_events")

_ENQUEUE = "public.enqueue_delivery_job(text, uuid, uuid, uuid, uuid, integer, timestamptz)"
_RECORD_EVENT = "public.record_stripe_event(text, text, timestamptz, boolean, jsonb, text, text, text)"
_TO_PASSPORT = (
    "insert into public.passport_records (subject_id, scroll_id) values ('${refuser.subject}', '${refuser.scroll}')"
)
_QUEUED = (
    "insert into public.delivery_jobs (id, idempotency_key, channel, leg, subject_id, artifact_id, support_path)"
    " overriding system value values (${refuser.n.new}, 'email:email:${refuser.pdf}:9', 'email', 'email',"
    " '${refuser.subject}', '${refuser.pdf}', '/support')"
)
_CARD = (
    "insert into public.share_cards (artifact_id, title, symbol, palette, one_line)"
    " values ('${refuser.share_card}', 'The Tower', 'tower', 'dusk', 'A light at night.')"
)
_GIFT = (
    "insert into public.gift_recipients (subject_id, artifact_id, contact, token_sha256)"
    " values ('${refuser.subject}', '${refuser.gift}', 'made-up@example.test', sha256('x'))"
)
_RUN = (
    "insert into public.ai_runs (subject_id, layer, scroll_id, fields_given, model)"
    " values ('${refuser.subject}', 'echo', '${refuser.scroll}', '{question}', 'model-1')"
)
_OPEN_CARD = "select coalesce(jsonb_agg(to_jsonb(c)), '[]') from public.open_share_card('${a.slug}') as c"
_UNSHARE = ("subject_a", "select public.withdraw_consent('public_share', gen_random_uuid(), '${a.share_card}')")
_TAKE_BACK = (SERVER, "update public.oracle_artifacts set state = 'withdrawn' where id = '${a.share_card}'")
_SHOWN = [
    {"title": "The Tower", "symbol": "tower", "palette": "dusk", "one_line": "Something falls, and light comes in."}
]
_WRITE = "select to_jsonb(array[public.write_ai_run('${a.open_run} token', '{\"reply\": \"words\"}')])"
_WRITTEN = ("ai", _WRITE.replace("to_jsonb(array[", "").replace("])", ""))
_LINKED = ("ai", _WRITTEN[1].replace("words", "www.example.test"))
_TOKEN = ("ai", "select set_config('lab.ai_run_token', '${a.open_run} token', true)")
_LEASE_OVER = (LOGIN, "update public.ai_runs set lease_until = leased_at where id = '${a.open_run}'")
_BRIEF = "select coalesce(jsonb_agg(b.question), '[]') from ai.briefs b"
_CONSENT_OF = (
    "insert into public.consent_events (request_id, subject_id, purpose, action)"
    " values (gen_random_uuid(), '{}', 'echo_followup', 'withdrawn')"
)
_EVENT = (
    "insert into public.stripe_events (id, type, stripe_created_at, livemode, payload)"
    " values ('evt_{}', 'checkout.session.completed', now(), false, '{}')"
)

PROMISES = (
    Promise(
        id="passport_waits_for_consent",
        title="Nothing is written to a Passport without explicit consent.",
        chapter=3,
        severity=HIGH,
        subject="public.passport_records",
        rule="passport_needs_consent",
        why="The Passport is a lasting collection about a person; only they may start it.",
        trials=(
            Trial(BOTH, _TO_PASSPORT, Refused("require_consent")),
            Trial(
                (LOGIN,),
                _TO_PASSPORT,
                Refused("require_consent"),
                first=((LOGIN, "select set_config('session_replication_role', 'replica', true)"),),
                optional=True,
                act="insert in a replica session",
            ),
            Trial(
                BOTH,
                _TO_PASSPORT.replace("${refuser.", "${guest."),
                Refused("require_account"),
            ),
        ),
    ),
    Promise(
        id="email_waits_for_consent",
        title="No e-mail is queued without explicit consent.",
        chapter=3,
        severity=HIGH,
        subject="public.delivery_jobs",
        rule="jobs_need_consent",
        why="An e-mail cannot be called back.",
        trials=(
            Trial((SERVER,), "select public.enqueue_delivery_job('email', '${refuser.subject}', '${refuser.pdf}')",
                  Refused("require_job_consents"), act="insert of an e-mail"),
            Trial((LOGIN,), _QUEUED, Refused("require_job_consents")),
            Trial((SERVER,), _QUEUED, Refused(), rule="no grant of insert to service_role"),
            Trial((SERVER,), "select public.enqueue_delivery_job('gift', '${refuser.subject}', '${refuser.gift}')",
                  Refused("require_job_consents"), act="insert of a gift"),
            Trial((SERVER,), "select public.enqueue_delivery_job('echo', '${refuser.subject}', null, null,"
                  " '${refuser.echo}')",
                  Refused("require_job_consents"), act="insert of an Echo"),
            Trial(
                (LOGIN,),
                "select jsonb_agg(j.leg || ' ' || j.status order by j.leg) from public.delivery_jobs j"
                " where j.idempotency_key like 'receipt:%:${refuser.purchase}:9'"
                " and j.subject_id = '${refuser.subject}'",
                ["account pending", "email waiting"],
                first=((SERVER, "select public.enqueue_delivery_job('receipt', '${refuser.subject}', null,"
                        " '${refuser.purchase}', null, 9)"),),
                subject=_ENQUEUE,
                rule="enqueue_delivery_job",
                act="execute",
            ),
            Trial(
                (LOGIN,),
                "select jsonb_build_array(count(*)) from public.delivery_jobs j"
                " where j.subject_id = '${a.subject}' and j.leg = 'email' and j.status = 'pending'",
                [0],
                first=(("subject_a", "select public.withdraw_consent('email_delivery', gen_random_uuid())"),),
                subject="public.consent_events",
                rule="consent_takes_effect",
                act="withdrawal",
                needs=(*_LEDGER, *_JOBS),
            ),
        ),
    ),
    Promise(
        id="public_share_waits_for_consent",
        title="No public share without explicit consent, and none after it was withdrawn.",
        chapter=3,
        severity=CRITICAL,
        subject="public.share_cards",
        rule="share_cards_need_consent",
        why="What was once in public stays in somebody's screenshots.",
        trials=(
            Trial(BOTH, _CARD, Refused("require_consent")),
            Trial(("visitor",), _OPEN_CARD, [], first=(_UNSHARE,), subject="public.open_share_card(text)",
                  rule="open_share_card", needs=_CARDS),
            Trial(BOTH, "update public.share_cards set revoked_at = null where id = '${a.card}'",
                  Refused("require_consent"), first=(_UNSHARE,), needs=_CARDS),
            Trial(("visitor",), _OPEN_CARD, [], first=(_TAKE_BACK,), subject="public.open_share_card(text)",
                  rule="open_share_card", act="execute for a withdrawn artifact", needs=_CARDS),
            Trial(BOTH, "update public.share_cards set revoked_at = null where id = '${a.card}'",
                  Refused("refuse_withdrawn"), first=(_TAKE_BACK,), act="update on a withdrawn artifact", needs=_CARDS),
        ),
    ),
    Promise(
        id="share_card_shows_safe_fields",
        title="A share-card shows its safe fields and nothing else, and only to whoever holds its link.",
        chapter=2,
        severity=CRITICAL,
        subject="public.open_share_card(text)",
        rule="open_share_card",
        why="The full question remains private, whatever is shared.",
        trials=(
            Trial(("visitor", "subject_b"), _OPEN_CARD, _SHOWN, needs=_CARDS),
            Trial(("visitor",), _OPEN_CARD.replace("${a.slug}", "${a.token}"), [], needs=_CARDS,
                  act="execute with another link"),
            Trial(BOTH, "update public.share_cards set one_line = '${a.canary} question' where id = '${a.card}'",
                  Refused("share_cards_one_line_fkey", "23503"), subject="public.share_cards", needs=_CARDS),
            Trial((SERVER,), "insert into public.card_phrases (kind, name, locale, version, words)"
                  " values ('line', 'made_up', 'en', 1, '${a.canary} question')",
                  Refused(), subject="public.card_phrases", act="insert of a phrase",
                  rule="no grant of insert to service_role"),
        ),
    ),
    Promise(
        id="gift_waits_for_consent",
        title="Nobody's address is used for a gift without the giver's consent; a gift opens for its recipient alone.",
        chapter=3,
        severity=HIGH,
        subject="public.gift_recipients",
        rule="gifts_need_consent",
        why="The recipient is a third person who was never asked.",
        trials=(
            Trial(BOTH, _GIFT, Refused("require_consent")),
            Trial(("subject_a",), "select public.accept_gift('${a.token}')", Refused("accept_gift", "P0002"),
                  subject="public.accept_gift(text)", act="execute on a gift of their own", needs=_GIFTS),
            Trial(("subject_a",), "select public.accept_gift('${b.subject}')", Refused("accept_gift", "P0002"),
                  subject="public.accept_gift(text)", act="execute with no link", needs=_GIFTS),
            Trial(("subject_b",), "select to_jsonb(array[public.accept_gift('${a.token}') = '${a.gift}'])", [True],
                  subject="public.accept_gift(text)", rule="accept_gift", needs=_GIFTS),
        ),
    ),
    Promise(
        id="ai_reads_and_writes_one_run",
        title="The AI reads the brief of the run that it holds the token of, writes it once, and writes nothing else.",
        chapter=14,
        severity=HIGH,
        subject="public.write_ai_run(text, jsonb)",
        rule="write_ai_run",
        why="Whatever a prompt talks the AI into, this is all that it can do.",
        trials=(
            Trial(BOTH, _RUN, Refused("require_consent"), subject="public.ai_runs"),
            Trial(("ai",), _WRITE, [True], needs=_RUNS),
            Trial(("ai",), _WRITE, Refused("write_ai_run"), first=(_WRITTEN,), act="second write", needs=_RUNS),
            Trial(("ai",), _WRITE, Refused("write_ai_run"), first=(_LEASE_OVER,), act="write after the lease",
                  needs=_RUNS),
            Trial(("ai",), _WRITE.replace("open_run", "kept_run"), Refused("write_ai_run"), act="write of a closed run",
                  needs=_RUNS),
            Trial(("ai",), _WRITE.replace("open_run", "scroll"), Refused("write_ai_run"), act="write without a token",
                  needs=_RUNS),
            Trial(BOTH, "update public.ai_runs set status = 'written', output = '{}', token_sha256 = null"
                  " where id = '${a.open_run}'",
                  Refused("guard_ai_run"), first=(_LEASE_OVER,), subject="public.ai_runs", rule="ai_runs_guard",
                  act="write after the lease", needs=_RUNS),
            Trial(BOTH, "update public.ai_runs set output = '{\"reply\": \"other\"}' where id = '${a.kept_run}'",
                  Refused("refuse_value", "23514"), subject="public.ai_runs", rule="ai_runs_values",
                  act="other words", needs=_RUNS),
            Trial(BOTH, "select public.promote_ai_run('${a.open_run}')",
                  Refused("guard_ai_run", "23514"), subject="public.ai_runs", rule="ai_runs_guard",
                  first=(_LINKED,), needs=_RUNS),
            Trial(BOTH, "update public.ai_runs set status = 'promoted', promoted_at = now() where id = '${a.open_run}'",
                  Refused("guard_ai_run", "23514"), subject="public.ai_runs", rule="ai_runs_guard",
                  first=(_LINKED,), act="promotion by hand", needs=_RUNS),
            Trial(("ai",), _BRIEF, [], subject="ai.briefs", rule="ai.briefs", act="select without a token",
                  needs=_RUNS),
            Trial(("ai",), _BRIEF, ["${a.canary} question"], first=(_TOKEN,), subject="ai.briefs", rule="ai.briefs",
                  needs=(*_RUNS, "public.consents")),
            Trial(("ai",), _BRIEF, [], first=(_TOKEN, _WRITTEN), subject="ai.briefs", rule="ai.briefs",
                  act="select after the write", needs=_RUNS),
            Trial(("ai",), _BRIEF, [], first=(_TOKEN, _LEASE_OVER), subject="ai.briefs", rule="ai.briefs",
                  act="select after the lease", needs=_RUNS),
            Trial(
                (LOGIN,),
                "select jsonb_build_array(r.status) from public.ai_runs r where r.id = '${a.open_run}'",
                ["discarded"],
                first=(("subject_a", "select public.withdraw_consent('ai_processing', gen_random_uuid())"),),
                subject="public.consent_events",
                rule="consent_takes_effect",
                act="withdrawal",
                needs=(*_LEDGER, *_RUNS),
            ),
        ),
    ),
    Promise(
        id="sealed_never_changes",
        title="A sealed record does not change, whoever tries.",
        chapter=4,
        severity=HIGH,
        subject="public.oracle_scrolls",
        rule="oracle_scrolls_seal",
        why="A seal that can be broken in silence proves nothing.",
        trials=(
            Trial(BOTH, "update public.oracle_scrolls set answer = 'other words' where id = '${a.scroll}'",
                  Refused("seal_row"), needs=_SCROLL),
            Trial((LOGIN,), "delete from public.oracle_scrolls where id = '${a.scroll}'", Refused("refuse_removal"),
                  needs=_SCROLL),
            Trial(BOTH, "update public.passport_records set artifact_id = null where id = '${a.passport}'",
                  Refused("seal_row"), subject="public.passport_records", needs=_SEALED),
            Trial((LOGIN,), "delete from public.passport_records where id = '${a.passport}'", Refused("refuse_removal"),
                  subject="public.passport_records", needs=_SEALED),
            Trial(("subject_a",), "select to_jsonb(array[public.verify_passport_record('${a.passport}')])", [True],
                  subject="public.verify_passport_record(uuid)", rule="verify_passport_record",
                  needs=(*_SEALED, "public.passport_records, sealed")),
        ),
    ),
    Promise(
        id="stripe_counts_once",
        title="The same Stripe event or checkout session counts once.",
        chapter=8,
        severity=HIGH,
        subject="public.stripe_events",
        rule="stripe_events_pkey",
        why="Stripe delivers twice, and out of order; nobody may pay or receive twice for that.",
        trials=(
            Trial(BOTH, _EVENT.replace("evt_{}", "evt_probe${a.token}"), Refused("stripe_events_pkey", "23505"),
                  needs=("public.stripe_events",)),
            Trial((SERVER,), "select to_jsonb(array[public.record_stripe_event("
                  "'evt_probe${a.token}', 'x', now(), false, '{}')])",
                  [False], subject=_RECORD_EVENT, rule="record_stripe_event", needs=("public.stripe_events",)),
            Trial((SERVER,), "insert into public.purchases (checkout_session_id, purchase_link_id, amount_minor,"
                  " currency, livemode) values ('cs_test_probe${a.token}', '${a.link}', 1900, 'eur', false)",
                  Refused("purchases_checkout_session", "23505"), subject="public.purchases",
                  needs=("public.purchases",)),
            Trial(BOTH, _EVENT.replace("evt_{}", "evt_new${a.token}").replace("'{}'", "'{\"customer_email\": \"x\"}'"),
                  Refused("stripe_events_payload_is_listed", "23514")),
        ),
    ),
    Promise(
        id="consent_is_decided_by_its_person",
        title="A person decides for themselves alone, and what stands is what the ledger says.",
        chapter=3,
        severity=HIGH,
        subject="public.consent_events",
        rule="owner_writes_consent_events",
        why="A consent that somebody else can give is none.",
        trials=(
            Trial(("subject_a",), _CONSENT_OF.replace("{}", "${a.subject}"), 1, needs=_LEDGER),
            Trial(("subject_a",), _CONSENT_OF.replace("{}", "${b.subject}"), Refused(), act="insert for customer B"),
            Trial(
                (LOGIN,),
                "select coalesce(jsonb_agg(c.standing), '[]') from public.consents c"
                " where c.subject_id = '${refuser.subject}' and c.purpose = 'echo_followup'",
                [False],
                first=((LOGIN, _CONSENT_OF.replace("{}", "${refuser.subject}")),),
                rule="consent_takes_effect",
                act="withdrawal",
                needs=_LEDGER,
            ),
            Trial(("subject_a",), "insert into public.privacy_requests (subject_id, kind)"
                  " values ('${b.subject}', 'deletion')",
                  Refused(), subject="public.privacy_requests", rule="owner_writes_privacy_requests"),
            Trial((LOGIN,), "update public.consents set standing = not standing where subject_id = '${a.subject}'",
                  Refused("guard_consent_state"), subject="public.consents", needs=("public.consents",)),
            Trial((LOGIN,), "delete from public.consents where subject_id = '${a.subject}'",
                  Refused("guard_consent_state"), subject="public.consents", needs=("public.consents",)),
        ),
    ),
    Promise(
        id="own_things_only",
        title="What belongs to one person never ends up with another, and only their own request erases it.",
        chapter=11,
        severity=HIGH,
        subject="public.oracle_artifacts",
        rule="a_oracle_artifacts_own",
        why="A mix-up shows one person's reading to another.",
        trials=(
            Trial(BOTH, "insert into public.oracle_artifacts (subject_id, scroll_id, kind)"
                  " values ('${b.subject}', '${a.spare}', 'print_view')", Refused("require_own"),
                  first=((LOGIN, "insert into public.oracle_scrolls (id, subject_id, question)"
                          " values ('${a.spare}', '${a.subject}', 'words')"),)),
            Trial(BOTH, "insert into public.echo_entries (subject_id, scroll_id, due_at)"
                  " values ('${b.subject}', '${a.scroll}', now())", Refused("require_own"),
                  subject="public.echo_entries"),
            Trial(BOTH, "insert into public.council_sessions (subject_id, scroll_id)"
                  " values ('${b.subject}', '${a.scroll}')", Refused("require_own"), subject="public.council_sessions"),
            Trial(BOTH, "insert into public.passport_records (subject_id, scroll_id)"
                  " values ('${b.subject}', '${a.scroll}')",
                  Refused("require_own"), subject="public.passport_records"),
            Trial(BOTH, _GIFT.replace("${refuser.subject}", "${b.subject}").replace("${refuser.gift}", "${a.gift}"),
                  Refused("require_own"), subject="public.gift_recipients"),
            Trial(BOTH, _RUN.replace("${refuser.subject}", "${b.subject}").replace("${refuser.scroll}", "${a.scroll}"),
                  Refused("require_own"), subject="public.ai_runs"),
            Trial((SERVER,), "select public.enqueue_delivery_job('pdf', '${b.subject}', '${a.pdf}')",
                  Refused("require_own"), subject="public.delivery_jobs", act="insert of a PDF"),
            Trial((LOGIN,), "update public.purchases set scroll_id = '${b.scroll}' where id = '${a.purchase}'",
                  Refused("require_own"), subject="public.purchases", needs=("public.purchases",)),
            Trial((SERVER,), "select * from public.erase_subject('${a.request}')", Refused("erase_subject"),
                  subject="public.erase_subject(uuid)", needs=("public.privacy_requests",)),
        ),
    ),
    Promise(
        id="audit_trail_holds_no_text",
        title="The audit trail takes codes and counts, never a sentence.",
        chapter=9,
        severity=MEDIUM,
        subject="public.admin_audit_events",
        rule="admin_audit_events_details_are_operational",
        why="A sentence may quote a question, and the trail is kept for years.",
        trials=(
            Trial((LOGIN,), "insert into public.admin_audit_events (id, actor_kind, action, object_table, object_id,"
                  " outcome, details) overriding system value"
                  " values (${a.n.text}, 'system', 'a.b', 'products', '1', 'done',"
                  " '{\"note\": \"a sentence\"}')", Refused("admin_audit_events_details_are_operational", "23514")),
        ),
    ),
    Promise(
        id="a_worker_needs_its_lease",
        title="A worker whose lease is gone changes nothing, and nothing leaves that way.",
        chapter=6,
        severity=HIGH,
        subject="public.delivery_jobs",
        rule="complete_delivery_job",
        why="Two workers with one job would send it twice.",
        trials=tuple(
            Trial((SERVER,), f"select to_jsonb(array[public.{name}(${{a.n.job}} - 1, gen_random_uuid())])", [False],
                  subject=f"public.{name}(bigint, uuid)", rule=name, needs=_JOBS)
            for name in ("complete_delivery_job", "may_send_delivery_job", "release_delivery_job")
        ),
    ),
)  # fmt: skip
