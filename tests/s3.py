"""An S3 server on loopback: what its API reference says of the calls that we make, and signatures checked.

It can fail in the ways in which storage does: see `S3.mode`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote, unquote
from uuid import uuid4
from xml.sax.saxutils import escape

import pytest
from aiohttp import web

from bot.files import Address
from bot.files.opening import open_storage

KEY, SECRET, REGION = "an-access-key", "a-secret-key", "us-east-1"
ONCE = {"max_retries": 0, "retry_timeout": timedelta(seconds=2)}
PAGE = 2
"""Names that one answer lists, so that every test of more lists goes over pages."""


class Stored:
    """One object."""

    def __init__(self, data, tag):
        self.data = data
        self.tag = tag
        self.since = datetime.now(UTC)


class S3:
    """Buckets with what lies in them."""

    def __init__(self):
        self.buckets = {}
        self.uploads = {}
        self.mode = "open"
        """Or `down` (cuts each connection), `denied`, or `hung` (never answers)."""
        self.asked = []
        """Method and path of each call, in order."""
        self.after = {}
        """Method: what is done once its next call has been answered for."""
        self.url = ""
        self.over = asyncio.Event()

    def address(self, bucket=None, **changes):
        """Return how a bucket is reached: a new one, or one that is named."""
        if bucket is None:
            bucket = f"films-{uuid4().hex[:12]}"
            self.buckets[bucket] = {}
        said = {"url": f"s3://{bucket}/a/prefix", "endpoint": self.url, "region": REGION}
        return Address(**(said | {"access_key": KEY, "secret_key": SECRET} | changes))

    def objects(self, address):
        """Return what lies in a bucket, by the names that we give."""
        bucket = self.buckets[address.url.split("/")[2]]
        return {name.removeprefix("a/prefix/"): stored for name, stored in bucket.items()}

    async def answer(self, request):
        """Answer a call."""
        self.asked.append((request.method, request.path))
        if self.mode == "hung":
            await self.over.wait()
        if self.mode == "down":
            request.transport.abort()
            return web.Response()
        body = await request.read()
        if self.mode == "denied" or not _is_signed(request, body):
            return _error(403, "AccessDenied")
        bucket, _, name = unquote(_path(request)).lstrip("/").partition("/")
        if bucket not in self.buckets:
            return _error(404, "NoSuchBucket")
        answer = self._call(request, self.buckets[bucket], name, body)
        if (then := self.after.pop(request.method, None)) is not None:
            then()
        return answer

    def _call(self, request, bucket, name, body):
        query = request.query
        match request.method:
            case "GET" if not name:
                return _listing(bucket, query)
            case "GET" | "HEAD":
                return _given(request, bucket.get(name))
            case "POST" if "uploads" in query:
                upload = uuid4().hex
                self.uploads[upload] = {}
                return _xml(
                    f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
                )
            case "POST":
                return self._completed(bucket, name, query["uploadId"])
            case "PUT" if "uploadId" in query:
                self.uploads[query["uploadId"]][int(query["partNumber"])] = body
                return web.Response(headers={"ETag": _tag(body)})
            case "PUT":
                bucket[name] = Stored(body, _tag(body))
                return web.Response(headers={"ETag": bucket[name].tag})
        (self.uploads if "uploadId" in query else bucket).pop(query.get("uploadId", name), None)
        return web.Response(status=204)

    def _completed(self, bucket, name, upload):
        parts = [data for _, data in sorted(self.uploads.pop(upload).items())]
        tag = _tag(b"".join(hashlib.md5(part).digest() for part in parts))
        bucket[name] = Stored(b"".join(parts), tag)
        return _xml(
            f"<CompleteMultipartUploadResult><ETag>{escape(tag)}</ETag></CompleteMultipartUploadResult>"
        )


def _path(request):
    """Return the path as it was sent; a proxy is sent a whole address."""
    return re.sub(r"^http://[^/]+", "", request.raw_path.partition("?")[0])


def _tag(data):
    return f'"{hashlib.md5(data).hexdigest()}"'


def _xml(text):
    return web.Response(text=f'<?xml version="1.0" encoding="UTF-8"?>{text}', content_type="application/xml")


def _error(status, code):
    told = f"<AWSAccessKeyId>{KEY}</AWSAccessKeyId><SecretKey>{SECRET}</SecretKey>"  # as it is known to quote
    answer = _xml(f"<Error><Code>{code}</Code><Message>{code}</Message>{told}</Error>")
    answer.set_status(status)
    return answer


def _given(request, stored):
    if stored is None:
        return _error(404, "NoSuchKey")
    headers = {"ETag": stored.tag, "Last-Modified": format_datetime(stored.since, usegmt=True)}
    data, status = stored.data, 200
    if asked := re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("Range", "")):
        first, last = int(asked[1]), min(int(asked[2]), len(data) - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        data, status = data[first : last + 1], 206
    if request.method == "HEAD":
        headers["Content-Length"] = str(len(data))
    return web.Response(body=data, status=status, headers=headers)


def _listing(bucket, query):
    after = query.get("continuation-token", "")
    names = [name for name in sorted(bucket) if name.startswith(query.get("prefix", "")) and name > after]
    told = [
        f"<Contents><Key>{escape(name)}</Key><LastModified>{bucket[name].since.isoformat()}</LastModified>"
        f"<ETag>{escape(bucket[name].tag)}</ETag><Size>{len(bucket[name].data)}</Size></Contents>"
        for name in names[:PAGE]
    ]
    more = len(names) > PAGE
    rest = f"<NextContinuationToken>{names[PAGE - 1]}</NextContinuationToken>" if more else ""
    truncated = str(more).lower()
    return _xml(
        f"<ListBucketResult><IsTruncated>{truncated}</IsTruncated>{''.join(told)}{rest}</ListBucketResult>"
    )


def _is_signed(request, body):
    """Say whether it bears our signature, over the very body (Signature Version 4)."""
    shape = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d+)/([^/]+)/s3/aws4_request, ?"
        r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})",
        request.headers.get("Authorization", ""),
    )
    digest = hashlib.sha256(body).hexdigest()
    if shape is None or shape[1] != KEY or request.headers.get("x-amz-content-sha256") != digest:
        return False
    path = _path(request)
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in request.query.items()
    )
    headers = [f"{name}:{' '.join(request.headers[name].split())}\n" for name in shape[4].split(";")]
    lines = [request.method, path, "&".join(f"{name}={value}" for name, value in pairs)]
    canonical = "\n".join([*lines, "".join(headers), shape[4], digest])
    scope = f"{shape[2]}/{shape[3]}/s3/aws4_request"
    said = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{request.headers['x-amz-date']}\n{scope}\n{said}"
    key = f"AWS4{SECRET}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.compare_digest(key.hex(), shape[5])


@asynccontextmanager
async def serving(host="127.0.0.1"):
    """Yield a server with no buckets."""
    server = S3()
    # A guest whose answer is awaited no more keeps its connection: nothing waits for that at the end.
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{rest:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, host, 0)
    await site.start()
    server.url = f"http://{host}:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        server.over.set()
        await runner.cleanup()


@pytest.fixture
async def s3():
    """Yield a server with no buckets."""
    async with serving() as server:
        yield server


def opened(address, folder):
    """Open storage as one process does, which tries everything once; its copies lie in `folder`."""
    storage = open_storage(address, folder, retries=ONCE)
    for name in ("media", "films"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return storage
