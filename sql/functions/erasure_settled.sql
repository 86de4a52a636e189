-- Every transaction numbered below the barrier has ended; a tombstone that nobody could have missed needs none.
begin
  return wall.made_here(erasure_settled.request)
      or coalesce((
           select pg_snapshot_xmin(pg_current_snapshot()) >= e.barrier_xid
             from public.erased_subjects e
            where e.request_id = erasure_settled.request), false);
end
