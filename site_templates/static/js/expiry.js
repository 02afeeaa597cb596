// A copy of a page may outlive the page: in a cache, an archive, an open tab. What has a last public day hides itself
// after it. The day ends in the site's time zone, wherever the reader is.

import { siteToday } from "./day.js";

hideEnded();
window.addEventListener("pageshow", hideEnded); // brought back from the browser's memory, nothing is loaded anew
document.addEventListener("visibilitychange", hideEnded); // a tab that was open over midnight

function hideEnded() {
  const day = siteToday();
  for (const element of document.querySelectorAll("[data-expires]")) {
    if (element.dataset.expires >= day) {
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
