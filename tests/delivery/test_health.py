"""The health application, served for real: alive, ready, and why not; and nothing personal in any answer."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from lab.rules.schedule import recover_deliveries
from lab.services.delivery.health import (
    KEPT_SECONDS,
    HealthSettings,
    HealthSettingsUnusable,
    make_health,
    read_health_settings,
)
from lab.services.serving import HOST, listen, serve
from lab.services.worker import Site, Stop, run_once
from lab.text.product_files import PROJECT
from tests.delivery.people import ADDRESS, HERE, Shop
from tests.delivery.waiting import close, copy
from tests.waits import SECONDS

GONE = "postgresql://nobody:hunter2@127.0.0.1:1/none"


@pytest.fixture
def client(shop: Shop) -> Iterator[httpx.Client]:
    """Serve the application on the shop's database."""
    times = iter(range(1_000_000))
    app = make_health(
        HealthSettings(url=shop.database.api_url, environment=HERE), clock=lambda: next(times) * 2 * KEPT_SECONDS
    )
    with listen(0) as listener, serve(app, listener):
        client = httpx.Client(base_url=f"http://{HOST}:{listener.getsockname()[1]}")
        yield client
        client.close()


def work(shop: Shop) -> None:
    """Let a worker run a scheduled task."""
    with_stop = Stop()
    site = Site(url=shop.database.api_url, worker="tests:1", client=None, livemode=False)
    assert run_once(site, (recover_deliveries,), with_stop, print)
    with_stop.close()


def ask(client: httpx.Client, path: str = "/ready") -> tuple[int, object]:
    """Return status and content of an answer, which no cache keeps."""
    answer = client.get(path)
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()


def unready(code: str) -> tuple[int, object]:
    return 503, {"status": "unready", "code": code}


def test_it_is_ready_while_a_worker_lives_and_the_gate_is_open(shop: Shop, client: httpx.Client) -> None:
    assert ask(client, "/health") == (200, {"status": "live"})
    assert ask(client) == unready("worker.silent")
    work(shop)
    assert ask(client) == (200, {"status": "ready"})
    shop.change("update public.scheduled_runs set finished_at = finished_at - interval '2 minutes', lease_until = null")
    assert ask(client) == unready("worker.silent")


def test_a_gate_with_a_fault_is_not_ready(shop: Shop, client: httpx.Client) -> None:
    work(shop)
    copy(shop)
    assert ask(client) == unready("environment.copied")
    close(shop)
    assert ask(client) == unready("environment.not_opened")
    assert ask(client, "/health") == (200, {"status": "live"})


def test_another_environment_is_not_ready(shop: Shop) -> None:
    work(shop)
    app = make_health(HealthSettings(url=shop.database.api_url, environment="staging"))
    with listen(0) as listener, serve(app, listener), httpx.Client() as client:
        assert ask(client, f"http://{HOST}:{listener.getsockname()[1]}/ready") == unready("environment.another")


def test_a_database_that_is_gone_is_told_and_the_process_lives() -> None:
    """The real server, as it is started in production."""
    with listen(0) as listener:
        port = listener.getsockname()[1]
    command = ["-m", "uvicorn", "--factory", "lab.services.delivery.health:make_app", "--port", str(port)]
    variables = dict(os.environ) | {"DATABASE_URL": GONE, "DELIVERY_ENVIRONMENT": HERE}
    server = subprocess.Popen(
        [sys.executable, *command], cwd=PROJECT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        with httpx.Client(base_url=f"http://{HOST}:{port}", timeout=30) as client:
            wait_for(client)
            assert ask(client, "/health") == (200, {"status": "live"})
            assert ask(client) == unready("database.unavailable")
            assert ask(client, "/metrics") == (503, {"code": "database.unavailable"})
    finally:
        server.terminate()
        told, _ = server.communicate(timeout=SECONDS)
    assert b"hunter2" not in told


def wait_for(client: httpx.Client) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            client.get("/health")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("it does not answer")


def test_metrics_hold_nothing_personal(shop: Shop, client: httpx.Client) -> None:
    shop.queue("email")
    shop.run()
    answer = client.get("/metrics")
    names = {family.name for family in text_string_to_metric_families(answer.text)}
    assert (answer.status_code, "oracle_delivery_environment_open" in names) == (200, True)
    told = answer.text + client.get("/ready").text + client.get("/health").text
    private = (str(shop.world.subject), str(shop.world.ids["pdf"]), "@", ADDRESS, *shop.world.words.values())
    assert [word for word in private if word in told] == []


def test_the_database_is_asked_once_a_second_however_often_others_ask(shop: Shop) -> None:
    times = [0.0]
    app = make_health(HealthSettings(url=shop.database.api_url, environment=HERE), clock=lambda: times[0])
    with listen(0) as listener, serve(app, listener), httpx.Client() as client:
        address = f"http://{HOST}:{listener.getsockname()[1]}/ready"
        assert ask(client, address) == unready("worker.silent")
        work(shop)
        assert ask(client, address) == unready("worker.silent")
        times[0] += KEPT_SECONDS
        assert ask(client, address) == (200, {"status": "ready"})


@pytest.mark.parametrize("missing", ["DATABASE_URL", "DELIVERY_ENVIRONMENT"])
def test_missing_settings_are_named(missing: str) -> None:
    given = {"DATABASE_URL": GONE, "DELIVERY_ENVIRONMENT": HERE} | {missing: " "}
    with pytest.raises(HealthSettingsUnusable, match=missing):
        read_health_settings(given)
