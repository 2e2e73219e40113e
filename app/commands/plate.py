"""What is done with the plates on show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPicture
from PySide6.QtWidgets import QApplication

from app.commands.base import Part
from app.engine import EngineError
from app.exporting.ask import ask_save_path, plain_name
from app.exporting.packed import pack_columns
from app.exporting.pictures import PICTURE_ENDINGS
from app.exporting.tables import ENDINGS, Saved
from app.exporting.written_text import saved_text
from app.plate_export import PosterWriter
from app.plate_poster import PlatePoster, PosterPlate
from app.theme import theme_of
from app.views.legend import Legend
from app.views.plate_wall import PlatePlace
from app.views.table import TableColumn
from app.views.table.text import table_text
from app.views.words import plural
from app.well_table import well_columns

if TYPE_CHECKING:
    from app.main_window import MainWindow

__all__ = ["PlateCommands"]

_LEGEND_WIDTH = 420
# Copying more would hold the window up; a file takes any number.
_MOST_COPIED = 5000


class PlateCommands(Part):
    """Colours, plates side by side, selection by position, and exports of wells."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.writer = PosterWriter(self)
        self.writer.written.connect(self._written)
        self._records: dict[str, Callable[[str], None]] = {}
        self.writer.failed.connect(self._not_written)
        window.destroyed.connect(self.writer.close)

    # Colours --------------------------------------------------------------------------------------------

    @property
    def _on_page(self) -> bool:
        return self.window.pages.current == "plates"

    def choose_colour(self) -> None:
        chooser = self.window.plates_page.colour_by if self._on_page else self.window.plate_view.colour_by
        chooser.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def edit_scale(self) -> None:
        legend = self.window.plates_page.legend if self._on_page else self.window.plate_view.legend
        if legend.can_edit:
            legend.edit_scale()
        else:
            self._tell("These colours are of names, or no well has a value: there is no scale to change")

    # Plates side by side --------------------------------------------------------------------------------

    def choose_plates(self) -> None:
        self.window.pages.show_page("plates")
        self.window.plates_page.choose_plates()

    def larger(self) -> None:
        self._resize(1.25)

    def smaller(self) -> None:
        self._resize(0.8)

    def fit(self) -> None:
        self.window.pages.show_page("plates")
        self.window.plates_page.wall.fit()

    def _resize(self, by: float) -> None:
        if not self._on_page:
            self.window.pages.show_page("plates")
        wall = self.window.plates_page.wall
        wall.set_tile_width(round(wall.tile_width * by))

    def select_same_positions(self) -> None:
        workspace = self.workspace
        plate = workspace.plate
        if plate is None:
            return
        # Rows and columns of a plate are far fewer.
        code = np.where(plate.positions[:, 0] >= 0, plate.positions[:, 0] * 1000 + plate.positions[:, 1], -1)
        wanted = code[workspace.selection]
        same = np.flatnonzero(np.isin(code, wanted[wanted >= 0]))
        workspace.select(np.union1d(same, workspace.selection))

    # Export ---------------------------------------------------------------------------------------------

    def _columns(self) -> list[TableColumn]:
        plate, colours = self.workspace.plate, self.window.colours
        if plate is None:
            return []
        colouring = colours.colouring(plate, theme_of(self.window.palette()))
        return well_columns(plate, colours.key, colouring, colours.true_molecules(plate))

    def copy_wells(self) -> None:
        rows = self.workspace.selection
        if len(rows) > _MOST_COPIED:
            self._tell(f"{plural(len(rows), 'well')} are too many to copy: export them as a table")
        elif len(rows):
            QApplication.clipboard().setText(table_text(self._columns(), rows))
            self._tell(f"{plural(len(rows), 'well')} copied")

    def export_wells(self) -> None:
        plate = self.workspace.plate
        if plate is None:
            return
        name = plain_name(f"{plate.name}_wells")
        path = ask_save_path(self.window, "Export wells as table", f"{name}.csv", ENDINGS)
        if not path:
            return
        record = self.workspace.recording("wells exported")

        def written(packed: dict[str, Any]) -> None:
            saved = Saved(**packed)
            record(f"{Path(path).name}, {saved.rows} rows")
            self._tell(saved_text(saved))

        self.workspace.ask(
            "export wells",
            "save_table",
            f"Writing {plural(len(plate), 'well')}",
            written,
            background=True,
            out=path,
            columns=pack_columns(self._columns()),
            rows=np.lexsort((*plate.positions.T[::-1], plate.plate_of_well)),
        )

    def export_picture(self) -> None:
        plates = self._shown()
        if not plates:
            self._tell("There is no plate to draw: these wells have no barcodes and positions")
            return
        name = plates[0].title if len(plates) == 1 else f"{plates[0].plate.name}_plates"
        title = "Export picture of plates"
        path = ask_save_path(self.window, title, f"{plain_name(name)}.png", PICTURE_ENDINGS)
        if path:
            files = {place.plate.sha256 for place in plates}
            self._records[path] = self.workspace.recording("picture exported", files)
            self.writer.write(path, self._poster(plates))

    def _written(self, path: str) -> None:
        if record := self._records.pop(path, None):
            record(f"Plates as a picture: {Path(path).name}")
        self._tell(f"The picture was written to {path}")

    def _shown(self) -> tuple[PlatePlace, ...]:
        if self._on_page:
            return self.window.plates_page.wall.places
        plate, barcode = self.workspace.plate, self.workspace.barcode
        places = self.window.plates_page.places()
        return tuple(place for place in places if place.plate is plate and place.barcode == barcode)

    def _poster(self, places: tuple[PlatePlace, ...]) -> PlatePoster:
        theme = theme_of(self.window.palette())
        colours = self.window.colours
        legend = Legend()
        legend.set_colouring(colours.colouring(places[0].plate, theme))
        size = QSize(_LEGEND_WIDTH, legend.heightForWidth(_LEGEND_WIDTH))
        legend.resize(size)
        picture = QPicture()
        painter = QPainter(picture)
        legend.paint(painter)
        painter.end()
        files = list(dict.fromkeys(place.plate for place in places))
        simulated = ", simulated data" if any(plate.simulated for plate in files) else ""
        return PlatePoster(
            title=", ".join(plate.name for plate in files),
            subtitle=plural(len(places), "plate") + simulated,
            plates=[
                PosterPlate(place.plate, place.barcode, place.title, colours.colouring(place.plate, theme))
                for place in places
            ],
            legend=picture,
            legend_size=size,
            base=self.window.font(),
            theme=theme,
        )

    def _tell(self, text: str) -> None:
        self.window.message_bar.show_note(text)

    def _not_written(self, error: EngineError) -> None:
        self.window.message_bar.show_error("Export picture of plates", error)
