-- A purchase's layer, state and size, whether a gift of it was accepted, and whether its buyer's e-mail consent stands;
-- null when that was never decided.
select r.layer, p.status, p.unlocked_at is not null as unlocked, p.quantity,
       p.recipient_subject_id is not null as for_another,
       exists (select
                 from operations.gift_recipients g
                 join operations.oracle_artifacts a on a.id = g.artifact_id
                where a.purchase_id = p.id and g.accepted_at is not null) as accepted,
       (select c.standing
          from operations.consents c
         where c.subject_id = p.buyer_subject_id and c.purpose = 'email_delivery' and c.scope_id is null) as email_consent
  from operations.purchases p
  join operations.purchase_links l on l.id = p.purchase_link_id
  join operations.products r on r.id = l.product_id
 where p.id = %(order)s::uuid
