"""What set-up needs of the machine itself: the interpreter, ``ensurepip``, and the libraries Qt is linked to."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from installer.process import Runner, SetupError
from installer.stamp import RUNNING_PYTHON

# Debian's and Ubuntu's package for each library that Qt's wheels expect of the system.
DEBIAN_PACKAGES: Mapping[str, str] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libGLdispatch.so.0": "libglvnd0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}


def check_machine(*, system: str, machine: str, bits: int) -> None:
    """Refuse machines for which no wheels of torch or Qt exist.

    Parameters
    ----------
    system, machine : str
        `platform.system()` and `platform.machine()`.
    bits : int
        Width of the interpreter's pointers.

    Raises
    ------
    SetupError
        Naming what was found and what is needed.
    """
    if system == "Darwin" and machine != "arm64":
        raise SetupError(f"macOS needs Apple silicon (arm64) and a native Python; this Python runs on {machine}")
    if bits != 64:
        raise SetupError(f"a 64-bit Python is needed; {sys.executable} is a {bits}-bit one")


def check_venv_module(*, found: bool | None = None, apt: bool | None = None, root: bool | None = None) -> None:
    """Check that this Python can make environments: Debian ships it without ``ensurepip``.

    Parameters
    ----------
    found, apt, root : bool, optional
        Whether ``ensurepip`` is there, whether ``apt-get`` is, and whether we are root; looked up when None.

    Raises
    ------
    SetupError
        With the one command that installs the missing package.
    """
    if found is None:
        found = all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))
    if found:
        return
    package = f"python{RUNNING_PYTHON}-venv"
    raise SetupError(
        f"{sys.executable} cannot make environments (its module `ensurepip` is missing). "
        + _remedy([package], missing=[package], apt=apt, root=root)
    )


def qt_platform(environment: Mapping[str, str], *, system: str) -> str:
    """Return the Qt platform that a window started with `environment` would use.

    Parameters
    ----------
    environment : mapping
        The environment variables.
    system : str
        `platform.system()`.

    Returns
    -------
    str
        What ``QT_QPA_PLATFORM`` names, else "windows" or "cocoa", else on Linux "xcb" or "wayland" where a
        display is, and "offscreen" where none is.
    """
    chosen = environment.get("QT_QPA_PLATFORM", "")
    if chosen:
        return chosen.split(";")[0].split(":")[0]
    if system in ("Windows", "Darwin"):
        return {"Windows": "windows", "Darwin": "cocoa"}[system]
    if environment.get("DISPLAY"):
        return "xcb"
    return "wayland" if environment.get("WAYLAND_DISPLAY") else "offscreen"


def has_display(environment: Mapping[str, str], *, system: str) -> bool:
    """Whether a window can be shown; a ``QT_QPA_PLATFORM`` set by the user is taken at its word."""
    return bool(environment.get("QT_QPA_PLATFORM")) or qt_platform(environment, system=system) != "offscreen"


def missing_libraries(qt: Path, platform: str, *, run: Runner) -> list[str]:
    """Return the system libraries that Qt on Linux is linked to and the loader does not find.

    Parameters
    ----------
    qt : Path
        The folder ``PySide6/Qt`` of the environment.
    platform : str
        Qt platform, as "offscreen" or "xcb".
    run : Runner
        Starts ``ldd``.

    Returns
    -------
    list of str
        Names as ``libEGL.so.1``, sorted; empty when all are there.
    """
    linked = [qt / "lib" / "libQt6Widgets.so.6"]
    plugin = qt / "plugins" / "platforms" / f"libq{platform}.so"
    if plugin.exists():  # a platform without one is refused by Qt itself, which lists those it has
        linked.append(plugin)
    found = run(["ldd", *map(str, linked)], cwd=qt, capture=True)
    return sorted({line.split()[0] for line in found.stdout.splitlines() if "=> not found" in line})


def qt_libraries_message(missing: Sequence[str], *, apt: bool | None = None, root: bool | None = None) -> str:
    """Name the missing libraries and the one command that installs them.

    Parameters
    ----------
    missing : sequence of str
        Library names, from `missing_libraries`.
    apt, root : bool, optional
        As for `check_venv_module`.
    """
    packages = sorted({DEBIAN_PACKAGES[name] for name in missing if name in DEBIAN_PACKAGES})
    unknown = [name for name in missing if name not in DEBIAN_PACKAGES]
    sentence = f"Qt cannot start: this machine lacks {', '.join(missing)}. "
    if not packages:
        return sentence + "Install the packages of your system that hold them."
    sentence += _remedy(packages, missing=missing, apt=apt, root=root)
    if unknown:
        sentence += f"\nInstall also the packages of your system that hold {', '.join(unknown)}."
    return sentence


def _remedy(packages: Sequence[str], *, missing: Sequence[str], apt: bool | None, root: bool | None) -> str:
    apt = shutil.which("apt-get") is not None if apt is None else apt
    if not apt:
        return f"Install the packages of your system that hold {', '.join(missing)}."
    root = (hasattr(os, "geteuid") and os.geteuid() == 0) if root is None else root
    command = f"{'' if root else 'sudo '}apt-get install -y {' '.join(packages)}"
    return f"Install with:\n  {command}\nand run the same command again."
