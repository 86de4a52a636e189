begin
  return action ~ '^[a-z_]+\.[a-z_]+$' and char_length(action) <= 49;
end
