// Reads {program, cases: [{answers, context}]} and writes what the field client's evaluator finds in each case.
import { readFileSync } from 'node:fs'
import { check } from '../../field/src/rules.ts'

const { program, cases } = JSON.parse(readFileSync(0, 'utf8'))
const found = cases.map(({ answers, context }) => {
  const { edits, notEvaluable } = check(program, answers, context)
  return [edits.map(({ rule, line, fields }) => [rule, line, fields]), notEvaluable]
})
process.stdout.write(JSON.stringify(found))
