import { expect, test } from 'vitest'
import { phoneName } from '../src/phone'
import { extend, start } from '../src/stroke'
import { suggestedStatus, visitPayload, type VisitAnswers } from '../src/visit'

const blank: VisitAnswers = {
  mode: '1', outcome: '4', status: '90', slip: true, slip_no: ' 0317-0002 ', day: '2020-11-3', part: '19', police: false, note: '', head: '王', phone: '125', n_here: 3, n_away: null, n_hukou: null, n_resident: null,
}

test('what was asked and no more goes into the event', () => {
  const asked = visitPayload(blank, { slip: true, appointment: true, counts: false }, '2020-11-02T19:00:00.000+08:00')
  expect(asked).toMatchObject({ mode: 1, outcome: 4, status_after: 90, slip_no: '0317-0002' })
  expect(new Date(asked.appointment_at as string)).toEqual(new Date(2020, 10, 3, 19))
  expect(asked).not.toHaveProperty('n_here')
  expect(visitPayload(blank, { slip: false, appointment: false, counts: true }, 'x')).toEqual({ mode: 1, outcome: 4, status_after: 90, ended_at: 'x', n_here: 3, head: '王', phone: '125' })
})

test('an unanswered door does not undo what was known of the household', () => {
  expect(suggestedStatus(4, null)).toBe(90)
  expect(suggestedStatus(4, 1)).toBe(1)
  expect(suggestedStatus(2, 90)).toBe(1)
  expect(suggestedStatus(7, 1)).toBe(91)
  expect(suggestedStatus(9, null)).toBe(6)
})

test('a signature keeps its strokes and has a limit', () => {
  let path = extend(extend(start('', 10.4, 20.6), 11, 21), 30, 20)
  expect(path).toBe('M10 21l0 0L30 20')
  path = start(path, 50, 50)
  for (let i = 0; i < 100_000; i++) path = extend(path, (i % 2) * 100, i % 240)
  expect(path.length).toBeLessThan(31_000)
})

test.each([
  ['Mozilla/5.0 (Linux; Android 10; HarmonyOS; CDY-AN90 Build/HUAWEICDY-AN90) AppleWebKit/537.36', 'HarmonyOS'],
  ['Mozilla/5.0 (Linux; Android 13; M2012K11AC Build/TKQ1) AppleWebKit/537.36 Chrome/120 Mobile', 'M2012K11AC'],
  ['Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/120 Mobile', 'Android'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)', 'iPhone'],
])('a phone is named by its model where the browser tells it', (agent, name) => {
  expect(phoneName(agent)).toBe(name)
})
