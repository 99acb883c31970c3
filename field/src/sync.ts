// One round with the office: send what waits, oldest first; then fetch what changed. Nothing leaves the device before
// the office has said that it holds it, and sending twice is harmless because every event carries its own id.
import { clockOffset, isoLocal } from './clock'
import type { Device } from './device'
import type { FieldEvent } from './protocol'
import { OfficeError, type Office } from './server'
import type { OutboxRow } from './store'

export const BATCH = 50
const BATCH_BYTES = 1_500_000
const ASSIGNMENT_AGE = 12 * 3600_000

export type Outcome = 'done' | 'offline' | 'busy' | 'signed_off' | 'refused'
export interface Report { outcome: Outcome; sent: number; offset?: number }

/** Whole round. `fresh` asks for the assignment even if it is recent (the person pressed the button). */
export async function synchronise(device: Device, office: Office, fresh = false): Promise<Report> {
  const report: Report = { outcome: 'done', sent: 0 }
  const token = await device.token()
  const measure = async <T extends { server_time: string }>(ask: () => Promise<T>): Promise<T> => {
    const before = device.now()
    const reply = await ask()
    report.offset = clockOffset(reply.server_time, before, device.now())
    return reply
  }
  try {
    let refused = false
    for await (const batch of batches(device)) {
      const reply = await measure(() => office.sync(token, isoLocal(device.now()), batch.map(({ event }) => event)))
      const said = new Map(reply.answers.map((answer) => [answer.id, answer]))
      for (const { row } of batch) {
        const answer = said.get(row.id)
        if (!answer) continue // not spoken of: not held, so it stays
        await device.settle(row, answer)
        if (answer.result === 'refused') refused = true
        else report.sent++
      }
    }
    await fetchChanges(device, office, token, fresh, measure)
    if (refused) report.outcome = 'refused'
    else await device.setMeta('lastSync', device.now())
    if (report.offset !== undefined) await device.setMeta('offset', report.offset)
  } catch (error) {
    if (!(error instanceof OfficeError)) throw error
    report.outcome = error.status === 401 ? 'signed_off' : error.status === 0 ? 'offline' : 'busy'
  }
  return report
}

/** The queue as it stood at the start, in batches small enough for one request. */
async function* batches(device: Device): AsyncGenerator<{ row: OutboxRow; event: FieldEvent }[]> {
  let batch: { row: OutboxRow; event: FieldEvent }[] = [], bytes = 0
  for (const row of await device.outbox()) {
    const size = row.box.ct.byteLength
    if (batch.length === BATCH || (batch.length && bytes + size > BATCH_BYTES)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push({ row, event: await device.event(row) })
    bytes += size
  }
  if (batch.length) yield batch
}

async function fetchChanges(
  device: Device, office: Office, token: string, fresh: boolean,
  measure: <T extends { server_time: string }>(ask: () => Promise<T>) => Promise<T>,
): Promise<void> {
  const held = await device.held()
  if (fresh || !held || device.now() - held.fetchedAt > ASSIGNMENT_AGE || held.blocks.some((b) => b.gone)) {
    await device.take(await measure(() => office.assignment(token)))
    return
  }
  for (const { block, cursor } of held.blocks) {
    try {
      const { cursor: next, households } = await office.pull(token, block, cursor)
      if (households.length || next !== cursor) await device.merge(block, next, households)
    } catch (error) {
      if (!(error instanceof OfficeError) || (error.status !== 403 && error.status !== 404)) throw error
      await device.take(await measure(() => office.assignment(token))) // the block was given to somebody else
      return
    }
  }
}

/** Only one tab at a time; a second caller is told that a round is under way. */
export function exclusively<T>(work: () => Promise<T>): Promise<T | 'running'> {
  return navigator.locks.request('renpu-sync', { ifAvailable: true }, (lock) => (lock ? work() : Promise.resolve('running' as const)))
}
