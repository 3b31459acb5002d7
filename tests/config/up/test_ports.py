from __future__ import annotations

import os
import socket

from config.env import Env
from config.up.ports import Port, busy, explain, ports


def test_says_who_has_a_port_and_which_setting_changes_it() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        number = listener.getsockname()[1]
        taken = busy([Port(number, "the pages and the API", "FIRSTCALL_WEB_PORT")])
        text = explain(taken)
    assert f"Port {number}, for the pages and the API" in text
    assert f"process {os.getpid()}" in text
    assert "make up FIRSTCALL_WEB_PORT=" in text


def test_a_free_port_is_not_busy() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    assert busy([Port(number, "x", "X")]) == []


def test_the_practice_ehr_listens_in_demo_mode_only() -> None:
    names = {port.setting for port in ports(Env(firstcall_demo=True))}
    assert names == {"FIRSTCALL_WEB_PORT", "FIRSTCALL_LIVE_PORT", "MLLP_PORT", "FIRSTCALL_EHR_PORT"}
    live = Env.model_construct(firstcall_demo=False)
    assert "FIRSTCALL_EHR_PORT" not in {port.setting for port in ports(live)}
