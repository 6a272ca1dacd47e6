"""Words that are about the same have the same stem."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videocraft.media.highlights.relevance import Relevance
from videocraft.media.highlights.terms import stem, terms_of, topics_of, words_of


@pytest.mark.parametrize(
    "forms",
    [
        ("run", "runs", "running"),
        ("price", "prices", "priced", "pricing"),
        ("company", "companies"),
        ("relate", "related", "relating", "relation", "relations"),
        ("happy", "happiness", "happily"),
        ("hope", "hoped", "hoping", "hopes"),
        ("stop", "stopped", "stopping"),
        ("create", "created", "creation", "creating"),
        ("penguin", "penguins"),
        ("invest", "invested", "investing", "investment", "investments"),
        ("teach", "teaches", "teacher", "teachers", "teaching"),
    ],
)
def test_forms_of_a_word_meet(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize("pair", [("run", "rent"), ("price", "prize")])
def test_other_words_stay_apart(pair: tuple[str, str]) -> None:
    assert stem(pair[0]) != stem(pair[1])


@given(st.text("aeiounstrgl'\u2019-.é 42ßλ", max_size=30))
def test_any_text_has_words(text: str) -> None:
    for word in words_of(text):
        assert word
        assert stem(word)


def test_words_are_folded() -> None:
    assert words_of("Café—it\u2019s GREAT, isn't it? 42") == ["cafe", "it", "great", "isn", "it", "42"]


def test_a_text_is_about_its_content_words() -> None:
    assert terms_of("And so the Penguins were swimming.") == [stem("penguin"), stem("swim")]


@pytest.mark.parametrize("prompt", ["", "Find the best moments!", "Make highlight clips, please"])
def test_a_prompt_that_only_asks_for_clips_has_no_topic(prompt: str) -> None:
    assert topics_of(prompt) == []


def test_a_prompt_keeps_its_topics_once() -> None:
    assert topics_of("Find the funniest part about penguins and penguin eggs") == [
        stem("funniest"),
        stem("penguin"),
        stem("egg"),
    ]


SENTENCES = [
    terms_of(text)
    for text in (
        "Penguins live in the south.",
        "The weather was fine today.",
        "Penguins eat fish, and the fish are fast.",
        "Nobody knows the weather of tomorrow.",
    )
]


def test_relevance_is_zero_for_something_else_and_grows_with_the_topics() -> None:
    relevance = Relevance(topics_of("penguins eating fish"), SENTENCES)
    scores = [relevance.score(sentence) for sentence in SENTENCES]
    assert scores[1] == scores[3] == 0
    assert 0 < scores[0] < scores[2] <= 1


def test_a_rare_topic_counts_more_than_a_common_one() -> None:
    sentences = [terms_of("water and more water") for _ in range(9)] + [terms_of("volcano water")]
    relevance = Relevance([stem("water"), stem("volcano")], sentences)
    assert relevance.score([stem("volcano")]) > relevance.score([stem("water")])


@given(st.lists(st.sampled_from(["a1", "b2", "c3", "d4"]), max_size=12), st.integers(1, 5))
def test_relevance_is_a_share(terms: list[str], sentences: int) -> None:
    relevance = Relevance(["a1", "b2"], [["a1", "c3"], ["b2"], ["d4"]])
    assert 0 <= relevance.score(terms, sentences) <= 1
    assert (relevance.score(terms, sentences) > 0) == bool({"a1", "b2"} & set(terms))
