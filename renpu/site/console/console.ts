// Entry of the office pages: styles for all of them, charts only where a page asks for one.
import '@tabler/core/dist/css/tabler.min.css'
import './console.css'

if (document.querySelector('[data-chart]')) void import('./charts').then(({ drawAll }) => drawAll())
if (document.querySelector('[data-keys], [data-rows]')) void import('./keys').then(({ listen }) => listen())
