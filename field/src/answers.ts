// A filled form as the `answers` of a form event: integers as integers, persons each with a UUID, nothing that was not asked.

/** One question or group of the form as it stands; what is not relevant is not in the tree. */
export interface Item {
  name: string
  kind: 'group' | 'repeat' | 'value'
  value: string
  children: Item[]
}

export type Value = number | string
export type Person = { uuid: string } & Record<string, Value>
export interface Answers {
  household: Record<string, number>
  persons: Person[]
  deaths: Record<string, Value>[]
}

const HOUSEHOLD = ['H1', 'H2a', 'H2b', 'H3m', 'H3f', 'H4m', 'H4f', 'H5', 'H6', 'H7']
const PERSON_NUMBERS = ['D2', 'D3_reason', 'D4', 'D7', 'D8', 'D9', 'D10', 'D11', 'D12']
const PERSON_TEXTS = ['D1', 'D3', 'D6', 'D7_code', 'D8_code']
const MONTHS = { D5: 'D5', birth: 'birth', died: 'died' }

/** Leaves below an item, by name; groups inside a person only arrange the page. */
export function leaves(item: Item): Map<string, string> {
  const found = new Map<string, string>()
  const walk = (node: Item) => {
    if (node.kind === 'value') found.set(node.name, node.value)
    else for (const child of node.children) if (child.kind !== 'repeat') walk(child)
  }
  for (const child of item.children) if (child.kind !== 'repeat') walk(child)
  return found
}

/** Repeat instances called `name`, wherever they stand in the form. */
export function instances(item: Item, name: string): Item[] {
  return item.children.flatMap((child) => (child.kind === 'repeat' && child.name === name ? [child] : child.kind === 'group' ? instances(child, name) : []))
}

const whole = (text: string | undefined) => (text !== undefined && /^-?\d+(\.0*)?$/.test(text) ? Number.parseInt(text, 10) : undefined)
const yearMonth = (text: string | undefined) => {
  const digits = (text ?? '').replace(/\D/g, '').slice(0, 6)
  return digits.length === 6 ? digits : undefined
}

function put<T extends Record<string, Value>>(into: T, name: string, value: Value | undefined): void {
  if (value !== undefined && value !== '') (into as Record<string, Value>)[name] = value
}

/** `uuids`: one for each person line in order, used where the form itself has none. */
export function toAnswers(root: Item, uuids: string[]): Answers {
  const top = leaves(root)
  const household: Record<string, number> = {}
  for (const name of HOUSEHOLD) put(household, name, whole(top.get(name)))
  const persons = instances(root, 'persons').map((instance, i) => {
    const items = leaves(instance)
    const person: Person = { uuid: items.get('uuid') || uuids[i]! }
    for (const name of PERSON_NUMBERS) put(person, name, whole(items.get(name)))
    for (const name of PERSON_TEXTS) put(person, name, items.get(name)?.trim())
    put(person, MONTHS.D5, yearMonth(items.get('D5')))
    return person
  })
  const deaths = instances(root, 'deaths').map((instance) => {
    const items = leaves(instance)
    const death: Record<string, Value> = {}
    put(death, 'name', items.get('name')?.trim())
    put(death, 'sex', whole(items.get('sex')))
    put(death, MONTHS.birth, yearMonth(items.get('birth')))
    put(death, MONTHS.died, yearMonth(items.get('died')))
    return death
  })
  return { household, persons, deaths }
}
