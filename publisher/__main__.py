"""`python -m publisher` is `order-publisher`."""

from publisher.command_line import main

main()
