"""The documents as a site: ``make site``. Nothing is fetched when it is built or read."""

project = "sweeper"
copyright = "the sweeper authors"  # noqa: A001 - Sphinx' name for it
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "sweeper"
html_static_path = ["_static"]
html_css_files = ["site.css"]
root_doc = "index"
source_suffix = {".md": "markdown"}
exclude_patterns = ["conf.py"]
myst_heading_anchors = 4
myst_links_external_new_tab = False
suppress_warnings = ["misc.highlighting_failure"]  # drawings in Mermaid stay text, as nothing is fetched
html_show_sphinx = False
html_copy_source = False
