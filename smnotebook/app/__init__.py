"""``smnotebook app``: the forms of a notebook as a page of their own, for people who should see no code.

Voila draws the page. It runs as a server of its own and not inside Jupyter Server, because there a browser may send any
code to a kernel; here it can open the page, use its widgets and close it, and nothing else. Without the token not even
that.
"""

from smnotebook.app.opening import find_notebook, open_app

__all__ = ["find_notebook", "open_app"]
