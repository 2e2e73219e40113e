"""All benchmarks, one after the other: ``python -m tests.benchmarks``."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = ("search", "losses", "main_job", "window", "large_window", "table", "plates", "map")

if __name__ == "__main__":
    # A process each, so that peak memory and imports are its own.
    status = 0
    for name in BENCHMARKS:
        print(f"\n== {name}", flush=True)
        status |= subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=False).returncode
    sys.exit(status)
