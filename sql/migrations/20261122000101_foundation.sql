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

-- wall.is_operational

create or replace function wall.is_operational(details jsonb)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
-- True for a flat object of numbers, booleans and short codes. A sentence has spaces, an address has an @:
-- neither fits, so neither can end up in the audit trail.
select jsonb_typeof(details) = 'object'
   and not exists (
         select
           from jsonb_each(details) as entry
          where entry.key !~ '^[a-z][a-z0-9_]{0,39}$'
             or case jsonb_typeof(entry.value)
                  when 'number' then false
                  when 'boolean' then false
                  when 'string' then entry.value #>> '{}' !~ '^[A-Za-z0-9_.:-]{1,80}$'
                  else true
                end)
$wall$;

comment on function wall.is_operational(jsonb) is 'Keeps free text out of the audit trail, so that nobody''s question can end up in it.';

revoke all on function wall.is_operational(jsonb) from public, anon, authenticated, service_role;

grant execute on function wall.is_operational(jsonb) to service_role;

-- wall.ledger_content

create or replace function wall.ledger_content(entry jsonb)
returns bytea
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
select sha256(convert_to(jsonb_strip_nulls(entry - array['row_hash', 'evidence', 'personal_salt', 'subject_id'])::text, 'UTF8'))
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
      raise exception 'the rules know no such leg of a job'
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
      raise exception 'the rules know no such consent'
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
  return query
  select s.leg, s.waits, s.max_attempts, s.support_path
  from (values
    ('email', 'email', false, 10::smallint, '/operate/queue?channel=email'),
    ('pdf', 'account', false, 5::smallint, '/operate/queue?channel=pdf'),
    ('gift', 'email', false, 8::smallint, '/operate/queue?channel=gift'),
    ('receipt', 'account', false, 10::smallint, '/operate/queue?channel=receipt'),
    ('receipt', 'email', true, 10::smallint, '/operate/queue?channel=receipt'),
    ('echo', 'email', false, 8::smallint, '/operate/queue?channel=echo'),
    ('recovery', 'account', false, 6::smallint, '/operate/queue?channel=recovery'),
    ('recovery', 'email', true, 6::smallint, '/operate/queue?channel=recovery')
  ) as s (channel, leg, waits, max_attempts, support_path)
 where s.channel = job_settings.channel;
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
      raise exception 'the rules know no such leg of a job'
        using errcode = '22023', hint = 'Choose one of those in wall.job_settings.';
  end case;
end
$wall$;

comment on function wall.job_waits(text, text) is 'Tells whether a leg without its consent waits for it, or ends.';

revoke all on function wall.job_waits(text, text) from public, anon, authenticated, service_role;

grant execute on function wall.job_waits(text, text) to service_role;
