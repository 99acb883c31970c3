// The edits of a form as the pages show them: rules of the office's program beside what the form itself refuses.
import { evaluate, type Context, type Program } from './rules'
import type { Answers } from './answers'
import type { FormProblem } from './xform'

export interface Finding {
  rule: string
  hard: boolean
  /** Which rows `line` counts; '' = the household. */
  repeat: '' | 'persons' | 'deaths'
  line: number
  fields: string[]
  message: [zh: string, en: string]
}
export interface Confirmed { rule: string; line: number; reason: string; text: string }

/** Why a query stands although it was looked at again; the text is asked for with the last one. */
export const REASONS = ['asked_again', 'document_seen', 'special_case', 'other'] as const

/** Rules at the door: hard ones and queries; office rules are never shown here. */
export function findings(program: unknown, answers: Answers, context: Context): Finding[] {
  return evaluate(program as Program, answers, context)
    .filter((found) => found.severity !== 'O')
    .map((found) => ({
      rule: found.rule, hard: found.severity === 'H', line: found.line, fields: [...found.fields], message: found.message,
      repeat: found.over === 'person' ? 'persons' : found.over === 'death' ? 'deaths' : '',
    }))
}

const bare = (label: string) => label.replace(/^[HD]\d+[..]\s*/, '')

/**
 * Hard findings: what the form itself refuses first (all that is not answered on one page as one finding), then rules
 * that say something else than the form already said of the same item.
 */
export function hard(problems: FormProblem[], found: Finding[]): Finding[] {
  const place = (f: { repeat: string; line: number }) => `${f.repeat}/${f.line}`
  const own: Finding[] = problems.filter((p) => !p.required).map((p) => ({
    rule: '', hard: true, repeat: p.repeat as Finding['repeat'], line: p.line, fields: [p.name],
    message: [`${bare(p.label)}：${p.message}`, `${bare(p.label)}: ${p.message}`],
  }))
  const blank = new Map<string, FormProblem[]>()
  for (const p of problems) if (p.required) blank.set(place(p), [...(blank.get(place(p)) ?? []), p])
  for (const group of blank.values()) {
    const labels = group.map((p) => bare(p.label))
    own.push({
      rule: '', hard: true, repeat: group[0]!.repeat as Finding['repeat'], line: group[0]!.line, fields: group.map((p) => p.name),
      message: [`还没有填：${labels.join('、')}`, `Not answered: ${labels.join(', ')}`],
    })
  }
  const told = new Set(own.flatMap((f) => f.fields.map((name) => `${place(f)}/${name}`)))
  const lines = new Set(own.map(place))
  const more = found.filter((f) => f.hard && !(f.fields.length ? f.fields.some((name) => told.has(`${place(f)}/${name}`)) : lines.has(place(f))))
  const order = { '': 0, persons: 1, deaths: 2 }
  return [...own, ...more].sort((x, y) => order[x.repeat] - order[y.repeat] || x.line - y.line)
}

/** Queries with what was said about each; a query whose rule no longer fires takes its confirmation with it. */
export function queries(found: Finding[], confirmed: Confirmed[]): { finding: Finding; confirmed: Confirmed | undefined }[] {
  return found.filter((f) => !f.hard).map((finding) => ({ finding, confirmed: confirmed.find((c) => c.rule === finding.rule && c.line === finding.line) }))
}

export const isSaid = (c: Confirmed | undefined): boolean => !!c && !!c.reason && (c.reason !== 'other' || c.text.trim().length > 0)
