"""The authorities whose certificates prove who a server is: read once for everybody who calls out.

Some 150 of them take a processor 15 ms, which nobody else may have to wait for.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    import ssl


@cache
def trusted() -> ssl.SSLContext:
    """Return what checks a server's certificate by the usual authorities, or by `SSL_CERT_FILE`'s."""
    return httpx.create_ssl_context()


async def trusted_soon() -> ssl.SSLContext:
    """Return the same without holding up the event loop."""
    return await asyncio.to_thread(trusted)
