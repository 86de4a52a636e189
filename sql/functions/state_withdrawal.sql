declare
  person uuid := (select auth.uid());
begin
  if person is null then
    raise exception 'nobody is signed in'
      using errcode = '42501', hint = 'Sign in as the buyer. The site''s server calls record_withdrawal for a guest.';
  end if;
  return wall.begin_withdrawal(state_withdrawal.purchase_id, person);
end
