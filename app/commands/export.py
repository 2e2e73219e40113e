"""What leaves the program as a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from app.audit_log import write_audit_csv
from app.commands.base import Part

__all__ = ["ExportCommands"]

_CSV = "Comma-separated values (*.csv)"
_HITS = "Comma-separated values (*.csv);;Structures with data (*.sdf)"


class ExportCommands(Part):
    """Exports of the whole file and of what was done."""

    def export_hits(self) -> None:
        plate = self.workspace.plate
        if plate is None:
            return
        start = str(Path(self.folder) / f"{plate.name}_hits.csv")
        path, chosen = QFileDialog.getSaveFileName(self.window, "Export hits", start, _HITS)
        if not path:
            return
        if Path(path).suffix.lower() not in {".csv", ".sdf"}:
            path += ".sdf" if "sdf" in chosen else ".csv"
        self.remember_folder(path)
        self.workspace.export_hits(path)

    def export_audit(self) -> None:
        start = str(Path(self.folder) / "audit_log.csv")
        path, _ = QFileDialog.getSaveFileName(self.window, "Export audit log", start, _CSV)
        if path:
            with self.telling("Exporting the audit log"):
                record = self.window.auditor.log.read()
                write_audit_csv(record, path)
                self.window.message_bar.show_note(f"{len(record.events):,} events were written to {path}")
