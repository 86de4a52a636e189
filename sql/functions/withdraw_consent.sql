begin
  return wall.append_consent((select auth.uid()), purpose, 'withdrawn', request_id, null, scope_id, null);
end
