-- Every purchase link with its product.
select l.stripe_price_id, p.stripe_product_id, l.amount_minor, l.currency, l.livemode,
       l.active and p.active as active, p.active as product_active, p.layer, p.title, l.unlock_route
  from public.purchase_links l
  join public.products p on p.id = l.product_id
 order by l.stripe_price_id
