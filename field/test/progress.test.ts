import { expect, test } from 'vitest'
import type { HeldHousehold, Waiting } from '../src/device'
import { count, progress, reach, search } from '../src/progress'

const household = (change: Partial<HeldHousehold>): HeldHousehold => ({
  id: 'h', block: 'A', no: '001', building: null, unit: null, address: '唐山路818弄2号', head: '沈福根', household_type: 1, status: null, state: 'open', version: 0,
  visits: 0, slips: 0, last_outcome: null, appointment_at: null, n_here: null, n_away: null, open_edits: 0, ...change,
})
const waits = (about: string, kind: Waiting['kind'], refused?: string): Waiting => ({ id: 'e', about, block: 'A', kind, ...(refused === undefined ? {} : { refused }) })

test.each([
  ['nobody was there yet', {}, 'todo'],
  ['nobody opened', { visits: 1, last_outcome: 4, status: 90 }, 'again'],
  ['refused', { visits: 1, last_outcome: 7, status: 91, state: 'refused' }, 'again'],
  ['listed', { visits: 1, last_outcome: 2, status: 1, state: 'listed' }, 'listed'],
  ['vacant', { visits: 1, last_outcome: 9, status: 6, state: 'listed' }, 'empty'],
  ['registered', { version: 1, status: 1, state: 'registered' }, 'done'],
  ['registered, edits open', { version: 1, status: 1, state: 'registered', open_edits: 2 }, 'problem'],
  ['a merge task of the office is open', { version: 1, state: 'registered', open_tasks: 1 }, 'problem'],
  ['removed', { state: 'removed' }, 'removed'],
] as const)('%s', (_, change, expected) => {
  expect(progress(household(change), false, [])).toBe(expected)
})

test('a draft comes before all, and a form in the queue counts as done', () => {
  expect(progress(household({ open_edits: 1 }), true, [])).toBe('draft')
  expect(progress(household({ status: 1 }), false, [waits('h', 'form')])).toBe('done')
})

test('what waits, what was refused and what is held are told apart', () => {
  expect(reach(household({}), [])).toBe('none')
  expect(reach(household({ visits: 1 }), [])).toBe('sent')
  expect(reach(household({ visits: 1 }), [waits('h', 'visit')])).toBe('device')
  expect(reach(household({ visits: 1 }), [waits('h', 'visit', 'no')])).toBe('refused')
})

test('a dwelling without a household is still to do', () => {
  const units = ['u1', 'u2'].map((id) => ({ id, building: 'b', no: id, floor: 1, door: id, address: id }))
  const mine = [household({ id: 'a', unit: 'u1', version: 1, state: 'registered' }), household({ id: 'b', state: 'removed' })]
  expect(count(mine, units, new Set(), [waits('a', 'form')])).toEqual({ total: 2, unlisted: 1, todo: 1, done: 1, waiting: 1, problems: 0 })
})

test('a search finds every word in door, address or head', () => {
  const all = [household({ id: 'a', unit: 'u1' }), household({ id: 'b', head: '沈阿妹', address: '唐山路818弄10号' })]
  const doors = new Map([['u1', '1203']])
  expect(search(all, doors, '沈').map((h) => h.id)).toEqual(['a', 'b'])
  expect(search(all, doors, '818 阿妹').map((h) => h.id)).toEqual(['b'])
  expect(search(all, doors, '1203').map((h) => h.id)).toEqual(['a'])
  expect(search(all, doors, ' ')).toEqual([])
})
