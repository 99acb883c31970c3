// What the pages show, and the few things they may do. One session: the device opened by a PIN, or not yet.
import { computed, reactive, shallowReactive, shallowRef } from 'vue'
import { CLOCK_TOLERANCE } from './clock'
import { Device, type Held, type HeldHousehold, type NewEvent, type Waiting } from './device'
import { MESSAGES, type Key } from './messages'
import { afterWrong, NO_TRIES, waitLeft, type Tries } from './pin'
import { count, progress, reach } from './progress'
import type { Paired } from './protocol'
import { office, OfficeError, pair } from './server'
import { forget, getMeta, openDatabase, setMeta, wipe } from './store'
import { phoneName } from './phone'
import { exclusively, synchronise, type Outcome } from './sync'
import { Vault, type Lock } from './vault'

export type Lang = 'zh' | 'en'
type Theme = 'auto' | 'light' | 'dark'
type Stage = 'starting' | 'pairing' | 'new_pin' | 'locked' | 'open'

const RETRY = 2 * 60_000
const db = openDatabase()
const device = shallowRef<Device>()

const remembered = <T extends string>(key: string, fallback: T) => (localStorage.getItem(`renpu.${key}`) as T | null) ?? fallback
export const ui = reactive({
  lang: remembered<Lang>('lang', 'zh'),
  big: remembered<string>('big', '') === '1',
  theme: remembered<Theme>('theme', 'auto'),
  online: navigator.onLine,
  offlineReady: false,
  update: undefined as (() => void) | undefined,
})

export function prefer(change: Partial<Pick<typeof ui, 'lang' | 'big' | 'theme'>>): void {
  Object.assign(ui, change)
  localStorage.setItem('renpu.lang', ui.lang)
  localStorage.setItem('renpu.big', ui.big ? '1' : '')
  localStorage.setItem('renpu.theme', ui.theme)
  dress()
}

/** Puts language, type size and colours on the document. */
export function dress(): void {
  const html = document.documentElement
  html.lang = ui.lang === 'zh' ? 'zh-CN' : 'en'
  html.classList.toggle('big', ui.big)
  html.dataset.theme = ui.theme
}

/** The sentence of a key in the language chosen, with its named parameters put in. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return MESSAGES[key][ui.lang === 'zh' ? 0 : 1].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}

export const session = reactive({
  stage: 'starting' as Stage,
  staff: { name: '', no: '' },
  census: { code: '', name: '', t0: '' },
  tries: NO_TRIES as Tries,
  wiped: false,
  syncing: false,
  outcome: undefined as Outcome | undefined,
  lastSync: 0,
  offset: 0,
  persisted: false,
  /** Names of blocks that left this phone in the last round. */
  taken: [] as string[],
})
export const held = shallowRef<Held>()
export const households = shallowReactive(new Map<string, HeldHousehold>())
export const waiting = shallowRef<Waiting[]>([])
export const drafts = shallowRef(new Set<string>())

export const clockWrong = computed(() => Math.abs(session.offset) > CLOCK_TOLERANCE)
export const blocks = computed(() => (held.value?.blocks ?? []).map((block) => {
  const mine = [...households.values()].filter((h) => h.block === block.block)
  return { ...block, mine, count: count(mine, block.units, drafts.value, waiting.value) }
}))
export const progressOf = (h: HeldHousehold) => progress(h, drafts.value.has(h.id), waiting.value)
export const reachOf = (h: HeldHousehold) => reach(h, waiting.value)
/** Households that have something waiting to be sent. */
export const unsent = computed(() => new Set(waiting.value.map((w) => w.about)).size)

/** Label of a code in the language chosen; empty for none. */
export function label(list: string, code: number | string | null | undefined): string {
  const row = held.value?.codes[list]?.find(([value]) => String(value) === String(code))
  return row ? row[ui.lang === 'zh' ? 1 : 2] : ''
}
export const codes = (list: string) => held.value?.codes[list] ?? []

export function open(): Device {
  if (!device.value) throw new Error('the device is locked')
  return device.value
}

export async function start(): Promise<void> {
  dress()
  addEventListener('online', () => { ui.online = true; void sync() })
  addEventListener('offline', () => { ui.online = false })
  addEventListener('visibilitychange', () => { if (!document.hidden && waiting.value.length) void sync() })
  setInterval(() => { if (ui.online && waiting.value.length && session.outcome !== 'signed_off') void sync() }, RETRY)
  session.tries = (await getMeta<Tries>(db, 'tries')) ?? NO_TRIES
  session.wiped = (await getMeta<boolean>(db, 'wiped')) ?? false
  await readAbout()
  if (await getMeta(db, 'lock')) session.stage = 'locked'
  else session.stage = (await getMeta(db, 'paired')) ? 'new_pin' : 'pairing'
}

async function readAbout(): Promise<void> {
  session.staff = (await getMeta<typeof session.staff>(db, 'staff')) ?? session.staff
  session.census = (await getMeta<typeof session.census>(db, 'census')) ?? session.census
  session.lastSync = (await getMeta<number>(db, 'lastSync')) ?? 0
  session.offset = (await getMeta<number>(db, 'offset')) ?? 0
}

/** Pairs with a code of the office. On a phone that was signed off and is open, the queue moves to the new token. */
export async function pairDevice(code: string): Promise<'ok' | 'unknown' | 'too_many' | 'offline'> {
  let paired: Paired
  try {
    paired = await pair(code, phoneName(navigator.userAgent))
  } catch (error) {
    if (!(error instanceof OfficeError)) throw error
    return error.status === 404 || error.status === 400 ? 'unknown' : error.status === 429 ? 'too_many' : 'offline'
  }
  await setMeta(db, 'staff', paired.staff)
  await setMeta(db, 'census', paired.census)
  await readAbout()
  if (device.value) {
    await device.value.setToken(paired.token)
    await device.value.renumber()
    session.outcome = undefined
    return 'ok'
  }
  await setMeta(db, 'secret', paired.secret)
  await setMeta(db, 'paired', paired.token) // in the clear only until the PIN is chosen, so that a reload does not lose the code
  session.stage = 'new_pin'
  return 'ok'
}

export async function choosePin(pin: string): Promise<void> {
  const secret = (await getMeta<string>(db, 'secret'))!, token = (await getMeta<string>(db, 'paired'))!
  const [vault, lock] = await Vault.create(pin, secret)
  const opened = new Device(db, vault)
  await opened.setToken(token)
  await setMeta(db, 'lock', lock)
  await db.meta.delete('paired')
  await enter(opened)
}

/** False when the PIN is wrong. */
export async function unlock(pin: string): Promise<boolean> {
  if (waitLeft(session.tries, Date.now()) > 0) return false
  const lock = (await getMeta<Lock>(db, 'lock'))!, secret = (await getMeta<string>(db, 'secret'))!
  let vault: Vault
  try {
    vault = await Vault.open(pin, secret, lock)
  } catch {
    const { tries, wipe: tooMany } = afterWrong(session.tries, Date.now())
    await setMeta(db, 'tries', tries)
    session.tries = tries
    if (tooMany) {
      await wipe(db)
      session.wiped = true
    }
    return false
  }
  await setMeta(db, 'tries', NO_TRIES)
  session.tries = NO_TRIES
  await enter(new Device(db, vault))
  return true
}

async function enter(opened: Device): Promise<void> {
  device.value = opened
  await refresh()
  session.stage = 'open'
  session.persisted = (await navigator.storage?.persisted?.()) || (await navigator.storage?.persist?.()) || false
  void sync()
}

export function lock(): void {
  device.value = undefined
  held.value = undefined
  households.clear()
  session.stage = 'locked'
}

/** Gives up what the device holds, the queue included; the person was asked twice. */
export async function startOver(): Promise<void> {
  lock()
  await forget(db)
  Object.assign(session, { tries: NO_TRIES, wiped: false, outcome: undefined, lastSync: 0, offset: 0, staff: { name: '', no: '' }, stage: 'pairing' })
}

export async function refresh(): Promise<void> {
  const d = open()
  const [assignment, all, queue, unfinished] = await Promise.all([d.held(), d.households(), d.waiting(), d.drafts()])
  held.value = assignment
  households.clear()
  for (const h of all) households.set(h.id, h)
  waiting.value = queue
  drafts.value = new Set(unfinished)
  session.wiped = (await getMeta<boolean>(db, 'wiped')) ?? false
}

let asked = false // a round was asked for while one was under way

export async function sync(fresh = false): Promise<void> {
  if (!device.value) return
  if (session.syncing) {
    asked = true
    return
  }
  session.syncing = true
  try {
    const report = await exclusively(() => synchronise(open(), office, fresh))
    if (report !== 'running') session.outcome = report.outcome
    await readAbout()
    const before = held.value?.blocks ?? []
    if (device.value) await refresh()
    const now = new Set((held.value?.blocks ?? []).map((b) => b.block))
    const taken = device.value ? before.filter((b) => !now.has(b.block)).map((b) => b.name) : []
    if (taken.length) session.taken = taken
  } finally {
    session.syncing = false
  }
  if (asked) {
    asked = false
    await sync()
  }
}

/** Queues what was done at a door and tries to send it. */
export async function record(events: NewEvent[], household: HeldHousehold, done: { draft?: boolean; slip?: boolean } = {}): Promise<void> {
  await open().record(events, household, done)
  await refresh()
  void sync()
}

