"""The router: page config, the pages, who may see them, the sidebar. Start it with `streamlit run app.py`."""

import streamlit as st

from pages._ui import entrance, entry, layout, messages, state


def main() -> None:
    """Ask who sits there; then draw the frame, and the page that the address names."""
    layout.set_up()
    state.follow_address()
    sections = {
        "": [st.Page("pages/home.py", title="Home", icon=":material/home:", default=True)],
        "Data": [
            st.Page("pages/dataset.py", title="Dataset", icon=":material/photo_library:"),
            st.Page("pages/balance.py", title="Balance", icon=":material/balance:"),
        ],
        "Models": [
            st.Page("pages/train.py", title="Train", icon=":material/model_training:"),
            st.Page("pages/compare.py", title="Compare", icon=":material/monitoring:"),
        ],
        "Review": [st.Page("pages/review.py", title="Review", icon=":material/rate_review:")],
        "Program": [st.Page("pages/settings.py", title="Settings", icon=":material/settings:")],
    }
    page = st.navigation(sections, position="hidden")
    person = entrance.find_person()
    if person is None:
        return
    menu = entrance.visible(sections, person)
    entrance.check_page(menu, page)
    layout.name_tab(page.title)
    state.note_page(page.title)
    with st.sidebar, messages.guarded():
        entrance.sidebar(menu, person)
    with messages.guarded():
        entrance.caution(person)
        messages.show_notice()
        page.run()


with entry.frame():
    main()
