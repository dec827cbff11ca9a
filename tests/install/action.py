#!/usr/bin/env python3
"""Runs the shell steps of action.yml as a runner does; steps that use other actions are named and left out.

    action.py ACTION_YML [INPUT=VALUE…]        in the folder of the project that is checked
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

LIMIT = 120  # seconds of one step


class Run:
    """What the expressions of the steps may mention."""

    def __init__(self, folder, inputs):
        self.values = {"github.action_path": str(folder)}
        self.values.update({f"inputs.{name}": value for name, value in inputs.items()})

    def expand(self, text):
        return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda found: self.values[found.group(1)], str(text))

    def step(self, step, output):
        output.write_text("")
        expanded = {name: self.expand(value) for name, value in step.get("env", {}).items()}
        assert "${{" not in step["run"], "an expression in a script can be made to run anything"
        environment = {**os.environ, **expanded, "GITHUB_OUTPUT": str(output)}
        # As a runner calls it.
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
        code = subprocess.run(command, env=environment, timeout=LIMIT).returncode
        for line in output.read_text().splitlines():
            name, value = line.split("=", 1)
            self.values[f"steps.{step['id']}.outputs.{name}"] = value
        return code


def main():
    path = Path(sys.argv[1]).resolve()
    action = yaml.safe_load(path.read_text())
    inputs = {name: str(about["default"]) for name, about in action["inputs"].items()}
    given = dict(pair.split("=", 1) for pair in sys.argv[2:])
    assert given.keys() <= inputs.keys(), given
    run = Run(path.parent, {**inputs, **given})
    for step in action["runs"]["steps"]:
        if "uses" in step:
            print(f"left out: {step['uses']}")
            continue
        code = run.step(step, Path(os.environ["RUNNER_TEMP"]) / "output")
        if code != 0:
            sys.exit(code)


if __name__ == "__main__":
    main()
