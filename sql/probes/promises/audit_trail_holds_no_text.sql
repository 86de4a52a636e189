-- Statements that show whether audit_trail_holds_no_text holds; each is tried by itself and rolled back.

-- statement: write_sentence
insert into public.admin_audit_events (id, actor_kind, action, object_table, object_id, outcome, details)
overriding system value
values (${a.n.text}::bigint, 'system', 'a.b', 'products', '1', 'done', '{"note": "a sentence"}');
