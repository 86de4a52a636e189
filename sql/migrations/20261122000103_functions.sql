-- The law inside the database, and the doors the site's server calls it through.

-- wall.consent_stands

create or replace function wall.consent_stands(subject uuid, purpose text, scope uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- The share lock makes a withdrawal wait until this transaction has ended, and this one wait for a withdrawal
-- that came first: whatever rests on the consent is either cancelled by the withdrawal or refused by it.
begin
  perform
     from public.consents c
    where c.subject_id = consent_stands.subject
      and c.purpose = consent_stands.purpose
      and c.scope_id is not distinct from consent_stands.scope
      and c.standing
      for share;
  return found;
end
$wall$;

comment on function wall.consent_stands(uuid, text, uuid) is 'Asks for the consent and holds it until the transaction ends, so that a withdrawal cannot slip between.';

revoke all on function wall.consent_stands(uuid, text, uuid) from public, anon, authenticated, service_role;

-- wall.hold_job_consents

create or replace function wall.hold_job_consents(subject uuid, channel text, leg text, artifact_id uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- The person's decisions wait until this transaction has ended, and this one waits for theirs, also where there is no
-- consent yet: a job is neither queued beside a withdrawal, nor left waiting beside a consent that was just given.
-- Ask before a job's row is locked: a decision goes from the consent to the jobs as well, so nobody waits in a circle.
declare
  purposes text[] := wall.job_purposes(channel, leg);
  purpose text;
begin
  if coalesce(cardinality(purposes), 0) = 0 then
    return true;
  end if;
  perform pg_advisory_xact_lock_shared(hashtextextended('consents of ' || subject, 0));
  foreach purpose in array purposes loop
    if not wall.consent_stands(subject, purpose, wall.consent_scope(purpose, hold_job_consents.artifact_id)) then
      return false;
    end if;
  end loop;
  return true;
end
$wall$;

comment on function wall.hold_job_consents(uuid, text, text, uuid) is 'Tells whether every consent of a job stands, and holds the answer until the transaction ends.';

revoke all on function wall.hold_job_consents(uuid, text, text, uuid) from public, anon, authenticated, service_role;

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

comment on function wall.refuse_change() is 'Append-only means that no role changes or removes a row, the owner of the table included.';

revoke all on function wall.refuse_change() from public, anon, authenticated, service_role;

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
-- Arguments come in pairs: a column, and the table that it points at.
declare
  entry jsonb := to_jsonb(new);
  mine boolean;
begin
  for place in 0 .. tg_nargs - 1 by 2 loop
    continue when entry ->> tg_argv[place] is null;
    execute format(
      'select exists (select from public.%I t where t.id = $1 and $2 in (to_jsonb(t) ->> ''subject_id'','
      ' to_jsonb(t) ->> ''buyer_subject_id'', to_jsonb(t) ->> ''recipient_subject_id''))', tg_argv[place + 1])
      into mine using (entry ->> tg_argv[place])::uuid, entry ->> 'subject_id';
    if not mine then
      raise exception '%.% points at something that is not its subject''s own', tg_table_name, tg_argv[place]
        using errcode = '42501', hint = 'Pass what belongs to the same person.';
    end if;
  end loop;
  return new;
end
$wall$;

comment on function wall.require_own() is 'What a row is made of belongs to the same person: nobody''s reading ends up in another''s hands.';

revoke all on function wall.require_own() from public, anon, authenticated, service_role;

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
begin
  new.created_at := clock_timestamp();
  new.row_hash := wall.ledger_content(to_jsonb(new));
  return new;
end
$wall$;

comment on function wall.stamp_ledger() is 'Dates and digests a ledger row by the database''s own clock and hand.';

revoke all on function wall.stamp_ledger() from public, anon, authenticated, service_role;

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
-- Derives what stands from the entry that was just written. When two entries race, the later number decides.
declare
  jobs bigint := 0;
  closed bigint := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('consents of ' || new.subject_id, 0));
  insert into public.consents as c (subject_id, purpose, scope_id, standing, event_id, changed_at)
  values (new.subject_id, new.purpose, new.scope_id, new.action = 'given', new.id, new.created_at)
      on conflict (subject_id, purpose, scope_id) do update
     set standing = excluded.standing, event_id = excluded.event_id, changed_at = excluded.changed_at
   where c.event_id < excluded.event_id;
  if not found then
    return null;
  end if;

  if new.action = 'given' then
    -- E-mail legs that waited for this consent, and now miss none, join the queue.
    update public.delivery_jobs j
       set status = 'pending', next_run_at = now()
     where j.subject_id = new.subject_id
       and j.status = 'waiting'
       and new.purpose = any (wall.job_purposes(j.channel, j.leg))
       and wall.consent_scope(new.purpose, j.artifact_id) is not distinct from new.scope_id
       and wall.hold_job_consents(j.subject_id, j.channel, j.leg, j.artifact_id);
    get diagnostics jobs = row_count;
  else
    -- A running job is asked to stop: its worker asks once more before anything leaves.
    update public.delivery_jobs j
       set status = case
                      when j.status = 'running' then 'running'
                      when (select bool_or(s.waits) from wall.job_settings(j.channel) s where s.leg = j.leg) then 'waiting'
                      else 'cancelled'
                    end,
           cancel_requested = j.status = 'running',
           finished_at = case
                           when j.status = 'pending'
                            and not (select bool_or(s.waits) from wall.job_settings(j.channel) s where s.leg = j.leg)
                           then now()
                         end
     where j.subject_id = new.subject_id
       and j.status in ('pending', 'running')
       and new.purpose = any (wall.job_purposes(j.channel, j.leg))
       and wall.consent_scope(new.purpose, j.artifact_id) is not distinct from new.scope_id;
    get diagnostics jobs = row_count;

    if new.purpose = 'public_share' then
      update public.share_cards s
         set revoked_at = now()
       where s.artifact_id = new.scope_id and s.revoked_at is null;
      get diagnostics closed = row_count;
    elsif new.purpose = 'gift_recipient' then
      update public.gift_recipients g
         set withdrawn_at = now()
       where g.artifact_id = new.scope_id and g.accepted_at is null and g.withdrawn_at is null;
      get diagnostics closed = row_count;
    elsif new.purpose = 'echo_followup' then
      update public.echo_entries e
         set status = 'cancelled'
       where e.subject_id = new.subject_id and e.status = 'scheduled';
      get diagnostics closed = row_count;
    elsif new.purpose = 'ai_processing' then
      update public.ai_runs r
         set status = 'discarded'
       where r.subject_id = new.subject_id and r.status = 'requested';
      get diagnostics closed = row_count;
    end if;
  end if;

  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
  values ('subject', 'consent.' || new.action, 'consent_events', new.id::text, 'done',
          jsonb_build_object('purpose', new.purpose, 'jobs', jobs, 'closed', closed));
  return null;
end
$wall$;

comment on function wall.derive_consent() is 'Derives the current state from the ledger; a withdrawal cancels queued jobs and closes cards at once.';

revoke all on function wall.derive_consent() from public, anon, authenticated, service_role;

-- wall.guard_consent_state

create or replace function wall.guard_consent_state()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $wall$
-- Holds against every role: the state repeats a ledger entry, and never goes back to an older one.
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
  select e.* into entry from public.consent_events e where e.id = new.event_id;
  if entry.subject_id is distinct from new.subject_id
     or entry.purpose is distinct from new.purpose
     or entry.scope_id is distinct from new.scope_id
     or (entry.action = 'given') is distinct from new.standing
     or entry.created_at is distinct from new.changed_at
     or (tg_op = 'UPDATE' and new.event_id < old.event_id) then
    raise exception 'consents follow the ledger: this is not what the latest entry says'
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
  if tg_op <> 'INSERT' and old.sealed_at is not null then
    if tg_op = 'DELETE' and wall.erasing(old.subject_id) then
      return old;
    end if;
    raise exception '% is sealed: % is refused', tg_table_name, lower(tg_op)
      using errcode = '42501', hint = 'What is sealed stays as it is; only its owner''s deletion request ends it.';
  end if;
  if tg_op = 'DELETE' then
    return old;
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
     and exists (
           select
             from public.consents s
            where s.subject_id = a.subject_id
              and s.purpose = 'public_share'
              and s.scope_id = a.id
              and s.standing);
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
-- The token is compared by its hash, and a giver cannot accept their own gift.
declare
  gift uuid;
begin
  update public.gift_recipients g
     set accepted_at = now(), accepted_subject_id = (select auth.uid())
   where g.token_sha256 = sha256(convert_to(accept_gift.token, 'UTF8'))
     and (select auth.uid()) is not null
     and g.subject_id <> (select auth.uid())
     and g.accepted_at is null
     and g.withdrawn_at is null
     and g.expires_at > now()
  returning g.artifact_id into gift;
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
  link record;
  place bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('public.ledger_seals', 0));
  foreach ledger in array array['consent_events', 'admin_audit_events'] loop
    select s.position, s.chain_hash into place, head
      from public.ledger_seals s
     where s.ledger = seal_ledgers.ledger
     order by s.position desc
     limit 1;
    place := coalesce(place, 0);
    head := coalesce(head, ''::bytea);
    sealed := 0;
    for link in execute format(
      'select e.id, e.row_hash
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
      place := place + 1;
      head := sha256(head || int8send(place) || int8send(link.id) || timestamptz_send(now()) || link.row_hash);
      insert into public.ledger_seals (ledger, position, row_id, row_hash, chain_hash, created_at)
      values (seal_ledgers.ledger, place, link.id, link.row_hash, head, now());
      sealed := sealed + 1;
    end loop;
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
-- Without a token the lease itself must have run out. Consents are asked before the job is locked, see hold_job_consents.
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
  select j.* into job from public.delivery_jobs j where j.id = end_attempt.job_id;
  may_leave := wall.hold_job_consents(job.subject_id, job.channel, job.leg, job.artifact_id);
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
  select s.waits into waits from wall.job_settings(job.channel) s where s.leg = job.leg;
  stopped := not may_leave or (job.cancel_requested and not waits);
  next_status := case
                   when stopped and waits then 'waiting'
                   when stopped then 'cancelled'
                   when end_attempt.outcome = 'released' then 'pending'
                   when end_attempt.outcome = 'permanent' or job.attempts >= job.max_attempts then 'dead'
                   else 'pending'
                 end;
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
-- consents is refused by the gate on the table.
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
  if exists (select from public.oracle_artifacts a
              where a.id = enqueue_delivery_job.artifact_id and a.subject_id <> enqueue_delivery_job.subject_id)
     or exists (select from public.echo_entries e
                 where e.id = enqueue_delivery_job.echo_entry_id and e.subject_id <> enqueue_delivery_job.subject_id)
     or exists (select from public.purchases p
                 where p.id = enqueue_delivery_job.purchase_id
                   and enqueue_delivery_job.subject_id is distinct from p.buyer_subject_id
                   and enqueue_delivery_job.subject_id is distinct from p.recipient_subject_id) then
    raise exception 'the % job delivers something that is not its subject''s own', enqueue_delivery_job.channel
      using errcode = '42501', hint = 'Pass the subject whose artifact, purchase or Echo it is.';
  end if;
  for setting in
    select s.leg, s.max_attempts, s.support_path,
           s.waits and not wall.hold_job_consents(enqueue_delivery_job.subject_id, enqueue_delivery_job.channel,
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
-- Every consent is held until the caller's transaction ends: send inside it, or ask again.
#variable_conflict use_column
declare
  job public.delivery_jobs;
begin
  select j.* into job
    from public.delivery_jobs j
   where j.id = may_send_delivery_job.job_id
     and j.lease_token = may_send_delivery_job.lease_token
     and j.lease_until > now()
     and not j.cancel_requested;
  return job.id is not null
     and wall.hold_job_consents(job.subject_id, job.channel, job.leg, job.artifact_id);
end
$wall$;

comment on function public.may_send_delivery_job(bigint, uuid) is 'The last question before anything leaves: is the job still mine, and does every consent still stand?';

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
-- Any worker may call it at any time: rows that somebody else is recovering are skipped.
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
  perform wall.hold_job_consents(j.subject_id, j.channel, j.leg, j.artifact_id)
     from public.delivery_jobs j
    where j.id = retry_delivery_job.job_id;
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
