"""The verb that says what programs show of somebody."""

from hashlib import sha256
from pathlib import Path

from support.commands import CommandLine
from support.pictures import jpeg

ADA = "ada@example.org"


def test_it_says_what_is_shown_and_why(cli: CommandLine, tmp_path: Path) -> None:
    """A line for each program, with the URL that it asks for."""
    (tmp_path / "me.jpg").write_bytes(jpeg(600, 600))
    cli.json("photo", "set", ADA, str(tmp_path / "me.jpg"))

    said = cli.run("explain", ADA).output

    assert "an administrator's choice" in said
    assert f"WordPress ({ADA}): the photo, may be kept for 300 s" in said
    assert f"/avatar/{sha256(ADA.encode()).hexdigest()}?s=96&d=mm&r=g" in said
    assert "image_192): the photo, may be kept for ever" in said


def test_programs_read_it_too(cli: CommandLine) -> None:
    """With each digest that leads to somebody."""
    told = cli.json("explain", ADA)

    assert told["email"] == ADA
    assert sha256(ADA.encode()).hexdigest() in told["addresses"][0]["digests"]
    assert {each["showing"] for each in told["shown"]} == {"a default picture"}
