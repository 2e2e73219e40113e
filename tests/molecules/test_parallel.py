"""Work spread over processes."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys

import pytest

from molphenix_core.molecules.parallel import map_chunks

_SCRIPT = """
import os, signal, sys
from molphenix_core.molecules.parallel import map_chunks

def work(items):
    print(os.getpid(), flush=True)
    signal.pause()

if __name__ == "__main__":
    list(map_chunks(work, list(range(100_000)), processes=2, message=""))
"""


def test_results_come_in_order() -> None:
    chunks = list(map_chunks(len, list(range(1234)), processes=1, message=""))
    assert sum(chunks) == 1234


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="waits for a foreign process through a Linux call")
def test_workers_end_when_their_parent_is_killed(tmp_path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_SCRIPT, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        workers = [os.pidfd_open(int(parent.stdout.readline())) for _ in range(2)]
        parent.send_signal(signal.SIGKILL)
        try:
            for worker in workers:
                ended, _, _ = select.select([worker], [], [], 20)
                assert ended, "a worker outlived its parent"
        finally:
            for worker in workers:
                os.close(worker)
