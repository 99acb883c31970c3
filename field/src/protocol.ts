// What goes over the wire between a device and the office: shapes only (ARCHITECTURE.md, "Events" and "Device protocol").

/** Code as the form prints it, Chinese label, English label. */
export type CodeRow = [number | string, string, string]

export interface Building { id: string; no: string; label: string; kind: string; floors: number | null }
export interface Unit { id: string; building: string; no: string; floor: number | null; door: string; address: string }

export interface Household {
  id: string
  no: string
  building: string | null
  unit: string | null
  address: string
  head: string
  household_type: number | null
  status: number | null
  state: string
  version: number
  visits: number
  slips: number
  last_outcome: number | null
  appointment_at: string | null
  n_here: number | null
  n_away: number | null
  open_edits: number
  /** Merge tasks of the office that are still open. */
  open_tasks?: number
}

export interface Block {
  block: string
  name: string
  fence: number
  cursor: number | string
  buildings: Building[]
  units: Unit[]
  households: Household[]
}

export interface Form { id: string; version: string; xml: string; files: Record<string, string> }
export interface Rules { version: string; program: unknown }

export interface Assignment {
  server_time: string
  census: Record<string, unknown> & { code?: string; name?: string; t0?: string }
  form: Form | null
  rules: Rules | null
  codes: Record<string, CodeRow[]>
  blocks: Block[]
}

export interface Paired {
  token: string
  secret: string
  device: string
  staff: { name: string; no: string }
  census: { code: string; name: string; t0: string }
}

export type Kind = 'line' | 'visit' | 'form'

export interface FieldEvent {
  id: string
  kind: Kind
  about: string
  block: string
  made_at: string
  seq: number
  base_version: number
  fence: number
  payload: Record<string, unknown>
}

export type Result = 'accepted' | 'duplicate' | 'history' | 'merge' | 'quarantined' | 'refused'

export interface SyncAnswer {
  id: string
  result: Result
  version?: number
  state?: string
  task?: string | number
  ticket?: string | number
  edits?: number | unknown[]
  reason?: string
}

export interface SyncReply { server_time: string; answers: SyncAnswer[]; gaps: number[] }
export interface PullReply { cursor: number | string; households: Household[] }
