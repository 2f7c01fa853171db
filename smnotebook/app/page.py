"""The server: Voila, held to one notebook, this machine, and whoever has the token."""

from __future__ import annotations

import logging
import signal
from pathlib import Path
from typing import Any

import jinja2
from jupyter_server.log import log_request
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.netutil import bind_sockets
from voila.app import Voila

from smnotebook.app.doorway import Doorway
from smnotebook.app.shown import shown_on_the_page
from smnotebook.errors import UsageError

__all__ = ["GuidedPage"]

_LOOPBACK = "127.0.0.1"
_TEMPLATES = Path(__file__).parent / "template"

#: Voila's request handlers that the page needs. What another version adds is not served before somebody looked at it.
_NEEDED = {
    "FileFindHandler",  # front ends of the widget libraries
    "KernelHandler",
    "MultiStaticFileHandler",
    "TemplateStaticFileHandler",
    "ThemesHandler",
    "TornadoVoilaHandler",  # the page
    "VoilaKernelWebsocketHandler",
    "VoilaShutdownKernelHandler",
}
_WIDGETS = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget"]

# The template asks nobody outside for anything, and should an output try, the browser refuses. Widgets are modules that
# arrive as text, hence blob: and eval.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

#: A page that was left without a word, as when a laptop sleeps, keeps its kernel this long.
_FORGOTTEN_SECONDS = 30 * 60


class GuidedPage(Voila):  # type: ignore[misc]  # Voila has no types
    """One notebook as a page.

    Its life: :meth:`of` sets it up, :meth:`bind` takes the port, :meth:`start` serves until a signal comes.
    """

    @classmethod
    def of(cls, notebook: Path, *, port: int, theme: str, token: str) -> GuidedPage:
        """The page of a notebook; nothing is opened yet."""
        # no configuration files: Voila would also run a voila.py of the current folder
        page: GuidedPage = cls.instance(  # the one of this process: what renders looks for it to log
            notebook_path=str(notebook),
            ip=_LOOPBACK,
            port=port,
            token=token,
            open_browser=False,
            config_file_paths=[],
            log_level=logging.ERROR,
        )
        page.initialize([])
        page.voila_configuration.theme = theme
        return page

    def initialize(self, argv: list[str] | None = None) -> None:
        """Settle what is shown and how."""
        super().initialize(argv)
        logging.getLogger("tornado").setLevel(logging.ERROR)  # its warnings are for people who run servers
        look = self.voila_configuration
        look.allow_template_override = "NO"
        look.extension_allowlist = _WIDGETS
        look.prelaunch_hook = shown_on_the_page
        look.show_tracebacks = False
        look.strip_sources = True
        self.template_paths.insert(0, str(_TEMPLATES))
        self.config.VoilaExecutor.cell_error_instruction = (
            "This part of the page could not be shown. The reason stands in the window where smnotebook app runs."
        )
        self.config.MappingKernelManager.cull_idle_timeout = _FORGOTTEN_SECONDS
        self.config.KernelManager.transport_encryption = "auto"

    def init_settings(self) -> dict[str, Any]:
        """As Voila's, but only for browsers on this machine, and with no token in the log."""
        settings: dict[str, Any] = super().init_settings()
        self.identity_provider.cookie_options = {"samesite": "Lax"}
        errors = jinja2.Environment(loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True)
        own = {"allow_remote_access": False, "headers": _HEADERS, "jinja2_env": errors, "log_function": log_request}
        return {**settings, **own}

    def init_handlers(self) -> list[Any]:
        """The few that the page needs, and the door."""
        wanted = [entry for entry in super().init_handlers() if entry[1].__name__ in _NEEDED]
        page = [(r"/()", *rest) if rest[0].__name__ == "TornadoVoilaHandler" else (at, *rest) for at, *rest in wanted]
        return [(r"/login", Doorway), *page]

    def bind(self) -> str:
        """Take the port, and give the address that lets in.

        Raises
        ------
        UsageError
            When the port is taken or not allowed.
        """
        try:
            self._sockets = bind_sockets(self.port, self.ip)
        except OSError as error:
            raise UsageError(
                f"The page can't be served on port {self.port}: {error}. Leave --port out, or give another."
            ) from error
        port = self._sockets[0].getsockname()[1]
        return f"http://{self.ip}:{port}/login?token={self.token}"

    def listen(self) -> None:
        """Serve until Ctrl+C or a request to end."""
        server = HTTPServer(self.app)
        server.add_sockets(self._sockets)
        self.ioloop = IOLoop.current()
        signal.signal(signal.SIGINT, self._handle_signal_stop)
        try:
            self.ioloop.start()
        finally:
            server.stop()
            self.stop()
