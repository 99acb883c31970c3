// What this device holds, opened by the PIN: its blocks, households, drafts, own visits, and the events that wait to be sent.
import { isoLocal, uuid7, type Now } from './clock'
import type { Confirmed } from './edits'
import type { Assignment, Block, FieldEvent, Household, Kind, SyncAnswer } from './protocol'
import { getMeta, setMeta, type Database, type OutboxRow } from './store'
import type { Vault } from './vault'

export interface HeldHousehold extends Household {
  block: string
  /** What the office last said about an event of ours that is not simply `accepted`. */
  answer?: { result: string; task?: string | number; ticket?: string | number }
}
export interface HeldBlock extends Omit<Block, 'households'> { /** No longer ours; stays until its queue is empty. */ gone?: boolean }
export interface Held extends Omit<Assignment, 'blocks'> { blocks: HeldBlock[]; fetchedAt: number }

/** A visit of one's own, without anything that a respondent said. */
export interface OwnVisit { id: string; about: string; at: string; kind: Kind; outcome: number | null; slip_no: string; appointment_at: string | null }

export interface Draft {
  xml: string
  step: string
  person: number
  uuids: string[]
  confirmed: Confirmed[]
  startedAt: string
  readBack: boolean
  signature: string
  status: number
  mode: number
}

/** The visit that a form brings with it is not told apart from the form. */
const COMPLETED = 1

export interface NewEvent { kind: Kind; about: string; block: string; payload: Record<string, unknown>; baseVersion: number }
export interface Waiting { id: string; about: string; block: string; kind: Kind; refused?: string }

export class Device {
  constructor(readonly db: Database, readonly vault: Vault, readonly now: Now = Date.now) {}

  async token(): Promise<string> {
    const row = await this.db.kept.get('token')
    return row ? this.vault.unseal<string>(row.box, 'token') : ''
  }

  async setToken(token: string): Promise<void> {
    await this.db.kept.put({ key: 'token', box: await this.vault.seal(token, 'token') })
  }

  async held(): Promise<Held | undefined> {
    const row = await this.db.kept.get('assignment')
    return row && this.vault.unseal<Held>(row.box, 'assignment')
  }

  async households(): Promise<HeldHousehold[]> {
    const rows = await this.db.households.toArray()
    return Promise.all(rows.map((row) => this.vault.unseal<HeldHousehold>(row.box, row.id)))
  }

  async waiting(): Promise<Waiting[]> {
    const rows = await this.db.outbox.orderBy('seq').toArray()
    return rows.map(({ id, about, block, kind, refused }) => ({ id, about, block, kind, ...(refused === undefined ? {} : { refused }) }))
  }

  async visits(about: string): Promise<OwnVisit[]> {
    const rows = await this.db.visits.where('about').equals(about).toArray()
    const visits = await Promise.all(rows.map((row) => this.vault.unseal<OwnVisit>(row.box, row.id)))
    return visits.sort((a, b) => b.at.localeCompare(a.at))
  }

  drafts(): Promise<string[]> {
    return this.db.drafts.toCollection().primaryKeys()
  }

  async draft(household: string): Promise<Draft | undefined> {
    const row = await this.db.drafts.get(household)
    return row && this.vault.unseal<Draft>(row.box, household)
  }

  async saveDraft(household: string, block: string, draft: Draft): Promise<void> {
    const box = await this.vault.seal(draft, household)
    await this.db.drafts.put({ household, block, changed: this.now(), box })
  }

  dropDraft(household: string) {
    return this.db.drafts.delete(household)
  }

  /** The number on the next slip of the printed pad: staff number and a counter of this device. */
  async nextSlip(): Promise<string> {
    const staff = await getMeta<{ no: string }>(this.db, 'staff')
    return `${staff?.no ?? ''}-${String(((await getMeta<number>(this.db, 'slip')) ?? 0) + 1).padStart(4, '0')}`
  }

  /** Queues events about one household, in one transaction with the change of what is shown and the end of its draft. */
  async record(events: NewEvent[], household: HeldHousehold, done: { draft?: boolean; slip?: boolean } = {}): Promise<void> {
    const fence = (await this.held())?.blocks.find((b) => b.block === household.block)?.fence ?? 0
    const made_at = isoLocal(this.now())
    const sealed = await Promise.all(events.map(async (event) => {
      const id = uuid7(this.now)
      const body: Omit<FieldEvent, 'seq'> = {
        id, kind: event.kind, about: event.about, block: event.block, made_at, base_version: event.baseVersion, fence, payload: event.payload,
      }
      const visit: OwnVisit = {
        id, about: event.about, at: made_at, kind: event.kind, outcome: (event.payload.outcome as number) ?? null,
        slip_no: (event.payload.slip_no as string) ?? '', appointment_at: (event.payload.appointment_at as string) ?? null,
      }
      return { event, id, box: await this.vault.seal(body, id), visit: await this.vault.seal(visit, id) }
    }))
    const shown = await this.vault.seal(household, household.id)
    const { meta, outbox, drafts, households, visits } = this.db
    await this.db.transaction('rw', [meta, outbox, drafts, households, visits], async () => {
      let seq = ((await meta.get('seq'))?.value as number | undefined) ?? 0
      for (const { event, id, box, visit } of sealed) {
        await outbox.add({ seq: ++seq, id, about: event.about, block: event.block, kind: event.kind, box })
        if (event.kind !== 'visit' || event.payload.outcome !== COMPLETED) await visits.put({ id, about: event.about, block: event.block, box: visit })
      }
      await meta.put({ key: 'seq', value: seq })
      if (done.slip) await meta.put({ key: 'slip', value: (((await meta.get('slip'))?.value as number | undefined) ?? 0) + 1 })
      if (done.draft) await drafts.delete(household.id)
      await households.put({ id: household.id, block: household.block, box: shown })
    })
  }

  outbox(): Promise<OutboxRow[]> {
    return this.db.outbox.orderBy('seq').toArray()
  }

  async event(row: OutboxRow): Promise<FieldEvent> {
    return { ...(await this.vault.unseal<Omit<FieldEvent, 'seq'>>(row.box, row.id)), seq: row.seq }
  }

  /** What the office said about one event: its answers leave the device in the transaction that notes the outcome. */
  async settle(row: OutboxRow, answer: SyncAnswer): Promise<void> {
    if (answer.result === 'refused') {
      await this.db.outbox.update(row.seq, { refused: answer.reason ?? 'refused' })
      return
    }
    const kept = await this.db.households.get(row.about)
    let next: HeldHousehold | undefined
    if (kept) {
      const { answer: _, ...household } = await this.vault.unseal<HeldHousehold>(kept.box, kept.id)
      next = { ...household }
      if (answer.version !== undefined) next.version = answer.version
      if (answer.state !== undefined) next.state = answer.state
      if (answer.edits !== undefined) next.open_edits = Array.isArray(answer.edits) ? answer.edits.length : answer.edits
      if (answer.result === 'merge' || answer.result === 'quarantined') {
        next.answer = { result: answer.result, ...(answer.task === undefined ? {} : { task: answer.task }), ...(answer.ticket === undefined ? {} : { ticket: answer.ticket }) }
      } else if (_?.result === 'merge' && row.kind === 'visit') next.answer = _
    }
    const box = next && (await this.vault.seal(next, next.id))
    await this.db.transaction('rw', [this.db.outbox, this.db.households], async () => {
      await this.db.outbox.delete(row.seq)
      if (next && box) await this.db.households.put({ id: next.id, block: next.block, box })
    })
  }

  /** Takes a downloaded assignment. Blocks that are no longer ours stay while anything of them waits or is half done. */
  async take(assignment: Assignment): Promise<void> {
    const before = await this.held()
    const [queued, drafts] = await Promise.all([this.db.outbox.toArray(), this.db.drafts.toArray()])
    const busy = new Set([...queued, ...drafts].map((row) => row.block))
    const given = new Set(assignment.blocks.map((b) => b.block))
    const gone = (before?.blocks ?? []).filter((b) => !given.has(b.block) && busy.has(b.block)).map((b) => ({ ...b, gone: true }))
    const kept = new Set([...given, ...gone.map((b) => b.block)])
    const mine = new Map((await this.households()).map((h) => [h.id, h]))
    const waiting = new Set(queued.map((row) => row.about))
    const incoming = assignment.blocks.flatMap((b) => b.households.map((h) => overlay({ ...h, block: b.block }, mine.get(h.id), waiting.has(h.id))))
    // Households first seen by this device (another household in a unit) are not in the office's list before they are sent.
    const known = new Set(incoming.map((h) => h.id))
    const stay = [...mine.values()].filter((h) => !known.has(h.id) && kept.has(h.block) && (!given.has(h.block) || waiting.has(h.id) || drafts.some((d) => d.household === h.id)))
    const rows = await Promise.all([...incoming, ...stay].map(async (h) => ({ id: h.id, block: h.block, box: await this.vault.seal(h, h.id) })))
    const held: Held = {
      ...assignment, fetchedAt: this.now(),
      blocks: [...assignment.blocks.map(({ households: _, ...block }) => block), ...gone],
    }
    const box = await this.vault.seal(held, 'assignment')
    const { kept: table, households, visits, meta } = this.db
    await this.db.transaction('rw', [table, households, visits, meta], async () => {
      await table.put({ key: 'assignment', box })
      await households.clear()
      await households.bulkPut(rows)
      await visits.filter((visit) => !kept.has(visit.block)).delete()
      await meta.delete('wiped')
    })
  }

  /** Takes the households of a block that changed at the office since the cursor. */
  async merge(block: string, cursor: number | string, changed: Household[]): Promise<void> {
    const held = await this.held()
    if (!held) return
    const mine = new Map((await this.households()).map((h) => [h.id, h]))
    const waiting = new Set((await this.db.outbox.toArray()).map((row) => row.about))
    const rows = await Promise.all(changed.map(async (h) => {
      const next = overlay({ ...h, block }, mine.get(h.id), waiting.has(h.id))
      return { id: h.id, block, box: await this.vault.seal(next, h.id) }
    }))
    const box = await this.vault.seal({ ...held, blocks: held.blocks.map((b) => (b.block === block ? { ...b, cursor } : b)) }, 'assignment')
    await this.db.transaction('rw', [this.db.kept, this.db.households], async () => {
      await this.db.kept.put({ key: 'assignment', box })
      await this.db.households.bulkPut(rows)
    })
  }

  /** After pairing anew the office counts from 1: what waits is numbered again, oldest first. */
  async renumber(): Promise<void> {
    await this.db.transaction('rw', [this.db.outbox, this.db.meta], async () => {
      const rows = await this.db.outbox.orderBy('seq').toArray()
      await this.db.outbox.clear()
      await this.db.outbox.bulkAdd(rows.map(({ refused: _, ...row }, i) => ({ ...row, seq: i + 1 })))
      await this.db.meta.put({ key: 'seq', value: rows.length })
    })
  }

  setMeta(key: string, value: unknown) {
    return setMeta(this.db, key, value)
  }
}

/** The office's record; while something of ours waits, what we saw at the door is still what is shown. */
function overlay(theirs: HeldHousehold, ours: HeldHousehold | undefined, waiting: boolean): HeldHousehold {
  if (!ours) return theirs
  const stands = ours.answer?.result === 'merge' ? (theirs.open_tasks ?? 1) > 0 : theirs.version === ours.version
  const answer = ours.answer && stands ? { answer: ours.answer } : {}
  if (!waiting) return { ...theirs, ...answer }
  const { status, last_outcome, appointment_at, n_here, n_away, visits, slips, head } = ours
  return { ...theirs, status, last_outcome, appointment_at, n_here, n_away, visits, slips, head, ...answer }
}
