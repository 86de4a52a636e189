-- A database session sets lab.ai_run_token; the Data API passes the header x-ai-run-token. A consent may be withdrawn
-- during a transaction, so a transaction that keeps its first snapshot is refused.
declare
  token text := nullif(current_setting('lab.ai_run_token', true), '');
begin
  if token is null then
    begin
      token := nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-ai-run-token';
    exception when invalid_text_representation then
      token := null;
    end;
  end if;
  if token is not null and current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
    raise exception 'ai.briefs can only be read at READ COMMITTED'
      using errcode = '25001', hint = 'Begin the transaction with isolation level read committed.';
  end if;
  return sha256(convert_to(token, 'UTF8'));
end
