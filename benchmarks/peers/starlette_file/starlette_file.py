"""How a Python web service usually serves a stored picture: a route and a `FileResponse`.

No database, no check of who asks, no cache; all in its favour. It is started by
`uvicorn starlette_file:app`; the folder with the pictures comes by environment.
"""

import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

FOLDER = Path(os.environ["FOLDER"])


async def photo(request: Request) -> FileResponse:
    """The file of a day and a name."""
    path = FOLDER / "avatars" / request.path_params["day"] / request.path_params["name"]
    if not path.is_file():
        raise HTTPException(404)
    return FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})


app = Starlette(routes=[Route("/avatars/{day}/{name}", photo)])
