"""The picture engine: it probes and plans here, and has pixels made in other processes.

Uploads are parsed, stripped and planned for here, in Python; pixels are met only by the workers,
one picture each at a time. Neither HTTP nor storage is known here.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from anyio import to_thread

from likeness.errors import BadImage, ServiceUnavailable, TooLarge
from likeness.imaging.drawings import DrawingPlan
from likeness.imaging.formats import Probe
from likeness.imaging.formats.steps import Steps
from likeness.imaging.plan import (
    Colour,
    Limits,
    Stored,
    as_opaque,
    check_length,
    plan,
    plan_working_copy,
)
from likeness.imaging.pool.handle import Reply
from likeness.imaging.pool.spawner import Spawner
from likeness.imaging.pool.worker_pool import WorkerPool
from likeness.imaging.port import NO_OWNER, Developed, Drawing, EngineCounts, Owner, Working
from likeness.imaging.probe import parse, probe
from likeness.imaging.sandbox import Mode
from likeness.imaging.views import AnyPlan, MatchPlan, plan_view, suggestion
from likeness.model import Crop, DefaultStyle, Format

RECIPE_VERSION: Final = 6
"""Raised with every change that gives other pixels for the same upload."""

AT_ONCE_LENGTH_MAX: Final = 512 * 1024
"""Bytes of a picture that is looked through in the event loop; a JPEG of 1024 pixels has 200 000,
which take 0.1 ms."""

AT_ONCE_STEPS_MAX: Final = 256
"""Short parts of such a picture, 0.5 ms; one of more is looked through again, in a thread."""

VIEWS_MAX: Final = 64
"""Views that may wait; each takes a millisecond or some, twenty at most (`ViewPlan.is_costly`)."""

COSTLY_VIEWS_MAX: Final = 8
"""Costly views that may wait; each takes 0.02 to 0.4 s."""

DRAWINGS_WAITING_MAX: Final = 16
"""Default pictures that may wait; most take a millisecond or some, the largest 40."""

VIEW_WORKERS_KEPT: Final = 4
"""Of each kind, for as many workspaces; a view for another one takes 7 ms more."""


class WorkerEngine:
    """`workers` processes for uploads, and room for `queue_max` pictures that wait for one of them.

    One more makes views of stored photos, so that views never wait for uploads, and one the views
    that are costly, so that no icon waits for a poster. One draws default pictures: it
    meets no byte of anybody's, so that it is for all workspaces. See `WorkerPool` for deadlines and
    cores; a bound worker takes a sixth less CPU for a picture while the others rest (decision 9).
    """

    def __init__(
        self,
        *,
        workers: int,
        queue_max: int,
        deadline_s: float,
        letterbox_rgb: Colour,
        cores: Sequence[int] = (),
        sandbox: Mode = Mode.AUTO,
    ) -> None:
        self._letterbox_rgb = letterbox_rgb
        self._spawner = Spawner(sandbox)
        self._uploads = WorkerPool(
            self._spawner,
            workers=workers,
            queue_max=queue_max,
            deadline_s=deadline_s,
            cores=cores,
        )
        self._views, self._costly_views = (
            WorkerPool(
                self._spawner,
                workers=1,
                kept=VIEW_WORKERS_KEPT,
                queue_max=queue_max,
                deadline_s=deadline_s,
            )
            for queue_max in (VIEWS_MAX, COSTLY_VIEWS_MAX)
        )
        self._drawings = WorkerPool(
            self._spawner, workers=1, queue_max=DRAWINGS_WAITING_MAX, deadline_s=deadline_s
        )

    @property
    def recipe(self) -> str:
        """See ImageEngine."""
        return f"{RECIPE_VERSION} {bytes(self._letterbox_rgb).hex()}"

    @property
    def counts(self) -> EngineCounts:
        """The figures of this moment: uploads."""
        return self._uploads.counts

    @property
    def view_counts(self) -> EngineCounts:
        """The figures of this moment: views that are quick."""
        return self._views.counts

    @property
    def costly_view_counts(self) -> EngineCounts:
        """The figures of this moment: views that are costly."""
        return self._costly_views.counts

    @property
    def drawing_counts(self) -> EngineCounts:
        """The figures of this moment: default pictures."""
        return self._drawings.counts

    def watch(self, counted: Callable[[], None]) -> None:
        """Have `counted` called, in any thread, each time that one of the figures has changed."""
        for pool in (self._uploads, self._views, self._costly_views, self._drawings):
            pool.counted = counted

    @property
    def layers(self) -> tuple[str, ...]:
        """The walls around the workers, as far as this machine has them; () before the start."""
        return tuple(layer.value for layer in self._spawner.layers)

    async def start(self) -> None:
        """Start the workers for uploads now instead of with the first pictures.

        The one for views takes 10 ms when it is first wanted. Raises ServiceUnavailable when none
        can be started, Mistake when a sandbox is required that this machine does not have.
        """
        await self._uploads.start()

    async def develop(
        self,
        data: bytes,
        crop: Crop | None,
        limits: Limits,
        owner: Owner = NO_OWNER,
        *,
        turn: int = 0,
        is_own: bool = False,
        keeps_alpha: bool = False,
    ) -> Developed:
        """See ImageEngine."""
        planned = partial(
            plan,
            crop=crop,
            limits=limits,
            letterbox_rgb=self._letterbox_rgb,
            is_own=is_own,
            keeps_alpha=keeps_alpha,
        )
        todo, clean, lost = await _looked_through(data, limits, turn, planned)
        reply = await self._uploaded(clean, todo, owner)
        todo = as_opaque(todo) if reply.is_opaque else todo
        renditions = todo.complete(reply.files, clean)
        width, height = todo.source.upright
        return Developed(
            renditions=renditions,
            format=todo.format,
            width=width,
            height=height,
            frames=todo.source.frames,
            sizes=todo.sizes,
            window=todo.window,
            notes=(*lost, *_sentences(reply), *todo.notes),
        )

    async def prepare(self, data: bytes, limits: Limits, owner: Owner = NO_OWNER) -> Working:
        """See ImageEngine."""
        planned = partial(plan_working_copy, limits=limits, letterbox_rgb=self._letterbox_rgb)
        todo, clean, lost = await _looked_through(data, limits, 0, planned)
        reply = await self._uploaded(clean, todo, owner)
        todo = as_opaque(todo) if reply.is_opaque else todo
        [working] = reply.files
        if len(working.data) > limits.length_max:
            # It is refused now rather than when it is to be cropped.
            raise TooLarge(
                f"picture has {len(working.data)} bytes once it is cleaned; at most "
                f"{limits.length_max} are allowed; send it as a JPEG or scale it down",
                argument="image",
            )
        suggested = suggestion(todo.width, todo.height, reply.focus) if reply.focus else None
        notes = (*lost, *_sentences(reply))
        return Working(
            working.data,
            todo.format,
            todo.width,
            todo.height,
            todo.source.upright[0],
            suggested,
            notes,
            todo.source.orientation,
        )

    async def view(
        self, data: bytes, side: int, form: Format, *, team_id: str = "", asker: str = ""
    ) -> bytes:
        """See ImageEngine."""
        todo = plan_view(probe(data), side, form, matte=self._letterbox_rgb)
        pool = self._costly_views if todo.is_costly else self._views
        [made] = (await pool.files(data, todo, team_id=team_id, sender=asker)).files
        return made.data

    async def draw(
        self,
        style: DefaultStyle,
        digest: str,
        side: int,
        letters: str,
        form: Format,
        *,
        asker: str = "",
    ) -> Drawing:
        """See ImageEngine."""
        todo = DrawingPlan(style, digest, side, letters, form)
        try:
            reply = await self._drawings.files(b"", todo, team_id="", sender=asker)
        except BadImage as failure:
            # There was no picture to be bad: its worker was killed, or the machine is too busy.
            raise ServiceUnavailable("the picture cannot be drawn now; try again soon") from failure
        [made] = reply.files
        return Drawing(made.data, reply.is_whole)

    async def shows_whole(self, original: bytes, square: bytes, owner: Owner = NO_OWNER) -> bool:
        """See ImageEngine."""
        source = probe(original)
        background = None if source.has_alpha else self._letterbox_rgb
        todo = MatchPlan(source, source.format, probe(square), len(original), background)
        return (await self._uploaded(original + square, todo, owner)).is_whole

    async def close(self) -> None:
        """See ImageEngine. Pictures that still wait for a worker are cancelled."""
        await self._uploads.close()
        await self._views.close()
        await self._costly_views.close()
        await self._drawings.close()
        self._spawner.close()

    async def _uploaded(self, data: bytes, todo: AnyPlan, owner: Owner) -> Reply:
        return await self._uploads.files(data, todo, team_id=owner.team_id, sender=owner.user_id)


async def _looked_through(
    data: bytes, limits: Limits, turn: int, planned: Callable[[Probe], Stored]
) -> tuple[Stored, bytes, tuple[str, ...]]:
    """The result of `_planned`. Handing a usual file to a thread would cost as much as it does."""
    check_length(len(data), limits)
    if len(data) <= AT_ONCE_LENGTH_MAX:
        steps = Steps(AT_ONCE_STEPS_MAX)
        try:
            return _planned(data, steps, turn, planned)
        except BadImage:
            if not steps.are_spent:
                raise
    return await to_thread.run_sync(_planned, data, Steps(), turn, planned)


def _planned(
    data: bytes, steps: Steps, turn: int, planned: Callable[[Probe], Stored]
) -> tuple[Stored, bytes, tuple[str, ...]]:
    """A plan for the picture turned, its cleaned bytes, and notes on what they lack."""
    found = parse(data, steps)
    return planned(found.probe.turned(turn)), found.stripped(), found.notes


def _sentences(reply: Reply) -> tuple[str, ...]:
    """The losses that the worker noticed, as sentences for the caller."""
    return tuple(note.sentence for note in reply.notes)
