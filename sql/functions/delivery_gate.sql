begin
  return query select wall.environment_fault(delivery_gate.environment), wall.stopped_channels();
end
