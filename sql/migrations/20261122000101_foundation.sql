-- Schemas, roles and what constraints ask. Nothing is granted by itself.

-- Roles

do $role$ begin
  create role ai_worker nologin noinherit;
exception when duplicate_object or unique_violation then null; -- roles are shared by all databases
end $role$;

grant ai_worker to authenticator;

do $role$ begin
  create role oracle_operator nologin noinherit;
exception when duplicate_object or unique_violation then null; -- roles are shared by all databases
end $role$;

grant oracle_operator to authenticator;

-- Schemas

create schema if not exists wall;
comment on schema wall is 'The law inside the database; not reachable through the Data API.';
revoke all on schema wall from public, anon, authenticated, service_role;

create schema if not exists operations;
comment on schema operations is 'What operators see: operational and financial fields, one view for each table.';
revoke all on schema operations from public, anon, authenticated, service_role;

create schema if not exists ai;
comment on schema ai is 'What the AI worker sees: its briefs.';
revoke all on schema ai from public, anon, authenticated, service_role;

revoke create on schema public from public;

grant usage on schema wall to authenticated, service_role, oracle_operator;

grant usage on schema operations to oracle_operator;

grant usage on schema ai to ai_worker;

grant usage on schema public to anon, authenticated, service_role, ai_worker, oracle_operator;

-- No automatic grants

alter default privileges revoke execute on functions from public;

alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;

alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;

alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;

-- wall.names_row

create or replace function wall.names_row(place text, id text)
returns boolean
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
-- A number, a uuid or digest, or an id of Stripe's; a name of letters alone is none of them.
-- Patterns without upper limits are several times as quick; the lengths are asked for beside them. As a condition of
-- the table, all this would be parsed anew for every line.
begin
  return place ~ '^[a-z_]+$' and char_length(place) <= 40
     and id ~ '^(?:-?[0-9]+|[0-9a-f-]{16}[0-9a-f-]*|[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]+)$' and char_length(id) <= 80;
end
$wall$;

comment on function wall.names_row(text, text) is 'Keeps names and addresses out of the audit trail: what it speaks of has an id.';

revoke all on function wall.names_row(text, text) from public, anon, authenticated, service_role;

grant execute on function wall.names_row(text, text) to service_role;

-- wall.names_action

create or replace function wall.names_action(action text)
returns boolean
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
begin
  return action ~ '^[a-z_]+\.[a-z_]+$' and char_length(action) <= 49;
end
$wall$;

comment on function wall.names_action(text) is 'Keeps sentences out of the audit trail: what was done has a short code.';

revoke all on function wall.names_action(text) from public, anon, authenticated, service_role;

grant execute on function wall.names_action(text) to service_role;

-- wall.is_operational

create or replace function wall.is_operational(details jsonb)
returns boolean
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
-- True for a flat object of numbers, booleans and short codes. A sentence has spaces, an address has an @:
-- neither fits, so neither can end up in the audit trail. Most details are told by their text alone, which is ten times
-- as quick as walking through them. Strict paths look at an array as a whole, not into it.
declare
  written text := details::text;
begin
  if written = '{}'
     or written ~ '^[{](?:"[a-z][a-z0-9_]*": (?:-?[0-9.]+|true|false|"[a-z0-9][a-z0-9_.:-]*")(?:, |[}]$))+$'
        and written !~ '[a-z0-9_.:-]{41}' then
    return true;
  end if;
  return jsonb_typeof(details) = 'object'
     and not jsonb_path_exists(
               details, 'strict $.keyvalue() ? (!(@.key like_regex "^[a-z][a-z0-9_]{0,39}$"))', '{}', true)
     and not jsonb_path_exists(
               details,
               'strict $.* ? (@.type() == "object" || @.type() == "array" || @.type() == "null" ||
                @.type() == "string" && !(@ like_regex "^(?:[a-z0-9][a-z0-9_.:-]{0,39}|[0-9a-f]{64})$"))', '{}', true);
end
$wall$;

comment on function wall.is_operational(jsonb) is 'Keeps free text out of the audit trail, so that nobody''s question can end up in it.';

revoke all on function wall.is_operational(jsonb) from public, anon, authenticated, service_role;

grant execute on function wall.is_operational(jsonb) to service_role;

-- wall.stripe_type

create or replace function wall.stripe_type(type text)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
select case when type ~ '^(?:account|application_fee|apps|balance|balance_settings|billing|billing_portal|capability|cash_balance|charge|checkout|climate|coupon|credit_note|customer|customer_cash_balance_transaction|entitlements|file|financial_connections|identity|invoice|invoice_payment|invoiceitem|issuing_authorization|issuing_card|issuing_cardholder|issuing_dispute|issuing_personalization_design|issuing_token|issuing_transaction|mandate|payment_intent|payment_link|payment_method|payout|person|plan|price|product|promotion_code|quote|radar|refund|reporting|reserve|review|setup_intent|sigma|source|subscription_schedule|tax|tax_rate|terminal|test_helpers|three_d_secure|topup|transfer|treasury)(?:[.](?:account|active_entitlement_summary|alert|application|authentication|authorization|configuration|credit_balance_transaction|credit_grant|credit_reversal|debit_reversal|discount|dispute|early_fraud_warning|external_account|financial_account|hold|inbound_transfer|install|meter|order|outbound_payment|outbound_transfer|plan|product|reader|received_credit|received_debit|refund|release|report_run|report_type|scheduled_query_run|session|settings|source|subscription|tax_id|test_clock|transaction|verification_session))?[.](?:aborted|accepted|account_numbers_updated|action_failed|action_succeeded|action_updated|activated|advancing|amount_capturable_updated|async_payment_failed|async_payment_succeeded|attached|authorized|automatically_updated|available|canceled|captured|challenge_started|chargeable|closed|completed|created|deactivated|deauthorized|delayed|deleted|delivered|detached|disabled|disconnected|errored|expected_arrival_date_updated|expected_deactivation_date_updated|expired|expiring|failed|features_status_updated|finalization_failed|finalized|funds_available|funds_reinstated|funds_rescinded|funds_withdrawn|initial_credit_granted|internal_failure|mandate_notification|marked_uncollectible|opened|overdue|overpaid|paid|partially_funded|paused|payment_action_required|payment_attempt_required|payment_failed|payment_succeeded|pending|pending_update_applied|pending_update_expired|posted|pricing_updated|processing|product_substituted|purchase_details_receipt_updated|reactivated|ready|reconciliation_completed|redacted|refreshed_balance|refreshed_ownership|refreshed_transactions|refund_attributes_required|refunded|rejected|released|request|requires_action|requires_challenge|requires_input|requires_submission|resumed|returned|reversed|sent|setup_failed|submitted|succeeded|supported_payment_method_types_updated|tracking_details_updated|trial_will_end|triggered|upcoming|upcoming_account_number_expiry|upcoming_deactivation|updated|verified|voided|will_be_due)$' then type else 'unknown' end
$wall$;

comment on function wall.stripe_type(text) is 'The type of an event when it is made of Stripe''s words, otherwise the word unknown: no free text is kept.';

revoke all on function wall.stripe_type(text) from public, anon, authenticated, service_role;

grant execute on function wall.stripe_type(text) to service_role;

-- wall.is_stripe_payload

create or replace function wall.is_stripe_payload(payload jsonb)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
-- A key is part of its path: one that is not listed is refused, like a value without its form.
with recursive node (path, value) as (
  select '', payload
  union all
  select n.path || c.step, c.value
    from node n
   cross join lateral (
         select case when e.key ~ '^[a-z_]{1,40}$' then '.' || e.key else '?' end as step, e.value
           from jsonb_each(case when jsonb_typeof(n.value) = 'object' then n.value else '{}' end) as e
          union all
         select '[]', a.value
           from jsonb_array_elements(case when jsonb_typeof(n.value) = 'array' then n.value else '[]' end) as a
         ) as c
)
select jsonb_typeof(payload) = 'object'
   and octet_length(payload::text) <= 8192
   and (select count(*) <= 400
           and bool_and(case
                 when n.path = '' then true
                 when l.path is null then false
                 when jsonb_typeof(n.value) = 'null' then true
                 when l.kind = 'type' then jsonb_typeof(n.value) = 'string'
                                           and n.value #>> '{}' = wall.stripe_type(n.value #>> '{}')
                 else jsonb_typeof(n.value) = l.kind
                      and (l.form = '' or n.value #>> '{}' ~ l.form)
               end)
          from node n
          left join (values
         ('.type', 'type', ''),
         ('.api_version', 'string', '^20[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[.][a-z]{3,12})?$'),
         ('.data', 'object', ''),
         ('.data.object', 'object', ''),
         ('.id', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.object', 'string', '^(?:checkout[.]session|[a-z_]{2,30})$'),
         ('.amount', 'number', '^-?[0-9]{1,15}$'),
         ('.amount_total', 'number', '^-?[0-9]{1,15}$'),
         ('.amount_subtotal', 'number', '^-?[0-9]{1,15}$'),
         ('.amount_received', 'number', '^-?[0-9]{1,15}$'),
         ('.amount_captured', 'number', '^-?[0-9]{1,15}$'),
         ('.amount_refunded', 'number', '^-?[0-9]{1,15}$'),
         ('.currency', 'string', '^[a-z]{3}$'),
         ('.created', 'number', '^-?[0-9]{1,15}$'),
         ('.expires_at', 'number', '^-?[0-9]{1,15}$'),
         ('.livemode', 'boolean', ''),
         ('.paid', 'boolean', ''),
         ('.captured', 'boolean', ''),
         ('.refunded', 'boolean', ''),
         ('.disputed', 'boolean', ''),
         ('.actionable', 'boolean', ''),
         ('.mode', 'string', '^(?:payment|setup|subscription)$'),
         ('.status', 'string', '^[a-z][a-z_]{1,39}$'),
         ('.payment_status', 'string', '^[a-z][a-z_]{1,39}$'),
         ('.reason', 'string', '^[a-z][a-z_]{1,39}$'),
         ('.fraud_type', 'string', '^[a-z][a-z_]{1,39}$'),
         ('.failure_reason', 'string', '^[a-z][a-z_]{1,39}$'),
         ('.payment_intent', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.charge', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.latest_charge', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.dispute', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.price', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.product', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.items', 'array', ''),
         ('.items[]', 'object', ''),
         ('.items[].id', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.items[].price', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.items[].quantity', 'number', '^[0-9]{1,6}$'),
         ('.items[].amount_total', 'number', '^-?[0-9]{1,15}$'),
         ('.items[].currency', 'string', '^[a-z]{3}$'),
         ('.data.object.id', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.data.object.object', 'string', '^(?:checkout[.]session|[a-z_]{2,30})$'),
         ('.data.object.amount', 'number', '^-?[0-9]{1,15}$'),
         ('.data.object.amount_total', 'number', '^-?[0-9]{1,15}$'),
         ('.data.object.amount_subtotal', 'number', '^-?[0-9]{1,15}$'),
         ('.data.object.amount_received', 'number', '^-?[0-9]{1,15}$'),
         ('.data.object.amount_captured', 'number', '^-?[0-9]{1,15}$'),
         ('.data.object.amount_refunded', 'number', '^-?[0-9]{1,15}$'),
         ('.data.object.currency', 'string', '^[a-z]{3}$'),
         ('.data.object.created', 'number', '^-?[0-9]{1,15}$'),
         ('.data.object.expires_at', 'number', '^-?[0-9]{1,15}$'),
         ('.data.object.livemode', 'boolean', ''),
         ('.data.object.paid', 'boolean', ''),
         ('.data.object.captured', 'boolean', ''),
         ('.data.object.refunded', 'boolean', ''),
         ('.data.object.disputed', 'boolean', ''),
         ('.data.object.actionable', 'boolean', ''),
         ('.data.object.mode', 'string', '^(?:payment|setup|subscription)$'),
         ('.data.object.status', 'string', '^[a-z][a-z_]{1,39}$'),
         ('.data.object.payment_status', 'string', '^[a-z][a-z_]{1,39}$'),
         ('.data.object.reason', 'string', '^[a-z][a-z_]{1,39}$'),
         ('.data.object.fraud_type', 'string', '^[a-z][a-z_]{1,39}$'),
         ('.data.object.failure_reason', 'string', '^[a-z][a-z_]{1,39}$'),
         ('.data.object.payment_intent', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.data.object.charge', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.data.object.latest_charge', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.data.object.dispute', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.data.object.price', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.data.object.product', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.data.object.items', 'array', ''),
         ('.data.object.items[]', 'object', ''),
         ('.data.object.items[].id', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.data.object.items[].price', 'string', '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
         ('.data.object.items[].quantity', 'number', '^[0-9]{1,6}$'),
         ('.data.object.items[].amount_total', 'number', '^-?[0-9]{1,15}$'),
         ('.data.object.items[].currency', 'string', '^[a-z]{3}$')
         ) as l (path, kind, form) on l.path = n.path)
$wall$;

comment on function wall.is_stripe_payload(jsonb) is 'Keeps whatever the rules do not list out of the mirror of Stripe: keys, nested objects and lists included.';

revoke all on function wall.is_stripe_payload(jsonb) from public, anon, authenticated, service_role;

grant execute on function wall.is_stripe_payload(jsonb) to service_role;

-- wall.ledger_content

create or replace function wall.ledger_content(entry jsonb)
returns bytea
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
begin
  return sha256(convert_to(jsonb_strip_nulls(entry - array['row_hash', 'evidence', 'personal_salt', 'subject_id'])::text, 'UTF8'));
end
$wall$;

comment on function wall.ledger_content(jsonb) is 'The digest of a ledger row without what erasure may remove, so that erasing somebody breaks no chain.';

revoke all on function wall.ledger_content(jsonb) from public, anon, authenticated, service_role;

grant execute on function wall.ledger_content(jsonb) to service_role;

-- wall.seal_content

create or replace function wall.seal_content(entry jsonb)
returns bytea
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
-- Nulls are left out, so that a column that is added later, and is null in old rows, breaks no old seal.
select sha256(convert_to(jsonb_strip_nulls(entry - 'seal_hash')::text, 'UTF8'))
$wall$;

comment on function wall.seal_content(jsonb) is 'The digest that a seal is made of; the same words always give the same seal.';

revoke all on function wall.seal_content(jsonb) from public, anon, authenticated, service_role;

grant execute on function wall.seal_content(jsonb) to authenticated, service_role;

-- wall.job_purposes

create or replace function wall.job_purposes(channel text, leg text)
returns text[]
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
begin
  if channel || ' ' || leg is null then
    return null;
  end if;
  case channel || ' ' || leg
    when 'email email' then return array['email_delivery']::text[];
    when 'pdf account' then return array[]::text[];
    when 'gift email' then return array['gift_recipient', 'email_delivery']::text[];
    when 'receipt account' then return array[]::text[];
    when 'receipt email' then return array['email_delivery']::text[];
    when 'echo email' then return array['echo_followup', 'email_delivery']::text[];
    when 'recovery account' then return array[]::text[];
    when 'recovery email' then return array['email_delivery']::text[];
    else
      raise exception 'unknown channel and leg'
        using errcode = '22023', hint = 'Choose one of those in wall.job_settings.';
  end case;
end
$wall$;

comment on function wall.job_purposes(text, text) is 'Which consents a job needs, straight from the rules.';

revoke all on function wall.job_purposes(text, text) from public, anon, authenticated, service_role;

grant execute on function wall.job_purposes(text, text) to service_role;

-- wall.consent_scope

create or replace function wall.consent_scope(purpose text, artifact_id uuid)
returns uuid
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
begin
  if purpose is null then
    return null;
  end if;
  case purpose
    when 'passport_write' then return null;
    when 'email_delivery' then return null;
    when 'public_share' then return artifact_id;
    when 'gift_recipient' then return artifact_id;
    when 'echo_followup' then return null;
    when 'ai_processing' then return null;
    else
      raise exception 'unknown consent purpose'
        using errcode = '22023', hint = 'Choose one of those in public.consent_notices.';
  end case;
end
$wall$;

comment on function wall.consent_scope(text, uuid) is 'Some consents cover the whole account, some one artifact alone; this tells which, from the rules.';

revoke all on function wall.consent_scope(text, uuid) from public, anon, authenticated, service_role;

grant execute on function wall.consent_scope(text, uuid) to authenticated, service_role;

-- wall.job_settings

create or replace function wall.job_settings(channel text)
returns table(leg text, waits boolean, max_attempts smallint, support_path text)
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
begin
  if channel = 'email' then
    leg := 'email';
    waits := false;
    max_attempts := 10;
    support_path := '/operate/queue?channel=email';
    return next;
  end if;
  if channel = 'pdf' then
    leg := 'account';
    waits := false;
    max_attempts := 5;
    support_path := '/operate/queue?channel=pdf';
    return next;
  end if;
  if channel = 'gift' then
    leg := 'email';
    waits := false;
    max_attempts := 8;
    support_path := '/operate/queue?channel=gift';
    return next;
  end if;
  if channel = 'receipt' then
    leg := 'account';
    waits := false;
    max_attempts := 10;
    support_path := '/operate/queue?channel=receipt';
    return next;
  end if;
  if channel = 'receipt' then
    leg := 'email';
    waits := true;
    max_attempts := 10;
    support_path := '/operate/queue?channel=receipt';
    return next;
  end if;
  if channel = 'echo' then
    leg := 'email';
    waits := false;
    max_attempts := 8;
    support_path := '/operate/queue?channel=echo';
    return next;
  end if;
  if channel = 'recovery' then
    leg := 'account';
    waits := false;
    max_attempts := 6;
    support_path := '/operate/queue?channel=recovery';
    return next;
  end if;
  if channel = 'recovery' then
    leg := 'email';
    waits := true;
    max_attempts := 6;
    support_path := '/operate/queue?channel=recovery';
    return next;
  end if;
end
$wall$;

comment on function wall.job_settings(text) is 'The legs of a job, and what the rules say of each.';

revoke all on function wall.job_settings(text) from public, anon, authenticated, service_role;

grant execute on function wall.job_settings(text) to service_role;

-- wall.job_waits

create or replace function wall.job_waits(channel text, leg text)
returns boolean
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
begin
  if channel || ' ' || leg is null then
    return null;
  end if;
  case channel || ' ' || leg
    when 'email email' then return false;
    when 'pdf account' then return false;
    when 'gift email' then return false;
    when 'receipt account' then return false;
    when 'receipt email' then return true;
    when 'echo email' then return false;
    when 'recovery account' then return false;
    when 'recovery email' then return true;
    else
      raise exception 'unknown channel and leg'
        using errcode = '22023', hint = 'Choose one of those in wall.job_settings.';
  end case;
end
$wall$;

comment on function wall.job_waits(text, text) is 'Tells whether a leg without its consent waits for it, or ends.';

revoke all on function wall.job_waits(text, text) from public, anon, authenticated, service_role;

grant execute on function wall.job_waits(text, text) to service_role;

-- wall.gifts_of

create or replace function wall.gifts_of(person uuid)
returns uuid[]
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
-- Runs with the caller's rights: the policy of the table shows nobody another person's gifts.
begin
  return array(
    select g.artifact_id from public.gift_recipients g where g.accepted_subject_id = gifts_of.person);
end
$wall$;

comment on function wall.gifts_of(uuid) is 'The gifts that a person has accepted, for the policy that lets them open them.';

revoke all on function wall.gifts_of(uuid) from public, anon, authenticated, service_role;

grant execute on function wall.gifts_of(uuid) to authenticated;

-- wall.word_digests

create or replace function wall.word_digests(words text, every boolean)
returns bigint[]
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
-- Words as they read: without case, accents, punctuation and what is invisible. In scripts without spaces
-- each character counts as a word. Digests of 64 bits; an index over them is all that is kept of the words.
declare
  parts text[] := array_remove(regexp_split_to_array(
    regexp_replace(
      regexp_replace(lower(normalize(words, nfkd)), '[\u0300-\u036f\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202e\u205f-\u206f\u2800\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]', '', 'g'),
      '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff])',
      ' \1 ', 'g'),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u00d7\u00f7\u2010-\u2bff\u2e00-\u2e7f\u3000-\u303f]+'),
    '');
  total integer := cardinality(parts);
begin
  return array(
    select distinct ('x' || encode(substr(sha256(convert_to(r.run, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint
      from (select p.place, p.a,
                   lead(p.a, 1) over o as b, lead(p.a, 2) over o as c, lead(p.a, 3) over o as d,
                   lead(p.a, 4) over o as e, lead(p.a, 5) over o as f,
                   lead(p.a, 6) over o as g, lead(p.a, 7) over o as h
              from unnest(parts) with ordinality as p (a, place)
            window o as (order by p.place)) w,
           lateral (values (4, concat_ws(' ', a, b, c, d)), (5, concat_ws(' ', a, b, c, d, e)),
                           (6, concat_ws(' ', a, b, c, d, e, f)), (7, concat_ws(' ', a, b, c, d, e, f, g)),
                           (8, concat_ws(' ', a, b, c, d, e, f, g, h))) as r (size, run)
     where w.place + r.size - 1 <= total
       and (r.size = 8 or every or total = r.size)
       and char_length(r.run) >= 12);
end
$wall$;

comment on function wall.word_digests(text, boolean) is 'Digests the words of a text, so that an index finds who else wrote them without keeping them twice.';

revoke all on function wall.word_digests(text, boolean) from public, anon, authenticated, service_role;

grant execute on function wall.word_digests(text, boolean) to service_role;

-- wall.json_digests

create or replace function wall.json_digests(words jsonb, every boolean)
returns bigint[]
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
begin
  return array(
    select distinct d
      from jsonb_path_query(words, 'strict $.** ? (@.type() == "string")') as s (value),
           unnest(wall.word_digests(s.value #>> '{}', every)) as d);
end
$wall$;

comment on function wall.json_digests(jsonb, boolean) is 'Digests the words of every text inside JSON, each by itself, as word_digests does.';

revoke all on function wall.json_digests(jsonb, boolean) from public, anon, authenticated, service_role;

grant execute on function wall.json_digests(jsonb, boolean) to service_role;
