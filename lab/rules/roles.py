"""The database roles that the wall is built against."""

from lab.rules.model import Role

anon = Role(
    id="anon",
    title="Anonymous visitor",
    description="Anybody with the site's public key and no session. Reaches no table at all.",
    owned=False,
    via_data_api=True,
)
authenticated = Role(
    id="authenticated",
    title="Signed-in person",
    description="A person with a session, anonymous sign-ins included. Sees their own rows through policies.",
    owned=False,
    via_data_api=True,
)
service_role = Role(
    id="service_role",
    title="Site server",
    description="The site's own server. Skips row-level security, so grants and triggers hold it instead.",
    owned=False,
    via_data_api=True,
)
ai_worker = Role(
    id="ai_worker",
    title="AI worker",
    description="The process that talks to the AI provider. Holds the token of one run: reads its brief, writes it once.",
    owned=True,
    via_data_api=True,
)
oracle_operator = Role(
    id="oracle_operator",
    title="Operator",
    description="Staff who watch the shop. Sees operational and financial fields through views, never the rest.",
    owned=True,
    via_data_api=True,
)

ROLES = (anon, authenticated, service_role, ai_worker, oracle_operator)
