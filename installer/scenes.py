"""What the pictures of the views show: each view of the window with real work in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.application import Program
from app.hit_entries import entries_of_rows
from app.main_window import MainWindow
from app.off_screen import wait_until
from app.views.cherry_pick_dialog import CherryPickDialog

__all__ = ["SCENES", "Scene", "Stage"]

_SECONDS_OF_QUIET = 0.5
# A fixed time, so that the same input gives the same pictures.
_WHEN = "2026-01-01T09:00:00Z"
_SIZE = (1440, 900)


class Stage:
    """The window, and how to wait until everything in it is drawn."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.window: MainWindow = program.window
        self.workspace = program.window.workspace

    def settle(self) -> None:
        """Let both engines and all drawings come to rest."""
        engines = (self.program.engine, self.workspace.requests.background, self.program.drawing_engine)
        rested = time.monotonic()

        def quiet() -> bool:
            nonlocal rested
            busy = any(engine.running for engine in engines) or self.workspace.busy_ranking
            if busy or not self.window.structures.idle:
                rested = time.monotonic()
            return time.monotonic() - rested > _SECONDS_OF_QUIET

        # Painting asks for structures, and what they tell may ask for more.
        for _ in range(2):
            self.window.grab()
            wait_until(quiet)

    def do(self, action: str) -> None:
        """Trigger a command."""
        self.window.actions_by_id[action].trigger()
        QApplication.processEvents()

    def page(self, name: str) -> MainWindow:
        """Show a page of the window."""
        self.window.pages.show_page(name)
        return self.window

    def select(self, *treatments: tuple[str, float | None]) -> None:
        """Select the wells of treatments by name and dose (micromolar); all doses with None."""
        plate = self.workspace.plate
        assert plate is not None
        names, doses = plate.treatments["name"], plate.treatments["concentration"]
        chosen = [
            index
            for index in range(plate.n_treatments)
            if any(names[index] == name and dose in (None, doses[index]) for name, dose in treatments)
        ]
        self.workspace.select(np.flatnonzero(np.isin(plate.treatment_of_well, chosen)))
        wait_until(lambda: self.workspace.ranking is not None)

    def dialog(self) -> QWidget:
        """The dialog that was opened last."""
        dialogs = [one for one in self.window.findChildren(QDialog) if one.isVisible()]
        return dialogs[-1]

    def picture(self, widget: QWidget, path: Path) -> bool:
        """Save a widget with 256 colours: a quarter of the size, and no difference to see."""
        QApplication.processEvents()
        image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        few = image.convertToFormat(
            QImage.Format.Format_Indexed8, _palette(image), Qt.ImageConversionFlag.ThresholdDither
        )
        return few.save(str(path))

    def tidy(self, widget: QWidget) -> None:
        """Close a dialog, forget messages, and come back to the beginning."""
        if widget is not self.window:
            widget.close()
        self.window.message_bar.clear()
        self.window.resize(*_SIZE)


def _palette(image: QImage) -> list[int]:
    """The 256 colours that stand for an image best: means of its most frequent shades."""
    lines = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = lines[:, : image.width() * 3].reshape(-1, 3).astype(np.int64)
    places = np.array([1 << 16, 1 << 8, 1])
    colours, counts = np.unique(pixels @ places, return_counts=True)
    exact = colours[np.argsort(-counts)][:96]
    rgb = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1)
    of = np.unique(rgb // 24 @ places, return_inverse=True)[1]
    weight = np.bincount(of, weights=counts)
    common = np.argsort(-weight)[: 256 - len(exact)]
    means = np.stack([np.bincount(of, weights=counts * channel) / weight for channel in rgb.T], axis=1)[common]
    mixed = means.round().astype(np.int64) @ places
    return [0xFF000000 | int(colour) for colour in dict.fromkeys([*exact.tolist(), *mixed.tolist()])]


@dataclass(frozen=True)
class Scene:
    """A picture: its name, and what to do before it is taken; the widget to take is returned."""

    name: str
    prepare: Callable[[Stage], QWidget]


def _candidates(stage: Stage) -> QWidget:
    stage.select(("Lestaurtinib", 10.0))
    return stage.page("candidates")


def _table(stage: Stage) -> QWidget:
    stage.page("candidates")
    stage.do("candidates_as_table")
    return stage.window


def _plates(stage: Stage) -> QWidget:
    stage.do("candidates_as_cards")
    return stage.page("plates")


def _map(stage: Stage) -> QWidget:
    return stage.page("map")


def _quality(stage: Stage) -> QWidget:
    return stage.page("quality")


def _hits(stage: Stage) -> QWidget:
    return stage.page("hits")


def _doses(stage: Stage) -> QWidget:
    stage.select(("Lestaurtinib", None), ("Emetine", None), ("Podophyllotoxin", None))
    return stage.page("doses")


def _compare(stage: Stage) -> QWidget:
    stage.select(("Lestaurtinib", 10.0), ("Emetine", 10.0))
    return stage.page("compare")


def _lists(stage: Stage) -> QWidget:
    plate, lists = stage.workspace.plate, stage.workspace.hit_lists
    assert plate is not None
    stage.select(("Lestaurtinib", 10.0), ("Emetine", 10.0), ("Saracatinib", 10.0))
    if "Second look" not in [one.name for one in lists.lists]:
        lists.create("Second look", entries_of_rows(plate, stage.workspace.selection, _WHEN))
    return stage.page("lists")


def _molecule(stage: Stage) -> QWidget:
    stage.select(("Lestaurtinib", 10.0))
    stage.page("candidates")
    stage.settle()
    stage.do("show_molecule")
    return stage.dialog()


def _dialog_of(action: str) -> Callable[[Stage], QWidget]:
    def prepare(stage: Stage) -> QWidget:
        stage.do(action)
        return stage.dialog()

    return prepare


def _picks(stage: Stage) -> QWidget:
    current = stage.workspace.hit_lists.current
    assert current is not None
    # Its command waits for an answer.
    dialog = CherryPickDialog(current.name, current.entries, {}, stage.window)
    dialog.barcodes.setText("DEST1")
    dialog.show()
    return dialog


SCENES = (
    Scene("candidates", _candidates),
    Scene("candidates-table", _table),
    Scene("plates", _plates),
    Scene("map", _map),
    Scene("quality", _quality),
    Scene("hits", _hits),
    Scene("doses", _doses),
    Scene("compare", _compare),
    Scene("hit-lists", _lists),
    Scene("molecule", _molecule),
    Scene("command-palette", _dialog_of("palette")),
    Scene("keyboard-shortcuts", _dialog_of("shortcuts")),
    Scene("cherry-picks", _picks),
    Scene("log", _dialog_of("log")),
)
"""All views."""
