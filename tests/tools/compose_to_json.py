#!/usr/bin/env python3
"""Judges a compose file by the specification's own schema and prints it as JSON, with its anchors resolved."""

import json
import sys
from pathlib import Path

import jsonschema
from ruamel.yaml import YAML

CHECKS = Path(jsonschema.__file__).parents[1]
SCHEMA = CHECKS / "check_jsonschema/builtin_schemas/vendor/compose-spec.json"

compose = YAML(typ="safe", pure=True).load(sys.stdin)
judge = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
errors = [f"{error.json_path}: {error.message}" for error in judge.iter_errors(compose)]
if errors:
    sys.exit("\n".join(errors))
print(json.dumps(compose))
