"""Judges a campaign from what it left behind, in Jepsen's terms.

It uses the standard library alone: nothing of the worker or of its client side, whose rules are written down
here a second time. `python -m tests.faults.checker FOLDER` judges a folder again.

    history     what publishers sent, consumers received, and the database holds
    reading     the files of a folder -> a history
    purges      commands that were in a queue when the campaign deleted it
    violation   something that must not be
    placed      whole orders as they were placed, and what they ask of their lines
    model       what each command should have done, in the order the database says
    decisions   the rules of stock, told independently
    effects     unexpected: an effect, or an answer, that nobody asked for
    answers     lost and doubled
    order       reordered
    audit       negative and unaudited
    trails      all that is recorded about each whole order
    last_lines  sold at once, or kept from that
    whole_orders  sold whole or not at all, and decided once
    waiting     held for ever
    verdict     all of them
    shortest    the shortest history that shows a violation
"""
