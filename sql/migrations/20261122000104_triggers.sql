-- What enforces the law against every role, replicas and owners included.

-- Consent notices

create or replace trigger consent_notices_stamp
  before insert on public.consent_notices
  for each row
  execute function wall.stamp_notice();

alter table public.consent_notices enable always trigger consent_notices_stamp;

comment on trigger consent_notices_stamp on public.consent_notices is 'Hashes the wording as it is shown.';

create or replace trigger consent_notices_keep
  before update on public.consent_notices
  for each row
  execute function wall.refuse_change();

alter table public.consent_notices enable always trigger consent_notices_keep;

comment on trigger consent_notices_keep on public.consent_notices is 'A wording that was shown stays as it was shown.';

create or replace trigger consent_notices_kept
  before delete on public.consent_notices
  for each row
  execute function wall.refuse_removal();

alter table public.consent_notices enable always trigger consent_notices_kept;

comment on trigger consent_notices_kept on public.consent_notices is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger consent_notices_kept_all
  before truncate on public.consent_notices
  for each statement
  execute function wall.refuse_removal();

alter table public.consent_notices enable always trigger consent_notices_kept_all;

comment on trigger consent_notices_kept_all on public.consent_notices is 'No table is emptied, whoever tries.';

create or replace trigger consent_notices_fixed
  before update of id, created_at on public.consent_notices
  for each row
  when (old.id is distinct from new.id or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, created_at');

alter table public.consent_notices enable always trigger consent_notices_fixed;

comment on trigger consent_notices_fixed on public.consent_notices is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger zz_check_consent_notices
  before insert or update on public.consent_notices
  for each row
  execute function wall.check_consent_notices();

alter table public.consent_notices enable always trigger zz_check_consent_notices;

comment on trigger zz_check_consent_notices on public.consent_notices is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Consent ledger

create or replace trigger consent_events_a_stamp
  before insert on public.consent_events
  for each row
  execute function wall.stamp_consent_event();

alter table public.consent_events enable always trigger consent_events_a_stamp;

comment on trigger consent_events_a_stamp on public.consent_events is 'Ties the entry to the wording and blinds the person.';

create or replace trigger consent_events_b_hash
  before insert on public.consent_events
  for each row
  execute function wall.stamp_ledger();

alter table public.consent_events enable always trigger consent_events_b_hash;

comment on trigger consent_events_b_hash on public.consent_events is 'Numbers, dates and digests the entry.';

create or replace trigger consent_events_keep
  before update on public.consent_events
  for each row
  execute function wall.refuse_change('subject_id', 'evidence', 'personal_salt');

alter table public.consent_events enable always trigger consent_events_keep;

comment on trigger consent_events_keep on public.consent_events is 'The ledger is only ever added to; erasure may blank the person and nothing else.';

create or replace trigger consent_takes_effect
  after insert on public.consent_events
  for each row
  execute function wall.derive_consent();

alter table public.consent_events enable always trigger consent_takes_effect;

comment on trigger consent_takes_effect on public.consent_events is 'A decision takes effect in the same moment that it is recorded.';

drop trigger if exists consent_takes_effect_at_commit on public.consent_events;

create constraint trigger consent_takes_effect_at_commit
  after insert on public.consent_events
  deferrable initially deferred
  for each row
  execute function wall.settle_consent_at_commit();

alter table public.consent_events enable always trigger consent_takes_effect_at_commit;

comment on trigger consent_takes_effect_at_commit on public.consent_events is 'What others committed while a decision was open follows it as well.';

create or replace trigger consent_events_kept
  before delete on public.consent_events
  for each row
  execute function wall.refuse_removal();

alter table public.consent_events enable always trigger consent_events_kept;

comment on trigger consent_events_kept on public.consent_events is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger consent_events_kept_all
  before truncate on public.consent_events
  for each statement
  execute function wall.refuse_removal();

alter table public.consent_events enable always trigger consent_events_kept_all;

comment on trigger consent_events_kept_all on public.consent_events is 'No table is emptied, whoever tries.';

create or replace trigger consent_events_subject_id_erased
  before insert or update of subject_id on public.consent_events
  for each row
  when (new.subject_id is not null)
  execute function wall.refuse_erased('subject_id');

alter table public.consent_events enable always trigger consent_events_subject_id_erased;

comment on trigger consent_events_subject_id_erased on public.consent_events is 'Nothing is written for a person whose data was erased.';

create or replace trigger consent_events_fixed
  before update of id, subject_id, created_at on public.consent_events
  for each row
  when (old.id is distinct from new.id or old.subject_id is distinct from new.subject_id or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, subject_id, created_at', 'subject_id');

alter table public.consent_events enable always trigger consent_events_fixed;

comment on trigger consent_events_fixed on public.consent_events is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger zz_check_consent_events
  before insert or update on public.consent_events
  for each row
  execute function wall.check_consent_events();

alter table public.consent_events enable always trigger zz_check_consent_events;

comment on trigger zz_check_consent_events on public.consent_events is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Consents

create or replace trigger consents_follow_ledger
  before insert or update or delete on public.consents
  for each row
  execute function wall.guard_consent_state();

alter table public.consents enable always trigger consents_follow_ledger;

comment on trigger consents_follow_ledger on public.consents is 'The current state may only say what the newest ledger entry says.';

create or replace trigger consents_kept
  before delete on public.consents
  for each row
  execute function wall.refuse_removal('subject_id');

alter table public.consents enable always trigger consents_kept;

comment on trigger consents_kept on public.consents is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger consents_kept_all
  before truncate on public.consents
  for each statement
  execute function wall.refuse_removal();

alter table public.consents enable always trigger consents_kept_all;

comment on trigger consents_kept_all on public.consents is 'No table is emptied, whoever tries.';

create or replace trigger consents_subject_id_erased
  before insert or update of subject_id on public.consents
  for each row
  execute function wall.refuse_erased('subject_id');

alter table public.consents enable always trigger consents_subject_id_erased;

comment on trigger consents_subject_id_erased on public.consents is 'Nothing is written for a person whose data was erased.';

create or replace trigger consents_fixed
  before update of id, subject_id, purpose, scope_id, created_at on public.consents
  for each row
  when (old.id is distinct from new.id or old.subject_id is distinct from new.subject_id or old.purpose is distinct from new.purpose or old.scope_id is distinct from new.scope_id or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, subject_id, purpose, scope_id, created_at', 'subject_id');

alter table public.consents enable always trigger consents_fixed;

comment on trigger consents_fixed on public.consents is 'What identifies a row never changes; a different thing is a different row.';

-- Scrolls

create or replace trigger oracle_scrolls_seal
  before insert or update on public.oracle_scrolls
  for each row
  execute function wall.seal_row();

alter table public.oracle_scrolls enable always trigger oracle_scrolls_seal;

comment on trigger oracle_scrolls_seal on public.oracle_scrolls is 'Seals the reading and keeps it as it was sealed.';

create or replace trigger oracle_scrolls_kept
  before delete on public.oracle_scrolls
  for each row
  execute function wall.refuse_removal('subject_id');

alter table public.oracle_scrolls enable always trigger oracle_scrolls_kept;

comment on trigger oracle_scrolls_kept on public.oracle_scrolls is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger oracle_scrolls_kept_all
  before truncate on public.oracle_scrolls
  for each statement
  execute function wall.refuse_removal();

alter table public.oracle_scrolls enable always trigger oracle_scrolls_kept_all;

comment on trigger oracle_scrolls_kept_all on public.oracle_scrolls is 'No table is emptied, whoever tries.';

create or replace trigger oracle_scrolls_subject_id_erased
  before insert or update of subject_id on public.oracle_scrolls
  for each row
  execute function wall.refuse_erased('subject_id');

alter table public.oracle_scrolls enable always trigger oracle_scrolls_subject_id_erased;

comment on trigger oracle_scrolls_subject_id_erased on public.oracle_scrolls is 'Nothing is written for a person whose data was erased.';

create or replace trigger oracle_scrolls_fixed
  before update of id, subject_id, created_at on public.oracle_scrolls
  for each row
  when (old.id is distinct from new.id or old.subject_id is distinct from new.subject_id or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, subject_id, created_at', 'subject_id');

alter table public.oracle_scrolls enable always trigger oracle_scrolls_fixed;

comment on trigger oracle_scrolls_fixed on public.oracle_scrolls is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger zz_check_oracle_scrolls
  before insert or update on public.oracle_scrolls
  for each row
  execute function wall.check_oracle_scrolls();

alter table public.oracle_scrolls enable always trigger zz_check_oracle_scrolls;

comment on trigger zz_check_oracle_scrolls on public.oracle_scrolls is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Oracle artifacts

create or replace trigger accepted_gifts_stay
  before update of state, storage_path, content_sha256 on public.oracle_artifacts
  for each row
  when (new.kind = 'gift' and (new.state = 'withdrawn' or old.storage_path is not null and new.storage_path is distinct from old.storage_path or old.content_sha256 is not null and new.content_sha256 is distinct from old.content_sha256))
  execute function wall.keep_accepted_gift();

alter table public.oracle_artifacts enable always trigger accepted_gifts_stay;

comment on trigger accepted_gifts_stay on public.oracle_artifacts is 'What somebody was given and has accepted is neither taken from them nor swapped.';

create or replace trigger withdrawn_artifacts_close_cards
  after update of state on public.oracle_artifacts
  for each row
  when (old.state <> new.state and 'withdrawn' in (old.state, new.state))
  execute function wall.close_cards();

alter table public.oracle_artifacts enable always trigger withdrawn_artifacts_close_cards;

comment on trigger withdrawn_artifacts_close_cards on public.oracle_artifacts is 'A card on a withdrawn artifact closes, and does not open by itself when the artifact is back.';

create or replace trigger oracle_artifacts_kept
  before delete on public.oracle_artifacts
  for each row
  execute function wall.refuse_removal('subject_id', 'scroll_id oracle_scrolls.subject_id');

alter table public.oracle_artifacts enable always trigger oracle_artifacts_kept;

comment on trigger oracle_artifacts_kept on public.oracle_artifacts is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger oracle_artifacts_kept_all
  before truncate on public.oracle_artifacts
  for each statement
  execute function wall.refuse_removal();

alter table public.oracle_artifacts enable always trigger oracle_artifacts_kept_all;

comment on trigger oracle_artifacts_kept_all on public.oracle_artifacts is 'No table is emptied, whoever tries.';

create or replace trigger oracle_artifacts_subject_id_erased
  before insert or update of subject_id on public.oracle_artifacts
  for each row
  execute function wall.refuse_erased('subject_id');

alter table public.oracle_artifacts enable always trigger oracle_artifacts_subject_id_erased;

comment on trigger oracle_artifacts_subject_id_erased on public.oracle_artifacts is 'Nothing is written for a person whose data was erased.';

create or replace trigger oracle_artifacts_fixed
  before update of id, subject_id, scroll_id, kind, created_at on public.oracle_artifacts
  for each row
  when (old.id is distinct from new.id or old.subject_id is distinct from new.subject_id or old.scroll_id is distinct from new.scroll_id or old.kind is distinct from new.kind or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, subject_id, scroll_id, kind, created_at', 'subject_id');

alter table public.oracle_artifacts enable always trigger oracle_artifacts_fixed;

comment on trigger oracle_artifacts_fixed on public.oracle_artifacts is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger oracle_artifacts_state_starts
  before insert on public.oracle_artifacts
  for each row
  when (new.state <> all ('{draft,ready}'))
  execute function wall.refuse_illegal_move('state', '>draft', '>ready', 'draft>ready', 'draft>withdrawn', 'ready>withdrawn', 'withdrawn>ready');

alter table public.oracle_artifacts enable always trigger oracle_artifacts_state_starts;

comment on trigger oracle_artifacts_state_starts on public.oracle_artifacts is 'A new row begins as draft or ready.';

create or replace trigger oracle_artifacts_state_moves
  before update of state on public.oracle_artifacts
  for each row
  when (old.state <> new.state)
  execute function wall.refuse_illegal_move('state', '>draft', '>ready', 'draft>ready', 'draft>withdrawn', 'ready>withdrawn', 'withdrawn>ready');

alter table public.oracle_artifacts enable always trigger oracle_artifacts_state_moves;

comment on trigger oracle_artifacts_state_moves on public.oracle_artifacts is 'A state only moves the way its rules allow, whoever writes it.';

create or replace trigger a_oracle_artifacts_own
  before insert or update of scroll_id, subject_id on public.oracle_artifacts
  for each row
  execute function wall.require_own();

alter table public.oracle_artifacts enable always trigger a_oracle_artifacts_own;

comment on trigger a_oracle_artifacts_own on public.oracle_artifacts is 'A row points at what is its subject''s own, whoever writes it.';

create or replace trigger oracle_artifacts_storage_path_listed
  after insert or update of storage_path on public.oracle_artifacts
  for each row
  execute function wall.list_stored_file('storage_path');

alter table public.oracle_artifacts enable always trigger oracle_artifacts_storage_path_listed;

comment on trigger oracle_artifacts_storage_path_listed on public.oracle_artifacts is 'A file that a row gives up stays listed until storage has deleted it.';

create or replace trigger zz_check_oracle_artifacts
  before insert or update on public.oracle_artifacts
  for each row
  execute function wall.check_oracle_artifacts();

alter table public.oracle_artifacts enable always trigger zz_check_oracle_artifacts;

comment on trigger zz_check_oracle_artifacts on public.oracle_artifacts is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Card phrases

create or replace trigger card_phrases_keep
  before update on public.card_phrases
  for each row
  execute function wall.refuse_change();

alter table public.card_phrases enable always trigger card_phrases_keep;

comment on trigger card_phrases_keep on public.card_phrases is 'A phrase on a card stays as it was approved.';

create or replace trigger card_phrases_kept
  before delete on public.card_phrases
  for each row
  execute function wall.refuse_removal();

alter table public.card_phrases enable always trigger card_phrases_kept;

comment on trigger card_phrases_kept on public.card_phrases is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger card_phrases_kept_all
  before truncate on public.card_phrases
  for each statement
  execute function wall.refuse_removal();

alter table public.card_phrases enable always trigger card_phrases_kept_all;

comment on trigger card_phrases_kept_all on public.card_phrases is 'No table is emptied, whoever tries.';

create or replace trigger card_phrases_fixed
  before update of id, created_at on public.card_phrases
  for each row
  when (old.id is distinct from new.id or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, created_at');

alter table public.card_phrases enable always trigger card_phrases_fixed;

comment on trigger card_phrases_fixed on public.card_phrases is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger zz_check_card_phrases
  before insert or update on public.card_phrases
  for each row
  execute function wall.check_card_phrases();

alter table public.card_phrases enable always trigger zz_check_card_phrases;

comment on trigger zz_check_card_phrases on public.card_phrases is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Share-cards

create or replace trigger share_cards_need_consent
  before insert or update on public.share_cards
  for each row
  when (new.revoked_at is null)
  execute function wall.require_consent('public_share');

alter table public.share_cards enable always trigger share_cards_need_consent;

comment on trigger share_cards_need_consent on public.share_cards is 'A card is open only while its owner allows it; opening it again asks again.';

create or replace trigger share_cards_need_artifact
  before insert or update on public.share_cards
  for each row
  when (new.revoked_at is null)
  execute function wall.refuse_withdrawn();

alter table public.share_cards enable always trigger share_cards_need_artifact;

comment on trigger share_cards_need_artifact on public.share_cards is 'What was withdrawn is not shown again.';

create or replace trigger share_cards_kept
  before delete on public.share_cards
  for each row
  execute function wall.refuse_removal('artifact_id oracle_artifacts.subject_id');

alter table public.share_cards enable always trigger share_cards_kept;

comment on trigger share_cards_kept on public.share_cards is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger share_cards_kept_all
  before truncate on public.share_cards
  for each statement
  execute function wall.refuse_removal();

alter table public.share_cards enable always trigger share_cards_kept_all;

comment on trigger share_cards_kept_all on public.share_cards is 'No table is emptied, whoever tries.';

create or replace trigger share_cards_fixed
  before update of id, artifact_id, slug, title_kind, symbol_kind, palette_kind, one_line_kind, created_at on public.share_cards
  for each row
  when (old.id is distinct from new.id or old.artifact_id is distinct from new.artifact_id or old.slug is distinct from new.slug or old.title_kind is distinct from new.title_kind or old.symbol_kind is distinct from new.symbol_kind or old.palette_kind is distinct from new.palette_kind or old.one_line_kind is distinct from new.one_line_kind or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, artifact_id, slug, title_kind, symbol_kind, palette_kind, one_line_kind, created_at');

alter table public.share_cards enable always trigger share_cards_fixed;

comment on trigger share_cards_fixed on public.share_cards is 'What identifies a row never changes; a different thing is a different row.';

drop trigger if exists share_cards_need_consent_at_commit on public.share_cards;

create constraint trigger share_cards_need_consent_at_commit
  after insert or update on public.share_cards
  deferrable initially deferred
  for each row
  when (new.revoked_at is null)
  execute function wall.require_consent_at_commit('public_share');

alter table public.share_cards enable always trigger share_cards_need_consent_at_commit;

comment on trigger share_cards_need_consent_at_commit on public.share_cards is 'The consent is asked for once more as the row is committed.';

create or replace trigger zz_check_share_cards
  before insert or update on public.share_cards
  for each row
  execute function wall.check_share_cards();

alter table public.share_cards enable always trigger zz_check_share_cards;

comment on trigger zz_check_share_cards on public.share_cards is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Gift recipients

create or replace trigger gifts_need_consent
  before insert on public.gift_recipients
  for each row
  execute function wall.require_consent('gift_recipient');

alter table public.gift_recipients enable always trigger gifts_need_consent;

comment on trigger gifts_need_consent on public.gift_recipients is 'Nobody''s address is stored before the giver has allowed it for this gift.';

create or replace trigger gifts_of_one_consent
  before insert on public.gift_recipients
  for each row
  execute function wall.bind_gift();

alter table public.gift_recipients enable always trigger gifts_of_one_consent;

comment on trigger gifts_of_one_consent on public.gift_recipients is 'One consent is one recipient; whoever was invited has not accepted yet.';

drop trigger if exists gifts_rest_on_consent on public.gift_recipients;

create constraint trigger gifts_rest_on_consent
  after update on public.gift_recipients
  deferrable initially deferred
  for each row
  when (new.withdrawn_at is null and old.accepted_at is null)
  execute function wall.require_consent_at_commit('gift_recipient');

alter table public.gift_recipients enable always trigger gifts_rest_on_consent;

comment on trigger gifts_rest_on_consent on public.gift_recipients is 'An invitation is accepted only while the giver allows it.';

create or replace trigger gifts_stay_with_recipient
  before update on public.gift_recipients
  for each row
  execute function wall.guard_gift();

alter table public.gift_recipients enable always trigger gifts_stay_with_recipient;

comment on trigger gifts_stay_with_recipient on public.gift_recipients is 'Nobody swaps the address, and nobody accepts in somebody''s place.';

create or replace trigger gift_recipients_kept
  before delete on public.gift_recipients
  for each row
  execute function wall.refuse_removal('subject_id', 'artifact_id oracle_artifacts.subject_id', 'accepted_subject_id');

alter table public.gift_recipients enable always trigger gift_recipients_kept;

comment on trigger gift_recipients_kept on public.gift_recipients is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger gift_recipients_kept_all
  before truncate on public.gift_recipients
  for each statement
  execute function wall.refuse_removal();

alter table public.gift_recipients enable always trigger gift_recipients_kept_all;

comment on trigger gift_recipients_kept_all on public.gift_recipients is 'No table is emptied, whoever tries.';

create or replace trigger gift_recipients_subject_id_erased
  before insert or update of subject_id on public.gift_recipients
  for each row
  when (new.subject_id is not null)
  execute function wall.refuse_erased('subject_id');

alter table public.gift_recipients enable always trigger gift_recipients_subject_id_erased;

comment on trigger gift_recipients_subject_id_erased on public.gift_recipients is 'Nothing is written for a person whose data was erased.';

create or replace trigger gift_recipients_accepted_subject_id_erased
  before insert or update of accepted_subject_id on public.gift_recipients
  for each row
  when (new.accepted_subject_id is not null)
  execute function wall.refuse_erased('accepted_subject_id');

alter table public.gift_recipients enable always trigger gift_recipients_accepted_subject_id_erased;

comment on trigger gift_recipients_accepted_subject_id_erased on public.gift_recipients is 'Nothing is written for a person whose data was erased.';

create or replace trigger gift_recipients_fixed
  before update of id, subject_id, artifact_id, consent_event_id, token_sha256, created_at on public.gift_recipients
  for each row
  when (old.id is distinct from new.id or old.subject_id is distinct from new.subject_id or old.artifact_id is distinct from new.artifact_id or old.consent_event_id is distinct from new.consent_event_id or old.token_sha256 is distinct from new.token_sha256 or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, subject_id, artifact_id, consent_event_id, token_sha256, created_at', 'subject_id', 'accepted_subject_id');

alter table public.gift_recipients enable always trigger gift_recipients_fixed;

comment on trigger gift_recipients_fixed on public.gift_recipients is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger a_gift_recipients_own
  before insert or update of artifact_id, subject_id, accepted_subject_id on public.gift_recipients
  for each row
  execute function wall.require_own();

alter table public.gift_recipients enable always trigger a_gift_recipients_own;

comment on trigger a_gift_recipients_own on public.gift_recipients is 'A row points at what is its subject''s own, whoever writes it.';

drop trigger if exists gifts_need_consent_at_commit on public.gift_recipients;

create constraint trigger gifts_need_consent_at_commit
  after insert on public.gift_recipients
  deferrable initially deferred
  for each row
  execute function wall.require_consent_at_commit('gift_recipient');

alter table public.gift_recipients enable always trigger gifts_need_consent_at_commit;

comment on trigger gifts_need_consent_at_commit on public.gift_recipients is 'The consent is asked for once more as the row is committed.';

create or replace trigger zz_check_gift_recipients
  before insert or update on public.gift_recipients
  for each row
  execute function wall.check_gift_recipients();

alter table public.gift_recipients enable always trigger zz_check_gift_recipients;

comment on trigger zz_check_gift_recipients on public.gift_recipients is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Products

create or replace trigger products_kept
  before delete on public.products
  for each row
  execute function wall.refuse_removal();

alter table public.products enable always trigger products_kept;

comment on trigger products_kept on public.products is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger products_kept_all
  before truncate on public.products
  for each statement
  execute function wall.refuse_removal();

alter table public.products enable always trigger products_kept_all;

comment on trigger products_kept_all on public.products is 'No table is emptied, whoever tries.';

create or replace trigger products_fixed
  before update of id, layer, livemode, created_at on public.products
  for each row
  when (old.id is distinct from new.id or old.layer is distinct from new.layer or old.livemode is distinct from new.livemode or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, layer, livemode, created_at');

alter table public.products enable always trigger products_fixed;

comment on trigger products_fixed on public.products is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger zz_check_products
  before insert or update on public.products
  for each row
  execute function wall.check_products();

alter table public.products enable always trigger zz_check_products;

comment on trigger zz_check_products on public.products is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Purchase links

create or replace trigger purchase_links_take_mode
  before insert on public.purchase_links
  for each row
  execute function wall.take_terms('product_id', 'products', 'livemode');

alter table public.purchase_links enable always trigger purchase_links_take_mode;

comment on trigger purchase_links_take_mode on public.purchase_links is 'A price and its product are both real or both for tests.';

create or replace trigger purchase_links_kept
  before delete on public.purchase_links
  for each row
  execute function wall.refuse_removal();

alter table public.purchase_links enable always trigger purchase_links_kept;

comment on trigger purchase_links_kept on public.purchase_links is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger purchase_links_kept_all
  before truncate on public.purchase_links
  for each statement
  execute function wall.refuse_removal();

alter table public.purchase_links enable always trigger purchase_links_kept_all;

comment on trigger purchase_links_kept_all on public.purchase_links is 'No table is emptied, whoever tries.';

create or replace trigger purchase_links_fixed
  before update of id, product_id, stripe_price_id, amount_minor, currency, livemode, created_at on public.purchase_links
  for each row
  when (old.id is distinct from new.id or old.product_id is distinct from new.product_id or old.stripe_price_id is distinct from new.stripe_price_id or old.amount_minor is distinct from new.amount_minor or old.currency is distinct from new.currency or old.livemode is distinct from new.livemode or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, product_id, stripe_price_id, amount_minor, currency, livemode, created_at');

alter table public.purchase_links enable always trigger purchase_links_fixed;

comment on trigger purchase_links_fixed on public.purchase_links is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger zz_check_purchase_links
  before insert or update on public.purchase_links
  for each row
  execute function wall.check_purchase_links();

alter table public.purchase_links enable always trigger zz_check_purchase_links;

comment on trigger zz_check_purchase_links on public.purchase_links is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Purchases

create or replace trigger purchases_need_offer
  before insert on public.purchases
  for each row
  execute function wall.require_offer();

alter table public.purchases enable always trigger purchases_need_offer;

comment on trigger purchases_need_offer on public.purchases is 'A purchase begins at a link that is for sale.';

create or replace trigger purchases_take_terms
  before insert on public.purchases
  for each row
  execute function wall.take_terms('purchase_link_id', 'purchase_links', 'amount_minor', 'currency', 'livemode');

alter table public.purchases enable always trigger purchases_take_terms;

comment on trigger purchases_take_terms on public.purchases is 'Price, currency and mode of a purchase are those of its link.';

create or replace trigger purchases_locked_again
  after update of unlocked_at on public.purchases
  for each row
  when (old.unlocked_at is not null and new.unlocked_at is null)
  execute function wall.audit_change('purchase.locked');

alter table public.purchases enable always trigger purchases_locked_again;

comment on trigger purchases_locked_again on public.purchases is 'What takes an unlock back is written down.';

create or replace trigger purchases_kept
  before delete on public.purchases
  for each row
  execute function wall.refuse_removal();

alter table public.purchases enable always trigger purchases_kept;

comment on trigger purchases_kept on public.purchases is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger purchases_kept_all
  before truncate on public.purchases
  for each statement
  execute function wall.refuse_removal();

alter table public.purchases enable always trigger purchases_kept_all;

comment on trigger purchases_kept_all on public.purchases is 'No table is emptied, whoever tries.';

create or replace trigger purchases_buyer_subject_id_erased
  before insert or update of buyer_subject_id on public.purchases
  for each row
  when (new.buyer_subject_id is not null)
  execute function wall.refuse_erased('buyer_subject_id');

alter table public.purchases enable always trigger purchases_buyer_subject_id_erased;

comment on trigger purchases_buyer_subject_id_erased on public.purchases is 'Nothing is written for a person whose data was erased.';

create or replace trigger purchases_recipient_subject_id_erased
  before insert or update of recipient_subject_id on public.purchases
  for each row
  when (new.recipient_subject_id is not null)
  execute function wall.refuse_erased('recipient_subject_id');

alter table public.purchases enable always trigger purchases_recipient_subject_id_erased;

comment on trigger purchases_recipient_subject_id_erased on public.purchases is 'Nothing is written for a person whose data was erased.';

create or replace trigger purchases_fixed
  before update of id, checkout_session_id, purchase_link_id, buyer_subject_id, recipient_subject_id, amount_minor, currency, livemode, created_at on public.purchases
  for each row
  when (old.id is distinct from new.id or old.checkout_session_id is distinct from new.checkout_session_id or old.purchase_link_id is distinct from new.purchase_link_id or old.buyer_subject_id is distinct from new.buyer_subject_id and old.buyer_subject_id is not null or old.recipient_subject_id is distinct from new.recipient_subject_id and old.recipient_subject_id is not null or old.amount_minor is distinct from new.amount_minor or old.currency is distinct from new.currency or old.livemode is distinct from new.livemode or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, checkout_session_id, purchase_link_id, buyer_subject_id, recipient_subject_id, amount_minor, currency, livemode, created_at', 'buyer_subject_id', 'recipient_subject_id');

alter table public.purchases enable always trigger purchases_fixed;

comment on trigger purchases_fixed on public.purchases is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger purchases_values
  before update of payment_intent_id, amount_refunded_minor, paid_at, unlocked_at, refunded_at, disputed_at on public.purchases
  for each row
  when (old.payment_intent_id <> new.payment_intent_id or old.payment_intent_id is not null and new.payment_intent_id is null or new.amount_refunded_minor < old.amount_refunded_minor or old.paid_at is null and new.paid_at is not null and new.status not in ('paid') or old.paid_at <> new.paid_at or old.paid_at is not null and new.paid_at is null or old.unlocked_at is null and new.unlocked_at is not null and new.status not in ('paid') or old.unlocked_at <> new.unlocked_at or old.unlocked_at is not null and new.unlocked_at is null and new.status not in ('refunded', 'disputed') or old.refunded_at <> new.refunded_at or old.refunded_at is not null and new.refunded_at is null or old.disputed_at is null and new.disputed_at is not null and new.status not in ('disputed') or old.disputed_at <> new.disputed_at or old.disputed_at is not null and new.disputed_at is null)
  execute function wall.refuse_value('payment_intent_id, amount_refunded_minor, paid_at, unlocked_at, refunded_at, disputed_at');

alter table public.purchases enable always trigger purchases_values;

comment on trigger purchases_values on public.purchases is 'A value is set in its states alone and stays as it was written.';

create or replace trigger purchases_past
  before insert or update of paid_at, unlocked_at, refunded_at, disputed_at on public.purchases
  for each row
  when (new.paid_at > clock_timestamp() or new.paid_at < new.created_at or new.unlocked_at > clock_timestamp() or new.unlocked_at < new.created_at or new.refunded_at > clock_timestamp() or new.refunded_at < new.created_at or new.disputed_at > clock_timestamp() or new.disputed_at < new.created_at)
  execute function wall.refuse_future('paid_at, unlocked_at, refunded_at, disputed_at');

alter table public.purchases enable always trigger purchases_past;

comment on trigger purchases_past on public.purchases is 'A moment that has come is not ahead, and not before the row was written.';

create or replace trigger purchases_status_starts
  before insert on public.purchases
  for each row
  when (new.status <> all ('{open}'))
  execute function wall.refuse_illegal_move('status', '>open', 'open>processing', 'open>paid', 'open>failed', 'open>expired', 'processing>paid', 'processing>failed', 'failed>paid', 'expired>paid', 'paid>refunded', 'paid>disputed', 'disputed>paid', 'disputed>refunded');

alter table public.purchases enable always trigger purchases_status_starts;

comment on trigger purchases_status_starts on public.purchases is 'A new row begins as open.';

create or replace trigger purchases_status_moves
  before update of status on public.purchases
  for each row
  when (old.status <> new.status)
  execute function wall.refuse_illegal_move('status', '>open', 'open>processing', 'open>paid', 'open>failed', 'open>expired', 'processing>paid', 'processing>failed', 'failed>paid', 'expired>paid', 'paid>refunded', 'paid>disputed', 'disputed>paid', 'disputed>refunded');

alter table public.purchases enable always trigger purchases_status_moves;

comment on trigger purchases_status_moves on public.purchases is 'A state only moves the way its rules allow, whoever writes it.';

create or replace trigger a_purchases_own
  before insert or update of scroll_id, buyer_subject_id, recipient_subject_id on public.purchases
  for each row
  execute function wall.require_own();

alter table public.purchases enable always trigger a_purchases_own;

comment on trigger a_purchases_own on public.purchases is 'A row points at what is its subject''s own, whoever writes it.';

create or replace trigger zz_check_purchases
  before insert or update on public.purchases
  for each row
  execute function wall.check_purchases();

alter table public.purchases enable always trigger zz_check_purchases;

comment on trigger zz_check_purchases on public.purchases is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Stripe events

create or replace trigger stripe_events_kept
  before delete on public.stripe_events
  for each row
  execute function wall.refuse_removal();

alter table public.stripe_events enable always trigger stripe_events_kept;

comment on trigger stripe_events_kept on public.stripe_events is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger stripe_events_kept_all
  before truncate on public.stripe_events
  for each statement
  execute function wall.refuse_removal();

alter table public.stripe_events enable always trigger stripe_events_kept_all;

comment on trigger stripe_events_kept_all on public.stripe_events is 'No table is emptied, whoever tries.';

create or replace trigger stripe_events_fixed
  before update of id, type, stripe_created_at, livemode, created_at on public.stripe_events
  for each row
  when (old.id is distinct from new.id or old.type is distinct from new.type or old.stripe_created_at is distinct from new.stripe_created_at or old.livemode is distinct from new.livemode or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, type, stripe_created_at, livemode, created_at');

alter table public.stripe_events enable always trigger stripe_events_fixed;

comment on trigger stripe_events_fixed on public.stripe_events is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger stripe_events_status_starts
  before insert on public.stripe_events
  for each row
  when (new.status <> all ('{received}'))
  execute function wall.refuse_illegal_move('status', '>received', 'received>processing', 'received>done', 'received>ignored', 'received>failed', 'received>needs_review', 'processing>done', 'processing>ignored', 'processing>failed', 'processing>needs_review', 'processing>received', 'failed>processing', 'failed>needs_review', 'needs_review>processing', 'needs_review>done', 'needs_review>ignored');

alter table public.stripe_events enable always trigger stripe_events_status_starts;

comment on trigger stripe_events_status_starts on public.stripe_events is 'A new row begins as received.';

create or replace trigger stripe_events_status_moves
  before update of status on public.stripe_events
  for each row
  when (old.status <> new.status)
  execute function wall.refuse_illegal_move('status', '>received', 'received>processing', 'received>done', 'received>ignored', 'received>failed', 'received>needs_review', 'processing>done', 'processing>ignored', 'processing>failed', 'processing>needs_review', 'processing>received', 'failed>processing', 'failed>needs_review', 'needs_review>processing', 'needs_review>done', 'needs_review>ignored');

alter table public.stripe_events enable always trigger stripe_events_status_moves;

comment on trigger stripe_events_status_moves on public.stripe_events is 'A state only moves the way its rules allow, whoever writes it.';

create or replace trigger zz_check_stripe_events
  before insert or update on public.stripe_events
  for each row
  execute function wall.check_stripe_events();

alter table public.stripe_events enable always trigger zz_check_stripe_events;

comment on trigger zz_check_stripe_events on public.stripe_events is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Echo entries

create or replace trigger echo_entries_kept
  before delete on public.echo_entries
  for each row
  execute function wall.refuse_removal('subject_id', 'scroll_id oracle_scrolls.subject_id');

alter table public.echo_entries enable always trigger echo_entries_kept;

comment on trigger echo_entries_kept on public.echo_entries is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger echo_entries_kept_all
  before truncate on public.echo_entries
  for each statement
  execute function wall.refuse_removal();

alter table public.echo_entries enable always trigger echo_entries_kept_all;

comment on trigger echo_entries_kept_all on public.echo_entries is 'No table is emptied, whoever tries.';

create or replace trigger echo_entries_subject_id_erased
  before insert or update of subject_id on public.echo_entries
  for each row
  execute function wall.refuse_erased('subject_id');

alter table public.echo_entries enable always trigger echo_entries_subject_id_erased;

comment on trigger echo_entries_subject_id_erased on public.echo_entries is 'Nothing is written for a person whose data was erased.';

create or replace trigger echo_entries_fixed
  before update of id, subject_id, scroll_id, created_at on public.echo_entries
  for each row
  when (old.id is distinct from new.id or old.subject_id is distinct from new.subject_id or old.scroll_id is distinct from new.scroll_id or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, subject_id, scroll_id, created_at', 'subject_id');

alter table public.echo_entries enable always trigger echo_entries_fixed;

comment on trigger echo_entries_fixed on public.echo_entries is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger echo_entries_values
  before update of returned_at on public.echo_entries
  for each row
  when (old.returned_at <> new.returned_at or old.returned_at is not null and new.returned_at is null)
  execute function wall.refuse_value('returned_at');

alter table public.echo_entries enable always trigger echo_entries_values;

comment on trigger echo_entries_values on public.echo_entries is 'A value is set in its states alone and stays as it was written.';

create or replace trigger echo_entries_past
  before insert or update of returned_at on public.echo_entries
  for each row
  when (new.returned_at > clock_timestamp() or new.returned_at < new.created_at)
  execute function wall.refuse_future('returned_at');

alter table public.echo_entries enable always trigger echo_entries_past;

comment on trigger echo_entries_past on public.echo_entries is 'A moment that has come is not ahead, and not before the row was written.';

create or replace trigger echo_entries_status_starts
  before insert on public.echo_entries
  for each row
  when (new.status <> all ('{scheduled}'))
  execute function wall.refuse_illegal_move('status', '>scheduled', 'scheduled>returned', 'scheduled>cancelled');

alter table public.echo_entries enable always trigger echo_entries_status_starts;

comment on trigger echo_entries_status_starts on public.echo_entries is 'A new row begins as scheduled.';

create or replace trigger echo_entries_status_moves
  before update of status on public.echo_entries
  for each row
  when (old.status <> new.status)
  execute function wall.refuse_illegal_move('status', '>scheduled', 'scheduled>returned', 'scheduled>cancelled');

alter table public.echo_entries enable always trigger echo_entries_status_moves;

comment on trigger echo_entries_status_moves on public.echo_entries is 'A state only moves the way its rules allow, whoever writes it.';

create or replace trigger a_echo_entries_own
  before insert or update of scroll_id, subject_id on public.echo_entries
  for each row
  execute function wall.require_own();

alter table public.echo_entries enable always trigger a_echo_entries_own;

comment on trigger a_echo_entries_own on public.echo_entries is 'A row points at what is its subject''s own, whoever writes it.';

create or replace trigger zz_check_echo_entries
  before insert or update on public.echo_entries
  for each row
  execute function wall.check_echo_entries();

alter table public.echo_entries enable always trigger zz_check_echo_entries;

comment on trigger zz_check_echo_entries on public.echo_entries is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Council sessions

create or replace trigger council_sessions_kept
  before delete on public.council_sessions
  for each row
  execute function wall.refuse_removal('subject_id', 'scroll_id oracle_scrolls.subject_id');

alter table public.council_sessions enable always trigger council_sessions_kept;

comment on trigger council_sessions_kept on public.council_sessions is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger council_sessions_kept_all
  before truncate on public.council_sessions
  for each statement
  execute function wall.refuse_removal();

alter table public.council_sessions enable always trigger council_sessions_kept_all;

comment on trigger council_sessions_kept_all on public.council_sessions is 'No table is emptied, whoever tries.';

create or replace trigger council_sessions_subject_id_erased
  before insert or update of subject_id on public.council_sessions
  for each row
  execute function wall.refuse_erased('subject_id');

alter table public.council_sessions enable always trigger council_sessions_subject_id_erased;

comment on trigger council_sessions_subject_id_erased on public.council_sessions is 'Nothing is written for a person whose data was erased.';

create or replace trigger council_sessions_fixed
  before update of id, subject_id, scroll_id, created_at on public.council_sessions
  for each row
  when (old.id is distinct from new.id or old.subject_id is distinct from new.subject_id or old.scroll_id is distinct from new.scroll_id or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, subject_id, scroll_id, created_at', 'subject_id');

alter table public.council_sessions enable always trigger council_sessions_fixed;

comment on trigger council_sessions_fixed on public.council_sessions is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger council_sessions_values
  before update of closed_at on public.council_sessions
  for each row
  when (old.closed_at <> new.closed_at or old.closed_at is not null and new.closed_at is null)
  execute function wall.refuse_value('closed_at');

alter table public.council_sessions enable always trigger council_sessions_values;

comment on trigger council_sessions_values on public.council_sessions is 'A value is set in its states alone and stays as it was written.';

create or replace trigger council_sessions_past
  before insert or update of closed_at on public.council_sessions
  for each row
  when (new.closed_at > clock_timestamp() or new.closed_at < new.created_at)
  execute function wall.refuse_future('closed_at');

alter table public.council_sessions enable always trigger council_sessions_past;

comment on trigger council_sessions_past on public.council_sessions is 'A moment that has come is not ahead, and not before the row was written.';

create or replace trigger council_sessions_status_starts
  before insert on public.council_sessions
  for each row
  when (new.status <> all ('{gathering}'))
  execute function wall.refuse_illegal_move('status', '>gathering', 'gathering>closed', 'gathering>cancelled');

alter table public.council_sessions enable always trigger council_sessions_status_starts;

comment on trigger council_sessions_status_starts on public.council_sessions is 'A new row begins as gathering.';

create or replace trigger council_sessions_status_moves
  before update of status on public.council_sessions
  for each row
  when (old.status <> new.status)
  execute function wall.refuse_illegal_move('status', '>gathering', 'gathering>closed', 'gathering>cancelled');

alter table public.council_sessions enable always trigger council_sessions_status_moves;

comment on trigger council_sessions_status_moves on public.council_sessions is 'A state only moves the way its rules allow, whoever writes it.';

create or replace trigger a_council_sessions_own
  before insert or update of scroll_id, subject_id on public.council_sessions
  for each row
  execute function wall.require_own();

alter table public.council_sessions enable always trigger a_council_sessions_own;

comment on trigger a_council_sessions_own on public.council_sessions is 'A row points at what is its subject''s own, whoever writes it.';

create or replace trigger zz_check_council_sessions
  before insert or update on public.council_sessions
  for each row
  execute function wall.check_council_sessions();

alter table public.council_sessions enable always trigger zz_check_council_sessions;

comment on trigger zz_check_council_sessions on public.council_sessions is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Passport records

create or replace trigger passport_needs_account
  before insert on public.passport_records
  for each row
  execute function wall.require_account();

alter table public.passport_records enable always trigger passport_needs_account;

comment on trigger passport_needs_account on public.passport_records is 'Only somebody who can come back has a Passport.';

create or replace trigger passport_needs_consent
  before insert or update on public.passport_records
  for each row
  execute function wall.require_consent('passport_write');

alter table public.passport_records enable always trigger passport_needs_consent;

comment on trigger passport_needs_consent on public.passport_records is 'Nothing enters a Passport without its owner''s consent.';

create or replace trigger passport_seal
  before insert or update on public.passport_records
  for each row
  execute function wall.seal_row();

alter table public.passport_records enable always trigger passport_seal;

comment on trigger passport_seal on public.passport_records is 'Seals the record and keeps it as it was sealed.';

create or replace trigger passport_records_kept
  before delete on public.passport_records
  for each row
  execute function wall.refuse_removal('subject_id', 'scroll_id oracle_scrolls.subject_id', 'artifact_id oracle_artifacts.subject_id');

alter table public.passport_records enable always trigger passport_records_kept;

comment on trigger passport_records_kept on public.passport_records is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger passport_records_kept_all
  before truncate on public.passport_records
  for each statement
  execute function wall.refuse_removal();

alter table public.passport_records enable always trigger passport_records_kept_all;

comment on trigger passport_records_kept_all on public.passport_records is 'No table is emptied, whoever tries.';

create or replace trigger passport_records_subject_id_erased
  before insert or update of subject_id on public.passport_records
  for each row
  execute function wall.refuse_erased('subject_id');

alter table public.passport_records enable always trigger passport_records_subject_id_erased;

comment on trigger passport_records_subject_id_erased on public.passport_records is 'Nothing is written for a person whose data was erased.';

create or replace trigger passport_records_fixed
  before update of id, subject_id, scroll_id, created_at on public.passport_records
  for each row
  when (old.id is distinct from new.id or old.subject_id is distinct from new.subject_id or old.scroll_id is distinct from new.scroll_id or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, subject_id, scroll_id, created_at', 'subject_id');

alter table public.passport_records enable always trigger passport_records_fixed;

comment on trigger passport_records_fixed on public.passport_records is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger a_passport_records_own
  before insert or update of scroll_id, artifact_id, purchase_id, subject_id on public.passport_records
  for each row
  execute function wall.require_own();

alter table public.passport_records enable always trigger a_passport_records_own;

comment on trigger a_passport_records_own on public.passport_records is 'A row points at what is its subject''s own, whoever writes it.';

drop trigger if exists passport_needs_consent_at_commit on public.passport_records;

create constraint trigger passport_needs_consent_at_commit
  after insert or update on public.passport_records
  deferrable initially deferred
  for each row
  execute function wall.require_consent_at_commit('passport_write');

alter table public.passport_records enable always trigger passport_needs_consent_at_commit;

comment on trigger passport_needs_consent_at_commit on public.passport_records is 'The consent is asked for once more as the row is committed.';

create or replace trigger zz_check_passport_records
  before insert or update on public.passport_records
  for each row
  execute function wall.check_passport_records();

alter table public.passport_records enable always trigger zz_check_passport_records;

comment on trigger zz_check_passport_records on public.passport_records is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- AI runs

create or replace trigger ai_runs_need_consent
  before insert or update on public.ai_runs
  for each row
  when (new.status <> 'discarded')
  execute function wall.require_consent('ai_processing');

alter table public.ai_runs enable always trigger ai_runs_need_consent;

comment on trigger ai_runs_need_consent on public.ai_runs is 'No AI reads a question, writes or is taken over before its owner has allowed it, or after they withdrew.';

create or replace trigger ai_runs_guard
  before update on public.ai_runs
  for each row
  execute function wall.guard_ai_run();

alter table public.ai_runs enable always trigger ai_runs_guard;

comment on trigger ai_runs_guard on public.ai_runs is 'One lease, one answer: written while the lease lasts, and taken over only as its layer''s schema says.';

create or replace trigger ai_runs_kept
  before delete on public.ai_runs
  for each row
  execute function wall.refuse_removal('subject_id', 'scroll_id oracle_scrolls.subject_id');

alter table public.ai_runs enable always trigger ai_runs_kept;

comment on trigger ai_runs_kept on public.ai_runs is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger ai_runs_kept_all
  before truncate on public.ai_runs
  for each statement
  execute function wall.refuse_removal();

alter table public.ai_runs enable always trigger ai_runs_kept_all;

comment on trigger ai_runs_kept_all on public.ai_runs is 'No table is emptied, whoever tries.';

create or replace trigger ai_runs_subject_id_erased
  before insert or update of subject_id on public.ai_runs
  for each row
  execute function wall.refuse_erased('subject_id');

alter table public.ai_runs enable always trigger ai_runs_subject_id_erased;

comment on trigger ai_runs_subject_id_erased on public.ai_runs is 'Nothing is written for a person whose data was erased.';

create or replace trigger ai_runs_fixed
  before update of id, subject_id, layer, scroll_id, fields_given, model, created_at on public.ai_runs
  for each row
  when (old.id is distinct from new.id or old.subject_id is distinct from new.subject_id or old.layer is distinct from new.layer or old.scroll_id is distinct from new.scroll_id or old.fields_given is distinct from new.fields_given or old.model is distinct from new.model or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, subject_id, layer, scroll_id, fields_given, model, created_at', 'subject_id');

alter table public.ai_runs enable always trigger ai_runs_fixed;

comment on trigger ai_runs_fixed on public.ai_runs is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger ai_runs_values
  before update of leases, leased_at, output, promoted_at on public.ai_runs
  for each row
  when (new.leases < old.leases or old.leased_at <> new.leased_at or old.leased_at is not null and new.leased_at is null or old.output is null and new.output is not null and new.status not in ('written') or old.output <> new.output or old.output is not null and new.output is null and new.status not in ('discarded') or old.promoted_at <> new.promoted_at or old.promoted_at is not null and new.promoted_at is null)
  execute function wall.refuse_value('leases, leased_at, output, promoted_at');

alter table public.ai_runs enable always trigger ai_runs_values;

comment on trigger ai_runs_values on public.ai_runs is 'A value is set in its states alone and stays as it was written.';

create or replace trigger ai_runs_past
  before insert or update of leased_at, promoted_at on public.ai_runs
  for each row
  when (new.leased_at > clock_timestamp() or new.leased_at < new.created_at or new.promoted_at > clock_timestamp() or new.promoted_at < new.created_at)
  execute function wall.refuse_future('leased_at, promoted_at');

alter table public.ai_runs enable always trigger ai_runs_past;

comment on trigger ai_runs_past on public.ai_runs is 'A moment that has come is not ahead, and not before the row was written.';

create or replace trigger ai_runs_status_starts
  before insert on public.ai_runs
  for each row
  when (new.status <> all ('{requested}'))
  execute function wall.refuse_illegal_move('status', '>requested', 'requested>written', 'requested>discarded', 'written>promoted', 'written>discarded');

alter table public.ai_runs enable always trigger ai_runs_status_starts;

comment on trigger ai_runs_status_starts on public.ai_runs is 'A new row begins as requested.';

create or replace trigger ai_runs_status_moves
  before update of status on public.ai_runs
  for each row
  when (old.status <> new.status)
  execute function wall.refuse_illegal_move('status', '>requested', 'requested>written', 'requested>discarded', 'written>promoted', 'written>discarded');

alter table public.ai_runs enable always trigger ai_runs_status_moves;

comment on trigger ai_runs_status_moves on public.ai_runs is 'A state only moves the way its rules allow, whoever writes it.';

create or replace trigger a_ai_runs_own
  before insert or update of scroll_id, subject_id on public.ai_runs
  for each row
  execute function wall.require_own();

alter table public.ai_runs enable always trigger a_ai_runs_own;

comment on trigger a_ai_runs_own on public.ai_runs is 'A row points at what is its subject''s own, whoever writes it.';

drop trigger if exists ai_runs_need_consent_at_commit on public.ai_runs;

create constraint trigger ai_runs_need_consent_at_commit
  after insert or update on public.ai_runs
  deferrable initially deferred
  for each row
  when (new.status <> 'discarded')
  execute function wall.require_consent_at_commit('ai_processing');

alter table public.ai_runs enable always trigger ai_runs_need_consent_at_commit;

comment on trigger ai_runs_need_consent_at_commit on public.ai_runs is 'The consent is asked for once more as the row is committed.';

create or replace trigger zz_check_ai_runs
  before insert or update on public.ai_runs
  for each row
  execute function wall.check_ai_runs();

alter table public.ai_runs enable always trigger zz_check_ai_runs;

comment on trigger zz_check_ai_runs on public.ai_runs is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Delivery jobs

create or replace trigger jobs_need_consent
  before insert or update of status on public.delivery_jobs
  for each row
  when (new.leg = 'email')
  execute function wall.require_job_consents();

alter table public.delivery_jobs enable always trigger jobs_need_consent;

comment on trigger jobs_need_consent on public.delivery_jobs is 'No job joins the queue, or comes back to it, without the consents it rests on.';

drop trigger if exists jobs_follow_consent on public.delivery_jobs;

create constraint trigger jobs_follow_consent
  after insert or update of status on public.delivery_jobs
  deferrable initially deferred
  for each row
  when (new.leg = 'email')
  execute function wall.settle_job_at_commit();

alter table public.delivery_jobs enable always trigger jobs_follow_consent;

comment on trigger jobs_follow_consent on public.delivery_jobs is 'A job that a decision has overtaken ends as if the decision had come right after it.';

create or replace trigger delivery_jobs_kept
  before delete on public.delivery_jobs
  for each row
  execute function wall.refuse_removal('subject_id', 'artifact_id oracle_artifacts.subject_id', 'echo_entry_id echo_entries.subject_id');

alter table public.delivery_jobs enable always trigger delivery_jobs_kept;

comment on trigger delivery_jobs_kept on public.delivery_jobs is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger delivery_jobs_kept_all
  before truncate on public.delivery_jobs
  for each statement
  execute function wall.refuse_removal();

alter table public.delivery_jobs enable always trigger delivery_jobs_kept_all;

comment on trigger delivery_jobs_kept_all on public.delivery_jobs is 'No table is emptied, whoever tries.';

create or replace trigger delivery_jobs_subject_id_erased
  before insert or update of subject_id on public.delivery_jobs
  for each row
  execute function wall.refuse_erased('subject_id');

alter table public.delivery_jobs enable always trigger delivery_jobs_subject_id_erased;

comment on trigger delivery_jobs_subject_id_erased on public.delivery_jobs is 'Nothing is written for a person whose data was erased.';

create or replace trigger delivery_jobs_fixed
  before update of id, idempotency_key, channel, leg, subject_id, artifact_id, purchase_id, echo_entry_id, created_at on public.delivery_jobs
  for each row
  when (old.id is distinct from new.id or old.idempotency_key is distinct from new.idempotency_key or old.channel is distinct from new.channel or old.leg is distinct from new.leg or old.subject_id is distinct from new.subject_id or old.artifact_id is distinct from new.artifact_id or old.purchase_id is distinct from new.purchase_id or old.echo_entry_id is distinct from new.echo_entry_id or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, idempotency_key, channel, leg, subject_id, artifact_id, purchase_id, echo_entry_id, created_at', 'subject_id');

alter table public.delivery_jobs enable always trigger delivery_jobs_fixed;

comment on trigger delivery_jobs_fixed on public.delivery_jobs is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger delivery_jobs_status_starts
  before insert on public.delivery_jobs
  for each row
  when (new.status <> all ('{waiting,pending}'))
  execute function wall.refuse_illegal_move('status', '>waiting', '>pending', 'waiting>pending', 'waiting>cancelled', 'waiting>parked', 'pending>running', 'pending>waiting', 'pending>cancelled', 'pending>parked', 'running>done', 'running>pending', 'running>waiting', 'running>dead', 'running>cancelled', 'dead>pending', 'dead>parked', 'dead>cancelled', 'parked>pending', 'parked>cancelled');

alter table public.delivery_jobs enable always trigger delivery_jobs_status_starts;

comment on trigger delivery_jobs_status_starts on public.delivery_jobs is 'A new row begins as waiting or pending.';

create or replace trigger delivery_jobs_status_moves
  before update of status on public.delivery_jobs
  for each row
  when (old.status <> new.status)
  execute function wall.refuse_illegal_move('status', '>waiting', '>pending', 'waiting>pending', 'waiting>cancelled', 'waiting>parked', 'pending>running', 'pending>waiting', 'pending>cancelled', 'pending>parked', 'running>done', 'running>pending', 'running>waiting', 'running>dead', 'running>cancelled', 'dead>pending', 'dead>parked', 'dead>cancelled', 'parked>pending', 'parked>cancelled');

alter table public.delivery_jobs enable always trigger delivery_jobs_status_moves;

comment on trigger delivery_jobs_status_moves on public.delivery_jobs is 'A state only moves the way its rules allow, whoever writes it.';

create or replace trigger a_delivery_jobs_own
  before insert or update of artifact_id, purchase_id, echo_entry_id, subject_id on public.delivery_jobs
  for each row
  execute function wall.require_own();

alter table public.delivery_jobs enable always trigger a_delivery_jobs_own;

comment on trigger a_delivery_jobs_own on public.delivery_jobs is 'A row points at what is its subject''s own, whoever writes it.';

-- Delivery attempts

create or replace trigger delivery_attempts_keep
  before update on public.delivery_attempts
  for each row
  execute function wall.refuse_change();

alter table public.delivery_attempts enable always trigger delivery_attempts_keep;

comment on trigger delivery_attempts_keep on public.delivery_attempts is 'What happened has happened.';

create or replace trigger delivery_attempts_kept
  before delete on public.delivery_attempts
  for each row
  execute function wall.refuse_removal('job_id delivery_jobs.subject_id');

alter table public.delivery_attempts enable always trigger delivery_attempts_kept;

comment on trigger delivery_attempts_kept on public.delivery_attempts is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger delivery_attempts_kept_all
  before truncate on public.delivery_attempts
  for each statement
  execute function wall.refuse_removal();

alter table public.delivery_attempts enable always trigger delivery_attempts_kept_all;

comment on trigger delivery_attempts_kept_all on public.delivery_attempts is 'No table is emptied, whoever tries.';

create or replace trigger delivery_attempts_fixed
  before update of id, created_at on public.delivery_attempts
  for each row
  when (old.id is distinct from new.id or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, created_at');

alter table public.delivery_attempts enable always trigger delivery_attempts_fixed;

comment on trigger delivery_attempts_fixed on public.delivery_attempts is 'What identifies a row never changes; a different thing is a different row.';

-- E-mail suppressions

create or replace trigger email_suppressions_kept
  before delete on public.email_suppressions
  for each row
  execute function wall.refuse_removal();

alter table public.email_suppressions enable always trigger email_suppressions_kept;

comment on trigger email_suppressions_kept on public.email_suppressions is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger email_suppressions_kept_all
  before truncate on public.email_suppressions
  for each statement
  execute function wall.refuse_removal();

alter table public.email_suppressions enable always trigger email_suppressions_kept_all;

comment on trigger email_suppressions_kept_all on public.email_suppressions is 'No table is emptied, whoever tries.';

create or replace trigger email_suppressions_fixed
  before update of id, created_at on public.email_suppressions
  for each row
  when (old.id is distinct from new.id or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, created_at');

alter table public.email_suppressions enable always trigger email_suppressions_fixed;

comment on trigger email_suppressions_fixed on public.email_suppressions is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger zz_check_email_suppressions
  before insert or update on public.email_suppressions
  for each row
  execute function wall.check_email_suppressions();

alter table public.email_suppressions enable always trigger zz_check_email_suppressions;

comment on trigger zz_check_email_suppressions on public.email_suppressions is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Privacy requests

create or replace trigger privacy_requests_stamp
  before insert on public.privacy_requests
  for each row
  execute function wall.stamp_privacy_request();

alter table public.privacy_requests enable always trigger privacy_requests_stamp;

comment on trigger privacy_requests_stamp on public.privacy_requests is 'The dates of a request are the database''s own, whatever was sent.';

create or replace trigger privacy_requests_terms
  before update on public.privacy_requests
  for each row
  execute function wall.guard_privacy_request();

alter table public.privacy_requests enable always trigger privacy_requests_terms;

comment on trigger privacy_requests_terms on public.privacy_requests is 'A deadline moves once, in time and with a reason; done means that nothing is left to do.';

create or replace trigger privacy_requests_audited
  after insert or update on public.privacy_requests
  for each row
  execute function wall.audit_privacy_request();

alter table public.privacy_requests enable always trigger privacy_requests_audited;

comment on trigger privacy_requests_audited on public.privacy_requests is 'Each request and each move of it leaves a line in the audit trail.';

create or replace trigger privacy_requests_kept
  before delete on public.privacy_requests
  for each row
  execute function wall.refuse_removal();

alter table public.privacy_requests enable always trigger privacy_requests_kept;

comment on trigger privacy_requests_kept on public.privacy_requests is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger privacy_requests_kept_all
  before truncate on public.privacy_requests
  for each statement
  execute function wall.refuse_removal();

alter table public.privacy_requests enable always trigger privacy_requests_kept_all;

comment on trigger privacy_requests_kept_all on public.privacy_requests is 'No table is emptied, whoever tries.';

create or replace trigger privacy_requests_subject_id_erased
  before insert or update of subject_id on public.privacy_requests
  for each row
  when (new.subject_id is not null)
  execute function wall.refuse_erased('subject_id');

alter table public.privacy_requests enable always trigger privacy_requests_subject_id_erased;

comment on trigger privacy_requests_subject_id_erased on public.privacy_requests is 'Nothing is written for a person whose data was erased.';

create or replace trigger privacy_requests_fixed
  before update of id, subject_id, kind, due_at, created_at on public.privacy_requests
  for each row
  when (old.id is distinct from new.id or old.subject_id is distinct from new.subject_id or old.kind is distinct from new.kind or old.due_at is distinct from new.due_at or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, subject_id, kind, due_at, created_at', 'subject_id');

alter table public.privacy_requests enable always trigger privacy_requests_fixed;

comment on trigger privacy_requests_fixed on public.privacy_requests is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger privacy_requests_status_starts
  before insert on public.privacy_requests
  for each row
  when (new.status <> all ('{received}'))
  execute function wall.refuse_illegal_move('status', '>received', 'received>verified', 'received>refused', 'received>cancelled', 'verified>running', 'verified>refused', 'verified>cancelled', 'running>waiting_processor', 'running>done', 'waiting_processor>running', 'waiting_processor>done');

alter table public.privacy_requests enable always trigger privacy_requests_status_starts;

comment on trigger privacy_requests_status_starts on public.privacy_requests is 'A new row begins as received.';

create or replace trigger privacy_requests_status_moves
  before update of status on public.privacy_requests
  for each row
  when (old.status <> new.status)
  execute function wall.refuse_illegal_move('status', '>received', 'received>verified', 'received>refused', 'received>cancelled', 'verified>running', 'verified>refused', 'verified>cancelled', 'running>waiting_processor', 'running>done', 'waiting_processor>running', 'waiting_processor>done');

alter table public.privacy_requests enable always trigger privacy_requests_status_moves;

comment on trigger privacy_requests_status_moves on public.privacy_requests is 'A state only moves the way its rules allow, whoever writes it.';

create or replace trigger zz_check_privacy_requests
  before insert or update on public.privacy_requests
  for each row
  execute function wall.check_privacy_requests();

alter table public.privacy_requests enable always trigger zz_check_privacy_requests;

comment on trigger zz_check_privacy_requests on public.privacy_requests is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Privacy request steps

create or replace trigger privacy_request_steps_kept
  before delete on public.privacy_request_steps
  for each row
  execute function wall.refuse_removal();

alter table public.privacy_request_steps enable always trigger privacy_request_steps_kept;

comment on trigger privacy_request_steps_kept on public.privacy_request_steps is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger privacy_request_steps_kept_all
  before truncate on public.privacy_request_steps
  for each statement
  execute function wall.refuse_removal();

alter table public.privacy_request_steps enable always trigger privacy_request_steps_kept_all;

comment on trigger privacy_request_steps_kept_all on public.privacy_request_steps is 'No table is emptied, whoever tries.';

create or replace trigger privacy_request_steps_fixed
  before update of id, request_id, position, name, created_at on public.privacy_request_steps
  for each row
  when (old.id is distinct from new.id or old.request_id is distinct from new.request_id or old.position is distinct from new.position or old.name is distinct from new.name or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, request_id, position, name, created_at');

alter table public.privacy_request_steps enable always trigger privacy_request_steps_fixed;

comment on trigger privacy_request_steps_fixed on public.privacy_request_steps is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger privacy_request_steps_status_starts
  before insert on public.privacy_request_steps
  for each row
  when (new.status <> all ('{pending}'))
  execute function wall.refuse_illegal_move('status', '>pending', 'pending>running', 'pending>skipped', 'running>done', 'running>failed', 'failed>running', 'failed>skipped');

alter table public.privacy_request_steps enable always trigger privacy_request_steps_status_starts;

comment on trigger privacy_request_steps_status_starts on public.privacy_request_steps is 'A new row begins as pending.';

create or replace trigger privacy_request_steps_status_moves
  before update of status on public.privacy_request_steps
  for each row
  when (old.status <> new.status)
  execute function wall.refuse_illegal_move('status', '>pending', 'pending>running', 'pending>skipped', 'running>done', 'running>failed', 'failed>running', 'failed>skipped');

alter table public.privacy_request_steps enable always trigger privacy_request_steps_status_moves;

comment on trigger privacy_request_steps_status_moves on public.privacy_request_steps is 'A state only moves the way its rules allow, whoever writes it.';

create or replace trigger zz_check_privacy_request_steps
  before insert or update on public.privacy_request_steps
  for each row
  execute function wall.check_privacy_request_steps();

alter table public.privacy_request_steps enable always trigger zz_check_privacy_request_steps;

comment on trigger zz_check_privacy_request_steps on public.privacy_request_steps is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Erasure key

create or replace trigger erasure_keys_kept
  before delete on public.erasure_keys
  for each row
  execute function wall.refuse_removal();

alter table public.erasure_keys enable always trigger erasure_keys_kept;

comment on trigger erasure_keys_kept on public.erasure_keys is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger erasure_keys_kept_all
  before truncate on public.erasure_keys
  for each statement
  execute function wall.refuse_removal();

alter table public.erasure_keys enable always trigger erasure_keys_kept_all;

comment on trigger erasure_keys_kept_all on public.erasure_keys is 'No table is emptied, whoever tries.';

create or replace trigger erasure_keys_fixed
  before update of id, key, created_at on public.erasure_keys
  for each row
  when (old.id is distinct from new.id or old.key is distinct from new.key or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, key, created_at');

alter table public.erasure_keys enable always trigger erasure_keys_fixed;

comment on trigger erasure_keys_fixed on public.erasure_keys is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger zz_check_erasure_keys
  before insert or update on public.erasure_keys
  for each row
  execute function wall.check_erasure_keys();

alter table public.erasure_keys enable always trigger zz_check_erasure_keys;

comment on trigger zz_check_erasure_keys on public.erasure_keys is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Erased people

create or replace trigger erased_subjects_guard
  before insert or update on public.erased_subjects
  for each row
  execute function wall.guard_erasure();

alter table public.erased_subjects enable always trigger erased_subjects_guard;

comment on trigger erased_subjects_guard on public.erased_subjects is 'A tombstone rests on a running request; what it says of transactions is the database''s own.';

drop trigger if exists erased_subjects_whole on public.erased_subjects;

create constraint trigger erased_subjects_whole
  after update of erasing_xid on public.erased_subjects
  deferrable initially deferred
  for each row
  when (new.subject_id is not null and new.erasing_xid is distinct from old.erasing_xid)
  execute function wall.check_erasure();

alter table public.erased_subjects enable always trigger erased_subjects_whole;

comment on trigger erased_subjects_whole on public.erased_subjects is 'Whoever begins to erase a person ends it in the same transaction, or nothing of it happens.';

create or replace trigger erased_subjects_kept
  before delete on public.erased_subjects
  for each row
  execute function wall.refuse_removal();

alter table public.erased_subjects enable always trigger erased_subjects_kept;

comment on trigger erased_subjects_kept on public.erased_subjects is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger erased_subjects_kept_all
  before truncate on public.erased_subjects
  for each statement
  execute function wall.refuse_removal();

alter table public.erased_subjects enable always trigger erased_subjects_kept_all;

comment on trigger erased_subjects_kept_all on public.erased_subjects is 'No table is emptied, whoever tries.';

create or replace trigger erased_subjects_subject_id_erased
  before insert or update of subject_id on public.erased_subjects
  for each row
  when (new.subject_id is not null)
  execute function wall.refuse_erased('subject_id');

alter table public.erased_subjects enable always trigger erased_subjects_subject_id_erased;

comment on trigger erased_subjects_subject_id_erased on public.erased_subjects is 'Nothing is written for a person whose data was erased.';

create or replace trigger erased_subjects_fixed
  before update of tombstone, request_id, subject_id, tombstone_xid, created_at on public.erased_subjects
  for each row
  when (old.tombstone is distinct from new.tombstone or old.request_id is distinct from new.request_id or old.subject_id is distinct from new.subject_id or old.tombstone_xid is distinct from new.tombstone_xid or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('tombstone, request_id, subject_id, tombstone_xid, created_at', 'subject_id');

alter table public.erased_subjects enable always trigger erased_subjects_fixed;

comment on trigger erased_subjects_fixed on public.erased_subjects is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger zz_check_erased_subjects
  before insert or update on public.erased_subjects
  for each row
  execute function wall.check_erased_subjects();

alter table public.erased_subjects enable always trigger zz_check_erased_subjects;

comment on trigger zz_check_erased_subjects on public.erased_subjects is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Storage deletions

create or replace trigger storage_deletions_path
  before update on public.storage_deletions
  for each row
  when (old.done_at is not null and new is distinct from old or new.storage_path is not null and new.storage_path is distinct from old.storage_path)
  execute function wall.refuse_rewrite('storage_path, done_at');

alter table public.storage_deletions enable always trigger storage_deletions_path;

comment on trigger storage_deletions_path on public.storage_deletions is 'A listed file stays that file until it is deleted.';

create or replace trigger storage_deletions_kept
  before delete on public.storage_deletions
  for each row
  execute function wall.refuse_removal();

alter table public.storage_deletions enable always trigger storage_deletions_kept;

comment on trigger storage_deletions_kept on public.storage_deletions is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger storage_deletions_kept_all
  before truncate on public.storage_deletions
  for each statement
  execute function wall.refuse_removal();

alter table public.storage_deletions enable always trigger storage_deletions_kept_all;

comment on trigger storage_deletions_kept_all on public.storage_deletions is 'No table is emptied, whoever tries.';

create or replace trigger storage_deletions_fixed
  before update of id, row_id, created_at on public.storage_deletions
  for each row
  when (old.id is distinct from new.id or old.row_id is distinct from new.row_id or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, row_id, created_at');

alter table public.storage_deletions enable always trigger storage_deletions_fixed;

comment on trigger storage_deletions_fixed on public.storage_deletions is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger storage_deletions_values
  before update of request_id on public.storage_deletions
  for each row
  when (old.request_id <> new.request_id or old.request_id is not null and new.request_id is null)
  execute function wall.refuse_value('request_id');

alter table public.storage_deletions enable always trigger storage_deletions_values;

comment on trigger storage_deletions_values on public.storage_deletions is 'A value is set in its states alone and stays as it was written.';

create or replace trigger zz_check_storage_deletions
  before insert or update on public.storage_deletions
  for each row
  execute function wall.check_storage_deletions();

alter table public.storage_deletions enable always trigger zz_check_storage_deletions;

comment on trigger zz_check_storage_deletions on public.storage_deletions is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Legal holds

create or replace trigger legal_holds_audited
  after insert or update on public.legal_holds
  for each row
  execute function wall.audit_legal_hold();

alter table public.legal_holds enable always trigger legal_holds_audited;

comment on trigger legal_holds_audited on public.legal_holds is 'Who holds what, and until when, leaves a line in the audit trail.';

create or replace trigger legal_holds_kept
  before delete on public.legal_holds
  for each row
  execute function wall.refuse_removal();

alter table public.legal_holds enable always trigger legal_holds_kept;

comment on trigger legal_holds_kept on public.legal_holds is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger legal_holds_kept_all
  before truncate on public.legal_holds
  for each statement
  execute function wall.refuse_removal();

alter table public.legal_holds enable always trigger legal_holds_kept_all;

comment on trigger legal_holds_kept_all on public.legal_holds is 'No table is emptied, whoever tries.';

create or replace trigger legal_holds_fixed
  before update of id, table_name, row_id, reason_code, created_at on public.legal_holds
  for each row
  when (old.id is distinct from new.id or old.table_name is distinct from new.table_name or old.row_id is distinct from new.row_id or old.reason_code is distinct from new.reason_code or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, table_name, row_id, reason_code, created_at');

alter table public.legal_holds enable always trigger legal_holds_fixed;

comment on trigger legal_holds_fixed on public.legal_holds is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger zz_check_legal_holds
  before insert or update on public.legal_holds
  for each row
  execute function wall.check_legal_holds();

alter table public.legal_holds enable always trigger zz_check_legal_holds;

comment on trigger zz_check_legal_holds on public.legal_holds is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Audit codes

create or replace trigger audit_codes_kept
  before delete on public.audit_codes
  for each row
  execute function wall.refuse_removal('subject_id');

alter table public.audit_codes enable always trigger audit_codes_kept;

comment on trigger audit_codes_kept on public.audit_codes is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger audit_codes_kept_all
  before truncate on public.audit_codes
  for each statement
  execute function wall.refuse_removal();

alter table public.audit_codes enable always trigger audit_codes_kept_all;

comment on trigger audit_codes_kept_all on public.audit_codes is 'No table is emptied, whoever tries.';

create or replace trigger audit_codes_subject_id_erased
  before insert or update of subject_id on public.audit_codes
  for each row
  execute function wall.refuse_erased('subject_id');

alter table public.audit_codes enable always trigger audit_codes_subject_id_erased;

comment on trigger audit_codes_subject_id_erased on public.audit_codes is 'Nothing is written for a person whose data was erased.';

create or replace trigger audit_codes_fixed
  before update of id, subject_id, created_at on public.audit_codes
  for each row
  when (old.id is distinct from new.id or old.subject_id is distinct from new.subject_id or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, subject_id, created_at', 'subject_id');

alter table public.audit_codes enable always trigger audit_codes_fixed;

comment on trigger audit_codes_fixed on public.audit_codes is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger zz_check_audit_codes
  before insert or update on public.audit_codes
  for each row
  execute function wall.check_audit_codes();

alter table public.audit_codes enable always trigger zz_check_audit_codes;

comment on trigger zz_check_audit_codes on public.audit_codes is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Audit trail

create or replace trigger admin_audit_events_codes
  before insert on public.admin_audit_events
  for each row
  execute function wall.code_audit_people();

alter table public.admin_audit_events enable always trigger admin_audit_events_codes;

comment on trigger admin_audit_events_codes on public.admin_audit_events is 'A line names a person by their code, which is deleted with them, and never by their id.';

create or replace trigger admin_audit_events_reserved
  before insert on public.admin_audit_events
  for each row
  when (current_user <> 'postgres')
  execute function wall.guard_audit_action('consent.blanked', 'subject.erased', 'consent.given', 'consent.withdrawn', 'consent.settled', 'erasure.begun', 'erasure.paused', 'hold.placed', 'hold.changed', 'ledger.resealed', 'privacy.asked', 'privacy.moved', 'privacy.extended');

alter table public.admin_audit_events enable always trigger admin_audit_events_reserved;

comment on trigger admin_audit_events_reserved on public.admin_audit_events is 'What the database alone does is said by the database alone.';

create or replace trigger admin_audit_events_hash
  before insert on public.admin_audit_events
  for each row
  execute function wall.stamp_ledger();

alter table public.admin_audit_events enable always trigger admin_audit_events_hash;

comment on trigger admin_audit_events_hash on public.admin_audit_events is 'Dates and digests the entry.';

create or replace trigger admin_audit_events_keep
  before update on public.admin_audit_events
  for each row
  execute function wall.refuse_change();

alter table public.admin_audit_events enable always trigger admin_audit_events_keep;

comment on trigger admin_audit_events_keep on public.admin_audit_events is 'The trail is only ever added to.';

create or replace trigger admin_audit_events_kept
  before delete on public.admin_audit_events
  for each row
  execute function wall.refuse_removal();

alter table public.admin_audit_events enable always trigger admin_audit_events_kept;

comment on trigger admin_audit_events_kept on public.admin_audit_events is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger admin_audit_events_kept_all
  before truncate on public.admin_audit_events
  for each statement
  execute function wall.refuse_removal();

alter table public.admin_audit_events enable always trigger admin_audit_events_kept_all;

comment on trigger admin_audit_events_kept_all on public.admin_audit_events is 'No table is emptied, whoever tries.';

create or replace trigger admin_audit_events_fixed
  before update of id, created_at on public.admin_audit_events
  for each row
  when (old.id is distinct from new.id or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, created_at');

alter table public.admin_audit_events enable always trigger admin_audit_events_fixed;

comment on trigger admin_audit_events_fixed on public.admin_audit_events is 'What identifies a row never changes; a different thing is a different row.';

create or replace trigger zz_check_admin_audit_events
  before insert or update on public.admin_audit_events
  for each row
  execute function wall.check_admin_audit_events();

alter table public.admin_audit_events enable always trigger zz_check_admin_audit_events;

comment on trigger zz_check_admin_audit_events on public.admin_audit_events is 'A refused row is not quoted: Postgres itself would print all of it, into the log as well.';

-- Ledger seals

create or replace trigger ledger_seals_link
  before insert on public.ledger_seals
  for each row
  execute function wall.link_seal();

alter table public.ledger_seals enable always trigger ledger_seals_link;

comment on trigger ledger_seals_link on public.ledger_seals is 'Place, digest and date of a link are the database''s own, whoever writes it and whatever was sent.';

create or replace trigger ledger_seals_keep
  before update on public.ledger_seals
  for each row
  execute function wall.refuse_change();

alter table public.ledger_seals enable always trigger ledger_seals_keep;

comment on trigger ledger_seals_keep on public.ledger_seals is 'A link that could be changed would prove nothing.';

create or replace trigger ledger_seals_kept
  before delete on public.ledger_seals
  for each row
  execute function wall.refuse_removal();

alter table public.ledger_seals enable always trigger ledger_seals_kept;

comment on trigger ledger_seals_kept on public.ledger_seals is 'No row is deleted by hand; a row goes only with its person, by their own request.';

create or replace trigger ledger_seals_kept_all
  before truncate on public.ledger_seals
  for each statement
  execute function wall.refuse_removal();

alter table public.ledger_seals enable always trigger ledger_seals_kept_all;

comment on trigger ledger_seals_kept_all on public.ledger_seals is 'No table is emptied, whoever tries.';

create or replace trigger ledger_seals_fixed
  before update of id, created_at on public.ledger_seals
  for each row
  when (old.id is distinct from new.id or old.created_at is distinct from new.created_at)
  execute function wall.refuse_rewrite('id, created_at');

alter table public.ledger_seals enable always trigger ledger_seals_fixed;

comment on trigger ledger_seals_fixed on public.ledger_seals is 'What identifies a row never changes; a different thing is a different row.';
