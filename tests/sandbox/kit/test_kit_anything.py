"""Whatever comes in, only problems come out: no check raises, and none takes long."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.kit import (
    Problem,
    check_attachments,
    check_blocks,
    check_metadata,
    check_text,
    check_view,
    fallback_text,
)
from tests.sandbox.kit.kit_samples import BLOCKS, ELEMENTS, home, modal

CHECKS: list[Callable[[Any], list[Problem]]] = [
    lambda value: check_blocks(value, "message"),
    lambda value: check_blocks(value, "modal"),
    lambda value: check_blocks(value, "home"),
    check_view,
    check_attachments,
    check_metadata,
]

SAMPLES = (*BLOCKS.values(), *ELEMENTS.values(), modal(), home())
OTHERS = {"initial_options", "initial_option", "option_groups", "confirm", "filter", "style", "event_type"}
NAMES = sorted(OTHERS.union(*SAMPLES) - {"type"})
KINDS = [*BLOCKS, *ELEMENTS, "plain_text", "mrkdwn", "modal", "home", "rich_text_section", "pie", "bar"]
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(KINDS),
    st.just("\ud800"),
    st.binary(max_size=4),
    st.builds(object),
    st.just(math.inf),
)
KEYS = st.one_of(st.sampled_from(["type", *NAMES]), st.text(max_size=5), st.integers(), st.just("\udfff"))
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(KEYS, inner, max_size=6),
        st.fixed_dictionaries({"type": st.sampled_from(KINDS)}, optional=dict.fromkeys(NAMES, inner)),
        st.tuples(inner),
    ),
    max_leaves=30,
)


def every_check(value: object) -> None:
    for check in CHECKS:
        for problem in check(value):
            assert problem.pointer.startswith("/")
            assert problem.message
            (problem.pointer + problem.message).encode("utf-8")
    assert isinstance(fallback_text(value), str)


@given(ANYTHING)
@settings(max_examples=120)
def test_anything(value: object) -> None:
    every_check(value)
    every_check([value])
    every_check({"type": "modal", "blocks": value})


@given(st.sampled_from(sorted(BLOCKS)), st.sampled_from(NAMES), ANYTHING)
@settings(max_examples=120)
def test_a_right_block_with_one_field_gone_wrong(kind: str, name: str, value: object) -> None:
    every_check([{**BLOCKS[kind], name: value}])


@given(st.sampled_from(sorted(ELEMENTS)), st.sampled_from(NAMES), ANYTHING)
@settings(max_examples=120)
def test_a_right_element_with_one_field_gone_wrong(kind: str, name: str, value: object) -> None:
    element = {**ELEMENTS[kind], name: value}
    every_check([{"type": "actions", "elements": [element]}, {"type": "input", "element": element}])


@given(st.text())
def test_any_text(text: str) -> None:
    assert check_text(text, update=False) in (None, "invalid_arguments")


@pytest.mark.parametrize(
    "wrap", [lambda inner: [inner], lambda inner: {"blocks": [inner]}, lambda inner: {"type": inner}]
)
@pytest.mark.parametrize("depth", [200, 100_000])
def test_deep_ones(wrap: Callable[[object], object], depth: int) -> None:
    value: object = "x"
    for _ in range(depth):
        value = wrap(value)
    every_check(value)
    assert check_blocks([value], "message")


def test_one_that_holds_itself() -> None:
    twice: list[object] = []
    twice.extend((twice, twice))
    every_check(twice)
    assert check_blocks(twice, "message")


def test_a_very_wide_one() -> None:
    assert check_blocks([0] * 300_000, "message")
    options = [{"text": {"type": "plain_text", "text": "o"}, "value": "v"}] * 20_000
    select = {"type": "multi_static_select", "options": options, "initial_options": options}
    assert check_blocks([{"type": "actions", "elements": [select]}], "message")


@pytest.mark.parametrize("value", [math.nan, math.inf, b"x", object(), {1: 2}, {"a"}])
def test_what_is_not_json_is_refused(value: object) -> None:
    assert check_blocks([{"type": "divider", "block_id": value}], "message")
