"""What servers and ``flask`` open: the program with the settings of its environment."""

from config import BadSetting, Settings
from coordinator.app import create_app
from coordinator.errors import GuardMissing

try:
    app = create_app(Settings.from_environment())
except (BadSetting, GuardMissing) as error:
    raise SystemExit(str(error)) from None
