/**
 * Edit rules at the door: evaluates the office's program (data, no code) on the answers of one household.
 *
 * The program comes from `renpu.editing.rules.client_program`; its trees are those of `renpu/editing/language.py`: prefix form,
 * scalars are literals, true means that the rule is violated, null means that it cannot be told. A missing operand never decides.
 */

type Scalar = string | number | boolean | null
export type Node = Scalar | Node[]
type Row = Record<string, Scalar>
type Table = 'household' | 'person' | 'death'

export interface Rule {
  severity: 'H' | 'C' | 'O'
  scope: string
  title: [zh: string, en: string]
  message: [zh: string, en: string]
}
export interface Check {
  rule: string
  over: Table
  fields: string[]
  /** Demanded by the questionnaire itself: answered where due, blank where skipped, in its list or range. */
  shape: boolean
  fails: Node
}
export interface Program {
  version: string
  /** The census moment as an ISO date. */
  t0: string
  rules: Record<string, Rule>
  checks: Check[]
}

/** Answers as the form event carries them; absent, null and '' all mean missing. */
export interface Household {
  household: Readonly<Record<string, unknown>>
  persons?: readonly Readonly<Record<string, unknown>>[]
  deaths?: readonly Readonly<Record<string, unknown>>[]
}
/** What the roster and the event know beside the answers. */
export interface Context {
  household_status: number | null
  household_no: string | null
  household_type: number | null
  county: string | null
  n_here: number | null
  n_away: number | null
}
export interface Edit {
  rule: string
  severity: 'H' | 'C' | 'O'
  over: Table
  /** Of the person, or of the death line; 0 = the household. */
  line: number
  fields: readonly string[]
  title: [zh: string, en: string]
  message: [zh: string, en: string]
}
export interface Result {
  edits: Edit[]
  /** Checks that a missing answer left undecided. */
  notEvaluable: number
}

interface Scope {
  rows: Record<string, Row | null>
  tables: Record<Table, Row[]>
}

export function evaluate(program: Program, household: Household, context: Context): Edit[] {
  return check(program, household, context).edits
}

export function check(program: Program, household: Household, context: Context): Result {
  const tables = tablesOf(program.t0, household, context)
  const head = tables.person.find((row) => row['D2'] === 0) ?? null
  const spouse = tables.person.find((row) => row['D2'] === 1) ?? null
  const rows = { household: tables.household[0]!, head, spouse, person: null, death: null }
  const edits: Edit[] = []
  let notEvaluable = 0
  for (const { rule: id, over, fields, fails } of program.checks) {
    const rule = program.rules[id]
    if (!rule) continue
    for (const row of tables[over]) {
      const found = valueOf(fails, { rows: { ...rows, [over]: row }, tables })
      if (found === null) notEvaluable += 1
      else if (found === true) {
        const line = over === 'household' ? 0 : Number(row['line'])
        edits.push({ rule: id, severity: rule.severity, over, line, fields, title: rule.title, message: rule.message })
      }
    }
  }
  return { edits, notEvaluable }
}

/** The value of a tree; null where an operand that matters is missing. Throws on an operation it does not know. */
export function valueOf(node: Node, scope: Scope): Scalar {
  if (!Array.isArray(node)) return node
  const [name, ...parts] = node
  switch (name) {
    case 'get':
      return scope.rows[parts[0] as string]?.[parts[1] as string] ?? null
    case 'and':
      return joined(parts, scope, false)
    case 'or':
      return joined(parts, scope, true)
    case 'not': {
      const found = valueOf(parts[0]!, scope)
      return found === null ? null : !found
    }
    case 'null':
      return valueOf(parts[0]!, scope) === null
    case 'case':
      return chosen(parts[0] as [Node, Node][], parts[1]!, scope)
    case 'in': {
      const found = valueOf(parts[0]!, scope)
      return found === null ? null : (parts[1] as Scalar[]).includes(found)
    }
    case 'count':
      return count(parts[0] as Table, parts[1]!, scope)
    case 'max':
    case 'min':
      return extreme(name, parts[0] as Table, parts[1]!, parts[2]!, scope)
    case 'exists':
      return exists(parts[0] as [string, Table][], parts[1]!, scope)
  }
  const values: Scalar[] = []
  for (const part of parts) {
    const found = valueOf(part, scope)
    if (found === null) return null
    values.push(found)
  }
  return applied(name as string, values)
}

/** `decisive` is true for `or`, false for `and`: one such part settles it whatever is unknown. */
function joined(parts: Node[], scope: Scope, decisive: boolean): boolean | null {
  let unknown = false
  for (const part of parts) {
    const found = valueOf(part, scope)
    if (found === decisive) return decisive
    unknown ||= found === null
  }
  return unknown ? null : !decisive
}

function chosen(branches: [Node, Node][], otherwise: Node, scope: Scope): Scalar {
  for (const [condition, value] of branches) {
    const holds = valueOf(condition, scope)
    if (holds === null) return null
    if (holds === true) return valueOf(value, scope)
  }
  return valueOf(otherwise, scope)
}

const inside = (scope: Scope, name: string, row: Row): Scope => ({ ...scope, rows: { ...scope.rows, [name]: row } })

function count(table: Table, condition: Node, scope: Scope): number | null {
  let found = 0
  for (const row of scope.tables[table]) {
    const holds = valueOf(condition, inside(scope, table, row))
    if (holds === null) return null
    if (holds === true) found += 1
  }
  return found
}

function extreme(name: 'max' | 'min', table: Table, value: Node, condition: Node, scope: Scope): number | null {
  const values: number[] = []
  for (const row of scope.tables[table]) {
    const inner = inside(scope, table, row)
    const holds = valueOf(condition, inner)
    if (holds === null) return null
    if (holds !== true) continue
    const found = valueOf(value, inner)
    if (found === null) return null
    values.push(found as number)
  }
  return values.length ? Math[name](...values) : null
}

function exists(aliases: [string, Table][], condition: Node, scope: Scope): boolean | null {
  if (!aliases.length) return valueOf(condition, scope) as boolean | null
  const [[alias, table], ...rest] = aliases as [[string, Table], ...[string, Table][]]
  let unknown = false
  for (const row of scope.tables[table]) {
    const found = exists(rest, condition, inside(scope, alias, row))
    if (found === true) return true
    unknown ||= found === null
  }
  return unknown ? null : false
}

function applied(name: string, [a, b, c]: Scalar[]): Scalar {
  switch (name) {
    case '=': return a === b
    case '<>': return a !== b
    case '<': return a! < b!
    case '<=': return a! <= b!
    case '>': return a! > b!
    case '>=': return a! >= b!
    case '+': return (a as number) + (b as number)
    case '-': return (a as number) - (b as number)
    case '*': return (a as number) * (b as number)
    case 'abs': return Math.abs(a as number)
    case 'length': return [...(a as string)].length
    case 'substr': return [...(a as string)].slice((b as number) - 1, (b as number) - 1 + (c as number)).join('')
    case 'match': return pattern(b as string).test(a as string)
  }
  throw new Error(`The rules ask for "${name}", which this version of the app does not know.`)
}

const patterns = new Map<string, RegExp>()
function pattern(source: string): RegExp {
  let found = patterns.get(source)
  if (!found) patterns.set(source, (found = new RegExp(`^(?:${source})$`, 'u')))
  return found
}

// Facts of a row beside its answers. Months are counted from year 0: 12 * year + month - 1.

const HOUSEHOLD = ['H1', 'H2a', 'H2b', 'H3m', 'H3f', 'H4m', 'H4f', 'H5', 'H6', 'H7']
const PERSON = ['D1', 'D2', 'D3', 'D3_reason', 'D4', 'D5', 'D6', 'D7', 'D7_code', 'D8', 'D8_code', 'D9', 'D10', 'D11', 'D12']
const DEATH = ['name', 'sex', 'birth', 'died']
const CONTEXT: (keyof Context)[] = ['household_status', 'household_no', 'household_type', 'county', 'n_here', 'n_away']

function tablesOf(t0: string, answers: Household, context: Context): Record<Table, Row[]> {
  const moment = monthOf(t0.slice(0, 4) + t0.slice(5, 7))!
  const day = Number(t0.replaceAll('-', ''))
  const household: Row = { ...given(answers.household, HOUSEHOLD), ...given({ ...context }, CONTEXT) }
  const person = (answers.persons ?? []).map((answered, i): Row => {
    const row = given(answered, PERSON)
    const born = monthOf(row['D5'])
    const age = born === null ? null : Math.floor((moment - 1 - born) / 12)
    return { ...row, line: i + 1, born, age, ...identity(row['D3'] as string | null, day) }
  })
  const death = (answers.deaths ?? []).map((answered, i): Row => {
    const row = given(answered, DEATH)
    const born = monthOf(row['birth'])
    const dead = monthOf(row['died'])
    const age = born === null || dead === null ? null : Math.floor((dead - born) / 12)
    return { ...row, line: i + 1, born, dead, age }
  })
  return { household: [household], person, death }
}

function given(row: Readonly<Record<string, unknown>>, names: readonly string[]): Row {
  return Object.fromEntries(names.map((name) => {
    const value = row[name]
    return [name, value === undefined || value === '' ? null : (value as Scalar)]
  }))
}

function monthOf(text: Scalar | undefined): number | null {
  if (typeof text !== 'string' || !/^(18|19|20)[0-9]{2}(0[1-9]|1[0-2])$/.test(text)) return null
  return 12 * Number(text.slice(0, 4)) + Number(text.slice(4)) - 1
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECK = '10X98765432'
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** What an identity number says (GB 11643); nothing is repaired. `before`: day of the census moment as yyyymmdd. */
export function identity(number: string | null, before: number): Row {
  if (number === null) return { id_ok: null, id_real: null, id_born: null, id_sex: null }
  const wrong = { id_ok: false, id_real: null, id_born: null, id_sex: null }
  if (!/^[0-9]{17}[0-9X]$/.test(number)) return wrong
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(number[i]), 0)
  if (CHECK[sum % 11] !== number[17]) return wrong
  const born = monthOf(number.slice(6, 12))
  const real = born !== null && isDay(born, Number(number.slice(12, 14))) && Number(number.slice(6, 14)) < before
  return { id_ok: true, id_real: real, id_born: real ? born : null, id_sex: Number(number[16]) % 2 === 1 ? 1 : 2 }
}

function isDay(month: number, day: number): boolean {
  const year = Math.floor(month / 12)
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return day >= 1 && day <= (month % 12 === 1 && leap ? 29 : DAYS[month % 12]!)
}
