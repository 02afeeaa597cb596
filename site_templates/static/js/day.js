/** Today where the site is, `yyyy-mm-dd`, put together from parts: how a locale writes dates changes with the browser. */
export function siteToday() {
  const timeZone = document.documentElement.dataset.timeZone ?? "Asia/Shanghai";
  const format = new Intl.DateTimeFormat("en", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const parts = Object.fromEntries(format.formatToParts(new Date()).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}-${parts.day}`;
}
