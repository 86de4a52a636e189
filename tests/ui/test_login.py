"""Who sees live data when the app listens beyond this machine: with a real login provider, browser and websocket."""

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Browser, Page, expect
from streamlit import config
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.secrets import Secrets
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from fixtures.served_app import find_port, serve_app, settle
from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.ui.kit import login
from tests.ui.test_accessibility import find_faults_in_both

ADA, EVE = "ada@shop.example", "eve@shop.example"
PROXY_SECRET = "a-proxy-secret-of-some-length"
TOKEN_SECONDS = 12
NOTHING: Mapping[str, Sequence[str]] = {}
CLOSED = "Live data is not shown."
SECRETS = """
[auth]
redirect_uri = "http://localhost:{port}/oauth2callback"
cookie_secret = "made up for this test, and long enough"
client_id = "lab"
client_secret = "made up as well"
server_metadata_url = "http://localhost:{provider}/.well-known/openid-configuration"

[operate]
people = ["{ada}"]
trusted_header = "X-Forwarded-Email"
proxy_secret = "{proxy_secret}"
"""


@contextlib.contextmanager
def serve_behind_login(home: Path, url: str, *, token_seconds: int = 3600) -> Iterator[str]:
    """Serve the app on every network, beside a provider that both people have accounts with."""
    people = [User(sub=name, claims={"email": name, "email_verified": True}) for name in (ADA, EVE)]
    age = timedelta(seconds=token_seconds)
    with run_server_in_thread(user_claims=people, access_token_max_age=age) as provider:
        port, secrets = find_port(), home / "secrets.toml"
        facts = {"port": port, "provider": provider.server_port, "ada": ADA, "proxy_secret": PROXY_SECRET}
        secrets.write_text(SECRETS.format(**facts))
        options = ["--server.address", "0.0.0.0", "--secrets.files", str(secrets)]
        named = {"DATABASE_URL": url, "LAB_TARGET_HARBOUR": url, "AUTHLIB_INSECURE_TRANSPORT": "1"}
        with serve_app(home, port=port, options=options, environment=named) as address:
            yield address


@pytest.fixture(scope="module")
def guarded_url(
    tmp_path_factory: pytest.TempPathFactory,
    server: EmbeddedPostgres,
    shared_database: Callable[..., Database],
) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # the provider is on this machine, without a certificate
        with serve_behind_login(tmp_path_factory.mktemp("guarded"), shared_database(server).url) as url:
            yield url


@pytest.fixture
def window(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def open_at(page: Page, address: str) -> str:
    """Open an address and return all that stands there."""
    page.goto(address)
    settle(page)
    return page.locator("body").inner_text()


def sign_in(page: Page, url: str, name: str) -> None:
    """Sign in through the provider's own page, which leads back to the app."""
    open_at(page, f"{url}/readiness")
    page.get_by_role("button", name="Sign in").first.click()
    page.get_by_role("button", name=name).click()
    page.wait_for_url(re.compile(re.escape(url)))
    settle(page)


def list_targets(page: Page) -> list[str]:
    page.get_by_role("combobox", name="Target").click()
    names = page.get_by_role("option").all_inner_texts()
    page.keyboard.press("Escape")
    return names


@pytest.mark.parametrize("name", ["readiness", "access", "chapters"])
def test_without_a_login_no_live_data_and_no_target_is_shown(guarded_url: str, window: Page, name: str) -> None:
    text = open_at(window, f"{guarded_url}/{name}")
    assert CLOSED in text
    assert "harbour" not in text.lower()
    assert "holds\n" not in text.replace("Legal holds\n", "")  # a table's title
    assert "127.0.0.1" not in text
    assert find_faults_in_both(window) == []


def test_a_login_opens_live_data_and_a_logout_closes_it(guarded_url: str, window: Page) -> None:
    sign_in(window, guarded_url, ADA)
    assert CLOSED not in open_at(window, f"{guarded_url}/readiness")
    assert list_targets(window) == ["The app's own database", "Harbour"]
    open_at(window, f"{guarded_url}/readiness?target=harbour")
    window.get_by_role("button", name="Run the check").click()
    expect(window.locator("[class*=st-key-verdict_] h2")).to_contain_text("Ready", timeout=60_000)
    assert ADA not in window.locator("body").inner_text()
    window.get_by_role("button", name="Sign out").click()
    window.get_by_role("button", name="End session").click()
    window.wait_for_url(re.compile(re.escape(guarded_url)))
    text = open_at(window, f"{guarded_url}/readiness?target=harbour")
    assert CLOSED in text
    assert "Ready" not in text


def test_whoever_is_not_listed_is_refused_by_the_rule_and_not_by_name(guarded_url: str, window: Page) -> None:
    sign_in(window, guarded_url, EVE)
    text = open_at(window, f"{guarded_url}/readiness")
    assert CLOSED in text
    assert "not in the list people under [operate]" in text
    assert EVE not in text
    assert ADA not in text
    assert "harbour" not in text.lower()


def test_a_login_that_expires_closes_an_open_page(
    browser: Browser,
    window: Page,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    server: EmbeddedPostgres,
    shared_database: Callable[..., Database],
) -> None:
    """The page keeps its connection to the server all the while; each run of it asks anew."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with serve_behind_login(tmp_path, shared_database(server).url, token_seconds=TOKEN_SECONDS) as url:
        sign_in(window, url, ADA)
        window.get_by_role("link", name="Readiness").click()
        expect(window.get_by_role("heading", name="Readiness")).to_be_visible()
        settle(window)
        assert CLOSED not in window.locator("body").inner_text()
        window.wait_for_timeout(TOKEN_SECONDS * 1000)
        window.get_by_text("Probe as each role").click()
        expect(window.get_by_text("Your login has expired.")).to_be_visible()


def test_a_logout_in_one_tab_closes_the_others_at_their_next_step(guarded_url: str, window: Page) -> None:
    """The other tab keeps its connection, and what it knew of the login when it connected."""
    sign_in(window, guarded_url, ADA)
    other = window.context.new_page()
    assert CLOSED not in open_at(other, f"{guarded_url}/readiness?target=harbour")
    open_at(window, f"{guarded_url}/readiness")
    window.get_by_role("button", name="Sign out").click()
    window.get_by_role("button", name="End session").click()
    window.wait_for_url(re.compile(re.escape(guarded_url)))
    other.get_by_text("History", exact=True).first.click()  # a part that is drawn anew alone
    expect(other.get_by_text(CLOSED).first).to_be_visible()
    assert "Harbour" not in other.locator("body").inner_text()
    sign_in(window, guarded_url, ADA)
    assert CLOSED not in open_at(window, f"{guarded_url}/readiness?target=harbour")


def test_a_typo_in_the_secrets_lets_nobody_in(
    window: Page,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    server: EmbeddedPostgres,
    shared_database: Callable[..., Database],
) -> None:
    """Whoever is signed in, but not listed, still holds a connection when the list can no longer be read."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with serve_behind_login(tmp_path, shared_database(server).url) as url:
        sign_in(window, url, EVE)
        window.get_by_role("link", name="Readiness").click()
        expect(window.get_by_text("not in the list").first).to_be_visible()
        with (tmp_path / "secrets.toml").open("a") as secrets:
            secrets.write("people = [")
        expect(window.get_by_text("Probe as each role")).to_be_visible()
        for _ in range(20):
            window.get_by_text("Probe as each role").click()
            settle(window)
            text = window.locator("body").inner_text()
            assert CLOSED in text
            if "The app's secrets cannot be read" in text:
                return
        raise AssertionError("the changed file was never read")


def break_folder(place: Path) -> None:
    place.mkdir()


BROKEN: dict[str, Callable[[Path], object]] = {
    "a typo": lambda place: place.write_text("[operate\n"),
    "no text": lambda place: place.write_bytes(b"\xff\xfe[operate]"),
    "a folder": break_folder,
    "a link to nothing": lambda place: place.symlink_to("gone.toml"),
    "named, but not there": lambda place: None,
}


@pytest.mark.parametrize("spoil", BROKEN.values(), ids=BROKEN)
def test_secrets_that_cannot_be_read_are_no_empty_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path], object]
) -> None:
    file, absent = tmp_path / "secrets.toml", tmp_path / "absent.toml"
    assert read_anew(monkeypatch, [absent]) == {}
    file.write_text("[operate]\nx = 1\n")
    assert read_anew(monkeypatch, [absent, file]) == {"operate": {"x": 1}}
    (tmp_path / "other.toml").write_text("[targets]\n")
    file.unlink()
    spoil(file)
    named = not os.path.lexists(file)
    assert read_anew(monkeypatch, [file], named=named) is None
    if not named:
        assert read_anew(monkeypatch, [tmp_path / "other.toml", file]) is None


def read_anew(monkeypatch: pytest.MonkeyPatch, files: Sequence[Path], *, named: bool = False) -> object:
    """Read the secrets in these files, which the operator has named or which are Streamlit's own."""
    monkeypatch.setattr(login, "st", SimpleNamespace(secrets=Secrets()))
    others = config.get_option
    monkeypatch.setattr(
        config, "get_option", lambda name: list(map(str, files)) if name == "secrets.files" else others(name)
    )
    monkeypatch.setattr(config, "is_manually_set", lambda name: named)
    return login.read_secrets()


def test_a_typo_closes_this_machine_too(tmp_path: Path) -> None:
    """The secrets might have said that this machine is not to be trusted."""
    secrets = tmp_path / "secrets.toml"
    options = ["--server.address", "localhost", "--secrets.files", str(secrets)]
    named = {"LAB_TARGET_HARBOUR": "postgresql://me:hunter2@127.0.0.1:1/shop"}
    for text, shown in (("[operate]\n", True), ("[operate\n", False)):
        secrets.write_text(text)
        with serve_app(tmp_path, options=options, environment=named) as url, open_websocket(url, {}) as session:
            told = "".join(map(str, run_page(session)))
            assert ("Harbour" in told) is shown
            assert ("secrets cannot be read" in told) is not shown


def test_a_header_that_is_sent_twice_names_nobody(guarded_url: str) -> None:
    twice = [*HEADERS[1][1].items(), ("X-Forwarded-Email", EVE)]
    for headers in (twice, twice[::-1]):
        with open_websocket(guarded_url, headers) as session:
            assert CLOSED in "".join(map(str, run_page(session)))


HEADERS: list[tuple[str, dict[str, str], bool]] = [
    ("nobody", {}, False),
    ("through the proxy", {"X-Forwarded-Email": ADA, "X-Lab-Proxy-Secret": PROXY_SECRET}, True),
    ("forged, without the secret", {"X-Forwarded-Email": ADA}, False),
    ("forged, with a guess", {"X-Forwarded-Email": ADA, "X-Lab-Proxy-Secret": "a-guess-of-a-secret"}, False),
    ("through the proxy, not listed", {"X-Forwarded-Email": EVE, "X-Lab-Proxy-Secret": PROXY_SECRET}, False),
    ("a forged login", {"Cookie": '_streamlit_user={"is_logged_in":true,"email":"ada@shop.example"}'}, False),
]


@pytest.mark.parametrize(("headers", "allowed"), [case[1:] for case in HEADERS], ids=[case[0] for case in HEADERS])
def test_the_header_counts_only_with_the_proxys_secret(
    guarded_url: str, headers: dict[str, str], allowed: bool
) -> None:
    with open_websocket(guarded_url, headers) as session:
        told = "".join(map(str, run_page(session)))
    assert ("Harbour" in told) is allowed
    assert (CLOSED in told) is not allowed


def test_a_button_that_is_pressed_by_hand_on_a_websocket_starts_nothing(guarded_url: str) -> None:
    """A stranger may know the button's id and say that it was clicked; the callback decides on the server."""
    with open_websocket(guarded_url, HEADERS[1][1]) as insider:
        shown = run_page(insider, "target=harbour")
        button = find_button(shown, "Run the check")
        with open_websocket(guarded_url, {}) as stranger:
            run_page(stranger)
            told = "".join(map(str, run_page(stranger, pressed=button)))
            assert CLOSED in told
        assert read_state(run_page(insider)) == read_state(shown) != []


def read_state(drawn: Sequence[object]) -> list[str]:
    """Return the words of a page that say whether a target was checked, and when; a run would change them."""
    text = "".join(map(str, drawn))
    return re.findall(r"Not run on this target yet|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(", text)


SITE = {"SUPABASE_SERVICE_ROLE_KEY": "sb_publishable_made_up_for_this_test", "STRIPE_WEBHOOK_SECRET": "made up"}
OF_SITE = ["Environment", "Stripe"]
ASKED = "ask=environment&ask=stripe"


def test_a_stranger_reaches_neither_the_site_nor_what_an_operator_found_of_it(window: Page, tmp_path: Path) -> None:
    """The database holds made-up data and is open to all; the environment and the Stripe account are real."""
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(f'[operate]\ntrusted_header = "X-Forwarded-Email"\nproxy_secret = "{PROXY_SECRET}"\n')
    options = ["--server.address", "0.0.0.0", "--secrets.files", str(secrets)]
    with serve_app(tmp_path, options=options, environment=SITE) as url:
        open_at(window, f"{url}/readiness")
        wait_for_verdict(window)
        with open_websocket(url, HEADERS[1][1]) as insider:
            shown = run_page(insider, ASKED)
            run_page(insider, ASKED, pressed=find_button(shown, "Run the check"))
            told = run_until(insider, "SUPABASE_SERVICE_ROLE_KEY", ASKED)
            assert "sb_publishable" not in told

            for query in (ASKED, f"{ASKED}&show=History", f"{ASKED}&family=environment"):
                assert "SUPABASE" not in open_at(window, f"{url}/readiness?{query}")
                assert not window.get_by_role("button", name="Environment").count()
            window.get_by_role("button", name="Run the check").click()
            wait_for_verdict(window)
            settle(window)
            assert "SUPABASE" not in window.locator("body").inner_text()

            with open_websocket(url, {}) as stranger:
                drawn = run_page(stranger)
                for pills in {find_pills(shown), find_pills(drawn)}:
                    run_page(stranger, pressed=find_button(drawn, "Run the check"), picked={pills: OF_SITE})
                    run_page(stranger, pressed=find_button(shown, "Run the check"), picked={pills: OF_SITE})
                told = run_until(stranger, "checked ")
                assert "SUPABASE" not in told
                assert "STRIPE" not in told
        log = (tmp_path / "server.log").read_text()
        assert "Traceback" not in log


def wait_for_verdict(page: Page) -> None:
    expect(page.locator("[class*=st-key-verdict_] h2")).to_be_visible(timeout=90_000)


def run_until(session: ClientConnection, words: str, query: str = "") -> str:
    """Run the page again and again until some words stand there; return all that it drew then."""
    for _ in range(60):
        told = "".join(map(str, run_page(session, query))).replace("\\", "")
        if words in told:
            return told
        time.sleep(0.5)
    raise AssertionError(f"{words} did not come: {told[-2000:]}")


def find_pills(drawn: list[ForwardMsg]) -> str:
    """Return the id of the choice of families."""
    groups = [message.delta.new_element.button_group for message in drawn if message.WhichOneof("type") == "delta"]
    return next(group.id for group in groups if group.label.startswith("Also check"))


@contextlib.contextmanager
def open_websocket(url: str, headers: Mapping[str, str] | Sequence[tuple[str, str]]) -> Iterator[ClientConnection]:
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    with connect(
        address, subprotocols=[Subprotocol("streamlit")], additional_headers=headers, max_size=None
    ) as session:
        yield session


def run_page(
    session: ClientConnection, query: str = "", *, pressed: str = "", picked: Mapping[str, Sequence[str]] = NOTHING
) -> list[ForwardMsg]:
    """Run the Readiness page, as a click does, and return what it drew; giving way to another run is no end."""
    request = BackMsg()
    request.rerun_script.page_name, request.rerun_script.query_string = "readiness", query
    if pressed:
        request.rerun_script.widget_states.widgets.add(id=pressed, trigger_value=True)
    for id_, options in picked.items():
        request.rerun_script.widget_states.widgets.add(id=id_).string_array_value.data.extend(options)
    session.send(request.SerializeToString())
    drawn: list[ForwardMsg] = []
    while not drawn or not _has_ended(drawn[-1]):
        data = session.recv(timeout=60)
        drawn.append(ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode()))
    return drawn


def _has_ended(message: ForwardMsg) -> bool:
    gave_way = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
    return message.WhichOneof("type") == "script_finished" and not gave_way


def find_button(drawn: list[ForwardMsg], label: str) -> str:
    buttons = [message.delta.new_element.button for message in drawn if message.WhichOneof("type") == "delta"]
    return next(button.id for button in buttons if button.label == label)
