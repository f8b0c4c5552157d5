"""Keys: printed once, kept as hashes, compared safely, seen without a restart."""

from __future__ import annotations

import re
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from service_fakes import Client, FakeEngine, error, serving
from sqlalchemy.schema import DropTable

from service.access.keys import KeyStore, Role
from service.demo import FILE, demo_keys, first_steps, print_when_ready, what_hinders
from service.settings import Settings
from service.store.opening import open_database
from service.store.tables_service import Key
from triage.errors import ConfigError


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serving(tmp_path_factory.mktemp("home"), FakeEngine()) as found:
        yield found


def test_demonstration_keys_are_made_once(tmp_path: Path) -> None:
    with closing(open_database(Settings(home=tmp_path))) as database:
        store = KeyStore(database)
        first = demo_keys(store, tmp_path)
        assert demo_keys(store, tmp_path) == first
        assert set(first) == set(Role)
        assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
        store.revoke(store.all()[0].ident)
        again = demo_keys(store, tmp_path)
    assert sum(again[role] != first[role] for role in Role) == 1
    assert "curl" in first_steps(Settings(home=tmp_path), again)


class _Answers(BaseHTTPRequestHandler):
    """Answers `/health/ready` as the server's list of answers says, one after another."""

    def do_GET(self) -> None:
        answers = self.server.answers  # type: ignore[attr-defined]
        status, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def _answering(*answers: tuple[int, bytes]) -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), _Answers)
    server.answers = list(answers)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def test_first_steps_are_printed_once_it_is_ready(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loading = b'{"error": {"code": "model_loading", "message": "", "cure": ""}}'
    broken = b'{"error": {"code": "not_ready", "message": "torn", "cure": "train"}}'
    with _answering((503, loading), (503, broken), (200, b"{}")) as port:
        keys = {role: f"jiesu_{role}" for role in Role}
        print_when_ready(Settings(home=tmp_path, port=port), keys).join()
    told = capsys.readouterr()
    assert told.err == "Not ready: torn; train\n"
    assert f"http://127.0.0.1:{port}/v1/tag" in told.out


def test_another_service_at_the_address_is_told_apart() -> None:
    with _answering((404, b"<html>")) as port:
        assert "another service" in what_hinders(f"http://127.0.0.1:{port}")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic dXNlcjpwYXNz",
        "jiesu_x",
        "Bearer jiesu_a_b c",
    ],
)
def test_without_a_known_key_nothing_is_assessed(client: Client, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    answer = client.web.post("/v1/tag", json={"text": "年费"}, headers=headers)
    error(answer, 401, "not_authenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_every_address_but_the_open_ones_needs_a_key(client: Client) -> None:
    open_ones = {"/health/live", "/health/ready"}
    for path, methods in client.web.get("/openapi.json").json()["paths"].items():
        for method in methods:
            status = client.web.request(method, re.sub(r"{\w+}", "1", path)).status_code
            assert (status != 401) == (path in open_ones), (method, path)


@pytest.mark.parametrize("role", [Role.INTAKE, Role.REVIEWER, Role.SCIENTIST])
def test_only_an_admin_may_reload(client: Client, role: Role) -> None:
    answer = client.web.post("/v1/model/reload", headers=client.bearer(role))
    assert "admin" in error(answer, 403, "forbidden")["cure"]


def test_figures_are_open_to_this_machine_where_settings_say_so(tmp_path: Path) -> None:
    with serving(tmp_path, FakeEngine(), address="127.0.0.1") as here:
        assert here.web.get("/metrics").status_code == 200
    with serving(tmp_path, FakeEngine(), "127.0.0.1", metrics_open_on_loopback=False) as closed:
        error(closed.web.get("/metrics"), 401, "not_authenticated")
        assert closed.get("/metrics").status_code == 200
    with serving(tmp_path, FakeEngine(), address="203.0.113.9") as away:
        error(away.web.get("/metrics"), 401, "not_authenticated")


def test_a_key_counts_at_once_and_no_more_when_revoked(tmp_path: Path) -> None:
    with (
        serving(tmp_path, FakeEngine(), follow_s=0.01) as client,
        closing(open_database(Settings(home=tmp_path))) as elsewhere,
    ):
        store = KeyStore(elsewhere)
        token = store.create(Role.ADMIN)
        shown = {"Authorization": f"Bearer {token}"}
        time.sleep(0.02)
        assert client.web.get("/v1/model", headers=shown).status_code == 200
        store.revoke(token.split("_")[1])
        time.sleep(0.02)
        error(client.web.get("/v1/model", headers=shown), 401, "not_authenticated")


def test_without_its_database_the_service_is_not_ready_and_lets_nobody_in(tmp_path: Path) -> None:
    with serving(tmp_path, FakeEngine(), follow_s=0.01) as client:
        with closing(open_database(Settings(home=tmp_path))) as elsewhere:
            elsewhere.change(lambda session: session.execute(DropTable(Key.__table__)))  # type: ignore[arg-type]
        time.sleep(0.02)
        error(client.tag({"text": "年费"}), 503, "store_unavailable")
        assert client.web.get("/health/live").status_code == 200


def test_a_broken_key_file_of_an_earlier_version_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{")
    with pytest.raises(ConfigError, match="restore"), serving(tmp_path, FakeEngine()):
        pass
