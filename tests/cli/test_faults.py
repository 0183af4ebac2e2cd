"""Whatever happens, a person reads one sentence and a script reads an exit code: never a traceback."""

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from maternal_eval.core import faults
from maternal_eval.core.errors import DiagnosticsError, InputError

START = """\
import errno, os, signal, sys, warnings, logging
from maternal_eval.core import faults
from maternal_eval.core.errors import *
# What is started in the background of a shell takes no notice of an interruption.
signal.signal(signal.SIGINT, signal.default_int_handler)
"""


def run(body, cwd, *, arguments=(), **more):
    """Let ``application``, defined by ``body``, run as the command line does."""
    code = START + body + "\nfaults.run_and_end(application)\n"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=cwd, timeout=60, **more
    )


def raising(what):
    return f"def application():\n    {what}"


def with_errno(name):
    return raising(f"raise OSError(errno.{name}, os.strerror(errno.{name}), 'somewhere/panel.csv')")


@pytest.mark.parametrize(
    ("body", "code", "sentence"),
    [
        (raising("raise InputError('wrong', file='a.csv')"), 2, "error: a.csv: wrong"),
        (raising("raise DiagnosticsError('the fit must not be used')"), 1, "failed: the fit must not be used"),
        (with_errno("EACCES"), 2, "error: somewhere/panel.csv: permission denied"),
        (with_errno("ENOSPC"), 2, "error: somewhere/panel.csv: no space is left on the disk"),
        (with_errno("EROFS"), 2, "error: somewhere/panel.csv: the disk can only be read"),
        (with_errno("EIO"), 2,
         "error: somewhere/panel.csv: the disk could not be read or written (input/output error)"),
        (with_errno("EDQUOT"), 2, "error: somewhere/panel.csv: the quota of the disk is used up"),
        (raising("os.open('.', os.O_WRONLY)"), 2, "error: .: this is a folder, not a file"),
        (raising("open('missing.csv')"), 2, "error: missing.csv: there is no such file or folder"),
        (raising("open('n' * 300)"), 2, f"error: {'n' * 300}: the name is too long"),
        (raising("raise OSError('Unable to write (file write failed: errno = 28, error message = ...)')"), 2,
         "error: no space is left on the disk"),
        (raising("raise MemoryError"), 2,
         "error: not enough memory: fewer draws (--quick) or a smaller panel need less"),
        (raising("application()"), 2, "error: something in the input is nested too deeply"),
        (raising("b'\\xb4'.decode()"), 2, "error: a file is not text in the encoding utf-8: found the byte 0xb4 at "
         "position 0; to mend it: save it as UTF-8"),
        (raising("raise InputError('wrong', found='\\x1b[2J\\x07' + 'a' * 90)"), 2,
         f"error: wrong: found \\x1b[2J\\x07{'a' * 68}…"),
    ],
)  # fmt: skip
def test_an_expected_fault_is_one_sentence(body, code, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {"errno": errno, "os": os, "InputError": InputError, "DiagnosticsError": DiagnosticsError}
    exec(body, names)
    with pytest.raises(BaseException) as caught:  # noqa: PT011 (whatever it is)
        names["application"]()
    assert faults.told(caught.value) == code
    said = capsys.readouterr()
    assert (said.err, said.out) == (sentence + "\n", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "body",
    [
        raising("raise KeyboardInterrupt"),
        # Libraries turn an interruption into an error of their own, or swallow it and hand on half of the work.
        raising("try:\n        os.kill(os.getpid(), signal.SIGINT)\n    except KeyboardInterrupt:\n"
                "        raise ImportError('half a module')"),
        raising("try:\n        os.kill(os.getpid(), signal.SIGINT)\n    except KeyboardInterrupt:\n        pass"),
    ],
)  # fmt: skip
def test_an_interruption_is_one_line_whatever_a_library_makes_of_it(body, tmp_path):
    done = run(body, tmp_path)
    said = "interrupted: what was finished is kept, and the same command goes on from there\n"
    assert (done.returncode, done.stderr, done.stdout) == (130, said, "")


@pytest.mark.parametrize(
    "error",
    ["ValueError(sys.argv[2])", "KeyError(sys.argv[2])", "BaseException(sys.argv[2])", "OSError(sys.argv[2])"],
)  # fmt: skip
def test_anything_else_is_an_internal_error_with_a_report_that_holds_no_data(error, tmp_path):
    (tmp_path / "build").mkdir()
    body = f"def inner():\n    raise {error}\ndef application():\n    try:\n        inner()\n    finally:\n        pass"
    done = run(body, tmp_path, arguments=["check", "secret-study", "--json=secret.json"])
    assert done.returncode == 70
    assert done.stderr.startswith("internal error: ")
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    [report] = (tmp_path / "build").iterdir()
    assert str(report.relative_to(tmp_path)) in done.stderr
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    text = report.read_text()
    assert error.partition("(")[0] in text
    assert "in inner" in text
    assert "check --json" in text
    assert "secret" not in text + done.stderr


def test_warnings_logs_and_ignored_exceptions_go_to_the_report(tmp_path):
    body = """
class Late:
    def __del__(self):
        raise ValueError(sys.argv[2])
def application():
    warnings.warn(sys.argv[2], RuntimeWarning)
    logging.getLogger("library").warning(sys.argv[2])
    Late()
"""
    (tmp_path / "build").mkdir()
    done = run(body, tmp_path, arguments=["check", "secret"])
    assert done.returncode == 0
    [report] = (tmp_path / "build").iterdir()
    assert done.stderr == f"note: libraries warned 3 times; what and where is in build/{report.name}\n"
    text = report.read_text()
    assert "warning: RuntimeWarning at" in text
    assert "log: WARNING of library" in text
    assert "exception ignored: ValueError" in text
    assert "secret" not in text


def test_a_reader_that_has_gone_is_no_fault_and_a_full_disk_is_one(tmp_path):
    body = raising("[print('x' * 1000) for _ in range(1000)]")
    assert run(raising("return 3"), tmp_path).returncode == 3
    program = [sys.executable, "-c", START + body + "\nfaults.run(application)\n"]
    reading, writing = os.pipe()
    os.close(reading)
    gone = subprocess.run(program, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    os.close(writing)
    assert gone.stderr == ""
    if Path("/dev/full").exists():
        with open("/dev/full", "w") as full:
            done = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (2, "error: no space is left on the disk\n")


def test_a_terminal_without_the_sign_shows_its_number(tmp_path):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = run(raising("print('母亲'); raise InputError('缺少')"), tmp_path, env=environment)
    assert done.stdout == "\\u6bcd\\u4eb2\n"
    assert done.stderr == "error: \\u7f3a\\u5c11\n"


def test_an_interruption_while_the_packages_are_imported_is_one_line(tmp_path):
    """Interrupted at the import of pandas, of rich, and of the package's own modules."""
    for module in ("pandas", "rich", "maternal_eval.app.analysis"):
        code = (
            "import os, signal, sys\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "class Finder:\n"
            "    def find_spec(self, name, path=None, target=None):\n"
            f"        if name == {module!r}:\n"
            "            os.kill(os.getpid(), signal.SIGINT)\n"
            "sys.meta_path.insert(0, Finder())\n"
            "sys.argv = ['maternal-eval', 'check', 'nowhere']\n"
            "from maternal_eval.__main__ import main\n"
            "main()\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=60)
        assert done.returncode == 128 + signal.SIGINT
        assert done.stderr == "interrupted: what was finished is kept, and the same command goes on from there\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["chekc"], "error: No such command 'chekc'."),
        (["check"], "error: Missing argument 'STUDY'."),
        (["check", "x", "--seed", "-1"], "error: Invalid value for '--seed'"),
        (["che\x1b[2Jck"], "error: No such command 'che\\x1b[2Jck'."),
    ],
)
def test_wrong_options_are_one_sentence(arguments, sentence, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "maternal_eval", *arguments], capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.startswith(sentence)
    assert len(done.stderr.splitlines()) == 1
    assert "--help' shows what there is" in done.stderr


def test_the_end_waits_for_threads_and_does_what_was_registered_for_it(tmp_path):
    body = """
import atexit, threading, time
class Last:
    def __del__(self):
        print("taken apart")
last = Last()
def application():
    atexit.register(lambda: print("registered", flush=True))
    threading.Thread(target=lambda: (time.sleep(0.2), print("thread", flush=True))).start()
    print("said")
    return 3
"""
    done = run(body, tmp_path)
    assert done.returncode == 3
    # Nothing is taken apart at the end: threads of libraries may still want the interpreter.
    assert done.stdout.split() == ["said", "thread", "registered"]
    assert done.stderr == ""
