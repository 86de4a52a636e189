"""What leaves a reading: share-cards, gifts, AI runs and files."""

from lab.rules import risks
from lab.rules.model import Invariant, Severity
from lab.rules.tables.ai import ai_runs
from lab.rules.tables.cards import card_phrases, share_cards
from lab.rules.tables.gifts import gift_recipients
from lab.rules.tables.readings import oracle_artifacts

card_phrases_undeclared = Invariant(
    id="card_phrases_undeclared",
    table=card_phrases,
    title="Every phrase that a card can say is one that the rules approve.",
    severity=Severity.HIGH,
    chapter=2,
    why="Only a migration adds a phrase; whoever added another one past it decides what strangers read on a card.",
    derived="phrases",
    decide="Find out who added the phrase and which cards say it; close those cards, or approve it in the rules.",
)
share_cards_without_consent = Invariant(
    id="share_cards_without_consent",
    table=share_cards,
    title="Every open share-card rests on a consent that stands.",
    severity=Severity.CRITICAL,
    chapter=3,
    why="A card that is open against its owner's word shows the public what they took back.",
    walks=share_cards,
    repairs=True,
    risks=(risks.shared_copy,),
)
gifts_without_consent = Invariant(
    id="gifts_without_consent",
    table=gift_recipients,
    title="Every open invitation rests on a consent that stands.",
    severity=Severity.HIGH,
    chapter=3,
    why="An invitation that can still be accepted rests on its giver's consent; without it, it should have been "
    "taken back.",
    repairs=True,
)
gift_addresses_expired = Invariant(
    id="gift_addresses_expired",
    table=gift_recipients,
    title="No address is kept beyond its invitation.",
    severity=Severity.HIGH,
    chapter=10,
    why="The address of somebody who was never asked is kept for one invitation; after its expiry there is no reason "
    "left.",
    repairs=True,
    risks=(risks.third_party_address,),
)
ai_runs_without_consent = Invariant(
    id="ai_runs_without_consent",
    table=ai_runs,
    title="Every question that an AI may read is one whose owner allows it.",
    severity=Severity.CRITICAL,
    chapter=14,
    why="An open run lets an AI read a question whose owner no longer allows it.",
    repairs=True,
    risks=(risks.special_category,),
)
ai_runs_unwritten = Invariant(
    id="ai_runs_unwritten",
    table=ai_runs,
    title="Only words that an AI has written were taken over.",
    severity=Severity.HIGH,
    chapter=14,
    why="Words that were taken over from a run that has none came from somewhere else than the staging table.",
    decide="Find out who took the words over, and where they came from; the audit trail has the moment.",
    risks=(risks.ai_output,),
)
withdrawn_files = Invariant(
    id="withdrawn_files",
    table=oracle_artifacts,
    title="No withdrawn artifact keeps a file.",
    severity=Severity.MEDIUM,
    chapter=11,
    why="A file whose artifact was withdrawn can still be opened with an old link until it is removed from storage.",
    decide="Remove the file through the Storage API, then clear storage_path; SQL alone leaves the file there.",
    risks=(risks.link_outlives_withdrawal,),
)
print_views_stored = Invariant(
    id="print_views_stored",
    table=oracle_artifacts,
    title="No print-view has a file.",
    severity=Severity.LOW,
    chapter=11,
    why="A print-view is rendered on request; a file of it in storage is a copy that nobody should have kept.",
    decide="Remove the file through the Storage API, then clear storage_path.",
    risks=(risks.print_left_behind,),
)
