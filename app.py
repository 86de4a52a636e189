"""The persistence lab in the browser: page settings and navigation, and what is served beside them; nothing else."""

import streamlit as st

if __name__ == "__main__":  # one run of the script, which draws a page
    from lab.ui.kit.parts import MARK, WORDMARK
    from lab.ui.kit.server_database import open_server_database
    from lab.ui.navigation import open_page

    st.set_page_config(page_icon=MARK, layout="wide")
    st.logo(WORDMARK, icon_image=MARK, size="large")
    open_server_database().watch()
    page = open_page()
    st.set_page_config(page_title=f"{page.title} · Persistence lab")
    page.run()
else:  # `streamlit run` finds this application in the file, imports it, and serves it
    from starlette.middleware import Middleware

    from lab.services.billing.mount import make_routes
    from lab.services.first_page import FirstPage
    from lab.services.health import make_health_routes

    routes = [*make_routes(), *make_health_routes()]
    app = st.App(__file__, routes=routes, middleware=[Middleware(FirstPage)])
