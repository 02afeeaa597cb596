// A copy of a page may outlive the page: in a cache, an archive, an open tab. What has a last public day hides itself
// after it. The day ends in the site's time zone, wherever the reader is.

hideEnded();
window.addEventListener("pageshow", hideEnded); // brought back from the browser's memory, nothing is loaded anew
document.addEventListener("visibilitychange", hideEnded); // a tab that was open over midnight

function hideEnded() {
  const today = dayIn(document.documentElement.dataset.timeZone);
  for (const element of document.querySelectorAll("[data-expires]")) {
    if (element.dataset.expires >= today) {
      continue;
    }
    if (element.id === "main") {
      hidePage(element);
    } else {
      element.remove();
    }
  }
}

function hidePage(main) {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.textContent = main.dataset.textExpired;
  main.replaceChildren(notice);
  main.removeAttribute("data-expires"); // done, and not to be done again
  document.title = main.dataset.textExpired;
  for (const meta of document.querySelectorAll('meta[name="description"], meta[name="ArticleTitle"]')) {
    meta.remove();
  }
  document.querySelector(".crumbs")?.remove();
}

/** Today in a time zone, `yyyy-mm-dd`, put together from parts: how a locale writes dates changes with the browser. */
function dayIn(timeZone) {
  const format = new Intl.DateTimeFormat("en", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const parts = Object.fromEntries(format.formatToParts(new Date()).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}-${parts.day}`;
}
