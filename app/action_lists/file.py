"""Opening, saving and closing."""

from __future__ import annotations

from app.action_info import RECENT, SEPARATOR, ActionInfo, with_candidates, with_hits, with_plate

__all__ = ["ACTIONS", "MENU"]

ACTIONS = (
    ActionInfo("open", "&Open plate…", "file.open_plate", "Open a plate file (.h5ad)", "Ctrl+O", "open"),
    ActionInfo("open_demo", "Open &demo plate", "file.open_demo", "Open the plate that comes with the program"),
    ActionInfo(
        "open_session",
        "Open &session…",
        "file.open_session",
        "Open what was saved: plates, selection and hit lists as they were",
        "Ctrl+Shift+O",
    ),
    ActionInfo(
        "save_session",
        "Sa&ve session",
        "file.save_session",
        "Save which plates are open, what is selected, and the hit lists",
        "Ctrl+S",
    ),
    ActionInfo(
        "save_session_as",
        "Save session &as…",
        "file.save_session_as",
        "Save the session to another file",
        "Ctrl+Shift+S",
    ),
    ActionInfo(
        "export",
        "&Export candidates of all treatments…",
        "export.export_hits",
        "Rank every treatment of this file and save the best candidates of each as CSV, Excel file or SDF",
        "Ctrl+E",
        "export",
        with_hits,
    ),
    ActionInfo(
        "export_candidates",
        "Export ca&ndidates of the selection…",
        "export.export_candidates",
        "Save the candidates and measured neighbours of the selected wells as CSV, Excel file or SDF",
        enabled=with_candidates,
    ),
    ActionInfo(
        "export_report",
        "Export repor&t…",
        "export.export_report",
        "Save a web page about this file: model, quality, plate maps, hits, and what was done",
        "Ctrl+Shift+E",
        enabled=with_hits,
    ),
    ActionInfo(
        "export_audit",
        "Export audit &log…",
        "export.export_audit",
        "Save when what was done, with the hashes of the files, as CSV",
    ),
    ActionInfo("close", "&Close file", "file.close_plate", "Close the current file", "Ctrl+W", enabled=with_plate),
    ActionInfo("quit", "&Quit", "file.quit", "Close the program", "Ctrl+Q"),
)

MENU = (
    "&File",
    (
        "open",
        RECENT,
        "open_demo",
        SEPARATOR,
        "open_session",
        "save_session",
        "save_session_as",
        SEPARATOR,
        "export",
        "export_candidates",
        "export_report",
        "export_audit",
        SEPARATOR,
        "close",
        "quit",
    ),
)
