-- The row keeps the hash, which proves what was delivered. A trigger lists the file, and the worker deletes it until the
-- store confirms. What is given back has no file any more, so it is a draft again. Locked rows are left for the next time.
declare
  listed integer;
begin
  if coalesce(most, 0) not between 1 and 1000 then
    raise exception 'a call lists 1 to 1000 files' using errcode = '22023';
  end if;
  update public.oracle_artifacts a
     set storage_path = null,
         taken_back_from = case when a.taken_back_from is not null then 'draft' end
   where a.id in (
           select k.id
             from public.oracle_artifacts k
            where k.state = 'withdrawn' and k.storage_path is not null
              and not exists (
                    select
                      from public.legal_holds h
                     where (h.held_until is null or h.held_until > now())
                       and (h.table_name, h.row_id) in (('oracle_artifacts', k.id::text), ('oracle_scrolls', k.scroll_id::text),
                                                        ('purchases', k.purchase_id::text)))
            order by k.id
            limit most
              for update skip locked);
  get diagnostics listed = row_count;
  return listed;
end
