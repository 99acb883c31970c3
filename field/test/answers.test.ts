// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { toAnswers, type Item } from '../src/answers'
import { holder } from '../src/identity'
import { csvRow, withoutPerson } from '../src/roster'

const value = (name: string, text: string): Item => ({ name, kind: 'value', value: text, children: [] })
const group = (name: string, ...children: Item[]): Item => ({ name, kind: 'group', value: '', children })
const line = (name: string, ...children: Item[]): Item => ({ name, kind: 'repeat', value: '', children })

test('integers are integers, texts are texts, and what was not asked is left out', () => {
  const root = group('data',
    group('household', value('H1', '1'), value('H2a', '2'), value('H2b', '0'), value('H6', ''), value('note', 'x')),
    group('persons',
      line('persons', value('D1', ' 王秀兰 '), value('D2', '0'), value('D3', '310199195203120136'), value('D5', '195203'), value('D6', '01'), value('age', '68')),
      line('persons', value('D1', '王磊'), value('D2', '2'), value('D3', ''), value('D3_reason', '2'), value('D5', '198011'))),
    group('deaths', line('deaths', value('name', '王福'), value('sex', '1'), value('birth', '1940-02'), value('died', '202001'))))
  expect(toAnswers(root, ['u1', 'u2'])).toEqual({
    household: { H1: 1, H2a: 2, H2b: 0 },
    persons: [
      { uuid: 'u1', D1: '王秀兰', D2: 0, D3: '310199195203120136', D5: '195203', D6: '01' },
      { uuid: 'u2', D1: '王磊', D2: 2, D3_reason: 2, D5: '198011' },
    ],
    deaths: [{ name: '王福', sex: 1, birth: '194002', died: '202001' }],
  })
})

const draft = '<data xmlns:orx="x"><household><H2a>2</H2a><H2b>1</H2b></household>' +
  '<persons><D1>甲</D1><D7>1</D7></persons><persons><D1>乙</D1><D7>5</D7></persons><persons><D1>丙</D1><D7>1</D7></persons></data>'
const names = (xml: string) => [...xml.matchAll(/<D1>(.)<\/D1>/g)].map((match) => match[1])

test('a person taken out of the middle leaves the others and lowers the count it stood for', () => {
  const without = withoutPerson(draft, 1)
  expect(names(without)).toEqual(['甲', '丙'])
  expect(without).toContain('<H2a>2</H2a><H2b>0</H2b>')
  expect(withoutPerson(draft, 0)).toContain('<H2a>1</H2a><H2b>1</H2b>')
  expect(withoutPerson(draft, 7)).toBe(draft)
})

test('an address with a comma or a quotation mark stays one cell', () => {
  expect(csvRow(['1', '1号,2室', '"甲"'])).toBe('"1","1号,2室","""甲"""')
})

test('an identity number tells sex and month of birth, and nothing while it is incomplete', () => {
  expect(holder('31019919520312012X')).toEqual({ sex: '2', birth: '195203' })
  expect(holder('310199195203120131')).toEqual({ sex: '1', birth: '195203' })
  expect(holder('3101991952031201')).toBeUndefined()
})
