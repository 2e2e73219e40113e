"""Work spread over processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from molphenix_core.molecules.parallel import map_chunks

_SCRIPT = """
import signal
from molphenix_core.molecules.parallel import map_chunks

def work(items):
    print("working", flush=True)
    signal.pause()

if __name__ == "__main__":
    list(map_chunks(work, list(range(100_000)), processes=2, message=""))
"""


def test_results_come_in_order() -> None:
    chunks = list(map_chunks(list, list(range(1234)), processes=1, message=""))
    assert [item for chunk in chunks for item in chunk] == list(range(1234))


@pytest.mark.skipif(sys.platform == "win32", reason="waits with a POSIX call")
def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_SCRIPT, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as parent:
        try:
            assert parent.stdout is not None
            assert parent.stdout.readline() == "working\n"
            parent.kill()
            # The pipe ends when the last process that could write into it has.
            parent.communicate(timeout=30)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(parent.pid, signal.SIGKILL)
