"""PostgreSQL: the same transitions, for many processes at once."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Self

import asyncpg
import structlog

from bot.errors import Conflict, MatineeError, SettingsError, StoreUnavailable
from bot.store import ledger
from bot.store.alarm import Alarm
from bot.store.clock import ServerClock
from bot.store.statements import Outcome, wake
from bot.store.switches import PROBE
from bot.store.tables import REVISION
from bot.store.wakeups import Wakeups

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from bot.store.statements import Primitive, Row, Statement, Step

CONNECTIONS = 10
PATIENCE = 10.0
"""Seconds for one statement, lock included."""
IN_HAND = 5.0
"""Seconds that a transaction may say nothing: a machine that vanished in one must not keep its locks."""
FOREVER = 0
"""How long a prepared statement is kept: there are few, and to plan one anew costs more than to run it."""
MEASURED_EVERY = 60.0
"""Seconds between two looks at the server's clock: meanwhile two clocks come apart by some milliseconds."""
CLOCK = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
TRIES = 5
"""For a transaction that the database gave up so that another could go on."""
GIVEN_UP = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
GONE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.IdleInTransactionSessionTimeoutError,  # we slept in a transaction, and the server ended it
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InternalServerError,
    asyncpg.InternalClientError,  # what a connection that dies in the middle of an answer may raise
)
FORGOTTEN = (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError)
SHUT = "55000"
"""What a server answers of a database that lets nobody in just now (`ALLOW_CONNECTIONS false`)."""
TLS = re.compile(r"(?<![^&])ssl=")
POOLER = "a pooler in front of PostgreSQL mixes up prepared statements: let it pool whole sessions"
log = structlog.get_logger("matinee.store")


def said(error: BaseException) -> str:
    """Return what an error says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__


def translated(error: Exception) -> Exception:
    """Return our error for one of the driver's; a mistake of ours in the SQL stays what it is."""
    if isinstance(error, MatineeError):
        return error
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return Conflict(str(error))
    if isinstance(error, FORGOTTEN):
        return StoreUnavailable(POOLER)
    if isinstance(error, GONE + GIVEN_UP):
        return StoreUnavailable(said(_cause(error)))
    return error


def _cause(error: Exception) -> Exception:
    """Return why a connection was lost, where the driver tells only that a transaction can't be ended."""
    before = error.__context__
    return _cause(before) if isinstance(error, asyncpg.InterfaceError) and isinstance(before, GONE) else error


def _plain_address(database_url: str) -> str:
    """Return an address as the driver reads it: what SQLAlchemy calls `ssl`, libpq calls `sslmode`."""
    address, mark, options = database_url.replace("postgresql+asyncpg://", "postgresql://", 1).partition("?")
    return address + mark + TLS.sub("sslmode=", options)


async def _admitted(*arguments: Any, **options: Any) -> asyncpg.Connection:
    """Connect once more. Whatever the server doesn't let us in for, it is away: it did when we began."""
    try:
        return await asyncpg.connect(*arguments, **options)
    except (asyncpg.PostgresError, *GONE) as error:
        raise StoreUnavailable(said(error)) from error


async def _bounded(connection: asyncpg.Connection) -> None:
    """Bound a new connection's silence, by a statement: PgBouncer takes no such parameter at the start."""
    await connection.execute(f"SET idle_in_transaction_session_timeout = {IN_HAND * 1000:.0f}")


async def _as_it_is(_connection: object) -> None:
    """Put a connection back without a round trip: nothing is set on it but once for all."""


async def _fetch(
    connection: asyncpg.Connection, statement: Statement, parameters: Mapping[str, Primitive]
) -> Outcome:
    text, arranged = statement.told_postgres
    arguments = arranged(parameters)
    if statement.returns:
        rows = await connection.fetch(text, *arguments)
        return Outcome(len(rows), rows)
    tag = await connection.execute(text, *arguments)  # `UPDATE 1`, `INSERT 0 1`
    return Outcome(int(tag.rsplit(" ", 1)[1]))


async def run(connection: asyncpg.Connection, steps: Sequence[Step]) -> list[Outcome]:
    """Run a transition's steps inside the transaction that is open. Raises `Conflict`, `LimitReached`."""
    outcomes = []
    for step in steps:
        outcome = await _fetch(connection, step.statement, step.parameters)
        outcomes.append(outcome)
        if step.rows is None or step.rows == outcome.touched:
            continue
        if step.done_if_none and not outcome.touched:
            break
        if step.hold is None:
            raise Conflict(step.statement.name)
        used = await _fetch(connection, *ledger.standing(step.hold))
        raise ledger.limit_reached(step.hold, used.rows)
    return outcomes


class Postgres:
    """The engine in a database that other processes use too."""

    alone = False

    def __init__(self, pool: asyncpg.Pool, wakeups: Wakeups) -> None:
        self._pool = pool
        self._wakeups = wakeups
        self._clock = ServerClock()
        self._measuring: asyncio.Task[None] | None = None
        self._writes: set[asyncio.Task[list[Outcome]]] = set()
        self._closed = False
        self.alarm = Alarm()

    @classmethod
    async def open(cls, database_url: str) -> Self:
        """Connect and bring the tables up to date. Raises `SettingsError`, `StoreUnavailable`."""
        if await revision(database_url) != REVISION:
            await migrate(database_url)
        pool = asyncpg.create_pool(
            _plain_address(database_url),
            min_size=1,
            max_size=CONNECTIONS,
            command_timeout=PATIENCE,
            timeout=PATIENCE,
            max_cached_statement_lifetime=FOREVER,
            connect=_admitted,
            init=_bounded,
            reset=_as_it_is,
        )
        try:
            await pool
        except Exception as error:
            raise translated(error) from error
        engine = cls(pool, Wakeups(lambda: line(database_url)))
        try:
            await engine.measure()
        except Exception as error:
            await engine.close()
            raise translated(error) from error
        engine._measuring = asyncio.create_task(engine._keep_measuring(), name="clock")
        return engine

    def now(self) -> datetime:
        """Return the moment, by the server's clock."""
        return self._clock.now()

    async def measure(self) -> None:
        """Look at the server's clock. Raises what the driver raises; the time goes on as it did."""
        async with self._pool.acquire(timeout=PATIENCE) as connection:
            await self._clock.measure(lambda: connection.fetchval(CLOCK))

    async def _keep_measuring(self) -> None:
        while True:
            await asyncio.sleep(MEASURED_EVERY)
            try:
                await self.measure()
            except Exception as error:  # noqa: BLE001 - the server is away; our clock goes on
                log.info("the server's clock wasn't read", error=type(error).__name__)

    def listen(self, heard: Callable[[], None]) -> None:
        """Call `heard` when another process, or a caller that was cancelled, may have left something."""
        self._wakeups.listen(heard)

    def give_way_to(self, waited_for: Callable[[], bool]) -> None:
        """Do nothing: what a server does later it does beside us."""

    async def write(self, steps: Sequence[Step]) -> list[Outcome]:
        """Run a transition and return once it is committed."""
        if self._closed:
            raise StoreUnavailable("the database is closed")
        task = asyncio.create_task(self._write(steps))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        try:
            outcomes = await asyncio.shield(task)
        except StoreUnavailable as error:
            self.alarm.failed(error)
            raise
        except asyncio.CancelledError:
            task.add_done_callback(lambda _: self._wakeups.hint())  # nobody else here says so
            raise
        self.alarm.worked(outcomes)
        return outcomes

    async def _write(self, steps: Sequence[Step]) -> list[Outcome]:
        tried = 0
        while True:
            try:
                outcomes = await self._once(steps)
            except Exception as error:
                tried += 1
                if not isinstance(error, GIVEN_UP) or tried == TRIES:
                    raise translated(error) from error
            else:
                if wake(steps, outcomes):
                    self._wakeups.say()
                return outcomes
            await asyncio.sleep(0.01 * 2**tried)

    async def _once(self, steps: Sequence[Step]) -> list[Outcome]:
        async with self._pool.acquire(timeout=PATIENCE) as connection:
            if len(steps) == 1:  # a transaction by itself
                return await run(connection, steps)
            async with connection.transaction():
                return await run(connection, steps)

    async def read(self, statement: Statement, parameters: Mapping[str, Primitive]) -> list[Row]:
        """Return what is committed."""
        try:
            if statement.brief:
                text, arranged = statement.told_postgres
                rows = await self._wakeups.ask(text, arranged(parameters))
                if rows is not None:
                    return rows
            async with self._pool.acquire(timeout=PATIENCE) as connection:
                return list((await _fetch(connection, statement, parameters)).rows)
        except Exception as error:
            raise translated(error) from error

    async def ping(self) -> None:
        """Return if the server takes writes."""
        try:
            async with self._pool.acquire(timeout=PATIENCE) as connection:
                writable = not await connection.fetchval("SELECT pg_is_in_recovery()")
        except Exception as error:
            raise translated(error) from error
        if not writable:
            raise StoreUnavailable("the server only reads")
        await self.write(PROBE)

    async def scrub(self) -> None:
        """Leave it to the server: its files are its own, and VACUUM cleans them by itself."""

    async def close(self) -> None:
        """Finish what was begun, then close every connection."""
        self._closed = True
        if self._measuring is not None:
            self._measuring.cancel()
        await asyncio.gather(*self._writes, return_exceptions=True)
        await self._wakeups.close()
        try:
            await asyncio.wait_for(self._pool.close(), PATIENCE)
        except TimeoutError:
            self._pool.terminate()


async def connect(database_url: str) -> asyncpg.Connection:
    """Open one connection. Raises `SettingsError` for an address that can't work, else `StoreUnavailable`."""
    try:
        return await asyncpg.connect(
            _plain_address(database_url), timeout=PATIENCE, max_cached_statement_lifetime=FOREVER
        )
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
        raise SettingsError("DATABASE_URL: PostgreSQL knows no such user, password or database") from error
    except ValueError as error:
        why = f" ({said(error)})" if isinstance(error, asyncpg.ClientConfigurationError) else ""
        raise SettingsError(f"DATABASE_URL can't be read as an address of PostgreSQL{why}") from error
    except Exception as error:
        raise _refusal(translated(error)) from error


def _refusal(error: Exception) -> Exception:
    """Return what an answer at the door means: that the address must be mended, if later is no better."""
    if not isinstance(error, asyncpg.PostgresError):
        return error
    if error.sqlstate == SHUT:
        return StoreUnavailable(said(error))
    remedy = "correct it, or what its user may do there"
    return SettingsError(f"DATABASE_URL: PostgreSQL refuses it ({said(error)}); {remedy}")


async def line(database_url: str) -> asyncpg.Connection:
    """Open the connection for words and brief questions; the server plans each question once.

    Raises as `connect`, and what the driver raises.
    """
    connection = await connect(database_url)
    try:
        await connection.execute("SET plan_cache_mode = force_generic_plan", timeout=PATIENCE)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def revision(database_url: str) -> str | None:
    """Return where the tables stand; None for an empty database. Raises as `connect`."""
    connection = await connect(database_url)
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return None
        found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    except Exception as error:
        raise _refusal(translated(error)) from error
    finally:
        await connection.close()
    return found


async def migrate(database_url: str) -> str:
    """Bring the tables up to date and return the revision."""
    from bot.store import migrating  # noqa: PLC0415 - Alembic takes longer to load than to have nothing to do

    return await asyncio.to_thread(migrating.postgres, lambda: connect(database_url))
