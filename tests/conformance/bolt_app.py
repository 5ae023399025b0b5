"""An unmodified Bolt app that says what it hears, a line of JSON for each event."""

import json
import os
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

app = App(
    signing_secret=os.environ["SIGNING_SECRET"],
    client=WebClient(token=os.environ["TOKEN"], base_url=os.environ["API"]),
)


@app.event("user_change")
def changed(event: dict[str, Any]) -> None:
    """Say it."""
    user = event["user"]
    said = {
        "id": user["id"],
        "deleted": user["deleted"],
        "avatar_hash": user["profile"]["avatar_hash"],
    }
    print(json.dumps(said), flush=True)  # noqa: T201 - this is how it says it.


if __name__ == "__main__":
    app.start(port=int(os.environ["PORT"]), http_server_logger_enabled=False)
