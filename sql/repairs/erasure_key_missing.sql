-- Makes a new random key. After erasures it makes none, because a new key would not recognize the people who were erased.
insert into public.erasure_keys (id)
select 1
 where not exists (select from public.erased_subjects)
on conflict (id) do nothing;
