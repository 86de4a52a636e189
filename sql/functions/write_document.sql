-- Whatever text, person, wording or hash was sent is replaced. What is filled in are ids, titles, amounts, dates and, as
-- the last, an approved text.
declare
  purchase public.purchases;
  waiver public.withdrawal_waivers;
  withdrawal public.withdrawals;
  waived text;
  agreed_locale text;
begin
  select p.* into purchase from public.purchases p where p.id = new.purchase_id for update;
  select w.* into waiver from public.withdrawal_waivers w where w.purchase_id = new.purchase_id;
  select w.* into withdrawal from public.withdrawals w where w.purchase_id = new.purchase_id;
  if new.kind = 'waiver' and (waiver.id is null or purchase.status <> 'open') then
    raise exception 'the confirmation of a waiver comes between the waiver and the payment'
      using errcode = '23514', hint = 'Record the waiver first. After the payment the buyer keeps the right of withdrawal.';
  elsif new.kind = 'withdrawal' and withdrawal.status is distinct from 'confirmed' then
    raise exception 'only a confirmed withdrawal is acknowledged'
      using errcode = '23514', hint = 'Let the buyer confirm the withdrawal: the acknowledgement follows by itself.';
  end if;
  select n.body, n.locale into waived, agreed_locale from public.consent_notices n where n.id = waiver.notice_id;
  select n.id, n.body into new.notice_id, new.body
    from public.consent_notices n
   where n.purpose = case new.kind when 'waiver' then 'waiver_confirmation' else 'withdrawal_acknowledgement' end
     and n.locale in (agreed_locale, 'en')
   order by n.locale is not distinct from agreed_locale desc, n.version desc
   limit 1;
  select replace(replace(replace(replace(replace(replace(replace(new.body,
           '{confirmed}', coalesce(to_char(withdrawal.confirmed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), '')),
           '{paid}', coalesce(to_char(purchase.paid_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), '')),
           '{agreed}', coalesce(to_char(waiver.created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), '')),
           '{amount}', wall.amount_text(coalesce(purchase.received_minor, purchase.expected_minor),
                                        purchase.currency)),
           '{title}', p.title),
           '{purchase}', purchase.id::text),
           '{wording}', case new.kind when 'waiver' then waived else (
             select n.body from public.consent_notices n
              where n.purpose = 'withdrawal_statement' and n.locale in (agreed_locale, 'en')
              order by n.locale is not distinct from agreed_locale desc, n.version desc
              limit 1) end)
    into new.body
    from public.purchase_links l
    join public.products p on p.id = l.product_id
   where l.id = purchase.purchase_link_id;
  new.subject_id := purchase.buyer_subject_id;
  new.body_sha256 := sha256(convert_to(new.body, 'UTF8'));
  return new;
end
