"""Invariants of share-cards, gifts, AI runs and files."""

from lab.rules import risks
from lab.rules.model import Invariant, Severity
from lab.rules.tables.ai import ai_runs
from lab.rules.tables.artifacts import oracle_artifacts
from lab.rules.tables.cards import card_phrases, share_cards
from lab.rules.tables.consent import consent_notices
from lab.rules.tables.gifts import gift_recipients

card_phrases_undeclared = Invariant(
    id="card_phrases_undeclared",
    table=card_phrases,
    title="Every phrase on share-cards is approved in the rules.",
    severity=Severity.HIGH,
    chapter=2,
    why="Only migrations add phrases. Any other phrase is public without approval.",
    derived="phrases",
    decide="Find out who added the phrase and which cards use it. Close those cards, or approve it in the rules.",
    accept="Never: public words need approval.",
)
wordings_missing = Invariant(
    id="wordings_missing",
    table=consent_notices,
    title="Every sentence of the rules that people are shown exists.",
    severity=Severity.HIGH,
    chapter=3,
    why="A consent without its wording is refused, and share-cards can use no phrase that is missing.",
    derived="wordings",
    repairs=True,
    accept="Never: the repair adds the sentences.",
)
share_cards_without_consent = Invariant(
    id="share_cards_without_consent",
    table=share_cards,
    title="Every open share-card has a valid consent.",
    severity=Severity.CRITICAL,
    chapter=3,
    why="The card is public, although its owner has not consented or has withdrawn the consent.",
    walks=share_cards,
    repairs=True,
    risks=(risks.shared_copy,),
    accept="Never: the card is public now.",
)
gifts_without_consent = Invariant(
    id="gifts_without_consent",
    table=gift_recipients,
    title="Every open invitation has a valid consent.",
    severity=Severity.HIGH,
    chapter=3,
    why="The invitation can still be accepted, although the giver's consent is missing.",
    repairs=True,
    accept="Never: the repair closes the invitation.",
)
gift_addresses_expired = Invariant(
    id="gift_addresses_expired",
    table=gift_recipients,
    title="No address is kept after its invitation ends.",
    severity=Severity.HIGH,
    chapter=10,
    why="The recipient has not consented: the address may be kept only for the invitation.",
    repairs=True,
    risks=(risks.third_party_address,),
    accept="Never: the repair removes the address.",
)
ai_runs_without_consent = Invariant(
    id="ai_runs_without_consent",
    table=ai_runs,
    title="Every open AI run has a valid consent.",
    severity=Severity.CRITICAL,
    chapter=14,
    why="The run is open, so an AI can read the question, although the consent is withdrawn.",
    repairs=True,
    risks=(risks.special_category,),
    accept="Never: the repair closes the run.",
)
ai_runs_unwritten = Invariant(
    id="ai_runs_unwritten",
    table=ai_runs,
    title="Every adopted text comes from an AI run.",
    severity=Severity.HIGH,
    chapter=14,
    why="The text was adopted from a run that has no output, so it came from somewhere else.",
    decide="Find out who adopted the text, and where it came from. The audit trail has the time.",
    risks=(risks.ai_output,),
    accept="When the text was written by a person on purpose, and the trail says so.",
)
closed_card_files = Invariant(
    id="closed_card_files",
    table=oracle_artifacts,
    title="No closed share-card keeps its picture.",
    severity=Severity.MEDIUM,
    chapter=3,
    why="The picture is not shown any more, but it is kept although the card is closed.",
    accept="Never: the repair puts the picture on the list of deletions.",
    repairs=True,
    risks=(risks.shared_copy,),
)
withdrawn_files = Invariant(
    id="withdrawn_files",
    table=oracle_artifacts,
    title="No withdrawn artifact keeps a file.",
    severity=Severity.MEDIUM,
    chapter=11,
    why="An old link still opens the file until it is removed from storage.",
    decide="Run the worker: it lists the file within a minute and deletes it until the store confirms. A file under a legal hold stays until the hold ends.",
    risks=(risks.link_outlives_withdrawal,),
    accept="For a minute, and while a legal hold keeps the file.",
)
print_views_stored = Invariant(
    id="print_views_stored",
    table=oracle_artifacts,
    title="No print-view has a file.",
    severity=Severity.LOW,
    chapter=11,
    why="A print-view is rendered on request, so no file of it should be in storage.",
    decide="Remove the file through the Storage API, then clear storage_path.",
    risks=(risks.print_left_behind,),
    accept="Until the next run of the clean-up, for a day.",
)
