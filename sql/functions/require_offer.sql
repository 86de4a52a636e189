-- A link that does not exist is refused by the foreign key.
begin
  if exists (select
               from public.purchase_links l
               join public.products p on p.id = l.product_id
              where l.id = new.purchase_link_id and not (l.active and p.active)) then
    raise exception 'this purchase link is not for sale'
      using errcode = '23514', hint = 'Offer the link and its product again, or use a link that is for sale.';
  end if;
  return new;
end
