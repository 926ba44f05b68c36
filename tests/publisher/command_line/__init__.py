"""The program `order-publisher`, mostly as a process of its own."""
