"""The audit log: when what was done, with which files and models by their hashes. One JSON object a line."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.hit_entries import is_time
from molphenix_core.errors import InputError
from molphenix_core.spreadsheet import guarded
from molphenix_core.writing import written_aside

__all__ = [
    "AuditError",
    "AuditEvent",
    "AuditLog",
    "AuditRecord",
    "DamagedLine",
    "plate_hashes",
    "read_audit_log",
    "write_audit_csv",
]

_LARGEST_FILE = 4 << 20
_LONGEST_LINE = 16_000
# Of hits of more files than that the first by hash are named.
_MOST_PLATES = 100


def plate_hashes(files: Iterable[str]) -> dict[str, str]:
    """The hashes of plate files under the names that an event gives them: "plate", "plate_2" and so on."""
    known = sorted(set(files) - {""})[:_MOST_PLATES]
    return {f"plate_{place}" if place > 1 else "plate": value for place, value in enumerate(known, 1)}


class AuditError(InputError):
    """The audit log cannot be read or written."""


@dataclass(frozen=True)
class AuditEvent:
    """Something that was done.

    Parameters
    ----------
    when : str
        In UTC; see :func:`app.hit_entries.now`.
    what : str
        As "plate opened".
    detail : str
        File names without their folders, counts; never structures.
    hashes : mapping of str to str
        By what they are of, as "plate", "model" and "library"; see :func:`plate_hashes` for several plates.
    """

    when: str
    what: str
    detail: str = ""
    hashes: Mapping[str, str] = field(default_factory=dict)

    def concerns(self, plate: str) -> bool:
        """Whether it is of the plate file with this hash, or of none in particular."""
        plates = [value for name, value in self.hashes.items() if name.partition("_")[0] == "plate"]
        return not plates or plate in plates

    def __post_init__(self) -> None:
        if not is_time(self.when):
            raise AuditError("audit log", "when", repr(self.when)[:60], "a time in UTC as 2026-01-31T09:30:00Z")
        if not self.what.strip():
            raise AuditError("audit log", "what", repr(self.what)[:60], "what was done")


@dataclass(frozen=True)
class DamagedLine:
    """A line of the log that is no event, from one, and why."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True)
class AuditRecord:
    """The events of a log, the first one first, and what of it could not be read."""

    events: tuple[AuditEvent, ...]
    damaged: tuple[DamagedLine, ...]


class AuditLog:
    """Adds events to a file; nothing that stands there is ever changed.

    Parameters
    ----------
    path : path
        Ending in ``.jsonl``. At ``largest`` it becomes ``NAME.1.jsonl``, in place of the one before, so the log
        keeps to twice that size.
    largest : int
        Bytes.
    """

    def __init__(self, path: str | Path, *, largest: int = _LARGEST_FILE) -> None:
        self.path = Path(path)
        self._largest = largest

    @property
    def earlier(self) -> Path:
        """The full file before the present one."""
        return self.path.with_suffix(f".1{self.path.suffix}")

    def add(self, event: AuditEvent) -> None:
        """Add one event.

        Raises
        ------
        AuditError
            The event is longer than 16,000 characters, or the file cannot be written.
        """
        content = {"when": event.when, "what": event.what, "detail": event.detail, "hashes": dict(event.hashes)}
        line = json.dumps({name: value for name, value in content.items() if value})
        if len(line) > _LONGEST_LINE:
            raise AuditError(self.path, "event", f"{len(line):,} characters", f"{_LONGEST_LINE:,} at most")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._make_room()
            self._append(line)
        except OSError as error:
            raise AuditError(self.path, "file", error.strerror or str(error), "a file to add to") from error

    def _make_room(self) -> None:
        try:
            full = self.path.stat().st_size >= self._largest
        except FileNotFoundError:
            return
        if full:
            self.path.replace(self.earlier)

    def _append(self, line: str) -> None:
        # One write at the end of the file: lines of two windows do not mix.
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        try:
            os.write(handle, (_missing_newline(handle) + line + "\n").encode("ascii"))
        finally:
            os.close(handle)

    def read(self) -> AuditRecord:
        """All events, of the earlier file too.

        Raises
        ------
        AuditError
            A file is there and cannot be read.
        """
        records = [read_audit_log(path) for path in (self.earlier, self.path) if path.exists()]
        return AuditRecord(
            tuple(event for record in records for event in record.events),
            tuple(line for record in records for line in record.damaged),
        )


def _missing_newline(handle: int) -> str:
    """What a line that a kill cut short lacks, so that it takes no later one with it."""
    end = os.lseek(handle, 0, os.SEEK_END)
    if not end:
        return ""
    os.lseek(handle, end - 1, os.SEEK_SET)
    return "" if os.read(handle, 1) == b"\n" else "\n"


def read_audit_log(path: str | Path) -> AuditRecord:
    """Read one file of a log; a damaged line costs only itself, and is named.

    Raises
    ------
    AuditError
        The file cannot be read.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise AuditError(path, "file", error.strerror or str(error), "an audit log") from error
    events, damaged = [], []
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            events.append(_event(line))
        except (ValueError, RecursionError) as error:
            damaged.append(DamagedLine(Path(path).name, number, f"no JSON in UTF-8: {error}"[:200]))
        except InputError as error:
            reason = f"{error.field}: found {error.found}; expected {error.expected}"
            damaged.append(DamagedLine(Path(path).name, number, reason))
    return AuditRecord(tuple(events), tuple(damaged))


def _event(line: bytes) -> AuditEvent:
    content = json.loads(line.decode("utf-8"))
    if not isinstance(content, dict):
        raise AuditError("audit log", "line", repr(content)[:60], "an object with named values")
    values = {name: content.pop(name, "") for name in ("when", "what", "detail")}
    hashes = content.pop("hashes", {})
    texts = [*values.items(), *(hashes.items() if isinstance(hashes, dict) else [("hashes", hashes)])]
    for name, value in texts:
        if not isinstance(value, str):
            raise AuditError("audit log", name, repr(value)[:60], "text")
    if content:
        raise AuditError("audit log", min(content), "an unknown key", "when, what, detail and hashes")
    return AuditEvent(**values, hashes=hashes)


def write_audit_csv(record: AuditRecord, path: str | Path) -> None:
    """Write a log as comma-separated values, to go with a report; damaged lines are named at its end.

    Texts that a spreadsheet would run as formulas, such as the name of a plate file, have an apostrophe in front.

    Raises
    ------
    AuditError
        It cannot be written there; what stood there before is untouched.
    """
    with written_aside(path, AuditError) as aside, aside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("when_utc", "what", "detail", "hashes"))
        rows = [(e.when, e.what, e.detail, _hashes(e)) for e in record.events]
        rows += [("", "line not readable", f"{d.file}, line {d.line}: {d.reason}", "") for d in record.damaged]
        writer.writerows(map(guarded, row) for row in rows)


def _hashes(event: AuditEvent) -> str:
    return " ".join(f"{name}={value}" for name, value in event.hashes.items())
