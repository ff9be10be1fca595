// tailAt returns where the end of a path begins that stays when the path is cut: its last
// part, or the last two where they have at most so many characters and something is before
// them.
export function tailAt(path: string, longest: number): number {
  const slash = path.lastIndexOf("/")
  const before = slash > 0 ? path.lastIndexOf("/", slash - 1) : -1
  return before > 0 && path.length - before <= longest ? before : slash
}
