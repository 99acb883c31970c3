// Changes of the roster that the engine's counted repeat cannot make by itself: a line taken out of the middle.

/** The draft without person `index` (from 0), and with one less in the count (H2a or H2b) that the line stood for. */
export function withoutPerson(xml: string, index: number): string {
  const doc = new DOMParser().parseFromString(xml, 'text/xml')
  const person = doc.getElementsByTagName('persons')[index]
  if (!person) return xml
  const livesHere = (person.getElementsByTagName('D7')[0]?.textContent || '1') === '1'
  const counts = (livesHere ? ['H2a', 'H2b'] : ['H2b', 'H2a']).map((name) => doc.getElementsByTagName(name)[0])
  const count = counts.find((element) => Number(element?.textContent) > 0)
  if (count) count.textContent = String(Number(count.textContent) - 1)
  person.remove()
  return new XMLSerializer().serializeToString(doc)
}

/** One row of a CSV file, quoted. */
export const csvRow = (cells: string[]): string => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')
