// Opens the form in the device's own engine, answers it case by case, and writes what it then asks and refuses.
// Reads {xml, visit, cases: [[[item, value], ...], ...]}; writes for each case {asked: [...], values: {...}, refused: [...]}.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { JSDOM } from 'jsdom'

globalThis.__dirname = process.cwd() // the engine's WebAssembly loader expects these two under Node
globalThis.require = createRequire(import.meta.url)
const { window } = new JSDOM('<!doctype html>')
for (const key of ['DOMParser', 'XMLSerializer', 'Document', 'XMLDocument', 'Element', 'HTMLElement', 'Node', 'NodeFilter',
  'Text', 'Attr', 'Comment', 'CDATASection', 'CharacterData', 'ProcessingInstruction', 'DocumentFragment', 'DocumentType',
  'XPathResult', 'XPathEvaluator', 'document', 'window'])
  if (!(key in globalThis) && window[key]) globalThis[key] = window[key]

const { loadForm } = await import('@getodk/xforms-engine')
const { xml, visit, cases } = JSON.parse(readFileSync(0, 'utf8'))
const csv = () => Promise.resolve(new Response(visit, { headers: { 'Content-Type': 'text/csv' } }))

const nameOf = (node) => node.currentState.reference.split('/').at(-1).replace(/\[\d+\]$/, '')
function* leaves(node) {
  const children = node.currentState.children
  if (!children) yield node
  else for (const child of children) yield* leaves(child)
}
const textOf = (node) => {
  const value = node.currentState.value
  return Array.isArray(value) ? value.join(' ') : value === null || value === undefined ? '' : String(value)
}

const found = []
for (const answers of cases) {
  const form = await loadForm(xml, { fetchFormAttachment: csv })
  const { root } = form.createInstance()
  for (const [name, value] of answers) {
    const node = [...leaves(root)].find((leaf) => nameOf(leaf) === name && leaf.currentState.relevant)
    if (!node) continue
    if (node.nodeType === 'select') node.selectValues([value])
    else node.setValue(node.valueType === 'int' ? BigInt(value) : value)
  }
  const all = [...leaves(root)].filter((leaf) => leaf.currentState.relevant)
  found.push({
    asked: all.map(nameOf),
    values: Object.fromEntries(all.map((leaf) => [nameOf(leaf), textOf(leaf)])),
    refused: root.validationState.violations.map((v) => v.reference.split('/').at(-1).replace(/\[\d+\]$/, '')),
  })
}
process.stdout.write(JSON.stringify(found))
