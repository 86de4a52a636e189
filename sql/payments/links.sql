-- Every price that is or was for sale: its product, its place on the site, and how often it was bought.
select r.layer, l.active and r.active as for_sale, wall.amount_text(l.amount_minor, l.currency) as price,
       l.unlock_route, l.livemode, l.stripe_price_id as price_id, r.stripe_product_id as product_id,
       (select count(*) from operations.purchases p
         where p.purchase_link_id = l.id and p.paid_at is not null) as paid, l.created_at, count(*) over () as total
  from operations.purchase_links l
  join operations.products r on r.id = l.product_id
 order by l.active and r.active desc, r.layer, l.created_at desc, l.id
 limit %(most)s
