"""A uvicorn server in a thread of its own, on the loopback interface."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from threading import Event, Thread
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Scope

from smnotebook.errors import SandboxError

__all__ = ["LOOPBACK", "Server", "listen"]

LOOPBACK = "127.0.0.1"

# Long enough for an answer under way, short enough that nobody waits for the end of a slow one.
_GRACE_SECONDS = 0.25
_START_SECONDS = 10.0
_TICK_SECONDS = 0.1  # how often uvicorn looks at its clock, for the Date header


def listen(port: int) -> socket.socket:
    """A listening socket on the loopback interface; port 0 takes a free one.

    Raises
    ------
    SandboxError
        When the port is taken or not allowed.
    """
    # the protocol by name: asyncio sends small answers at once (TCP_NODELAY) only where it sees it, else 40 ms later
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise SandboxError(
            f"the sandbox can't listen on port {port} ({error}); give another, or 0 for a free one"
        ) from error
    return listener


class _Uvicorn(uvicorn.Server):
    """A server that says when it is ready, and ends in milliseconds: uvicorn's own end takes a fifth of a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._ending = asyncio.Event()
        await super().startup(sockets)
        self.ready.set()

    def end(self) -> None:
        """Ask the server to end; from any thread, once it is ready."""
        self._loop.call_soon_threadsafe(self._ending.set)

    async def main_loop(self) -> None:
        ticks = 0
        while not self._ending.is_set():
            await self.on_tick(ticks)
            ticks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), _TICK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - uvicorn's signature
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await self._wait_for_tasks()
        for connection in list(self.server_state.connections):
            transport: Any = connection.transport
            transport.abort()  # which ends the waits of faults: they look out for clients that leave
        await self._wait_for_tasks()
        for task in list(self.server_state.tasks):
            task.cancel()
        await asyncio.sleep(0)  # the loop's next round closes what was aborted

    async def _wait_for_tasks(self) -> None:
        if tasks := list(self.server_state.tasks):
            await asyncio.wait(tasks, timeout=_GRACE_SECONDS)


class Server:
    """Serves one application from :meth:`start` to :meth:`stop`."""

    def __init__(self, application: ASGIApp, listener: socket.socket) -> None:
        config = uvicorn.Config(
            application,
            http="h11",
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
        )
        self._listener = listener
        self._uvicorn = _Uvicorn(config)
        self._failure: Exception | None = None
        self._thread = Thread(target=self._serve, name="smnotebook-sandbox", daemon=True)

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        """Serve in a thread of its own.

        Raises
        ------
        SandboxError
            When the server does not come up.
        """
        self._thread.start()
        if not self._uvicorn.ready.wait(_START_SECONDS):
            raise SandboxError(f"the sandbox did not start within {_START_SECONDS:g} seconds; try again")
        if self._failure is not None:
            raise SandboxError(
                f"the sandbox did not start: {type(self._failure).__name__}: {self._failure}. Something in this "
                "process may have changed asyncio; restart the kernel and start the sandbox first"
            ) from self._failure

    def _serve(self) -> None:
        # not by asyncio.run, as uvicorn does: nest_asyncio puts one in its place that takes less (Python 3.12)
        try:
            with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
                runner.run(self._uvicorn.serve(sockets=[self._listener]))
        except Exception as error:  # noqa: BLE001 - raised again where somebody waits
            self._failure = error
            self._uvicorn.ready.set()

    def stop(self) -> None:
        """Stop listening, break off what is under way, and end the thread."""
        if self._thread.is_alive():
            self._uvicorn.end()
            self._thread.join()
        self._listener.close()

    def abandon(self) -> None:
        """In a forked child: give up the port, so that it is free once the parent stops; the rest is the parent's."""
        self._listener.close()

    def cut(self, scope: Scope) -> None:
        """Break the connection that a request came on."""
        for connection in list(self._uvicorn.server_state.connections):
            transport: Any = connection.transport
            if transport is not None and transport.get_extra_info("peername") == scope["client"]:
                transport.abort()
