// What a visit asks, by its outcome, and how it becomes a `visit` event. Codes: visit_outcome, household_status, collection_mode.
import { isoLocal } from './clock'

const LISTED = 2, PARTLY = 3, NO_ANSWER = 4, NO_RESPONDENT = 5, APPOINTED = 6, REFUSED = 7, NOT_FOUND = 8, VACANT = 9, INTERRUPTED = 10, BARRIER = 11, NO_ACCESS = 12

/** In the order in which they happen; 1 (completed) is recorded by the form itself. */
export const OUTCOMES = [LISTED, NO_ANSWER, NO_RESPONDENT, APPOINTED, REFUSED, NO_ACCESS, VACANT, NOT_FOUND, PARTLY, BARRIER, INTERRUPTED] as const
export const MODES = [1, 3, 4, 5, 6, 7] as const
export const ASKS_SLIP: ReadonlySet<number> = new Set([NO_ANSWER, NO_RESPONDENT, APPOINTED, REFUSED, VACANT, NO_ACCESS])
export const ASKS_APPOINTMENT: ReadonlySet<number> = new Set([NO_ANSWER, NO_RESPONDENT, APPOINTED, REFUSED, PARTLY, BARRIER, INTERRUPTED, LISTED])
export const ASKS_COUNTS: ReadonlySet<number> = new Set([LISTED, PARTLY])

const ORDINARY = 1, MOVED = 5, EMPTY = 6, NOT_CONTACTED = 90, REFUSING = 91

/** The status to suggest: what the outcome says, else what was known, else not yet contacted. */
export function suggestedStatus(outcome: number, known: number | null): number | undefined {
  if (outcome === LISTED || outcome === PARTLY) return known !== null && known < NOT_CONTACTED ? known : ORDINARY
  if (outcome === REFUSED) return REFUSING
  if (outcome === VACANT) return EMPTY
  if (outcome === NOT_FOUND) return MOVED
  return known ?? NOT_CONTACTED
}

export interface VisitAnswers {
  mode: string; outcome: string; status: string; slip: boolean; slip_no: string; day: string; part: string; police: boolean; note: string
  head: string; phone: string; n_here: number | null; n_away: number | null; n_hukou: number | null; n_resident: number | null
}

/** Only what was asked goes in: a page that was switched away from leaves no answer behind. */
export function visitPayload(v: VisitAnswers, asks: { slip: boolean; appointment: boolean; counts: boolean }, endedAt: string): Record<string, unknown> {
  const payload: Record<string, unknown> = { mode: Number(v.mode), outcome: Number(v.outcome), status_after: Number(v.status), ended_at: endedAt }
  if (asks.slip && v.slip) payload.slip_no = v.slip_no.trim()
  if (asks.appointment && v.day && v.part) payload.appointment_at = appointmentAt(v.day, Number(v.part))
  if (v.police) payload.with_police = true
  if (v.note.trim()) payload.note = v.note.trim()
  if (asks.counts) {
    for (const key of ['n_here', 'n_away', 'n_hukou', 'n_resident'] as const) if (v[key] !== null) payload[key] = v[key]
    if (v.head.trim()) payload.head = v.head.trim()
    if (v.phone.trim()) payload.phone = v.phone.trim()
  }
  return payload
}

/** `day` is y-m-d in local time, as the page makes it. */
function appointmentAt(day: string, hour: number): string {
  const [y, m, d] = day.split('-').map(Number)
  return isoLocal(new Date(y!, m! - 1, d!, hour).getTime())
}
