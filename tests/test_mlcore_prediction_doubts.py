"""When a prediction is doubted, and why."""

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

from mlcore.left_out import LeftOutCombination, LeftOutStudy
from mlcore.left_out_answer import figures_like
from mlcore.novelty import Strangeness
from mlcore.predictions import LeftOut
from mlcore.readings import (
    Evidence,
    calibrate_doubt,
    limit_doubt,
    predict_one,
)
from mlcore.training_view import view_of_model
from pages.parts.prediction_cards import headlines


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
