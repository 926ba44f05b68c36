"""The stock view, over twins whose every step a test chooses.

clock_twin     time that passes when a test says so
shop_twin      what workers commit and publish, and what the database shows: a look is snapshot and answer
opening        a cache over them, reading it, and letting what follows happen
schedules      steps, the strategy that draws them, and how they are run
truth          what every reading is held against
naive_cache    what one would write instead
"""
