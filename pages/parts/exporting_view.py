"""Take out: the data for another tool, or the whole project, as a zip to download."""

from __future__ import annotations

import streamlit as st

from mlcore.annotations import FORMATS
from mlcore.errors import MLError
from mlcore.export_jobs import WHOLE, ExportWish, start_export
from mlcore.view_filters import filter_of_view, is_queue
from pages.parts import export_list
from pages.parts.text import counted
from storage.errors import StorageError
from storage.images import count_images
from storage.projects import Project
from storage.records import Filter
from storage.runs import list_runs
from storage.saved_views import list_views

ALL = Filter()
LABELLED = Filter(state="labelled")
HINTS = {
    "csv-columns": "For spreadsheets and pandas: 1 is yes, 0 is no, empty is unknown.",
    "csv-tags": "One line per picture with the names of its labels.",
    "csv-long": "One line per answer; grows with every label.",
    "label-studio": "Tasks with annotations, and the labeling interface beside them. "
    "Its server finds the pictures with LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT set to "
    "the unpacked folder.",
    "coco": "Categories of whole images, no boxes; what was answered no is listed too.",
    "cvat": "Tags of whole images; create a task from images/, then upload the XML.",
    "custom-vision": "As GetTaggedImages and GetTags answer, with the pictures beside.",
    "imagefolder": 'For load_dataset("imagefolder", …): a folder per split.',
    "folders": "black_dress/, red_shirt/ …: the labels are the folders' names.",
}


def show(project: Project) -> None:
    """Show what can be taken out, and what is being or was prepared."""
    with st.grid(2, min_column_width=320):
        with st.container(border=True, key="take_out_data", height="stretch"):
            show_dataset(project)
            export_list.show(project.name, whole=False)
        with st.container(border=True, key="take_out_whole", height="stretch"):
            show_whole(project)
            export_list.show(project.name, whole=True)


def show_dataset(project: Project) -> None:
    """Show the choice of format and pictures."""
    st.markdown("### :primary[:material/dataset:] Pictures and labels")
    st.caption("In the files of another tool. Unseen reads all of them again.")
    keys = [key for key, form in FORMATS.items() if form.can_write]
    format_key = st.selectbox(
        "Format",
        keys,
        format_func=lambda key: FORMATS[key].title,
        key="take_out_format",
    )
    st.caption(HINTS.get(format_key, ""))
    choices = picture_choices(project)
    words = st.selectbox("Which pictures", list(choices), key="take_out_which")
    chosen = choices[words]
    with_images = True
    if FORMATS[format_key].file_name:
        with_images = st.toggle(
            "With the picture files", value=True, key="take_out_img"
        )
    count = count_chosen(project, chosen)
    if st.button(
        f"Prepare {counted(count, 'picture')}",
        type="primary",
        icon=":material/inventory_2:",
        disabled=not count,
        key="take_out_start",
    ):
        begin(project, ExportWish(format_key, chosen, words, with_images))


def count_chosen(project: Project, chosen: Filter) -> int:
    """Return how many pictures are meant; a view that is none any more is said."""
    try:
        return count_images(project, chosen)
    except StorageError as error:
        st.error(str(error), icon=":material/error:")
        return 0


def picture_choices(project: Project) -> dict[str, Filter]:
    """Return the choices of pictures by the words that name them."""
    views = [view for view in list_views(project) if not is_queue(view)]
    named = {f"View “{view.name}”": filter_of_view(view) for view in views}
    return {"All pictures": ALL, "Labelled pictures": LABELLED, **named}


def show_whole(project: Project) -> None:
    """Show what a whole project holds."""
    st.markdown("### :primary[:material/folder_zip:] The whole project")
    st.caption(
        "Pictures, labels, history, saved views and settings in one zip: a copy to "
        "keep, or to go on with on another computer. There, “New project” opens it."
    )
    runs = list_runs(project)
    with_runs = False
    if runs:
        with_runs = st.toggle(
            f"With {counted(len(runs), 'training run')}",
            value=True,
            key="take_out_runs",
            help="Models, their frozen data and checkpoints. Without them the copy is "
            "smaller and has no suggestions.",
        )
    if st.button(
        "Prepare the project", icon=":material/inventory_2:", key="take_out_project"
    ):
        begin(project, ExportWish(WHOLE, with_runs=with_runs))


def begin(project: Project, wish: ExportWish) -> None:
    """Start to pack and draw the page anew, which then shows how far it is."""
    try:
        start_export(project.name, wish)
    except (MLError, StorageError) as error:
        st.error(str(error), icon=":material/error:")
        return
    st.rerun()
