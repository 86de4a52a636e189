-- A visible row of a transaction that is still in progress was written by the current transaction or its savepoints.
declare
  here bigint := pg_current_xact_id()::text::bigint;
  ahead bigint := mod(number::text::bigint - here + 9223372032559808512, 4294967296);
begin
  return ahead < 2147483648 and pg_xact_status((here + ahead)::text::xid8) = 'in progress';
exception
  when invalid_parameter_value then -- an unassigned id: the row is older than the current epoch
    return false;
end
