select ((asked_at at time zone 'UTC') + interval '1 month') at time zone 'UTC'
