"""Real files, made once per test process, a warm prober, and a witness of what is connected to."""

from __future__ import annotations

import shutil
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

from bot.media.probe import Prober
from tests.bot.media.files import draw, picture, sing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def real(tmp_path_factory) -> Path:
    """Return a folder with one small real file of every kind."""
    folder = tmp_path_factory.mktemp("real")
    draw(folder / "film.mp4", movflags="faststart")
    draw(folder / "plain.mp4")
    draw(folder / "silent.mov", sound=None)
    draw(folder / "pieces.mp4", movflags="frag_keyframe+empty_moov")
    sing(folder / "song.mp3", "libmp3lame", form="s16p")
    sing(folder / "song.wav", "pcm_s16le")
    for kind, name in (("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("GIF", "gif"), ("BMP", "bmp")):
        (folder / f"picture.{name}").write_bytes(picture(kind))
    (folder / "lossless.webp").write_bytes(picture("WEBP", lossless=True))
    (folder / "progressive.jpg").write_bytes(picture("JPEG", progressive=True))
    return folder


@pytest.fixture
async def prober():
    """Return a prober with one warm child."""
    prober = Prober()
    yield prober
    await prober.close()


@pytest.fixture
def connected(monkeypatch) -> list[tuple[object, ...]]:
    """Note every address that a socket of this process is asked to connect to."""
    seen: list[tuple[object, ...]] = []

    def recording(name):
        real = getattr(socket.socket, name)

        def connect(self, address):
            if self.family in {socket.AF_INET, socket.AF_INET6}:
                seen.append(address)
            return real(self, address)

        return connect

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, recording(name))
    return seen


@pytest.fixture
def certificate(tmp_path):
    """Return the path of a certificate, with its key, for film.example alone."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    path = tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=film.example"
    options = ["-addext", "subjectAltName=DNS:film.example", "-keyout", path, "-out", tmp_path / "public.pem"]
    subprocess.run([*command.split(), *options], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (tmp_path / "public.pem").read_bytes())
    return path
