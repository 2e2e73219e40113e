"""Lays the views out and joins them to the workspace."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QVBoxLayout, QWidget

from app import actions, settings, theme
from app.audit_log import AuditLog
from app.auditor import Auditor
from app.commands import Commands
from app.dragging import files_to_open, has_hits
from app.engine import Engine, EngineError
from app.icons import icon
from app.log_keeper import LogKeeper
from app.numbers import integer
from app.recent_files import is_session, recent_files
from app.session_keeper import SessionKeeper
from app.structures import Structures
from app.theme import theme_of
from app.views.candidates import Candidates
from app.views.card_list import CardList
from app.views.compare_page import ComparePage
from app.views.doses_page import DosesPage
from app.views.hit_calling_page import HitCallingPage
from app.views.hit_lists_page import HitListsPage
from app.views.map_page import MapPage
from app.views.message_bar import MessageBar, Offer
from app.views.molecule import MoleculePanel
from app.views.panel import Panel
from app.views.plate_list import PlateList
from app.views.plate_view import PlateView
from app.views.plates_page import PlatesPage
from app.views.quality_page import QualityPage
from app.views.scatter import Scatter
from app.views.splitter import Splitter
from app.views.status import StatusLine
from app.views.table import ColumnTable
from app.views.tool_bar import ToolBar
from app.views.window_pages import WindowPages
from app.well_colours import WellColours
from app.window_session import WindowSession
from app.workspace import Workspace

__all__ = ["MainWindow"]


class MainWindow(QMainWindow):
    """The window of the program.

    Parameters
    ----------
    engine : Engine
        The process in which the library works.
    drawing_engine : Engine
        The process that draws structures.
    """

    def __init__(self, engine: Engine, drawing_engine: Engine) -> None:
        super().__init__()
        self.setWindowTitle("MolPhenix Desktop")
        self.setAcceptDrops(True)
        self.setUnifiedTitleAndToolBarOnMac(True)
        self.log = LogKeeper(self)
        self.log.start()
        self.settings = settings.load()
        self._shown = False
        self.drawing_engine = drawing_engine
        self.workspace = Workspace(engine, self)
        self.workspace.colour_by = self.settings.colour_by
        self.structures = Structures(drawing_engine, self)
        folder = settings.settings_folder()
        self.keeper = SessionKeeper(self.workspace, folder / "recovery", self)
        self.auditor = Auditor(self.workspace, self.keeper, AuditLog(folder / "audit.jsonl"), self)
        self.colours = WellColours(self.workspace, self.keeper, parent=self)
        self._make_views(engine, drawing_engine)
        self.commands = Commands(self)
        self.actions_by_id = actions.make_actions(self, self.commands)
        self.candidates.use_actions(self.actions_by_id)
        self.plate_view.use_actions(self.actions_by_id)
        self.plates_page.use_actions(self.actions_by_id)
        self.quality.use_actions(self.actions_by_id)
        self.hit_calling.use_actions(self.actions_by_id)
        self.doses.use_actions(self.actions_by_id)
        self.map_page.use_actions(self.actions_by_id)
        self.compare.use_actions(self.actions_by_id)
        self.molecule.use_actions(self.actions_by_id)
        self.lists.use_actions(self.actions_by_id)
        self.commands.hit_lists.connect_page()
        self.session = WindowSession(self)
        self._make_menus()
        self._make_tool_bar()
        self._connect()
        self._restore()

    # Layout ---------------------------------------------------------------------------------------------

    def _make_views(self, engine: Engine, drawing_engine: Engine) -> None:
        self.message_bar = MessageBar()
        self.plate_list = PlateList(self.workspace)
        self.plate_view = PlateView(self.workspace, self.colours)
        self.scatter = Scatter()
        self.candidates = Candidates(self.workspace, self.structures)
        self.molecule = MoleculePanel(self.workspace, self.structures, drawing_engine)
        self._make_pages()
        plates, scatter = Panel("Plates"), Panel("Wells by phenotype", explanation="Principal components 1 and 2")
        plates.body.addWidget(self.plate_list)
        scatter.body.addWidget(self.scatter)
        left = Splitter(Qt.Orientation.Vertical, (plates, 0), (self.plate_view, 3), (scatter, 2))
        self.splitters = (
            Splitter(Qt.Orientation.Horizontal, (left, 3), (self.pages, 5), (self.molecule, 0)),
            left,
            self.candidates.splitter,
        )
        self.splitters[0].setSizes([430, 745, 265])
        left.setSizes([134, 420, 310])
        self.candidates.splitter.setSizes([450, 290])
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        bar = QVBoxLayout()
        bar.setContentsMargins(8, 6, 8, 6)
        bar.addWidget(self.message_bar)
        self._bar = QWidget()
        self._bar.setLayout(bar)
        self._bar.hide()
        column.addWidget(self._bar)
        column.addWidget(self.splitters[0], 1)
        self.setCentralWidget(central)
        self.setStatusBar(StatusLine(self.workspace, engine))
        self.message_bar.installEventFilter(self)

    def _make_pages(self) -> None:
        self.pages = WindowPages()
        self.pages.add_page("candidates", "Candidates", self.candidates)
        self.plates_page = PlatesPage(self.workspace, self.colours)
        self.pages.add_page("plates", "Plates", self.plates_page)
        self.map_page = MapPage(self.workspace, self.colours)
        self.pages.add_page("map", "Map", self.map_page)
        self.quality = QualityPage(self.workspace)
        self.pages.add_page("quality", "Quality", self.quality)
        self.hit_calling = HitCallingPage(self.workspace)
        self.pages.add_page("hits", "Hits", self.hit_calling)
        self.doses = DosesPage(self.workspace)
        self.pages.add_page("doses", "Doses", self.doses)
        self.compare = ComparePage(self.workspace, self.drawing_engine)
        self.pages.add_page("compare", "Compare", self.compare)
        self.pages.keep_beside("molecule", self.molecule)
        self.lists = HitListsPage(self.workspace, self.structures)
        self.pages.add_page("lists", "Hit lists", self.lists)

    def _make_menus(self) -> None:
        for title, entries in actions.MENUS:
            menu = self.menuBar().addMenu(title)
            menu.setToolTipsVisible(True)
            for entry in entries:
                if entry == actions.SEPARATOR:
                    menu.addSeparator()
                elif entry == actions.RECENT:
                    self.recent = menu.addMenu("Open &recent")
                    self.recent.aboutToShow.connect(lambda: self._fill_recent(self.recent))
                else:
                    self._submenu(menu, entry).addAction(self.actions_by_id[entry])
        self.actions_by_id[f"theme_{theme.choice(self.settings.theme)}"].setChecked(True)

    def _submenu(self, menu: QMenu, entry: str) -> QMenu:
        """The menu itself, or the one in it that holds a choice."""
        title = actions.BY_ID[entry].choice
        if not title:
            return menu
        made = menu.findChild(QMenu, title)
        if made is None:
            made = menu.addMenu(title)
            made.setObjectName(title)
            made.setToolTipsVisible(True)
        return made

    def _make_tool_bar(self) -> None:
        bar = ToolBar()
        for entry in actions.TOOL_BAR:
            if entry == actions.SEPARATOR:
                bar.addSeparator()
            else:
                bar.addAction(self.actions_by_id[entry])
        self.addToolBar(bar)
        self._colour_icons()

    def _colour_icons(self) -> None:
        colours = theme_of(self.palette())
        for info in actions.ACTIONS:
            if info.icon:
                self.actions_by_id[info.id].setIcon(icon(info.icon, colours.text, colours.muted))

    def _fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        for recent in recent_files(self.settings.recent_files):
            # An ampersand in a name is no mnemonic.
            action = menu.addAction(recent.text.replace("&", "&&"))
            action.setToolTip(recent.path)
            action.triggered.connect(lambda _=False, path=recent.path: self.open_files([path]))
        if not self.settings.recent_files:
            menu.addAction("No files yet").setEnabled(False)

    def open_files(self, paths: Iterable[str]) -> None:
        """Open plate files, or a session file."""
        plates = []
        for path in paths:
            if is_session(path):
                self.commands.file.open_session_file(path)
            else:
                plates.append(path)
        self.workspace.open(plates)

    # State ----------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        workspace = self.workspace
        self.scatter.selection_changed.connect(workspace.select)
        workspace.selection_changed.connect(lambda: self.scatter.set_value(workspace.selection))
        workspace.current_changed.connect(self._show_plate)
        self.colours.changed.connect(self._recolour)
        workspace.failed.connect(self._failed)
        workspace.opened.connect(self._opened)
        workspace.told.connect(self.message_bar.show_note)
        self.keeper.view_states = self.pages.view_states
        self.keeper.restore_views = self.pages.restore_view_states
        self.keeper.shown_page = lambda: self.pages.current
        self.keeper.show_page = self.pages.show_page
        self.keeper.failed.connect(self.message_bar.show_error)
        self.message_bar.report_wanted.connect(self.commands.help.report)
        workspace.engine.died.connect(lambda text: self._engine_died(workspace.engine, text))
        workspace.engine.restarted.connect(workspace.load_session)
        background = workspace.requests.background
        background.died.connect(lambda text: self._engine_died(background, text))
        self.drawing_engine.died.connect(lambda text: self._engine_died(self.drawing_engine, text))
        for signal in (
            workspace.current_changed,
            workspace.selection_changed,
            workspace.ranking_changed,
            workspace.molecule_changed,
            workspace.plates_changed,
            workspace.hit_lists.changed,
            workspace.hit_lists.current_changed,
            workspace.hit_lists.chosen_changed,
            workspace.undo_changed,
        ):
            signal.connect(self._update_actions)
        # Enter or a double click on any molecule of the lists opens its card.
        show_card = self.actions_by_id["show_molecule"].trigger
        for cards in self.candidates.findChildren(CardList):
            cards.activated.connect(show_card)
        for table in self.candidates.findChildren(ColumnTable):
            table.row_activated.connect(show_card)
        self._update_actions()

    def _update_actions(self) -> None:
        # A method, not a lambda: Qt disconnects it before the undo stack tells of its own end.
        actions.update_enabled(self.actions_by_id, self.workspace)

    def _failed(self, title: str, error: EngineError) -> None:
        path = error.fields.get("source")
        offer = None
        if error.kind == "PlateFileError" and path in [plate.path for plate in self.workspace.plates]:
            offer = Offer("Open again", lambda: self.workspace.open([path]))
        self.message_bar.show_error(title, error, offer)

    def _engine_died(self, engine: Engine, text: str) -> None:
        # Said also when nothing was under way: the next request takes as long as a first one.
        offer = Offer("Start again", lambda: self._start_again(engine)) if engine.given_up else None
        self.message_bar.show_error("Engine", EngineError("EngineDied", text), offer)

    def _start_again(self, engine: Engine) -> None:
        engine.try_again()
        if engine is self.drawing_engine:
            self.structures.try_again()

    def _show_plate(self) -> None:
        plate = self.workspace.plate
        if self.scatter.plate is not plate:
            self.scatter.set_plate(plate)
        self._recolour()

    def _recolour(self) -> None:
        plate = self.workspace.plate
        colouring = self.colours.colouring(plate, theme_of(self.palette())) if plate is not None else None
        self.scatter.set_colouring(colouring)
        self.scatter.set_value(self.workspace.selection)

    def _opened(self, path: str) -> None:
        self.settings = self.settings.with_recent(path)
        self.message_bar.forget(path)
        plate = self.workspace.plate
        if plate is not None and plate.notes:
            more = len(plate.notes) - 1
            text = f"{Path(path).name}: {plate.notes[0]}"
            text += f" (and {integer(more)} more, in the details)" if more else ""
            self.message_bar.show_warning(text, "\n".join(plate.notes), path)

    def _restore(self) -> None:
        if not self.restoreGeometry(QByteArray(base64.b64decode(self.settings.geometry or ""))):
            self.resize(1440, 900)
        if len(self.settings.splitters) == len(self.splitters):
            for splitter, state in zip(self.splitters, self.settings.splitters, strict=True):
                splitter.restoreState(QByteArray(base64.b64decode(state)))
        self.pages.restore_view_states(self.settings.views)
        if self.settings.page:
            self.pages.show_page(self.settings.page)

    def _remember(self) -> None:
        def text(state: QByteArray) -> str:
            return base64.b64encode(state.data()).decode("ascii")

        self.settings = dataclasses.replace(
            self.settings,
            colour_by=self.workspace.colour_by,
            geometry=text(self.saveGeometry()),
            splitters=tuple(text(splitter.saveState()) for splitter in self.splitters),
            page=self.pages.current,
            # A page that is not there now keeps what it had.
            views={**self.settings.views, **self.pages.view_states()},
        )
        settings.save(self.settings)

    # Events ---------------------------------------------------------------------------------------------

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        # The bar's margins would stay as an empty strip.
        if watched is self.message_bar and event.type() in {QEvent.Type.ShowToParent, QEvent.Type.HideToParent}:
            self._bar.setVisible(not self.message_bar.isHidden())
        return False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            self.plate_view.map.setFocus()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "actions_by_id"):
            self._colour_icons()
            self._recolour()
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if files_to_open(event.mimeData()) or has_hits(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        if files := files_to_open(event.mimeData()):
            self.open_files(files)
        else:
            # Wherever it falls: what is no plate and no session is hits.
            self.pages.show_page("lists")
            self.commands.hit_lists.drop("", event.mimeData())

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.session.may_close():
            event.ignore()
            return
        self._remember()
        self.session.close()
        self.workspace.close()
        self.log.stop()
        super().closeEvent(event)
