// The charts as a table, for those who cannot see them.

import { count, lasted, say, size } from "../text"
import { element } from "../ui"
import type { Series } from "../wire"
import { coarser, median } from "./figures"
import { rateText } from "./table"

const mostRows = 20

// courseTable returns the course of a part of a session in a few rows.
export function courseTable(series: Series, timeOf: (us: number, stepUS: number) => string, rateHead: string): HTMLTableElement {
  const received = coarser(series.received, mostRows)
  const [sent, receivedBytes, sentBytes] = [series.sent, series.receivedBytes, series.sentBytes].map((list) => coarser(list, mostRows).values)
  const { of } = received
  const step = series.stepUS * of
  const part = (list: readonly (number | null)[], index: number) => list.slice(index * of, (index + 1) * of)
  const heads = [say("timing.course.time"), say("timing.course.received"), say("timing.course.sent"), say("timing.course.gap"), say("timing.course.gap_p95"), rateHead, say("timing.course.received_bytes"), say("timing.course.sent_bytes")]
  const rows = received.values.map((amount, index) => {
    const gap = median(part(series.gapMedian, index))
    const gapP95 = Math.max(-1, ...part(series.gapP95, index).filter((value) => value !== null))
    const rate = median(part(series.rate, index))
    return [
      timeOf(series.fromUS + index * step, step), count(amount), count(sent?.[index] ?? 0), gap === null ? "–" : lasted(gap), gapP95 < 0 ? "–" : lasted(gapP95),
      rate === null ? "–" : rateText(rate), size(receivedBytes?.[index] ?? 0), size(sentBytes?.[index] ?? 0),
    ]
  })
  return element("table", { class: "visually-hidden", "data-testid": "timing-course" },
    element("caption", {}, say("timing.course")),
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...rows.map(([time = "", ...cells]) => element("tr", {}, element("th", { scope: "row" }, time), ...cells.map((cell) => element("td", {}, cell))))),
  )
}
