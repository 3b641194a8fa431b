"""What Review's steps are drawn from: labels of which a person is to be asked."""

import pytest
from pretended_runs import pretend_run
from tiny_training import WHO, make_project

from mlcore.evaluation import load_held_out
from mlcore.review_evidence import count_sure_wrong
from storage.answers import answer_many, answers_of
from storage.images import delete_images, list_images
from storage.projects import open_project
from storage.records import Filter
from storage.splits import assign_splits
from storage.suspects import confirm_labels, forget_confirmed


@pytest.mark.usefixtures("home")
def test_a_label_that_a_person_settled_is_not_to_be_checked_again() -> None:
    with open_project(make_project(each=4)) as project:
        ids = [image.image_id for image in list_images(project, Filter())]
        assign_splits(project, dict.fromkeys(ids, "validation") | {ids[0]: "train"})
        held_out = load_held_out(project, pretend_run(project, wrong=3).run_id)
        said = held_out.decide()
        called_right, mended, deleted = map(int, held_out.image_ids[:3])
        assert count_sure_wrong(project, held_out, said) == 3

        labels = [label.label_id for label in held_out.labels]
        confirm_labels(project, called_right, labels[:1], who=WHO)
        assert count_sure_wrong(project, held_out, said) == 3, "others are still open"
        confirm_labels(project, called_right, labels, who=WHO)
        assert count_sure_wrong(project, held_out, said) == 2
        forget_confirmed(project, [called_right])
        assert count_sure_wrong(project, held_out, said) == 3

        confirm_labels(project, called_right, labels, who=WHO)
        was = answers_of(project, [mended])[mended]
        other = {label_id: not yes for label_id, yes in was.items()}
        answer_many(project, [mended], other, who=WHO, batch_id="mended")
        delete_images(project, [deleted], who=WHO, batch_id="gone")
        assert count_sure_wrong(project, held_out, said) == 0
