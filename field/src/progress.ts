// How far a household is, and whether what was done has reached the office: what lists, grids and counts show.
import type { HeldHousehold, Waiting } from './device'
import { byNumber } from './grid'
import type { Unit } from './protocol'

export type Progress = 'todo' | 'listed' | 'again' | 'draft' | 'done' | 'empty' | 'problem' | 'removed'
export type Reach = 'none' | 'device' | 'refused' | 'sent'

// household_status: dwellings in which nobody is registered by a short form.
const VACANT = 6, ALL_FOREIGN = 8, NOT_A_DWELLING = 9, NOT_CONTACTED = 90, REFUSING = 91
const WITHOUT_FORM = new Set<number | null>([VACANT, ALL_FOREIGN, NOT_A_DWELLING])
const REGISTERED = new Set(['registered', 'settled'])

export function progress(h: HeldHousehold, hasDraft: boolean, waiting: Waiting[]): Progress {
  if (hasDraft) return 'draft'
  if (h.state === 'removed') return 'removed'
  if (h.answer || h.open_edits > 0 || (h.open_tasks ?? 0) > 0) return 'problem'
  if (REGISTERED.has(h.state) || h.version > 0 || waiting.some((w) => w.about === h.id && w.kind === 'form')) return 'done'
  if (WITHOUT_FORM.has(h.status)) return 'empty'
  if (h.status !== null && h.status !== NOT_CONTACTED && h.status !== REFUSING) return 'listed'
  return h.visits > 0 || h.last_outcome !== null ? 'again' : 'todo'
}

/** Whether the last thing that was done here is on the device only, was refused, or is held by the office. */
export function reach(h: HeldHousehold, waiting: Waiting[]): Reach {
  const mine = waiting.filter((w) => w.about === h.id)
  if (mine.some((w) => w.refused !== undefined)) return 'refused'
  if (mine.length) return 'device'
  return h.visits > 0 || h.version > 0 || h.last_outcome !== null ? 'sent' : 'none'
}

/** `todo` holds `unlisted`: dwellings in which no household is on the roster yet. */
export interface Count { total: number; unlisted: number; todo: number; done: number; waiting: number; problems: number }

export function count(households: HeldHousehold[], units: Unit[], drafts: Set<string>, waiting: Waiting[]): Count {
  const listed = new Set(households.map((h) => h.unit))
  const unlisted = units.filter((unit) => !listed.has(unit.id)).length
  const result: Count = { total: unlisted, unlisted, todo: unlisted, done: 0, waiting: 0, problems: 0 }
  for (const h of households) {
    const p = progress(h, drafts.has(h.id), waiting)
    if (p === 'removed') continue
    result.total++
    if (p === 'done' || p === 'empty') result.done++
    else if (p === 'problem') result.problems++
    else result.todo++
    if (reach(h, waiting) === 'device' || reach(h, waiting) === 'refused') result.waiting++
  }
  return result
}

/** Households whose door, address, number or head contains every word typed. */
export function search(households: HeldHousehold[], doors: Map<string, string>, term: string): HeldHousehold[] {
  const words = term.trim().toLowerCase().split(/\s+/).filter(Boolean)
  if (!words.length) return []
  return households
    .filter((h) => {
      const text = `${h.address} ${h.head} ${h.no} ${h.unit ? (doors.get(h.unit) ?? '') : ''}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
    .sort((a, b) => byNumber(a.address, b.address))
}
