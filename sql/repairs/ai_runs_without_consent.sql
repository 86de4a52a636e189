-- Discards every open run whose owner's consent is not valid.
update public.ai_runs r
   set status = 'discarded'
 where r.status in ('requested', 'written')
   and not exists (
         select
           from public.consents c
          where c.subject_id = r.subject_id and c.purpose = 'ai_processing' and c.standing and c.scope_id is null);
