"""Processes of our own end with their parent, and leave it to the parent to tell of an interruption."""

import os
import signal
import subprocess
import sys
import time

import pytest

from maternal_eval.core.files import alive

POOL = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from maternal_eval.core.processes import end_with_parent, uninterrupted_children

if __name__ == "__main__":
    with ProcessPoolExecutor(1, get_context("spawn"), initializer=end_with_parent) as pool:
        with uninterrupted_children():
            working = pool.submit(os.getpid)
        print(working.result(), flush=True)
        pool.submit(time.sleep, 3600)
        sys.stdin.read()
"""


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_pool_does_not_outlive_a_killed_parent(tmp_path):
    program = tmp_path / "pool.py"
    program.write_text(POOL)
    with subprocess.Popen(
        [sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        child = int(parent.stdout.readline())
        assert alive(child)
        os.kill(child, signal.SIGINT)  # held back: a terminal sends it to all processes
        parent.kill()
    until = time.monotonic() + 60
    while alive(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(child)


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals")
def test_an_interruption_is_held_back_in_children_and_given_back_to_the_parent():
    from maternal_eval.core.processes import uninterrupted_children

    held = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"

    def interrupted_inside():
        with uninterrupted_children():
            signal.raise_signal(signal.SIGINT)
            said.append(subprocess.run([sys.executable, "-c", held], capture_output=True, text=True, check=True).stdout)

    said: list[str] = []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            interrupted_inside()
    finally:
        signal.signal(signal.SIGINT, before)
    assert said == ["True\n"]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
