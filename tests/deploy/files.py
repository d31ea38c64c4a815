"""The files of deploy/, read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
Mapping = dict[str, Any]


def documents() -> list[Mapping]:
    """Every manifest for Kubernetes."""
    return [one for path in KUBERNETES for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def manifest(kind: str) -> Mapping:
    (found,) = [one for one in documents() if one["kind"] == kind]
    return found


def compose() -> Mapping:
    return cast("Mapping", yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8")))


def caddyfile() -> str:
    return (DEPLOY / "Caddyfile").read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One place that starts the program. `given`: a value that stands there, or what it refers to (`secret`)."""

    name: str
    image: str
    words: tuple[str, ...]
    given: dict[str, str]
    secret: frozenset[str]
    how: Literal["compose", "kubernetes"]


def places() -> list[Place]:
    return [*_services(), *(_pod(manifest(kind)) for kind in ("Deployment", "Job"))]


def _services() -> list[Place]:
    ours = {name: one for name, one in compose()["services"].items() if "build" in one}
    return [
        Place(
            name=name,
            image=one["image"],
            words=tuple(one.get("command", ["run"])),
            given={key: str(value) for key, value in one["environment"].items()},
            secret=frozenset(),
            how="compose",
        )
        for name, one in ours.items()
    ]


def _pod(owner: Mapping) -> Place:
    (container,) = owner["spec"]["template"]["spec"]["containers"]
    given: dict[str, str] = {}
    secret: set[str] = set()
    for source in container.get("envFrom", []):
        config = manifest("ConfigMap")
        assert source["configMapRef"]["name"] == config["metadata"]["name"]
        given |= config["data"]
    for one in container.get("env", []):
        if "value" in one:
            given[one["name"]] = one["value"]
        else:
            assert one["valueFrom"]["secretKeyRef"]["key"] == one["name"]
            secret.add(one["name"])
    words = tuple(container.get("args", ["run"]))
    return Place(
        name=owner["kind"],
        image=container["image"],
        words=words,
        given=given,
        secret=frozenset(secret),
        how="kubernetes",
    )
