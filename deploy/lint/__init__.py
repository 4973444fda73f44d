"""The linters of the API documents: pinned npm packages, installed once, offline afterwards."""
