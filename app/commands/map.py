"""What is done with the map."""

from __future__ import annotations

from pathlib import Path

from app.commands.base import Part
from app.exporting.ask import ask_save_path, plain_name
from app.exporting.pictures import PICTURE_ENDINGS, save_picture
from app.exporting.tables import ENDINGS
from app.views.map.point_canvas import LASSO, RECTANGLE
from app.views.map_page import MapPage

__all__ = ["MapCommands"]

_NO_MAP = "There are no points to save: turn to the page Map"


class MapCommands(Part):
    """The page Map."""

    @property
    def _page(self) -> MapPage:
        return self.window.map_page

    def _turn_to(self) -> MapPage:
        self.window.pages.show_page("map")
        return self._page

    def show_all(self) -> None:
        self._turn_to().canvas.fit()

    def use_lasso(self) -> None:
        self._turn_to().set_tool(LASSO)

    def use_rectangle(self) -> None:
        self._turn_to().set_tool(RECTANGLE)

    def use_pca(self) -> None:
        self._turn_to().lay_out("pca")

    def use_umap(self) -> None:
        self._turn_to().lay_out("umap")

    def colour_by_cluster(self) -> None:
        self._turn_to().colour_by_cluster()

    def save_table(self) -> None:
        if self._page.data is None:
            self.window.message_bar.show_note(_NO_MAP)
            return
        path = ask_save_path(self.window, "Map as a table", f"{self._name()}.csv", ENDINGS)
        if path:
            self._page.save_table(path, self.workspace.recording("table exported"))

    def save_picture(self) -> None:
        if self._page.data is None:
            self.window.message_bar.show_note(_NO_MAP)
            return
        path = ask_save_path(self.window, "Map as a picture", f"{self._name()}.png", PICTURE_ENDINGS)
        if path:
            with self.telling("Map as a picture"):
                save_picture(self._page.figure, path)
                self.workspace.recording("picture exported")(f"Map as a picture: {Path(path).name}")
                self.window.message_bar.show_note(f"The picture was written to {path}")

    def _name(self) -> str:
        plate = self.workspace.plate
        return plain_name(f"{plate.name}_map" if plate is not None else "map")
