// Entry of the office pages: styles for all of them, charts only where a page asks for one.
import '@tabler/core/dist/css/tabler.min.css'
import './console.css'

if (document.querySelector('[data-chart]')) void import('./charts').then(({ drawAll }) => drawAll())
if (document.querySelector('[data-keys], [data-list]')) void import('./keys').then(({ listen }) => listen())
if (document.querySelector('[data-when], [data-sent], form[data-code]')) void import('./asking').then(({ begin }) => begin())

// A box with data-all="id" ticks all boxes of that name on the page, or none.
document.addEventListener('change', ({ target }) => {
  if (!(target instanceof HTMLInputElement) || !target.dataset.all) return
  for (const box of document.querySelectorAll<HTMLInputElement>(`input[name="${target.dataset.all}"]`))
    box.checked = target.checked
})
