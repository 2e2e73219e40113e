"""``python3 -m installer screenshots``: draw the pictures of the window that the README shows.

Off screen, from the bundled demo plate: the same input gives the same pictures.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"


def main(arguments: list[str] | None = None) -> int:
    """Write ``window-light.png`` and ``window-dark.png``; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m installer screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder to write into")
    parser.add_argument("--scale", type=int, default=2, choices=(1, 2, 3), help="pixels to a point")
    options = parser.parse_args(arguments)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = str(options.scale)
    # The pictures show the program as it is when first started, whatever the user has set since.
    with tempfile.TemporaryDirectory() as fresh:
        os.environ["MOLPHENIX_SETTINGS_DIR"] = fresh
        return _draw(options.out)


def _draw(folder: Path) -> int:
    from app import theme
    from app.application import Program, application
    from app.demo import demo_plate
    from app.off_screen import OffScreenError, picture, render, wait_until

    qt = application()
    program = Program()
    try:
        render(program, [demo_plate()])
        folder.mkdir(parents=True, exist_ok=True)
        for name, colours in (("light", theme.LIGHT), ("dark", theme.DARK)):
            theme.apply(qt, colours)
            picture(program)
            wait_until(lambda: program.window.structures.idle)
            path = folder / f"window-{name}.png"
            if not picture(program).save(str(path)):
                print(f"screenshots: {path} could not be written", file=sys.stderr)
                return 1
            print(path)
    except OffScreenError as error:
        print(f"screenshots: {error}", file=sys.stderr)
        return 1
    finally:
        program.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
