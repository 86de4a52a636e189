begin
  new.body_sha256 := sha256(convert_to(new.body, 'UTF8'));
  return new;
end
