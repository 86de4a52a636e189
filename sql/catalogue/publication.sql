-- Publications of our tables and the platform's, which send rows by logical replication without row-level security.
select 'publication' as kind,
       format('%s|%s', p.pubname, t.key) as key,
       p.pubname as publication,
       t.key as relation,
       t.through as through,
       p.pubinsert or p.pubupdate or p.pubdelete or p.pubtruncate as streams,
       concat_ws(', ', case when p.pubinsert then 'insert' end, case when p.pubupdate then 'update' end,
                 case when p.pubdelete then 'delete' end, case when p.pubtruncate then 'truncate' end) as sends,
       t.columns as columns,
       t.filter as filter
  from pg_publication p
  cross join lateral (
    select format('%I.%I', n.nspname, c.relname) as key, 'table' as through,
           (select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
              from pg_attribute a where a.attrelid = r.prrelid and a.attnum = any (r.prattrs)) as columns,
           pg_get_expr(r.prqual, r.prrelid) as filter
      from pg_publication_rel r
      join pg_class c on c.oid = r.prrelid
      join pg_namespace n on n.oid = c.relnamespace
     where r.prpubid = p.oid
       and (r.prrelid = any ((select current_setting('lab.relations')::oid[])::oid[])
            or n.nspname in ('auth', 'vault') or n.nspname = 'storage' and c.relname in ('objects', 'buckets'))
    union all
    select format('%I', n.nspname), 'schema', null, null
      from pg_publication_namespace s
      join pg_namespace n on n.oid = s.pnnspid
     where s.pnpubid = p.oid
       and (n.nspname = any (current_setting('lab.schemas')::text[]) or n.nspname in ('public', 'auth', 'vault', 'storage'))
    union all
    select '*', 'all', null, null where p.puballtables
  ) as t;
