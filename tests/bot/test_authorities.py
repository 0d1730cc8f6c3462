"""Authorities are read once, in a thread, and by them strangers are refused."""

from __future__ import annotations

import ssl
import threading

import httpx

from bot import authorities


async def test_they_are_read_once_and_not_by_the_loop(monkeypatch):
    """Everybody who calls out shares one list, whoever came first."""
    readers, read = [], httpx.create_ssl_context
    authorities.trusted.cache_clear()
    monkeypatch.setattr(
        httpx, "create_ssl_context", lambda: readers.append(threading.current_thread()) or read()
    )
    found = [await authorities.trusted_soon() for _ in range(3)]
    assert (1, 1) == (len(readers), len({id(one) for one in found}))
    assert threading.main_thread() not in readers
    assert authorities.trusted() is found[0]


async def test_a_server_must_prove_its_name():
    """Certificates are asked for, and looked at."""
    tls = await authorities.trusted_soon()
    assert (ssl.CERT_REQUIRED, True) == (tls.verify_mode, tls.check_hostname)
    assert tls.cert_store_stats()["x509_ca"] > 0
