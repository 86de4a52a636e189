-- A constraint that is not validated lets old rows break it.
select count(*)
  from pg_catalog.pg_constraint k
 where k.connamespace = 'public'::regnamespace and not k.convalidated
