"""What letters say: who, where, how long, and that one may leave them alone."""

from datetime import timedelta

from likeness import letters
from support.rows import team, user

ACME = team(name="Acme")
ADA = user(email="ada@example.org", real_name="Ada Lovelace")
URL = "https://photos.example.org/sign-in?code=c"


def test_a_link_stands_on_a_line_of_its_own() -> None:
    """Programs that make links of text take no dot along."""
    letter = letters.sign_in("countess@example.org", ADA, ACME, URL, timedelta(minutes=15))

    assert letter.to == "countess@example.org"
    assert letter.subject == "Sign in to your photo at Acme"
    assert URL in letter.text.splitlines()
    assert "Ada Lovelace" in letter.text
    assert "15 minutes" in letter.text
    assert "you need do nothing" in letter.text


def test_whoever_is_asked_for_an_address_learns_who_asks() -> None:
    """They may be somebody else."""
    letter = letters.confirm("countess@example.org", ADA, ACME, URL, timedelta(minutes=15))

    assert letter.to == "countess@example.org"
    assert "Ada Lovelace (ada@example.org)" in letter.text
    assert URL in letter.text.splitlines()


def test_a_change_is_told_to_the_first_address() -> None:
    letter = letters.changed(ADA, ACME, "An administrator set a photo of you.", URL)

    assert (letter.to, letter.subject) == ("ada@example.org", "Your photo at Acme was changed")
    assert "An administrator set a photo of you." in letter.text


def test_an_invitation_says_who_invites_and_for_how_long() -> None:
    """In whole days where there are any."""
    days = [letters.invitation(ADA, ACME, URL, timedelta(days=each)).text for each in (1, 7)]

    assert "an administrator of Acme" in days[0]
    assert URL in days[0].splitlines()
    assert "It works for a day." in days[0]
    assert "It works for 7 days." in days[1]
