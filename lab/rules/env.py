"""The environment variables of the site's server."""

from lab.rules.model import EnvVariable

# Scheme and host are case-insensitive, a host may have letters of any language, and a path may follow a
# slash or a port.
ADDRESS = r"(?i:(https://[\w-]+(\.[\w-]+)+|https?://(localhost|127\.0\.0\.1|\[::1\]))(:\d{1,5})?/?)"
ADDRESS_IN_WORDS = "https:// and the full host name without a path; only localhost may use http"

supabase_url = EnvVariable(
    id="NEXT_PUBLIC_SUPABASE_URL",
    title="Supabase project address",
    why="The site and its server read and write in this project. The address is public.",
    secret=False,
    form=r"(?!(?i:https?://([^/.]+\.){2,}supabase\.co))" + ADDRESS,  # db.PROJECT.supabase.co is the database's
    form_in_words=f"{ADDRESS_IN_WORDS}; the host of the project, not of its database (db. and the project)",
    example="https://abcdefghijklmnopqrst.supabase.co",
    chapter=11,
    source="product; Supabase guide on API keys",
)
supabase_service_key = EnvVariable(
    id="SUPABASE_SERVICE_ROLE_KEY",
    title="Supabase server key",
    why="Lets the site's server write what no browser may write. It never leaves the server.",
    secret=True,
    form=r"sb_secret_[A-Za-z0-9_-]{20,}|eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+",
    form_in_words="sb_secret_ and at least 20 letters, digits, - or _, as the project's API settings show it",
    example="sb_secret_EXAMPLEEXAMPLEEXAMPLE00",
    chapter=11,
    source="product; Supabase guide on API keys: new secret keys and, until the end of 2026, legacy service_role keys",
)
stripe_secret_key = EnvVariable(
    id="STRIPE_SECRET_KEY",
    title="Stripe key",
    why="Lets the server open checkouts and read prices and payments at Stripe. It never leaves the server.",
    secret=True,
    form=r"(sk|rk)_(test|live)_[A-Za-z0-9]{10,}",
    form_in_words="sk_test_, sk_live_, rk_test_ or rk_live_, and at least 10 letters and digits",
    example="rk_test_EXAMPLEEXAMPLE00",
    chapter=8,
    source="product; Stripe documentation on API keys",
)
stripe_webhook_secret = EnvVariable(
    id="STRIPE_WEBHOOK_SECRET",
    title="Stripe webhook secret",
    why="Proves that an event comes from Stripe. Without it anybody could claim to have paid.",
    secret=True,
    form=r"whsec_[A-Za-z0-9+/=]{16,}([,\s]+whsec_[A-Za-z0-9+/=]{16,})*",
    form_in_words="whsec_ and at least 16 letters, digits, +, / or =, as the webhook endpoint's page shows it; several, such"
    " as the old and the new one, are separated by commas",
    example="whsec_EXAMPLEEXAMPLEEXAMPLE",
    chapter=8,
    source="product; Stripe documentation on webhooks",
)
site_url = EnvVariable(
    id="NEXT_PUBLIC_SITE_URL",
    title="Address of the site",
    why="Every link that the shop sends or shows starts with this address.",
    secret=False,
    form=ADDRESS,
    form_in_words=ADDRESS_IN_WORDS,
    example="https://oracle.example.com",
    chapter=11,
    source="product",
)
email_from = EnvVariable(
    id="EMAIL_FROM",
    title="E-mail sender",
    why="The sender of all notices. Its domain needs SPF, DKIM and DMARC.",
    secret=False,
    form=r"([^<>@\n]+ <[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)",
    form_in_words="an e-mail address, or a name followed by the address in < and >",
    example="Oracle <notices@oracle.example.com>",
    chapter=7,
    source="product: e-mail channels add the sender",
)
email_provider_url = EnvVariable(
    id="EMAIL_PROVIDER_URL",
    title="E-mail provider",
    why="The account that sends the notices, by SMTP or at Resend, with its login. It never leaves the server.",
    secret=True,
    form=r"(?i:smtps?)://[^:@/\s]+:[^@/\s]+@[^:@/\s]+(:\d{1,5})?/?|(?i:resend)://re_[A-Za-z0-9_]{8,}/?",
    form_in_words="smtps:// or smtp://, then USER:PASSWORD@HOST:PORT, with @ : / in the login percent-encoded (@ is %40);"
    " or resend:// and the API key of Resend, which begins with re_",
    example="smtps://user:EXAMPLE@smtp.example.com:465",
    chapter=7,
    source="product: e-mail channels add the provider; Resend documentation on API keys",
)
file_store_url = EnvVariable(
    id="FILE_STORE_URL",
    title="Store of files",
    why="The address of the store for PDFs and share-card pictures. Only the server reads it.",
    secret=True,
    form=r"file:///[^\s?#]+|supabase://[a-z0-9][a-z0-9._-]{1,62}/?"
    r"|s3://[^:@/\s?#]+:[^:@/\s?#]+@[^:@/\s?#]+(:\d{1,5})?/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/?(\?region=[a-z0-9-]{2,30})?",
    form_in_words="supabase:// and a private bucket of the project; s3://, then KEY:SECRET@HOST/BUCKET, with @ : / in the"
    " secret percent-encoded (/ is %2F), and ?region= if it is not us-east-1; or file:// and a folder from the root",
    example="s3://EXAMPLEKEY:EXAMPLESECRET@s3.example.com/readings?region=eu-central-1",
    chapter=11,
    source="product: channels with a file add its store; Supabase guide on Storage; Amazon S3 API reference",
)
ai_provider_key = EnvVariable(
    id="AI_PROVIDER_API_KEY",
    title="AI provider key",
    why="Lets the AI worker call the AI provider. It never leaves the server.",
    secret=True,
    form=r"(?!\S*://)\S{16,}",
    form_in_words="at least 16 characters without a space, as the provider issued it; the key, not an address",
    example="EXAMPLE-AI-KEY-00000000",
    chapter=14,
    source="product: AI layers add the AI provider's",
)
ai_provider_model = EnvVariable(
    id="AI_PROVIDER_MODEL",
    title="AI model",
    why="Names the AI model, so that every reading records which one wrote it.",
    secret=False,
    form=r"(?!\S*://)[A-Za-z0-9._:/@-]{2,}",
    form_in_words="the model's name as the provider writes it: letters, digits and . _ : / @ -; no address",
    example="oracle-writer-1",
    chapter=14,
    source="product: AI layers add the AI provider's",
)

ALWAYS = (supabase_url, supabase_service_key, stripe_secret_key, stripe_webhook_secret, site_url)
EMAIL = (email_from, email_provider_url)
FILES = (file_store_url,)
AI = (ai_provider_key, ai_provider_model)

ENV = ALWAYS + EMAIL + FILES + AI
