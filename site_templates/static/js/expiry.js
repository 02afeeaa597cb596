// A copy of a page may outlive the page: in a cache, an archive, an open tab. What has a last public day hides itself
// after it. The day ends in the site's time zone, wherever the reader is.

const today = new Intl.DateTimeFormat("en-CA", { timeZone: document.documentElement.dataset.timeZone }).format(new Date());

for (const element of document.querySelectorAll("[data-expires]")) {
  if (element.dataset.expires >= today) {
    continue;
  }
  if (element.id === "main") {
    const notice = document.createElement("p");
    notice.className = "notice";
    notice.textContent = element.dataset.textExpired;
    element.replaceChildren(notice);
    document.title = element.dataset.textExpired;
    for (const meta of document.querySelectorAll('meta[name="description"], meta[name="ArticleTitle"]')) {
      meta.remove();
    }
    document.querySelector(".crumbs")?.remove();
  } else {
    element.remove();
  }
}
