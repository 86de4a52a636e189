// Made from the rules by `python -m lab reference --out docs/reference`.
// Dates are ISO 8601 strings, and bytea is a string of `\x` and hexadecimal digits. A bigint is a number: ids stay
// below 2^53.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  __InternalSupabase: {
    PostgrestVersion: "13"
  }
  public: {
    Tables: {
      consent_notices: {
        Row: {
          id: string
          purpose: "passport_write" | "email_delivery" | "public_share" | "gift_recipient" | "echo_followup" | "ai_processing" | "withdrawal_waiver" | "waiver_confirmation" | "withdrawal_statement" | "withdrawal_acknowledgement"
          version: number
          locale: string
          body: string
          body_sha256: string
          created_at: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
        ]
      }
      consent_events: {
        Row: {
          id: number
          request_id: string
          subject_id: string | null
          purpose: "passport_write" | "email_delivery" | "public_share" | "gift_recipient" | "echo_followup" | "ai_processing"
          action: "given" | "withdrawn"
          scope_id: string | null
          notice_id: string | null
          wording_version: number | null
          wording_sha256: string | null
          locale: string | null
          evidence: Json | null
          personal_salt: string | null
          personal_digest: string
          row_hash: string
          created_at: string
        }
        Insert: {
          request_id: string
          subject_id?: string | null
          purpose: "passport_write" | "email_delivery" | "public_share" | "gift_recipient" | "echo_followup" | "ai_processing"
          action: "given" | "withdrawn"
          scope_id?: string | null
          notice_id?: string | null
          evidence?: Json | null
        }
        Update: Record<string, never>
        Relationships: [
          {
            foreignKeyName: "consent_events_notice_id_fkey"
            columns: ["notice_id"]
            isOneToOne: false
            referencedRelation: "consent_notices"
            referencedColumns: ["id"]
          },
        ]
      }
      consents: {
        Row: {
          id: string
          subject_id: string
          purpose: "passport_write" | "email_delivery" | "public_share" | "gift_recipient" | "echo_followup" | "ai_processing"
          scope_id: string | null
          standing: boolean
          event_id: number
          changed_at: string
          unsettled: boolean
          created_at: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
        ]
      }
      oracle_scrolls: {
        Row: {
          id: string
          subject_id: string
          locale: string
          question: string
          answer: string | null
          sealed_at: string | null
          seal_hash: string | null
          created_at: string
        }
        Insert: {
          id?: string
          subject_id: string
          locale?: string
          question: string
          answer?: string | null
          sealed_at?: string | null
          seal_hash?: string | null
          created_at?: string
        }
        Update: {
          id?: string
          subject_id?: string
          locale?: string
          question?: string
          answer?: string | null
          sealed_at?: string | null
          seal_hash?: string | null
          created_at?: string
        }
        Relationships: [
        ]
      }
      products: {
        Row: {
          id: string
          layer: "scroll" | "artifacts" | "echo" | "council" | "passport" | "shop"
          stripe_product_id: string
          title: "Scroll" | "Artifacts" | "Echo" | "Council" | "Passport" | "Gift" | "Shop"
          livemode: boolean
          active: boolean
          created_at: string
        }
        Insert: {
          id?: string
          layer: "scroll" | "artifacts" | "echo" | "council" | "passport" | "shop"
          stripe_product_id: string
          title: "Scroll" | "Artifacts" | "Echo" | "Council" | "Passport" | "Gift" | "Shop"
          livemode: boolean
          active?: boolean
          created_at?: string
        }
        Update: {
          id?: string
          layer?: "scroll" | "artifacts" | "echo" | "council" | "passport" | "shop"
          stripe_product_id?: string
          title?: "Scroll" | "Artifacts" | "Echo" | "Council" | "Passport" | "Gift" | "Shop"
          livemode?: boolean
          active?: boolean
          created_at?: string
        }
        Relationships: [
        ]
      }
      purchase_links: {
        Row: {
          id: string
          product_id: string
          stripe_price_id: string
          amount_minor: number
          currency: "eur" | "usd" | "gbp" | "chf" | "dkk" | "nok" | "sek" | "pln" | "czk" | "huf" | "cad" | "aud" | "isk" | "jpy" | "krw" | "bhd" | "jod" | "kwd" | "omr" | "tnd"
          livemode: boolean
          unlock_route: string
          active: boolean
          created_at: string
        }
        Insert: {
          id?: string
          product_id?: string
          stripe_price_id: string
          amount_minor: number
          currency: "eur" | "usd" | "gbp" | "chf" | "dkk" | "nok" | "sek" | "pln" | "czk" | "huf" | "cad" | "aud" | "isk" | "jpy" | "krw" | "bhd" | "jod" | "kwd" | "omr" | "tnd"
          livemode?: boolean
          unlock_route: string
          active?: boolean
          created_at?: string
        }
        Update: {
          id?: string
          product_id?: string
          stripe_price_id?: string
          amount_minor?: number
          currency?: "eur" | "usd" | "gbp" | "chf" | "dkk" | "nok" | "sek" | "pln" | "czk" | "huf" | "cad" | "aud" | "isk" | "jpy" | "krw" | "bhd" | "jod" | "kwd" | "omr" | "tnd"
          livemode?: boolean
          unlock_route?: string
          active?: boolean
          created_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "purchase_links_product_id_fkey"
            columns: ["product_id"]
            isOneToOne: false
            referencedRelation: "products"
            referencedColumns: ["id"]
          },
        ]
      }
      purchases: {
        Row: {
          id: string
          checkout_session_id: string | null
          payment_intent_id: string | null
          charge_id: string | null
          purchase_link_id: string
          buyer_subject_id: string | null
          recipient_subject_id: string | null
          scroll_id: string | null
          buyer_kind: "eu_consumer" | "elsewhere" | "business" | "unknown"
          status: "open" | "processing" | "paid" | "failed" | "expired" | "refunded" | "disputed"
          amount_minor: number
          quantity: number
          expected_minor: number
          received_minor: number | null
          amount_refunded_minor: number
          currency: "eur" | "usd" | "gbp" | "chf" | "dkk" | "nok" | "sek" | "pln" | "czk" | "huf" | "cad" | "aud" | "isk" | "jpy" | "krw" | "bhd" | "jod" | "kwd" | "omr" | "tnd"
          livemode: boolean
          paid_at: string | null
          withdraw_until: string | null
          unlocked_at: string | null
          refunded_at: string | null
          disputed_at: string | null
          created_at: string
        }
        Insert: {
          id?: string
          checkout_session_id?: string | null
          payment_intent_id?: string | null
          charge_id?: string | null
          purchase_link_id?: string
          buyer_subject_id?: string | null
          recipient_subject_id?: string | null
          scroll_id?: string | null
          buyer_kind?: "eu_consumer" | "elsewhere" | "business" | "unknown"
          status?: "open" | "processing" | "paid" | "failed" | "expired" | "refunded" | "disputed"
          amount_minor?: number
          quantity?: number
          expected_minor?: number
          received_minor?: number | null
          amount_refunded_minor?: number
          currency?: "eur" | "usd" | "gbp" | "chf" | "dkk" | "nok" | "sek" | "pln" | "czk" | "huf" | "cad" | "aud" | "isk" | "jpy" | "krw" | "bhd" | "jod" | "kwd" | "omr" | "tnd"
          livemode?: boolean
          paid_at?: string | null
          withdraw_until?: string | null
          unlocked_at?: string | null
          refunded_at?: string | null
          disputed_at?: string | null
          created_at?: string
        }
        Update: {
          id?: string
          checkout_session_id?: string | null
          payment_intent_id?: string | null
          charge_id?: string | null
          purchase_link_id?: string
          buyer_subject_id?: string | null
          recipient_subject_id?: string | null
          scroll_id?: string | null
          buyer_kind?: "eu_consumer" | "elsewhere" | "business" | "unknown"
          status?: "open" | "processing" | "paid" | "failed" | "expired" | "refunded" | "disputed"
          amount_minor?: number
          quantity?: number
          expected_minor?: number
          received_minor?: number | null
          amount_refunded_minor?: number
          currency?: "eur" | "usd" | "gbp" | "chf" | "dkk" | "nok" | "sek" | "pln" | "czk" | "huf" | "cad" | "aud" | "isk" | "jpy" | "krw" | "bhd" | "jod" | "kwd" | "omr" | "tnd"
          livemode?: boolean
          paid_at?: string | null
          withdraw_until?: string | null
          unlocked_at?: string | null
          refunded_at?: string | null
          disputed_at?: string | null
          created_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "purchases_purchase_link_id_fkey"
            columns: ["purchase_link_id"]
            isOneToOne: false
            referencedRelation: "purchase_links"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "purchases_scroll_id_fkey"
            columns: ["scroll_id"]
            isOneToOne: false
            referencedRelation: "oracle_scrolls"
            referencedColumns: ["id"]
          },
        ]
      }
      refunds: {
        Row: {
          id: string
          purchase_id: string
          charge_id: string | null
          amount_minor: number
          currency: "eur" | "usd" | "gbp" | "chf" | "dkk" | "nok" | "sek" | "pln" | "czk" | "huf" | "cad" | "aud" | "isk" | "jpy" | "krw" | "bhd" | "jod" | "kwd" | "omr" | "tnd"
          status: "requires_action" | "pending" | "succeeded" | "canceled" | "failed"
          reason: "duplicate" | "fraudulent" | "requested_by_customer" | "expired_uncaptured_charge" | "other" | null
          failure_reason: "charge_for_pending_refund_disputed" | "declined" | "expired_or_canceled_card" | "insufficient_funds" | "lost_or_stolen_card" | "merchant_request" | "unknown" | "other" | null
          stripe_created_at: string
          created_at: string
        }
        Insert: {
          id: string
          purchase_id?: string
          charge_id?: string | null
          amount_minor: number
          currency?: "eur" | "usd" | "gbp" | "chf" | "dkk" | "nok" | "sek" | "pln" | "czk" | "huf" | "cad" | "aud" | "isk" | "jpy" | "krw" | "bhd" | "jod" | "kwd" | "omr" | "tnd"
          status: "requires_action" | "pending" | "succeeded" | "canceled" | "failed"
          reason?: "duplicate" | "fraudulent" | "requested_by_customer" | "expired_uncaptured_charge" | "other" | null
          failure_reason?: "charge_for_pending_refund_disputed" | "declined" | "expired_or_canceled_card" | "insufficient_funds" | "lost_or_stolen_card" | "merchant_request" | "unknown" | "other" | null
          stripe_created_at: string
          created_at?: string
        }
        Update: {
          id?: string
          purchase_id?: string
          charge_id?: string | null
          amount_minor?: number
          currency?: "eur" | "usd" | "gbp" | "chf" | "dkk" | "nok" | "sek" | "pln" | "czk" | "huf" | "cad" | "aud" | "isk" | "jpy" | "krw" | "bhd" | "jod" | "kwd" | "omr" | "tnd"
          status?: "requires_action" | "pending" | "succeeded" | "canceled" | "failed"
          reason?: "duplicate" | "fraudulent" | "requested_by_customer" | "expired_uncaptured_charge" | "other" | null
          failure_reason?: "charge_for_pending_refund_disputed" | "declined" | "expired_or_canceled_card" | "insufficient_funds" | "lost_or_stolen_card" | "merchant_request" | "unknown" | "other" | null
          stripe_created_at?: string
          created_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "refunds_purchase_id_fkey"
            columns: ["purchase_id"]
            isOneToOne: false
            referencedRelation: "purchases"
            referencedColumns: ["id"]
          },
        ]
      }
      disputes: {
        Row: {
          id: string
          purchase_id: string
          charge_id: string | null
          amount_minor: number
          currency: "eur" | "usd" | "gbp" | "chf" | "dkk" | "nok" | "sek" | "pln" | "czk" | "huf" | "cad" | "aud" | "isk" | "jpy" | "krw" | "bhd" | "jod" | "kwd" | "omr" | "tnd"
          status: "warning_needs_response" | "warning_under_review" | "warning_closed" | "prevented" | "needs_response" | "under_review" | "lost" | "won"
          reason: "bank_cannot_process" | "check_returned" | "credit_not_processed" | "customer_initiated" | "debit_not_authorized" | "duplicate" | "fraudulent" | "general" | "incorrect_account_details" | "insufficient_funds" | "noncompliant" | "product_not_received" | "product_unacceptable" | "subscription_canceled" | "unrecognized" | "other" | null
          evidence_due_at: string | null
          stripe_created_at: string
          created_at: string
        }
        Insert: {
          id: string
          purchase_id?: string
          charge_id?: string | null
          amount_minor: number
          currency?: "eur" | "usd" | "gbp" | "chf" | "dkk" | "nok" | "sek" | "pln" | "czk" | "huf" | "cad" | "aud" | "isk" | "jpy" | "krw" | "bhd" | "jod" | "kwd" | "omr" | "tnd"
          status: "warning_needs_response" | "warning_under_review" | "warning_closed" | "prevented" | "needs_response" | "under_review" | "lost" | "won"
          reason?: "bank_cannot_process" | "check_returned" | "credit_not_processed" | "customer_initiated" | "debit_not_authorized" | "duplicate" | "fraudulent" | "general" | "incorrect_account_details" | "insufficient_funds" | "noncompliant" | "product_not_received" | "product_unacceptable" | "subscription_canceled" | "unrecognized" | "other" | null
          evidence_due_at?: string | null
          stripe_created_at: string
          created_at?: string
        }
        Update: {
          id?: string
          purchase_id?: string
          charge_id?: string | null
          amount_minor?: number
          currency?: "eur" | "usd" | "gbp" | "chf" | "dkk" | "nok" | "sek" | "pln" | "czk" | "huf" | "cad" | "aud" | "isk" | "jpy" | "krw" | "bhd" | "jod" | "kwd" | "omr" | "tnd"
          status?: "warning_needs_response" | "warning_under_review" | "warning_closed" | "prevented" | "needs_response" | "under_review" | "lost" | "won"
          reason?: "bank_cannot_process" | "check_returned" | "credit_not_processed" | "customer_initiated" | "debit_not_authorized" | "duplicate" | "fraudulent" | "general" | "incorrect_account_details" | "insufficient_funds" | "noncompliant" | "product_not_received" | "product_unacceptable" | "subscription_canceled" | "unrecognized" | "other" | null
          evidence_due_at?: string | null
          stripe_created_at?: string
          created_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "disputes_purchase_id_fkey"
            columns: ["purchase_id"]
            isOneToOne: false
            referencedRelation: "purchases"
            referencedColumns: ["id"]
          },
        ]
      }
      payment_reviews: {
        Row: {
          id: string
          reason: "unknown_price" | "price_differs" | "quantity_differs" | "currency_differs" | "amount_differs" | "mode_differs" | "unknown_order" | "second_payment" | "refund_failed" | "fraud_warning" | "withdrawal"
          checkout_session_id: string
          purchase_id: string | null
          status: "open" | "decided"
          decision: "unlock" | "refund" | "leave" | null
          decided_at: string | null
          created_at: string
        }
        Insert: {
          id?: string
          reason: "unknown_price" | "price_differs" | "quantity_differs" | "currency_differs" | "amount_differs" | "mode_differs" | "unknown_order" | "second_payment" | "refund_failed" | "fraud_warning" | "withdrawal"
          checkout_session_id: string
          purchase_id?: string | null
          status?: "open" | "decided"
          decision?: "unlock" | "refund" | "leave" | null
          decided_at?: string | null
          created_at?: string
        }
        Update: {
          id?: string
          reason?: "unknown_price" | "price_differs" | "quantity_differs" | "currency_differs" | "amount_differs" | "mode_differs" | "unknown_order" | "second_payment" | "refund_failed" | "fraud_warning" | "withdrawal"
          checkout_session_id?: string
          purchase_id?: string | null
          status?: "open" | "decided"
          decision?: "unlock" | "refund" | "leave" | null
          decided_at?: string | null
          created_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "payment_reviews_purchase_id_fkey"
            columns: ["purchase_id"]
            isOneToOne: false
            referencedRelation: "purchases"
            referencedColumns: ["id"]
          },
        ]
      }
      withdrawal_waivers: {
        Row: {
          id: string
          purchase_id: string
          subject_id: string | null
          notice_id: string
          wording_sha256: string
          created_at: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
          {
            foreignKeyName: "withdrawal_waivers_purchase_id_fkey"
            columns: ["purchase_id"]
            isOneToOne: true
            referencedRelation: "purchases"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "withdrawal_waivers_notice_id_fkey"
            columns: ["notice_id"]
            isOneToOne: false
            referencedRelation: "consent_notices"
            referencedColumns: ["id"]
          },
        ]
      }
      withdrawals: {
        Row: {
          id: string
          purchase_id: string
          subject_id: string | null
          status: "stated" | "confirmed"
          confirmed_at: string | null
          created_at: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
          {
            foreignKeyName: "withdrawals_purchase_id_fkey"
            columns: ["purchase_id"]
            isOneToOne: true
            referencedRelation: "purchases"
            referencedColumns: ["id"]
          },
        ]
      }
      withdrawal_documents: {
        Row: {
          id: string
          purchase_id: string
          subject_id: string | null
          kind: "waiver" | "withdrawal"
          notice_id: string
          body: string
          body_sha256: string
          created_at: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
          {
            foreignKeyName: "withdrawal_documents_purchase_id_fkey"
            columns: ["purchase_id"]
            isOneToOne: false
            referencedRelation: "purchases"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "withdrawal_documents_notice_id_fkey"
            columns: ["notice_id"]
            isOneToOne: false
            referencedRelation: "consent_notices"
            referencedColumns: ["id"]
          },
        ]
      }
      oracle_artifacts: {
        Row: {
          id: string
          subject_id: string
          scroll_id: string | null
          purchase_id: string | null
          kind: "pdf" | "share_card" | "gift" | "print_view"
          state: "draft" | "ready" | "withdrawn"
          taken_back_from: "draft" | "ready" | null
          storage_path: string | null
          content_sha256: string | null
          ready_at: string | null
          created_at: string
        }
        Insert: {
          id?: string
          subject_id: string
          scroll_id?: string | null
          purchase_id?: string | null
          kind: "pdf" | "share_card" | "gift" | "print_view"
          state?: "draft" | "ready" | "withdrawn"
          taken_back_from?: "draft" | "ready" | null
          storage_path?: string | null
          content_sha256?: string | null
          ready_at?: string | null
          created_at?: string
        }
        Update: {
          id?: string
          subject_id?: string
          scroll_id?: string | null
          purchase_id?: string | null
          kind?: "pdf" | "share_card" | "gift" | "print_view"
          state?: "draft" | "ready" | "withdrawn"
          taken_back_from?: "draft" | "ready" | null
          storage_path?: string | null
          content_sha256?: string | null
          ready_at?: string | null
          created_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "oracle_artifacts_scroll_id_fkey"
            columns: ["scroll_id"]
            isOneToOne: false
            referencedRelation: "oracle_scrolls"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "oracle_artifacts_purchase_id_fkey"
            columns: ["purchase_id"]
            isOneToOne: false
            referencedRelation: "purchases"
            referencedColumns: ["id"]
          },
        ]
      }
      card_phrases: {
        Row: {
          id: string
          kind: "title" | "line" | "symbol" | "palette"
          name: string
          locale: string
          version: number
          words: string
          created_at: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
        ]
      }
      share_cards: {
        Row: {
          id: string
          artifact_id: string
          slug: string
          locale: string
          title: string
          symbol: string
          palette: string
          one_line: string
          title_kind: "title"
          symbol_kind: "symbol"
          palette_kind: "palette"
          one_line_kind: "line"
          revoked_at: string | null
          created_at: string
        }
        Insert: {
          id?: string
          artifact_id: string
          slug?: string
          locale?: string
          title: string
          symbol: string
          palette: string
          one_line: string
          title_kind?: "title"
          symbol_kind?: "symbol"
          palette_kind?: "palette"
          one_line_kind?: "line"
          revoked_at?: string | null
          created_at?: string
        }
        Update: {
          id?: string
          artifact_id?: string
          slug?: string
          locale?: string
          title?: string
          symbol?: string
          palette?: string
          one_line?: string
          title_kind?: "title"
          symbol_kind?: "symbol"
          palette_kind?: "palette"
          one_line_kind?: "line"
          revoked_at?: string | null
          created_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "share_cards_artifact_id_fkey"
            columns: ["artifact_id"]
            isOneToOne: false
            referencedRelation: "oracle_artifacts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "share_cards_title_fkey"
            columns: ["title", "locale", "title_kind"]
            isOneToOne: false
            referencedRelation: "card_phrases"
            referencedColumns: ["words", "locale", "kind"]
          },
          {
            foreignKeyName: "share_cards_symbol_fkey"
            columns: ["symbol", "locale", "symbol_kind"]
            isOneToOne: false
            referencedRelation: "card_phrases"
            referencedColumns: ["words", "locale", "kind"]
          },
          {
            foreignKeyName: "share_cards_palette_fkey"
            columns: ["palette", "locale", "palette_kind"]
            isOneToOne: false
            referencedRelation: "card_phrases"
            referencedColumns: ["words", "locale", "kind"]
          },
          {
            foreignKeyName: "share_cards_one_line_fkey"
            columns: ["one_line", "locale", "one_line_kind"]
            isOneToOne: false
            referencedRelation: "card_phrases"
            referencedColumns: ["words", "locale", "kind"]
          },
        ]
      }
      gift_recipients: {
        Row: {
          id: string
          subject_id: string | null
          artifact_id: string
          consent_event_id: number
          contact: string | null
          recipient_name: string | null
          token_sha256: string
          accepted_subject_id: string | null
          accepted_at: string | null
          withdrawn_at: string | null
          expires_at: string
          created_at: string
        }
        Insert: {
          id?: string
          subject_id?: string | null
          artifact_id: string
          consent_event_id?: number
          contact?: string | null
          recipient_name?: string | null
          token_sha256: string
          accepted_subject_id?: string | null
          accepted_at?: string | null
          withdrawn_at?: string | null
          expires_at?: string
          created_at?: string
        }
        Update: {
          id?: string
          subject_id?: string | null
          artifact_id?: string
          consent_event_id?: number
          contact?: string | null
          recipient_name?: string | null
          token_sha256?: string
          accepted_subject_id?: string | null
          accepted_at?: string | null
          withdrawn_at?: string | null
          expires_at?: string
          created_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "gift_recipients_artifact_id_fkey"
            columns: ["artifact_id"]
            isOneToOne: false
            referencedRelation: "oracle_artifacts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "gift_recipients_consent_event_id_fkey"
            columns: ["consent_event_id"]
            isOneToOne: true
            referencedRelation: "consent_events"
            referencedColumns: ["id"]
          },
        ]
      }
      stripe_events: {
        Row: {
          id: string
          type: string
          stripe_created_at: string
          livemode: boolean
          api_version: string | null
          object_id: string | null
          checkout_session_id: string | null
          status: "received" | "processing" | "done" | "ignored" | "failed" | "needs_review"
          deliveries: number
          attempts: number
          payload: Json
          error_class: string | null
          next_attempt_at: string
          lease_token: string | null
          lease_until: string | null
          worker: string | null
          processed_at: string | null
          created_at: string
        }
        Insert: {
          id: string
          type: string
          stripe_created_at: string
          livemode: boolean
          api_version?: string | null
          object_id?: string | null
          checkout_session_id?: string | null
          status?: "received" | "processing" | "done" | "ignored" | "failed" | "needs_review"
          deliveries?: number
          attempts?: number
          payload: Json
          error_class?: string | null
          next_attempt_at?: string
          lease_token?: string | null
          lease_until?: string | null
          worker?: string | null
          processed_at?: string | null
          created_at?: string
        }
        Update: {
          id?: string
          type?: string
          stripe_created_at?: string
          livemode?: boolean
          api_version?: string | null
          object_id?: string | null
          checkout_session_id?: string | null
          status?: "received" | "processing" | "done" | "ignored" | "failed" | "needs_review"
          deliveries?: number
          attempts?: number
          payload?: Json
          error_class?: string | null
          next_attempt_at?: string
          lease_token?: string | null
          lease_until?: string | null
          worker?: string | null
          processed_at?: string | null
          created_at?: string
        }
        Relationships: [
        ]
      }
      echo_entries: {
        Row: {
          id: string
          subject_id: string
          scroll_id: string
          purchase_id: string | null
          prompt: string | null
          reply: string | null
          status: "scheduled" | "returned" | "cancelled"
          taken_back_from: "scheduled" | null
          due_at: string
          returned_at: string | null
          created_at: string
        }
        Insert: {
          id?: string
          subject_id: string
          scroll_id: string
          purchase_id?: string | null
          prompt?: string | null
          reply?: string | null
          status?: "scheduled" | "returned" | "cancelled"
          taken_back_from?: "scheduled" | null
          due_at: string
          returned_at?: string | null
          created_at?: string
        }
        Update: {
          id?: string
          subject_id?: string
          scroll_id?: string
          purchase_id?: string | null
          prompt?: string | null
          reply?: string | null
          status?: "scheduled" | "returned" | "cancelled"
          taken_back_from?: "scheduled" | null
          due_at?: string
          returned_at?: string | null
          created_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "echo_entries_scroll_id_fkey"
            columns: ["scroll_id"]
            isOneToOne: false
            referencedRelation: "oracle_scrolls"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "echo_entries_purchase_id_fkey"
            columns: ["purchase_id"]
            isOneToOne: false
            referencedRelation: "purchases"
            referencedColumns: ["id"]
          },
        ]
      }
      council_sessions: {
        Row: {
          id: string
          subject_id: string
          scroll_id: string
          purchase_id: string | null
          voices: Json
          summary: string | null
          status: "gathering" | "closed" | "cancelled"
          taken_back_from: "gathering" | null
          closed_at: string | null
          created_at: string
        }
        Insert: {
          id?: string
          subject_id: string
          scroll_id: string
          purchase_id?: string | null
          voices?: Json
          summary?: string | null
          status?: "gathering" | "closed" | "cancelled"
          taken_back_from?: "gathering" | null
          closed_at?: string | null
          created_at?: string
        }
        Update: {
          id?: string
          subject_id?: string
          scroll_id?: string
          purchase_id?: string | null
          voices?: Json
          summary?: string | null
          status?: "gathering" | "closed" | "cancelled"
          taken_back_from?: "gathering" | null
          closed_at?: string | null
          created_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "council_sessions_scroll_id_fkey"
            columns: ["scroll_id"]
            isOneToOne: false
            referencedRelation: "oracle_scrolls"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "council_sessions_purchase_id_fkey"
            columns: ["purchase_id"]
            isOneToOne: false
            referencedRelation: "purchases"
            referencedColumns: ["id"]
          },
        ]
      }
      passport_records: {
        Row: {
          id: string
          subject_id: string
          scroll_id: string
          artifact_id: string | null
          purchase_id: string | null
          scroll_seal_hash: string | null
          sealed_at: string | null
          seal_hash: string | null
          created_at: string
        }
        Insert: {
          id?: string
          subject_id: string
          scroll_id: string
          artifact_id?: string | null
          purchase_id?: string | null
          scroll_seal_hash?: string | null
          sealed_at?: string | null
          seal_hash?: string | null
          created_at?: string
        }
        Update: {
          id?: string
          subject_id?: string
          scroll_id?: string
          artifact_id?: string | null
          purchase_id?: string | null
          scroll_seal_hash?: string | null
          sealed_at?: string | null
          seal_hash?: string | null
          created_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "passport_records_scroll_id_fkey"
            columns: ["scroll_id"]
            isOneToOne: false
            referencedRelation: "oracle_scrolls"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "passport_records_artifact_id_fkey"
            columns: ["artifact_id"]
            isOneToOne: false
            referencedRelation: "oracle_artifacts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "passport_records_purchase_id_fkey"
            columns: ["purchase_id"]
            isOneToOne: false
            referencedRelation: "purchases"
            referencedColumns: ["id"]
          },
        ]
      }
      ai_runs: {
        Row: {
          id: string
          subject_id: string
          layer: "echo" | "council"
          scroll_id: string
          fields_given: string[]
          model: string
          status: "requested" | "written" | "promoted" | "discarded"
          token_sha256: string | null
          leases: number
          leased_at: string | null
          lease_until: string | null
          output: Json | null
          promoted_at: string | null
          created_at: string
        }
        Insert: {
          id?: string
          subject_id: string
          layer: "echo" | "council"
          scroll_id: string
          fields_given: string[]
          model: string
          status?: "requested" | "written" | "promoted" | "discarded"
          token_sha256?: string | null
          leases?: number
          leased_at?: string | null
          lease_until?: string | null
          output?: Json | null
          promoted_at?: string | null
          created_at?: string
        }
        Update: {
          id?: string
          subject_id?: string
          layer?: "echo" | "council"
          scroll_id?: string
          fields_given?: string[]
          model?: string
          status?: "requested" | "written" | "promoted" | "discarded"
          token_sha256?: string | null
          leases?: number
          leased_at?: string | null
          lease_until?: string | null
          output?: Json | null
          promoted_at?: string | null
          created_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "ai_runs_scroll_id_fkey"
            columns: ["scroll_id"]
            isOneToOne: false
            referencedRelation: "oracle_scrolls"
            referencedColumns: ["id"]
          },
        ]
      }
      delivery_jobs: {
        Row: {
          id: number
          idempotency_key: string
          channel: "email" | "pdf" | "share_card" | "gift" | "receipt" | "echo" | "recovery"
          leg: "account" | "email"
          subject_id: string
          artifact_id: string | null
          purchase_id: string | null
          echo_entry_id: string | null
          support_path: "/operate/queue?channel=email" | "/operate/queue?channel=pdf" | "/operate/queue?channel=share_card" | "/operate/queue?channel=gift" | "/operate/queue?channel=receipt" | "/operate/queue?channel=echo" | "/operate/queue?channel=recovery"
          max_attempts: number
          priority: number
          created_at: string
          next_run_at: string
          error_class: string | null
          status: "waiting" | "pending" | "running" | "done" | "dead" | "cancelled" | "parked"
          attempts: number
          lease_token: string | null
          lease_until: string | null
          worker: string | null
          cancel_requested: boolean
          finished_at: string | null
          queued: boolean
          held: string | null
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
          {
            foreignKeyName: "delivery_jobs_artifact_id_fkey"
            columns: ["artifact_id"]
            isOneToOne: false
            referencedRelation: "oracle_artifacts"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "delivery_jobs_purchase_id_fkey"
            columns: ["purchase_id"]
            isOneToOne: false
            referencedRelation: "purchases"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "delivery_jobs_echo_entry_id_fkey"
            columns: ["echo_entry_id"]
            isOneToOne: false
            referencedRelation: "echo_entries"
            referencedColumns: ["id"]
          },
        ]
      }
      delivery_attempts: {
        Row: {
          id: number
          job_id: number
          attempt: number
          outcome: "transient" | "permanent" | "released" | "lease_expired" | "cancelled" | "withheld" | "uncertain"
          error_class: string | null
          worker: string | null
          created_at: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
          {
            foreignKeyName: "delivery_attempts_job_id_fkey"
            columns: ["job_id"]
            isOneToOne: false
            referencedRelation: "delivery_jobs"
            referencedColumns: ["id"]
          },
        ]
      }
      delivery_effects: {
        Row: {
          id: number
          job_id: number
          attempt: number
          state: "intent" | "sent" | "refused" | "uncertain"
          provider: "smtp" | "resend"
          consent_event_id: number
          content_sha256: string
          rules_version: string
          calls: number
          lease_token: string
          provider_id: string | null
          settled_at: string | null
          created_at: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
          {
            foreignKeyName: "delivery_effects_job_id_fkey"
            columns: ["job_id"]
            isOneToOne: false
            referencedRelation: "delivery_jobs"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "delivery_effects_consent_event_id_fkey"
            columns: ["consent_event_id"]
            isOneToOne: false
            referencedRelation: "consent_events"
            referencedColumns: ["id"]
          },
        ]
      }
      delivery_links: {
        Row: {
          id: number
          job_id: number
          purpose: "open" | "recover" | "unsubscribe"
          token_sha256: string
          expires_at: string
          used_at: string | null
          created_at: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
          {
            foreignKeyName: "delivery_links_job_id_fkey"
            columns: ["job_id"]
            isOneToOne: false
            referencedRelation: "delivery_jobs"
            referencedColumns: ["id"]
          },
        ]
      }
      delivery_records: {
        Row: {
          id: number
          idempotency_key: string
          subject_id: string
          status: "done" | "cancelled"
          finished_at: string
          created_at: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
        ]
      }
      delivery_switches: {
        Row: {
          id: string
          channel: "all" | "email" | "pdf" | "share_card" | "gift" | "receipt" | "echo" | "recovery"
          stopped: boolean
          changed_at: string
          created_at: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
        ]
      }
      delivery_environments: {
        Row: {
          id: number
          environment: string
          system_identifier: number
          timeline: number
          database_oid: number
          created_at: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
        ]
      }
      email_suppressions: {
        Row: {
          id: string
          address_sha256: string
          reason: "hard_bounce" | "complaint" | "unsubscribed" | "manual"
          provider_code: string | null
          created_at: string
        }
        Insert: {
          id?: string
          address_sha256: string
          reason: "hard_bounce" | "complaint" | "unsubscribed" | "manual"
          provider_code?: string | null
          created_at?: string
        }
        Update: Record<string, never>
        Relationships: [
        ]
      }
      privacy_requests: {
        Row: {
          id: string
          subject_id: string | null
          kind: "export" | "deletion" | "anonymization"
          status: "received" | "verified" | "running" | "waiting_processor" | "done" | "refused" | "cancelled"
          due_at: string
          extended_until: string | null
          extension_reason: "complexity" | "number_of_requests" | null
          closed_at: string | null
          proof_sha256: string | null
          created_at: string
        }
        Insert: {
          id?: string
          subject_id?: string | null
          kind: "export" | "deletion" | "anonymization"
          status?: "received" | "verified" | "running" | "waiting_processor" | "done" | "refused" | "cancelled"
          due_at?: string
          extended_until?: string | null
          extension_reason?: "complexity" | "number_of_requests" | null
          closed_at?: string | null
          proof_sha256?: string | null
          created_at?: string
        }
        Update: {
          id?: string
          subject_id?: string | null
          kind?: "export" | "deletion" | "anonymization"
          status?: "received" | "verified" | "running" | "waiting_processor" | "done" | "refused" | "cancelled"
          due_at?: string
          extended_until?: string | null
          extension_reason?: "complexity" | "number_of_requests" | null
          closed_at?: string | null
          proof_sha256?: string | null
          created_at?: string
        }
        Relationships: [
        ]
      }
      privacy_request_steps: {
        Row: {
          id: string
          request_id: string
          position: number
          name: string
          status: "pending" | "running" | "done" | "failed" | "skipped"
          attempts: number
          evidence_sha256: string | null
          started_at: string | null
          finished_at: string | null
          created_at: string
        }
        Insert: {
          id?: string
          request_id: string
          position: number
          name: string
          status?: "pending" | "running" | "done" | "failed" | "skipped"
          attempts?: number
          evidence_sha256?: string | null
          started_at?: string | null
          finished_at?: string | null
          created_at?: string
        }
        Update: {
          id?: string
          request_id?: string
          position?: number
          name?: string
          status?: "pending" | "running" | "done" | "failed" | "skipped"
          attempts?: number
          evidence_sha256?: string | null
          started_at?: string | null
          finished_at?: string | null
          created_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "privacy_request_steps_request_id_fkey"
            columns: ["request_id"]
            isOneToOne: false
            referencedRelation: "privacy_requests"
            referencedColumns: ["id"]
          },
        ]
      }
      storage_deletions: {
        Row: {
          id: string
          request_id: string | null
          row_id: string | null
          storage_path: string | null
          done_at: string | null
          created_at: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
          {
            foreignKeyName: "storage_deletions_request_id_fkey"
            columns: ["request_id"]
            isOneToOne: false
            referencedRelation: "privacy_requests"
            referencedColumns: ["id"]
          },
        ]
      }
      legal_holds: {
        Row: {
          id: string
          table_name: "oracle_scrolls" | "oracle_artifacts" | "share_cards" | "gift_recipients" | "purchases" | "withdrawal_waivers" | "withdrawals" | "withdrawal_documents" | "echo_entries" | "council_sessions" | "passport_records" | "ai_runs" | "consent_events" | "consents" | "delivery_jobs" | "delivery_attempts" | "delivery_effects" | "delivery_links" | "delivery_records" | "privacy_requests"
          row_id: string
          reason_code: "legal_claim" | "tax_audit" | "authority_order" | "fraud_inquiry"
          held_until: string | null
          created_at: string
        }
        Insert: {
          id?: string
          table_name: "oracle_scrolls" | "oracle_artifacts" | "share_cards" | "gift_recipients" | "purchases" | "withdrawal_waivers" | "withdrawals" | "withdrawal_documents" | "echo_entries" | "council_sessions" | "passport_records" | "ai_runs" | "consent_events" | "consents" | "delivery_jobs" | "delivery_attempts" | "delivery_effects" | "delivery_links" | "delivery_records" | "privacy_requests"
          row_id: string
          reason_code: "legal_claim" | "tax_audit" | "authority_order" | "fraud_inquiry"
          held_until?: string | null
          created_at?: string
        }
        Update: {
          held_until?: string | null
        }
        Relationships: [
        ]
      }
      admin_audit_events: {
        Row: {
          id: number
          actor_kind: "subject" | "operator" | "server" | "worker" | "system"
          actor_id: string | null
          action: string
          object_table: string
          object_id: string
          outcome: "done" | "refused" | "failed"
          details: Json
          row_hash: string
          created_at: string
        }
        Insert: {
          actor_kind: "subject" | "operator" | "server" | "worker" | "system"
          actor_id?: string | null
          action: string
          object_table: string
          object_id: string
          outcome: "done" | "refused" | "failed"
          details?: Json
        }
        Update: Record<string, never>
        Relationships: [
        ]
      }
      ledger_seals: {
        Row: {
          id: number
          ledger: "consent_events" | "admin_audit_events"
          position: number
          row_id: number
          row_hash: string
          chain_hash: string
          created_at: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
        ]
      }
      scheduled_runs: {
        Row: {
          id: string
          task: "process_stripe_events" | "recover_deliveries" | "seal_ledgers" | "reconcile_payments" | "reconcile_all_payments" | "list_withdrawn_files" | "prune_deliveries"
          mode: "none" | "test" | "live"
          status: "running" | "done" | "failed" | "stopped"
          worker: string
          started_at: string
          finished_at: string | null
          succeeded_at: string | null
          error_class: string | null
          next_run_at: string
          lease_token: string | null
          lease_until: string | null
          created_at: string
        }
        Insert: Record<string, never>
        Update: Record<string, never>
        Relationships: [
        ]
      }
    }
    Views: {
      [_ in never]: never
    }
    Functions: {
      accept_gift: {
        Args: {
          token: string
        }
        Returns: string
      }
      begin_checkout: {
        Args: {
          order_id: string
          session_id: string
        }
        Returns: boolean
      }
      begin_scheduled_run: {
        Args: {
          task: "process_stripe_events" | "recover_deliveries" | "seal_ledgers" | "reconcile_payments" | "reconcile_all_payments" | "list_withdrawn_files" | "prune_deliveries"
          worker: string
          mode?: "none" | "test" | "live"
        }
        Returns: string | null
      }
      begin_send: {
        Args: {
          job_id: number
          lease_token: string
          environment: string
          provider: "smtp" | "resend"
          address: string
          content_sha256: string
          rules_version: string
        }
        Returns: "send" | "ask" | "sent" | "uncertain" | "fenced" | "stopped" | "withheld" | "address.missing" | "address.changed" | "address.suppressed" | "environment.not_opened" | "environment.another" | "environment.copied"
      }
      cancel_delivery_job: {
        Args: {
          job_id: number
          reason_code: string
        }
        Returns: boolean
      }
      claim_delivery_jobs: {
        Args: {
          worker: string
          most?: number
          lease_seconds?: number
          channels?: ("email" | "pdf" | "share_card" | "gift" | "receipt" | "echo" | "recovery")[] | null
          after_job?: number | null
        }
        Returns: { job_id: number; channel: string; leg: string; subject_id: string; artifact_id: string | null; purchase_id: string | null; echo_entry_id: string | null; attempts: number; idempotency_key: string; lease_token: string }[]
      }
      claim_stripe_events: {
        Args: {
          worker: string
          livemode: boolean
          most?: number
          lease_seconds?: number
        }
        Returns: { event_id: string; type: string; object_id: string | null; checkout_session_id: string | null; payload: Json; attempts: number; lease_token: string }[]
      }
      complete_delivery_job: {
        Args: {
          job_id: number
          lease_token: string
        }
        Returns: boolean
      }
      complete_delivery_jobs: {
        Args: {
          job_ids: number[]
          lease_token: string
        }
        Returns: number[]
      }
      confirm_waiver: {
        Args: {
          order_id: string
        }
        Returns: string
      }
      confirm_withdrawal: {
        Args: {
          purchase_id: string
        }
        Returns: string
      }
      continue_delivery_jobs: {
        Args: {
          done_ids: number[]
          done_token: string | null
          worker: string
          most?: number
          lease_seconds?: number
          channels?: ("email" | "pdf" | "share_card" | "gift" | "receipt" | "echo" | "recovery")[] | null
        }
        Returns: { completed: boolean; job_id: number; channel: string | null; leg: string | null; subject_id: string | null; artifact_id: string | null; purchase_id: string | null; echo_entry_id: string | null; attempts: number | null; idempotency_key: string | null; lease_token: string | null }[]
      }
      count_passed: {
        Args: {
          entry_id: number
        }
        Returns: { sent: number; uncertain: number }[]
      }
      decide_review: {
        Args: {
          review_id: string
          decision: "unlock" | "refund" | "leave"
        }
        Returns: boolean
      }
      decide_send: {
        Args: {
          job_id: number
          decision: "arrived" | "send_again"
        }
        Returns: boolean
      }
      delivery_address: {
        Args: {
          job_id: number
          lease_token: string
        }
        Returns: string | null
      }
      delivery_gate: {
        Args: {
          environment: string
        }
        Returns: { fault: string | null; stopped: string[] }[]
      }
      dismiss_stripe_event: {
        Args: {
          event_id: string
        }
        Returns: boolean
      }
      enqueue_delivery_job: {
        Args: {
          channel: "email" | "pdf" | "share_card" | "gift" | "receipt" | "echo" | "recovery"
          subject_id: string
          artifact_id?: string | null
          purchase_id?: string | null
          echo_entry_id?: string | null
          generation?: number
          run_at?: string
        }
        Returns: { job_id: number; leg: string; status: string; made: boolean }[]
      }
      erase_subject: {
        Args: {
          privacy_request_id: string
        }
        Returns: { table_name: string; affected: number; state: string; reason: string | null }[]
      }
      extend_delivery_leases: {
        Args: {
          job_ids: number[]
          lease_token: string
          lease_seconds?: number
        }
        Returns: number[]
      }
      fail_delivery_job: {
        Args: {
          job_id: number
          lease_token: string
          error_class: string
          permanent?: boolean
          retry_after_seconds?: number | null
        }
        Returns: "pending" | "dead" | "waiting" | "cancelled" | "fenced"
      }
      finish_scheduled_run: {
        Args: {
          task: "process_stripe_events" | "recover_deliveries" | "seal_ledgers" | "reconcile_payments" | "reconcile_all_payments" | "list_withdrawn_files" | "prune_deliveries"
          lease_token: string
          outcome: "done" | "failed" | "stopped"
          error_class?: string | null
        }
        Returns: boolean
      }
      finish_send: {
        Args: {
          job_id: number
          lease_token: string
          outcome: "sent" | "refused" | "uncertain"
          provider_id?: string | null
          error_class?: string | null
          permanent?: boolean
          retry_after_seconds?: number | null
        }
        Returns: "done" | "pending" | "dead" | "waiting" | "cancelled" | "fenced" | "running" | "parked"
      }
      finish_storage_deletion: {
        Args: {
          deletion_id: string
        }
        Returns: boolean
      }
      finish_stripe_event: {
        Args: {
          event_id: string
          lease_token: string
          outcome: "done" | "ignored" | "failed" | "needs_review"
          error_class?: string | null
        }
        Returns: boolean
      }
      give_consent: {
        Args: {
          purpose: "passport_write" | "email_delivery" | "public_share" | "gift_recipient" | "echo_followup" | "ai_processing"
          notice_id: string
          request_id: string
          scope_id?: string | null
          evidence?: Json | null
        }
        Returns: number
      }
      keep_bounce: {
        Args: {
          message: string
          address: string
          reason: "hard_bounce" | "complaint"
          provider_code: string | null
        }
        Returns: "kept" | "known" | "not_ours"
      }
      keep_delivery_link: {
        Args: {
          job_id: number
          lease_token: string
          purpose: "open" | "recover" | "unsubscribe"
          token_sha256: string
          valid_seconds: number
        }
        Returns: string | null
      }
      lease_ai_run: {
        Args: {
          run_id: string
          lease_seconds?: number
        }
        Returns: string
      }
      list_withdrawn_files: {
        Args: {
          most?: number
        }
        Returns: number
      }
      open_environment: {
        Args: {
          environment: string
        }
        Returns: boolean
      }
      open_purchase: {
        Args: {
          order_id: string
          purchase_link_id: string
          buyer_subject_id?: string | null
          recipient_subject_id?: string | null
          scroll_id?: string | null
          quantity?: number
          buyer_kind?: "eu_consumer" | "elsewhere" | "business" | "unknown"
        }
        Returns: string
      }
      open_share_card: {
        Args: {
          slug: string
        }
        Returns: { title: string; symbol: string; palette: string; one_line: string }[]
      }
      park_delivery_job: {
        Args: {
          job_id: number
          reason_code: string
        }
        Returns: "parked"
      }
      promote_ai_run: {
        Args: {
          run_id: string
        }
        Returns: Json
      }
      prune_deliveries: {
        Args: {
          most?: number
          after_time?: string | null
          after_job?: number | null
        }
        Returns: { pruned: number; reached_time: string | null; reached_job: number | null }[]
      }
      read_delivery_link: {
        Args: {
          token: string
        }
        Returns: { purpose: string; channel: string }[]
      }
      reap_delivery_leases: {
        Args: {
          most?: number
        }
        Returns: number
      }
      record_audit_event: {
        Args: {
          actor_kind: "subject" | "operator" | "server" | "worker" | "system"
          action: string
          object_table: string
          object_id: string
          outcome?: "done" | "refused" | "failed"
          details?: Json
          actor_id?: string | null
        }
        Returns: number
      }
      record_consent: {
        Args: {
          subject_id: string
          purpose: "passport_write" | "email_delivery" | "public_share" | "gift_recipient" | "echo_followup" | "ai_processing"
          action: "given" | "withdrawn"
          request_id: string
          notice_id?: string | null
          scope_id?: string | null
          evidence?: Json | null
        }
        Returns: number
      }
      record_dispute: {
        Args: {
          dispute_id: string
          payment_intent_id: string
          amount_minor: number
          currency: "eur" | "usd" | "gbp" | "chf" | "dkk" | "nok" | "sek" | "pln" | "czk" | "huf" | "cad" | "aud" | "isk" | "jpy" | "krw" | "bhd" | "jod" | "kwd" | "omr" | "tnd"
          status: "warning_needs_response" | "warning_under_review" | "warning_closed" | "prevented" | "needs_response" | "under_review" | "lost" | "won"
          stripe_created_at: string
          charge_id?: string | null
          reason?: "bank_cannot_process" | "check_returned" | "credit_not_processed" | "customer_initiated" | "debit_not_authorized" | "duplicate" | "fraudulent" | "general" | "incorrect_account_details" | "insufficient_funds" | "noncompliant" | "product_not_received" | "product_unacceptable" | "subscription_canceled" | "unrecognized" | "other" | null
          evidence_due_at?: string | null
        }
        Returns: "recorded" | "repeated" | "unpaid" | "unknown"
      }
      record_refund: {
        Args: {
          refund_id: string
          payment_intent_id: string
          amount_minor: number
          currency: "eur" | "usd" | "gbp" | "chf" | "dkk" | "nok" | "sek" | "pln" | "czk" | "huf" | "cad" | "aud" | "isk" | "jpy" | "krw" | "bhd" | "jod" | "kwd" | "omr" | "tnd"
          status: "requires_action" | "pending" | "succeeded" | "canceled" | "failed"
          stripe_created_at: string
          charge_id?: string | null
          reason?: "duplicate" | "fraudulent" | "requested_by_customer" | "expired_uncaptured_charge" | "other" | null
          failure_reason?: "charge_for_pending_refund_disputed" | "declined" | "expired_or_canceled_card" | "insufficient_funds" | "lost_or_stolen_card" | "merchant_request" | "unknown" | "other" | null
        }
        Returns: "recorded" | "repeated" | "unpaid" | "unknown"
      }
      record_stripe_event: {
        Args: {
          event_id: string
          type: string
          stripe_created_at: string
          livemode: boolean
          payload: Json
          object_id?: string | null
          checkout_session_id?: string | null
          api_version?: string | null
        }
        Returns: boolean
      }
      record_waiver: {
        Args: {
          order_id: string
          notice_id: string
        }
        Returns: string
      }
      record_withdrawal: {
        Args: {
          purchase_id: string
          buyer: string | null
          confirmed: boolean
        }
        Returns: string | null
      }
      release_delivery_job: {
        Args: {
          job_id: number
          lease_token: string
          pause_seconds?: number
        }
        Returns: boolean
      }
      replay_stripe_event: {
        Args: {
          event_id: string
        }
        Returns: boolean
      }
      request_privacy: {
        Args: {
          kind: "export" | "deletion" | "anonymization"
        }
        Returns: string
      }
      retry_delivery_job: {
        Args: {
          job_id: number
          reason_code: string
        }
        Returns: "pending"
      }
      review_payment: {
        Args: {
          session_id: string
          reason: "unknown_price" | "price_differs" | "quantity_differs" | "currency_differs" | "amount_differs" | "mode_differs" | "unknown_order" | "second_payment" | "refund_failed" | "fraud_warning" | "withdrawal"
          purchase_id?: string | null
        }
        Returns: boolean
      }
      seal_ledgers: {
        Args: {
          most?: number
        }
        Returns: { ledger: string; sealed: number; head: string }[]
      }
      seal_passport_record: {
        Args: {
          record_id: string
        }
        Returns: string
      }
      seal_scroll: {
        Args: {
          scroll_id: string
        }
        Returns: string | null
      }
      settle_consents: {
        Args: {
          most?: number
        }
        Returns: number
      }
      settle_purchase: {
        Args: {
          session_id: string
          state: "open" | "processing" | "paid" | "failed" | "expired"
          livemode: boolean
          price_ids: string[]
          quantities: number[]
          subtotal_minor: number
          received_minor: number
          currency: "eur" | "usd" | "gbp" | "chf" | "dkk" | "nok" | "sek" | "pln" | "czk" | "huf" | "cad" | "aud" | "isk" | "jpy" | "krw" | "bhd" | "jod" | "kwd" | "omr" | "tnd"
          order_id?: string | null
          payment_intent_id?: string | null
          charge_id?: string | null
        }
        Returns: "unlocked" | "review" | "unknown" | "open" | "processing" | "paid" | "failed" | "expired" | "refunded" | "disputed"
      }
      state_withdrawal: {
        Args: {
          purchase_id: string
        }
        Returns: string
      }
      switch_deliveries: {
        Args: {
          channel: "all" | "email" | "pdf" | "share_card" | "gift" | "receipt" | "echo" | "recovery"
          stopped: boolean
        }
        Returns: boolean
      }
      use_delivery_link: {
        Args: {
          token: string
        }
        Returns: { purpose: string; channel: string; subject_id: string; artifact_id: string | null; purchase_id: string | null; echo_entry_id: string | null }[]
      }
      verify_ledger: {
        Args: {
          ledger: "consent_events" | "admin_audit_events"
          latest?: number | null
        }
        Returns: { intact: boolean; checked: number; unsealed: number; broken_row: number | null; problem: string | null }[]
      }
      verify_passport_record: {
        Args: {
          record_id: string
        }
        Returns: boolean
      }
      withdraw_consent: {
        Args: {
          purpose: "passport_write" | "email_delivery" | "public_share" | "gift_recipient" | "echo_followup" | "ai_processing"
          request_id: string
          scope_id?: string | null
        }
        Returns: number
      }
      write_ai_run: {
        Args: {
          token: string
          output: Json
        }
        Returns: boolean
      }
    }
    Enums: {
      [_ in never]: never
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
}
