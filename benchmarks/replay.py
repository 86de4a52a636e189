"""Keeps what the runs of a session sent to its browser, and sends it again without any logic: the floor of a page.

The same elements are drawn by the same browser, and only the pages' scripts do not run. The measured server imports it.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext

QUERY = "replay"
KEPT = 4
"""Sessions whose runs are kept."""


@dataclass
class Sent:
    """What one run sent.

    Args:
        whole: Whether it drew the page, not a part of it.
        began: When, in seconds since 1970.
    """

    whole: bool
    began: float
    messages: list[ForwardMsg] = field(default_factory=list)


RUNS: dict[str, list[Sent]] = {}
"""Of each session that was recorded; the newest session is the last."""


def record() -> None:
    """Record the runs of this server from now on."""
    reset, enqueue = ScriptRunContext.reset, ScriptRunContext.enqueue

    def begin(context: ScriptRunContext, *arguments: Any, **named: Any) -> None:
        reset(context, *arguments, **named)
        if not is_replay(context):
            RUNS.setdefault(context.session_id, []).append(Sent(not context.fragment_ids_this_run, time.time()))
            for old in list(RUNS)[:-KEPT]:
                del RUNS[old]

    def send(context: ScriptRunContext, message: ForwardMsg) -> None:
        enqueue(context, message)
        if runs := None if is_replay(context) else RUNS.get(context.session_id):
            runs[-1].messages.append(message)

    ScriptRunContext.reset, ScriptRunContext.enqueue = begin, send  # type: ignore[method-assign,assignment]


def is_replay(context: ScriptRunContext) -> bool:
    """Tell whether a session shows what another one was sent."""
    return f"{QUERY}=" in context.query_string or "replayed" in context.session_state


def replay() -> bool:
    """Send what the newest session was sent until a time, and in every later run what it was sent after it.

    Returns:
        Whether the address asks for it, by the time in seconds since 1970.
    """
    context = get_script_run_ctx()
    if context is None or not is_replay(context):
        return False
    if "replayed" not in st.session_state:
        runs, until = RUNS[next(reversed(RUNS))], float(st.query_params[QUERY])
        st.session_state["replayed"] = [run for run in runs if run.began > until]
        _send(context, find_drawn([run for run in runs if run.began <= until]))
    else:
        _send(context, find_drawn(st.session_state["replayed"]))
    return True


def find_drawn(runs: Sequence[Sent]) -> list[ForwardMsg]:
    """Return the messages of the last run that drew the page whole, and of the parts that were drawn after it."""
    start = max((place for place, run in enumerate(runs) if run.whole), default=0)
    return [message for run in runs[start:] for message in run.messages]


def _send(context: ScriptRunContext, messages: Sequence[ForwardMsg]) -> None:
    """Send messages once more; a part that a click draws anew sends what it sent after the click."""
    for id in {message.delta.fragment_id for message in messages if message.delta.fragment_id}:
        context.fragment_storage.register(id, replay)
        context.shared.new_fragment_ids.check_and_add(id)
    for message in messages:
        context.enqueue(ForwardMsg.FromString(message.SerializeToString()))
