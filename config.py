"""The settings: environment variables with the prefix COORDINATOR_, read once."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PREFIX = "COORDINATOR_"


class BadSetting(Exception):
    """A setting that cannot be used; the text names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of one process. docs/CONFIGURATION.md says what each is for."""

    folder: Path
    database_url: str
    secret_key: str
    base_url: str
    demo: bool
    notice_delay_seconds: int
    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_password: str
    smtp_security: str
    mail_from: str
    imap_host: str
    imap_port: int
    imap_user: str
    imap_password: str
    imap_security: str
    imap_folder: str
    solver_seconds: float
    secure_cookies: bool
    trusted_proxies: int
    metrics_token: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the environment. Raises BadSetting, naming the variable."""
        read = _Reader(os.environ if environment is None else environment)
        folder = Path(read.text("DATA", "data")).absolute()
        base_url = read.text("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
        database_url = read.secret("DATABASE_URL", f"sqlite:///{folder / 'coordinator.db'}")
        return cls(
            folder=folder,
            database_url=database_url,
            secret_key=read.secret("SECRET_KEY", "") or _own_secret(folder, database_url),
            base_url=base_url,
            demo=read.flag("DEMO", default=False),
            notice_delay_seconds=read.number("NOTICE_DELAY_SECONDS", 120),
            smtp_host=read.text("SMTP_HOST", ""),
            smtp_port=read.number("SMTP_PORT", 25),
            smtp_user=read.text("SMTP_USER", ""),
            smtp_password=read.secret("SMTP_PASSWORD", ""),
            smtp_security=read.one_of("SMTP_SECURITY", ("none", "starttls", "tls"), "none"),
            mail_from=read.text("MAIL_FROM", ""),
            imap_host=read.text("IMAP_HOST", ""),
            imap_port=read.number("IMAP_PORT", 993),
            imap_user=read.text("IMAP_USER", ""),
            imap_password=read.secret("IMAP_PASSWORD", ""),
            imap_security=read.one_of("IMAP_SECURITY", ("none", "starttls", "tls"), "tls"),
            imap_folder=read.text("IMAP_FOLDER", "INBOX"),
            solver_seconds=float(read.number("SOLVER_SECONDS", 10)),
            secure_cookies=base_url.startswith("https://"),
            trusted_proxies=read.number("TRUSTED_PROXIES", 0),
            metrics_token=read.secret("METRICS_TOKEN", ""),
        )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads single settings out of an environment."""

    environment: Mapping[str, str]

    def text(self, name: str, default: str) -> str:
        return self.environment.get(PREFIX + name, default).strip()

    def secret(self, name: str, default: str) -> str:
        """A setting that may also stand in a file named by ``…_FILE``."""
        path = self.environment.get(f"{PREFIX}{name}_FILE")
        if path is None:
            return self.text(name, default)
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadSetting(f"{PREFIX}{name}_FILE: {path} cannot be read ({error.strerror})") from error

    def number(self, name: str, default: int) -> int:
        given = self.text(name, str(default))
        if not given.isdecimal():
            raise BadSetting(f"{PREFIX}{name} must be a whole number, not {given!r}")
        return int(given)

    def flag(self, name: str, *, default: bool) -> bool:
        return self.one_of(name, ("1", "0"), "1" if default else "0") == "1"

    def one_of(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        given = self.text(name, default)
        if given not in allowed:
            raise BadSetting(f"{PREFIX}{name} must be one of {', '.join(allowed)}, not {given!r}")
        return given


def _own_secret(folder: Path, database_url: str) -> str:
    """The secret that this installation made for itself, kept beside its database with nobody else's eyes on it.

    Of several that start at once, all read the secret of the first that has written it whole. Where the database is
    not a file of this machine, other machines need the same secret: raises BadSetting.
    """
    path = folder / "secret.key"
    if not database_url.startswith("sqlite"):
        raise BadSetting(
            f"{PREFIX}SECRET_KEY must be set with this database: all machines that use it sign with the same."
            + (f" So far it was that in {path}." if path.exists() else "")
        )
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _make_secret(path)
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadSetting(f"{PREFIX}DATA: {path} cannot be kept ({error.strerror})") from error


def _make_secret(path: Path) -> None:
    """Write a secret under a name of its own first: under ``path`` nobody ever reads half of one."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
