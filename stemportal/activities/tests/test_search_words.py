"""How words of offers and of visitors become the same terms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemportal.activities.search.typos import distance
from stemportal.activities.search.units import synonyms, units_of
from stemportal.activities.search.words import parts_of, term, terms_of, words_of


@pytest.mark.parametrize(
    "words",
    [
        "robot roboten roboter robotene robotar robotane",
        "elektriker elektrikeren elektrikere elektrikerne",
        "skole skolen skoler skolene",
        "programmering programmere programmerer program programmet",
        "lodding lodde lodder",
        "geologi geolog geologen geologisk",
        "statistikk statistiker statistikeren",
        "rom rommet",
        "radar radaren",
        "BØLGE bølgen bølger",
        "bru brua bruer bruene bruane",
        "by byen byer byar byane",
        "sjø sjøen sjoe sjøene",
    ],
)
def test_inflections_and_kin_come_to_one_term(words):
    assert len({term(word.lower()) for word in words.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("radar", "rad"), ("laser", "las"), ("Andenes", "and"), ("vinter", "vind"), ("sensor", "sens"), ("Skien", "ski")],
)
def test_words_that_only_look_inflected_stay_apart(one, other):
    assert term(one.lower()) != term(other)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("baerekraft", "bærekraft"),
        ("vaerstasjon", "værstasjon"),
        ("AALESUND", "Ålesund"),
        ("bölge", "bølge"),
        ("crème", "creme"),
        ("A\u030alesund", "Ålesund"),
    ],
)
def test_letters_may_be_typed_in_other_ways(typed, meant):
    assert terms_of(words_of(typed)[0]) == terms_of(words_of(meant)[0])


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("robotverksted", ("robot", "verksted")),
        ("arbeidsuke", ("arbeid", "uke")),
        ("elbussverkstedet", ("elbuss", "verksted")),
        ("undervannsrobot", ("undervann", "robot")),
        ("torskeoppdrett", ("torsk", "oppdrett")),
        ("vaerstasjon", ("vaer", "stasjon")),
        # The first part is not in the list, the last one is.
        ("gladmatverkstedet", ("verksted",)),
        ("robot", ()),
        ("matematikk", ()),
        ("kunnskap", ()),
    ],
)
def test_compounds_are_taken_apart(word, parts):
    assert parts_of(word) == parts


def test_words_held_together_by_a_sign_are_found_apart_and_as_one():
    assert set(terms_of("el-bil")) == {"elbil", "el", "bil"}
    assert terms_of("micro:bit")[0] == term("microbit")


def test_synonyms_go_both_ways_and_what_is_near_goes_one_way():
    assert (term("koding"),) in synonyms().same[(term("programmering"),)]
    assert (term("programmering"),) in synonyms().same[(term("koding"),)]
    assert (term("gjenbruk"),) in synonyms().near_of((term("bærekraft"),))
    assert (term("bærekraft"),) not in synonyms().near_of((term("gjenbruk"),))


@pytest.mark.parametrize("query", ["elbil", "el-bil", "elektrisk bil", "EL-BIL", "elektriske biler"])
def test_phrases_and_words_of_one_meaning_are_one_unit(query):
    (unit,) = units_of(query)
    assert {way.terms for way in unit.ways} >= {(("elbil",),), (("elektrisk",), ("bil",))}


def test_a_phrase_may_be_typed_in_two_words():
    (unit,) = units_of("IKT sikkerhet")
    assert ((term("datasikkerhet"),),) in {way.terms for way in unit.ways}


def test_words_that_say_nothing_are_left_out_and_weak_ones_are_optional():
    units = {unit.text: unit.optional for unit in units_of("hvordan bygge en robot med elever")}
    assert units == {"bygge": False, "robot": False, "elever": True}


def test_words_that_say_nothing_count_where_there_are_no_others():
    assert [unit.text for unit in units_of("og i på")] == ["og", "i", "på"]
    assert [unit.optional for unit in units_of("elever")] == [False]


def test_words_joined_by_and_stand_in_for_each_other():
    assert [(unit.text, unit.either) for unit in units_of("skip og båter i Alta")] == [
        ("skip", False),
        ("båter", True),
        ("alta", False),
    ]


def test_one_and_two_letters_have_no_beginning_and_three_only_at_the_end():
    def beginnings(query):
        return [way.terms[0][0] for unit in units_of(query) for way in unit.ways if way.kind == "beginning"]

    assert beginnings("el") == []
    assert beginnings("rob") == ["rob"]
    assert beginnings("rob alta") == ["alta"]


def test_query_is_cut_to_ten_words():
    assert len(units_of(" ".join(f"ord{number}" for number in range(40)))) == 10


@given(st.text(max_size=400))
def test_any_text_becomes_bounded_terms(text):
    units = units_of(text)
    assert len(units) <= 10
    for unit in units:
        assert unit.ways
        assert all(terms and all(terms) for way in unit.ways for terms in way.terms)


@pytest.mark.parametrize(
    ("one", "other", "errors"),
    [("robot", "robot", 0), ("robto", "robot", 1), ("progamering", "programmering", 2), ("vind", "vann", 2)],
)
def test_distance_counts_typing_errors(one, other, errors):
    assert distance(one, other, 4) == errors
    assert distance(other, one, 4) == errors


def test_distance_gives_up_at_the_limit():
    assert distance("robot", "marinbiolog", 3) == 3
