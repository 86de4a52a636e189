-- True for a flat object of numbers, booleans and short codes. A sentence has spaces, an address has an @:
-- neither fits, so neither can end up in the audit trail.
select jsonb_typeof(details) = 'object'
   and not exists (
         select
           from jsonb_each(details) as entry
          where entry.key !~ '^[a-z][a-z0-9_]{0,39}$'
             or case jsonb_typeof(entry.value)
                  when 'number' then false
                  when 'boolean' then false
                  when 'string' then entry.value #>> '{}' !~ '^(?:[a-z0-9][a-z0-9_.:-]{0,39}|[0-9a-f]{64})$'
                  else true
                end)
