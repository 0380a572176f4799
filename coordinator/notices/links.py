"""Links that patients get: signed, so that nobody can make one up."""

from itsdangerous import BadSignature, URLSafeSerializer


def answer_token(secret_key: str, uid: str) -> str:
    """What stands in the address at which ONE appointment is answered."""
    return _sign(secret_key, "answer", uid)


def uid_of(secret_key: str, token: str) -> str | None:
    """The appointment that an answer token is for; None where we did not make it."""
    return _read(secret_key, "answer", token)


def patient_token(secret_key: str, link_key: str) -> str:
    """What stands in the address of a patient's own page, which still asks for the birth date."""
    return _sign(secret_key, "patient", link_key)


def link_key_of(secret_key: str, token: str) -> str | None:
    """The patient's link key that a token carries; None where we did not make it."""
    return _read(secret_key, "patient", token)


def _sign(secret_key: str, salt: str, value: str) -> str:
    token = URLSafeSerializer(secret_key, salt=salt).dumps(value)
    return token if isinstance(token, str) else token.decode("ascii")


def _read(secret_key: str, salt: str, token: str) -> str | None:
    try:
        value = URLSafeSerializer(secret_key, salt=salt).loads(token)
    except BadSignature:
        return None
    return value if isinstance(value, str) else None
