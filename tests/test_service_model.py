"""What serves: found, loaded once, replaced only by a model that was verified."""

from __future__ import annotations

import subprocess
import sys
import time
import types
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from service_fakes import Client, FakeEngine, error, serving
from waiting import until

from service import serving as holder
from service.access.keys import Role
from service.models import champion, find_model, in_registry, locate
from service.registry import fetch
from service.serving import Loaded
from service.settings import Settings
from triage.artifact import save
from triage.errors import ArtifactRejected, NotReady

ROOT = Path(__file__).parent.parent


def _model(models: Path, version: str) -> Path:
    (models / version).mkdir(parents=True)
    return models / version


def test_the_champion_is_the_version_the_file_names(tmp_path: Path) -> None:
    folder = _model(tmp_path, "20261123.1")
    (tmp_path / "CHAMPION").write_text("20261123.1\n")
    assert champion(tmp_path) == locate("", tmp_path) == folder


def test_a_model_is_named_by_folder_or_version(tmp_path: Path) -> None:
    folder = _model(tmp_path / "models", "7")
    assert locate(str(folder), tmp_path) == folder
    assert locate("7", tmp_path / "models") == folder
    assert in_registry("models:/jiesu@champion")
    assert not in_registry(str(folder))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "jiesu train"),
        (b"", "one version"),
        (b"../secret", "one version"),
        (b"a\nb", "one version"),
        (b"/etc", "one version"),
        (b"missing", "no such model"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_without_a_champion_the_cure_is_named(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "CHAMPION").write_bytes(content)
    with pytest.raises(NotReady, match=said):
        champion(tmp_path)
    with pytest.raises(NotReady, match="neither a folder nor a version"):
        locate("nowhere", tmp_path)


def _wait_until_ready(client: Client) -> None:
    until(lambda: client.web.get("/health/ready").status_code == 200)


def _unready(client: Client) -> str:
    return client.web.get("/health/ready").json()["error"]["code"]


def _loaded(version: str) -> Loaded:
    return Loaded(FakeEngine(version), datetime.now(UTC), {"accuracy": 0.9}, "# Card")


def test_without_a_model_it_is_live_and_not_ready(tmp_path: Path) -> None:
    with serving(tmp_path, models=tmp_path / "none") as client:
        assert client.web.get("/health/live").json() == {"live": True}
        until(lambda: _unready(client) != "model_loading")
        facts = error(client.web.get("/health/ready"), 503, "not_ready")
        assert "jiesu train" in facts["cure"]
        error(client.tag({"text": "年费"}), 503, "not_ready")
        error(client.get("/v1/model"), 503, "not_ready")
        answer = client.web.post("/v1/model/reload", headers=client.bearer(Role.ADMIN))
        error(answer, 503, "not_ready")


def test_the_model_is_loaded_once_and_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[Settings] = []

    def load(settings: Settings) -> Loaded:
        loads.append(settings)
        return _loaded("one")

    monkeypatch.setattr(holder, "load_model", load)
    with serving(tmp_path) as client:
        _wait_until_ready(client)
        for _ in range(3):
            assert client.tag({"text": "年费"}).json()["model_version"] == "one"
        body = client.get("/v1/model").json()
    assert len(loads) == 1
    assert body["version"] == "one"
    assert body["trained_at"] == "2026-11-20T10:00:00+00:00"
    assert body["metrics"] == {"accuracy": 0.9}
    assert body["card"] == "# Card"
    assert body["last_refusal"] is None


def test_reload_takes_up_a_good_model_and_refuses_a_broken_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Settings) -> Loaded:
        raise ArtifactRejected("m/lines.npz: sha256 differs", cure="export it again")

    def faulty(_: Settings) -> Loaded:
        raise ValueError("秘密")

    with serving(tmp_path, FakeEngine("one")) as client:
        admin = client.bearer(Role.ADMIN)
        for load, said in ((broken, "sha256 differs"), (faulty, "ValueError")):
            monkeypatch.setattr(holder, "load_model", load)
            answer = client.web.post("/v1/model/reload", headers=admin)
            facts = error(answer, 409, "reload_refused")
            assert said in facts["message"]
            assert "one goes on serving" in facts["message"]
            assert "秘密" not in answer.text
            assert client.tag({"text": "年费"}).json()["model_version"] == "one"
            assert said in client.get("/v1/model").json()["last_refusal"]
        monkeypatch.setattr(holder, "load_model", lambda _: _loaded("two"))
        assert client.web.post("/v1/model/reload", headers=admin).json()["version"] == "two"
        assert client.tag({"text": "年费"}).json()["model_version"] == "two"
        figures = client.get("/metrics").text
    assert 'jiesu_model_info{version="one"} 0.0' in figures
    assert 'jiesu_model_info{version="two"} 1.0' in figures
    assert 'jiesu_model_reloads_total{result="refused"} 2.0' in figures


def test_every_process_takes_up_a_reload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[Settings] = []

    def load(settings: Settings) -> Loaded:
        loads.append(settings)
        return _loaded("two")

    monkeypatch.setattr(holder, "load_model", load)
    several = {"workers": 2, "follow_s": 0.01}
    with (
        serving(tmp_path, FakeEngine("one"), **several) as asked,
        serving(tmp_path, FakeEngine("one"), **several) as other,
    ):
        asked.web.post("/v1/model/reload", headers=other.bearer(Role.ADMIN))
        until(lambda: other.get("/v1/model").json()["version"] == "two")
        time.sleep(0.05)
    # Once each: the process that was asked does not follow itself.
    assert len(loads) == 2


def test_the_service_follows_who_is_promoted_and_who_is_rolled_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(settings: Settings) -> Loaded:
        version = champion(settings.models).name
        if version == "broken":
            raise ArtifactRejected("broken/lines.npz: sha256 differs", cure="export it again")
        return _loaded(version)

    def serves(version: str) -> bool:
        answer = client.get("/v1/model")
        return answer.status_code == 200 and answer.json()["version"] == version

    monkeypatch.setattr(holder, "load_model", load)
    models = tmp_path / "models"
    for version in ("one", "two", "broken"):
        _model(models, version)
    # Nothing is there at first; what is promoted is taken up without a restart.
    with serving(tmp_path, models=models, follow_s=0.01) as client:
        for version in ("one", "two", "one"):
            (models / "CHAMPION").write_text(version + "\n")
            until(lambda: serves(version))  # noqa: B023
        (models / "CHAMPION").write_text("broken\n")
        until(lambda: client.get("/v1/model").json()["last_refusal"])
        assert "sha256" in client.get("/v1/model").json()["last_refusal"]
        assert serves("one")
        assert client.tag({"text": "年费"}).json()["model_version"] == "one"


class _Registry(types.ModuleType):
    """Stands for mlflow: `models:/good@champion` is a folder."""

    def __init__(self, source: Path | None) -> None:
        super().__init__("mlflow")
        self.exceptions = types.SimpleNamespace(
            MlflowException=type("MlflowException", (Exception,), {})
        )
        self.artifacts = types.SimpleNamespace(download_artifacts=self._download)
        self._source = source

    def set_tracking_uri(self, uri: str) -> None:
        self.uri = uri

    def _download(self, *, artifact_uri: str, dst_path: str) -> str:
        if self._source is None:
            raise self.exceptions.MlflowException(artifact_uri)
        inside = Path(dst_path) / "artifacts" / "model"
        inside.mkdir(parents=True)
        for file in self._source.iterdir():
            (inside / file.name).write_bytes(file.read_bytes())
        return dst_path


def test_an_address_of_the_registry_is_fetched_and_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    save(source, {"a.txt": b"a"}, {"version": "1"})
    monkeypatch.setitem(sys.modules, "mlflow", _Registry(source))
    into = tmp_path / "registry"
    folder = fetch("models:/good@champion", into=into, tracking_uri="sqlite://")
    assert orjson.loads((folder / "manifest.json").read_bytes())["version"] == "1"
    assert fetch("models:/good@champion", into=into, tracking_uri="sqlite://") == folder
    assert list(into.iterdir()) == [folder]
    (source / "a.txt").write_bytes(b"b")
    with pytest.raises(ArtifactRejected, match="sha256"):
        fetch("models:/good@champion", into=into, tracking_uri="sqlite://")


@pytest.mark.slow
def test_the_real_registry_resolves_an_alias(tmp_path: Path) -> None:
    source = tmp_path / "source"
    save(source / "artifacts" / "model", {"a.txt": b"a"}, {"version": "1"})
    store = f"sqlite:///{tmp_path / 'mlflow.db'}"
    code = (
        "import sys; from mlflow import MlflowClient; c = MlflowClient(sys.argv[1]);"
        "c.create_registered_model('jiesu');"
        "c.create_model_version('jiesu', sys.argv[2]);"
        "c.set_registered_model_alias('jiesu', 'champion', '1')"
    )
    # In a process of its own, and fetched in another: mlflow keeps its addresses for all.
    subprocess.run([sys.executable, "-c", code, store, source.as_uri()], check=True)
    fetching = (
        "import sys; from pathlib import Path; from service.registry import fetch;"
        "print(fetch('models:/jiesu@champion', into=Path(sys.argv[2]), tracking_uri=sys.argv[1]))"
    )
    command = [sys.executable, "-c", fetching, store, str(tmp_path / "registry")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    assert (Path(done.stdout.splitlines()[-1]) / "a.txt").read_bytes() == b"a"


def test_find_model_takes_every_kind_of_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = _model(tmp_path / "models", "7")
    save(source, {"a.txt": b"a"}, {"version": "7"})
    monkeypatch.setitem(sys.modules, "mlflow", _Registry(source))
    settings = Settings(home=tmp_path / "home", models=tmp_path / "models", model="7")
    assert find_model(settings=settings) == find_model(str(source), settings) == source
    fetched = find_model("models:/jiesu@champion", settings)
    assert (fetched / "a.txt").read_bytes() == b"a"
    assert fetched.is_relative_to(tmp_path / "home")


def test_an_address_that_leads_nowhere_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", _Registry(None))
    with pytest.raises(NotReady, match="MLFLOW_TRACKING_URI"):
        fetch("models:/bad@champion", into=tmp_path, tracking_uri="sqlite://")


def test_a_real_model_serves_and_many_callers_at_once_change_nothing(
    tmp_path: Path, tiny_model: Path
) -> None:
    texts = ["信用卡年费怎么又扣了", "", "😀", "hello", "\x00\x01", "催收天天给我单位打电话" * 500]
    with serving(tmp_path, model=str(tiny_model)) as client:
        _wait_until_ready(client)
        alone = [client.tag({"text": text}).json() for text in texts]
        together = client.tag({"narratives": [{"text": text} for text in texts]}).json()["results"]
        assert [a["line"] for a in alone] == [a["line"] for a in together]
        assert [a["abstained"] for a in alone[1:5]] == [True] * 4
        described = client.get("/v1/model").json()
        assert described["metrics"]
        assert described["card"]
    for text, answer in zip(texts, alone, strict=True):
        for span in [*answer["signals"], *answer["evidence"]]:
            assert text[span["start"] : span["end"]] == span["text"]
