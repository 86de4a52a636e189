-- Approximately how many rows a table has: from its statistics, or without them from its size.
select t.name,
       case when c.reltuples >= 0 then c.reltuples::bigint else pg_catalog.pg_relation_size(c.oid) / 100 end as size
  from unnest(%s::text[]) as t (name)
  join pg_catalog.pg_class c on c.oid = to_regclass(t.name)
