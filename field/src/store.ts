// Tables on the device. In the clear stand only ids, the kind of an event and its number; the rest is sealed.
import { Dexie, type EntityTable } from 'dexie'
import type { Kind } from './protocol'
import type { Sealed } from './vault'

export interface Meta { key: string; value: unknown }
/** Things of which there is one: `token`, `assignment`. */
export interface Kept { key: string; box: Sealed }
export interface HouseholdRow { id: string; block: string; box: Sealed }
export interface DraftRow { household: string; block: string; changed: number; box: Sealed }
export interface VisitRow { id: string; about: string; block: string; box: Sealed }
export interface OutboxRow { seq: number; id: string; about: string; block: string; kind: Kind; refused?: string; box: Sealed }

export type Database = Dexie & {
  meta: EntityTable<Meta, 'key'>
  kept: EntityTable<Kept, 'key'>
  households: EntityTable<HouseholdRow, 'id'>
  drafts: EntityTable<DraftRow, 'household'>
  visits: EntityTable<VisitRow, 'id'>
  outbox: EntityTable<OutboxRow, 'seq'>
}

export function openDatabase(name = 'renpu'): Database {
  const db = new Dexie(name) as Database
  db.version(1).stores({
    meta: 'key', kept: 'key', households: 'id, block', drafts: 'household, block', visits: 'id, about, block', outbox: 'seq, &id, about, block',
  })
  return db
}

export const getMeta = async <T>(db: Database, key: string) => (await db.meta.get(key))?.value as T | undefined
export const setMeta = (db: Database, key: string, value: unknown) => db.meta.put({ key, value })

/** After too many wrong PINs: everything goes but what waits to be sent and what opens it. */
export const wipe = (db: Database) =>
  db.transaction('rw', [db.meta, db.kept, db.households, db.drafts, db.visits], async () => {
    await Promise.all([db.households.clear(), db.drafts.clear(), db.visits.clear(), db.kept.delete('assignment')])
    await db.meta.put({ key: 'wiped', value: true })
  })

/** Everything goes: the phone is given back, or paired from the start. */
export const forget = (db: Database) =>
  db.transaction('rw', db.tables, async () => { await Promise.all(db.tables.map((table) => table.clear())) })
