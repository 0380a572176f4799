"""Signing in and out."""

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from coordinator.models import Role
from coordinator.services import signing_in as service
from coordinator.web import limits
from coordinator.web.language import CHOSEN, own_path
from coordinator.web.permissions import SignedIn, staff_only

signing_in = Blueprint("signing_in", __name__)


@signing_in.get("/")
def first() -> Response:
    """The first page is the desk, the day, or the sign-in."""
    return redirect(_home() if current_user.is_authenticated else url_for("signing_in.show"))


@signing_in.get("/sign-in")
def show() -> str:
    return render_template(
        "signing_in/sign_in.html", email="", wrong=False, next=request.args.get("next", "/")
    )


@signing_in.post("/sign-in")
@limits.limiter.limit(limits.TRIES_BY_ADDRESS, deduct_when=limits.failed)
@limits.limiter.limit(limits.TRIES_BY_NAME, key_func=limits.name_tried, deduct_when=limits.failed)
def sign_in() -> str | Response | tuple[str, int]:
    email, target = request.form.get("email", ""), request.form.get("next", "/")
    account = service.sign_in(g.session, email, request.form.get("password", ""), now=g.now)
    if account is None:
        return render_template("signing_in/sign_in.html", email=email, wrong=True, next=target), 422
    language = session.get(CHOSEN)
    session.clear()  # nothing of the visitor's session is carried into the account's
    session.permanent = True
    if language:
        session[CHOSEN] = language
    login_user(SignedIn.of(account))
    return redirect(own_path(target))


@signing_in.post("/sign-out")
@staff_only
def sign_out() -> Response:
    service.sign_out(g.session, current_user.id, now=g.now)
    logout_user()
    session.clear()
    return redirect(url_for("signing_in.show"))


def _home() -> str:
    return "/my/day" if current_user.role is Role.PRACTITIONER else "/desk"
