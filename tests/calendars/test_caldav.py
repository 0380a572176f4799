"""A feed in a real calendar server: put there event by event, asked for again by its own client, the same instants."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import caldav
import pytest
from icalendar import Calendar

from coordinator.calendars.feeds import Lead, feed

from .builders import STARTS_AT, an_entry

SOON = 30


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Radicale on a port of its own, open to everybody on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--server-hosts", f"127.0.0.1:{port}", "--auth-type", "none", "--rights-type", "authenticated"]
    storage = ["--storage-filesystem-folder", str(tmp_path / "radicale"), "--config", ""]
    command = [sys.executable, "-m", "radicale", *options, *storage]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": os.environ}
    running = subprocess.Popen(command, **quiet)
    try:
        for _ in range(SOON * 10):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        running.kill()
        running.wait()


def test_a_subscriber_finds_the_visits_at_their_instants(server: str) -> None:
    day = timedelta(days=1)
    later = {"starts_at": STARTS_AT + day, "ends_at": an_entry().ends_at + day}
    entries = [
        an_entry(leads_to=[Lead(uid="b@clinic.example", gap=day)]),
        an_entry(uid="b@clinic.example", summary="Visit; 2 of 12, Gym\\1 🙂", **later),
        an_entry(uid="c@clinic.example", cancelled=True, sequence=3),
    ]
    published = Calendar.from_ical(feed(entries, name="Visits", zone_name="Europe/Madrid"))
    with caldav.DAVClient(url=server, username="vale", password="any") as client:
        calendar = client.principal().make_calendar(name="Visits")
        for event in published.walk("VEVENT"):
            alone = Calendar()
            alone.add("prodid", "-//Subscriber//EN")
            alone.add("version", "2.0")
            alone.add_component(event)
            calendar.save_event(alone.to_ical().decode())  # a collection holds no METHOD (RFC 4791, 4.1)
        found = calendar.search(start=STARTS_AT - day, end=STARTS_AT + 3 * day, event=True, expand=False)
        read = {str(each.icalendar_component["UID"]): each.icalendar_component for each in found}
    assert set(read) == {each.uid for each in entries}
    for entry in entries:
        shown = read[entry.uid]
        assert shown["DTSTART"].dt.astimezone(UTC) == entry.starts_at
        assert shown["DTEND"].dt.astimezone(UTC) == entry.ends_at
        assert (shown["STATUS"] == "CANCELLED") is entry.cancelled
    assert read[entries[0].uid]["RELATED-TO"] == "b@clinic.example"
