"""Parts of the machine that are missing are named with the command that installs them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from installer.process import SetupError
from installer.system import (
    check_machine,
    check_venv_module,
    has_display,
    missing_libraries,
    qt_libraries_message,
    qt_platform,
)

LDD_OUTPUT = """\
/opt/qt/lib/libQt6Widgets.so.6:
\tlinux-vdso.so.1 (0x00007ffc)
\tlibEGL.so.1 => not found
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)
/opt/qt/plugins/platforms/libqxcb.so:
\tlibxcb-cursor.so.0 => not found
\tlibEGL.so.1 => not found
"""


def test_missing_venv_module_on_debian_names_the_package() -> None:
    with pytest.raises(SetupError) as caught:
        check_venv_module(found=False, apt=True, root=False)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"sudo apt-get install -y python{version}-venv" in str(caught.value)


def test_missing_venv_module_elsewhere_names_what_to_look_for() -> None:
    with pytest.raises(SetupError, match=r"ensurepip.*packages of your system that hold python3") as caught:
        check_venv_module(found=False, apt=False, root=False)
    assert "apt-get" not in str(caught.value)


def test_venv_module_that_is_there_passes() -> None:
    check_venv_module(found=True)


def test_missing_libraries_are_read_from_the_loader(tmp_path: Path) -> None:
    for name in ("lib/libQt6Widgets.so.6", "plugins/platforms/libqxcb.so", "plugins/platforms/libqoffscreen.so"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    asked: list[str] = []

    def ldd(command: Sequence[str], **options: object) -> subprocess.CompletedProcess[str]:
        assert options["capture"]
        asked.extend(Path(word).name for word in command)
        return subprocess.CompletedProcess(command, 0, LDD_OUTPUT)

    assert missing_libraries(tmp_path, "xcb", run=ldd) == ["libEGL.so.1", "libxcb-cursor.so.0"]
    assert asked == ["ldd", "libQt6Widgets.so.6", "libqxcb.so"]


def test_missing_libraries_come_with_one_command() -> None:
    missing = ["libEGL.so.1", "libglib-2.0.so.0", "libgthread-2.0.so.0", "libxcb-cursor.so.0"]
    message = qt_libraries_message(missing, apt=True, root=False)
    assert message.splitlines()[-2:] == [
        "  sudo apt-get install -y libegl1 libglib2.0-0 libxcb-cursor0",
        "and run the same command again.",
    ]
    assert all(name in message for name in missing)


def test_root_needs_no_sudo() -> None:
    assert "sudo" not in qt_libraries_message(["libEGL.so.1"], apt=True, root=True)


def test_a_library_without_a_known_package_is_still_named() -> None:
    message = qt_libraries_message(["libEGL.so.1", "libnew.so.7"], apt=True, root=False)
    assert "libegl1" in message
    assert "packages of your system that hold libnew.so.7" in message


def test_without_apt_the_libraries_are_named_and_no_command() -> None:
    message = qt_libraries_message(["libEGL.so.1"], apt=False, root=False)
    assert "libEGL.so.1" in message
    assert "apt-get" not in message


@pytest.mark.parametrize(
    ("variables", "system", "platform", "shown"),
    [
        ({}, "Linux", "offscreen", False),
        ({"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}, "Linux", "offscreen", False),
        ({"DISPLAY": ":0"}, "Linux", "xcb", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "Linux", "wayland", True),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "Linux", "xcb", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "Linux", "offscreen", True),
        ({"QT_QPA_PLATFORM": "wayland;xcb"}, "Linux", "wayland", True),
        ({"QT_QPA_PLATFORM": "vnc:size=800x600"}, "Linux", "vnc", True),
        ({}, "Windows", "windows", True),
        ({}, "Darwin", "cocoa", True),
    ],
)
def test_display(variables: dict[str, str], system: str, platform: str, shown: bool) -> None:
    assert qt_platform(variables, system=system) == platform
    assert has_display(variables, system=system) is shown


@pytest.mark.parametrize(
    ("system", "machine", "bits", "fault"),
    [
        ("Darwin", "x86_64", 64, "Apple silicon"),
        ("Windows", "x86", 32, "64-bit Python is needed"),
    ],
)
def test_machines_without_wheels_are_refused(system: str, machine: str, bits: int, fault: str) -> None:
    with pytest.raises(SetupError, match=fault):
        check_machine(system=system, machine=machine, bits=bits)


@pytest.mark.parametrize(("system", "machine"), [("Darwin", "arm64"), ("Linux", "x86_64"), ("Windows", "AMD64")])
def test_machines_with_wheels_pass(system: str, machine: str) -> None:
    check_machine(system=system, machine=machine, bits=64)
