"""What servers and ``flask`` open: the program with the settings of its environment."""

from sqlalchemy.exc import SQLAlchemyError

from config import BadSetting, Settings
from coordinator.app import create_app
from coordinator.errors import UnusableDatabase

try:
    app = create_app(Settings.from_environment())
except (BadSetting, UnusableDatabase) as error:
    raise SystemExit(str(error)) from None
except SQLAlchemyError as error:
    reason = " ".join(str(getattr(error, "orig", None) or error).split())
    raise SystemExit(f"The database cannot be used: {reason}") from None
except OSError as error:
    raise SystemExit(f"Cannot use {error.filename}: {error.strerror}.") from None
