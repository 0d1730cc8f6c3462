# ruff: noqa: SLF001 -- SimCord's page can't be changed by its public names; this file is the one place
"""SimCord's page, made fit for watching: it shows what happens without a click, and plays films as they are.

Out of the box the page shows the state at the viewer's last action, re-encodes every film to VP9 (within 30 s
at most, too little for 1080p on a small machine), and is dressed as a test bench. All three are changed from
outside by SimCord 3.2's private names, here alone; the tests of this file prove them.
"""

from __future__ import annotations

import asyncio
import io
import json
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import av
import simcord
from aiohttp import web
from simcord.backend.cdn import CDN_BASE
from simcord.backend.errors import BackendError, SetupError
from simcord.preview._media import MediaInfo, MediaWorker
from simcord.preview._server import PreviewServer

from bot.demo import avatars
from bot.demo.controls import HEADER, MOST_BYTES, Controls, widen
from bot.demo.local_discord import FACE, SEEN
from bot.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from PIL.Image import Image
    from simcord.preview import Preview

    from bot.demo.controls import ManyChannels
    from bot.demo.local_discord import Attachment, LocalDiscord

BREATH: Final = timedelta(milliseconds=150)
"""Changes within this time are shown together."""
MOST_MEDIA: Final = 1 << 30
"""Bytes of pictures and films that one page keeps."""
OWN: Final[Mapping[str, str]] = {"/matinee.css": "text/css", "/matinee.js": "application/javascript"}
DRESS: Final = (
    ("<title>SimCord Preview</title>", "<title>Matinee</title>"),
    (
        "</head>",
        '<link rel="stylesheet" href="/matinee.css"><script type="module" src="/matinee.js"></script></head>',
    ),
    (
        '<span class="brand-mark" aria-hidden="true">S</span>',
        '<span class="brand-mark" aria-hidden="true">M</span>',
    ),
    (
        "<strong>SimCord</strong><small>Preview</small>",
        "<strong>Matinee</strong><small>demo, on SimCord</small>",
    ),
)


class FilmsAsTheyAre(MediaWorker):
    """Hands H.264 films to the browser untouched; everything else goes SimCord's way."""

    async def validate(self, key: str, blob: bytes, *, media_time: float | None = None) -> MediaInfo:
        """Return what the page shows for one file."""
        info = None if media_time else await asyncio.to_thread(as_it_is, blob)
        return info or await super().validate(key, blob, media_time=media_time)


def as_it_is(blob: bytes) -> MediaInfo | None:
    """Describe a film that every browser plays, or None."""
    if blob[4:8] != b"ftyp":
        return None
    try:
        with av.open(io.BytesIO(blob), "r") as film:
            codecs = {str(stream.type): str(stream.codec_context.name) for stream in film.streams}
            if codecs.get("video") != "h264" or codecs.get("audio", "aac") != "aac":
                return None
            poster = io.BytesIO()
            frame = next(film.decode(video=0))
            picture: Image = frame.to_image()  # type: ignore[no-untyped-call]
            picture.save(poster, format="PNG", compress_level=1)
            return MediaInfo(
                "mp4", frame.width, frame.height, film.streams.video[0].frames, 0, blob, "video/mp4",
                kind="video", duration=float(film.duration or 0) / av.time_base,
                capture=poster.getvalue(), poster=poster.getvalue(),
                source_codecs=codecs, display_codecs=codecs, transformation="preserved", memory_limited=True,
            )  # fmt: skip
    except (av.FFmpegError, StopIteration):
        return None


class DressedServer(PreviewServer):
    """SimCord's page with our style sheet and script beside its own, and what our script asks for."""

    _STATIC_FILES: ClassVar[dict[str, str]] = {**PreviewServer._STATIC_FILES, **{path: path for path in OWN}}

    def __init__(self, preview: ManyChannels, port: int, controls: Controls) -> None:
        super().__init__(preview, port)
        self._many = preview
        self._controls = controls

    async def _commands(self, request: web.Request) -> web.Response:
        response: web.Response = await super()._commands(request)
        if response.status == HTTPStatus.OK:
            page = self._many._get_page(request.headers["X-Simcord-Context"])
            response.text = json.dumps(self._many.catalogue(page, json.loads(response.text or "")))
        return response

    async def _action(self, request: web.Request) -> web.Response:
        wish = request.headers.get(HEADER)
        if wish is None:
            response: web.Response = await super()._action(request)
            return response
        context = request.headers.get("X-Simcord-Context")
        if not self._authorized(request, context=context):
            raise web.HTTPUnauthorized
        if (request.content_length or 0) > MOST_BYTES:
            raise web.HTTPRequestEntityTooLarge(MOST_BYTES, request.content_length or 0)
        try:
            choice = await self._controls(context, wish, await request.content.read())
        except (BackendError, SetupError, KeyError, ValueError) as refused:
            raise web.HTTPConflict(text=str(refused)) from refused
        publish(self.preview)
        return web.json_response(choice, headers=self._SECURITY_HEADERS)

    async def _static(self, request: web.Request) -> web.Response:
        if request.path in OWN:
            return self._own(request)
        response: web.Response = await super()._static(request)
        if request.path == "/":
            page = response.text or ""
            for theirs, ours in DRESS:
                page = page.replace(theirs, ours)
            response.text = page
        return response

    def _own(self, request: web.Request) -> web.Response:
        if request.host not in self._allowed_hosts():
            raise web.HTTPForbidden
        text = Path(__file__).with_name(request.path.lstrip("/")).read_text("utf-8")
        return web.Response(text=text, content_type=OWN[request.path], headers=self._SECURITY_HEADERS)


@asynccontextmanager
async def open_page(server: LocalDiscord, *, port: int | None = None) -> AsyncIterator[str]:
    """Serve the channel on 127.0.0.1 and yield the address: whoever has it may act as any of the members.

    Raises `SettingsError` if the port is taken.
    """
    viewers = tuple(server.members.values())
    plain: Preview = server.env.preview(
        server.channel, viewers=viewers, layout="channel", assets=_faces(server), port=port
    )
    preview = widen(plain, server.amendments)
    preview._server = DressedServer(preview, port or 0, Controls(server, preview))
    preview._media_worker = FilmsAsTheyAre()
    setattr(preview, "_MAX_MEDIA_BYTES", MOST_MEDIA)  # noqa: B010 -- a class variable to mypy
    news = asyncio.Event()

    def observe(event: str, payload: Mapping[str, Any]) -> None:
        del payload
        if event in SEEN:
            news.set()

    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(preview)
        except simcord.SetupError as taken:
            raise SettingsError(f"--port: {port} is taken; choose another, or leave it out") from taken
        server.env.backend.subscribers.append(observe)
        keeper = asyncio.create_task(_keep_fresh(preview, news))
        try:
            yield preview.url
        finally:
            server.env.backend.subscribers.remove(observe)
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper


def _faces(server: LocalDiscord) -> dict[str, Attachment]:
    """Return everybody's avatar by the address where Discord would keep it."""
    faces = {member.id: avatars.of_member(name) for name, member in server.members.items()}
    faces[server.env.backend.bot_user.id] = avatars.of_bot()
    return {f"{CDN_BASE}/avatars/{user}/{FACE}.png": ("avatar.png", drawn) for user, drawn in faces.items()}


async def _keep_fresh(preview: Preview, news: asyncio.Event) -> None:
    """Publish every change; each page asks for its state twice a second."""
    while True:
        await news.wait()
        await asyncio.sleep(BREATH.total_seconds())
        if preview._active_action is None:
            news.clear()
            publish(preview)


def publish(preview: Preview) -> None:
    """Show every page the state of now.

    The revision stays: a click that was on its way would be turned away as made on an old page.
    """
    preview._advance_presentation_time()
    for page in tuple(preview._pages.values()):
        if page.pinned_snapshot is None:
            page.revision -= 1
            preview._publish(page, reason="refresh")
