"""What watches the service: alert rules, the dashboard and the filter know what there is to see."""

import json
import logging
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from likeness.app.logs import configure_logs
from likeness.app.metrics import exposition
from likeness.app.web import FAMILIES
from likeness.errors import InvalidAuth, NotAuthed, TokenRevoked
from likeness.figures import Board
from likeness.webapi.journal import RefusedTokens
from support import web
from support.docs import ROOT, page
from support.door import door
from support.fronts import program
from support.live import LiveServer, add_person
from support.pictures import jpeg

DEPLOY: Final = ROOT / "deploy"
RULES: Final = sorted((DEPLOY / "prometheus").glob("*.yaml"))
PAGE: Final = "docs/monitoring.md"

_METRIC: Final = re.compile(r"\blikeness_[a-z_]+\b")
_LOGGED: Final = re.compile(r"""(?:info|warning|error)\(\s*"([a-z]+(?:_[a-z]+)+)"(?=[,)])""")
_OF_MIGRATIONS: Final = frozenset({"address_without_normal_form", "one_address_two_users"})
"""Events that can come once in the life of an installation, and say what they mean."""


def scraped() -> set[str]:
    """The names of all series that a monitor gets, those of targets included."""
    named = {each.name: {("",) * len(each.labels): 0.0} for each in FAMILIES if not each.series}
    families = text_string_to_metric_families(exposition(Board(FAMILIES), named).decode())
    return {sample.name for family in families for sample in family.samples}


def dashboard() -> Any:
    """The dashboard as Grafana reads it."""
    return json.loads((DEPLOY / "grafana/likeness.json").read_text(encoding="utf-8"))


def filter_line() -> re.Pattern[str]:
    """The regular expression of the filter, with an address where fail2ban looks for one."""
    text = (DEPLOY / "fail2ban/likeness.conf").read_text(encoding="utf-8")
    found = re.search(r"^failregex = (.*)$", text, re.MULTILINE)
    assert found
    return re.compile(found[1].replace("<HOST>", r"(?P<host>[0-9a-f.:]+)"))


def test_the_rules_can_be_loaded() -> None:
    """By Prometheus' own word."""
    command = [program("promtool"), "check", "rules", *map(str, RULES)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stderr


def test_prometheus_has_no_complaint_about_the_metrics() -> None:
    """Neither about their names nor about their texts."""
    checked = subprocess.run(
        [program("promtool"), "check", "metrics"],
        input=exposition(Board(FAMILIES)),
        capture_output=True,
        check=False,
    )

    assert (checked.returncode, checked.stderr) == (0, b"")


def test_rules_and_dashboard_name_only_metrics_that_there_are() -> None:
    """An alert about what nobody counts never comes."""
    rules = "".join(path.read_text(encoding="utf-8") for path in RULES)
    asked = " ".join(target["expr"] for each in dashboard()["panels"] for target in each["targets"])

    assert set(_METRIC.findall(rules)) | set(_METRIC.findall(asked)) <= scraped()
    assert len(set(_METRIC.findall(asked))) > 15


def test_what_the_dashboard_asks_can_be_asked(tmp_path: Path) -> None:
    """Each expression is one of Prometheus, once Grafana has filled it in."""
    asked = [target["expr"] for each in dashboard()["panels"] for target in each["targets"]]
    filled = [each.replace("$__rate_interval", "5m").replace("$instance", ".*") for each in asked]
    rules = [{"record": f"asked:number_{n}", "expr": expr} for n, expr in enumerate(filled)]
    file = tmp_path / "asked.yaml"
    file.write_text(json.dumps({"groups": [{"name": "asked", "rules": rules}]}))

    checked = subprocess.run(
        [program("promtool"), "check", "rules", file], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stderr
    assert not re.search(r"\$\w", "".join(filled))


ALERTS: Final = [
    ("LikenessIsDown", 'up{job="likeness"}', "1 1 0 0 0 0 0", "5m"),
    ("LikenessDatabaseIsAway", "likeness_database_up", "1 0 0 0 0 0", "5m"),
    ("LikenessDoesNotTidy", 'likeness_last_sweep_timestamp_seconds{job="x"}', "60+0x60", "50m"),
    ("LikenessPictureProcessesDie", 'likeness_worker_deaths_total{reason="SIGSYS"}', "0 1 1", "2m"),
    (
        "LikenessDirectoryIsNotRead",
        'likeness_directory_runs_total{result="failed"}',
        "0+1x120",
        "110m",
    ),
    ("LikenessQueueIsFull", 'likeness_queue_refusals_total{queue="bodies"}', "0+1x30", "20m"),
]


@pytest.mark.parametrize(("alert", "series", "values", "after"), ALERTS)
def test_an_alert_comes_when_it_should(
    alert: str, series: str, values: str, after: str, tmp_path: Path
) -> None:
    """And none at the beginning: figures once a minute, tried by Prometheus itself."""

    def told(at: str, *alerts: dict[str, Any]) -> dict[str, Any]:
        return {"eval_time": at, "alertname": alert, "exp_alerts": list(alerts)}

    case = {
        "interval": "1m",
        "input_series": [{"series": series, "values": values}],
        "alert_rule_test": [told("0m")],
        "promql_expr_test": [
            {
                "expr": f'count(ALERTS{{alertname="{alert}", alertstate="firing"}})',
                "eval_time": after,
                "exp_samples": [{"labels": "{}", "value": 1}],
            }
        ],
    }
    file = tmp_path / "alerts.yaml"
    rules = [str(path) for path in RULES]
    file.write_text(json.dumps({"rule_files": rules, "evaluation_interval": "1m", "tests": [case]}))

    command = [program("promtool"), "test", "rules", str(file)]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)

    assert tried.returncode == 0, tried.stdout + tried.stderr


def test_each_alert_stands_on_the_page() -> None:
    """With what to do; none stands there that there is not."""
    rules = "".join(path.read_text(encoding="utf-8") for path in RULES)
    alerts = set(re.findall(r"alert: (\w+)", rules))

    assert alerts == set(re.findall(r"^\| `(Likeness\w+)` \|", page(PAGE), re.MULTILINE))


def test_each_event_of_the_log_stands_on_the_page() -> None:
    """Those that the source writes, and no others."""
    source = "".join(path.read_text() for path in (ROOT / "src/likeness").rglob("*.py"))
    written = set(_LOGGED.findall(source)) - _OF_MIGRATIONS
    written |= {
        word for pair in re.findall(r'Outage\(\s*"(\w+)", "(\w+)"', source) for word in pair
    }
    written |= set(re.findall(r'note_change\("(\w+)"', source))
    written |= set(re.findall(r'\b(?:postponed|failed)="(\w+)"', source))
    table = page(PAGE).partition("| event | level |")[2].partition("\n\n")[0]
    told = {
        word for row in table.splitlines() for word in re.findall(r"`(\w+)`", row.split("|")[1])
    }

    assert {word for word in written | told if "_" in word} == {
        word for word in told if "_" in word
    }
    assert {word for word in told if "_" in word} <= written
    assert len(told) > 20


@pytest.mark.anyio
async def test_lines_have_the_fields_that_the_page_says(tmp_path: Path) -> None:
    """No more and no fewer, for what somebody may want to search by."""
    rows = {
        event: set(re.findall(r"`(\w+)`", fields))
        for event, fields in re.findall(
            r"^\| `(photo_set|photo_deleted|token_refused)` \| \w+ \| ([^|]*) \|",
            page(PAGE),
            re.MULTILINE,
        )
    }
    with capture_logs() as lines:
        async with door(tmp_path) as api:
            token = await api.token(api.work.ada)
            await api.call("users.setPhoto", token, jpeg(600, 600))
            await api.call("users.deletePhoto", token)
            await api.call("auth.test", "xoxp-nobody")

    told = {line["event"]: set(line) - {"event", "log_level"} for line in lines}
    assert {event: told[event] for event in rows} == rows
    assert len(rows) == 3


@pytest.mark.parametrize(
    ("refusal", "client"),
    [(InvalidAuth("x"), "198.51.100.7"), (TokenRevoked("x"), "2001:db8::7")],
)
def test_the_filter_finds_the_address_in_a_line(
    refusal: InvalidAuth | TokenRevoked,
    client: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As it is written, and as journald hands it on. Others bring no ban."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", root.handlers[:])
    monkeypatch.setattr(root, "level", root.level)
    try:
        configure_logs("json")
        refused = RefusedTokens()
        refused.note(refusal, client, "users.setPhoto")
        refused.note(NotAuthed("x"), client, "users.setPhoto")
    finally:
        structlog.reset_defaults()
    [line] = capsys.readouterr().err.splitlines()

    for written in (line, f"node-1 likeness[123]: {line}"):
        found = filter_line().match(written)
        assert found
        assert found["host"] == client
    forged = json.dumps({"event": "photo_set", "note": line})
    assert not filter_line().match(forged)


@pytest.mark.slow
def test_a_running_service_tells_what_rules_and_dashboard_ask_for(tmp_path: Path) -> None:
    """By a real scrape, of which Prometheus has no complaint; refused tokens are in its log."""
    with LiveServer(tmp_path / "data", {"WORKERS": "2"}) as server:
        person = add_person(server)
        web.post(f"{server.api}auth.test", headers={"Authorization": "Bearer xoxp-nobody"})
        text = web.get(f"{server.url}/metrics").text
        log = server.log()

    names = set(_METRIC.findall(text))
    assert scraped() <= names
    assert "likeness_people 1.0" in text or "likeness_people 0.0" in text
    assert [line for line in log.splitlines() if filter_line().match(line)]
    assert person.token not in log
