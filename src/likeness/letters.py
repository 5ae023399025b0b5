"""What letters say. Pure: a noun or two in, a letter out."""

from datetime import timedelta
from typing import Final

from likeness.mail.port import Letter
from likeness.model import Team, User

_IGNORE: Final = "If you did not ask for this, somebody typed your address; you need do nothing."


def sign_in(to: str, user: User, team: Team, url: str, lifetime: timedelta) -> Letter:
    """A link that signs somebody in."""
    return _letter(
        to,
        f"Sign in to your photo at {team.name}",
        f"Hello {user.real_name},",
        f"this link signs you in once, to set the photo that {team.name} shows of you:",
        url,
        f"It works for {spelt(lifetime)}. {_IGNORE}",
    )


def invitation(user: User, team: Team, url: str, lifetime: timedelta) -> Letter:
    """A link that an administrator has sent to somebody."""
    return _letter(
        user.email,
        f"Set your photo at {team.name}",
        f"Hello {user.real_name},",
        f"an administrator of {team.name} invites you to set the photo that it shows of you. This "
        "link signs you in once:",
        url,
        f"It works for {spelt(lifetime)}.",
    )


def confirm(to: str, user: User, team: Team, url: str, lifetime: timedelta) -> Letter:
    """A link that makes an address one of somebody's."""
    return _letter(
        to,
        f"Is this an address of yours at {team.name}?",
        "Hello,",
        f"{user.real_name} ({user.email}) wants to be found by this address as well, so that "
        "programs that know it show their photo. If that is you, open this link in the browser "
        "that you are signed in with:",
        url,
        f"It works for {spelt(lifetime)}. {_IGNORE}",
    )


def changed(user: User, team: Team, what: str, url: str) -> Letter:
    """A note that somebody else changed a person's photo; `what` is a sentence of ours."""
    return _letter(
        user.email,
        f"Your photo at {team.name} was changed",
        f"Hello {user.real_name},",
        what,
        "This is your page, where you see the photo and can change it:",
        url,
    )


def _letter(to: str, subject: str, *paragraphs: str) -> Letter:
    return Letter(to, subject, "\n\n".join(paragraphs) + "\n")


def spelt(lifetime: timedelta) -> str:
    """A time span as people say it: whole days, or else minutes."""
    if lifetime.days:
        return f"{lifetime.days} days" if lifetime.days > 1 else "a day"
    return f"{lifetime.seconds // 60} minutes"
