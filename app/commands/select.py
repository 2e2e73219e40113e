"""Choosing wells and plates."""

from __future__ import annotations

from app.commands.base import Part

__all__ = ["SelectCommands"]


class SelectCommands(Part):
    """The selection and the plate on show."""

    def select_all(self) -> None:
        self.workspace.select_all()

    def select_none(self) -> None:
        self.workspace.select_none()

    def select_replicates(self) -> None:
        self.workspace.select_replicates()

    def next_plate(self) -> None:
        self._step(1)

    def previous_plate(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        workspace = self.workspace
        places = [(plate, i) for plate in workspace.plates for i in range(max(len(plate.barcodes), 1))]
        if workspace.plate is not None:
            here = places.index((workspace.plate, workspace.barcode))
            workspace.show(*places[(here + by) % len(places)])
