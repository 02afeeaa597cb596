"""Exit notices: what they say, in columns, and their pages. A subject has left a list; nothing of the record itself.

A notice that a listing was wrong is a clarification with an apology (JS-J 24): it says that the listing was wrong and
has been taken off, and not what it said. A notice that names nobody does not tell why it names nobody.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

import polars as pl

from publish import urls
from publish.model.public import DatasetInfo, ExitTable
from publish.model.site import DatasetSummary
from publish.model.terms import ExitReason
from publish.render.bulk import Slot
from publish.render.bulk_pages import Pages
from publish.render.contexts import DatasetView, ExitRow, Link, Meta
from publish.render.digests import row_digests
from publish.render.page_contexts import ExitPage
from publish.render.rows import exit_path, filled
from publish.render.views import Desk

# What a notice's page may print, all String.
NOTICE_SLOTS = ("url", "subject", "date", "reason", "until", "sentence", "basis")

_APOLOGY = pl.col("reason") == ExitReason.WRONGLY_LISTED.value


def told_exits(desk: Desk, exits: ExitTable, infos: Sequence[DatasetInfo]) -> pl.DataFrame:
    """What is told of the exits of these datasets, in their order: `key`, `dataset`, `subject`, `left_on`, `reason`,
    `citation`, `noindex` as they are, `url`, `title` (what the notice is called), `list` (the dataset's title), `date`,
    `until`, `word` (for the reason) and `sentence`, String; `apology`, Boolean."""
    slugs = [info.slug for info in infos]
    frame = exits.frame.filter(pl.col("dataset").is_in(slugs))
    words = {reason: desk.label(f"exit.{reason}") for reason in frame["reason"].unique().sort()}
    frame = frame.with_columns(
        ("/" + exit_path()).alias("url"),
        pl.col("dataset").replace_strict(slugs, [info.title for info in infos], return_dtype=pl.String).alias("list"),
        pl.col("dataset").replace_strict(slugs, [info.provider for info in infos], return_dtype=pl.String).alias("who"),
        pl.col("left_on").cast(pl.String).alias("date"),
        pl.col("notice_until").cast(pl.String).alias("until"),
        pl.col("reason").replace_strict(words, return_dtype=pl.String).alias("word"),
        _APOLOGY.alias("apology"),
    )
    titles = [pl.lit(notice_title(desk, apology=apology)) for apology in (True, False)]
    title = pl.when("apology").then(titles[0]).otherwise(titles[1]).alias("title")
    return frame.with_columns(title, _sentence(desk).alias("sentence")).drop("who", "notice_until")


def exit_pages(
    desk: Desk, exits: ExitTable, summaries: Sequence[DatasetSummary], datasets: Sequence[DatasetView]
) -> Iterator[Pages]:
    """The pages of all notices: bulk pages, by dataset, whether they apologise and whether search engines are kept
    out."""
    told = told_exits(desk, exits, [summary.info for summary in summaries])
    open_ = (pl.col("noindex") == False).fill_null(False)  # noqa: E712  (null counts as true)
    told = told.with_columns((~open_).alias("hidden"))
    for view, summary in zip(datasets, summaries, strict=True):
        mine = told.filter(pl.col("dataset") == view.slug)
        for apology, hidden in mine.select("apology", "hidden").unique().sort("apology", "hidden").iter_rows():
            some = mine.filter((pl.col("apology") == apology) & (pl.col("hidden") == hidden))
            render = notice_renderer(desk, summary.info, view, apology=apology, hidden=hidden)
            yield _pages(f"exits-{view.slug}-{apology:d}{hidden:d}", some, render)


def _pages(name: str, told: pl.DataFrame, render: Callable[[Mapping[str, Slot | str | None]], str]) -> Pages:
    slots = told.select(
        "url",
        _stated("subject"),
        "date",
        pl.col("word").alias("reason"),
        "until",
        "sentence",
        _stated("citation").alias("basis"),
        pl.col("url").str.slice(1).alias("path"),
    )
    return Pages(name, slots.select("path", row_digests(slots).alias("inputs")), lambda rows: slots[rows], render)


def _stated(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(pl.col(name))


def notice_renderer(
    desk: Desk, info: DatasetInfo, dataset: DatasetView, *, apology: bool, hidden: bool
) -> Callable[[Mapping[str, Slot | str | None]], str]:
    """Render one notice from its slots; with text instead of slots it is the plain rendering that tests use."""
    template = desk.environment.get_template("pages/exit.html")
    title, channel = notice_title(desk, apology=apology), _channel(desk, info)
    lists = (Link(desk.label("nav.exits"), urls.EXITS), Link(dataset.title, urls.exits_of(dataset.slug)))
    crumbs = desk.crumbs(*lists, Link(title))

    def render(slots: Mapping[str, Slot | str | None]) -> str:
        meta = Meta(
            title,
            slots["url"],  # type: ignore[arg-type]
            title,
            crumbs,
            noindex=hidden,
            expires=slots["until"],  # type: ignore[arg-type]
            published=slots["date"],  # type: ignore[arg-type]
            source=dataset.provider,
            steady=True,
        )
        row = ExitRow(dataset_title=dataset.title, **{name: slots[name] for name in NOTICE_SLOTS[:5]})  # type: ignore[arg-type]
        page = ExitPage(
            meta=meta,
            exit=row,
            sentence=slots["sentence"],  # type: ignore[arg-type]
            apology=apology,
            basis=slots["basis"] or "",  # type: ignore[arg-type]
            dataset=dataset,
            channel=channel,
            atom=urls.exits_feed(dataset.slug, "atom"),
        )
        return template.render(page=page)

    return render


def notice_title(desk: Desk, *, apology: bool) -> str:
    """What a notice is called; never whom it is about, since titles travel."""
    return desk.label("exit.apology-title") if apology else desk.label("exit.title")


def _sentence(desk: Desk) -> pl.Expr:
    """The notice in one or two sentences of plain text."""
    cells = {"subject": pl.col("subject"), "list": pl.col("list"), "date": pl.col("date"), "provider": pl.col("who")}

    subject, of, date, provider = (Slot(name) for name in cells)
    unnamed = pl.col("subject").is_null()
    return (
        pl.when(pl.col("apology") & unnamed)
        .then(filled(desk.t("exit.apology-unnamed", list=of, date=date, provider=provider), **cells))
        .when("apology")
        .then(filled(desk.t("exit.apology", subject=subject, list=of, date=date, provider=provider), **cells))
        .when(unnamed)
        .then(filled(desk.t("exit.sentence-unnamed", list=of, date=date), **cells))
        .otherwise(filled(desk.t("exit.sentence", subject=subject, list=of, date=date), **cells))
    )


def _channel(desk: Desk, info: DatasetInfo) -> Link:
    """Where the list was first published: an address, the words that the publisher states, or else this site."""
    if not info.channel:
        return Link(desk.t("exit.channel-here", list=info.title).unescape(), urls.dataset(info.slug))
    if info.channel.startswith(("https://", "http://")):
        address = desk.outbound.link(info.channel)
        return Link((urlsplit(info.channel).hostname if address else None) or info.channel, address)
    return Link(info.channel)
