// How the dwellings of a building lie on the screen: floor by room for towers, a list by house number for lanes.
import type { Building, Unit } from './protocol'

export interface Floor { floor: number; cells: (Unit | null)[] }
export interface Layout { kind: 'grid' | 'list'; columns: number; floors: Floor[]; list: Unit[] }

/** Room of a unit on its floor: 1203 on floor 12 is room 03. */
export function room(unit: Unit): string {
  const digits = /\d+/.exec(unit.door)?.[0] ?? unit.door
  const floor = unit.floor === null ? '' : String(unit.floor)
  return floor && digits.length > floor.length && digits.startsWith(floor) ? digits.slice(floor.length) : digits
}

/** Natural order: 2号 before 10号, 12号甲 after 12号. */
export const byNumber = (a: string, b: string): number => a.localeCompare(b, 'zh-CN', { numeric: true })

/** More rooms on a floor than fit a phone wrap to a second line and lose their empty places. */
export function layout(building: Building | null, units: Unit[], most = 5): Layout {
  const floors = [...new Set(units.map((u) => u.floor))]
  const stacked = floors.filter((f): f is number => f !== null)
  if (!building || building.kind === 'lane_row' || stacked.length < 2 || stacked.length < floors.length) {
    const list = [...units].sort((a, b) => byNumber(a.address + a.door, b.address + b.door) || byNumber(a.no, b.no))
    return { kind: 'list', columns: 1, floors: [], list }
  }
  const rooms = [...new Set(units.map(room))].sort(byNumber)
  const aligned = rooms.length <= most
  return {
    kind: 'grid',
    columns: Math.min(rooms.length, most),
    list: [],
    floors: stacked.sort((a, b) => b - a).map((floor) => {
      const here = units.filter((u) => u.floor === floor).sort((a, b) => byNumber(room(a), room(b)))
      // Two units with one room number must both be seen, so the places are kept only where each has its own.
      const unique = new Set(here.map(room)).size === here.length
      return { floor, cells: aligned && unique ? rooms.map((r) => here.find((u) => room(u) === r) ?? null) : here }
    }),
  }
}
