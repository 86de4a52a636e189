"""Weakenings in disguise: each looks like the rules' own expression, and is equal to it almost everywhere.

`U` stands for the rules' own expression. What is let through lies where made-up values would easily miss it: between two
texts, beyond a cast, behind a pattern, in another row of a sub-select, at another time, or behind a comment.
"""

from collections.abc import Iterator

from lab.checks.schema.catalogue import Catalogue
from testbed.mutations.model import Mutant

_LOW, _HIGH = "a0000000-0000-4000-8000-000000000000", "b0000000-0000-4000-8000-000000000000"

POLICIES = {
    ("oracle_scrolls", "a range of ids"): f"U or (subject_id > '{_LOW}' and subject_id < '{_HIGH}')",
    ("oracle_scrolls", "a range of its own ids"): f"U or (id > '{_LOW}' and id < '{_HIGH}')",
    ("oracle_scrolls", "a range of ids as text"): "U or (subject_id::text > 'a' and subject_id::text < 'b')",
    ("oracle_scrolls", "a gap between texts"): "U or (locale >= 'de' and locale < 'def' and locale <> 'de')",
    ("oracle_scrolls", "a range of texts"): "U or (question > 'm' and question < 'ma')",
    ("oracle_scrolls", "a range in another collation"): "U or question collate \"C\" between 'm' and 'ma'",
    ("oracle_scrolls", "the least of two texts"): "U or least(question, 'm') = 'm' and greatest(question, 'ma') = 'ma'",
    ("oracle_scrolls", "a remainder"): "U or char_length(question) % 97 = 13",
    ("oracle_scrolls", "a quotient"): "U or char_length(question) / 1000 = 3 and char_length(question) <> 3000",
    ("oracle_scrolls", "a bit"): "U or (char_length(question) & 1024) > 0",
    ("oracle_scrolls", "a rounded moment"): "U or date_trunc('day', created_at) = created_at",
    ("oracle_scrolls", "another time zone"): "U or (created_at at time zone 'utc') < '2020-01-01'",
    ("oracle_scrolls", "a moment to come"): "U or created_at > '2040-01-01'",
    ("oracle_scrolls", "an interval"): "U or created_at > now() + interval '1 year'",
    ("oracle_scrolls", "a case"): "case when char_length(question) = 3977 then true else U end",
    ("oracle_scrolls", "a case of the locale"): "case locale when 'x-open' then true else U end",
    ("oracle_scrolls", "a nullif"): "coalesce(nullif(locale, 'x-open') is null and locale is not null, false) or U",
    ("oracle_scrolls", "a coalesce"): "subject_id = coalesce(auth.uid(), '00000000-0000-4000-8000-00000000abcd')",
    ("oracle_scrolls", "an array"): "U or array[locale] <@ array['x-open']",
    ("oracle_scrolls", "a system column"): "U or xmin::text = '9'",
    ("oracle_scrolls", "the whole row"): "U or oracle_scrolls::text like '%open%'",
    ("oracle_scrolls", "deep brackets"): f"{'coalesce(' * 300}U or locale = 'x-open'{', true)' * 300}",
    ("oracle_scrolls", "many digits"): f"U or locale = '{'0' * 40}x'",
    ("oracle_scrolls", "a row"): "U and not (row(locale, null::text) is not null) or locale = 'x-open'",
    ("oracle_scrolls", "octets"): "U or octet_length(question) > char_length(question) * 3",
    (
        "oracle_scrolls",
        "another sub-select",
    ): "U or exists (select from public.products p where p.id = oracle_scrolls.id)",
    ("oracle_scrolls", "a sub-select of a word"): "U or locale = (select 'x-open')",
    ("oracle_scrolls", "a query that always answers"): "exists (select count(*) from public.products) or U",
    ("share_cards", "an old artifact"): (
        "(select auth.uid()) is not null and artifact_id in (select a.id from public.oracle_artifacts a "
        "where a.subject_id = (select auth.uid()) or a.created_at < '2024-01-01')"
    ),
    ("share_cards", "an artifact of a kind"): (
        "(select auth.uid()) is not null and artifact_id in (select a.id from public.oracle_artifacts a "
        "where a.subject_id = (select auth.uid()) or a.kind = 'x-open')"
    ),
    ("share_cards", "two sub-selects"): (
        "U or exists (select from public.oracle_artifacts a where a.id = artifact_id and a.kind = 'gift')"
    ),
    ("share_cards", "a sub-select without its link"): (
        "exists (select from public.oracle_artifacts a where a.subject_id = (select auth.uid()))"
    ),
    ("share_cards", "a sub-select linked to itself"): (
        "exists (select from public.oracle_artifacts a where a.id = a.id and a.subject_id = (select auth.uid()))"
    ),
    ("passport_records", "another claim"): (
        "(select auth.uid()) is not null and subject_id = (select auth.uid()) and "
        "coalesce(((select auth.jwt()) ->> 'is_anonymous')::boolean, true) is not null"
    ),
}


def _of_kinds(what: str, type_name: str) -> str:
    kinds = ", ".join(f"'{kind}'::{type_name}" for kind in ("pdf", "share_card", "gift", "print_view"))
    return f"{what} in ({kinds})"


CHECKS = {
    ("stripe_events", "payload_is_listed", "without a key"): "wall.is_stripe_payload(payload - 'metadata')",
    (
        "stripe_events",
        "payload_is_listed",
        "an object alone",
    ): "wall.is_stripe_payload(payload) or payload ? 'metadata'",
    ("stripe_events", "type_is_known", "any type"): "wall.stripe_type(type) is not null",
    ("ai_runs", "model_form", "longer"): "U|{0,30}|{0,90}",
    (
        "consent_events",
        "scope_fits_purpose",
        "its own scope",
    ): "U|'00000000-0000-0000-0000-000000000000'::uuid|scope_id",
    ("purchases", "refund_within_amount", "as text"): (
        "amount_refunded_minor >= 0 and amount_refunded_minor::text <= amount_minor::text"
    ),
    ("purchases", "refund_within_amount", "as floats"): (
        "amount_refunded_minor >= 0 and amount_refunded_minor::float4 <= amount_minor::float4"
    ),
    ("purchases", "refund_within_amount", "but for one"): "U or amount_refunded_minor = amount_minor + 4711",
    (
        "delivery_jobs",
        "attempts_count",
        "as text",
    ): "attempts >= 0 and max_attempts >= 1 and max_attempts::text <= '50'",
    ("delivery_jobs", "attempts_count", "rounded"): (
        "attempts >= 0 and max_attempts >= 1 and round(max_attempts::numeric, -2) <= 50"
    ),
    ("delivery_jobs", "attempts_count", "as numeric with few digits"): (
        "attempts >= 0 and max_attempts >= 1 and max_attempts::numeric(6, -2) <= 50"
    ),
    ("oracle_scrolls", "question_length", "lengths as text"): (
        "U or (char_length(question)::text > '4001' and char_length(question)::text < '4002')"
    ),
    ("oracle_scrolls", "question_length", "trimmed"): "char_length(btrim(question)) between 1 and 4000",
    ("oracle_artifacts", "kind_allowed", "as character"): _of_kinds("kind::character(12)", "character(12)"),
    ("oracle_artifacts", "kind_allowed", "as padded character"): _of_kinds("kind::bpchar", "bpchar"),
    ("oracle_artifacts", "kind_allowed", "as short varying"): _of_kinds("kind::character varying(11)", "text"),
    ("oracle_artifacts", "kind_allowed", "as name"): _of_kinds("kind::name", "name"),
    ("oracle_artifacts", "kind_allowed", "in small letters"): _of_kinds("lower(kind)", "text"),
    ("oracle_artifacts", "kind_allowed", "as array that is cut"): (
        "U or array[kind]::character varying(3)[] = array['pdf']::character varying[]"
    ),
    ("oracle_artifacts", "kind_allowed", "another for one"): "U or coalesce(nullif(kind, 'scroll'), 'pdf') = 'pdf'",
    ("ai_runs", "output_is_bounded", "characters"): "output is null or char_length(output::text) <= 65536",
    ("ai_runs", "output_is_bounded", "stored size"): "output is null or pg_column_size(output) <= 65536",
    ("consent_events", "evidence_is_short", "characters"): (
        "evidence is null or (jsonb_typeof(evidence) = 'object' and char_length(evidence::text) <= 2000)"
    ),
    ("privacy_requests", "extension_is_limited", "days"): (
        "extended_until is null or extended_until <= due_at + interval '62 days'"
    ),
    ("email_suppressions", "address_is_sha256", "bits"): "bit_length(address_sha256) / 9 = 28",
    ("purchases", "currency_is_iso", "any end"): "currency ~ '^[a-z]{3}'",
    ("purchases", "currency_is_iso", "one more"): "currency ~ '^[a-z][a-z][a-z]+$'",
    ("purchases", "currency_is_iso", "any case"): "currency ~* '^[a-z]{3}$'",
    ("purchases", "currency_is_iso", "each line"): "currency ~ '(?n)^[a-z]{3}$'",
    ("purchases", "currency_is_iso", "a set out of it"): "currency ~ '^[^a-z]{3}$'",
    ("purchases", "currency_is_iso", "none"): "currency ~ '^([a-z]{3})?$'",
    ("card_phrases", "name_is_a_code", "longer"): "name ~ '^[a-z][a-z_-]{1,31}$'",
    ("card_phrases", "name_is_a_code", "a sign more"): "name ~ '^[a-z][ a-z_-]{1,30}$'",
    ("delivery_jobs", "support_path_is_local", "a range to an escape"): r"support_path ~ '^/[a-z0-9_=\-/-\?]+$'",
    ("email_suppressions", "code_is_short", "a hyphen after a range"): "U|0-9a-z._-|0-9a-z-._",
    ("purchases", "currency_is_iso", "endless repetition"): "U or currency ~ '((((a{255}){255}){255}){255}){255}'",
    ("admin_audit_events", "line_is_of_codes", "any sign"): "action ~ '^[a-z_]+.[a-z_]+$'",
}
_ISO = "currency ~ '^[a-z]{3}$'"
# A check that is dropped, and others in its place that seem to do its work.
SPLITS = {
    "a length to begin with": ("oracle_scrolls", "question_length", "char_length(question) >= 1"),
    "lengths not proven": ("oracle_scrolls", "question_length", "char_length(question) between 1 and 4000|not valid"),
    "its own form, for the table alone": ("purchases", "currency_is_iso", f"{_ISO}|no inherit"),
    "a value that may be unknown": (
        "oracle_artifacts", "kind_allowed", "nullif(kind, 'x') in ('pdf', 'share_card', 'gift', 'print_view')",
    ),
    "what chance decides": (
        "purchases", "currency_is_iso", "coalesce(random() < 0.5, currency is null)",
        f"{_ISO} or not coalesce(random() < 0.5, currency is null)",
    ),
    "what ends some day": (
        "purchases", "currency_is_iso", "created_at <> '2040-01-01 00:00+00'",
        f"{_ISO} or now() > '2040-01-01 00:00+00'",
    ),
    "arrays": (
        "purchases", "amount_not_negative", "sqrt(amount_refunded_minor) >= 0",
        "amount_minor >= 0 or array[currency] = array['eur']",
    ),
    "two divisions": (
        "purchases", "amount_not_negative",
        "sqrt(amount_refunded_minor) >= 0 and coalesce(amount_refunded_minor / 2 <= 5, false)",
        "amount_minor >= 0 or coalesce(amount_refunded_minor::numeric / 2 > 5, true)",
    ),
}  # fmt: skip
_ALLOWED = "( SELECT wall.presented_consent() AS presented_consent)"
VIEWS = {
    "an old consent": (_ALLOWED, f"({_ALLOWED} or r.created_at < '2020-01-01')"),
    "a consent that is unknown": (_ALLOWED, f"({_ALLOWED} is not false)"),
    "a withdrawn consent": (f"AND {_ALLOWED}", ""),
    "a consent of a lease": (_ALLOWED, "(select wall.presented_token() is not null)"),
    "a lease to come": ("r.lease_until > clock_timestamp()", "(r.lease_until > now() or r.lease_until > '2040-01-01')"),
    "a lease of yesterday": ("r.lease_until > clock_timestamp()", "r.lease_until > now() - interval '1 day'"),
    "a run that was written": ("r.status = 'requested'::text", "r.status <> 'discarded'"),
    "a run without a token": ("r.token_sha256 = (", "r.token_sha256 is not distinct from ("),
    "any token": ("r.token_sha256 = (", "r.token_sha256 is not null or r.token_sha256 = ("),
    "fields that were not given": ("WHEN ('question'::text = ANY (r.fields_given))", "WHEN true"),
}
COMMENTS = {
    "nested": "/* /* */ and c.revoked_at is null -- */",
    "nested with a string": "/* ' /* ' */ and c.revoked_at is null -- */",
    "nested with a dollar quote": "/* $a$ /* $a$ */ and c.revoked_at is null -- $a$ */",
    "ended by a carriage return": "and c.revoked_at is null -- or\r or c.palette = 'x'\n",
}


def disguises(rules: Catalogue) -> Iterator[Mutant]:
    """Yield every weakening in disguise."""
    for (table, name), form in POLICIES.items():
        policy = f"public.{table}.owner_reads_{table}"
        own = rules.of("policy")[policy]["using"]
        yield _disguise(name, f"alter policy owner_reads_{table} on public.{table} using ({_fill(form, own)})", policy)
    for (table, name, way), form in CHECKS.items():
        check = f"public.{table}.{table}_{name}"
        own = rules.of("constraint")[check]["expression"]
        alter = f"alter table public.{table}"
        drop = f"{alter} drop constraint {table}_{name}"
        make = f"{drop}; {alter} add constraint {table}_{name} check ({_fill(form, own)})"
        yield _disguise(f"{name} {way}", make, check)
    for name, (table, lost, *others) in SPLITS.items():
        checks = (one.partition("|") for one in others)
        made = ", ".join(f"add check ({expression}) {state}" for expression, _, state in checks)
        change = f"alter table public.{table} drop constraint {table}_{lost}; alter table public.{table} {made}"
        yield _disguise(f"split into {name}", change, f"public.{table}.{table}_{lost}")
    briefs = rules.of("view")["ai.briefs"]["definition"]
    for name, (old, new) in VIEWS.items():
        make = f"create or replace view ai.briefs with (security_barrier = true) as {_change(briefs, old, new)}"
        yield _disguise(name, make, "ai.briefs")
    for name, comment in COMMENTS.items():
        change = f"replace(pg_get_functiondef('public.open_share_card(text)'::regprocedure), 'and c.revoked_at is null', $x${comment}$x$)"
        yield _disguise(f"comment {name}", f"do $do$ begin execute {change}; end $do$", "public.open_share_card(text)")
    card = "drop index public.share_cards_one_open; create unique index share_cards_one_open on public.share_cards (artifact_id)"
    yield _disguise(
        "predicate but for one",
        f"{card} where revoked_at is null and title <> 'x'",
        "public.share_cards_one_open",
    )
    trigger = (
        "create or replace trigger share_cards_need_consent before insert or update on public.share_cards for each row "
        "when (new.revoked_at is null and {}) execute function wall.require_consent('public_share'); "
        "alter table public.share_cards enable always trigger share_cards_need_consent"
    )
    for form in ("new.title <> 'x'", "new.title < 'ma'", "new.title ~ '.'", "new.created_at < '2040-01-01'"):
        yield _disguise(f"trigger {form}", trigger.format(form), "public.share_cards.share_cards_need_consent")
    rounded = "alter table public.oracle_scrolls alter column created_at set default current_timestamp(0)"
    yield _disguise("a rounded default", rounded, "public.oracle_scrolls.created_at")


def _disguise(name: str, change: str, subject: str) -> Mutant:
    return Mutant("disguises", name, change, subject)


def _fill(form: str, own: str) -> str:
    """Return a form with the rules' own expression in it; after a bar, what is replaced in that, and by what."""
    whole, *change = form.split("|")
    return _change(own, *change) if change else whole.replace("U", f"({own})", 1)


def _change(text: str, old: str, new: str) -> str:
    if old not in text:
        raise ValueError(f"{old} is no part of {text}")
    return text.replace(old, new)
