"""Readings and warnings, above all for the black dress the model never saw."""

import json
from dataclasses import replace

import numpy as np
import pytest

from mlcore.errors import PredictionError
from mlcore.left_out import LeftOutCombination, LeftOutStudy
from mlcore.left_out_answer import figures_like
from mlcore.novelty import Strangeness
from mlcore.predictions import LeftOut, Prediction, refuse, write_share
from mlcore.readings import (
    Evidence,
    calibrate_doubt,
    limit_doubt,
    predict_one,
    rank_readings,
)
from mlcore.training_view import view_of_model
from pages.parts.prediction_cards import headlines

NAMES = ["black", "blue", "red", "dress", "jeans", "shirt"]
SEEN = {
    ("black", "jeans"): 344,
    ("blue", "dress"): 386,
    ("blue", "jeans"): 356,
    ("blue", "shirt"): 369,
    ("red", "dress"): 380,
    ("red", "shirt"): 332,
}
ONLY_JEANS = (
    "In training, black appeared only with jeans. "
    "So black dress or black shirt would probably be read as black jeans."
)
NOT_QUITE = (
    "This does not look quite like red shirt. "
    "Perhaps red jeans, which no training picture shows."
)


def make_facts(names, groups, seen, **changes):
    ids = {name: number for number, name in enumerate(names, start=1)}
    facts = {
        "labels": [{"label_id": ids[n], "name": n, "group": None} for n in names],
        "groups": [
            {"name": name, "rule": rule, "label_ids": [ids[n] for n in own]}
            for name, rule, own in groups
        ],
        "output": "sigmoid",
        "thresholds": [0.5] * len(names),
        "seen": [
            {"label_ids": sorted(ids[n] for n in row), "count": count}
            for row, count in seen.items()
        ],
        "impossible": [],
    }
    return facts | changes


def make_clothes(seen=SEEN, rule="exactly-one", **changes):
    groups = [("colour", rule, NAMES[:3]), ("garment", rule, NAMES[3:])]
    return make_facts(NAMES, groups, seen, **changes)


def predict(facts, **probabilities):
    names = [label["name"] for label in facts["labels"]]
    row = np.array([probabilities.get(name, 0.001) for name in names], np.float32)
    return predict_one(view_of_model(facts), row, "/x/a.jpg", "a.jpg")


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


def sure_of(*names, left=1e-6):
    """A row of a saturated network: these labels certain, all others `left`."""
    return [1 - 1e-6 if name in names else left for name in NAMES]


def test_doubt_is_calibrated_on_held_out_pictures():
    view = view_of_model(make_clothes())
    held_out = np.array([sure_of("red", "dress")] * 95 + [sure_of("red", "shirt")] * 5)
    strict = calibrate_doubt(view, held_out)
    row = np.array(sure_of("red", "dress"))
    row[NAMES.index("jeans")] = 0.003
    assert predict_one(view, row, "a", "a").warnings == []
    assert predict_one(strict, row, "a", "a").warnings == [
        "This does not look quite like red dress. "
        "Perhaps red jeans, which no training picture shows. "
        "< 1 % speaks for what training never showed: "
        "more than in 19 of 20 pictures of what it did show."
    ]
    assert predict_one(strict, held_out[0], "a", "a").warnings == []


def share_out(left):
    """A row of two groups that share out one yes: red shirt, `left` for jeans."""
    row = dict.fromkeys(NAMES, 0.0) | {"red": 1.0, "shirt": 1.0 - left, "jeans": left}
    return np.array(list(row.values()))


def test_one_in_twenty_pictures_of_what_was_shown_may_be_doubted_in_vain():
    view = view_of_model(make_clothes(output="groups"))
    held_out = np.array([share_out(0.00008 * at) for at in range(100)])
    calm = calibrate_doubt(view, held_out)
    doubted = [predict_one(calm, row, "a", "a").doubts for row in held_out]
    assert doubted == [[]] * 95 + [["perhaps-unseen"]] * 5
    assert predict_one(calm, share_out(0.03), "a", "a").headlines == [NOT_QUITE]
    assert predict_one(view, share_out(0.03), "a", "a").warnings == []
    lost = predict_one(calm, share_out(0.9), "a", "a")
    assert lost.headlines[0] == "Careful: no training picture shows “red jeans”."
    assert lost.doubts == ["unseen"]


def test_a_sure_answer_is_not_doubted_however_sure_others_are():
    view = view_of_model(make_clothes(output="groups"))
    calm = calibrate_doubt(view, np.array([share_out(0.0)] * 100))
    found = predict_one(calm, share_out(0.00005), "a", "a")
    assert found.warnings == [] and not found.is_doubtful


def test_a_models_own_posterior_sets_and_meets_the_limit():
    view = view_of_model(make_clothes(output="groups"))
    held_out = np.array([share_out(0.0)] * 100)
    limit = limit_doubt(view, held_out, np.linspace(0, 0.4, 100))
    assert limit == pytest.approx(0.38, abs=0.01)
    view = replace(view, doubt_above=limit, is_doubt_measured=True)
    below, above = (
        predict_one(view, share_out(0.2), "a", "a", Evidence(unseen=share))
        for share in (0.37, 0.4)
    )
    implausible = predict_one(view, share_out(0.09), "a", "a", Evidence(unseen=0.4))
    assert implausible.doubts == []
    assert (below.unseen_share, below.doubts) == (0.37, [])
    assert (above.unseen_share, above.doubts) == (0.4, ["perhaps-unseen"])
    # it has learnt to weigh what it never saw: no mere guess
    weighed = predict_one(view, share_out(0.9), "a", "a", Evidence(unseen=0.9))
    assert weighed.doubts == ["unseen"] and "guessing" not in weighed.warnings[0]


def test_what_a_lone_partner_teaches_is_said_but_no_doubt_where_doubt_is_measured():
    row = share_out(0.0)[[0, 1, 2, 3, 5, 4]]
    row[[0, 2]] = row[[2, 0]]
    blind = view_of_model(make_clothes(output="groups"))
    measured = calibrate_doubt(blind, np.array([share_out(0.0)] * 100))
    found = [predict_one(view, row, "a", "a") for view in (blind, measured)]
    assert [f.labels for f in found] == [["black", "jeans"]] * 2
    assert [f.warnings for f in found] == [[ONLY_JEANS]] * 2
    assert [f.doubts for f in found] == [["one-partner"], []]


def test_two_labels_never_seen_apart_are_doubted_unless_the_model_weighs_them():
    seen = {pair: count for pair, count in SEEN.items() if pair != ("blue", "jeans")}
    view = view_of_model(make_clothes(seen, output="groups"))
    view = calibrate_doubt(view, np.array([share_out(0.0)] * 100))
    row = share_out(0.0)[[2, 1, 0, 3, 5, 4]]
    found = predict_one(view, row, "a", "a")
    assert found.labels == ["black", "jeans"] and found.doubts == ["one-partner"]
    assert found.headlines == [
        "In training, black appeared only with jeans.",
        "In training, jeans appeared only with black.",
    ]
    weighed = predict_one(view, row, "a", "a", Evidence(unseen=0.0))
    assert weighed.doubts == []
    assert weighed.warnings == found.headlines, "it need not read a black dress so"


def test_a_picture_far_from_training_says_so_first():
    view = view_of_model(make_clothes(output="groups"))
    far = Evidence(novelty=Strangeness(3.2, 0.9975, True))
    found = predict_one(view, share_out(0.9), "a", "a", far)
    assert found.headlines[0] == "Not like anything it was trained on."
    assert found.doubts == ["far", "unseen"]
    near = Evidence(novelty=Strangeness(1.2, 0.4, False))
    assert predict_one(view, share_out(0.0), "a", "a", near).doubts == []
    doubts = [found.doubt, predict_one(view, share_out(0.9), "a", "a").doubt]
    doubts.append(predict_one(view, share_out(0.0), "a", "a", near).doubt)
    assert doubts == sorted(doubts, reverse=True)


def test_what_left_out_combinations_taught_is_one_sentence():
    assert str(LeftOut(84, 100, 0.84, 0.756, 0.899)) == (
        "On combinations it never saw, this model is right 84 times in 100 (76–90)."
    )
    beyond = LeftOutCombination((1, 5), ("black", "jeans"), 0, 0, "No other has black.")
    blue = LeftOutCombination((2, 4), ("blue", "dress"), 100, 80)
    study = LeftOutStudy("plain", (beyond, blue), 0, 0, 0.0, "", "")
    black_dress = figures_like(study, ("black", "dress"))
    assert black_dress is not None
    assert (black_dress.share, black_dress.untried) == (None, ["black"])
    assert str(black_dress) == (
        "How sure that is nobody can tell: black was only ever seen with jeans."
    )
    assert str(figures_like(study, ("blue", "dress"))) == (
        "On combinations like blue dress that it never saw, this model is right 80 "
        "times in 100 (71–87)."
    )
    assert "it never saw, this model is right 80" in str(figures_like(study, ()))
    assert str(LeftOut(5, 9, 0.6, 0.21, 1.0, ["black", "shirt"])).endswith(
        "this model is right between 21 and 100 times in 100: too different to tell."
    )
    sure = predict(make_clothes(), red=0.97, shirt=0.94, jeans=0.4)
    assert replace(sure, doubts=[]).may_be_unseen is False
    unsure = predict(make_clothes(), red=0.99, shirt=0.8, jeans=0.3)
    assert unsure.may_be_unseen and unsure.unseen_share > 0.05
    assert not predict(make_clothes(), blue=0.99, dress=0.98).may_be_unseen


def test_a_few_held_out_pictures_do_not_set_the_doubt():
    view = view_of_model(make_clothes())
    few = np.array([sure_of("red", "dress")] * 19)
    assert calibrate_doubt(view, few) == view


def test_a_model_unsure_of_everything_is_doubted_for_being_unsure():
    unsure = np.full((50, 6), 0.5)
    view = calibrate_doubt(view_of_model(make_clothes()), unsure)
    assert "unsure" in predict_one(view, unsure[0], "a", "a").doubts
    # among many labels none need be near one half
    seen = {(letter,): 9 for letter in "abcdef"}
    many = make_facts("abcdef", [("letter", "exactly-one", "abcdef")], seen)
    assert predict(many | {"output": "groups"}, a=0.24, b=0.2).doubts == ["unsure"]


def test_a_seen_rival_reading_is_no_reason_for_a_warning():
    found = predict(make_clothes(), blue=0.99, shirt=0.7, jeans=0.4)
    assert found.warnings == []


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


def test_a_free_label_is_close_to_its_own_threshold_and_is_named():
    names = ["cars", "sand", "sea"]
    facts = make_facts(names, [], {("sand", "sea"): 40, ("cars",): 30})
    facts |= {"output": "groups", "thresholds": [0.59, 0.5, 0.1], "doubt_above": 1.0}
    view = view_of_model(facts)
    found = predict_one(view, np.array([0.52, 0.95, 0.2]), "a", "a")
    assert found.close_calls == [
        "cars 52 % (yes from 59 %)",
        "sea 20 % (yes from 10 %)",
    ]
    assert found.doubts == ["unsure"]
    assert headlines(found) == [
        "Close calls: cars 52 % (yes from 59 %), sea 20 % (yes from 10 %)."
    ]
    clear = predict_one(view, np.array([0.01, 0.95, 0.6]), "a", "a")
    assert (clear.close_calls, clear.doubts) == ([], [])
    assert clear.doubt < found.doubt


def test_of_free_labels_an_unlikely_new_combination_is_not_what_it_perhaps_is():
    names = ["dock", "ship", "trees", "water"]
    seen = {("dock", "ship", "water"): 9, ("dock", "ship"): 9, ("trees",): 9}
    facts = make_facts(names, [], seen, doubt_above=0.01, output="groups")
    row = np.array([0.93, 0.93, 0.07, 0.9])
    start = "This does not look quite like dock, ship, water. Perhaps"
    found = predict_one(view_of_model(facts), row, "a", "a")
    assert found.headlines[0] == f"{start} dock, ship."
    row[2] = 0.3
    found = predict_one(view_of_model(facts), row, "a", "a")
    new = "dock, ship, trees, water, which no training picture shows."
    assert found.headlines[0] == f"{start} {new}"
