"""What a prediction says: readings, warnings, alternatives, JSON."""

import json
from dataclasses import replace

import numpy as np
import pytest
from predicted_clothes import (
    NAMES,
    NOT_QUITE,
    ONLY_JEANS,
    SEEN,
    make_clothes,
    make_facts,
    predict,
)

from mlcore.errors import PredictionError
from mlcore.novelty import Strangeness
from mlcore.predictions import LeftOut, Prediction, refuse, write_share
from mlcore.readings import (
    rank_readings,
)
from mlcore.training_view import view_of_model


def test_an_unseen_answer_says_so_with_the_expected_number():
    found = predict(make_clothes(), black=0.99, dress=0.93)
    assert found.labels == found.combination == ["black", "dress"]
    assert (found.combination_seen, found.seen_count) == (False, 0)
    assert found.warnings == [
        "Careful: no training picture shows “black dress”. "
        "0 of the 2,167 pictures it was trained on, about 122 expected. "
        "The model may be guessing."
    ]


def test_a_black_dress_read_as_black_jeans_is_warned_of_although_seen():
    found = predict(make_clothes(), black=0.999, jeans=0.999)
    assert (found.combination_seen, found.seen_count) == (True, 344)
    assert found.warnings == [ONLY_JEANS]


def test_a_safe_answer_has_no_warning():
    found = predict(make_clothes(), blue=0.99, dress=0.98)
    assert found.combination_seen and found.warnings == []


def test_what_was_never_shown_is_named_only_where_it_may_be_what_is_shown():
    found = predict(make_clothes(), red=1.0, shirt=0.98)
    assert found.warnings == [] and not found.is_doubtful
    assert found.missing == []
    unsure = predict(make_clothes(), red=0.99, shirt=0.8, jeans=0.3)
    assert unsure.alternatives[0].labels == ["red", "jeans"]
    assert unsure.missing == ["red jeans", "black shirt"]
    assert predict(make_clothes(), black=1.0, dress=1.0).missing == ["black shirt"]
    # another reading is plausible, but it was seen
    assert predict(make_clothes(), blue=0.99, shirt=0.7, jeans=0.4).missing == []


def test_a_warning_is_a_headline_and_its_reason():
    found = predict(make_clothes(), black=0.999, jeans=0.999)
    assert found.headlines == ["In training, black appeared only with jeans."]
    assert [
        f"{start} {why}"
        for start, why in zip(found.headlines, found.reasons(), strict=True)
    ] == found.warnings


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "< 1 %"), (0.004, "< 1 %"), (0.773, "77 %"), (0.99, "99 %"), (1, "> 99 %")],
)
def test_a_share_is_written_the_same_everywhere(share, words):
    assert write_share(share) == words


def test_free_labels_above_threshold_stand_beside_one_label_a_group():
    facts = make_clothes()
    facts["labels"].append({"label_id": 7, "name": "striped", "group": None})
    facts["thresholds"].append(0.5)
    found = predict(facts, blue=0.99, dress=0.8, jeans=0.62, striped=0.9)
    assert found.labels == ["blue", "dress", "striped"]
    assert found.combination == ["blue", "dress"]


def test_an_uncertain_garment_names_the_unseen_reading():
    found = predict(make_clothes(), red=0.99, shirt=0.8, jeans=0.3)
    assert found.labels == ["red", "shirt"]
    assert found.headlines == [NOT_QUITE]
    assert found.alternatives[0].labels == ["red", "jeans"]
    assert not found.alternatives[0].seen


def test_alternatives_are_ranked_and_say_what_was_seen():
    found = predict(make_clothes(), black=0.99, jeans=0.7, dress=0.4)
    first = found.alternatives[0]
    assert (first.labels, first.seen) == (["black", "dress"], False)
    odds = {"jeans": 0.7 / 0.3, "dress": 0.4 / 0.6}
    garment = odds["dress"] / (sum(odds.values()) + 0.001 / 0.999)
    colour = 99 / (99 + 2 * 0.001 / 0.999)
    assert first.probability == pytest.approx(garment * colour, abs=1e-3)
    ranked = [a.probability for a in found.alternatives]
    assert ranked == sorted(ranked, reverse=True)


def test_an_unseen_answer_always_offers_a_seen_one():
    found = predict(make_clothes(), black=1.0, dress=0.9, shirt=0.5, blue=0.0, red=0.0)
    assert not found.combination_seen
    assert any(other.seen for other in found.alternatives)


def test_probabilities_of_all_readings_sum_to_one():
    view = view_of_model(make_clothes())
    row = np.random.default_rng(0).random(6)
    assert sum(r.probability for r in rank_readings(view, row)) == pytest.approx(1)


def test_saturated_probabilities_do_not_break_the_ranking():
    found = predict(make_clothes(), black=1.0, blue=1.0, red=0.0, jeans=1.0, dress=0.0)
    assert np.isfinite([a.probability for a in found.alternatives]).all()


def test_no_label_above_threshold_is_said_with_the_best_one():
    found = predict(make_clothes(), blue=0.99, dress=0.41)
    assert found.labels == found.combination == ["blue", "dress"]
    assert (
        "No garment is clear. None reaches its threshold; the best is dress (41 %)."
    ) in found.warnings


def test_the_strongest_few_are_read_whatever_the_threshold():
    found = predict(make_clothes(top_k=3), blue=0.3, dress=0.41, jeans=0.2)
    assert found.labels == found.combination == ["blue", "dress"]
    assert (
        "It looks like dress and jeans at once. dress (41 %) and jeans (20 %) "
        "are among the 3 strongest, but only one garment can be."
    ) in found.warnings
    loose = make_clothes(rule="any", top_k=1)
    assert predict(loose, blue=0.3, dress=0.41).labels == ["dress"]


def test_two_labels_above_threshold_in_an_exclusive_group_are_said():
    found = predict(make_clothes(), blue=0.99, dress=0.8, jeans=0.62)
    assert found.labels == found.combination == ["blue", "dress"]
    assert (
        "It looks like dress and jeans at once. "
        "dress (80 %) and jeans (62 %) reach their threshold, "
        "but only one garment can be."
    ) in found.warnings


def test_a_few_black_dresses_do_not_clear_black():
    facts = make_clothes(SEEN | {("black", "dress"): 3})
    found = predict(facts, black=0.99, jeans=0.99)
    assert found.warnings == [ONLY_JEANS.replace("only with", "almost only with")]


def test_enough_black_dresses_clear_black():
    facts = make_clothes(SEEN | {("black", "dress"): 60})
    assert predict(facts, black=0.99, jeans=0.99).warnings == []


def test_an_answer_hardly_seen_says_how_often():
    facts = make_clothes(SEEN | {("black", "dress"): 3})
    found = predict(facts, black=0.99, dress=0.99)
    assert found.combination_seen
    assert found.warnings == [
        "Careful: only 3 training pictures show “black dress”. 3 of the 2,170 "
        "pictures it was trained on. The model may be guessing."
    ]


def test_impossible_combinations_are_neither_rivals_nor_alternatives():
    facts = make_clothes(impossible=[[1, 4], [1, 6]])
    found = predict(facts, black=0.99, jeans=0.8, dress=0.3)
    assert found.warnings == []
    assert ["black", "dress"] not in [a.labels for a in found.alternatives]


def test_an_answer_marked_impossible_is_said():
    found = predict(make_clothes(impossible=[[1, 4]]), black=0.99, dress=0.99)
    assert found.warnings[0] == (
        "black dress is marked as a combination that cannot exist."
    )


def test_labels_that_never_occur_are_no_rivals():
    seen = {("black", "jeans"): 50, ("blue", "jeans"): 50}
    assert predict(make_clothes(seen), black=0.99, jeans=0.99).warnings == []


def test_colours_that_each_have_one_garment_are_all_confounded():
    seen = {("black", "jeans"): 50, ("red", "dress"): 50}
    found = predict(make_clothes(seen), black=0.99, jeans=0.99)
    assert found.warnings == [
        "In training, black appeared only with jeans. "
        "So black dress would probably be read as black jeans.",
        "In training, jeans appeared only with black. "
        "So red jeans would probably be read as black jeans.",
    ]


def test_an_at_most_one_group_may_stay_empty():
    found = predict(make_clothes(rule="at-most-one"), blue=0.9, dress=0.2)
    assert found.combination == ["blue"]
    assert not any("threshold" in warning for warning in found.warnings)


def test_three_groups_warn_when_only_the_triple_is_new():
    names = ["a0", "a1", "b0", "b1", "c0", "c1"]
    groups = [(n, "exactly-one", [f"{n}0", f"{n}1"]) for n in "abc"]
    every = [
        (f"a{i}", f"b{j}", f"c{k}") for i in (0, 1) for j in (0, 1) for k in (0, 1)
    ]
    seen = {row: 40 for row in every if row != ("a1", "b1", "c1")}
    found = predict(make_facts(names, groups, seen), a1=0.99, b1=0.99, c1=0.99)
    assert not found.combination_seen
    assert found.warnings == [
        "Careful: no training picture shows all of a1, b1 and c1. "
        "0 of the 280 pictures it was trained on, about 22 expected; "
        "every two of them were seen together."
    ]


def test_a_new_triple_that_chance_explains_is_not_warned_of():
    names = ["a0", "a1", "b0", "b1", "c0", "c1"]
    groups = [(n, "exactly-one", [f"{n}0", f"{n}1"]) for n in "abc"]
    seen = {("a0", "b0", "c0"): 500, ("a1", "b1", "c0"): 30}
    seen |= {("a1", "b0", "c1"): 30, ("a0", "b1", "c1"): 30, ("a0", "b1", "c0"): 30}
    seen |= {("a0", "b0", "c1"): 30, ("a1", "b0", "c0"): 30}
    found = predict(make_facts(names, groups, seen), a1=0.99, b1=0.99, c1=0.99)
    assert not found.combination_seen and found.warnings == []


def test_free_labels_are_read_by_threshold_and_checked_in_pairs():
    facts = make_facts(
        ["clear", "haze", "river"],
        [],
        {("clear",): 40, ("haze",): 40, ("clear", "river"): 20},
        thresholds=[0.2, 0.2, 0.2],
    )
    found = predict(facts, haze=0.9, river=0.3)
    assert found.labels == found.combination == ["haze", "river"]
    assert found.warnings == [
        "Careful: no training picture shows “haze, river”. "
        "0 of the 100 pictures it was trained on, about 8 expected. "
        "The model may be guessing."
    ]


def test_a_single_softmax_group_is_always_seen():
    facts = make_facts(
        ["cat", "dog"],
        [("class", "exactly-one", ["cat", "dog"])],
        {("cat",): 9, ("dog",): 9},
        output="softmax",
    )
    found = predict(facts, cat=0.4, dog=0.6)
    assert (found.labels, found.combination_seen, found.warnings) == (["dog"], True, [])
    assert [(a.labels, a.probability) for a in found.alternatives] == [(["cat"], 0.4)]


def test_one_free_label_alone_can_be_answered_no():
    facts = make_facts(["cat"], [], {("cat",): 9, (): 9})
    assert predict(facts, cat=0.1).labels == []
    assert predict(facts, cat=0.9).labels == ["cat"]


def test_the_json_has_exactly_the_documented_keys():
    report = predict(make_clothes(), black=0.99, dress=0.9).as_json()
    assert set(report) == {
        *("path", "labels", "probabilities", "combination_seen", "seen_count"),
        *("alternatives", "warnings", "doubts", "unseen_share", "novelty"),
        *("left_out", "temperatures"),
    }
    assert set(report["probabilities"]) == set(NAMES)
    json.dumps(report, allow_nan=False)


def test_a_prediction_survives_the_way_between_processes():
    found = predict(make_clothes(), black=0.99, jeans=0.7, dress=0.4)
    novelty, left_out = Strangeness(1.5, 0.99, False), LeftOut(8, 10, 0.8, 0.5, 0.94)
    found = replace(found, novelty=novelty, left_out=left_out)
    record = json.loads(json.dumps(found.as_record()))
    assert Prediction.from_record(record) == found


def test_an_unreadable_picture_is_a_prediction_with_an_error():
    refused = refuse("/x/b.jpg", "b.jpg", "It is not a picture.")
    assert refused.labels == [] and refused.as_json()["error"] == "It is not a picture."


def test_a_damaged_model_description_is_refused_in_words():
    with pytest.raises(PredictionError, match="cannot be understood"):
        view_of_model({"labels": []})
