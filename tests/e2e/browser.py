"""Headless Chromium through chromedriver's plain WebDriver calls: as much as one test needs."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import signal
import socket
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ENTER = "\ue007"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)


def programs() -> tuple[str, str] | None:
    """Return the paths of Chromium and its driver, or None where they are missing."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    return (chromium, driver) if chromium and driver else None


class Browser:
    def __init__(self, http: aiohttp.ClientSession, session: str) -> None:
        self._http = http
        self._session = session

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One WebDriver call in this session."""
        async with self._http.request(method, f"/session/{self._session}/{path}", json=body) as answer:
            value = (await answer.json())["value"]
            assert answer.status == 200, f"{method} {path}: {value}"
            return value

    async def open(self, url: str) -> None:
        """Go there."""
        await self.call("POST", "url", {"url": url})

    async def run(self, script: str, *arguments: object) -> Any:
        """Run the script in the page and return what it returns."""
        return await self.call("POST", "execute/sync", {"script": script, "args": arguments})

    async def find(self, css: str, *, within: float = 10) -> str:
        """Wait for an element and return its handle."""
        await self.call("POST", "timeouts", {"implicit": int(within * 1000)})
        found = await self.call("POST", "element", {"using": "css selector", "value": css})
        return str(found[ELEMENT])

    async def click(self, css: str) -> None:
        """Click the first match."""
        await self.call("POST", f"element/{await self.find(css)}/click", {})

    async def type(self, css: str, text: str) -> None:
        """Type into the first match; a path into a file input."""
        await self.call("POST", f"element/{await self.find(css)}/value", {"text": text})

    async def screenshot(self) -> bytes:
        """Return what the window shows as PNG."""
        return base64.b64decode(await self.call("GET", "screenshot"))


@asynccontextmanager
async def open_browser(profile: Path, *, width: int, height: int, scale: int = 1) -> AsyncIterator[Browser]:
    """Start the driver on a free port and one window with an empty profile; end both.

    `scale`: pixels per CSS pixel.
    """
    found = programs()
    assert found is not None
    chromium, driver = found
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        driver,
        f"--port={port}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # one group to end, should the browser outlive its driver
    )
    try:
        options = {
            "binary": chromium,
            "args": [
                *FLAGS,
                f"--user-data-dir={profile}",
                f"--window-size={width},{height}",
                f"--force-device-scale-factor={scale}",
            ],
        }
        async with aiohttp.ClientSession(
            f"http://127.0.0.1:{port}", timeout=aiohttp.ClientTimeout(60)
        ) as http:
            body = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
            await ready(http)
            async with http.post("/session", json=body) as answer:
                value = (await answer.json())["value"]
                assert answer.status == 200, value
            try:
                yield Browser(http, value["sessionId"])
            finally:
                await http.delete(f"/session/{value['sessionId']}")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def ready(http: aiohttp.ClientSession) -> None:
    """Wait until the driver answers."""
    async with asyncio.timeout(20):
        while True:
            with suppress(aiohttp.ClientConnectionError):
                await http.get("/status")
                return
            await asyncio.sleep(0.05)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
