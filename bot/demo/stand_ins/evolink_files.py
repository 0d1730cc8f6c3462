"""EvoLink's files: taken in by stream, base64 or address, hosted for three days."""

from __future__ import annotations

import asyncio
import base64
import binascii
import mimetypes
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from aiohttp import BodyPartReader, web

from bot.demo.stand_ins.manners import Refusal, invalid, number_in, text_of
from bot.demo.stand_ins.material import BadMaterial, Material, inspected
from bot.demo.stand_ins.reception import fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.demo.stand_ins.studio import Studio

LIFE = timedelta(hours=72)
LARGEST = 100 * 1024 * 1024
QUOTA = 100
BASE = "/api/v1/files"
REFUSED_PICTURES = (".bmp",)
"""Pictures are taken as JPEG, PNG, GIF and WebP."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A hosted file."""

    id: str
    name: str
    original: str
    folder: str
    data: bytes
    mime: str
    at: datetime

    @property
    def path(self) -> str:
        """Where it is served."""
        return f"/files/{self.folder}/{self.name}"


class EvolinkFiles:
    """The stand-in for files-api.evolink.ai."""

    def __init__(self) -> None:
        self.studio: Studio
        self._files: dict[str, Upload] = {}

    def routes(self) -> list[web.RouteDef]:
        """Return uploads, list, quota, delete, and the files themselves."""
        return [
            web.post(f"{BASE}/upload/stream", self.stream, name="upload-stream"),
            web.post(f"{BASE}/upload/base64", self.base64, name="upload-base64"),
            web.post(f"{BASE}/upload/url", self.url, name="upload-url"),
            web.get(f"{BASE}/list", self.listed, name="upload-list"),
            web.get(f"{BASE}/quota", self.quota, name="upload-quota"),
            web.get(f"{BASE}/{{file_id}}", self.one, name="upload-one"),
            web.delete(f"{BASE}/{{file_id}}", self.remove, name="upload-remove"),
            web.get("/files/{folder}/{name}", self.serve, name="file"),
        ]

    async def stream(self, request: web.Request) -> web.Response:
        """Take a multipart field `file`."""
        if request.content_type != "multipart/form-data":
            raise invalid("multipart/form-data is needed")
        name, data, fields = "", b"", {}
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "file":
                name, data = part.filename or "file", bytes(await part.read(decode=True))
            elif part.name:
                fields[part.name] = await part.text()
        return await self._kept(data, fields.get("fileName") or name, fields.get("uploadPath"))

    async def base64(self, request: web.Request) -> web.Response:
        """Take a JSON field `base64_data`, with or without a data URL's head."""
        body = await fields_of(request)
        text = text_of(body, "base64_data", needed=True, longest=LARGEST * 2)
        try:
            data = base64.b64decode(text.rpartition(",")[2], validate=True)
        except binascii.Error as error:
            raise invalid("base64_data isn't base64", "base64_data") from error
        return await self._kept(data, text_of(body, "file_name") or "file", text_of(body, "upload_path"))

    async def url(self, request: web.Request) -> web.Response:
        """Fetch the file at a JSON field `file_url`."""
        body = await fields_of(request)
        address = text_of(body, "file_url", needed=True)
        try:
            (file,) = await self.studio.fetcher.fetch([address])
        except BadMaterial as error:
            raise invalid(str(error), "file_url") from error
        name = text_of(body, "file_name") or PurePosixPath(address.partition("?")[0]).name
        return await self._kept(file.data, name, text_of(body, "upload_path"))

    async def _kept(self, data: bytes, name: str, folder: str | None) -> web.Response:
        if len(data) > LARGEST:
            raise Refusal(413, "file_too_large", "Files may have 100MB")
        if len(self._alive()) >= QUOTA:
            return web.json_response(
                {"success": False, "code": 400, "msg": "File quota exceeded", "data": None}
            )
        try:
            file = await asyncio.to_thread(inspected, name, data)
        except BadMaterial as error:
            return web.json_response({"success": False, "code": 400, "msg": str(error), "data": None})
        if file.extension in REFUSED_PICTURES:
            return web.json_response(
                {"success": False, "code": 400, "msg": "Unsupported file type", "data": None}
            )
        upload = self._hosted(file, name, folder or "uploads")
        return web.json_response({"success": True, "code": 200, "msg": "ok", "data": self._told(upload)})

    def _hosted(self, file: Material, name: str, folder: str) -> Upload:
        number = f"file_{self.studio.digits(64):016x}"
        mime = mimetypes.types_map.get(file.extension, "application/octet-stream")
        upload = Upload(
            id=number,
            name=f"{number}{file.extension}",
            original=name,
            folder=folder.strip("/").replace("/", "-") or "uploads",
            data=file.data,
            mime=mime,
            at=self.studio.world.clock(),
        )
        self._files[number] = upload
        return upload

    def _told(self, upload: Upload) -> Mapping[str, Any]:
        address = f"{self.studio.origin}{upload.path}"
        return {
            "file_id": upload.id,
            "file_name": upload.name,
            "original_name": upload.original,
            "file_size": len(upload.data),
            "mime_type": upload.mime,
            "upload_path": upload.folder,
            "file_url": address,
            "download_url": f"{address}?download=1",
            "upload_time": upload.at.isoformat(),
            "expires_at": (upload.at + LIFE).isoformat(),
        }

    def _alive(self) -> list[Upload]:
        now = self.studio.world.clock()
        return [upload for upload in self._files.values() if now - upload.at < LIFE]

    async def listed(self, request: web.Request) -> web.Response:
        """List the files, newest first."""
        page, size = number_in(request, "page", 1), number_in(request, "pageSize", 20)
        files = self._alive()[::-1]
        shown = [self._told(upload) for upload in files[(page - 1) * size : page * size]]
        data = {"items": shown, "total": len(files), "page": page, "pageSize": size}
        return web.json_response({"success": True, "code": 200, "msg": "ok", "data": data})

    async def quota(self, _: web.Request) -> web.Response:
        """Tell how many files there may be."""
        used = len(self._alive())
        data = {"total": QUOTA, "used": used, "remaining": QUOTA - used}
        return web.json_response({"success": True, "code": 200, "msg": "ok", "data": data})

    async def one(self, request: web.Request) -> web.Response:
        """Tell of one file."""
        upload = self._found(request)
        return web.json_response({"success": True, "code": 200, "msg": "ok", "data": self._told(upload)})

    async def remove(self, request: web.Request) -> web.Response:
        """Forget a file."""
        del self._files[self._found(request).id]
        return web.json_response({"success": True, "code": 200, "msg": "ok", "data": None})

    async def serve(self, request: web.Request) -> web.Response:
        """Give a file to whoever has its address."""
        for upload in self._alive():
            if upload.path == request.path:
                return web.Response(body=upload.data, content_type=upload.mime)
        raise Refusal(404, "not_found", "No such file")

    def _found(self, request: web.Request) -> Upload:
        upload = self._files.get(request.match_info["file_id"])
        if upload is None:
            raise Refusal(404, "not_found", "No such file")
        return upload
