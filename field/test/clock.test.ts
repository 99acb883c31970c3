import { expect, test } from 'vitest'
import { clockOffset, isoLocal, uuid7 } from '../src/clock'

test('an id is a UUIDv7 that sorts by time of birth', () => {
  const ids = [1_600_000_000_000, 1_600_000_000_001, 1_700_000_000_000].map((ms) => uuid7(() => ms))
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect([...ids].sort()).toEqual(ids)
  expect(parseInt(ids[0]!.replace('-', '').slice(0, 12), 16)).toBe(1_600_000_000_000)
})

test('a local time with its offset is the same moment', () => {
  const at = Date.UTC(2020, 9, 31, 16, 5, 6, 78)
  expect(Date.parse(isoLocal(at))).toBe(at)
  expect(isoLocal(at)).toMatch(/^2020-\d\d-\d\dT\d\d:\d\d:06\.078[+-]\d\d:\d\d$/)
})

test('the offset takes the middle of the request as its moment', () => {
  expect(clockOffset('2020-11-01T00:10:00Z', Date.UTC(2020, 10, 1, 0, 0, 0), Date.UTC(2020, 10, 1, 0, 0, 2))).toBe(599_000)
})
