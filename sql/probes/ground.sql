-- What the probes must know before they write a row: whether they may write, and which undeclared triggers would run.
select jsonb_build_object(
  'replica', pg_is_in_recovery(),
  'read_only', current_setting('transaction_read_only') = 'on',
  'login', current_user,
  'past_policies', (select r.rolsuper or r.rolbypassrls from pg_catalog.pg_roles r where r.rolname = current_user),
  'tables', (
    select coalesce(jsonb_agg(n.nspname || '.' || c.relname), '[]')
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname || '.' || c.relname = any (%(tables)s) and c.relkind in ('r', 'p')),
  -- Undeclared triggers and rules: their effects are unknown.
  'strangers', (
    select coalesce(jsonb_agg(jsonb_build_object(
             'table', n.nspname || '.' || c.relname, 'name', t.name, 'always', t.always)), '[]')
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     cross join lateral (
           select g.tgname::text as name, g.tgenabled in ('A', 'R') as always
             from pg_catalog.pg_trigger g
             join pg_catalog.pg_proc p on p.oid = g.tgfoid
             join pg_catalog.pg_namespace f on f.oid = p.pronamespace
            where g.tgrelid = c.oid and not g.tgisinternal and g.tgenabled <> 'D'
              and not (f.nspname = 'wall' and p.proname::text = any (%(functions)s))
            union all
           select r.rulename::text, true
             from pg_catalog.pg_rewrite r
            where r.ev_class = c.oid and r.ev_enabled <> 'D' and r.ev_type <> '1') t
     where n.nspname || '.' || c.relname = any (%(tables)s)),
  'sequences', (
    select coalesce(jsonb_object_agg(s.schemaname || '.' || s.sequencename, coalesce(s.last_value, 0)), '{}')
      from pg_catalog.pg_sequences s
     where s.schemaname in ('public', 'wall', 'auth') and s.last_value is not null)
)
