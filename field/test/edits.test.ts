import { expect, test } from 'vitest'
import { hard, isSaid, queries, type Finding } from '../src/edits'
import type { FormProblem } from '../src/xform'

const problem = (name: string, line: number, required: boolean): FormProblem => ({ repeat: line ? 'persons' : '', line, name, required, label: `${name}. 标题`, message: '有误' })
const finding = (rule: string, line: number, fields: string[], isHard = true): Finding => ({ rule, hard: isHard, repeat: line ? 'persons' : '', line, fields, message: ['甲', 'a'] })

test('a rule does not repeat what the form already says of the same item', () => {
  const shown = hard([problem('D3', 1, false), problem('D4', 2, true), problem('D5', 2, true)], [finding('P-003', 1, ['D3']), finding('R-007', 1, ['D2']), finding('H-003', 0, ['H2a'])])
  expect(shown.map((f) => [f.repeat, f.line, f.rule, f.fields])).toEqual([['', 0, 'H-003', ['H2a']], ['persons', 1, '', ['D3']], ['persons', 1, 'R-007', ['D2']], ['persons', 2, '', ['D4', 'D5']]])
})

test('all that is blank on a page is one finding that names each item', () => {
  const [only] = hard([problem('D4', 2, true), problem('D5', 2, true)], [])
  expect(only!.message[0]).toBe('还没有填：标题、标题')
})

test('a query is settled by a reason; "other" wants words', () => {
  const found = [finding('R-008', 2, ['D5'], false), finding('H-018', 0, ['H6'], false)]
  const said = queries(found, [{ rule: 'R-008', line: 2, reason: 'asked_again', text: '' }, { rule: 'H-018', line: 0, reason: 'other', text: ' ' }])
  expect(said.map((q) => isSaid(q.confirmed))).toEqual([true, false])
  expect(queries([], [{ rule: 'R-008', line: 2, reason: 'asked_again', text: '' }])).toEqual([])
})
