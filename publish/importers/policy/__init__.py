"""Copies of policy documents, messy as they are found, into Markdown with front matter and an account of each line."""
