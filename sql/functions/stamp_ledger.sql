begin
  new.created_at := clock_timestamp();
  new.row_hash := wall.ledger_content(to_jsonb(new));
  return new;
end
