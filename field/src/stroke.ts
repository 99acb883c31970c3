// Strokes of a signature as SVG path data: whole numbers, points closer than a few units left out, and a limit of length.

const APART = 5
const LONGEST = 30_000
const TAIL = 24 // holds the last point

const at = (x: number, y: number) => `${Math.round(x)} ${Math.round(y)}`

export function start(path: string, x: number, y: number): string {
  return path.length > LONGEST ? path : `${path}M${at(x, y)}l0 0`
}

export function extend(path: string, x: number, y: number): string {
  const last = /(-?\d+) (-?\d+)(?:l0 0)?$/.exec(path.slice(-TAIL))
  if (!last || path.length > LONGEST) return path
  return Math.hypot(x - Number(last[1]), y - Number(last[2])) < APART ? path : `${path}L${at(x, y)}`
}
