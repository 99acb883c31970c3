// Reads {program, cases: [{answers, context}]} and writes what the field client's evaluator finds in each case.
import { check } from '../../field/src/rules.ts'

let text = ''
for await (const part of process.stdin) text += part
const { program, cases } = JSON.parse(text)
const found = cases.map(({ answers, context }) => {
  const { edits, notEvaluable } = check(program, answers, context)
  return [edits.map(({ rule, line, fields }) => [rule, line, fields]), notEvaluable]
})
process.stdout.write(JSON.stringify(found))
