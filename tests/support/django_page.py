"""Templates rendered by a real Django site, which is this file when it is run as a program.

It reads `[[template, address], ...]` from stdin and prints what each becomes, with `email`, `user`
and `exists` to be used in it. Its settings are the module that DJANGO_SETTINGS_MODULE names.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Final

from support.patience import PATIENCE_S

BASE: Final = """
SECRET_KEY = "a site of one page"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "avatar", "django_gravatar"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
STATIC_URL = "/static/"
"""


def render(pages: Iterable[tuple[str, str]], settings: str, folder: Path) -> list[str]:
    """Each template for each address, by a site with these settings, which are Python."""
    (folder / "photo_settings.py").write_text(BASE + settings, encoding="utf-8")
    path = os.pathsep.join(map(str, (folder, Path(__file__).parents[1])))
    run = subprocess.run(
        [sys.executable, __file__],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "photo_settings", "PYTHONPATH": path},
        input=json.dumps(list(pages)),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    rendered: list[str] = json.loads(run.stdout)
    return rendered


def main() -> None:
    """Be the site."""
    import django  # noqa: PLC0415 - only the site has Django's settings
    from django.core.management import call_command  # noqa: PLC0415 - see django
    from django.template import engines  # noqa: PLC0415 - see django

    django.setup()
    from django.contrib.auth.models import User  # noqa: PLC0415 - needs the settings
    from django_gravatar.helpers import has_gravatar  # noqa: PLC0415 - needs the settings

    call_command("migrate", verbosity=0)
    rendered = []
    for template, email in json.load(sys.stdin):
        user, _ = User.objects.get_or_create(username=email, email=email)
        page = engines["django"].from_string(template)
        context = {"email": email, "user": user, "exists": partial(has_gravatar, email)}
        rendered.append(page.render(context))
    json.dump(rendered, sys.stdout)


if __name__ == "__main__":
    main()
