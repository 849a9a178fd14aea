// Moments come from the server in UTC; people read them in their own time zone.

const SHAPE: Intl.DateTimeFormatOptions = {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
};
const THIS_YEAR = new Intl.DateTimeFormat("en-GB", SHAPE);
const ANY_YEAR = new Intl.DateTimeFormat("en-GB", { ...SHAPE, year: "numeric" });
const FULL = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" });

export function startTimes(page: Document): void {
  const year = new Date().getFullYear();
  for (const time of page.querySelectorAll("time")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    time.textContent = (moment.getFullYear() === year ? THIS_YEAR : ANY_YEAR).format(moment);
    time.title = FULL.format(moment);
  }
}
