"""A shop on this machine, in which a person buys from Local Stripe and sees the purchase unlocked."""

from lab.services.demo_shop.running import Addresses, ending_on_signals, serve_demo, wait_for_end

__all__ = ["Addresses", "ending_on_signals", "serve_demo", "wait_for_end"]
