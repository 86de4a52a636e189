begin
  perform wall.give_back(new.id);
  return null;
end
