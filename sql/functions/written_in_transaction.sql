-- A visible row of a transaction that is still in progress was written by the current transaction or its savepoints.
declare
  current_id bigint := pg_current_xact_id()::text::bigint;
  distance bigint := mod(number::text::bigint - current_id + 9223372032559808512, 4294967296);
begin
  return distance < 2147483648 and pg_xact_status((current_id + distance)::text::xid8) = 'in progress';
exception
  when invalid_parameter_value then -- an unassigned id: the row is older than the current epoch
    return false;
end
