import 'fake-indexeddb/auto'
import { beforeEach, expect, test } from 'vitest'
import { Device, type Draft, type HeldHousehold } from '../src/device'
import { progress, reach } from '../src/progress'
import type { Assignment, FieldEvent, Household, Result, SyncAnswer } from '../src/protocol'
import { OfficeError, type Office } from '../src/server'
import { openDatabase, wipe, type Database } from '../src/store'
import { BATCH, synchronise } from '../src/sync'
import { Vault } from '../src/vault'

const NAME = '欧阳秀兰'
const line = (id: string): Household => ({
  id, no: '001', building: null, unit: null, address: `1号${id}室`, head: NAME, household_type: 1, status: null, state: 'open', version: 0, visits: 0, slips: 0,
  last_outcome: null, appointment_at: null, n_here: null, n_away: null, open_edits: 0,
})
const block = (code: string, ids: string[], fence = 1) => ({ block: code, name: code, fence, cursor: 0, buildings: [], units: [], households: ids.map(line) })

/** The office as the contract has it: holds an event before it answers, and answers an equal one as a duplicate. */
class FakeOffice implements Office {
  held: FieldEvent[] = []
  requests: number[] = []
  blocks = [block('A', ['h1', 'h2'])]
  say: (event: FieldEvent) => Partial<SyncAnswer> & { result: Result } = () => ({ result: 'accepted', version: 1, state: 'registered' })
  loseReply = false
  fail = 0
  time = '2020-11-01T00:00:00Z'

  async assignment(): Promise<Assignment> {
    if (this.fail) throw new OfficeError(this.fail)
    return structuredClone({ server_time: this.time, census: {}, form: null, rules: null, codes: {}, blocks: this.blocks })
  }
  async sync(_token: string, _sentAt: string, events: FieldEvent[]) {
    if (this.fail) throw new OfficeError(this.fail)
    this.requests.push(events.length)
    const answers = events.map((event) => {
      if (this.held.some((h) => h.id === event.id)) return { id: event.id, result: 'duplicate' as const, version: 1, state: 'registered' }
      const said = this.say(event)
      if (said.result !== 'refused') this.held.push(event)
      return { id: event.id, ...said }
    })
    if (this.loseReply) { this.loseReply = false; throw new OfficeError(0) }
    return { server_time: this.time, answers, gaps: [] }
  }
  async pull(_token: string, code: string) {
    if (!this.blocks.some((b) => b.block === code)) throw new OfficeError(404)
    return { cursor: 0, households: [] }
  }
}

let db: Database, device: Device, office: FakeOffice, now: number, names = 0
beforeEach(async () => {
  db = openDatabase(`test-${names++}`)
  now = Date.UTC(2020, 10, 1)
  const [vault] = await Vault.create('246810', 'secret', 1000)
  device = new Device(db, vault, () => now++)
  await device.setToken('token')
  office = new FakeOffice()
  await synchronise(device, office)
})
const at = async (id: string) => (await device.households()).find((h) => h.id === id)!
async function visit(id: string, outcome = 4) {
  const h = await at(id)
  await device.record([{ kind: 'visit', about: id, block: h.block, payload: { outcome, slip_no: '0317-0001', note: NAME }, baseVersion: h.version }], { ...h, last_outcome: outcome })
}
const draft = (): Draft => ({ xml: `<data>${NAME}</data>`, step: 'household', person: 0, uuids: [], confirmed: [], startedAt: '', readBack: false, signature: '', status: 1, mode: 1 })

test('a form is queued in the transaction that ends its draft, with the version and fence it was made under', async () => {
  await device.saveDraft('h1', 'A', draft())
  const h = await at('h1')
  await device.record([{ kind: 'visit', about: 'h1', block: 'A', payload: {}, baseVersion: 3 }, { kind: 'form', about: 'h1', block: 'A', payload: { answers: NAME }, baseVersion: 3 }], h, { draft: true })
  expect(await device.drafts()).toEqual([])
  const rows = await device.outbox()
  expect(rows.map((row) => [row.seq, row.kind])).toEqual([[1, 'visit'], [2, 'form']])
  expect(await device.event(rows[1]!)).toMatchObject({ seq: 2, kind: 'form', base_version: 3, fence: 1, payload: { answers: NAME } })
})

test('numbers have no gap although two pages record at once', async () => {
  await Promise.all([visit('h1'), visit('h2'), visit('h1')])
  expect((await device.outbox()).map((row) => row.seq)).toEqual([1, 2, 3])
})

test('a lost reply sends the event again, and the office holds it once', async () => {
  await visit('h1')
  office.loseReply = true
  expect((await synchronise(device, office)).outcome).toBe('offline')
  expect(await device.outbox()).toHaveLength(1)
  expect((await synchronise(device, office)).outcome).toBe('done')
  expect(await device.outbox()).toHaveLength(0)
  expect(office.held).toHaveLength(1)
})

test.each([[0, 'offline'], [503, 'busy'], [401, 'signed_off']] as const)('on %i the queue stays as it is', async (status, outcome) => {
  await visit('h1')
  office.fail = status || 0
  if (!status) office.sync = async () => { throw new OfficeError(0) }
  expect((await synchronise(device, office)).outcome).toBe(outcome)
  expect(await device.outbox()).toHaveLength(1)
})

test.each(['accepted', 'duplicate', 'history', 'merge', 'quarantined'] as const)('%s is held by the office, so it leaves the device', async (result) => {
  await visit('h1')
  office.say = () => ({ result, version: 2, state: 'registered', task: 'M-7' })
  await synchronise(device, office)
  expect(await device.outbox()).toHaveLength(0)
  expect(await at('h1')).toMatchObject({ version: 2, state: 'registered' })
  const shown = progress(await at('h1'), false, [])
  expect(shown).toBe(result === 'merge' || result === 'quarantined' ? 'problem' : 'done')
})

test('refused is not held: it stays, is shown, and does not keep the others back', async () => {
  await visit('h1')
  await visit('h2')
  office.say = (event) => (event.about === 'h1' ? { result: 'refused', reason: 'not your block' } : { result: 'accepted' })
  expect((await synchronise(device, office)).outcome).toBe('refused')
  const waiting = await device.waiting()
  expect(waiting.map((w) => w.about)).toEqual(['h1'])
  expect(reach(await at('h1'), waiting)).toBe('refused')
  office.say = () => ({ result: 'accepted' })
  expect((await synchronise(device, office)).outcome).toBe('done')
  expect(await device.outbox()).toHaveLength(0)
})

test('an event that the answer does not speak of is not taken for held', async () => {
  await visit('h1')
  office.sync = async () => ({ server_time: office.time, answers: [], gaps: [] })
  await synchronise(device, office)
  expect(await device.outbox()).toHaveLength(1)
})

test('batches hold fifty at most and go oldest first', async () => {
  for (let i = 0; i < BATCH + 3; i++) await visit(i % 2 ? 'h1' : 'h2')
  await synchronise(device, office)
  expect(office.requests).toEqual([BATCH, 3])
  expect(office.held.map((event) => event.seq)).toEqual(Array.from({ length: BATCH + 3 }, (_, i) => i + 1))
})

test('after acknowledgement no answer is left on the device, and nothing on it was ever readable', async () => {
  await device.saveDraft('h2', 'A', draft())
  await visit('h1')
  const readable = async () => JSON.stringify(await Promise.all(db.tables.map(async (table) => (await table.toArray()).map((row) => JSON.stringify(row, (_, value) => (value instanceof ArrayBuffer ? new TextDecoder().decode(value) : value))))))
  expect(await readable()).not.toContain(NAME)
  await synchronise(device, office)
  expect(await device.outbox()).toEqual([])
  expect(JSON.stringify(await device.visits('h1'))).not.toContain(NAME)
})

test('a block that was given away stays until its queue and drafts are empty', async () => {
  await visit('h1')
  office.blocks = [block('B', ['h9'])]
  office.say = () => ({ result: 'refused' })
  await synchronise(device, office, true)
  expect((await device.held())!.blocks.map((b) => [b.block, b.gone ?? false])).toEqual([['B', false], ['A', true]])
  expect((await device.households()).map((h) => h.id).sort()).toEqual(['h1', 'h2', 'h9'])
  office.say = () => ({ result: 'merge' })
  await synchronise(device, office)
  expect((await device.held())!.blocks.map((b) => b.block)).toEqual(['B'])
  expect((await device.households()).map((h) => h.id)).toEqual(['h9'])
})

test('a household that was added here is kept while the office does not know it', async () => {
  const added: HeldHousehold = { ...line('new'), block: 'A' }
  await device.record([{ kind: 'line', about: 'new', block: 'A', payload: { head: NAME }, baseVersion: 0 }], added)
  office.fail = 503
  await synchronise(device, office, true)
  office.fail = 0
  await device.take(await office.assignment())
  expect((await device.households()).map((h) => h.id)).toContain('new')
})

test('what was seen at the door stays shown while it waits, whatever the office sends', async () => {
  await visit('h1', 7)
  await device.merge('A', 5, [{ ...line('h1'), version: 4, state: 'registered' }])
  expect(await at('h1')).toMatchObject({ version: 4, last_outcome: 7 })
  expect((await device.held())!.blocks[0]!.cursor).toBe(5)
})

test('the offset of the clock is measured at each round', async () => {
  office.time = new Date(now + 600_000).toISOString()
  const report = await synchronise(device, office, true)
  expect(report.offset! / 60_000).toBeCloseTo(10, 1)
})

test('after pairing anew the queue is counted from one, oldest first', async () => {
  await visit('h1')
  await synchronise(device, office)
  await visit('h1')
  await visit('h2')
  await device.renumber()
  await visit('h2')
  const rows = await device.outbox()
  expect(rows.map((row) => [row.seq, row.about])).toEqual([[1, 'h1'], [2, 'h2'], [3, 'h2']])
})

test('a wipe after ten wrong PINs leaves what waits to be sent', async () => {
  await visit('h1')
  await device.saveDraft('h2', 'A', draft())
  await wipe(db)
  expect([await db.households.count(), await db.drafts.count(), await db.visits.count(), await device.held()]).toEqual([0, 0, 0, undefined])
  await synchronise(device, office)
  expect(office.held).toHaveLength(1)
  expect(await device.households()).toHaveLength(2)
})
