#variable_conflict use_column
begin
  insert into public.payment_reviews (checkout_session_id, reason, purchase_id)
  values (review_payment.session_id, review_payment.reason, review_payment.purchase_id)
      on conflict (checkout_session_id, reason) do nothing;
  return found;
end
