-- The deadline starts when the request arrives, whatever dates were sent.
begin
  new.created_at := now();
  new.due_at := wall.privacy_deadline(new.created_at);
  new.extended_until := null;
  new.extension_reason := null;
  new.closed_at := null;
  new.proof_sha256 := null;
  return new;
end
