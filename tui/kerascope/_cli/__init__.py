"""Parts of the command line; `kerascope.cli` puts them together."""
