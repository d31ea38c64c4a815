"""What deploy/ says of the program is so: its settings, its user, its paths, how long it takes to end."""

import json
import re
import tomllib
from importlib.resources import files
from typing import get_args

import jsonschema
import kubernetes_validate
import pytest
import typer
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Route

from bot.commands import register_all
from bot.serving import DRAIN, Serving
from bot.settings import Settings, check_for_run
from bot.slack.http import PATH
from bot.wiring import build, open_parts
from tests.deploy.files import DEPLOY, ROOT, Mapping, Place, caddyfile, compose, documents, manifest, places

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
FIELDS = {str(field.validation_alias): field.annotation for field in Settings.model_fields.values()}
SECRETS = {key for key, kind in FIELDS.items() if SecretStr in (kind, *get_args(kind))}
MADE_UP = {
    "DATABASE_URL": "postgresql://canteen:1@database/canteen",
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "0123456789abcdef",
    "SLACK_APP_TOKEN": "xapp-1",
}
PORT = 3000
PLACES = places()
each_place = pytest.mark.parametrize("place", PLACES, ids=[f"{one.how} {one.name}" for one in PLACES])


def pod(kind: str) -> Mapping:
    found: Mapping = manifest(kind)["spec"]["template"]["spec"]
    return found


def container(kind: str) -> Mapping:
    (found,) = pod(kind)["containers"]
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize("version", ["1.34", kubernetes_validate.latest_version()])
def test_kubernetes_takes_every_manifest(version: str) -> None:
    for one in documents():
        kubernetes_validate.validate(one, version, strict=True)


def test_kubernetes_would_not_take_a_misspelt_one() -> None:
    wrong = manifest("PodDisruptionBudget")
    wrong["spec"]["minAvailible"] = wrong["spec"].pop("minAvailable")
    with pytest.raises(kubernetes_validate.ValidationError, match="minAvailible"):
        kubernetes_validate.validate(wrong, "1.34", strict=True)


def test_compose_takes_the_compose_file() -> None:
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(compose())


@each_place
def test_every_variable_is_a_setting(place: Place) -> None:
    assert {*place.given, *place.secret} <= set(FIELDS)


@each_place
def test_no_secret_stands_in_a_file(place: Place) -> None:
    assert place.secret <= SECRETS
    for key in SECRETS & set(place.given):
        assert re.sub(r"\$\{POSTGRES_PASSWORD:\?[^}]*\}", "", place.given[key]) == (
            "postgresql://canteen:@database/canteen"
        )
    assert "Secret" not in {one["kind"] for one in documents()}


def test_no_file_holds_anything_like_a_token() -> None:
    for path in sorted(DEPLOY.rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"xox[abep]-\w|xapp-\w|[0-9a-f]{24}|://\w+:\w+@", text), path.name


@each_place
def test_what_is_given_is_enough_to_start(place: Place) -> None:
    """The values that stand there, with secrets of the right shape, and in compose those of `.env`."""
    of_env = {"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"} if place.how == "compose" else set()
    found = Settings.model_validate(
        {
            **{key: re.sub(r"\$\{\w+:\?[^}]*\}", "canteen.example.com", value) for key, value in place.given.items()},
            **{key: MADE_UP[key] for key in (place.secret | of_env)},
        }
    )
    assert found.database_url.get_secret_value().startswith("postgresql://")
    if place.words == ("run",):
        check_for_run(found)
        assert found.listen == ("0.0.0.0", PORT)
        assert found.public_url == "https://canteen.example.com"


@each_place
def test_it_starts_a_command_that_exists_from_this_version_s_image(place: Place) -> None:
    app = typer.Typer()
    register_all(app)
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert len(place.words) == 1
    assert place.words[0] in known
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert place.image == f"canteen:{version}"


async def test_probes_figures_and_what_is_let_in_are_paths_that_the_program_serves() -> None:
    async with open_parts(Settings(DATABASE_URL="sqlite:///never-opened.db")) as parts:  # type: ignore[call-arg]
        web = Serving(machine=build(parts)).web()
    assert isinstance(web, Starlette)
    served = {route.path for route in web.routes if isinstance(route, Route)}
    probes = [container("Deployment")[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")]
    notes = manifest("Deployment")["spec"]["template"]["metadata"]["annotations"]
    assert [probe["path"] for probe in probes] == ["/healthz", "/healthz", "/readyz"]
    assert {"/healthz", "/readyz", notes["prometheus.io/path"]} <= served
    (rule,) = manifest("Ingress")["spec"]["rules"]
    assert {(one["path"], one["pathType"]) for one in rule["http"]["paths"]} == {(PATH, "Exact"), ("/media", "Prefix")}
    assert re.findall(r"^\t@slack path (.+)$", caddyfile(), re.MULTILINE) == [f"{PATH} /media/*"]
    assert "/media/{digest}" in served
    assert served == {"/healthz", "/readyz", "/metrics", "/media/{digest}"}  # another one: is it for the outside?


def test_they_speak_to_the_port_it_listens_on() -> None:
    assert re.findall(r"CANTEEN_HTTP=\S+:(\d+)", DOCKERFILE) == [str(PORT)]
    (port,) = container("Deployment")["ports"]
    assert (port["name"], port["containerPort"]) == ("http", PORT)
    assert manifest("Deployment")["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"] == str(PORT)
    (of_service,) = manifest("Service")["spec"]["ports"]
    assert of_service["targetPort"] == port["name"]
    for one in manifest("Ingress")["spec"]["rules"][0]["http"]["paths"]:
        assert one["backend"]["service"] == {"name": manifest("Service")["metadata"]["name"], "port": {"name": "http"}}
    assert f"dynamic a canteen {PORT} {{" in caddyfile()


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_it_runs_as_the_user_of_the_image_and_may_nothing(kind: str) -> None:
    (user,) = re.findall(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)
    context = pod(kind)["securityContext"]
    assert (context["runAsNonRoot"], context["runAsUser"], context["runAsGroup"]) == (True, int(user), int(user))
    assert container(kind)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container(kind)["resources"]["limits"]) >= {"cpu", "memory"}
    assert pod(kind)["automountServiceAccountToken"] is False


def test_in_compose_it_may_nothing_either() -> None:
    for name in ("canteen", "migrate"):
        service = compose()["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["tmpfs"].startswith("/tmp:")
        assert "user" not in service  # the image's own


def test_it_is_given_the_time_it_takes_to_end() -> None:
    """Within 20 s by its own promise, and the pause before it in Kubernetes."""
    assert DRAIN < 20
    pause = container("Deployment")["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod("Deployment")["terminationGracePeriodSeconds"] >= pause + 25
    assert compose()["services"]["canteen"]["stop_grace_period"] == "25s"


def test_there_are_two_and_one_of_them_stays() -> None:
    deployment, budget = manifest("Deployment")["spec"], manifest("PodDisruptionBudget")["spec"]
    assert deployment["replicas"] == 2
    assert compose()["services"]["canteen"]["deploy"]["replicas"] == 2
    assert budget["minAvailable"] == 1
    labels = deployment["template"]["metadata"]["labels"]
    selected = [deployment["selector"]["matchLabels"], budget["selector"]["matchLabels"]]
    selected.append(manifest("Service")["spec"]["selector"])
    selected.append(pod("Deployment")["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"])
    assert selected == [labels] * 4
    assert manifest("Job")["spec"]["template"]["metadata"]["labels"] != labels  # no request is sent to it


def test_old_and_new_versions_run_side_by_side_at_an_upgrade() -> None:
    """The page on operations says so, and that the migration comes first; tests/db/test_expanding.py keeps it true."""
    page = " ".join((ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split())
    assert "Old and new replicas run side by side" in page
    assert "Stop **every** `canteen run`" not in page
    assert manifest("Deployment")["spec"]["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1},
    }
    assert compose()["services"]["canteen"]["deploy"]["update_config"]["order"] == "start-first"
    steps = page[page.index("### On Kubernetes") : page.index("## Settings")].split("To upgrade:")[1]
    assert steps.index("migrate.yaml") < steps.index("condition=complete") < steps.index("canteen.yaml")
    assert "--replicas=0" not in steps
    assert compose()["services"]["canteen"]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
