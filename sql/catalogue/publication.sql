-- Publications of our tables and the platform's, which send rows by logical replication without row-level security.
select 'publication' as kind,
       format('%s|%s', p.pubname, t.key) as key,
       p.pubname as publication,
       t.key as relation,
       t.through as through,
       p.pubinsert or p.pubupdate or p.pubdelete or p.pubtruncate as streams
  from pg_publication p
  cross join lateral (
    select format('%I.%I', n.nspname, c.relname) as key, 'table' as through
      from pg_publication_rel r
      join pg_class c on c.oid = r.prrelid
      join pg_namespace n on n.oid = c.relnamespace
     where r.prpubid = p.oid
       and (r.prrelid = any (current_setting('lab.relations')::oid[])
            or n.nspname in ('auth', 'vault') or n.nspname = 'storage' and c.relname in ('objects', 'buckets'))
    union all
    select format('%I', n.nspname), 'schema'
      from pg_publication_namespace s
      join pg_namespace n on n.oid = s.pnnspid
     where s.pnpubid = p.oid
       and (n.nspname = any (current_setting('lab.schemas')::text[]) or n.nspname in ('public', 'auth', 'vault', 'storage'))
    union all
    select '*', 'all' where p.puballtables
  ) as t;
