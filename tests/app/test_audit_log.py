"""The audit log: what is added comes back, in its order, whatever happens to other lines."""

from __future__ import annotations

import csv

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.audit_log import AuditError, AuditEvent, AuditLog, read_audit_log, write_audit_csv

AT = "2026-01-31T09:30:00Z"
OPENED = AuditEvent(AT, "plate opened", "screen.h5ad", {"plate": "a" * 64})


def test_events_come_back_in_their_order(tmp_path):
    log = AuditLog(tmp_path / "new" / "audit.jsonl")
    assert log.read().events == ()
    log.add(OPENED)
    log.add(AuditEvent(AT, "session saved"))
    record = AuditLog(log.path).read()
    assert record.events == (OPENED, AuditEvent(AT, "session saved"))
    assert record.damaged == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[1]", "an object"),
        (b'{"when": "2026-01-31T09:30:00Z"}', "what"),
        (b'{"when": "today", "what": "x"}', "when"),
        (b'{"when": "2026-01-31T09:30:00Z", "what": 3}', "what: found 3"),
        (b'{"when": "2026-01-31T09:30:00Z", "what": "x", "hashes": [1]}', "hashes"),
        (b'{"when": "2026-01-31T09:30:00Z", "what": "x", "hashes": {"plate": 1}}', "plate: found 1"),
        (b'{"when": "2026-01-31T09:30:00Z", "what": "x", "who": "me"}', "who: found an unknown key"),
        (b"[" * 100_000, "no JSON"),
    ],
)
def test_a_damaged_line_costs_only_itself_and_is_told(tmp_path, line, reason):
    log = AuditLog(tmp_path / "audit.jsonl")
    log.add(OPENED)
    with log.path.open("ab") as file:
        file.write(line + b"\n")
    log.add(OPENED)
    record = log.read()
    assert record.events == (OPENED, OPENED)
    (damaged,) = record.damaged
    assert (damaged.file, damaged.line) == ("audit.jsonl", 2)
    assert reason in damaged.reason


def test_a_line_that_a_kill_cut_short_takes_no_later_one_with_it(tmp_path):
    log = AuditLog(tmp_path / "audit.jsonl")
    log.add(OPENED)
    log.path.write_bytes(log.path.read_bytes() + b'{"when": "2026')
    log.add(OPENED)
    assert log.read().events == (OPENED, OPENED)
    assert [one.line for one in log.read().damaged] == [2]


def test_its_size_has_a_limit_and_the_latest_events_stay(tmp_path):
    log = AuditLog(tmp_path / "audit.jsonl", largest=1_000)
    for number in range(100):
        log.add(AuditEvent(AT, "counted", str(number)))
    numbers = [int(event.detail) for event in log.read().events]
    assert numbers == list(range(numbers[0], 100))
    assert len(numbers) >= 10
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2_200
    assert {path.name for path in tmp_path.iterdir()} == {"audit.jsonl", "audit.1.jsonl"}


def test_what_cannot_be_written_or_read_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(AuditError, match="file"):
        AuditLog(tmp_path / "file" / "audit.jsonl").add(OPENED)
    with pytest.raises(AuditError, match="16,000"):
        AuditLog(tmp_path / "audit.jsonl").add(AuditEvent(AT, "x", "y" * 20_000))
    with pytest.raises(AuditError, match="an audit log"):
        read_audit_log(tmp_path)
    with pytest.raises(AuditError, match="when"):
        AuditEvent("now", "x")


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.builds(AuditEvent, st.just(AT), texts.filter(str.strip), texts, st.dictionaries(texts, texts))))
def test_any_event_comes_back(tmp_path, events):
    log = AuditLog(tmp_path / "audit.jsonl")
    log.path.unlink(missing_ok=True)
    for event in events:
        log.add(event)
    assert log.read().events == tuple(events)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_file_is_events_and_told_lines(tmp_path, data):
    path = tmp_path / "audit.jsonl"
    path.write_bytes(data)
    record = read_audit_log(path)
    filled = [line for line in data.split(b"\n") if line.strip()]
    assert len(record.events) + len(record.damaged) == len(filled)


def test_it_goes_with_a_report_as_a_table(tmp_path):
    log = AuditLog(tmp_path / "audit.jsonl")
    log.add(OPENED)
    log.path.write_bytes(log.path.read_bytes() + b"?\n")
    write_audit_csv(log.read(), tmp_path / "audit.csv")
    with (tmp_path / "audit.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {
        "when_utc": AT,
        "what": "plate opened",
        "detail": "screen.h5ad",
        "hashes": f"plate={'a' * 64}",
    }
    assert rows[1]["detail"].startswith("audit.jsonl, line 2: no JSON")


def test_no_name_of_a_file_runs_as_a_formula_in_the_table(tmp_path):
    log = AuditLog(tmp_path / "audit.jsonl")
    log.add(AuditEvent(AT, "@opened", "=cmd secret.h5ad", {"-plate": "a"}))
    write_audit_csv(log.read(), tmp_path / "audit.csv")
    with (tmp_path / "audit.csv").open(encoding="utf-8", newline="") as file:
        (_, row) = csv.reader(file)
    assert row == [AT, "'@opened", "'=cmd secret.h5ad", "'-plate=a"]
