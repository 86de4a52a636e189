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
