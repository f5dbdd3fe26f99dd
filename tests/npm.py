"""Packages of npm that optional tests run in Node; kept in pytest's cache, so that they are fetched once."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest


class Package(NamedTuple):
    """A package of npm: the program that runs it, where it is, and a folder for what belongs to it."""

    node: str
    path: Path
    folder: Path


def package(
    request: pytest.FixtureRequest, factory: pytest.TempPathFactory, name: str, version: str, node_from: int = 0
) -> Package:
    """Return a package at a version; the test is skipped where Node or the package is out of reach."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not installed")
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(re.findall(r"\d+", said)[0]) < node_from:
        pytest.skip(f"{name} needs Node {node_from} or later, and this is {said.strip()}")
    cache = getattr(request.config, "cache", None)
    folder = cache.mkdir(f"{name}-{version}") if cache is not None else factory.mktemp(name)
    path = folder / "node_modules" / name
    if not (path / "package.json").exists():
        command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--fetch-retries=0",
                   f"{name}@{version}"]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip("npm did not answer within two minutes")
        if done.returncode:
            pytest.skip(f"npm could not install {name}: {done.stderr.strip()[-200:]}")
    return Package(node, path, folder)
