-- The channels whose deliveries are stopped, and since when.
select s.channel, s.changed_at as since
  from operations.delivery_switches s
 where s.stopped
 order by s.channel
