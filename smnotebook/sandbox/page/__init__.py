"""The page at ``/``: what is stored and what was asked, rendered on the server."""

from smnotebook.sandbox.page.routes import build_router

__all__ = ["build_router"]
