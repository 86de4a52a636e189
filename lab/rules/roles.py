"""The database roles that grants and policies are written for."""

from lab.rules.model import Role

anon = Role(
    id="anon",
    title="Anonymous visitor",
    description="Anybody with the site's public key and no session. Has no privilege on any table.",
    owned=False,
    via_data_api=True,
)
authenticated = Role(
    id="authenticated",
    title="Signed-in person",
    description="A person with a session, also an anonymous sign-in. Reads their own rows through policies.",
    owned=False,
    via_data_api=True,
)
service_role = Role(
    id="service_role",
    title="Site server",
    description="The site's own server. It bypasses row-level security, so grants and triggers limit it.",
    owned=False,
    via_data_api=True,
)
ai_worker = Role(
    id="ai_worker",
    title="AI worker",
    description="The process that calls the AI provider. With the token of one run it reads that run's brief and writes its output once.",
    owned=True,
    via_data_api=True,
)
oracle_operator = Role(
    id="oracle_operator",
    title="Operator",
    description="Staff who run the shop. Read only operational and financial fields, through views.",
    owned=True,
    via_data_api=True,
)

ROLES = (anon, authenticated, service_role, ai_worker, oracle_operator)
