from worker.replay.ledger_clock import Figures
from worker.service.health import Health
from worker.service.metrics import Metrics


def test_the_ledger_is_shown_and_what_is_gone_is_none() -> None:
    metrics = Metrics(Health())

    def shown(state: str) -> float | None:
        return metrics.registry.get_sample_value("orders_dead_letters_open", {"state": state})

    metrics.show_ledger(Figures({"held": 2, "parked": 7}, held_aggregates=2))
    assert (shown("held"), shown("parked"), shown("set_aside")) == (2, 7, 0)
    assert metrics.registry.get_sample_value("orders_aggregates_held") == 2
    metrics.show_ledger(Figures({"set_aside": 1}, held_aggregates=0))
    assert (shown("held"), shown("parked"), shown("set_aside")) == (0, 0, 1)
    assert metrics.registry.get_sample_value("orders_aggregates_held") == 0
