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
returns public.consent_events
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
declare
  entry public.consent_events;
begin
  if newest_consent.scope is null then
    select e.* into entry
      from public.consent_events e
     where e.subject_id = newest_consent.subject and e.purpose = newest_consent.purpose and e.scope_id is null
     order by e.scope_id desc, e.id desc
     limit 1;
  else
    select e.* into entry
      from public.consent_events e
     where e.subject_id = newest_consent.subject and e.purpose = newest_consent.purpose
       and e.scope_id = newest_consent.scope
     order by e.scope_id desc, e.id desc
     limit 1;
  end if;
  return entry;
end
$wall$;

comment on function wall.newest_consent(uuid, text, uuid) is 'The newest entry of the ledger for one person, purpose and scope; nulls when there is none.';

revoke all on function wall.newest_consent(uuid, text, uuid) from public, anon, authenticated, service_role;

-- wall.job_consents_stand

create or replace function wall.job_consents_stand(subject uuid, channel text, leg text, artifact_id uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- The answer is of this moment and holds nothing: a withdrawal never waits for whoever asked.
declare
  purpose text;
begin
  foreach purpose in array wall.job_purposes(channel, leg) loop
    if not wall.consent_stands(subject, purpose, wall.consent_scope(purpose, job_consents_stand.artifact_id)) then
      return false;
    end if;
  end loop;
  return true;
end
$wall$;

comment on function wall.job_consents_stand(uuid, text, text, uuid) is 'Tells whether every consent of a job stands at this moment; holds nothing.';

revoke all on function wall.job_consents_stand(uuid, text, text, uuid) from public, anon, authenticated, service_role;

-- wall.erasing

create or replace function wall.erasing(subject uuid)
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $wall$
begin
  return exists (
    select
      from public.privacy_requests r
     where r.subject_id = erasing.subject and r.kind = 'deletion' and r.status = 'running');
end
$wall$;

comment on function wall.erasing(uuid) is 'What is sealed or appended gives way to one thing alone: a running deletion request of its own subject.';

revoke all on function wall.erasing(uuid) from public, anon, authenticated, service_role;

-- wall.lock_person

create or replace function wall.lock_person(subject uuid, alone boolean, milliseconds integer)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Tries instead of waiting in line: a bounded wait is over long before deadlock_timeout (1 s by default), so that nobody
-- who takes this lock is ever the victim of a deadlock.
declare
  number bigint := hashtextextended('person ' || lock_person.subject, 0);
  deadline timestamptz := clock_timestamp() + make_interval(secs => lock_person.milliseconds / 1000.0);
begin
  loop
    if (case when lock_person.alone then pg_try_advisory_xact_lock(number)
             else pg_try_advisory_xact_lock_shared(number) end) then
      return true;
    end if;
    if clock_timestamp() >= deadline then
      return false;
    end if;
    perform pg_sleep(0.001);
  end loop;
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
    raise exception 'something was committed since this transaction began, which it does not see'
      using errcode = '40001', hint = 'Try the whole transaction again; at READ COMMITTED this does not happen.';
  end if;
end
$wall$;

comment on function wall.refuse_stale_snapshot() is 'A transaction that sees the data of its beginning decides nothing about a consent once they have changed.';

revoke all on function wall.refuse_stale_snapshot() from public, anon, authenticated, service_role;

-- wall.settle_consent

create or replace function wall.settle_consent(subject uuid, purpose text, scope uuid, incomplete boolean)
returns table(jobs bigint, closed bigint)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Makes everything follow the newest entry of the ledger. Waits for nobody: rows that somebody else holds are left out,
-- the consent is then marked as unsettled, and settle_consents comes back to it. Until then whoever uses such a row
-- asks the ledger: may_send_delivery_job, open_share_card, accept_gift.
#variable_conflict use_column
declare
  entry public.consent_events := wall.newest_consent(settle_consent.subject, settle_consent.purpose, settle_consent.scope);
  left_out boolean := settle_consent.incomplete;
  reached bigint;
begin
  jobs := 0;
  closed := 0;
  if entry.id is null then
    return next;
    return;
  end if;

  if entry.action = 'given' then
    -- E-mail legs that waited for this consent, and now miss none, join the queue.
    with due as materialized (
      select j.id
        from public.delivery_jobs j
       where j.subject_id = settle_consent.subject
         and j.status = 'waiting'
         and settle_consent.purpose = any (wall.job_purposes(j.channel, j.leg))
         and wall.consent_scope(settle_consent.purpose, j.artifact_id) is not distinct from settle_consent.scope
         and wall.job_consents_stand(j.subject_id, j.channel, j.leg, j.artifact_id)
         for update skip locked
    )
    update public.delivery_jobs j
       set status = 'pending', next_run_at = now()
      from due
     where j.id = due.id;
    get diagnostics jobs = row_count;
    left_out := left_out or exists (
      select
        from public.delivery_jobs j
       where j.subject_id = settle_consent.subject
         and j.status = 'waiting'
         and settle_consent.purpose = any (wall.job_purposes(j.channel, j.leg))
         and wall.consent_scope(settle_consent.purpose, j.artifact_id) is not distinct from settle_consent.scope
         and wall.job_consents_stand(j.subject_id, j.channel, j.leg, j.artifact_id));
  else
    -- A running job is asked to stop: its worker asks once more before anything leaves.
    with due as materialized (
      select j.id, wall.job_waits(j.channel, j.leg) as waits
        from public.delivery_jobs j
       where j.subject_id = settle_consent.subject
         and (j.status = 'pending' or j.status = 'running' and not j.cancel_requested)
         and settle_consent.purpose = any (wall.job_purposes(j.channel, j.leg))
         and wall.consent_scope(settle_consent.purpose, j.artifact_id) is not distinct from settle_consent.scope
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
    left_out := left_out or exists (
      select
        from public.delivery_jobs j
       where j.subject_id = settle_consent.subject
         and (j.status = 'pending' or j.status = 'running' and not j.cancel_requested)
         and settle_consent.purpose = any (wall.job_purposes(j.channel, j.leg))
         and wall.consent_scope(settle_consent.purpose, j.artifact_id) is not distinct from settle_consent.scope);

    if settle_consent.purpose = 'public_share' then
      with due as materialized (
        select s.id
          from public.share_cards s
         where s.artifact_id = settle_consent.scope and s.revoked_at is null
           for update skip locked
      )
      update public.share_cards s set revoked_at = now() from due where s.id = due.id;
      get diagnostics closed = row_count;
      left_out := left_out or exists (
        select from public.share_cards s where s.artifact_id = settle_consent.scope and s.revoked_at is null);
    elsif settle_consent.purpose = 'gift_recipient' then
      -- The address goes with the consent to use it, also of a gift that was accepted: its recipient has an account now.
      with due as materialized (
        select g.id
          from public.gift_recipients g
         where g.artifact_id = settle_consent.scope
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
      left_out := left_out or exists (
        select
          from public.gift_recipients g
         where g.artifact_id = settle_consent.scope
           and (num_nonnulls(g.accepted_at, g.withdrawn_at) = 0 or num_nonnulls(g.contact, g.recipient_name) > 0));
    elsif settle_consent.purpose = 'echo_followup' then
      with due as materialized (
        select e.id
          from public.echo_entries e
         where e.subject_id = settle_consent.subject and e.status = 'scheduled'
           for update skip locked
      )
      update public.echo_entries e set status = 'cancelled' from due where e.id = due.id;
      get diagnostics closed = row_count;
      left_out := left_out or exists (
        select from public.echo_entries e where e.subject_id = settle_consent.subject and e.status = 'scheduled');
    elsif settle_consent.purpose = 'ai_processing' then
      with due as materialized (
        select r.id
          from public.ai_runs r
         where r.subject_id = settle_consent.subject and r.status = 'requested'
           for update skip locked
      )
      update public.ai_runs r set status = 'discarded' from due where r.id = due.id;
      get diagnostics closed = row_count;
      left_out := left_out or exists (
        select from public.ai_runs r where r.subject_id = settle_consent.subject and r.status = 'requested');
    end if;
  end if;

  -- The copy last, with its mark. A first copy is written by one transaction at a time, and by none that would wait.
  if not exists (
       select
         from public.consents c
        where c.subject_id = settle_consent.subject and c.purpose = settle_consent.purpose
          and c.scope_id is not distinct from settle_consent.scope)
     and pg_try_advisory_xact_lock(hashtextextended(
           concat_ws(' ', 'consent', settle_consent.subject, settle_consent.purpose, settle_consent.scope), 0)) then
    insert into public.consents (subject_id, purpose, scope_id, standing, event_id, changed_at, unsettled)
    values (settle_consent.subject, settle_consent.purpose, settle_consent.scope, entry.action = 'given', entry.id,
            entry.created_at, left_out)
        on conflict (subject_id, purpose, scope_id) do nothing;
    get diagnostics reached = row_count;
  end if;
  if coalesce(reached, 0) = 0 then
    with due as materialized (
      select c.id
        from public.consents c
       where c.subject_id = settle_consent.subject and c.purpose = settle_consent.purpose
         and c.scope_id is not distinct from settle_consent.scope
         and (c.event_id, c.unsettled) is distinct from (entry.id, left_out)
         for update skip locked
    )
    update public.consents c
       set standing = entry.action = 'given',
           event_id = entry.id,
           changed_at = entry.created_at,
           unsettled = left_out
      from due
     where c.id = due.id;
  end if;
  return next;
end
$wall$;

comment on function wall.settle_consent(uuid, text, uuid, boolean) is 'Makes the copy, the queue, cards, gifts, Echoes and AI runs follow the newest entry; waits for nobody.';

revoke all on function wall.settle_consent(uuid, text, uuid, boolean) from public, anon, authenticated, service_role;

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
    raise exception 'settling looks at 1 to 100000 entries' using errcode = '22023';
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
    perform wall.settle_consent(place.subject_id, place.purpose, place.scope_id, false);
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
  raise exception '% keeps what was written: % is refused', tg_table_name, lower(tg_op)
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
    if wall.erasing(person) then
      return old;
    end if;
  end loop;
  raise exception '% keeps its rows: % is refused', tg_table_name, lower(tg_op)
    using errcode = '42501', hint = 'A row goes only with its person, by a deletion request that is running.';
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
-- Runs only when one of the columns in the argument has changed.
begin
  raise exception '% identifies its rows by %: these columns never change', tg_table_name, tg_argv[0]
    using errcode = '42501', hint = 'Write a new row instead.';
end
$wall$;

comment on function wall.refuse_rewrite() is 'What identifies a row never changes; a different thing is a different row.';

revoke all on function wall.refuse_rewrite() from public, anon, authenticated, service_role;

-- wall.refuse_illegal_move

create or replace function wall.refuse_illegal_move()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Runs only when the move is not among the legal ones.
declare
  origin text := case when tg_op = 'UPDATE' then to_jsonb(old) ->> tg_argv[0] else 'the beginning' end;
begin
  raise exception '%.% cannot go from % to %', tg_table_name, tg_argv[0], origin, to_jsonb(new) ->> tg_argv[0]
    using errcode = '23514', hint = 'The rules list the legal moves beside the column.';
end
$wall$;

comment on function wall.refuse_illegal_move() is 'A state only moves the way its rules allow, whoever writes it.';

revoke all on function wall.refuse_illegal_move() from public, anon, authenticated, service_role;

-- wall.refuse_private_text

create or replace function wall.refuse_private_text()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Compares letters and digits alone, so that punctuation, accents, case and line breaks hide nothing. Refused are the
-- whole question inside the card, and any twenty letters in a row that stand in the question as well.
declare
  question text;
  card text := lower(regexp_replace(normalize(concat(new.title, new.one_line, new.symbol, new.palette), nfkd),
                                    '[^[:alnum:]]+', '', 'g'));
begin
  select lower(regexp_replace(normalize(s.question, nfkd), '[^[:alnum:]]+', '', 'g'))
    into question
    from public.oracle_artifacts a
    join public.oracle_scrolls s on s.id = a.scroll_id
   where a.id = new.artifact_id;
  if (length(question) >= 6 and position(question in card) > 0)
     or exists (
          select
            from generate_series(1, length(card) - 19) as place
           where position(substr(card, place, 20) in question) > 0) then
    raise exception 'a share-card repeats the private question'
      using errcode = '42501', hint = 'Choose words for the card that were not asked.';
  end if;
  return new;
end
$wall$;

comment on function wall.refuse_private_text() is 'A share-card that repeats the question, or a good part of it, is refused.';

revoke all on function wall.refuse_private_text() from public, anon, authenticated, service_role;

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
  foreach purpose in array wall.job_purposes(new.channel, new.leg) loop
    if not wall.consent_stands(new.subject_id, purpose, wall.consent_scope(purpose, new.artifact_id)) then
      raise exception 'the % job needs the consent %, which does not stand', new.channel, purpose
        using errcode = '42501', hint = 'Ask for the consent first; what was bought is ready in the account meanwhile.';
    end if;
  end loop;
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
-- A withdrawal of the same transaction came after the row was written, and has settled it already.
declare
  entry jsonb := to_jsonb(new);
  artifact uuid := (entry ->> 'artifact_id')::uuid;
  person uuid := (entry ->> 'subject_id')::uuid;
  decision public.consent_events;
begin
  if person is null then
    select a.subject_id into person from public.oracle_artifacts a where a.id = artifact;
  end if;
  if not wall.lock_person(person, false, 2000) then
    raise exception '% cannot be written while its owner decides about the consent %', tg_table_name, tg_argv[0]
      using errcode = '40001', hint = 'Try the whole transaction again.';
  end if;
  perform wall.refuse_stale_snapshot();
  if wall.consent_stands(person, tg_argv[0], wall.consent_scope(tg_argv[0], artifact)) then
    return null;
  end if;
  decision := wall.newest_consent(person, tg_argv[0], wall.consent_scope(tg_argv[0], artifact));
  if exists (select from public.consent_events e where e.id = decision.id and e.xmin = pg_current_xact_id()::xid) then
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
  perform wall.lock_person(new.subject_id, false, 20);
  perform wall.refuse_stale_snapshot();
  perform wall.settle_job(new.id);
  return null;
end
$wall$;

comment on function wall.settle_job_at_commit() is 'A job whose consents changed before it was committed waits, joins the queue or is cancelled, and none fails for it.';

revoke all on function wall.settle_job_at_commit() from public, anon, authenticated, service_role;

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
    raise exception 'an anonymous sign-in has no Passport'
      using errcode = '42501', hint = 'Let the person turn the anonymous sign-in into an account first.';
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
       and (tg_op = 'INSERT' or new.scroll_id is distinct from old.scroll_id)
       and not exists (
         select
           from public.oracle_scrolls t
          where t.id = new.scroll_id
            and (new.subject_id in (t.subject_id))) then
      place := 'scroll_id';
    end if;
  end if;
  if tg_table_name = 'gift_recipients' then
    if new.artifact_id is not null
       and (tg_op = 'INSERT' or new.artifact_id is distinct from old.artifact_id)
       and not exists (
         select
           from public.oracle_artifacts t
          where t.id = new.artifact_id
            and (new.subject_id in (t.subject_id))) then
      place := 'artifact_id';
    end if;
    if new.consent_event_id is not null
       and (tg_op = 'INSERT' or new.consent_event_id is distinct from old.consent_event_id)
       and not exists (
         select
           from public.consent_events t
          where t.id = new.consent_event_id
            and (new.subject_id in (t.subject_id))) then
      place := 'consent_event_id';
    end if;
  end if;
  if tg_table_name = 'purchases' then
    if new.scroll_id is not null
       and num_nonnulls(new.buyer_subject_id, new.recipient_subject_id) > 0
       and (tg_op = 'INSERT' or new.scroll_id is distinct from old.scroll_id or new.buyer_subject_id is not null and new.buyer_subject_id is distinct from old.buyer_subject_id or new.recipient_subject_id is not null and new.recipient_subject_id is distinct from old.recipient_subject_id)
       and not exists (
         select
           from public.oracle_scrolls t
          where t.id = new.scroll_id
            and (new.buyer_subject_id in (t.subject_id) or new.recipient_subject_id in (t.subject_id))) then
      place := 'scroll_id';
    end if;
  end if;
  if tg_table_name = 'echo_entries' then
    if new.scroll_id is not null
       and (tg_op = 'INSERT' or new.scroll_id is distinct from old.scroll_id)
       and not exists (
         select
           from public.oracle_scrolls t
          where t.id = new.scroll_id
            and (new.subject_id in (t.subject_id))) then
      place := 'scroll_id';
    end if;
  end if;
  if tg_table_name = 'council_sessions' then
    if new.scroll_id is not null
       and (tg_op = 'INSERT' or new.scroll_id is distinct from old.scroll_id)
       and not exists (
         select
           from public.oracle_scrolls t
          where t.id = new.scroll_id
            and (new.subject_id in (t.subject_id))) then
      place := 'scroll_id';
    end if;
  end if;
  if tg_table_name = 'passport_records' then
    if new.scroll_id is not null
       and (tg_op = 'INSERT' or new.scroll_id is distinct from old.scroll_id)
       and not exists (
         select
           from public.oracle_scrolls t
          where t.id = new.scroll_id
            and (new.subject_id in (t.subject_id))) then
      place := 'scroll_id';
    end if;
    if new.artifact_id is not null
       and (tg_op = 'INSERT' or new.artifact_id is distinct from old.artifact_id)
       and not exists (
         select
           from public.oracle_artifacts t
          where t.id = new.artifact_id
            and (new.subject_id in (t.subject_id))) then
      place := 'artifact_id';
    end if;
    if new.purchase_id is not null
       and (tg_op = 'INSERT' or new.purchase_id is distinct from old.purchase_id)
       and not exists (
         select
           from public.purchases t
          where t.id = new.purchase_id
            and (new.subject_id in (t.buyer_subject_id, t.recipient_subject_id))) then
      place := 'purchase_id';
    end if;
  end if;
  if tg_table_name = 'ai_runs' then
    if new.scroll_id is not null
       and (tg_op = 'INSERT' or new.scroll_id is distinct from old.scroll_id)
       and not exists (
         select
           from public.oracle_scrolls t
          where t.id = new.scroll_id
            and (new.subject_id in (t.subject_id))) then
      place := 'scroll_id';
    end if;
  end if;
  if tg_table_name = 'delivery_jobs' then
    if new.artifact_id is not null
       and (tg_op = 'INSERT' or new.artifact_id is distinct from old.artifact_id)
       and not exists (
         select
           from public.oracle_artifacts t
          where t.id = new.artifact_id
            and (new.subject_id in (t.subject_id) or exists (select from public.gift_recipients g where g.artifact_id = t.id and g.accepted_subject_id = new.subject_id))) then
      place := 'artifact_id';
    end if;
    if new.purchase_id is not null
       and (tg_op = 'INSERT' or new.purchase_id is distinct from old.purchase_id)
       and not exists (
         select
           from public.purchases t
          where t.id = new.purchase_id
            and (new.subject_id in (t.buyer_subject_id, t.recipient_subject_id))) then
      place := 'purchase_id';
    end if;
    if new.echo_entry_id is not null
       and (tg_op = 'INSERT' or new.echo_entry_id is distinct from old.echo_entry_id)
       and not exists (
         select
           from public.echo_entries t
          where t.id = new.echo_entry_id
            and (new.subject_id in (t.subject_id))) then
      place := 'echo_entry_id';
    end if;
  end if;
  if place is not null then
    raise exception '%.% points at something that is not its subject''s own', tg_table_name, place
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
-- The gate before it has seen that the consent stands, so the newest entry gave it.
begin
  if num_nonnulls(new.accepted_at, new.accepted_subject_id) > 0 then
    raise exception 'a gift is accepted by its recipient, after they were invited'
      using errcode = '42501', hint = 'Leave accepted_at and accepted_subject_id out.';
  end if;
  if new.contact is null then
    raise exception 'an invitation goes to somebody: contact is missing' using errcode = '23502';
  end if;
  new.consent_event_id := (wall.newest_consent(new.subject_id, 'gift_recipient', new.artifact_id)).id;
  if exists (select from public.gift_recipients g where g.consent_event_id = new.consent_event_id) then
    raise exception 'the consent was given for one recipient, who has been invited already'
      using errcode = '42501', hint = 'Ask the giver again: each recipient needs a consent of their own.';
  end if;
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
       or current_setting('role', true) <> 'authenticated'
       or sha256(convert_to(coalesce(current_setting('wall.gift_token', true), ''), 'UTF8')) <> new.token_sha256 then
      raise exception 'a gift is accepted by its recipient alone, by their invitation, once'
        using errcode = '42501', hint = 'Let the recipient call accept_gift, signed in, with the token of their link.';
    end if;
    new.accepted_at := clock_timestamp();
  end if;
  if old.withdrawn_at is not null and new.withdrawn_at is null then
    raise exception 'an invitation that was taken back stays so'
      using errcode = '42501', hint = 'Ask the giver again, and write a new invitation.';
  end if;
  if new.expires_at > old.expires_at then
    raise exception 'an invitation is never prolonged'
      using errcode = '42501', hint = 'Ask the giver again, and write a new invitation.';
  end if;
  if (new.contact is distinct from old.contact and (new.contact is not null or not over and new.withdrawn_at is null))
     or (new.recipient_name is distinct from old.recipient_name
         and (new.recipient_name is not null or not over and new.withdrawn_at is null)) then
    raise exception 'an invitation is for one recipient: their address is never changed, and kept until it is over'
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
    raise exception 'this gift was accepted: it stays its recipient''s'
      using errcode = '42501', hint = 'Only the deletion request of the person it belongs to ends it.';
  end if;
  return new;
end
$wall$;

comment on function wall.keep_accepted_gift() is 'A gift that was accepted is its recipient''s: it is not taken back.';

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
    raise exception 'a consent belongs to somebody: subject_id is missing' using errcode = '23502';
  end if;
  new.wording_version := null;
  new.wording_sha256 := null;
  new.locale := null;
  if new.notice_id is not null then
    select n.* into notice from public.consent_notices n where n.id = new.notice_id;
    if notice.purpose is distinct from new.purpose then
      raise exception 'the wording that was shown is not about %', new.purpose
        using errcode = '23514', hint = 'Pass the notice of this purpose.';
    end if;
    new.wording_version := notice.version;
    new.wording_sha256 := notice.body_sha256;
    new.locale := notice.locale;
  end if;
  if new.scope_id is not null
     and not exists (select from public.oracle_artifacts a where a.id = new.scope_id and a.subject_id = new.subject_id) then
    raise exception 'the consent covers an artifact that is not the person''s own'
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
-- The number, the date and the digest are the database's own, whatever was sent: "overriding system value" included.
-- A decision has a higher number than the person's decision before it, also after a sequence was set back.
declare
  counter regclass := ('public.' || tg_table_name || '_id_seq')::regclass;
begin
  new.id := nextval(counter);
  if tg_table_name = 'consent_events' then
    for turn in 1 .. 2 loop
      exit when new.id > coalesce((wall.newest_consent(new.subject_id, new.purpose, new.scope_id)).id, 0);
      if turn = 2 then
        perform setval(counter, (select max(e.id) from public.consent_events e));
      end if;
      new.id := nextval(counter);  -- two at once may have drawn in one order and written in the other
    end loop;
  end if;
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
-- A link can only say what sealing would say: its place follows the last one, its digest is that of the row itself.
-- A row whose neighbour was sealed more than an hour ago comes too late: verify_ledger names it.
declare
  last record;
  late boolean;
begin
  perform pg_advisory_xact_lock(hashtextextended('public.ledger_seals', 0));
  if new.ledger not in ('consent_events', 'admin_audit_events') then
    raise exception 'no such ledger'
      using errcode = '22023', hint = 'Choose consent_events or admin_audit_events.';
  end if;
  execute format(
    'select e.row_hash, exists (
              select
                from (select f.id from public.%I f where f.id > e.id order by f.id limit 1) f
                join public.ledger_seals s on s.ledger = $2 and s.row_id = f.id
               where s.created_at < clock_timestamp() - interval ''1 hour'')
       from public.%I e
      where e.id = $1', new.ledger, new.ledger)
     into new.row_hash, late using new.row_id, new.ledger;
  if late is null or late then
    raise exception 'this row of % is not there to be sealed, or comes too late', new.ledger
      using errcode = '23514', hint = 'Call public.seal_ledgers(): it takes the rows that are to be sealed.';
  end if;
  select s.position, s.chain_hash into last
    from public.ledger_seals s
   where s.ledger = new.ledger
   order by s.position desc
   limit 1;
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
-- The first decision of a transaction notes what it saw: if nothing was committed since, there is nothing more to settle.
declare
  jobs bigint;
  closed bigint;
begin
  if coalesce(current_setting('wall.settled', true), '') = '' then
    perform set_config('wall.settled', pg_current_snapshot()::text, true);
  end if;
  select s.jobs, s.closed into jobs, closed
    from wall.settle_consent(new.subject_id, new.purpose, new.scope_id, false) s;
  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
  values ('subject', 'consent.' || new.action, 'consent_events', new.id::text, 'done',
          jsonb_build_object('purpose', new.purpose, 'jobs', jobs, 'closed', closed));
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
  jobs bigint;
  closed bigint;
begin
  perform wall.refuse_stale_snapshot();
  if locked and current_setting('wall.settled', true) = pg_current_snapshot()::text then
    return null;
  end if;
  select s.jobs, s.closed into jobs, closed
    from wall.settle_consent(new.subject_id, new.purpose, new.scope_id, not locked) s;
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
declare
  entry public.consent_events;
begin
  if tg_op = 'DELETE' then
    if wall.erasing(old.subject_id) then
      return old;
    end if;
    raise exception 'consents follow the ledger: a row is not removed by hand'
      using errcode = '42501', hint = 'Record a withdrawal in the ledger.';
  end if;
  entry := wall.newest_consent(new.subject_id, new.purpose, new.scope_id);
  if entry.id is distinct from new.event_id
     or (entry.action = 'given') is distinct from new.standing
     or entry.created_at is distinct from new.changed_at then
    raise exception 'consents follow the ledger: this is not what the newest entry says'
      using errcode = '42501', hint = 'Record the decision in the ledger; the state follows by itself.';
  end if;
  return new;
end
$wall$;

comment on function wall.guard_consent_state() is 'The current state may only say what the ledger says.';

revoke all on function wall.guard_consent_state() from public, anon, authenticated, service_role;

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
    raise exception '% is sealed: this row does not change', tg_table_name
      using errcode = '42501', hint = 'What is sealed stays as it is; only its owner''s deletion request ends it.';
  end if;
  new.seal_hash := null;
  if new.sealed_at is not null then
    new.sealed_at := clock_timestamp();
    if tg_table_name = 'passport_records' then
      select s.seal_hash into new.scroll_seal_hash from public.oracle_scrolls s where s.id = new.scroll_id;
      if new.scroll_seal_hash is null then
        raise exception 'a Passport record is sealed only with a sealed reading'
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
    raise exception 'this request number was used for something else'
      using errcode = '23505', hint = 'Make a fresh request number for each decision.';
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
     and wall.consent_stands(g.subject_id, 'gift_recipient', g.artifact_id)
  returning g.artifact_id into gift;
  perform set_config('wall.gift_token', '', true);
  if gift is null then
    raise exception 'this invitation cannot be accepted'
      using errcode = 'P0002', hint = 'It may have expired, been taken back, or been accepted already.';
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
  values (record_stripe_event.event_id, record_stripe_event.type, record_stripe_event.stripe_created_at,
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

-- public.seal_ledgers

create or replace function public.seal_ledgers(most integer default 10000)
returns table(ledger text, sealed bigint, head bytea)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Chains rows after they were committed. Writers take no lock for it; only two sealers wait for each other.
-- A row may be committed later than one with a higher number, but not an hour later: verify_ledger names such a row.
#variable_conflict use_column
declare
  entry bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('public.ledger_seals', 0));
  foreach ledger in array array['consent_events', 'admin_audit_events'] loop
    sealed := 0;
    for entry in execute format(
      'select e.id
         from public.%I e
        where e.id > coalesce((
                select s.row_id
                  from public.ledger_seals s
                 where s.ledger = $1 and s.created_at < now() - interval ''1 hour''
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
#variable_conflict use_column
declare
  link record;
  place bigint;
  expected bytea;
begin
  if ledger not in ('consent_events', 'admin_audit_events') then
    raise exception 'no such ledger'
      using errcode = '22023', hint = 'Choose consent_events or admin_audit_events.';
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
                                       where s.ledger = $1 and s.created_at < now() - interval ''1 hour''
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
    raise exception 'the chain of % holds', reseal_ledger.ledger
      using errcode = '55000', hint = 'Only a chain that verify_ledger calls broken is made anew.';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('public.ledger_seals', 0));
  select s.position into first_broken
    from public.ledger_seals s
   where s.ledger = reseal_ledger.ledger and s.row_id = broken.broken_row;
  first_broken := coalesce(reseal_ledger.place, first_broken);
  if first_broken is null then
    raise exception 'the row that does not hold has no link'
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

-- public.erase_subject

create or replace function public.erase_subject(privacy_request_id uuid)
returns table(table_name text, affected bigint)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Each column's rule decides. The request must be running; it is the only key to what is sealed.
#variable_conflict use_column
declare
  person uuid;
  total bigint := 0;
begin
  select r.subject_id into person
    from public.privacy_requests r
   where r.id = erase_subject.privacy_request_id and r.kind = 'deletion' and r.status = 'running'
     for update;
  if person is null then
    raise exception 'this privacy request does not allow erasure'
      using errcode = '42501', hint = 'Erasure needs a deletion request that is verified and running.';
  end if;

  delete from public.delivery_jobs where subject_id = person or artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person) or echo_entry_id in (select t.id from public.echo_entries t where t.subject_id = person);
  get diagnostics affected = row_count;
  table_name := 'delivery_jobs';
  total := total + affected;
  return next;

  delete from public.ai_runs where subject_id = person or scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person);
  get diagnostics affected = row_count;
  table_name := 'ai_runs';
  total := total + affected;
  return next;

  delete from public.passport_records where subject_id = person or scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person) or artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person);
  get diagnostics affected = row_count;
  table_name := 'passport_records';
  total := total + affected;
  return next;

  delete from public.council_sessions where subject_id = person or scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person);
  get diagnostics affected = row_count;
  table_name := 'council_sessions';
  total := total + affected;
  return next;

  delete from public.echo_entries where subject_id = person or scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person);
  get diagnostics affected = row_count;
  table_name := 'echo_entries';
  total := total + affected;
  return next;

  update public.purchases set buyer_subject_id = null where buyer_subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'purchases';
  total := total + affected;
  return next;

  update public.purchases set recipient_subject_id = null where recipient_subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'purchases';
  total := total + affected;
  return next;

  delete from public.gift_recipients where subject_id = person or artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person) or accepted_subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'gift_recipients';
  total := total + affected;
  return next;

  delete from public.share_cards where artifact_id in (select t.id from public.oracle_artifacts t where t.subject_id = person);
  get diagnostics affected = row_count;
  table_name := 'share_cards';
  total := total + affected;
  return next;

  delete from public.oracle_artifacts where subject_id = person or scroll_id in (select t.id from public.oracle_scrolls t where t.subject_id = person);
  get diagnostics affected = row_count;
  table_name := 'oracle_artifacts';
  total := total + affected;
  return next;

  delete from public.oracle_scrolls where subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'oracle_scrolls';
  total := total + affected;
  return next;

  delete from public.consents where subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'consents';
  total := total + affected;
  return next;

  update public.consent_events set subject_id = null, evidence = null, personal_salt = null where subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'consent_events';
  total := total + affected;
  return next;

  update public.privacy_requests set subject_id = null where subject_id = person;
  get diagnostics affected = row_count;
  table_name := 'privacy_requests';
  total := total + affected;
  return next;

  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
  values ('server', 'subject.erased', 'privacy_requests', erase_subject.privacy_request_id::text, 'done',
          jsonb_build_object('rows', total));
end
$wall$;

comment on function public.erase_subject(uuid) is 'Erases one person from every table, each column as its rule says, and counts what it touched.';

revoke all on function public.erase_subject(uuid) from public, anon, authenticated, service_role;

grant execute on function public.erase_subject(uuid) to service_role;

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
    raise exception 'a % job delivers something: pass an artifact, a purchase or an Echo', enqueue_delivery_job.channel
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
    raise exception 'no job is called %', enqueue_delivery_job.channel
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
    raise exception 'a claim takes 1 to 1000 jobs for 1 to 3600 seconds' using errcode = '22023';
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
  if coalesce(fail_delivery_job.error_class, '') !~ '^[a-z][a-z0-9_.]{0,79}$' then
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
