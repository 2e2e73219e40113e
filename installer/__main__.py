"""Entry point of ``python3 -m installer``."""

# No `from __future__ import annotations` and nothing imported before the version is known: an old Python
# must reach the sentence below, not a SyntaxError.
import sys

SUPPORTED = ((3, 11), (3, 13))

if not SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
    sys.exit(
        "MolPhenix needs Python 3.11, 3.12 or 3.13; this is Python {}.{} ({}).\n"
        "Run the same command with one of those, for example: {} -m installer run".format(
            sys.version_info[0],
            sys.version_info[1],
            sys.executable,
            "py -3.12" if sys.platform == "win32" else "python3.12",
        )
    )

from installer.commands import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
