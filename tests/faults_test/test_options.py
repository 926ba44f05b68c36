"""What is asked of a campaign."""

import pytest

from tests.faults.options import parser
from tests.faults.subject.mutants import MUTANTS


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ([], None),
        (["--mutants"], list(MUTANTS)),
        (["--mutants", "gives-*,has-no-fence"], ["gives-nothing-back", "has-no-fence"]),
    ],
)
def test_mutants_are_chosen_by_patterns(arguments: list[str], names: list[str] | None) -> None:
    assert parser().parse_args(arguments).mutants == names


def test_a_proof_of_no_mutant_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["--mutants", "has-a-fence"])
    assert "no mutant is called has-a-fence" in capsys.readouterr().err
