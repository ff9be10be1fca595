// The line of the side list that tells why something was not done.

import { byId, ProblemLine } from "../ui"

let line: ProblemLine | null = null

// sideProblem returns the line.
export function sideProblem(): ProblemLine {
  return (line ??= new ProblemLine(byId("side-problem")))
}
