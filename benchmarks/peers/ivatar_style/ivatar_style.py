"""What a view in the manner of ivatar, the server behind libravatar.org, does for each request.

It looks into Django's cache of files for a finished answer. If there is none it looks the digest up
as an MD5 and then as a SHA-256, fetches the picture that lies in the database, scales it with
Pillow, encodes it, and puts the answer into the cache. All this is written anew and left plain: no
middleware, no counting of accesses (ivatar writes two rows for that), one kind of address.

`CACHE=off` leaves the cache out. It is started by `gunicorn ivatar_style:application`; the picture
that is shown for `DIGEST` is the file `PICTURE`, and `FOLDER` has database and cache.
"""

import os
from io import BytesIO
from pathlib import Path

import django
from django.conf import settings

FOLDER = Path(os.environ["FOLDER"])
settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": FOLDER / "db.sqlite3",
            # Else a connection would be opened for each request.
            "CONN_MAX_AGE": None,
        }
    },
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": FOLDER / "cache",
            "TIMEOUT": 900,
        }
    },
)
django.setup()

from django.core.cache import cache  # noqa: E402 - Django must be set up before.
from django.core.wsgi import get_wsgi_application  # noqa: E402 - see above
from django.db import connection, models  # noqa: E402 - see above
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound  # noqa: E402 - see above
from django.urls import path  # noqa: E402 - see above
from PIL import Image  # noqa: E402 - see above

CACHED = os.environ.get("CACHE", "on") == "on"
JPEG_QUALITY = 85
SIDE_MAX = 512
SIDE_DEFAULT = 80


class Photo(models.Model):  # noqa: DJ008 - Nobody prints it.
    """A picture of somebody's, in the database."""

    data = models.BinaryField()

    class Meta:
        """Where Django files it."""

        app_label = "ivatar_style"


class Address(models.Model):  # noqa: DJ008 - see above
    """An address that was proven, by both of its digests."""

    digest = models.CharField(max_length=32, unique=True)
    digest_sha256 = models.CharField(max_length=64, unique=True)
    photo = models.ForeignKey(Photo, null=True, on_delete=models.SET_NULL)

    class Meta:
        """Where Django files it."""

        app_label = "ivatar_style"


def avatar(request: HttpRequest, digest: str) -> HttpResponse:
    """The picture of a digest, in the size that `s` says."""
    uri = request.build_absolute_uri()
    if CACHED and (kept := cache.get(uri)):
        return HttpResponse(kept["content"], content_type=kept["type"])
    found = Address.objects.filter(digest=digest).first()
    found = found or Address.objects.filter(digest_sha256=digest).first()
    if found is None or found.photo is None:
        return HttpResponseNotFound("not found")
    content = _scaled(bytes(found.photo.data), _side(request))
    if CACHED:
        cache.set(uri, {"content": content, "type": "image/jpeg"})
    return HttpResponse(
        content, content_type="image/jpeg", headers={"Cache-Control": "max-age=300"}
    )


def _side(request: HttpRequest) -> int:
    asked = request.GET.get("size", request.GET.get("s", ""))
    return min(int(asked), SIDE_MAX) if asked.isdecimal() and int(asked) else SIDE_DEFAULT


def _scaled(data: bytes, side: int) -> bytes:
    picture = Image.open(BytesIO(data))
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=JPEG_QUALITY)
    return stream.getvalue()


def _fill() -> None:
    """Tables, one address and its picture."""
    with connection.schema_editor() as editor:
        editor.create_model(Photo)
        editor.create_model(Address)
    photo = Photo.objects.create(data=Path(os.environ["PICTURE"]).read_bytes())
    Address.objects.create(digest="0" * 32, digest_sha256=os.environ["DIGEST"], photo=photo)


urlpatterns = [path("avatar/<str:digest>", avatar)]
if not (FOLDER / "db.sqlite3").exists():
    _fill()
application = get_wsgi_application()
