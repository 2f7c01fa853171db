"""What the browser is pointed at: JupyterLab, Notebook 7 and ``smnotebook app``, each as a process of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

_LAB_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    # the worst case for a secret: Jupyter writes the state of all widgets into the file
    "@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": True},
}

#: Jupyter's applications, and under which name each is configured.
_SETTINGS_OF = {"jupyterlab": "LabApp", "notebook": "JupyterNotebookApp"}


class Server:
    """A server in a process of its own; all that it writes is below ``home``."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "work"
        self.log = home / "server.log"
        self.address = ""

    def launch(self, *command: str, **environment: str) -> None:
        """Start it, and wait until it says where it listens; from then on a thread writes its log into a file."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command],
            env=self._environment() | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
        )
        said = []
        for line in self.process.stdout:
            said.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+\S*", line)
            if found:
                self._keep_log(said)
                self.address = found[0]
                self._knock()
                return
        raise RuntimeError(f"{command[0]} did not start:\n" + "".join(said))

    def _knock(self) -> None:
        """Until somebody answers: Jupyter names its address a moment before it listens there."""
        with requests.Session() as session:
            session.mount("http://", HTTPAdapter(max_retries=Retry(connect=12, read=0, backoff_factor=0.02)))
            session.head(f"{self.url}/api", timeout=60)

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return "/".join(self.address.split("/")[:3])

    def _environment(self) -> dict[str, str]:
        own = {
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "JUPYTER_PREFER_ENV_PATH": "1",
            "IPYTHONDIR": str(self.home / "ipython"),
            "SMNOTEBOOK_HOME": str(self.home / "smnotebook"),
            "NO_PROXY": "127.0.0.1,localhost",
        }
        return {**os.environ, **own}

    def _keep_log(self, begun: list[str]) -> None:
        def copy() -> None:
            with self.log.open("w", encoding="utf-8") as log:
                log.writelines(begun)
                for line in self.process.stdout:
                    log.write(line)
                    log.flush()

        self._copying = Thread(target=copy, daemon=True)
        self._copying.start()

    def await_end(self) -> int:
        """The exit status; a server that does not end is killed."""
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self._copying.join(10)
            self.process.stdout.close()


class JupyterServer(Server):
    """JupyterLab, or Notebook 7."""

    def __init__(self, home: Path, application: str = "jupyterlab") -> None:
        super().__init__(home)
        self.application = application
        self.token = secrets.token_hex(16)

    def start(self) -> None:
        settings = self.home / "config" / "labconfig"
        settings.mkdir(parents=True)
        (settings / "default_setting_overrides.json").write_text(json.dumps(_LAB_SETTINGS))
        self.root.mkdir()
        exposed = f"--{_SETTINGS_OF[self.application]}.expose_app_in_browser=True"
        where = ["--ip=127.0.0.1", "--port=0", f"--ServerApp.root_dir={self.root}"]
        options = [*where, exposed, "--no-browser", "--allow-root", "--log-level=DEBUG"]
        self.launch(self.application, *options, JUPYTER_TOKEN=self.token)

    def stop(self) -> None:
        try:
            requests.post(f"{self.url}/api/shutdown", headers={"Authorization": f"token {self.token}"}, timeout=10)
        except OSError:
            self.process.kill()
        self.await_end()


class AppServer(Server):
    """``smnotebook app``; its address holds the token."""

    def start(self, *options: str) -> None:
        temporary = self.home / "temporary"
        temporary.mkdir()
        self.launch("smnotebook", "app", str(self.root), "--no-browser", *options, TMPDIR=str(temporary))

    def stop(self) -> int:
        """As Ctrl+C does it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.await_end()
