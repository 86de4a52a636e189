"""The receiver beside the pages: one app that `streamlit run app.py` serves."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.served_app import serve_app
from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.services.billing import mount
from lab.services.billing.counts import Counts
from tests.billing.samples import make_event
from tests.billing.served import SECRET, Endpoint
from tests.billing.test_receiver import outcome

SETTINGS = {"STRIPE_WEBHOOK_SECRET": f"{SECRET}\n", "STRIPE_SECRET_KEY": "rk_test_0123456789"}


def is_healthy(url: str) -> bool:
    with urllib.request.urlopen(f"{url}/_stcore/health") as health, urllib.request.urlopen(url) as page:
        return health.read() == b"ok" and b"<!doctype html>" in page.read().lower()


@pytest.fixture
def own(server: EmbeddedPostgres, database: Callable[..., Database]) -> Database:
    return database(server)


def test_the_app_receives_events_beside_its_pages(own: Database, tmp_path: Path) -> None:
    with serve_app(tmp_path, environment={**SETTINGS, "DATABASE_URL": own.url}) as url:
        endpoint = Endpoint(int(url.rpartition(":")[2]), own.admin_url, Counts())
        assert outcome(endpoint.deliver(make_event())) == (200, True)
        assert outcome(endpoint.deliver(make_event(), "whsec_other")) == (400, "wrong_signature")
        assert outcome(endpoint.send(b" " * 400_000, {"Stripe-Signature": "t=1,v1=0"})) == (413, "too_large")
        assert outcome(endpoint.send((b" " * 1000 for _ in range(400)), {"Stripe-Signature": "t=1"})) == (
            413,
            "too_large",
        )
        assert outcome(endpoint.send(b"", {}, "GET")) == (405, "use_post")
        assert is_healthy(url)
    assert set(endpoint.rows()) == {"evt_1"}
    assert "checkout" not in (tmp_path / "server.log").read_text()


def test_with_an_empty_secret_the_app_serves_its_pages_alone(tmp_path: Path) -> None:
    with serve_app(tmp_path, environment={**SETTINGS, "STRIPE_WEBHOOK_SECRET": " "}) as url:
        endpoint = Endpoint(int(url.rpartition(":")[2]), "", Counts())
        assert endpoint.deliver(make_event()).status == 405
        assert is_healthy(url)
    told = (tmp_path / "server.log").read_text()
    assert "The webhook /stripe/webhook is not served. STRIPE_WEBHOOK_SECRET" in told


def test_without_a_secret_nothing_of_the_receiver_is_loaded() -> None:
    program = (
        "import sys; from lab.services.billing.mount import make_routes as m; print(m(), 'psycopg' in sys.modules)"
    )
    environment = {name: value for name, value in os.environ.items() if name != mount.VARIABLE}
    told = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["[]", "False"]
