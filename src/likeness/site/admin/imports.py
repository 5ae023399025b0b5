"""`/imports`: a file comes in, its plan is looked at, it is applied, and taken back.

What is done is what the verbs do; `imports/uploading.py` has it. A page of work that goes on asks
browsers to look again, so that it needs no script and survives being closed.
"""

import asyncio
import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from likeness.errors import Mistake, NotAdmitted, ServiceUnavailable
from likeness.events import Actor, Batch
from likeness.imports.matching import EVERY_MATCH, Match
from likeness.imports.outcomes import FAILED
from likeness.imports.reports import as_csv, shown
from likeness.imports.undoing import Undoing, Undone
from likeness.imports.uploading import LIFE, Uploading, Wishes, actor_of
from likeness.model import Caller, Secret
from likeness.precedence import Policy
from likeness.roster import Roster
from likeness.site.admin.receiving import RECEIVE_S_MAX, RECEIVED_AT_ONCE, Received
from likeness.site.admin.rights import check_administrator
from likeness.site.room import Room
from likeness.site.session import Visit, check_form_token
from likeness.uploads import Kind, Stage, Upload

IMPORTS_PATH: Final = "/imports"

REFRESH_S: Final = 3
"""How soon a page of work that goes on is looked at again."""

_ID: Final = re.compile(r"[0-9a-f]{8}")
_MEBIBYTE: Final = 2**20

POLICIES: Final = {
    Policy.IF_NOT_OWN: "Photos of imports, directories and providers; never a choice of people",
    Policy.IF_EMPTY: "None: only people without a photo get one",
    Policy.NEWER: "Also a choice of people, where the file is newer",
    Policy.ALWAYS: "Every photo",
}
MATCHES: Final = {
    Match.EMAIL: "Address",
    Match.ID: "Id",
    Match.USERNAME: "User name",
}
"""Policies and ways to find people, in the words of the page."""


class ImportPages:
    """Imports of one workspace by its administrators."""

    def __init__(self, room: Room, roster: Roster, uploading: Uploading, undoing: Undoing) -> None:
        self._room = room
        self._roster = roster
        self._uploading = uploading
        self._undoing = undoing
        self._places = asyncio.Semaphore(RECEIVED_AT_ONCE)

    def routes(self) -> list[Route]:
        """The list with its form, and the page of each import."""
        guarded, one = self._room.views.guarded, IMPORTS_PATH + "/{id}"
        return [
            Route(IMPORTS_PATH, guarded(self.show), methods=["GET"]),
            Route(IMPORTS_PATH, guarded(self.receive), methods=["POST"]),
            Route(one, guarded(self.show_one), methods=["GET"]),
            Route(one, guarded(self.change), methods=["POST"]),
            Route(f"{one}/report.csv", guarded(self.report), methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form, and what was imported before."""
        visit, caller, token = await self._room.visited(request)
        check_administrator(caller)
        page = await self._list(caller, token)
        return self._room.visitors.remember(visit, page)

    async def receive(self, request: Request) -> Response:
        """Take a file, begin its plan, and show the page of it."""
        self._room.origin.check(request)
        visit, caller, token = await self._room.visited(request, status=403)
        check_administrator(caller)
        if self._places.locked():
            raise ServiceUnavailable("others are uploading files right now; try again in a minute")
        try:
            async with self._places, asyncio.timeout(RECEIVE_S_MAX):
                upload = await self._received(request, visit)
        except (Mistake, TimeoutError) as error:
            why = str(error) or f"the file did not arrive within {RECEIVE_S_MAX:g} s"
            return self._room.views.unread(request, await self._list(caller, token, why))
        return self._room.views.redirect(f"{IMPORTS_PATH}/{upload.id}")

    async def show_one(self, request: Request) -> Response:
        """The plan, the progress or the result, whichever there is."""
        visit, caller, token = await self._room.visited(request)
        check_administrator(caller)
        upload, batch = await self._of(request, caller)
        page = await self._one(caller, token, upload, batch)
        return self._room.visitors.remember(visit, page)

    async def change(self, request: Request) -> Response:
        """Apply it, go on with it, discard it, or take it back."""
        async with self._room.posted(request) as sent:
            caller, client, action = sent.caller, sent.client, sent.text("action")
            check_administrator(caller)
        upload, batch = await self._of(request, caller)
        self._roster.forget_counts(caller.team)
        if action == "undo" and batch:
            undone = await self._undoing.undo(batch.id, Actor.on(caller.user, caller.user, client))
            upload, batch = await self._of(request, caller)
            return await self._one(caller, sent.token, upload, batch, undone)
        if upload is None:
            raise NotAdmitted("This file is not kept any more. Upload it again.")
        if action == "discard":
            await self._uploading.discard(upload)
            return self._room.views.redirect(IMPORTS_PATH)
        await self._go_on(caller, upload, client, is_for_good=action == "apply")
        return self._room.views.redirect(f"{IMPORTS_PATH}/{upload.id}")

    async def report(self, request: Request) -> Response:
        """What became of each row, for spreadsheets."""
        _, caller, _ = await self._room.visited(request)
        check_administrator(caller)
        upload, _ = await self._of(request, caller)
        data = await self._uploading.report(upload) if upload else None
        if upload is None or data is None:
            raise NotAdmitted("There is no report of this import any more.")
        return self._room.views.file(as_csv(data), f"import-{upload.id}.csv", "text/csv")

    async def _received(self, request: Request, visit: Visit) -> Upload:
        form = Received(request)
        await form.begin()
        caller, _ = check_form_token(visit, Secret(form.fields.get("token", "")))
        kind = Kind.PEOPLE if form.fields.get("kind") == Kind.PEOPLE else Kind.PHOTOS
        wishes = _wishes(form.fields)
        async with self._uploading.receiving(caller.team, form.file_name, kind) as draft:
            async for chunk in form.chunks():
                await draft.write(chunk)
            upload = await self._uploading.keep(draft, caller.user, form.file_name, kind, wishes)
        await self._go_on(caller, upload, self._room.visitors.client(request))
        return upload

    async def _go_on(
        self, caller: Caller, upload: Upload, client: str, *, is_for_good: bool = False
    ) -> None:
        """Begin what comes next; a second click, and another one's, does nothing more."""
        is_applied = is_for_good or upload.stage is Stage.APPLYING
        stage = Stage.APPLYING if is_applied else Stage.PLANNING
        by = actor_of(upload, caller.user, client)
        await self._uploading.begin(caller.team, upload, by, stage)

    async def _of(self, request: Request, caller: Caller) -> tuple[Upload | None, Batch | None]:
        """The upload and the batch of an id, one of which is there. Raises NotAdmitted."""
        found = request.path_params["id"]
        upload = batch = None
        if _ID.fullmatch(found):
            upload = await self._uploading.upload(caller.team, found)
            batch = await self._undoing.batch(caller.team, found)
        if upload is None and batch is None:
            raise NotAdmitted(
                "There is no such import, or its file is not kept any more; files are kept for "
                f"{LIFE.total_seconds() / 3600:g} hours."
            )
        return upload, batch

    async def _list(self, caller: Caller, token: Secret, trouble: str = "") -> Response:
        uploads = await self._uploading.uploads(caller.team)
        kept = {upload.id for upload in uploads}
        batches = await self._undoing.batches(caller.team)
        context = self._room.context(caller, token) | {
            "imports_path": IMPORTS_PATH,
            "trouble": trouble,
            "uploads": uploads,
            "batches": [batch for batch in batches if batch.id not in kept],
            "policies": POLICIES,
            "matches": MATCHES,
            "mebibytes_max": self._uploading.length_max // _MEBIBYTE,
            "life_h": int(LIFE.total_seconds() // 3600),
        }
        return self._room.views.page("imports.html", context, 400 if trouble else 200)

    async def _one(
        self,
        caller: Caller,
        token: Secret,
        upload: Upload | None,
        batch: Batch | None,
        undone: Undone | None = None,
    ) -> Response:
        data = await self._uploading.report(upload) if upload else None
        is_stopped = upload is not None and self._uploading.is_stopped(upload)
        is_working = upload is not None and upload.is_working and not is_stopped
        found = upload or batch
        context = self._room.context(caller, token) | {
            "imports_path": IMPORTS_PATH,
            "id": found.id if found else "",
            "upload": upload,
            "batch": batch,
            "undone": undone,
            "is_stopped": is_stopped,
            "is_working": is_working,
            "rows": shown(data) if data and not is_working else [],
            "counts": found.counts if found else {},
            "failed": FAILED,
        }
        page = self._room.views.page("import.html", context)
        if is_working:
            page.headers["Refresh"] = str(REFRESH_S)
        return page


def _wishes(fields: dict[str, str]) -> Wishes:
    policy, match = fields.get("policy", ""), fields.get("match", "")
    return Wishes(
        matches=(Match(match),) if match in set(Match) else EVERY_MATCH,
        policy=Policy(policy) if policy in set(Policy) else Policy.IF_NOT_OWN,
        opens_locks=fields.get("locked") == "yes",
        deactivates=fields.get("deactivate") == "yes",
        force=fields.get("force") == "yes",
    )
