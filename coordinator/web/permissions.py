"""Who may open what, and who is doing it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Flask, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from coordinator.errors import NotAllowed
from coordinator.models import Account, Role
from coordinator.services import signing_in
from coordinator.services.trail import PATIENT, Actor, account

logins = LoginManager()
View = Callable[..., Any]


@dataclass(frozen=True)
class SignedIn(UserMixin):  # type: ignore[misc]
    """The account behind a request."""

    id: int
    name: str
    role: Role
    language: str
    practitioner_id: int | None
    stamp: str

    @classmethod
    def of(cls, row: Account) -> "SignedIn":
        """Read off an account's row."""
        return cls(row.id, row.name, row.role, row.language, row.practitioner_id, row.stamp)

    def get_id(self) -> str:
        """What the cookie carries: a new stamp ends all cookies with the old one."""
        return f"{self.id}.{self.stamp}"

    @property
    def coordinates(self) -> bool:
        """A coordinator, or an administrator, who may do all that coordinators do."""
        return self.role in (Role.COORDINATOR, Role.ADMINISTRATOR)

    @property
    def administers(self) -> bool:
        return self.role is Role.ADMINISTRATOR


def register(app: Flask) -> None:
    """Sign-ins by cookie; who is not signed in is asked to."""
    logins.session_protection = "basic"
    logins.init_app(app)


@logins.user_loader  # type: ignore[untyped-decorator]
def _load(cookie: str) -> SignedIn | None:
    number, _, stamp = cookie.partition(".")
    row = signing_in.account_of(g.session, int(number), stamp) if number.isdecimal() else None
    return SignedIn.of(row) if row is not None else None


@logins.unauthorized_handler  # type: ignore[untyped-decorator]
def _ask_to_sign_in() -> Response:
    """Leads to the sign-in page and from there back to a page that was asked for."""
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("signing_in.show", next=target))


def by() -> Actor:
    """Who does it, for the audit trail: the account, or somebody with a patient's link."""
    return account(current_user.id) if current_user.is_authenticated else PATIENT


def _for(*roles: Role) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> Any:
            if not current_user.is_authenticated:
                return logins.unauthorized()
            if current_user.role not in roles:
                raise NotAllowed("Your account cannot open this page.")
            return view(*args, **values)

        return guarded

    return decorate


staff_only = _for(*Role)
coordinators_only = _for(Role.COORDINATOR, Role.ADMINISTRATOR)
administrators_only = _for(Role.ADMINISTRATOR)
