-- Reads the key of the accounts that our foreign keys reference.
select 'platform_key' as kind, 'auth.users.id' as key, true as unique
 where exists (select from pg_index i
                 join pg_attribute a on a.attrelid = i.indrelid and a.attname = 'id'
                where i.indrelid = (select c.oid from pg_class c
                                     where c.relname = 'users' and c.relnamespace = to_regnamespace('auth'))
                  and i.indisunique and i.indimmediate and i.indisvalid
                  and i.indpred is null and i.indnkeyatts = 1 and i.indkey[0] = a.attnum);
