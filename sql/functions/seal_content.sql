-- Nulls are left out, so that a column that is added later, and is null in old rows, breaks no old seal.
select sha256(convert_to(jsonb_strip_nulls(entry - 'seal_hash')::text, 'UTF8'))
