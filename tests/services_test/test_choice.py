import pytest

from tests.services import ServicesError, prepare


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("ORDERS_TEST_AMQP_URL", "ORDERS_TEST_DATABASE_URL", "ORDERS_SERVICES"):
        monkeypatch.delenv(variable, raising=False)


def test_both_urls_choose_external_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERS_TEST_AMQP_URL", "amqp://broker/")
    monkeypatch.setenv("ORDERS_TEST_DATABASE_URL", "postgresql://database/")
    assert prepare() == "external"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("ORDERS_TEST_AMQP_URL", "ORDERS_TEST_DATABASE_URL"),
        ("ORDERS_TEST_DATABASE_URL", "ORDERS_TEST_AMQP_URL"),
    ],
)
def test_one_url_alone_is_refused(monkeypatch: pytest.MonkeyPatch, given: str, missing: str) -> None:
    monkeypatch.setenv(given, "scheme://server/")
    with pytest.raises(ServicesError, match=f"^{missing} is not set"):
        prepare()


def test_an_unknown_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERS_SERVICES", "podman")
    with pytest.raises(ServicesError, match="'podman': set it to docker or native"):
        prepare()


def test_docker_asked_for_and_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERS_SERVICES", "docker")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    with pytest.raises(ServicesError, match="no Docker engine answers"):
        prepare()
