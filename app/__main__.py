"""``python -m app [PLATE ...]`` opens the window; ``--off-screen DIR`` does its job without a display."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and run; returns the exit status."""
    parser = argparse.ArgumentParser(prog="molphenix", description=__doc__)
    parser.add_argument("plates", nargs="*", metavar="PLATE", help="plate files (.h5ad); else the demo plate")
    parser.add_argument(
        "--off-screen",
        metavar="DIR",
        type=Path,
        help="without a display: rank the plate, write DIR/hits.csv and DIR/window.png",
    )
    options = parser.parse_args(arguments)
    # Imported here, because every engine process imports this file too and must not load Qt.
    if options.off_screen is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        from app.off_screen import run_off_screen

        return run_off_screen(options.off_screen, options.plates)
    from app.application import main as show_window

    return show_window(options.plates)


if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
