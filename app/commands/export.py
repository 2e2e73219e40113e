"""What leaves the program as a file."""

from __future__ import annotations

from app.audit_log import write_audit_csv
from app.commands.base import Part
from app.exporting.ask import ask_save_path

__all__ = ["ExportCommands"]

_CSV = {".csv": "Comma-separated values"}
_HITS = {
    ".csv": "Comma-separated values",
    ".xlsx": "Excel workbook with structures",
    ".sdf": "Structures with data",
}


class ExportCommands(Part):
    """Exports of the whole file and of what was done."""

    def export_hits(self) -> None:
        plate = self.workspace.plate
        if plate is None:
            return
        path = ask_save_path(self.window, "Export hits", f"{plate.name}_hits.csv", _HITS)
        if path:
            self.workspace.export_hits(path)

    def export_audit(self) -> None:
        path = ask_save_path(self.window, "Export audit log", "audit_log.csv", _CSV)
        if path:
            with self.telling("Exporting the audit log"):
                record = self.window.auditor.log.read()
                write_audit_csv(record, path)
                self.window.message_bar.show_note(f"{len(record.events):,} events were written to {path}")
