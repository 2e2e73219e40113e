"""What the commands of :mod:`app.actions` do, one file a part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.commands.analysis import AnalysisCommands
from app.commands.compound import CompoundCommands
from app.commands.edit import EditCommands
from app.commands.export import ExportCommands
from app.commands.file import FileCommands
from app.commands.help import HelpCommands
from app.commands.hit_lists import HitListCommands
from app.commands.map import MapCommands
from app.commands.picks import PickCommands
from app.commands.plate import PlateCommands
from app.commands.select import SelectCommands
from app.commands.view import ViewCommands

if TYPE_CHECKING:
    from app.main_window import MainWindow

__all__ = ["Commands"]


class Commands:
    """The commands of one window, by the parts that :attr:`app.action_info.ActionInfo.call` names."""

    def __init__(self, window: MainWindow) -> None:
        self.file = FileCommands(window)
        self.export = ExportCommands(window)
        self.edit = EditCommands(window)
        self.select = SelectCommands(window)
        self.plate = PlateCommands(window)
        self.view = ViewCommands(window)
        self.hit_lists = HitListCommands(window)
        self.picks = PickCommands(window)
        self.analysis = AnalysisCommands(window)
        self.compound = CompoundCommands(window)
        self.map = MapCommands(window)
        self.help = HelpCommands(window)
