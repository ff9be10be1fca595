// The server's times in the reader's time zone.

import { clock, day, hhmm, hms, iso, stamp, when, ymd } from "../text"

const forms = { clock, day, hhmm, hms, stamp: (us: number) => stamp(us).slice(0, 19), when, ymd }

// localTimes writes the times of the page in their forms (data-as), and tells the server the
// time zone for its next page.
export function localTimes(): void {
  for (const time of document.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
    const us = Date.parse(time.dateTime) * 1000
    if (Number.isNaN(us)) continue
    const form = forms[(time.dataset.as ?? "when") as keyof typeof forms] ?? when
    time.title = iso(us)
    time.textContent = form(us)
  }
  const zone = `duplex_zone=${encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)}`
  if (document.cookie.split("; ").includes(zone)) return
  document.cookie = `${zone}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`
}
