"""What leaves the program as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.audit_log import write_audit_csv
from app.commands.base import Part
from app.exporting.ask import ask_save_path
from app.hit_entries import HitEntry, HitList
from app.numbers import integer
from app.open_plate import OpenPlate
from app.views.words import plural

__all__ = ["ExportCommands"]

_CSV = {".csv": "Comma-separated values"}
_ALL_CANDIDATES = "Export candidates of all treatments"
_CANDIDATES = {
    ".csv": "Comma-separated values",
    ".xlsx": "Excel workbook with structures",
    ".sdf": "Structures with data",
}
# Where nothing is predicted.
_MEASURED = 50
_REPORT = {".html": "Web page"}


class ExportCommands(Part):
    """Exports of the whole file and of what was done."""

    def export_hits(self) -> None:
        plate = self.workspace.plate
        if plate is None:
            return
        path = ask_save_path(self.window, _ALL_CANDIDATES, f"{plate.name}_all_candidates.csv", _CANDIDATES)
        if path:
            self.workspace.export_hits(path)

    def export_candidates(self) -> None:
        workspace, plate = self.workspace, self.workspace.plate
        if plate is None or workspace.ranking is None:
            return
        path = ask_save_path(self.window, "Export candidates", f"{plate.name}_candidates.csv", _CANDIDATES)
        wells = plural(len(workspace.selection), "well")
        if path:
            record = workspace.recording("candidates of a selection exported")
            workspace.ask(
                "export candidates",
                "export_candidates",
                f"Exporting candidates to {Path(path).name}",
                lambda result: workspace.tell_exported(
                    result, f"{plural(result['rows'], 'candidate')} of {wells}", record
                ),
                background=True,
                path=plate.path,
                token=plate.token,
                rows=workspace.selection,
                top=len(workspace.ranking.candidates) or _MEASURED,
                out=path,
            )

    def export_report(self) -> None:
        plate = self.workspace.plate
        if plate is None:
            return
        path = ask_save_path(self.window, "Export report", f"{plate.name}_report.html", _REPORT)
        if path:
            auditor = self.window.auditor
            record = self.workspace.recording("report exported")

            def written(result: dict[str, Any]) -> None:
                record(Path(str(result["path"])).name)
                self.window.message_bar.show_note(f"The report was written to {result['path']}")

            self.workspace.ask(
                "report",
                "plate_report",
                f"Writing the report of {plate.name}",
                written,
                background=True,
                path=plate.path,
                token=plate.token,
                out=path,
                **self._choices(plate),
                audit=str(auditor.log.path),
                since=auditor.since,
                plate_sha256=plate.sha256,
                hit_lists={one.name: [_listed(entry) for entry in one.entries] for one in self._lists()},
            )

    def _choices(self, plate: OpenPlate) -> dict[str, Any]:
        """What was chosen for this file on the pages that call hits and judge plates."""
        states = self.window.pages.view_states()
        hits, quality = states.get("hits", {}), states.get("quality", {})
        columns = hits.get("columns", {}) if hits.get("file") == plate.sha256 else {}
        judged = quality if quality.get("file") == plate.sha256 else {}
        return {
            "rule": hits.get("rule", {}),
            "cell_count": columns.get("relative_cell_count", ""),
            "autofluorescence": columns.get("autofluorescent", ""),
            "readout": judged.get("readout", ""),
            "positive": judged.get("positive", ""),
        }

    def _lists(self) -> list[HitList]:
        return [one for one in self.workspace.hit_lists.lists if one.entries]

    def export_audit(self) -> None:
        path = ask_save_path(self.window, "Export audit log", "audit_log.csv", _CSV)
        if path:
            with self.telling("Exporting the audit log"):
                record = self.window.auditor.log.read()
                write_audit_csv(record, path)
                self.window.message_bar.show_note(f"{integer(len(record.events))} events were written to {path}")


def _listed(entry: HitEntry) -> tuple[str, ...]:
    """The fields of :class:`molphenix_core.plate_report.content.ListedHit`."""
    dose = "" if entry.dose is None else f"{entry.dose:.3g} µM"
    return entry.name or entry.inchikey or entry.smiles, entry.barcode, entry.well, dose, entry.status, entry.note
