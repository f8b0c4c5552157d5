"""The app around the endpoints: errors, pages, figures, log lines, settings, start."""

from __future__ import annotations

import io
import logging
import logging.config
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from service_fakes import Client, FakeEngine, error, serving

from service import errors
from service.errors import error_body
from service.logs import JsonLines, log_config
from service.schemas import NarrativeIn
from service.settings import Settings, load_settings
from triage.errors import BodyTooLarge, ConfigError, JiesuError, NarrativeTooLong

ROOT = Path(__file__).parent.parent
SECRET = "身份证号是绝密内容"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serving(tmp_path_factory.mktemp("home"), FakeEngine()) as found:
        yield found


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("jiesu")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel("DEBUG")
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(before)


@pytest.mark.parametrize(
    "path", ["/nothing", "/v1/tag/", "/v1/%F0%9F%98%80", "/static/../app.py", "/static/"]
)
def test_an_unknown_address_takes_the_one_shape(client: Client, path: str) -> None:
    error(client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/tag"), ("DELETE", "/v1/model"), ("POST", "/health/live"), ("PATCH", "/docs")],
)
def test_another_method_takes_the_one_shape(client: Client, method: str, path: str) -> None:
    answer = client.web.request(method, path, headers=client.bearer())
    error(answer, 405, "method_not_allowed")
    assert answer.headers["allow"]


def test_a_request_id_comes_back_and_a_bad_one_is_replaced(client: Client) -> None:
    assert (
        client.web.get("/health/live", headers={"X-Request-ID": "a-1"}).headers["x-request-id"]
        == "a-1"
    )
    for bad in ("a b", "x" * 65, '"; drop'):
        given = client.web.get("/health/live", headers={"X-Request-ID": bad}).headers[
            "x-request-id"
        ]
        assert re.fullmatch("[0-9a-f]{16}", given)


def test_answers_are_not_kept_by_caches(client: Client) -> None:
    assert client.tag({"text": "年费"}).headers["cache-control"] == "no-store"


def test_the_pages_need_no_other_host(client: Client) -> None:
    page = client.web.get("/docs")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    files = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(files) >= 4
    for file in files:
        assert file.startswith(("/", "data:"))
        if file.startswith("/"):
            assert client.web.get(file).status_code == 200, file
    assert client.web.get("/", follow_redirects=False).headers["location"] == "/docs"


def test_the_description_has_examples_that_work(client: Client) -> None:
    schema = client.web.get("/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    body = schema["paths"]["/v1/tag"]["post"]["requestBody"]["content"]["application/json"]
    assert len(body["examples"]) >= 3
    for example in body["examples"].values():
        assert client.tag(example["value"]).status_code == 200
    assert set(schema["components"]["schemas"]["NarrativeIn"]["properties"]) == set(
        NarrativeIn.model_fields
    )
    references = set(
        re.findall(r'"#/components/schemas/(\w+)"', client.web.get("/openapi.json").text)
    )
    assert references <= set(schema["components"]["schemas"])
    assert schema["components"]["securitySchemes"]


def test_figures_count_and_hold_no_text(client: Client) -> None:
    client.tag({"text": f"年费，{SECRET}"})
    client.tag({"text": SECRET})
    client.web.get(f"/{SECRET}")
    figures = client.get("/metrics").text
    assert 'jiesu_http_requests_total{method="POST",path="/v1/tag",status="200"}' in figures
    assert 'path="(none)",status="404"' in figures
    assert 'jiesu_narratives_total{band="high"}' in figures
    assert 'jiesu_abstentions_total{reason="low_confidence"}' in figures
    assert 'jiesu_lines_total{line="fee_dispute"}' in figures
    assert 'jiesu_model_info{version="fake.1"} 1.0' in figures
    assert "jiesu_http_request_duration_seconds_bucket" in figures
    assert "绝密" not in figures


def test_one_line_a_request_and_never_its_text(client: Client, lines: io.StringIO) -> None:
    client.tag({"text": f"年费，{SECRET}", "id": SECRET})
    client.tag({"text": f"坏掉{SECRET}"})
    client.tag({"text": [SECRET]})
    client.tag({SECRET: 1})
    client.web.get(f"/v1/{SECRET}?text={SECRET}")
    written = lines.getvalue()
    assert "绝密" not in written
    assert "%E7%BB%9D" not in written
    found = [orjson.loads(line) for line in written.splitlines()]
    requests = [line for line in found if line["event"] == "request"]
    assert [line["status"] for line in requests] == [200, 500, 422, 422, 404]
    assert requests[0]["narratives"] == 1
    assert requests[0]["key_id"]
    assert requests[1]["error_code"] == "internal_error"
    for line in requests:
        assert {"at", "level", "request_id", "method", "path", "latency_ms"} <= set(line)
    fault = next(line for line in found if line["event"] == "fault")
    assert fault["exception"] == "KeyError"
    assert any("service_fakes.py" in frame for frame in fault["where"])


def test_what_machines_ask_all_day_is_logged_for_debugging_only(
    client: Client, lines: io.StringIO
) -> None:
    logging.getLogger("jiesu").setLevel("INFO")
    client.web.get("/health/live")
    client.get("/metrics")
    assert lines.getvalue() == ""


def test_an_error_can_be_written_whatever_it_quotes() -> None:
    assert orjson.loads(error_body("c", "half a pair: \ud800", "", "1"))["error"]["message"]


def test_the_logging_configuration_is_accepted() -> None:
    before = logging.getLogger().handlers[:]
    try:
        logging.config.dictConfig(log_config("INFO"))
    finally:
        logging.getLogger().handlers[:] = before


def test_settings_and_their_table_say_the_same() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    table = {
        cells[0].strip(" `"): (cells[1].strip(" `"), cells[2].strip())
        for cells in (line.strip("|").split("|") for line in text.splitlines())
        if len(cells) == 3 and cells[0].strip().startswith("`JIESU_")
    }
    fields = Settings.model_fields
    assert set(table) == {f"JIESU_{name.upper()}" for name in fields}
    for name, field in fields.items():
        default, meaning = table[f"JIESU_{name.upper()}"]
        assert meaning == field.description
        if field.default_factory is None:
            assert default == (str(field.default) or "(empty)"), name


def test_every_call_and_every_error_code_is_documented(client: Client) -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for path, calls in client.web.get("/openapi.json").json()["paths"].items():
        for method in calls:
            assert f"| `{method.upper()} {path}` |" in text
    own = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, JiesuError)]
    for kind in [*own, BodyTooLarge, NarrativeTooLong]:
        if kind is not JiesuError:
            row = next(line for line in text.splitlines() if f"`{kind.code}`" in line)
            assert row.startswith(f"| {kind.status} |")


def test_every_variable_the_code_reads_is_a_setting() -> None:
    code = [*ROOT.glob("triage/*.py"), *ROOT.glob("service/*.py"), *ROOT.glob("training/*.py")]
    read = {
        n for f in code for n in re.findall(r'environ[^\n]*"(JIESU_\w+)"', f.read_text("utf-8"))
    }
    assert read <= {f"JIESU_{name.upper()}" for name in Settings.model_fields}


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIESU_PORT", "eight")
    with pytest.raises(ConfigError, match="JIESU_PORT"):
        load_settings()


def test_importing_the_service_does_nothing_heavy() -> None:
    code = (
        "import sys, service.app, service.commands, service.demo;"
        "print(*{'numpy', 'spacy', 'sklearn', 'pandas', 'mlflow', 'jieba'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
