// The server's times in the reader's time zone.

import { clock, day, hhmm, hms, iso, stamp, when, ymd } from "../text"

const forms = { clock, day, hhmm, hms, stamp: (us: number) => stamp(us).slice(0, 23), when, ymd }

// localFields shows the times in forms in the reader's time zone, and submits them in UTC.
export function localFields(signal: AbortSignal): void {
  const fields = [...document.querySelectorAll<HTMLInputElement>("input[data-utc]")]
  for (const field of fields) if (field.value) field.value = localMinute(new Date(`${field.value}Z`))
  for (const form of new Set(fields.map((field) => field.form))) {
    form?.addEventListener("formdata", ({ formData }) => {
      for (const { name, value } of fields.filter((field) => field.form === form)) if (value) formData.set(name, `${new Date(value).toISOString().slice(0, 16)}Z`)
    }, { signal })
  }
}

function localMinute(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

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
