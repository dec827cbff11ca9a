#!/usr/bin/env python3
"""Judges reports: SARIF by its official schema, GitLab's by what its documentation asks for.

    reports.py SCHEMA SARIF GITLAB
"""

import json
import sys
from pathlib import Path

import jsonschema

# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
GITLAB = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    # Relative to the repository, and not by way of `./`.
                    "path": {"type": "string", "pattern": r"^(?!/|\./)"},
                    "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


def main():
    schema, sarif, gitlab = (json.loads(Path(path).read_text()) for path in sys.argv[1:4])
    jsonschema.validate(sarif, schema)
    jsonschema.validate(gitlab, GITLAB)
    results = sarif["runs"][0]["results"]
    prints = [one["fingerprint"] for one in gitlab]
    assert len(set(prints)) == len(prints), "GitLab drops findings with the same fingerprint"
    assert len(results) == len(gitlab), (len(results), len(gitlab))
    print(len(results))


if __name__ == "__main__":
    main()
