"""The child that renders: its limits are real, it can be killed, and nothing private leaves it but the document."""

import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from lab.services.documents import Card, Limits, NotRendered, Rendered, Renderer
from lab.services.documents.process import Process
from lab.services.documents.renderer import TEMPLATES
from tests.documents.samples import make_reading, read_text

# A template that does what the question says.
PLANTED = """
#let data = json(bytes(sys.inputs.data))
#set document(title: "x", date: auto)
#let wish = data.question.flatten().first()
#if wish == "grow" { let all = (); for i in range(100) { all = all + range(20000000) } }
#if wish == "ask for all" { let all = "x" * 8000000000; all }
#if wish == "loop" { for i in range(1000000) { for j in range(100000) { } } }
#if wish == "panic" { panic("hunter2") }
#if wish == "read" { read("/etc/passwd") }
#if wish == "leave" { read("../values.py") }
done
"""
SECONDS = 60.0


@pytest.fixture
def planted(tmp_path: Path) -> Iterator[Callable[..., Renderer]]:
    """Make renderers with the planted templates."""
    (tmp_path / "reading.typ").write_text(PLANTED)
    (tmp_path / "reading.html").write_text("{{ nothing }}")
    made: list[Renderer] = []

    def make(**limits: float) -> Renderer:
        made.append(Renderer(Limits(**limits), tmp_path))  # type: ignore[arg-type]
        return made[-1].__enter__()

    yield make
    for renderer in made:
        renderer.__exit__(None, None, None)


def wish(renderer: Renderer, what: str) -> Rendered:
    """Render a reading whose question is a wish of the planted template."""
    return renderer.render_pdf(make_reading(what))


def refuse(renderer: Renderer, what: str) -> str:
    """Return the code that a wish ends with."""
    with pytest.raises(NotRendered) as caught:
        wish(renderer, what)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
    return caught.value.code


@pytest.mark.parametrize("how", ["grow", "ask for all"])
def test_a_rendering_that_eats_memory_is_ended(planted: Callable[..., Renderer], how: str) -> None:
    renderer = planted(memory_bytes=800 << 20)
    first = renderer.pid
    assert refuse(renderer, how) == "render.too_large"
    assert "done" in read_text(wish(renderer, "nothing").content)
    assert renderer.pid not in (None, first)


def test_the_memory_limit_is_that_of_the_child() -> None:
    with Renderer(Limits(memory_bytes=900 << 20)) as renderer:
        assert renderer.pid
        child = psutil.Process(renderer.pid)
        assert child.rlimit(psutil.RLIMIT_AS) == (900 << 20, 900 << 20)
        assert child.rlimit(psutil.RLIMIT_CORE) == (0, 0)
        assert child.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)


def test_a_slow_rendering_is_killed(planted: Callable[..., Renderer]) -> None:
    renderer = planted(seconds=2)
    first = renderer.pid
    assert first
    assert refuse(renderer, "loop") == "render.too_slow"
    assert not psutil.pid_exists(first)
    assert "done" in read_text(wish(renderer, "nothing").content)


def test_a_start_that_takes_too_long_is_killed() -> None:
    renderer = Renderer(Limits(start_seconds=0.001))
    with pytest.raises(NotRendered) as caught:
        wish(renderer, "nothing")
    assert caught.value.code == "render.too_slow"
    assert renderer.pid is None


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=lambda how: how.name)
def test_a_child_killed_in_the_middle_is_replaced(planted: Callable[..., Renderer], how: signal.Signals) -> None:
    renderer = planted(seconds=SECONDS)
    assert renderer.pid
    child = psutil.Process(renderer.pid)
    before = child.cpu_times().user
    with ThreadPoolExecutor(1) as pool:
        rendering = pool.submit(refuse, renderer, "loop")
        wait_until(lambda: child.cpu_times().user > before + 0.1)
        os.kill(child.pid, how)
        assert rendering.result(SECONDS) == "render.failed"
    assert "done" in read_text(wish(renderer, "nothing").content)


def test_a_child_killed_between_renderings_is_replaced(renderer: Renderer) -> None:
    first = renderer.render_pdf(make_reading())
    assert renderer.pid
    os.kill(renderer.pid, signal.SIGKILL)
    wait_until(lambda: renderer.pid is None)
    assert renderer.render_pdf(make_reading()) == first


@pytest.mark.parametrize("how", ["panic", "read", "leave"])
def test_what_a_template_does_wrong_is_a_code(planted: Callable[..., Renderer], how: str) -> None:
    assert refuse(planted(), how) == "render.failed"


def test_a_page_with_an_unknown_name_is_a_code(planted: Callable[..., Renderer]) -> None:
    with pytest.raises(NotRendered) as caught:
        planted().render_print_view(make_reading())
    assert caught.value.code == "render.failed"


@pytest.mark.parametrize("text", ["why " * 250_000, "e" + "\u0301" * 10_000], ids=["1 MB", "10,000 marks"])
def test_without_the_check_of_the_input_the_caller_lives_too(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.services.documents.requests.check_texts", lambda texts: None)
    with Renderer(Limits(seconds=0.05)) as renderer:
        with pytest.raises(NotRendered) as caught:
            renderer.render_pdf(make_reading(text, text))
        assert caught.value.code in ("render.too_slow", "render.too_large")
        assert renderer.pid is None


@pytest.mark.parametrize("hidden", ["\U00012000", "\ud800", "\u0301" * 20], ids=["no glyph", "half a pair", "large"])
def test_an_error_quotes_no_text(renderer: Renderer, hidden: str) -> None:
    word = "hunter2"[::-1]
    reading = make_reading(f"{word} {hidden}", word, title=word)
    with pytest.raises(NotRendered) as caught:
        renderer.render_pdf(reading)
    assert word not in "".join(traceback.format_exception(caught.value))
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_the_child_gets_no_variable_of_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_hunter2")
    with Renderer() as renderer:
        assert renderer.pid
        told = psutil.Process(renderer.pid).environ()
    assert set(told) <= {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "RAYON_NUM_THREADS", "MALLOC_ARENA_MAX", "LC_CTYPE"}


def test_the_child_ends_with_the_block_and_with_its_parents_pipe() -> None:
    with Renderer() as renderer:
        first = renderer.pid
    assert first
    assert not psutil.pid_exists(first)
    assert renderer.pid is None


def test_an_interrupted_rendering_leaves_no_answer_to_the_next(
    renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(self: Process) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Process, "_receive", interrupt)
        with pytest.raises(KeyboardInterrupt):
            renderer.render_pdf(make_reading("First?"))
    assert "Second?" in read_text(renderer.render_pdf(make_reading("Second?")).content)


def test_after_so_many_renderings_the_child_is_replaced() -> None:
    with Renderer(Limits(renderings=2)) as renderer:
        pids = []
        for _ in range(4):
            renderer.render_print_view(make_reading())
            pids.append(renderer.pid)
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_threads_take_turns(renderer: Renderer) -> None:
    """Each gets its own document, also while others wait."""
    readings = [make_reading(f"Question {number}?") for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        documents = list(pool.map(renderer.render_pdf, readings))
    assert [f"Question{number}?" in read_text(one.content) for number, one in enumerate(documents)] == [True] * 12


def test_a_late_kill_meets_no_later_rendering(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The timer of a rendering is over before its answer is given."""
    started: list[threading.Timer] = []
    real = threading.Timer

    def start(seconds: float, work: Callable[[], None]) -> threading.Timer:
        started.append(real(seconds, work))
        return started[-1]

    monkeypatch.setattr("lab.services.documents.process.threading.Timer", start)
    renderer.render_card(Card(title="x", symbol="star", palette="dawn", line="y"))
    assert [timer.is_alive() for timer in started] == [False] * len(started)
    assert started


def test_a_broken_request_ends_the_child() -> None:
    start = {"memory_bytes": 1 << 30, "fonts": [], "templates": str(TEMPLATES)}
    process = Process(start, SECONDS)
    with pytest.raises(NotRendered):
        process.ask({"format": "pdf"}, SECONDS)
    assert not process.alive


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until a condition holds, at most SECONDS."""
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
