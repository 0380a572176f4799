"""The local inbox: mails kept as files in a folder, to try the program without a mail server."""

import email
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from coordinator.errors import NotFound

_NAME = re.compile(r"[0-9]{8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One mail that arrived; ``calendar`` is the invite in it, empty in a letter."""

    name: str
    to: str
    subject: str
    date: str
    text: str
    calendar: str


def keep(folder: Path, content: bytes) -> Path:
    """Write one mail into the folder, under the next free number."""
    folder.mkdir(parents=True, exist_ok=True)
    number = max((int(path.stem) for path in _mails(folder)), default=0)
    while True:
        number += 1
        path = folder / f"{number:08}.eml"
        try:
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError:
            continue
        return path


def received(folder: Path, *, most: int = 200) -> list[Received]:
    """The latest mails, newest first."""
    newest = sorted(_mails(folder), reverse=True)[:most]
    return [_read(path) for path in newest]


def one(folder: Path, name: str) -> Received:
    """One mail by the name that ``received`` gave it. Raises NotFound."""
    return _read(_path(folder, name))


def raw(folder: Path, name: str) -> bytes:
    """One mail as it arrived. Raises NotFound."""
    return _path(folder, name).read_bytes()


def _mails(folder: Path) -> Sequence[Path]:
    return [path for path in folder.glob("*.eml") if _NAME.fullmatch(path.stem)]


def _path(folder: Path, name: str) -> Path:
    path = folder / f"{name}.eml"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound("There is no such message.")
    return path


def _read(path: Path) -> Received:
    mail = email.message_from_bytes(path.read_bytes(), policy=SMTP)
    return Received(
        name=path.stem,
        to=str(mail["To"] or ""),
        subject=str(mail["Subject"] or ""),
        date=str(mail["Date"] or ""),
        text=_part(mail, "text/plain"),
        calendar=_part(mail, "text/calendar"),
    )


def _part(mail: EmailMessage, kind: str) -> str:
    for part in mail.walk():
        if part.get_content_type() == kind:
            return (part.get_payload(decode=True) or b"").decode("utf-8", "replace")  # type: ignore[union-attr]
    return ""
