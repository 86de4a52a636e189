"""The pages' own folder: navigation, shapes, parts and caches; the only place in lab that knows Streamlit."""
