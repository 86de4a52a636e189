begin
  insert into public.withdrawal_documents (purchase_id, kind) values (new.purchase_id, 'withdrawal');
  perform public.review_payment(p.checkout_session_id, 'withdrawal', p.id)
     from public.purchases p
    where p.id = new.purchase_id;
  return null;
end
