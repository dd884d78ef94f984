# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotrack_client.formats.nuke.words import braced, quote, split, unescape

texts = st.text(st.sampled_from('ab \\"{}[]$\n\t\r\u00e9#;1'), max_size=30) | st.text(max_size=20)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", []),
        ("  \n\t ", []),
        ("a b\tc\n d", ["a", "b", "c", "d"]),
        ('{a {b c} d} "e f" g', ["a {b c} d", "e f", "g"]),
        (r"{a \} b} c", [r"a \} b", "c"]),
        (r'"say \"hi\"\n\[x]" \{b', ['say "hi"\n[x]', "{b"]),
        ("N1 [stack 0] x[a b]y", ["N1", "[stack 0]", "x[a b]y"]),
        ("{a}{b}c", ["a", "b", "c"]),
        ('{never closed "a', ["{never", "closed", '"a']),
        ("} a [b", ["}", "a", "[b"]),
        ('"curve " x1 5', ["curve ", "x1", "5"]),
        ("\\", ["\\"]),
    ],
)
def test_words_are_split_as_tcl_does(text: str, values: list[str]) -> None:
    assert [word.value for word in split(text)] == values


@given(texts)
def test_no_text_is_lost_between_words(text: str) -> None:
    end = 0
    for word in split(text):
        assert text[end : word.start].strip(" \t\r\n") == ""
        assert text[word.start : word.end] == word.source != ""
        end = word.end
    assert text[end:].strip(" \t\r\n") == ""


@given(texts)
def test_what_is_quoted_is_one_word_that_stands_for_the_text(text: str) -> None:
    (word,) = split(quote(text))
    assert (word.kind, word.value) == ("quoted", text)


@given(st.lists(texts, max_size=4))
def test_quoted_texts_keep_their_bounds_within_braces(parts: list[str]) -> None:
    (outer,) = split(braced(map(quote, parts)))
    assert [word.value for word in split(outer.inside)] == parts


def test_escapes_stand_for_what_they_name() -> None:
    assert unescape(r"a\tb\nc\\d\{e") == "a\tb\nc\\d{e"


@pytest.mark.parametrize("text", ["{" * 200_000, '"' * 200_001, "[" * 200_000, "\\" * 200_001, "}" * 200_000])
def test_a_long_damaged_text_is_read_in_one_go(text: str) -> None:
    assert sum(len(word.source) for word in split(text)) == len(text)
