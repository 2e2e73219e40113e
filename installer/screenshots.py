"""``python3 -m installer screenshots``: draw the pictures of every view that the README and the guide show.

Off screen, from the bundled demo plates: the same input gives the same pictures, but for the times in the log.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
SCALES = (1, 2)


def main(arguments: list[str] | None = None) -> int:
    """Write ``<view>-<light or dark>.png``, and the same with ``@2x``; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python3 -m installer screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder to write into")
    parser.add_argument("--scale", type=int, choices=SCALES, help="pixels to a point; both where not given")
    parser.add_argument("--only", nargs="*", default=(), help="names of views; all where not given")
    options = parser.parse_args(arguments)
    if options.scale is None:
        # Qt takes its scale once, when it starts.
        command = [sys.executable, "-m", "installer.screenshots", "--out", str(options.out)]
        only = ["--only", *options.only] if options.only else []
        return max(
            subprocess.run([*command, "--scale", str(scale), *only], check=False).returncode for scale in SCALES
        )
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = str(options.scale)
    # The pictures show the program as it is when first started, whatever the user has set since.
    with tempfile.TemporaryDirectory() as fresh:
        os.environ["MOLPHENIX_SETTINGS_DIR"] = fresh
        return _draw(options.out, options.scale, tuple(options.only))


def _draw(folder: Path, scale: int, only: tuple[str, ...]) -> int:
    from app import theme
    from app.application import Program, application
    from app.demo import demo_plate
    from app.off_screen import OffScreenError, render, wait_until
    from installer.scenes import SCENES, Stage

    unknown = sorted(set(only) - {scene.name for scene in SCENES})
    if unknown:
        print(f"screenshots: no view {unknown[0]}; there are {', '.join(s.name for s in SCENES)}", file=sys.stderr)
        return 2
    qt = application()
    program = Program()
    try:
        render(program, [demo_plate()])
        folder.mkdir(parents=True, exist_ok=True)
        stage = Stage(program)
        for scene in SCENES:
            if only and scene.name not in only:
                continue
            shown = scene.prepare(stage)
            for name, colours in (("light", theme.LIGHT), ("dark", theme.DARK)):
                theme.apply(qt, colours)
                stage.settle()
                path = folder / f"{scene.name}-{name}{'@2x' if scale == 2 else ''}.png"
                if not stage.picture(shown, path):
                    print(f"screenshots: {path} could not be written", file=sys.stderr)
                    return 1
                print(path)
            theme.apply(qt, theme.LIGHT)
            stage.tidy(shown)
        wait_until(lambda: program.drawing_engine.running is None)
    except OffScreenError as error:
        print(f"screenshots: {error}", file=sys.stderr)
        return 1
    finally:
        program.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
