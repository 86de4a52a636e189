"""What leaves the database by each chosen channel, in words. Pure."""

from lab.plan.make import Plan
from lab.rules import RULES


def write_flow(plan: Plan) -> str:
    """Write what leaves the database by each chosen channel, for whoever cannot see the picture."""
    chosen = [channel for channel in RULES.channels if channel.id in plan.scenario.channels]
    lines = [
        f"- **{channel.title}**: {channel.leaves} Fields that can leave: "
        f"{', '.join(privacy.value for privacy in channel.exposes)}. "
        + (f"Gate: {', '.join(f'`{ask.consent.id}`' for ask in channel.consents)}." if channel.consents else "No gate.")
        for channel in chosen
    ]
    return "\n".join(lines) or "Nothing leaves the database: no channel was chosen. All fields stay with their owner."
