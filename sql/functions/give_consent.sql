begin
  return wall.append_consent((select auth.uid()), purpose, 'given', request_id, notice_id, scope_id, evidence);
end
