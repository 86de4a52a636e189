-- Counts open AI runs whose owner's consent to AI processing is not valid.
select count(*)
  from public.ai_runs r
 where r.status in ('requested', 'written')
   and not exists (
         select
           from public.consents c
          where c.subject_id = r.subject_id and c.purpose = 'ai_processing' and c.standing and c.scope_id is null)
