"""How properties are tried: without a clock, since timing belongs in benchmarks."""

from hypothesis import HealthCheck, settings

settings.register_profile("worker", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("worker")
