-- Reads the public buckets. The table may be missing or have other columns, so it is read by a dynamic query, as JSON.
-- One row reports that this role may not read every bucket.
with place as (
  select c.oid,
         has_schema_privilege(c.relnamespace, 'usage') and has_table_privilege(c.oid, 'select')
           and not row_security_active(c.oid) as readable
    from pg_class c
   where c.relname = 'buckets' and c.relnamespace = to_regnamespace('storage') and c.relkind = 'r'
), public_ones as (
  -- ts_stat runs a query text and returns the distinct words of its result: here JSON objects, of at most 2,046 bytes.
  select w.word::jsonb as bucket
    from place p
    cross join lateral ts_stat(case when p.readable then
      'select array_to_tsvector(array[case when octet_length(d.short) < 2000 then d.short else d.long end]) '
      'from (select to_jsonb(b) as bucket from storage.buckets b) as b cross join lateral (select '
      'jsonb_build_object(''id'', left(b.bucket ->> ''id'', 200), ''types'', b.bucket -> ''allowed_mime_types'')::text, '
      'jsonb_build_object(''id'', left(b.bucket ->> ''id'', 200))::text) as d (short, long) '
      'where b.bucket ->> ''public'' = ''true'''
      else 'select array_to_tsvector(array[]::text[])' end) as w
)
select 'bucket' as kind, b.bucket ->> 'id' as key, b.bucket ->> 'id' as name,
       case when jsonb_typeof(b.bucket -> 'types') = 'array' then (b.bucket -> 'types')::json end as types,
       false as unread
  from public_ones b
union all
select 'bucket', 'all buckets', 'all buckets', null, true from place p where not p.readable;
