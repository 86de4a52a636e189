-- Binds every role, also the server and the table's owner. The derived trigger on the state refuses moves that the
-- rules do not allow.
declare
  found text;
begin
  if new.status = 'discarded' then
    new.output := null;  -- it was never adopted, and is not needed any more
  end if;
  if new.status <> 'requested' then
    new.token_sha256 := null;
  elsif new.token_sha256 <> coalesce(old.token_sha256, '') and new.leases <> old.leases + 1 then
    raise exception 'the token of an AI run can be changed only by a new lease'
      using errcode = '42501', hint = 'Call public.lease_ai_run.';
  end if;
  if new.status = 'written' and old.status = 'requested' and (old.lease_until > clock_timestamp()) is not true then
    raise exception 'the lease of this AI run has expired'
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
      raise exception 'the answer of an AI run % and cannot be adopted', found
        using errcode = '23514', hint = 'Discard the run and request another one.';
    end if;
    new.promoted_at := clock_timestamp();
  elsif new.promoted_at is distinct from old.promoted_at then
    raise exception 'promoted_at is set by the database' using errcode = '42501';
  end if;
  return new;
end
