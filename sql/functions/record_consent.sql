begin
  return wall.append_consent(subject_id, purpose, action, request_id, notice_id, scope_id, evidence);
end
