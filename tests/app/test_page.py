"""The page of ``smnotebook app`` over HTTP: who gets in, what is there, what is shown, and how it ends."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

pytestmark = pytest.mark.extras

CELLS = (
    "# The title\n\nwords",
    "# Run the cells\n\nfor notebooks",
    "secret_name = 'shown ' + 'words'\nprint(secret_name)",
    "import sys\nprint('a warning', file=sys.stderr)",
    "raise ValueError('the reason')",
    "print('never reached')",
)


@pytest.fixture(scope="module")
def server(serve):
    return serve(*CELLS, tags={1: "notebook-only"})


@pytest.fixture
def session(server):
    """A browser that came in by the whole address."""
    with requests.Session() as session:
        session.get(server.address, timeout=60, allow_redirects=False)
        yield session


@pytest.fixture(scope="module")
def page(server):
    """What the server sends for the page."""
    with requests.Session() as session:
        yield session.get(server.address, timeout=60)


@pytest.fixture
def kernels(server, psutil):
    """The processes of the kernels that run now."""

    def find():
        children = psutil.Process(server.process.pid).children()
        return [child for child in children if "ipykernel" in " ".join(child.cmdline())]

    return find


def kernel_id(page):
    return re.search(r'"kernelId": "([0-9a-f-]{36})"', page.text)[1]


# --- who gets in ---------------------------------------------------------------------------------------------------


def test_without_the_token_nobody_gets_in_and_no_kernel_starts(server, kernels):
    before = len(kernels())
    for address in ("/", "/login", "/login?token=wrong", "/?token=", "/?token=wrong"):
        answer = requests.get(server.url + address, timeout=60)
        assert answer.status_code == 403
        assert "whole address" in answer.text
        assert answer.cookies.get_dict() == {}
    assert len(kernels()) == before


def test_the_token_is_long_and_another_one_each_time(server, serve):
    def token(running):
        return parse_qs(urlsplit(running.address).query)["token"][0]

    other = serve("print(1)")
    assert len(token(server)) >= 32
    assert token(server) != token(other)
    assert requests.get(f"{other.url}/login?token={token(server)}", timeout=60).status_code == 403


def test_the_address_of_the_page_has_no_token(server, session):
    answer = session.get(server.address, timeout=60, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_it_listens_on_loopback_only(server, psutil):
    connections = psutil.Process(server.process.pid).net_connections("tcp")
    (listening,) = [
        each for each in connections if each.status == psutil.CONN_LISTEN and each.laddr.port == port(server)
    ]
    assert listening.laddr.ip == "127.0.0.1"


def port(server):
    return urlsplit(server.url).port


def test_a_foreign_name_for_this_machine_is_refused(server):
    """What a page elsewhere would use to get at it through the browser."""
    answer = requests.get(server.address, headers={"Host": "shop.example.com"}, timeout=60, allow_redirects=False)
    assert answer.status_code == 403
    assert "Traceback" not in answer.text


ELSEWHERE = """
/api/contents /api/kernels /api/sessions /api/terminals /files/a.png /lab /logout /mine.ipynb /notebooks/mine.ipynb
/tree /voila/files/a.png /voila/render/mine.ipynb /voila/tree
"""


@pytest.mark.parametrize("path", ELSEWHERE.split())
def test_nothing_else_of_jupyter_is_there(server, session, path):
    assert session.get(server.url + path, timeout=60, allow_redirects=False).status_code == 404
    assert session.post(server.url + path, timeout=60, allow_redirects=False).status_code in (403, 404)


def test_a_kernel_is_closed_to_strangers(server, page, kernels, websocket):
    path = f"/api/kernels/{kernel_id(page)}"
    assert requests.get(server.url + path, timeout=60).status_code == 403
    assert requests.delete(server.url + path, timeout=60).status_code == 403
    assert requests.post(f"{server.url}/voila/api/shutdown/{kernel_id(page)}", timeout=60).status_code in (302, 403)
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        websocket.create_connection(f"{server.url}{path}/channels".replace("http", "ws", 1), timeout=60)
    assert kernels() != []


def test_a_kernel_runs_no_code_that_a_browser_sends(server, session, page, websocket, tmp_path):
    """The widgets' messages pass, a request to execute does not."""
    address = f"{server.url}/api/kernels/{kernel_id(page)}/channels".replace("http", "ws", 1)
    cookies = "; ".join(f"{name}={value}" for name, value in session.cookies.get_dict().items())
    talk = websocket.create_connection(address, cookie=cookies, timeout=60)

    def say(kind, content):
        header = {"msg_id": kind, "msg_type": kind, "session": "s", "username": "", "version": "5.3", "date": ""}
        rest = {"parent_header": {}, "metadata": {}, "buffers": [], "channel": "shell"}
        talk.send(json.dumps({"header": header, "content": content, **rest}))

    trace = tmp_path / "trace"
    say("execute_request", {"code": f"open({str(trace)!r}, 'w')", "silent": False, "stop_on_error": True})
    say("comm_info_request", {})
    answered = []
    while "comm_info_reply" not in answered:
        answered.append(json.loads(talk.recv())["header"]["msg_type"])
    talk.close()
    assert "execute_reply" not in answered
    assert not trace.exists()


# --- what is shown -------------------------------------------------------------------------------------------------


def test_outputs_are_shown_and_code_is_not(page):
    assert page.status_code == 200
    assert "shown words" in page.text
    assert "secret_name" not in page.text
    assert "<title>The title</title>" in page.text


def test_what_is_for_notebooks_only_is_left_out(page):
    assert "for notebooks" not in page.text
    assert "Keep this page open" in page.text


def test_a_failing_cell_is_told_in_a_sentence_and_the_reason_is_said_where_the_server_runs(server, page):
    assert "This part of the page could not be shown." in page.text
    for word in ("Traceback", "ValueError", "the reason", "a warning", "never reached"):
        assert word not in page.text
    assert "the reason" in server.log.read_text(encoding="utf-8")


def test_the_page_names_nobody_outside_and_the_browser_is_told_to_ask_nobody(page):
    loaded = re.findall(r"""(?:src|href)=["']?(?:https?:)?//([^/"' ]+)""", page.text)
    assert loaded == []
    assert "cdn" not in page.text.lower()
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


# --- how it ends ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_it_ends_cleanly_with_every_kernel_and_the_sandbox_in_it(serve, psutil, number):
    server = serve("import smnotebook as sm\nclient = sm.connect('sandbox')\nprint(client.place)")
    assert "SANDBOX" in requests.Session().get(server.address, timeout=60).text
    behind = psutil.Process(server.process.pid).children(recursive=True)
    assert behind != []
    server.process.send_signal(number)
    assert server.await_end() == 0
    _, alive = psutil.wait_procs(behind, timeout=20)
    assert alive == []
    assert "Traceback" not in server.log.read_text(encoding="utf-8")
    assert [path.name for path in (server.home / "temporary").iterdir()] == []


def test_no_kernel_outlives_a_server_that_was_killed(serve, psutil):
    server = serve("print(1)")
    requests.Session().get(server.address, timeout=60)
    behind = psutil.Process(server.process.pid).children(recursive=True)
    server.process.kill()
    server.await_end()
    _, alive = psutil.wait_procs(behind, timeout=20)
    assert alive == []


def test_a_taken_port_is_said_in_a_sentence(server, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "smnotebook", "app", str(tmp_path), "--no-browser", f"--port={port(server)}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"can't be served on port {port(server)}" in done.stderr
    assert "Traceback" not in done.stderr
