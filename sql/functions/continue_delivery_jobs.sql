#variable_conflict use_column
begin
  return query
  select true, d.job_id, null::text, null::text, null::uuid, null::uuid, null::uuid, null::uuid, null::smallint,
         null::text, null::uuid
    from public.complete_delivery_jobs(done_ids, done_token) as d (job_id);
  return query
  select false, c.*
    from public.claim_delivery_jobs(continue_delivery_jobs.worker, most, lease_seconds, channels,
                                    done_ids[cardinality(done_ids)]) c;
end
