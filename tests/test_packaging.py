"""The wheel carries the front end, and building without it fails loudly."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STATIC = [f"layergrid/static/{name}" for name in ("widget.js", "page.js")]


def build(project: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """Build a wheel of `project` with what is installed."""
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out)],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the project as an sdist holds it: with its assets, without Node's modules."""
    copy = tmp_path / "layergrid"
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "src"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            copy.mkdir(exist_ok=True)
            shutil.copy(source, copy / name)
    (copy / "PKG-INFO").write_text("Metadata-Version: 2.4\nName: layergrid\nVersion: 0\n")
    return copy


def test_the_wheel_carries_the_front_end_and_no_tests(checkout: Path, tmp_path: Path) -> None:
    done = build(checkout, tmp_path / "dist")
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        for asset in STATIC:
            assert archive.read(asset) == (ROOT / "src" / asset).read_bytes()
    assert {"layergrid/py.typed", "layergrid/inspector/style.css"} <= set(names)
    assert not [name for name in names if "test" in name or name.endswith(".ts")]


@pytest.mark.parametrize("asset", STATIC)
def test_a_build_without_an_asset_fails_and_says_which(
    checkout: Path, tmp_path: Path, asset: str
) -> None:
    (checkout / "src" / asset).unlink()
    shutil.rmtree(checkout / "js", ignore_errors=True)
    done = build(checkout, tmp_path / "dist")
    assert done.returncode != 0
    assert Path(asset).name in done.stdout + done.stderr
