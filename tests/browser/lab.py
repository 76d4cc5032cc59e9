"""Real JupyterLab in real Chromium, for tests and benchmarks: a server, and notebooks in it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def launch_chromium(playwright: Playwright) -> Browser:
    """Start the Chromium that is installed; Playwright's own download may not be possible."""
    path = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    return playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)


class LabServer:
    """One JupyterLab with settings, kernels and files of its own under `root`.

    `python` is the interpreter of its kernels, by default the one that runs the server.
    """

    def __init__(self, root: Path, python: Path | None = None) -> None:
        self.root = root
        kernels = root / ".jupyter" / "kernels"
        if python is not None:
            _write_kernel(kernels / "python3", python)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        private = {
            "JUPYTER_CONFIG_DIR": root / ".config",
            "JUPYTER_DATA_DIR": root / ".data",
            "JUPYTER_RUNTIME_DIR": root / ".runtime",
            "JUPYTERLAB_SETTINGS_DIR": root / ".settings",
            "JUPYTERLAB_WORKSPACES_DIR": root / ".workspaces",
            "IPYTHONDIR": root / ".ipython",
            "JUPYTER_PATH": kernels.parent,  # comes before the kernels of this interpreter
        }
        self._log = open(root / "server.log", "w")  # noqa: SIM115 (open as long as the server)
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
                f"--ServerApp.port={port}", "--ServerApp.ip=127.0.0.1",
                f"--ServerApp.root_dir={root}", "--IdentityProvider.token=",
                "--ServerApp.disable_check_xsrf=True", "--LabApp.expose_app_in_browser=True",
                "--LabApp.news_url=",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            ],
            cwd=root,
            env={**os.environ, **{name: str(path) for name, path in private.items()}},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        self._wait()

    def _wait(self, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.url}/api", timeout=2).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError(f"JupyterLab did not start:\n{(self.root / 'server.log').read_text()}")

    def close(self) -> None:
        """End the server and every kernel it started."""
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(30)
        self._log.close()

    def write(self, name: str, cells: Sequence[str]) -> str:
        """Write a notebook with these code cells; gives its name."""
        notebook = {
            "cells": [
                {
                    "cell_type": "code", "id": f"cell-{k}", "metadata": {}, "outputs": [],
                    "execution_count": None, "source": source,
                }
                for k, source in enumerate(cells)
            ],
            "metadata": {
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }  # fmt: skip
        (self.root / name).write_text(json.dumps(notebook))
        return name


def _write_kernel(folder: Path, python: Path) -> None:
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel = {"argv": command, "display_name": "Python 3", "language": "python"}
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(kernel))


_IDLE = """() => {
  const panel = window.jupyterapp?.shell.currentWidget;
  return panel?.sessionContext?.session?.kernel?.status === "idle";
}"""

# Playwright bounds no evaluation, so each of these brings a bound of its own.
_BOUNDED = """
  const bounded = (promise, seconds = 60) => Promise.race([promise, new Promise((_, reject) =>
    setTimeout(() => reject(new Error(`no answer from the kernel within ${seconds} s`)),
      seconds * 1000))]);
"""

_RUN = f"""async ([index, seconds]) => {{
  {_BOUNDED}
  const {{ shell, commands }} = window.jupyterapp;
  shell.currentWidget.content.activeCellIndex = index;
  await bounded(commands.execute("notebook:run-cell"), seconds);
}}"""

_EXECUTE = (
    """async ([code, expression]) => {"""
    + _BOUNDED
    + """
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const user_expressions = expression ? { value: expression } : {};
  let content;
  do {
    const future = kernel.requestExecute({ code, store_history: false, user_expressions });
    ({ content } = await bounded(future.done));
    // A kernel drops what waits behind a cell that was interrupted.
  } while (content.status === "aborted");
  if (content.status !== "ok") throw new Error(content.traceback.join("\\n"));
  if (!expression) return null;
  const { status, data, traceback } = content.user_expressions.value;
  if (status !== "ok") throw new Error(traceback.join("\\n"));
  return data["text/plain"];
}"""
)


class Notebook:
    """A notebook open in a page of its own, and its kernel."""

    def __init__(self, server: LabServer, browser: Browser, name: str, **context: Any) -> None:
        context.setdefault("viewport", {"width": 1200, "height": 1000})
        self.context = browser.new_context(**context)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.server = server
        self.name = name
        self.open()

    def open(self) -> None:
        """Open the notebook, or open it again, and wait for its kernel."""
        self.page.goto(f"{self.server.url}/doc/tree/{self.name}")
        self.page.wait_for_function(_IDLE, timeout=90_000)

    def run(self, index: int, seconds: int = 60) -> None:
        """Run one cell and wait until it is done, no longer than that."""
        self.page.evaluate(_RUN, [index, seconds])

    def start(self, index: int) -> None:
        """Run one cell without waiting for it."""
        self.page.evaluate(f"(index) => {{ ({_RUN})([index]); }}", index)

    def execute(self, code: str) -> None:
        """Run code in the kernel, in no cell."""
        self.page.evaluate(_EXECUTE, [code, None])

    def value(self, expression: str) -> str:
        """Evaluate an expression in the kernel; gives its repr."""
        text = self.page.evaluate(_EXECUTE, ["", expression])
        assert isinstance(text, str)
        return text

    def close(self) -> None:
        """Close the page; its kernel goes with the server."""
        self.context.close()
