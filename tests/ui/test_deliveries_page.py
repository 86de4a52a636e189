"""The Deliveries page: the answer, what waits, the attempts, and acts that are confirmed and carried out once."""

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from lab.readiness.reports.deliveries import DELIVERY_FORMS, FoundDeliveries
from lab.rules.deliveries import retry
from lab.ui.deliveries.parts import ACTS, PAGE
from tests.ui.drawing import Open, list_downloads, press, words
from tests.ui.operating import LIVE, execute, serve_on, wait_for

pytestmark = pytest.mark.usefixtures("own_home")

PERSON = "0d000000-0000-4000-8000-000000000009"
JOBS = f"""
insert into auth.users (id, email) values ('{PERSON}', 'visitor-1@shop.example');
insert into public.oracle_scrolls (id, subject_id, question)
values ('0d000000-0000-4000-8000-000000000001', '{PERSON}', 'Will it rain?');
insert into public.oracle_artifacts (id, subject_id, scroll_id, kind)
values ('0d000000-0000-4000-8000-000000000002', '{PERSON}', '0d000000-0000-4000-8000-000000000001', 'pdf');
select public.enqueue_delivery_job('pdf', '{PERSON}', '0d000000-0000-4000-8000-000000000002');
select public.fail_delivery_job(job_id, lease_token, 'render.failed', true) from public.claim_delivery_jobs('tests:1');
select public.open_environment('tests');
"""
STATUS = "select status from public.delivery_jobs"
RETRIED = "select count(*) from public.admin_audit_events where action = 'job.retried' and actor_kind = 'operator'"


@pytest.fixture
def failed(wall: str) -> str:
    """Let a job fail for good."""
    with psycopg.connect(wall, autocommit=True) as connection:
        for statement in JOBS.split(";\n"):
            connection.execute(statement.encode())
    return wall


def reread(page: AppTest) -> AppTest:
    """Wait for the reading that was started, and draw the page again."""
    wait_for(PAGE.runs.find("embedded"))
    page.run()
    assert not page.exception
    return page


def read_first(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def test_a_fresh_database_says_that_no_environment_is_open(open_page: Open, wall: str) -> None:
    page = reread(open_page("deliveries"))
    told = words(page)
    assert "No: 1 waits for a person" in told
    assert "No worker has been seen yet." in told
    assert "No attempt has ended yet." in told
    press(page, "Open the environment")
    page.text_input[0].set_value("production").run()
    press(page, "Yes, open the environment")
    assert [said.value for said in page.success] == ["Opened. The worker takes what is due."]
    assert "Yes, everything that is due is delivered" in words(page)
    assert read_first(wall, "select environment from public.delivery_environments") == "production"


def test_a_channel_narrows_what_is_listed_and_not_the_answer(open_page: Open, failed: str) -> None:
    for channel, there in (("pdf", True), ("gift", False)):
        told = words(reread(open_page("deliveries", channel=channel)))
        assert "No: 1 waits for a person" in told
        assert ("Job failed for good" in told) is there
        assert ("`render.failed`" in told) is there


def test_the_lab_leads_to_the_jobs_of_its_channels(open_page: Open) -> None:
    page = open_page("lab", channel=["pdf", "print_view", "receipt"])
    (link,) = [link for link in page.get("page_link") if link.proto.label == "Its jobs"]
    assert link.proto.query_string == "channel=pdf&channel=receipt"


def test_what_waits_is_confirmed_and_carried_out_once(open_page: Open, failed: str) -> None:
    page = reread(open_page("deliveries"))
    told = words(page)
    assert "No: 1 waits for a person" in told
    assert "Job failed for good" in told
    assert "`render.failed`" in told
    assert "/operate/queue?channel=pdf" in told
    press(page, "Retry")
    assert "The audit trail records it." in words(page)
    press(page, "Keep as it is")
    assert (read_first(failed, STATUS), read_first(failed, RETRIED)) == ("dead", 0)
    press(page, "Retry")
    press(page, "Yes, retry")
    assert [said.value for said in page.success] == ["Queued. The worker takes it next."]
    assert "On its way: 1 due" in words(page)
    assert (read_first(failed, STATUS), read_first(failed, RETRIED)) == ("pending", 1)
    assert not reread(page).success


def test_an_act_of_somebody_else_is_told(open_page: Open, failed: str) -> None:
    page = reread(open_page("deliveries"))
    press(page, "Retry")
    execute(failed, "select public.park_delivery_job(id, 'under_review') from public.delivery_jobs")
    press(page, "Yes, retry")
    assert [said.value for said in page.success] == ["Queued. The worker takes it next."]
    press(page, "Stop deliveries")
    execute(failed, "select public.switch_deliveries('all', true)")
    press(page, "Yes, stop deliveries")
    assert [said.value for said in page.success] == ["It was stopped before. Nothing was changed."]
    assert "Stopped: 1 due, and held until deliveries are resumed" in words(page)
    assert "All channels." in words(page)


def test_deliveries_are_taken_home(open_page: Open, failed: str) -> None:
    assert {"JSON", "Markdown", "PDF"} <= list_downloads(reread(open_page("deliveries")))


def test_nothing_private_is_on_the_page_or_in_its_files(open_page: Open, failed: str) -> None:
    told = words(reread(open_page("deliveries")))
    private = (
        PERSON,
        "visitor-1",
        "0d000000",
        "rain",
        str(read_first(failed, "select idempotency_key from public.delivery_jobs")),
    )
    (read,) = [run.result for run in [PAGE.runs.find("embedded")] if run and run.result]
    files = [str(DELIVERY_FORMS[form](FoundDeliveries("embedded", read))) for form in ("json", "markdown")]
    assert all("render.failed" in text for text in files)
    assert [word for word in private for text in (told, *files) if word in text] == []


def test_a_database_without_the_wall_says_what_to_do(open_page: Open, wall: str) -> None:
    execute(wall, "revoke select on operations.delivery_jobs from oracle_operator")
    told = words(reread(open_page("deliveries")))
    assert "Unknown: not everything could be read" in told
    assert "Queue could not be read." in told


def test_live_deliveries_are_read_by_the_button_alone(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_TARGET_STAGING", LIVE)
    serve_on(monkeypatch, "localhost")
    page = open_page("deliveries", target="staging")
    assert "Not read on this target yet" in words(page)
    assert PAGE.runs.find("staging") is None


def test_a_visitor_sees_nothing_live_and_no_act(open_page: Open, failed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_TARGET_STAGING", LIVE)
    page = reread(open_page("deliveries"))
    serve_on(monkeypatch, "0.0.0.0")
    page.run()
    assert "Acts are closed." in words(page)
    assert not {"Retry", "Park", "Stop deliveries"} & {button.label for button in page.button}
    told = words(open_page("deliveries", target="staging"))
    assert "Live data is not shown." in told
    assert "Job failed for good" not in told


def test_a_refusal_is_told_in_our_words(failed: str) -> None:
    assert ACTS.perform(failed, retry, "nonsense", "asked")[1] is False
    told, went_well = ACTS.perform("postgresql://nobody:hunter2@127.0.0.1:1/x", retry, "1", "asked")
    assert (went_well, told.startswith("Nothing was changed."), "hunter2" in told) == (False, True, False)
