"""Workers with disks of their own, and storage that they share: real processes, PostgreSQL and S3 calls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.faults.figures import in_full
from tests.s3 import s3

from .test_roles import hired

if TYPE_CHECKING:
    from .company import Company

__all__ = ["s3"]
FETCHED = "before POST /channels/{channel_id}/messages#2"
"""The card is the first message."""
NOT_KEPT, KEPT = "before keep#1", "after keep#1"
"""The commit that names the film comes after both."""


def shared(company: Company, address) -> dict[str, str]:
    """Return the settings with which all keep films in one bucket."""
    trusted = company._settings["TRUSTED_HOSTS"]
    return {
        "FILES_URL": address.url,
        "FILES_ENDPOINT": address.endpoint,
        "FILES_ACCESS_KEY": address.access_key,
        "FILES_SECRET_KEY": address.secret_key,
        "TRUSTED_HOSTS": f"{trusted},{urlsplit(address.endpoint).netloc}",
    }


def asked(company: Company) -> list[str]:
    """Return which of the provider's doors were knocked at, in order; a film itself is fetched elsewhere."""
    requests = company.stand_ins.ledger.requests
    return [f"{request.method} {request.path}" for request in requests if request.endpoint != "result"]


@pytest.mark.parametrize("moment", [FETCHED, *([NOT_KEPT, KEPT] if in_full() else [])])
async def test_a_worker_delivers_the_film_of_one_that_died(tmp_path, postgres_url, synced, s3, moment):
    """The second has another disk, and asks the provider for nothing (S-18)."""
    async with hired(tmp_path, postgres_url, synced) as company:
        company.more |= shared(company, address := s3.address())
        await company.start("gateway", "gateway", DATA_DIR=str(tmp_path / "gateway"))
        doomed = {"MORTAL_AT": moment, "MORTAL_LEASE": "2", "DATA_DIR": str(tmp_path / "first")}
        first = company.hire("first", "worker", **doomed)
        first._arguments = ("-m", "tests.faults.killing.mortal", "run", "--role", "worker")
        await first.start()
        await company.ada.slash("video", prompt="a paper boat", seconds=4).said()
        assert -9 == await asyncio.wait_for(first._process.wait(), 60)
        before, films = asked(company), company.wire.films()
        await company.start("second", "worker", DATA_DIR=str(tmp_path / "second"))
        (film,) = await company.wire.until(company.wire.films, what="a film", within=90)

        assert ([], before) == (films, asked(company))
        assert (company.ada.id,) == film.pings
        left = {KEPT: 1}.get(moment, 0)  # what nobody's row ever named is swept when it is old
        await company.wire.until(lambda: len(s3.objects(address)) == left, what="it deleted", within=20)
        brought = sum(method == "GET" and "/films/" in path for method, path in s3.asked)
        assert (moment == FETCHED) == brought
