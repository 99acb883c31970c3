// Where the person is, kept in the address so that a reload in the middle of work comes back to it.
import { computed, ref } from 'vue'

const hash = () => (location.hash.startsWith('#/') ? location.hash.slice(2) : '')
const here = ref(hash())
const trail = [hash()]

addEventListener('hashchange', () => {
  here.value = hash()
  if (trail.at(-2) === here.value) trail.pop()
  else if (trail.at(-1) !== here.value) trail.push(here.value)
  scrollTo(0, 0)
})

export const route = computed(() => {
  const [page = '', ...rest] = here.value.split('/').map(decodeURIComponent)
  return { page, args: rest }
})

const path = (parts: string[]) => parts.map(encodeURIComponent).join('/')

export function go(...parts: string[]): void {
  location.hash = `/${path(parts)}`
}

/** To a page further up; the page that is left does not come back with the phone's back key. */
export function up(...parts: string[]): void {
  const to = path(parts)
  if (trail.at(-2) === to) history.back()
  else {
    trail.pop()
    location.replace(`#/${to}`)
  }
}

/** The pairing code of a scanned address, taken out of it at once. */
export function scannedCode(): string {
  const code = /^#code=(\d{8})$/.exec(location.hash)?.[1] ?? ''
  if (code) history.replaceState(null, '', `${location.pathname}#/`)
  return code
}
