"""Waiting for what a program has started."""

import pulumi

from tenantmesh.engine.evaluate import evaluate


class SpoiltError(Exception):
    pass


def fail(_value):
    raise SpoiltError("spoilt")


def test_outputs_that_nobody_exports_are_waited_for():
    seen = []

    def program():
        def later(value):
            seen.append(value)
            return pulumi.Output.from_input(value + 1).apply(seen.append)

        pulumi.Output.from_input(1).apply(later)

    assert evaluate(program).ok
    assert seen == [1, 2]


def test_an_output_that_fails_fails_the_program_with_its_own_error():
    def program():
        pulumi.Output.from_input(1).apply(fail)

    (failure,) = evaluate(program).failures
    assert "SpoiltError: spoilt" in failure


def test_a_program_that_ends_itself_is_a_failure_and_ends_nothing_else():
    def program():
        raise SystemExit(3)

    assert not evaluate(program).ok
