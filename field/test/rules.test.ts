import { describe, expect, it } from 'vitest'
import { check, evaluate, identity, valueOf, type Context, type Household, type Node, type Program } from '../src/rules'

const ROSTER: Context = { household_status: 1, household_no: '001', household_type: 1, county: '310109', n_here: 2, n_away: 0 }
const head = { D1: '张建国', D2: 0, D4: 1, D5: '197501', D7: 1, D8: 1, D9: 1 }
const wife = { D1: '李梅', D2: 1, D4: 2, D5: '197603', D7: 1, D8: 1, D9: 1 }
const couple: Household = { household: { H2a: 2, H2b: 0 }, persons: [head, wife], deaths: [] }
const rule = { severity: 'H', scope: 'H', title: ['', ''], message: ['', ''] } as Program['rules'][string]

function program(over: 'household' | 'person' | 'death', fails: Node): Program {
  return { version: '1', t0: '2020-11-01', rules: { 'X-1': rule }, checks: [{ rule: 'X-1', over, fields: ['D5'], shape: false, fails }] }
}
const lines = (over: 'household' | 'person' | 'death', fails: Node, household = couple) =>
  evaluate(program(over, fails), household, ROSTER).map((edit) => edit.line)
const undecided = (over: 'household' | 'person' | 'death', fails: Node, household: Household) =>
  check(program(over, fails), household, ROSTER)

describe('rules', () => {
  it('tell the line of each person who breaks one', () => {
    expect(lines('person', ['=', ['get', 'person', 'D4'], 2])).toEqual([2])
    expect(lines('household', ['=', ['get', 'household', 'H2a'], 2])).toEqual([0])
  })

  it('know age and month of birth at the census moment', () => {
    const of = (D5: string) => lines('person', ['<', ['get', 'person', 'age'], 3], { ...couple, persons: [{ ...head, D5 }] })
    expect(of('201711')).toEqual([1])
    expect(of('201710')).toEqual([])
    expect(of('201713')).toEqual([])
  })

  it('compare with the head and the spouse', () => {
    expect(lines('person', ['and', ['=', ['get', 'person', 'D2'], 1], ['>', ['get', 'person', 'born'], ['get', 'head', 'born']]])).toEqual([2])
    expect(lines('household', ['null', ['get', 'spouse', 'line']], { ...couple, persons: [head] })).toEqual([0])
  })

  it('count, and find pairs', () => {
    expect(lines('household', ['=', ['count', 'person', ['=', ['get', 'person', 'D7'], 1]], 2])).toEqual([0])
    const same: Node = ['exists', [['a', 'person'], ['b', 'person']],
      ['and', ['<', ['get', 'a', 'line'], ['get', 'b', 'line']], ['=', ['get', 'a', 'D1'], ['get', 'b', 'D1']]]]
    expect(lines('household', same)).toEqual([])
    expect(lines('household', same, { ...couple, persons: [head, { ...wife, D1: '张建国' }] })).toEqual([0])
  })

  it('do not decide without an operand that matters', () => {
    const without = { ...couple, persons: [head, { ...wife, D7: null }] }
    const counted: Node = ['<>', ['count', 'person', ['=', ['get', 'person', 'D7'], 1]], 2]
    expect(undecided('household', counted, without)).toEqual({ edits: [], notEvaluable: 1 })
    expect(undecided('household', ['and', false, counted], without).notEvaluable).toBe(0)
    expect(undecided('household', ['or', true, counted], without).edits).toHaveLength(1)
    expect(undecided('person', ['=', ['get', 'person', 'D11'], 1], couple).notEvaluable).toBe(2)
  })

  it('take an empty text for a missing answer', () => {
    expect(lines('person', ['null', ['get', 'person', 'D3']], { ...couple, persons: [{ ...head, D3: '' }] })).toEqual([1])
  })

  it('refuse an operation they do not know', () => {
    expect(() => lines('household', ['xor', true, false])).toThrow('xor')
  })
})

describe('three-valued logic', () => {
  const scope = { rows: {}, tables: { household: [], person: [], death: [] } }
  it.each([
    [['and', true, null], null], [['and', false, null], false], [['or', true, null], true], [['or', false, null], null],
    [['not', null], null], [['null', null], true], [['=', null, null], null], [['in', null, [1]], null],
    [['case', [[null, 1]], 2], null], [['case', [[false, 1]], 2], 2], [['+', 1, null], null],
    [['substr', '𠮷田明', 1, 1], '𠮷'], [['length', '𠮷田'], 2], [['match', 'ab\n', 'a.'], false],
  ] as [Node, unknown][])('%j is %j', (node, value) => {
    expect(valueOf(node, scope)).toBe(value)
  })
})

describe('identity number', () => {
  it.each([
    ['310199197501012393', false], ['31019919750101239', false], ['310199197501012395', true], ['31019919750101239x', false],
  ])('%s', (number, right) => {
    expect(identity(number, 20201101)['id_ok']).toBe(right)
  })

  it('knows sex, month of birth, and impossible dates', () => {
    expect(identity('310199197501012395', 20201101)).toEqual({ id_ok: true, id_real: true, id_born: 12 * 1975, id_sex: 1 })
    expect(identity('310199197501012395', 19750101)['id_real']).toBe(false)
  })
})
