"""What if: facts about the buyer or the product that change what a scenario needs, each with its source and date."""

from datetime import date

from lab.rules import channels, env, layers, risks
from lab.rules.consents import ai_processing
from lab.rules.constructors import needs_consent, needs_table
from lab.rules.model import ChannelNeed, Circumstance, Refusal
from lab.rules.tables.ai import ai_runs
from lab.rules.tables.withdrawal import withdrawal_documents, withdrawal_waivers, withdrawals

eu_buyer = Circumstance(
    id="eu_buyer",
    title="EU buyer",
    description="A consumer in the EU may withdraw for 14 days, unless they waived that right before the delivery began.",
    tables=(
        needs_table(withdrawal_waivers, "The waiver of an EU buyer who wants the delivery at once is kept as proof."),
        needs_table(withdrawals, "A withdrawal is kept here with the wording of its statement."),
        needs_table(withdrawal_documents, "The buyer gets a confirmation of a waiver or withdrawal that can be kept."),
    ),
    risks=(risks.sale_without_right,),
    source="Directive 2011/83/EU, articles 8(7), 9 to 11 and 16(m)",
    date=date(2014, 6, 13),
)
minor = Circumstance(
    id="minor",
    title="Minor",
    description="A buyer under 16 cannot consent alone. A parent must, and the shop cannot verify who a parent is.",
    tables=(),
    risks=(risks.minor_can_undo,),
    voids_consents="A person under 16 cannot give this consent alone.",
    source="GDPR article 8",
    date=date(2018, 5, 25),
)
anonymous_visitor = Circumstance(
    id="anonymous_visitor",
    title="Anonymous visitor",
    description="An anonymous account has no e-mail address and lives in one browser.",
    tables=(),
    risks=(risks.account_is_lost,),
    refuses=(
        Refusal(part=layers.passport, why="An anonymous account cannot have a Passport."),
        Refusal(part=channels.email, why="An anonymous account has no e-mail address."),
        Refusal(part=channels.echo, why="The notice goes out by e-mail, and the account has no address."),
        Refusal(part=channels.recovery, why="Nobody can recover an account that has no address."),
    ),
    source="Supabase documentation on anonymous sign-ins; product",
    date=date(2026, 11, 22),
)
gift = Circumstance(
    id="gift",
    title="Gift",
    description="The buyer and the recipient are two people. The gift opens only on the recipient's own acceptance.",
    tables=(),
    channels=(ChannelNeed(channel=channels.gift, why="A gift reaches its recipient by an invitation."),),
    risks=(risks.gift_stays,),
    source="product; GDPR article 14",
    date=date(2018, 5, 25),
)
ai_written = Circumstance(
    id="ai_written",
    title="AI-written",
    description="An AI writes the text. It reads the question only with consent, and readers are told that an AI wrote it.",
    tables=(needs_table(ai_runs, "The AI's output is kept apart until it is adopted."),),
    consents=(needs_consent(ai_processing, "An AI reads the question to write the text."),),
    env=env.AI,
    risks=(risks.special_category, risks.ai_output, risks.ai_not_named),
    source="Regulation (EU) 2024/1689, article 50; GDPR article 9",
    date=date(2026, 8, 2),
)

CIRCUMSTANCES = (eu_buyer, minor, anonymous_visitor, gift, ai_written)
