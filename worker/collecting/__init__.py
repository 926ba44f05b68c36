"""Collects what the broker gave up on, from the queue `orders.dead-letters` into the ledger.

Lanes file what they cannot process themselves, before they publish it there for
whoever listens: that is only taken out of the queue. Everything else is in no
other place.

deaths      what the broker says about a message that it gave up on, in words; pure
letters     a delivery -> the letter that is filed about it, and the answer to its sender; pure
letter_box  files letters, each once
collector   the loop: take, file, answer, acknowledge
statements  reads sql/: every statement, one file each
"""
