"""build(): the list of stages, from data packages to an activated release."""

import tempfile
from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from publish.derive.related import derive_related
from publish.derive.search import derive_search
from publish.derive.summaries import derive_subjects, derive_summary
from publish.disclose.stage import disclose
from publish.load.config import load_config
from publish.load.documents import load_documents
from publish.load.packages import load_data_packages
from publish.load.rules import load_rule_book
from publish.model.config import SiteConfig
from publish.model.issue import BuildStopped, Issue, Level
from publish.model.public import Disclosure, Publication
from publish.model.report import BuildReport, Progress
from publish.model.site import Site
from publish.model.source import CheckedTable
from publish.release.staging import staged_release
from publish.release.state import load_publication
from publish.render.stage import render
from publish.validate.guards import guard_counts
from publish.validate.stage import validate
