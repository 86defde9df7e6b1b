#!/usr/bin/env python3
"""Judges Kubernetes manifests, `kubernetes.py FILE…`, and prints their documents as JSON, file by file.

Kinds of Kubernetes itself are judged by its own schemas, of the oldest release that the manifests are for and of the
newest. What others have added is judged by kubernetes_kinds.json: the fields of each object that occurs in our
manifests, as the projects define them. `kubernetes.py --learn FILE…` prints it anew; it needs Go, and the network.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
from ruamel.yaml import YAML

CHECKS = Path(jsonschema.__file__).parents[1]
SCHEMAS = CHECKS / "kubernetes_validate/kubernetes-json-schema"
RELEASES = ["v1.30.0", "v1.37.0"]
KINDS = Path(__file__).with_name("kubernetes_kinds.json")

# Where each group of kinds is defined: a Go module and a folder in it.
MODULES = {
    "traefik.io": ("github.com/traefik/traefik/v3@v3.7.13", "docs/content/reference/dynamic-configuration"),
    "gateway.networking.k8s.io": ("sigs.k8s.io/gateway-api@v1.5.1", "config/crd/standard"),
    "gateway.envoyproxy.io": (
        "github.com/envoyproxy/gateway@v1.9.1",
        "charts/gateway-helm/charts/crds/crds/generated",
    ),
}
# No schema is published for the file that `kubectl apply -k` reads.
WITHOUT_SCHEMA = {"kustomize.config.k8s.io"}
METADATA = {"name", "namespace", "labels", "annotations"}
TYPES = {"string": str, "boolean": bool, "integer": int, "object": dict, "array": list}


def main(words):
    learn = words[:1] == ["--learn"]
    files = words[1:] if learn else words
    documents = {file: list(YAML(typ="safe", pure=True).load_all(Path(file).read_text())) for file in files}
    everything = [(file, document) for file, of_it in documents.items() for document in of_it]
    if learn:
        print_table(*learned([document for _, document in everything]))
        return
    kinds = json.loads(KINDS.read_text())["kinds"]
    wrong = [f"{file}: {document['kind']}{error}" for file, document in everything for error in judge(document, kinds)]
    if wrong:
        sys.exit("\n".join(wrong))
    print(json.dumps(documents))


def group_of(document):
    group, _, version = document["apiVersion"].rpartition("/")
    return group, version


def judge(document, kinds):
    group, version = group_of(document)
    if group in WITHOUT_SCHEMA:
        return []
    if group in MODULES:
        return fields(document, kinds[f"{document['apiVersion']} {document['kind']}"])
    short = group.removesuffix(".k8s.io") and f"{group.removesuffix('.k8s.io')}-"
    name = f"{document['kind'].lower()}-{short}{version}.json"
    return [error for release in RELEASES for error in by_schema(document, SCHEMAS / f"{release}-local-strict", name)]


def by_schema(document, folder, name):
    schema, definitions = (json.loads((folder / file).read_text()) for file in (name, "_definitions.json"))
    known = {"https://kubernetes.io/api/_definitions.json": definitions}
    resolver = jsonschema.RefResolver.from_schema(schema, store=known)
    judge = jsonschema.Draft202012Validator(schema, resolver=resolver)
    return [f"{error.json_path.lstrip('$')}: {error.message}" for error in judge.iter_errors(document)]


def fields(document, levels):
    """What is wrong with an object of an added kind."""
    wrong = [f".metadata.{name}: no such field" for name in document["metadata"].keys() - METADATA]

    def look(value, path):
        level = levels.get(path)
        if level is None:
            wrong.append(f"{path}: not among the learned objects; see tests/tools/kubernetes.py")
            return
        for name, kind in level.items():
            if kind.endswith("!") and name not in value:
                wrong.append(f"{path}.{name}: missing")
        for name, inner in value.items():
            if (path, name) in ROOT:
                continue
            kind = level.get(name, level.get("*"))
            if kind is None:
                wrong.append(f"{path}.{name}: no such field; there is {', '.join(level)}")
            else:
                compare(inner, kind.removesuffix("!"), f"{path}.{name}" if name in level else f"{path}.*")

    def compare(value, kind, path):
        kind, _, words = kind.partition(" of ")
        if kind == "any":
            return
        if kind == "int-or-string":
            right = isinstance(value, (int, str))
        else:
            right = isinstance(value, TYPES[kind]) and isinstance(value, bool) == (kind == "boolean")
        if not right:
            wrong.append(f"{path}: {value!r} is no {kind}")
        elif words and str(value) not in words.split("|"):
            wrong.append(f"{path}: {value!r} is none of {words}")
        elif kind == "object":
            look(value, path)
        elif kind == "array":
            entries = levels.get(f"{path}[]", {}).get("[]", "object")
            for entry in value:
                compare(entry, entries, f"{path}[]")

    look(document, "")
    return wrong


ROOT = {("", "apiVersion"), ("", "kind"), ("", "metadata")}


def learned(documents):
    folders, sources = {}, {}
    for group, (module, below) in MODULES.items():
        told = json.loads(subprocess.check_output(["go", "mod", "download", "-json", module], text=True))
        folders[group], sources[group] = Path(told["Dir"]) / below, f"{module} {told['Sum']}"
    kinds = {}
    for document in documents:
        group, version = group_of(document)
        if group in MODULES:
            levels = kinds.setdefault(f"{document['apiVersion']} {document['kind']}", {})
            learn_from(document, schema_of(folders[group], document["kind"], version), "", levels)
    return sources, kinds


def print_table(sources, kinds):
    """As JSON, an object of a manifest on each line."""
    lines = [f' "sources": {json.dumps(sources, indent=2)},\n "kinds": {{']
    for kind, levels in sorted(kinds.items()):
        inner = [f"   {json.dumps(path)}: {json.dumps(level)}" for path, level in sorted(levels.items())]
        lines.append(f"  {json.dumps(kind)}: {{\n" + ",\n".join(inner) + "\n  },")
    print("{\n" + "\n".join(lines).removesuffix(",") + "\n }\n}")


def schema_of(folder, kind, version):
    for file in sorted(folder.glob("*.yaml")):
        # A chart's template has lines that are no YAML.
        text = re.sub(r"(?m)^\{\{.*$", "", file.read_text())
        for definition in YAML(typ="safe", pure=True).load_all(text):
            if isinstance(definition, dict) and definition.get("kind") == "CustomResourceDefinition":
                if definition["spec"]["names"]["kind"] == kind:
                    found = [entry for entry in definition["spec"]["versions"] if entry["name"] == version]
                    return found[0]["schema"]["openAPIV3Schema"]
    sys.exit(f"{kind} is not defined in {folder}")


def learn_from(value, schema, path, levels):
    if isinstance(value, list):
        levels[f"{path}[]"] = {"[]": described(schema["items"], False)}
        for entry in value:
            learn_from(entry, schema["items"], f"{path}[]", levels)
    if not isinstance(value, dict):
        return
    required = schema.get("required", [])
    known = {name: described(inner, name in required) for name, inner in schema.get("properties", {}).items()}
    if isinstance(schema.get("additionalProperties"), dict):
        known["*"] = described(schema["additionalProperties"], False)
    levels[path] = {name: kind for name, kind in known.items() if (path, name) not in ROOT}
    for name, inner in value.items():
        if (path, name) not in ROOT and name in schema.get("properties", {}):
            learn_from(inner, schema["properties"][name], f"{path}.{name}", levels)


def described(schema, required):
    kind = "int-or-string" if schema.get("x-kubernetes-int-or-string") else schema.get("type", "any")
    words = f" of {'|'.join(map(str, schema['enum']))}" if "enum" in schema else ""
    return kind + words + ("!" if required else "")


main(sys.argv[1:])
