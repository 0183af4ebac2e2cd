"""The same numbers, to the last bit, for every number of threads; limits are put back."""

import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np
import pytest
from threadpoolctl import threadpool_info

from maternal_eval.core.threads import ROWS, allowed, bound_compiled, product, side_by_side, single_thread

ROOT = Path(__file__).parents[1]

NUMBERS = """
import hashlib
import numpy as np
from maternal_eval.methods.sensitivity.design import SobolDesign
from maternal_eval.methods.sensitivity.sobol import analyse

def model(points):
    return np.stack([points[:, 0] + points[:, 1] * points[:, 2], np.exp(points.sum(axis=1))], axis=1)

found = analyse(model, SobolDesign({"a": 1, "b": 1, "c": 1}, 4096, True, 0), resamples=300)
digest = hashlib.sha256()
for kind in (found.first, found.total, found.second):
    for values in kind.values():
        digest.update(values.tobytes())
print(digest.hexdigest())
"""


def threads():
    """Threads of each BLAS; OpenMP, which other tests may have loaded, has a number for each thread and not one."""
    return {one["filepath"]: one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_indices_are_the_same_with_one_and_with_two_threads():
    found = {}
    for count in ("1", "2"):
        named = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), count)
        path = os.pathsep.join([str(ROOT / "src"), *sys.path])
        done = subprocess.run(
            [sys.executable, "-c", NUMBERS],
            env=os.environ | named | {"PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        found[count] = done.stdout.strip()
    assert len(found["1"]) == 64
    assert found["1"] == found["2"]


def test_threads_are_bounded_in_one_place():
    """Notebooks are the exception: their threads wait for kernels, which are processes."""
    package = ROOT / "src" / "maternal_eval"
    makes = re.compile(r"threadpoolctl|set_num_threads|import .*ThreadPoolExecutor")
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if makes.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"core/threads.py", "report/notebooks.py"}


@pytest.mark.parametrize(("stated", "most", "expected"), [("1", 2, 1), ("9999", 1, 1), ("9999", None, None)])
def test_a_pool_has_no_more_threads_than_the_process_may_use(monkeypatch, stated, most, expected):
    monkeypatch.setenv("OMP_NUM_THREADS", stated)
    with side_by_side(most) as pool:
        assert pool._max_workers == (expected or allowed())


def test_compiled_loops_are_bounded_too(monkeypatch):
    before = numba.get_num_threads()
    try:
        monkeypatch.setenv("OMP_NUM_THREADS", "1")
        bound_compiled()
        assert numba.get_num_threads() == 1
        monkeypatch.delenv("OMP_NUM_THREADS")
        bound_compiled()
        assert numba.get_num_threads() == min(allowed(), numba.config.NUMBA_NUM_THREADS)
    finally:
        numba.set_num_threads(before)


@pytest.mark.parametrize("rows", [1, ROWS, ROWS + 1, 3 * ROWS])
def test_a_product_is_a_product(rows):
    random = np.random.default_rng(0)
    left, right = random.normal(size=(rows, 40)), random.normal(size=(40, 7))
    np.testing.assert_allclose(product(left, right), left @ right, atol=1e-12)
    out = np.empty((rows, 7))
    assert product(left, right, out) is out
    np.testing.assert_array_equal(out, product(left, right))


def test_the_number_of_threads_does_not_show_in_a_product(monkeypatch):
    random = np.random.default_rng(1)
    left, right = random.normal(size=(500, 300)), random.normal(size=(300, 90))
    found = []
    for count in ("1", "2", "64"):
        monkeypatch.setenv("OMP_NUM_THREADS", count)
        found.append(product(left, right))
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])


def test_limits_hold_while_anybody_needs_them_and_are_put_back():
    before = threads()
    inside, done = threading.Event(), threading.Event()

    def other():
        with single_thread():
            inside.set()
            done.wait(30)
        return None

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(other)
        inside.wait(30)
        with single_thread():
            assert set(threads().values()) == {1}
        assert set(threads().values()) == {1}  # the other one is still inside
        done.set()
        running.result(30)
    assert threads() == before
    with pytest.raises(ZeroDivisionError), single_thread():
        raise ZeroDivisionError
    assert threads() == before


@pytest.mark.parametrize(("stated", "expected"), [("1", 1), ("0", None), ("many", None), ("", None), ("9999", None)])
def test_the_number_of_threads_is_bounded(monkeypatch, stated, expected):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    free = allowed()
    assert 1 <= free <= (os.cpu_count() or 1)
    monkeypatch.setenv("OMP_NUM_THREADS", stated)
    assert allowed() == (expected or free)
