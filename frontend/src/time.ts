// The server writes moments in the time zone of the person. It learns the browser's from a cookie; until it
// has, moments come in UTC, and are put into the browser's zone here.

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const A_YEAR = 31_536_000; // seconds

export function startTimes(page: Document): void {
  if (ZONE) page.cookie = `time_zone=${encodeURIComponent(ZONE)}; path=/; max-age=${A_YEAR}; samesite=lax`;
  const format = new Intl.DateTimeFormat(page.documentElement.lang === "de" ? "de" : "en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
  for (const time of page.querySelectorAll<HTMLTimeElement>("time[data-utc]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    time.textContent = format.format(moment);
    time.title = ZONE;
  }
}
