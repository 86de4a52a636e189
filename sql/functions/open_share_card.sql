-- Returns no row for an unknown, a closed and a withdrawn card, so that callers cannot tell them apart.
#variable_conflict use_column
begin
  return query
  select c.title, c.symbol, c.palette, c.one_line
    from public.share_cards c
    join public.oracle_artifacts a on a.id = c.artifact_id
   where c.slug = open_share_card.slug
     and c.revoked_at is null
     and a.state <> 'withdrawn'
     and wall.consent_is_valid(a.subject_id, 'public_share', a.id);
end
