/** Work by keyboard: what bears `data-key` is clicked when one of its keys is pressed, and arrows go through a list of
 * `data-list`. Without scripts the same buttons and links are there to be reached by Tab. */

const TYPING = 'input:not([type=hidden]), textarea, select, [contenteditable]'

export function listen(): void {
  // what came in place of a part is read out from its heading on
  document.body.addEventListener('htmx:afterSwap', ({ target }) => {
    if (target instanceof HTMLElement) target.querySelector<HTMLElement>('[data-first]')?.focus({ preventScroll: true })
  })
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return
    const at = event.target instanceof Element ? event.target : null
    if (document.querySelector('[data-list]') && goThrough(event, at)) return
    if (at?.closest(TYPING) || document.querySelector('.htmx-request')) return
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    for (const one of document.querySelectorAll<HTMLElement>('[data-key]')) {
      if (!one.dataset.key?.split(' ').includes(key)) continue
      event.preventDefault()
      one.click()
      return
    }
  })
}

/** Down from the box to the first of the list, up and down in it, up from the first back to the box. */
function goThrough(event: KeyboardEvent, at: Element | null): boolean {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return false
  const box = document.querySelector<HTMLInputElement>('[data-box]')
  const rows = [...document.querySelectorAll<HTMLElement>('[data-list] [data-row]')]
  const now = rows.findIndex((row) => row === at)
  if (now < 0 && at !== box) return false
  const next = now + (event.key === 'ArrowDown' ? 1 : -1)
  if (next >= rows.length || (now < 0 && event.key === 'ArrowUp')) return false
  event.preventDefault()
  if (next < 0) box?.focus()
  else rows[next]?.focus()
  return true
}
