"""The way in: an address with the token, once; from then on the browser has a cookie, and the address has no token."""

from __future__ import annotations

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler

__all__ = ["Doorway"]

_REFUSAL = (
    "This page opens with its whole address only. Copy it from the window where smnotebook app runs; if that window is "
    "closed, start smnotebook app again."
)


class Doorway(JupyterHandler):
    """Lets in who brings the token."""

    @allow_unauthenticated
    def get(self) -> None:
        """Go on to the page, or say what is missing."""
        if self.current_user:
            self.redirect(self.base_url)
            return
        self.set_status(403)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(_REFUSAL)
