"""The router: page config, the pages, the sidebar. Start it with `streamlit run app.py`."""

import streamlit as st

from pages._ui import entry, layout, messages, state


def main() -> None:
    """Draw the frame, then the page that the address names."""
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
        "Program": [st.Page("pages/settings.py", title="Settings", icon=":material/settings:")],
    }
    page = st.navigation(sections, position="hidden")
    layout.name_tab(page.title)
    with st.sidebar, messages.guarded():
        layout.navigation(sections)
        layout.open_dataset()
    with messages.guarded():
        messages.show_notice()
        page.run()


with entry.frame():
    main()
