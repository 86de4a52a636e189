// Made from the rules by `python -m lab reference --out docs/reference`.
// Every example of the reference, as a function. `tsc --strict` accepts this file with the types beside it.

import { createClient } from "@supabase/supabase-js";
import type { Database, Json } from "./database.types";

declare const process: { env: Record<string, string> };

export const visitor = createClient<Database>(process.env.NEXT_PUBLIC_SUPABASE_URL, process.env.NEXT_PUBLIC_SUPABASE_ANON_KEY);
export const person = createClient<Database>(process.env.NEXT_PUBLIC_SUPABASE_URL, process.env.NEXT_PUBLIC_SUPABASE_ANON_KEY);
export const server = createClient<Database>(process.env.NEXT_PUBLIC_SUPABASE_URL, process.env.SUPABASE_SERVICE_ROLE_KEY);
export const ai = createClient<Database>(process.env.NEXT_PUBLIC_SUPABASE_URL, process.env.NEXT_PUBLIC_SUPABASE_ANON_KEY, { accessToken: async () => process.env.AI_WORKER_TOKEN });

export async function give_consent() {
  const { data, error } = await person.rpc('give_consent', {
    purpose: "public_share",
    notice_id: "a173306e-8d12-5e20-a32e-092cbcf57339",
    request_id: "8d9a355d-a551-5788-b93e-ed97f5833646",
    scope_id: "d8c1eb58-3927-5186-b048-4b9825b10360",
    evidence: { page: "/reading/share" },
  });
  if (error) throw error;
  const answer: number = data;
  return answer;
}

export async function withdraw_consent() {
  const { data, error } = await person.rpc('withdraw_consent', {
    purpose: "email_delivery",
    request_id: "92cbde3f-f112-5fd5-9c6c-149e9956129e",
  });
  if (error) throw error;
  const answer: number = data;
  return answer;
}

export async function record_consent() {
  const { data, error } = await server.rpc('record_consent', {
    subject_id: "35bf7a8e-7dc6-5308-b701-bb0bfb46e09b",
    purpose: "email_delivery",
    action: "given",
    request_id: "9220ca4e-3437-5ea7-8a78-58f24b893734",
    notice_id: "9ad03750-d83e-5076-8c28-fcedddfed1b1",
    evidence: { surface: "checkout" },
  });
  if (error) throw error;
  const answer: number = data;
  return answer;
}

export async function count_passed() {
  const { data, error } = await person.rpc('count_passed', {
    entry_id: 119,
  });
  if (error) throw error;
  const answer: { sent: number; uncertain: number }[] = data;
  return answer;
}

export async function open_share_card() {
  const { data, error } = await visitor.rpc('open_share_card', {
    slug: "7f3a9c52e1b84d06a5c7f3a9c52e1b84",
  });
  if (error) throw error;
  const answer: { title: string; symbol: string; palette: string; one_line: string }[] = data;
  return answer;
}

export async function accept_gift() {
  const { data, error } = await person.rpc('accept_gift', {
    token: "5d1e0b7a94c34f2e8d6b",
  });
  if (error) throw error;
  const answer: string = data;
  return answer;
}

export async function seal_scroll() {
  const { data, error } = await server.rpc('seal_scroll', {
    scroll_id: "0777008d-c4c7-55c1-b212-6b207c97884e",
  });
  if (error) throw error;
  const answer: string | null = data;
  return answer;
}

export async function seal_passport_record() {
  const { data, error } = await server.rpc('seal_passport_record', {
    record_id: "52bac749-7cd7-5084-8e3d-0b4d61e65311",
  });
  if (error) throw error;
  const answer: string = data;
  return answer;
}

export async function verify_passport_record() {
  const { data, error } = await person.rpc('verify_passport_record', {
    record_id: "52bac749-7cd7-5084-8e3d-0b4d61e65311",
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function open_purchase() {
  const { data, error } = await server.rpc('open_purchase', {
    order_id: "df64ad70-1eeb-5c2f-9e44-c331477eb8a8",
    purchase_link_id: "2e5ee80f-7dd0-5bd6-87d4-53059dfcf277",
    buyer_subject_id: "35bf7a8e-7dc6-5308-b701-bb0bfb46e09b",
    scroll_id: "b612c277-0619-509e-acf5-89582cd3ec53",
    buyer_kind: "eu_consumer",
  });
  if (error) throw error;
  const answer: string = data;
  return answer;
}

export async function begin_checkout() {
  const { data, error } = await server.rpc('begin_checkout', {
    order_id: "0ceb9fd1-1f0a-5b5d-a9e7-2575134ede1b",
    session_id: "cs_test_referenceNew",
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function settle_purchase() {
  const { data, error } = await server.rpc('settle_purchase', {
    session_id: "cs_test_referenceOrder",
    state: "paid",
    livemode: false,
    price_ids: ["price_referenceArtifacts"],
    quantities: [1],
    subtotal_minor: 4900,
    received_minor: 4900,
    currency: "eur",
    order_id: "b48b43ee-5335-5f57-8f7e-73f31cf0fd59",
    payment_intent_id: "pi_referenceOrder",
    charge_id: "ch_referenceOrder",
  });
  if (error) throw error;
  const answer: "unlocked" | "review" | "unknown" | "open" | "processing" | "paid" | "failed" | "expired" | "refunded" | "disputed" = data;
  return answer;
}

export async function review_payment() {
  const { data, error } = await server.rpc('review_payment', {
    session_id: "cs_test_referencePaid",
    reason: "fraud_warning",
    purchase_id: "55a0067a-a1c6-54ed-b621-eaf4371fd5d4",
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function record_refund() {
  const { data, error } = await server.rpc('record_refund', {
    refund_id: "re_referenceRefund",
    payment_intent_id: "pi_referencePaid",
    amount_minor: 1000,
    currency: "eur",
    status: "succeeded",
    stripe_created_at: "2026-11-29T10:00:00Z",
    reason: "requested_by_customer",
  });
  if (error) throw error;
  const answer: "recorded" | "repeated" | "unpaid" | "unknown" = data;
  return answer;
}

export async function record_dispute() {
  const { data, error } = await server.rpc('record_dispute', {
    dispute_id: "dp_referenceDispute",
    payment_intent_id: "pi_referencePaid",
    amount_minor: 4900,
    currency: "eur",
    status: "needs_response",
    stripe_created_at: "2026-11-29T10:00:00Z",
    reason: "product_not_received",
    evidence_due_at: "2026-12-13T23:59:59Z",
  });
  if (error) throw error;
  const answer: "recorded" | "repeated" | "unpaid" | "unknown" = data;
  return answer;
}

export async function record_waiver() {
  const { data, error } = await server.rpc('record_waiver', {
    order_id: "0ceb9fd1-1f0a-5b5d-a9e7-2575134ede1b",
    notice_id: "97cab7e9-f2ce-576a-b030-f15c2efb5c29",
  });
  if (error) throw error;
  const answer: string = data;
  return answer;
}

export async function confirm_waiver() {
  const { data, error } = await server.rpc('confirm_waiver', {
    order_id: "0ceb9fd1-1f0a-5b5d-a9e7-2575134ede1b",
  });
  if (error) throw error;
  const answer: string = data;
  return answer;
}

export async function state_withdrawal() {
  const { data, error } = await person.rpc('state_withdrawal', {
    purchase_id: "55a0067a-a1c6-54ed-b621-eaf4371fd5d4",
  });
  if (error) throw error;
  const answer: string = data;
  return answer;
}

export async function confirm_withdrawal() {
  const { data, error } = await person.rpc('confirm_withdrawal', {
    purchase_id: "55a0067a-a1c6-54ed-b621-eaf4371fd5d4",
  });
  if (error) throw error;
  const answer: string = data;
  return answer;
}

export async function record_withdrawal() {
  const { data, error } = await server.rpc('record_withdrawal', {
    purchase_id: "55a0067a-a1c6-54ed-b621-eaf4371fd5d4",
    buyer: "35bf7a8e-7dc6-5308-b701-bb0bfb46e09b",
    confirmed: true,
  });
  if (error) throw error;
  const answer: string | null = data;
  return answer;
}

export async function record_stripe_event() {
  const { data, error } = await server.rpc('record_stripe_event', {
    event_id: "evt_referenceNew",
    type: "checkout.session.completed",
    stripe_created_at: "2026-11-29T10:00:00Z",
    livemode: false,
    payload: { object: "event", amount_total: 4900, currency: "eur" },
    object_id: "cs_test_referenceOrder",
    checkout_session_id: "cs_test_referenceOrder",
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function claim_stripe_events() {
  const { data, error } = await server.rpc('claim_stripe_events', {
    worker: "host:4711",
    livemode: false,
    most: 1,
  });
  if (error) throw error;
  const answer: { event_id: string; type: string; object_id: string | null; checkout_session_id: string | null; payload: Json; attempts: number; lease_token: string }[] = data;
  return answer;
}

export async function finish_stripe_event() {
  const { data, error } = await server.rpc('finish_stripe_event', {
    event_id: "evt_referenceWaiting",
    lease_token: "0b1f2c1e-5a7d-4a6e-8a53-2f0f6f3f7c11",
    outcome: "done",
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function enqueue_delivery_job() {
  const { data, error } = await server.rpc('enqueue_delivery_job', {
    channel: "pdf",
    subject_id: "35bf7a8e-7dc6-5308-b701-bb0bfb46e09b",
    artifact_id: "6cfb6395-8080-5453-bb62-45eb750a52af",
  });
  if (error) throw error;
  const answer: { job_id: number; leg: string; status: string; made: boolean }[] = data;
  return answer;
}

export async function claim_delivery_jobs() {
  const { data, error } = await server.rpc('claim_delivery_jobs', {
    worker: "host:4711",
    most: 1,
    lease_seconds: 60,
    channels: ["pdf"],
  });
  if (error) throw error;
  const answer: { job_id: number; channel: string; leg: string; subject_id: string; artifact_id: string | null; purchase_id: string | null; echo_entry_id: string | null; attempts: number; idempotency_key: string; lease_token: string }[] = data;
  return answer;
}

export async function extend_delivery_leases() {
  const { data, error } = await server.rpc('extend_delivery_leases', {
    job_ids: [4201],
    lease_token: "c2d7d3a2-6a35-4c8b-b6a0-5d0a6f5b9e21",
    lease_seconds: 60,
  });
  if (error) throw error;
  const answer: number[] = data;
  return answer;
}

export async function complete_delivery_job() {
  const { data, error } = await server.rpc('complete_delivery_job', {
    job_id: 4201,
    lease_token: "c2d7d3a2-6a35-4c8b-b6a0-5d0a6f5b9e21",
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function complete_delivery_jobs() {
  const { data, error } = await server.rpc('complete_delivery_jobs', {
    job_ids: [4201],
    lease_token: "c2d7d3a2-6a35-4c8b-b6a0-5d0a6f5b9e21",
  });
  if (error) throw error;
  const answer: number[] = data;
  return answer;
}

export async function continue_delivery_jobs() {
  const { data, error } = await server.rpc('continue_delivery_jobs', {
    done_ids: [4201],
    done_token: "c2d7d3a2-6a35-4c8b-b6a0-5d0a6f5b9e21",
    worker: "host:4711",
    most: 1,
    channels: ["pdf"],
  });
  if (error) throw error;
  const answer: { completed: boolean; job_id: number; channel: string | null; leg: string | null; subject_id: string | null; artifact_id: string | null; purchase_id: string | null; echo_entry_id: string | null; attempts: number | null; idempotency_key: string | null; lease_token: string | null }[] = data;
  return answer;
}

export async function fail_delivery_job() {
  const { data, error } = await server.rpc('fail_delivery_job', {
    job_id: 4201,
    lease_token: "c2d7d3a2-6a35-4c8b-b6a0-5d0a6f5b9e21",
    error_class: "render.failed",
    retry_after_seconds: 60,
  });
  if (error) throw error;
  const answer: "pending" | "dead" | "waiting" | "cancelled" | "fenced" = data;
  return answer;
}

export async function release_delivery_job() {
  const { data, error } = await server.rpc('release_delivery_job', {
    job_id: 4201,
    lease_token: "c2d7d3a2-6a35-4c8b-b6a0-5d0a6f5b9e21",
    pause_seconds: 30,
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function reap_delivery_leases() {
  const { data, error } = await server.rpc('reap_delivery_leases', {
    most: 100,
  });
  if (error) throw error;
  const answer: number = data;
  return answer;
}

export async function prune_deliveries() {
  const { data, error } = await server.rpc('prune_deliveries', {
    most: 500,
  });
  if (error) throw error;
  const answer: { pruned: number; reached_time: string | null; reached_job: number | null }[] = data;
  return answer;
}

export async function list_withdrawn_files() {
  const { data, error } = await server.rpc('list_withdrawn_files', {
    most: 100,
  });
  if (error) throw error;
  const answer: number = data;
  return answer;
}

export async function delivery_gate() {
  const { data, error } = await server.rpc('delivery_gate', {
    environment: "production",
  });
  if (error) throw error;
  const answer: { fault: string | null; stopped: string[] }[] = data;
  return answer;
}

export async function delivery_address() {
  const { data, error } = await server.rpc('delivery_address', {
    job_id: 4202,
    lease_token: "9e0d6a4b-27c1-4a55-9f0e-1b6c2e8d7a30",
  });
  if (error) throw error;
  const answer: string | null = data;
  return answer;
}

export async function begin_send() {
  const { data, error } = await server.rpc('begin_send', {
    job_id: 4202,
    lease_token: "9e0d6a4b-27c1-4a55-9f0e-1b6c2e8d7a30",
    environment: "production",
    provider: "smtp",
    address: "ada@shop.example",
    content_sha256: "\\x5b41362bc82b7f3d56edc5a306db22105707d01ff4819e26faef9724a2d406c9",
    rules_version: "0123456789ab",
  });
  if (error) throw error;
  const answer: "send" | "ask" | "sent" | "uncertain" | "fenced" | "stopped" | "withheld" | "address.missing" | "address.changed" | "address.suppressed" | "environment.not_opened" | "environment.another" | "environment.copied" = data;
  return answer;
}

export async function finish_send() {
  const { data, error } = await server.rpc('finish_send', {
    job_id: 4202,
    lease_token: "9e0d6a4b-27c1-4a55-9f0e-1b6c2e8d7a30",
    outcome: "sent",
  });
  if (error) throw error;
  const answer: "done" | "pending" | "dead" | "waiting" | "cancelled" | "fenced" | "running" | "parked" = data;
  return answer;
}

export async function keep_delivery_link() {
  const { data, error } = await server.rpc('keep_delivery_link', {
    job_id: 4202,
    lease_token: "9e0d6a4b-27c1-4a55-9f0e-1b6c2e8d7a30",
    purpose: "open",
    token_sha256: "\\x5b41362bc82b7f3d56edc5a306db22105707d01ff4819e26faef9724a2d406c9",
    valid_seconds: 86400,
  });
  if (error) throw error;
  const answer: string | null = data;
  return answer;
}

export async function read_delivery_link() {
  const { data, error } = await server.rpc('read_delivery_link', {
    token: "4f0c2a7e91d3",
  });
  if (error) throw error;
  const answer: { purpose: string; channel: string }[] = data;
  return answer;
}

export async function use_delivery_link() {
  const { data, error } = await server.rpc('use_delivery_link', {
    token: "4f0c2a7e91d3",
  });
  if (error) throw error;
  const answer: { purpose: string; channel: string; subject_id: string; artifact_id: string | null; purchase_id: string | null; echo_entry_id: string | null }[] = data;
  return answer;
}

export async function keep_bounce() {
  const { data, error } = await server.rpc('keep_bounce', {
    message: "9c1185a5c5e9fc54612808977ee8f548b2258d31",
    address: "nobody@shop.example",
    reason: "hard_bounce",
    provider_code: "5.1.1",
  });
  if (error) throw error;
  const answer: "kept" | "known" | "not_ours" = data;
  return answer;
}

export async function lease_ai_run() {
  const { data, error } = await server.rpc('lease_ai_run', {
    run_id: "5b7c82d8-2c9b-5599-a5a2-6cf7ba804a91",
    lease_seconds: 600,
  });
  if (error) throw error;
  const answer: string = data;
  return answer;
}

export async function write_ai_run() {
  const { data, error } = await ai.rpc('write_ai_run', {
    token: "0f7d2c41b6a94e0a8d3f5c6e7b8a9d10",
    output: { reply: "Take the old road." },
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function promote_ai_run() {
  const { data, error } = await server.rpc('promote_ai_run', {
    run_id: "5b7c82d8-2c9b-5599-a5a2-6cf7ba804a91",
  });
  if (error) throw error;
  const answer: Json = data;
  return answer;
}

export async function request_privacy() {
  const { data, error } = await person.rpc('request_privacy', {
    kind: "export",
  });
  if (error) throw error;
  const answer: string = data;
  return answer;
}

export async function erase_subject() {
  const { data, error } = await server.rpc('erase_subject', {
    privacy_request_id: "8ad32210-5215-5f06-9a99-0d349a1c439e",
  });
  if (error) throw error;
  const answer: { table_name: string; affected: number; state: string; reason: string | null }[] = data;
  return answer;
}

export async function finish_storage_deletion() {
  const { data, error } = await server.rpc('finish_storage_deletion', {
    deletion_id: "c6cdff6f-ae77-5dfc-a2e7-d346fa52309e",
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function decide_review() {
  const { data, error } = await server.rpc('decide_review', {
    review_id: "64b630c8-4853-51ae-b78e-f15e23ba2c6f",
    decision: "unlock",
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function replay_stripe_event() {
  const { data, error } = await server.rpc('replay_stripe_event', {
    event_id: "evt_referenceWaiting",
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function dismiss_stripe_event() {
  const { data, error } = await server.rpc('dismiss_stripe_event', {
    event_id: "evt_referenceWaiting",
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function park_delivery_job() {
  const { data, error } = await server.rpc('park_delivery_job', {
    job_id: 4201,
    reason_code: "asked_by_person",
  });
  if (error) throw error;
  const answer: "parked" = data;
  return answer;
}

export async function retry_delivery_job() {
  const { data, error } = await server.rpc('retry_delivery_job', {
    job_id: 4201,
    reason_code: "cause_solved",
  });
  if (error) throw error;
  const answer: "pending" = data;
  return answer;
}

export async function cancel_delivery_job() {
  const { data, error } = await server.rpc('cancel_delivery_job', {
    job_id: 4201,
    reason_code: "asked_by_person",
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function decide_send() {
  const { data, error } = await server.rpc('decide_send', {
    job_id: 4202,
    decision: "arrived",
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function switch_deliveries() {
  const { data, error } = await server.rpc('switch_deliveries', {
    channel: "gift",
    stopped: true,
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function open_environment() {
  const { data, error } = await server.rpc('open_environment', {
    environment: "production",
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function begin_scheduled_run() {
  const { data, error } = await server.rpc('begin_scheduled_run', {
    task: "seal_ledgers",
    worker: "host:4711",
  });
  if (error) throw error;
  const answer: string | null = data;
  return answer;
}

export async function finish_scheduled_run() {
  const { data, error } = await server.rpc('finish_scheduled_run', {
    task: "seal_ledgers",
    lease_token: "71b5e7ce-61f0-4d60-a2a3-0c7f5f0f9d55",
    outcome: "done",
  });
  if (error) throw error;
  const answer: boolean = data;
  return answer;
}

export async function settle_consents() {
  const { data, error } = await server.rpc('settle_consents', {
    most: 1000,
  });
  if (error) throw error;
  const answer: number = data;
  return answer;
}

export async function seal_ledgers() {
  const { data, error } = await server.rpc('seal_ledgers', {
    most: 10000,
  });
  if (error) throw error;
  const answer: { ledger: string; sealed: number; head: string }[] = data;
  return answer;
}

export async function verify_ledger() {
  const { data, error } = await server.rpc('verify_ledger', {
    ledger: "consent_events",
    latest: 1000,
  });
  if (error) throw error;
  const answer: { intact: boolean; checked: number; unsealed: number; broken_row: number | null; problem: string | null }[] = data;
  return answer;
}

export async function record_audit_event() {
  const { data, error } = await server.rpc('record_audit_event', {
    actor_kind: "server",
    action: "export.handed_out",
    object_table: "privacy_requests",
    object_id: "8ad32210-5215-5f06-9a99-0d349a1c439e",
    details: { files: 3 },
  });
  if (error) throw error;
  const answer: number = data;
  return answer;
}

export async function read_consent_notices() {
  const { data, error } = await person
    .from('consent_notices')
    .select('id, purpose, version, locale, body, body_sha256, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_consent_events() {
  const { data, error } = await person
    .from('consent_events')
    .select('id, request_id, subject_id, purpose, action, scope_id, notice_id, wording_version, wording_sha256, locale, evidence, row_hash, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_consents() {
  const { data, error } = await person
    .from('consents')
    .select('id, subject_id, purpose, scope_id, standing, event_id, changed_at, unsettled, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_oracle_scrolls() {
  const { data, error } = await person
    .from('oracle_scrolls')
    .select('id, subject_id, locale, question, answer, sealed_at, seal_hash, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_purchases() {
  const { data, error } = await person
    .from('purchases')
    .select('id, checkout_session_id, payment_intent_id, charge_id, purchase_link_id, buyer_subject_id, recipient_subject_id, scroll_id, buyer_kind, status, amount_minor, quantity, expected_minor, received_minor, amount_refunded_minor, currency, livemode, paid_at, withdraw_until, unlocked_at, refunded_at, disputed_at, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_withdrawal_waivers() {
  const { data, error } = await person
    .from('withdrawal_waivers')
    .select('id, purchase_id, subject_id, notice_id, wording_sha256, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_withdrawals() {
  const { data, error } = await person
    .from('withdrawals')
    .select('id, purchase_id, subject_id, status, confirmed_at, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_withdrawal_documents() {
  const { data, error } = await person
    .from('withdrawal_documents')
    .select('id, purchase_id, subject_id, kind, notice_id, body, body_sha256, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_oracle_artifacts() {
  const { data, error } = await person
    .from('oracle_artifacts')
    .select('id, subject_id, scroll_id, purchase_id, kind, state, taken_back_from, storage_path, content_sha256, ready_at, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_card_phrases() {
  const { data, error } = await person
    .from('card_phrases')
    .select('id, kind, name, locale, version, words, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_share_cards() {
  const { data, error } = await person
    .from('share_cards')
    .select('id, artifact_id, slug, locale, title, symbol, palette, one_line, revoked_at, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_gift_recipients() {
  const { data, error } = await person
    .from('gift_recipients')
    .select('id, subject_id, artifact_id, contact, recipient_name, accepted_subject_id, accepted_at, withdrawn_at, expires_at, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_echo_entries() {
  const { data, error } = await person
    .from('echo_entries')
    .select('id, subject_id, scroll_id, purchase_id, prompt, reply, status, taken_back_from, due_at, returned_at, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_council_sessions() {
  const { data, error } = await person
    .from('council_sessions')
    .select('id, subject_id, scroll_id, purchase_id, voices, summary, status, taken_back_from, closed_at, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_passport_records() {
  const { data, error } = await person
    .from('passport_records')
    .select('id, subject_id, scroll_id, artifact_id, purchase_id, scroll_seal_hash, sealed_at, seal_hash, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_ai_runs() {
  const { data, error } = await person
    .from('ai_runs')
    .select('id, subject_id, layer, scroll_id, fields_given, model, status, leases, leased_at, lease_until, output, promoted_at, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}

export async function read_privacy_requests() {
  const { data, error } = await person
    .from('privacy_requests')
    .select('id, subject_id, kind, status, due_at, extended_until, extension_reason, closed_at, proof_sha256, created_at')
    .order('created_at', { ascending: false })
    .limit(10);
  if (error) throw error;
  return data;
}
