-- The file of what is given back was deleted meanwhile. The number is that of no other job of the artifact.
begin
  perform public.enqueue_delivery_job('pdf', new.subject_id, new.id,
                                      generation => extract(epoch from clock_timestamp())::integer);
  return null;
end
