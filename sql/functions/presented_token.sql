-- From a session of its own, lab.ai_run_token; through the Data API, the header x-ai-run-token. What was true when a
-- transaction began may be withdrawn by now, so that a transaction that keeps its first view of the data is refused.
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
