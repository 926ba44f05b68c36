"""RabbitMQ and PostgreSQL for the demo, the benchmark and the tests.

One provider, three kinds, chosen in this order:

1. `external`: `ORDERS_TEST_AMQP_URL` and `ORDERS_TEST_DATABASE_URL` name servers
   that are up already. They are used, never started or stopped.
2. What `ORDERS_SERVICES` asks for: `docker` or `native`.
3. `docker`, containers, where an engine answers and has the images.
4. `native`, private instances of the installed programs.

Docker and native servers are ours alone: free ports on loopback, data that goes
when they go, nothing left running, also after Ctrl-C or SIGTERM.
"""

from tests.services.errors import ServicesError
from tests.services.provider import prepare, provide
from tests.services.services import ServerControl, Services, ServicesKind

__all__ = ["ServerControl", "Services", "ServicesError", "ServicesKind", "prepare", "provide"]
