"""Races of two or three doers, each declared once with where it begins. To add one, add it to RACES."""

from dataclasses import dataclass

from lab.rehearsal.races import doers
from lab.rehearsal.races.doers import Doer
from lab.rehearsal.wishes import Wish, council, echo, gift, gift_accepted, passport, reading, share_card

BOUGHT = ("buy",)
PAID = (*BOUGHT, "pay")
TOLD = (*PAID, "receive")
SETTLED = (*TOLD, "process")
QUEUED = (*SETTLED, "bring")
INVITED = (*QUEUED, "deliver")


@dataclass(frozen=True, kw_only=True)
class Race:
    """Doers beside each other.

    Args:
        id: Its name in a schedule.
        begins: The steps of a purchase before it, which nobody disturbs.
        doers: Who takes part.
        wish: What the buyer asks for.
    """

    id: str
    begins: tuple[str, ...]
    doers: tuple[Doer, ...]
    wish: Wish = reading

    @property
    def title(self) -> str:
        """Return what happens, in words."""
        return "; ".join(one.title for one in self.doers)


RACES = (
    Race(id="bought_twice", begins=(), doers=(doers.shop, doers.shop)),
    Race(id="told_twice", begins=PAID, doers=(doers.webhook, doers.webhook)),
    Race(id="settled_twice", begins=TOLD, doers=(doers.page, doers.events)),
    Race(id="settled_and_refunded", begins=PAID, doers=(doers.page, doers.refund)),
    Race(id="refund_seen", begins=PAID, doers=(doers.page, doers.refund_seen)),
    Race(id="dispute_seen", begins=PAID, doers=(doers.page, doers.dispute_seen)),
    Race(id="settled_and_disputed", begins=PAID, doers=(doers.page, doers.dispute)),
    Race(id="settled_and_erased", begins=PAID, doers=(doers.page, doers.erasure)),
    Race(id="compared_and_processed", begins=TOLD, doers=(doers.reconciliation, doers.events)),
    Race(id="processed_twice", begins=TOLD, doers=(doers.events, doers.events)),
    Race(id="made_twice", begins=SETTLED, doers=(doers.site, doers.site)),
    Race(id="made_and_refunded", begins=SETTLED, doers=(doers.site, doers.refund)),
    Race(id="made_and_withdrawn", begins=SETTLED, doers=(doers.site, doers.withdrawal)),
    Race(id="made_and_erased", begins=SETTLED, doers=(doers.site, doers.erasure)),
    Race(id="delivered_twice", begins=QUEUED, doers=(doers.worker, doers.other_worker)),
    Race(id="delivered_and_withdrawn", begins=QUEUED, doers=(doers.worker, doers.withdrawal)),
    Race(id="delivered_and_stopped", begins=QUEUED, doers=(doers.worker, doers.operator)),
    Race(id="delivered_and_erased", begins=QUEUED, doers=(doers.worker, doers.erasure)),
    Race(id="delivered_and_refunded", begins=QUEUED, doers=(doers.worker, doers.refund)),
    Race(id="delivered_and_taken_over", begins=QUEUED, doers=(doers.worker, doers.takes_over)),
    Race(id="delivered_and_reported", begins=QUEUED, doers=(doers.worker, doers.report)),
    Race(id="erased_and_reported", begins=QUEUED, doers=(doers.erasure, doers.report)),
    Race(id="withdrawn_and_given", begins=QUEUED, doers=(doers.withdrawal, doers.consent)),
    Race(id="three_settle", begins=TOLD, doers=(doers.page, doers.events, doers.reconciliation)),
    Race(id="three_deliver", begins=QUEUED, doers=(doers.worker, doers.takes_over, doers.withdrawal)),
    Race(id="gift_accepted_twice", begins=INVITED, doers=(doers.site, doers.site), wish=gift_accepted),
    Race(id="gift_accepted_and_refunded", begins=INVITED, doers=(doers.site, doers.refund), wish=gift_accepted),
    Race(id="gift_accepted_and_erased", begins=INVITED, doers=(doers.site, doers.erasure), wish=gift_accepted),
    Race(id="gift_delivered_and_withdrawn", begins=QUEUED, doers=(doers.worker, doers.no_gift), wish=gift),
    Race(id="card_made_twice", begins=SETTLED, doers=(doers.site, doers.site), wish=share_card),
    Race(id="card_delivered_and_withdrawn", begins=QUEUED, doers=(doers.worker, doers.no_card), wish=share_card),
    Race(id="card_delivered_and_refunded", begins=QUEUED, doers=(doers.worker, doers.refund), wish=share_card),
    Race(id="echo_delivered_and_withdrawn", begins=QUEUED, doers=(doers.worker, doers.no_echo), wish=echo),
    Race(id="echo_delivered_and_refunded", begins=QUEUED, doers=(doers.worker, doers.refund), wish=echo),
    Race(id="council_held_and_refunded", begins=SETTLED, doers=(doers.site, doers.refund), wish=council),
    Race(id="passport_sealed_and_erased", begins=SETTLED, doers=(doers.site, doers.erasure), wish=passport),
)
BY_ID = {race.id: race for race in RACES}
