-- Every table with its constraints, indexes and comments; closed to everybody so far.

-- Consent notices

create table if not exists public.consent_notices (
  id uuid default gen_random_uuid() not null,
  purpose text not null,
  version integer not null,
  locale text not null,
  body text not null,
  body_sha256 bytea not null,
  created_at timestamptz default now() not null,
  constraint consent_notices_pkey primary key (id),
  constraint consent_notices_purpose_allowed check (purpose = any ('{passport_write,email_delivery,public_share,gift_recipient,echo_followup,ai_processing}')),
  constraint consent_notices_locale_form check (locale ~ '^(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?|x-[0-9a-f]{8})$'),
  constraint consent_notices_version_counts check (version >= 1)
);

create unique index if not exists consent_notices_wording on public.consent_notices (purpose, version, locale);
comment on index public.consent_notices_wording is 'The wording in force.';

alter table public.consent_notices enable row level security;

alter table public.consent_notices force row level security;

revoke all on table public.consent_notices from public, anon, authenticated, service_role;

comment on table public.consent_notices is 'The exact wording that was shown, by purpose, version and language, with its hash. Only ever added to.';

comment on column public.consent_notices.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: keep]';

comment on column public.consent_notices.purpose is 'What the consent is for. [operational; on erasure: keep]';

comment on column public.consent_notices.version is 'Counts up when the wording changes. [operational; on erasure: keep]';

comment on column public.consent_notices.locale is 'Language of the wording. [operational; on erasure: keep]';

comment on column public.consent_notices.body is 'The wording, word for word. [public; on erasure: keep]';

comment on column public.consent_notices.body_sha256 is 'SHA-256 of the wording, made by the database. [operational; on erasure: keep]';

comment on column public.consent_notices.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';

comment on constraint consent_notices_version_counts on public.consent_notices is 'Versions count from one.';

-- Consent ledger

create table if not exists public.consent_events (
  id bigint generated always as identity not null,
  request_id uuid not null,
  subject_id uuid,
  purpose text not null,
  action text not null,
  scope_id uuid,
  notice_id uuid,
  wording_version integer,
  wording_sha256 bytea,
  locale text,
  evidence jsonb,
  personal_salt uuid,
  personal_digest bytea not null,
  row_hash bytea not null,
  created_at timestamptz default now() not null,
  constraint consent_events_pkey primary key (id),
  constraint consent_events_subject_id_fkey foreign key (subject_id) references auth.users (id) on delete restrict,
  constraint consent_events_notice_id_fkey foreign key (notice_id) references public.consent_notices (id) on delete restrict,
  constraint consent_events_purpose_allowed check (purpose = any ('{passport_write,email_delivery,public_share,gift_recipient,echo_followup,ai_processing}')),
  constraint consent_events_action_allowed check (action = any ('{given,withdrawn}')),
  constraint consent_events_locale_form check (locale ~ '^(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?|x-[0-9a-f]{8})$'),
  constraint consent_events_given_with_wording check (action = 'withdrawn' or notice_id is not null),
  constraint consent_events_scope_fits_purpose check ((wall.consent_scope(purpose, '00000000-0000-0000-0000-000000000000') is not null) = (scope_id is not null)),
  constraint consent_events_evidence_is_short check (evidence is null or (jsonb_typeof(evidence) = 'object' and octet_length(evidence::text) <= 2000))
);

create unique index if not exists consent_events_request on public.consent_events (request_id);
comment on index public.consent_events_request is 'The same request counts once.';

create index if not exists consent_events_subject on public.consent_events (subject_id, purpose, scope_id, id);
comment on index public.consent_events_subject is 'Does this consent stand? The newest entry decides, before every write that rests on one.';

create index if not exists consent_events_notice on public.consent_events (notice_id);
comment on index public.consent_events_notice is 'Who was shown which wording.';

alter table public.consent_events enable row level security;

alter table public.consent_events force row level security;

revoke all on table public.consent_events from public, anon, authenticated, service_role;

revoke all on sequence public.consent_events_id_seq from public, anon, authenticated, service_role;

alter table public.consent_events alter column evidence set statistics 0;

comment on table public.consent_events is 'Every consent given or withdrawn, with the wording that was shown. Only ever added to.';

comment on column public.consent_events.id is 'Counts up in the order of writing; gaps are normal. [operational; on erasure: keep]';

comment on column public.consent_events.request_id is 'Made by the caller; the same request counts once. [operational; on erasure: keep]';

comment on column public.consent_events.subject_id is 'The person; empty once they are erased. [operational; on erasure: set_null]';

comment on column public.consent_events.purpose is 'What the consent is for. [operational; on erasure: keep]';

comment on column public.consent_events.action is 'What the person decided. [operational; on erasure: keep]';

comment on column public.consent_events.scope_id is 'The artifact, for consents that cover one. [operational; on erasure: keep]';

comment on column public.consent_events.notice_id is 'The wording that was shown. [operational; on erasure: keep]';

comment on column public.consent_events.wording_version is 'Version of that wording. [operational; on erasure: keep]';

comment on column public.consent_events.wording_sha256 is 'Hash of that wording. [operational; on erasure: keep]';

comment on column public.consent_events.locale is 'Language of that wording. [operational; on erasure: keep]';

comment on column public.consent_events.evidence is 'Where and how it was given. [personal; on erasure: set_null]';

comment on column public.consent_events.personal_salt is 'Blinds the digest; removed with the person. [operational; on erasure: set_null]';

comment on column public.consent_events.personal_digest is 'Digest of person and evidence; stays when both are gone. [operational; on erasure: keep]';

comment on column public.consent_events.row_hash is 'Digest of the entry, for the chain. [operational; on erasure: keep]';

comment on column public.consent_events.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';

comment on constraint consent_events_given_with_wording on public.consent_events is 'Nobody agrees to a wording they were not shown.';

comment on constraint consent_events_scope_fits_purpose on public.consent_events is 'A consent for one artifact names it; a consent for the account names none.';

comment on constraint consent_events_evidence_is_short on public.consent_events is 'Evidence is a few facts, no recording.';

-- Consents

create table if not exists public.consents (
  id uuid default gen_random_uuid() not null,
  subject_id uuid not null,
  purpose text not null,
  scope_id uuid,
  standing boolean not null,
  event_id bigint not null,
  changed_at timestamptz not null,
  unsettled boolean default false not null,
  created_at timestamptz default now() not null,
  constraint consents_pkey primary key (id),
  constraint consents_subject_id_fkey foreign key (subject_id) references auth.users (id) on delete restrict,
  constraint consents_event_id_fkey foreign key (event_id) references public.consent_events (id) on delete restrict,
  constraint consents_purpose_allowed check (purpose = any ('{passport_write,email_delivery,public_share,gift_recipient,echo_followup,ai_processing}'))
);

create unique index if not exists consents_current on public.consents (subject_id, purpose, scope_id) nulls not distinct;
comment on index public.consents_current is 'What stands for a person, at a glance.';

create index if not exists consents_unsettled on public.consents (event_id) where unsettled;
comment on index public.consents_unsettled is 'Decisions that had to leave something out.';

create index if not exists consents_event on public.consents (event_id);
comment on index public.consents_event is 'Which state a ledger entry brought about.';

alter table public.consents enable row level security;

alter table public.consents force row level security;

revoke all on table public.consents from public, anon, authenticated, service_role;

comment on table public.consents is 'What stands today, derived from the ledger and never written by hand.';

comment on column public.consents.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: delete_row]';

comment on column public.consents.subject_id is 'The person. [operational; on erasure: delete_row]';

comment on column public.consents.purpose is 'What the consent is for. [operational; on erasure: delete_row]';

comment on column public.consents.scope_id is 'The artifact, for consents that cover one. [operational; on erasure: delete_row]';

comment on column public.consents.standing is 'Whether it stands now. [operational; on erasure: delete_row]';

comment on column public.consents.event_id is 'The ledger entry that decided it. [operational; on erasure: delete_row]';

comment on column public.consents.changed_at is 'When it was decided. [operational; on erasure: delete_row]';

comment on column public.consents.unsettled is 'Something that rests on it was held by somebody else; settle_consents comes back to it. [operational; on erasure: delete_row]';

comment on column public.consents.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: delete_row]';

-- Scrolls

create table if not exists public.oracle_scrolls (
  id uuid default gen_random_uuid() not null,
  subject_id uuid not null,
  locale text default 'en' not null,
  question text not null,
  answer text,
  sealed_at timestamptz,
  seal_hash bytea,
  created_at timestamptz default now() not null,
  constraint oracle_scrolls_pkey primary key (id),
  constraint oracle_scrolls_subject_id_fkey foreign key (subject_id) references auth.users (id) on delete restrict,
  constraint oracle_scrolls_locale_form check (locale ~ '^(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?|x-[0-9a-f]{8})$'),
  constraint oracle_scrolls_question_length check (char_length(question) between 1 and 4000),
  constraint oracle_scrolls_sealed_with_answer check (sealed_at is null or answer is not null),
  constraint oracle_scrolls_seal_present check ((sealed_at is null) = (seal_hash is null))
);

create index if not exists oracle_scrolls_subject on public.oracle_scrolls (subject_id, created_at);
comment on index public.oracle_scrolls_subject is 'The owner''s list of readings, newest last.';

create index if not exists oracle_scrolls_sealed on public.oracle_scrolls (sealed_at) where sealed_at is not null;
comment on index public.oracle_scrolls_sealed is 'What was sealed lately, to verify it again.';

create index if not exists oracle_scrolls_question_words on public.oracle_scrolls using gin (wall.word_digests(question, false));
alter index public.oracle_scrolls_question_words alter column 1 set statistics 0;
comment on index public.oracle_scrolls_question_words is 'Whether an AI repeats these words to somebody else.';

create index if not exists oracle_scrolls_answer_words on public.oracle_scrolls using gin (wall.word_digests(answer, false));
alter index public.oracle_scrolls_answer_words alter column 1 set statistics 0;
comment on index public.oracle_scrolls_answer_words is 'Whether an AI repeats these words to somebody else.';

alter table public.oracle_scrolls enable row level security;

alter table public.oracle_scrolls force row level security;

revoke all on table public.oracle_scrolls from public, anon, authenticated, service_role;

alter table public.oracle_scrolls alter column question set statistics 0;

alter table public.oracle_scrolls alter column answer set statistics 0;

comment on table public.oracle_scrolls is 'The sealed reading itself: what was asked, what was answered, and the seal over both.';

comment on column public.oracle_scrolls.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: delete_row]';

comment on column public.oracle_scrolls.subject_id is 'The person whose reading it is. [operational; on erasure: delete_row]';

comment on column public.oracle_scrolls.locale is 'Language of the reading. [operational; on erasure: delete_row]';

comment on column public.oracle_scrolls.question is 'What the visitor asked, in their own words. [secret; on erasure: delete_row]';

comment on column public.oracle_scrolls.answer is 'The full reading; empty until it has been written. [secret; on erasure: delete_row]';

comment on column public.oracle_scrolls.sealed_at is 'When the reading was sealed; nothing changes after it. [operational; on erasure: delete_row]';

comment on column public.oracle_scrolls.seal_hash is 'SHA-256 over the sealed row, made by the database. [operational; on erasure: delete_row]';

comment on column public.oracle_scrolls.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: delete_row]';

comment on constraint oracle_scrolls_question_length on public.oracle_scrolls is 'A question has words, but no novels.';

comment on constraint oracle_scrolls_sealed_with_answer on public.oracle_scrolls is 'Only a finished reading is sealed.';

comment on constraint oracle_scrolls_seal_present on public.oracle_scrolls is 'A seal and its date come together.';

-- Oracle artifacts

create table if not exists public.oracle_artifacts (
  id uuid default gen_random_uuid() not null,
  subject_id uuid not null,
  scroll_id uuid,
  kind text not null,
  state text default 'draft' not null,
  storage_path text,
  content_sha256 bytea,
  ready_at timestamptz,
  created_at timestamptz default now() not null,
  constraint oracle_artifacts_pkey primary key (id),
  constraint oracle_artifacts_subject_id_fkey foreign key (subject_id) references auth.users (id) on delete restrict,
  constraint oracle_artifacts_scroll_id_fkey foreign key (scroll_id) references public.oracle_scrolls (id) on delete restrict,
  constraint oracle_artifacts_kind_allowed check (kind = any ('{pdf,share_card,gift,print_view}')),
  constraint oracle_artifacts_state_allowed check (state = any ('{draft,ready,withdrawn}')),
  constraint oracle_artifacts_only_a_gift_outlives check (scroll_id is not null or kind = 'gift'),
  constraint oracle_artifacts_storage_path_is_opaque check (storage_path is null or storage_path ~ '^[0-9a-f][0-9a-f/-]{15,79}(\.[a-z0-9]{2,4})?$'),
  constraint oracle_artifacts_content_is_sha256 check (content_sha256 is null or octet_length(content_sha256) = 32)
);

create index if not exists oracle_artifacts_subject on public.oracle_artifacts (subject_id);
comment on index public.oracle_artifacts_subject is 'The owner''s list of artifacts.';

create unique index if not exists oracle_artifacts_one_of_a_kind on public.oracle_artifacts (scroll_id, kind);
comment on index public.oracle_artifacts_one_of_a_kind is 'One artifact of each kind for a reading.';

create index if not exists oracle_artifacts_ready on public.oracle_artifacts (ready_at) where state = 'ready';
comment on index public.oracle_artifacts_ready is 'What became ready lately, to see that it was paid.';

create unique index if not exists oracle_artifacts_file on public.oracle_artifacts (storage_path) where storage_path is not null;
comment on index public.oracle_artifacts_file is 'One file belongs to one artifact, so that deleting it takes nothing from another.';

create index if not exists oracle_artifacts_stale_files on public.oracle_artifacts (kind) where storage_path is not null and (state = 'withdrawn' or kind = 'print_view');
comment on index public.oracle_artifacts_stale_files is 'Files that should not be in storage: of what was withdrawn, and of print-views.';

alter table public.oracle_artifacts enable row level security;

alter table public.oracle_artifacts force row level security;

revoke all on table public.oracle_artifacts from public, anon, authenticated, service_role;

comment on table public.oracle_artifacts is 'PDF, share-card, gift artifact, and print-view as separate deliverable entities.';

comment on column public.oracle_artifacts.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: delete_row]';

comment on column public.oracle_artifacts.subject_id is 'The person whose artifact it is. [operational; on erasure: delete_row]';

comment on column public.oracle_artifacts.scroll_id is 'The reading it was made of; empty once a gift has outlived its giver, whose secret the reading is. [operational; on erasure: delete_row]';

comment on column public.oracle_artifacts.kind is 'What it is. [operational; on erasure: delete_row]';

comment on column public.oracle_artifacts.state is 'Where its making stands. [operational; on erasure: delete_row]';

comment on column public.oracle_artifacts.storage_path is 'Random path of the file in private storage; says nothing about its content. [operational; on erasure: delete_row]';

comment on column public.oracle_artifacts.content_sha256 is 'SHA-256 of the file, to prove what was delivered. [operational; on erasure: delete_row]';

comment on column public.oracle_artifacts.ready_at is 'When it could first be delivered. [operational; on erasure: delete_row]';

comment on column public.oracle_artifacts.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: delete_row]';

comment on constraint oracle_artifacts_only_a_gift_outlives on public.oracle_artifacts is 'Every artifact is made of a reading; only an accepted gift may outlive it.';

comment on constraint oracle_artifacts_storage_path_is_opaque on public.oracle_artifacts is 'A path is random hexadecimal, so that no name and no question can stand in it.';

comment on constraint oracle_artifacts_content_is_sha256 on public.oracle_artifacts is 'SHA-256 has 32 bytes.';

-- Card phrases

create table if not exists public.card_phrases (
  id uuid default gen_random_uuid() not null,
  kind text not null,
  name text not null,
  locale text not null,
  version integer not null,
  words text not null,
  created_at timestamptz default now() not null,
  constraint card_phrases_pkey primary key (id),
  constraint card_phrases_kind_allowed check (kind = any ('{title,line,symbol,palette}')),
  constraint card_phrases_locale_form check (locale ~ '^(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?|x-[0-9a-f]{8})$'),
  constraint card_phrases_version_counts check (version >= 1),
  constraint card_phrases_name_is_a_code check (name ~ '^[a-z][a-z_-]{1,30}$'),
  constraint card_phrases_words_fit check (char_length(words) between 1 and 140)
);

create unique index if not exists card_phrases_wording on public.card_phrases (kind, name, locale, version);
comment on index public.card_phrases_wording is 'A phrase''s words in a version.';

create unique index if not exists card_phrases_words on public.card_phrases (words, locale, kind);
comment on index public.card_phrases_words is 'Are these words approved? Asked by every card.';

alter table public.card_phrases enable row level security;

alter table public.card_phrases force row level security;

revoke all on table public.card_phrases from public, anon, authenticated, service_role;

comment on table public.card_phrases is 'The approved phrases that a share-card is made of. Only a migration adds to them.';

comment on column public.card_phrases.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: keep]';

comment on column public.card_phrases.kind is 'The place on a card that it is for. [operational; on erasure: keep]';

comment on column public.card_phrases.name is 'What it is called in every language and version. [operational; on erasure: keep]';

comment on column public.card_phrases.locale is 'Language of the words. [operational; on erasure: keep]';

comment on column public.card_phrases.version is 'Counts up when the words change. [operational; on erasure: keep]';

comment on column public.card_phrases.words is 'What the card says, word for word. [public; on erasure: keep]';

comment on column public.card_phrases.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';

comment on constraint card_phrases_version_counts on public.card_phrases is 'Versions count from one.';

comment on constraint card_phrases_name_is_a_code on public.card_phrases is 'A name, never a text.';

comment on constraint card_phrases_words_fit on public.card_phrases is 'A phrase fits on the card.';

-- Share-cards

create table if not exists public.share_cards (
  id uuid default gen_random_uuid() not null,
  artifact_id uuid not null,
  slug text default replace(gen_random_uuid()::text, '-', '') not null,
  locale text default 'en' not null,
  title text not null,
  symbol text not null,
  palette text not null,
  one_line text not null,
  title_kind text default 'title' not null,
  symbol_kind text default 'symbol' not null,
  palette_kind text default 'palette' not null,
  one_line_kind text default 'line' not null,
  revoked_at timestamptz,
  created_at timestamptz default now() not null,
  constraint share_cards_pkey primary key (id),
  constraint share_cards_artifact_id_fkey foreign key (artifact_id) references public.oracle_artifacts (id) on delete restrict,
  constraint share_cards_title_fkey foreign key (title, locale, title_kind) references public.card_phrases (words, locale, kind) on delete restrict,
  constraint share_cards_symbol_fkey foreign key (symbol, locale, symbol_kind) references public.card_phrases (words, locale, kind) on delete restrict,
  constraint share_cards_palette_fkey foreign key (palette, locale, palette_kind) references public.card_phrases (words, locale, kind) on delete restrict,
  constraint share_cards_one_line_fkey foreign key (one_line, locale, one_line_kind) references public.card_phrases (words, locale, kind) on delete restrict,
  constraint share_cards_title_kind_allowed check (title_kind = any ('{title}')),
  constraint share_cards_symbol_kind_allowed check (symbol_kind = any ('{symbol}')),
  constraint share_cards_palette_kind_allowed check (palette_kind = any ('{palette}')),
  constraint share_cards_one_line_kind_allowed check (one_line_kind = any ('{line}')),
  constraint share_cards_locale_form check (locale ~ '^(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?|x-[0-9a-f]{8})$'),
  constraint share_cards_slug_is_long check (slug ~ '^[0-9a-f]{32}$')
);

create unique index if not exists share_cards_slug on public.share_cards (slug);
comment on index public.share_cards_slug is 'Opening a card by its link.';

create index if not exists share_cards_artifact on public.share_cards (artifact_id);
comment on index public.share_cards_artifact is 'Every card ever made of an artifact, for its owner.';

create unique index if not exists share_cards_one_open on public.share_cards (artifact_id) where revoked_at is null;
comment on index public.share_cards_one_open is 'One open card for an artifact; a withdrawal closes it by this.';

create index if not exists share_cards_open on public.share_cards (created_at) where revoked_at is null;
comment on index public.share_cards_open is 'The newest open cards, whose consents are looked at again.';

create index if not exists share_cards_title on public.share_cards (title);
comment on index public.share_cards_title is 'Which cards bear a title.';

create index if not exists share_cards_symbol on public.share_cards (symbol);
comment on index public.share_cards_symbol is 'Which cards bear a symbol.';

create index if not exists share_cards_palette on public.share_cards (palette);
comment on index public.share_cards_palette is 'Which cards have a palette.';

create index if not exists share_cards_one_line on public.share_cards (one_line);
comment on index public.share_cards_one_line is 'Which cards say a line.';

alter table public.share_cards enable row level security;

alter table public.share_cards force row level security;

revoke all on table public.share_cards from public, anon, authenticated, service_role;

comment on table public.share_cards is 'The public part alone: a link nobody can guess, a title, a symbol, a palette and one line.';

comment on column public.share_cards.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: delete_row]';

comment on column public.share_cards.artifact_id is 'The artifact it shows. [operational; on erasure: delete_row]';

comment on column public.share_cards.slug is 'The unguessable end of the link: 122 random bits. [operational; on erasure: delete_row]';

comment on column public.share_cards.locale is 'Language of the phrases; one card has one. [operational; on erasure: delete_row]';

comment on column public.share_cards.title is 'The title on the card. [public; on erasure: delete_row]';

comment on column public.share_cards.symbol is 'Name of the symbol on the card. [public; on erasure: delete_row]';

comment on column public.share_cards.palette is 'Name of the card''s colours. [public; on erasure: delete_row]';

comment on column public.share_cards.one_line is 'The single line that everybody may read. [public; on erasure: delete_row]';

comment on column public.share_cards.title_kind is 'Constant: the title is a phrase of this kind. [operational; on erasure: delete_row]';

comment on column public.share_cards.symbol_kind is 'Constant: the symbol is a phrase of this kind. [operational; on erasure: delete_row]';

comment on column public.share_cards.palette_kind is 'Constant: the palette is a phrase of this kind. [operational; on erasure: delete_row]';

comment on column public.share_cards.one_line_kind is 'Constant: the one_line is a phrase of this kind. [operational; on erasure: delete_row]';

comment on column public.share_cards.revoked_at is 'When the card was closed; its link is dead from then on. [operational; on erasure: delete_row]';

comment on column public.share_cards.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: delete_row]';

comment on constraint share_cards_slug_is_long on public.share_cards is 'A short link could be guessed.';

-- Gift recipients

create table if not exists public.gift_recipients (
  id uuid default gen_random_uuid() not null,
  subject_id uuid,
  artifact_id uuid not null,
  consent_event_id bigint not null,
  contact text,
  recipient_name text,
  token_sha256 bytea not null,
  accepted_subject_id uuid,
  accepted_at timestamptz,
  withdrawn_at timestamptz,
  expires_at timestamptz default now() + interval '30 days' not null,
  created_at timestamptz default now() not null,
  constraint gift_recipients_pkey primary key (id),
  constraint gift_recipients_subject_id_fkey foreign key (subject_id) references auth.users (id) on delete restrict,
  constraint gift_recipients_artifact_id_fkey foreign key (artifact_id) references public.oracle_artifacts (id) on delete restrict,
  constraint gift_recipients_consent_event_id_fkey foreign key (consent_event_id) references public.consent_events (id) on delete restrict,
  constraint gift_recipients_accepted_subject_id_fkey foreign key (accepted_subject_id) references auth.users (id) on delete restrict,
  constraint gift_recipients_giver_or_acceptance check (subject_id is not null or accepted_subject_id is not null),
  constraint gift_recipients_contact_is_an_address check (contact is null or contact ~ '^[^@\s]+@[^@\s]+$' and char_length(contact) <= 320),
  constraint gift_recipients_token_is_sha256 check (octet_length(token_sha256) = 32),
  constraint gift_recipients_expires_later check (expires_at > created_at),
  constraint gift_recipients_expires_in_time check (expires_at <= created_at + interval '90 days')
);

create unique index if not exists gift_recipients_token on public.gift_recipients (token_sha256);
comment on index public.gift_recipients_token is 'Accepting an invitation by its token.';

create unique index if not exists gift_recipients_consent on public.gift_recipients (consent_event_id);
comment on index public.gift_recipients_consent is 'One consent is one recipient.';

create index if not exists gift_recipients_open on public.gift_recipients (expires_at) where accepted_at is null;
comment on index public.gift_recipients_open is 'Invitations nobody has accepted: the open ones, and the addresses that are due to be deleted.';

create index if not exists gift_recipients_subject on public.gift_recipients (subject_id);
comment on index public.gift_recipients_subject is 'The giver''s list of invitations.';

create index if not exists gift_recipients_artifact on public.gift_recipients (artifact_id);
comment on index public.gift_recipients_artifact is 'The invitations of one gift; a withdrawal closes them.';

create index if not exists gift_recipients_accepted on public.gift_recipients (accepted_subject_id) where accepted_subject_id is not null;
comment on index public.gift_recipients_accepted is 'What a recipient has accepted.';

alter table public.gift_recipients enable row level security;

alter table public.gift_recipients force row level security;

revoke all on table public.gift_recipients from public, anon, authenticated, service_role;

alter table public.gift_recipients alter column contact set statistics 0;

alter table public.gift_recipients alter column recipient_name set statistics 0;

comment on table public.gift_recipients is 'The person a gift is meant for, kept apart from the gift: address, acceptance and expiry.';

comment on column public.gift_recipients.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: delete_row]';

comment on column public.gift_recipients.subject_id is 'The person who gives; empty once they are erased and the recipient keeps the gift. [operational; on erasure: delete_row]';

comment on column public.gift_recipients.artifact_id is 'The gift. [operational; on erasure: delete_row]';

comment on column public.gift_recipients.consent_event_id is 'The entry of the ledger that allowed this invitation, and no other. [operational; on erasure: delete_row]';

comment on column public.gift_recipients.contact is 'The recipient''s e-mail address, for this one invitation; blank once it is taken back, or they are erased. [personal; on erasure: delete_row]';

comment on column public.gift_recipients.recipient_name is 'How the invitation addresses them. [personal; on erasure: delete_row]';

comment on column public.gift_recipients.token_sha256 is 'Hash of the invitation''s one-time token; the token itself is not kept. [operational; on erasure: delete_row]';

comment on column public.gift_recipients.accepted_subject_id is 'The recipient''s own account, once they have accepted. [operational; on erasure: delete_row]';

comment on column public.gift_recipients.accepted_at is 'When the recipient accepted. [operational; on erasure: delete_row]';

comment on column public.gift_recipients.withdrawn_at is 'When the giver took the invitation back. [operational; on erasure: delete_row]';

comment on column public.gift_recipients.expires_at is 'After this the invitation is dead and its address is due to be deleted. [operational; on erasure: delete_row]';

comment on column public.gift_recipients.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: delete_row]';

comment on constraint gift_recipients_giver_or_acceptance on public.gift_recipients is 'An invitation belongs to its giver, and an accepted gift to its recipient.';

comment on constraint gift_recipients_contact_is_an_address on public.gift_recipients is 'It must look like an e-mail address.';

comment on constraint gift_recipients_token_is_sha256 on public.gift_recipients is 'SHA-256 has 32 bytes.';

comment on constraint gift_recipients_expires_later on public.gift_recipients is 'An invitation lasts for a while.';

comment on constraint gift_recipients_expires_in_time on public.gift_recipients is 'Nobody''s address is kept for longer than an invitation needs.';

-- Products

create table if not exists public.products (
  id uuid default gen_random_uuid() not null,
  layer text not null,
  stripe_product_id text not null,
  title text not null,
  livemode boolean not null,
  active boolean default true not null,
  created_at timestamptz default now() not null,
  constraint products_pkey primary key (id),
  constraint products_layer_allowed check (layer = any ('{scroll,artifacts,echo,council,passport,shop}')),
  constraint products_title_allowed check (title = any ('{Scroll,Artifacts,Echo,Council,Passport,Gift,Shop}')),
  constraint products_stripe_product_form check (stripe_product_id ~ '^prod_[A-Za-z0-9]{1,40}$')
);

create unique index if not exists products_stripe_product on public.products (stripe_product_id);
comment on index public.products_stripe_product is 'Finding a product by Stripe''s id.';

alter table public.products enable row level security;

alter table public.products force row level security;

revoke all on table public.products from public, anon, authenticated, service_role;

comment on table public.products is 'What the shop offers, each with the layer it unlocks and its product at Stripe.';

comment on column public.products.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: keep]';

comment on column public.products.layer is 'The layer that the product unlocks. [operational; on erasure: keep]';

comment on column public.products.stripe_product_id is 'The product at Stripe. [financial; on erasure: keep]';

comment on column public.products.title is 'Name in the shop. [public; on erasure: keep]';

comment on column public.products.livemode is 'True for real money, false for test money. [operational; on erasure: keep]';

comment on column public.products.active is 'Whether it can be bought now. [operational; on erasure: keep]';

comment on column public.products.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';

comment on constraint products_stripe_product_form on public.products is 'Stripe''s ids start with prod_.';

-- Purchase links

create table if not exists public.purchase_links (
  id uuid default gen_random_uuid() not null,
  product_id uuid not null,
  stripe_price_id text not null,
  amount_minor bigint not null,
  currency text not null,
  livemode boolean not null,
  unlock_route text not null,
  active boolean default true not null,
  created_at timestamptz default now() not null,
  constraint purchase_links_pkey primary key (id),
  constraint purchase_links_product_id_fkey foreign key (product_id) references public.products (id) on delete restrict,
  constraint purchase_links_currency_allowed check (currency = any ('{eur,usd,gbp,chf,dkk,nok,sek,pln,czk,huf,cad,aud,isk,jpy,krw,bhd,jod,kwd,omr,tnd}')),
  constraint purchase_links_amount_minor_fits_currency check ((currency not in ('bhd', 'jod', 'kwd', 'omr', 'tnd') or amount_minor % 10 = 0) and (currency not in ('isk') or amount_minor % 100 = 0)),
  constraint purchase_links_stripe_price_form check (stripe_price_id ~ '^price_[A-Za-z0-9]{1,40}$'),
  constraint purchase_links_amount_not_negative check (amount_minor >= 0),
  constraint purchase_links_currency_is_iso check (currency ~ '^[a-z]{3}$'),
  constraint purchase_links_unlock_route_is_local check (unlock_route ~ '^/[a-z]{2,12}(/[a-z]{2,12})?$')
);

create unique index if not exists purchase_links_stripe_price on public.purchase_links (stripe_price_id);
comment on index public.purchase_links_stripe_price is 'From a paid Price ID to what it unlocks.';

create index if not exists purchase_links_product on public.purchase_links (product_id);
comment on index public.purchase_links_product is 'All prices of a product.';

alter table public.purchase_links enable row level security;

alter table public.purchase_links force row level security;

revoke all on table public.purchase_links from public, anon, authenticated, service_role;

comment on table public.purchase_links is 'Connects a Stripe price with what it unlocks: product, amount, currency and unlock route.';

comment on column public.purchase_links.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: keep]';

comment on column public.purchase_links.product_id is 'The product that is sold. [operational; on erasure: keep]';

comment on column public.purchase_links.stripe_price_id is 'The price at Stripe; old ones stay connected for ever. [financial; on erasure: keep]';

comment on column public.purchase_links.amount_minor is 'Price in the currency''s smallest unit. [financial; on erasure: keep]';

comment on column public.purchase_links.currency is 'ISO 4217 code, lower case. [financial; on erasure: keep]';

comment on column public.purchase_links.livemode is 'True for real money, false for test money. [operational; on erasure: keep]';

comment on column public.purchase_links.unlock_route is 'Where the buyer is led after paying. [operational; on erasure: keep]';

comment on column public.purchase_links.active is 'Whether it can be bought now. [operational; on erasure: keep]';

comment on column public.purchase_links.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';

comment on constraint purchase_links_stripe_price_form on public.purchase_links is 'Stripe''s ids start with price_.';

comment on constraint purchase_links_amount_not_negative on public.purchase_links is 'A price is nothing or more.';

comment on constraint purchase_links_currency_is_iso on public.purchase_links is 'Stripe writes ISO 4217 codes in lower case.';

comment on constraint purchase_links_unlock_route_is_local on public.purchase_links is 'A route stays on the site and holds no private words.';

-- Purchases

create table if not exists public.purchases (
  id uuid default gen_random_uuid() not null,
  checkout_session_id text not null,
  payment_intent_id text,
  purchase_link_id uuid not null,
  buyer_subject_id uuid,
  recipient_subject_id uuid,
  scroll_id uuid,
  status text default 'open' not null,
  amount_minor bigint not null,
  amount_refunded_minor bigint default 0 not null,
  currency text not null,
  livemode boolean not null,
  paid_at timestamptz,
  unlocked_at timestamptz,
  refunded_at timestamptz,
  disputed_at timestamptz,
  created_at timestamptz default now() not null,
  constraint purchases_pkey primary key (id),
  constraint purchases_purchase_link_id_fkey foreign key (purchase_link_id) references public.purchase_links (id) on delete restrict,
  constraint purchases_buyer_subject_id_fkey foreign key (buyer_subject_id) references auth.users (id) on delete restrict,
  constraint purchases_recipient_subject_id_fkey foreign key (recipient_subject_id) references auth.users (id) on delete restrict,
  constraint purchases_scroll_id_fkey foreign key (scroll_id) references public.oracle_scrolls (id) on delete set null,
  constraint purchases_status_allowed check (status = any ('{open,processing,paid,failed,expired,refunded,disputed}')),
  constraint purchases_currency_allowed check (currency = any ('{eur,usd,gbp,chf,dkk,nok,sek,pln,czk,huf,cad,aud,isk,jpy,krw,bhd,jod,kwd,omr,tnd}')),
  constraint purchases_payment_intent_id_form check (payment_intent_id ~ '^pi_[A-Za-z0-9]{1,40}$'),
  constraint purchases_paid_at_needed check (status not in ('paid', 'refunded', 'disputed') or paid_at is not null),
  constraint purchases_paid_at_only check (paid_at is null or status in ('paid', 'refunded', 'disputed')),
  constraint purchases_unlocked_at_only check (unlocked_at is null or status in ('paid', 'refunded', 'disputed')),
  constraint purchases_refunded_at_needed check (status not in ('refunded') or refunded_at is not null),
  constraint purchases_refunded_at_only check (refunded_at is null or status in ('refunded')),
  constraint purchases_disputed_at_needed check (status not in ('disputed') or disputed_at is not null),
  constraint purchases_disputed_at_only check (disputed_at is null or status in ('paid', 'refunded', 'disputed')),
  constraint purchases_amount_minor_fits_currency check ((currency not in ('bhd', 'jod', 'kwd', 'omr', 'tnd') or amount_minor % 10 = 0) and (currency not in ('isk') or amount_minor % 100 = 0)),
  constraint purchases_amount_refunded_minor_fits_currency check ((currency not in ('bhd', 'jod', 'kwd', 'omr', 'tnd') or amount_refunded_minor % 10 = 0) and (currency not in ('isk') or amount_refunded_minor % 100 = 0)),
  constraint purchases_session_has_its_mode check (livemode and checkout_session_id ~ '^cs_live_[A-Za-z0-9]{1,70}$' or not livemode and checkout_session_id ~ '^cs_test_[A-Za-z0-9]{1,70}$'),
  constraint purchases_amount_not_negative check (amount_minor >= 0),
  constraint purchases_refund_within_amount check (amount_refunded_minor between 0 and amount_minor),
  constraint purchases_currency_is_iso check (currency ~ '^[a-z]{3}$'),
  constraint purchases_paid_by_a_payment check (status not in ('paid', 'refunded', 'disputed') or amount_minor = 0 or payment_intent_id is not null),
  constraint purchases_refunded_after_paid check (amount_refunded_minor = 0 or status in ('paid', 'refunded', 'disputed')),
  constraint purchases_refunded_in_full check ((status = 'refunded') = (amount_refunded_minor = amount_minor and amount_minor > 0)),
  constraint purchases_dates_in_order check (paid_at is null or least(unlocked_at, refunded_at, disputed_at) is null or least(unlocked_at, refunded_at, disputed_at) >= paid_at)
);

create unique index if not exists purchases_checkout_session on public.purchases (checkout_session_id);
comment on index public.purchases_checkout_session is 'The same checkout never counts twice.';

create unique index if not exists purchases_payment_intent on public.purchases (payment_intent_id) where payment_intent_id is not null;
comment on index public.purchases_payment_intent is 'The same payment never counts twice.';

create index if not exists purchases_link on public.purchases (purchase_link_id);
comment on index public.purchases_link is 'All sales at one price.';

create index if not exists purchases_buyer on public.purchases (buyer_subject_id);
comment on index public.purchases_buyer is 'A buyer''s purchases.';

create index if not exists purchases_recipient on public.purchases (recipient_subject_id);
comment on index public.purchases_recipient is 'What somebody was given.';

create index if not exists purchases_scroll on public.purchases (scroll_id);
comment on index public.purchases_scroll is 'What was bought on top of a reading.';

create index if not exists purchases_not_unlocked on public.purchases (paid_at) where status = 'paid' and unlocked_at is null;
comment on index public.purchases_not_unlocked is 'Paid but not unlocked: the operator''s first question after a failure.';

create index if not exists purchases_unlocked_unpaid on public.purchases (status) where unlocked_at is not null and status <> 'paid';
comment on index public.purchases_unlocked_unpaid is 'Unlocked without money: never paid, refunded or disputed.';

alter table public.purchases enable row level security;

alter table public.purchases force row level security;

revoke all on table public.purchases from public, anon, authenticated, service_role;

comment on table public.purchases is 'Every checkout and what became of it: paid, unlocked, refunded or disputed. Counts once per session.';

comment on column public.purchases.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: keep]';

comment on column public.purchases.checkout_session_id is 'Stripe''s checkout session; each counts once. [financial; on erasure: keep]';

comment on column public.purchases.payment_intent_id is 'Stripe''s payment; none when nothing was due. [financial; on erasure: keep]';

comment on column public.purchases.purchase_link_id is 'What was bought, at which price. [operational; on erasure: keep]';

comment on column public.purchases.buyer_subject_id is 'The buyer; empty once they are erased. [operational; on erasure: set_null]';

comment on column public.purchases.recipient_subject_id is 'Whoever it was bought for, when that is not the buyer. [operational; on erasure: set_null]';

comment on column public.purchases.scroll_id is 'The reading it belongs to. [operational; on erasure: set_null]';

comment on column public.purchases.status is 'Where the payment stands. [operational; on erasure: keep]';

comment on column public.purchases.amount_minor is 'What was due, in the currency''s smallest unit. [financial; on erasure: keep]';

comment on column public.purchases.amount_refunded_minor is 'What has been paid back in all. [financial; on erasure: keep]';

comment on column public.purchases.currency is 'ISO 4217 code, lower case. [financial; on erasure: keep]';

comment on column public.purchases.livemode is 'True for real money, false for test money. [operational; on erasure: keep]';

comment on column public.purchases.paid_at is 'When the database learned that the money was in. [operational; on erasure: keep]';

comment on column public.purchases.unlocked_at is 'When the buyer got what they paid for; emptied when a refund or a dispute takes it back. [operational; on erasure: keep]';

comment on column public.purchases.refunded_at is 'When it was paid back in full. [operational; on erasure: keep]';

comment on column public.purchases.disputed_at is 'When the bank first called the payment into question. [operational; on erasure: keep]';

comment on column public.purchases.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';

comment on constraint purchases_session_has_its_mode on public.purchases is 'Stripe''s ids say whether the money is real.';

comment on constraint purchases_amount_not_negative on public.purchases is 'A price is nothing or more.';

comment on constraint purchases_refund_within_amount on public.purchases is 'No more is paid back than was paid.';

comment on constraint purchases_currency_is_iso on public.purchases is 'Stripe writes ISO 4217 codes in lower case.';

comment on constraint purchases_paid_by_a_payment on public.purchases is 'Money that is in came by a payment.';

comment on constraint purchases_refunded_after_paid on public.purchases is 'Only what was paid is paid back.';

comment on constraint purchases_refunded_in_full on public.purchases is 'Refunded means all of it; a part of it leaves the purchase paid.';

comment on constraint purchases_dates_in_order on public.purchases is 'Nothing is unlocked, paid back or disputed before the money is in.';

-- Stripe events

create table if not exists public.stripe_events (
  id text not null,
  type text not null,
  stripe_created_at timestamptz not null,
  livemode boolean not null,
  api_version text,
  object_id text,
  checkout_session_id text,
  status text default 'received' not null,
  deliveries integer default 1 not null,
  attempts integer default 0 not null,
  payload jsonb not null,
  error_class text,
  processed_at timestamptz,
  created_at timestamptz default now() not null,
  constraint stripe_events_pkey primary key (id),
  constraint stripe_events_status_allowed check (status = any ('{received,processing,done,ignored,failed,needs_review}')),
  constraint stripe_events_api_version_form check (api_version ~ '^20[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[.][a-z]{3,12})?$'),
  constraint stripe_events_object_id_form check (object_id ~ '^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
  constraint stripe_events_checkout_session_id_form check (checkout_session_id ~ '^cs_(?:test_|live_)?[A-Za-z0-9]{1,70}$'),
  constraint stripe_events_event_form check (id ~ '^evt_[A-Za-z0-9_]{1,40}$'),
  constraint stripe_events_type_is_known check (type = wall.stripe_type(type)),
  constraint stripe_events_payload_is_listed check (wall.is_stripe_payload(payload)),
  constraint stripe_events_error_is_a_code check (error_class is null or error_class ~ '^[a-z][a-z0-9_.]{0,39}$')
);

create index if not exists stripe_events_open on public.stripe_events (created_at) where status in ('received', 'processing', 'failed', 'needs_review');
comment on index public.stripe_events_open is 'What still has to be processed, oldest first.';

create index if not exists stripe_events_session on public.stripe_events (checkout_session_id) where checkout_session_id is not null;
comment on index public.stripe_events_session is 'All messages about one checkout.';

alter table public.stripe_events enable row level security;

alter table public.stripe_events force row level security;

revoke all on table public.stripe_events from public, anon, authenticated, service_role;

comment on table public.stripe_events is 'Every message from Stripe, recorded exactly once, reduced to ids and amounts.';

comment on column public.stripe_events.id is 'Stripe''s id of the event; each counts once. [operational; on erasure: keep]';

comment on column public.stripe_events.type is 'Stripe''s type of the event. [operational; on erasure: keep]';

comment on column public.stripe_events.stripe_created_at is 'When Stripe made it: whole seconds, no order. [operational; on erasure: keep]';

comment on column public.stripe_events.livemode is 'True for real money, false for test money. [operational; on erasure: keep]';

comment on column public.stripe_events.api_version is 'Version of Stripe''s payload. [operational; on erasure: keep]';

comment on column public.stripe_events.object_id is 'The Stripe object that it speaks of. [financial; on erasure: keep]';

comment on column public.stripe_events.checkout_session_id is 'The checkout session, if any. [financial; on erasure: keep]';

comment on column public.stripe_events.status is 'Where its processing stands. [operational; on erasure: keep]';

comment on column public.stripe_events.deliveries is 'How often Stripe has sent it. [operational; on erasure: keep]';

comment on column public.stripe_events.attempts is 'How often it was tried to be processed. [operational; on erasure: keep]';

comment on column public.stripe_events.payload is 'Ids, states and amounts of the payload. [financial; on erasure: keep]';

comment on column public.stripe_events.error_class is 'Short code of what went wrong. [operational; on erasure: keep]';

comment on column public.stripe_events.processed_at is 'When it was done with. [operational; on erasure: keep]';

comment on column public.stripe_events.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';

comment on constraint stripe_events_event_form on public.stripe_events is 'Stripe''s ids start with evt_.';

comment on constraint stripe_events_type_is_known on public.stripe_events is 'Types that Stripe documents, or the word unknown.';

comment on constraint stripe_events_payload_is_listed on public.stripe_events is 'Only listed keys with ids, states and amounts, at every depth: no person and no free text.';

comment on constraint stripe_events_error_is_a_code on public.stripe_events is 'A code, never a text that may quote somebody.';

-- Echo entries

create table if not exists public.echo_entries (
  id uuid default gen_random_uuid() not null,
  subject_id uuid not null,
  scroll_id uuid not null,
  prompt text,
  reply text,
  status text default 'scheduled' not null,
  due_at timestamptz not null,
  returned_at timestamptz,
  created_at timestamptz default now() not null,
  constraint echo_entries_pkey primary key (id),
  constraint echo_entries_subject_id_fkey foreign key (subject_id) references auth.users (id) on delete restrict,
  constraint echo_entries_scroll_id_fkey foreign key (scroll_id) references public.oracle_scrolls (id) on delete restrict,
  constraint echo_entries_status_allowed check (status = any ('{scheduled,returned,cancelled}')),
  constraint echo_entries_reply_needed check (status not in ('returned') or reply is not null),
  constraint echo_entries_returned_at_needed check (status not in ('returned') or returned_at is not null),
  constraint echo_entries_returned_at_only check (returned_at is null or status in ('returned')),
  constraint echo_entries_prompt_length check (prompt is null or char_length(prompt) <= 4000)
);

create index if not exists echo_entries_subject on public.echo_entries (subject_id);
comment on index public.echo_entries_subject is 'The owner''s Echoes.';

create index if not exists echo_entries_scroll on public.echo_entries (scroll_id);
comment on index public.echo_entries_scroll is 'The Echoes of a reading.';

create index if not exists echo_entries_due on public.echo_entries (due_at) where status = 'scheduled';
comment on index public.echo_entries_due is 'Which Echoes are due.';

create index if not exists echo_entries_prompt_words on public.echo_entries using gin (wall.word_digests(prompt, false));
alter index public.echo_entries_prompt_words alter column 1 set statistics 0;
comment on index public.echo_entries_prompt_words is 'Whether an AI repeats these words to somebody else.';

create index if not exists echo_entries_reply_words on public.echo_entries using gin (wall.word_digests(reply, false));
alter index public.echo_entries_reply_words alter column 1 set statistics 0;
comment on index public.echo_entries_reply_words is 'Whether an AI repeats these words to somebody else.';

alter table public.echo_entries enable row level security;

alter table public.echo_entries force row level security;

revoke all on table public.echo_entries from public, anon, authenticated, service_role;

alter table public.echo_entries alter column prompt set statistics 0;

alter table public.echo_entries alter column reply set statistics 0;

comment on table public.echo_entries is 'A follow-up that comes back later: what was left to resound, when, and what came back.';

comment on column public.echo_entries.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: delete_row]';

comment on column public.echo_entries.subject_id is 'The person whose Echo it is. [operational; on erasure: delete_row]';

comment on column public.echo_entries.scroll_id is 'The reading that resounds. [operational; on erasure: delete_row]';

comment on column public.echo_entries.prompt is 'What the visitor left to come back to, if they added words. [secret; on erasure: delete_row]';

comment on column public.echo_entries.reply is 'What came back. [secret; on erasure: delete_row]';

comment on column public.echo_entries.status is 'Where the Echo is. [operational; on erasure: delete_row]';

comment on column public.echo_entries.due_at is 'When it is to return. [operational; on erasure: delete_row]';

comment on column public.echo_entries.returned_at is 'When it did return. [operational; on erasure: delete_row]';

comment on column public.echo_entries.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: delete_row]';

comment on constraint echo_entries_prompt_length on public.echo_entries is 'A few words, no novel.';

-- Council sessions

create table if not exists public.council_sessions (
  id uuid default gen_random_uuid() not null,
  subject_id uuid not null,
  scroll_id uuid not null,
  voices jsonb default '[]' not null,
  summary text,
  status text default 'gathering' not null,
  closed_at timestamptz,
  created_at timestamptz default now() not null,
  constraint council_sessions_pkey primary key (id),
  constraint council_sessions_subject_id_fkey foreign key (subject_id) references auth.users (id) on delete restrict,
  constraint council_sessions_scroll_id_fkey foreign key (scroll_id) references public.oracle_scrolls (id) on delete restrict,
  constraint council_sessions_status_allowed check (status = any ('{gathering,closed,cancelled}')),
  constraint council_sessions_closed_at_needed check (status not in ('closed') or closed_at is not null),
  constraint council_sessions_closed_at_only check (closed_at is null or status in ('closed')),
  constraint council_sessions_voices_are_a_list check (jsonb_typeof(voices) = 'array' and jsonb_array_length(voices) <= 12),
  constraint council_sessions_closed_with_voices check (status <> 'closed' or jsonb_array_length(voices) > 0)
);

create index if not exists council_sessions_subject on public.council_sessions (subject_id);
comment on index public.council_sessions_subject is 'The owner''s Councils.';

create index if not exists council_sessions_scroll on public.council_sessions (scroll_id);
comment on index public.council_sessions_scroll is 'The Councils on a reading.';

create index if not exists council_sessions_voices_words on public.council_sessions using gin (wall.json_digests(voices, false));
alter index public.council_sessions_voices_words alter column 1 set statistics 0;
comment on index public.council_sessions_voices_words is 'Whether an AI repeats these words to somebody else.';

create index if not exists council_sessions_summary_words on public.council_sessions using gin (wall.word_digests(summary, false));
alter index public.council_sessions_summary_words alter column 1 set statistics 0;
comment on index public.council_sessions_summary_words is 'Whether an AI repeats these words to somebody else.';

alter table public.council_sessions enable row level security;

alter table public.council_sessions force row level security;

revoke all on table public.council_sessions from public, anon, authenticated, service_role;

alter table public.council_sessions alter column voices set statistics 0;

alter table public.council_sessions alter column summary set statistics 0;

comment on table public.council_sessions is 'A reading in several voices, each voice with its words, and what they agreed on.';

comment on column public.council_sessions.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: delete_row]';

comment on column public.council_sessions.subject_id is 'The person whose Council it is. [operational; on erasure: delete_row]';

comment on column public.council_sessions.scroll_id is 'The reading that the Council speaks about. [operational; on erasure: delete_row]';

comment on column public.council_sessions.voices is 'The voices in their order, each with a name and its words. [secret; on erasure: delete_row]';

comment on column public.council_sessions.summary is 'What the voices agreed on. [secret; on erasure: delete_row]';

comment on column public.council_sessions.status is 'Where the Council stands. [operational; on erasure: delete_row]';

comment on column public.council_sessions.closed_at is 'When the last voice had spoken. [operational; on erasure: delete_row]';

comment on column public.council_sessions.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: delete_row]';

comment on constraint council_sessions_voices_are_a_list on public.council_sessions is 'A Council has up to twelve voices.';

comment on constraint council_sessions_closed_with_voices on public.council_sessions is 'A Council that closes has spoken.';

-- Passport records

create table if not exists public.passport_records (
  id uuid default gen_random_uuid() not null,
  subject_id uuid not null,
  scroll_id uuid not null,
  artifact_id uuid,
  purchase_id uuid,
  scroll_seal_hash bytea,
  sealed_at timestamptz,
  seal_hash bytea,
  created_at timestamptz default now() not null,
  constraint passport_records_pkey primary key (id),
  constraint passport_records_subject_id_fkey foreign key (subject_id) references auth.users (id) on delete restrict,
  constraint passport_records_scroll_id_fkey foreign key (scroll_id) references public.oracle_scrolls (id) on delete restrict,
  constraint passport_records_artifact_id_fkey foreign key (artifact_id) references public.oracle_artifacts (id) on delete restrict,
  constraint passport_records_purchase_id_fkey foreign key (purchase_id) references public.purchases (id) on delete restrict,
  constraint passport_records_seal_present check ((sealed_at is null) = (seal_hash is null)),
  constraint passport_records_sealed_with_scroll check (sealed_at is null or scroll_seal_hash is not null)
);

create unique index if not exists passport_records_once on public.passport_records (subject_id, scroll_id);
comment on index public.passport_records_once is 'The owner''s Passport; a reading stands in it once.';

create index if not exists passport_records_sealed on public.passport_records (sealed_at) where sealed_at is not null;
comment on index public.passport_records_sealed is 'What was sealed lately, to verify it again.';

create index if not exists passport_records_scroll on public.passport_records (scroll_id);
comment on index public.passport_records_scroll is 'Whether a reading is in a Passport.';

create index if not exists passport_records_artifact on public.passport_records (artifact_id) where artifact_id is not null;
comment on index public.passport_records_artifact is 'Whether an artifact is in a Passport.';

create index if not exists passport_records_purchase on public.passport_records (purchase_id) where purchase_id is not null;
comment on index public.passport_records_purchase is 'Which record a purchase brought.';

alter table public.passport_records enable row level security;

alter table public.passport_records force row level security;

revoke all on table public.passport_records from public, anon, authenticated, service_role;

comment on table public.passport_records is 'Connects a person with a sealed reading, its artifact and its purchase. Once sealed, it never changes.';

comment on column public.passport_records.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: delete_row]';

comment on column public.passport_records.subject_id is 'The person whose Passport it is. [operational; on erasure: delete_row]';

comment on column public.passport_records.scroll_id is 'The sealed reading. [operational; on erasure: delete_row]';

comment on column public.passport_records.artifact_id is 'The artifact that is kept with it. [operational; on erasure: delete_row]';

comment on column public.passport_records.purchase_id is 'The purchase it came from. [operational; on erasure: delete_row]';

comment on column public.passport_records.scroll_seal_hash is 'The reading''s own seal, so that both hold together. [operational; on erasure: delete_row]';

comment on column public.passport_records.sealed_at is 'When it was sealed; nothing changes after it. [operational; on erasure: delete_row]';

comment on column public.passport_records.seal_hash is 'SHA-256 over the sealed row, made by the database. [operational; on erasure: delete_row]';

comment on column public.passport_records.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: delete_row]';

comment on constraint passport_records_seal_present on public.passport_records is 'A seal and its date come together.';

comment on constraint passport_records_sealed_with_scroll on public.passport_records is 'Only a sealed reading is sealed in.';

-- AI runs

create table if not exists public.ai_runs (
  id uuid default gen_random_uuid() not null,
  subject_id uuid not null,
  layer text not null,
  scroll_id uuid not null,
  fields_given text[] not null,
  model text not null,
  status text default 'requested' not null,
  token_sha256 bytea,
  leases smallint default 0 not null,
  leased_at timestamptz,
  lease_until timestamptz,
  output jsonb,
  promoted_at timestamptz,
  created_at timestamptz default now() not null,
  constraint ai_runs_pkey primary key (id),
  constraint ai_runs_subject_id_fkey foreign key (subject_id) references auth.users (id) on delete restrict,
  constraint ai_runs_scroll_id_fkey foreign key (scroll_id) references public.oracle_scrolls (id) on delete restrict,
  constraint ai_runs_layer_allowed check (layer = any ('{echo,council}')),
  constraint ai_runs_status_allowed check (status = any ('{requested,written,promoted,discarded}')),
  constraint ai_runs_model_form check (model ~ '^(?=.*[0-9])[a-z0-9][a-z0-9.:-]{0,30}(?:/[a-z0-9][a-z0-9.:-]{0,40})?$'),
  constraint ai_runs_token_sha256_only check (token_sha256 is null or status in ('requested')),
  constraint ai_runs_output_needed check (status not in ('written', 'promoted') or output is not null),
  constraint ai_runs_output_only check (output is null or status in ('written', 'promoted')),
  constraint ai_runs_promoted_at_needed check (status not in ('promoted') or promoted_at is not null),
  constraint ai_runs_promoted_at_only check (promoted_at is null or status in ('promoted')),
  constraint ai_runs_output_is_bounded check (output is null or octet_length(output::text) <= 65536),
  constraint ai_runs_fields_are_given_alone check (coalesce(array_ndims(fields_given), 0) = 1 and fields_given <@ array['locale', 'question']::text[]),
  constraint ai_runs_leases_are_few check (leases between 0 and 3),
  constraint ai_runs_lease_has_a_limit check (lease_until is null or lease_until <= leased_at + interval '900 seconds'),
  constraint ai_runs_leased_as_a_whole check ((leases > 0) = (leased_at is not null) and (leases > 0) = (lease_until is not null) and (token_sha256 is null or leases > 0))
);

create index if not exists ai_runs_subject on public.ai_runs (subject_id);
comment on index public.ai_runs_subject is 'What an AI was told about a person.';

create index if not exists ai_runs_output_words on public.ai_runs using gin (wall.json_digests(output, false));
alter index public.ai_runs_output_words alter column 1 set statistics 0;
comment on index public.ai_runs_output_words is 'Whether an AI repeats these words to somebody else.';

create index if not exists ai_runs_scroll on public.ai_runs (scroll_id);
comment on index public.ai_runs_scroll is 'The runs on a reading.';

create unique index if not exists ai_runs_token on public.ai_runs (token_sha256) where token_sha256 is not null;
comment on index public.ai_runs_token is 'The one run of a token: what its AI may read and write.';

create index if not exists ai_runs_open on public.ai_runs (created_at) where status in ('requested', 'written');
comment on index public.ai_runs_open is 'Runs that wait to be leased, written or taken over.';

create index if not exists ai_runs_unwritten on public.ai_runs (id) where status = 'promoted' and (output is null or promoted_at is null);
comment on index public.ai_runs_unwritten is 'Runs whose words were taken over without having been written; there should be none.';

alter table public.ai_runs enable row level security;

alter table public.ai_runs force row level security;

revoke all on table public.ai_runs from public, anon, authenticated, service_role;

alter table public.ai_runs alter column output set statistics 0;

comment on table public.ai_runs is 'The AI''s staging table: which fields it was given, what it wrote, and whether that was taken over.';

comment on column public.ai_runs.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: delete_row]';

comment on column public.ai_runs.subject_id is 'The person whose question it reads. [operational; on erasure: delete_row]';

comment on column public.ai_runs.layer is 'The layer it writes for. [operational; on erasure: delete_row]';

comment on column public.ai_runs.scroll_id is 'The reading it works from. [operational; on erasure: delete_row]';

comment on column public.ai_runs.fields_given is 'Names of the fields it was given; never their content. [operational; on erasure: delete_row]';

comment on column public.ai_runs.model is 'The model that writes. [operational; on erasure: delete_row]';

comment on column public.ai_runs.status is 'Where the run stands. [operational; on erasure: delete_row]';

comment on column public.ai_runs.token_sha256 is 'Hash of the token of the lease that runs; the token itself is not kept. [operational; on erasure: delete_row]';

comment on column public.ai_runs.leases is 'How often it was leased. [operational; on erasure: delete_row]';

comment on column public.ai_runs.leased_at is 'When it was leased first; all leases end a while after. [operational; on erasure: delete_row]';

comment on column public.ai_runs.lease_until is 'Until then the AI may read its brief and write. [operational; on erasure: delete_row]';

comment on column public.ai_runs.output is 'What the AI wrote; nobody sees it before it is taken over. [secret; on erasure: delete_row]';

comment on column public.ai_runs.promoted_at is 'When its words were taken over, by the database''s clock. [operational; on erasure: delete_row]';

comment on column public.ai_runs.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: delete_row]';

comment on constraint ai_runs_output_is_bounded on public.ai_runs is 'An endless answer is refused.';

comment on constraint ai_runs_fields_are_given_alone on public.ai_runs is 'Names of fields that a brief has, never what is in them.';

comment on constraint ai_runs_leases_are_few on public.ai_runs is 'A run that is leased over and over reads for ever.';

comment on constraint ai_runs_lease_has_a_limit on public.ai_runs is 'All leases of a run end a while after the first began.';

comment on constraint ai_runs_leased_as_a_whole on public.ai_runs is 'A lease has a beginning and an end, and no token goes without one.';

-- Delivery jobs

create table if not exists public.delivery_jobs (
  id bigint generated always as identity not null,
  idempotency_key text not null,
  channel text not null,
  leg text not null,
  subject_id uuid not null,
  artifact_id uuid,
  purchase_id uuid,
  echo_entry_id uuid,
  status text default 'pending' not null,
  priority smallint default 100 not null,
  attempts smallint default 0 not null,
  max_attempts smallint default 10 not null,
  next_run_at timestamptz default now() not null,
  support_path text not null,
  lease_token uuid,
  lease_until timestamptz,
  worker text,
  cancel_requested boolean default false not null,
  error_class text,
  finished_at timestamptz,
  created_at timestamptz default now() not null,
  constraint delivery_jobs_pkey primary key (id),
  constraint delivery_jobs_subject_id_fkey foreign key (subject_id) references auth.users (id) on delete restrict,
  constraint delivery_jobs_artifact_id_fkey foreign key (artifact_id) references public.oracle_artifacts (id) on delete restrict,
  constraint delivery_jobs_purchase_id_fkey foreign key (purchase_id) references public.purchases (id) on delete restrict,
  constraint delivery_jobs_echo_entry_id_fkey foreign key (echo_entry_id) references public.echo_entries (id) on delete restrict,
  constraint delivery_jobs_channel_allowed check (channel = any ('{email,pdf,gift,receipt,echo,recovery}')),
  constraint delivery_jobs_leg_allowed check (leg = any ('{account,email}')),
  constraint delivery_jobs_status_allowed check (status = any ('{waiting,pending,running,done,dead,cancelled,parked}')),
  constraint delivery_jobs_worker_form check (worker ~ '^[a-z0-9][a-z0-9.-]{0,40}(?::[0-9]{1,10}){0,2}$'),
  constraint delivery_jobs_leased_while_running check ((status = 'running') = (lease_token is not null and lease_until is not null)),
  constraint delivery_jobs_leg_of_its_channel check (channel || ' ' || leg = any ('{email email,pdf account,gift email,receipt account,receipt email,echo email,recovery account,recovery email}')),
  constraint delivery_jobs_only_email_waits check (status <> 'waiting' or leg = 'email'),
  constraint delivery_jobs_delivers_something check (num_nonnulls(artifact_id, purchase_id, echo_entry_id) >= 1),
  constraint delivery_jobs_attempts_count check (attempts >= 0 and max_attempts between 1 and 50),
  constraint delivery_jobs_support_path_is_local check (support_path ~ '^/[a-z]+(/[a-z]+)?([?]channel=[a-z_]+)?$' and char_length(support_path) <= 40),
  constraint delivery_jobs_error_is_a_code check (error_class is null or error_class ~ '^[a-z][a-z0-9_.]{0,39}$'),
  constraint delivery_jobs_key_is_opaque check (idempotency_key ~ '^[a-z_]+:[a-z]+:[0-9a-f-]+:[0-9]+$' and char_length(idempotency_key) <= 68)
) with (fillfactor=85, autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=200, autovacuum_vacuum_cost_delay=0);

create unique index if not exists delivery_jobs_idempotency on public.delivery_jobs (idempotency_key);
comment on index public.delivery_jobs_idempotency is 'The same delivery is queued once.';

create index if not exists delivery_jobs_ready on public.delivery_jobs (priority, next_run_at, id) where status = 'pending';
comment on index public.delivery_jobs_ready is 'The next jobs to claim.';

create index if not exists delivery_jobs_leases on public.delivery_jobs (lease_until) where status = 'running';
comment on index public.delivery_jobs_leases is 'Leases that have run out.';

create index if not exists delivery_jobs_waiting on public.delivery_jobs (channel, created_at) where status = 'waiting';
comment on index public.delivery_jobs_waiting is 'E-mail legs that wait for a consent, the oldest first.';

create index if not exists delivery_jobs_support on public.delivery_jobs (id) where status in ('dead', 'parked');
comment on index public.delivery_jobs_support is 'What waits for support.';

create index if not exists delivery_jobs_subject on public.delivery_jobs (subject_id);
comment on index public.delivery_jobs_subject is 'A person''s deliveries; a withdrawal cancels by this.';

create index if not exists delivery_jobs_artifact on public.delivery_jobs (artifact_id) where artifact_id is not null;
comment on index public.delivery_jobs_artifact is 'The deliveries of an artifact.';

create index if not exists delivery_jobs_purchase on public.delivery_jobs (purchase_id) where purchase_id is not null;
comment on index public.delivery_jobs_purchase is 'The deliveries of a purchase.';

create index if not exists delivery_jobs_echo on public.delivery_jobs (echo_entry_id) where echo_entry_id is not null;
comment on index public.delivery_jobs_echo is 'The deliveries of an Echo.';

alter table public.delivery_jobs enable row level security;

alter table public.delivery_jobs force row level security;

revoke all on table public.delivery_jobs from public, anon, authenticated, service_role;

revoke all on sequence public.delivery_jobs_id_seq from public, anon, authenticated, service_role;

comment on table public.delivery_jobs is 'Email, PDF, gift, receipt, Echo, and recovery are sent as tracked jobs.';

comment on column public.delivery_jobs.id is 'Counts up in the order of writing; gaps are normal. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.idempotency_key is 'What is delivered, to which leg, and for which time; counts once. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.channel is 'Which kind of job. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.leg is 'Where the result goes: into the account, or out by e-mail. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.subject_id is 'The person whose delivery it is. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.artifact_id is 'The artifact, if one is delivered. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.purchase_id is 'The purchase, if the job rests on one. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.echo_entry_id is 'The Echo, if one returns. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.status is 'Where the job stands. Waiting means: kept in the account until e-mail is allowed. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.priority is 'Lower goes first. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.attempts is 'How often it was begun. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.max_attempts is 'After so many attempts it becomes a dead letter. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.next_run_at is 'Not before this moment. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.support_path is 'Where support handles it. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.lease_token is 'Names the claim; an old one changes nothing. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.lease_until is 'Until then it is its worker''s. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.worker is 'Who has it, for people. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.cancel_requested is 'A consent was withdrawn while it ran. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.error_class is 'Short code of what went wrong last. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.finished_at is 'When it came to its end. [operational; on erasure: delete_row]';

comment on column public.delivery_jobs.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: delete_row]';

comment on constraint delivery_jobs_leased_while_running on public.delivery_jobs is 'A running job is somebody''s, and no other is.';

comment on constraint delivery_jobs_leg_of_its_channel on public.delivery_jobs is 'A channel has its own legs, and the consents of each are known.';

comment on constraint delivery_jobs_only_email_waits on public.delivery_jobs is 'What goes into the account waits for nobody.';

comment on constraint delivery_jobs_delivers_something on public.delivery_jobs is 'A job delivers something.';

comment on constraint delivery_jobs_attempts_count on public.delivery_jobs is 'Attempts are counted and limited.';

comment on constraint delivery_jobs_support_path_is_local on public.delivery_jobs is 'A path of our own pages, without private words.';

comment on constraint delivery_jobs_error_is_a_code on public.delivery_jobs is 'A code, never a text that may quote somebody.';

comment on constraint delivery_jobs_key_is_opaque on public.delivery_jobs is 'The key names things, not people.';

-- Delivery attempts

create table if not exists public.delivery_attempts (
  id bigint generated always as identity not null,
  job_id bigint not null,
  attempt smallint not null,
  outcome text not null,
  error_class text,
  worker text,
  created_at timestamptz default now() not null,
  constraint delivery_attempts_pkey primary key (id),
  constraint delivery_attempts_job_id_fkey foreign key (job_id) references public.delivery_jobs (id) on delete cascade,
  constraint delivery_attempts_outcome_allowed check (outcome = any ('{done,transient,permanent,released,lease_expired,cancelled,withheld}')),
  constraint delivery_attempts_worker_form check (worker ~ '^[a-z0-9][a-z0-9.-]{0,40}(?::[0-9]{1,10}){0,2}$'),
  constraint delivery_attempts_error_is_a_code check (error_class is null or error_class ~ '^[a-z][a-z0-9_.]{0,39}$')
);

create index if not exists delivery_attempts_job on public.delivery_attempts (job_id, attempt);
comment on index public.delivery_attempts_job is 'The history of a job, in order.';

alter table public.delivery_attempts enable row level security;

alter table public.delivery_attempts force row level security;

revoke all on table public.delivery_attempts from public, anon, authenticated, service_role;

revoke all on sequence public.delivery_attempts_id_seq from public, anon, authenticated, service_role;

comment on table public.delivery_attempts is 'The history of every job: each attempt with its beginning, its end and what came of it.';

comment on column public.delivery_attempts.id is 'Counts up in the order of writing; gaps are normal. [operational; on erasure: delete_row]';

comment on column public.delivery_attempts.job_id is 'The job. [operational; on erasure: delete_row]';

comment on column public.delivery_attempts.attempt is 'Which attempt it was. [operational; on erasure: delete_row]';

comment on column public.delivery_attempts.outcome is 'What came of it. [operational; on erasure: delete_row]';

comment on column public.delivery_attempts.error_class is 'Short code of what went wrong. [operational; on erasure: delete_row]';

comment on column public.delivery_attempts.worker is 'Who tried, for people. [operational; on erasure: delete_row]';

comment on column public.delivery_attempts.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: delete_row]';

comment on constraint delivery_attempts_error_is_a_code on public.delivery_attempts is 'A code, never a text that may quote somebody.';

-- E-mail suppressions

create table if not exists public.email_suppressions (
  id uuid default gen_random_uuid() not null,
  address_sha256 bytea not null,
  reason text not null,
  provider_code text,
  created_at timestamptz default now() not null,
  constraint email_suppressions_pkey primary key (id),
  constraint email_suppressions_reason_allowed check (reason = any ('{hard_bounce,complaint,unsubscribed,manual}')),
  constraint email_suppressions_address_is_sha256 check (octet_length(address_sha256) = 32),
  constraint email_suppressions_code_is_short check (provider_code is null or provider_code ~ '^[0-9a-z._-]{1,24}$')
);

create unique index if not exists email_suppressions_address on public.email_suppressions (address_sha256);
comment on index public.email_suppressions_address is 'May this address be written to?';

alter table public.email_suppressions enable row level security;

alter table public.email_suppressions force row level security;

revoke all on table public.email_suppressions from public, anon, authenticated, service_role;

alter table public.email_suppressions alter column address_sha256 set statistics 0;

comment on table public.email_suppressions is 'Addresses that bounced or complained, kept as hashes, so that they are not written to again.';

comment on column public.email_suppressions.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: keep]';

comment on column public.email_suppressions.address_sha256 is 'Hash of the lower-case address; kept after erasure, to go on keeping silent. [personal; on erasure: keep]';

comment on column public.email_suppressions.reason is 'Why it is not written to. [operational; on erasure: keep]';

comment on column public.email_suppressions.provider_code is 'The provider''s short code. [operational; on erasure: keep]';

comment on column public.email_suppressions.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';

comment on constraint email_suppressions_address_is_sha256 on public.email_suppressions is 'SHA-256 has 32 bytes; an address does not fit.';

comment on constraint email_suppressions_code_is_short on public.email_suppressions is 'A code, never the provider''s text.';

-- Privacy requests

create table if not exists public.privacy_requests (
  id uuid default gen_random_uuid() not null,
  subject_id uuid,
  kind text not null,
  status text default 'received' not null,
  due_at timestamptz default now() + interval '1 month' not null,
  extended_until timestamptz,
  extension_reason text,
  closed_at timestamptz,
  proof_sha256 bytea,
  created_at timestamptz default now() not null,
  constraint privacy_requests_pkey primary key (id),
  constraint privacy_requests_subject_id_fkey foreign key (subject_id) references auth.users (id) on delete restrict,
  constraint privacy_requests_kind_allowed check (kind = any ('{export,deletion,anonymization}')),
  constraint privacy_requests_status_allowed check (status = any ('{received,verified,running,waiting_processor,done,refused,cancelled}')),
  constraint privacy_requests_extension_reason_allowed check (extension_reason = any ('{complexity,number_of_requests}')),
  constraint privacy_requests_somebody_asks check (subject_id is not null or status <> 'received'),
  constraint privacy_requests_extension_is_limited check (extended_until is null or extended_until <= due_at + interval '2 months'),
  constraint privacy_requests_extension_has_a_reason check ((extended_until is null) = (extension_reason is null)),
  constraint privacy_requests_extension_is_later check (extended_until is null or extended_until > due_at),
  constraint privacy_requests_closed_when_answered check ((closed_at is not null) = (status in ('done', 'refused', 'cancelled')))
);

create index if not exists privacy_requests_subject on public.privacy_requests (subject_id);
comment on index public.privacy_requests_subject is 'A person''s requests; erasure asks by this.';

create index if not exists privacy_requests_due on public.privacy_requests (due_at) where closed_at is null;
comment on index public.privacy_requests_due is 'What is due next.';

alter table public.privacy_requests enable row level security;

alter table public.privacy_requests force row level security;

revoke all on table public.privacy_requests from public, anon, authenticated, service_role;

comment on table public.privacy_requests is 'Requests for export, deletion or anonymization, each with its legal deadline and its proof.';

comment on column public.privacy_requests.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: keep]';

comment on column public.privacy_requests.subject_id is 'The person who asks; empty once they are erased. [operational; on erasure: set_null]';

comment on column public.privacy_requests.kind is 'What they ask for. [operational; on erasure: keep]';

comment on column public.privacy_requests.status is 'Where the request stands. [operational; on erasure: keep]';

comment on column public.privacy_requests.due_at is 'The answer is due by then: one calendar month after the request, set by the database. [operational; on erasure: keep]';

comment on column public.privacy_requests.extended_until is 'A later date, when the person was told why in time. [operational; on erasure: keep]';

comment on column public.privacy_requests.extension_reason is 'Why it takes longer; the law knows these two reasons. [operational; on erasure: keep]';

comment on column public.privacy_requests.closed_at is 'When it was answered. [operational; on erasure: keep]';

comment on column public.privacy_requests.proof_sha256 is 'Digest of the proof at the end. [operational; on erasure: keep]';

comment on column public.privacy_requests.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';

comment on constraint privacy_requests_somebody_asks on public.privacy_requests is 'A request comes from somebody with an account: without one there is nothing to export or erase.';

comment on constraint privacy_requests_extension_is_limited on public.privacy_requests is 'The law allows two months more.';

comment on constraint privacy_requests_extension_has_a_reason on public.privacy_requests is 'A deadline moves only with its reason.';

comment on constraint privacy_requests_extension_is_later on public.privacy_requests is 'An extension ends after the deadline that it extends.';

comment on constraint privacy_requests_closed_when_answered on public.privacy_requests is 'A request is closed by its answer, and by nothing else.';

-- Privacy request steps

create table if not exists public.privacy_request_steps (
  id uuid default gen_random_uuid() not null,
  request_id uuid not null,
  position smallint not null,
  name text not null,
  status text default 'pending' not null,
  attempts smallint default 0 not null,
  evidence_sha256 bytea,
  started_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz default now() not null,
  constraint privacy_request_steps_pkey primary key (id),
  constraint privacy_request_steps_request_id_fkey foreign key (request_id) references public.privacy_requests (id) on delete restrict,
  constraint privacy_request_steps_status_allowed check (status = any ('{pending,running,done,failed,skipped}')),
  constraint privacy_request_steps_name_is_a_code check (name ~ '^[a-z][a-z_]{2,39}$')
);

create unique index if not exists privacy_request_steps_name on public.privacy_request_steps (request_id, name);
comment on index public.privacy_request_steps_name is 'The steps of a request; each stands once.';

alter table public.privacy_request_steps enable row level security;

alter table public.privacy_request_steps force row level security;

revoke all on table public.privacy_request_steps from public, anon, authenticated, service_role;

comment on table public.privacy_request_steps is 'The steps of a privacy request, each of which can be taken up again where it stopped.';

comment on column public.privacy_request_steps.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: keep]';

comment on column public.privacy_request_steps.request_id is 'The request. [operational; on erasure: keep]';

comment on column public.privacy_request_steps.position is 'Its place in the order. [operational; on erasure: keep]';

comment on column public.privacy_request_steps.name is 'What is done. [operational; on erasure: keep]';

comment on column public.privacy_request_steps.status is 'Where the step stands. [operational; on erasure: keep]';

comment on column public.privacy_request_steps.attempts is 'How often it was begun. [operational; on erasure: keep]';

comment on column public.privacy_request_steps.evidence_sha256 is 'Digest of what it found and did. [operational; on erasure: keep]';

comment on column public.privacy_request_steps.started_at is 'When it was last begun. [operational; on erasure: keep]';

comment on column public.privacy_request_steps.finished_at is 'When it was done. [operational; on erasure: keep]';

comment on column public.privacy_request_steps.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';

comment on constraint privacy_request_steps_name_is_a_code on public.privacy_request_steps is 'A name, never a text.';

-- Erasure key

create table if not exists public.erasure_keys (
  id bigint default 1 not null,
  key bytea default sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) not null,
  tombstones bigint default 0 not null,
  created_at timestamptz default now() not null,
  constraint erasure_keys_pkey primary key (id),
  constraint erasure_keys_only_one check (id = 1)
);

alter table public.erasure_keys enable row level security;

alter table public.erasure_keys force row level security;

revoke all on table public.erasure_keys from public, anon, authenticated, service_role;

comment on table public.erasure_keys is 'One row: the random key of the tombstones, and a count that each erasure raises.';

comment on column public.erasure_keys.id is 'Always 1: there is one key. [operational; on erasure: keep]';

comment on column public.erasure_keys.key is 'Random; made by this database, and granted to nobody. Leave the table out of copies. [operational; on erasure: keep]';

comment on column public.erasure_keys.tombstones is 'How many were written; a transaction that works with an older view of the data is refused by this. [operational; on erasure: keep]';

comment on column public.erasure_keys.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';

comment on constraint erasure_keys_only_one on public.erasure_keys is 'A second key would hide the tombstones of the first.';

-- Erased people

create table if not exists public.erased_subjects (
  tombstone bytea not null,
  request_id uuid not null,
  subject_id uuid,
  tombstone_xid xid8 not null,
  barrier_xid xid8,
  erasing_xid xid8,
  created_at timestamptz default now() not null,
  constraint erased_subjects_pkey primary key (tombstone),
  constraint erased_subjects_request_id_fkey foreign key (request_id) references public.privacy_requests (id) on delete restrict,
  constraint erased_subjects_subject_id_fkey foreign key (subject_id) references auth.users (id) on delete restrict
);

create unique index if not exists erased_subjects_request on public.erased_subjects (request_id);
comment on index public.erased_subjects_request is 'How far the erasure of a request is.';

create unique index if not exists erased_subjects_subject on public.erased_subjects (subject_id) where subject_id is not null;
comment on index public.erased_subjects_subject is 'Whether this transaction erases a person; asked before anything sealed gives way.';

alter table public.erased_subjects enable row level security;

alter table public.erased_subjects force row level security;

revoke all on table public.erased_subjects from public, anon, authenticated, service_role;

comment on table public.erased_subjects is 'A keyed digest of each erased person''s id, so that nothing is written for them again; no personal data.';

comment on column public.erased_subjects.tombstone is 'SHA-256 over this database''s own key and the person''s id. [operational; on erasure: keep]';

comment on column public.erased_subjects.request_id is 'The request that it comes from. [operational; on erasure: keep]';

comment on column public.erased_subjects.subject_id is 'The person, until their rows are gone. [operational; on erasure: set_null]';

comment on column public.erased_subjects.tombstone_xid is 'The transaction that wrote the tombstone. [operational; on erasure: keep]';

comment on column public.erased_subjects.barrier_xid is 'A transaction after it: once all older ones have ended, nobody is left who missed the tombstone. [operational; on erasure: keep]';

comment on column public.erased_subjects.erasing_xid is 'The transaction that erases; it cannot end before nothing is left. [operational; on erasure: keep]';

comment on column public.erased_subjects.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';

-- Storage deletions

create table if not exists public.storage_deletions (
  id uuid default gen_random_uuid() not null,
  request_id uuid,
  row_id uuid,
  storage_path text,
  done_at timestamptz,
  created_at timestamptz default now() not null,
  constraint storage_deletions_pkey primary key (id),
  constraint storage_deletions_request_id_fkey foreign key (request_id) references public.privacy_requests (id) on delete restrict,
  constraint storage_deletions_storage_path_is_opaque check (storage_path is null or storage_path ~ '^[0-9a-f][0-9a-f/-]{15,79}(\.[a-z0-9]{2,4})?$'),
  constraint storage_deletions_listed_until_done check ((done_at is null) = (storage_path is not null)),
  constraint storage_deletions_listed_for_something check (request_id is not null or row_id is not null)
);

create index if not exists storage_deletions_request on public.storage_deletions (request_id);
comment on index public.storage_deletions_request is 'What a request still waits for.';

create index if not exists storage_deletions_open on public.storage_deletions (created_at) where done_at is null;
comment on index public.storage_deletions_open is 'Which files to delete next.';

create index if not exists storage_deletions_path on public.storage_deletions (storage_path) where done_at is null;
comment on index public.storage_deletions_path is 'Whether a path may be taken; asked whenever a row is given one.';

create index if not exists storage_deletions_row on public.storage_deletions (row_id) where done_at is null;
comment on index public.storage_deletions_row is 'What a row gave up; its erasure takes that over.';

alter table public.storage_deletions enable row level security;

alter table public.storage_deletions force row level security;

revoke all on table public.storage_deletions from public, anon, authenticated, service_role;

comment on table public.storage_deletions is 'Files that must be deleted in storage, of erased people or given up; each is listed until that is done.';

comment on column public.storage_deletions.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: keep]';

comment on column public.storage_deletions.request_id is 'The deletion request that waits for it; empty for a file that its row gave up. [operational; on erasure: keep]';

comment on column public.storage_deletions.row_id is 'Key of the row that the file belonged to: the erasure of that row takes over what it gave up. [operational; on erasure: keep]';

comment on column public.storage_deletions.storage_path is 'Random path of the file; empty once the file is deleted. [operational; on erasure: keep]';

comment on column public.storage_deletions.done_at is 'When storage had deleted it. [operational; on erasure: keep]';

comment on column public.storage_deletions.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';

comment on constraint storage_deletions_storage_path_is_opaque on public.storage_deletions is 'A path is random hexadecimal, so that no name and no question can stand in it.';

comment on constraint storage_deletions_listed_until_done on public.storage_deletions is 'The path stays until the file is deleted, and no longer.';

comment on constraint storage_deletions_listed_for_something on public.storage_deletions is 'A file is listed for a request or for the row that gave it up.';

-- Legal holds

create table if not exists public.legal_holds (
  id uuid default gen_random_uuid() not null,
  table_name text not null,
  row_id text not null,
  reason_code text not null,
  held_until timestamptz,
  created_at timestamptz default now() not null,
  constraint legal_holds_pkey primary key (id),
  constraint legal_holds_table_name_allowed check (table_name = any ('{oracle_scrolls,oracle_artifacts,share_cards,gift_recipients,purchases,echo_entries,council_sessions,passport_records,ai_runs,consent_events,consents,delivery_jobs,delivery_attempts,privacy_requests}')),
  constraint legal_holds_reason_code_allowed check (reason_code = any ('{legal_claim,tax_audit,authority_order,fraud_inquiry}')),
  constraint legal_holds_row_is_a_key check (row_id ~ '^([0-9a-f-]{36}|[0-9]{1,19})$')
);

create index if not exists legal_holds_row on public.legal_holds (table_name, row_id);
comment on index public.legal_holds_row is 'Whether a row is held.';

alter table public.legal_holds enable row level security;

alter table public.legal_holds force row level security;

revoke all on table public.legal_holds from public, anon, authenticated, service_role;

comment on table public.legal_holds is 'Rows that the law wants kept for a while, each with the reason; an erasure waits for them.';

comment on column public.legal_holds.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: keep]';

comment on column public.legal_holds.table_name is 'The table of the held row. [operational; on erasure: keep]';

comment on column public.legal_holds.row_id is 'Key of the held row. [operational; on erasure: keep]';

comment on column public.legal_holds.reason_code is 'Why it is held. [operational; on erasure: keep]';

comment on column public.legal_holds.held_until is 'When the hold ends; empty until somebody ends it. [operational; on erasure: keep]';

comment on column public.legal_holds.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';

comment on constraint legal_holds_row_is_a_key on public.legal_holds is 'A key, never a name or an address.';

-- Audit codes

create table if not exists public.audit_codes (
  id uuid default gen_random_uuid() not null,
  subject_id uuid not null,
  created_at timestamptz default now() not null,
  constraint audit_codes_pkey primary key (id),
  constraint audit_codes_subject_id_fkey foreign key (subject_id) references auth.users (id) on delete restrict
);

create unique index if not exists audit_codes_subject on public.audit_codes (subject_id);
comment on index public.audit_codes_subject is 'The code of a person, asked for by lines about them.';

alter table public.audit_codes enable row level security;

alter table public.audit_codes force row level security;

revoke all on table public.audit_codes from public, anon, authenticated, service_role;

comment on table public.audit_codes is 'The random code that stands for a person in the audit trail; deleted when the person is erased.';

comment on column public.audit_codes.id is 'Random key; says nothing about the person or the order of things. [operational; on erasure: delete_row]';

comment on column public.audit_codes.subject_id is 'The person that the code, which is the key of this row, stands for. [operational; on erasure: delete_row]';

comment on column public.audit_codes.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: delete_row]';

-- Audit trail

create table if not exists public.admin_audit_events (
  id bigint generated always as identity not null,
  actor_kind text not null,
  actor_id text,
  action text not null,
  object_table text not null,
  object_id text not null,
  outcome text not null,
  details jsonb default '{}' not null,
  row_hash bytea not null,
  created_at timestamptz default now() not null,
  constraint admin_audit_events_pkey primary key (id),
  constraint admin_audit_events_actor_kind_allowed check (actor_kind = any ('{subject,operator,server,worker,system}')),
  constraint admin_audit_events_outcome_allowed check (outcome = any ('{done,refused,failed}')),
  constraint admin_audit_events_action_is_a_code check (wall.names_action(action)),
  constraint admin_audit_events_object_is_an_id check (wall.names_row(object_table, object_id)),
  constraint admin_audit_events_actor_is_an_id check (actor_id is null or wall.names_row('actor', actor_id)),
  constraint admin_audit_events_details_are_operational check (wall.is_operational(details))
);

create index if not exists admin_audit_events_object on public.admin_audit_events (object_table, object_id);
comment on index public.admin_audit_events_object is 'What was done to a thing.';

create index if not exists admin_audit_events_recent on public.admin_audit_events (created_at);
comment on index public.admin_audit_events_recent is 'What was done lately.';

alter table public.admin_audit_events enable row level security;

alter table public.admin_audit_events force row level security;

revoke all on table public.admin_audit_events from public, anon, authenticated, service_role;

revoke all on sequence public.admin_audit_events_id_seq from public, anon, authenticated, service_role;

comment on table public.admin_audit_events is 'Who did what to which thing, and how it ended. Ids, codes and counts only; only ever added to.';

comment on column public.admin_audit_events.id is 'Counts up in the order of writing; gaps are normal. [operational; on erasure: keep]';

comment on column public.admin_audit_events.actor_kind is 'What kind of actor it was. [operational; on erasure: keep]';

comment on column public.admin_audit_events.actor_id is 'Opaque id of the actor. [operational; on erasure: keep]';

comment on column public.admin_audit_events.action is 'What was done, as noun.verb. [operational; on erasure: keep]';

comment on column public.admin_audit_events.object_table is 'Table of the object. [operational; on erasure: keep]';

comment on column public.admin_audit_events.object_id is 'Key of the object. [operational; on erasure: keep]';

comment on column public.admin_audit_events.outcome is 'How it ended. [operational; on erasure: keep]';

comment on column public.admin_audit_events.details is 'Numbers and short codes; free text does not fit. [operational; on erasure: keep]';

comment on column public.admin_audit_events.row_hash is 'Digest of the entry, for the chain. [operational; on erasure: keep]';

comment on column public.admin_audit_events.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';

comment on constraint admin_audit_events_action_is_a_code on public.admin_audit_events is 'A code, never a sentence.';

comment on constraint admin_audit_events_object_is_an_id on public.admin_audit_events is 'Ids, never names or addresses.';

comment on constraint admin_audit_events_actor_is_an_id on public.admin_audit_events is 'Ids, never names or addresses.';

comment on constraint admin_audit_events_details_are_operational on public.admin_audit_events is 'Numbers and short codes only.';

-- Ledger seals

create table if not exists public.ledger_seals (
  id bigint generated always as identity not null,
  ledger text not null,
  position bigint not null,
  row_id bigint not null,
  row_hash bytea not null,
  chain_hash bytea not null,
  created_at timestamptz default now() not null,
  constraint ledger_seals_pkey primary key (id),
  constraint ledger_seals_ledger_allowed check (ledger = any ('{consent_events,admin_audit_events}'))
);

create unique index if not exists ledger_seals_row on public.ledger_seals (ledger, row_id);
comment on index public.ledger_seals_row is 'Whether a row is sealed; each is sealed once.';

create unique index if not exists ledger_seals_position on public.ledger_seals (ledger, position);
comment on index public.ledger_seals_position is 'Walking the chain from its end or its beginning.';

alter table public.ledger_seals enable row level security;

alter table public.ledger_seals force row level security;

revoke all on table public.ledger_seals from public, anon, authenticated, service_role;

revoke all on sequence public.ledger_seals_id_seq from public, anon, authenticated, service_role;

comment on table public.ledger_seals is 'A hash chain over both ledgers, written after the fact, so that writers never wait for each other.';

comment on column public.ledger_seals.id is 'Counts up in the order of writing; gaps are normal. [operational; on erasure: keep]';

comment on column public.ledger_seals.ledger is 'Which ledger. [operational; on erasure: keep]';

comment on column public.ledger_seals.position is 'Place in the chain, without gaps; set by the database. [operational; on erasure: keep]';

comment on column public.ledger_seals.row_id is 'The ledger row. [operational; on erasure: keep]';

comment on column public.ledger_seals.row_hash is 'Digest of that row when it was sealed. [operational; on erasure: keep]';

comment on column public.ledger_seals.chain_hash is 'Digest of this link and all before it; keep the last one outside as well. [operational; on erasure: keep]';

comment on column public.ledger_seals.created_at is 'When the row was written, by the database''s clock. [operational; on erasure: keep]';
