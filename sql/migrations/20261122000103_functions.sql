-- The law inside the database, and the doors the site's server calls it through.

-- wall.consent_stands

create or replace function wall.consent_stands(subject uuid, purpose text, scope uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- The newest entry of the ledger decides, whatever the copy in public.consents says. Takes no lock: whoever rests a row
-- on the answer asks again as the transaction commits (require_consent_at_commit).
-- Two queries, because "is not distinct from" uses no index. Both are read from the end of consent_events_subject.
declare
  decided text;
begin
  if consent_stands.scope is null then
    select e.action into decided
      from public.consent_events e
     where e.subject_id = consent_stands.subject and e.purpose = consent_stands.purpose and e.scope_id is null
     order by e.scope_id desc, e.id desc
     limit 1;
  else
    select e.action into decided
      from public.consent_events e
     where e.subject_id = consent_stands.subject and e.purpose = consent_stands.purpose
       and e.scope_id = consent_stands.scope
     order by e.scope_id desc, e.id desc
     limit 1;
  end if;
  return coalesce(decided = 'given', false);
end
$wall$;

comment on function wall.consent_stands(uuid, text, uuid) is 'Tells whether the newest entry of the ledger gave the consent; the truth that everything else follows.';

revoke all on function wall.consent_stands(uuid, text, uuid) from public, anon, authenticated, service_role;

-- wall.newest_consent

create or replace function wall.newest_consent(subject uuid, purpose text, scope uuid)
returns bigint
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
declare
  entry bigint;
begin
  if newest_consent.scope is null then
    select e.id into entry
      from public.consent_events e
     where e.subject_id = newest_consent.subject and e.purpose = newest_consent.purpose and e.scope_id is null
     order by e.scope_id desc, e.id desc
     limit 1;
  else
    select e.id into entry
      from public.consent_events e
     where e.subject_id = newest_consent.subject and e.purpose = newest_consent.purpose
       and e.scope_id = newest_consent.scope
     order by e.scope_id desc, e.id desc
     limit 1;
  end if;
  return entry;
end
$wall$;

comment on function wall.newest_consent(uuid, text, uuid) is 'The number of the newest entry for one person, purpose and scope; null when there is none.';

revoke all on function wall.newest_consent(uuid, text, uuid) from public, anon, authenticated, service_role;

-- wall.consent_lasts

create or replace function wall.consent_lasts(entry_id bigint)
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- What an entry allowed ends with the next withdrawal: no later consent revives it.
begin
  return exists (
    select
      from public.consent_events g
     where g.id = consent_lasts.entry_id and g.action = 'given' and g.subject_id is not null
       and not exists (
             select
               from public.consent_events w
              where w.subject_id = g.subject_id and w.purpose = g.purpose and w.id > g.id
                and w.scope_id is not distinct from g.scope_id and w.action = 'withdrawn'));
end
$wall$;

comment on function wall.consent_lasts(bigint) is 'Tells whether an entry gave a consent that was not withdrawn since, whatever was given again later.';

revoke all on function wall.consent_lasts(bigint) from public, anon, authenticated, service_role;

-- wall.written_here

create or replace function wall.written_here(number xid)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- A row that is seen although its transaction is still in progress was written by this one, or a savepoint of it.
declare
  here bigint := pg_current_xact_id()::text::bigint;
  ahead bigint := mod(number::text::bigint - here + 9223372032559808512, 4294967296);
begin
  return ahead < 2147483648 and pg_xact_status((here + ahead)::text::xid8) = 'in progress';
exception
  when invalid_parameter_value then -- a number that no transaction has had yet: the row is older than the count
    return false;
end
$wall$;

comment on function wall.written_here(xid) is 'Tells whether a row was written by the transaction that asks, also within a savepoint of it.';

revoke all on function wall.written_here(xid) from public, anon, authenticated, service_role;

-- wall.job_consents_stand

create or replace function wall.job_consents_stand(subject uuid, channel text, leg text, artifact_id uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
begin
  if coalesce(channel || ' ' || leg, '') is null then
    return null;
  end if;
  case coalesce(channel || ' ' || leg, '')
    when 'email email' then return wall.consent_stands(subject, 'email_delivery', null);
    when 'pdf account' then return true;
    when 'gift email' then return wall.consent_stands(subject, 'gift_recipient', job_consents_stand.artifact_id) and wall.consent_stands(subject, 'email_delivery', null);
    when 'receipt account' then return true;
    when 'receipt email' then return wall.consent_stands(subject, 'email_delivery', null);
    when 'echo email' then return wall.consent_stands(subject, 'echo_followup', null) and wall.consent_stands(subject, 'email_delivery', null);
    when 'recovery account' then return true;
    when 'recovery email' then return wall.consent_stands(subject, 'email_delivery', null);
    else
      raise exception 'unknown channel and leg'
        using errcode = '22023', hint = 'Choose one of those in wall.job_settings.';
  end case;
end
$wall$;

comment on function wall.job_consents_stand(uuid, text, text, uuid) is 'Tells whether every consent of a job stands at this moment; holds nothing.';

revoke all on function wall.job_consents_stand(uuid, text, text, uuid) from public, anon, authenticated, service_role;

-- wall.amount_text

create or replace function wall.amount_text(amount_minor bigint, currency text)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
select round(amount_minor / power(10::numeric, c.exponent), c.exponent)::text || ' ' || upper(currency)
  from (select case when currency in ('jpy', 'krw') then 0 when currency in ('eur', 'usd', 'gbp', 'chf', 'dkk', 'nok', 'sek', 'pln', 'czk', 'huf', 'cad', 'aud', 'isk') then 2 when currency in ('bhd', 'jod', 'kwd', 'omr', 'tnd') then 3 end) as c (exponent)
$wall$;

comment on function wall.amount_text(bigint, text) is 'An amount as people read it, by the exponents of the currencies that the rules declare.';

revoke all on function wall.amount_text(bigint, text) from public, anon, authenticated, service_role;

grant execute on function wall.amount_text(bigint, text) to service_role, oracle_operator;

-- wall.lock_person

create or replace function wall.lock_person(subject uuid, alone boolean, milliseconds integer)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Waits in line, so that nobody is passed over, but not for long: a decision is over before deadlock_timeout (1 s by
-- default), and whoever is picked as a deadlock's victim meanwhile just has no lock.
declare
  number bigint := wall.lock_number('person ' || lock_person.subject);
  limit_before text;
begin
  if (case when lock_person.alone then pg_try_advisory_xact_lock(number)
           else pg_try_advisory_xact_lock_shared(number) end) then
    return true;
  end if;
  if lock_person.milliseconds = 0 then
    return false;
  end if;
  limit_before := current_setting('lock_timeout');
  begin
    perform set_config('lock_timeout', lock_person.milliseconds || 'ms', true);
    if lock_person.alone then
      perform pg_advisory_xact_lock(number);
    else
      perform pg_advisory_xact_lock_shared(number);
    end if;
    perform set_config('lock_timeout', limit_before, true);
    return true;
  exception when lock_not_available or deadlock_detected then
    return false;
  end;
end
$wall$;

comment on function wall.lock_person(uuid, boolean, integer) is 'One lock for each person, held for the length of a commit, with a wait that is bounded.';

revoke all on function wall.lock_person(uuid, boolean, integer) from public, anon, authenticated, service_role;

-- wall.refuse_stale_snapshot

create or replace function wall.refuse_stale_snapshot()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- At REPEATABLE READ and SERIALIZABLE a transaction sees the data of its beginning. If anything was committed since, it
-- could decide on what is no longer true, so it is refused with the code that means "try again". What is still open now
-- asks for itself as it commits.
-- pg_xact_status refuses the first number that no transaction has yet: that is the end of the walk.
declare
  seen pg_snapshot := pg_current_snapshot();
  number bigint := pg_snapshot_xmax(seen)::text::bigint;
  last bigint := number + 1000;  -- so much happened meanwhile that nobody needs to look
  stale boolean;
begin
  if current_setting('transaction_isolation') not in ('repeatable read', 'serializable') then
    return;
  end if;
  select coalesce(bool_or(pg_xact_status(x) = 'committed'), false) into stale from pg_snapshot_xip(seen) as x;
  begin
    while not stale loop
      stale := number > last or coalesce(pg_xact_status(number::text::xid8) = 'committed', false);
      number := number + 1;
    end loop;
  exception when invalid_parameter_value then
    null;
  end;
  if stale then
    raise exception 'other transactions have committed since this one began'
      using errcode = '40001', hint = 'Try the whole transaction again; at READ COMMITTED this does not happen.';
  end if;
end
$wall$;

comment on function wall.refuse_stale_snapshot() is 'A transaction that sees the data of its beginning decides nothing about a consent once they have changed.';

revoke all on function wall.refuse_stale_snapshot() from public, anon, authenticated, service_role;

-- wall.follow_consent

create or replace function wall.follow_consent(subject uuid, purpose text, scope uuid, given boolean, before timestamptz)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- What rests on a consent follows it. Rows that somebody else holds are left out, and told: fewer follow than were found.
#variable_conflict use_column
declare
  found_jobs bigint;
  found_rows bigint := 0;
  jobs bigint := 0;
  closed bigint := 0;
begin
  if follow_consent.given then
    -- E-mail legs that waited for this consent, and now miss none, join the queue. Where a newer entry has taken it back
    -- meanwhile the gate refuses them, and settle_consent follows that entry next.
    select count(*) into found_jobs
      from public.delivery_jobs j
     where j.subject_id = follow_consent.subject
       and j.status = 'waiting'
       and follow_consent.purpose = any (wall.job_purposes(j.channel, j.leg))
       and wall.consent_scope(follow_consent.purpose, j.artifact_id) is not distinct from follow_consent.scope
       and wall.job_consents_stand(j.subject_id, j.channel, j.leg, j.artifact_id);
    if found_jobs > 0 then
      begin
        with due as materialized (
          select j.id
            from public.delivery_jobs j
           where j.subject_id = follow_consent.subject
             and j.status = 'waiting'
             and follow_consent.purpose = any (wall.job_purposes(j.channel, j.leg))
             and wall.consent_scope(follow_consent.purpose, j.artifact_id) is not distinct from follow_consent.scope
             and wall.job_consents_stand(j.subject_id, j.channel, j.leg, j.artifact_id)
             for update skip locked
        )
        update public.delivery_jobs j
           set status = 'pending', next_run_at = now()
          from due
         where j.id = due.id;
        get diagnostics jobs = row_count;
      exception when insufficient_privilege then
        null;
      end;
    end if;
  else
    -- A running job is asked to stop: its worker asks once more before anything leaves.
    select count(*) into found_jobs
      from public.delivery_jobs j
     where j.subject_id = follow_consent.subject
       and (j.status = 'pending' or j.status = 'running' and not j.cancel_requested)
       and follow_consent.purpose = any (wall.job_purposes(j.channel, j.leg))
       and wall.consent_scope(follow_consent.purpose, j.artifact_id) is not distinct from follow_consent.scope
       and j.created_at < follow_consent.before;
    if found_jobs > 0 then
      with due as materialized (
        select j.id, wall.job_waits(j.channel, j.leg) as waits
          from public.delivery_jobs j
         where j.subject_id = follow_consent.subject
           and (j.status = 'pending' or j.status = 'running' and not j.cancel_requested)
           and follow_consent.purpose = any (wall.job_purposes(j.channel, j.leg))
           and wall.consent_scope(follow_consent.purpose, j.artifact_id) is not distinct from follow_consent.scope
           and j.created_at < follow_consent.before
           for update skip locked
      )
      update public.delivery_jobs j
         set status = case
                        when j.status = 'running' then 'running'
                        when due.waits then 'waiting'
                        else 'cancelled'
                      end,
             cancel_requested = j.status = 'running',
             finished_at = case when j.status = 'pending' and not due.waits then now() end
        from due
       where j.id = due.id;
      get diagnostics jobs = row_count;
    end if;

    if follow_consent.purpose = 'public_share' then
      select count(*) into found_rows
        from public.share_cards s
       where s.artifact_id = follow_consent.scope and s.revoked_at is null and s.created_at < follow_consent.before;
      with due as materialized (
        select s.id
          from public.share_cards s
         where s.artifact_id = follow_consent.scope and s.revoked_at is null and s.created_at < follow_consent.before
           for update skip locked
      )
      update public.share_cards s set revoked_at = now() from due where s.id = due.id;
      get diagnostics closed = row_count;
    elsif follow_consent.purpose = 'gift_recipient' then
      -- The address goes with the consent to use it, also of a gift that was accepted: its recipient has an account now.
      select count(*) into found_rows
        from public.gift_recipients g
       where g.artifact_id = follow_consent.scope
         and g.created_at < follow_consent.before
         and (num_nonnulls(g.accepted_at, g.withdrawn_at) = 0 or num_nonnulls(g.contact, g.recipient_name) > 0);
      with due as materialized (
        select g.id
          from public.gift_recipients g
         where g.artifact_id = follow_consent.scope
           and g.created_at < follow_consent.before
           and (num_nonnulls(g.accepted_at, g.withdrawn_at) = 0 or num_nonnulls(g.contact, g.recipient_name) > 0)
           for update skip locked
      )
      update public.gift_recipients g
         set withdrawn_at = case when g.accepted_at is null then coalesce(g.withdrawn_at, now()) end,
             contact = null,
             recipient_name = null
        from due
       where g.id = due.id;
      get diagnostics closed = row_count;
    elsif follow_consent.purpose = 'echo_followup' then
      select count(*) into found_rows
        from public.echo_entries e
       where e.subject_id = follow_consent.subject and e.status = 'scheduled' and e.created_at < follow_consent.before;
      with due as materialized (
        select e.id
          from public.echo_entries e
         where e.subject_id = follow_consent.subject and e.status = 'scheduled' and e.created_at < follow_consent.before
           for update skip locked
      )
      update public.echo_entries e set status = 'cancelled' from due where e.id = due.id;
      get diagnostics closed = row_count;
    elsif follow_consent.purpose = 'ai_processing' then
      select count(*) into found_rows
        from public.ai_runs r
       where r.subject_id = follow_consent.subject and r.status in ('requested', 'written')
         and r.created_at < follow_consent.before;
      with due as materialized (
        select r.id
          from public.ai_runs r
         where r.subject_id = follow_consent.subject and r.status in ('requested', 'written')
           and r.created_at < follow_consent.before
           for update skip locked
      )
      update public.ai_runs r set status = 'discarded' from due where r.id = due.id;
      get diagnostics closed = row_count;
    end if;
  end if;
  return jsonb_build_object(
    'jobs', jobs, 'closed', closed, 'left_out', jobs < found_jobs or closed < found_rows);
end
$wall$;

comment on function wall.follow_consent(uuid, text, uuid, boolean, timestamptz) is 'Lets the queue, cards, gifts, Echoes and AI runs follow a decision, and tells what somebody else held.';

revoke all on function wall.follow_consent(uuid, text, uuid, boolean, timestamptz) from public, anon, authenticated, service_role;

-- wall.copy_consent

create or replace function wall.copy_consent(subject uuid, purpose text, scope uuid, event_id bigint, given boolean, decided_at timestamptz, unsettled boolean)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- A first copy is written by one transaction at a time, and by none that would wait for another. A copy that somebody
-- holds is left to them: as they commit, they look for newer entries. One that repeats a newer entry already stays.
#variable_conflict use_column
begin
  update public.consents c
     set standing = copy_consent.given,
         event_id = copy_consent.event_id,
         changed_at = copy_consent.decided_at,
         unsettled = copy_consent.unsettled
   where c.id = (
           select k.id
             from public.consents k
            where k.subject_id = copy_consent.subject and k.purpose = copy_consent.purpose
              and k.scope_id is not distinct from copy_consent.scope
              for update skip locked)
     and c.event_id <= copy_consent.event_id
     and (c.event_id, c.unsettled) is distinct from (copy_consent.event_id, copy_consent.unsettled);
  if not found
     and not exists (
       select
         from public.consents c
        where c.subject_id = copy_consent.subject and c.purpose = copy_consent.purpose
          and c.scope_id is not distinct from copy_consent.scope)
     and pg_try_advisory_xact_lock(wall.lock_number(
           concat_ws(' ', 'consent', copy_consent.subject, copy_consent.purpose, copy_consent.scope))) then
    begin
      insert into public.consents (subject_id, purpose, scope_id, standing, event_id, changed_at, unsettled)
      values (copy_consent.subject, copy_consent.purpose, copy_consent.scope, copy_consent.given,
              copy_consent.event_id, copy_consent.decided_at, copy_consent.unsettled)
          on conflict (subject_id, purpose, scope_id) do nothing;
    exception when insufficient_privilege then
      null;  -- a newer entry came first, and its copy with it
    end;
  end if;
end
$wall$;

comment on function wall.copy_consent(uuid, text, uuid, bigint, boolean, timestamptz, boolean) is 'Writes what stands where everybody reads it, without waiting for anybody.';

revoke all on function wall.copy_consent(uuid, text, uuid, bigint, boolean, timestamptz, boolean) from public, anon, authenticated, service_role;

-- wall.settle_consent

create or replace function wall.settle_consent(subject uuid, purpose text, scope uuid, event_id bigint, given boolean, decided_at timestamptz, incomplete boolean)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Makes everything follow an entry of the ledger, the newest at the time. Waits for nobody: rows that somebody else
-- holds are left out, the consent is then marked as unsettled, and settle_consents comes back to it. Until then whoever
-- uses such a row asks the ledger: may_send_delivery_job, open_share_card, accept_gift.
-- A newer entry that is committed on the way settles what rests on it as it commits. What an older withdrawal had to
-- leave out is settled first, so that no new consent revives it.
declare
  withdrawn timestamptz;
  older jsonb := '{"jobs": 0, "closed": 0, "left_out": false}';
  newest jsonb;
begin
  if settle_consent.given then
    select e.created_at into withdrawn
      from public.consent_events e
      left join public.consents c
             on c.subject_id = e.subject_id and c.purpose = e.purpose and c.scope_id is not distinct from e.scope_id
     where e.subject_id = settle_consent.subject and e.purpose = settle_consent.purpose
       and e.scope_id is not distinct from settle_consent.scope and e.action = 'withdrawn'
       and (c.id is null or c.unsettled or e.id > c.event_id)
     order by e.scope_id desc, e.id desc
     limit 1;
    if withdrawn is not null then
      older := wall.follow_consent(subject, purpose, scope, false, withdrawn);
    end if;
  end if;
  newest := wall.follow_consent(subject, purpose, scope, given, 'infinity');
  perform wall.copy_consent(
    subject, purpose, scope, event_id, given, decided_at,
    (older -> 'left_out')::boolean or (newest -> 'left_out')::boolean or incomplete);
  return jsonb_build_object('purpose', purpose,
                            'jobs', (older -> 'jobs')::bigint + (newest -> 'jobs')::bigint,
                            'closed', (older -> 'closed')::bigint + (newest -> 'closed')::bigint);
end
$wall$;

comment on function wall.settle_consent(uuid, text, uuid, bigint, boolean, timestamptz, boolean) is 'Makes everything follow the newest entry of the ledger, and waits for nobody.';

revoke all on function wall.settle_consent(uuid, text, uuid, bigint, boolean, timestamptz, boolean) from public, anon, authenticated, service_role;

-- wall.settle_job

create or replace function wall.settle_job(job_id bigint)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
#variable_conflict use_column
declare
  job public.delivery_jobs;
begin
  select j.* into job from public.delivery_jobs j where j.id = settle_job.job_id;
  if job.leg = 'email' and job.status in ('pending', 'waiting')
     and (job.status = 'waiting') = wall.job_consents_stand(job.subject_id, job.channel, job.leg, job.artifact_id) then
    update public.delivery_jobs j
       set status = case
                      when j.status = 'waiting' then 'pending'
                      when wall.job_waits(j.channel, j.leg) then 'waiting'
                      else 'cancelled'
                    end,
           finished_at = case when j.status = 'pending' and not wall.job_waits(j.channel, j.leg) then now() end
     where j.id = job.id and j.status = job.status;
    return found;
  end if;
  return false;
end
$wall$;

comment on function wall.settle_job(bigint) is 'Lets a queued e-mail wait, join the queue or end, as its consents stand; true when that changed it.';

revoke all on function wall.settle_job(bigint) from public, anon, authenticated, service_role;

-- public.settle_consents

create or replace function public.settle_consents(most integer default 1000)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- What a decision had to leave out is settled here: consents that are marked, copies unlike the newest entries of the
-- ledger, and the newest e-mails that stand otherwise than their consents. Waits for nobody, and leaves out who is busy.
declare
  place record;
  job record;
  settled integer := 0;
begin
  if coalesce(most, 0) not between 1 and 100000 then
    raise exception 'most must be 1 to 100000' using errcode = '22023';
  end if;
  perform wall.refuse_stale_snapshot();
  for place in
    (select c.subject_id, c.purpose, c.scope_id from public.consents c where c.unsettled limit most)
    union
    select e.subject_id, e.purpose, e.scope_id
      from (select r.* from public.consent_events r order by r.id desc limit most) e
      left join public.consents c
             on c.subject_id = e.subject_id and c.purpose = e.purpose and c.scope_id is not distinct from e.scope_id
     where e.subject_id is not null and (c.event_id is null or c.event_id < e.id)
  loop
    continue when not wall.lock_person(place.subject_id, true, 0);
    perform wall.settle_consent(e.subject_id, e.purpose, e.scope_id, e.id, e.action = 'given', e.created_at, false)
       from public.consent_events e
      where e.id = wall.newest_consent(place.subject_id, place.purpose, place.scope_id);
    settled := settled + 1;
  end loop;
  for job in
    select j.id, j.subject_id
      from (select k.* from public.delivery_jobs k order by k.id desc limit most) j
     where j.leg = 'email' and j.status in ('pending', 'waiting')
       and (j.status = 'waiting') = wall.job_consents_stand(j.subject_id, j.channel, j.leg, j.artifact_id)
  loop
    continue when not wall.lock_person(job.subject_id, true, 0);
    perform from public.delivery_jobs j where j.id = job.id for update skip locked;
    continue when not found;
    settled := settled + wall.settle_job(job.id)::integer;
  end loop;
  return settled;
end
$wall$;

comment on function public.settle_consents(integer) is 'Settles what decisions had to leave out because somebody held it; for the worker''s schedule.';

revoke all on function public.settle_consents(integer) from public, anon, authenticated, service_role;

grant execute on function public.settle_consents(integer) to service_role;

-- wall.refuse_change

create or replace function wall.refuse_change()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Arguments name the columns that a running deletion request of the row's subject may blank; nothing else changes.
declare
  blanked text[] := tg_argv;
begin
  if tg_op = 'UPDATE' and tg_nargs > 0 then
    if to_jsonb(new) - blanked = to_jsonb(old) - blanked
       and jsonb_strip_nulls(to_jsonb(new)) - blanked = jsonb_strip_nulls(to_jsonb(new))
       and wall.erasing((to_jsonb(old) ->> 'subject_id')::uuid) then
      return new;
    end if;
  end if;
  raise exception '%: rows cannot be changed (%)', tg_table_name, lower(tg_op)
    using errcode = '42501', hint = 'Write a new row that says what changed.';
end
$wall$;

comment on function wall.refuse_change() is 'What was written once stays as it was written, for every role, the owner of the table included.';

revoke all on function wall.refuse_change() from public, anon, authenticated, service_role;

-- wall.refuse_removal

create or replace function wall.refuse_removal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Each argument is one way from the row to a person: "column", or "column table.column" over the row it points at.
-- Without arguments no row ever goes. A row whose parent is gone goes with it: the parent was refused or not before.
declare
  way text;
  person uuid;
  parents bigint;
begin
  foreach way in array case when tg_op = 'DELETE' then coalesce(tg_argv, '{}') else '{}'::text[] end loop
    if strpos(way, ' ') = 0 then
      person := (to_jsonb(old) ->> way)::uuid;
    else
      execute format('select t.%I from public.%I t where t.id = ($1).%I',
                     split_part(way, '.', 2), split_part(split_part(way, ' ', 2), '.', 1), split_part(way, ' ', 1))
         into person using old;
      get diagnostics parents = row_count;
      if parents = 0 and to_jsonb(old) ->> split_part(way, ' ', 1) is not null then
        return old;
      end if;
    end if;
    if person is not null and wall.erasing(person) then
      return old;
    end if;
  end loop;
  raise exception '%: rows cannot be removed (%)', tg_table_name, lower(tg_op)
    using errcode = '42501', hint = 'Rows are deleted only when their person is erased.';
end
$wall$;

comment on function wall.refuse_removal() is 'No row is deleted by hand and no table is emptied: a row goes only with its person, by their own request.';

revoke all on function wall.refuse_removal() from public, anon, authenticated, service_role;

-- wall.refuse_rewrite

create or replace function wall.refuse_rewrite()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Runs only when one of the columns in the first argument has changed. The others name the row's people: the erasure
-- of one of them may blank what is theirs, or pass it on. Somebody else's erasure may only blank, as it does an address.
begin
  for place in 1 .. tg_nargs - 1 loop
    if wall.erasing(coalesce((to_jsonb(old) ->> tg_argv[place])::uuid, '00000000-0000-0000-0000-000000000000')) then
      return new;
    end if;
  end loop;
  if tg_nargs > 1 and wall.erasing(null)
     and not exists (
           select
             from unnest(string_to_array(tg_argv[0], ', ')) c
            where to_jsonb(new) ->> c is not null
              and to_jsonb(new) -> c is distinct from to_jsonb(old) -> c) then
    return new;
  end if;
  raise exception '%: these columns cannot be changed: %', tg_table_name, tg_argv[0]
    using errcode = '42501', hint = 'Write a new row instead.';
end
$wall$;

comment on function wall.refuse_rewrite() is 'What identifies a row never changes; a different thing is a different row.';

revoke all on function wall.refuse_rewrite() from public, anon, authenticated, service_role;

-- wall.refuse_value

create or replace function wall.refuse_value()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Runs only when one of the columns in the argument is set too early, changes after it was written, or gets smaller.
begin
  raise exception '%: one of % was changed in a way that the rules do not allow', tg_table_name, tg_argv[0]
    using errcode = '23514', hint = 'Each is set only in certain states. Some never change once set, and some never decrease.';
end
$wall$;

comment on function wall.refuse_value() is 'A value is set in its states alone, stays as it was written, and a number that grows never shrinks.';

revoke all on function wall.refuse_value() from public, anon, authenticated, service_role;

-- wall.refuse_future

create or replace function wall.refuse_future()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Runs only when one of the columns in the argument is ahead of the clock, or before the row was written.
begin
  raise exception '%: a time in % is in the future, or before the row was created',
    tg_table_name, tg_argv[0]
    using errcode = '23514', hint = 'Use the database''s own time: now().';
end
$wall$;

comment on function wall.refuse_future() is 'A moment that has come lies neither ahead of the database''s clock nor before its own row.';

revoke all on function wall.refuse_future() from public, anon, authenticated, service_role;

-- wall.refuse_illegal_move

create or replace function wall.refuse_illegal_move()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- The first argument is the column, the others are the legal moves; a new row moves from nothing. A state that they do
-- not name is left to the constraint that lists all states: no other text is printed.
declare
  state text := to_jsonb(new) ->> tg_argv[0];
  origin text := case when tg_op = 'UPDATE' then to_jsonb(old) ->> tg_argv[0] else '' end;
  named boolean := false;
begin
  for place in 1 .. tg_nargs - 1 loop
    if tg_argv[place] = origin || '>' || state then
      return new;
    end if;
    named := named or split_part(tg_argv[place], '>', 2) = state;
  end loop;
  if not named then
    return new;
  end if;
  origin := coalesce(nullif(origin, ''), 'the beginning');
  raise exception '%.% cannot go from % to %', tg_table_name, tg_argv[0], origin, to_jsonb(new) ->> tg_argv[0]
    using errcode = '23514', hint = 'The rules list the legal moves beside the column.';
end
$wall$;

comment on function wall.refuse_illegal_move() is 'A state only moves the way its rules allow, whoever writes it.';

revoke all on function wall.refuse_illegal_move() from public, anon, authenticated, service_role;

-- wall.refuse_withdrawn

create or replace function wall.refuse_withdrawn()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Takes no lock: a card that is written beside the withdrawal stays shut all the same, see open_share_card.
begin
  if exists (select from public.oracle_artifacts a where a.id = new.artifact_id and a.state = 'withdrawn') then
    raise exception 'this artifact was withdrawn and cannot be shared'
      using errcode = '42501', hint = 'Make the artifact ready again first, and ask its owner.';
  end if;
  return new;
end
$wall$;

comment on function wall.refuse_withdrawn() is 'No card opens on an artifact that was withdrawn.';

revoke all on function wall.refuse_withdrawn() from public, anon, authenticated, service_role;

-- wall.close_cards

create or replace function wall.close_cards()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Waits for nobody: a card that somebody else is writing is skipped, and stays shut while the artifact is withdrawn.
begin
  update public.share_cards s
     set revoked_at = now()
   where s.id in (
           select k.id
             from public.share_cards k
            where k.artifact_id = new.id and k.revoked_at is null
              for update skip locked);
  return null;
end
$wall$;

comment on function wall.close_cards() is 'A withdrawn artifact is shown by no card any more.';

revoke all on function wall.close_cards() from public, anon, authenticated, service_role;

-- wall.require_consent

create or replace function wall.require_consent()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- The argument is the purpose. The person is the row's subject, or the owner of the artifact that it shows.
declare
  entry jsonb := to_jsonb(new);
  artifact uuid := (entry ->> 'artifact_id')::uuid;
  person uuid := (entry ->> 'subject_id')::uuid;
begin
  if person is null then
    select a.subject_id into person from public.oracle_artifacts a where a.id = artifact;
  end if;
  if not wall.consent_stands(person, tg_argv[0], wall.consent_scope(tg_argv[0], artifact)) then
    raise exception '% needs the consent %, which does not stand', tg_table_name, tg_argv[0]
      using errcode = '42501', hint = 'Ask for the consent first, and record the answer in the ledger.';
  end if;
  return new;
end
$wall$;

comment on function wall.require_consent() is 'The row is refused unless the person has given the consent it rests on.';

revoke all on function wall.require_consent() from public, anon, authenticated, service_role;

-- wall.require_job_consents

create or replace function wall.require_job_consents()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
declare
  purpose text;
begin
  if new.status = 'pending' and not wall.job_consents_stand(new.subject_id, new.channel, new.leg, new.artifact_id) then
    foreach purpose in array wall.job_purposes(new.channel, new.leg) loop
      if not wall.consent_stands(new.subject_id, purpose, wall.consent_scope(purpose, new.artifact_id)) then
        raise exception 'the % job needs the consent %, which does not stand', new.channel, purpose
          using errcode = '42501', hint = 'Ask for the consent first; what was bought is ready in the account meanwhile.';
      end if;
    end loop;
  end if;
  return new;
end
$wall$;

comment on function wall.require_job_consents() is 'A job joins the queue only while every consent it needs stands.';

revoke all on function wall.require_job_consents() from public, anon, authenticated, service_role;

-- wall.require_consent_at_commit

create or replace function wall.require_consent_at_commit()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Asks again when nothing can be written any more. The shared lock is held for the length of the commit alone: a
-- withdrawal that was committed before is seen here, one that comes after sees the row.
-- A withdrawal, or an erasure, of the same transaction came after the row was written, and has settled it already.
declare
  entry jsonb := to_jsonb(new);
  artifact uuid := (entry ->> 'artifact_id')::uuid;
  person uuid := (entry ->> 'subject_id')::uuid;
  scope uuid := wall.consent_scope(tg_argv[0], (entry ->> 'artifact_id')::uuid);
  number xid;
begin
  if person is null then
    select a.subject_id into person from public.oracle_artifacts a where a.id = artifact;
  end if;
  if not wall.lock_person(person, false, 900) then
    raise exception '% cannot be written while its owner decides about the consent %', tg_table_name, tg_argv[0]
      using errcode = '40001', hint = 'Try the whole transaction again.';
  end if;
  perform wall.refuse_stale_snapshot();
  if wall.consent_stands(person, tg_argv[0], scope)
     and (not entry ? 'consent_event_id' or wall.consent_lasts((entry ->> 'consent_event_id')::bigint)) then
    return null;
  end if;
  select e.xmin into number from public.consent_events e where e.id = wall.newest_consent(person, tg_argv[0], scope);
  if wall.erased(person) or wall.written_here(number) then
    return null;
  end if;
  raise exception '% needs the consent %, which was withdrawn meanwhile', tg_table_name, tg_argv[0]
    using errcode = '40001', hint = 'Try the whole transaction again; the gate then says what is missing.';
end
$wall$;

comment on function wall.require_consent_at_commit() is 'The consent is asked for once more as the row is committed, so that a withdrawal cannot slip between.';

revoke all on function wall.require_consent_at_commit() from public, anon, authenticated, service_role;

-- wall.settle_job_at_commit

create or replace function wall.settle_job_at_commit()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- A job that a decision has overtaken ends as if the decision had come right after it: nobody's payment or lease fails
-- for it. The shared lock is held for the length of the commit alone; without it after 20 ms the job stays as it is,
-- is asked about before anything leaves, and settle_consents comes back to it.
begin
  if new.status in ('pending', 'waiting') then
    perform wall.lock_person(new.subject_id, false, 20);
    if current_setting('transaction_isolation') <> 'read committed' then
      perform wall.refuse_stale_snapshot();
    end if;
    if (new.status = 'waiting') = wall.job_consents_stand(new.subject_id, new.channel, new.leg, new.artifact_id) then
      perform wall.settle_job(new.id);
    end if;
  end if;
  return null;
end
$wall$;

comment on function wall.settle_job_at_commit() is 'A job whose consents changed before it was committed waits, joins the queue or is cancelled, and none fails for it.';

revoke all on function wall.settle_job_at_commit() from public, anon, authenticated, service_role;

-- wall.take_terms

create or replace function wall.take_terms()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Arguments: the column that points at another row, that row's table, and the columns in which both must agree.
-- A term that is left out is taken over; one that differs is refused. Both sides are fixed, so they agree for good.
declare
  entry jsonb := to_jsonb(new);
  terms jsonb;
begin
  execute format('select to_jsonb(t) from public.%I t where t.id = $1', tg_argv[1])
    into terms using (entry ->> tg_argv[0])::uuid;
  for place in 2 .. tg_nargs - 1 loop
    if entry ->> tg_argv[place] is null then
      entry := entry || jsonb_build_object(tg_argv[place], terms -> tg_argv[place]);
    elsif entry -> tg_argv[place] <> terms -> tg_argv[place] then
      raise exception '%.% differs from the row it refers to in %', tg_table_name, tg_argv[place], tg_argv[1]
        using errcode = '23514', hint = 'Leave it out: the database copies it.';
    end if;
  end loop;
  return jsonb_populate_record(new, entry);
end
$wall$;

comment on function wall.take_terms() is 'What a row says of price, currency and mode is what the row that it points at says.';

revoke all on function wall.take_terms() from public, anon, authenticated, service_role;

-- wall.require_offer

create or replace function wall.require_offer()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- A link that leads nowhere is refused by its foreign key.
begin
  if exists (select
               from public.purchase_links l
               join public.products p on p.id = l.product_id
              where l.id = new.purchase_link_id and not (l.active and p.active)) then
    raise exception 'this purchase link is not for sale'
      using errcode = '23514', hint = 'Offer the link and its product again, or use a link that is for sale.';
  end if;
  return new;
end
$wall$;

comment on function wall.require_offer() is 'A purchase begins at a link that can be bought, of a product that can.';

revoke all on function wall.require_offer() from public, anon, authenticated, service_role;

-- wall.audit_change

create or replace function wall.audit_change()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- The argument is the action, as noun.verb.
begin
  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome)
  values ('server', tg_argv[0], tg_table_name, new.id::text, 'done');
  return null;
end
$wall$;

comment on function wall.audit_change() is 'A change that must not be silent writes its own line of the audit trail.';

revoke all on function wall.audit_change() from public, anon, authenticated, service_role;

-- wall.require_account

create or replace function wall.require_account()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
begin
  if exists (select from auth.users u where u.id = new.subject_id and u.is_anonymous) then
    raise exception 'an anonymous account cannot have a Passport'
      using errcode = '42501', hint = 'Ask the person to turn the anonymous account into a permanent one first.';
  end if;
  return new;
end
$wall$;

comment on function wall.require_account() is 'A Passport belongs to somebody who can come back: an anonymous sign-in cannot keep one.';

revoke all on function wall.require_account() from public, anon, authenticated, service_role;

-- wall.require_own

create or replace function wall.require_own()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
declare
  place text;
begin
  if tg_table_name = 'oracle_artifacts' then
    if new.scroll_id is not null
       and (tg_op = 'INSERT'
           or new.scroll_id is distinct from old.scroll_id) then
      if not exists (select from public.oracle_scrolls t where t.id = new.scroll_id and (new.subject_id in (t.subject_id))) then
        place := 'scroll_id';
      end if;
    end if;
  elsif tg_table_name = 'gift_recipients' then
    if new.artifact_id is not null
       and num_nonnulls(new.subject_id, new.accepted_subject_id) > 0
       and (tg_op = 'INSERT'
           or new.artifact_id is distinct from old.artifact_id
           or new.subject_id is not null and new.subject_id is distinct from old.subject_id
           or new.accepted_subject_id is not null and new.accepted_subject_id is distinct from old.accepted_subject_id) then
      if not exists (select from public.oracle_artifacts t where t.id = new.artifact_id and (new.subject_id in (t.subject_id) or new.accepted_subject_id in (t.subject_id))) then
        place := 'artifact_id';
      end if;
    end if;
  elsif tg_table_name = 'purchases' then
    if new.scroll_id is not null
       and num_nonnulls(new.buyer_subject_id, new.recipient_subject_id) > 0
       and (tg_op = 'INSERT'
           or new.scroll_id is distinct from old.scroll_id
           or new.buyer_subject_id is not null and new.buyer_subject_id is distinct from old.buyer_subject_id
           or new.recipient_subject_id is not null and new.recipient_subject_id is distinct from old.recipient_subject_id) then
      if not exists (select from public.oracle_scrolls t where t.id = new.scroll_id and (new.buyer_subject_id in (t.subject_id) or new.recipient_subject_id in (t.subject_id))) then
        place := 'scroll_id';
      end if;
    end if;
  elsif tg_table_name = 'echo_entries' then
    if new.scroll_id is not null
       and (tg_op = 'INSERT'
           or new.scroll_id is distinct from old.scroll_id) then
      if not exists (select from public.oracle_scrolls t where t.id = new.scroll_id and (new.subject_id in (t.subject_id))) then
        place := 'scroll_id';
      end if;
    end if;
  elsif tg_table_name = 'council_sessions' then
    if new.scroll_id is not null
       and (tg_op = 'INSERT'
           or new.scroll_id is distinct from old.scroll_id) then
      if not exists (select from public.oracle_scrolls t where t.id = new.scroll_id and (new.subject_id in (t.subject_id))) then
        place := 'scroll_id';
      end if;
    end if;
  elsif tg_table_name = 'passport_records' then
    if new.scroll_id is not null
       and (tg_op = 'INSERT'
           or new.scroll_id is distinct from old.scroll_id) then
      if not exists (select from public.oracle_scrolls t where t.id = new.scroll_id and (new.subject_id in (t.subject_id))) then
        place := 'scroll_id';
      end if;
    end if;
    if new.artifact_id is not null
       and (tg_op = 'INSERT'
           or new.artifact_id is distinct from old.artifact_id) then
      if not exists (select from public.oracle_artifacts t where t.id = new.artifact_id and (new.subject_id in (t.subject_id))) then
        place := 'artifact_id';
      end if;
    end if;
    if new.purchase_id is not null
       and (tg_op = 'INSERT'
           or new.purchase_id is distinct from old.purchase_id) then
      if not exists (select from public.purchases t where t.id = new.purchase_id and (new.subject_id in (t.buyer_subject_id, t.recipient_subject_id))) then
        place := 'purchase_id';
      end if;
    end if;
  elsif tg_table_name = 'ai_runs' then
    if new.scroll_id is not null
       and (tg_op = 'INSERT'
           or new.scroll_id is distinct from old.scroll_id) then
      if not exists (select from public.oracle_scrolls t where t.id = new.scroll_id and (new.subject_id in (t.subject_id))) then
        place := 'scroll_id';
      end if;
    end if;
  elsif tg_table_name = 'delivery_jobs' then
    if new.artifact_id is not null
       and (tg_op = 'INSERT'
           or new.artifact_id is distinct from old.artifact_id) then
      if not exists (select from public.oracle_artifacts t where t.id = new.artifact_id and (new.subject_id in (t.subject_id))) then
        if not exists (select from public.gift_recipients g where g.artifact_id = new.artifact_id and g.accepted_subject_id = new.subject_id) then
          place := 'artifact_id';
        end if;
      end if;
    end if;
    if new.purchase_id is not null
       and (tg_op = 'INSERT'
           or new.purchase_id is distinct from old.purchase_id) then
      if not exists (select from public.purchases t where t.id = new.purchase_id and (new.subject_id in (t.buyer_subject_id, t.recipient_subject_id))) then
        place := 'purchase_id';
      end if;
    end if;
    if new.echo_entry_id is not null
       and (tg_op = 'INSERT'
           or new.echo_entry_id is distinct from old.echo_entry_id) then
      if not exists (select from public.echo_entries t where t.id = new.echo_entry_id and (new.subject_id in (t.subject_id))) then
        place := 'echo_entry_id';
      end if;
    end if;
  end if;
  if place is not null then
    raise exception '%.% refers to something that belongs to another person', tg_table_name, place
      using errcode = '42501', hint = 'Pass what belongs to the same person.';
  end if;
  return new;
end
$wall$;

comment on function wall.require_own() is 'What a row is made of belongs to the same person: nobody''s reading ends up in another''s hands.';

revoke all on function wall.require_own() from public, anon, authenticated, service_role;

-- wall.bind_gift

create or replace function wall.bind_gift()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- The gate before it has seen that the consent stands, so the newest entry gave it. That it gave it for one recipient is
-- held by the index gift_recipients_consent.
begin
  if num_nonnulls(new.accepted_at, new.accepted_subject_id) > 0 then
    raise exception 'a new invitation cannot be accepted already'
      using errcode = '42501', hint = 'Leave accepted_at and accepted_subject_id out.';
  end if;
  if new.contact is null then
    raise exception 'an invitation needs a contact' using errcode = '23502';
  end if;
  if not exists (
       select from public.oracle_artifacts a where a.id = new.artifact_id and a.kind = 'gift' and a.state <> 'withdrawn') then
    raise exception 'an invitation needs a gift that was not withdrawn'
      using errcode = '42501', hint = 'Pass an artifact of the kind gift.';
  end if;
  new.created_at := now();
  new.consent_event_id := wall.newest_consent(new.subject_id, 'gift_recipient', new.artifact_id);
  return new;
end
$wall$;

comment on function wall.bind_gift() is 'Ties an invitation to the entry of the ledger that allowed it: one consent is one recipient.';

revoke all on function wall.bind_gift() from public, anon, authenticated, service_role;

-- wall.guard_gift

create or replace function wall.guard_gift()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Holds against every role. A login that may become `authenticated` and forges who is signed in still lacks the token:
-- the database has its hash alone.
declare
  over boolean := old.accepted_at is not null or old.withdrawn_at is not null or old.expires_at <= clock_timestamp();
begin
  if (new.accepted_at, new.accepted_subject_id) is distinct from (old.accepted_at, old.accepted_subject_id)
     and not (new.accepted_subject_id is null and new.accepted_at is not distinct from old.accepted_at
              and wall.erasing(old.accepted_subject_id)) then
    if over
       or new.withdrawn_at is not null
       or new.accepted_subject_id is null
       or new.accepted_subject_id is distinct from (select auth.uid())
       or new.accepted_subject_id = new.subject_id
       or not wall.consent_lasts(new.consent_event_id)
       or exists (select from public.oracle_artifacts a where a.id = new.artifact_id and a.state = 'withdrawn')
       or current_setting('role', true) <> 'authenticated'
       or sha256(convert_to(coalesce(current_setting('wall.gift_token', true), ''), 'UTF8')) <> new.token_sha256 then
      raise exception 'only the recipient can accept this gift, once, with the token of their invitation'
        using errcode = '42501', hint = 'Let the recipient call accept_gift, signed in, with the token of their link.';
    end if;
    new.accepted_at := clock_timestamp();
  end if;
  if old.withdrawn_at is not null and new.withdrawn_at is null then
    raise exception 'a withdrawn invitation cannot be reopened'
      using errcode = '42501', hint = 'Ask the giver again, and write a new invitation.';
  end if;
  if new.expires_at > old.expires_at then
    raise exception 'an invitation cannot be extended'
      using errcode = '42501', hint = 'Ask the giver again, and write a new invitation.';
  end if;
  if (new.contact is distinct from old.contact and (new.contact is not null or not over and new.withdrawn_at is null))
     or (new.recipient_name is distinct from old.recipient_name
         and (new.recipient_name is not null or not over and new.withdrawn_at is null)) then
    raise exception 'the recipient of an invitation cannot be changed'
      using errcode = '42501', hint = 'Ask the giver again, and write a new invitation; or take this one back.';
  end if;
  return new;
end
$wall$;

comment on function wall.guard_gift() is 'An invitation is accepted by its recipient alone, its address is never swapped, and what was taken back stays so.';

revoke all on function wall.guard_gift() from public, anon, authenticated, service_role;

-- wall.keep_accepted_gift

create or replace function wall.keep_accepted_gift()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
begin
  if exists (select from public.gift_recipients g where g.artifact_id = new.id and g.accepted_at is not null) then
    raise exception 'this gift was accepted and cannot be withdrawn'
      using errcode = '42501', hint = 'It is deleted only when its recipient is erased.';
  end if;
  return new;
end
$wall$;

comment on function wall.keep_accepted_gift() is 'A gift that was accepted is its recipient''s: it is not taken back, and its file is not swapped.';

revoke all on function wall.keep_accepted_gift() from public, anon, authenticated, service_role;

-- wall.stamp_consent_event

create or replace function wall.stamp_consent_event()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set bytea_output = 'hex'
as $wall$
declare
  notice public.consent_notices;
begin
  if new.subject_id is null then
    raise exception 'a consent needs a subject_id' using errcode = '23502';
  end if;
  new.wording_version := null;
  new.wording_sha256 := null;
  new.locale := null;
  if new.notice_id is not null then
    select n.* into notice from public.consent_notices n where n.id = new.notice_id;
    if notice.purpose is distinct from new.purpose then
      raise exception 'the notice belongs to another purpose'
        using errcode = '23514', hint = 'Pass the notice of this purpose.';
    end if;
    new.wording_version := notice.version;
    new.wording_sha256 := notice.body_sha256;
    new.locale := notice.locale;
  end if;
  if new.scope_id is not null
     and not exists (select from public.oracle_artifacts a where a.id = new.scope_id and a.subject_id = new.subject_id) then
    raise exception 'this artifact belongs to somebody else'
      using errcode = '42501', hint = 'Pass an artifact of the same person.';
  end if;
  new.personal_salt := gen_random_uuid();
  new.personal_digest := sha256(convert_to(
    new.personal_salt::text || new.subject_id::text || coalesce(new.evidence::text, ''), 'UTF8'));
  return new;
end
$wall$;

comment on function wall.stamp_consent_event() is 'Copies the wording''s version and hash into the ledger, and digests what erasure may later remove.';

revoke all on function wall.stamp_consent_event() from public, anon, authenticated, service_role;

-- wall.stamp_ledger

create or replace function wall.stamp_ledger()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set bytea_output = 'hex'
as $wall$
-- The number, the date and the digest are the database's own, whatever was sent: "overriding
-- system value" included. A row has a higher number than every row that is seen, also after a sequence was set back.
declare
  counter regclass := ('public.' || tg_table_name || '_id_seq')::regclass;
  newest bigint;
begin
  loop  -- two at once may have drawn in one order and written in the other
    new.id := nextval(counter);
    if tg_table_name = 'consent_events' then
      select max(e.id) into newest from public.consent_events e;
    elsif tg_table_name = 'admin_audit_events' then
      select max(e.id) into newest from public.admin_audit_events e;
    end if;
    exit when new.id > coalesce(newest, 0);
    if pg_sequence_last_value(counter) < newest then
      perform setval(counter, newest);
    end if;
  end loop;
  new.created_at := clock_timestamp();
  new.row_hash := wall.ledger_content(to_jsonb(new));
  return new;
end
$wall$;

comment on function wall.stamp_ledger() is 'Numbers, dates and digests a ledger row by the database''s own hand, whoever writes it.';

revoke all on function wall.stamp_ledger() from public, anon, authenticated, service_role;

-- wall.link_seal

create or replace function wall.link_seal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- A link can only say what sealing would say: its place follows the last one, its digest is that of the
-- row itself.
-- A row whose neighbour was sealed long ago comes too late: verify_ledger names it.
-- The lock lets writers of rows pass; of two sealers one waits, and no login may take it.
declare
  last record;
  following bigint;
begin
  lock table public.ledger_seals in share update exclusive mode;
  if new.ledger = any (wall.ledgers()) is not true then
    raise exception 'no such ledger'
      using errcode = '22023', hint = 'Choose ' || array_to_string(wall.ledgers(), ' or ') || '.';
  end if;
  new.row_hash := case new.ledger
              when 'consent_events' then (select e.row_hash from public.consent_events e where e.id = new.row_id)
              when 'admin_audit_events' then (select e.row_hash from public.admin_audit_events e where e.id = new.row_id)
            end;
  following := case new.ledger
              when 'consent_events' then (select e.id from public.consent_events e where e.id > new.row_id order by e.id limit 1)
              when 'admin_audit_events' then (select e.id from public.admin_audit_events e where e.id > new.row_id order by e.id limit 1)
            end;
  if new.row_hash is null then
    raise exception 'no row waits to be sealed here'
      using errcode = '23514', hint = 'Call public.seal_ledgers(): it takes the rows that are to be sealed.';
  end if;
  if exists (
       select
         from public.ledger_seals s
        where s.ledger = new.ledger and s.row_id = following
          and s.created_at < clock_timestamp() - wall.longest_write()) then
    raise exception 'this row is too late: the one after it was sealed long ago'
      using errcode = '23514',
            hint = 'Compare the row with a backup and the anchors; then let the owner call wall.reseal_ledger.';
  end if;
  select s.position, s.chain_hash into last
    from public.ledger_seals s
   where s.ledger = new.ledger
   order by s.position desc
   limit 1;
  new.id := greatest(new.id, 1 + (select max(s.id) from public.ledger_seals s));  -- a sequence may have been set back
  new.position := coalesce(last.position, 0) + 1;
  new.created_at := clock_timestamp();
  new.chain_hash := sha256(coalesce(last.chain_hash, ''::bytea) || int8send(new.position) || int8send(new.row_id)
                           || timestamptz_send(new.created_at) || new.row_hash);
  return new;
end
$wall$;

comment on function wall.link_seal() is 'Makes a link of the chain from the ledger''s own row: a link that is sent ready-made counts for nothing.';

revoke all on function wall.link_seal() from public, anon, authenticated, service_role;

-- wall.stamp_notice

create or replace function wall.stamp_notice()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
begin
  new.body_sha256 := sha256(convert_to(new.body, 'UTF8'));
  return new;
end
$wall$;

comment on function wall.stamp_notice() is 'Hashes the wording that is shown, so that it can be proved word for word.';

revoke all on function wall.stamp_notice() from public, anon, authenticated, service_role;

-- wall.derive_consent

create or replace function wall.derive_consent()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Everything follows at once, and once more as the transaction commits (settle_consent_at_commit).
begin
  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
  values ('subject', 'consent.' || new.action, 'consent_events', new.id::text, 'done',
          wall.settle_consent(new.subject_id, new.purpose, new.scope_id, new.id, new.action = 'given', new.created_at,
                              false));
  return null;
end
$wall$;

comment on function wall.derive_consent() is 'Derives the current state from the ledger; a withdrawal cancels queued jobs and closes cards at once.';

revoke all on function wall.derive_consent() from public, anon, authenticated, service_role;

-- wall.settle_consent_at_commit

create or replace function wall.settle_consent_at_commit()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Whoever wrote a row that rests on the consent holds the person's lock as it commits. With the lock, everything they
-- wrote is either seen here or will be refused there. Without it after 30 ms (somebody let their constraints run early
-- and keeps the lock) the decision goes on: it waits for nobody, and is marked as unsettled.
declare
  locked boolean := wall.lock_person(new.subject_id, true, 30);
  newest public.consent_events;
  first jsonb;
  rest jsonb;
  jobs bigint;
  closed bigint;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    perform wall.refuse_stale_snapshot();
  end if;
  select e.* into newest
    from public.consent_events e
   where e.subject_id = new.subject_id and e.purpose = new.purpose and e.scope_id is not distinct from new.scope_id
   order by e.scope_id desc, e.id desc
   limit 1;
  if not found then  -- the same transaction went on to erase the person
    return null;
  end if;
  first := wall.follow_consent(new.subject_id, new.purpose, new.scope_id, newest.action = 'given', 'infinity');
  if locked and newest.id = new.id and first = '{"jobs": 0, "closed": 0, "left_out": false}' then
    return null;
  end if;
  rest := wall.settle_consent(new.subject_id, new.purpose, new.scope_id, newest.id, newest.action = 'given',
                              newest.created_at, not locked);
  jobs := (first -> 'jobs')::bigint + (rest -> 'jobs')::bigint;
  closed := (first -> 'closed')::bigint + (rest -> 'closed')::bigint;
  if jobs + closed > 0 then
    insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
    values ('system', 'consent.settled', 'consent_events', new.id::text, 'done',
            jsonb_build_object('purpose', new.purpose, 'jobs', jobs, 'closed', closed));
  end if;
  return null;
end
$wall$;

comment on function wall.settle_consent_at_commit() is 'Settles a decision once more as it is committed, with what others have committed meanwhile.';

revoke all on function wall.settle_consent_at_commit() from public, anon, authenticated, service_role;

-- wall.guard_consent_state

create or replace function wall.guard_consent_state()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Holds against every role: the copy repeats the newest entry of the ledger, and never goes back to an older one.
-- A copy that a newer entry has overtaken on its way here is left out: nobody's decision is refused for it.
declare
  entry public.consent_events;
begin
  if tg_op = 'DELETE' then
    if wall.erasing(old.subject_id) then
      return old;
    end if;
    raise exception 'a consent cannot be removed by hand'
      using errcode = '42501', hint = 'Record a withdrawal in the ledger.';
  end if;
  select e.* into entry
    from public.consent_events e
   where e.subject_id = new.subject_id and e.purpose = new.purpose and e.scope_id is not distinct from new.scope_id
   order by e.scope_id desc, e.id desc
   limit 1;
  if tg_op = 'UPDATE' and new.event_id between old.event_id and entry.id - 1 then
    return null;
  end if;
  if entry.id is distinct from new.event_id
     or (entry.action = 'given') is distinct from new.standing
     or entry.created_at is distinct from new.changed_at then
    raise exception 'this differs from the newest entry of the consent ledger'
      using errcode = '42501', hint = 'Record the decision in the ledger. The database updates this row.';
  end if;
  return new;
end
$wall$;

comment on function wall.guard_consent_state() is 'The current state may only say what the ledger says.';

revoke all on function wall.guard_consent_state() from public, anon, authenticated, service_role;

-- wall.guard_ai_run

create or replace function wall.guard_ai_run()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Holds against every role, the server and the owner of the table included. Moves that no rule allows are refused by
-- the trigger that follows from the rules.
declare
  found text;
begin
  if new.status = 'discarded' then
    new.output := null;  -- nobody was given it, and nobody needs it any more
  end if;
  if new.status <> 'requested' then
    new.token_sha256 := null;
  elsif new.token_sha256 <> coalesce(old.token_sha256, '') and new.leases <> old.leases + 1 then
    raise exception 'a token of an AI run can only be changed by a new lease'
      using errcode = '42501', hint = 'Call public.lease_ai_run.';
  end if;
  if new.status = 'written' and old.status = 'requested' and (old.lease_until > clock_timestamp()) is not true then
    raise exception 'the lease of this AI run is over'
      using errcode = '42501', hint = 'Lease it again, or discard it.';
  end if;
  if old.status = 'written' and new.status = 'promoted' then
    found := case
               when not wall.fits_layer(new.layer, new.output) then 'does not have the keys, types and lengths of its layer'
               else coalesce('holds ' || wall.forbidden_words(new.output),
                             case when wall.repeats_others(new.subject_id, new.output)
                                  then 'repeats what belongs to somebody else' end)
             end;
    if found is not null then
      raise exception 'the answer of an AI run % and is not taken over', found
        using errcode = '23514', hint = 'Discard the run and ask for another.';
    end if;
    new.promoted_at := clock_timestamp();
  elsif new.promoted_at is distinct from old.promoted_at then
    raise exception 'the database itself dates the promotion of an AI run' using errcode = '42501';
  end if;
  return new;
end
$wall$;

comment on function wall.guard_ai_run() is 'An AI''s words are written once and within their lease, never changed, and taken over only as the rules allow.';

revoke all on function wall.guard_ai_run() from public, anon, authenticated, service_role;

-- wall.seal_row

create or replace function wall.seal_row()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set bytea_output = 'hex'
as $wall$
-- Setting sealed_at seals the row: the date and the hash are the database's own, whatever was sent.
begin
  if tg_op = 'UPDATE' and old.sealed_at is not null then
    raise exception '%: this row is sealed and cannot be changed', tg_table_name
      using errcode = '42501', hint = 'A sealed row is deleted only when its owner is erased.';
  end if;
  new.seal_hash := null;
  if new.sealed_at is not null then
    new.sealed_at := clock_timestamp();
    if tg_table_name = 'passport_records' then
      select s.seal_hash into new.scroll_seal_hash from public.oracle_scrolls s where s.id = new.scroll_id;
      if new.scroll_seal_hash is null then
        raise exception 'a Passport record needs a sealed reading before it is sealed'
          using errcode = '23514', hint = 'Seal the scroll first.';
      end if;
    end if;
    new.seal_hash := wall.seal_content(to_jsonb(new));
  end if;
  return new;
end
$wall$;

comment on function wall.seal_row() is 'Seals a row when it is sealed, and refuses every change from then on.';

revoke all on function wall.seal_row() from public, anon, authenticated, service_role;

-- wall.refuse_erased

create or replace function wall.refuse_erased()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- The transaction gets its number before it looks: whoever looks too early to see the tombstone has a number
-- below that of the erasure's barrier, and the erasure waits for it. A transaction that works with an older view of
-- the data locks the key's row, which each tombstone changes: it is told to try again, and waits for nobody.
declare
  person uuid;
  number xid8 := pg_current_xact_id();
begin
  case tg_argv[0]
    when 'subject_id' then
      person := new.subject_id;
    when 'accepted_subject_id' then
      person := new.accepted_subject_id;
    when 'buyer_subject_id' then
      person := new.buyer_subject_id;
    when 'recipient_subject_id' then
      person := new.recipient_subject_id;
  end case;
  if current_setting('transaction_isolation') <> 'read committed' then
    begin
      perform from public.erasure_keys k for share nowait;
    exception when lock_not_available then
      raise exception 'an erasure began after this transaction'
        using errcode = '40001', hint = 'Try the whole transaction again; at READ COMMITTED this does not happen.';
    end;
  end if;
  if exists (select from public.erased_subjects e where e.tombstone = sha256((select k.key from public.erasure_keys k) || uuid_send(person))) then
    raise exception '%: this person is being erased or was erased', tg_table_name
      using errcode = '42501', hint = 'Write nothing for them: no row for this person is accepted.';
  end if;
  return new;
end
$wall$;

comment on function wall.refuse_erased() is 'Nothing is written for an erased person: no late worker and no old token brings them back.';

revoke all on function wall.refuse_erased() from public, anon, authenticated, service_role;

-- wall.list_stored_file

create or replace function wall.list_stored_file()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- The argument is the column that holds a path in storage. Runs after the write: one path stands in one row, so whoever
-- takes a path while another transaction lists it has waited for that transaction.
declare
  path text := to_jsonb(new) ->> tg_argv[0];
  given_up text := to_jsonb(old) ->> tg_argv[0];
begin
  if path is not distinct from given_up then
    return null;
  end if;
  if given_up is not null then
    insert into public.storage_deletions (row_id, storage_path) values (new.id, given_up);
  end if;
  if path is not null then
    perform wall.refuse_stale_snapshot();
    if exists (select from public.storage_deletions d where d.storage_path = path and d.done_at is null) then
      raise exception 'this file is scheduled for deletion'
        using errcode = '23514', hint = 'Store the file once more, under a new random path.';
    end if;
  end if;
  return null;
end
$wall$;

comment on function wall.list_stored_file() is 'A file whose path a row gives up is listed to be deleted, and the path of a listed file is taken by no row.';

revoke all on function wall.list_stored_file() from public, anon, authenticated, service_role;

-- wall.stamp_privacy_request

create or replace function wall.stamp_privacy_request()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Whatever was sent: the month begins when the request arrives.
begin
  new.created_at := now();
  new.due_at := wall.privacy_deadline(new.created_at);
  new.extended_until := null;
  new.extension_reason := null;
  new.closed_at := null;
  new.proof_sha256 := null;
  return new;
end
$wall$;

comment on function wall.stamp_privacy_request() is 'The dates of a request are the database''s own, whatever was sent.';

revoke all on function wall.stamp_privacy_request() from public, anon, authenticated, service_role;

-- wall.guard_privacy_request

create or replace function wall.guard_privacy_request()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
declare
  unfinished text;
begin
  if (new.extended_until, new.extension_reason) is distinct from (old.extended_until, old.extension_reason)
     and (old.extended_until is not null or old.closed_at is not null or now() > old.due_at) then
    raise exception 'the deadline of this request cannot be moved'
      using errcode = '42501', hint = 'A deadline is extended once, before it has passed, with its reason.';
  end if;
  if new.status is distinct from old.status and new.status = 'done' then
    select string_agg(w, ', ') into unfinished
      from (select 'the person''s rows' where new.kind = 'deletion' and new.subject_id is not null
            union all
            select 'files in storage'
             where exists (select from public.storage_deletions d where d.request_id = new.id and d.done_at is null)
            union all
            select 'the step ' || s.name
              from public.privacy_request_steps s
             where s.request_id = new.id and s.status not in ('done', 'skipped')) as waiting (w);
    if unfinished is not null then
      raise exception 'the request cannot be closed: it waits for %', unfinished
        using errcode = '23514', hint = 'Finish what is left first.';
    end if;
  end if;
  new.closed_at := case
                     when new.status not in ('done', 'refused', 'cancelled') then null
                     else coalesce(old.closed_at, now())
                   end;
  return new;
end
$wall$;

comment on function wall.guard_privacy_request() is 'A deadline moves once, in time and with a reason; done means that nothing is left to do.';

revoke all on function wall.guard_privacy_request() from public, anon, authenticated, service_role;

-- wall.audit_privacy_request

create or replace function wall.audit_privacy_request()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
declare
  actor text := case current_setting('role', true)
                  when 'authenticated' then 'subject'
                  when 'service_role' then 'server'
                  when 'oracle_operator' then 'operator'
                  else 'system'
                end;
begin
  if tg_op = 'INSERT' then
    insert into public.admin_audit_events (actor_kind, actor_id, action, object_table, object_id, outcome, details)
    values (actor, (select auth.uid())::text, 'privacy.asked', tg_table_name, new.id::text, 'done',
            jsonb_build_object('kind', new.kind));
  elsif new.status is distinct from old.status then
    insert into public.admin_audit_events (actor_kind, actor_id, action, object_table, object_id, outcome, details)
    values (actor, (select auth.uid())::text, 'privacy.moved', tg_table_name, new.id::text, 'done',
            jsonb_build_object('from', old.status, 'to', new.status));
  end if;
  if tg_op = 'UPDATE' and new.extended_until is distinct from old.extended_until then
    insert into public.admin_audit_events (actor_kind, actor_id, action, object_table, object_id, outcome, details)
    values (actor, (select auth.uid())::text, 'privacy.extended', tg_table_name, new.id::text, 'done',
            jsonb_build_object('reason', new.extension_reason, 'days', (new.extended_until::date - new.due_at::date)));
  end if;
  return null;
end
$wall$;

comment on function wall.audit_privacy_request() is 'Each request and each move of it leaves a line in the audit trail, whoever makes it.';

revoke all on function wall.audit_privacy_request() from public, anon, authenticated, service_role;

-- wall.audit_legal_hold

create or replace function wall.audit_legal_hold()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
begin
  insert into public.admin_audit_events (actor_kind, actor_id, action, object_table, object_id, outcome, details)
  values (case when current_setting('role', true) = 'service_role' then 'server' else 'system' end,
          (select auth.uid())::text, case when tg_op = 'INSERT' then 'hold.placed' else 'hold.changed' end,
          tg_table_name, new.id::text, 'done',
          jsonb_build_object('reason', new.reason_code, 'ends', coalesce(new.held_until::date::text, 'open')));
  return null;
end
$wall$;

comment on function wall.audit_legal_hold() is 'A hold, and each change of it, leaves a line in the audit trail.';

revoke all on function wall.audit_legal_hold() from public, anon, authenticated, service_role;

-- wall.code_audit_people

create or replace function wall.code_audit_people()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Most lines name rows by number, and end here at once; as a condition of the trigger the same question would be parsed
-- anew for every line. An id that is nobody's is a row's, and stays. A person is found whatever stands between or beside
-- the 32 digits of their id; then all of the digits give way to the code.
declare
  run text;
  code text;
begin
  if char_length(new.object_id) < 32 and (new.actor_id is null or char_length(new.actor_id) < 32)
     and (new.details = '{}' or new.details::text !~ '[0-9A-Fa-f_.:-]{32}') then
    return new;
  end if;
  for run in
    select distinct m[1]
      from regexp_matches(concat_ws(' ', new.actor_id, new.object_id, new.details),
                          '([0-9a-f](?:[_.:-]*[0-9a-f]){31,})', 'gi') m
  loop
    select wall.audit_code(w.id) into code
      from (select substr(d.digits, place, 32)::uuid as id
              from (select translate(run, '_.:-', '') as digits) d,
                   generate_series(1, char_length(d.digits) - 31) as place) w
     where exists (select from auth.users u where u.id = w.id) or wall.erased(w.id)
     limit 1;
    if code is not null then
      new.actor_id := replace(new.actor_id, run, code);
      new.object_id := replace(new.object_id, run, code);
      new.details := replace(new.details::text, run, code)::jsonb;
    end if;
  end loop;
  return new;
end
$wall$;

comment on function wall.code_audit_people() is 'An audit line names a person by a code, so that it leads nowhere once the person is erased.';

revoke all on function wall.code_audit_people() from public, anon, authenticated, service_role;

-- wall.guard_audit_action

create or replace function wall.guard_audit_action()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
-- Runs with the rights of whoever writes: inside the database's own functions that is the owner of the table. The
-- arguments are the reserved actions.
begin
  if new.action = any (tg_argv)
     and not pg_has_role(current_user, (select c.relowner from pg_class c where c.oid = tg_relid), 'usage') then
    raise exception 'this action is reserved: the database itself writes such a line'
      using errcode = '42501', hint = 'Choose another action for what the site''s server does.';
  end if;
  return new;
end
$wall$;

comment on function wall.guard_audit_action() is 'Lines about what the database alone does are written by its own functions, and by no login.';

revoke all on function wall.guard_audit_action() from public, anon, authenticated, service_role;

-- wall.guard_erasure

create or replace function wall.guard_erasure()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- The numbers of transactions are written here, whatever was sent: nobody can shorten the wait, or pretend to erase.
declare
  request public.privacy_requests;
begin
  select r.* into request from public.privacy_requests r where r.id = new.request_id;
  if tg_op = 'INSERT' then
    if request.kind = 'deletion' and request.status = 'running' and request.subject_id = new.subject_id then
      new.tombstone := wall.tombstone(new.subject_id);
      new.tombstone_xid := pg_current_xact_id();
      new.barrier_xid := null;
      new.erasing_xid := null;
      return new;
    end if;
  elsif new.erasing_xid is distinct from old.erasing_xid then
    if request.status = 'running' and request.subject_id = old.subject_id and new.barrier_xid is not distinct from old.barrier_xid then
      if not wall.erasure_settled(new.request_id) then
        raise exception 'transactions that began before this erasure are still open'
          using errcode = '55006', hint = 'Call erase_subject again, until it is done.';
      end if;
      new.erasing_xid := pg_current_xact_id();
      return new;
    end if;
  elsif new.barrier_xid is distinct from old.barrier_xid then
    if old.barrier_xid is null and old.tombstone_xid <> pg_current_xact_id() then
      new.barrier_xid := pg_current_xact_id();
      return new;
    end if;
  else
    return new;
  end if;
  raise exception 'no running deletion request allows this'
    using errcode = '42501', hint = 'Call erase_subject with a deletion request that is running, until it is done.';
end
$wall$;

comment on function wall.guard_erasure() is 'A tombstone rests on a running request; what it says of transactions is the database''s own.';

revoke all on function wall.guard_erasure() from public, anon, authenticated, service_role;

-- wall.check_erasure

create or replace function wall.check_erasure()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Names columns, never who it is.
declare
  places text;
begin
  select string_agg(l, ', ') into places from wall.erasure_left(new.subject_id) l;
  if places is not null then
    raise exception 'the erasure is incomplete: %', places
      using errcode = '42501', hint = 'Let erase_subject do it, from beginning to end.';
  end if;
  return null;
end
$wall$;

comment on function wall.check_erasure() is 'An erasure that would leave something of its person behind is refused as it commits.';

revoke all on function wall.check_erasure() from public, anon, authenticated, service_role;

-- wall.privacy_deadline

create or replace function wall.privacy_deadline(asked_at timestamptz)
returns timestamptz
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
select ((asked_at at time zone 'UTC') + interval '1 month') at time zone 'UTC'
$wall$;

comment on function wall.privacy_deadline(timestamptz) is 'A calendar month later in UTC; where it has no such day, its last: 31 January gives 28 or 29 February.';

revoke all on function wall.privacy_deadline(timestamptz) from public, anon, authenticated, service_role;

grant execute on function wall.privacy_deadline(timestamptz) to service_role;

-- wall.erasing

create or replace function wall.erasing(subject uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- The mark is set by erase_subject, and nobody who sets it can commit before nothing is left of the person. What is left
-- of an erasure that is over says nothing: a restored database may come to the same number again.
begin
  return exists (
    select
      from public.erased_subjects e
     where e.erasing_xid = pg_current_xact_id_if_assigned()
       and e.subject_id is not null
       and (erasing.subject is null or e.subject_id = erasing.subject));
end
$wall$;

comment on function wall.erasing(uuid) is 'What is sealed or appended gives way to one thing alone: the erasure of its person in this very transaction.';

revoke all on function wall.erasing(uuid) from public, anon, authenticated, service_role;

-- wall.erased

create or replace function wall.erased(person uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
begin
  return exists (
    select
      from public.erased_subjects e
     where e.tombstone = wall.tombstone(erased.person));
end
$wall$;

comment on function wall.erased(uuid) is 'Whether a person has a tombstone: their data was erased, or is about to be.';

revoke all on function wall.erased(uuid) from public, anon, authenticated, service_role;

-- wall.tombstone

create or replace function wall.tombstone(person uuid)
returns bytea
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
begin
  return sha256((select k.key from public.erasure_keys k) || uuid_send(person));
end
$wall$;

comment on function wall.tombstone(uuid) is 'What stands for an erased person: SHA-256 over this database''s own key and their id.';

revoke all on function wall.tombstone(uuid) from public, anon, authenticated, service_role;

-- wall.lock_number

create or replace function wall.lock_number(name text)
returns bigint
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Any login may take an advisory lock; which number is whose, only this database's own key tells.
begin
  return ('x' || encode(substr(sha256(coalesce((select k.key from public.erasure_keys k), '') || convert_to(name, 'UTF8')), 1, 8),
                        'hex'))::bit(64)::bigint;
end
$wall$;

comment on function wall.lock_number(text) is 'The number of an advisory lock, which nobody can guess who does not know this database''s own key.';

revoke all on function wall.lock_number(text) from public, anon, authenticated, service_role;

-- wall.made_here

create or replace function wall.made_here(request uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- A row that is seen although its transaction is still in progress was written by this one, or a savepoint of it. That
-- goes for a row that was only changed, too: it counts while this transaction has changed no account at all.
declare
  here bigint := pg_current_xact_id()::text::bigint;
  ahead bigint;
begin
  if current_setting('track_counts') <> 'on' or pg_stat_get_xact_tuples_updated('auth.users'::regclass) > 0 then
    return false;
  end if;
  select mod(u.xmin::text::bigint - here + 9223372032559808512, 4294967296) into ahead
    from public.privacy_requests r
    join auth.users u on u.id = r.subject_id
   where r.id = made_here.request and r.created_at = now();
  return coalesce(ahead < 2147483648 and pg_xact_status((here + ahead)::text::xid8) = 'in progress', false);
exception
  when invalid_parameter_value then -- a number that no transaction has had yet: the row is older than the count
    return false;
end
$wall$;

comment on function wall.made_here(uuid) is 'Whether this very transaction made the person and the request, and changed no account: nobody else knows them.';

revoke all on function wall.made_here(uuid) from public, anon, authenticated, service_role;

-- wall.erasure_settled

create or replace function wall.erasure_settled(request uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Every transaction of this database numbered below the barrier has ended; a tombstone that nobody could have missed
-- needs none. A snapshot counts the whole server's transactions: one of another database is told by its lock. One that
-- has no lock has just ended or just begun, and its status, looked at after the lock, tells which.
declare
  barrier xid8;
  open xid8;
  place name;
begin
  if wall.made_here(erasure_settled.request) then
    return true;
  end if;
  select e.barrier_xid into barrier from public.erased_subjects e where e.request_id = erasure_settled.request;
  if barrier is null then
    return false;
  end if;
  -- A number that this server has not come to was given out by another one, before this database was restored here:
  -- whoever was open then is gone. A barrier that another transaction wrote here is behind every later snapshot.
  if barrier >= pg_snapshot_xmax(pg_current_snapshot()) and barrier <> pg_current_xact_id() then
    return true;
  end if;
  for open in
    select x.number from pg_snapshot_xip(pg_current_snapshot()) as x (number) where x.number < barrier
     union all
    -- Numbers that were given out after the latest transaction that has ended are not listed.
    select n::text::xid8
      from generate_series(pg_snapshot_xmax(pg_current_snapshot())::text::bigint, barrier::text::bigint - 1) as n
  loop
    place := coalesce(
      (select a.datname
         from pg_locks l
         join pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'transactionid' and l.transactionid = open::xid and l.granted
        limit 1),
      (select p.database from pg_prepared_xacts p where p.transaction = open::xid));
    if coalesce(place, current_database()) = current_database() and pg_xact_status(open) = 'in progress' then
      return false;
    end if;
  end loop;
  return true;
end
$wall$;

comment on function wall.erasure_settled(uuid) is 'Whether every transaction has ended that could have missed the tombstone.';

revoke all on function wall.erasure_settled(uuid) from public, anon, authenticated, service_role;

-- wall.erasure_pause

create or replace function wall.erasure_pause(person uuid)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
begin
  return (
    select p.reason from (
    select 'open_dispute' from public.purchases t
     where t.status = 'disputed' and person in (t.buyer_subject_id, t.recipient_subject_id)
    union all
    select h.reason_code from public.legal_holds h
      join public.consent_events t on t.id::text = h.row_id
     where h.table_name = 'consent_events' and (h.held_until is null or h.held_until > now())
       and (t.subject_id = person)
    union all
    select h.reason_code from public.legal_holds h
      join public.consents t on t.id::text = h.row_id
     where h.table_name = 'consents' and (h.held_until is null or h.held_until > now())
       and (t.subject_id = person)
    union all
    select h.reason_code from public.legal_holds h
      join public.oracle_scrolls t on t.id::text = h.row_id
     where h.table_name = 'oracle_scrolls' and (h.held_until is null or h.held_until > now())
       and (t.subject_id = person)
    union all
    select h.reason_code from public.legal_holds h
      join public.oracle_artifacts t on t.id::text = h.row_id
     where h.table_name = 'oracle_artifacts' and (h.held_until is null or h.held_until > now())
       and (t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person))
    union all
    select h.reason_code from public.legal_holds h
      join public.share_cards t on t.id::text = h.row_id
     where h.table_name = 'share_cards' and (h.held_until is null or h.held_until > now())
       and (t.artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person and not (exists (select from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person and not wall.erased(g.accepted_subject_id)))))
    union all
    select h.reason_code from public.legal_holds h
      join public.gift_recipients t on t.id::text = h.row_id
     where h.table_name = 'gift_recipients' and (h.held_until is null or h.held_until > now())
       and (t.subject_id = person or t.artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person and not (exists (select from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person and not wall.erased(g.accepted_subject_id)))) or t.accepted_subject_id = person)
    union all
    select h.reason_code from public.legal_holds h
      join public.purchases t on t.id::text = h.row_id
     where h.table_name = 'purchases' and (h.held_until is null or h.held_until > now())
       and (t.buyer_subject_id = person or t.recipient_subject_id = person)
    union all
    select h.reason_code from public.legal_holds h
      join public.echo_entries t on t.id::text = h.row_id
     where h.table_name = 'echo_entries' and (h.held_until is null or h.held_until > now())
       and (t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person))
    union all
    select h.reason_code from public.legal_holds h
      join public.council_sessions t on t.id::text = h.row_id
     where h.table_name = 'council_sessions' and (h.held_until is null or h.held_until > now())
       and (t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person))
    union all
    select h.reason_code from public.legal_holds h
      join public.passport_records t on t.id::text = h.row_id
     where h.table_name = 'passport_records' and (h.held_until is null or h.held_until > now())
       and (t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person) or t.artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person and not (exists (select from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person and not wall.erased(g.accepted_subject_id)))))
    union all
    select h.reason_code from public.legal_holds h
      join public.ai_runs t on t.id::text = h.row_id
     where h.table_name = 'ai_runs' and (h.held_until is null or h.held_until > now())
       and (t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person))
    union all
    select h.reason_code from public.legal_holds h
      join public.delivery_jobs t on t.id::text = h.row_id
     where h.table_name = 'delivery_jobs' and (h.held_until is null or h.held_until > now())
       and (t.subject_id = person or t.artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person and not (exists (select from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person and not wall.erased(g.accepted_subject_id)))) or t.echo_entry_id in (select t.id from public.echo_entries t where t.subject_id = person))
    union all
    select h.reason_code from public.legal_holds h
      join public.delivery_attempts t on t.id::text = h.row_id
     where h.table_name = 'delivery_attempts' and (h.held_until is null or h.held_until > now())
       and (t.job_id in (select t.id from public.delivery_jobs t where t.subject_id = person))
    union all
    select h.reason_code from public.legal_holds h
      join public.privacy_requests t on t.id::text = h.row_id
     where h.table_name = 'privacy_requests' and (h.held_until is null or h.held_until > now())
       and (t.subject_id = person)
    ) as p (reason) limit 1);
end
$wall$;

comment on function wall.erasure_pause(uuid) is 'Why an erasure has to wait: an open dispute, or a hold on one of the person''s rows; null when nothing stops it.';

revoke all on function wall.erasure_pause(uuid) from public, anon, authenticated, service_role;

-- wall.erasure_left

create or replace function wall.erasure_left(person uuid)
returns setof text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
begin
  if exists (select from public.consent_events t where t.subject_id = person) then
    return next 'consent_events.subject_id';
  end if;
  if exists (select from public.consents t where t.subject_id = person) then
    return next 'consents.subject_id';
  end if;
  if exists (select from public.oracle_scrolls t where t.subject_id = person) then
    return next 'oracle_scrolls.subject_id';
  end if;
  if exists (select from public.oracle_artifacts t where t.subject_id = person) then
    return next 'oracle_artifacts.subject_id';
  end if;
  if exists (select from public.gift_recipients t where t.subject_id = person) then
    return next 'gift_recipients.subject_id';
  end if;
  if exists (select from public.gift_recipients t where t.accepted_subject_id = person) then
    return next 'gift_recipients.accepted_subject_id';
  end if;
  if exists (select from public.purchases t where t.buyer_subject_id = person) then
    return next 'purchases.buyer_subject_id';
  end if;
  if exists (select from public.purchases t where t.recipient_subject_id = person) then
    return next 'purchases.recipient_subject_id';
  end if;
  if exists (select from public.echo_entries t where t.subject_id = person) then
    return next 'echo_entries.subject_id';
  end if;
  if exists (select from public.council_sessions t where t.subject_id = person) then
    return next 'council_sessions.subject_id';
  end if;
  if exists (select from public.passport_records t where t.subject_id = person) then
    return next 'passport_records.subject_id';
  end if;
  if exists (select from public.ai_runs t where t.subject_id = person) then
    return next 'ai_runs.subject_id';
  end if;
  if exists (select from public.delivery_jobs t where t.subject_id = person) then
    return next 'delivery_jobs.subject_id';
  end if;
  if exists (select from public.privacy_requests t where t.subject_id = person) then
    return next 'privacy_requests.subject_id';
  end if;
  if exists (select from public.erased_subjects t where t.subject_id = person) then
    return next 'erased_subjects.subject_id';
  end if;
  if exists (select from public.audit_codes t where t.subject_id = person) then
    return next 'audit_codes.subject_id';
  end if;
end
$wall$;

comment on function wall.erasure_left(uuid) is 'The columns that still name a person; none after an erasure.';

revoke all on function wall.erasure_left(uuid) from public, anon, authenticated, service_role;

-- wall.lock_rows_of_person

create or replace function wall.lock_rows_of_person(person uuid)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
declare
  addresses text[] := array(select lower(u.email) from auth.users u where u.id = person and u.email is not null union select lower(g.contact) from public.gift_recipients g where g.accepted_subject_id = person and g.contact is not null);
begin
  perform from public.audit_codes t where t.subject_id = person for update nowait;
  perform from public.delivery_attempts t where t.job_id in (select t.id from public.delivery_jobs t where t.subject_id = person) for update nowait;
  perform from public.delivery_jobs t where t.subject_id = person or t.artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person and not (exists (select from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person and not wall.erased(g.accepted_subject_id)))) or t.echo_entry_id in (select t.id from public.echo_entries t where t.subject_id = person) for update nowait;
  perform from public.ai_runs t where t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person) for update nowait;
  perform from public.passport_records t where t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person) or t.artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person and not (exists (select from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person and not wall.erased(g.accepted_subject_id)))) for update nowait;
  perform from public.council_sessions t where t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person) for update nowait;
  perform from public.echo_entries t where t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person) for update nowait;
  perform from public.purchases t where t.buyer_subject_id = person or t.recipient_subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person) for update nowait;
  perform from public.gift_recipients t where t.subject_id = person or t.artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person and not (exists (select from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person and not wall.erased(g.accepted_subject_id)))) or t.accepted_subject_id = person or lower(t.contact) = any (addresses) for update nowait;
  perform from public.share_cards t where t.artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person and not (exists (select from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person and not wall.erased(g.accepted_subject_id)))) for update nowait;
  perform from public.oracle_artifacts t where t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person) for update nowait;
  perform from public.oracle_scrolls t where t.subject_id = person for update nowait;
  perform from public.consents t where t.subject_id = person for update nowait;
  perform from public.consent_events t where t.subject_id = person for update nowait;
  perform from public.privacy_requests t where t.subject_id = person for update nowait;
  perform from public.erased_subjects t where t.subject_id = person for update nowait;
end
$wall$;

comment on function wall.lock_rows_of_person(uuid) is 'Locks every row that an erasure touches, without waiting for anybody: it fails at once where somebody else works.';

revoke all on function wall.lock_rows_of_person(uuid) from public, anon, authenticated, service_role;

-- wall.erase_rows

create or replace function wall.erase_rows(person uuid, request uuid)
returns table(table_name text, affected bigint)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Each column's rule decides. The triggers let it pass in an erasure's own transaction alone.
#variable_conflict use_column
declare
  addresses text[] := array(select lower(u.email) from auth.users u where u.id = person and u.email is not null union select lower(g.contact) from public.gift_recipients g where g.accepted_subject_id = person and g.contact is not null);
begin
  delete from public.audit_codes t where t.subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'audit_codes';
  return next;

  delete from public.delivery_jobs t where t.subject_id = person or t.artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person and not (exists (select from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person and not wall.erased(g.accepted_subject_id)))) or t.echo_entry_id in (select t.id from public.echo_entries t where t.subject_id = person);
  get diagnostics affected = row_count;
  table_name := 'delivery_jobs';
  return next;

  delete from public.ai_runs t where t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person);
  get diagnostics affected = row_count;
  table_name := 'ai_runs';
  return next;

  delete from public.passport_records t where t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person) or t.artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person and not (exists (select from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person and not wall.erased(g.accepted_subject_id))));
  get diagnostics affected = row_count;
  table_name := 'passport_records';
  return next;

  delete from public.council_sessions t where t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person);
  get diagnostics affected = row_count;
  table_name := 'council_sessions';
  return next;

  delete from public.echo_entries t where t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person);
  get diagnostics affected = row_count;
  table_name := 'echo_entries';
  return next;

  update public.purchases t set buyer_subject_id = null where t.buyer_subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'purchases';
  return next;

  update public.purchases t set recipient_subject_id = null where t.recipient_subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'purchases';
  return next;

  update public.gift_recipients t set contact = null, recipient_name = null, withdrawn_at = case when t.accepted_at is null then coalesce(t.withdrawn_at, now()) else t.withdrawn_at end where lower(t.contact) = any (addresses);
  get diagnostics affected = row_count;
  table_name := 'gift_recipients';
  return next;

  update public.gift_recipients t set subject_id = null, contact = null, recipient_name = null where t.subject_id = person and t.accepted_subject_id <> person and not wall.erased(t.accepted_subject_id);
  get diagnostics affected = row_count;
  table_name := 'gift_recipients';
  return next;

  update public.gift_recipients t set accepted_subject_id = null, contact = null, recipient_name = null where t.accepted_subject_id = person and t.subject_id <> person;
  get diagnostics affected = row_count;
  table_name := 'gift_recipients';
  return next;

  delete from public.gift_recipients t where t.subject_id = person or t.artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person and not (exists (select from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person and not wall.erased(g.accepted_subject_id)))) or t.accepted_subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'gift_recipients';
  return next;

  delete from public.share_cards t where t.artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person and not (exists (select from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person and not wall.erased(g.accepted_subject_id))));
  get diagnostics affected = row_count;
  table_name := 'share_cards';
  return next;

  update public.oracle_artifacts t set subject_id = (select g.accepted_subject_id from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person and not wall.erased(g.accepted_subject_id) order by g.accepted_at, g.id limit 1), scroll_id = null where t.subject_id = person and exists (select from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id <> person and not wall.erased(g.accepted_subject_id));
  get diagnostics affected = row_count;
  table_name := 'oracle_artifacts';
  return next;

  update public.storage_deletions d set request_id = request
   where d.request_id is null and d.done_at is null
     and d.row_id in (select t.id from public.oracle_artifacts t where t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person));
  insert into public.storage_deletions (request_id, row_id, storage_path)
  select request, t.id, t.storage_path from public.oracle_artifacts t
   where t.storage_path is not null and (t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person));

  delete from public.oracle_artifacts t where t.subject_id = person or t.scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person);
  get diagnostics affected = row_count;
  table_name := 'oracle_artifacts';
  return next;

  delete from public.oracle_scrolls t where t.subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'oracle_scrolls';
  return next;

  delete from public.consents t where t.subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'consents';
  return next;

  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome)
  select 'system', 'consent.blanked', 'consent_events', t.id::text, 'done'
    from public.consent_events t where t.subject_id = person order by t.id;

  update public.consent_events t set subject_id = null, evidence = null, personal_salt = null where t.subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'consent_events';
  return next;

  update public.privacy_requests t set subject_id = null where t.subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'privacy_requests';
  return next;

  update public.erased_subjects t set subject_id = null where t.subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'erased_subjects';
  return next;
end
$wall$;

comment on function wall.erase_rows(uuid, uuid) is 'Erases one person from every table, each column as its rule says, and counts what it touched.';

revoke all on function wall.erase_rows(uuid, uuid) from public, anon, authenticated, service_role;

-- wall.note_step

create or replace function wall.note_step(request uuid, place integer, step text, done boolean)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
begin
  insert into public.privacy_request_steps (request_id, position, name)
  values (note_step.request, place, step)
      on conflict (request_id, name) do nothing;
  if note_step.done then
    update public.privacy_request_steps s
       set status = 'running', attempts = s.attempts + 1, started_at = now()
     where s.request_id = note_step.request and s.name = step and s.status in ('pending', 'failed');
    update public.privacy_request_steps s
       set status = 'done', finished_at = now()
     where s.request_id = note_step.request and s.name = step and s.status = 'running';
  end if;
end
$wall$;

comment on function wall.note_step(uuid, integer, text, boolean) is 'Moves a step of a request to done, and writes it first if it is not there.';

revoke all on function wall.note_step(uuid, integer, text, boolean) from public, anon, authenticated, service_role;

-- wall.begin_erasure

create or replace function wall.begin_erasure(request uuid, person uuid)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- The count changes with the tombstone: a transaction that works with an older view of the data is refused by it. Such
-- a transaction holds the row until it ends; nobody waits for that here.
-- An erasure begins by taking back every consent: however long a hold or a dispute pauses it, nothing is sent, shown or
-- given to an AI meanwhile, and nothing need be taken back by hand.
begin
  insert into public.consent_events (request_id, subject_id, purpose, action, scope_id)
  select gen_random_uuid(), begin_erasure.person, n.purpose, 'withdrawn', n.scope_id
    from (select distinct on (e.purpose, e.scope_id) e.purpose, e.scope_id, e.action
            from public.consent_events e
           where e.subject_id = begin_erasure.person
           order by e.purpose, e.scope_id, e.id desc) n
   where n.action = 'given'
     and (n.scope_id is null
          or exists (select from public.oracle_artifacts a where a.id = n.scope_id and a.subject_id = begin_erasure.person));
  perform from public.erasure_keys k for no key update nowait;
  update public.erasure_keys k set tombstones = k.tombstones + 1;
  insert into public.erased_subjects (request_id, subject_id) values (begin_erasure.request, begin_erasure.person);
  perform wall.note_step(begin_erasure.request, 1, 'tombstone', true),
          wall.note_step(begin_erasure.request, 2, 'rows', false),
          wall.note_step(begin_erasure.request, 3, 'files', false),
          wall.note_step(begin_erasure.request, 4, 'processors', false);
  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome)
  values ('server', 'erasure.begun', 'privacy_requests', begin_erasure.request::text, 'done');
end
$wall$;

comment on function wall.begin_erasure(uuid, uuid) is 'Writes the tombstone and plans the steps; from its commit on nothing new is written for the person.';

revoke all on function wall.begin_erasure(uuid, uuid) from public, anon, authenticated, service_role;

-- wall.note_pause

create or replace function wall.note_pause(request uuid, why text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
declare
  said text;
begin
  select a.details ->> 'reason' into said
    from public.admin_audit_events a
   where a.object_table = 'privacy_requests' and a.object_id = note_pause.request::text and a.action like 'erasure.%'
   order by a.id desc
   limit 1;
  if said is distinct from note_pause.why then
    insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
    values ('server', 'erasure.paused', 'privacy_requests', note_pause.request::text, 'refused',
            jsonb_build_object('reason', note_pause.why));
  end if;
end
$wall$;

comment on function wall.note_pause(uuid, text) is 'Writes an audit line when an erasure is paused, once for each reason.';

revoke all on function wall.note_pause(uuid, text) from public, anon, authenticated, service_role;

-- wall.finish_erasure

create or replace function wall.finish_erasure(request uuid)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
declare
  open_step text;
begin
  if exists (select from public.storage_deletions d where d.request_id = finish_erasure.request and d.done_at is null) then
    return 'files';
  end if;
  perform wall.note_step(finish_erasure.request, 3, 'files', true);
  select s.name into open_step
    from public.privacy_request_steps s
   where s.request_id = finish_erasure.request and s.status not in ('done', 'skipped')
   order by s.position
   limit 1;
  update public.privacy_requests r
     set status = case when open_step is null then 'done' else 'waiting_processor' end,
         proof_sha256 = (select a.row_hash
                           from public.admin_audit_events a
                          where a.object_table = 'privacy_requests' and a.object_id = r.id::text
                            and a.action = 'subject.erased'
                          order by a.id desc
                          limit 1)
   where r.id = finish_erasure.request
     and (r.status = 'running' or r.status = 'waiting_processor' and open_step is null);
  return coalesce(open_step, 'done');
end
$wall$;

comment on function wall.finish_erasure(uuid) is 'What a request still waits for once the rows are gone: files, processors, or nothing, and then it is done.';

revoke all on function wall.finish_erasure(uuid) from public, anon, authenticated, service_role;

-- wall.audit_code

create or replace function wall.audit_code(person uuid)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
declare
  known uuid;
begin
  if wall.erased(audit_code.person) then
    return '00000000-0000-0000-0000-000000000000';  -- has the form of an id, and leads to nobody
  end if;
  select c.id into known from public.audit_codes c where c.subject_id = audit_code.person;
  if known is null and exists (select from auth.users u where u.id = audit_code.person) then
    insert into public.audit_codes (subject_id) values (audit_code.person) on conflict (subject_id) do nothing;
    select c.id into known from public.audit_codes c where c.subject_id = audit_code.person;
  end if;
  return known::text;
end
$wall$;

comment on function wall.audit_code(uuid) is 'The code that stands for a person in the audit trail; null for an id that is nobody''s.';

revoke all on function wall.audit_code(uuid) from public, anon, authenticated, service_role;

-- public.erase_subject

create or replace function public.erase_subject(privacy_request_id uuid)
returns table(table_name text, affected bigint, state text, reason text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Each call goes as far as it can without waiting for anybody, and says what comes next:
--   waiting     the tombstone is written; transactions are open that began before it, or another request of the same
--               person erases them
--   busy        somebody works with the person's rows at this moment; nothing was changed
--   paused      an open dispute or a hold, with its code as the reason
--   files       the rows are gone; listed files must be deleted in storage
--   processors  what others hold for us must be deleted there
--   done        nothing is left; the request is closed
--   refused, cancelled   the request was closed without it, and its person was erased by another one
#variable_conflict use_column
declare
  asked public.privacy_requests;
  counts jsonb := '[]';
  patience text := current_setting('lock_timeout');
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'erase_subject runs only at READ COMMITTED'
      using errcode = '25001', hint = 'Call it in a transaction of its own, with the default isolation level.';
  end if;
  table_name := 'privacy_requests';
  affected := 0;
  set constraints public.erased_subjects_whole deferred;
  begin
    perform set_config('lock_timeout', '100ms', true);
    select r.* into asked from public.privacy_requests r where r.id = erase_subject.privacy_request_id for update nowait;
    if asked.kind is distinct from 'deletion'
       or asked.subject_id is not null and asked.status <> 'running' then
      raise exception 'this privacy request does not allow erasure'
        using errcode = '42501', hint = 'Erasure needs a deletion request that is verified and running.';
    end if;
    if asked.subject_id is not null then
      if not pg_try_advisory_xact_lock(wall.lock_number('person ' || asked.subject_id)) then
        raise lock_not_available;
      end if;
      reason := wall.erasure_pause(asked.subject_id);
      if reason is not null then
        perform wall.note_pause(asked.id, reason);
        state := 'paused';
      elsif exists (
              select
                from public.erased_subjects e
               where e.subject_id = asked.subject_id and e.request_id <> asked.id) then
        state := 'waiting';
        reason := 'another_request';
      elsif not exists (select from public.erased_subjects e where e.request_id = asked.id) then
        perform wall.begin_erasure(asked.id, asked.subject_id);
      else
        update public.erased_subjects e
           set barrier_xid = pg_current_xact_id()
         where e.request_id = asked.id and e.barrier_xid is null and e.tombstone_xid <> pg_current_xact_id();
      end if;
      if state is null and not wall.erasure_settled(asked.id) then
        state := 'waiting';
        reason := 'older_transactions';
      end if;
      if state is null then
        perform wall.lock_rows_of_person(asked.subject_id);
        begin
          update public.erased_subjects e set erasing_xid = pg_current_xact_id() where e.request_id = asked.id;
        exception
          when object_in_use then  -- the table asks once more, and some numbers can no longer be told from older ones
            state := 'waiting';
            reason := 'older_transactions';
        end;
      end if;
      if state is null then
        update public.privacy_requests r
           set status = 'cancelled'
         where r.subject_id = asked.subject_id and r.id <> asked.id and r.status in ('received', 'verified');
        -- Nobody else's erasure begins meanwhile: a gift could be on its way to them.
        perform from public.erasure_keys k for share nowait;
        select jsonb_agg(jsonb_build_array(r.table_name, r.affected)) into counts
          from wall.erase_rows(asked.subject_id, asked.id) r;
        perform wall.note_step(asked.id, 2, 'rows', true);
        insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
        values ('server', 'subject.erased', 'privacy_requests', asked.id::text, 'done',
                jsonb_build_object('rows', (select sum((c ->> 1)::bigint) from jsonb_array_elements(counts) c)));
      end if;
    end if;
    if state is null and asked.status in ('refused', 'cancelled') then
      state := asked.status;
    end if;
    state := coalesce(state, wall.finish_erasure(asked.id));
    perform set_config('lock_timeout', patience, true);
  exception
    when lock_not_available then
      state := 'busy';
      reason := 'rows_in_use';
      counts := '[]';
  end;
  if jsonb_array_length(counts) = 0 then
    return next;
  end if;
  return query
  select c ->> 0, (c ->> 1)::bigint, erase_subject.state, erase_subject.reason from jsonb_array_elements(counts) c;
end
$wall$;

comment on function public.erase_subject(uuid) is 'Erases one person; call it again until the state is done. Each call goes as far as it can without waiting.';

revoke all on function public.erase_subject(uuid) from public, anon, authenticated, service_role;

grant execute on function public.erase_subject(uuid) to service_role;

-- public.finish_storage_deletion

create or replace function public.finish_storage_deletion(deletion_id uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
begin
  update public.storage_deletions d
     set done_at = now(), storage_path = null
   where d.id = finish_storage_deletion.deletion_id and d.done_at is null;
  return found;
end
$wall$;

comment on function public.finish_storage_deletion(uuid) is 'Notes that storage has deleted a listed file, and forgets its path; false when that was noted before.';

revoke all on function public.finish_storage_deletion(uuid) from public, anon, authenticated, service_role;

grant execute on function public.finish_storage_deletion(uuid) to service_role;

-- public.open_share_card

create or replace function public.open_share_card(slug text)
returns table(title text, symbol text, palette text, one_line text)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- An unknown, a closed and a withdrawn card all look the same from outside: nothing.
#variable_conflict use_column
begin
  return query
  select c.title, c.symbol, c.palette, c.one_line
    from public.share_cards c
    join public.oracle_artifacts a on a.id = c.artifact_id
   where c.slug = open_share_card.slug
     and c.revoked_at is null
     and a.state <> 'withdrawn'
     and wall.consent_stands(a.subject_id, 'public_share', a.id);
end
$wall$;

comment on function public.open_share_card(text) is 'Shows the public fields of one card to whoever holds its link, while the consent stands.';

revoke all on function public.open_share_card(text) from public, anon, authenticated, service_role;

grant execute on function public.open_share_card(text) to anon, authenticated, service_role;

-- wall.append_consent

create or replace function wall.append_consent(subject uuid, purpose text, action text, request uuid, notice uuid, scope uuid, evidence jsonb)
returns bigint
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
#variable_conflict use_column
declare
  entry bigint;
begin
  insert into public.consent_events (request_id, subject_id, purpose, action, scope_id, notice_id, evidence)
  values (append_consent.request, append_consent.subject, append_consent.purpose, append_consent.action,
          append_consent.scope, append_consent.notice, append_consent.evidence)
      on conflict (request_id) do nothing
  returning id into entry;
  if entry is null then
    select e.id into entry
      from public.consent_events e
     where e.request_id = append_consent.request
       and e.subject_id = append_consent.subject
       and e.purpose = append_consent.purpose
       and e.action = append_consent.action
       and e.scope_id is not distinct from append_consent.scope;
  end if;
  if entry is null then
    raise exception 'this request_id was used for another decision'
      using errcode = '23505', hint = 'Use a new request_id for each decision.';
  end if;
  return entry;
end
$wall$;

comment on function wall.append_consent(uuid, text, text, uuid, uuid, uuid, jsonb) is 'Adds one entry to the ledger with the caller''s own rights; the same request again gives the same entry.';

revoke all on function wall.append_consent(uuid, text, text, uuid, uuid, uuid, jsonb) from public, anon, authenticated, service_role;

grant execute on function wall.append_consent(uuid, text, text, uuid, uuid, uuid, jsonb) to authenticated, service_role;

-- public.give_consent

create or replace function public.give_consent(purpose text, notice_id uuid, request_id uuid, scope_id uuid default null, evidence jsonb default null)
returns bigint
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
begin
  return wall.append_consent((select auth.uid()), purpose, 'given', request_id, notice_id, scope_id, evidence);
end
$wall$;

comment on function public.give_consent(text, uuid, uuid, uuid, jsonb) is 'A signed-in person gives a consent; the ledger entry is theirs and nobody else''s.';

revoke all on function public.give_consent(text, uuid, uuid, uuid, jsonb) from public, anon, authenticated, service_role;

grant execute on function public.give_consent(text, uuid, uuid, uuid, jsonb) to authenticated;

-- public.withdraw_consent

create or replace function public.withdraw_consent(purpose text, request_id uuid, scope_id uuid default null)
returns bigint
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
begin
  return wall.append_consent((select auth.uid()), purpose, 'withdrawn', request_id, null, scope_id, null);
end
$wall$;

comment on function public.withdraw_consent(text, uuid, uuid) is 'Withdrawing is one call and no harder than giving.';

revoke all on function public.withdraw_consent(text, uuid, uuid) from public, anon, authenticated, service_role;

grant execute on function public.withdraw_consent(text, uuid, uuid) to authenticated;

-- public.record_consent

create or replace function public.record_consent(subject_id uuid, purpose text, action text, request_id uuid, notice_id uuid default null, scope_id uuid default null, evidence jsonb default null)
returns bigint
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
begin
  return wall.append_consent(subject_id, purpose, action, request_id, notice_id, scope_id, evidence);
end
$wall$;

comment on function public.record_consent(uuid, text, text, uuid, uuid, uuid, jsonb) is 'The site''s server records what a visitor answered, with the wording they saw.';

revoke all on function public.record_consent(uuid, text, text, uuid, uuid, uuid, jsonb) from public, anon, authenticated, service_role;

grant execute on function public.record_consent(uuid, text, text, uuid, uuid, uuid, jsonb) to service_role;

-- public.accept_gift

create or replace function public.accept_gift(token text)
returns uuid
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- The token is compared by its hash, and a giver cannot accept their own gift. guard_gift holds the same against every
-- other statement: it asks for the token that is noted here, which nobody but the recipient was given.
declare
  gift uuid;
begin
  perform wall.refuse_stale_snapshot();
  perform set_config('wall.gift_token', accept_gift.token, true);
  update public.gift_recipients g
     set accepted_at = now(), accepted_subject_id = (select auth.uid())
   where g.token_sha256 = sha256(convert_to(accept_gift.token, 'UTF8'))
     and (select auth.uid()) is not null
     and g.subject_id <> (select auth.uid())
     and g.accepted_at is null
     and g.withdrawn_at is null
     and g.expires_at > now()
     and wall.consent_lasts(g.consent_event_id)
     and not exists (select from public.oracle_artifacts a where a.id = g.artifact_id and a.state = 'withdrawn')
  returning g.artifact_id into gift;
  perform set_config('wall.gift_token', '', true);
  if gift is null then
    raise exception 'this invitation cannot be accepted'
      using errcode = 'P0002', hint = 'It may have expired, been withdrawn, or been accepted already.';
  end if;
  return gift;
end
$wall$;

comment on function public.accept_gift(text) is 'A gift opens only when its recipient accepts it, signed in as themselves.';

revoke all on function public.accept_gift(text) from public, anon, authenticated, service_role;

grant execute on function public.accept_gift(text) to authenticated;

-- public.request_privacy

create or replace function public.request_privacy(kind text)
returns uuid
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
#variable_conflict use_column
declare
  request uuid;
begin
  insert into public.privacy_requests (subject_id, kind)
  values ((select auth.uid()), request_privacy.kind)
  returning id into request;
  return request;
end
$wall$;

comment on function public.request_privacy(text) is 'A person asks for their data, or for its end, in one call; the month starts to run.';

revoke all on function public.request_privacy(text) from public, anon, authenticated, service_role;

grant execute on function public.request_privacy(text) to authenticated;

-- public.verify_passport_record

create or replace function public.verify_passport_record(record_id uuid)
returns boolean
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set bytea_output = 'hex'
as $wall$
-- Runs with the caller's rights: whoever may not read the record learns nothing about it.
declare
  record public.passport_records;
  scroll public.oracle_scrolls;
begin
  select p.* into record from public.passport_records p where p.id = verify_passport_record.record_id;
  if record.id is null then
    raise exception 'no such Passport record' using errcode = 'P0002', hint = 'Pass a record of your own.';
  end if;
  select s.* into scroll from public.oracle_scrolls s where s.id = record.scroll_id;
  return coalesce(
    record.seal_hash = wall.seal_content(to_jsonb(record))
    and scroll.seal_hash = wall.seal_content(to_jsonb(scroll))
    and scroll.seal_hash = record.scroll_seal_hash, false);
end
$wall$;

comment on function public.verify_passport_record(uuid) is 'Anybody who may read a Passport record can verify its seal, and that of the scroll behind it.';

revoke all on function public.verify_passport_record(uuid) from public, anon, authenticated, service_role;

grant execute on function public.verify_passport_record(uuid) to authenticated, service_role;

-- public.seal_scroll

create or replace function public.seal_scroll(scroll_id uuid)
returns bytea
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
#variable_conflict use_column
declare
  seal bytea;
begin
  update public.oracle_scrolls s
     set sealed_at = now()
   where s.id = seal_scroll.scroll_id
  returning s.seal_hash into seal;
  if seal is null then
    raise exception 'no such scroll' using errcode = 'P0002', hint = 'Pass the id of an unsealed scroll.';
  end if;
  return seal;
end
$wall$;

comment on function public.seal_scroll(uuid) is 'Seals a finished reading; from here on not a letter of it changes.';

revoke all on function public.seal_scroll(uuid) from public, anon, authenticated, service_role;

grant execute on function public.seal_scroll(uuid) to service_role;

-- public.seal_passport_record

create or replace function public.seal_passport_record(record_id uuid)
returns bytea
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
#variable_conflict use_column
declare
  seal bytea;
begin
  update public.passport_records p
     set sealed_at = now()
   where p.id = seal_passport_record.record_id
  returning p.seal_hash into seal;
  if seal is null then
    raise exception 'no such Passport record'
      using errcode = 'P0002', hint = 'Pass the id of an unsealed record.';
  end if;
  return seal;
end
$wall$;

comment on function public.seal_passport_record(uuid) is 'Seals a Passport record together with the seal of its scroll.';

revoke all on function public.seal_passport_record(uuid) from public, anon, authenticated, service_role;

grant execute on function public.seal_passport_record(uuid) to service_role;

-- wall.broken_seals

create or replace function wall.broken_seals()
returns table(table_name text, row_id uuid)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set bytea_output = 'hex'
as $wall$
#variable_conflict use_column
begin
  return query
  select 'oracle_scrolls', s.id
    from public.oracle_scrolls s
   where s.sealed_at is not null and s.seal_hash <> wall.seal_content(to_jsonb(s))
  union all
  select 'passport_records', p.id
    from public.passport_records p
    join public.oracle_scrolls s on s.id = p.scroll_id
   where p.sealed_at is not null
     and (p.seal_hash <> wall.seal_content(to_jsonb(p)) or p.scroll_seal_hash is distinct from s.seal_hash);
end
$wall$;

comment on function wall.broken_seals() is 'Names every sealed row whose content no longer gives its seal.';

revoke all on function wall.broken_seals() from public, anon, authenticated, service_role;

grant execute on function wall.broken_seals() to service_role, oracle_operator;

-- public.record_stripe_event

create or replace function public.record_stripe_event(event_id text, type text, stripe_created_at timestamptz, livemode boolean, payload jsonb, object_id text default null, checkout_session_id text default null, api_version text default null)
returns boolean
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
-- One statement, so that ten deliveries at once still record one event; the unique index decides who was first.
#variable_conflict use_column
declare
  seen integer;
begin
  insert into public.stripe_events as e
         (id, type, stripe_created_at, livemode, payload, object_id, checkout_session_id, api_version)
  values (record_stripe_event.event_id, wall.stripe_type(record_stripe_event.type), record_stripe_event.stripe_created_at,
          record_stripe_event.livemode, record_stripe_event.payload, record_stripe_event.object_id,
          record_stripe_event.checkout_session_id, record_stripe_event.api_version)
      on conflict (id) do update set deliveries = e.deliveries + 1
  returning e.deliveries into seen;
  return seen = 1;
end
$wall$;

comment on function public.record_stripe_event(text, text, timestamptz, boolean, jsonb, text, text, text) is 'Records an event exactly once: true for the first delivery, false for every repetition.';

revoke all on function public.record_stripe_event(text, text, timestamptz, boolean, jsonb, text, text, text) from public, anon, authenticated, service_role;

grant execute on function public.record_stripe_event(text, text, timestamptz, boolean, jsonb, text, text, text) to service_role;

-- public.record_audit_event

create or replace function public.record_audit_event(actor_kind text, action text, object_table text, object_id text, outcome text default 'done', details jsonb default '{}', actor_id text default null)
returns bigint
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
#variable_conflict use_column
declare
  entry bigint;
begin
  insert into public.admin_audit_events
         (actor_kind, actor_id, action, object_table, object_id, outcome, details)
  values (record_audit_event.actor_kind, record_audit_event.actor_id, record_audit_event.action,
          record_audit_event.object_table, record_audit_event.object_id, record_audit_event.outcome,
          record_audit_event.details)
  returning id into entry;
  return entry;
end
$wall$;

comment on function public.record_audit_event(text, text, text, text, text, jsonb, text) is 'Writes one line of the audit trail; free text does not fit into it.';

revoke all on function public.record_audit_event(text, text, text, text, text, jsonb, text) from public, anon, authenticated, service_role;

grant execute on function public.record_audit_event(text, text, text, text, text, jsonb, text) to service_role;

-- wall.ledgers

create or replace function wall.ledgers()
returns text[]
language plpgsql
immutable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
begin
  return array['consent_events', 'admin_audit_events'];
end
$wall$;

comment on function wall.ledgers() is 'The ledgers, by name.';

revoke all on function wall.ledgers() from public, anon, authenticated, service_role;

-- wall.longest_write

create or replace function wall.longest_write()
returns interval
language plpgsql
immutable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
begin
  return interval '3600 seconds';
end
$wall$;

comment on function wall.longest_write() is 'How much later than it was dated a row of a ledger may be committed.';

revoke all on function wall.longest_write() from public, anon, authenticated, service_role;

-- public.seal_ledgers

create or replace function public.seal_ledgers(most integer default 10000)
returns table(ledger text, sealed bigint, head bytea)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Chains rows after they were committed. Writers take no lock for it; only two sealers wait for each other, by a lock
-- that no login may take.
-- A row may be committed later than one with a higher number, but not that much later: verify_ledger names such a row.
#variable_conflict use_column
declare
  entry bigint;
begin
  lock table public.ledger_seals in share update exclusive mode;
  foreach ledger in array wall.ledgers() loop
    sealed := 0;
    for entry in execute format(
      'select e.id
         from public.%I e
        where e.id > coalesce((
                select s.row_id
                  from public.ledger_seals s
                 where s.ledger = $1 and s.created_at < now() - wall.longest_write()
                 order by s.row_id desc
                 limit 1), 0)
          and not exists (select from public.ledger_seals s where s.ledger = $1 and s.row_id = e.id)
        order by e.id
        limit $2', ledger) using ledger, most
    loop
      insert into public.ledger_seals (ledger, row_id) values (seal_ledgers.ledger, entry);
      sealed := sealed + 1;
    end loop;
    select s.chain_hash into head
      from public.ledger_seals s
     where s.ledger = seal_ledgers.ledger
     order by s.position desc
     limit 1;
    head := coalesce(head, ''::bytea);
    return next;
  end loop;
end
$wall$;

comment on function public.seal_ledgers(integer) is 'Chains what was written since the last call; writers never wait for it, or for each other.';

revoke all on function public.seal_ledgers(integer) from public, anon, authenticated, service_role;

grant execute on function public.seal_ledgers(integer) to service_role;

-- public.verify_ledger

create or replace function public.verify_ledger(ledger text, latest bigint default null)
returns table(intact boolean, checked bigint, unsealed bigint, broken_row bigint, problem text)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set bytea_output = 'hex'
as $wall$
-- Walks the chain from its beginning, or from the link before the latest ones; the first that does not hold is named.
-- The way back is wall.reseal_ledger, once the rows were compared with a backup and the anchors.
#variable_conflict use_column
declare
  link record;
  place bigint;
  expected bytea;
begin
  if ledger = any (wall.ledgers()) is not true then
    raise exception 'no such ledger'
      using errcode = '22023', hint = 'Choose ' || array_to_string(wall.ledgers(), ' or ') || '.';
  end if;
  if latest < 1 then
    raise exception 'nothing to verify'
      using errcode = '22023', hint = 'Let latest be 1 or more, or leave it out to walk the whole chain.';
  end if;
  intact := true;
  checked := 0;
  select s.position, s.chain_hash into place, expected
    from public.ledger_seals s
   where s.ledger = verify_ledger.ledger and latest is not null
   order by s.position desc
  offset latest
   limit 1;
  place := coalesce(place, 0);
  expected := coalesce(expected, ''::bytea);
  -- The limit is what tells the planner how few links there are to look up; null is no limit.
  for link in execute format(
    'select s.position, s.row_id, s.row_hash, s.chain_hash, s.created_at, e.id, e.row_hash as own_hash, wall.ledger_content(to_jsonb(e)) as content,
            to_jsonb(e) as entry
       from (select l.*
               from public.ledger_seals l
              where l.ledger = $1 and l.position > $2
              order by l.position
              limit $3) s
       left join public.%I e on e.id = s.row_id
      order by s.position', verify_ledger.ledger) using verify_ledger.ledger, place, latest
  loop
    checked := checked + 1;
    place := place + 1;
    expected := sha256(expected || int8send(place) || int8send(link.row_id)
                       || timestamptz_send(link.created_at) || link.row_hash);
    problem := case
                 when link.position <> place then 'a link of the chain is missing before this row'
                 when link.chain_hash <> expected then 'the chain itself was changed at this row'
                 when link.id is null then 'this row was removed'
                 when link.row_hash not in (link.content, link.own_hash) or link.content <> link.own_hash then 'this row was changed'
                 when link.entry ->> 'personal_salt' is not null
                  and sha256(convert_to(
                        (link.entry ->> 'personal_salt') || (link.entry ->> 'subject_id')
                        || coalesce(nullif(link.entry -> 'evidence', 'null')::text, ''), 'UTF8'))
                      <> decode(substr(link.entry ->> 'personal_digest', 3), 'hex')
                   then 'the person or the evidence in this row was changed'
                 when link.entry ->> 'personal_salt' is null
                  and num_nonnulls(link.entry ->> 'subject_id', link.entry ->> 'evidence') > 0
                   then 'the person or the evidence in this row was changed'
               end;
    if problem is not null then
      intact := false;
      broken_row := link.row_id;
      return next;
      return;
    end if;
  end loop;
  execute format(
    'select count(*),
            min(e.id) filter (where e.row_hash <> wall.ledger_content(to_jsonb(e))
                                 or e.id <= coalesce((
                                      select s.row_id
                                        from public.ledger_seals s
                                       where s.ledger = $1 and s.created_at < now() - wall.longest_write()
                                       order by s.row_id desc
                                       limit 1), 0))
       from (select r.* from public.%I r order by r.id desc limit $2) e
      where not exists (select from public.ledger_seals s where s.ledger = $1 and s.row_id = e.id)', verify_ledger.ledger)
    into unsealed, broken_row using verify_ledger.ledger, latest;
  if broken_row is not null then
    intact := false;
    problem := 'this row was slipped in, or changed before it was sealed';
  end if;
  return next;
end
$wall$;

comment on function public.verify_ledger(text, bigint) is 'Walks the chain and names the first row that was changed, removed or slipped in.';

revoke all on function public.verify_ledger(text, bigint) from public, anon, authenticated, service_role;

grant execute on function public.verify_ledger(text, bigint) to service_role, oracle_operator;

-- wall.reseal_ledger

create or replace function wall.reseal_ledger(ledger text, place bigint default null)
returns table(intact boolean, remade bigint, broken_row bigint, problem text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Only the owner of the tables calls it. It mends links, never a row: put a changed row back from a backup first.
-- The links from `place` on go and are made anew in one transaction; the audit line keeps how many, and the old end.
#variable_conflict use_column
declare
  broken record;
  first_broken bigint;
  old_end bytea;
begin
  select v.* into broken from public.verify_ledger(reseal_ledger.ledger) v;
  if broken.intact then
    raise exception 'the chain of this ledger is intact'
      using errcode = '55000', hint = 'Only a chain that verify_ledger calls broken can be sealed again.';
  end if;
  lock table public.ledger_seals in share row exclusive mode;
  select s.position into first_broken
    from public.ledger_seals s
   where s.ledger = reseal_ledger.ledger and s.row_id = broken.broken_row;
  first_broken := coalesce(reseal_ledger.place, first_broken);
  if first_broken is null then
    raise exception 'the first row that does not fit has no link'
      using errcode = '55000', hint = 'Compare the row with a backup and the anchors, or pass the link to begin with.';
  end if;
  select s.chain_hash into old_end
    from public.ledger_seals s
   where s.ledger = reseal_ledger.ledger
   order by s.position desc
   limit 1;
  alter table public.ledger_seals disable trigger ledger_seals_kept;
  delete from public.ledger_seals s where s.ledger = reseal_ledger.ledger and s.position >= first_broken;
  get diagnostics remade = row_count;
  alter table public.ledger_seals enable always trigger ledger_seals_kept;
  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
  values ('operator', 'ledger.resealed', reseal_ledger.ledger, first_broken::text, 'done',
          jsonb_build_object('links', remade, 'old_end', encode(old_end, 'hex')));
  perform public.seal_ledgers(2147483647);
  select v.intact, v.broken_row, v.problem into intact, broken_row, problem
    from public.verify_ledger(reseal_ledger.ledger) v;
  return next;
end
$wall$;

comment on function wall.reseal_ledger(text, bigint) is 'The way back when somebody with the whole server broke a chain: makes its links anew and records that.';

revoke all on function wall.reseal_ledger(text, bigint) from public, anon, authenticated, service_role;

-- wall.end_attempt

create or replace function wall.end_attempt(job_id bigint, lease_token uuid, outcome text, error_class text, retry_after_seconds integer)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Without a token the lease itself must have run out, and a job that somebody else holds is left to them.
-- Consents are judged at this moment; if one goes before the job is written, the gate on the table says so, and the
-- second turn sees it.
-- Full jitter: a random pause up to a limit that doubles with each attempt, six hours at most; a provider may ask for
-- a day at most.
#variable_conflict use_column
declare
  job public.delivery_jobs;
  may_leave boolean;
  waits boolean;
  stopped boolean;
  next_status text;
begin
  if end_attempt.lease_token is null then
    select j.* into job
      from public.delivery_jobs j
     where j.id = end_attempt.job_id and j.status = 'running' and j.lease_until < now()
       for update skip locked;
  else
    select j.* into job
      from public.delivery_jobs j
     where j.id = end_attempt.job_id and j.lease_token = end_attempt.lease_token
       for update;
  end if;
  if job.id is null then
    return 'fenced';
  end if;
  waits := wall.job_waits(job.channel, job.leg);
  loop
    may_leave := wall.job_consents_stand(job.subject_id, job.channel, job.leg, job.artifact_id);
    stopped := not may_leave or (job.cancel_requested and not waits);
    next_status := case
                     when stopped and waits then 'waiting'
                     when stopped then 'cancelled'
                     when end_attempt.outcome = 'released' then 'pending'
                     when end_attempt.outcome = 'permanent' or job.attempts >= job.max_attempts then 'dead'
                     else 'pending'
                   end;
    begin
      update public.delivery_jobs j
         set status = next_status,
             lease_token = null,
             lease_until = null,
             worker = null,
             cancel_requested = false,
             attempts = j.attempts - (end_attempt.outcome = 'released')::integer,
             error_class = coalesce(end_attempt.error_class, j.error_class),
             finished_at = case when next_status in ('dead', 'cancelled') then now() end,
             next_run_at = case
                             when end_attempt.outcome = 'released' then now()
                             else now() + make_interval(secs => greatest(
                                    least(coalesce(end_attempt.retry_after_seconds, 0), 86400),
                                    random() * least(21600, 10 * power(2, least(j.attempts, 20)))))
                           end
       where j.id = job.id;
      exit;
    exception when insufficient_privilege then
      if not may_leave then
        raise;
      end if;
    end;
  end loop;
  insert into public.delivery_attempts (job_id, attempt, outcome, error_class, worker)
  values (job.id, job.attempts, case when stopped then 'cancelled' else end_attempt.outcome end,
          end_attempt.error_class, job.worker);
  return next_status;
end
$wall$;

comment on function wall.end_attempt(bigint, uuid, text, text, integer) is 'One place decides what follows an attempt that did not succeed: another one, a dead letter, or the end.';

revoke all on function wall.end_attempt(bigint, uuid, text, text, integer) from public, anon, authenticated, service_role;

-- public.enqueue_delivery_job

create or replace function public.enqueue_delivery_job(channel text, subject_id uuid, artifact_id uuid default null, purchase_id uuid default null, echo_entry_id uuid default null, generation integer default 0, run_at timestamptz default now())
returns setof bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- A leg that waits for a consent is kept in the account until the consent is given; any other leg without its
-- consents is refused by the gate on the table. The answer of this moment holds nobody up: it is given again at commit.
#variable_conflict use_column
declare
  setting record;
  job bigint;
  target uuid := coalesce(enqueue_delivery_job.echo_entry_id, enqueue_delivery_job.artifact_id,
                          enqueue_delivery_job.purchase_id);
begin
  if target is null then
    raise exception 'a job needs an artifact, a purchase or an Echo'
      using errcode = '22023';
  end if;
  for setting in
    select s.leg, s.max_attempts, s.support_path,
           s.waits and not wall.job_consents_stand(enqueue_delivery_job.subject_id, enqueue_delivery_job.channel,
                                                   s.leg, enqueue_delivery_job.artifact_id) as waiting
      from wall.job_settings(enqueue_delivery_job.channel) s
  loop
    insert into public.delivery_jobs
           (idempotency_key, channel, leg, subject_id, artifact_id, purchase_id, echo_entry_id,
            status, max_attempts, next_run_at, support_path)
    values (concat_ws(':', enqueue_delivery_job.channel, setting.leg, target, enqueue_delivery_job.generation),
            enqueue_delivery_job.channel, setting.leg, enqueue_delivery_job.subject_id,
            enqueue_delivery_job.artifact_id, enqueue_delivery_job.purchase_id, enqueue_delivery_job.echo_entry_id,
            case when setting.waiting then 'waiting' else 'pending' end,
            setting.max_attempts, enqueue_delivery_job.run_at, setting.support_path)
        on conflict (idempotency_key) do nothing
    returning id into job;
    if job is null then
      select j.id into job
        from public.delivery_jobs j
       where j.idempotency_key =
             concat_ws(':', enqueue_delivery_job.channel, setting.leg, target, enqueue_delivery_job.generation);
    end if;
    return next job;
  end loop;
  if job is null then
    raise exception 'unknown delivery channel'
      using errcode = '22023', hint = 'Choose one of the channels that the rules track.';
  end if;
end
$wall$;

comment on function public.enqueue_delivery_job(text, uuid, uuid, uuid, uuid, integer, timestamptz) is 'Queues a delivery once, in the transaction of what it delivers; one job for each leg.';

revoke all on function public.enqueue_delivery_job(text, uuid, uuid, uuid, uuid, integer, timestamptz) from public, anon, authenticated, service_role;

grant execute on function public.enqueue_delivery_job(text, uuid, uuid, uuid, uuid, integer, timestamptz) to service_role;

-- public.claim_delivery_jobs

create or replace function public.claim_delivery_jobs(worker text, most integer default 10, lease_seconds integer default 30, channels text[] default null)
returns table(job_id bigint, channel text, leg text, subject_id uuid, artifact_id uuid, purchase_id uuid, echo_entry_id uuid, attempts smallint, idempotency_key text, lease_token uuid)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- A fresh token for each claim: whoever lost the lease holds an old one, and changes nothing with it.
#variable_conflict use_column
declare
  token uuid := gen_random_uuid();
begin
  if coalesce(most, 0) not between 1 and 1000 or coalesce(lease_seconds, 0) not between 1 and 3600 then
    raise exception 'a claim must be for 1 to 1000 jobs and 1 to 3600 seconds' using errcode = '22023';
  end if;
  if coalesce(claim_delivery_jobs.worker !~ '^[a-z0-9][a-z0-9.-]{0,40}(?::[0-9]{1,10}){0,2}$', true) then
    raise exception 'the name of the worker has the wrong form' using errcode = '22023', hint = 'Use host and process, for example host:4711.';
  end if;
  return query
  with due as materialized (
    select j.id
      from public.delivery_jobs j
     where j.status = 'pending'
       and j.next_run_at <= now()
       and (claim_delivery_jobs.channels is null or j.channel = any (claim_delivery_jobs.channels))
     order by j.priority, j.next_run_at, j.id
     limit most
       for update skip locked
  )
  update public.delivery_jobs j
     set status = 'running',
         attempts = j.attempts + 1,
         lease_token = token,
         lease_until = now() + make_interval(secs => lease_seconds),
         worker = claim_delivery_jobs.worker
    from due
   where j.id = due.id
  returning j.id, j.channel, j.leg, j.subject_id, j.artifact_id, j.purchase_id, j.echo_entry_id,
            j.attempts, j.idempotency_key, j.lease_token;
end
$wall$;

comment on function public.claim_delivery_jobs(text, integer, integer, text[]) is 'Hands out due jobs, each to one worker, for a limited time.';

revoke all on function public.claim_delivery_jobs(text, integer, integer, text[]) from public, anon, authenticated, service_role;

grant execute on function public.claim_delivery_jobs(text, integer, integer, text[]) to service_role;

-- public.extend_delivery_leases

create or replace function public.extend_delivery_leases(lease_token uuid, lease_seconds integer default 30)
returns setof bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
#variable_conflict use_column
begin
  if coalesce(lease_seconds, 0) not between 1 and 3600 then
    raise exception 'a lease lasts 1 to 3600 seconds' using errcode = '22023';
  end if;
  return query
  update public.delivery_jobs j
     set lease_until = now() + make_interval(secs => extend_delivery_leases.lease_seconds)
   where j.lease_token = extend_delivery_leases.lease_token
     and j.status = 'running'
     and not j.cancel_requested
  returning j.id;
end
$wall$;

comment on function public.extend_delivery_leases(uuid, integer) is 'A slow job stays with its worker as long as the worker is alive; a missing number means: stop.';

revoke all on function public.extend_delivery_leases(uuid, integer) from public, anon, authenticated, service_role;

grant execute on function public.extend_delivery_leases(uuid, integer) to service_role;

-- public.may_send_delivery_job

create or replace function public.may_send_delivery_job(job_id bigint, lease_token uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Looks at the ledger and at the real clock, and holds nothing: send right after the answer.
#variable_conflict use_column
declare
  job public.delivery_jobs;
begin
  perform wall.refuse_stale_snapshot();
  select j.* into job
    from public.delivery_jobs j
   where j.id = may_send_delivery_job.job_id
     and j.lease_token = may_send_delivery_job.lease_token
     and not j.cancel_requested;
  return job.id is not null
     and wall.job_consents_stand(job.subject_id, job.channel, job.leg, job.artifact_id)
     and job.lease_until > clock_timestamp();
end
$wall$;

comment on function public.may_send_delivery_job(bigint, uuid) is 'The last question before anything leaves: is the job still mine, and does every consent stand at this moment?';

revoke all on function public.may_send_delivery_job(bigint, uuid) from public, anon, authenticated, service_role;

grant execute on function public.may_send_delivery_job(bigint, uuid) to service_role;

-- public.complete_delivery_job

create or replace function public.complete_delivery_job(job_id bigint, lease_token uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
#variable_conflict use_column
declare
  done public.delivery_jobs;
begin
  update public.delivery_jobs j
     set status = 'done', lease_token = null, lease_until = null, cancel_requested = false,
         error_class = null, finished_at = now()
   where j.id = complete_delivery_job.job_id and j.lease_token = complete_delivery_job.lease_token
  returning j.* into done;
  if done.id is null then
    return false;
  end if;
  insert into public.delivery_attempts (job_id, attempt, outcome, worker)
  values (done.id, done.attempts, 'done', done.worker);
  return true;
end
$wall$;

comment on function public.complete_delivery_job(bigint, uuid) is 'Marks a delivery as done; false when the lease had passed to somebody else.';

revoke all on function public.complete_delivery_job(bigint, uuid) from public, anon, authenticated, service_role;

grant execute on function public.complete_delivery_job(bigint, uuid) to service_role;

-- public.fail_delivery_job

create or replace function public.fail_delivery_job(job_id bigint, lease_token uuid, error_class text, permanent boolean default false, retry_after_seconds integer default null)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
#variable_conflict use_column
begin
  if coalesce(fail_delivery_job.error_class, '') !~ '^[a-z][a-z0-9_.]{0,39}$' then
    raise exception 'error_class is a short code such as smtp.5_1_1, never a text' using errcode = '22023';
  end if;
  if fail_delivery_job.lease_token is null then
    return 'fenced';
  end if;
  return wall.end_attempt(job_id, lease_token, case when permanent then 'permanent' else 'transient' end,
                          error_class, retry_after_seconds);
end
$wall$;

comment on function public.fail_delivery_job(bigint, uuid, text, boolean, integer) is 'Plans the next attempt with growing, random pauses, or moves the job to the dead letters.';

revoke all on function public.fail_delivery_job(bigint, uuid, text, boolean, integer) from public, anon, authenticated, service_role;

grant execute on function public.fail_delivery_job(bigint, uuid, text, boolean, integer) to service_role;

-- public.release_delivery_job

create or replace function public.release_delivery_job(job_id bigint, lease_token uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
#variable_conflict use_column
begin
  return release_delivery_job.lease_token is not null
     and wall.end_attempt(job_id, lease_token, 'released', null, null) <> 'fenced';
end
$wall$;

comment on function public.release_delivery_job(bigint, uuid) is 'A worker that stops gives an unstarted job back at once, and the attempt does not count.';

revoke all on function public.release_delivery_job(bigint, uuid) from public, anon, authenticated, service_role;

grant execute on function public.release_delivery_job(bigint, uuid) to service_role;

-- public.reap_delivery_leases

create or replace function public.reap_delivery_leases(most integer default 100)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Any worker may call it at any time: rows that somebody else holds are skipped, and no person's decision is waited for.
-- What decisions had to leave out meanwhile is settled on the way.
#variable_conflict use_column
declare
  expired bigint;
  recovered integer := 0;
begin
  for expired in
    select j.id
      from public.delivery_jobs j
     where j.status = 'running' and j.lease_until < now()
     order by j.lease_until
     limit most
  loop
    if wall.end_attempt(expired, null, 'lease_expired', 'lease.expired', null) <> 'fenced' then
      recovered := recovered + 1;
    end if;
  end loop;
  perform public.settle_consents(100);
  return recovered;
end
$wall$;

comment on function public.reap_delivery_leases(integer) is 'Recovers the jobs of workers that died; one that keeps killing its worker ends as a dead letter.';

revoke all on function public.reap_delivery_leases(integer) from public, anon, authenticated, service_role;

grant execute on function public.reap_delivery_leases(integer) to service_role;

-- public.retry_delivery_job

create or replace function public.retry_delivery_job(job_id bigint, reason_code text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Attempts start again from nought; the gate on the table asks for the consents once more.
#variable_conflict use_column
declare
  before text;
begin
  select j.status into before from public.delivery_jobs j where j.id = retry_delivery_job.job_id for update;
  if before is null or before not in ('dead', 'parked') then
    raise exception 'job % is %: only dead and parked jobs are retried', job_id, coalesce(before, 'unknown')
      using errcode = '55000', hint = 'Look at the job''s state first.';
  end if;
  update public.delivery_jobs j
     set status = 'pending', attempts = 0, next_run_at = now(), finished_at = null
   where j.id = retry_delivery_job.job_id;
  insert into public.admin_audit_events (actor_kind, actor_id, action, object_table, object_id, outcome, details)
  values (case when current_setting('role', true) = 'oracle_operator' then 'operator' else 'server' end,
          (select auth.uid())::text, 'job.retried', 'delivery_jobs', job_id::text, 'done',
          jsonb_build_object('from', before, 'reason', reason_code));
  return 'pending';
end
$wall$;

comment on function public.retry_delivery_job(bigint, text) is 'Support puts a dead or parked job back into the queue; the consents are asked again.';

revoke all on function public.retry_delivery_job(bigint, text) from public, anon, authenticated, service_role;

grant execute on function public.retry_delivery_job(bigint, text) to service_role, oracle_operator;

-- public.park_delivery_job

create or replace function public.park_delivery_job(job_id bigint, reason_code text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
#variable_conflict use_column
declare
  before text;
begin
  select j.status into before from public.delivery_jobs j where j.id = park_delivery_job.job_id for update;
  if before is null or before not in ('pending', 'waiting', 'dead') then
    raise exception 'job % is %: only pending, waiting and dead jobs are parked', job_id, coalesce(before, 'unknown')
      using errcode = '55000', hint = 'Wait until a running job has come to its end.';
  end if;
  update public.delivery_jobs j set status = 'parked' where j.id = park_delivery_job.job_id;
  insert into public.admin_audit_events (actor_kind, actor_id, action, object_table, object_id, outcome, details)
  values (case when current_setting('role', true) = 'oracle_operator' then 'operator' else 'server' end,
          (select auth.uid())::text, 'job.parked', 'delivery_jobs', job_id::text, 'done',
          jsonb_build_object('from', before, 'reason', reason_code));
  return 'parked';
end
$wall$;

comment on function public.park_delivery_job(bigint, text) is 'Support takes a job out of the queue until somebody has looked into it.';

revoke all on function public.park_delivery_job(bigint, text) from public, anon, authenticated, service_role;

grant execute on function public.park_delivery_job(bigint, text) to service_role, oracle_operator;

-- public.lease_ai_run

create or replace function public.lease_ai_run(run_id uuid, lease_seconds integer default 900)
returns text
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
-- The token is shown once and kept as its hash. A second lease makes a new token; the old one is dead.
-- Pass the token as a parameter, never inside the statement: who shares a login may read each other's statements.
#variable_conflict use_column
declare
  token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  leased uuid;
begin
  if coalesce(lease_seconds, 0) not between 1 and 900 then
    raise exception 'a lease lasts 1 to 900 seconds' using errcode = '22023';
  end if;
  update public.ai_runs r
     set token_sha256 = sha256(convert_to(token, 'UTF8')),
         leases = r.leases + 1,
         leased_at = coalesce(r.leased_at, clock_timestamp()),
         lease_until = least(clock_timestamp() + make_interval(secs => lease_ai_run.lease_seconds),
                             coalesce(r.leased_at, clock_timestamp()) + interval '900 seconds')
   where r.id = lease_ai_run.run_id
     and r.status = 'requested'
     and r.leases < 3
     and coalesce(r.leased_at, clock_timestamp()) + interval '900 seconds' > clock_timestamp()
  returning r.id into leased;
  if leased is null then
    raise exception 'this run cannot be leased'
      using errcode = '55000', hint = 'It is closed, or its leases are used up: discard it and ask for another.';
  end if;
  return token;
end
$wall$;

comment on function public.lease_ai_run(uuid, integer) is 'Gives out the token of one run, once; the process that talks to the AI gets that token and nothing else.';

revoke all on function public.lease_ai_run(uuid, integer) from public, anon, authenticated, service_role;

grant execute on function public.lease_ai_run(uuid, integer) to service_role;

-- wall.presented_token

create or replace function wall.presented_token()
returns bytea
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
-- From a session of its own, lab.ai_run_token; through the Data API, the header x-ai-run-token. What was true when a
-- transaction began may be withdrawn by now, so that a transaction that keeps its first view of the data is refused.
declare
  token text := nullif(current_setting('lab.ai_run_token', true), '');
begin
  if token is null then
    begin
      token := nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-ai-run-token';
    exception when invalid_text_representation then
      token := null;
    end;
  end if;
  if token is not null and current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    raise exception 'ai.briefs can only be read at READ COMMITTED'
      using errcode = '25001', hint = 'Begin the transaction with isolation level read committed.';
  end if;
  return sha256(convert_to(token, 'UTF8'));
end
$wall$;

comment on function wall.presented_token() is 'The hash of the token that this transaction came with, or nothing.';

revoke all on function wall.presented_token() from public, anon, authenticated, service_role;

grant execute on function wall.presented_token() to ai_worker;

-- wall.presented_consent

create or replace function wall.presented_consent()
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Takes no argument, so that whoever holds one token learns nothing about other people.
begin
  return exists (
    select
      from public.ai_runs r
     where r.token_sha256 = wall.presented_token() and wall.consent_stands(r.subject_id, 'ai_processing', null));
end
$wall$;

comment on function wall.presented_consent() is 'Whether the person of the run that this transaction has the token of allows AI, by the ledger''s newest entry.';

revoke all on function wall.presented_consent() from public, anon, authenticated, service_role;

grant execute on function wall.presented_consent() to ai_worker;

-- public.write_ai_run

create or replace function public.write_ai_run(token text, output jsonb)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- One statement finds the run and writes it: of two writers with the same token the second finds nothing.
#variable_conflict use_column
declare
  run uuid;
begin
  if coalesce(jsonb_typeof(write_ai_run.output), '') <> 'object' or octet_length(write_ai_run.output::text) > 65536 then
    raise exception 'an answer is one object of at most 65536 bytes' using errcode = '22023';
  end if;
  update public.ai_runs r
     set status = 'written', output = write_ai_run.output, token_sha256 = null
   where r.token_sha256 = sha256(convert_to(write_ai_run.token, 'UTF8'))
     and r.status = 'requested'
     and r.lease_until > clock_timestamp()
  returning r.id into run;
  if run is null then
    raise exception 'this token cannot write'
      using errcode = '42501', hint = 'It was used, its lease is over, or its run was discarded: ask for another run.';
  end if;
  return true;
end
$wall$;

comment on function public.write_ai_run(text, jsonb) is 'The AI writes the one run of its token, once, while the lease lasts and its owner allows it.';

revoke all on function public.write_ai_run(text, jsonb) from public, anon, authenticated, service_role;

grant execute on function public.write_ai_run(text, jsonb) to ai_worker;

-- public.promote_ai_run

create or replace function public.promote_ai_run(run_id uuid)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
-- The guard on the table looks at the words; here nothing is decided.
#variable_conflict use_column
declare
  words jsonb;
begin
  update public.ai_runs r
     set status = 'promoted'
   where r.id = promote_ai_run.run_id and r.status = 'written'
  returning r.output into words;
  if words is null then
    raise exception 'this run cannot be promoted'
      using errcode = '55000', hint = 'Only a run that was written can be promoted, and only once.';
  end if;
  return words;
end
$wall$;

comment on function public.promote_ai_run(uuid) is 'Takes an AI''s words over once they were checked, and answers with them.';

revoke all on function public.promote_ai_run(uuid) from public, anon, authenticated, service_role;

grant execute on function public.promote_ai_run(uuid) to service_role;

-- wall.fits_layer

create or replace function wall.fits_layer(layer text, output jsonb)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
select coalesce(case layer
  when 'echo' then case when jsonb_typeof(output) = 'object' then
         output ?& array['reply']
         and output - array['reply'] = '{}'
         and jsonb_typeof(output -> 'reply') = 'string' and char_length(output ->> 'reply') between 1 and 8000 and output ->> 'reply' ~ '\S'
       else false end
  when 'council' then case when jsonb_typeof(output) = 'object' then
         output ?& array['voices', 'summary']
         and output - array['voices', 'summary'] = '{}'
         and case when jsonb_typeof(output -> 'voices') = 'array' then
           jsonb_array_length(output -> 'voices') between 1 and 12
           and not exists (select from jsonb_array_elements(output -> 'voices') as e (value)
                            where not (case when jsonb_typeof(e.value) = 'object' then
         e.value ?& array['name', 'words']
         and e.value - array['name', 'words'] = '{}'
         and jsonb_typeof(e.value -> 'name') = 'string' and char_length(e.value ->> 'name') between 1 and 80 and e.value ->> 'name' ~ '\S'
         and jsonb_typeof(e.value -> 'words') = 'string' and char_length(e.value ->> 'words') between 1 and 4000 and e.value ->> 'words' ~ '\S'
       else false end))
         else false end
         and jsonb_typeof(output -> 'summary') = 'string' and char_length(output ->> 'summary') between 1 and 4000 and output ->> 'summary' ~ '\S'
       else false end
  end, false)
$wall$;

comment on function wall.fits_layer(text, jsonb) is 'Tells whether an answer has the keys, types and lengths of its layer, straight from the rules.';

revoke all on function wall.fits_layer(text, jsonb) from public, anon, authenticated, service_role;

-- wall.forbidden_words

create or replace function wall.forbidden_words(output jsonb)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $wall$
select f.title
  from jsonb_path_query(output, 'strict $.** ? (@.type() == "string")') as s (value), (values
    (0, 'an invisible character', '[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202e\u205f-\u206f\u2800\u3164\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff]'),
    (1, 'an address or a handle', '@'),
    (2, 'a link', '(?i)[a-z][a-z0-9+.-]*://|//[a-z0-9]|\mwww[0-9]*\.|<[a-z/!]|\]\s*[(\[:]|\m(data|mailto|tel|sms|javascript|vbscript|file|blob|about|urn|magnet|geo|intent|tg|whatsapp):\S'),
    (3, 'a domain', '[^\s\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e]\.[^\s\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e0-9]{2,}|[a-zA-Z0-9][\u3002\uff61\u2024][a-zA-Z]{2,}|[0-9]{1,3}(\.[0-9]{1,3}){3}'),
    (4, 'a number like a telephone''s', '\+[\s(]*[0-9]([\s().\u002f\u2010-\u2015-]*[0-9]){5,}|[0-9\u0660-\u0669\u06f0-\u06f9]([\s().\u002f\u2010-\u2015-]*[0-9\u0660-\u0669\u06f0-\u06f9]){8,}'),
    (5, 'an id', '(?i)[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}')
  ) as f (place, title, pattern)
 where s.value #>> '{}' ~ f.pattern or normalize(s.value #>> '{}', nfkc) ~ f.pattern
 order by f.place limit 1
$wall$;

comment on function wall.forbidden_words(jsonb) is 'Names what an answer holds and must not: a link, an address, an invisible character; null for nothing.';

revoke all on function wall.forbidden_words(jsonb) from public, anon, authenticated, service_role;

-- wall.repeats_others

create or replace function wall.repeats_others(person uuid, output jsonb)
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- What the person wrote or was given themselves may come back to them; what anybody else wrote may not.
declare
  found bigint[] := wall.word_digests((select string_agg(s.value #>> '{}', ' ') from jsonb_path_query(output, 'strict $.** ? (@.type() == "string")') as s (value)), true);
begin
  found := array(
    select unnest(found)
    except
    select unnest(wall.word_digests(t.question, true)) from public.oracle_scrolls t where t.subject_id = repeats_others.person
    except
    select unnest(wall.word_digests(t.answer, true)) from public.oracle_scrolls t where t.subject_id = repeats_others.person
    except
    select unnest(wall.word_digests(t.prompt, true)) from public.echo_entries t where t.subject_id = repeats_others.person
    except
    select unnest(wall.word_digests(t.reply, true)) from public.echo_entries t where t.subject_id = repeats_others.person
    except
    select unnest(wall.json_digests(t.voices, true)) from public.council_sessions t where t.subject_id = repeats_others.person
    except
    select unnest(wall.word_digests(t.summary, true)) from public.council_sessions t where t.subject_id = repeats_others.person
    except
    select unnest(wall.json_digests(t.output, true)) from public.ai_runs t where t.subject_id = repeats_others.person and t.status in ('promoted'));
  return exists (select from public.oracle_scrolls t where wall.word_digests(t.question, false) && found and t.subject_id <> repeats_others.person)
      or exists (select from public.oracle_scrolls t where wall.word_digests(t.answer, false) && found and t.subject_id <> repeats_others.person)
      or exists (select from public.echo_entries t where wall.word_digests(t.prompt, false) && found and t.subject_id <> repeats_others.person)
      or exists (select from public.echo_entries t where wall.word_digests(t.reply, false) && found and t.subject_id <> repeats_others.person)
      or exists (select from public.council_sessions t where wall.json_digests(t.voices, false) && found and t.subject_id <> repeats_others.person)
      or exists (select from public.council_sessions t where wall.word_digests(t.summary, false) && found and t.subject_id <> repeats_others.person)
      or exists (select from public.ai_runs t where wall.json_digests(t.output, false) && found and t.subject_id <> repeats_others.person);
end
$wall$;

comment on function wall.repeats_others(uuid, jsonb) is 'Tells whether an answer repeats what somebody else asked or was told.';

revoke all on function wall.repeats_others(uuid, jsonb) from public, anon, authenticated, service_role;

-- wall.check_consent_notices

create or replace function wall.check_consent_notices()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.purpose is null
      then 'purpose'
    when new.version is null
      then 'version'
    when new.locale is null
      then 'locale'
    when new.body is null
      then 'body'
    when new.body_sha256 is null
      then 'body_sha256'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (new.locale ~ '^(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?|x-[0-9a-f]{8})$') is false
      then 'consent_notices_locale_form'
    when (new.purpose = any ('{passport_write,email_delivery,public_share,gift_recipient,echo_followup,ai_processing}')) is false
      then 'consent_notices_purpose_allowed'
    when (new.version >= 1) is false
      then 'consent_notices_version_counts'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_consent_notices() is 'Refuses a row of consent_notices that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_consent_notices() from public, anon, authenticated, service_role;

-- wall.check_consent_events

create or replace function wall.check_consent_events()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.request_id is null
      then 'request_id'
    when new.purpose is null
      then 'purpose'
    when new.action is null
      then 'action'
    when new.personal_digest is null
      then 'personal_digest'
    when new.row_hash is null
      then 'row_hash'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (new.action = any ('{given,withdrawn}')) is false
      then 'consent_events_action_allowed'
    when (new.evidence is null or (jsonb_typeof(new.evidence) = 'object' and octet_length(new.evidence::text) <= 2000)) is false
      then 'consent_events_evidence_is_short'
    when (new.action = 'withdrawn' or new.notice_id is not null) is false
      then 'consent_events_given_with_wording'
    when (new.locale ~ '^(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?|x-[0-9a-f]{8})$') is false
      then 'consent_events_locale_form'
    when (new.purpose = any ('{passport_write,email_delivery,public_share,gift_recipient,echo_followup,ai_processing}')) is false
      then 'consent_events_purpose_allowed'
    when ((wall.consent_scope(new.purpose, '00000000-0000-0000-0000-000000000000') is not null) = (new.scope_id is not null)) is false
      then 'consent_events_scope_fits_purpose'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_consent_events() is 'Refuses a row of consent_events that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_consent_events() from public, anon, authenticated, service_role;

-- wall.check_oracle_scrolls

create or replace function wall.check_oracle_scrolls()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.subject_id is null
      then 'subject_id'
    when new.locale is null
      then 'locale'
    when new.question is null
      then 'question'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (new.locale ~ '^(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?|x-[0-9a-f]{8})$') is false
      then 'oracle_scrolls_locale_form'
    when (char_length(new.question) between 1 and 4000) is false
      then 'oracle_scrolls_question_length'
    when ((new.sealed_at is null) = (new.seal_hash is null)) is false
      then 'oracle_scrolls_seal_present'
    when (new.sealed_at is null or new.answer is not null) is false
      then 'oracle_scrolls_sealed_with_answer'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_oracle_scrolls() is 'Refuses a row of oracle_scrolls that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_oracle_scrolls() from public, anon, authenticated, service_role;

-- wall.check_oracle_artifacts

create or replace function wall.check_oracle_artifacts()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.subject_id is null
      then 'subject_id'
    when new.kind is null
      then 'kind'
    when new.state is null
      then 'state'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (new.content_sha256 is null or octet_length(new.content_sha256) = 32) is false
      then 'oracle_artifacts_content_is_sha256'
    when (new.kind = any ('{pdf,share_card,gift,print_view}')) is false
      then 'oracle_artifacts_kind_allowed'
    when (new.scroll_id is not null or new.kind = 'gift') is false
      then 'oracle_artifacts_only_a_gift_outlives'
    when (new.state = any ('{draft,ready,withdrawn}')) is false
      then 'oracle_artifacts_state_allowed'
    when (new.storage_path is null or new.storage_path ~ '^[0-9a-f][0-9a-f/-]{15,79}(\.[a-z0-9]{2,4})?$') is false
      then 'oracle_artifacts_storage_path_is_opaque'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_oracle_artifacts() is 'Refuses a row of oracle_artifacts that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_oracle_artifacts() from public, anon, authenticated, service_role;

-- wall.check_card_phrases

create or replace function wall.check_card_phrases()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.kind is null
      then 'kind'
    when new.name is null
      then 'name'
    when new.locale is null
      then 'locale'
    when new.version is null
      then 'version'
    when new.words is null
      then 'words'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (new.kind = any ('{title,line,symbol,palette}')) is false
      then 'card_phrases_kind_allowed'
    when (new.locale ~ '^(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?|x-[0-9a-f]{8})$') is false
      then 'card_phrases_locale_form'
    when (new.name ~ '^[a-z][a-z_-]{1,30}$') is false
      then 'card_phrases_name_is_a_code'
    when (new.version >= 1) is false
      then 'card_phrases_version_counts'
    when (char_length(new.words) between 1 and 140) is false
      then 'card_phrases_words_fit'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_card_phrases() is 'Refuses a row of card_phrases that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_card_phrases() from public, anon, authenticated, service_role;

-- wall.check_share_cards

create or replace function wall.check_share_cards()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.artifact_id is null
      then 'artifact_id'
    when new.slug is null
      then 'slug'
    when new.locale is null
      then 'locale'
    when new.title is null
      then 'title'
    when new.symbol is null
      then 'symbol'
    when new.palette is null
      then 'palette'
    when new.one_line is null
      then 'one_line'
    when new.title_kind is null
      then 'title_kind'
    when new.symbol_kind is null
      then 'symbol_kind'
    when new.palette_kind is null
      then 'palette_kind'
    when new.one_line_kind is null
      then 'one_line_kind'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (new.locale ~ '^(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?|x-[0-9a-f]{8})$') is false
      then 'share_cards_locale_form'
    when (new.one_line_kind = any ('{line}')) is false
      then 'share_cards_one_line_kind_allowed'
    when (new.palette_kind = any ('{palette}')) is false
      then 'share_cards_palette_kind_allowed'
    when (new.slug ~ '^[0-9a-f]{32}$') is false
      then 'share_cards_slug_is_long'
    when (new.symbol_kind = any ('{symbol}')) is false
      then 'share_cards_symbol_kind_allowed'
    when (new.title_kind = any ('{title}')) is false
      then 'share_cards_title_kind_allowed'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  broken := case
    when not exists (select from public.card_phrases r where r.words = new.title and r.locale = new.locale and r.kind = new.title_kind)
      then 'share_cards_title_fkey'
    when not exists (select from public.card_phrases r where r.words = new.symbol and r.locale = new.locale and r.kind = new.symbol_kind)
      then 'share_cards_symbol_fkey'
    when not exists (select from public.card_phrases r where r.words = new.palette and r.locale = new.locale and r.kind = new.palette_kind)
      then 'share_cards_palette_fkey'
    when not exists (select from public.card_phrases r where r.words = new.one_line and r.locale = new.locale and r.kind = new.one_line_kind)
      then 'share_cards_one_line_fkey'
  end;
  if broken is not null then
    raise exception 'insert or update on table "%" violates foreign key constraint "%"', tg_table_name, broken
      using errcode = '23503', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = 'Choose a row of the table that it refers to.';
  end if;
  return new;
end
$wall$;

comment on function wall.check_share_cards() is 'Refuses a row of share_cards that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_share_cards() from public, anon, authenticated, service_role;

-- wall.check_gift_recipients

create or replace function wall.check_gift_recipients()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.artifact_id is null
      then 'artifact_id'
    when new.consent_event_id is null
      then 'consent_event_id'
    when new.token_sha256 is null
      then 'token_sha256'
    when new.expires_at is null
      then 'expires_at'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (new.contact is null or new.contact ~ '^[^@\s]+@[^@\s]+$' and char_length(new.contact) <= 320) is false
      then 'gift_recipients_contact_is_an_address'
    when (new.expires_at <= new.created_at + interval '90 days') is false
      then 'gift_recipients_expires_in_time'
    when (new.expires_at > new.created_at) is false
      then 'gift_recipients_expires_later'
    when (new.subject_id is not null or new.accepted_subject_id is not null) is false
      then 'gift_recipients_giver_or_acceptance'
    when (octet_length(new.token_sha256) = 32) is false
      then 'gift_recipients_token_is_sha256'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_gift_recipients() is 'Refuses a row of gift_recipients that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_gift_recipients() from public, anon, authenticated, service_role;

-- wall.check_products

create or replace function wall.check_products()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.layer is null
      then 'layer'
    when new.stripe_product_id is null
      then 'stripe_product_id'
    when new.title is null
      then 'title'
    when new.livemode is null
      then 'livemode'
    when new.active is null
      then 'active'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (new.layer = any ('{scroll,artifacts,echo,council,passport,shop}')) is false
      then 'products_layer_allowed'
    when (new.stripe_product_id ~ '^prod_[A-Za-z0-9]{1,40}$') is false
      then 'products_stripe_product_form'
    when (new.title = any ('{Scroll,Artifacts,Echo,Council,Passport,Gift,Shop}')) is false
      then 'products_title_allowed'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_products() is 'Refuses a row of products that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_products() from public, anon, authenticated, service_role;

-- wall.check_purchase_links

create or replace function wall.check_purchase_links()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.product_id is null
      then 'product_id'
    when new.stripe_price_id is null
      then 'stripe_price_id'
    when new.amount_minor is null
      then 'amount_minor'
    when new.currency is null
      then 'currency'
    when new.livemode is null
      then 'livemode'
    when new.unlock_route is null
      then 'unlock_route'
    when new.active is null
      then 'active'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when ((new.currency not in ('bhd', 'jod', 'kwd', 'omr', 'tnd') or new.amount_minor % 10 = 0) and (new.currency not in ('isk') or new.amount_minor % 100 = 0)) is false
      then 'purchase_links_amount_minor_fits_currency'
    when (new.amount_minor >= 0) is false
      then 'purchase_links_amount_not_negative'
    when (new.currency = any ('{eur,usd,gbp,chf,dkk,nok,sek,pln,czk,huf,cad,aud,isk,jpy,krw,bhd,jod,kwd,omr,tnd}')) is false
      then 'purchase_links_currency_allowed'
    when (new.currency ~ '^[a-z]{3}$') is false
      then 'purchase_links_currency_is_iso'
    when (new.stripe_price_id ~ '^price_[A-Za-z0-9]{1,40}$') is false
      then 'purchase_links_stripe_price_form'
    when (new.unlock_route ~ '^/[a-z]{2,12}(/[a-z]{2,12})?$') is false
      then 'purchase_links_unlock_route_is_local'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_purchase_links() is 'Refuses a row of purchase_links that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_purchase_links() from public, anon, authenticated, service_role;

-- wall.check_purchases

create or replace function wall.check_purchases()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.checkout_session_id is null
      then 'checkout_session_id'
    when new.purchase_link_id is null
      then 'purchase_link_id'
    when new.status is null
      then 'status'
    when new.amount_minor is null
      then 'amount_minor'
    when new.amount_refunded_minor is null
      then 'amount_refunded_minor'
    when new.currency is null
      then 'currency'
    when new.livemode is null
      then 'livemode'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when ((new.currency not in ('bhd', 'jod', 'kwd', 'omr', 'tnd') or new.amount_minor % 10 = 0) and (new.currency not in ('isk') or new.amount_minor % 100 = 0)) is false
      then 'purchases_amount_minor_fits_currency'
    when (new.amount_minor >= 0) is false
      then 'purchases_amount_not_negative'
    when ((new.currency not in ('bhd', 'jod', 'kwd', 'omr', 'tnd') or new.amount_refunded_minor % 10 = 0) and (new.currency not in ('isk') or new.amount_refunded_minor % 100 = 0)) is false
      then 'purchases_amount_refunded_minor_fits_currency'
    when (new.currency = any ('{eur,usd,gbp,chf,dkk,nok,sek,pln,czk,huf,cad,aud,isk,jpy,krw,bhd,jod,kwd,omr,tnd}')) is false
      then 'purchases_currency_allowed'
    when (new.currency ~ '^[a-z]{3}$') is false
      then 'purchases_currency_is_iso'
    when (new.paid_at is null or least(new.unlocked_at, new.refunded_at, new.disputed_at) is null or least(new.unlocked_at, new.refunded_at, new.disputed_at) >= new.paid_at) is false
      then 'purchases_dates_in_order'
    when (new.status not in ('disputed') or new.disputed_at is not null) is false
      then 'purchases_disputed_at_needed'
    when (new.disputed_at is null or new.status in ('paid', 'refunded', 'disputed')) is false
      then 'purchases_disputed_at_only'
    when (new.status not in ('paid', 'refunded', 'disputed') or new.paid_at is not null) is false
      then 'purchases_paid_at_needed'
    when (new.paid_at is null or new.status in ('paid', 'refunded', 'disputed')) is false
      then 'purchases_paid_at_only'
    when (new.status not in ('paid', 'refunded', 'disputed') or new.amount_minor = 0 or new.payment_intent_id is not null) is false
      then 'purchases_paid_by_a_payment'
    when (new.payment_intent_id ~ '^pi_[A-Za-z0-9]{1,40}$') is false
      then 'purchases_payment_intent_id_form'
    when (new.amount_refunded_minor between 0 and new.amount_minor) is false
      then 'purchases_refund_within_amount'
    when (new.amount_refunded_minor = 0 or new.status in ('paid', 'refunded', 'disputed')) is false
      then 'purchases_refunded_after_paid'
    when (new.status not in ('refunded') or new.refunded_at is not null) is false
      then 'purchases_refunded_at_needed'
    when (new.refunded_at is null or new.status in ('refunded')) is false
      then 'purchases_refunded_at_only'
    when ((new.status = 'refunded') = (new.amount_refunded_minor = new.amount_minor and new.amount_minor > 0)) is false
      then 'purchases_refunded_in_full'
    when (new.livemode and new.checkout_session_id ~ '^cs_live_[A-Za-z0-9]{1,70}$' or not new.livemode and new.checkout_session_id ~ '^cs_test_[A-Za-z0-9]{1,70}$') is false
      then 'purchases_session_has_its_mode'
    when (new.status = any ('{open,processing,paid,failed,expired,refunded,disputed}')) is false
      then 'purchases_status_allowed'
    when (new.unlocked_at is null or new.status in ('paid', 'refunded', 'disputed')) is false
      then 'purchases_unlocked_at_only'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_purchases() is 'Refuses a row of purchases that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_purchases() from public, anon, authenticated, service_role;

-- wall.check_stripe_events

create or replace function wall.check_stripe_events()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.type is null
      then 'type'
    when new.stripe_created_at is null
      then 'stripe_created_at'
    when new.livemode is null
      then 'livemode'
    when new.status is null
      then 'status'
    when new.deliveries is null
      then 'deliveries'
    when new.attempts is null
      then 'attempts'
    when new.payload is null
      then 'payload'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (new.api_version ~ '^20[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[.][a-z]{3,12})?$') is false
      then 'stripe_events_api_version_form'
    when (new.checkout_session_id ~ '^cs_(?:test_|live_)?[A-Za-z0-9]{1,70}$') is false
      then 'stripe_events_checkout_session_id_form'
    when (new.error_class is null or new.error_class ~ '^[a-z][a-z0-9_.]{0,39}$') is false
      then 'stripe_events_error_is_a_code'
    when (new.id ~ '^evt_[A-Za-z0-9_]{1,40}$') is false
      then 'stripe_events_event_form'
    when (new.object_id ~ '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$') is false
      then 'stripe_events_object_id_form'
    when (wall.is_stripe_payload(new.payload)) is false
      then 'stripe_events_payload_is_listed'
    when (new.status = any ('{received,processing,done,ignored,failed,needs_review}')) is false
      then 'stripe_events_status_allowed'
    when (new.type = wall.stripe_type(new.type)) is false
      then 'stripe_events_type_is_known'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_stripe_events() is 'Refuses a row of stripe_events that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_stripe_events() from public, anon, authenticated, service_role;

-- wall.check_echo_entries

create or replace function wall.check_echo_entries()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.subject_id is null
      then 'subject_id'
    when new.scroll_id is null
      then 'scroll_id'
    when new.status is null
      then 'status'
    when new.due_at is null
      then 'due_at'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (new.prompt is null or char_length(new.prompt) <= 4000) is false
      then 'echo_entries_prompt_length'
    when (new.status not in ('returned') or new.reply is not null) is false
      then 'echo_entries_reply_needed'
    when (new.status not in ('returned') or new.returned_at is not null) is false
      then 'echo_entries_returned_at_needed'
    when (new.returned_at is null or new.status in ('returned')) is false
      then 'echo_entries_returned_at_only'
    when (new.status = any ('{scheduled,returned,cancelled}')) is false
      then 'echo_entries_status_allowed'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_echo_entries() is 'Refuses a row of echo_entries that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_echo_entries() from public, anon, authenticated, service_role;

-- wall.check_council_sessions

create or replace function wall.check_council_sessions()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.subject_id is null
      then 'subject_id'
    when new.scroll_id is null
      then 'scroll_id'
    when new.voices is null
      then 'voices'
    when new.status is null
      then 'status'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (new.status not in ('closed') or new.closed_at is not null) is false
      then 'council_sessions_closed_at_needed'
    when (new.closed_at is null or new.status in ('closed')) is false
      then 'council_sessions_closed_at_only'
    when (new.status <> 'closed' or jsonb_array_length(new.voices) > 0) is false
      then 'council_sessions_closed_with_voices'
    when (new.status = any ('{gathering,closed,cancelled}')) is false
      then 'council_sessions_status_allowed'
    when (jsonb_typeof(new.voices) = 'array' and jsonb_array_length(new.voices) <= 12) is false
      then 'council_sessions_voices_are_a_list'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_council_sessions() is 'Refuses a row of council_sessions that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_council_sessions() from public, anon, authenticated, service_role;

-- wall.check_passport_records

create or replace function wall.check_passport_records()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.subject_id is null
      then 'subject_id'
    when new.scroll_id is null
      then 'scroll_id'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when ((new.sealed_at is null) = (new.seal_hash is null)) is false
      then 'passport_records_seal_present'
    when (new.sealed_at is null or new.scroll_seal_hash is not null) is false
      then 'passport_records_sealed_with_scroll'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_passport_records() is 'Refuses a row of passport_records that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_passport_records() from public, anon, authenticated, service_role;

-- wall.check_ai_runs

create or replace function wall.check_ai_runs()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.subject_id is null
      then 'subject_id'
    when new.layer is null
      then 'layer'
    when new.scroll_id is null
      then 'scroll_id'
    when new.fields_given is null
      then 'fields_given'
    when new.model is null
      then 'model'
    when new.status is null
      then 'status'
    when new.leases is null
      then 'leases'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (coalesce(array_ndims(new.fields_given), 0) = 1 and new.fields_given <@ array['locale', 'question']::text[]) is false
      then 'ai_runs_fields_are_given_alone'
    when (new.layer = any ('{echo,council}')) is false
      then 'ai_runs_layer_allowed'
    when (new.lease_until is null or new.lease_until <= new.leased_at + interval '900 seconds') is false
      then 'ai_runs_lease_has_a_limit'
    when ((new.leases > 0) = (new.leased_at is not null) and (new.leases > 0) = (new.lease_until is not null) and (new.token_sha256 is null or new.leases > 0)) is false
      then 'ai_runs_leased_as_a_whole'
    when (new.leases between 0 and 3) is false
      then 'ai_runs_leases_are_few'
    when (new.model ~ '^(?=.*[0-9])[a-z0-9][a-z0-9.:-]{0,30}(?:/[a-z0-9][a-z0-9.:-]{0,40})?$') is false
      then 'ai_runs_model_form'
    when (new.output is null or octet_length(new.output::text) <= 65536) is false
      then 'ai_runs_output_is_bounded'
    when (new.status not in ('written', 'promoted') or new.output is not null) is false
      then 'ai_runs_output_needed'
    when (new.output is null or new.status in ('written', 'promoted')) is false
      then 'ai_runs_output_only'
    when (new.status not in ('promoted') or new.promoted_at is not null) is false
      then 'ai_runs_promoted_at_needed'
    when (new.promoted_at is null or new.status in ('promoted')) is false
      then 'ai_runs_promoted_at_only'
    when (new.status = any ('{requested,written,promoted,discarded}')) is false
      then 'ai_runs_status_allowed'
    when (new.token_sha256 is null or new.status in ('requested')) is false
      then 'ai_runs_token_sha256_only'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_ai_runs() is 'Refuses a row of ai_runs that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_ai_runs() from public, anon, authenticated, service_role;

-- wall.check_email_suppressions

create or replace function wall.check_email_suppressions()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.address_sha256 is null
      then 'address_sha256'
    when new.reason is null
      then 'reason'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (octet_length(new.address_sha256) = 32) is false
      then 'email_suppressions_address_is_sha256'
    when (new.provider_code is null or new.provider_code ~ '^[0-9a-z._-]{1,24}$') is false
      then 'email_suppressions_code_is_short'
    when (new.reason = any ('{hard_bounce,complaint,unsubscribed,manual}')) is false
      then 'email_suppressions_reason_allowed'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_email_suppressions() is 'Refuses a row of email_suppressions that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_email_suppressions() from public, anon, authenticated, service_role;

-- wall.check_privacy_requests

create or replace function wall.check_privacy_requests()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.kind is null
      then 'kind'
    when new.status is null
      then 'status'
    when new.due_at is null
      then 'due_at'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when ((new.closed_at is not null) = (new.status in ('done', 'refused', 'cancelled'))) is false
      then 'privacy_requests_closed_when_answered'
    when ((new.extended_until is null) = (new.extension_reason is null)) is false
      then 'privacy_requests_extension_has_a_reason'
    when (new.extended_until is null or new.extended_until > new.due_at) is false
      then 'privacy_requests_extension_is_later'
    when (new.extended_until is null or new.extended_until <= new.due_at + interval '2 months') is false
      then 'privacy_requests_extension_is_limited'
    when (new.extension_reason = any ('{complexity,number_of_requests}')) is false
      then 'privacy_requests_extension_reason_allowed'
    when (new.kind = any ('{export,deletion,anonymization}')) is false
      then 'privacy_requests_kind_allowed'
    when (new.subject_id is not null or new.status <> 'received') is false
      then 'privacy_requests_somebody_asks'
    when (new.status = any ('{received,verified,running,waiting_processor,done,refused,cancelled}')) is false
      then 'privacy_requests_status_allowed'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_privacy_requests() is 'Refuses a row of privacy_requests that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_privacy_requests() from public, anon, authenticated, service_role;

-- wall.check_privacy_request_steps

create or replace function wall.check_privacy_request_steps()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.request_id is null
      then 'request_id'
    when new.position is null
      then 'position'
    when new.name is null
      then 'name'
    when new.status is null
      then 'status'
    when new.attempts is null
      then 'attempts'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (new.name ~ '^[a-z][a-z_]{2,39}$') is false
      then 'privacy_request_steps_name_is_a_code'
    when (new.status = any ('{pending,running,done,failed,skipped}')) is false
      then 'privacy_request_steps_status_allowed'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_privacy_request_steps() is 'Refuses a row of privacy_request_steps that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_privacy_request_steps() from public, anon, authenticated, service_role;

-- wall.check_erasure_keys

create or replace function wall.check_erasure_keys()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.key is null
      then 'key'
    when new.tombstones is null
      then 'tombstones'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (new.id = 1) is false
      then 'erasure_keys_only_one'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_erasure_keys() is 'Refuses a row of erasure_keys that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_erasure_keys() from public, anon, authenticated, service_role;

-- wall.check_erased_subjects

create or replace function wall.check_erased_subjects()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.tombstone is null
      then 'tombstone'
    when new.request_id is null
      then 'request_id'
    when new.tombstone_xid is null
      then 'tombstone_xid'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_erased_subjects() is 'Refuses a row of erased_subjects that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_erased_subjects() from public, anon, authenticated, service_role;

-- wall.check_storage_deletions

create or replace function wall.check_storage_deletions()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (new.request_id is not null or new.row_id is not null) is false
      then 'storage_deletions_listed_for_something'
    when ((new.done_at is null) = (new.storage_path is not null)) is false
      then 'storage_deletions_listed_until_done'
    when (new.storage_path is null or new.storage_path ~ '^[0-9a-f][0-9a-f/-]{15,79}(\.[a-z0-9]{2,4})?$') is false
      then 'storage_deletions_storage_path_is_opaque'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_storage_deletions() is 'Refuses a row of storage_deletions that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_storage_deletions() from public, anon, authenticated, service_role;

-- wall.check_legal_holds

create or replace function wall.check_legal_holds()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.table_name is null
      then 'table_name'
    when new.row_id is null
      then 'row_id'
    when new.reason_code is null
      then 'reason_code'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (new.reason_code = any ('{legal_claim,tax_audit,authority_order,fraud_inquiry}')) is false
      then 'legal_holds_reason_code_allowed'
    when (new.row_id ~ '^([0-9a-f-]{36}|[0-9]{1,19})$') is false
      then 'legal_holds_row_is_a_key'
    when (new.table_name = any ('{oracle_scrolls,oracle_artifacts,share_cards,gift_recipients,purchases,echo_entries,council_sessions,passport_records,ai_runs,consent_events,consents,delivery_jobs,delivery_attempts,privacy_requests}')) is false
      then 'legal_holds_table_name_allowed'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_legal_holds() is 'Refuses a row of legal_holds that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_legal_holds() from public, anon, authenticated, service_role;

-- wall.check_audit_codes

create or replace function wall.check_audit_codes()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.subject_id is null
      then 'subject_id'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_audit_codes() is 'Refuses a row of audit_codes that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_audit_codes() from public, anon, authenticated, service_role;

-- wall.check_admin_audit_events

create or replace function wall.check_admin_audit_events()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
  missing := case
    when new.id is null
      then 'id'
    when new.actor_kind is null
      then 'actor_kind'
    when new.action is null
      then 'action'
    when new.object_table is null
      then 'object_table'
    when new.object_id is null
      then 'object_id'
    when new.outcome is null
      then 'outcome'
    when new.details is null
      then 'details'
    when new.row_hash is null
      then 'row_hash'
    when new.created_at is null
      then 'created_at'
  end;
  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
  broken := case
    when (wall.names_action(new.action)) is false
      then 'admin_audit_events_action_is_a_code'
    when (new.actor_id is null or wall.names_row('actor', new.actor_id)) is false
      then 'admin_audit_events_actor_is_an_id'
    when (new.actor_kind = any ('{subject,operator,server,worker,system}')) is false
      then 'admin_audit_events_actor_kind_allowed'
    when (wall.is_operational(new.details)) is false
      then 'admin_audit_events_details_are_operational'
    when (wall.names_row(new.object_table, new.object_id)) is false
      then 'admin_audit_events_object_is_an_id'
    when (new.outcome = any ('{done,refused,failed}')) is false
      then 'admin_audit_events_outcome_allowed'
  end;
  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
  return new;
end
$wall$;

comment on function wall.check_admin_audit_events() is 'Refuses a row of admin_audit_events that breaks a constraint, under the constraint''s name and without its values.';

revoke all on function wall.check_admin_audit_events() from public, anon, authenticated, service_role;
