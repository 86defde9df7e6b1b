"""Building what is measured, in one profile."""

import json
import os
import subprocess
from pathlib import Path

from .process import Failed

PROFILE = os.environ.get("BENCH_PROFILE", "dist")
PACKAGES = {"doorward": "doorward", "baseline": "doorward-baseline"}


def build() -> dict[str, Path]:
    """Builds Doorward and the bare handler and says where they are. Cargo's own progress is shown.

    One command for both, so that the libraries that both use are compiled once, with the features that ship.
    """
    command = ["cargo", "build", "--locked", "--profile", PROFILE, "--message-format=json-render-diagnostics"]
    for package in PACKAGES.values():
        command += ["--package", package, "--bin", package]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Failed("the build failed")
    found = {}
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message.get("reason") == "compiler-artifact" and message.get("executable"):
            found[message["target"]["name"]] = Path(message["executable"])
    return {name: found[package] for name, package in PACKAGES.items()}
