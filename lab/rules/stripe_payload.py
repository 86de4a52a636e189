"""The keys of a Stripe event that are stored, each with the form of its value. Other keys are dropped.

No customer and no reference of the shop is listed, so that no stored event points at an erased person.
"""

from lab.rules.model import PayloadField

_ID = "^[a-z]{2,8}_(?:test_|live_)?[A-Za-z0-9]{1,70}$"
_CODE = "^[a-z][a-z_]{1,39}$"
_CURRENCY = "^[a-z]{3}$"
_COUNT = "^-?[0-9]{1,15}$"

OBJECT_FIELDS = (
    PayloadField(path="id", kind="string", form=_ID),
    PayloadField(path="object", kind="string", form="^(?:checkout[.]session|[a-z_]{2,30})$"),
    PayloadField(path="amount", kind="number", form=_COUNT),
    PayloadField(path="amount_total", kind="number", form=_COUNT),
    PayloadField(path="amount_subtotal", kind="number", form=_COUNT),
    PayloadField(path="amount_received", kind="number", form=_COUNT),
    PayloadField(path="amount_captured", kind="number", form=_COUNT),
    PayloadField(path="amount_refunded", kind="number", form=_COUNT),
    PayloadField(path="currency", kind="string", form=_CURRENCY),
    PayloadField(path="created", kind="number", form=_COUNT),
    PayloadField(path="expires_at", kind="number", form=_COUNT),
    PayloadField(path="livemode", kind="boolean"),
    PayloadField(path="paid", kind="boolean"),
    PayloadField(path="captured", kind="boolean"),
    PayloadField(path="refunded", kind="boolean"),
    PayloadField(path="disputed", kind="boolean"),
    PayloadField(path="actionable", kind="boolean"),
    PayloadField(path="mode", kind="string", form="^(?:payment|setup|subscription)$"),
    PayloadField(path="status", kind="string", form=_CODE),
    PayloadField(path="payment_status", kind="string", form=_CODE),
    PayloadField(path="reason", kind="string", form=_CODE),
    PayloadField(path="fraud_type", kind="string", form=_CODE),
    PayloadField(path="failure_reason", kind="string", form=_CODE),
    PayloadField(path="payment_intent", kind="string", form=_ID),
    PayloadField(path="charge", kind="string", form=_ID),
    PayloadField(path="latest_charge", kind="string", form=_ID),
    PayloadField(path="dispute", kind="string", form=_ID),
    PayloadField(path="price", kind="string", form=_ID),
    PayloadField(path="product", kind="string", form=_ID),
    PayloadField(path="items", kind="array"),
    PayloadField(path="items[]", kind="object"),
    PayloadField(path="items[].id", kind="string", form=_ID),
    PayloadField(path="items[].price", kind="string", form=_ID),
    PayloadField(path="items[].quantity", kind="number", form="^[0-9]{1,6}$"),
    PayloadField(path="items[].amount_total", kind="number", form=_COUNT),
    PayloadField(path="items[].currency", kind="string", form=_CURRENCY),
)

EVENT_FIELDS = (
    PayloadField(path="type", kind="type"),
    PayloadField(path="api_version", kind="string", form="^20[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[.][a-z]{3,12})?$"),
    PayloadField(path="data", kind="object"),
    PayloadField(path="data.object", kind="object"),
)

# The words that Stripe's event types consist of: the object, a part of it, and what happened.
# Source: the types that stripe-python 16.1.0 lists for a webhook endpoint.
EVENT_FAMILIES = (
    "account", "application_fee", "apps", "balance", "balance_settings", "billing", "billing_portal", "capability",
    "cash_balance", "charge", "checkout", "climate", "coupon", "credit_note", "customer",
    "customer_cash_balance_transaction", "entitlements", "file", "financial_connections", "identity", "invoice",
    "invoice_payment", "invoiceitem", "issuing_authorization", "issuing_card", "issuing_cardholder",
    "issuing_dispute", "issuing_personalization_design", "issuing_token", "issuing_transaction", "mandate",
    "payment_intent", "payment_link", "payment_method", "payout", "person", "plan", "price", "product",
    "promotion_code", "quote", "radar", "refund", "reporting", "reserve", "review", "setup_intent", "sigma",
    "source", "subscription_schedule", "tax", "tax_rate", "terminal", "test_helpers", "three_d_secure", "topup",
    "transfer", "treasury",
)  # fmt: skip
EVENT_PARTS = (
    "account", "active_entitlement_summary", "alert", "application", "authentication", "authorization",
    "configuration", "credit_balance_transaction", "credit_grant", "credit_reversal", "debit_reversal", "discount",
    "dispute", "early_fraud_warning", "external_account", "financial_account", "hold", "inbound_transfer",
    "install", "meter", "order", "outbound_payment", "outbound_transfer", "plan", "product", "reader",
    "received_credit", "received_debit", "refund", "release", "report_run", "report_type", "scheduled_query_run",
    "session", "settings", "source", "subscription", "tax_id", "test_clock", "transaction", "verification_session",
)  # fmt: skip
EVENT_ENDINGS = (
    "aborted", "accepted", "account_numbers_updated", "action_failed", "action_succeeded", "action_updated",
    "activated", "advancing", "amount_capturable_updated", "async_payment_failed", "async_payment_succeeded",
    "attached", "authorized", "automatically_updated", "available", "canceled", "captured", "challenge_started",
    "chargeable", "closed", "completed", "created", "deactivated", "deauthorized", "delayed", "deleted",
    "delivered", "detached", "disabled", "disconnected", "errored", "expected_arrival_date_updated",
    "expected_deactivation_date_updated", "expired", "expiring", "failed", "features_status_updated",
    "finalization_failed", "finalized", "funds_available", "funds_reinstated", "funds_rescinded", "funds_withdrawn",
    "initial_credit_granted", "internal_failure", "mandate_notification", "marked_uncollectible", "opened",
    "overdue", "overpaid", "paid", "partially_funded", "paused", "payment_action_required",
    "payment_attempt_required", "payment_failed", "payment_succeeded", "pending", "pending_update_applied",
    "pending_update_expired", "posted", "pricing_updated", "processing", "product_substituted",
    "purchase_details_receipt_updated", "reactivated", "ready", "reconciliation_completed", "redacted",
    "refreshed_balance", "refreshed_ownership", "refreshed_transactions", "refund_attributes_required", "refunded",
    "rejected", "released", "request", "requires_action", "requires_challenge", "requires_input",
    "requires_submission", "resumed", "returned", "reversed", "sent", "setup_failed", "submitted", "succeeded",
    "supported_payment_method_types_updated", "tracking_details_updated", "trial_will_end", "triggered", "upcoming",
    "upcoming_account_number_expiry", "upcoming_deactivation", "updated", "verified", "voided", "will_be_due",
)  # fmt: skip
