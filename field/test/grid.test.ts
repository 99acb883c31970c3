import { expect, test } from 'vitest'
import { layout, room } from '../src/grid'
import type { Building, Unit } from '../src/protocol'

const building = (kind: string): Building => ({ id: 'b', no: '001', label: '1号', kind, floors: 12 })
const unit = (door: string, floor: number | null, no = door): Unit => ({ id: door + no, building: 'b', no, floor, door, address: `1号${door}` })

test('a tower is floors from the top, rooms in columns, with places kept empty', () => {
  const plan = layout(building('tower'), [unit('101', 1), unit('1202', 12), unit('1201', 12), unit('103', 1)])
  expect(plan.kind).toBe('grid')
  expect(plan.columns).toBe(3)
  expect(plan.floors.map((f) => [f.floor, f.cells.map((c) => c?.door ?? null)])).toEqual([[12, ['1201', '1202', null]], [1, ['101', null, '103']]])
})

test('more rooms than fit wrap, and none is lost', () => {
  const units = Array.from({ length: 9 }, (_, i) => unit(`20${i + 1}`, 2)).concat(unit('301', 3))
  const plan = layout(building('tower'), units)
  expect(plan.columns).toBe(5)
  expect(plan.floors[1]!.cells.map((c) => c!.door)).toEqual(['201', '202', '203', '204', '205', '206', '207', '208', '209'])
})

test('two units with one room number are both there', () => {
  const plan = layout(building('tower'), [unit('201', 2, '1'), unit('201', 2, '2'), unit('301', 3)])
  expect(plan.floors.flatMap((f) => f.cells).filter(Boolean)).toHaveLength(3)
})

test('a lane is a list by house number, and so is a house without floors', () => {
  const units = [unit('10号', null), unit('2号', null), unit('2号甲', null)]
  expect(layout(building('lane_row'), units).list.map((u) => u.door)).toEqual(['2号', '2号甲', '10号'])
  expect(layout(building('walkup'), units).kind).toBe('list')
  expect(layout(building('tower'), [unit('101', 1), unit('102', 1)]).kind).toBe('list')
})

test('the room of a door is what follows its floor', () => {
  expect(room(unit('1203', 12))).toBe('03')
  expect(room(unit('301室', 3))).toBe('01')
  expect(room(unit('12', 12))).toBe('12')
})
