"""In which language a page speaks, and the switch."""

from urllib.parse import urlsplit

from babel import Locale
from flask import Blueprint, Flask, g, redirect, request, session
from flask_babel import Babel, get_locale, refresh
from flask_login import current_user
from werkzeug.wrappers import Response

from coordinator.language import CATALOGS, LANGUAGES
from coordinator.services import signing_in

language = Blueprint("language", __name__)
CHOSEN = "language"


def register(app: Flask) -> None:
    """Translations for pages."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOGS)
    Babel(app, locale_selector=_select)


def languages() -> list[tuple[str, str]]:
    """The languages of the pages, each with its own name for itself."""
    return [(key, Locale(key).get_display_name(key) or key) for key in LANGUAGES]


def spoken() -> str:
    """The language of this request, one of LANGUAGES."""
    found = get_locale()
    return found.language if found is not None else "en"


def speak(wished: str) -> None:
    """Speak somebody's language on this page (a patient's), unless the reader chose another."""
    g.language = wished
    refresh()


def _select() -> str:
    for wished in (session.get(CHOSEN), g.get("language"), getattr(current_user, "language", None)):
        if wished in LANGUAGES:
            return str(wished)
    return request.accept_languages.best_match(LANGUAGES) or "en"


@language.post("/language")
def choose() -> Response:
    """Keep the reader's choice, an account's for good, and go back to the page."""
    wished = request.form.get("language", "")
    if wished in LANGUAGES:
        session[CHOSEN] = wished
        if current_user.is_authenticated:
            signing_in.speak(g.session, current_user.id, wished)
    return redirect(own_path(request.form.get("next", "")))


def own_path(wished: str) -> str:
    """A path of ours to go on to; anything else leads to the first page."""
    parts = urlsplit(wished)
    strange = parts.scheme or parts.netloc or "\\" in wished or not wished.startswith("/")
    return "/" if strange or wished.startswith("//") else wished
